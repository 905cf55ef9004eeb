"""The ledger: a run that was interrupted goes on, exactly."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from migrate.errors import LostWorkError
from migrate.load import runs
from migrate.load.ledger import Ledger, Request
from migrate.postgres.psql import Server, Session
from tests.fixtures.postgres import CreateDatabase, psql
from tests.migrate.command import failed, load, loader, run, snapshot

ROWS = 120_000
LINE = "x" * 300


def write_dump(path: Path, rows: int = ROWS) -> Path:
    """A dump of about 40 MB, so that it is cut into several chunks."""
    with path.open("w") as file:
        file.write(
            "CREATE TABLE `t` (`id` int NOT NULL AUTO_INCREMENT, `b` text, `f` tinyint(1), PRIMARY KEY (`id`));\n"
        )
        for start in range(0, rows, 1000):
            values = ",".join(f"({n},'{LINE}{n}',{n % 2})" for n in range(start + 1, start + 1001))
            file.write(f"INSERT INTO `t` VALUES {values};\n")
    return path


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dump(tmp_path_factory.mktemp("ledger") / "t.sql")


def start(url: str, dump: Path) -> subprocess.Popen[str]:
    """`migrate mysql-to-pg` in a process of its own, which names the dump from the folder that it is in."""
    command = loader(url, dump.name)
    return subprocess.Popen(
        command, cwd=dump.parent, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


@contextmanager
def stopped_after_a_chunk(
    url: str, dump: Path, chunks: int = 1, *, but: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """A run that has loaded so many chunks and gets no further: the next one waits for a lock until the end of this.

    So does, from the beginning, one of the table `but`.
    """
    psql(
        url,
        f"{runs._SCHEMA} create function migrate.hold() returns trigger language plpgsql as $$ begin "
        f"if (select count(*) from migrate.chunk) >= {chunks} or new.target = '{but}' "
        "then perform pg_advisory_xact_lock(1); end if; return new; end $$; "
        "create trigger hold before insert on migrate.chunk for each row execute function migrate.hold()",
    )
    holder = Server(url).session()
    with closing(holder):
        holder.run("select pg_advisory_lock(1);")
        process = start(url, dump)
        wait_for_chunk(url, process, chunks)
        yield process


def kill_after_a_chunk(url: str, dump: Path, chunks: int = 1, *, but: str = "") -> None:
    with stopped_after_a_chunk(url, dump, chunks, but=but) as process:
        process.kill()
        process.communicate()


def wait_for_chunk(url: str, process: subprocess.Popen[str], chunks: int = 1) -> None:
    """Until a run has so many chunks in its ledger."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if int(psql(url, "select count(*) from migrate.chunk")) >= chunks:
            return
        time.sleep(0.01)
    raise AssertionError("no chunk was loaded in time")


def test_a_killed_run_goes_on_where_it_stopped(
    database: str, create_database: CreateDatabase, dump: Path
) -> None:
    """darold/ora2pg#1070, yugabyte/yb-voyager#112, planetscale/cli#1278"""
    kill_after_a_chunk(database, dump)
    before = set(psql(database, "select place, xmin from migrate.chunk").splitlines())

    done = load(database, dump)

    assert done.exit_code == 0, done.stderr
    other = create_database()
    assert load(other, dump).exit_code == 0
    assert snapshot(database) == snapshot(other)
    assert before < set(psql(database, "select place, xmin from migrate.chunk").splitlines())


def test_rows_that_a_crash_forgets_while_indexes_are_built_come_with_the_next_attempt(
    database: str, create_database: CreateDatabase, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = Ledger.settle

    def forget_the_last_chunk(ledger: Ledger, session: Session, state: str = "finishing") -> None:
        psql(
            database,
            "with gone as (delete from migrate.chunk where place = (select max(place) from migrate.chunk) returning *) "
            f"delete from migrate_run_1.t using gone where id > {ROWS} - rows_loaded",
        )
        settle(ledger, session, state)

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "settle", forget_the_last_chunk)
        failed(load(database, dump), 3, "lost the last 1 chunks", "Run the same command again")
    assert psql(database, "select count(*) from pg_indexes where schemaname = 'migrate_run_1'") == "1"

    assert load(database, dump).exit_code == 0
    other = create_database()
    assert load(other, dump).exit_code == 0
    assert snapshot(database) == snapshot(other)


def test_nothing_is_to_be_seen_of_a_run_that_is_not_finished(database: str, dump: Path) -> None:
    kill_after_a_chunk(database, dump)

    assert psql(database, "select count(*) from pg_tables where schemaname = 'public'") == "0"


