"""Proving the proof: whatever is changed in the target after a load is found."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrate.postgres.psql import Attempt, Session
from tests.fixtures.postgres import psql
from tests.migrate.command import failed, load, run

DUMP = """
SET NAMES utf8mb4;
SET TIME_ZONE='+02:00';
CREATE TABLE `people` (
  `id` int NOT NULL AUTO_INCREMENT, `name` varchar(40) NOT NULL, `note` text, `height` decimal(5,2), `mass` double,
  `born` datetime(3), `seen` timestamp NULL, `wakes` time, `member` tinyint(1) NOT NULL, `big` bigint unsigned,
  `photo` blob, `tags` set('red','green','blue'), `more` json, `flags` bit(5), PRIMARY KEY (`id`)
);
INSERT INTO `people` VALUES
 (1,'Ada','first\\nprogrammer',1.60,55.5,'1815-12-10 00:00:00.250','2024-01-01 12:00:00','06:00:00',1,
  18446744073709551615,x'00ff','red,blue','{"b": [1, 2.50], "a": "\\\\u00e9"}',b'10101'),
 (2,'Émilie','',1.70,NULL,NULL,NULL,'-25:00:00',0,5,'\\0','','[]',b'0'),
 (3,'Грейс',NULL,NULL,1e-7,'1906-12-09 10:20:30',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE `pairs` (`a` int, `b` int);
INSERT INTO `pairs` VALUES (1,10),(2,20),(2,20),(3,30);
"""


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "people.sql"
    path.write_text(DUMP)
    return path


@pytest.fixture
def loaded(database: str, dump: Path, tmp_path: Path) -> str:
    report = tmp_path / "report.json"
    done = load(database, dump, "--report", report)
    assert done.exit_code == 0, done.stderr
    assert '"verified": true' in report.read_text()
    assert '"verified": false' not in report.read_text()
    return database


def test_what_was_just_loaded_is_the_same(loaded: str, dump: Path) -> None:
    done = run("verify", "--to", loaded, dump)

    assert done.exit_code == 0
    assert "2 of 2 tables the same" in done.stdout.decode()


PEOPLE, PAIRS = "public.people", "public.pairs"
CHANGES = [
    ("a byte of a text", "update people set name = 'Adb' where id = 1", PEOPLE, "name"),
    ("the case of a letter", "update people set name = 'ADA' where id = 1", PEOPLE, "name"),
    ("a trailing blank", "update people set note = note || ' ' where id = 1", PEOPLE, "note"),
    ("empty instead of NULL", "update people set note = '' where id = 3", PEOPLE, "note"),
    ("NULL instead of empty", "update people set note = null where id = 2", PEOPLE, "note"),
    ("a cent", "update people set height = height + 0.01 where id = 1", PEOPLE, "height"),
    ("the sixth digit", "update people set mass = 55.5001 where id = 1", PEOPLE, "mass"),
    ("a millisecond", "update people set born = born + interval '1 ms' where id = 1", PEOPLE, "born"),
    ("an hour of a zone", "update people set seen = seen + interval '1 h' where id = 1", PEOPLE, "seen"),
    ("the sign of a time", "update people set wakes = -wakes where id = 2", PEOPLE, "wakes"),
    ("a truth value", "update people set member = not member where id = 2", PEOPLE, "member"),
    ("one in eighteen trillion", "update people set big = big - 1 where id = 1", PEOPLE, "big"),
    ("a byte of a blob", "update people set photo = '\\x00fe' where id = 1", PEOPLE, "photo"),
    ("a member of a set", "update people set tags = '{red,green}' where id = 1", PEOPLE, "tags"),
    ("a number in JSON", "update people set more = jsonb_set(more, '{b,1}', '2.51') where id = 1", PEOPLE, "more"),
    ("a bit", "update people set flags = b'10100' where id = 1", PEOPLE, "flags"),
    ("a row more", "insert into pairs values (4, 40)", PAIRS, "5"),
    ("a row twice", "insert into pairs values (1, 10)", PAIRS, "5"),
    ("a row less", "delete from pairs where a = 3", PAIRS, "3"),
    ("one of two equal rows", "delete from pairs where ctid = (select max(ctid) from pairs where a = 2)", PAIRS, "3"),
    ("swapped cells", "update pairs set b = case a when 1 then 30 else 10 end where a in (1, 3)", PAIRS, "places"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "table", "word"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_change_in_the_target_is_found_and_localised(
    loaded: str, dump: Path, change: str, table: str, word: str
) -> None:
    psql(loaded, change)

    done = run("verify", "--json", "--quiet", "--to", loaded, dump)

    assert done.exit_code == 1
    [difference] = done.account
    assert difference["table"] == table
    assert word in difference["what"]
    assert difference["only_source"] or difference["only_target"]


def test_a_table_that_is_gone_is_found(loaded: str, dump: Path) -> None:
    psql(loaded, "drop table pairs")

    done = run("verify", "--to", loaded, dump)

    assert done.exit_code == 1
    assert "public.pairs the target has no such table" in done.stdout.decode()


def test_a_column_that_is_gone_is_found(loaded: str, dump: Path) -> None:
    psql(loaded, "alter table pairs drop b")

    done = run("verify", "--to", loaded, dump)

    assert done.exit_code == 1
    assert "no column b" in done.stdout.decode()


def test_a_trigger_that_changes_rows_on_their_way_in_is_found_before_they_are_shown(
    database: str, dump: Path
) -> None:
    psql(database, "create table pairs (a int, b int)")
    psql(
        database,
        "create function meddle() returns trigger language plpgsql as 'begin new.b := new.b + 1; return new; end'",
    )
    psql(database, "create trigger meddle before insert on pairs for each row execute function meddle()")

    done = load(database, dump, "--data-only", "--include", "pairs")

    assert done.exit_code == 3
    assert "public.pairs does not hold what was sent to it: values differ in b" in done.stderr
    assert psql(database, "select count(*) from pairs") == "0"


def test_rows_that_do_not_add_up_are_never_shown(
    database: str, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, attempt = Session.copy, Session.attempt

    def attempt_less(*arguments: Any) -> Attempt:
        whole = attempt(*arguments)
        return replace(whole, rows=whole.rows - 1)

    monkeypatch.setattr(Session, "copy", lambda *arguments: copy(*arguments) - 1)
    monkeypatch.setattr(Session, "attempt", attempt_less)

    failed(load(database, dump, "--no-verify"), 3, "public.people: 3 rows were read but 2 loaded, 0 rejected")

    assert psql(database, "select count(*) from pg_tables where schemaname = 'public'") == "0"


def test_rows_that_cannot_be_loaded_do_not_end_a_comparison(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(
        "create table t (id int, d date); insert into t values (1, '0000-00-00'), (2, '2020-01-02'), (3, '2020-00-01');"
        "create table u (id int); insert into u values (1);"
    )
    options = ("--zero-dates", "reject")
    rejects = ("--on-error", "reject", "--rejects", tmp_path / "rejects.jsonl")
    assert run("mysql-to-pg", "--quiet", "--to", database, source, *options, *rejects).exit_code == 1

    done = run("verify", "--json", "--to", database, source, *options)

    assert done.exit_code == 1
    [difference] = done.account
    assert difference["table"] == "public.t"
    assert difference["what"].startswith("2 rows of the source cannot be loaded: ")
    assert "zero or impossible date in the column d: (1,'0000-00-00')" in difference["what"].replace(
        ", '", ",'"
    )

    psql(database, "update t set id = 9")
    done = run("verify", "--json", "--to", database, source, *options)
    assert done.exit_code == 1, done.stderr
    [difference] = done.account
    assert "column" in difference["what"]
    assert difference["only_target"] == ["9\t2020-01-02"]
