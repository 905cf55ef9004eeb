"""A running server as the source."""

import subprocess
import threading
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.fixtures.mariadb import Server, throwaway
from tests.fixtures.postgres import psql
from tests.fixtures.tools import find_tool
from tests.migrate.command import Done, failed, load, run


def url(server: Server, database: str = "", options: str = "") -> str:
    user = f"{server.user}:{quote(server.password, safe='')}"
    return f"mysql://{user}@{server.host}:{server.port}/{database}{options}"


@pytest.fixture
def shop(mariadb: Server) -> str:
    mariadb.execute("drop database if exists live", "create database live")
    mariadb.execute(
        "create table item (id int auto_increment primary key, name varchar(40) character set latin1,"
        " raw varbinary(300), mask bit(9), price decimal(10,2), at datetime(6),"
        " seen timestamp null, size enum('s','l'), tags set('a','b'),"
        " place point, doubled int as (mask * 2) virtual, ratio double, long_text longtext, key (name))",
        "create table plain (n int, s varchar(20) character set sjis) engine=MyISAM",
        "insert into item (id, name, raw, mask, price, at, seen, size, tags, place, ratio, long_text) values"
        " (1, 'caf\u00e9 \\\\ ''\"', unhex('00ff5c27'), b'101', 1.50, '2020-02-03 04:05:06.789012',"
        " '2020-01-01 00:00:00', 's', 'a,b', point(1, 2), 1.5e300, repeat('x\\n', 3)),"
        " (7, null, '', null, null, null, null, null, '', null, null, '')",
        "insert into plain values (1, '\u8868'), (2, '')",
        "create view seven as select * from item where id = 7",
        "create trigger up before insert on item for each row set new.name = upper(new.name)",
        "create function one() returns int deterministic return 1",
        database="live",
    )
    return "live"


def test_a_server_is_read_whole(mariadb: Server, shop: str, database: str) -> None:
    done = load(database, url(mariadb, shop))
    assert done.exit_code == 1, done.stderr  # MyISAM has no snapshots
    assert psql(
        database, "select id, name, raw, mask, price, at, size, tags, ratio from item order by id"
    ).split("\n") == [
        "1|caf\u00e9 \\ '\"|\\x00ff5c27|000000101|1.50|2020-02-03 04:05:06.789012|s|{a,b}|1.5e+300",
        "7||\\x|||||{}|",
    ]
    assert psql(
        database, "select seen at time zone 'utc', doubled, to_json(long_text) from item where id = 1"
    ) == (r'2020-01-01 00:00:00|10|"x\nx\nx\n"')
    assert (
        psql(database, "select encode(place, 'hex') from item where id = 1")
        == "0101000000000000000000f03f0000000000000040"
    )
    assert psql(database, "select * from plain order by n") == "1|\u8868\n2|"
    assert psql(database, "select count(*) from seven") == "1"
    assert psql(database, "insert into item (name) values ('hat') returning id, name") == "8|HAT"
    assert psql(database, "select one()") == "1"


def test_defaults_of_bytes_are_read(mariadb: Server, database: str) -> None:
    mariadb.execute("drop database if exists octets", "create database octets")
    mariadb.execute(
        "create table t (a int, b varbinary(5) default x'00ff27', c binary(3) default x'e9')",
        database="octets",
    )
    done = load(database, url(mariadb, "octets"))
    assert done.exit_code == 0, done.stderr
    assert psql(database, "insert into t values (1) returning b, c") == r"\x00ff27|\xe90000"


def test_nothing_that_is_not_wanted_is_read(mariadb: Server, shop: str, database: str) -> None:
    assert load(database, url(mariadb, shop), "--include", "item").exit_code in (0, 1)
    assert psql(database, "select to_regclass('plain') is null, (select count(*) from item)") == "t|2"


def test_all_databases_are_read_when_none_is_named(mariadb: Server, shop: str, database: str) -> None:
    mariadb.execute("drop database if exists other", "create database other")
    mariadb.execute("create table item (id int)", "insert into item values (5)", database="other")
    done = load(database, url(mariadb), "--include", "live.item", "--include", "other.item")
    assert done.exit_code in (0, 1), done.stderr
    assert psql(database, "select (select count(*) from live.item), (select id from other.item)") == "2|5"


