"""SQL that people and other tools than mysqldump write."""

import json
from pathlib import Path

import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import carry_over, failed, load, play, run


def loaded(url: str, tmp_path: Path, sql: str, exit_code: int = 0) -> None:
    source = tmp_path / "source.sql"
    source.write_text(sql, encoding="utf-8")
    done = load(url, source)
    assert done.exit_code == exit_code, done.stderr


def told_of(url: str, tmp_path: Path, sql: str) -> dict[str, str]:
    """What the report says was left out, by its name, and why."""
    source, report = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(sql, encoding="utf-8")
    assert load(url, source, "--report", report).exit_code == 1
    return {one["name"]: one["reason"] for one in json.loads(report.read_bytes())["untranslated"]}


ITEM = """
create table item (id int not null auto_increment primary key, name varchar(20) default 'none', n int default 7);
"""


def test_rows_without_a_number_get_the_one_mysql_would_give(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        ITEM + "insert into item values (null, 'a', 1), (0, 'b', 2), (20, 'c', 3), (default, 'd', 4);"
        "insert into item (name) values ('e'); insert into item (n, id) values (5, NULL), (6, '3'), (7, default);"
        "insert item set name = 'h'; insert into item () values (), ();",
    )
    assert psql(database, "select id, name from item order by id").split() == [
        "1|a", "2|b", "3|none", "20|c", "21|d", "22|e", "23|none", "24|none", "26|h", "27|none", "28|none",
    ]  # fmt: skip


def test_commands_of_the_mysql_client_are_obeyed(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "tee lesson.txt\nstatus\ncreate table t (a varchar(9));\nselect * from t\\G\n"
        "insert into t values ('1\\\\g')\\g\ninsert into t values ('2') \\G insert into t values ('\\G')\\g\n"
        "update t set a = '3' where a = '2' \\G\n"
        "\\d $$\ncreate function f() returns int begin return 1; end$$\n\\d ;\ninsert into t values ('4');"
        "\\d//\ninsert into t values ('5')//",
    )
    assert psql(database, "select a from t order by 1").splitlines() == ["1\\g", "3", "4", "5", "G"]


@pytest.mark.parametrize(
    "last", ["/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;", "set sql_mode=@old_sql_mode;", "set @a=6/2;"]
)
def test_the_last_line_needs_no_newline(last: str, database: str, tmp_path: Path) -> None:
    saved = "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE */; create table t (a int); insert into t values (1);\n"
    loaded(database, tmp_path, saved + "set sql_mode=@old_sql_mode;" + last)
    assert psql(database, "select a from t") == "1"


