"""Functions that choose one of several values."""

from ..agreement import unified
from ..values import (
    Kind,
    Value,
    as_boolean,
    call,
    composed,
)
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
    same, kind = unified([left, right])
    return call("nullif", kind, *same)


@function("ISNULL")
def _isnull(value: Value) -> Value:
    return composed("{0} is null", Kind.BOOLEAN, value)


def _extreme(name: str) -> Function:
    def function(*values: Value) -> Value:
        # One NULL makes MySQL's answer NULL; PostgreSQL passes over it.
        same, kind = unified(list(values))
        made = call(name, kind, *same)
        unsure = [value for value in same if value.constant is None]
        if not unsure:
            return made
        nulls = " or ".join(f"{value.inner} is null" for value in unsure)
        return Value(f"case when not ({nulls}) then {made.sql} end", kind, stable=made.stable)

    return function


FUNCTIONS["GREATEST"] = _extreme("greatest")


FUNCTIONS["LEAST"] = _extreme("least")
