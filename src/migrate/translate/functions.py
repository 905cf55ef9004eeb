"""MySQL's functions: for each, how PostgreSQL says the same (MySQL Reference Manual, "Functions and Operators")."""

import re
from collections.abc import Callable

from ..postgres.quoting import literal
from .values import (
    NUMBERS,
    Kind,
    Refusal,
    Value,
    as_boolean,
    as_moment,
    as_number,
    as_text,
    call,
    composed,
    number,
    strict,
)

Function = Callable[..., Value]

FUNCTIONS: dict[str, Function] = {}


def _function(*names: str) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        for one in names:
            FUNCTIONS[one] = function
        return function

    return register


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


def _common(name: str, values: tuple[Value, ...]) -> Value:
    same, kind = unified(list(values))
    return call(name, kind, *same)


def if_else(condition: Value, then: Value, otherwise: Value) -> Value:
    """MySQL's IF()."""
    (then, otherwise), kind = unified([then, otherwise])
    return composed(
        "case when {0} then {1} else {2} end", kind, as_boolean(condition), then, otherwise, atom=True
    )


def concatenated(*values: Value) -> Value:
    """CONCAT: NULL when any of its values is, unlike PostgreSQL's function of that name."""
    parts = " || ".join(f"{{{number}}}" for number in range(len(values)))
    return composed(parts, Kind.TEXT, *map(as_text, values), atom=len(values) == 1)


def exact_text(value: Value) -> Value:
    """A value as a string whose letters are taken as they are."""
    return strict(as_text(value))


def _renamed(postgres: str, kind: Kind, to: Callable[[Value], Value], count: int) -> Function:
    def function(*arguments: Value) -> Value:
        if len(arguments) != count:
            raise Refusal(f"{postgres} is called with {len(arguments)} arguments")
        return call(postgres, kind, *(to(argument) for argument in arguments))

    return function


_SIMPLE: dict[tuple[str, ...], Function] = {
    ("UPPER", "UCASE"): _renamed("upper", Kind.TEXT, as_text, 1),
    ("LOWER", "LCASE"): _renamed("lower", Kind.TEXT, as_text, 1),
    ("REVERSE",): _renamed("reverse", Kind.TEXT, as_text, 1),
    ("LTRIM",): _renamed("ltrim", Kind.TEXT, as_text, 1),
    ("RTRIM",): _renamed("rtrim", Kind.TEXT, as_text, 1),
    ("REPLACE",): _renamed("replace", Kind.TEXT, exact_text, 3),
    ("CHAR_LENGTH", "CHARACTER_LENGTH"): _renamed("char_length", Kind.INTEGER, as_text, 1),
    ("ASCII",): _renamed("ascii", Kind.INTEGER, as_text, 1),
    ("ABS",): lambda x: call("abs", as_number(x).kind, as_number(x)),
    ("SIGN",): lambda x: composed("sign({0})::integer", Kind.INTEGER, as_number(x), atom=True),
    ("CEIL", "CEILING"): lambda x: _whole("ceil", x),
    ("FLOOR",): lambda x: _whole("floor", x),
    ("EXP",): lambda x: composed("exp({0}::double precision)", Kind.DOUBLE, as_number(x), atom=True),
    ("SQRT",): lambda x: composed(
        "case when {0} >= 0 then sqrt({0}::double precision) end", Kind.DOUBLE, as_number(x), atom=True
    ),
    ("LN",): lambda x: composed(
        "case when {0} > 0 then ln({0}::double precision) end", Kind.DOUBLE, as_number(x), atom=True
    ),
    ("POW", "POWER"): lambda x, y: composed(
        "power({0}::double precision, {1}::double precision)",
        Kind.DOUBLE,
        as_number(x),
        as_number(y),
        atom=True,
    ),
    ("PI",): lambda: Value("pi()", Kind.DOUBLE),
    ("RAND",): lambda: Value("random()", Kind.DOUBLE, stable=True),
    ("RADIANS",): _renamed("radians", Kind.DOUBLE, as_number, 1),
    ("DEGREES",): _renamed("degrees", Kind.DOUBLE, as_number, 1),
    ("SIN",): _renamed("sin", Kind.DOUBLE, as_number, 1),
    ("COS",): _renamed("cos", Kind.DOUBLE, as_number, 1),
    ("TAN",): _renamed("tan", Kind.DOUBLE, as_number, 1),
    ("ATAN",): _renamed("atan", Kind.DOUBLE, as_number, 1),
    ("UUID",): lambda: Value("gen_random_uuid()::text", Kind.TEXT, stable=True),
    ("LAST_INSERT_ID",): lambda: Value("lastval()", Kind.INTEGER, stable=True),
    ("USER", "CURRENT_USER", "SESSION_USER", "SYSTEM_USER"): lambda: Value(
        "current_user::text", Kind.TEXT, stable=True
    ),
    ("DATABASE", "SCHEMA"): lambda: Value("current_schema()::text", Kind.TEXT, stable=True),
    ("CONNECTION_ID",): lambda: Value("pg_backend_pid()", Kind.INTEGER, stable=True),
    ("VERSION",): lambda: Value("version()", Kind.TEXT, stable=True),
    ("JSON_VALID",): lambda x: composed(
        "({0}) is not null" if x.kind is Kind.JSON else "{0} is json", Kind.BOOLEAN, x
    ),
    ("JSON_UNQUOTE",): lambda x: (
        composed("{0} #>> '{{}}'", Kind.TEXT, x) if x.kind is Kind.JSON else as_text(x)
    ),
}
for _names, _simple in _SIMPLE.items():
    _function(*_names)(_simple)


