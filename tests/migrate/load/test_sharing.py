"""Workers in processes of their own load a part of a run each, and whoever dies, every row is there once."""

import contextlib
import gzip
import json
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
import zstandard

from migrate.load import runs
from migrate.postgres import embedded
from tests.fixtures.aws import REGION
from tests.fixtures.postgres import CreateDatabase, psql
from tests.migrate.command import failed, load, play, program, run, snapshot

Start = Callable[..., "subprocess.Popen[str]"]

PATIENCE = 120.0  # seconds, on a busy machine
LINE = "lorem ipsum " * 40


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `migrate` in a process and a working directory of its own; what is left in the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str | Path) -> subprocess.Popen[str]:
        home = tmp_path / f"process {len(started)}"
        home.mkdir()
        process = subprocess.Popen(program(*arguments), cwd=home, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def rows(numbers: range, row: Callable[[int], str]) -> Iterator[str]:
    """INSERT statements of a hundred rows."""
    for first in numbers[::100]:
        yield ",".join(row(n) for n in range(first, min(first + 100, numbers.stop)))


def note(n: int) -> str:
    return f"({n},'{LINE}{n}',{7 if n == 12_345 else n % 2},'{'0000-00-00' if n % 9_999 == 0 else '2024-02-03'}')"


NOTES = """CREATE TABLE `notes` (`id` int NOT NULL AUTO_INCREMENT, `body` text, `flag` tinyint(1), `day` date NOT NULL,
 PRIMARY KEY (`id`), KEY `flag` (`flag`));
"""
PAIRS = """CREATE TABLE `pairs` (`a` int NOT NULL, `at` timestamp NULL, UNIQUE KEY `a` (`a`),
 CONSTRAINT `of_note` FOREIGN KEY (`a`) REFERENCES `notes` (`id`));
"""
COUNT = 24_000
ROUNDS_SLOW, KILLS_SLOW = 20, 8


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About 13 MB, with a column that is widened and a NOT NULL that is dropped halfway, in two time zones' reach."""
    path = tmp_path_factory.mktemp("shared") / "dump.sql"
    with path.open("w") as file:
        file.write("SET TIME_ZONE='+02:00';\n" + NOTES)
        file.writelines(f"INSERT INTO `notes` VALUES {some};\n" for some in rows(range(1, COUNT + 1), note))
        file.write(PAIRS)
        file.writelines(
            f"INSERT INTO `pairs` VALUES {some};\n"
            for some in rows(range(1, COUNT + 1), lambda n: f"({n},'2024-03-31 02:{n % 60:02}:00')")
        )
    return path


@pytest.fixture(scope="module")
def undisturbed(create_database: CreateDatabase, dump: Path) -> list[str]:
    """What one process makes of the dump."""
    url = create_database()
    assert load(url, dump).exit_code == 0
    return contents(url)


def contents(url: str) -> list[str]:
    """Every row of every table, as COPY writes it, and all definitions."""
    copied = [psql(url, f"copy (select * from {table} order by 1) to stdout") for table in ("notes", "pairs")]
    return [*copied, *(line for line in snapshot(url) if "\t" not in line)]


def until(what: Callable[[], bool], *alive: "subprocess.Popen[str]") -> None:
    """Wait for something, as long as these processes live."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        for process in alive:
            assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.2)  # a look takes a process


def ended(process: "subprocess.Popen[str]") -> None:
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said


@contextlib.contextmanager
def holding(url: str, lock: str) -> Iterator[None]:
    """Let a session hold a lock."""
    holder = subprocess.Popen(
        [embedded.binaries() / "psql", "-XqAt", "-d", url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    holder.stdin.write(f"begin; {lock};\n\\echo held\n")
    holder.stdin.flush()
    while holder.stdout.readline() != "held\n":
        assert holder.poll() is None
    try:
        yield
    finally:
        holder.communicate()


@contextlib.contextmanager
def held(url: str, table: str) -> Iterator[None]:
    """Let nobody finish a chunk of a table. Asked for before the run begins, so that none has been finished."""
    psql(
        url,
        f"{runs._SCHEMA} create or replace function migrate.hold() returns trigger language plpgsql as $$ begin "
        "perform pg_advisory_xact_lock_shared(hashtext(new.target)); return new; end $$; "
        "create or replace trigger hold before insert on migrate.chunk for each row execute function migrate.hold()",
    )
    with holding(url, f"select pg_advisory_xact_lock(hashtext('{table}'))"):
        yield


def has_claimed(url: str, worker: "subprocess.Popen[str]") -> bool:
    """Whether a worker has a piece in hand."""
    there = psql(url, "select to_regclass('migrate.piece') is not null") == "t"
    query = "select count(*) from migrate.piece p join migrate.worker w on w.id = p.worker where w.process = "
    return there and psql(url, f"{query}{worker.pid}") != "0"


def test_four_workers_of_which_two_are_killed_make_what_one_process_makes(
    start: Start, database: str, dump: Path, undisturbed: list[str]
) -> None:
    with held(database, "public.notes"):
        leader = start("mysql-to-pg", "-q", dump, "--to", database, "--workers", "--jobs", "1")
        workers = [start("worker", "-q", "--to", database, "--jobs", "1") for _ in range(4)]
        for worker in workers:
            until(lambda worker=worker: has_claimed(database, worker), leader, worker)  # type: ignore[misc]
        workers[0].kill()
    workers[1].kill()
    ended(leader)
    for worker in workers[2:]:
        ended(worker)
    assert contents(database) == undisturbed
    assert psql(database, "select count(*) from migrate.piece") == "0"
    assert psql(database, "select count(distinct worker) > 2 from migrate.chunk") == "t"


def test_a_leader_that_is_killed_leads_again_when_the_run_is_resumed(
    start: Start, database: str, dump: Path, undisturbed: list[str]
) -> None:
    # Nothing gets into the second table, so that the run cannot end before its leader is killed.
    with held(database, "public.pairs"):
        with held(database, "public.notes"):
            leader = start("mysql-to-pg", "-q", dump, "--to", database, "--workers", "--jobs", "1")
            until(lambda: psql(database, "select count(*) from migrate.worker") == "1", leader)
            worker = start("worker", "-q", "1", "--to", database, "--jobs", "1")
            until(lambda: has_claimed(database, worker), leader, worker)
        done = "select count(*) from migrate.chunk where worker = 2"
        until(lambda: psql(database, done) != "0", leader, worker)
        leader.kill()
        leader.communicate()
        until(lambda: psql(database, LEADERS) == "0", worker)
        [status] = run("status", "--json", "--to", database).account
        assert (status["under_way"], [one["lives"] for one in status["workers"]]) == (False, [False, True])
        assert status["workers"][1]["chunks"] > 0
        assert "gone" in run("status", "--to", database).stdout.decode()
    assert run("resume", "1", "--workers", "--quiet", "--to", database).exit_code == 0
    ended(worker)
    assert contents(database) == undisturbed


ALTERED = f"""ALTER TABLE `notes` ADD COLUMN `stars` int NOT NULL DEFAULT 5 AFTER `id`, DROP COLUMN `flag`;
INSERT INTO `notes` VALUES {",".join(f"({COUNT + n},{n},'{LINE}','2024-02-03')" for n in range(1, 9_000))};
ALTER TABLE `notes` MODIFY `stars` bigint NULL, ADD KEY `stars` (`stars`);
INSERT INTO `notes` VALUES {",".join(f"({2 * COUNT + n},NULL,'{LINE}','2024-02-04')" for n in range(9_000))};
"""


@pytest.mark.slow
@pytest.mark.parametrize("more", ["", ALTERED], ids=["as they are", "and altered between rows"])
def test_whoever_is_killed_and_whenever_every_row_is_there_once(
    start: Start, create_database: CreateDatabase, dump: Path, tmp_path: Path, more: str
) -> None:
    (tmp_path / "dump.sql").write_text(dump.read_text() + more)
    dump = tmp_path / "dump.sql"
    alone = create_database()
    assert load(alone, dump).exit_code == 0
    undisturbed = contents(alone)
    seed = random.SystemRandom().randrange(1 << 30)
    dice = random.Random(seed)
    for _ in range(ROUNDS_SLOW):
        url = create_database()
        lead = ("mysql-to-pg", "-q", dump, "--to", url, "--workers", "--jobs", "1")
        follow = ("worker", "-q", "--to", url, "--jobs", "1")
        there = [(lead, start(*lead)), *((follow, start(*follow)) for _ in range(3))]
        for _ in range(KILLS_SLOW):
            with contextlib.suppress(subprocess.TimeoutExpired):
                there[0][1].wait(dice.uniform(0.2, 2.5))
                break
            number = dice.randrange(len(there))
            command, victim = there[number]
            victim.kill()
            victim.communicate()
            there[number] = (command, start(*command))
        ended(there[0][1])
        assert contents(url) == undisturbed, f"seed {seed}"
        for _, process in there:
            process.kill()


LEADERS = f"select count(*) from pg_locks where locktype = 'advisory' and classid = {0x6D696772}"


def test_an_abort_leaves_nothing_of_what_workers_have_in_hand(
    start: Start, database: str, dump: Path, tmp_path: Path
) -> None:
    script = tmp_path / "tables.sql"
    assert run("mysql-to-pg", dump, "--schema-only", "--output", script, "-q").exit_code == 0
    play(database, script)
    psql(
        database,
        "create function wait() returns trigger language plpgsql as "
        "$$ begin perform pg_advisory_xact_lock_shared(42); return null; end $$;"
        "create trigger wait before insert on notes execute function wait()",
    )
    before = snapshot(database)
    with holding(database, "select pg_advisory_xact_lock(42)"):
        leader = start("mysql-to-pg", "-q", dump, "--data-only", "--to", database, "--workers", "--jobs", "1")
        worker = start("worker", "-q", "--to", database, "--jobs", "1")
        until(lambda: has_claimed(database, worker), leader, worker)
        leader.kill()
        leader.communicate()
        aborting = start("abort", "1", "--to", database)
        until(lambda: psql(database, "select aborting from migrate.run") == "t", worker)
    aborting.communicate()
    _, said = worker.communicate(timeout=PATIENCE)
    assert (aborting.returncode, worker.returncode) == (0, 3), said
    assert "run 1 was aborted" in said
    assert snapshot(database) == before


def test_a_row_that_a_worker_cannot_load_stops_the_run_for_all(
    start: Start, database: str, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.sql"
    some = rows(range(1, 16_001), lambda n: note(n) if n != 15_432 else "(1,2)")
    bad.write_text(NOTES + "".join(f"INSERT INTO `notes` VALUES {one};\n" for one in some))
    with held(database, "public.notes"):
        leader = start("mysql-to-pg", "-q", bad, "--to", database, "--workers", "--jobs", "1")
        worker = start("worker", "-q", "--to", database, "--jobs", "2")
        until(lambda: has_claimed(database, worker), leader, worker)
    for process in (leader, worker):
        _, said = process.communicate(timeout=PATIENCE)
        assert "another number of values" in said or "run 1 was aborted" in said
        assert process.returncode == (2 if process is leader or "values" in said else 3)
    assert psql(database, "select state from migrate.run") == "aborted"
    assert psql(database, "select count(*) from pg_namespace where nspname like 'migrate_run%'") == "0"


def packed(text: str) -> bytes:
    return zstandard.ZstdCompressor().compress(text.encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What mydumper makes of three tables: rows as SQL and as lines of fields, every file packed."""
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "metadata").write_text("Started dump at: 2024-01-01 00:00:00\n")
    (folder / "shop.notes-schema.sql.zst").write_bytes(packed(NOTES))
    (folder / "shop.pairs-schema.sql.zst").write_bytes(packed(PAIRS))
    (folder / "shop.nothing-schema.sql.zst").write_bytes(packed("CREATE TABLE `nothing` (`a` int);\n"))
    (folder / "shop.nothing.00000.sql.zst").write_bytes(packed("/*!40101 SET NAMES binary*/;\n"))
    for number in range(6):
        some = rows(range(number * 2000 + 1, number * 2000 + 2001), note)
        text = "/*!40103 SET TIME_ZONE='+00:00' */;\n" + "".join(
            f"INSERT INTO `notes` VALUES {one};\n" for one in some
        )
        (folder / f"shop.notes.{number:05}.sql.zst").write_bytes(packed(text))
        lines = "".join(
            f"{n}\t2024-03-31 02:{n % 60:02}:00\n" for n in range(number * 2000 + 1, number * 2000 + 2001)
        )
        (folder / f"shop.pairs.{number:05}.dat.zst").write_bytes(packed(lines))
    return folder


