"""CREATE TABLE … SELECT makes the table that the query gives."""

import json
from pathlib import Path

import pytest

from tests.fixtures.postgres import psql
from tests.migrate.command import load

TABLES = """
create table t (a int auto_increment primary key, b varchar(9) not null default 'x', c decimal(5,2), g int as (a + 1));
create table o (a int, d date); insert into t (b, c) values ('p', 1.5), ('q', null), ('p', 2); insert into o values
(2, '2020-02-02');
"""


@pytest.mark.parametrize(
    ("statement", "columns", "rows"),
    [
        ("create table n as select a, b from t", "a integer, b varchar(9)", "1|p 2|q 3|p"),
        ("create table n select 5 as x, 'two words' `y`, 0.50 z", "x bigint, y varchar(9), z numeric(3,2)",
         "5|two|0.50"),
        ("create table n (id int default 7) engine=MyISAM select o.d when_ from o", "id, when_ date", "7|2020-02-02"),
        ("create table n (a bigint not null, primary key (a)) as select a from t", "a bigint", "1 2 3"),
        ("create table if not exists n (select x.*, d from t x left join o on o.a = x.a where x.a > 1)", "a integer, "
         "b varchar(9), c numeric(5,2), g integer, d date", "2|q||3|2020-02-02 3|p|2.00|4|"),
        ("create table n select count(*) n, max(c) as top, b from t group by b", "n bigint, top numeric(5,2), b",
         "1||q 2|2.00|p"),
        ("create table n as select char(0x96EA using 'utf16') s, char(0xA380 using gbk) odd", "s text, odd", "雪|?"),
    ],
)  # fmt: skip
def test_the_query_says_what_the_table_has(
    statement: str, columns: str, rows: str, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    source.write_text(TABLES + statement + ";", encoding="utf-8")
    done = load(database, "--collation", "exact", source)
    assert done.exit_code == 0, done.stderr
    types = psql(
        database,
        "select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum)"
        " from pg_attribute where attrelid = 'n'::regclass and attnum > 0",
    ).replace("character varying", "varchar")
    for found, wanted in zip(types.split(", "), columns.split(", "), strict=True):
        assert found.startswith(wanted)
    assert psql(database, "select * from n order by 1").replace("two words", "two").split() == rows.split()


@pytest.mark.parametrize(
    "query", ["select a + 1 as b from t", "select * from u", "select x.a from t", "select @a b"]
)
def test_a_table_whose_columns_are_not_seen_is_named(query: str, database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(f"{TABLES} create table n (z int) as {query};", encoding="utf-8")
    assert load(database, "--report", account, source).exit_code == 1
    [told] = json.loads(account.read_bytes())["untranslated"]
    assert told["kind"] == "CREATE TABLE"
    assert psql(database, "select count(*) from t") == "3"
