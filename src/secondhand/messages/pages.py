"""The pages of messages."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from secondhand.database import Connection
from secondhand.items import queries as items
from secondhand.messages import queries
from secondhand.pages import field, member, page, read_form, redirect, render
from secondhand.security.sessions import Member
from secondhand.security.throttles import MESSAGE_MEMBER
from secondhand.shop import Shop, shop

LONGEST = 2000


async def send(
    db: Connection, shop: Shop, item_id: int, sender: Member, other_id: int, recipient_id: int, text: str, title: str
) -> None:  # fmt: skip
    """Write a message, and a letter that tells of it, inside the caller's transaction."""
    await db.execute(queries.SEND, item_id, other_id, sender.id, recipient_id, text)
    subject = f"{sender.name} writes about “{title}”"
    link = f"{shop.settings.origin}/items/{item_id}/messages/{other_id}"
    letter = f"{subject}:\n\n{text}\n\nAnswer here: {link}\n"
    await db.execute(queries.WRITE_LETTER, recipient_id, subject, letter)


@page
async def inbox(request: Request, db: Connection) -> Response:
    conversations = await db.fetch(queries.INBOX, member(request).id, queries.MOST_SHOWN)
    return render(request, "inbox.html", conversations=conversations, most=queries.MOST_SHOWN)


@page
async def write(request: Request, db: Connection) -> Response:
    text = field(await read_form(request), "text")
    who = member(request)
    if not text or len(text) > LONGEST:
        error = f"Keep it to {LONGEST} characters." if text else "Write something first."
        return await _conversation(request, db, text=text, error=error)
    await MESSAGE_MEMBER.spend(db, who.id)
    row = await db.fetchrow(queries.CONVERSATION, who.id, *request.path_params.values())
    if row is None or not row["seller_id"]:
        raise HTTPException(404)
    recipient_id = row["other_id"] if who.id == row["seller_id"] else row["seller_id"]
    async with db.transaction():
        await send(db, shop(request), row["id"], who, row["other_id"], recipient_id, text, row["title"])
    shop(request).housekeeper.wake()
    return redirect(f"/items/{row['id']}/messages/{row['other_id']}#newest")


async def _conversation(request: Request, db: Connection, text: str = "", error: str = "") -> Response:
    who = member(request)
    item_id, other_id = request.path_params["id"], request.path_params["other"]
    row = await db.fetchrow(queries.CONVERSATION, who.id, item_id, other_id)
    if row is None:
        raise HTTPException(404)
    latest = await db.fetch(queries.MESSAGES, item_id, other_id, queries.MOST_SHOWN)
    await db.execute(queries.READ, item_id, other_id, who.id)
    item = (await items.cards(db, items.CARD, item_id))[0]
    return render(
        request, "conversation.html", 422 if error else 200, conversation=row, item=item, messages=latest[::-1],
        most=queries.MOST_SHOWN, text=text, error=error, longest=LONGEST,
    )  # fmt: skip


conversation = page(_conversation)
