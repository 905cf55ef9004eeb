"""Functions of groups and windows of rows."""

from ..values import Kind, Refusal, Value, as_number, as_text, call, composed
from .table import Function


def _deviation(name: str) -> Function:
    return lambda value: composed(
        f"{name}({{0}}::double precision)", Kind.DOUBLE, as_number(value), atom=True
    )


def _sum(value: Value) -> Value:
    checked = as_number(value)
    kind = Kind.DOUBLE if checked.kind is Kind.DOUBLE else Kind.NUMERIC
    return Value(f"sum({checked.sql})", kind, scale=checked.scale, stable=checked.stable)


def _avg(value: Value) -> Value:
    checked = as_number(value)
    if checked.kind is Kind.DOUBLE or checked.scale is None:
        return call("avg", checked.kind if checked.kind is Kind.DOUBLE else Kind.NUMERIC, checked)
    # MySQL keeps four digits more than the values have (div_precision_increment).
    digits = checked.scale + 4
    return Value(f"round(avg({checked.sql}), {digits})", Kind.NUMERIC, scale=digits)


def _pick(name: str) -> Function:
    def function(value: Value) -> Value:
        if value.kind is Kind.BOOLEAN:
            value = as_number(value)
        if value.kind is Kind.ENUM:
            value = as_text(value)  # MySQL compares an enum's words here, not their order
        if value.kind in (Kind.JSON, Kind.SET, Kind.BITS):
            raise Refusal(f"{name} of {value.kind.value}")
        return Value(f"{name}({value.sql})", value.kind, scale=value.scale, stable=value.stable)

    return function


AGGREGATES: dict[str, Function] = {
    "COUNT": lambda value: call("count", Kind.INTEGER, value),
    "SUM": _sum,
    "AVG": _avg,
    "MIN": _pick("min"),
    "MAX": _pick("max"),
    "BIT_AND": lambda value: call("bit_and", Kind.INTEGER, as_number(value)),
    "BIT_OR": lambda value: call("bit_or", Kind.INTEGER, as_number(value)),
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
