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
_HOPELESS = 40  # times too few are found: then eight times as many items hold not enough either
_GLANCE = 600  # items of an order that are looked at one by one

# Words that English leaves out are looked for where there are no others; and what holds no word is in no text.
_WORDS = """
    select case when numnode(english) > 0 then english when numnode(plain) > 0 then plain else '''=''' end as words
    from (select websearch_to_tsquery('english', plain($1)), websearch_to_tsquery('simple', plain($1)))
      as asked (english, plain)
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, the cards still as the database wrote them: equal when the same is to be shown.

    `total` items fit, and when none does, `sold` would have; counting ends at `Search.most_counted` + 1.
    """

    written: str | None
    total: int
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

    def first(self, state: str) -> str:
        return f"(select {self.column} from items where {state} order by {self.by} limit 1)"

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

    Nothing goes through the whole shop, be the words rare or common. Counting looks among the newest, then among ever
    more of them, then everywhere, and ends when there is enough. So does the page, in its order and from where it
    begins; then all that fits is sorted or, where that is too much, the order is followed. Whatever was found on the
    way fits, and the first of it is the page.
    """
    asked, values = _asked(search)
    state = "state <> 'removed'" if search.sold else "state in ('available', 'reserved')"
    looks = _Looks(asked, _prices(search), state)
    looks.count(search.most_counted)
    order = _ORDERS[search.sort]
    places = range(len(values) + 1, len(values) + 1 + len(search.after))
    follows = order.following.format(*places) if search.after else "true"
    paging = f"order by {order.by} limit {PAGE_SIZE + 1}"
    looks.page(order, follows, f"${places[0]}::bigint" if search.after else order.first(state), paging)
    few = "select id, price from counted where not (select many from counts)"
    looked = [f"select id, price from {name}" for name in looks.names if not name.startswith("counted")]
    sold = " and ".join([*asked, *looks.prices, "state = 'sold'"])
    statement = f"""
        with wanted as materialized ({_WORDS if search.q else "select"}), {", ".join(looks.parts)},
             page as (select id from ({" union ".join([few, *looked])}) as items where {follows} {paging}),
             gone as (select from items where {sold} limit {search.most_counted + 1})
        select (select json_agg(card) from ({CARDS} join page using (id) order by {order.by}) as cards), total,
               case when total = 0 then {_count("gone")} else 0 end
        from counts
    """
    return statement, [*values, *search.after]


class _Looks:
    """The parts of a statement that look for items, one after another as long as there are not enough."""

    def __init__(self, asked: list[str], prices: list[str], state: str) -> None:
        self.asked, self.prices, self.state = asked, prices, state
        self.parts: list[str] = []
        self.names: list[str] = []

    def _look(self, name: str, gates: list[str], conditions: list[str], end: str) -> None:
        where = " and ".join([*gates, *conditions, *self.prices, self.state])
        self.parts.append(f"{name} as materialized (select id, price from items where {where} {end})")
        self.names.append(name)

    def count(self, most: int) -> None:
        """`counts` says how many fit, up to one more than `most`."""
        newest, oldest = _ORDERS["newest"], f"(select id from items where {self.state} order by id limit 1)"
        first = newest.first(self.state)
        self.parts.append(f"ends as materialized (select {first} as newest, {oldest} as oldest)")
        gates = [f"(select newest - oldest > {_SMALL_SHOP} from ends)"]
        hopes, enough = list[str](), f"limit {most + 1}"
        for n, near in enumerate(newest.near("(select newest from ends)") if self.asked else [], 1):
            self._look(f"counted_{n}", [*gates, *hopes], [*self.asked, near], enough)
            gates = [*gates, f"{_count(f'counted_{n}')} <= {most}"]
            hopes = [f"{_count(f'counted_{n}')} >= {most // _HOPELESS}"]
        self._look("counted", gates[1:], self.asked, enough)
        total = f"(select greatest({', '.join(map(_count, self.names))})) as found (total)"
        self.parts.append(f"counts as materialized (select total, total > {most} as many from {total})")

    def page(self, order: _Order, follows: str, start: str, paging: str) -> None:
        """What `follows` in an order, unless there are so few that counting found all of it."""
        gates = ["(select many from counts)"]
        if self.asked:
            windows = order.near(start)
        elif self.prices and order.column == "id":
            glance = f"order by {order.by} offset {_GLANCE} limit 1"
            windows = [f"id > (select id from items where {self.state} and {follows} {glance})"]
        else:
            windows = []
        for n, near in enumerate(windows, 1):
            promising = f"{' + '.join(map(_count, self.names[:n]))} > {PAGE_SIZE}"
            self._look(f"page_{n}", [*gates, promising], [*self.asked, near, follows], paging)
            gates = [*gates, f"{_count(f'page_{n}')} <= {PAGE_SIZE}"]
        if windows:
            self._look("sorted", gates, [*self.asked, follows], f"limit {_MOST_SORTED + 1}")
            gates = [f"{_count('sorted')} > {_MOST_SORTED}"]
        # Written so that no index answers what is asked: the way is to be the order.
        self._look("followed", gates, [*(f"({asked}) is true" for asked in self.asked), follows], paging)


def _count(name: str) -> str:
    return f"(select count(*) from {name})"


def _asked(search: Search) -> tuple[list[str], list[Any]]:
    """What is asked but for the price, as conditions that the index answers, and the values of their $1, $2, …"""
    asked = ["words @@ (select words from wanted)"] if search.q else []
    values = [search.q] if search.q else []
    for name in ("category", "size", "colour", "condition", "brand"):
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
