"""Translated expressions: text of PostgreSQL with what is known of its type."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum

from ..errors import MigrateError
from ..postgres.quoting import literal


class Refusal(Exception):  # noqa: N818  a refusal is an answer, not a mistake
    """Why something cannot be said in PostgreSQL so that it means the same."""


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the translator did not foresee into a refusal: no view is worth a load of hours."""
    try:
        yield
    except (Refusal, MigrateError):
        raise
    except Exception as error:
        raise Refusal(f"its translation failed ({type(error).__name__}: {error})") from error


class Kind(Enum):
    """Families of types between which PostgreSQL, unlike MySQL, does not convert by itself."""

    BOOLEAN = "boolean"
    INTEGER = "bigint"
    NUMERIC = "numeric"
    DOUBLE = "double precision"
    TEXT = "text"
    ENUM = "enum"
    SET = "text[]"
    BYTES = "bytea"
    BITS = "bit"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INSTANT = "timestamp with time zone"
    TIME = "time"
    INTERVAL = "interval"
    JSON = "jsonb"
    GEOMETRY = "geometry"
    NULL = "null"
    OTHER = "other"


NUMBERS = (Kind.INTEGER, Kind.NUMERIC, Kind.DOUBLE)
MOMENTS = (Kind.DATE, Kind.TIMESTAMP, Kind.INSTANT)

_KINDS = (
    (r"boolean$", Kind.BOOLEAN),
    (r"(smallint|integer|bigint)$", Kind.INTEGER),
    (r"(numeric|decimal)\b", Kind.NUMERIC),
    (r"(real|double precision|float\d)$", Kind.DOUBLE),
    (r"(varchar|character varying|char|character|text|citext|bpchar)\b(?!.*\[\])", Kind.TEXT),
    (r"text\[\]$", Kind.SET),
    (r"bytea$", Kind.BYTES),
    (r"bit\b", Kind.BITS),
    (r"date$", Kind.DATE),
    (r"timestamp\b.*with time zone$|timestamptz", Kind.INSTANT),
    (r"timestamp\b", Kind.TIMESTAMP),
    (r"time\b", Kind.TIME),
    (r"interval\b", Kind.INTERVAL),
    (r"jsonb?$", Kind.JSON),
    (r"geometry\b", Kind.GEOMETRY),
)


def kind_of(declared: str) -> Kind:
    """The family of a PostgreSQL type as it is declared."""
    return next((kind for pattern, kind in _KINDS if re.match(pattern, declared)), Kind.OTHER)


class Loose(Enum):
    """By what PostgreSQL compares text without regard to case.

    FOLDED is text that is computed of citext, WRITTEN what is computed of no column: both are in lower case where they
    are compared.
    """

    CITEXT = "citext"
    COLLATION = "collation"
    FOLDED = "folded"
    WRITTEN = "written"


@dataclass(frozen=True)
class Value:
    """A translated expression. `atom` says that it needs no parentheses inside another one.

    `constant` is the text of a literal, which PostgreSQL still lets become any type. `scale` are the digits behind the
    point, where they are known. `exact` says that MySQL compares it byte by byte, with regard to case.
    `stable` says that it is not the same for ever: it depends on the session or the clock.
    `loose` says that PostgreSQL compares it without regard to case, `padded` that MySQL compares it without regard to
    blanks at its end. `rough` is what MySQL goes on computing with, where `sql` is what it shows.
    """

    sql: str
    kind: Kind
    atom: bool = True
    constant: str | None = None
    scale: int | None = None
    exact: bool = False
    stable: bool = False
    loose: Loose | None = None
    padded: bool = False
    rough: str | None = None

    @property
    def octets(self) -> bytes | None:
        """The bytes of a constant that is written in digits."""
        found = re.fullmatch(r"'\\x([0-9a-f]*)'::bytea", self.sql)
        return bytes.fromhex(found[1]) if found else None

    @property
    def inner(self) -> str:
        """The text as part of a larger expression."""
        return self.sql if self.atom else f"({self.sql})"


