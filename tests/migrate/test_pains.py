"""What people suffered from in other tools, each by the name under which they told of it.

The others of that kind are named where their subject is tested.
"""

import gzip
import json
import re
from pathlib import Path

import pytest

from migrate.postgres.embedded import Cluster
from tests.fixtures.postgres import psql
from tests.migrate import command
from tests.migrate.dumps import SHOP

COLUMNS = (
    "select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) from pg_attribute "
    "where attrelid = '{}'::regclass and attnum > 0"
)


def load(url: str, dump: str | bytes, *options: str | Path) -> command.Done:
    data = dump.encode() if isinstance(dump, str) else dump
    return command.load(url, "-", *options, stdin=data)


def test_a_dump_is_enough_packed_or_through_a_pipe(database: str, tmp_path: Path) -> None:
    """dimitri/pgloader#1230; #782, mattermost/mattermost#38679: no log-in to a MySQL 8 is needed"""
    packed = tmp_path / "shop.sql.gz"
    packed.write_bytes(gzip.compress(SHOP))
    assert command.load(database, packed).exit_code == 0
    assert load(database, SHOP, "--schema", "again").exit_code == 0
    assert (
        psql(database, "select count(*) from shoe")
        == psql(database, "select count(*) from again.shoe")
        == "3"
    )


def test_a_script_needs_no_server_until_it_is_played(database: str) -> None:
    """dimitri/pgloader#979"""
    script = command.run("mysql-to-pg", "-q", "-", "--output", "-", stdin=SHOP).stdout
    command.play(database, script)
    assert psql(database, "select count(*) from shoe join maker on maker.id = maker_id") == "3"


@pytest.mark.parametrize(
    "collation", ["utf8mb4_0900_ai_ci", "utf8mb4_zh_0900_as_cs", "utf8mb4_of_tomorrow_ci"]
)
def test_a_collation_that_nobody_knows_stops_nothing(database: str, collation: str) -> None:
    """dimitri/pgloader#1211, #977: 76 (or 255) fell through ECASE expression"""
    dump = (
        f"create table t (a varchar(9) collate {collation}) collate={collation}; insert into t values ('é');"
    )
    assert load(database, dump).exit_code == 0
    assert psql(database, "select a from t") == "é"


@pytest.mark.parametrize("collation", ["utf8mb4_bin", "utf8mb4_0900_ai_ci"])
@pytest.mark.parametrize("way", ["load", "script"])
def test_a_key_over_values_that_no_b_tree_holds_becomes_a_hash_index(
    database: str, tmp_path: Path, way: str, collation: str
) -> None:
    """dimitri/pgloader#569: index row size 2872 exceeds maximum 2712"""
    long = ["".join(chr(0x20000 + (place * step) % 40_000) for place in range(768)) for step in (7919, 6101)]
    rows = ",".join(f"({n},'{text}','{text}','{text[:400]}','short')" for n, text in enumerate(long))
    dump = (
        "create table t (id int primary key, a varchar(768), b varchar(768), c varchar(400), d varchar(768), "
        "key a (a) comment 'by hash', unique key b (b), key ac (a, c), key d (d), key a20 (a(20))) "
        f"collate={collation};\ninsert into t values {rows};"
        f"create table p (a varchar(768) primary key, b varchar(768), foreign key (b) references t (b)) "
        f"collate={collation};\ninsert into p values ('{long[0]}', '{long[1]}'), ('short', null);"
    )

    if way == "load":
        report = tmp_path / "account.json"
        assert load(database, dump, "--report", report).exit_code == 1
        told = [one["reason"].rpartition("; ")[2] for one in json.loads(report.read_bytes())["untranslated"]]
        assert sorted(reason.split(",")[0] for reason in told) == [
            'PostgreSQL refuses it: there is no unique constraint matching given keys for referenced table "t"',
            "a hash index stands in its place",
            "an exclusion constraint keeps it unique",
            "an exclusion constraint keeps it unique",
            "no index stands in its place: one over md5() of these columns would",
        ]
    else:
        command.play(
            database, command.run("mysql-to-pg", "-q", "-", "--output", "-", stdin=dump.encode()).stdout
        )
    made = psql(database, "select indexdef from pg_indexes where tablename in ('t', 'p') order by indexname")
    found = [
        re.sub(r"\(+", "(", line.partition(" USING ")[2].partition("::")[0]) for line in made.splitlines()
    ]

    assert found == ["hash (a)", "hash (a)", 'btree ("left"(a)', "hash (b)", "btree (d)", "btree (id)"]
    assert psql(database, "select obj_description('t_a'::regclass)") == "by hash"
    with pytest.raises(AssertionError, match="violates exclusion constraint"):
        psql(database, "insert into t select 9, 'x', b from t where id = 0")


