"""Functions of dates and times."""

import re

from ...postgres.quoting import literal
from ..values import Kind, Refusal, Value, as_moment, as_number, as_text, composed
from .table import FUNCTIONS, function


@function("NOW", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")
def _now(digits: Value | None = None) -> Value:
    return Value(f"localtimestamp({digits.sql if digits else '0'})", Kind.TIMESTAMP, stable=True)


@function("SYSDATE")
def _sysdate(digits: Value | None = None) -> Value:
    return Value(
        f"clock_timestamp()::timestamp({digits.sql if digits else '0'})", Kind.TIMESTAMP, stable=True
    )


@function("UTC_TIMESTAMP")
def _utc_timestamp(digits: Value | None = None) -> Value:
    return Value(
        f"(current_timestamp at time zone 'UTC')::timestamp({digits.sql if digits else '0'})",
        Kind.TIMESTAMP,
        stable=True,
    )


@function("UTC_DATE")
def _utc_date() -> Value:
    return Value("(current_timestamp at time zone 'UTC')::date", Kind.DATE, stable=True)


@function("CURDATE", "CURRENT_DATE")
def _curdate() -> Value:
    return Value("current_date", Kind.DATE, stable=True)


@function("CURTIME", "CURRENT_TIME")
def _curtime(digits: Value | None = None) -> Value:
    return Value(f"localtime({digits.sql if digits else '0'})", Kind.TIME, stable=True)


@function("DATE")
def _date(value: Value) -> Value:
    moment = as_moment(value)
    return moment if moment.kind is Kind.DATE else _of_moment("{0}::date", Kind.DATE, value)


@function("TIME")
def _time(value: Value) -> Value:
    if value.kind is Kind.TIME:
        return value
    return _of_moment("{0}::time", Kind.TIME, value)


@function("TIMESTAMP")
def _timestamp(value: Value) -> Value:
    return _of_moment("{0}::timestamp", Kind.TIMESTAMP, value)


def _of_moment(template: str, kind: Kind, *values: Value) -> Value:
    moments = [as_moment(value) for value in values]
    # What the clock shows at an instant depends on the session's time zone.
    stable = any(moment.kind is Kind.INSTANT for moment in moments)
    return composed(template, kind, *moments, atom=True, stable=stable)


_FIELDS = {
    "YEAR": "year",
    "QUARTER": "quarter",
    "MONTH": "month",
    "DAY": "day",
    "DAYOFMONTH": "day",
    "DAYOFYEAR": "doy",
    "WEEKOFYEAR": "week",
    "HOUR": "hour",
    "MINUTE": "minute",
    "SECOND": "second",
    "MICROSECOND": "microseconds",
}


def extracted(unit: str, value: Value) -> Value:
    """A field of a date or time as a whole number."""
    if unit not in _FIELDS or unit == "MICROSECOND":
        raise Refusal(f"the unit {unit} has no counterpart")
    template = f"extract({_FIELDS[unit]} from {{0}})::integer"
    if unit == "SECOND":
        template = "trunc(extract(second from {0}))::integer"
    if value.kind is Kind.TIME and unit in ("HOUR", "MINUTE", "SECOND"):
        return composed(template, Kind.INTEGER, value, atom=True)
    made = _of_moment(template, Kind.INTEGER, value)
    return Value(made.sql, made.kind, scale=0, stable=made.stable)


for _unit in _FIELDS:
    if _unit != "MICROSECOND":
        FUNCTIONS[_unit] = lambda value, unit=_unit: extracted(unit, value)


@function("DAYOFWEEK")
def _dayofweek(value: Value) -> Value:
    return _of_moment("(extract(dow from {0})::integer + 1)", Kind.INTEGER, value)


@function("WEEKDAY")
def _weekday(value: Value) -> Value:
    return _of_moment("(extract(isodow from {0})::integer - 1)", Kind.INTEGER, value)


@function("WEEK")
def _week(value: Value, mode: Value | None = None) -> Value:
    if mode is None or mode.constant != "3":
        raise Refusal("WEEK counts weeks in a mode that PostgreSQL does not have (it has mode 3)")
    return extracted("WEEKOFYEAR", value)


@function("DAYNAME")
def _dayname(value: Value) -> Value:
    return _written(as_moment(value), "FMDay")


@function("MONTHNAME")
def _monthname(value: Value) -> Value:
    return _written(as_moment(value), "FMMonth")


@function("LAST_DAY")
def _last_day(value: Value) -> Value:
    return _of_moment(
        "(date_trunc('month', {0}::timestamp) + interval '1 month' - interval '1 day')::date",
        Kind.DATE,
        value,
    )


@function("TO_DAYS")
def _to_days(value: Value) -> Value:
    # MySQL counts from the year 0.
    return _of_moment("({0}::date - date '0001-01-01' + 366)", Kind.INTEGER, value)


@function("FROM_DAYS")
def _from_days(value: Value) -> Value:
    return composed("(date '0001-01-01' + ({0} - 366)::integer)", Kind.DATE, as_number(value), atom=True)


@function("DATEDIFF")
def _datediff(left: Value, right: Value) -> Value:
    return _of_moment("({0}::date - {1}::date)", Kind.INTEGER, left, right)


@function("UNIX_TIMESTAMP")
def _unix_timestamp(value: Value | None = None) -> Value:
    moment = as_moment(value) if value else Value("current_timestamp", Kind.INSTANT, stable=True)
    return composed(
        "trunc(extract(epoch from {0}::timestamp with time zone))::bigint",
        Kind.INTEGER,
        moment,
        atom=True,
        stable=True,
    )


@function("FROM_UNIXTIME")
def _from_unixtime(value: Value) -> Value:
    return composed("to_timestamp({0})::timestamp", Kind.TIMESTAMP, as_number(value), atom=True, stable=True)


@function("TIME_TO_SEC")
def _time_to_sec(value: Value) -> Value:
    if value.kind not in (Kind.TIME, Kind.INTERVAL):
        raise Refusal(f"TIME_TO_SEC of {value.kind.value}")
    return composed("trunc(extract(epoch from {0}))::bigint", Kind.INTEGER, value, atom=True)


@function("SEC_TO_TIME")
def _sec_to_time(value: Value) -> Value:
    return composed("make_interval(secs => {0})", Kind.INTERVAL, as_number(value), atom=True)


@function("MAKEDATE")
def _makedate(year: Value, day: Value) -> Value:
    return composed(
        "(make_date({0}, 1, 1) + ({1} - 1)::integer)", Kind.DATE, as_number(year), as_number(day), atom=True
    )


_UNITS = {
    "MICROSECOND": "microsecond",
    "SECOND": "second",
    "MINUTE": "minute",
    "HOUR": "hour",
    "DAY": "day",
    "WEEK": "week",
    "MONTH": "month",
    "QUARTER": "3 months",
    "YEAR": "year",
}


def shifted(moment: Value, amount: Value, unit: str, sign: str) -> Value:
    """A moment and an interval; a date stays one unless the interval has a time of day."""
    if unit not in _UNITS:
        raise Refusal(f"the interval unit {unit} has no counterpart")
    base = moment if moment.kind is Kind.TIME else as_moment(moment)
    if base.kind is Kind.TIME:
        raise Refusal("arithmetic of a time of day, which PostgreSQL takes around midnight")
    count = as_number(amount)
    if count.kind is not Kind.INTEGER and unit != "SECOND":
        count = composed("round({0})", count.kind, count, atom=True)
    step = _UNITS[unit]
    if count.constant is not None and re.fullmatch(r"\d+", count.constant) and unit != "QUARTER":
        interval = f"interval '{count.constant} {step}'"
    else:
        interval = f"{count.inner} * interval '{step if step[0].isdigit() else '1 ' + step}'"
    stable = count.stable or base.kind is Kind.INSTANT
    sql = f"{base.inner} {sign} {interval}"
    if base.kind is Kind.DATE and unit in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR"):
        return Value(f"({sql})::date", Kind.DATE, stable=stable or base.stable)
    kind = Kind.INSTANT if base.kind is Kind.INSTANT else Kind.TIMESTAMP
    return Value(sql, kind, atom=False, stable=stable or base.stable)


def between_moments(unit: str, start: Value, end: Value) -> Value:
    """TIMESTAMPDIFF: how many whole units lie between two moments."""
    seconds = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400, "WEEK": 604800}
    if unit in seconds:
        template = f"trunc(extract(epoch from {{1}}::timestamp - {{0}}::timestamp) / {seconds[unit]})::bigint"
    elif unit in ("MONTH", "QUARTER", "YEAR"):
        age = "age({1}::timestamp, {0}::timestamp)"
        months = f"(extract(year from {age}) * 12 + extract(month from {age}))"
        template = f"trunc({months} / { {'MONTH': 1, 'QUARTER': 3, 'YEAR': 12}[unit] })::bigint"
    else:
        raise Refusal(f"TIMESTAMPDIFF in {unit}")
    return _of_moment(template, Kind.INTEGER, start, end)


