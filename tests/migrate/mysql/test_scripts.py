"""Scripts that people and installers run: files with the same tables, variables, numbers that MySQL gave."""

from pathlib import Path

from tests.fixtures.postgres import psql
from tests.migrate.command import failed, load


def test_two_files_with_the_same_table_give_its_rows_once(database: str, tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("create table t (a int primary key); insert into t values (1), (2);")
    (tmp_path / "b.sql").write_text("create table t (a int primary key); insert into t values (2), (3);")
    assert load(database, tmp_path / "a.sql", tmp_path / "b.sql").exit_code == 1
    assert psql(database, "select a from t order by a").split() == ["1", "2", "3"]


VARIABLES = """
set @shop = 7, @name := 'it''s', @price = 1.50 + 1;
create table s (id int auto_increment primary key, a int, n varchar(20), p decimal(5,2));
insert into s values (null, @shop, @name, @price), (null, @unset, concat(@name, '!'), @shop + 1);
set @first = last_insert_id();
insert into s (a, n) values (@first, 'x');
insert into s (a, n) values (last_insert_id(), 'y');
insert into s (a, n) values (LAST_INSERT_ID(), 'z');
insert into s (a, n) values (last_insert_id(), 'y'), (last_insert_id(), 'user@example.org');
insert into s set a = last_insert_id(), n = 'set';
"""


def test_variables_and_the_number_that_was_given_last_are_known(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(VARIABLES)
    assert load(database, source).exit_code == 0
    assert psql(database, "select * from s order by id").splitlines() == [
        "1|7|it's|2.50", "2||it's!|8.00", "3|1|x|", "4|3|y|", "5|4|z|", "6|5|y|", "7|5|user@example.org|", "8|6|set|",
    ]  # fmt: skip


def test_a_variable_that_only_a_server_knows_is_named(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(VARIABLES + "select max(id) into @m from s; insert into s (a) values (@m);")
    failed(load(database, source), 2, "@m cannot be known without a MySQL server")
