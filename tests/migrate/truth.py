"""What MariaDB holds, as `mariadb-dump --xml --hex-blob` prints it, beside what PostgreSQL holds: value by value.

Types that print differently are brought to one form: by the type of the column in PostgreSQL, since that is what a
value became.
"""

import asyncio
import html
import ipaddress
import json
import re
import struct
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import asyncpg

from migrate.postgres import ddl

Value = str | bytes | None
V = TypeVar("V", bound=Value)

_DATABASE = re.compile(rb'\s*<database name="(.*)">')
_TABLE = re.compile(rb'\t<table_(structure|data) name="(.*)">')
_MADE = re.compile(rb' Create_time="([^"]*)"')
_COLUMN = re.compile(rb'\t\t<field Field="([^"]*)" Type="([^"]*)"')
_FIELD = re.compile(
    rb'\t\t<field name="([^"]*)"(?:( xsi:nil="true") />|( xsi:type="xs:hexBinary")?>(.*?)</field>)\n',
    re.DOTALL,
)


@dataclass
class Held:
    """A table of MariaDB's: its columns with their types, and its rows."""

    database: str
    name: str
    columns: dict[str, str] = field(default_factory=dict)
    rows: list[dict[str, Value]] = field(default_factory=list)
    made: str = ""  # when


def tables(xml: bytes) -> list[Held]:
    """The tables in a dump. It may hold control characters, which no parser of XML would take."""
    found: dict[tuple[str, str], Held] = {}
    database, held = "", Held("", "")  # whose rows come next
    for part in re.split(rb"(?m)^(?=<database |\t<table_|\t<row>)", xml):
        if named := _DATABASE.match(part):
            database = _text(named[1])
        elif named := _TABLE.match(part):
            held = found.setdefault((database, _text(named[2])), Held(database, _text(named[2])))
            held.made = _text(made[1]) if (made := _MADE.search(part)) else held.made
            held.columns |= {_text(name): _text(kind) for name, kind in _COLUMN.findall(part)}
        elif part.startswith(b"\t<row>"):
            row = {_text(one[1]): _value(one) for one in _FIELD.finditer(part)}
            held.rows.append({name: _of_the_load(value, held.made) for name, value in row.items()})
    return list(found.values())


_MINUTES = 15.0  # a load may take


def _of_the_load(value: V, made: str) -> V | str:
    """A value; one word for a moment in which a table was being filled, since that is CURRENT_TIMESTAMP's."""
    try:
        between = datetime.fromisoformat(str(value).removesuffix("+00")) - datetime.fromisoformat(made)
    except ValueError:
        return value
    return "now" if abs(between.total_seconds()) < 60 * _MINUTES else value


def _text(raw: bytes) -> str:
    return html.unescape(raw.decode("utf-8", "surrogateescape"))


def _value(found: re.Match[bytes]) -> Value:
    if found[2]:
        return None
    return bytes.fromhex(found[4].decode()) if found[3] else _text(found[4])


def found_different(xml: bytes, report: Any, url: str, excused: Container[str] = ()) -> list[str]:
    """Every difference between MariaDB's dump and the tables that a load reports, but for those that are excused."""
    targets = {table["source"].lower(): table["target"] for table in report["tables"] if table["target"]}
    renamed = {one["became"]: one["name"] for one in report["renamed"]}
    wrong: list[str] = []
    for held in tables(xml):
        target = targets.get(f"{held.database}.{held.name}".lower()) or targets.get(held.name.lower())
        if target is None or held.name in excused:
            continue
        types, rows = asyncio.run(read(url, target))
        own = {name.lower(): name for name in held.columns}
        named = {own.get(name) or renamed.get(name, name): kind for name, kind in types.items()}
        wrong += differences(held, named, rows)
    return wrong


def differences(held: Held, types: dict[str, str], rows: Iterable[tuple[str | None, ...]]) -> Iterator[str]:
    """How the rows of PostgreSQL, as text, differ from MariaDB's; `types` are those of the columns in PostgreSQL."""
    kinds = list(types.items())
    makers = [(name, _SOURCE.get(_bare(kind), _words), held.columns.get(name, "")) for name, kind in kinds]
    theirs = Counter(
        tuple(None if row[name] is None else make(row[name], kind) for name, make, kind in makers)
        for row in held.rows
    )
    readers = [_TARGET.get(_bare(kind), str) for _, kind in kinds]
    ours = Counter(
        tuple(None if value is None else read(value) for read, value in zip(readers, row, strict=True))
        for row in rows
    )
    for one, count in (theirs - ours).items():
        yield f"{held.database}.{held.name}: {count} × {one} is in MariaDB only"
    for one, count in (ours - theirs).items():
        yield f"{held.database}.{held.name}: {count} × {one} is in PostgreSQL only"


