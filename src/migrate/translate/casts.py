"""CAST, CONVERT and COLLATE."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from ..mysql import collations
from .functions import FUNCTIONS, documents
from .source import shown
from .values import Kind, Refusal, Value, as_number, as_text, call, composed, number, strict

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
        return _integer(value)
    if word in ("DECIMAL", "UDECIMAL"):
        digits = ", ".join([*arguments, "0"][:2]) if arguments else "10, 0"
        number_value = value if value.kind is Kind.TEXT else as_number(value)
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
    template = "round({0}::numeric)::bigint"
    return composed(template, Kind.INTEGER, as_number(value), atom=True)


def _collate(translator: "Expressions", node: exp.Collate) -> Value:
    value = translator.value(node.this)
    exact = not collations.of(node.expression.name, charset="").ignores_case
    return replace(strict(value) if exact else value, exact=exact)


TRANSLATIONS: dict[type, Callable[["Expressions", Any], Value]] = {
    exp.Cast: _cast,
    exp.Collate: _collate,
}