# to_char's patterns for DATE_FORMAT's; weeks are only those of ISO 8601, which MySQL calls mode 3.
_PATTERNS = {
    "Y": "YYYY", "y": "YY", "m": "MM", "c": "FMMM", "d": "DD", "e": "FMDD", "D": "FMDDth", "j": "DDD",
    "H": "HH24", "k": "FMHH24", "h": "HH12", "I": "HH12", "l": "FMHH12", "i": "MI", "s": "SS", "S": "SS",
    "f": "US", "p": "AM", "r": "HH12:MI:SS AM", "T": "HH24:MI:SS", "M": "FMMonth", "b": "Mon", "W": "FMDay",
    "a": "Dy", "v": "IW", "x": "IYYY",
}  # fmt: skip


def _pattern(format_: Value) -> str:
    if format_.constant is None:
        raise Refusal("a date format that is computed")
    pieces = []
    for escaped, plain in re.findall(r"%(.)|([^%]+)", format_.constant, re.DOTALL):
        if plain:
            pieces.append('"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"')
        elif escaped in _PATTERNS:
            pieces.append(_PATTERNS[escaped])
        elif escaped in "UuVXw":
            raise Refusal(f"the date format %{escaped} has no counterpart")
        else:
            pieces.append(f'"{escaped}"')
    return "".join(pieces)


def _written(value: Value, pattern: str) -> Value:
    return composed(f"to_char({{0}}, {literal(pattern)})", Kind.TEXT, value, atom=True, stable=True)


@function("DATE_FORMAT")
def _date_format(value: Value, format_: Value, locale: Value | None = None) -> Value:
    if locale is not None and not (locale.constant or "").startswith("en_"):
        raise Refusal("a date written in another language than English")
    return _written(as_moment(value), _pattern(format_))


@function("TIME_FORMAT")
def _time_format(value: Value, format_: Value) -> Value:
    return _written(value if value.kind is Kind.TIME else as_moment(value), _pattern(format_))


@function("STR_TO_DATE")
def _str_to_date(value: Value, format_: Value) -> Value:
    pattern = literal(_pattern(format_))
    if re.search(r"%[HkhIlisSfprT]", format_.constant or ""):
        template, kind = f"to_timestamp({{0}}, {pattern})::timestamp", Kind.TIMESTAMP
    else:
        template, kind = f"to_date({{0}}, {pattern})", Kind.DATE
    return composed(template, kind, as_text(value), atom=True, stable=True)