def text(value: str) -> Value:
    """A string constant."""
    return Value(literal(value), Kind.TEXT, constant=value)


def number(value: str) -> Value:
    """A number as it is written."""
    if re.fullmatch(r"\d+", value):
        return Value(value, Kind.INTEGER, constant=value, scale=0)
    if re.fullmatch(r"\d*\.?\d*", value):
        return Value(value, Kind.NUMERIC, constant=value, scale=len(value.partition(".")[2]))
    return Value(f"{value}::double precision", Kind.DOUBLE, constant=value)


def binary(value: bytes) -> Value:
    """A constant of bytes."""
    return Value(f"'\\x{value.hex()}'::bytea", Kind.BYTES)


def call(name: str, kind: Kind, *arguments: Value, stable: bool = False) -> Value:
    """A function called with values."""

    def written(given: Sequence[Value]) -> str:
        return f"{name}({', '.join(argument.sql for argument in given)})"

    return computed(written, kind, arguments, atom=True, stable=stable)


def composed(template: str, kind: Kind, *parts: Value, atom: bool = False, stable: bool = False) -> Value:
    """An expression with `{0}`, `{1}` … for its parts, each in parentheses where it needs them."""

    def written(given: Sequence[Value]) -> str:
        return template.format(*(part.inner for part in given))

    return computed(written, kind, parts, atom=atom, stable=stable)


def computed(
    written: Callable[[Sequence[Value]], str],
    kind: Kind,
    parts: Sequence[Value],
    *,
    atom: bool = True,
    stable: bool = False,
) -> Value:
    """What is written with parts.

    Numbers are computed of all the digits that MySQL has; where they are compared or written, of those it shows.
    """
    rough = written([unrounded(part) for part in parts]) if kind in (Kind.NUMERIC, Kind.DOUBLE) else ""
    made = derived(rough if kind is Kind.DOUBLE else written(parts), kind, parts, atom=atom, stable=stable)
    if rough in ("", made.sql):
        return made
    return replace(made, scale=max(part.scale or 0 for part in parts), rough=rough)


def derived(
    sql: str, kind: Kind, parts: Sequence[Value], *, atom: bool = True, stable: bool = False
) -> Value:
    """What is computed of parts: text is compared as they are, byte by byte where one of them is."""
    texts = [part for part in parts if kind is Kind.TEXT and part.kind in (Kind.TEXT, Kind.ENUM, Kind.SET)]
    ways = {part.loose for part in texts}
    loose = next((way for way in (Loose.COLLATION, Loose.FOLDED, Loose.WRITTEN) if way in ways), None)
    loose = Loose.FOLDED if Loose.CITEXT in ways else loose
    return Value(
        sql,
        kind,
        atom,
        exact=any(part.exact for part in texts),
        stable=stable or any(part.stable for part in parts),
        loose=loose,
        padded=any(part.padded for part in parts),
    )


def unrounded(value: Value) -> Value:
    """A number with all the digits that MySQL computes with."""
    return replace(value, sql=value.rough, atom=False, rough=None) if value.rough else value


def unsigned(value: Value) -> Value:
    """A whole number of 64 bits, which MySQL takes without a sign."""
    if value.constant is not None and value.constant.isdigit():
        return value
    template = "mod({0}::numeric + 18446744073709551616, 18446744073709551616)"
    return replace(composed(template, Kind.NUMERIC, value, atom=True), scale=0)


def strict(value: Value) -> Value:
    """The same text, compared with regard to case."""
    if value.loose not in (Loose.CITEXT, Loose.COLLATION):
        return replace(value, loose=None)
    bare = composed('{0}::text collate "default"', Kind.TEXT, value, stable=value.stable)
    return replace(bare, exact=value.exact, loose=None)


