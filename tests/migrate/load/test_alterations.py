"""Tables that are altered or renamed after their first rows: what is there follows, as in MySQL."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from migrate.load.copier import Copier
from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import carry_over, failed, load, play, run

# One statement a line: what MariaDB is asked to do is what the dump says.
STATEMENTS = """
create table t (a int, b int, w varchar(9));
insert into t values (1, 2, '7'), (3, 4, null);
alter table t add column c varchar(9) not null default 'q' after a, add d date default '2020-02-02' first;
insert into t values (null, 5, 'w', 6, '8');
alter table t drop column b, change c e text, modify w int;
insert into t values ('2021-01-01', 7, 'e', 9);
alter table t add column id int not null auto_increment primary key, rename to u;
insert into u (a) values (99);
alter table u alter a set default 5;
alter table u modify a bigint default 6;
insert into u (e) values (null);
create table x (k int primary key, y enum('q','r') not null, f tinyint(1), s set('m','n'), key(y));
insert into x values (1, 'q', 0, 'm,n'), (2, 'r', 3, '');
rename table x to z;
insert into z values (3, 'q', 1, 'n');
create table x (k int, y enum('k'));
insert into x values (1, 'k');
rename table x to swap, z to x, swap to z;
insert into x values (4, 'r', 0, 'm');
replace into x values (4, 'q', 5, 'm');
alter table x modify y varchar(7), modify s varchar(7), modify f int, drop primary key, add unique one (k);
replace into x values (1, 'other', 500, 'more');
create table o (l varchar(30) charset latin1, p varchar(30), q blob);
insert into o values ('Ã©\\\\101', 'a\\\\101', 'x');
update o set q = p;
alter table o modify l blob, modify p blob;
alter table o modify l text charset utf8mb4, modify p text, modify q text;
"""
# The same in sessions that are not strict.
FITTED = """
set sql_mode = '';
create table fit (id int, a int, b int, c varchar(9), d varchar(9), e int, f enum('p','q'), g int, h datetime);
insert into fit values (1, 1, 300, ' 3', 'abcdef', 1, 'q', null, null), (2, 2, -7, '0', 'x', 2, null, 5, '2020-01-02');
alter table fit modify a enum('y','z'), modify b tinyint unsigned, modify c int, modify d varchar(3) not null;
alter table fit modify e bigint, modify f smallint, modify g int not null default 7, modify h datetime not null;
insert into fit values (3, 'z', 4, 5, 'ghi', 6, 7, 8, '2021-02-03');
create table named (id int, a varchar(9), t timestamp null);
insert into named values (1, 'Q', null), (2, '1', '2020-01-02'), (3, null, '2020-01-02');
alter table named modify a enum('p','q'), modify t timestamp not null default current_timestamp;
create table unknown (id int, a int, b varchar(9), c enum('p','q'), d varchar(9), e varchar(9), f varchar(9) not null);
insert into unknown values (1, 0, 'z', 'q', '3x', '25', ''), (2, 2, 'P', 'p', 'x', ' -1x', '.5z');
insert into unknown values (3, 9, '0', null, null, '99999', '1e2');
alter table unknown modify a enum('p','q'), modify b enum('p','q'), modify c enum('q','r'), modify d int;
alter table unknown modify e tinyint, modify f decimal(6,2) not null;
insert into unknown values (4, '', 'q', 'r', 5, 6, 7.25);
"""
COUNTED = """
create table n (id int primary key, v int);
insert into n values (1, 1), (5, 2);
alter table n modify id int auto_increment;
insert into n (v) values (3);
alter table n auto_increment = 100;
insert into n (v) values (4);
create table m (id int auto_increment primary key, v int) auto_increment=10;
insert into m (v) values (1), (2);
truncate m;
insert into m (v) values (3);
delete from m;
insert into m (v) values (4);
"""
QUERIES = (
    "select id, a, w, d, e from u order by id",
    "select k, y, f, s from x order by k",
    "select k, y from z order by k",
    "select l, p, q from o",
)


def answers(mariadb: Server, name: str) -> list[str]:
    mariadb.execute(f"create database {name}")
    mariadb.execute(*STATEMENTS.strip().splitlines(), database=name)
    return [
        "|".join("" if value is None else str(value) for value in row)
        for query in QUERIES
        for row in mariadb.execute(query, database=name)
    ]


@pytest.mark.parametrize("way", ["server", "workers", "script"])
def test_rows_follow_their_table_as_in_mysql(
    way: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    source.write_text(STATEMENTS)
    if way == "workers":
        assert load(database, source, "--workers").exit_code == 0
    else:
        carry_over(way, database, source)
    found = [line for query in QUERIES for line in psql(database, query).splitlines()]
    assert found == answers(mariadb, f"altered_{way}")
    assert psql(database, "select count(*) from pg_class where relname ~ 'altered|swap'") == "0"


@pytest.mark.parametrize("way", ["server", "script"])
def test_values_are_made_to_fit_altered_columns_as_mariadb_does_it(
    way: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    source, script, account = (tmp_path / name for name in ("source.sql", "script.sql", "account.json"))
    source.write_text(FITTED)
    target = ("--to", database) if way == "server" else ("--output", script)
    assert run("mysql-to-pg", "--quiet", *target, "--report", account, source).exit_code == 0
    if way == "script":
        play(database, script)
    mariadb.execute("create or replace database fitted")
    mariadb.execute(*FITTED.strip().splitlines(), database="fitted")
    for query in (
        "select id, a, b, c, d, e, f, g from fit order by id",
        "select id, a, t > '2021-01-01' as moved from named order by id",
        "select * from unknown order by id",
    ):
        there = [
            "|".join("" if v is None else str(v) for v in row)
            for row in mariadb.execute(query, database="fitted")
        ]
        ours = query.replace("t > '2021-01-01'", "(t > '2021-01-01')::int")
        assert psql(database, ours).splitlines() == there
    assert psql(database, "select id from fit where h is null") == "1"
    cut = "what does not fit its new type was cut by ALTER TABLE, as without strict mode"
    rounded = "fractions in text were rounded by ALTER TABLE, as by MySQL; MariaDB cuts them off"
    null = "NULL became {} where ALTER TABLE forbids it, as in MySQL"
    assert [(one["column"], one["what"]) for one in json.loads(account.read_bytes())["lossy"]] == [
        ("a", cut),
        ("b", cut),
        ("c", cut),
        ("c", rounded),
        ("d", cut),
        ("d", null.format("the empty string")),
        ("f", cut),
        ("g", null.format("0")),
        ("a", cut),
        ("t", null.format("the time of the migration")),
        *((column, cut) for column in "abcd"),
        ("d", rounded),
        ("e", cut),
        ("e", rounded),
        ("f", cut),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "became", "cause"),
    [
        ("int", "null", "int not null", "null value in column"),
        ("int", "300", "tinyint", "300 is out of range for the column a"),
        ("int", "3", "enum('p','q')", "invalid input value for enum"),
        ("varchar(9)", "'other'", "enum('p','q')", "invalid input value for enum"),
        ("varchar(9)", "'other'", "int", "invalid input syntax for type integer"),
        ("enum('p','q')", "'q'", "enum('p')", "invalid input value for enum"),
    ],
)
def test_a_table_that_is_altered_as_its_rows_do_not_allow_is_named_with_its_place(
    kind: str, value: str, became: str, cause: str, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    made = f"create table t (a {kind}); insert into t values ({value}); "
    source.write_text(f"{made}alter table t modify a {became}; insert into t values (1);")
    done = load(database, source)
    failed(done, 2, f"byte {len(made)}: ALTER TABLE does not fit the rows of public.t: ", cause)
    assert "bigint" not in done.stderr


@pytest.mark.parametrize("options", [(), ("--workers",)])
def test_a_renamed_table_is_proved_and_counted_under_its_new_name(
    options: tuple[str, ...], database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table t (a int primary key, e enum('x')); insert into t values (1, 'x'); rename table t to u;"
        "insert into u values (2, 'x'); create table t (b int, e enum('y')); insert into t values (5, 'y');"
    )
    assert load(database, source, "--report", account, *options).exit_code == 0
    tables = json.loads(account.read_bytes())["tables"]
    assert [(one["target"], one["rows_loaded"], one["verified"]) for one in tables] == [
        ("public.u", 2, True), ("public.t", 1, True),
    ]  # fmt: skip


@pytest.mark.parametrize("options", [(), ("--workers",)])
def test_an_altered_table_keeps_to_what_rows_have_asked_for_that_were_on_their_way(
    options: tuple[str, ...], database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Copier.copy

    def late(*given: Any, **named: Any) -> Any:
        time.sleep(0.3)
        return copy(*given, **named)

    monkeypatch.setattr(Copier, "copy", late)
    source = tmp_path / "source.sql"
    source.write_text(
        "create table t (id int, f tinyint(1), e enum('q') not null);\ninsert into t values (1, 3, '');\n"
        "alter table t add c int default 4;\ninsert into t values (2, 1, 'q', 5);\n"
    )

    done = load(database, source, *options)

    assert done.exit_code == 0, done.stderr
    assert psql(database, "select id, f, e, c from t order by id") == "1|3||4\n2|1|q|5"


def test_numbers_go_on_where_the_table_says(mariadb: Server, database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(COUNTED)
    carry_over("server", database, source)
    mariadb.execute("create database counted")
    mariadb.execute(*COUNTED.strip().splitlines(), database="counted")
    for table in ("n", "m"):
        query = f"select id, v from {table} order by id"
        there = [f"{id_}|{v}" for id_, v in mariadb.execute(query, database="counted")]
        assert psql(database, query).splitlines() == there
    made = "create table t (id int auto_increment primary key, v int); insert into t (v) values (1);"
    for change, exit_code in (("set v = 5 where id = 1", 0), ("set id = 5 where v = 1", 2)):
        source.write_text(f"{made} update t {change}; insert into t (v) values (2);")
        done = run("mysql-to-pg", "--output", tmp_path / "script.sql", source)
        assert (done.exit_code, "only a running server" in done.stderr) == (exit_code, exit_code == 2)
    source.write_text(COUNTED)
    assert run("mysql-to-pg", "--output", tmp_path / "script.sql", source).exit_code == 2


@pytest.mark.parametrize("null", ["not null", ""])
def test_a_counter_that_comes_after_the_rows_makes_no_table_anew(null: str, tmp_path: Path) -> None:
    """As phpMyAdmin writes it for every table."""
    source, script = tmp_path / "source.sql", tmp_path / "script.sql"
    source.write_text(
        "create table t (a int not null); insert into t values (1); alter table t add primary key (a);"
        f"alter table t modify a int {null} auto_increment, auto_increment=7;"
    )
    assert run("mysql-to-pg", source, "--output", script).exit_code == 0
    written = script.read_text()
    assert (written.count("create table"), written.count("as identity"), written.count("insert")) == (1, 1, 0)
    assert "greatest(7," in written


def test_tables_that_are_there_already_are_not_altered(database: str, tmp_path: Path) -> None:
    psql(database, "create table t (a int)")
    source = tmp_path / "source.sql"
    source.write_text("create table t (a int); insert into t values (1); alter table t modify a bigint;")
    done = load(database, source, "--data-only")
    assert (done.exit_code, "altered after its first rows" in done.stderr) == (2, True)


# A place in memory is soon given to another table, but not at once.
@pytest.mark.parametrize(("way", "tables"), [("server", 60), ("script", 402)])
def test_a_table_never_meets_what_was_kept_of_one_that_is_gone(
    way: str, tables: int, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    statements = []
    for number in range(tables):
        columns = [f"c{column}" for column in range(number % 3 + 1)]
        values = ", ".join("1" for _ in columns)
        statements += [
            f"create table t{number} ({' int, '.join(columns)} int, unique (c0))",
            f"insert into t{number} values ({values})",
            f"replace into t{number} values ({values})",
            f"drop table t{number}",
        ]
    source.write_text(";\n".join(statements[:-1]) + ";\n")
    carry_over(way, database, source)
    assert psql(database, f"select * from t{tables - 1}") == "1|1|1"
