"""Values that do not fit their columns become what MySQL makes of them, or are refused as MySQL refuses them."""

import contextlib
import json
import re
from pathlib import Path

import pymysql
import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import failed, load, play, run

TABLE = """create table t (id int primary key, a int not null, e enum('x','Yes') not null, d decimal(4,2),
 s set('p','q'), v varchar(3), b bit(2), at datetime, f double unsigned)"""
LOSSLESS = """insert into t values (1, '1.5', 'X', 1.239, 'P', 'ab   ', 1, '2020-1-2 3:4', 1),
 (2, ' 7 ', '2', 1, 'q,P', 'abc', b'11', '20/1/2 1:2:3', '1e1'),
 (3, 2.5, 'yes', -1.005, '', 'é€x', 0, 20200102030405, 0)"""
LOSSY = """insert into t values (11, '', 'z', 123.456, 'p,zz', 'abcdef', 9, null, -5),
 (12, '12abc', 9, 1 + 1, 'q', 99999, 3, null, 'x'), (13, null, null, '-100', '', 'é€ñx', 1, null, null),
 (14, -99999999999, 'x', '9.999x', 'nope', '', 0, null, 1)"""
IGNORED = "insert ignore into t values (15, null, null, 'x', 'z', 'four', 5, null, -1)"
QUERY = "select id, a, e, d, {set}, v, {bits}, at, f from t order by id"


def held(mariadb: Server, name: str, *statements: str) -> list[str]:
    mariadb.execute(f"create database {name}")
    mariadb.execute(*statements, database=name)
    rows = mariadb.execute(QUERY.format(set="s", bits="b + 0"), database=name)
    return ["|".join(_shown(value) for value in row) for row in rows]


def _shown(value: object) -> str:
    return "" if value is None else str(value).removesuffix(".0")


def found(database: str) -> list[str]:
    return psql(database, QUERY.format(set="array_to_string(s, ',')", bits="b::int")).splitlines()


