"""Kill anything at any moment, run the same command again: the result is what an undisturbed run makes."""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from migrate.load import runs
from migrate.postgres import embedded
from migrate.postgres.psql import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import loader

TABLES = ("notes", "pairs", "moments")
KILLS = 30
KILLS_SLOW = 300
# Whoever enters a chunk waits for a lock.
HOLD = """
create function migrate.hold() returns trigger language plpgsql as $$ begin
  perform pg_advisory_xact_lock(1); return new;
end $$;
create trigger hold before insert on migrate.chunk for each row execute function migrate.hold();
"""
LONGEST = 20.0  # seconds that one attempt may take before it is killed anyway


@pytest.fixture(scope="module")
def server() -> Iterator[embedded.Cluster]:
    """A server of its own, that really writes to disk and may be made to crash."""
    with embedded.throwaway(settings=("fsync=on", "max_wal_size=1GB")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About 17 MB in three tables, with a column that is widened and a NOT NULL that is dropped halfway."""
    path = tmp_path_factory.mktemp("faults") / "dump.sql"
    with path.open("w") as file:
        file.write("CREATE TABLE `notes` (`id` int NOT NULL AUTO_INCREMENT, `body` text, `flag` tinyint(1), ")
        file.write("PRIMARY KEY (`id`), KEY `flag` (`flag`));\n")
        write_rows(
            file, "notes", 30_000, lambda n: f"({n},'{'lorem ipsum ' * 25}{n}',{7 if n == 21_234 else n % 2})"
        )
        file.write("CREATE TABLE `pairs` (`a` int NOT NULL, `b` bigint unsigned, UNIQUE KEY `a` (`a`), ")
        file.write("CONSTRAINT `of_note` FOREIGN KEY (`a`) REFERENCES `notes` (`id`));\n")
        write_rows(file, "pairs", 30_000, lambda n: f"({n},{2**64 - 1 if n == 29_000 else n * n})")
        file.write("CREATE TABLE `moments` (`id` int NOT NULL, `at` datetime NOT NULL, KEY `at` (`at`));\n")
        write_rows(
            file,
            "moments",
            150_000,
            lambda n: f"({n},'{'0000-00-00' if n % 9999 == 0 else '2024-02-03'} 04:05:06')",
        )
    return path


def write_rows(file, table: str, count: int, row) -> None:  # type: ignore[no-untyped-def]
    for start in range(1, count + 1, 1000):
        file.write(f"INSERT INTO `{table}` VALUES {','.join(row(n) for n in range(start, start + 1000))};\n")


def start(url: str, dump: Path, stderr: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    return subprocess.Popen(loader(url, dump), stderr=stderr, text=True, start_new_session=True)


def contents(url: str) -> list[str]:
    """Definitions, and every row of every table."""
    rows = [psql(url, f"copy (select * from {table} order by 1) to stdout") for table in TABLES]
    columns = "select table_name, column_name, data_type, is_nullable from information_schema.columns"
    keys = "select conname, pg_get_constraintdef(oid), convalidated from pg_constraint"
    indexes = "select indexdef from pg_indexes"
    return [
        *rows,
        psql(url, f"{columns} where table_schema = 'public' order by 1, 2"),
        psql(url, f"{keys} where connamespace = 'public'::regnamespace order by 1, 2"),
        psql(url, f"{indexes} where schemaname = 'public' order by 1"),
    ]


def wait_until(url: str, condition: str) -> None:
    deadline = time.monotonic() + 60
    while psql(url, f"select {condition}") != "t":
        assert time.monotonic() < deadline, condition
        time.sleep(0.01)


def is_published(url: str) -> bool:
    return (
        psql(url, "select to_regclass('migrate.run') is not null") == "t"
        and psql(url, "select count(*) from migrate.run where state = 'done'") == "1"
    )


def children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


def disturb(victim: str, tool: subprocess.Popen[str], server: embedded.Cluster, url: str) -> None:
    """Kill one thing, without a warning."""
    if victim == "tool":
        tool.kill()
    elif victim == "psql":
        for child in children(tool.pid)[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    elif victim == "backend":
        backends = psql(url, "select pid from pg_stat_activity where application_name = 'migrate'").split()
        for backend in backends[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(backend), signal.SIGKILL)  # PostgreSQL restarts all of its processes
    else:
        pid = server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)  # no checkpoint: it recovers from its log
        while server.pid() is not None:
            time.sleep(0.02)
        server.start(settings=("fsync=on", "max_wal_size=1GB"))


def answers(server: embedded.Cluster) -> None:
    """Wait until the server takes connections again."""
    deadline = time.monotonic() + 60
    while True:
        try:
            psql(server.url(), "select 1")
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def disturbed_load(
    url: str, dump: Path, server: embedded.Cluster, dice: random.Random, usual: float
) -> tuple[int, float]:
    """Run the same command until it has succeeded, killing something each time.

    How often something was killed, and how many seconds a whole load takes now, with what else the machine does.
    """
    kills = attempts = 0
    while True:
        attempts += 1
        started = time.monotonic()
        tool = start(url, dump)
        try:
            # Once in a while an attempt is left in peace, or a load that loses every race would never end.
            tool.wait(timeout=LONGEST if dice.random() < 0.2 else dice.uniform(0.3, 1.0) * usual)
        except subprocess.TimeoutExpired:
            answers(server)
            disturb(dice.choice(["tool", "tool", "psql", "backend", "postgres"]), tool, server, url)
            kills += 1
        tool.wait(timeout=120)
        answers(server)
        if tool.returncode == 0 and attempts == 1 and not kills:
            return 0, time.monotonic() - started
        if tool.returncode == 0 or is_published(url):
            return kills, usual


def survives(kills: int, dump: Path, server: embedded.Cluster, seed: int) -> None:
    dice = random.Random(seed)
    psql(server.url(), "create database calm")
    started = time.monotonic()
    assert start(server.url("calm"), dump).wait(timeout=300) == 0
    usual = time.monotonic() - started
    expected = contents(server.url("calm"))
    done = number = 0
    while done < kills:
        number += 1
        name = f"stormy_{number}"
        psql(server.url(), f"create database {name}")
        kills_here, usual = disturbed_load(server.url(name), dump, server, dice, usual)
        done += kills_here
        assert contents(server.url(name)) == expected, f"database {name} with seed {seed}"
        psql(server.url(), f"drop database {name} with (force)")
    psql(server.url(), "drop database calm with (force)")


def test_killing_anything_thirty_times_changes_nothing(dump: Path, server: embedded.Cluster) -> None:
    survives(KILLS, dump, server, seed=1)


def test_a_server_that_forgets_a_table_it_has_made_is_found_out_and_the_next_attempt_makes_it(
    server: embedded.Cluster, tmp_path: Path
) -> None:
    """Its log is not written in time: as far as it knows when it is back, it was never told."""
    dump = tmp_path / "dump.sql"
    dump.write_text(
        "CREATE TABLE `t` (`id` int NOT NULL, PRIMARY KEY (`id`));\nINSERT INTO `t` VALUES (1),(2);\n"
    )
    psql(server.url(), "create database forgetful")
    psql(server.url(), "alter system set wal_writer_delay = '10s'")
    psql(server.url(), "select pg_reload_conf()")
    url = server.url("forgetful")
    with closing(Server(url).session()) as holder:
        psql(url, f"{runs._SCHEMA} {HOLD}")
        holder.run("select pg_advisory_lock(1);")
        tool = start(url, dump, stderr=subprocess.PIPE)
        wait_until(url, "exists (select from pg_locks where locktype = 'advisory' and not granted)")
        assert psql(url, "select count(*) from migrate.step") != "0"
        disturb("postgres", tool, server, url)

    _, said = tool.communicate(timeout=120)

    assert "lost the last" in said, said
    assert "Run the same command again" in said
    assert tool.returncode == 3
    psql(url, "drop function if exists migrate.hold cascade")
    assert start(url, dump).wait(timeout=120) == 0
    assert psql(url, "select id from t order by id") == "1\n2"
    psql(server.url(), "alter system reset wal_writer_delay")
    psql(server.url(), "select pg_reload_conf()")


@pytest.mark.slow
def test_killing_anything_three_hundred_times_changes_nothing(dump: Path, server: embedded.Cluster) -> None:
    survives(KILLS_SLOW, dump, server, seed=random.SystemRandom().randrange(1 << 30))
