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
_GLANCES = 100, 600  # items of an order that are looked at one by one
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
    shelf = aisle = "state <> 'removed'" if search.sold else "state in ('available', 'reserved')"
    gone = " and ".join([*asked, *prices, "state = 'sold'"])
    if len(search.category) == 1 and not search.sold and (len(asked) == 1 or order.column == "price"):
        values += search.category
        aisle = f"category = ${len(values)} and {shelf}"  # each order of a category has its index
        if len(asked) == 1:
            asked, shelf = [], aisle
    places = range(len(values) + 1, len(values) + 1 + len(search.after))
    follows = [order.following.format(*places)] if search.after else []
    paging = f"order by {order.by} limit {PAGE_SIZE + 1}"
    fits = [*prices, shelf, *follows]
    looks = _Looks([f"wanted as materialized ({_WORDS})"] if search.q else [])
    here = " and ".join([aisle, *follows, *(prices if order.column == "price" else [])])
    glances = [
        f"(select * from items where {here} order by {order.by} limit {most}) as items" for most in _GLANCES
    ]
    if asked:
        is_large = f"{_edge('id', shelf, 'id desc')} - {_edge('id', shelf, 'id')} > {_SMALL_SHOP}"
        looks.parts.append(f"shop as materialized (select {is_large} as is_large)")
        if order.column == "price":  # what is cheap lies anywhere in the lists of the index
            looks.add(["(select is_large from shop)", *asked], source=glances[0])
            # Where less than four were found, six times as many would hardly fill a page.
            conditions = ["(select is_large from shop)", f"{looks.most} > 3", *asked]
            looks.add(conditions, f"limit {PAGE_SIZE + 1}", source=glances[1])
        start = f"${places[0]}::bigint" if search.after else _edge(order.column, here, order.by)
        *near, far = order.near(start)
        for stretch in near:
            # Where one or none was found, eight times as many would hardly fill a page.
            promising = [f"{looks.most} > 1"] if looks.count else []
            looks.add(["(select is_large from shop)", *promising, *asked, stretch, *fits])
        looks.add(["(select is_large from shop)", *asked, far, *fits])
    elif prices and order.column == "id":
        looks.add(prices, source=glances[-1])
    if looks.count:
        looks.add([*asked, *fits], f"limit {_MOST_SORTED + 1}", whole=True)
    if search.after:
        total, more = "0", "false"
    elif asked:
        total, more = looks.most, f"total <> {looks.count} or total > {_MOST_SORTED}"
    else:
        counted = f"select from items where {' and '.join(fits)} limit {_MOST_COUNTED + 1}"
        total = f"(select count(*) from ({counted}) as counted)"
        more = f"total > {_MOST_COUNTED}"
    # Written so that no index answers what is asked: the way is to be the order.
    looks.add([*(f"({one}) is true" for one in asked), *fits], paging, whole=True)
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
    """The parts of a statement that look for items, one after another until one finds enough: it has the answer.

    `count` is what the last look found, `most` what any did. Each is asked for once: a plan of more than a hundred
    steps gets its memory from the system anew each time, which takes longer than to run it.
    """

    def __init__(self, parts: list[str]) -> None:
        self.parts = parts
        self.answers: list[str] = []
        self.count, self.most, self._gate = "", "0", "true"

    def add(self, conditions: list[str], end: str = "", source: str = "items", whole: bool = False) -> None:
        """A look for the `whole` finds enough when that can be sorted, any other when it fills a page."""
        number = len(self.answers)
        where = " and ".join([self._gate, *conditions])
        self.count = f"(select count(*) from look_{number})"
        self.parts += [
            f"look_{number} as materialized (select id, price from {source} where {where} {end})",
            f"most_{number} as materialized (select greatest({self.most}, {self.count}) as most)",
        ]
        self.most = f"(select most from most_{number})"
        enough = f"{self.count} <= {_MOST_SORTED}" if whole else f"{self.most} > {PAGE_SIZE}"
        self.answers.append(f"select id, price from look_{number} where {enough}")
        self._gate = f"not {enough}"


def _edge(column: str, condition: str, order: str) -> str:
    return f"(select {column} from items where {condition} order by {order} limit 1)"


def _asked(search: Search) -> tuple[list[str], list[Any]]:
    """What is asked but for the price, as conditions that the index answers, and the values of their $1, $2, …"""
    asked = ["words @@ (select words from wanted)"] if search.q else []
    values = [search.q] if search.q else []
    for name in ("brand", "size", "colour", "category", "condition"):  # the rarest first costs least
        chosen = [search.brand] if name == "brand" else getattr(search, name)
        if any(chosen):
            quoted = (value.replace("\\", "\\\\").replace("'", "''") for value in chosen)
            values.append(" | ".join(f"'={name} {value}'" for value in quoted))
            term = f"${len(values)}::text"
            asked.append(f"words @@ (select {f'lower({term})' if name == 'brand' else term}::tsquery)")
    return asked, values


def _prices(search: Search) -> list[str]:
    """The conditions on the price, their numbers in them: how many items they leave decides which way is taken."""
    bounds = [("price >=", money.read(search.least)), ("price <=", money.read(search.most))]
    return [f"{condition} {cents}" for condition, cents in bounds if cents is not None]