def test_a_table_of_more_columns_than_postgresql_has_is_named_before_anything_is_made(database: str) -> None:
    columns = ", ".join(f"c{number} int" for number in range(1601))
    dump = f"create table wide ({columns});"

    for done in (load(database, dump), command.run("inspect", "-", stdin=dump.encode())):
        command.failed(done, 2, "the table wide has 1,601 columns", "1,600 at most", "skip in --rules")
    assert load(database, dump.replace(", c1600 int", "")).exit_code == 0


def test_a_password_may_hold_any_sign(cluster: Cluster, database: str) -> None:
    """dimitri/pgloader#1653, #1197, #534"""
    psql(database, "create role at_sign superuser login password 'p@ss:w/o?r#d%41'")
    name = psql(database, "select current_database()")
    url = f"postgresql://at_sign:p%40ss%3Aw%2Fo%3Fr%23d%2541@127.0.0.1:{cluster.port}/{name}"
    assert load(url, SHOP).exit_code == 0
    assert psql(database, "select count(*) from shoe") == "3"
    psql(database, "drop owned by at_sign cascade; drop role at_sign")


def test_every_row_read_is_accounted_for(database: str, tmp_path: Path) -> None:
    """dimitri/pgloader#781, #886, #660"""
    account = tmp_path / "account.json"
    rows = ",".join(f"({n},'{'x' * (n % 9)}')" for n in range(5000))
    dump = f"create table t (n smallint, s varchar(7)); insert into t values {rows},(99999,''); create table e (n int);"
    done = load(
        database, dump, "--on-error", "reject", "--rejects", tmp_path / "r.jsonl", "--report", account
    )
    assert done.exit_code == 1
    told = {one["source"]: one for one in json.loads(account.read_bytes())["tables"]}
    too_long = len([n for n in range(5000) if n % 9 > 7])
    assert (told["t"]["rows_read"], told["t"]["rows_rejected"]) == (5001, too_long + 1)
    assert psql(database, "select count(*) from t") == str(told["t"]["rows_loaded"]) == str(5000 - too_long)
    assert told["e"]["rows_read"] == 0


def test_text_is_not_cut_at_a_nul(database: str, tmp_path: Path) -> None:
    """dimitri/pgloader#1573"""
    account = tmp_path / "account.json"
    dump = rb"create table t (a text); insert into t values ('before\0after');"
    assert load(database, dump, "--report", account).exit_code == 0
    assert psql(database, "select a from t") == "beforeafter"
    [loss] = json.loads(account.read_bytes())["lossy"]
    assert (loss["count"], loss["option"]) == (1, "--nul")


def test_equal_counts_are_not_taken_for_a_proof(database: str, tmp_path: Path) -> None:
    """Limetric/pgferry#63, dimitri/pgcopydb#147, mattermost/docs#9131"""
    dump = tmp_path / "shop.sql"
    dump.write_bytes(SHOP)
    assert command.load(database, dump).exit_code == 0
    psql(database, "update shoe set price = price + 0.01 where id = 1")
    done = command.run("verify", "--to", database, dump)
    assert done.exit_code == 1
    assert b"12.51" in done.stdout


def test_an_empty_table_keeps_nobody_waiting(database: str) -> None:
    """dimitri/pgloader#604"""
    assert load(database, "create table t (a int primary key);").exit_code == 0
    assert psql(database, "select count(*) from t") == "0"


def test_rows_of_one_statement_each_are_loaded_together(database: str) -> None:
    """AnatolyUss/nmig#44, dimitri/pgloader#1019"""
    rows = "".join(f"insert into t values ({n});\n" for n in range(3000))
    assert load(database, f"create table t (a int);\n{rows}").exit_code == 0
    assert psql(database, "select count(*), count(distinct xmin::text) from t") == "3000|1"


