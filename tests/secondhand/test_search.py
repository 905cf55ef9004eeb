"""Searching: what it finds is guarded by the pages of items; here, that it stays quick as the shop grows."""

import asyncio
import json

from bench import shop as bench
from secondhand.credentials import Credentials
from secondhand.database import Database
from secondhand.items import queries
from secondhand.items.search import Search

ITEMS = 20_000


async def blocks_read(url: str, query: bytes) -> tuple[int, int]:
    """How many blocks of the database a page of search results takes, and how many there are in the table."""
    async with Database(url, Credentials("")) as database, database.connection() as db:
        statement, values = queries.finding(Search.of(query))
        told = await db.fetchval(f"explain (analyze, buffers, format json) {statement}", *values)
        plan = json.loads(told)[0]["Plan"]
        table = await db.fetchval("select pg_relation_size('items') / current_setting('block_size')::integer")
        return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], table


def test_no_search_goes_through_the_whole_shop(shop_database: str) -> None:
    asyncio.run(bench.fill(shop_database, 1, ITEMS))
    searches = [path[2:].format(middle=ITEMS // 2) for path in bench.PAGES.values() if path.startswith("/?")]
    # What was sold is not in the way, nor what nobody has.
    searches += ["q=zephyr&sold=1", "q=zephyr&size=XXL", "brand=none&sort=dearest", "least=30&most=31", "q=v"]

    found = {search: asyncio.run(blocks_read(shop_database, search.encode())) for search in searches}

    assert {search: read for search, (read, table) in found.items() if read > table} == {}
