"""What PostgreSQL would refuse of a script's rows is refused before it gets there, as in a load."""

import json
from pathlib import Path

import pytest

from tests.fixtures.postgres import psql
from tests.migrate.command import Done, failed, play, run

TABLE = "create table t (id int, n int not null, e enum('a\\\\b','c'), f float, d double, k int default 3);"


def scripted(tmp_path: Path, row: str, *options: str | Path, before: str = "") -> Done:
    source = tmp_path / "source.sql"
    source.write_text(
        f"{TABLE}{before}insert into t (id, n, e, f, d) values (9, 9, null, null, null), {row};"
    )
    return run("mysql-to-pg", "--quiet", "--output", tmp_path / "out.sql", *options, source)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("(1, null, 'c', 1, 1)", "column n: NULL"),
        ("(1, 1, 'x', 1, 1)", "column e,"),
        ("(1, 1, 'c', -1e39, 1)", "column f,"),
        ("(1, 1, 'c', 1, 1e400)", "column d,"),
    ],
)
def test_it_is_told_with_its_place_and_a_way_out(row: str, column: str, tmp_path: Path) -> None:
    done = scripted(tmp_path, row)
    place = (tmp_path / "source.sql").read_text().index(row)
    failed(
        done, done.exit_code, f"source.sql: the row of t at byte {place}", column, row, "--on-error reject"
    )
    assert done.exit_code in (2, 3)
    assert not (tmp_path / "out.sql").exists()


def test_what_fits_after_all_or_without_strict_mode_goes_on(database: str, tmp_path: Path) -> None:
    rows = "(1, 1, 'C', 1e-60, 1e-400), (2, 1, 'a\\\\b', 3.4e38, -1.7e308), (3, 1, 2, 1, 1)"
    assert scripted(tmp_path, rows).exit_code == 0
    play(database, tmp_path / "out.sql")
    query = "select e, f, d from t where id < 9 order by id"
    assert psql(database, query).split() == ["c|0|0", "a\\b|3.4e+38|-1.7e+308", "c|1|1"]
    assert scripted(tmp_path, "(1, null, 'x', 1e39, 1)", before="set sql_mode = '';").exit_code == 0
    play(database, (tmp_path / "out.sql").read_bytes().replace(b'"public"."t', b'"public"."u'))
    assert psql(database, "select n, e, f from u where id = 1") == "0||3.4028235e+38"


def test_such_rows_are_put_aside_without_their_neighbours(database: str, tmp_path: Path) -> None:
    file = tmp_path / "rejects.jsonl"
    rows = "(1, null, 'c', 1, 1), (2, 2, 'c', 2, 2), (3, 3, 'x', 3, 3)"
    assert scripted(tmp_path, rows, "--on-error", "reject", "--rejects", file).exit_code == 1
    assert {json.loads(line)["row"][:2] for line in file.read_text().splitlines()} == {"(1", "(3"}
    play(database, tmp_path / "out.sql")
    assert psql(database, "select id, k from t order by id").split() == ["2|3", "9|3"]
