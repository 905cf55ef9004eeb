"""Values that PostgreSQL cannot hold as MySQL did: each is counted, and what becomes of it is the user's choice."""

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate import command


def load(url: str, dump: str | bytes, *options: str | Path) -> Any:
    """Load a dump and return the account of it; nothing may have been left out."""
    source = dump.encode() if isinstance(dump, str) else dump
    done = command.load(url, "-", *options, stdin=source)
    assert done.exit_code == 0, done.stderr
    inspected = command.run("inspect", "--json", *options, "-", stdin=source)
    return inspected.account


def losses(account: Any) -> dict[str, tuple[str, int]]:
    return {loss["column"]: (loss["what"], loss["count"]) for loss in account["lossy"]}


CONSTRAINTS = (
    "select pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace"
)
TYPE_OF_A = (
    "select format_type(atttypid, null) from pg_attribute where attname = 'a' and attrelid = 't'::regclass"
)

DATES = """create table t (id int, a date not null, b datetime(3));
insert into t values (1,'0000-00-00','2012-00-01 00:00:00'),(2,'2011-02-29','0000-00-00 00:00:00'),
(3,'2012-02-29',20120203040506),(4,'20120203','731231235959'),(5,20120203,'2012-02-03 04:05:06.789');"""


def test_zero_and_impossible_dates_become_null_and_are_counted(database: str) -> None:
    account = load(database, DATES)
    assert psql(database, "select * from t order by id").splitlines() == [
        "1||",
        "2||",
        "3|2012-02-29|2012-02-03 04:05:06",
        "4|2012-02-03|1973-12-31 23:59:59",
        "5|2012-02-03|2012-02-03 04:05:06.789",
    ]
    assert losses(account) == {
        "a": ("a zero or impossible date became NULL", 2),
        "b": ("a zero or impossible date became NULL", 2),
    }


def test_zero_dates_can_become_infinity_which_keeps_not_null(database: str) -> None:
    load(database, DATES, "--zero-dates", "infinity")
    assert (
        psql(database, "select * from t where id < 3 order by id")
        == "1|-infinity|-infinity\n2|-infinity|-infinity"
    )
    assert (
        psql(database, "select attnotnull from pg_attribute where attname = 'a' and attrelid = 't'::regclass")
        == "t"
    )


def test_zero_dates_can_be_refused(database: str) -> None:
    done = command.load(database, "-", "--zero-dates", "reject", stdin=DATES.encode())
    command.failed(done, 2, "byte 78", "zero or impossible date in the column a")


NUL = b"create table t (a text, b blob); insert into t values ('x\\0y\\0', 'x\\0y'), ('', 0x00);"


@pytest.mark.parametrize(("choice", "text"), [("strip", "xy"), ("replace", "x\ufffdy\ufffd")])
def test_nul_characters_are_never_dropped_unseen(database: str, choice: str, text: str) -> None:
    account = load(database, NUL, "--nul", choice)
    assert psql(database, "select a, encode(b, 'hex') from t") == f"{text}|780079\n|00"
    assert losses(account)["a"][1] == 1


def test_nul_characters_can_be_refused(database: str) -> None:
    done = command.load(database, "-", "--nul", "reject", stdin=NUL)
    command.failed(done, 2, "NUL character in the column a")


INVALID = b"create table t (id int, a text, b blob);"
INVALID += b"insert into t values (1,'caf\xe9 \xc3\xa9','\xe9'),(2,'\xc3\xa9','');"


def test_bytes_that_are_no_text_stop_the_run_unless_it_is_said_how_to_read_them(database: str) -> None:
    done = command.load(database, "-", stdin=INVALID)
    command.failed(done, 2, "the column a that are not in the dump's character set", "--invalid-text")
    account = load(database, INVALID, "--invalid-text", "latin1")
    assert psql(database, "select id, a, encode(b, 'hex') from t order by id") == "1|café é|e9\n2|é|"
    assert losses(account) == {"a": ("bytes that are not in the dump's character set were read as latin1", 1)}


def test_bytes_that_are_no_text_can_be_replaced(database: str) -> None:
    load(database, INVALID, "--invalid-text", "replace")
    assert psql(database, "select a from t order by id") == "caf\ufffd é\né"


MOJIBAKE = "create table t (id int, a varchar(20), b text); insert into t values {};".format(
    ",".join(
        f"({number},'{text.encode().decode('latin-1')}','{text}')"
        for number, text in enumerate(["é", "Zürich", "naïve ñ", "plain", "œuf à 5 £"])
    )
)


def test_text_that_was_encoded_twice_is_reported_and_left_as_it_is(database: str) -> None:
    account = load(database, MOJIBAKE)
    assert psql(database, "select a from t where id = 1") == "ZÃ¼rich"
    assert losses(account) == {
        "a": ("text that was encoded twice in UTF-8 was left as it is: --repair-mojibake mends it", 4)
    }


def test_text_that_was_encoded_twice_is_mended_where_that_is_asked_for(database: str) -> None:
    load(database, MOJIBAKE, "--repair-mojibake", "t.a")
    assert psql(database, "select count(*) from t where a = b") == "5"


@pytest.mark.parametrize("text", ["Ã", "é", "Ã©t", "ÃÂ", "日本", "€", "Â£5 Ã", "ß", "Ð°"])
def test_only_what_is_utf_8_twice_is_taken_for_mojibake(database: str, text: str) -> None:
    try:
        twice = text.encode("cp1252").decode() != text
    except (UnicodeEncodeError, UnicodeDecodeError):
        twice = False
    account = load(database, f"create table t (a text); insert into t values ('{text}');")
    assert bool(account["lossy"]) is twice


