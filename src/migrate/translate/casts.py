"""CAST, CONVERT and COLLATE."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from ..mysql import collations
from .functions import FUNCTIONS, documents
from .source import shown
from .values import (
    Kind,
    Loose,
    Refusal,
    Value,
    as_number,
    as_text,
    call,
    composed,
    number,
    strict,
    unrounded,
    unsigned,
)

if TYPE_CHECKING:
    from .expression import Expressions


def _cast(translator: "Expressions", node: exp.Cast) -> Value:
    value, target = translator.value(node.this), node.to
    word = target.this.value if isinstance(target.this, exp.DataType.Type) else str(target.this)
    arguments = [part.name for part in target.expressions]
    if word in ("CHAR", "VARCHAR", "NCHAR", "NVARCHAR", "TEXT", "CHARACTER_SET"):
        if word == "CHARACTER_SET" and str(target.args.get("kind")).lower() == "binary":
            raise Refusal("a conversion to bytes")
        result = as_text(value)
        return call("left", Kind.TEXT, result, number(arguments[0])) if arguments else result
    if word in ("BINARY", "VARBINARY"):
        return value if value.kind is Kind.BYTES else replace(strict(as_text(value)), exact=True)
    if word in ("BIGINT", "UBIGINT", "INT", "UINT"):
        whole = _integer(value)
        return unsigned(whole) if word.startswith("U") else whole
    if word in ("DECIMAL", "UDECIMAL"):
        digits = ", ".join([*arguments, "0"][:2]) if arguments else "10, 0"
        number_value = value if value.kind is Kind.TEXT else unrounded(as_number(value))
        return Value(
            f"{number_value.inner}::numeric({digits})",
            Kind.NUMERIC,
            scale=int(digits.rpartition(" ")[2]),
            stable=value.stable,
        )
    if word in ("DOUBLE", "FLOAT"):
        return composed("{0}::double precision", Kind.DOUBLE, as_number(value), atom=True)
    if word == "DATE":
        return FUNCTIONS["DATE"](value)
    if word in ("DATETIME", "TIMESTAMP"):
        return FUNCTIONS["TIMESTAMP"](value)
    if word == "TIME":
        return FUNCTIONS["TIME"](value)
    if word == "JSON":
        return documents.as_json(value)
    raise Refusal(f"{shown(node)} has no counterpart")


def _integer(value: Value) -> Value:
    if value.kind is Kind.INTEGER:
        return value
    if value.kind is Kind.TEXT and value.constant is None:
        raise Refusal("a string is cut to its leading number")
    checked = as_number(value)
    # Of a double the cast itself takes the nearest even number, as MySQL does.
    template = "{0}::bigint" if checked.kind is Kind.DOUBLE else "round({0}::numeric)::bigint"
    return composed(template, Kind.INTEGER, checked, atom=True)


def _collate(translator: "Expressions", node: exp.Collate) -> Value:
    value = translator.value(node.this)
    exact = not collations.of(node.expression.name, charset="").ignores_case
    return (
        replace(strict(value), exact=True)
        if exact
        else replace(value, exact=False, loose=value.loose or _SAID)
    )


# What COLLATE compares without regard to case has no other word for it in PostgreSQL.
_SAID = Loose.WRITTEN


TRANSLATIONS: dict[type, Callable[["Expressions", Any], Value]] = {
    exp.Cast: _cast,
    exp.Collate: _collate,
}
