"""The pages of items: browse, look, sell, change, delete."""

from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from secondhand import money, pages
from secondhand.database import Connection
from secondhand.items import finder, listing, queries
from secondhand.items.listing import Listing
from secondhand.items.queries import Item
from secondhand.items.search import Search
from secondhand.messages import pages as messages
from secondhand.messages.queries import WRITE_LETTER
from secondhand.pages import PRIVATE, field, member, page, read_form, redirect, render, visitor
from secondhand.security import throttles
from secondhand.shop import shop

_MOST_FILES = 100  # the others are left out, and nothing else
_WISH = "I would like to buy this. When and how can I get it?"
_OFF = "I offer this again: our sale is off."
_RECEIPT = """You have bought “{item.title}” from {item.seller_name} for {price}.

Agree by message how it is paid and handed over:
{origin}/items/{item.id}/messages/{buyer}
"""


@page
async def browse(request: Request, db: Connection) -> Response:
    search = Search.of(request.scope["query_string"])
    found = await finder.find(db, search)
    if not found.written and search.q and not search.after:
        meant = await db.fetchval(queries.CORRECT, search.q)
        if meant != search.q:
            return redirect(search.address(q=meant, instead=search.q))
    brands = shop(request).housekeeper.brands
    return render(request, "browse.html", kept=True, search=search, found=found, brands=brands)


@page
async def show(request: Request, db: Connection) -> Response:
    item, who = await _item(request, db), visitor(request)
    similar = await queries.cards(db, queries.CARDS_SIMILAR, item.category, item.id, item.size, item.colour)
    is_liked = who and await db.fetchval(queries.IS_LIKED, who.id, item.id)
    product = partial(_product, shop(request).settings.origin)
    return render(request, "item.html", item=item, similar=similar, is_liked=is_liked, product=product)


@page
async def photo(request: Request, db: Connection) -> Response:
    """The cover under an address that stays, for those who link to it from elsewhere."""
    item = await _item(request, db)
    if not item.photos:
        raise HTTPException(404)
    link = shop(request).storage.link(item.photos[0].name(1280, "jpg"))
    kept = PRIVATE if visitor(request) else "public, max-age=300"
    return RedirectResponse(link, 302, {"cache-control": kept})


@page
async def sell(request: Request, db: Connection) -> Response:
    member(request)
    return _form(request, Listing())


@page
async def edit(request: Request, db: Connection) -> Response:
    item = await _own_item(request, db)
    return _form(request, Listing.of_item(item), item)


async def save(request: Request) -> Response:
    """Take the form of `sell` or `edit`; its buttons move photos too, and then nothing is written yet."""
    await read_form(request, most_files=_MOST_FILES)
    async with request.form() as form:  # closes its files
        async with shop(request).database.connection() as db:
            request.state.member = sender = await shop(request).sessions.recall(request, db)
            await throttles.LISTING.spend(db, sender.id if sender else pages.address(request))
            who = member(request)
            before = await _own_item(request, db) if "id" in request.path_params else None
        filled = await listing.read(shop(request), form, who.id)
        action, _, key = (field(form, "action") or "save").partition(" ")
    if filled.errors.get("photos") == listing.NO_STORAGE:
        return _form(request, filled, before, status=503)
    if action != "save":
        steps = {"earlier": -1, "later": 1, "remove": 0}
        moved = filled.moved(key, steps[action]) if action in steps else filled
        return _form(request, moved, before, pressed=(action, key))
    filled = filled.checked(before)
    if filled.errors:
        return _form(request, filled, before, status=422)
    try:
        async with shop(request).database.transaction() as db:
            item_id = await listing.save(db, who.id, filled, before.id if before else None)
    except listing.PhotosGoneError as gone:
        return _form(request, gone.args[0], before, status=422)
    return redirect(f"/items/{item_id}", done="changed" if before else "listed")


@page
async def confirm_delete(request: Request, db: Connection) -> Response:
    return render(request, "delete.html", item=await _own_item(request, db))


@page
async def delete(request: Request, db: Connection) -> Response:
    item = await _own_item(request, db)
    if await db.fetchval(queries.DELETE, member(request).id, item.id) is None:
        raise HTTPException(409, "Somebody has bought it, and it stays in sight of its buyer for 90 days.")
    shop(request).housekeeper.wake()
    return redirect("/closet", done="deleted")


@page
async def change_state(request: Request, db: Connection) -> Response:
    """Reserve, sell elsewhere, or offer again."""
    form = await read_form(request)
    state = field(form, "state")
    if state not in ("available", "reserved", "sold"):
        raise HTTPException(400, "An item is available, reserved or sold.")
    who, item = member(request), await _own_item(request, db)
    async with db.transaction():
        changed = await db.fetchrow(queries.CHANGE_STATE, who.id, item.id, state)
        if changed and (buyer := changed["buyer_id"]):
            await messages.send(db, shop(request), item.id, who, buyer, buyer, _OFF, item.title)
    if changed is None:
        raise HTTPException(409, listing.BOUGHT)
    shop(request).housekeeper.wake()
    return redirect(pages.onward(request, form) or f"/items/{item.id}")


