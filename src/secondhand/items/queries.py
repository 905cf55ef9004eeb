"""The SQL of items, and the rows it gives; that of searches is in `finder`."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from secondhand.database import Connection

PAGE_SIZE = 24
MOST_LISTED = 500  # in a closet or among favourites; its page says so


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture and the widths it is stored in; width and height (pixels) are of the widest."""

    key: str
    width: int
    height: int
    widths: tuple[int, ...]

    def name(self, width: int, extension: str) -> str:
        """What the storage calls the rendition nearest above `width` pixels."""
        return f"{self.key}-{next((w for w in self.widths if w >= width), self.widths[-1])}.{extension}"


@dataclass(frozen=True, slots=True)
class Card:
    """An item as the grid shows it; price in cents."""

    id: int
    title: str
    price: int
    size: str
    brand: str
    condition: str
    state: str
    cover: Photo | None


@dataclass(frozen=True, slots=True)
class Item:
    """An item with everything its page shows; price in cents."""

    id: int
    title: str
    description: str
    price: int
    category: str
    size: str
    brand: str
    condition: str
    colour: str
    state: str
    created_at: datetime | None
    seller_id: int
    seller_name: str
    seller_joined_at: datetime | None
    buyer_id: int | None
    kept_until: datetime | None  # for a buyer; None: it may be deleted
    removal_reason: str
    photos: tuple[Photo, ...]


CARDS = """
    select json_build_array(items.id, title, price, size, brand, condition,
                            case when seller_id = 0 then 'sold' else state end,  -- to its buyer, who alone sees it
                            cover.key, cover.width, cover.height, cover.widths) as card
    from items left join photos cover on cover.item_id = items.id and cover.position = 0
"""
SHOW = """
    select items.id, title, description, price, category, size, brand, condition, colour, state, created_at,
           seller_id, members.name as seller_name, members.joined_at as seller_joined_at, buyer_id, removal_reason,
           case when bought_at > now() - interval '90 days' then bought_at + interval '90 days' end as kept_until,
           (select coalesce(json_agg(json_build_array(key, width, height, widths) order by position), '[]')
            from photos where item_id = items.id) as photos
    from items join members on members.id = seller_id
    where items.id = $1
"""
CARD = f"{CARDS} where items.id = $1"
CARDS_SIMILAR = f"""
    with near as (
      select id, size = $3 as same_size, colour = $4 as same_colour from items
      where category = $1 and id <> $2 and state = 'available'
      order by id desc limit 100
    )
    {CARDS} join near using (id)
    order by same_size desc, same_colour desc, items.id desc limit 4
"""  # noqa: S608
CARDS_OF_SELLER = f"""
    {CARDS} where seller_id = $1 and state <> 'removed' and items.id < $2
    order by items.id desc limit $3
"""
CARDS_IN_CLOSET = f"{CARDS} where seller_id = $1 order by items.id desc limit {MOST_LISTED}"
CARDS_BOUGHT = f"{CARDS} where buyer_id = $1 order by items.id desc limit {MOST_LISTED}"
TAKEN = "select array_agg(id) from items where seller_id = $1 and buyer_id is not null"
CARDS_FAVOURITE = f"""
    {CARDS} join favourites on favourites.item_id = items.id
    where favourites.member_id = $1 and state <> 'removed'
    order by added_at desc limit {MOST_LISTED}
"""
SELLER = "select id, name, about, joined_at from members where id = $1"
CORRECT = """
    select string_agg(coalesce(
      case when exists (select from words where word = plain(asked)) then asked end,
      (select word from words where word % plain(asked) order by similarity(word, plain(asked)) desc, word limit 1),
      asked), ' ' order by place)
    from unnest(regexp_split_to_array($1, '\\s+')) with ordinality as asked (asked, place)
"""
ADD = """
    insert into items (seller_id, title, description, price, category, size, brand, condition, colour)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    returning id
"""
CHANGE = """
    update items
    set title = $3, description = $4, price = $5, category = $6, size = $7, brand = $8, condition = $9,
        colour = $10, changed_at = now()
    where id = $2 and seller_id = $1 and buyer_id is null
    returning id
"""
# The state is in the condition: of all who press at the same moment, one finds the item available; so is the price
# that was read.
BUY = """
    update items set state = 'sold', buyer_id = $1, bought_at = now(), changed_at = now()
    where id = $2 and seller_id <> $1 and state = 'available' and $3 in ('', price::text)
    returning seller_id, title
"""
# Of what was bought meanwhile nothing is changed by who did not know it; to offer it again is to give the sale up.
CHANGE_STATE = """
    with before as (select id, buyer_id from items where id = $2 and seller_id = $1 for update)
    update items set state = $3, buyer_id = null, changed_at = now() from before
    where items.id = before.id and state <> 'removed' and (before.buyer_id is null or $3 = 'available')
    returning before.buyer_id
"""
LIKE = "insert into favourites (member_id, item_id) select $1, id from items where id = $2 on conflict do nothing"
UNLIKE = "delete from favourites where member_id = $1 and item_id = $2"
IS_LIKED = "select exists (select from favourites where member_id = $1 and item_id = $2)"
DELETE = """
    delete from items
    where id = $2 and seller_id = $1 and (bought_at > now() - interval '90 days') is not true
    returning id
"""
DROP_PHOTOS = "delete from photos where item_id = $1 and key <> all($2::text[])"
PHOTO_KEYS = "select key from photos where item_id = $1"
PLACE_PHOTO = """
    insert into photos (key, item_id, position, width, height, widths) values ($3, $1, $2, $4, $5, $6)
    on conflict (key) do update set position = excluded.position where photos.item_id = excluded.item_id
    returning key
"""
KEEP_PICTURES = "delete from discarded_pictures where key = any($1::text[]) returning key"
ANNOUNCE_PICTURE = """
    insert into discarded_pictures (key, widths, due_at) values ($1, $2, now() + interval '1 day')
"""


async def cards(db: Connection, statement: str, *values: Any) -> list[Card]:
    """What one of the statements CARDS_… finds."""
    return [card(json.loads(row["card"])) for row in await db.fetch(statement, *values)]


def card(fields: list[Any]) -> Card:
    """What `CARDS` selects as a Card."""
    *facts, key, width, height, widths = fields
    cover = Photo(key, width, height, tuple(widths)) if key else None
    return Card(*[*facts, cover])


async def show(db: Connection, item_id: int) -> Item | None:
    row = await db.fetchrow(SHOW, item_id)
    if row is None:
        return None
    photos = tuple(
        Photo(key, width, height, tuple(widths)) for key, width, height, widths in json.loads(row["photos"])
    )
    return Item(**{**row, "photos": photos})
