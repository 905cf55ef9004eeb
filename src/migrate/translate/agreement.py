"""Values of several kinds brought to one: those of one column of results, and those that are compared."""

import re
from dataclasses import replace

from .values import (
    MOMENTS,
    NUMBERS,
    Kind,
    Loose,
    Refusal,
    Value,
    as_number,
    as_text,
    binary,
    folded,
    keyed,
    number,
    strict,
)

_ZERO_DATE = re.compile(r"\d{4}-00-\d\d|\d{4}-\d\d-00|0000-00-00")


def unified(values: list[Value]) -> tuple[list[Value], Kind]:
    """The values of one column of results, brought to one kind as MySQL would."""
    kinds: set[Kind] = {value.kind for value in values} - {Kind.NULL}
    if not kinds:
        return values, Kind.NULL
    if kinds == {Kind.ENUM}:
        return [as_text(value) for value in values], Kind.TEXT
    if len(kinds) == 1:
        return values, kinds.pop()
    if Kind.BOOLEAN in kinds and kinds <= {Kind.BOOLEAN, *NUMBERS}:
        values = [as_number(value) for value in values]
        kinds = {value.kind for value in values} - {Kind.NULL}
    for kind in (Kind.DOUBLE, Kind.NUMERIC, Kind.INTEGER):
        if kinds <= set(NUMBERS) and kind in kinds:
            return [_scaled(value, values) for value in values], kind
    if kinds == {Kind.DATE, Kind.TIMESTAMP}:
        return values, Kind.TIMESTAMP
    if Kind.TEXT in kinds:
        return [as_text(value) for value in values], Kind.TEXT
    raise Refusal(f"it mixes {' and '.join(sorted(kind.value for kind in kinds))}")


def _scaled(value: Value, others: list[Value]) -> Value:
    """A whole constant with the digits behind the point that MySQL gives it beside decimals."""
    digits = max((other.scale or 0 for other in others if other.kind is Kind.NUMERIC), default=0)
    if digits and value.constant and value.constant.isdigit():
        return number(f"{value.constant}.{'0' * digits}")
    return value


def comparable(left: Value, right: Value) -> tuple[Value, Value]:
    """Two values as MySQL compares them; NULL and PostgreSQL's untyped constants compare with everything."""
    left, right = _of_one_type(left, right)
    return _as_strict(left, right), _as_strict(right, left)


def _as_strict(value: Value, other: Value) -> Value:
    """Text beside other text: one that regards case makes both do so, and citext has to be said of both."""
    if not value.kind is other.kind is Kind.TEXT:
        return value
    if value.exact or other.exact:
        return value if value.constant is not None else strict(value)
    ways = {one.loose for one in (value, other) if one.constant is None} or {value.loose}
    if Loose.CITEXT in ways:
        as_it_is = value.loose is Loose.CITEXT or value.constant is not None
        return value if as_it_is else keyed(replace(value, loose=Loose.FOLDED))
    return folded(value) if ways & {Loose.FOLDED, Loose.WRITTEN} and Loose.COLLATION not in ways else value


def _of_one_type(left: Value, right: Value) -> tuple[Value, Value]:
    if left.constant is not None and right.constant is None:
        other, own = _of_one_type(right, left)
        return own, other
    kinds = {left.kind, right.kind}
    if Kind.NULL in kinds or kinds <= set(NUMBERS) or kinds <= set(MOMENTS):
        return left, right
    if left.kind is Kind.BOOLEAN:
        return _comparable_boolean(left, right)
    if right.kind is Kind.BOOLEAN:
        return left, as_number(right)
    if right.constant is not None and right.kind is Kind.TEXT:
        return _comparable_constant(left, right)
    if len(kinds) == 1 and kinds <= {Kind.TEXT, Kind.BYTES, Kind.TIME, Kind.INTERVAL, Kind.OTHER, Kind.JSON}:
        return left, right
    if kinds <= {Kind.TEXT, Kind.ENUM, Kind.SET}:
        return as_text(left), as_text(right)
    if kinds <= {*NUMBERS, Kind.BITS}:
        return as_number(left), as_number(right)
    raise Refusal(f"{left.sql} ({left.kind.value}) is compared with {right.sql} ({right.kind.value})")


def _comparable_boolean(left: Value, right: Value) -> tuple[Value, Value]:
    if right.kind is Kind.BOOLEAN:
        return left, right
    if right.constant in ("0", "1"):
        return left, Value("true" if right.constant == "1" else "false", Kind.BOOLEAN)
    return as_number(left), as_number(right)


def _comparable_constant(left: Value, right: Value) -> tuple[Value, Value]:
    constant = right.constant or ""
    if left.kind in MOMENTS and _ZERO_DATE.match(constant):
        raise Refusal("it compares with a zero date, which is NULL in PostgreSQL")
    if left.kind in NUMBERS:
        return left, as_number(right)
    if left.kind is Kind.SET:
        return as_text(left), right
    if left.kind is Kind.BYTES:
        return left, binary(constant.encode("utf-8", "surrogateescape"))
    if left.kind is Kind.JSON or left.kind is Kind.BITS:
        raise Refusal(f"{left.sql} ({left.kind.value}) is compared with a string")
    return left, right
