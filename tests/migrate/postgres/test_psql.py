"""psql is given the server that the user named, and no password where others can see it."""

import contextlib
import os
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migrate.errors import InputError, LostConnectionError, TargetError
from migrate.postgres import embedded
from migrate.postgres import psql as sessions
from migrate.postgres.psql import Server, Session, program
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
    mine = f"select count(*) from pg_stat_activity where pid = {session.backend} and query ~ 'pg_sleep'"
    wait_until(lambda: psql(database, mine) == "1")
    os.kill(session._process.pid, signal.SIGKILL)
    waiting.join()
    wait_until(lambda: psql(database, mine) == "0")


class Pool(socketserver.ThreadingTCPServer):
    """A pool in transaction mode with one session of a server, which is lent to whoever sends a query."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, cluster: embedded.Cluster) -> None:
        self.lent = threading.Lock()
        self.server = socket.socket(socket.AF_UNIX)
        self.server.connect(f"{cluster.socket_directory}/.s.PGSQL.{cluster.port}")
        self.server.sendall(
            message(b"", struct.pack("!i", 3 << 16) + f"user\0{embedded.SUPERUSER}\0\0".encode())
        )
        self.greeting = answer(self.server)
        super().__init__(("127.0.0.1", 0), Lent)

    def server_close(self) -> None:
        super().server_close()
        self.server.close()

    @property
    def url(self) -> str:
        return f"postgresql://me@127.0.0.1:{self.server_address[1]}/any?sslmode=disable&gssencmode=disable"


class Lent(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Pool)
        [size] = struct.unpack("!i", self.request.recv(4))
        self.request.recv(size - 4, socket.MSG_WAITALL)
        self.request.sendall(self.server.greeting)
        while head := self.request.recv(5, socket.MSG_WAITALL):
            body = self.request.recv(struct.unpack("!i", head[1:])[0] - 4, socket.MSG_WAITALL)
            if head[:1] == b"X":
                return
            with self.server.lent:
                self.server.server.sendall(head + body)
                self.request.sendall(answer(self.server.server))


def message(kind: bytes, body: bytes) -> bytes:
    """One of the messages of PostgreSQL's protocol (manual, "Message Formats")."""
    return kind + struct.pack("!i", len(body) + 4) + body


def answer(server: socket.socket) -> bytes:
    """All that a server says until it is ready for the next query."""
    said = b""
    while not said.endswith((message(b"Z", b"I"), message(b"Z", b"T"), message(b"Z", b"E"))):
        said += server.recv(1 << 16) or pytest.fail(said.decode("utf-8", "replace"))
    return said


def test_a_pool_in_transaction_mode_is_refused_before_anything_is_set_in_its_sessions(
    cluster: embedded.Cluster,
) -> None:
    """Locks would stay with the pool when the run is over, and settings be those of whoever comes next."""
    with Pool(cluster) as pool:
        threading.Thread(target=pool.serve_forever, daemon=True).start()
        with pytest.raises(TargetError, match="pool in transaction mode"):
            Server(pool.url).session(("synchronous_commit = off",))
        with contextlib.closing(Server(pool.url).session()) as session:
            assert session.query("show synchronous_commit") == [["on"]]
        pool.shutdown()


@pytest.mark.parametrize("path", ["app", "''", "nowhere"])
def test_extensions_are_found_and_made_whatever_the_search_path_is(database: str, path: str) -> None:
    named = psql(database, "select current_database()")
    psql(
        database, f"create schema app; create schema tools; alter database {named} set search_path to {path}"
    )
    for before in ("", "create extension citext schema tools"):
        psql(database, before)
        with contextlib.closing(Server(database).session()) as session:
            session.run(
                "create extension if not exists citext; create temp table t (a citext); "
                "drop extension citext cascade;"
            )