@page
async def confirm_buy(request: Request, db: Connection) -> Response:
    member(request)
    return render(request, "buy.html", item=await _item(request, db))


async def buy(request: Request) -> Response:
    """Of all who press at the same moment one gets it; the others are told."""
    price = field(await read_form(request), "price")
    async with shop(request).database.transaction() as db:
        request.state.member = await shop(request).sessions.recall(request, db)
        who, item = member(request), await _item(request, db)
        await throttles.BUY_MEMBER.spend(db, who.id)
        sold = await db.fetchrow(queries.BUY, who.id, item.id, price)
        if sold:
            await messages.send(db, shop(request), item.id, who, who.id, item.seller_id, _WISH, item.title)
            receipt = _RECEIPT.format(
                item=item, price=money.written(item.price), origin=shop(request).settings.origin, buyer=who.id
            )
            await db.execute(WRITE_LETTER, who.id, f"You have bought “{item.title}”", receipt)
    if sold is None:
        raise HTTPException(409, "Somebody else was faster, or the seller reserved it or changed the price.")
    shop(request).housekeeper.wake()
    return redirect(f"/items/{item.id}/messages/{who.id}")


@page
async def like(request: Request, db: Connection) -> Response:
    item_id, on = request.path_params["id"], field(await read_form(request), "on") == "1"
    await db.execute(queries.LIKE if on else queries.UNLIKE, member(request).id, item_id)
    return redirect(f"/items/{item_id}")


@page
async def favourites(request: Request, db: Connection) -> Response:
    cards = await queries.cards(db, queries.CARDS_FAVOURITE, member(request).id)
    return render(request, "favourites.html", cards=cards, most=queries.MOST_LISTED)


@page
async def closet(request: Request, db: Connection) -> Response:
    who = member(request)
    offered = await queries.cards(db, queries.CARDS_IN_CLOSET, who.id)
    bought = await queries.cards(db, queries.CARDS_BOUGHT, who.id)
    taken, most = await db.fetchval(queries.TAKEN, who.id) or (), queries.MOST_LISTED
    return render(request, "closet.html", offered=offered, bought=bought, taken=taken, most=most)


@page
async def seller(request: Request, db: Connection) -> Response:
    person = await db.fetchrow(queries.SELLER, request.path_params["id"])
    if person is None:
        raise HTTPException(404)
    before = request.query_params.get("before", "")
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 2**62
    cards = await queries.cards(db, queries.CARDS_OF_SELLER, person["id"], before_id, queries.PAGE_SIZE + 1)
    following = cards[queries.PAGE_SIZE - 1].id if len(cards) > queries.PAGE_SIZE else None
    shown = cards[: queries.PAGE_SIZE]
    return render(request, "seller.html", person=person, cards=shown, following=following, before=before)


async def _item(request: Request, db: Connection) -> Item:
    """What a moderator took down is there for its seller, its buyer and moderators only."""
    item, who = await queries.show(db, request.path_params["id"]), visitor(request)
    may_see = item and (
        item.state != "removed" or (who and (who.id in (item.seller_id, item.buyer_id) or who.is_moderator))
    )
    if item is None or not may_see:
        raise HTTPException(404)
    return item


async def _own_item(request: Request, db: Connection) -> Item:
    """Somebody else's item is as if it were not there."""
    who = member(request)
    item = await _item(request, db)
    if item.seller_id != who.id or (item.state == "removed" and not request.url.path.endswith("/delete")):
        raise HTTPException(404)
    if item.buyer_id and request.url.path.endswith("/edit"):
        raise HTTPException(409, listing.BOUGHT)
    return item


def _form(
    request: Request, filled: Listing, item: Item | None = None, status: int = 200, pressed: tuple[str, str] = ("", "")
) -> Response:  # fmt: skip
    """The form; who has `pressed` a photo's button finds it under the finger again."""
    who = member(request)
    tokens = [listing.token(shop(request), who.id, photo) for photo in filled.photos]
    return render(
        request, "sell.html", status, item=item, listing=filled, tokens=tokens,
        most_photos=listing.MOST_PHOTOS, pressed=pressed, brands=shop(request).housekeeper.brands,
    )  # fmt: skip


def _product(origin: str, item: Item) -> dict[str, Any]:
    """The item as schema.org/Product, for search engines."""
    available = item.state in ("available", "reserved")
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": item.title,
        "description": item.description,
        "category": item.category,
        **({"image": f"{origin}/items/{item.id}/photo.jpg"} if item.photos else {}),
        **({"brand": {"@type": "Brand", "name": item.brand}} if item.brand else {}),
        **({"color": item.colour} if item.colour else {}),
        **({"size": item.size} if item.size else {}),
        "offers": {
            "@type": "Offer",
            "url": f"{origin}/items/{item.id}",
            "price": money.typed(item.price),
            "priceCurrency": "EUR",
            "seller": {"@type": "Person", "name": item.seller_name},
            "itemCondition": f"https://schema.org/{'New' if item.condition == 'new with tags' else 'Used'}Condition",
            "availability": f"https://schema.org/{'InStock' if available else 'SoldOut'}",
        },
    }
