"""Tables and rows of every kind survive MariaDB, mariadb-dump with any options, and the migration: value by value."""

import asyncio
import datetime
import ipaddress
import itertools
import json
import struct
import tempfile
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import CreateDatabase
from tests.migrate.command import run

_numbers = itertools.count(1)

NASTY = (
    "", " ", "'", '"', "\\", "\\'", "''", "\\\\", "\n", "\r\n", "\t", "\\N", "\\.", "\\.\n", "\x1a", "\x08", "\x0b",
    "%", "\\%", "\\_", ";", "--", "-- x", "#", "/*", "*/", "/*!", "),(", "');drop table t;--", "NULL", "null", "\x00",
    "a\x00b", "🎩", "é", "\u2028", "\ufeff", "\U0010ffff", "x" * 40, "  trailing  ", "0", "1e5", "{}", "{a,b}", "$$",
)  # fmt: skip
CHARACTERS = st.characters(exclude_categories=["Cs"])


def texts(longest: int) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(NASTY), st.text(CHARACTERS, max_size=longest)).map(lambda s: s[:longest])


def latin1(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=longest)


def blobs(longest: int) -> st.SearchStrategy[bytes]:
    nasty = st.sampled_from([b"", b"\x00", b"\\", b"'", b"\\.\n", bytes(range(256)), b"\xff\xfe", b"\x1a"])
    return st.one_of(nasty, st.binary(max_size=longest)).map(lambda b: b[:longest])


def integers(bits: int, *, unsigned: bool = False) -> st.SearchStrategy[int]:
    low, high = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return st.one_of(st.sampled_from([low, high, 0, 1]), st.integers(low, high))


def decimals(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    limit = 10**digits - 1
    return st.integers(-limit, limit).map(lambda n: Decimal(n).scaleb(-places))


DAYS = st.dates(datetime.date(1000, 1, 1), datetime.date(9999, 12, 31)).map(str)
ZERO_DAYS = st.sampled_from(["0000-00-00", "2020-00-00", "2021-02-00"])
CLOCKS = st.times().map(lambda t: t.strftime("%H:%M:%S.%f"))
INSTANTS = st.builds(
    lambda day, clock: f"{day} {clock}",
    st.dates(datetime.date(1970, 1, 2), datetime.date(2037, 12, 31)), CLOCKS,
)  # fmt: skip
SPANS = st.builds(
    lambda sign, hours, rest: f"{sign}{hours:02}:{rest[3:]}",
    st.sampled_from(["", "-"]), st.one_of(st.integers(0, 23), st.integers(24, 837)), CLOCKS,
)  # fmt: skip


def without_nul(text: str) -> str:
    return text.replace("\0", "")


# In the words of an enum MariaDB itself has no characters beyond U+FFFF.
MEMBERS = ("small", "it's", "back\\slash", 'quo"te', "ünïcode ☂", "with space", "{brace}", "NULL")
_LISTED = ",".join("'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in MEMBERS)
FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=32)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(CHARACTERS, max_size=8).map(without_nul),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abé\"\\'", max_size=3), inner, max_size=3),
    max_leaves=6,
).map(json.dumps)  # fmt: skip

# As MariaDB keeps them: the SRID, then well-known binary.
PLACES = st.builds(
    lambda srid, x, y: struct.pack("<IBIdd", srid, 1, 1, x, y), st.sampled_from([0, 4326]), *[DOUBLES] * 2
)
WAYS = st.lists(DOUBLES, min_size=2, max_size=4).map(
    lambda xs: struct.pack(f"<IBII{2 * len(xs)}d", 0, 1, 2, len(xs), *xs, *xs)
)

