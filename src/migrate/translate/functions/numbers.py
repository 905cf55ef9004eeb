"""Functions of numbers."""

from ..values import Kind, Value, as_number, call, composed, unrounded
from .table import FUNCTIONS, function, renamed


def _whole(name: str, value: Value) -> Value:
    checked = unrounded(as_number(value))
    if checked.kind is Kind.INTEGER:
        return checked
    kind = Kind.INTEGER if checked.kind is Kind.NUMERIC else Kind.DOUBLE
    return composed(f"{name}({{0}})" + ("::bigint" if kind is Kind.INTEGER else ""), kind, checked, atom=True)


@function("ROUND")
def _round(value: Value, digits: Value | None = None) -> Value:
    return _cut("round", value, digits)


@function("TRUNCATE")
def _truncate(value: Value, digits: Value) -> Value:
    return _cut("trunc", value, digits)


def _cut(name: str, value: Value, digits: Value | None) -> Value:
    checked = unrounded(as_number(value))
    places = digits.sql if digits else "0"
    whole = digits is None or digits.constant == "0"
    sql = f"{name}({checked.inner}::numeric, {places})"
    if checked.kind is Kind.DOUBLE and whole:
        return call(name, Kind.DOUBLE, checked)
    if checked.kind is Kind.DOUBLE:
        # Halves go to the nearest even number, as they do in MySQL.
        tens = f"power(10::double precision, {places})"
        return composed(f"{name}({{0}} * {tens}) / {tens}", Kind.DOUBLE, checked)
    if checked.kind is Kind.INTEGER or whole:
        return Value(f"{sql}::bigint", Kind.INTEGER, scale=0, stable=checked.stable)
    scale = int(places) if places.isdigit() else None
    return Value(sql, Kind.NUMERIC, scale=scale, stable=checked.stable)


@function("MOD")
def modulo(left: Value, right: Value) -> Value:
    """MOD: NULL for a zero divisor."""
    left, right = as_number(left), as_number(right)
    if Kind.DOUBLE in (left.kind, right.kind):
        template = "mod({0}::numeric, nullif({1}, 0)::numeric)::double precision"
        return composed(template, Kind.DOUBLE, left, right, atom=True)
    kind = Kind.NUMERIC if Kind.NUMERIC in (left.kind, right.kind) else Kind.INTEGER
    return composed("mod({0}, nullif({1}, 0))", kind, left, right, atom=True)


_ANGLES = ("radians", "degrees", "sin", "cos", "tan", "atan")


FUNCTIONS |= {
    "ABS": lambda x: call("abs", as_number(x).kind, as_number(x)),
    "SIGN": lambda x: composed("sign({0})::integer", Kind.INTEGER, as_number(x), atom=True),
    **dict.fromkeys(("CEIL", "CEILING"), lambda x: _whole("ceil", x)),
    "FLOOR": lambda x: _whole("floor", x),
    "EXP": lambda x: composed("exp({0}::double precision)", Kind.DOUBLE, as_number(x), atom=True),
    "SQRT": lambda x: composed(
        "case when {0} >= 0 then sqrt({0}::double precision) end", Kind.DOUBLE, as_number(x), atom=True
    ),
    "LN": lambda x: composed(
        "case when {0} > 0 then ln({0}::double precision) end", Kind.DOUBLE, as_number(x), atom=True
    ),
    **dict.fromkeys(
        ("POW", "POWER"),
        lambda x, y: composed(
            "power({0}::double precision, {1}::double precision)",
            Kind.DOUBLE,
            as_number(x),
            as_number(y),
            atom=True,
        ),
    ),
    "PI": lambda: Value("pi()", Kind.DOUBLE),
    "RAND": lambda: Value("random()", Kind.DOUBLE, stable=True),
    **{name.upper(): renamed(name, Kind.DOUBLE, as_number, 1) for name in _ANGLES},
}