def test_the_packed_files_of_a_folder_are_read_by_whoever_claims_them(
    start: Start, database: str, create_database: CreateDatabase, folder: Path, tmp_path: Path
) -> None:
    other = create_database()
    assert load(other, folder).exit_code == 0
    account = tmp_path / "account.json"
    with held(database, "public.notes"):
        leader = start(
            "mysql-to-pg", "-q", folder, "--to", database, "--workers", "--jobs", "1", "--report", account
        )
        worker = start("worker", "-q", "--to", database, "--jobs", "2")
        until(lambda: has_claimed(database, worker), leader, worker)
    ended(leader)
    ended(worker)
    assert snapshot(database) == snapshot(other)
    assert psql(database, "select count(distinct worker) from migrate.chunk") == "2"
    read = {table["target"]: table["rows_read"] for table in json.loads(account.read_bytes())["tables"]}
    assert read == {"public.notes": 12_000, "public.pairs": 12_000, "public.nothing": 0}


def test_an_object_is_read_in_ranges(
    start: Start, aws: str, database: str, dump: Path, undisturbed: list[str]
) -> None:
    client = boto3.client("s3", endpoint_url=aws)
    client.create_bucket(Bucket="dumps", CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_object(Bucket="dumps", Key="shop.sql", Body=dump.read_bytes())
    with held(database, "public.notes"):
        leader = start(
            "mysql-to-pg", "-q", "s3://dumps/shop.sql", "--to", database, "--workers", "--jobs", "1"
        )
        worker = start("worker", "-q", "--to", database, "--jobs", "2")
        until(lambda: has_claimed(database, worker), leader, worker)
    ended(leader)
    ended(worker)
    assert contents(database) == undisturbed
    assert psql(database, "select count(distinct worker) from migrate.chunk") == "2"


SMALL = b"CREATE TABLE t (a int); INSERT INTO t VALUES (1),(2);"


def test_what_can_only_be_read_from_front_to_back_is_refused(database: str, tmp_path: Path) -> None:
    (tmp_path / "t.sql.gz").write_bytes(gzip.compress(SMALL))
    failed(
        run("mysql-to-pg", "--workers", "-q", "--to", database, tmp_path / "t.sql.gz"),
        2,
        "t.sql.gz",
        "unpack it",
    )
    failed(run("mysql-to-pg", "--workers", "-q", "--to", database, "-", stdin=SMALL), 2, "front to back")


def test_options_that_workers_cannot_keep_are_refused(database: str, tmp_path: Path) -> None:
    (tmp_path / "t.sql").write_bytes(SMALL)
    command = ("mysql-to-pg", "--workers", "-q", "--to", database, tmp_path / "t.sql")
    failed(run(*command, "--on-error", "reject"), 2, "--on-error reject")
    assert run(*command, "--output", tmp_path / "script.sql").exit_code == 2


def test_rows_that_are_not_written_as_values_are_loaded_by_the_leader(database: str, tmp_path: Path) -> None:
    (tmp_path / "t.sql").write_bytes(
        b"CREATE TABLE t (a int NOT NULL AUTO_INCREMENT PRIMARY KEY, b text); INSERT INTO t SET b = 'x';"
        b"INSERT INTO t (b) VALUES ('y'),('z'); INSERT INTO t VALUES (9,'nine');"
    )
    assert run("mysql-to-pg", "--workers", "-q", "--to", database, tmp_path / "t.sql").exit_code == 0
    assert psql(database, "select * from t order by a") == "1|x\n2|y\n3|z\n9|nine"


def test_a_table_that_the_dump_drops_and_makes_again_has_its_last_rows(database: str, tmp_path: Path) -> None:
    (tmp_path / "t.sql").write_bytes(
        b"CREATE TABLE t (f tinyint(1)); INSERT INTO t VALUES (7);"
        b"DROP TABLE t; CREATE TABLE t (f tinyint(1)); INSERT INTO t VALUES (8),(1);"
    )
    assert run("mysql-to-pg", "--workers", "-q", "--to", database, tmp_path / "t.sql").exit_code == 0
    assert psql(database, "select f from t order by f") == "1\n8"


def test_numbers_that_depend_on_rows_of_other_files_are_refused(database: str, folder: Path) -> None:
    text = "INSERT INTO `notes` (`body`) VALUES ('who am I');\n"
    (folder / "shop.notes.00003.sql.zst").write_bytes(packed(text))
    done = run("mysql-to-pg", "--workers", "-q", "--to", database, folder)
    failed(done, 2, "shop.notes.00003.sql.zst", "without --workers")


def test_a_worker_without_a_run_says_how_to_start_one(database: str) -> None:
    failed(run("worker", "--patience", "0", "--to", database), 2, "no run asks for workers", "--workers")
    failed(run("worker", "7", "--patience", "0", "--to", database), 2, "no run 7 that asks for workers")


def test_a_worker_that_finds_another_source_does_not_take_part(database: str, tmp_path: Path) -> None:
    (tmp_path / "t.sql").write_bytes(SMALL)
    assert run("mysql-to-pg", "--workers", "-q", "--to", database, tmp_path / "t.sql").exit_code == 0
    psql(database, "update migrate.run set state = 'loading'")
    (tmp_path / "t.sql").write_bytes(SMALL + b"-- and a word more")
    failed(run("worker", "1", "-q", "--to", database), 2, "t.sql", "does not have the source of run 1")