def test_defaults_of_every_form_arrive(database: str) -> None:
    """dimitri/pgloader#1280, #943, #533, #341, #1403, #1546; xfg0218/MySQL2PG#177"""
    dump = r"""create table t (id int, b0 bit(1) default b'0', b8 bit(8) default b'1010', flag tinyint(1) default '1',
      at timestamp(6) null default current_timestamp(6) on update current_timestamp(6), quoted varchar(20) default
      'it''s \\ "x"', introduced varchar(9) default _utf8mb3'ü', stripped varchar(9) default (_utf8mb3''), hexed
      varchar(9) default 0x41, bytes varbinary(9) default x'00ff', fixed binary(3) default 'a', word enum('x', 'y''z')
      default 'y''z', words set('p', 'q') default 'p,q', sum int default (1 + 2), code char(36) default (uuid()),
      doc json default (json_array()), span time default '-30:00:00', day date not null default '0000-00-00',
      amount decimal(8,2) default '-1.50');
      insert into t (id) values (1);"""
    assert load(database, dump).exit_code == 0
    assert psql(
        database, "select b0, b8, flag, quoted, introduced, stripped = '', hexed, bytes, fixed from t"
    ) == (r"""f|00001010|t|it's \ "x"|ü|t|A|\x00ff|\x610000""")
    assert psql(database, "select word, words, sum, length(code), doc, span, day, amount from t") == (
        "y'z|{p,q}|3|36|[]|-30:00:00||-1.50"
    )
    assert psql(database, "select now() - at < interval '1 hour' from t") == "t"


def test_rows_find_tables_and_columns_whatever_the_case_of_their_names(database: str) -> None:
    """dimitri/pgloader#1772, #703, #1172"""
    psql(database, 'create table "Users" ("ID" int, name text)')
    dump = "create table `USERS` (`Id` int, `NAME` text); insert into `USERS` (`NAME`,`Id`) values ('a',1);"
    assert load(database, dump, "--data-only").exit_code == 0
    assert psql(database, 'select "ID", name from "Users"') == "1|a"


def test_names_longer_than_63_bytes_stay_apart(database: str, tmp_path: Path) -> None:
    """dimitri/pgloader#353, Limetric/pgferry#230"""
    account = tmp_path / "account.json"
    long = "a" * 62
    dump = f"create table t (`{long}é` int, `{long}ê` int, key `{long}é` (`{long}é`), key `{long}ê` (`{long}ê`));"
    assert load(database, dump, "--report", account).exit_code == 0
    columns = psql(database, "select attname from pg_attribute where attrelid = 't'::regclass and attnum > 0")
    assert len(set(columns.splitlines())) == 2
    assert psql(database, "select count(*) from pg_indexes where tablename = 't'") == "2"
    became = {one["became"] for one in json.loads(account.read_bytes())["renamed"]}
    assert set(columns.splitlines()) <= became


def test_reserved_words_are_names_like_others(database: str) -> None:
    """dimitri/pgloader#1693, darold/ora2pg#822"""
    words = ["interval", "user", "order", "table", "analyse", "offset", "window", "limit", "check", "end"]
    listed = ", ".join(f"`{word}` int" for word in words)
    dump = f"create table `select` ({listed}, key `desc` (`user`)); insert into `select` values (1,2,3,4,5,6,7,8,9,10);"
    assert load(database, dump).exit_code == 0
    assert psql(database, 'select "interval", "end" from "select"') == "1|10"


def test_tables_land_in_public_and_not_in_a_schema_named_like_the_database(database: str) -> None:
    """dimitri/pgloader#594, #1641"""
    dump = "create database `shop`; use `shop`; create table t (a int); insert into t values (1);"
    assert load(database, dump).exit_code == 0
    assert (
        psql(database, "select table_schema from information_schema.tables where table_name = 't'")
        == "public"
    )


def test_generated_columns_are_generated(database: str) -> None:
    """dimitri/pgloader#1442, darold/ora2pg#1332"""
    dump = (
        "create table t (a int, twice int generated always as (`a` * 2) virtual, more int as (a + 1) stored);"
        "insert into t values (3, 6, 4);"
    )
    assert load(database, dump).exit_code == 0
    psql(database, "insert into t (a) values (10)")
    assert psql(database, "select * from t order by a") == "3|6|4\n10|20|11"


def test_tinyint_1_is_a_truth_value_when_its_rows_are(database: str, tmp_path: Path) -> None:
    """dimitri/pgloader#559, #198; AnatolyUss/nmig#13; keeps/dbptk-developer#323"""
    account = tmp_path / "account.json"
    dump = "create table t (a tinyint(1), b tinyint(1)); insert into t values (1, 0), (0, 2), (null, -128);"
    assert load(database, dump, "--report", account).exit_code == 0
    assert psql(database, COLUMNS.format("t")) == "a boolean, b smallint"
    assert psql(database, "select b from t order by b") == "-128\n0\n2"
    told = json.loads(account.read_bytes())["decisions"]
    assert {(one["column"], one["option"]) for one in told} == {("a", "--rules"), ("b", "--rules")}