TYPES: dict[str, st.SearchStrategy[Any]] = {
    "tinyint(1)": st.sampled_from([0, 1, 1, 0, 1, 2, -1, 127]),
    "tinyint": integers(8),
    "tinyint unsigned": integers(8, unsigned=True),
    "smallint": integers(16),
    "smallint unsigned": integers(16, unsigned=True),
    "mediumint": integers(24),
    "mediumint unsigned": integers(24, unsigned=True),
    "int": integers(32),
    "int(10) unsigned zerofill": integers(32, unsigned=True),
    "bigint": integers(64),
    "bigint unsigned": integers(64, unsigned=True),
    "decimal(10,2)": decimals(10, 2),
    "decimal(65,30)": decimals(65, 30),
    "decimal(20,0) unsigned": decimals(20, 0).map(abs),
    "float": FLOATS,
    "double": DOUBLES,
    "bit(1)": st.sampled_from([b"\x00", b"\x01"]),
    "bit(7)": st.integers(0, 127).map(lambda n: n.to_bytes(1)),
    "bit(64)": st.binary(min_size=8, max_size=8),
    "year": st.one_of(st.just(0), st.integers(1901, 2155)),
    "date": st.one_of(DAYS, DAYS, ZERO_DAYS),
    "datetime": st.builds(lambda d, t: f"{d} {t[:8]}", st.one_of(DAYS, DAYS, ZERO_DAYS), CLOCKS),
    "datetime(6)": st.builds(lambda d, t: f"{d} {t}", DAYS, CLOCKS),
    "timestamp(3) null default null": INSTANTS,
    "time": SPANS.map(lambda s: s.split(".")[0]),
    "time(6)": SPANS,
    "char(10)": texts(10),
    "varchar(60)": texts(60),
    "varchar(60) character set latin1": latin1(60),
    "varchar(30) character set ucs2": texts(20).map(lambda s: s.encode("ascii", "ignore").decode()),
    "tinytext": texts(60),
    "text": texts(300),
    "longtext": texts(300),
    "mediumtext": texts(300),
    "binary(5)": blobs(5),
    "tinyblob": blobs(60),
    "mediumblob": blobs(300),
    "varbinary(60)": blobs(60),
    "blob": blobs(300),
    "longblob": blobs(300),
    f"enum({_LISTED})": st.sampled_from(MEMBERS),
    f"set({_LISTED})": st.sets(st.sampled_from(MEMBERS)).map(",".join),
    "json": JSONS,
    "uuid": st.uuids().map(str),
    "inet4": st.ip_addresses(v=4).map(str),
    "inet6": st.ip_addresses(v=6).map(str),
    "point": PLACES,
    "geometry": st.one_of(PLACES, WAYS),
}  # fmt: skip

