"""Arithmetic, of dates with an INTERVAL too."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from .functions import moments, numbers
from .functions.aggregates import kept
from .source import shown
from .values import Kind, Refusal, Value, as_number, composed, unrounded, unsigned

if TYPE_CHECKING:
    from .expression import Expressions

_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_BITWISE: dict[type[exp.Expr], str] = {
    exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|",
    exp.BitwiseXor: "#",
    exp.BitwiseLeftShift: "<<",
    exp.BitwiseRightShift: ">>",
}


def _arithmetic(translator: "Expressions", node: exp.Binary) -> Value:
    sign = _ARITHMETIC[type(node)]
    for own, other in ((node.expression, node.this), (node.this, node.expression)):
        if isinstance(own, exp.Interval):
            return shift(translator, other, own, sign)
    sides = [as_number(translator.value(side)) for side in (node.this, node.expression)]
    left, right = map(unrounded, sides)
    kind = next((k for k in (Kind.DOUBLE, Kind.NUMERIC) if k in (left.kind, right.kind)), Kind.INTEGER)
    if kind is Kind.INTEGER and left.constant is None and right.kind is Kind.INTEGER:
        left = composed("{0}::bigint", Kind.INTEGER, left, atom=True)  # MySQL counts in 64 bits
    scale = None
    scales = (_scale(left), _scale(right))
    if scales[0] is not None and scales[1] is not None:
        scale = scales[0] + scales[1] if sign == "*" else max(scales[0], scales[1])
    made = replace(composed(f"{{0}} {sign} {{1}}", kind, left, right), scale=scale)
    rough = any(side.rough for side in sides) and kind is Kind.NUMERIC
    return _shown(made, scale) if rough and scale is not None else made


def _shown(rough: Value, scale: int) -> Value:
    """A number that is rounded where it is seen, not where MySQL goes on computing with it."""
    return replace(rough, sql=f"round({rough.sql}, {scale})", atom=True, scale=scale, rough=rough.sql)


def _divided(translator: "Expressions", node: exp.Div) -> Value:
    left, right = (unrounded(as_number(translator.value(side))) for side in (node.this, node.expression))
    divisor = right.inner if right.constant and float(right.constant) else f"nullif({right.sql}, 0)"
    stable = left.stable or right.stable
    if Kind.DOUBLE in (left.kind, right.kind):
        return Value(f"{left.inner}::double precision / {divisor}", Kind.DOUBLE, False, stable=stable)
    quotient = f"{left.inner}::numeric / {divisor}"
    scale = _scale(left)
    if scale is None:
        return Value(quotient, Kind.NUMERIC, False, stable=stable)
    # MySQL shows four digits more than the dividend has (div_precision_increment), and computes in groups of nine.
    least = 9 * (-(-scale // 9) + -(-(_scale(right) or 0) // 9))
    return _shown(Value(kept(quotient, max(least, scale + 4)), Kind.NUMERIC, stable=stable), scale + 4)


def _whole_division(translator: "Expressions", node: exp.IntDiv) -> Value:
    left, right = as_number(translator.value(node.this)), as_number(translator.value(node.expression))
    return composed(
        "trunc({0}::numeric / nullif({1}, 0)::numeric)::bigint", Kind.INTEGER, left, right, atom=True
    )


def _modulo(translator: "Expressions", node: exp.Mod) -> Value:
    return numbers.modulo(translator.value(node.this), translator.value(node.expression))


def _negative(translator: "Expressions", node: exp.Neg) -> Value:
    value = as_number(translator.value(node.this))
    if value.constant is not None and not value.constant.startswith("-"):
        return Value(f"-{value.sql}", value.kind, False, f"-{value.constant}", value.scale)
    return replace(composed("-{0}", value.kind, value), scale=value.scale)


def _bitwise(translator: "Expressions", node: exp.Binary) -> Value:
    sides = [as_number(translator.value(side)) for side in (node.this, node.expression)]
    if isinstance(node, exp.BitwiseRightShift):
        return replace(
            composed(
                "div({0}, power(2::numeric, {1}))", Kind.NUMERIC, unsigned(sides[0]), sides[1], atom=True
            ),
            scale=0,
        )
    shifted = isinstance(node, exp.BitwiseLeftShift)
    template = f"{{0}}::bigint {_BITWISE[type(node)]} {{1}}::" + ("integer" if shifted else "bigint")
    made = composed(template, Kind.INTEGER, *sides)
    positive = not shifted and any((side.constant or "").isdigit() for side in sides)
    return made if positive and isinstance(node, exp.BitwiseAnd) else unsigned(made)


def shift(translator: "Expressions", moment: exp.Expr, interval: exp.Interval, sign: str) -> Value:
    """A moment and an INTERVAL, added or taken away."""
    if interval.this is None or interval.unit is None:
        raise Refusal(f"{shown(interval)} has no counterpart")
    amount = translator.value(interval.this)
    if amount.constant is not None and amount.kind is Kind.TEXT:
        amount = as_number(amount)
    return moments.shifted(translator.value(moment), amount, interval.unit.name.upper(), sign)


def _scale(value: Value) -> int | None:
    return 0 if value.kind is Kind.INTEGER else value.scale


TRANSLATIONS: dict[type, Callable[["Expressions", Any], Value]] = {
    **dict.fromkeys(_ARITHMETIC, _arithmetic),
    **dict.fromkeys(_BITWISE, _bitwise),
    exp.Div: _divided,
    exp.IntDiv: _whole_division,
    exp.Mod: _modulo,
    exp.Neg: _negative,
}