@_function("CONCAT")
def _concat(*values: Value) -> Value:
    return concatenated(*values)


@_function("CONCAT_WS")
def _concat_ws(separator: Value, *values: Value) -> Value:
    # PostgreSQL's leaves NULLs out as well; the function itself counts as stable there.
    made = call("concat_ws", Kind.TEXT, as_text(separator), *(as_text(value) for value in values))
    return Value(made.sql, made.kind, stable=True)


@_function("LENGTH", "OCTET_LENGTH")
def _length(value: Value) -> Value:
    return call("octet_length", Kind.INTEGER, value if value.kind is Kind.BYTES else as_text(value))


@_function("HEX")
def _hex(value: Value) -> Value:
    if value.kind is Kind.BYTES:
        return composed("upper(encode({0}, 'hex'))", Kind.TEXT, value, atom=True)
    if value.kind is Kind.INTEGER:
        return composed("upper(to_hex({0}))", Kind.TEXT, value, atom=True)
    return composed("upper(encode(convert_to({0}, 'UTF8'), 'hex'))", Kind.TEXT, as_text(value), atom=True)


@_function("UNHEX")
def _unhex(value: Value) -> Value:
    return composed("decode({0}, 'hex')", Kind.BYTES, as_text(value), atom=True)


@_function("UUID_TO_BIN")
def _uuid_to_bin(value: Value, swapped: Value | None = None) -> Value:
    digits = composed("replace({0}::uuid::text, '-', '')", Kind.TEXT, as_text(value), atom=True)
    if _is_swapped(swapped):  # the high half of the time first
        digits = composed(
            r"regexp_replace({0}, '^(.{{8}})(.{{4}})(.{{4}})', '\3\2\1')", Kind.TEXT, digits, atom=True
        )
    return composed("decode({0}, 'hex')", Kind.BYTES, digits, atom=True, stable=value.stable)


@_function("BIN_TO_UUID")
def _bin_to_uuid(value: Value, swapped: Value | None = None) -> Value:
    if value.kind is not Kind.BYTES:
        raise Refusal(f"BIN_TO_UUID of {value.kind.value}")
    digits = composed("encode({0}, 'hex')", Kind.TEXT, value, atom=True)
    if _is_swapped(swapped):
        digits = composed(
            r"regexp_replace({0}, '^(.{{4}})(.{{4}})(.{{8}})', '\3\2\1')", Kind.TEXT, digits, atom=True
        )
    return composed("{0}::uuid::text", Kind.TEXT, digits, atom=True)


@_function("IS_UUID")
def _is_uuid(value: Value) -> Value:
    form = r"^([0-9a-f]{{32}}|\{{?[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\}}?)$"
    return composed(f"({{0}} ~* '{form}')", Kind.BOOLEAN, as_text(value), atom=True)


def _is_swapped(value: Value | None) -> bool:
    flag = as_number(value).constant if value else "0"
    if flag in ("0", "1"):
        return flag == "1"
    raise Refusal("the order of a UUID's parts is computed")