def _bare(kind: str) -> str:
    return "array" if kind.endswith("[]") else kind.partition("(")[0].removesuffix(" ")


async def read(url: str, table: str) -> tuple[dict[str, str], list[tuple[str | None, ...]]]:
    """The columns of a table `schema.name` with their types, and its rows as text."""
    name = ddl.name(*table.split(".", 1))
    connection = await asyncpg.connect(url, server_settings={"timezone": "UTC"})
    try:
        columns = await connection.fetch(
            "select attname, format_type(atttypid, atttypmod) as type from pg_attribute "
            f"where attrelid = {ddl.literal(name)}::regclass and attnum > 0 and not attisdropped order by attnum"
        )
        types = {one["attname"]: one["type"] for one in columns}
        shown = [
            f"to_json({ddl.name(column)})::text" if kind.endswith("[]") else f"{ddl.name(column)}::text"
            for column, kind in types.items()
        ]
        rows = await connection.fetch(f"select {', '.join(shown)} from {name}")
        now = datetime.now(UTC).replace(tzinfo=None).isoformat()
        return types, [tuple(_of_the_load(value, now) for value in row) for row in rows]
    finally:
        await connection.close()


def _words(value: Any, kind: str) -> Any:
    """Text, or bytes where MariaDB's column has no character set and PostgreSQL's has."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return text.replace("\0", "")


def _number(value: Any, kind: str) -> Decimal:
    return Decimal(int.from_bytes(value)) if isinstance(value, bytes) else Decimal(value)


def _bits(value: Any, kind: str) -> str:
    return f"{int.from_bytes(value):0{int(kind[4:-1])}b}"


def _moment(value: str, kind: str = "") -> str | None:
    """A date or time without zone and without zeros at its end; None for those that no calendar has."""
    if re.match(r"0000|\d{4}-00|\d{4}-\d\d-00", value):
        return None
    day, _, clock = value.removesuffix("+00").partition(" ")
    whole, _, fraction = clock.partition(".")
    return f"{day} {whole}".removesuffix(" ").removesuffix(" 00:00:00") + f".{fraction}".rstrip(
        "0"
    ).removesuffix(".")


def _span(value: str, kind: str = "") -> Decimal:
    hours, minutes, seconds = value.lstrip("-").split(":")
    span = 3600 * int(hours) + 60 * int(minutes) + Decimal(seconds)
    return -span if value.startswith("-") else span


def _shape(value: Any, kind: str) -> bytes:
    """Bytes; a geometry, which MariaDB keeps with its SRID before it, as PostGIS writes it where it has one."""
    held = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
    if not kind.startswith(_GEOMETRIES):
        return held
    srid, order, shape = struct.unpack("<IBI", held[:9])
    mark = _SRID_FOLLOWS if srid else 0
    return struct.pack("<BI", order, shape | mark) + (held[:4] if srid else b"") + held[9:]


_SRID_FOLLOWS = 0x20000000  # in the type of an EWKB
_GEOMETRIES = ("geometry", "point", "linestring", "polygon", "multi")


def _document(value: str, kind: str = "") -> str:
    return json.dumps(
        json.loads(value, parse_float=lambda text: str(Decimal(text).normalize())), sort_keys=True
    )


_SOURCE: dict[str, Callable[[Any, str], Any]] = {
    "boolean": lambda value, kind: _number(value, kind) != 0,
    **dict.fromkeys(("smallint", "integer", "bigint", "numeric"), _number),
    "real": lambda value, kind: struct.pack("f", float(value)),
    "double precision": lambda value, kind: float(value),
    **dict.fromkeys(("bit", "bit varying"), _bits),
    **dict.fromkeys(
        ("date", "timestamp", "timestamp with time zone", "timestamp without time zone"), _moment
    ),
    **dict.fromkeys(("time", "time without time zone", "interval"), _span),
    "array": lambda value, kind: tuple(value.split(",")) if value else (),
    "bytea": _shape,
    **dict.fromkeys(("json", "jsonb"), _document),
    "uuid": lambda value, kind: value.lower(),
    "inet": lambda value, kind: ipaddress.ip_address(value),
}
_TARGET: dict[str, Callable[[str], Any]] = {
    "boolean": lambda value: value == "true",
    **dict.fromkeys(("smallint", "integer", "bigint", "numeric"), Decimal),
    "real": lambda value: struct.pack("f", float(value)),
    "double precision": float,
    **dict.fromkeys(
        ("date", "timestamp", "timestamp with time zone", "timestamp without time zone"), _moment
    ),
    **dict.fromkeys(("time", "time without time zone", "interval"), _span),
    "array": lambda value: tuple(json.loads(value)),
    "bytea": lambda value: bytes.fromhex(value[2:]),
    **dict.fromkeys(("json", "jsonb"), _document),
    "inet": lambda value: ipaddress.ip_address(value.split("/")[0]),
}
