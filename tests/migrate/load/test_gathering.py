"""Rows of tables that take turns: put together until they are worth a transaction, and told apart where it matters."""

import json
from pathlib import Path

from tests.fixtures.postgres import psql
from tests.migrate.command import failed, load, run
from tests.migrate.load.test_ledger import kill_after_a_chunk

TABLES = (
    "create table a (id int primary key, word varchar(20));\n"
    "create table b (id int primary key, n tinyint, word varchar(20));\n"
)
TURNS = 200


def in_turns(number: int) -> str:
    """A statement of one row, two statements alike, one of two rows, and one with its columns in another order."""
    first, second = 2 * number, 2 * number + 1
    return (
        f"insert into a values ({first},'it''s; {number}');\n"
        f"insert into b values ({first},{number % 100},'x\\'y');\ninsert into b values ({second},1,'),(');\n"
        f"insert into a values ({second},'one'),  ({-second},'more');\n"
        f"insert into b (word, id) values ('é',{-second});\n"
    )


def test_rows_of_tables_in_turns_share_transactions(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "turns.sql", tmp_path / "account.json"
    source.write_text(TABLES + "".join(map(in_turns, range(1, TURNS + 1))))
    assert load(database, source, "--report", account).exit_code == 0
    rows = {one["source"]: one["rows_loaded"] for one in json.loads(account.read_bytes())["tables"]}
    assert rows == {"a": 3 * TURNS, "b": 3 * TURNS}
    assert (
        psql(database, "select count(*), sum(id), count(distinct word) from a")
        == f"{3 * TURNS}|{TURNS * (TURNS + 1)}|{TURNS + 2}"
    )
    assert (
        psql(database, "select word, count(*) from b group by 1 order by 1")
        == f"),(|{TURNS}\nx'y|{TURNS}\né|{TURNS}"
    )
    # Columns in another order end what was put together of b, so a's alone are few.
    assert int(psql(database, "select count(*) from migrate.chunk where target like '%a'")) < 5
    assert run("verify", "--to", database, source).exit_code == 0


def test_a_row_that_waited_for_others_is_named_by_its_place(database: str, tmp_path: Path) -> None:
    source, rejects = tmp_path / "turns.sql", tmp_path / "rejects.jsonl"
    bad = "insert into b values (-1,1,'é'), (-3,'no number','bad');\n"
    source.write_text(TABLES + "".join(in_turns(number) + bad * (number == 20) for number in range(1, 40)))
    row = "(-3,'no number','bad')"
    place = source.read_bytes().index(row.encode())
    failed(load(database, source), 2, f"byte {place}", row)
    assert load(database, source, "--on-error", "reject", "--rejects", rejects).exit_code == 1
    [told] = map(json.loads, rejects.read_text().splitlines())
    assert (told["offset"], told["row"]) == (place, row)


def test_a_killed_run_goes_on_with_what_was_put_together(database: str, tmp_path: Path) -> None:
    source = tmp_path / "turns.sql"
    source.write_text(TABLES + "".join(map(in_turns, range(1, 60))))
    kill_after_a_chunk(database, source, 20)
    assert load(database, source).exit_code == 0
    assert run("verify", "--to", database, source).exit_code == 0