def test_latin1_is_what_windows_calls_1252(database: str) -> None:
    """dimitri/pgloader#1368, #665; yugabyte/yb-voyager#243"""
    dump = b"set names latin1; create table t (a text) charset=latin1; insert into t values ('\x80 \x93\xe9\x94');"
    assert load(database, dump).exit_code == 0
    assert psql(database, "select a from t") == "€ “é”"


def test_a_wall_clock_stays_and_an_instant_keeps_its_zone(database: str, tmp_path: Path) -> None:
    """dimitri/pgloader#1439, #1196, #150, #189"""
    account = tmp_path / "account.json"
    dump = (
        "set time_zone = '+05:00'; create table t (wall datetime not null, moment timestamp not null);"
        "insert into t values ('2020-07-01 12:00:00', '2020-07-01 12:00:00'), ('0000-00-00', '2020-01-01 00:00:00');"
    )
    assert load(database, dump, "--report", account).exit_code == 0
    assert psql(database, "set timezone = 'UTC'; select wall, moment from t order by moment desc") == (
        "2020-07-01 12:00:00|2020-07-01 07:00:00+00\n|2019-12-31 19:00:00+00"
    )
    [loss] = json.loads(account.read_bytes())["lossy"]
    assert (loss["column"], loss["count"], loss["option"]) == ("wall", 1, "--zero-dates")


def test_shapes_arrive_with_and_without_postgis(database: str) -> None:
    """dimitri/pgloader#625, #656"""
    dump = (
        "create table t (a multipolygon, b polygon);"
        "insert into t values (st_geomfromtext('MULTIPOLYGON(((0 0,0 1,1 1,0 0)))'), null);"
    )
    assert load(database, dump).exit_code == 0
    assert psql(database, "select left(encode(a, 'hex'), 18), b is null from t") == "010600000001000000|t"


def test_views_and_procedures_arrive(database: str) -> None:
    """dimitri/pgloader#338, #1566; AnatolyUss/nmig#70"""
    dump = (
        "create table t (a int); insert into t values (1), (2); create view v as select sum(`a`) as `all` from `t`;\n"
        "delimiter ;;\ncreate procedure p(in n int) begin insert into t values (n); end;;\ndelimiter ;\n"
    )
    assert load(database, dump).exit_code == 0
    psql(database, "call p(40)")
    assert psql(database, 'select "all" from v') == "43"


HOSTILE = '"; drop schema public; --'


def test_hostile_names_and_values_do_nothing_but_arrive(database: str, tmp_path: Path) -> None:
    quoted = HOSTILE.replace("`", "``")
    values = ["\\\\.", "\\\\.\\n", "\\n\\\\.\\ndrop schema public cascade;\\n", "'; drop table x; --"]
    values += [
        "$$; select 1; $$",
        ":ROW_COUNT",
        "\\\\! touch hacked",
        "`id`",
        "%s%n",
        "{0}",
        "${HOME}",
        "\\\\copy x from program 'id'",
    ]
    listed = ",".join("(" + str(n) + ",'" + text.replace("'", "\\'") + "')" for n, text in enumerate(values))
    dump = (
        f"create table `{quoted}` (id int primary key, `{quoted}` text comment 'x''; drop schema public; --', "
        f"e enum('a''); drop schema public; --') default 'a''); drop schema public; --', key `{quoted}` (id)) "
        f"comment='''; drop schema public; --';\ninsert into `{quoted}` (id, `{quoted}`) values {listed};"
    )
    script = tmp_path / "script.sql"
    done = command.run("mysql-to-pg", "-q", "-", "--output", script, stdin=dump.encode())
    assert done.exit_code == 0, done
    assert load(database, dump, "--schema", "loaded").exit_code == 0
    command.play(database, script)
    name = HOSTILE.replace('"', '""')
    wanted = [text.replace("\\\\", "\\").replace("\\n", "\n") for text in values]
    for schema in ("public", "loaded"):
        found = psql(
            database, f'select json_agg("{name}" order by id), count(distinct e) from {schema}."{name}"'
        )
        texts, _, kinds = found.rpartition("|")
        assert (json.loads(texts), kinds) == (wanted, "1")
