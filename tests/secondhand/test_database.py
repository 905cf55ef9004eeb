"""What the shop answers while its database is busy, or is not the server that it was."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from migrate.postgres.embedded import Cluster
from migrate.postgres.psql import Server
from secondhand.credentials import Credentials
from secondhand.database import POOL_SIZE, Database
from tests.fixtures.postgres import psql
from tests.secondhand.conftest import Site


def test_who_waits_for_a_connection_is_served_before_who_comes_later(shop_database: str) -> None:
    size, arrivals, waiting, overtaken = 3, itertools.count(), set[int](), [0]

    async def come_again_and_again(database: Database) -> None:
        for _ in range(20):
            waiting.add(arrival := next(arrivals))
            async with database.connection() as db:
                waiting.remove(arrival)
                overtaken.append(sum(earlier < arrival for earlier in waiting))
                await db.fetchval("select 1")

    async def run() -> None:
        async with Database(shop_database, Credentials(""), size=size) as database:
            await asyncio.gather(*(come_again_and_again(database) for _ in range(20)))

    asyncio.run(run())
    assert max(overtaken) < size


@contextmanager
def locked(database: str) -> Iterator[None]:
    """No page with items gets an answer of the database."""
    with closing(Server(database).session()) as holder:
        holder.run("begin; lock table items;")
        yield


def test_a_page_that_waited_too_long_is_not_tried_again(cluster: Cluster, site: Site) -> None:
    visitor = site.client()
    assert visitor.get("/").status_code == 200
    before = len(cluster.log.read_text(errors="replace"))

    with locked(site.database):
        answer = visitor.get("/")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert cluster.log.read_text(errors="replace")[before:].count("due to lock timeout") == 1
    assert visitor.get("/").status_code == 200


def test_a_shop_with_too_much_to_do_stays_ready(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or each copy that a crowd keeps busy would leave its share of it to the others."""
    monkeypatch.setattr("secondhand.database.ACQUIRE_SECONDS", 0.2)
    with locked(site.database), ThreadPoolExecutor(POOL_SIZE) as crowd:
        pages = [crowd.submit(site.client().get, "/") for _ in range(POOL_SIZE)]
        while psql(site.database, "select count(*) from pg_locks where not granted") != str(POOL_SIZE):
            assert not any(page.done() for page in pages)
        probe = site.client().get("/health/ready")
    assert (probe.status_code, probe.text) == (200, "busy\n")
    assert {page.result().status_code for page in pages} <= {200, 503}


def test_a_server_that_became_a_standby_loses_the_shop_no_longer_than_it_is_one(
    cluster: Cluster, site: Site
) -> None:
    visitor = site.client()
    form = {"name": "Marta", "password": "not hers at all"}
    assert visitor.post("/log-in", data=form).status_code == 422
    try:
        read_only(cluster, site, "on")
        answer = visitor.post("/log-in", data=form)
    finally:
        read_only(cluster, site, "off")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert visitor.post("/log-in", data=form).status_code == 422


def read_only(cluster: Cluster, site: Site, value: str) -> None:
    """Let the server refuse every write, as one does that was demoted, or take them again."""
    psql(cluster.url(), f"alter system set default_transaction_read_only = {value}")
    psql(cluster.url(), "select pg_reload_conf()")
    deadline = time.monotonic() + 20
    while site.sql("show default_transaction_read_only") != value:
        assert time.monotonic() < deadline
