"""Rows that cannot be loaded: never at the cost of their neighbours, never lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.postgres import psql
from tests.migrate import command

# Every second thing that can be wrong with a row: some the transcoder finds, some only PostgreSQL.
BAD = {
    2: b"(2,'\xff\xfe','2020-01-01','a',1)",  # bytes that are no UTF-8
    4: b"(4,'b','2020-01-01','a',99999999999)",  # no integer
    5: b"(5,'c','2020-01-01','z',1)",  # not a member of the enum
    8: b"(8,'d','2020-13-45 10:00:00','a',1)",  # a date that is NULL by policy, so this one is loaded
    9: b"(9,'e','2020-01-01','a')",  # a value too few
    11: b"(11,known_to_nobody('x',3),'2020-01-01','a',1)",  # an expression
    300: b"(300,'f','2020-01-01 77:00','a',1)",  # no time of day
}
GONE = set(BAD) - {8}


def dump() -> bytes:
    rows = [BAD.get(n, b"(%d,'row %d','2020-01-01','a',%d)" % (n, n, n)) for n in range(1, 601)]
    return (
        b"create table t (id int not null auto_increment primary key, words text, at datetime, "
        b"mood enum('a','b'), n int);"
        b"insert into t values " + b",\n".join(rows) + b";"
    )


def rejected(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "dump.sql"
    path.write_bytes(dump())
    return path


def test_bad_rows_go_to_the_file_and_all_others_are_loaded(
    source: Path, database: str, tmp_path: Path
) -> None:
    file, account = tmp_path / "rejects.jsonl", tmp_path / "account.json"
    done = command.load(database, source, "--on-error", "reject", "--rejects", file, "--report", account)
    assert done.exit_code == 1, done.stderr
    assert psql(database, "select count(*), count(distinct id) from t") == "594|594"
    assert psql(
        database, "select words from t where id in (1, 3, 6, 7, 10, 12, 299, 301) order by id"
    ).splitlines() == [f"row {n}" for n in (1, 3, 6, 7, 10, 12, 299, 301)]
    records = rejected(file)
    content = source.read_bytes()
    for record in records:
        row = record["row"].encode("utf-8", "surrogateescape")
        assert content[record["offset"] :].startswith(row)
        assert record["table"] == "t"
    assert {int(record["row"][1:].split(",")[0]) for record in records} == GONE
    reasons = " ".join(record["reason"] for record in records)
    for words in (
        "words that are not in the dump's",
        "its column n, int, cannot hold",
        "enum",
        "number of values",
    ):
        assert words in reasons
    [table] = json.loads(account.read_text())["tables"]
    assert (table["rows_read"], table["rows_loaded"], table["rows_rejected"]) == (600, 594, 6)
    assert table["verified"] is True


def test_mended_rows_are_loaded_by_retry_and_leave_the_file(
    source: Path, database: str, tmp_path: Path
) -> None:
    file = tmp_path / "rejects.jsonl"
    command.load(database, source, "--on-error", "reject", "--rejects", file)
    records = rejected(file)
    for record in records:
        if record["row"].startswith("(4,"):
            record["row"] = record["row"].replace("99999999999", "9")
        if record["row"].startswith("(9,"):
            record["row"] = "(9,'e','2020-01-01','a',9),(10,'broken"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    done = command.run("retry", file, "--to", database, "--invalid-text", "latin1", "--quiet")
    assert done.exit_code == 1, done.stderr
    assert psql(database, "select id, words, n from t where id in (2, 4)") == "2|ÿþ|1\n4|b|9"
    left = rejected(file)
    assert {int(record["row"][1:].split(",")[0]) for record in left} == GONE - {2, 4}
    assert "it is not one row" in {record["reason"] for record in left}
    for record in left:
        record["row"] = f"({record['row'][1:].split(',')[0]},'mended','2020-01-01','b',0)"
    file.write_text("".join(json.dumps(record) + "\n" for record in left))
    assert command.run("retry", file, "--to", database, "--quiet").exit_code == 0
    assert psql(database, "select count(*) from t") == "600"
    assert file.read_text() == ""
    psql(database, "insert into t (words) values ('next')")
    assert psql(database, "select max(id) from t") == "601"


def test_references_to_refused_rows_are_left_unchecked_until_retry_brings_them(
    database: str, tmp_path: Path
) -> None:
    file = tmp_path / "rejects.jsonl"
    source = b"""
    create table p (id int primary key, n int);
    create table c (id int primary key, p int, constraint c_p foreign key (p) references p (id));
    insert into p values (1, 1), (2, 99999999999);
    insert into c values (1, 1), (2, 2);"""
    done = command.load(database, "-", "--on-error", "reject", "--rejects", file, stdin=source)
    assert done.exit_code == 1, done.stderr
    assert psql(database, "select convalidated from pg_constraint where conname = 'c_p'") == "f"
    file.write_text(file.read_text().replace("99999999999", "2"))
    assert command.run("retry", file, "--to", database, "--quiet").exit_code == 0
    assert psql(database, "select convalidated from pg_constraint where conname = 'c_p'") == "t"


def test_without_reject_the_run_stops_and_names_the_row(database: str, tmp_path: Path) -> None:
    source = tmp_path / "dump.sql"
    source.write_bytes(b"create table t (a int, b int); insert into t values (1,2),(3,99999999999),(5,6);")
    done = command.load(database, source)
    command.failed(
        done, 2, str(source), "row of t at byte 58", "(3,99999999999)", "column b, int", "--on-error reject"
    )
    assert psql(database, "select count(*) from pg_class where relname = 't'") == "0"


def test_a_chunk_of_nothing_but_bad_rows_is_refused_row_by_row(database: str, tmp_path: Path) -> None:
    file = tmp_path / "rejects.jsonl"
    rows = ",".join(f"({n},99999999999)" for n in range(300))
    source = f"create table t (a int, b int); insert into t values {rows};".encode()
    done = command.load(database, "-", "--on-error", "reject", "--rejects", file, stdin=source)
    assert done.exit_code == 1
    assert len(rejected(file)) == 300
    assert psql(database, "select count(*) from t") == "0"


def test_rows_that_fit_no_page_are_found_among_thousands(database: str, tmp_path: Path) -> None:
    """PostgreSQL names the line that it had read when it wrote the rows, not the one that is too long."""
    file, columns = tmp_path / "rejects.jsonl", 1100
    table = (
        "create table t (id int, "
        + ", ".join(f"c{n} bigint" for n in range(columns))
        + "); insert into t values "
    )
    rows = [f"({n}" + (",7" if n in (3, 1100, 1101) else ",NULL") * columns + ")" for n in range(1200)]
    source = tmp_path / "dump.sql"
    source.write_text(f"{table}{','.join(rows)};")

    done = command.load(database, source)
    command.failed(done, 3, str(source), "a row of t at or after byte ", "row is too big")
    assert "CONTEXT" not in done.stderr
    assert command.load(database, source, "--on-error", "reject", "--rejects", file).exit_code == 1
    assert {record["row"][:6] for record in rejected(file)} == {"(3,7,7", "(1100,", "(1101,"}
    assert len(rejected(file)) == 3  # in the order of the workers
    assert psql(database, "select count(*), count(c0) from t") == "1197|0"


def test_rejects_of_an_earlier_run_are_not_overwritten(database: str, tmp_path: Path) -> None:
    file = tmp_path / "rejects.jsonl"
    file.write_text('{"row": "something"}\n')
    source = b"create table t (a int); insert into t values (1);"
    done = command.load(database, "-", "--on-error", "reject", "--rejects", file, stdin=source)
    command.failed(done, 2, "holds rows that an earlier run refused", "migrate retry")
    assert file.read_text() == '{"row": "something"}\n'


def test_a_script_leaves_out_what_cannot_be_transcoded(database: str, source: Path, tmp_path: Path) -> None:
    script, file = tmp_path / "out.sql", tmp_path / "rejects.jsonl"
    source.write_bytes(b"create table t (a int, b text); insert into t values (1,'\xff'),(2,'x');")
    done = command.run(
        "mysql-to-pg", "-q", "--output", script, "--on-error", "reject", "--rejects", file, source
    )
    assert done.exit_code == 1, done.stderr
    command.play(database, script)
    assert psql(database, "select * from t") == "2|x"
    assert rejected(file)[0]["row"] == "(1,'\udcff')"


def test_a_rejected_value_that_looks_like_sql_is_only_a_value(database: str, tmp_path: Path) -> None:
    file = tmp_path / "rejects.jsonl"
    psql(database, "create table precious (a int)")
    source = (
        b"create table `t'\"; drop table precious; --` (a int, b text);"
        b"insert into `t'\"; drop table precious; --` "
        b"values (99999999999, '\\n\\\\.\\ndrop table precious;\\n'), (1, 'x');"
    )
    done = command.load(database, "-", "--on-error", "reject", "--rejects", file, stdin=source)
    assert done.exit_code == 1, done.stderr
    assert psql(database, "select count(*) from precious") == "0"
    assert "drop table precious" in rejected(file)[0]["row"]