def test_status_shows_an_interrupted_run_and_abort_takes_it_away(
    database: str, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    kill_after_a_chunk(database, dump)

    [status] = run("status", "--json", "--to", database).account
    assert (status["state"], status["under_way"]) == ("loading", False)
    assert status["chunks"] >= 1
    assert status["rows"] > 0
    [_, line, *_] = run("status", "--to", database).stdout.decode().splitlines()
    assert re.match(rf"1 +interrupted +{status['started'][:16]} +{status['rows']:,} ", line)

    assert run("abort", "1", "--to", database).exit_code == 0
    [status] = run("status", "--json", "--to", database).account
    assert status["state"] == "aborted"
    assert psql(database, "select count(*) from pg_namespace where nspname like 'migrate_run%'") == "0"
    failed(run("abort", "1", "--to", database), 2, "no unfinished run 1", "migrate status")


def test_resume_goes_on_without_naming_the_source_again(database: str, dump: Path) -> None:
    kill_after_a_chunk(database, dump)

    done = run("resume", "1", "-q", "--to", database)

    assert done.exit_code == 0, done.stderr
    assert psql(database, "select count(*), sum(id) from t") == f"{ROWS}|{ROWS * (ROWS + 1) // 2}"


def test_a_source_that_changed_is_refused(database: str, tmp_path: Path) -> None:
    changing = write_dump(tmp_path / "changing.sql")
    kill_after_a_chunk(database, changing)
    with changing.open("a") as file:
        file.write("INSERT INTO `t` VALUES (1000000,'late',0);\n")

    failed(load(database, changing), 2, "not what it was when run 1 began", "migrate abort 1")

    assert run("abort", "1", "--to", database).exit_code == 0
    assert load(database, changing).exit_code == 0
    assert psql(database, "select count(*) from t") == str(ROWS + 1)


def test_a_changed_command_says_what_the_one_before_it_has_left(database: str, dump: Path) -> None:
    kill_after_a_chunk(database, dump)
    again = run("mysql-to-pg", "--to", database, "--case", "keep", dump)
    assert again.exit_code == 0
    assert "run 1, of another command, is unfinished" in again.stderr
    assert "`migrate abort 1` takes away what it has loaded" in again.stderr
    assert (
        "unfinished"
        not in run("mysql-to-pg", "--replace", "--to", database, "--schema", "other", dump).stderr
    )


def test_a_run_under_way_is_neither_joined_nor_undone(database: str, dump: Path) -> None:
    with stopped_after_a_chunk(database, dump) as process:
        failed(load(database, dump), 3, "another migration into the schema public", "migrate status")
        [status] = run("status", "--json", "--to", database).account
        assert status["under_way"]
        failed(run("abort", "1", "--to", database), 3, "under way", "stop it")
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize("ask", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_asked_to_stop_says_how_to_go_on(
    database: str, dump: Path, ask: signal.Signals
) -> None:
    with stopped_after_a_chunk(database, dump) as process:
        process.send_signal(ask)
        _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert said.splitlines() == [
        "migrate: stopped. Run the same command again to go on where it stopped, or `migrate abort 1` to undo it"
    ]
    assert load(database, dump).exit_code == 0


def test_a_lost_connection_is_made_again(database: str, dump: Path) -> None:
    with stopped_after_a_chunk(database, dump) as process:
        psql(
            database,
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid()",
        )
    _, said = process.communicate(timeout=90)

    assert process.returncode == 0, said
    assert psql(database, "select count(*), count(distinct id) from t") == f"{ROWS}|{ROWS}"


def test_what_comes_from_standard_input_is_taken_away_when_it_fails(database: str, dump: Path) -> None:
    cut = dump.read_bytes()[:-100]

    failed(load(database, "-", stdin=cut), 2, "cut off")

    assert psql(database, "select count(*) from pg_namespace where nspname like 'migrate_run%'") == "0"


def test_a_column_that_was_widened_stays_so_in_the_next_attempt(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "wide.sql"
    write_dump(dump)
    text = dump.read_text().replace("',1),(2,", "',7),(2,", 1)
    dump.write_text(text)
    kill_after_a_chunk(database, dump)

    assert load(database, dump).exit_code == 0
    assert psql(database, "select f from t where id = 1") == "7"
    assert (
        psql(database, "select data_type from information_schema.columns where column_name = 'f'")
        == "smallint"
    )


def test_rows_that_replace_others_do_so_once_whenever_the_run_is_killed(
    database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    values = ",".join(f"({n % 9000},'{LINE}{n}')" for n in range(18000))
    source.write_text(
        "create table t (id int primary key, b text, n int default 0);\n"
        f"replace into t (id, b) values {values};\n"
        f"insert into t (id, b) values {values} on duplicate key update n = n + 1;\n"
    )
    kill_after_a_chunk(database, source)
    assert load(database, source, "--report", account).exit_code == 0
    assert psql(database, "select count(*), sum(n), min(b) = max(b) from t") == "9000|18000|f"
    [table] = json.loads(account.read_bytes())["tables"]
    assert (table["rows_read"], table["rows_loaded"], table["rows_filtered"]) == (36000, 9000, 27000)


def test_what_was_asked_before_a_kill_is_answered_the_same_after_it(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(
        "create table kind (id int, name varchar(9)); insert into kind values (1, 'a');"
        "set @a = (select max(id) from kind); insert into kind values (50, 'b');"
        "create table j (id int primary key auto_increment, n int); insert into j (n) values (1), (2);"
        "insert into j (n) select n from j; insert into j values (100, 1);"
        "create table u (a int, b int); insert into u values (@a, last_insert_id());"
    )
    kill_after_a_chunk(database, source, 4, but="public.u")
    assert psql(database, "select max(id) from migrate_run_1.kind") == "50"
    assert psql(database, "select max(id) from migrate_run_1.j") == "100"
    assert load(database, source).exit_code == 0
    assert psql(database, "select * from u") == "1|3"


def test_a_step_that_ends_while_steps_are_looked_for_is_not_taken_for_lost(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(database)
    with closing(server.session()) as one, closing(server.session()) as other:
        ledger = runs.begin(one, Request((), "public"))
        look = other.query

        def look_and_go_on(sql: str) -> list[list[str]]:
            there = look(sql)
            ledger.once(one, "a table", ["create table t (a int)"])
            return there

        monkeypatch.setattr(other, "query", look_and_go_on)
        ledger.confirm(other)
        one.run("delete from migrate.step;")
        with pytest.raises(LostWorkError, match="lost the last 1 step"):
            ledger.confirm(other)
