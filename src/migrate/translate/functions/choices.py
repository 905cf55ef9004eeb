"""Functions that choose one of several values."""

from collections.abc import Iterable
from dataclasses import replace

from ..agreement import comparable, unified
from ..values import NUMBERS, Kind, Refusal, Value, as_boolean, call, composed, computed, derived, keyed
from .table import FUNCTIONS, Function, function


def _common(name: str, values: tuple[Value, ...]) -> Value:
    same, kind = unified(list(values))
    return call(name, kind, *same)


def if_else(condition: Value, then: Value, otherwise: Value) -> Value:
    """MySQL's IF()."""
    (then, otherwise), kind = unified([then, otherwise])
    return composed(
        "case when {0} then {1} else {2} end", kind, as_boolean(condition), then, otherwise, atom=True
    )


@function("IF")
def _if(condition: Value, then: Value, otherwise: Value) -> Value:
    return if_else(condition, then, otherwise)


@function("IFNULL", "COALESCE", "NVL")
def _coalesce(*values: Value) -> Value:
    return _common("coalesce", values)


@function("NULLIF")
def _nullif(left: Value, right: Value) -> Value:
    one, other = comparable(left, right)
    if one.sql == left.sql:
        return replace(call("nullif", left.kind, left, other), loose=left.loose, scale=left.scale)
    made = derived(f"case when {one.inner} = {other.inner} then null else {left.sql} end", left.kind, [left])
    return replace(made, loose=left.loose, scale=left.scale)


@function("ISNULL")
def _isnull(value: Value) -> Value:
    return composed("{0} is null", Kind.BOOLEAN, value)


def _of_one_family(name: str, values: Iterable[Value]) -> None:
    if any(value.kind is Kind.TEXT for value in values) and any(value.kind in NUMBERS for value in values):
        raise Refusal(f"{name} of texts and numbers, which MySQL compares as numbers")


def _extreme(name: str) -> Function:
    def function(*values: Value) -> Value:
        # One NULL makes MySQL's answer NULL; PostgreSQL passes over it.
        same, kind = unified(list(values))
        _of_one_family(name, values)
        made = call(name, kind, *map(keyed, same))
        unsure = [value for value in same if value.constant is None]
        if not unsure:
            return made
        nulls = " or ".join(f"{value.inner} is null" for value in unsure)
        return computed(lambda of: f"case when not ({nulls}) then {of[0].sql} end", kind, [made])

    return function


FUNCTIONS["GREATEST"] = _extreme("greatest")


FUNCTIONS["LEAST"] = _extreme("least")