@_function("MD5")
def _md5(value: Value) -> Value:
    return call("md5", Kind.TEXT, value if value.kind is Kind.BYTES else as_text(value))


@_function("SHA2")
def _sha2(value: Value, bits: Value) -> Value:
    name = {"0": "sha256", "224": "sha224", "256": "sha256", "384": "sha384", "512": "sha512"}
    if bits.constant not in name:
        raise Refusal(f"SHA2 with {bits.sql} bits")
    raw = "{0}" if value.kind is Kind.BYTES else "convert_to({0}, 'UTF8')"
    source = value if value.kind is Kind.BYTES else as_text(value)
    return composed(f"encode({name[bits.constant]}({raw}), 'hex')", Kind.TEXT, source, atom=True)


@_function("LEFT")
def _left(value: Value, count: Value) -> Value:
    # A negative count means “all but” in PostgreSQL and nothing in MySQL.
    template = "left({0}, {1})" if count.constant else "left({0}, greatest({1}, 0)::integer)"
    return composed(template, Kind.TEXT, as_text(value), as_number(count), atom=True)


@_function("RIGHT")
def _right(value: Value, count: Value) -> Value:
    template = "right({0}, {1})" if count.constant else "right({0}, greatest({1}, 0)::integer)"
    return composed(template, Kind.TEXT, as_text(value), as_number(count), atom=True)


@_function("SUBSTR", "SUBSTRING", "MID")
def substring(value: Value, start: Value, length: Value | None = None) -> Value:
    """SUBSTRING: a negative start counts from the end, 0 is nowhere."""
    source = value if value.kind is Kind.BYTES else as_text(value)
    if start.constant is None:
        raise Refusal("SUBSTRING from a computed place may count from the end")
    at = int(start.constant)
    if at == 0:
        return composed("case when {0} is not null then '' end", source.kind, source, atom=True)
    if at < 0:
        if source.kind is Kind.BYTES:
            raise Refusal("SUBSTRING of bytes that counts from the end")
        ending = f"case when char_length({{0}}) >= {-at} then right({{0}}, {-at}) else '' end"
        if length is None:
            return composed(ending, source.kind, source, atom=True)
        return composed(
            f"left({ending}, greatest({{1}}, 0)::integer)", source.kind, source, as_number(length), atom=True
        )
    if length is None:
        return composed(f"substr({{0}}, {at})", source.kind, source, atom=True)
    count = "{1}" if length.constant else "greatest({1}, 0)::integer"
    return composed(f"substr({{0}}, {at}, {count})", source.kind, source, as_number(length), atom=True)


@_function("SUBSTRING_INDEX")
def _substring_index(value: Value, separator: Value, count: Value) -> Value:
    if count.constant is None or separator.constant is None:
        raise Refusal("SUBSTRING_INDEX with a computed separator or count")
    parts = "string_to_array({0}, {1})"
    wanted = int(count.constant)
    chosen = f"({parts})[:{wanted}]" if wanted >= 0 else f"({parts})[cardinality({parts}) - {-wanted - 1}:]"
    return composed(
        f"array_to_string({chosen}, {{1}})",
        Kind.TEXT,
        exact_text(value),
        exact_text(separator),
        atom=True,
        stable=True,
    )


@_function("LOCATE", "POSITION")
def located(part: Value, whole: Value) -> Value:
    """LOCATE of a part in a whole."""
    template = "strpos({1}, {0})" if part.exact or whole.exact else "strpos(lower({1}), lower({0}))"
    return composed(template, Kind.INTEGER, exact_text(part), exact_text(whole), atom=True)


@_function("INSTR")
def _instr(whole: Value, part: Value) -> Value:
    return located(part, whole)


def _padded(name: str) -> Function:
    def function(value: Value, length: Value, filling: Value) -> Value:
        return composed(
            f"{name}({{0}}, {{1}}, {{2}})",
            Kind.TEXT,
            as_text(value),
            as_number(length),
            as_text(filling),
            atom=True,
        )

    return function


FUNCTIONS["LPAD"] = _padded("lpad")
FUNCTIONS["RPAD"] = _padded("rpad")


@_function("REPEAT")
def _repeat(value: Value, count: Value) -> Value:
    return composed("repeat({0}, {1})", Kind.TEXT, as_text(value), as_number(count), atom=True)


