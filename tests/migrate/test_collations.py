"""Text that MySQL compares without regard to case."""

import json
from pathlib import Path

import pytest

from tests.fixtures.postgres import psql
from tests.migrate import command

DUMP = b"""
create table people (name varchar(20) not null unique, code varchar(9) collate utf8mb4_bin, note text, raw varbinary(3))
 default charset=utf8mb4 collate=utf8mb4_general_ci;
create table pets (owner varchar(20), nick varchar(9) collate utf8mb4_0900_as_ci, foreign key (owner)
 references people (name));
insert into people values ('Anna', 'a', 'x', 'y'), ('Bob', 'A', 'X', 'Y');
insert into pets values ('anna', 'R\xc3\xa9x');
create view annas as select owner, nick, owner = 'ANNA' as same, owner collate utf8mb4_bin = 'ANNA' as exact, owner like
 'AN%' as alike, owner regexp '^AN' as matches, replace(owner, 'AN', 'x') as replaced, locate('NN', owner) as place,
 owner = code as codes from pets join people on owner = name where name in ('ANNA', 'x');
create function known(who varchar(20)) returns int reads sql data
 return (select count(*) from people where name = who);
"""
TYPES = (
    "select attname, format_type(atttypid, atttypmod), collname from pg_attribute left join pg_collation c "
    "on c.oid = attcollation and not collisdeterministic where attrelid = '{}'::regclass and attnum > 0 order by attnum"
)
ANSWERS = "anna|Réx|t|f|t|t|anna|2|f"


def types(url: str, table: str) -> list[str]:
    return psql(url, TYPES.format(table)).splitlines()


def test_exact_text_keeps_its_length_and_regards_case(database: str) -> None:
    dump = DUMP.replace(b"('anna'", b"('Anna'")
    assert command.load(database, "-", "--collation", "exact", stdin=dump).exit_code == 0
    assert types(database, "people") == [
        "name|character varying(20)|", "code|character varying(9)|", "note|text|", "raw|bytea|",
    ]  # fmt: skip
    assert psql(database, "select count(*) from people where name = 'anna'") == "0"


def test_without_icu_keys_and_comparisons_ignore_case_by_citext(database: str) -> None:
    assert command.load(database, "-", stdin=DUMP).exit_code == 0
    assert types(database, "people") == [
        "name|citext|",
        "code|character varying(9)|",
        "note|citext|",
        "raw|bytea|",
    ]
    assert psql(database, "select name from people join pets on owner = name where name = 'ANNA'") == "Anna"
    assert psql(database, "select * from annas") == ANSWERS
    assert psql(database, "select known('ANNA'), known('nobody')") == "1|0"
    with pytest.raises(AssertionError, match="duplicate key"):
        psql(database, "insert into people (name) values ('ANNA')")
    with pytest.raises(AssertionError, match="people_name_length"):
        psql(database, "insert into people (name) values ('longer than 20 characters')")


def test_a_script_ignores_case_by_citext(database: str) -> None:
    script = command.run("mysql-to-pg", "-q", "-", "--output", "-", stdin=DUMP).stdout
    command.play(database, script)
    assert psql(database, "select * from annas") == ANSWERS


def test_collations_of_icu_ignore_case_and_accents_as_mysqls_do(debian_database: str) -> None:
    done = command.load(debian_database, "-", "--collation", "icu", stdin=DUMP)
    assert done.exit_code == 0, done
    assert types(debian_database, "people") == [
        "name|character varying(20)|mysql_ai_ci", "code|character varying(9)|", "note|text|mysql_ai_ci", "raw|bytea|",
    ]  # fmt: skip
    assert (
        psql(debian_database, "select name from people join pets on owner = name where name = 'ÁNNA'")
        == "Anna"
    )
    assert psql(debian_database, "select nick = 'RÉX', nick = 'Rex' from pets") == "t|f"
    assert psql(debian_database, "select * from annas") == ANSWERS
    assert psql(debian_database, "select known('ANNA'), known('nobody')") == "1|0"
    with pytest.raises(AssertionError, match="duplicate key"):
        psql(debian_database, "insert into people (name) values ('ánna')")


def test_where_icu_cannot_search_the_choice_is_citext(debian_database: str) -> None:
    searches = psql(debian_database, "show server_version_num") >= "180000"
    assert command.load(debian_database, "-", stdin=DUMP).exit_code == 0
    kind = "character varying(20)|mysql_ai_ci" if searches else "citext|"
    assert types(debian_database, "people")[0] == f"name|{kind}"


WORDS = """
create table words (word varchar(9) not null primary key, other varchar(9), unique key (other, word))
 collate=utf8mb4_general_ci;
create table uses (word varchar(9), foreign key (word) references words (word)) collate=utf8mb4_general_ci;
insert into words values ('\u212a', 'a'), ('k', 'b'); insert into uses values ('k'), ('\u212a');
""".encode()


def test_a_key_that_would_hold_the_same_twice_regards_case_and_the_report_says_so(
    database: str, tmp_path: Path
) -> None:
    """MySQL's general_ci tells the Kelvin sign from the letter k; PostgreSQL's lower() does not."""
    report = tmp_path / "report.json"
    assert command.load(database, "-", "--report", report, stdin=WORDS).exit_code == 0
    assert types(database, "words") == ["word|text|", "other|citext|"]
    assert types(database, "uses") == ["word|text|"]
    [loss] = json.loads(report.read_bytes())["lossy"]
    assert (loss["table"], loss["column"], loss["option"]) == ("public.words", "word", "--collation")
    assert "(word)=(" in loss["sample"]


def test_a_key_that_would_hold_the_same_twice_stops_a_run_that_was_told_to_ignore_case(database: str) -> None:
    done = command.load(database, "-", "--collation", "citext", stdin=WORDS)
    command.failed(done, 3, "words_pkey", "(word)=(", "--collation exact")
    assert psql(database, "select to_regtype('citext') is null") == "t"


def test_a_server_without_icu_refuses_to_use_it(database: str) -> None:
    command.failed(
        command.load(database, "-", "--collation", "icu", stdin=DUMP), 2, "--collation icu", "without ICU"
    )


def test_a_rule_can_say_how_a_column_is_compared(database: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\ntable = "people"\ncolumn = "note"\ntarget = \'text collate "C"\'\n')
    assert command.load(database, "-", "--rules", rules, stdin=DUMP).exit_code == 0
    assert types(database, "people")[2] == "note|text|"
