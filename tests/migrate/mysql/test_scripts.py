"""Scripts that people and installers run: files with the same tables, variables, numbers that MySQL gave."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from migrate.model import Database
from migrate.mysql.events import Rows
from migrate.mysql.mysqldump import Reader
from migrate.mysql.session import Session
from migrate.mysql.source import of_path
from tests.fixtures.postgres import psql
from tests.migrate.command import failed, load, run


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
    source.write_text(VARIABLES + "select benchmark(id, 1) into @m from s; insert into s (a) values (@m);")
    failed(load(database, source), 2, "@m cannot be known without a MySQL server")


QUESTIONS = """
create table kind (id int auto_increment primary key, name varchar(20), at timestamp null, raw varbinary(4));
insert into kind (name, at, raw) values ('café', '2020-06-01 12:00:00', x'00ff'), ('tea', null, null);
create table item (id int auto_increment primary key, kind int, name varchar(20), at datetime, raw varbinary(4));
insert into item (kind, name) values ((select id from kind where name = 'tea'), 'a'),
    ((select max(id) + 40 from kind) + 2, concat((select name from kind where id = 1), '(select 1)')),
    (if(exists(select 1 from kind where id = 9), 1, 0), (select name from kind where id = 9));
insert into item (kind, name) values ((select k from (select max(id) k from item) as i), 'chained');
insert into item (kind, name) values ((select k from (select max(id) k from item) as i), 'chained');
insert into item set kind = 0, at = (select at from kind where id = 1), raw = (select raw from kind where id = 1);
set @tea = (select id from kind where name = 'tea'), @both = (select count(*) from kind) * 10;
select id, name into @one, @cafe from kind where id = 1;
select @last := max(id) from item;
insert into item values (@last + 10, @both + @tea + @one, @cafe, null, null);
insert into item (kind, name) select id, concat(name, @both) from kind where id = @tea;
insert into item values ((select min(id) from kind), 9, 'new', null, null) on duplicate key update name = 'changed';
"""
ITEMS = """
1|2|changed|| 2|44|café(select 1)|| 3|0||| 4|3|chained|| 5|4|chained|| 6|0||2020-06-01 12:00:00|\\x00ff
16|23|café|| 17|2|tea20||
"""


@pytest.mark.parametrize("charset", ["utf8mb4", "latin1"])
def test_values_that_are_queries_are_asked_of_the_rows_before_them(
    charset: str, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    encoding = {"utf8mb4": "utf-8"}.get(charset, charset)
    source.write_text(f"set names {charset}; set time_zone = '+02:00';{QUESTIONS}", encoding=encoding)
    assert load(database, source).exit_code == 0
    rows = psql(database, "select id, kind, name, at, raw from item order by id").splitlines()
    assert "\n".join(rows).split() == ITEMS.split()
    assert run("inspect", source).exit_code == 0


PREPARED = """
create table t (id int primary key auto_increment, n varchar(20));
set @sql = concat('insert into t (n) values (''a', 1, '''), (''b'')');
prepare s from @sql; execute s; execute s; deallocate prepare s;
prepare s from 'insert into t set n = ?'; set @v = 'it''s'; execute s using @v; drop prepare s;
set @count = (select count(*) from t);
set @sql = if(@count > 3, 'alter table t add column k int default 7', 'select 1');
prepare s from @sql; execute s;
set @sql = concat('update t set n = ''big'' where id > ', @count - 1); prepare s from @sql; execute s;
prepare s from "insert into t (id, n) values (1, 'r') on duplicate key update n = 'changed'"; execute s;
prepare s from "insert into t (n, k) select n, 8 from t where id = 1"; execute s;
"""
UNKNOWN = """
create table t (a int); set @x = version(); prepare s from @x; execute s;
prepare s from 'execute s'; execute s; prepare s from 'insert nonsense'; execute s;
"""


def test_what_is_prepared_is_carried_out_when_it_is_executed(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(PREPARED)
    assert load(database, source).exit_code == 0
    assert psql(database, "select id, n, k from t order by id").splitlines() == [
        "1|changed|7", "2|b|7", "3|a1|7", "4|b|7", "5|big|7", "6|changed|8",
    ]  # fmt: skip
    source.write_text(UNKNOWN)
    assert load(database, "--replace", source, "--report", account).exit_code == 1
    assert [one["sql"] for one in json.loads(account.read_bytes())["untranslated"]] == [
        "prepare s from @x", "execute s", "execute s", "execute s",
    ]  # fmt: skip


def chunks(path: Path) -> list[int]:
    with closing(of_path(str(path))) as source:
        return [event.rows for event in Reader(source, Database(), Session()) if isinstance(event, Rows)]


def test_text_that_looks_like_a_query_does_not_take_rows_apart(tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    rows = "".join(f"insert into t values ({number}, '(select it''s \\'{number})');" for number in range(9))
    source.write_text("create table t (a int, b text);" + rows)
    assert chunks(source) == [9]
    source.write_text("create table t (a int, b text);" + rows + "insert into t values ((select 1), 'x');")
    assert chunks(source) == [1] * 10


@pytest.mark.parametrize("query", ["select a from t", "select a, a from t limit 1"])
def test_a_query_with_several_values_is_refused(query: str, database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(
        f"create table t (a int); insert into t values (1), (2); insert into t values (({query}));"
    )
    failed(load(database, source), 2, f"{source}: the statement at byte", "gives more than one value")


@pytest.mark.parametrize(
    ("said", "exit_code", "names"),
    [("", 0, ["Zürich", "Genève", "Łódź"]), ("set names latin1;", 0, ["Zürich", "GenÃ¨ve", "Å\x81Ã³dÅº"])],
)
def test_exports_that_do_not_say_their_character_set_are_read_as_latin1(
    said: str, exit_code: int, names: list[str], database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_bytes(
        b"# phpMyAdmin MySQL-Dump\n# version 2.2.3\n"
        + said.encode()
        + b"create table t (id int, `n\xe4me` varchar(20) default 'Z\xfcrich'); insert into t (id, n\xe4me) values"
        + b"(1,'Z\xfcrich'),(2,'Gen\xc3\xa8ve'),(3,'\xc5\x81\xc3\xb3d\xc5\xba'); insert into t (id) values (4);"
    )
    assert load(database, "--report", account, source).exit_code == exit_code
    assert psql(database, 'select "näme" from t order by id').split("\n") == [*names, "Zürich"]
    lossy = [one for one in json.loads(account.read_bytes())["lossy"] if "were read" in one["what"]]
    assert len(lossy) == (0 if said else 1)


@pytest.mark.parametrize("said", [b"-- MySQL dump 9.11\nset names utf8;", b""])
def test_bytes_that_are_in_no_character_set_are_refused(said: bytes, database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_bytes(said + b"create table t (a varchar(9)); insert into t values ('Z\xfcrich');")
    failed(load(database, source), 2, "not in the dump's character set")


def test_of_a_moment_as_default_a_time_has_the_clock(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(
        "create table t (a int, b time(3) default '0000-00-00 01:02:03.500'); insert into t (a) values (1);"
    )
    assert load(database, source).exit_code == 0
    assert psql(database, "select b from t") == "01:02:03.5"