@_function("SPACE")
def _space(count: Value) -> Value:
    return composed("repeat(' ', {0})", Kind.TEXT, as_number(count), atom=True)


@_function("STRCMP")
def _strcmp(left: Value, right: Value) -> Value:
    return composed(
        "case when {0} < {1} then -1 when {0} = {1} then 0 when {0} > {1} then 1 end",
        Kind.INTEGER,
        as_text(left),
        as_text(right),
        atom=True,
    )


@_function("FIND_IN_SET")
def _find_in_set(wanted: Value, members: Value) -> Value:
    listed = "{1}" if members.kind is Kind.SET else "string_to_array({1}, ',')"
    return composed(
        f"case when {{0}} is not null and {{1}} is not null then coalesce(array_position({listed}, {{0}}), 0) end",
        Kind.INTEGER,
        exact_text(wanted),
        members if members.kind is Kind.SET else exact_text(members),
        atom=True,
    )


@_function("FIELD")
def _field(wanted: Value, *members: Value) -> Value:
    same, kind = unified([wanted, *members])
    if kind not in (Kind.TEXT, *NUMBERS):
        raise Refusal("FIELD of these types")
    template = " ".join(f"when {{{n}}} then {n}" for n in range(1, len(same)))
    return composed(f"case {{0}} {template} else 0 end", Kind.INTEGER, *same, atom=True)


@_function("ELT")
def _elt(index: Value, *members: Value) -> Value:
    same, kind = unified(list(members))
    template = " ".join(f"when {n} then {{{n}}}" for n in range(1, len(same) + 1))
    return composed(f"case {{0}} {template} end", kind, as_number(index), *same, atom=True)


@_function("FORMAT")
def _format(value: Value, digits: Value) -> Value:
    if digits.constant is None or not digits.constant.isdigit():
        raise Refusal("FORMAT with computed digits")
    places = int(digits.constant)
    picture = "FM999,999,999,999,999,999,990" + ("." + "0" * places if places else "")
    return composed(
        f"to_char(round({{0}}::numeric, {places}), '{picture}')",
        Kind.TEXT,
        as_number(value),
        atom=True,
        stable=True,
    )


@_function("IF")
def _if(condition: Value, then: Value, otherwise: Value) -> Value:
    return if_else(condition, then, otherwise)


@_function("IFNULL", "COALESCE", "NVL")
def _coalesce(*values: Value) -> Value:
    return _common("coalesce", values)


@_function("NULLIF")
def _nullif(left: Value, right: Value) -> Value:
    same, kind = unified([left, right])
    return call("nullif", kind, *same)


@_function("ISNULL")
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


def _whole(name: str, value: Value) -> Value:
    checked = as_number(value)
    if checked.kind is Kind.INTEGER:
        return checked
    kind = Kind.INTEGER if checked.kind is Kind.NUMERIC else Kind.DOUBLE
    return composed(f"{name}({{0}})" + ("::bigint" if kind is Kind.INTEGER else ""), kind, checked, atom=True)


@_function("ROUND")
def _round(value: Value, digits: Value | None = None) -> Value:
    return _cut("round", value, digits)


@_function("TRUNCATE")
def _truncate(value: Value, digits: Value) -> Value:
    return _cut("trunc", value, digits)


def _cut(name: str, value: Value, digits: Value | None) -> Value:
    checked = as_number(value)
    places = digits.sql if digits else "0"
    whole = digits is None or digits.constant == "0"
    sql = f"{name}({checked.inner}::numeric, {places})"
    if checked.kind is Kind.DOUBLE:
        return Value(f"{sql}::double precision", Kind.DOUBLE, stable=checked.stable)
    if checked.kind is Kind.INTEGER or whole:
        return Value(f"{sql}::bigint", Kind.INTEGER, scale=0, stable=checked.stable)
    scale = int(places) if places.isdigit() else None
    return Value(sql, Kind.NUMERIC, scale=scale, stable=checked.stable)


@_function("MOD")
def modulo(left: Value, right: Value) -> Value:
    """MOD: NULL for a zero divisor."""
    left, right = as_number(left), as_number(right)
    if Kind.DOUBLE in (left.kind, right.kind):
        template = "mod({0}::numeric, nullif({1}, 0)::numeric)::double precision"
        return composed(template, Kind.DOUBLE, left, right, atom=True)
    kind = Kind.NUMERIC if Kind.NUMERIC in (left.kind, right.kind) else Kind.INTEGER
    return composed("mod({0}, nullif({1}, 0))", kind, left, right, atom=True)


