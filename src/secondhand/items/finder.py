"""The SQL of a search, built of its conditions; it holds nothing that a visitor wrote but the numbers of prices."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from secondhand import money
from secondhand.database import Connection
from secondhand.items.queries import CARDS, PAGE_SIZE, Card, card
from secondhand.items.search import Search

_MOST_SORTED = 3000  # items: sorting so many takes a few milliseconds
_SMALL_SHOP = 4096  # item numbers: less is looked through at once
_GLANCE = 600  # items of an order that are looked at one by one
_MOST_COUNTED = 1000  # where an index by itself tells what fits
_MOST_GONE = 200  # sold ones that are counted

# Words that English leaves out are looked for where there are no others; and what holds no word is in no text.
_WORDS = """
    select case when numnode(english) > 0 then english when numnode(plain) > 0 then plain else '''=''' end as words
    from (select websearch_to_tsquery('english', plain($1)), websearch_to_tsquery('simple', plain($1)))
      as asked (english, plain)
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, the cards still as the database wrote them: equal when the same is to be shown.

    On the first page `total` items fit, or so many and perhaps `more`; when none does, so many `sold` ones
    would have, counted up to 201.
    """

    written: str | None
    total: int
    more: bool
    sold: int

    def cards(self) -> tuple[list[Card], Card | None]:
        """The cards of the page, and the last of them when another page follows."""
        cards = [card(fields) for fields in json.loads(self.written or "[]")]
        return cards[:PAGE_SIZE], cards[PAGE_SIZE - 1] if len(cards) > PAGE_SIZE else None


@dataclass(frozen=True, slots=True)
class _Order:
    """An order of items by a column, the condition of what follows an item, and the stretches of the column that the
    index knows, small and large: the letter of their terms and the number of a value's. `onward` leads to the next.
    """

    by: str
    column: str
    following: str
    stretches: tuple[tuple[str, str], ...]
    onward: str

    def near(self, start: str) -> list[str]:
        """What to ask for besides, to find only a little from `start` on, or more."""
        return [
            f"words @@ (select format('''={letter}%s'' | ''={letter}%s''', n, n {self.onward})::tsquery"
            f" from (select {number.format(start)}) as here (n))"
            for letter, number in self.stretches
        ]


_NUMBERS = ("a", "{} >> 11"), ("b", "{} >> 14"), ("c", "{} >> 17")
_PRICES = ("p", "price_band({})"), ("q", "price_band({}) >> 2"), ("r", "price_band({}) >> 4")
_ORDERS = {
    "newest": _Order("items.id desc", "id", "items.id < ${}", _NUMBERS, "- 1"),
    "cheapest": _Order("price, items.id", "price", "(price, items.id) > (${}, ${})", _PRICES, "+ 1"),
    "dearest": _Order("price desc, items.id desc", "price", "(price, items.id) < (${}, ${})", _PRICES, "- 1"),
}


async def find(db: Connection, search: Search) -> Found:
    statement, values = finding(search)
    row = await db.fetchrow(statement, *values)
    assert row is not None
    return Found(*row)


@lru_cache(maxsize=256)
def finding(search: Search) -> tuple[str, list[Any]]:
    """Cards and counts in one statement: they fit each other, and the database is asked once.

    Nothing goes through the whole shop, be the words rare or common. It looks at a little of what follows in the order
    of the page, then at ever more, then at all of it, and ends when the page is full: then more may fit than was found.
    Where all that fits is too much to be sorted, the order is followed.
    """
    asked, values = _asked(search)
    prices, order = _prices(search), _ORDERS[search.sort]
    shelf = "state <> 'removed'" if search.sold else "state in ('available', 'reserved')"
    gone = " and ".join([*asked, *prices, "state = 'sold'"])
    if len(asked) == len(search.category) == 1 and not search.sold:  # each order of a category has its index
        asked, values, shelf = [], [*values, *search.category], f"category = $2 and {shelf}"
    places = range(len(values) + 1, len(values) + 1 + len(search.after))
    follows = [order.following.format(*places)] if search.after else []
    paging = f"order by {order.by} limit {PAGE_SIZE + 1}"
    looks = _Looks([f"wanted as materialized ({_WORDS})"] if search.q else [], [*prices, shelf, *follows])
    if asked:
        span = f"{_edge('id', shelf, 'id desc')} - {_edge('id', shelf, 'id')}"
        looks.parts.append(f"shop as materialized (select {span} > {_SMALL_SHOP} as is_large)")
        start = f"${places[0]}::bigint" if search.after else _edge(order.column, shelf, order.by)
        for near in order.near(start):
            # Where the first found one or none, eight times as many would hardly fill a page.
            promising = [f"{looks.counts[0]} > 1"] if len(looks.counts) == 1 else []
            looks.add(["(select is_large from shop)", *promising, *asked, near])
    elif prices and order.column == "id":
        here = " and ".join([shelf, *follows])
        looks.add(
            [], source=f"(select * from items where {here} order by {order.by} limit {_GLANCE}) as items"
        )
    if looks.counts:
        looks.add(asked, f"limit {_MOST_SORTED + 1}", f"<= {_MOST_SORTED}")
    # Written so that no index answers what is asked: the way is to be the order.
    looks.add([f"({one}) is true" for one in asked], paging, ">= 0")
    if search.after:
        total, more = "0", "false"
    elif asked:
        total = f"greatest({', '.join(looks.counts[:-1])})"
        more = f"total <> {looks.counts[-2]} or total > {_MOST_SORTED}"
    else:
        fits = " and ".join([*prices, shelf])
        total = f"(select count(*) from (select from items where {fits} limit {_MOST_COUNTED + 1}) as fits)"
        more = f"total > {_MOST_COUNTED}"
    statement = f"""
        with {", ".join(looks.parts)},
             page as (select id from ({" union all ".join(looks.answers)}) as items {paging}),
             gone as (select from items where {gone} limit {_MOST_GONE + 1}),
             counts as materialized (select {total} as total)
        select (select json_agg(card) from ({CARDS} join page using (id) order by {order.by}) as cards), total, {more},
               case when {"false" if search.after else "total = 0"} then (select count(*) from gone) else 0 end
        from counts
    """
    return statement, [*values, *search.after]


class _Looks:
    """The parts of a statement that look for items, one after another until one finds enough: it has the answer."""

    def __init__(self, parts: list[str], fits: list[str]) -> None:
        self.parts, self.fits = parts, fits
        self.counts: list[str] = []
        self.answers: list[str] = []
        self._gates: list[str] = []

    def add(
        self, conditions: list[str], end: str = "", enough: str = f"> {PAGE_SIZE}", source: str = "items"
    ) -> None:
        name = f"look_{len(self.counts)}"
        count = f"(select count(*) from {name})"
        where = " and ".join([*self._gates, *conditions, *self.fits])
        self.parts.append(f"{name} as materialized (select id, price from {source} where {where} {end})")
        self.counts.append(count)
        self.answers.append(f"select id, price from {name} where {count} {enough}")
        self._gates.append(f"not {count} {enough}")


def _edge(column: str, condition: str, order: str) -> str:
    return f"(select {column} from items where {condition} order by {order} limit 1)"


def _asked(search: Search) -> tuple[list[str], list[Any]]:
    """What is asked but for the price, as conditions that the index answers, and the values of their $1, $2, …"""
    asked = ["words @@ (select words from wanted)"] if search.q else []
    values = [search.q] if search.q else []
    for name in ("brand", "size", "colour", "category", "condition"):  # the rarest first costs least
        chosen = [search.brand] if name == "brand" else getattr(search, name)
        if any(chosen):
            values.append(" | ".join(_quoted(f"={name} {value}") for value in chosen))
            term = f"${len(values)}::text"
            asked.append(f"words @@ (select {f'lower({term})' if name == 'brand' else term}::tsquery)")
    return asked, values


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def _prices(search: Search) -> list[str]:
    """The conditions on the price, their numbers in them: how many items they leave decides which way is taken."""
    bounds = [("price >=", money.read(search.least)), ("price <=", money.read(search.most))]
    return [f"{condition} {cents}" for condition, cents in bounds if cents is not None]
