"""Searching in a shop that has grown: every page is what it should be, and none goes through all there is."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from bench import shop as bench
from secondhand.credentials import Credentials
from secondhand.database import Database
from secondhand.items import finder
from secondhand.items.search import Search
from tests.fixtures.postgres import CreateDatabase, psql

ITEMS = 20_000
MOST_READ = 900  # blocks: 200 are cards and photos, and 600 pieces of an order may be looked at one by one


async def blocks_read(url: str, query: bytes) -> int:
    """How many blocks of the database a page of search results takes."""
    async with Database(url, Credentials("")) as database, database.connection() as db:
        statement, values = finder.finding(Search.of(query))
        told = await db.fetchval(f"explain (analyze, buffers, format json) {statement}", *values)
        plan = json.loads(told)[0]["Plan"]
        return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.fixture(scope="module")
def grown(create_database: CreateDatabase, shop_template: str) -> str:
    """The database of a shop with 20,000 items, half of them sold, and many of one price."""
    url = create_database(shop_template)
    asyncio.run(bench.fill(url, 1, ITEMS))
    psql(url, "update items set price = price / 500 * 500 where id % 3 = 0")
    psql(url, "update items set brand = 'L''Été \\ Or' where id % 500 = 0")
    psql(url, "vacuum analyze items")
    return url


def test_no_search_goes_through_the_whole_shop(grown: str) -> None:
    searches = [path[2:].format(middle=ITEMS // 2) for path in bench.PAGES.values() if path.startswith("/?")]
    # What was sold is not in the way, nor what nobody has.
    searches += ["q=zephyr&sold=1", "q=zephyr&size=XXL", "brand=none&sort=dearest", "q=v"]
    searches += ["least=30&most=31", "least=30&most=90", "category=coat&most=90"]
    searches += ["category=coat&size=M&sort=cheapest", "q=coat+teal&sort=dearest"]
    searches += ["q=wool&least=150&sort=cheapest", "size=M&most=50&sort=dearest"]

    found = {search: asyncio.run(blocks_read(grown, search.encode())) for search in searches}

    assert {search: read for search, read in found.items() if read > MOST_READ} == {}


def test_a_category_by_price_takes_what_the_whole_shop_takes(grown: str) -> None:
    category, whole = (
        asyncio.run(blocks_read(grown, s)) for s in (b"category=coat&sort=cheapest", b"sort=cheapest")
    )

    assert category < whole + 20


Row = dict[str, Any]


async def pages(url: str, query: str, most: int) -> tuple[list[int], int, bool]:
    """The items on the first pages of a search, page after page, how many the first says there are, and if more."""
    search, seen, first = Search.of(query.encode()), list[int](), None
    async with Database(url, Credentials("")) as database, database.connection() as db:
        for _ in range(most):
            found = await finder.find(db, search)
            cards, last = found.cards()
            seen += [card.id for card in cards]
            first = first or found
            if last is None:
                break
            search = Search.of(search.following(last.id, last.price)[2:].encode())
    assert first is not None
    return seen, first.total, first.more


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("q=wool", lambda row: "wool" in row["title"]),
        ("q=herringbone&sort=dearest", lambda row: "herringbone" in row["title"]),
        ("q=teal+herringbone&sort=cheapest", lambda row: {"teal", "herringbone"} <= {*row["title"].split()}),
        ("q=wool+-coat&sort=cheapest", lambda row: "wool" in row["title"] and row["category"] != "coat"),
        ("q=vba", lambda row: "vba" in row["description"].split()),
        ("category=coat&sort=cheapest", lambda row: row["category"] == "coat"),
        ("category=coat&size=M&sort=cheapest", lambda row: row["category"] == "coat" and row["size"] == "M"),
        ("q=wool&category=coat&sort=dearest", lambda row: "wool" in row["title"] and row["category"] == "coat"),
        ("category=coat&category=dress&sort=dearest", lambda row: row["category"] in ("coat", "dress")),
        ("brand=bRAND+7&size=M", lambda row: row["brand"] == "Brand 7" and row["size"] == "M"),
        ("brand=L'%C3%89t%C3%A9+%5C+oR", lambda row: row["id"] % 500 == 0),
        ("q=silk&size=M&colour=teal", lambda row: {"silk", "teal"} <= {*row["title"].split()} and row["size"] == "M"),
        ("least=30&most=31", lambda row: 3000 <= row["price"] <= 3100),
        ("most=150&category=skirt", lambda row: row["price"] <= 15000 and row["category"] == "skirt"),
        ("least=30&most=90", lambda row: 3000 <= row["price"] <= 9000),
        ("least=20&sort=cheapest", lambda row: row["price"] >= 2000),
        ("q=wool&least=150&sort=cheapest", lambda row: "wool" in row["title"] and row["price"] >= 15000),
        ("q=linen&sold=1", lambda row: "linen" in row["title"]),
    ],
)  # fmt: skip
def test_pages_show_all_that_fits_in_its_order(grown: str, query: str, fits: Callable[[Row], bool]) -> None:
    read = "select json_agg(items) from items" + ("" if "sold=1" in query else " where state <> 'sold'")
    rows = [row for row in json.loads(psql(grown, read)) if fits(row)]
    sort = Search.of(query.encode()).sort
    rows.sort(
        key=lambda row: row["id"] if sort == "newest" else (row["price"], row["id"]),
        reverse=sort != "cheapest",
    )

    seen, total, more = asyncio.run(pages(grown, query, most=12))

    assert seen == [row["id"] for row in rows][: 12 * 24]
    assert 24 < total <= len(rows) if more else total == len(rows)
