"""The pages of moderation: report an item, decide about reports, read what was decided."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from secondhand.database import Connection
from secondhand.items.queries import cards, show
from secondhand.messages.queries import WRITE_LETTER
from secondhand.moderation import queries
from secondhand.pages import address, field, member, page, read_form, redirect, render, visitor
from secondhand.security.sessions import Member
from secondhand.security.throttles import REPORT
from secondhand.shop import shop

REASONS = (
    "It is a counterfeit",
    "It is not a garment, or not for sale",
    "The photos are not the seller's own",
    "It is offensive or illegal",
    "Something else",
)
LONGEST = 1000
_LETTER = """A moderator has taken down your item “{title}”.

The reason: {reason}

If you think this is a mistake, answer this letter.
"""


@page
async def report(request: Request, db: Connection) -> Response:
    form = await read_form(request)
    reason, text = field(form, "reason"), field(form, "text")
    if reason not in REASONS or len(text) > LONGEST:
        error = "Choose a reason." if len(text) <= LONGEST else "Write less, please."
        return await _form(request, db, text, reason, error)
    who, item_id = visitor(request), request.path_params["id"]
    await REPORT.spend(db, who.id if who else address(request))
    if await db.fetchval(queries.REPORT, item_id, who.id if who else None, reason, text) is None:
        raise HTTPException(404)
    return redirect(f"/items/{item_id}", done="reported")


@page
async def queue(request: Request, db: Connection) -> Response:
    _moderator(request)
    reports, log = await db.fetch(queries.OPEN_REPORTS), await db.fetch(queries.LOGGED)
    items = [row["item_id"] for row in reports]
    covers = {card.id: card.cover for card in await cards(db, queries.CARDS_REPORTED, items)}
    return render(request, "moderation.html", reports=reports, covers=covers, log=log)


@page
async def decide(request: Request, db: Connection) -> Response:
    """Settle every open report of an item: take it down, and tell its seller why, or leave it."""
    who, form = _moderator(request), await read_form(request)
    take_down, reason = field(form, "decision") == "take down", field(form, "reason")[:LONGEST]
    if take_down and not reason:
        raise HTTPException(400, "To take an item down, write the reason: its seller has a right to know it.")
    async with db.transaction():
        item = await db.fetchrow(queries.DECIDE, request.path_params["id"])
        if item is None:
            raise HTTPException(404)
        if take_down:
            await db.execute(queries.TAKE_DOWN, item["id"], reason)
            letter = _LETTER.format(title=item["title"], reason=reason)
            await db.execute(WRITE_LETTER, item["seller_id"], f"“{item['title']}” was taken down", letter)
        action = "took down" if take_down else "left"
        await db.execute(queries.LOG, who.name, action, f"item {item['id']}: {item['title']}", reason)
    shop(request).housekeeper.wake()
    return redirect("/moderation")


@page
async def restore(request: Request, db: Connection) -> Response:
    """Put an item back that was taken down by mistake, and tell its seller."""
    who = _moderator(request)
    async with db.transaction():
        item = await db.fetchrow(queries.RESTORE, request.path_params["id"])
        if item is None:
            raise HTTPException(404)
        letter = f"Your item “{item['title']}” is in the shop again. We are sorry for the trouble.\n"
        await db.execute(WRITE_LETTER, item["seller_id"], f"“{item['title']}” is back", letter)
        await db.execute(queries.LOG, who.name, "put back", f"item {item['id']}: {item['title']}", "")
    shop(request).housekeeper.wake()
    return redirect(f"/items/{item['id']}")


async def _form(
    request: Request, db: Connection, text: str = "", chosen: str = "", error: str = ""
) -> Response:
    item = await show(db, request.path_params["id"])
    if item is None or item.state == "removed":
        raise HTTPException(404)
    status = 422 if error else 200
    return render(
        request, "report.html", status, item=item, reasons=REASONS, text=text, chosen=chosen, error=error,
        longest=LONGEST,
    )  # fmt: skip


report_form = page(_form)


def _moderator(request: Request) -> Member:
    """For everybody else the page is not there."""
    who = member(request)
    if not who.is_moderator:
        raise HTTPException(404)
    return who
