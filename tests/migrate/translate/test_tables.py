"""What belongs to a table and is an expression: generated columns, defaults, checks, keys, ON UPDATE."""

from pathlib import Path

import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import carry_over, load, play, run
from tests.migrate.translate.twins import Make


def test_generated_columns_are_computed_by_postgresql_as_by_mysql(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int primary key, price decimal(8,2), pieces int, name varchar(20), born date, "
        "  total decimal(12,2) as (price * pieces) stored,"
        "  label varchar(60) as (concat(upper(name), ': ', pieces)) virtual,"
        "  half decimal(12,4) generated always as (price / 2) stored,"
        "  cheap tinyint(1) as (price < 10) virtual,"
        "  twice decimal(12,2) as (total * 2) virtual,"
        "  since int as (year(born)) stored, key label (label))",
        "insert into t (id, price, pieces, name, born) values (1, 9.99, 3, 'hat', '2020-02-29'),"
        " (2, 12.5, 0, 'coat', null), (3, null, 7, null, '1999-12-31')",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    twins.ask("select * from t")
    twins.do("insert into t (id, price, pieces, name, born) values (4, 0.07, 9, 'sock', '2001-01-01')")
    twins.do("update t set pieces = 5 where id = 1")
    twins.ask("select * from t")
    assert psql(twins.url, "select count(*) from pg_attribute where attgenerated = 's'") == "6"


def test_a_generated_column_that_depends_on_settings_is_computed_by_a_trigger(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int primary key, at datetime,"
        "  day varchar(10) as (date_format(at, '%d.%m.%Y', 'en_US')) stored)",
        "insert into t (id, at) values (1, '2024-05-17 10:11:12'), (2, null)",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    assert twins.ask("select id, day from t order by id") == [["1", "17.05.2024"], ["2", ""]]
    twins.do("insert into t (id, at) values (3, '2000-01-02 00:00:00')")
    twins.ask("select id, day from t")


GENERATED = """create table t (id int primary key, a varchar(20), j json, h varchar(99) as (hex(a)) stored,
 s varchar(64) as (sha2(a, 256)) stored, l int as (locate('B', a)) stored, k varchar(20) as (j->>'$.k') stored,
 u varchar(20) as (json_unquote(json_extract(j, '$.k.n'))) virtual, n int unsigned as (id - 2) stored,
 f varchar(20) as (json_extract(j, '$.k[0]')) stored, e int as (lower(a) = 'ABC') stored)"""
GIVEN = """insert into t (id, a, j) values (1, 'abc', '{"k": null}'), (2, 'é', '{"k": {"n": null}}'), (3, null, '{}'),
 (4, '', '{"k": {"n": "x"}}')"""


@pytest.mark.parametrize("way", ["server", "script"])
def test_generated_columns_are_the_same_in_a_script(
    way: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    source.write_text(f"{GENERATED};\n{GIVEN};")
    carry_over(way, database, source)
    plain = GENERATED.replace("j->>'$.k'", "json_unquote(json_extract(j, '$.k'))")  # MariaDB has no ->>
    mariadb.execute("create or replace database generated")
    mariadb.execute("set sql_mode = ''", plain, GIVEN, database="generated")
    wanted = "select id, h, s, l, k, u, n, f, e from t order by id"
    there = mariadb.execute(wanted, database="generated")
    found = psql(database, wanted).splitlines()
    assert found == ["|".join("" if value is None else str(value) for value in row) for row in there]


def test_generated_columns_follow_when_rows_need_a_wider_type(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int primary key, flag tinyint(1), rated int as (if(flag = 1, 10, 20)) stored, z int)",
        "insert into t (id, flag, z) values (1, 1, 1), (2, 7, 2), (3, 0, 3)",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    twins.ask("select id, flag, rated, z from t")


def test_a_generated_column_that_cannot_be_translated_is_kept_and_told(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (crc32(a)) STORED);\n"
        "INSERT INTO t (a, b) VALUES (1, 2212294583);\n".replace("2212294583", "22")
    )
    done = load(database, dump)
    assert done.exit_code == 1
    assert psql(database, "select * from t") == "1|22"


def test_defaults_that_are_expressions_hold_in_postgresql(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int primary key, half decimal(5,2) default (10 / 4), word varchar(20) "
        "  default (concat('a', 'b', 1 + 1)), day date default (cast('2020-02-01' as date) + interval 1 month),"
        "  at datetime default now(), code varchar(40) default (uuid()))",
        "insert into t (id) values (1)",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    twins.do("insert into t (id) values (2)")
    twins.ask("select id, half, word, day from t")
    assert (
        psql(twins.url, "select now() - at < interval '1 hour' and length(code) = 36 from t where id = 2")
        == "t"
    )


def test_checks_refuse_in_postgresql_what_they_refused_in_mysql(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int primary key, n int check (n between 1 and 10), kind varchar(10),"
        " low int, high int, constraint span check (low < high or high is null),"
        " constraint kinds check (kind in ('a', 'b') and char_length(kind) = 1))",
        "insert into t values (1, 5, 'a', 1, 2), (2, null, null, 1, null)",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    twins.do("insert into t values (3, 10, 'b', 0, 1)")
    for row in ("(4, 11, 'a', 1, 2)", "(5, 1, 'c', 1, 2)", "(6, 1, 'a', 2, 1)"):
        with pytest.raises(AssertionError, match="violates check constraint"):
            psql(twins.url, f"insert into t values {row}")
        with pytest.raises(Exception, match="CONSTRAINT"):
            twins.mariadb.execute(f"insert into t values {row}", database=twins.name)


def test_what_mariadb_writes_for_json_is_checked_by_any_postgresql(
    database: str, debian_database: str
) -> None:
    text = (
        b"create table t (doc longtext check (json_valid(doc))); insert into t values ('{\"a\": 1}'), (null);"
    )
    for url in (database, debian_database):
        done = load(url, "-", stdin=text)
        assert (done.exit_code, psql(url, "select count(*) from t")) == (0, "2"), done.stderr
        with pytest.raises(AssertionError, match="json"):
            psql(url, "insert into t values ('{')")


def test_on_update_current_timestamp_is_kept_by_a_trigger(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int primary key, n int, ts timestamp null default null on update current_timestamp,"
        " dt datetime(3) null on update current_timestamp(3))",
        "insert into t (id, n) values (1, 1), (2, 2), (3, 3)",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    twins.do("update t set n = 10 where id = 1")
    twins.do("update t set n = n where id = 2")
    twins.do("update t set n = 30, ts = '2001-02-03 04:05:06', dt = '2001-02-03 04:05:06.789' where id = 3")
    twins.ask("select id, ts is null, dt is null from t")
    assert psql(twins.url, "select now() - ts < interval '1 hour' from t where id = 1") == "t"
    twins.ask("select dt from t where id = 3")


INDEXES = """
CREATE TABLE article (id int NOT NULL, title varchar(80), body text, n int, place point NOT NULL,
  PRIMARY KEY (id), FULLTEXT KEY words (title, body), KEY down (n DESC, title), KEY begins (body(20)),
  KEY lowered ((lower(title))), SPATIAL KEY place (place));
INSERT INTO article (id, title, body, n, place) VALUES
  (1, 'Warm coats', 'for cold days', 1, 0x000000000101000000000000000000F03F0000000000000040),
  (2, 'Hats', NULL, 2, 0x000000000101000000000000000000F03F0000000000000040);
CREATE VIEW found AS SELECT id FROM article WHERE MATCH (title, body) AGAINST ('cold');
"""


def assert_indexes(url: str) -> None:
    indexes = psql(url, "select indexdef from pg_indexes where tablename = 'article' order by 1")
    assert "gin (to_tsvector('simple'::regconfig" in indexes
    assert "(n DESC, title)" in indexes
    assert '"left"((body)::text, 20)' in indexes
    assert "(lower((title)::text))" in indexes
    assert psql(url, "select id from found") == "1"
    used = psql(url, "set enable_seqscan = off; explain (costs off) select * from found")
    assert "article_words" in used


def test_keys_over_texts_expressions_and_prefixes_arrive_and_serve(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(INDEXES)
    done = load(database, dump)
    assert_indexes(database)
    assert done.exit_code == 1  # for the spatial key, which needs PostGIS


def test_a_script_has_the_same_keys(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(INDEXES)
    play(database, run("mysql-to-pg", "--quiet", "--output", "-", dump).stdout)
    assert_indexes(database)


def test_definitions_alone_bring_everything_but_rows(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(INDEXES + "CREATE FUNCTION twice(n int) RETURNS int RETURN n * 2;\n")
    load(database, dump, "--schema-only")
    assert psql(database, "select count(*) from article") == "0"
    assert psql(database, "select twice(21)") == "42"
    assert psql(database, "select count(*) from found") == "0"


def test_tables_with_computed_columns_and_triggers_can_be_replaced(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(
        "CREATE TABLE t (a int, at datetime, b int AS (a + 1), c varchar(9) AS (date_format(at, '%Y')),"
        " u timestamp NULL ON UPDATE CURRENT_TIMESTAMP, CHECK (a > 0));\nINSERT INTO t (a, at) VALUES (1, NULL);\n"
        "CREATE VIEW v AS SELECT b FROM t;\nCREATE VIEW w AS SELECT b FROM v;\n"
    )
    assert load(database, dump).exit_code == 0
    assert load(database, dump, "--replace").exit_code == 0
    assert psql(database, "select b from w") == "2"


def test_a_table_with_versions_arrives_as_it_is_now_and_says_what_it_lacks(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int primary key, n int) with system versioning",
        "insert into t values (1, 1), (2, 2)",
        "update t set n = 3 where id = 1",
        "delete from t where id = 2",
    )
    assert twins.done.exit_code == 1
    assert "no rows that were changed" in twins.untranslated["t"]
    twins.ask("select * from t")


def test_a_default_of_another_type_than_its_column_is_converted_or_named(make_twins: Make) -> None:
    twins = make_twins(
        "set sql_mode = ''",
        "create table t (a int primary key, i bigint default now(), d date default current_timestamp,"
        "c varchar(10) default current_date, j varchar(9) default json_array(), u date default uuid())",
        "insert into t values (1, 2, '2020-01-01', 'c', 'j', null)",
    )
    assert list(twins.untranslated) == []
    twins.do("insert into t (a, u) values (2, null)")
    twins.ask(
        "select i > 20200101000000, d = current_date, c = cast(current_date as char(10)), j from t where a = 2"
    )


DEFAULTS = """create table d (id int primary key, a year default 99, b year default '7', c year default 0,
 e char(5) default 'ab  ', f int default '2.5', g decimal(4,1) default 2.55, h tinyint default 1.5,
 i timestamp default 20200102030405, j time default '11:2:3', k datetime default '2020-1-2',
 l char(6) default (concat('ab', '  ')), m decimal(6,3) default (1 / 3), n int default (300 / 7),
 o enum('x','y') as (if(id > 1, 'x', 'y')) stored, p varchar(5) default ' x ')"""


@pytest.mark.parametrize("way", ["server", "script"])
def test_defaults_are_what_their_columns_hold_of_them(
    way: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    source, rows = tmp_path / "source.sql", "insert into d (id) values (1), (2)"
    source.write_text(f"{DEFAULTS};\n{rows};")
    carry_over(way, database, source)
    mariadb.execute("create or replace database defaults")
    mariadb.execute("set time_zone = '+00:00'", DEFAULTS, rows, database="defaults")
    columns = "id, a, b, c, concat('[', e, ']'), f, g, h, j, k, concat('[', l, ']'), m, n, o, p"
    wanted = f"select {columns} from d order by id"
    there = mariadb.execute(wanted, database="defaults")
    assert psql(database, wanted).splitlines() == ["|".join(map(str, row)) for row in there]


def test_uuids_may_be_kept_as_bytes_in_either_order(database: str, tmp_path: Path) -> None:
    source, own = tmp_path / "source.sql", "6ccd780c-baba-1026-9564-5b8c656024db"
    source.write_text(
        "create table t (id int primary key, a binary(16) not null default (uuid_to_bin(uuid(), 1)));"
        f"insert into t values (1, uuid_to_bin('{own}', 1));"
        "create view v as select id, bin_to_uuid(a, true) as u, hex(uuid_to_bin(bin_to_uuid(a))) as h,"
        " is_uuid(bin_to_uuid(a)) as y from t;"
    )
    assert load(database, source).exit_code == 0
    assert psql(database, "select u, h, y from v") == f"{own}|1026BABA6CCD780C95645B8C656024DB|t"
    psql(database, "insert into t (id) values (2)")
    assert psql(database, "select count(u::uuid), max(length(a)) from v join t using (id)") == "2|16"
