"""The reader: statements and rows of any size, cut anywhere, under any delimiter."""

import json
from pathlib import Path
from typing import Any

import pytest

from migrate.mysql.events import WINDOW
from tests.fixtures.postgres import psql
from tests.migrate.command import load, run
from tests.migrate.dumps import dump

TABLE = b"CREATE TABLE `t` (`a` int, `b` longtext);\n"


def copied(text: bytes, folder: Path) -> tuple[list[bytes], Any]:
    """The rows as COPY text, and the report."""
    source, account = folder / "dump.sql", folder / "account.json"
    source.write_bytes(text)
    done = run("mysql-to-pg", "--quiet", "--output", "-", "--report", account, source)
    assert done.exit_code in (0, 1), done.stderr
    rows: list[bytes] = []
    inside = False
    for line in done.stdout.split(b"\n"):
        if line == b"\\.":
            inside = False
        elif inside:
            rows.append(line)
        elif line.startswith(b"copy "):
            inside = True
    return rows, json.loads(account.read_bytes())


@pytest.mark.parametrize("place", range(-12, 13, 3))
def test_nothing_is_lost_where_the_window_ends(place: int, tmp_path: Path) -> None:
    tail = b"INSERT INTO `t` VALUES (1,'it\\'s'),(2,'a''b'),/* c */(3,NULL);\nINSERT INTO `t` VALUES (4,'--x');\n"
    whole = dump(TABLE + b"MARK")
    head, end = whole.split(b"MARK")
    for cut in range(0, len(tail), 8):
        filler = b"-- " + b"x" * (WINDOW - len(head) - cut + place - 4) + b"\n"
        rows, _ = copied(head + filler + tail + end, tmp_path)
        assert rows == [b"1\tit's", b"2\ta'b", b"3\t\\N", b"4\t--x"]


