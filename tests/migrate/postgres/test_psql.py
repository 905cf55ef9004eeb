"""psql is given the server that the user named, and no password where others can see it."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migrate.errors import InputError, LostConnectionError
from migrate.postgres import embedded
from migrate.postgres.psql import Server
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import psql


@pytest.mark.parametrize(
    ("url", "shown", "password"),
    [
        ("postgresql://me@db.example:5433/shop", "postgresql://me@db.example:5433/shop", None),
        ("postgresql://me:p%40ss%2Fword@db/shop", "postgresql://me@db/shop", "p@ss/word"),
        ("postgresql://db/shop?user=me&password=a+b%26c", "postgresql://db/shop?user=me", "a+b&c"),
        ("postgres:///shop", "postgres:///shop", None),
        ("postgresql:///shop?host=%2Fa%20b%2B", "postgresql:///shop?host=%2Fa%20b%2B", None),
        ("postgresql://:secret@/shop", "postgresql://@/shop", "secret"),
        ("dbname=shop host=db", "dbname=shop host=db", None),
    ],
)
def test_a_url_is_kept_as_it_is_but_for_its_password(
    url: str, shown: str, password: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    server = Server(url)
    assert server.label == shown
    assert server._environment.get("PGPASSWORD") == password


def test_a_url_of_another_database_is_refused() -> None:
    with pytest.raises(InputError, match="mysql://"):
        Server("mysql://me@db/shop")


def test_a_server_in_a_path_with_spaces_and_signs_is_reached(tmp_path: Path) -> None:
    cluster = embedded.Cluster(tmp_path / "a b+c%d")
    cluster.start(port=free_port())
    try:
        for url in (cluster.url(), cluster.tcp_url()):
            with contextlib.closing(Server(url).session()) as session:
                assert session.query("select 42") == [["42"]]
    finally:
        cluster.remove()


def test_what_a_session_does_ends_with_it_however_it_ends(database: str) -> None:
    """A statement that went on for nobody would hold its locks against the same command when it is given again."""
    session = Server(database).session()

    def wait_for_long() -> None:
        with pytest.raises(LostConnectionError):
            session.query("select pg_sleep(300)")

    waiting = threading.Thread(target=wait_for_long)
    waiting.start()
    mine = f"select count(*) from pg_stat_activity where pid = {session._backend} and query ~ 'pg_sleep'"
    wait_until(lambda: psql(database, mine) == "1")
    os.kill(session._process.pid, signal.SIGKILL)
    waiting.join()
    wait_until(lambda: psql(database, mine) == "0")


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
