"""A user's own casting rules, and the built-in ones in the same form."""

from pathlib import Path

import pytest

from migrate import rulefile
from migrate.rules import RULES
from tests.fixtures.postgres import psql
from tests.migrate import command

DUMP = b"""
create table orders (id int primary key, Flag tinyint(1) not null default 1, token binary(16), state int, note text,
                     secret text, customer int, key by_secret (secret), foreign key (customer) references people (id));
create table people (id int primary key, name varchar(40));
create table old_log (a int);
insert into people values (7, 'x');
insert into orders values (1, 1, x'00112233445566778899aabbccddeeff', 1, 'a', 's', 7), (2, 0, null, 2, 'b', 's', 7),
 (3, 1, null, 1, null, 's', null);
insert into old_log values (1);
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return tmp_path / "rules.toml"


def columns(url: str, table: str) -> dict[str, str]:
    rows = psql(
        url,
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        f"where attrelid = '{table}'::regclass and attnum > 0 order by attnum",
    )
    return dict(row.split("|") for row in rows.splitlines())


def test_the_built_in_rules_are_printed_in_the_form_that_is_read(rules: Path) -> None:
    done = command.run("rules")
    assert done.exit_code == 0
    rules.write_bytes(done.stdout)
    read = rulefile.read(rules)
    assert len(read) == len(RULES)
    assert rulefile.text(read) == rulefile.text(RULES)


def test_rules_change_types_names_columns_tables_and_rows(database: str, rules: Path, tmp_path: Path) -> None:
    rules.write_text("""
        [[rule]]
        type = "tinyint"
        length = 1
        target = "smallint"
        [[rule]]
        table = "orders"
        column = "token"
        type = ["binary", "varbinary"]
        target = "uuid"
        [[rule]]
        table = "orders"
        column = "secret"
        skip = true
        [[rule]]
        table = "orders"
        column = "Flag"
        rename = "Is Open"
        [[rule]]
        table = "people"
        rename = "customer"
        [[rule]]
        table = "old_*"
        skip = true
        [[rule]]
        table = "orders"
        where = "state = 1"
    """)
    account = tmp_path / "account.json"
    done = command.load(database, "-", "--rules", rules, "--report", account, stdin=DUMP)
    assert done.exit_code == 1, done.stderr  # for the key over the column that is left out
    assert columns(database, "orders") == {
        "id": "integer", "is open": "smallint", "token": "uuid", "state": "integer", "note": "citext",
        "customer": "integer",
    }  # fmt: skip
    assert (
        psql(database, "select id, token from orders order by id")
        == "1|00112233-4455-6677-8899-aabbccddeeff\n3|"
    )
    referenced = (
        "select confrelid::regclass from pg_constraint where conrelid = 'orders'::regclass and contype = 'f'"
    )
    assert psql(database, referenced) == "customer"
    assert psql(database, "select to_regclass('old_log') is null") == "t"
    report = account.read_text()
    assert '"rows_filtered": 1' in report
    assert '"became": "is open"' in report


def test_rules_see_attributes_and_defaults(database: str, rules: Path) -> None:
    rules.write_text("""
        [[rule]]
        auto_increment = true
        target = "bigint"
        [[rule]]
        unsigned = true
        default = "5"
        target = "numeric(12,0)"
        [[rule]]
        type = "varchar"
        nullable = false
        target = "varchar({0})"
        [[rule]]
        type = "varchar"
        target = "text"
    """)
    dump = (
        b"create table t (a int not null auto_increment primary key, b int unsigned default 5,"
        b" c int unsigned default 6,"
        b"d varchar(3) not null, e varchar(3)) collate utf8mb4_bin;"
    )
    assert command.load(database, "-", "--rules", rules, stdin=dump).exit_code == 0
    assert columns(database, "t") == {
        "a": "bigint", "b": "numeric(12,0)", "c": "bigint", "d": "character varying(3)", "e": "text",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[rule]]\ntype = "int"', "says nothing to do"),
        ('[[rule]]\ntyp = "int"\ntarget = "text"', "typ is not known"),
        ('[[rule]]\nunsigned = "yes"\ntarget = "text"', "unsigned cannot be"),
        ('[[rule]]\nlength = true\ntarget = "text"', "length cannot be"),
        ('[[rule]]\nrename = "a"', "must name the one table"),
        ('[[rule]]\ntype = "int"\nwhere = "a > 1"', "where is about the rows"),
        ("rule = 1", "nothing else"),
        ("[[rule]", "rules.toml"),
    ],
)
def test_a_mistake_in_a_rule_is_told_before_anything_is_done(
    database: str, rules: Path, text: str, words: str
) -> None:
    rules.write_text(text)
    command.failed(command.load(database, "-", "--rules", rules, stdin=DUMP), 2, "rules.toml", words)
    assert psql(database, "select to_regclass('people') is null") == "t"


def test_a_type_that_values_cannot_get_into_is_refused(database: str, rules: Path) -> None:
    rules.write_text('[[rule]]\ncolumn = "state"\ntarget = "text[]"')
    command.failed(command.load(database, "-", "--rules", rules, stdin=DUMP), 2, "no way from int to text[]")


def test_names_that_differ_only_in_case_are_told_apart_and_reported(database: str, tmp_path: Path) -> None:
    """dimitri/pgloader#649"""
    dump = (
        b"create table Foo (a int); create table foo (a int, B int);"
        b"insert into Foo values (1); insert into foo values (2, 3);"
    )
    account = tmp_path / "account.json"
    assert command.load(database, "-", "--report", account, stdin=dump).exit_code == 0
    tables = psql(database, "select relname from pg_class where relname ilike 'foo%' order by 1").splitlines()
    assert len(tables) == 2
    assert tables[0] == "foo"
    assert psql(database, f"select a, b from {tables[1]}") == "2|3"
    assert f'"became": "{tables[1]}"' in account.read_text()


def test_case_is_kept_when_that_is_asked_for(database: str) -> None:
    dump = b"create table Foo (a int); create table foo (A int);"
    dump += b"insert into Foo values (1); insert into foo values (2);"
    assert command.load(database, "-", "--case", "keep", stdin=dump).exit_code == 0
    assert psql(database, 'select a from "Foo" union all select "A" from foo') == "1\n2"


@pytest.mark.parametrize("target", ["nonsense", "varchar(0)", "numeric(3,,", "text COLLATE nowhere"])
def test_a_rule_whose_type_postgresql_does_not_know_is_named(target: str, database: str, rules: Path) -> None:
    rules.write_text(
        f'[[rule]]\ntype = "int"\ntarget = "bigint"\n[[rule]]\ntype = "tinyint"\ntarget = "{target}"\n'
    )
    done = command.load(database, "-", "--rules", rules, stdin=DUMP)
    command.failed(done, 2, f"--rules: rule 2: the target {target} is no type here")
