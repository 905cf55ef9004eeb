"""Functions of groups and windows of rows."""

from dataclasses import replace

from ..values import Kind, Refusal, Value, as_number, as_text, call, composed, keyed, unrounded
from .table import Function


def _deviation(name: str) -> Function:
    return lambda value: composed(
        f"{name}({{0}}::double precision)", Kind.DOUBLE, as_number(value), atom=True
    )


def _sum(value: Value) -> Value:
    checked = unrounded(as_number(value))
    kind = Kind.DOUBLE if checked.kind is Kind.DOUBLE else Kind.NUMERIC
    summed = f"sum({checked.sql})"
    shown = f"round({summed}, {checked.scale})" if checked is not value and checked.scale else summed
    rough = summed if shown != summed else None
    return Value(shown, kind, scale=checked.scale, stable=checked.stable, rough=rough)


def kept(quotient: str, digits: int) -> str:
    """A quotient as MySQL goes on computing with it, of which it shows so many digits: they come in groups of nine."""
    return f"trunc({quotient}, {9 * -(-digits // 9)})"


def _avg(value: Value) -> Value:
    checked = unrounded(as_number(value))
    if checked.kind is Kind.DOUBLE or checked.scale is None:
        return call("avg", checked.kind if checked.kind is Kind.DOUBLE else Kind.NUMERIC, checked)
    # MySQL keeps four digits more than the values have (div_precision_increment).
    digits = checked.scale + 4
    mean = f"avg({checked.sql})"
    return Value(f"round({mean}, {digits})", Kind.NUMERIC, scale=digits, rough=kept(mean, digits))


def _pick(name: str) -> Function:
    def function(value: Value) -> Value:
        if value.kind is Kind.BOOLEAN:
            value = as_number(value)
        if value.kind is Kind.ENUM:
            value = as_text(value)  # MySQL compares an enum's words here, not their order
        if value.kind in (Kind.JSON, Kind.SET, Kind.BITS):
            raise Refusal(f"{name} of {value.kind.value}")
        value = keyed(value)
        rough = value.rough and f"{name}({value.rough})"
        return replace(value, sql=f"{name}({value.sql})", atom=True, constant=None, rough=rough)

    return function


_EVERY_BIT = "coalesce(bit_and({0})::numeric, 18446744073709551615)"


AGGREGATES: dict[str, Function] = {
    "COUNT": lambda value: call("count", Kind.INTEGER, value),
    "SUM": _sum,
    "AVG": _avg,
    "MIN": _pick("min"),
    "MAX": _pick("max"),
    "BIT_AND": lambda value: composed(_EVERY_BIT, Kind.NUMERIC, as_number(value), atom=True),
    "BIT_OR": lambda value: composed("coalesce(bit_or({0}), 0)", Kind.INTEGER, as_number(value), atom=True),
    "STD": _deviation("stddev_pop"),
    "STDDEV": _deviation("stddev_pop"),
    "STDDEV_POP": _deviation("stddev_pop"),
    "STDDEV_SAMP": _deviation("stddev_samp"),
    "VARIANCE": _deviation("var_pop"),
    "VAR_POP": _deviation("var_pop"),
    "VAR_SAMP": _deviation("var_samp"),
    "JSON_ARRAYAGG": lambda value: call("jsonb_agg", Kind.JSON, value),
    "JSON_OBJECTAGG": lambda name, value: call("jsonb_object_agg", Kind.JSON, as_text(name), value),
    "ANY_VALUE": lambda value: composed("(array_agg({0}))[1]", value.kind, value, atom=True),
}


WINDOW_FUNCTIONS: dict[str, Kind] = {
    "ROW_NUMBER": Kind.INTEGER,
    "RANK": Kind.INTEGER,
    "DENSE_RANK": Kind.INTEGER,
    "PERCENT_RANK": Kind.DOUBLE,
    "CUME_DIST": Kind.DOUBLE,
    "NTILE": Kind.INTEGER,
    "LAG": Kind.OTHER,
    "LEAD": Kind.OTHER,
    "FIRST_VALUE": Kind.OTHER,
    "LAST_VALUE": Kind.OTHER,
    "NTH_VALUE": Kind.OTHER,
}
