"""Values that do not fit their columns become what MySQL makes of them, or are refused as MySQL refuses them."""

import json
from pathlib import Path

import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import failed, load

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


def test_what_mysql_refuses_in_strict_mode_is_refused(database: str, tmp_path: Path) -> None:
    source, rejects = tmp_path / "source.sql", tmp_path / "rejects"
    source.write_text("create table t (a int); insert into t values (1.5), ('12abc'), (3);")
    failed(
        load(database, source),
        3,
        "the row of t at byte",
        'ERROR: invalid input syntax for type integer: "12abc"',
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


def test_a_set_with_a_member_that_it_does_not_list_is_kept_and_told(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text("create table t (a set('p')); insert into t values ('p,z');")
    assert load(database, source, "--report", account).exit_code == 1
    assert psql(database, "select * from t") == "{p,z}"
    [told] = json.loads(account.read_bytes())["untranslated"]
    assert (told["kind"], "violated by some row" in told["reason"]) == ("check", True)