PLAIN_NAMES = st.from_regex(r"[a-z][a-z0-9_]{2,20}x", fullmatch=True)
ODD_NAMES = st.one_of(
    st.sampled_from(['"; drop schema public; --', "select", "It's", "back`tick", "två ord", "a.b", "%", "ß" * 31]),
    st.sampled_from(["?", "x" * 64, "\\", "--", "/*", "id id", "Ünïcödé", "tableoid", "xmin", "ctid"]),
    st.text(st.characters(categories=["L", "N", "P", "Zs"], max_codepoint=0xFFFF), min_size=1, max_size=20)
    .map(str.strip).filter(lambda s: s and not s.isdigit() and s.isprintable() and len(s.encode("utf-8")) <= 60),
)  # fmt: skip
# Of itself, mariadb-dump would write this in latin1 with a question mark for everything else, and not say so.
ANSI = "--compatible=ansi --default-character-set=utf8mb4"
OPTIONS = (
    "--hex-blob", "--skip-extended-insert", "--complete-insert", ANSI, "--no-autocommit", "--skip-comments",
    "--compact", "--skip-opt", "--insert-ignore", "--replace", "--order-by-primary", "--skip-add-drop-table",
    "--skip-quote-names", "--skip-disable-keys", "--add-locks", "--default-character-set=utf8mb4", "--skip-triggers",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A table to make: its name, columns (name, type) and rows; and how to dump it."""

    table: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    options: tuple[str, ...]
    charset: str = "utf8mb4"


@st.composite
def cases(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Case:
    options = tuple(sorted(draw(st.sets(st.sampled_from(OPTIONS), max_size=4))))
    if ANSI in options:
        # Without SET sql_mode nothing says that "a" is a name, where an expression may hold a string.
        options = tuple(option for option in options if option != "--compact")
    names = PLAIN_NAMES if "--skip-quote-names" in options else st.one_of(PLAIN_NAMES, ODD_NAMES)
    types = draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=6))
    found = draw(st.lists(names, min_size=len(types), max_size=len(types), unique_by=str.casefold))
    columns = tuple(zip([name if name.casefold() != "id" else "id2" for name in found], types, strict=True))
    row = st.tuples(*(st.one_of(st.none(), *[TYPES[kind]] * 4) for kind in types))
    return Case(draw(names), columns, tuple(draw(st.lists(row, max_size=6))), options)


def _name(text: str) -> str:
    return "`" + text.replace("`", "``") + "`"


def make(server: Server, case: Case) -> tuple[str, list[tuple[Any, ...]]]:
    """Make the case's table in a database of its own; the database's name and what MariaDB says it holds."""
    database = f"round_{next(_numbers)}"
    columns = ", ".join(
        f"{_name(name)} {kind}" + ("" if "null" in kind else " null") for name, kind in case.columns
    )
    server.execute(f"create database {database} character set {case.charset}")
    with closing(server.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("set sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00'")
        cursor.execute(
            f"create table {_name(case.table)} (id int not null auto_increment primary key, {columns})"
        )
        marks = ", ".join("%s" for _ in case.columns)
        listed = ", ".join(_name(name) for name, _ in case.columns).replace("%", "%%")
        table = _name(case.table).replace("%", "%%")
        for row in case.rows:
            cursor.execute(f"insert into {table} ({listed}) values ({marks})", row)
        cursor.execute(f"select * from {_name(case.table)} order by id")
        return database, list(cursor.fetchall())


async def fetch(url: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The types and the rows of the only table in a database."""
    connection = await asyncpg.connect(url)
    try:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        [table] = await connection.fetch(
            "select oid::regclass::text as name from pg_class "
            "where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
        types = await connection.fetch(
            "select format_type(atttypid, atttypmod) as type from pg_attribute "
            "where attrelid = $1::regclass and attnum > 0 order by attnum", table["name"],
        )  # fmt: skip
        rows = await connection.fetch(f"select * from {table['name']} order by id")
        return [one["type"] for one in types], [tuple(row) for row in rows]
    finally:
        await connection.close()


def expected(value: Any, kind: str, target: str) -> Any:
    """What PostgreSQL must hold for a value of MySQL's: by MySQL's type and the one it became."""
    if value is None:
        return None
    word = kind.split("(")[0].split(" ")[0]
    if word == "bit":
        width = int(kind[4:-1])
        return bool(value[-1]) if width == 1 else f"{int.from_bytes(value):0{width}b}"
    if word in ("date", "datetime") and isinstance(value, str):
        return None  # PyMySQL leaves as text what no calendar has
    if word == "timestamp":
        return value.replace(tzinfo=datetime.UTC)
    if word == "time" and target.startswith("time"):
        return (datetime.datetime.min + value).time()  # noqa: DTZ901  of no zone, as time is
    if word in ("point", "geometry"):
        srid, shape = value[:4], value[5:8]
        return value[4:] if srid == bytes(4) else b"\x01" + shape + b"\x20" + srid + value[9:]
    if word == "set":
        return value.split(",") if value else []
    if target == "jsonb":
        return json.loads(value)
    if target.startswith("numeric"):
        return Decimal(value)
    if target == "boolean":
        return bool(value)
    if target == "real":
        return struct.unpack("f", struct.pack("f", value))[0]
    if target == "uuid":
        return uuid.UUID(value)
    if target == "inet":
        return ipaddress.ip_address(value)
    return value.replace("\0", "") if isinstance(value, str) else value


def actual(value: Any) -> Any:
    """A value of asyncpg's as `expected` gives it."""
    if isinstance(value, asyncpg.BitString):
        return value.as_string().replace(" ", "")
    if isinstance(value, ipaddress.IPv6Interface | ipaddress.IPv4Interface):
        return value.ip
    return value


def assert_arrives(case: Case, server: Server, url: str) -> None:
    database, theirs = make(server, case)
    try:
        dump = server.dump(*" ".join(case.options).split(), database)
    finally:
        server.execute(f"drop database {database}")
    with tempfile.TemporaryDirectory() as folder:
        account = Path(folder) / "account.json"
        done = run("mysql-to-pg", "--quiet", "--to", url, "--report", account, "-", stdin=dump)
        assert done.exit_code == 0, (
            done.stderr,
            account.exists() and json.loads(account.read_bytes())["untranslated"],
        )
    types, ours = asyncio.run(fetch(url))
    kinds = ["int", *(kind for _, kind in case.columns)]
    wanted = [
        tuple(expected(value, kind, target) for value, kind, target in zip(row, kinds, types, strict=True))
        for row in theirs
    ]
    assert [tuple(actual(value) for value in row) for row in ours] == wanted


QUIET = settings(
    max_examples=25, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], phases=[Phase.explicit, Phase.generate],
)  # fmt: skip


@QUIET
@given(cases())
@example(Case("t", tuple((f"c{n}", kind) for n, kind in enumerate(TYPES)), ((None,) * len(TYPES),), ()))
def test_any_table_arrives_value_by_value(
    mariadb: Server, create_database: CreateDatabase, case: Case
) -> None:
    assert_arrives(case, mariadb, create_database())


@pytest.mark.slow
@settings(QUIET, max_examples=400, derandomize=False)
@given(cases())
def test_any_table_arrives_at_length(mariadb: Server, create_database: CreateDatabase, case: Case) -> None:
    assert_arrives(case, mariadb, create_database())


@pytest.mark.parametrize("options", [(), ("--hex-blob",), (ANSI,), ("--skip-opt", "--complete-insert")])
def test_every_nasty_text_arrives(
    mariadb: Server, create_database: CreateDatabase, options: tuple[str, ...]
) -> None:
    columns = (("a", "longtext"), ("b", "longblob"), ("c", "varchar(60)"))
    rows = tuple((text, text.encode(), text) for text in NASTY)
    assert_arrives(Case("nasty", columns, rows, options), mariadb, create_database())


@pytest.mark.parametrize("kind", TYPES)
def test_values_of_every_type_arrive(mariadb: Server, create_database: CreateDatabase, kind: str) -> None:
    values: list[Any] = []

    @settings(QUIET, max_examples=40)
    @given(TYPES[kind])
    def gather(value: Any) -> None:
        values.append(value)

    gather()
    case = Case("one_type", (("value", kind),), tuple((value,) for value in [None, *values]), ())
    assert_arrives(case, mariadb, create_database())