def test_the_snapshot_is_of_one_moment(mariadb: Server, database: str) -> None:
    """GoogleCloudPlatform/spanner-migration-tool#147"""
    mariadb.execute("drop database if exists moving", "create database moving")
    mariadb.execute(
        "create table a (n int primary key)", "create table b (n int primary key)",
        "insert into a select seq from seq_1_to_200000", "insert into b values (0)", database="moving",
    )  # fmt: skip
    stop = threading.Event()

    def write() -> None:
        number = 1_000_000
        while not stop.is_set():
            number += 1
            mariadb.execute("begin", f"insert into a values ({number})", f"insert into b values ({number})", "commit",
                            database="moving")  # fmt: skip

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert load(database, url(mariadb, "moving")).exit_code == 0
    finally:
        stop.set()
        writer.join()
    assert (
        psql(
            database,
            "select count(*) from (select n from a where n > 1000000 except select n from b where n > 0) x",
        )
        == "0"
    )
    assert (
        psql(
            database,
            "select (select count(*) from a where n > 1000000) = (select count(*) from b where n > 0)",
        )
        == "t"
    )


def test_the_password_may_come_from_the_environment_or_an_option_file(
    mariadb: Server, shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = f"mysql://{mariadb.user}@{mariadb.host}:{mariadb.port}/{shop}"
    monkeypatch.setenv("HOME", str(tmp_path))
    failed(run("inspect", "--json", bare), 3, "Access denied", "MYSQL_PWD")
    monkeypatch.setenv("MYSQL_PWD", mariadb.password)
    assert run("inspect", bare).exit_code == 1
    monkeypatch.delenv("MYSQL_PWD")
    (tmp_path / ".my.cnf").write_text(f'[client]\npassword="{mariadb.password}"\n')
    assert run("inspect", bare).exit_code == 1
    (tmp_path / ".my.cnf").rename(tmp_path / "other.cnf")
    assert run("inspect", f"{bare}?defaults-file={tmp_path}/other.cnf").exit_code == 1
    assert (
        run(
            "inspect",
            f"{bare.split('@')[0]}@localhost/{shop}?socket={mariadb.socket}&defaults-file={tmp_path}/other.cnf",
        ).exit_code
        == 1
    )


def test_a_password_is_shown_nowhere(mariadb: Server, shop: str, database: str) -> None:
    done = load(database, url(mariadb, shop))
    told = done.stderr + psql(database, "select command from migrate.run")
    assert quote(mariadb.password, safe="") not in told
    assert mariadb.password not in told
    assert f"mysql://{mariadb.user}@{mariadb.host}" in told


@pytest.mark.parametrize(
    ("options", "exit_code", "words"),
    [
        ("?ssl-mode=REQUIRED", 3, "ssl-mode=DISABLED"),
        ("?ssl-mode=NEVER", 2, "ssl-mode is one of"),
        ("?timeout=5", 2, "the option timeout is not known"),
        ("?defaults-file=/nowhere", 2, "there is no such file"),
    ],
)
def test_what_cannot_be_done_is_said(
    options: str, exit_code: int, words: str, mariadb: Server, shop: str, database: str
) -> None:
    failed(load(database, url(mariadb, shop, options)), exit_code, words)


def test_a_server_that_is_not_there_is_said(database: str) -> None:
    failed(
        load(database, "mysql://me@127.0.0.1:1/shop"),
        3,
        "mysql://me@127.0.0.1:1/shop",
        "Is the server running",
    )


def certificates(folder: Path) -> None:
    """An authority (`ca.pem`), what it signed for 127.0.0.1 (`server.pem`, `server.key`), and a stranger."""
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=IP:127.0.0.1"]
    for name, more in (("ca", []), ("other", []), ("server", signed)):
        made = [*new, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", *more]
        subprocess.run([find_tool("openssl", "openssl"), *made], cwd=folder, check=True, capture_output=True)


def test_tls_is_spoken_as_ssl_mode_says(tmp_path: Path) -> None:
    certificates(tmp_path)
    files = [
        f"--ssl-cert={tmp_path}/server.pem",
        f"--ssl-key={tmp_path}/server.key",
        f"--ssl-ca={tmp_path}/ca.pem",
    ]
    with throwaway(settings=files) as server:
        server.execute("create database live", "create table live.t (a int)")
        server.execute(f"alter user {server.user}@'{server.host}' require ssl")

        def look(options: str) -> Done:
            return run("inspect", "--json", url(server, "live", options))

        for options in ("", "?ssl-mode=REQUIRED", f"?ssl-ca={tmp_path}/ca.pem"):
            assert look(options).exit_code == 0
        assert look(f"?ssl-mode=VERIFY_IDENTITY&ssl-ca={tmp_path}/ca.pem").exit_code == 0
        failed(look("?ssl-mode=DISABLED"), 3, "Access denied")
        failed(look(f"?ssl-ca={tmp_path}/other.pem"), 3, "CERTIFICATE_VERIFY_FAILED", "?ssl-ca=FILE")
        failed(look("?ssl-mode=VERIFY_CA"), 3, "CERTIFICATE_VERIFY_FAILED")
        failed(look(f"?ssl-ca={tmp_path}/none.pem"), 2, "none.pem: No such file")