def folded(value: Value) -> Value:
    """Text in lower case; PostgreSQL asks for the collation of a constant in a generated column before it has one."""
    if value.constant is not None:
        return text(value.constant.lower())
    return call("lower", Kind.TEXT, strict(value))


def keyed(value: Value) -> Value:
    """A value by which rows are told apart or sorted."""
    if value.loose is not Loose.FOLDED or value.kind is not Kind.TEXT or value.exact:
        return value
    return replace(composed("{0}::citext", Kind.TEXT, value, atom=True), loose=Loose.CITEXT)


def without_blanks(value: Value) -> Value:
    """The same text without the blanks at its end."""
    if value.constant is not None:
        bare = value.constant.rstrip(" ")
        return replace(value, sql=literal(bare), constant=bare)
    cast = "::citext" if value.loose is Loose.CITEXT else ""
    bare_text = composed(f"rtrim({{0}}::text, ' '){cast}", Kind.TEXT, value, atom=True)
    return replace(bare_text, exact=value.exact, loose=value.loose)


def as_boolean(value: Value) -> Value:
    """The truth of a value: in MySQL every number but 0 is true."""
    if value.kind in (Kind.BOOLEAN, Kind.NULL):
        return value
    if value.constant is not None and value.kind in NUMBERS:
        return Value("true" if float(value.constant) else "false", Kind.BOOLEAN)
    if value.kind in NUMBERS:
        return composed("{0} <> 0", Kind.BOOLEAN, value)
    raise Refusal(f"the truth of {_described(value)} depends on MySQL's conversion of it to a number")


def as_number(value: Value) -> Value:
    """A value that MySQL takes for a number where it stands."""
    if value.kind is Kind.BOOLEAN:
        if value.sql in ("true", "false"):
            return number("1" if value.sql == "true" else "0")
        return replace(composed("{0}::integer", Kind.INTEGER, value, atom=True), scale=0)
    if value.constant is not None and value.kind is Kind.TEXT:
        if re.fullmatch(r"[+-]?\d+(\.\d+)?", value.constant):
            return number(value.constant)
        raise Refusal(f"the string {value.sql} is used as a number")
    if value.kind in NUMBERS or value.kind is Kind.NULL:
        return value
    if value.octets is not None:
        return number(str(int.from_bytes(value.octets, "big")))
    if value.kind is Kind.BITS:
        return composed("{0}::bigint", Kind.INTEGER, value, atom=True)
    raise Refusal(f"{_described(value)} is used as a number")


def as_text(value: Value) -> Value:
    """A value that MySQL takes for a string where it stands, written the way MySQL writes it."""
    kind, stable = value.kind, value.stable
    if kind in (Kind.TEXT, Kind.NULL):
        return value
    if value.constant is not None and kind in NUMBERS:
        return text(value.constant)
    if kind is Kind.BOOLEAN:
        return composed("{0}::integer::text", Kind.TEXT, value, atom=True)
    if kind in (Kind.INTEGER, Kind.NUMERIC, Kind.JSON, Kind.OTHER):
        return composed("{0}::text", Kind.TEXT, value, atom=True)
    if kind is Kind.ENUM:
        return composed("{0}::text", Kind.TEXT, value, atom=True, stable=True)
    if kind is Kind.SET:
        return composed("array_to_string({0}, ',')", Kind.TEXT, value, atom=True, stable=True)
    if kind in _WRITTEN:
        return composed(f"to_char({{0}}, '{_WRITTEN[kind]}')", Kind.TEXT, value, atom=True, stable=True)
    if kind is Kind.BYTES:
        known = composed("convert_from({0}, 'UTF8')", Kind.TEXT, value, atom=True, stable=stable)
        return replace(known, exact=True)
    raise Refusal(f"{_described(value)} is used as a string, which MySQL writes differently")


_WRITTEN = {
    Kind.DATE: "YYYY-MM-DD",
    Kind.TIMESTAMP: "YYYY-MM-DD HH24:MI:SS",
    Kind.INSTANT: "YYYY-MM-DD HH24:MI:SS",
    Kind.TIME: "HH24:MI:SS",
}


