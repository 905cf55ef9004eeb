"""Packed rows: PostgreSQL holds the same as if their text had been copied, or they are not packed."""

import contextlib
import string
from collections.abc import Callable, Iterator
from datetime import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.postgres.psql import Server, Session
from migrate.transcode.packer import packed
from migrate.transcode.room import WIDTH
from tests.fixtures.postgres import CreateDatabase

ESCAPES = str.maketrans(
    {"\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r"}
)
LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=80)


def escaped(text: str) -> str:
    return text.translate(ESCAPES)


def array(elements: list[str]) -> str:
    quoted = (element.replace("\\", "\\\\").replace('"', '\\"') for element in elements)
    return escaped("{" + ",".join(f'"{element}"' for element in quoted) + "}")


def clock(moment: time) -> str:
    text = f"{moment:%H:%M:%S}"
    return (
        text + f".{moment.microsecond:06}"[: 1 + moment.microsecond % 7] if moment.microsecond % 7 else text
    )


DAYS = st.dates().map(lambda day: day.isoformat())
CLOCKS = st.times().map(clock)
MOMENTS = st.tuples(DAYS, CLOCKS).map(" ".join)


def integers(bits: int) -> st.SearchStrategy[str]:
    bound = min(1 << (bits - 1), 10**18 - 1)  # beyond eighteen digits a number goes as text
    return (st.integers(-bound, bound - 1) | st.integers(-200, 200)).map(str)


# By PostgreSQL's type and its name in pg_type: values as COPY text.
VALUES = {
    ("text", "text"): LETTERS.map(escaped),
    ("varchar(80)", "varchar"): LETTERS.map(escaped),
    ("char(80)", "bpchar"): LETTERS.map(escaped),
    ("json", "json"): LETTERS.map(
        lambda text: escaped(f'{{"a": "{"".join(set(text) & set(string.ascii_letters))}"}}')
    ),
    ("jsonb", "jsonb"): st.sampled_from(
        ["{}", "[1, 2.50]", escaped('{"a\\n": "\\u00e9"}'), '"é 🎩"', "null"]
    ),
    ("bytea", "bytea"): st.binary(max_size=100).map(lambda data: f"\\\\x{data.hex()}"),
    ("boolean", "bool"): st.sampled_from(["0", "1", "t", "f"]),
    ("smallint", "int2"): integers(16),
    ("integer", "int4"): integers(32),
    ("bigint", "int8"): integers(64),
    ("numeric", "numeric"): st.from_regex(r"\A-?[0-9]{1,40}(\.[0-9]{1,30})?\Z", fullmatch=True),
    ("numeric(20,3)", "numeric"): st.from_regex(r"\A-?[0-9]{1,16}(\.[0-9]{1,9})?\Z", fullmatch=True),
    ("real", "float4"): st.from_regex(r"\A-?[0-9]{1,4}(\.[0-9]{1,3})?(e[+-]?0?[0-6])?\Z", fullmatch=True),
    ("double precision", "float8"): st.from_regex(
        r"\A-?[0-9]{1,9}(\.[0-9]{1,6})?(e[+-]?[01]?[0-6])?\Z", fullmatch=True
    ),
    ("date", "date"): DAYS,
    ("time", "time"): CLOCKS,
    ("timestamp(3)", "timestamp"): MOMENTS,
    ("timestamptz", "timestamptz"): MOMENTS,
    ("uuid", "uuid"): st.uuids().map(str),
    ("text[]", "_text"): st.lists(LETTERS, max_size=4).map(array),
    ("bit(13)", "bit"): st.from_regex(r"\A[01]{13}\Z", fullmatch=True),
}
ROW = st.tuples(*(values | st.just("\\N") for values in VALUES.values())).map("\t".join)
EAST = 5400  # +01:30


def size_packed(
    text: str,
    types: list[str],
    room: Callable[[int], memoryview] = lambda size: memoryview(bytearray(size)),
    east: int | None = EAST,
) -> int:
    data = text.encode()
    lines = np.frombuffer(data + bytes(WIDTH), dtype=np.uint8)
    return packed(lines, len(data), data.count(b"\n"), types, east, room)


@pytest.fixture(scope="module")
def session(create_database: CreateDatabase) -> Iterator[Session]:
    with contextlib.closing(Server(create_database()).session(("timezone = '<+01:30>-01:30'",))) as session:
        columns = ", ".join(f"c{place} {kind}" for place, (kind, _) in enumerate(VALUES))
        session.run(f"create table as_text ({columns}); create table as_binary (like as_text);")
        yield session


@given(st.lists(ROW, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_packed_rows_are_those_of_their_text(session: Session, rows: list[str]) -> None:
    text = "".join(row + "\n" for row in rows)
    size = size_packed(text, [name for _, name in VALUES], session.room)
    assert size
    session.run("truncate as_text, as_binary;")
    assert session.copy("", "copy as_text from stdin", memoryview(text.encode())) == len(rows)
    assert session.copy_packed("", "copy as_binary from stdin", size) == len(rows)
    assert session.query("table as_binary") == session.query("table as_text")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("int4", "2147483648"),
        ("int2", "-32769"),
        ("int4", "1.0"),
        ("int4", ""),
        ("int8", "9223372036854775808"),
        ("numeric", "1e5"),
        ("numeric", "NaN"),
        ("numeric", "."),
        ("float8", "0.12345678901234567"),
        ("float8", "1e300"),
        ("float4", "16777217"),
        ("float8", "Infinity"),
        ("date", "-infinity"),
        ("date", "2023-02-29"),
        ("date", "0000-01-01"),
        ("date", "2024-01-01 BC"),
        ("timestamp", "2024-01-01"),
        ("timestamp", "2024-01-01 24:00:00"),
        ("timestamp", "2024-01-01 00:00:00.1234567"),
        ("timestamp", "2024-01-01 00:00:00+02"),
        ("time", "838:59:59"),
        ("time", "-00:00:01"),
        ("bool", "2"),
        ("bytea", "abc"),
        ("bytea", "\\\\xabc"),
        ("uuid", "0123456789abcdef0123456789abcdef"),
        ("_text", "{a}"),
        ("_text", '{"a"'),
        ("bit", "012"),
        ("interval", "1 day"),
        ("-", "whatever"),
    ],
)
def test_what_is_written_in_another_way_goes_as_text(name: str, value: str) -> None:
    assert not size_packed(f"{value}\n", [name])


def test_instants_of_a_zone_with_a_name_go_as_text() -> None:
    assert not size_packed("2024-01-01 00:00:00\n", ["timestamptz"], east=None)
    assert size_packed("2024-01-01 00:00:00\n", ["timestamp"], east=None)