def test_rows_that_are_tried_are_in_no_file_that_a_killed_tool_would_leave(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    psql(database, "create table t (a int)")
    with contextlib.closing(Server(database).session()) as session:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
        session.run("begin;")
        assert session.attempt("copy t from stdin", memoryview(b"1\n2\n")).rows == 2
        assert session.attempt("copy t from stdin", memoryview(b"x\n")).state == "22P02"


def packed(rows: int) -> bytes:
    """So many rows with one integer each, as a file of the binary format (PostgreSQL manual, "COPY")."""
    row = struct.pack("!hii", 1, 4, 42)
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows * row + b"\xff\xff"


def copied(session: Session, copy: str, data: bytes) -> int:
    session.room(len(data))[: len(data)] = data
    return session.copy_packed("begin;", copy, len(data), "commit;")


def test_binary_rows_come_by_a_way_of_their_own(database: str) -> None:
    psql(database, """create table "a from stdin" ("b "" from stdin" int)""")
    with contextlib.closing(Server(database).session()) as session:
        assert session.takes_binary
        copy = """copy "a from stdin" ("b "" from stdin") from stdin"""
        for rows in (200_000, 100_000, 300_000):
            assert copied(session, copy, packed(rows)) == rows
            session.run("begin;")
            assert session.attempt(copy, memoryview(b"1\n")).rows == 1
            session.run("commit;")
    assert psql(database, 'select count(*) from "a from stdin"') == "600003"


def test_a_psql_that_runs_elsewhere_takes_no_binary_rows(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "psql"
    elsewhere.write_text(
        f'#!/bin/bash\nfor fd in /dev/fd/*; do fd=${{fd##*/}}; ((fd > 2)) && eval "exec $fd<&-"; done\n'
        f'exec {embedded.binaries() / "psql"} "$@"\n'
    )
    elsewhere.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with contextlib.closing(Server(database).session()) as session:
        assert not session.takes_binary


@pytest.mark.parametrize("victim", ["psql", "backend"])
def test_a_session_that_ends_while_binary_rows_come_is_lost(database: str, victim: str) -> None:
    psql(database, "create table t (a int)")
    with contextlib.closing(Server(database).session()) as holder:
        holder.run("begin; lock table t;")
        session = Server(database).session()

        def copy() -> None:
            with pytest.raises(LostConnectionError):
                copied(session, "copy t from stdin", packed(1_000_000))

        copying = threading.Thread(target=copy)
        copying.start()
        wait_until(lambda: psql(database, "select count(*) from pg_locks where not granted") == "1")
        if victim == "psql":
            os.kill(session._process.pid, signal.SIGKILL)
        else:
            psql(database, f"select pg_terminate_backend({session.backend})")
        copying.join(60)
        assert not copying.is_alive()


def test_a_session_that_ends_right_after_rows_were_taken_is_lost(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which psql says of its own accord when it looks for notices after a command."""
    psql(database, "create table t (a int)")
    said = "FATAL:  57P01: terminating connection due to administrator command"
    from_file = sessions._from_file
    monkeypatch.setattr(sessions, "_from_file", lambda *copy: f"{from_file(*copy)}\n\\warn '{said}'")
    with contextlib.closing(Server(database).session()) as session:
        session.run("begin;")
        with pytest.raises(LostConnectionError, match="terminating connection"):
            session.attempt("copy t from stdin", memoryview(b"1\n"))


HALF = """
import os, signal, sys
from migrate.postgres import psql
def half(channel, size):
    os.ftruncate(channel.number, size // 2)
    os.kill(os.getpid(), signal.SIGKILL)
psql.Channel.hold = half
session, data = psql.Server(sys.argv[1]).session(), sys.stdin.buffer.read()
session.room(len(data))[: len(data)] = data
session.copy_packed("begin;", "copy t from stdin", len(data))
"""


def test_a_tool_that_ends_while_binary_rows_come_leaves_no_session_behind(database: str) -> None:
    psql(database, "create table t (a int)")
    # Half of these bytes end with a row: nothing is missing to be seen, but for the end.
    data = packed(4001)[: 19 + 4000 * 10] + bytes(19)
    done = subprocess.run([sys.executable, "-c", HALF, database], input=data, check=False)
    assert done.returncode == -signal.SIGKILL
    wait_until(
        lambda: (
            psql(database, "select count(*) from pg_stat_activity where application_name = 'migrate'") == "0"
        )
    )
    assert psql(database, "select count(*) from t") == "0"


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("url", "chosen"),
    [
        ("postgresql://shop.example/old", "16/bin/psql"),
        ("postgresql://me:secret@shop.example:5433/old", "16/bin/psql"),
        ("postgresql:///old?host=%2Frun%2Fpostgresql", "16/bin/psql"),
        ("host=shop.example dbname=old", "16/bin/psql"),
        ("postgresql://me:secret@/old", "psql"),
        ("postgresql:///old", "psql"),
        ("old", "psql"),
        ("", "psql"),
    ],
)
def test_the_script_before_debians_psql_is_left_out_where_it_has_no_cluster_to_look_for(
    url: str, chosen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "pg_wrapper"
    for one in (script, *(tmp_path / version / "bin/psql" for version in ("9.6", "15", "16"))):
        one.parent.mkdir(parents=True, exist_ok=True)
        one.touch(0o755)
    (tmp_path / "psql").symlink_to(script)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("migrate.postgres.psql._DEBIANS", tmp_path)

    assert program(url) == str(tmp_path / chosen)
