"""Text that MySQL compares without regard to case."""

import pytest

from tests.fixtures.postgres import psql
from tests.migrate import command

DUMP = b"""
create table people (name varchar(20) not null unique, code varchar(9) collate utf8mb4_bin, note text, raw varbinary(3))
 default charset=utf8mb4 collate=utf8mb4_general_ci;
create table pets (owner varchar(20), foreign key (owner) references people (name));
insert into people values ('Anna', 'a', 'x', 'y'), ('Bob', 'A', 'X', 'Y'); insert into pets values ('anna');
"""
TYPES = (
    "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'people'::regclass "
    "and attnum > 0 order by attnum"
)


def test_text_is_compared_exactly_and_keeps_its_length_by_default(database: str) -> None:
    dump = DUMP.replace(b"'anna')", b"'Anna')")
    assert command.load(database, "-", stdin=dump).exit_code == 0
    assert psql(database, TYPES).splitlines() == [
        "name|character varying(20)", "code|character varying(9)", "note|text", "raw|bytea",
    ]  # fmt: skip
    assert psql(database, "select count(*) from people where name = 'anna'") == "0"


def test_citext_keeps_comparisons_and_keys_without_regard_to_case(database: str) -> None:
    assert command.load(database, "-", "--collation", "citext", stdin=DUMP).exit_code == 0
    assert psql(database, TYPES).splitlines() == [
        "name|citext", "code|character varying(9)", "note|citext", "raw|bytea",
    ]  # fmt: skip
    assert psql(database, "select name from people join pets on owner = name where name = 'ANNA'") == "Anna"
    with pytest.raises(AssertionError, match="duplicate key"):
        psql(database, "insert into people (name) values ('ANNA')")
