"""Sources of several files that know of each other, or say the same thing twice."""

from pathlib import Path

from tests.fixtures.postgres import psql
from tests.migrate.command import load


def test_two_files_with_the_same_table_give_its_rows_once(database: str, tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("create table t (a int primary key); insert into t values (1), (2);")
    (tmp_path / "b.sql").write_text("create table t (a int primary key); insert into t values (2), (3);")
    assert load(database, tmp_path / "a.sql", tmp_path / "b.sql").exit_code == 1
    assert psql(database, "select a from t order by a").split() == ["1", "2", "3"]