@pytest.mark.parametrize(
    ("last", "rows"),
    [
        ("insert into t values (2), (3)", "1,2,3"),
        ("insert into t values (2), (3) -- and no more", "1,2,3"),
        ("insert into t set a = 2\n", "1,2"),
        ("update t set a = 5", "5"),
        ("insert into t values (2) on duplicate key update a = 3", "1,2"),
        ("delimiter //\ncreate function f() returns int begin return 1; end", "1"),
    ],
)
def test_the_last_statement_needs_no_delimiter_and_is_told_of(
    last: str, rows: str, database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text("create table t (a int); insert into t values (1); " + last, encoding="utf-8")
    assert load(database, "--report", account, source).exit_code == 1
    assert psql(database, "select string_agg(a::text, ',' order by a) from t") == rows
    [told] = json.loads(account.read_bytes())["untranslated"]
    assert told["reason"].startswith("it ends without a delimiter")


def test_a_table_alone_needs_no_delimiter(database: str, tmp_path: Path) -> None:
    loaded(database, tmp_path, "create table t (a int)", exit_code=1)
    assert psql(database, "select count(*) from t") == "0"


@pytest.mark.parametrize(
    "last",
    ["insert into t values", "insert into t values (2),", "insert into t values (2", "create table u (a"],
)
def test_a_last_statement_without_its_end_is_refused(last: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text("create table t (a int); insert into t values (1); " + last, encoding="utf-8")
    failed(run("mysql-to-pg", "-q", "--output", tmp_path / "script.sql", source), 2, "cut off")


def test_a_zero_is_a_number_when_the_session_says_so(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "set sql_mode = 'NO_AUTO_VALUE_ON_ZERO';" + ITEM + "insert into item values (0, 'a', 1);",
    )
    assert psql(database, "select id from item") == "0"


NUMBERED = """create table {t} (id int auto_increment primary key, a varchar(9));
insert into {t} values {rows};
insert into {t} (a) values ('left'), ('out');
insert into {t} set a = 'set';
"""
NUMBERS = "(default, 'a')", "(null, 'a')", "(0, 'a')", "('0', 'a')", "('', 'a')", "('x', 'a')"
BEFORE = "(20, 'p'), ", "(null, 'o'), (20, 'p'), (null, 'q'), (-3, 'm'), (31, 'r'), (2, 's'), "


@pytest.mark.parametrize("mode", ["", "STRICT_ALL_TABLES", "NO_AUTO_VALUE_ON_ZERO"])
def test_rows_are_given_the_numbers_that_mariadb_gives_them(
    mode: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    values = NUMBERS[:4] if mode.startswith("STRICT") else NUMBERS  # others it refuses
    cases = [*values, *(before + value for before in BEFORE for value in values), "()"]
    sql = f"set sql_mode = '{mode}';\n"
    sql += "".join(NUMBERED.format(t=f"t{number}", rows=rows) for number, rows in enumerate(cases))
    loaded(database, tmp_path, sql)
    mariadb.execute("create or replace database numbering")
    mariadb.execute(*sql.split(";\n")[:-1], database="numbering")
    for number, rows in enumerate(cases):
        query = f"select concat(id, coalesce(a, '')) from t{number} order by id"
        theirs = [row for (row,) in mariadb.execute(query, database="numbering")]
        assert psql(database, query).split("\n") == theirs, rows


@pytest.mark.parametrize("mode", ["", "STRICT_ALL_TABLES"])
@pytest.mark.parametrize("way", ["server", "script"])
def test_null_in_a_timestamp_that_holds_none_is_the_time_as_in_mariadb(
    mode: str, way: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    statements = [
        f"set sql_mode = '{mode}'",
        "set time_zone = '+05:00'",
        "create table moment (id int, t timestamp(3) not null default '2020-01-01', u timestamp null)",
        "insert into moment values (1, null, null), (2, '2020-01-02', '2020-01-02')",
    ]
    source.write_text(";\n".join(statements) + ";")
    carry_over(way, database, source)
    mariadb.execute("create or replace database moments")
    mariadb.execute(*statements, database="moments")
    asked = "select id, u is null, abs(unix_timestamp() - unix_timestamp(t)) < 999 from moment order by id"
    theirs = mariadb.execute(asked, database="moments")
    asked = (
        "select id, (u is null)::int, (abs(extract(epoch from now() - t)) < 999)::int from moment order by id"
    )
    assert psql(database, asked).splitlines() == ["|".join(map(str, row)) for row in theirs]


def test_numbers_begin_where_the_table_says(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (id int auto_increment primary key, a int) auto_increment = 9; insert into t (a) values (1);"
        "truncate table t; insert into t (a) values (2);",
    )
    assert psql(database, "select * from t") == "1|2"  # an emptied table forgets it


def test_keys_and_counters_may_come_after_the_rows_as_from_phpmyadmin(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        """
        CREATE TABLE `t` (`id` int(11) NOT NULL, `mail` varchar(40) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
        INSERT INTO `t` (`id`, `mail`) VALUES (3, 'a@example.org'), (5, 'b@example.org');
        ALTER TABLE `t` ADD PRIMARY KEY (`id`), ADD UNIQUE KEY `mail` (`mail`);
        ALTER TABLE `t` MODIFY `id` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=12;
        """,
    )
    assert psql(database, "insert into t (mail) values ('c@example.org') returning id") == "12"
    assert psql(database, "select count(*) from pg_index where indrelid = 't'::regclass") == "2"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'a' 'b' \"c\"", "abc"),
        ("concat('a', 1, char(66, 0x43), unhex('44'))", "a1BCD"),
        ("_latin1 0x63e9", "cé"),
        ("N'n'", "n"),
        ("cast('1' as char(3))", "1"),
        ("from_base64('aGVsbG8=')", "hello"),
        ("repeat('ab', 3)", "ababab"),
        ("md5('a')", "0cc175b9c0f1b6a831c399e269772661"),
        ("from_unixtime(86399)", "1970-01-02 01:59:59"),
        ("ifnull(null, upper('x'))", "X"),
        ("json_object('a', 1)", '{"a": 1}'),
        ("'2020-01-31' + interval 1 month", "2020-02-29"),
        ("date_sub('2020-03-01 00:00:00', interval 90 minute)", "2020-02-29 22:30:00"),
        ("str_to_date('31.12.2019 23:59', '%d.%m.%Y %H:%i')", "2019-12-31 23:59:00"),
        ("concat('INV-', year('2020-02-03'), '-', day('2020-02-03'))", "INV-2020-3"),
        ("unhex(replace('61-62', '-', ''))", "ab"),
        ("if(1 - 1, 'a', left('bçd', 2))", "bç"),
        ("concat(round(2.345, 2), floor(-1.5), '')", "2.35-2"),
        ("{ts '2020-02-03 04:05:06'}", "2020-02-03 04:05:06"),
        ("default", "its default"),
        ("( - 1.5e3 )", "-1500"),
        ("date'2020-02-03'", "2020-02-03"),
        ("concat('a', null)", ""),
    ],
)
def test_expressions_that_are_constant_are_computed(
    expression: str, value: str, database: str, tmp_path: Path
) -> None:
    loaded(
        database,
        tmp_path,
        "set time_zone = '+02:00'; create table t (a varchar(80) default 'its default');"
        f"insert into t values ({expression});",
    )
    assert psql(database, "select a from t") == value


def test_rows_may_leave_generated_columns_out_as_from_phpmyadmin(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        """
        CREATE TABLE t (a int, g int AS (a + 1) STORED, b varchar(9));
        INSERT INTO t VALUES (1, 'x),(y'), (2, 'z\\'');
        INSERT INTO t VALUES (3, DEFAULT, 'w');
        """,
    )
    assert psql(database, "select * from t order by a").splitlines() == ["1|2|x),(y", "2|3|z'", "3|4|w"]


def test_the_clock_is_that_of_the_session(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "set time_zone = '-05:00'; create table t (a timestamp, b datetime, c varchar(36));"
        "insert into t values (now(), utc_timestamp(), uuid());",
    )
    assert (
        psql(
            database,
            "select now() - a between '-1 s' and '1 min', now() at time zone 'utc' - b between '-1 s' and '1 min',"
            "c::uuid is not null from t",
        )
        == "t|t|t"
    )


@pytest.mark.parametrize("way", ["server", "script"])
def test_a_moment_is_meant_in_the_time_zone_that_holds_where_it_stands(
    way: str, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    zones = [f"+{hour % 13:02}:00" for hour in range(40)]
    rows = (f"set time_zone = '{zone}'; insert into t values ('2020-01-02 12:00:00');" for zone in zones)
    changed = (
        "set time_zone = '+09:00'; update t set a = '2020-01-03 12:00:00' where a < '2020-01-02 10:00:00';"
    )
    source.write_text("create table t (a timestamp);" + "".join(rows) + changed)
    carry_over(way, database, source)
    hours = [12 - int(zone[1:3]) for zone in zones]  # in UTC; what is before 1 o'clock is changed
    wanted = sorted(
        f"2020-01-02 {hour:02}:00:00+00" if hour > 0 else "2020-01-03 03:00:00+00" for hour in hours
    )
    assert psql(database, "set timezone = 'UTC'; select a from t order by a").splitlines() == wanted


def test_a_computed_value_is_held_as_its_column_holds_it(database: str, tmp_path: Path) -> None:
    moment = "timestamp('2020-01-02 03:04:05.678')"
    loaded(
        database,
        tmp_path,
        "create table t (d date, t time, s datetime, m datetime(2), y year, q decimal(12, 9),"
        "l varchar(9) charset latin1, c varchar(9));"
        f"insert into t values ({', '.join([moment] * 5)}, 1 / 3, unhex('e9'), concat(1 / 3));"
        "set sql_mode = 'PIPES_AS_CONCAT'; insert into t (d, l) values (now(), 'a' || char(233) || 'b' || 1);",
    )
    assert psql(database, "select * from t where t is not null") == (
        "2020-01-02|03:04:06|2020-01-02 03:04:06|2020-01-02 03:04:05.68|2020|0.333333333|é|0.3333"
    )
    assert psql(database, "select l from t where d > '2020-01-02'") == "aéb1"


def test_a_moment_may_say_its_time_zone(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "set time_zone = '+03:00'; create table t (a timestamp(1) null, d datetime); insert into t values"
        "('2020-01-01 10:00:00+02:00', '2020-1-1 23:00:00.25-05:30'), ('2020-01-01 10:00:00', '2020-01-01T10:00:00');",
    )
    assert psql(database, "select a at time zone 'UTC', d from t order by a desc").splitlines() == [
        "2020-01-01 08:00:00|2020-01-02 07:30:00", "2020-01-01 07:00:00|2020-01-01 10:00:00",
    ]  # fmt: skip


def test_a_moment_with_an_offset_is_told_in_a_zone_that_has_a_name(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "set time_zone = 'Europe/Berlin'; create table t (a timestamp null, d datetime);"
        "insert into t values ('2020-07-01 10:00:00+00:00', '2020-01-01 10:00:00-01:00');",
    )
    assert (
        psql(database, "select a at time zone 'UTC', d from t") == "2020-07-01 10:00:00|2020-01-01 12:00:00"
    )


def test_shapes_written_as_text_become_wkb(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (id int, g geometry); insert into t values"
        "(1, ST_GeomFromText('POINT(1 2)')), (2, geomfromtext('LINESTRING (1 2,3 4)')), (3, point(1, 2)),"
        "(4, ST_GeomFromText('MULTIPOINT((1 2),(3 4))')), (5, st_geomfromtext('POINT(48 2)', 4326)),"
        "(6, ST_PolygonFromText('POLYGON((0 0,1 0,1 1,0 0))', SRID(`g`))),"
        "(7, ST_GeomFromText('GEOMETRYCOLLECTION EMPTY'));",
    )
    point = "0101000000000000000000f03f0000000000000040"
    assert psql(database, "select encode(g, 'hex') from t where id in (1, 3)") == f"{point}\n{point}"
    lengths = psql(database, "select length(g) from t order by id").split()
    assert lengths == ["21", "41", "21", "51", "25", "77", "9"]
    # MySQL keeps longitude first, whatever the text's order; EWKB names the SRID.
    assert psql(database, "select encode(g, 'hex') from t where id = 5") == (
        "0101000020e6100000" + "0000000000000040" + "0000000000004840"
    )


def test_an_expression_that_needs_a_server_is_named_with_its_place(tmp_path: Path, database: str) -> None:
    source = tmp_path / "source.sql"
    source.write_text("create table t (a int); insert into t values ((select max(a) from u));")
    failed(
        load(database, source),
        2,
        f"{source}: the row of t at byte 45",
        "select max(a) from u",
        "write its value",
    )


def test_tables_are_emptied_when_the_source_says_so(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table a (i int); insert into a values (1); truncate a; insert into a values (2); DELETE FROM `a`;"
        "insert into a values (3); create table b (i int); insert into b values (1); delete from b;",
    )
    assert psql(database, "select array(table a), array(table b)") == "{3}|{}"


@pytest.mark.parametrize(
    "statement",
    [
        "insert into t select a from u",
        "update t set a = benchmark(a, 1)",
        "delete from t where a in (select a from u)",
        "call p()",
    ],
)
def test_what_only_a_server_can_do_is_said(statement: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(f"create table t (a int); insert into t values (1);\n{statement};")
    done = run("inspect", "--json", source)
    assert done.exit_code == 1
    assert [missing["sql"] for missing in done.account["untranslated"]] == [statement]


def test_a_table_is_not_defined_anew_when_it_exists(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (a int); create table if not exists t (b int); insert into t values (1);",
    )
    assert psql(database, "select a from t") == "1"


def test_use_needs_no_semicolon(database: str, tmp_path: Path) -> None:
    loaded(
        database, tmp_path, "use shop\ncreate table t (a int);\nUSE `shop` ;insert into shop.t values (1);"
    )
    assert psql(database, "select a from t") == "1"


def test_comments_may_stand_anywhere(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "# one\n-- two\n/* three; */ create /* four */ table t ( -- five's\n a int # six\n);\n"
        "insert /* seven */ into t -- eight\n values /* nine */ (/* ten */ 1 /* 11 */) , -- 12 (3)\n(2) # end;\n;",
    )
    assert psql(database, "select * from t order by 1") == "1\n2"


def test_what_mysql_refuses_is_named_and_everything_else_arrives(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table twice (a int, A int); insert into twice values (1, 2);"
        "create table lost (a int, constraint c foreign key (b) references t (a)); insert into lost values (1), (2);"
        "alter table nowhere add key (a); create table t (a int); insert into t values (5);"
        "alter table t add d int after gone;"
        "create table t (b varchar(9)); insert into nowhere values (1);"
    )
    done = load(database, source, "--report", account)
    assert done.exit_code == 1, done.stderr
    report = json.loads(account.read_bytes())
    assert {one["source"]: (one["rows_loaded"], one["rows_rejected"]) for one in report["tables"]} == {
        "twice": (0, 1), "lost": (0, 2), "t": (1, 0), "nowhere": (0, 1),
    }  # fmt: skip
    named = "\n".join(f"{one['kind']} {one['name']}: {one['reason']}" for one in report["untranslated"])
    for words in (
        "column a twice",
        "names the column b",
        "nowhere is altered",
        "no column gone",
        "t is there already",
        "rows nowhere",
    ):
        assert words in named
    assert psql(database, "select * from t") == "5"


def test_a_source_of_which_nothing_can_be_used_is_refused(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(
        "--\n-- PostgreSQL database dump\n--\nSET statement_timeout = 0;\nCREATE TABLE t (a int);\n"
    )
    failed(load(database, source), 2, "source.sql: this is not a MySQL dump: it is a dump of PostgreSQL")
    source.write_text('<?xml version="1.0"?>\n<pma_xml_export version="1.0">\n')
    failed(
        load(database, source),
        2,
        "source.sql: this is not a MySQL dump: it is XML of phpMyAdmin",
        "export SQL",
    )


def test_a_file_that_is_no_dump_of_mysql_does_not_keep_others_from_loading(
    database: str, tmp_path: Path
) -> None:
    (tmp_path / "a.sql").write_text("-- PostgreSQL database dump\nSET x = 0;\n")
    (tmp_path / "b.sql").write_text("create table t (a int); insert into t values (5);")
    assert load(database, tmp_path / "a.sql", tmp_path / "b.sql").exit_code == 1
    assert psql(database, "select * from t") == "5"


def test_statements_up_to_another_delimiter_are_taken_apart_at_semicolons(
    database: str, tmp_path: Path
) -> None:
    loaded(
        database,
        tmp_path,
        "delimiter //\nset @mode = ''; create table `trigger` (a int) comment 'of a procedure';"
        "insert into `trigger` values (1); insert into `trigger` values (2)//\n"
        "create function f() returns int begin declare x int default 3; return x; end//\n"
        "create table u (a int); insert into u values (7);",
    )
    assert psql(database, "select * from trigger; select * from u; select f()").split() == [
        "1",
        "2",
        "7",
        "3",
    ]


def test_a_line_of_dashes_between_statements_is_a_comment(database: str, tmp_path: Path) -> None:
    loaded(
        database, tmp_path, "-------\n--\ncreate table t (a int, b int, primary key (a, b desc));\n----x;\n"
    )
    assert psql(database, "select indisprimary from pg_index where indrelid = 't'::regclass") == "t"


def test_keys_without_a_name_over_the_same_columns_are_all_made(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (a int, b int, primary key (a, b) clustered, key (a, b), unique (a, b));",
    )
    assert psql(database, "select count(*) from pg_index where indrelid = 't'::regclass") == "3"


def test_a_truth_value_whose_default_is_two_is_a_number(database: str, tmp_path: Path) -> None:
    loaded(
        database, tmp_path, "create table t (a int, b tinyint(1) default 2); insert into t (a) values (1);"
    )
    assert psql(database, "select b from t") == "2"


def test_numbers_with_more_digits_than_their_column_are_rounded_as_in_mysql(
    database: str, tmp_path: Path
) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (a int, b decimal(8,2), c decimal);"
        "insert into t values (1, 1.005, 2.5), (2, -99.995, -0.4), (3, 1.10, 7);",
    )
    assert psql(database, "select b, c from t order by a").split() == ["1.01|3", "-100.00|0", "1.10|7"]


def test_short_strings_of_a_fixed_length_are_what_mysql_gives_back(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (a int, b binary(3), c char(5), v varbinary(3));"
        "insert into t values (1, 'ab', 'x  ', 'ab'), (2, 0x41, 'x' ' y ', 0x41), (3, '', '  ', ''), (4, 12, 7, 12);",
    )
    assert psql(database, "select b, '<' || c || '>', v from t order by a").splitlines() == [
        r"\x616200|<x>|\x6162", r"\x410000|<x y>|\x41", r"\x000000|<>|\x", r"\x313200|<7>|\x3132",
    ]  # fmt: skip


def test_members_may_be_written_as_numbers_and_be_listed_twice(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (a int, e enum('x', '', 'y', 'x', '') not null, s set('p', 'q', 'r') not null);"
        "insert into t values (1, 3, 5), (2, 'x', 0), (3, '', 'q');",
    )
    assert psql(database, "select e, s from t order by a").splitlines() == ["y|{p,r}", "x|{}", "|{q}"]


def test_members_end_without_their_blanks(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (e enum('a ', 'b'), s set('x  ', 'y')); insert into t values ('a', 'x,y'), ('a ', 'y');",
    )
    assert psql(database, "select e, s from t order by s") == "a|{x,y}\na|{y}"


@pytest.mark.parametrize("mode", ["", "STRICT_ALL_TABLES"])
def test_members_of_any_length_are_found_as_mariadb_finds_them(
    mode: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    members = f"enum('{'long' * 20} ', 'b ', 'c,d', 'c', 'e\\\\f')"
    statements = [
        f"set sql_mode = '{mode}'",
        f"create table member (id int, e {members} default 'B', f enum('x ', 'y,') not null default 'x ')",
        "insert into member values (1, 'b ', 'X'), (2, 'B', 'y, '), (3, 'c,D', 1), (4, 'e\\\\f', 2), (5, 4, 'x')",
        "insert into member (id) values (6)",
        "insert into member values (7, default, default)",
    ]
    statements += ["insert into member values (8, 'x', 'y,')"] * (not mode)
    loaded(database, tmp_path, ";\n".join(statements) + ";", exit_code=0 if mode else 1)  # '' passes no check
    mariadb.execute("create or replace database membership")
    mariadb.execute(*statements, database="membership")
    query = "select concat(id, e, f) from member order by id"
    theirs = [row for (row,) in mariadb.execute(query, database="membership")]
    assert psql(database, query).split("\n") == theirs


def test_a_default_that_is_no_member_is_dropped_and_the_report_says_so(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table t (id int primary key, e enum('a','b') default 'z', s set('a','b') default 'a,z',"
        " o enum('a','b') not null default '', f enum('a','b') default 'B');"
        "insert into t (id) values (1); insert into t values (2, 'b', 'b', 'b', 'a');"
    )
    assert load(database, source, "--report", account).exit_code == 0
    assert psql(database, "select id, e, s, o, f from t order by id").splitlines() == [
        "1||||b",
        "2|b|{b}|b|a",
    ]
    report = json.loads(account.read_bytes())
    assert [(one["column"], one["sample"]) for one in report["lossy"]] == [("e", "z"), ("s", "a,z")]
    assert "the empty string" in next(one["what"] for one in report["decisions"] if one["column"] == "o")


def test_a_default_of_no_bits_is_what_mariadb_takes_it_for(
    mariadb: Server, database: str, tmp_path: Path
) -> None:
    table = (
        "create table bare (id int, bits bit(3) default b'', number int default b'', word varchar(3) default b'',"
        " octets varbinary(3) default b'')"
    )
    row = "insert into bare (id) values (1)"
    loaded(database, tmp_path, f"{table};\n{row};")
    mariadb.execute("create or replace database nothing")
    mariadb.execute(table, row, database="nothing")
    [theirs] = mariadb.execute("select bits + 0, number, word, hex(octets) from bare", database="nothing")
    ours = psql(database, "select bits::int, number, word, encode(octets, 'hex') from bare")
    assert ours == "|".join(map(str, theirs)) == "0|0||"


def test_a_truth_value_written_in_hexadecimal_may_be_a_number(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (a tinyint(1), b tinyint(1)); insert into t values (0x1, 0x7), (b'0', b'11');",
    )
    assert psql(database, "select a, b from t order by b").splitlines() == ["f|3", "t|7"]


def test_a_primary_key_with_a_zero_date_becomes_a_unique_one(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (d date not null primary key, n int);"
        "insert into t values ('0000-00-00', 1), ('2020-01-01', 2);",
    )
    assert psql(database, "select n from t where d is null") == "1"
    assert (
        psql(database, "select indisunique, indisprimary from pg_index where indrelid = 't'::regclass")
        == "t|f"
    )


def test_rows_behind_a_semicolon_are_read_under_another_delimiter_too(database: str) -> None:
    dump = b"""create table t (a int primary key, b varchar(9));
delimiter ;;
insert into t (a) values (1) on duplicate key update a = 2; insert into t (a) values (3);;
insert into t (a) values (4) on duplicate key update b = '; ;;';;
delimiter ;
insert into t (a) values (5);
"""
    assert load(database, "-", stdin=dump).exit_code == 0
    assert psql(database, "select a from t order by a") == "1\n3\n4\n5"


def test_rows_may_leave_out_what_mysql_fills_in_without_strict_mode(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (id int primary key, a text not null, n int not null, e enum('p','q') not null,"
        "d datetime not null, z timestamp not null default '0000-00-00 00:00:00', b binary(2) not null,"
        "s set('x') not null, k tinyint(1) not null);"
        "insert into t (id) values (1); insert into t values (2,'a',1,'q',now(),now(),'ab','x',1);",
    )
    assert psql(database, "select a, n, e, d, z, b, s, k from t where id = 1") == r"|0|p|||\x0000|{}|f"
    assert psql(database, "select count(*) from pg_attrdef where adrelid = 't'::regclass") == "0"


def test_a_default_with_nul_characters_loses_them_and_the_report_says_so(
    database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text("create table t (a int, b varchar(6) default x'610062'); insert into t (a) values (1);")
    assert load(database, source, "--report", account).exit_code == 0
    assert psql(database, "select b from t") == "ab"
    assert "NUL" in json.loads(account.read_bytes())["lossy"][0]["what"]


def test_arithmetic_is_done_wherever_it_stands(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (a int, b varchar(20), c decimal(9,4), d double);"
        "insert into t values (4/2, 1+1, 10/4, 1e+2), (7 % 4, 9-12, (1 + 2) * 3, 1e-2), (5/2, 2 * 3, 1/0, -1);",
    )
    assert psql(database, "select * from t").split() == ["2|2|2.5000|100", "3|-3|9.0000|0.01", "3|6||-1"]


CHANGES = """
create table t (id int not null auto_increment primary key, name varchar(20), n int, ok tinyint(1), at timestamp null);
insert into t (name, n, ok) values ('a', 1, 0), ('b', 2, 1), ('c', 3, 1), ('d', 4, 0);
set time_zone = '+02:00';
UPDATE t SET name = "it's \\"new\\"", n = n + 10, ok = 1, at = '2020-01-01 00:00:00' WHERE id = 1;
DELETE FROM t WHERE id IN (2, 3);
insert into t (name, n) values ('e', 5);
create table u (id int primary key, name varchar(20));
insert into u select id, upper(name) from t where n > 4;
insert into u values (99, 'z');
update u set name = concat(name, '!') where id = 99;
"""


def test_statements_that_change_rows_are_carried_out_in_their_turn(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(CHANGES)
    done = load(database, source, "--report", account)
    assert done.exit_code == 0, done.stderr
    assert psql(database, "set timezone = 'utc'; select * from t order by id").split("\n") == [
        """1|it's "new"|11|t|2019-12-31 22:00:00+00""", "4|d|4|f|", "5|e|5||",
    ]  # fmt: skip
    assert psql(database, "select * from u order by id").split("\n") == ['1|IT\'S "NEW"', "5|E", "99|z!"]
    counted = [
        tuple(table[f"rows_{what}"] for what in ("read", "loaded", "filtered"))
        for table in json.loads(account.read_bytes())["tables"]
    ]
    assert counted == [(5, 3, 2), (3, 3, 0)]


def test_the_script_carries_them_out_too(database: str, tmp_path: Path) -> None:
    source, script = tmp_path / "source.sql", tmp_path / "script.sql"
    source.write_text(CHANGES)
    assert run("mysql-to-pg", "--quiet", "--output", script, source).exit_code == 0
    play(database, script)
    assert psql(database, "select count(*) from t; select string_agg(name, ',' order by id) from u") == (
        '3\nIT\'S "NEW",E,z!'
    )


def test_what_a_statement_makes_fit_is_told(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "set sql_mode = ''; create table t (n tinyint); insert into t values (1); update t set n = 300;"
    )
    assert load(database, source, "--report", account).exit_code == 0
    [told] = json.loads(account.read_bytes())["lossy"]
    assert (told["column"], told["sample"]) == ("n", "300")


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("update t set ok = 5 where id = 1", "a truth value"),
        ("update t set ok = ok + id", "a truth value"),
        ("create table w (n tinyint); insert into w values (99); update w set n = n + 99", "out of range"),
        ("delete from t where id = nope(3)", "nope"),
        ("update t set id = 'x7'", "does not fit"),
        ("insert into t select null, 1", "violates not-null"),
    ],
)
def test_a_change_that_cannot_be_made_is_named_with_its_reason(
    statement: str, why: str, database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table t (id int primary key, ok tinyint(1)); insert into t values (1, 1);"
        "create table u (t_id int, foreign key (t_id) references t (id) on update cascade);"
        f"{statement};"
    )
    assert load(database, source, "--report", account).exit_code in (0, 1)
    assert psql(database, "select * from t") == "1|t"
    [named] = json.loads(account.read_bytes())["untranslated"]
    assert why in named["reason"]


def test_tables_that_all_refer_to_each_other_do_not_wait_for_each_other(
    database: str, tmp_path: Path
) -> None:
    names = [f"t{number}" for number in range(12)]
    source = tmp_path / "source.sql"
    source.write_text(
        "set foreign_key_checks = 0;"
        + "".join(
            f"create table {name} (id int primary key, "
            + ", ".join(f"{o}_id int, foreign key ({o}_id) references {o} (id)" for o in names if o != name)
            + f"); insert into {name} (id) values (1);"
            for name in names
        ),
        encoding="utf-8",
    )
    assert load(database, "--jobs", "8", source).exit_code == 0
    made = "select count(*) from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace"
    assert psql(database, made) == str(12 * 11)


def test_a_temporary_table_is_read_from_and_not_kept(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (a int); create temporary table x (a int, b int); insert into x values (1, 2), (3, 4);"
        "insert into t select a + b from x;",
    )
    assert psql(database, "select * from t order by a").split() == ["3", "7"]
    assert psql(database, "select to_regclass('x') is null") == "t"


def test_a_row_that_is_changed_says_when(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (a int primary key, b int, c timestamp null on update current_timestamp);"
        "insert into t values (1, 1, null), (2, 2, null), (3, 3, null); update t set b = 5 where a = 1;"
        "insert into t values (2, 7, null) on duplicate key update b = values(b);",
    )
    assert psql(database, "select a, b, c > now() - interval '1 hour' from t order by a").split() == [
        "1|5|t", "2|7|t", "3|3|",
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["source rows.dump ;", "SOURCE rows.dump", "\\. rows.dump"])
@pytest.mark.parametrize("named", ["the file", "the folder"])
def test_files_that_a_file_includes_are_read_in_their_place(
    command: str, named: str, database: str, tmp_path: Path
) -> None:
    (tmp_path / "all.sql").write_text(
        f"create table t (a int auto_increment primary key);\n{command}\ninsert into t values (null); -- the last\n"
    )
    (tmp_path / "rows.dump").write_text("insert into t values (7), (9);")
    (tmp_path / "more.sql").write_text("source all.sql\n")
    source = tmp_path / "all.sql" if named == "the file" else tmp_path
    assert load(database, source).exit_code == 0
    assert psql(database, "select a from t order by a").split() == ["7", "9", "10"]


def test_a_file_that_is_included_and_not_there_is_named(database: str, tmp_path: Path) -> None:
    loaded(database, tmp_path, "create table t (a int);\nsource rows.sql\nsource source.sql\n", exit_code=1)


def test_tables_have_the_character_set_of_their_database(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create database d character set latin1; use d; create table t (a varchar(9), b varchar(9) charset utf8);"
        "insert into t values (0xe9, 0xc3a9); alter database default character set = utf8mb4;"
        "create table u (a varchar(9)); insert into u values (0xc3a9); alter table u convert to character set cp1251;"
        "insert into u values (0xe9);",
    )
    assert psql(database, "select a || b from t; select a from u order by 1").split() == ["éé", "é", "й"]


def test_an_invisible_column_is_left_out_by_rows_that_name_none(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table t (a int, b int invisible default 5, c int, d int not null invisible);"
        "insert into t values (1, 2); insert into t (a, b, c, d) values (3, 4, 5, 6);"
    )
    assert load(database, source, "--report", account).exit_code == 0
    assert psql(database, "select * from t order by a").split() == ["1|5|2|0", "3|4|5|6"]
    named = [(one["column"], "invisible" in one["what"]) for one in json.loads(account.read_bytes())["lossy"]]
    assert named == [("b", True), ("d", True)]


def test_a_period_is_named_as_what_it_becomes(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table t (id int, s date, e date, period for p(s, e), unique (id, p without overlaps));"
        "insert into t values (1, '2020-01-01', '2020-02-01');"
    )
    assert load(database, source, "--report", account).exit_code == 1
    assert psql(database, "select count(*) from t") == "1"
    report = json.loads(account.read_bytes())
    assert "the period p (s, e) is two columns" in report["lossy"][0]["what"]
    assert [one["kind"] for one in report["untranslated"]] == ["index"]


def test_keys_over_periods_say_what_nothing_keeps(database: str, tmp_path: Path) -> None:
    told = told_of(
        database,
        tmp_path,
        "create table t (id int, s date, e date, period for p(s, e), primary key (id, p without overlaps));",
    )
    assert told["public.t.primary key"].startswith("nothing keeps spans of p apart")


def test_versioned_rows_may_leave_out_their_period(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    period = "generated always as row"
    source.write_text(
        f"create table t (id int, s timestamp(6) {period} start invisible, e timestamp(6) {period} end invisible, "
        "primary key (id, e), period for system_time (s, e)) with system versioning; insert into t (id) values (1);"
        f"create table n (id int, s bigint unsigned {period} start, e bigint unsigned {period} end,"
        "primary key (id, e), period for system_time (s, e)) with system versioning;"
        "insert into n values (1, 47, 18446744073709551615);"
    )
    assert load(database, source).exit_code == 1
    psql(database, "insert into t (id) values (2); insert into n (id) values (2)")
    assert (
        psql(database, "select bool_and(s < now() and e > '2038-01-19 03:14:07Z'), count(*) from t") == "t|2"
    )
    assert psql(database, "select min(s), min(e) from n") == "0|18446744073709551615"


def test_a_default_beyond_its_columns_first_type_widens_it(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (id int, n bigint unsigned not null default '18446744073709551615');"
        "insert into t (id) values (1);",
    )
    assert psql(database, "select n from t") == "18446744073709551615"


def test_tables_that_only_show_rows_of_others_are_named(database: str, tmp_path: Path) -> None:
    told = told_of(
        database,
        tmp_path,
        "create table a (n int) type=MyISAM; insert into a values (1);"
        "create table both (n int) type=MRG_MyISAM union=(a); create table c (n int) union=(a) engine=merge;"
        "create table far (n int) engine=FEDERATED connection='mysql://u:secret@h/d/t';",
    )
    assert [name for name in told if "make it a view" in told[name]] == [
        "public.both",
        "public.c",
        "public.far",
    ]


def test_a_package_and_its_body_are_handed_over(database: str, tmp_path: Path) -> None:
    source, report = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table t (n int); set sql_mode = oracle;\ndelimiter //\ncreate package gone as procedure p; end //\n"
        'create package "p" as procedure q; end //\ncreate package body "p" as procedure q as begin null; end; end //\n'
        "create package body gone as procedure p as begin null; end; end //\ndrop package body gone //\n"
        "drop package if exists gone //\n"
    )
    assert load(database, source, "--report", report).exit_code == 1
    left = json.loads(report.read_bytes())["untranslated"]
    assert [(one["kind"], one["name"]) for one in left] == [("package", "p"), ("package body", "p")]


def test_vectors_are_kept_as_their_bytes_and_named(database: str, tmp_path: Path) -> None:
    source, report = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table t (id int primary key, v vector(2) not null, vector key k (v) `M`=8 `DISTANCE`=cosine);"
        "create table u (v vector(2) not null); create vector index k on u (v) M=8;"
        "insert into t values (1, VEC_FromText('[1, 2.5]')), (2, string_to_vector('[0,-1e0]'));"
    )
    assert load(database, source, "--report", report).exit_code == 1
    assert psql(database, "select v from t order by id").split() == [
        r"\x0000803f00002040",
        r"\x00000000000080bf",
    ]
    account = json.loads(report.read_bytes())
    assert ["a vector became its bytes" in one["what"] for one in account["lossy"]] == [True, True]
    assert [one["kind"] for one in account["untranslated"]] == ["index", "index"]


def test_counters_at_the_end_of_their_types_stay_there(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table a (id int auto_increment primary key) auto_increment=2147483647;"
        "insert into a values (2147483647);"
        "create table b (id smallint auto_increment primary key); insert into b values (32766);"
        "create table c (id bigint unsigned auto_increment primary key) auto_increment=18446744073709551614;",
    )
    psql(database, "insert into b default values")
    assert psql(database, "select max(id) from b") == "32767"
    for table in ("a", "b", "c"):
        asked = f"select last_value, is_called from {table}_id_seq"
        assert psql(database, asked).endswith("7|t")


def test_a_rollback_is_named_since_rows_are_kept(database: str, tmp_path: Path) -> None:
    sql = "create table t (a int); start transaction; insert into t values (1); rollback;"
    assert list(told_of(database, tmp_path, sql).values()) == [
        "what came before it is kept: take it out of the source"
    ]


def test_alterations_may_ask_first_and_views_be_given_another_query(database: str, tmp_path: Path) -> None:
    loaded(
        database,
        tmp_path,
        "create table t (a int, key i (a)); alter table if exists nope add b int; desc t; explain select * from t;"
        "alter table t add column if not exists a varchar(9), add index if not exists i (a), drop column if exists b;"
        "alter table t modify column if exists b text, add c int; alter table t wait 5 add d int;"
        "create index if not exists i on t (c); create view v as select a from t;"
        "alter algorithm = merge view v as select c, d from t; insert into t values (1, 2, 3);",
    )
    assert psql(database, "select * from v") == "2|3"


def test_a_key_that_is_there_already_is_named_and_left_out(database: str, tmp_path: Path) -> None:
    told = told_of(
        database, tmp_path, "create table t (a int); create index i on t (a); alter table t add key I (a);"
    )
    assert "has a key I already" in next(iter(told.values()))


def test_numbers_that_are_counted_within_a_group_are_told_of(database: str, tmp_path: Path) -> None:
    source, report = tmp_path / "source.sql", tmp_path / "account.json"
    table = "create table t (kind char(5), id int auto_increment, primary key (kind, id)) engine=MyISAM;"
    source.write_text(table + "insert into t values ('a', 1), ('b', 1);")
    assert load(database, source, "--report", report).exit_code == 0
    assert "counted within each kind" in json.loads(report.read_bytes())["lossy"][0]["what"]
    source.write_text(table + "insert into t (kind) values ('a'), ('b');")
    failed(load(database, source), 2, f"byte {len(table)}", "counts within each kind", "write the numbers")