# --- moments -------------------------------------------------------------------------------------------------------


def _now(digits: Value | None = None) -> Value:
    return Value(f"localtimestamp({digits.sql if digits else '0'})", Kind.TIMESTAMP, stable=True)


for _name in ("NOW", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"):
    FUNCTIONS[_name] = _now


@_function("SYSDATE")
def _sysdate(digits: Value | None = None) -> Value:
    return Value(
        f"clock_timestamp()::timestamp({digits.sql if digits else '0'})", Kind.TIMESTAMP, stable=True
    )


@_function("UTC_TIMESTAMP")
def _utc_timestamp(digits: Value | None = None) -> Value:
    return Value(
        f"(current_timestamp at time zone 'UTC')::timestamp({digits.sql if digits else '0'})",
        Kind.TIMESTAMP,
        stable=True,
    )


@_function("UTC_DATE")
def _utc_date() -> Value:
    return Value("(current_timestamp at time zone 'UTC')::date", Kind.DATE, stable=True)


@_function("CURDATE", "CURRENT_DATE")
def _curdate() -> Value:
    return Value("current_date", Kind.DATE, stable=True)


@_function("CURTIME", "CURRENT_TIME")
def _curtime(digits: Value | None = None) -> Value:
    return Value(f"localtime({digits.sql if digits else '0'})", Kind.TIME, stable=True)


@_function("DATE")
def _date(value: Value) -> Value:
    moment = as_moment(value)
    return moment if moment.kind is Kind.DATE else _of_moment("{0}::date", Kind.DATE, value)


@_function("TIME")
def _time(value: Value) -> Value:
    if value.kind is Kind.TIME:
        return value
    return _of_moment("{0}::time", Kind.TIME, value)


@_function("TIMESTAMP")
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


@_function("DAYOFWEEK")
def _dayofweek(value: Value) -> Value:
    return _of_moment("(extract(dow from {0})::integer + 1)", Kind.INTEGER, value)


@_function("WEEKDAY")
def _weekday(value: Value) -> Value:
    return _of_moment("(extract(isodow from {0})::integer - 1)", Kind.INTEGER, value)


@_function("WEEK")
def _week(value: Value, mode: Value | None = None) -> Value:
    if mode is None or mode.constant != "3":
        raise Refusal("WEEK counts weeks in a mode that PostgreSQL does not have (it has mode 3)")
    return extracted("WEEKOFYEAR", value)


@_function("DAYNAME")
def _dayname(value: Value) -> Value:
    return _written(as_moment(value), "FMDay")


@_function("MONTHNAME")
def _monthname(value: Value) -> Value:
    return _written(as_moment(value), "FMMonth")


@_function("LAST_DAY")
def _last_day(value: Value) -> Value:
    return _of_moment(
        "(date_trunc('month', {0}::timestamp) + interval '1 month' - interval '1 day')::date",
        Kind.DATE,
        value,
    )


@_function("TO_DAYS")
def _to_days(value: Value) -> Value:
    # MySQL counts from the year 0.
    return _of_moment("({0}::date - date '0001-01-01' + 366)", Kind.INTEGER, value)


@_function("FROM_DAYS")
def _from_days(value: Value) -> Value:
    return composed("(date '0001-01-01' + ({0} - 366)::integer)", Kind.DATE, as_number(value), atom=True)


@_function("DATEDIFF")
def _datediff(left: Value, right: Value) -> Value:
    return _of_moment("({0}::date - {1}::date)", Kind.INTEGER, left, right)


@_function("UNIX_TIMESTAMP")
def _unix_timestamp(value: Value | None = None) -> Value:
    moment = as_moment(value) if value else Value("current_timestamp", Kind.INSTANT, stable=True)
    return composed(
        "trunc(extract(epoch from {0}::timestamp with time zone))::bigint",
        Kind.INTEGER,
        moment,
        atom=True,
        stable=True,
    )


@_function("FROM_UNIXTIME")
def _from_unixtime(value: Value) -> Value:
    return composed("to_timestamp({0})::timestamp", Kind.TIMESTAMP, as_number(value), atom=True, stable=True)


@_function("TIME_TO_SEC")
def _time_to_sec(value: Value) -> Value:
    if value.kind not in (Kind.TIME, Kind.INTERVAL):
        raise Refusal(f"TIME_TO_SEC of {value.kind.value}")
    return composed("trunc(extract(epoch from {0}))::bigint", Kind.INTEGER, value, atom=True)


@_function("SEC_TO_TIME")
def _sec_to_time(value: Value) -> Value:
    return composed("make_interval(secs => {0})", Kind.INTERVAL, as_number(value), atom=True)


@_function("MAKEDATE")
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


@_function("DATE_FORMAT")
def _date_format(value: Value, format_: Value, locale: Value | None = None) -> Value:
    if locale is not None and not (locale.constant or "").startswith("en_"):
        raise Refusal("a date written in another language than English")
    return _written(as_moment(value), _pattern(format_))


@_function("TIME_FORMAT")
def _time_format(value: Value, format_: Value) -> Value:
    return _written(value if value.kind is Kind.TIME else as_moment(value), _pattern(format_))


@_function("STR_TO_DATE")
def _str_to_date(value: Value, format_: Value) -> Value:
    pattern = literal(_pattern(format_))
    if re.search(r"%[HkhIlisSfprT]", format_.constant or ""):
        template, kind = f"to_timestamp({{0}}, {pattern})::timestamp", Kind.TIMESTAMP
    else:
        template, kind = f"to_date({{0}}, {pattern})", Kind.DATE
    return composed(template, kind, as_text(value), atom=True, stable=True)


# --- JSON ----------------------------------------------------------------------------------------------------------


def json_path(path: str) -> str:
    """MySQL's `$.a[0]` as the array of steps that PostgreSQL's #> takes. Raises Refusal for wildcards."""
    if not re.fullmatch(r"\$(\.\w+|\.\"[^\"]*\"|\[\d+\])*", path):
        raise Refusal(f"the JSON path {path}")
    steps = re.findall(r"\.(\w+)|\.\"([^\"]*)\"|\[(\d+)\]", path)
    inside = ",".join('"' + next(filter(None, step), "").replace("\\", "\\\\") + '"' for step in steps)
    return literal("{" + inside + "}").replace("{", "{{").replace("}", "}}")  # it goes into a template


def as_json(value: Value) -> Value:
    """A JSON document; strings are parsed."""
    if value.kind is Kind.JSON:
        return value
    return composed("{0}::jsonb", Kind.JSON, as_text(value), atom=True)


@_function("JSON_EXTRACT")
def json_extract(document: Value, path: Value) -> Value:
    """JSON_EXTRACT with one path."""
    if path.constant is None:
        raise Refusal("a JSON path that is computed")
    return composed(f"{{0}} #> {json_path(path.constant)}", Kind.JSON, as_json(document))


@_function("JSON_VALUE")
def json_text(document: Value, path: Value) -> Value:
    """The text of one value in a document."""
    if path.constant is None:
        raise Refusal("a JSON path that is computed")
    return composed(f"{{0}} #>> {json_path(path.constant)}", Kind.TEXT, as_json(document))


@_function("JSON_ARRAY")
def _json_array(*values: Value) -> Value:
    return call("jsonb_build_array", Kind.JSON, *values, stable=True)


@_function("JSON_OBJECT")
def json_object(*values: Value) -> Value:
    """JSON_OBJECT of names and values in turn."""
    return call("jsonb_build_object", Kind.JSON, *values, stable=True)


@_function("JSON_LENGTH")
def _json_length(document: Value) -> Value:
    return composed(
        "case jsonb_typeof({0}) when 'array' then jsonb_array_length({0}) "
        "when 'object' then (select count(*) from jsonb_object_keys({0}))::integer else 1 end",
        Kind.INTEGER,
        as_json(document),
        atom=True,
    )


@_function("JSON_QUOTE")
def _json_quote(value: Value) -> Value:
    return composed("to_jsonb({0}::text)::text", Kind.TEXT, as_text(value), atom=True)


def search_text(columns: list[Value]) -> str:
    """The document that a full-text search of columns looks at, word by word as they are written."""
    parts = " || ' ' || ".join(f"coalesce({as_text(column).inner}, '')" for column in columns)
    return f"to_tsvector('simple'::regconfig, {parts})"


# --- aggregates ----------------------------------------------------------------------------------------------------


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