# A date or time as a number: its digits, one after the other.
_IN_DIGITS = {kind: "".join(filter(str.isalnum, form)) for kind, form in _WRITTEN.items()}


def as_moment(value: Value) -> Value:
    """A date or timestamp; a string constant becomes what it looks like."""
    if value.kind in MOMENTS or value.kind is Kind.NULL:
        return value
    if value.constant is not None and value.kind is Kind.TEXT:
        kind = Kind.DATE if re.fullmatch(r"\d{4}-\d\d?-\d\d?", value.constant) else Kind.TIMESTAMP
        return Value(f"{value.sql}::{kind.value}", kind)
    if value.kind is Kind.TEXT:
        return composed("{0}::timestamp", Kind.TIMESTAMP, value, atom=True, stable=True)
    raise Refusal(f"{_described(value)} is used as a date")


def assigned(value: Value, kind: Kind, declared: str | None = None) -> Value:
    """A value for a column, variable or result of a kind; `declared` is its type as declared."""
    value = unrounded(value) if declared and kind in NUMBERS else value
    if value.kind is Kind.NULL or (value.kind is kind and kind is not Kind.ENUM):
        return value
    if kind is Kind.BOOLEAN:
        return as_boolean(as_number(value))
    if kind is Kind.SET and value.kind is Kind.TEXT:
        return composed("string_to_array({0}, ',')", Kind.SET, value, atom=True)
    if kind is Kind.BITS and (value.kind is Kind.INTEGER or value.octets is not None):
        return composed(f"{{0}}::bigint::{declared or 'bit'}", Kind.BITS, as_number(value), atom=True)
    if kind is Kind.BYTES and value.kind is Kind.TEXT:
        return octets_of(value)
    if value.constant is not None and value.kind is Kind.TEXT:
        return value  # an unknown literal of PostgreSQL, which becomes what is wanted
    if kind in NUMBERS:
        value = as_number(value) if value.octets is not None else value
        if value.kind in _IN_DIGITS:
            digits = composed(
                f"to_char({{0}}, '{_IN_DIGITS[value.kind]}')", Kind.TEXT, value, atom=True, stable=True
            )
            return _cast(digits, declared or kind.value, kind)
        return value if value.kind in NUMBERS else _cast(value, declared or kind.value, kind)
    if kind is Kind.TEXT:
        return as_text(value)
    if kind in MOMENTS and value.kind in MOMENTS:
        return value  # PostgreSQL assigns these to each other as MySQL does
    if (
        declared is None
        or kind in (Kind.OTHER, Kind.SET, Kind.BITS, Kind.GEOMETRY)
        or value.kind in (Kind.SET, Kind.BYTES)
    ):
        if kind in (value.kind, Kind.OTHER):
            return value
        raise Refusal(f"{_described(value)} is stored as {kind.value}")
    if value.kind is Kind.ENUM:
        value = as_text(value)  # types of enums have nothing in common
    return _cast(value, declared, kind)


def octets_of(value: Value, encoding: str = "UTF8") -> Value:
    """The bytes of a text; a cast would take backslashes for escapes."""
    return composed(f"convert_to({{0}}, '{encoding}')", Kind.BYTES, value, atom=True, stable=True)


def passed(value: Value, type_: str) -> Value:
    """A value as the argument of a stored routine, whose parameter has that type."""
    kind = kind_of(type_)
    value = assigned(value, kind, type_)
    if value.kind is kind and value.constant is None:
        return value
    return composed(f"{{0}}::{type_}", kind, value, atom=True, stable=value.stable)


def _cast(value: Value, declared: str, kind: Kind) -> Value:
    if value.kind is Kind.BOOLEAN:
        return as_number(value)
    return composed(f"{{0}}::{declared}", kind, value, atom=True, stable=True)


def _described(value: Value) -> str:
    return f"{value.sql} ({value.kind.value})"