def test_an_enum_holds_the_empty_string_that_mysql_keeps_for_invalid_values(
    database: str, mariadb: Server
) -> None:
    mariadb.execute(
        "create database empty_member",
        "create table empty_member.t (id int, a enum('x', 'y'), b enum('x', 'y'))",
        "set sql_mode = ''",
        "insert ignore into empty_member.t values (1, 'z', 'x'), (2, 'y', null), (3, 2, 1)",
    )
    account = load(database, mariadb.dump("empty_member"))
    assert psql(database, "select id, a, a is null, b from t order by a, id") == "1||f|x\n2|y|f|\n3|y|f|x"
    [decision] = account["decisions"]
    assert decision["column"] == "a"


def test_an_enum_may_be_written_by_number(database: str) -> None:
    load(
        database,
        "create table t (id int, a enum('x','y')); insert into t values (1,2),(2,'x'),(3,null),(4,0);",
    )
    assert psql(database, "select id, a from t order by id") == "1|y\n2|x\n3|\n4|"


def test_an_enum_with_long_members_is_text_with_a_check(database: str) -> None:
    long = "long" * 20
    load(database, f"create table t (a enum('{long}', 'x')); insert into t values ('{long}');")
    assert psql(database, "select a from t") == long
    [check] = psql(database, f"{CONSTRAINTS} and contype = 'c'").splitlines()
    assert "= ANY" in check


@pytest.mark.parametrize(
    ("document", "becomes"),
    [(r'{"a": "\\u0000"}', "json"), (r'["\\ud800"]', "json"), (r'["\\ude00\\ud83d"]', "json"),
     (r'["\\ud83d\\ude00"]', "jsonb"), (r'["\\\\u0000"]', "jsonb"), (r'{"a": "\\u00e9\\n\\\\"}', "jsonb")],
)  # fmt: skip
def test_a_document_that_jsonb_cannot_hold_makes_the_column_json(
    database: str, document: str, becomes: str
) -> None:
    load(database, f"create table t (id int, a json); insert into t values (1, '[1]'), (2, '{document}');")
    assert psql(database, TYPE_OF_A) == becomes


def test_both_ends_of_a_reference_have_one_type_whatever_the_data_was(database: str) -> None:
    """dimitri/pgloader#1493, yugabyte/yb-voyager#1391"""
    load(
        database,
        """create table a (id bigint unsigned not null auto_increment primary key, flag tinyint(1) not null,
                        unique (flag));
        create table b (id bigint unsigned primary key, foreign key (id) references a (id));
        create table c (b bigint unsigned, flag tinyint(1), foreign key (b) references b (id),
                        foreign key (flag) references a (flag));
        insert into a values (1, 1), (18446744073709551615, 2);
        insert into b values (1); insert into c values (1, 1);""",
    )
    types = psql(
        database,
        "select c.relname, a.attname, format_type(atttypid, atttypmod) from pg_attribute a join pg_class c "
        "on c.oid = attrelid where relname in ('a', 'b', 'c') and relkind = 'r' and attnum > 0 order by 1, attnum",
    )
    assert types.splitlines() == [
        "a|id|numeric(20,0)", "a|flag|smallint", "b|id|numeric(20,0)", "c|b|numeric(20,0)", "c|flag|smallint",
    ]  # fmt: skip
    assert len(psql(database, f"{CONSTRAINTS} and contype = 'f' and convalidated").splitlines()) == 3


def test_types_at_the_edges_of_what_postgresql_allows(database: str) -> None:
    load(
        database,
        "create table t (a varchar(0), b char(0) not null, c varchar(16777215), d decimal(65,30), e bit(64), "
        "f year, g time(6), h vector(2), i float(7,4), j double precision unsigned);"
        "insert into t values ('', '', 'x', 12345678901234567890123456789012345.123456789012345678901234567891, "
        "b'1', 0000, '-838:59:59.999999', 0x0000803F00000040, 1.5, 1e308), "
        "(null, '', null, null, null, null, null, null, null, null);",
    )
    assert psql(database, "select a = '', d, f, g, h from t where a is not null") == (
        "t|12345678901234567890123456789012345.123456789012345678901234567891|0|-838:59:59.999999|\\x0000803f00000040"
    )


def test_the_empty_string_and_null_stay_apart(database: str) -> None:
    """AnatolyUss/nmig#4, #17"""
    load(
        database,
        "create table t (id int, a text, b varchar(3)); insert into t values (1, '', null), (2, null, '');",
    )
    assert psql(database, "select a is null, b is null from t order by id") == "f|t\nt|f"


def test_a_script_has_the_same_values_as_a_load(database: str, tmp_path: Path) -> None:
    dump = (
        DATES + "create table e (a enum('x'), b bigint unsigned primary key);"
        "insert into e values ('', 18446744073709551615);"
    )
    script = tmp_path / "out.sql"
    done = command.run(
        "mysql-to-pg", "-q", "--output", script, "--zero-dates", "infinity", "-", stdin=dump.encode()
    )
    assert done.exit_code == 0, done.stderr
    command.play(database, script)
    assert psql(database, "select count(*) from t where a = '-infinity'") == "2"
    assert psql(database, "select a = '', b from e") == "t|18446744073709551615"
