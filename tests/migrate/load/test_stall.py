"""A run that stands still says why."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from migrate.errors import TargetError
from migrate.load import stall
from migrate.load.stall import diagnosis
from migrate.postgres import embedded
from migrate.postgres.psql import Server
from migrate.terminal import Terminal
from tests.fixtures.postgres import psql
from tests.migrate.command import load

DUMP = b"CREATE TABLE `t` (`id` int NOT NULL, PRIMARY KEY (`id`));\nINSERT INTO `t` VALUES (1),(2);\n"


@contextmanager
def reader(url: str, table: str) -> Iterator["subprocess.Popen[str]"]:
    """Another session, which has read a table and keeps its transaction open until its input is closed."""
    command = [str(embedded.binaries() / "psql"), "-XqAt", "-d", url]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PGAPPNAME": "a report"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"begin; select count(*) from {table};\n")
    process.stdin.flush()
    process.stdout.readline()  # the count: the lock is held now
    try:
        yield process
    finally:
        process.communicate()


def test_who_holds_the_lock_that_all_wait_for_is_said_even_where_all_else_is_quiet(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = tmp_path / "t.sql"
    dump.write_bytes(DUMP)
    psql(database, "create table t (id int)")
    said = threading.Event()
    say = Terminal.stalled

    def stalled(terminal: Terminal, what: str, urgent: bool) -> None:
        say(terminal, what, urgent)
        if "lock" in what:
            said.set()

    monkeypatch.setattr(stall, "PATIENCE", 0.2)
    monkeypatch.setattr(Terminal, "stalled", stalled)
    with reader(database, "t") as holder:

        def let_go() -> None:
            said.wait(60)
            assert holder.stdin is not None
            holder.stdin.close()

        letting_go = threading.Thread(target=let_go)
        letting_go.start()
        done = load(database, dump, "--replace")
        letting_go.join()
        holder.stdin = None

    assert done.exit_code == 0, done.stderr
    assert "waits for a lock (relation) in “drop table" in done.stderr
    assert "which a report of the user postgres holds" in done.stderr
    assert "idle in transaction" in done.stderr
    assert "last statement “select count(*) from t;”" in done.stderr
    assert "pg_terminate_backend(" in done.stderr
    assert psql(database, "select sum(id) from t") == "3"


def test_a_server_that_is_busy_is_told_from_one_that_waits_for_rows(database: str) -> None:
    server = Server(database)
    with closing(server.session()) as session:
        assert diagnosis(server) == ("PostgreSQL waits for rows, which the source does not give", False)

        def sleep() -> None:
            with suppress(TargetError):  # it is woken
                session.run("select pg_sleep(600);")

        busy = threading.Thread(target=sleep)
        busy.start()
        while psql(database, "select count(*) from pg_stat_activity where wait_event = 'PgSleep'") == "0":
            pass
        why, blocked = diagnosis(server)
        psql(
            database,
            "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'",
        )
        busy.join()

    assert (why, blocked) == ("PostgreSQL is waiting for Timeout PgSleep in “select pg_sleep(600);”", False)


def test_a_server_that_does_not_answer_is_said_to(tmp_path: Path) -> None:
    why, blocked = diagnosis(Server(f"postgresql:///nowhere?host={tmp_path}"))

    assert blocked
    assert "PostgreSQL: connection to server" in why