@pytest.mark.parametrize("size", [WINDOW - 1000, WINDOW, 3 * WINDOW])
def test_a_row_may_be_longer_than_the_window(size: int, tmp_path: Path) -> None:
    value = b"ab\\'c" * (size // 5)
    rows, _ = copied(dump(TABLE + b"INSERT INTO t VALUES (1,'" + value + b"'),(2,'x');\n"), tmp_path)
    assert [len(row) for row in rows] == [2 + len(value) * 4 // 5, 3]


def test_a_statement_may_be_longer_than_the_window(tmp_path: Path) -> None:
    values = b",".join(b"(%d,'%s')" % (n, b"y" * 1000) for n in range(3 * WINDOW // 1000))
    rows, report = copied(dump(TABLE + b"INSERT INTO `t` VALUES " + values + b";\n"), tmp_path)
    assert len(rows) == report["tables"][0]["rows_read"] == 3 * WINDOW // 1000
    assert [row.split(b"\t")[0] for row in rows[:3]] == [b"0", b"1", b"2"]


def test_a_comment_may_be_longer_than_the_window(tmp_path: Path) -> None:
    comment = b"/* " + b"; ' \" " * (WINDOW // 5) + b" */\n"
    rows, _ = copied(dump(TABLE + comment + b"INSERT INTO `t` VALUES (1,'a');\n"), tmp_path)
    assert rows == [b"1\ta"]


@pytest.mark.parametrize(
    "inside",
    [
        b"SELECT a INTO @a FROM t WHERE b < NOW() FOR UPDATE;",
        b"SELECT CASE WHEN a THEN IF(b, 1, 2) ELSE REPEAT('x', 2) END INTO @a FROM t;",
        b"IF (1 = 1) THEN SET @a = 1; END IF; IF(2) THEN SET @a = (1); END IF;",
    ],
)
@pytest.mark.parametrize("delimiter", [b";", b"$$"])
def test_a_program_ends_where_it_does_whatever_is_in_it(
    delimiter: bytes, inside: bytes, tmp_path: Path
) -> None:
    program = b"CREATE PROCEDURE p() BEGIN " + inside + b" END" + delimiter + b"\n"
    if delimiter != b";":
        program = b"DELIMITER " + delimiter + b"\n" + program + b"DELIMITER ;\n"
    rows, account = copied(dump(TABLE + program + b"INSERT INTO `t` VALUES (1,'a');\n"), tmp_path)
    assert rows == [b"1\ta"]
    assert [name for name in account["made"] if "p" in str(name)] or account["untranslated"]


def test_rows_in_a_comment_that_servers_open_are_rows(tmp_path: Path) -> None:
    text = b"/*!40000 INSERT INTO `t` VALUES (1,'a'),(2,'*/') */;\n/*!999999 INSERT INTO `t` VALUES (3,'b') */;\n"
    rows, _ = copied(dump(TABLE + text), tmp_path)
    assert rows == [b"1\ta", b"2\t*/"]


def test_a_clock_that_stands_still_is_named_once(tmp_path: Path) -> None:
    text = b"SET TIMESTAMP=1500000000;\nINSERT INTO `t` VALUES (1,NOW());\nSET TIMESTAMP=1500000001;\n"
    rows, account = copied(dump(TABLE + text + b"SET TIMESTAMP=DEFAULT;\n"), tmp_path)
    assert len(rows) == 1
    [named] = account["untranslated"]
    assert "the time" in named["reason"]


def test_delimiters_are_obeyed(tmp_path: Path) -> None:
    text = dump(
        TABLE
        + b"DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT ';'; INSERT INTO t VALUES (9,'no'); END $$\n"
        b"INSERT INTO `t` VALUES (1,'yes; $ it is') $$\nDELIMITER ;\nINSERT INTO `t` VALUES (2,'too');\n"
    )
    rows, report = copied(text, tmp_path)
    assert rows == [b"1\tyes; $ it is", b"2\ttoo"]
    assert report["tables"][0]["rows_read"] == 2


@pytest.mark.parametrize(
    "statement",
    [
        b"INSERT INTO t (b, a) VALUES ('x', 1);",
        b"insert into `t`(`b`,`a`)values('x',1);",
        b"INSERT INTO t SET b = 'x', a = 1;",
        b"REPLACE INTO t VALUES (1, 'x');",
        b"INSERT INTO \"t\" VALUES (1,'x');",
        b"INSERT IGNORE INTO t VALUES (1, 'x') ON DUPLICATE KEY UPDATE a = a;",
        b"INSERT DELAYED INTO t VALUES\n  (1, -- one\n  'x') # two\n;",
        b"INSERT INTO t VALUES (1 , _utf8mb4'x');",
        b"INSERT INTO t VALUE (1, 'x');",
        b"INSERT INTO t VALUES (0x01, x'78');",
        b'INSERT INTO t VALUES (1, "x");',
    ],
)
def test_an_insert_may_be_written_in_many_ways(statement: bytes, tmp_path: Path) -> None:
    rows, _ = copied(dump(TABLE + statement + b"\n"), tmp_path)
    assert sorted(rows[0].split(b"\t")) == [b"1", b"x"]


def test_rows_before_a_drop_are_gone(tmp_path: Path) -> None:
    text = dump(
        TABLE + b"INSERT INTO t VALUES (1,'a');\nDROP TABLE t;\n" + TABLE + b"INSERT INTO t VALUES (2,'b');\n"
    )
    _, report = copied(text, tmp_path)
    assert [table["rows_loaded"] for table in report["tables"]] == [1]


def test_a_backslash_in_an_ansi_name_is_part_of_the_name(tmp_path: Path) -> None:
    text = dump(
        b"SET SQL_MODE='ANSI';\n"
        b'CREATE TABLE "t;\\" ("id" int, "\\" text);\n'
        b'INSERT INTO "t;\\" ("\\", "id") VALUES (\'x\\\'"\',1);\n'
        b"REPLACE INTO \"t;\\\" VALUES (2,'y');\n"
    )
    rows, _ = copied(text, tmp_path)
    assert rows == [b"x'\"\t1", b"2\ty"]


def test_no_backslash_escapes_is_obeyed_from_where_it_is_set(tmp_path: Path) -> None:
    text = dump(
        TABLE + b"INSERT INTO t VALUES (1,'a\\nb');\nSET sql_mode='NO_BACKSLASH_ESCAPES';\n"
        b"INSERT INTO t VALUES (2,'a\\nb\\');\n"
    )
    rows, _ = copied(text, tmp_path)
    assert rows == [b"1\ta\\nb", b"2\ta\\\\nb\\\\"]


def test_what_the_tool_said_on_its_way_is_no_statement(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    said = "mysqldump: [Warning] Using a password on the command line interface can be insecure.\nEnter password: \n"
    source.write_text(
        said
        + "-- MySQL dump 10.13  Distrib 8.0.32\ncreate table a (i int);\nmysqldump: Couldn't execute 'show';\n"
        "create table b (i int); insert into b values (1);\n-- Dump completed\n"
    )
    assert load(database, source, "--report", account).exit_code == 1
    assert psql(database, "select b.i from b left join a using (i)") == "1"
    [named] = json.loads(account.read_bytes())["untranslated"]
    assert (named["sql"], "may not be whole" in named["reason"]) == (
        "mysqldump: Couldn't execute 'show';",
        True,
    )