def test_what_loses_nothing_fits_in_strict_mode_too(mariadb: Server, database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(f"{TABLE};\n{LOSSLESS};")
    done = load(database, source, "--report", account)
    assert done.exit_code == 0, done.stderr
    assert found(database) == held(
        mariadb, "fit_strict", "set sql_mode = 'STRICT_ALL_TABLES'", TABLE, LOSSLESS
    )
    report = json.loads(account.read_bytes())
    assert report["lossy"] == []
    assert report["tables"][0]["verified"]


def test_without_strict_mode_they_become_what_mysql_makes_of_them(
    mariadb: Server, database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(f"set sql_mode = ''; {TABLE};\n{LOSSLESS};\n{LOSSY};\n{IGNORED};")
    done = load(database, source, "--report", account)
    assert done.exit_code == 0, done.stderr
    statements = ("set sql_mode = ''", TABLE, LOSSLESS, LOSSY, IGNORED)
    assert found(database) == held(mariadb, "fit_loose", *statements)
    lost = {one["column"]: one["count"] for one in json.loads(account.read_bytes())["lossy"]}
    assert lost == {"a": 5, "e": 4, "d": 4, "s": 3, "v": 4, "b": 2, "f": 3}


MOMENTS = """'16-02-21' '70-02-21' '2020/1/2' '2020.01.02' '20200102' 20200102 200102 70101 '70101' 20200102101010
 '2020010' 2020 '2020-01-02T10:11:12' '2020-1-2_3:4' '2020-01-02_23:59:59.5' '2020-01-02_23:59:59.4999999'
 '2020-12-31_23:59:59.999999' '2020-01-02_10:11:12.1000' '2020-01-02_10:11:12.' '20200102T101112'
 20200102101010.567 '10:11:12' '2020-01-02x' 'x' '' 0 '2020-01-02_25:00:00' '2020-13-01'
 '99991231235959.9' '2020-01-02_10:11:12+02:00' '1-1-1' NULL 0x323030313032"""
TIMES = """'1:2:3.456' '1:2:3.454' '-1:2:3.456' '1:2:3.' '23:59:59.999' '59:59:59.9999995' '123456' '1234' 1234 '12'
 -1234 1.5 '1_10:00:00' '1_10' '-1_10' '34_22:59:59' '35_0:0:0' '99:99:99' '900:00:00' '-839:00:01'
 '12:60:00' '12:34' 8385960 'x' '-00:00:00' '2020-01-02_03:04:05.678' 20200102030405 '1:2:3:4'
 '2020-01-02' '10:11:12_PM' '+1:2:3' '24:00:00' TRUE '1e3'"""


@pytest.mark.parametrize("mode", ["", "TIME_ROUND_FRACTIONAL"])
@pytest.mark.parametrize(
    ("kind", "literals", "shown"),
    [
        ("time", TIMES, "time_to_sec(a)"),
        ("time(2)", TIMES, "time_to_sec(a)"),
        ("date", MOMENTS, "nullif(a, '0000-00-00')"),
        ("datetime", MOMENTS, "nullif(a, '0000-00-00')"),
        ("datetime(3)", MOMENTS, "nullif(a, '0000-00-00')"),
        ("timestamp(3) null", MOMENTS.replace("'99991231235959.9' ", ""), "nullif(a, '0000-00-00')"),
    ],
)
def test_dates_and_times_in_any_notation_become_what_mariadb_holds(
    kind: str, literals: str, shown: str, mode: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    rows = ",".join(f"({number}, {word.replace('_', ' ')})" for number, word in enumerate(literals.split()))
    statements = [
        f"set sql_mode = '{mode}', time_zone = '+00:00'",
        f"create table t (id int, a {kind})",
        f"insert into t values {rows}",
    ]
    source.write_text(";\n".join(["-- Server version: 11.4.2-MariaDB\n", *statements]) + ";")
    done = load(database, source)
    assert done.exit_code == 0, done.stderr
    mariadb.execute("create or replace database fit_notations")
    there = mariadb.execute(
        *statements, f"select cast({shown} as char) from t order by id", database="fit_notations"
    )
    ours = "extract(epoch from a)" if kind.startswith("time") and "stamp" not in kind else "a"
    here = psql(database, f"set timezone = 'UTC'; select {ours} from t order by id").split("\n")
    assert [_plain(text) for text in here] == [_plain(str(value or "")) for (value,) in there]


def _plain(text: str) -> str:
    """Without zeros at the end of a fraction, and without the zone of UTC."""
    return re.sub(r"(\.\d*?)0*$", r"\1", text.removesuffix("+00")).removesuffix(".")


@pytest.mark.parametrize(
    ("head", "mode", "held"),
    [
        ("", "", "12:00:01|2020-01-03 00:00:00|2020-01-03"),
        ("", "TIME_TRUNCATE_FRACTIONAL", "12:00:00|2020-01-02 23:59:59|2020-01-02"),
        ("-- Server version: 10.4.32-MariaDB", "", "12:00:00|2020-01-02 23:59:59|2020-01-02"),
        (
            "-- Server version: 10.4.32-MariaDB",
            "TIME_ROUND_FRACTIONAL",
            "12:00:01|2020-01-03 00:00:00|2020-01-02",
        ),
    ],
)
def test_mysql_rounds_fractions_of_a_second_and_mariadb_cuts_them_off(
    head: str, mode: str, held: str, database: str, tmp_path: Path
) -> None:
    source, script = tmp_path / "source.sql", tmp_path / "script.sql"
    source.write_text(
        f"{head}\nset sql_mode = '{mode}'; create table t (a time, b datetime, c date);"
        "insert into t values ('12:00:00.5', '2020-01-02 23:59:59.5', '2020-01-02 23:59:59.5');"
    )
    done = load(database, source)
    assert done.exit_code == 0, done.stderr
    assert psql(database, "select * from t") == held
    assert run("mysql-to-pg", "--quiet", source, "--output", script).exit_code == 0
    psql(database, "drop table t")
    play(database, script)
    assert psql(database, "select * from t") == held


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("time", "'12:60:00'"),
        ("time", "'839:00:00'"),
        ("datetime", "'2020-01-02x'"),
        ("timestamp", "'1960-01-01'"),
    ],
)
def test_dates_and_times_that_mysql_refuses_in_strict_mode_are_refused(
    kind: str, value: str, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    source.write_text(f"create table t (a {kind}); insert into t values ({value});")
    failed(load(database, source), 2, f"holds a value that its column a, {kind}, cannot hold")


INTEGERS = """0 -0 +5 127 128 -129 255 256 300 70000
 65535 65536 -5 '-5' 1.5 -1.5 1e2 '1e2' '12abc' '' '_7_' 127.5 -0.5 TRUE '0x1F'"""
DECIMALS = """1.005 1.015 2.675 -1.005 '1.005x' 99.995 999.995 12345.6
 -0.001 1e1 '1.2345e1' 'nan' '' 1e39 .5 5. 007.10 '5.'"""
YEARS = "'20' 70 0 '0' '00' '0000' 1 99 100 1901 2155 2156 '20x' 2020.5 'x' '2020-01-02' -1 '2020_'"
WORDS = "'abc' 'abcd' 'ab____' 'abc\\\\n' 'éééé' 'a\\\\\\\\bc' 12345 1.50 007 0x41424344 TRUE '' 'é€x_'"


@pytest.mark.parametrize("strict", [False, True])
def test_values_beyond_their_types_become_or_are_refused_as_in_mariadb(
    strict: bool, mariadb: Server, database: str, tmp_path: Path
) -> None:
    kinds = {
        **dict.fromkeys(
            ("tinyint", "tinyint(1)", "tinyint unsigned", "smallint unsigned", "int unsigned"), INTEGERS
        ),
        **dict.fromkeys(("bigint unsigned", "mediumint"), INTEGERS + " 8388607 8388608 18446744073709551616"),
        **dict.fromkeys(
            ("decimal(4,2)", "decimal(4,2) unsigned", "double(5,2)", "float(7,4) unsigned"), DECIMALS
        ),
        "year": YEARS,
        **dict.fromkeys(("char(3)", "varchar(3)"), WORDS),
        "set('p','q')": "'p' 'q,p' 'P' 'p,z' 'z' '' 3 '3' TRUE ',p'",
        "bit(3)": "0 7 8 b'11' '1' -1 TRUE 0xFF",
        "bit(64)": "9223372036854775808 18446744073709551615 18446744073709551616 0xFFFFFFFFFFFFFFFF 'abcdefgh'",
        "varbinary(3)": "'abc' 'abcd' 'abc__' 'éé' 0x41424344",
    }
    head = f"set sql_mode = '{'STRICT_ALL_TABLES' if strict else ''}'"
    tables = [f"create table t{number} (id int, a {kind})" for number, kind in enumerate(kinds)]
    rows = [
        f"insert into t{number} values ({place}, {word.replace('_', ' ')})"
        for number, words in enumerate(kinds.values())
        for place, word in enumerate(words.split())
    ]
    source, rejects = tmp_path / "source.sql", tmp_path / "rejects"
    source.write_text(";\n".join([head, *tables, *rows]) + ";")
    done = load(database, source, "--on-error", "reject", "--rejects", rejects)
    assert done.exit_code == int(strict), done.stderr
    name = f"fit_beyond_{int(strict)}"
    mariadb.execute(f"create database {name}")
    with mariadb.connect(name) as connection, connection.cursor() as cursor:
        for statement in (head, *tables, *rows):
            with contextlib.suppress(pymysql.err.Error):
                cursor.execute(statement)
    for number, kind in enumerate(kinds):
        here, there = _forms(kind)
        ours = psql(database, f"select id, {here} from t{number} order by id").splitlines()
        theirs = mariadb.execute(f"select concat(id, '|', {there}) from t{number} order by id", database=name)
        assert (kind, ours) == (kind, [str(text) for (text,) in theirs])


def _forms(kind: str) -> tuple[str, str]:
    """How PostgreSQL and MariaDB say the same value in the same words."""
    if kind.startswith("set"):
        return "array_to_string(a, ',')", "a"
    if kind.startswith("bit"):
        return "a", f"lpad(bin(a + 0), {kind[4:-1]}, '0')"
    if kind == "varbinary(3)":
        return "encode(a, 'hex')", "lower(hex(a))"
    if kind.startswith(("double", "float")):
        return "round(a::text::numeric, 4)", "cast(a as decimal(20,4))"
    if kind.endswith("char(3)"):
        return "replace(a, e'\\n', '')", "replace(a, '\\n', '')"
    return "a", "a + 0"


def test_what_mysql_refuses_in_strict_mode_is_refused(database: str, tmp_path: Path) -> None:
    source, rejects = tmp_path / "source.sql", tmp_path / "rejects"
    source.write_text("create table t (a int); insert into t values (1.5), ('12abc'), (3);")
    failed(
        load(database, source), 2, "the row of t at byte 52 holds a value that its column a, int, cannot hold"
    )
    assert load(database, source, "--on-error", "reject", "--rejects", rejects).exit_code == 1
    assert psql(database, "select * from t order by a").split() == ["2", "3"]
    assert json.loads(rejects.read_text())["row"] == "('12abc')"


@pytest.mark.parametrize("mode", ["", "STRICT_TRANS_TABLES"])
def test_insert_ignore_asks_for_no_strict_mode(mode: str, database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(
        f"set sql_mode = '{mode}'; create table t (a int); insert ignore into t values ('12abc');"
    )
    assert load(database, source).exit_code == 0
    assert psql(database, "select * from t") == "12"


def test_a_set_of_a_server_with_a_member_that_it_does_not_list_is_kept_and_told(
    database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "-- MySQL dump 10.13\ncreate table t (a set('p')); insert into t values ('p,z');\n-- Dump completed\n"
    )
    assert load(database, source, "--report", account).exit_code == 1
    assert psql(database, "select * from t") == "{p,z}"
    [told] = json.loads(account.read_bytes())["untranslated"]
    assert (told["kind"], "violated by some row" in told["reason"]) == ("check", True)
