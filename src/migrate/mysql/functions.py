"""Functions whose value is the same on every server, by MySQL's names for them."""

import base64
import hashlib
import json
import math
import random
import socket
import struct
import uuid
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from . import wkt
from .constants import (
    Binary,
    Json,
    NotConstantError,
    Number,
    Octets,
    Truth,
    Value,
    compared,
    content,
    decimal,
    integer,
    is_true,
    joined,
    number,
    remainder,
    round_half_up,
    text,
    truncated,
    truth,
    written,
)
from .moments import clock_of, formatted, moment_of, moment_text, part, read_moment, seconds_of

_LONGEST = 1 << 20  # characters of a value that is made here


def cast(value: Value, name: str, sizes: tuple[int, ...]) -> Value:
    """A value that is not NULL as CAST makes it of another type."""
    if name in ("SIGNED", "UNSIGNED", "INTEGER", "INT", "BIGINT"):
        is_text = not isinstance(value, Number)
        whole = integer(truncated(value) if is_text else value)
        return Number(whole % 2**64 if name == "UNSIGNED" else whole)
    if name in ("DECIMAL", "DEC", "NUMERIC"):
        places = sizes[1] if len(sizes) > 1 else 0
        return number(decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
    if name in ("CHAR", "CHARACTER", "NCHAR", "VARCHAR"):
        return written(text(value)[: sizes[0]]) if sizes else content(value)
    if name in ("BINARY", "VARBINARY"):
        return content(value)[: sizes[0]].ljust(sizes[0], b"\0") if sizes else content(value)
    if name == "DATE":
        return moment_of(text(value)).strftime("%Y-%m-%d").encode()
    if name in ("DATETIME", "TIMESTAMP"):
        return moment_text(moment_of(text(value)), digits=sizes[0] if sizes else 0).encode()
    if name == "TIME":
        return clock_of(seconds_of(text(value))).encode()
    if name == "JSON":
        return Json(content(value))
    if name in ("DOUBLE", "FLOAT", "REAL", "YEAR"):
        return value
    raise NotConstantError


def trimmed(whole: bytes, mark: bytes, side: str = "BOTH") -> bytes:
    """TRIM: the text without what is repeated at its ends."""
    while mark and side != "TRAILING" and whole.startswith(mark):
        whole = whole[len(mark) :]
    while mark and side != "LEADING" and whole.endswith(mark):
        whole = whole[: -len(mark)]
    return whole


def _inner(value: Value) -> object:
    """A value inside a JSON document."""
    if value is None or isinstance(value, Truth):
        return None if value is None else value == "1"
    return json.loads(value) if isinstance(value, Number | Json) else text(value)


def _json(document: object) -> Json:
    return Json(written(json.dumps(document, ensure_ascii=False)))


def _json_object(*arguments: Value) -> Json:
    pairs = zip(arguments[::2], arguments[1::2], strict=True)
    return _json({text(key): _inner(value) for key, value in pairs})


def _joined(mark: Value, *parts: Value) -> Value:
    return None if mark is None else content(mark).join(content(one) for one in parts if one is not None)


def _vector(value: Value) -> Value:
    """The bytes of a vector's text."""
    numbers = json.loads(text(value))
    return Binary(struct.pack(f"<{len(numbers)}f", *numbers))


def _unhex(digits: Value) -> Value:
    try:
        return Octets.fromhex(text(digits).zfill(len(text(digits)) + len(text(digits)) % 2))
    except ValueError:
        return None


def _upper(letter: str) -> str:
    """A letter as a capital; MySQL makes no two letters of one."""
    return letter.upper() if len(letter.upper()) == 1 else letter


def _part_of(whole: Value, mark: Value, count: Value) -> bytes:
    """SUBSTRING_INDEX."""
    parts, wanted = text(whole).split(text(mark)), integer(count)
    return written(text(mark).join(parts[:wanted] if wanted > 0 else parts[wanted:] if wanted else []))


def _bounded(times: Value) -> int:
    """A number of characters that is no more than a server gives."""
    if integer(times) > _LONGEST:
        raise NotConstantError
    return max(0, integer(times))


def _filled(whole: Value, size: Value, fill: Value = b" ", *, left: bool = False) -> Value:
    """LPAD and RPAD."""
    old, wanted, extra = text(whole), _bounded(size), text(fill)
    if integer(size) < 0 or (wanted > len(old) and not extra):
        return None
    more = (extra * wanted)[: max(0, wanted - len(old))]
    return written((more + old if left else old + more)[:wanted])


def _inserted(whole: Value, at: Value, size: Value, new: Value) -> bytes:
    """INSERT(text, at, size, new)."""
    old, start, gone = text(whole), integer(at) - 1, integer(size)
    if not 0 <= start < len(old):
        return content(whole)
    return written(old[:start] + text(new) + (old[start + gone :] if gone >= 0 else ""))


def _place(wanted: Value, whole: Value, start: Value = b"1") -> Number:
    """LOCATE: without regard to case, from 1; 0 where it is not there."""
    if not (content(wanted).isascii() and content(whole).isascii()):
        raise NotConstantError
    return Number(text(whole).lower().find(text(wanted).lower(), integer(start) - 1) + 1)


def _member(wanted: Value, *members: Value) -> Number:
    """FIELD: the place of a value among others, from 1."""
    equal = (place for place, one in enumerate(members, 1) if one is not None and compared(wanted, one) == 0)
    return Number(0 if wanted is None else next(equal, 0))


def _chosen(place: Value, *values: Value) -> Value:
    """ELT."""
    return values[integer(place) - 1] if place is not None and 0 < integer(place) <= len(values) else None


def _in_base(digits: Value, base: Value, wanted: Value) -> Value:
    """CONV."""
    try:
        whole = int(text(digits), integer(base))
    except ValueError as error:
        raise NotConstantError from error
    to, shown = integer(wanted), ""
    if not 2 <= to <= 36 or whole < 0:
        raise NotConstantError
    while whole or not shown:
        whole, digit = divmod(whole, to)
        shown = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + shown
    return shown.encode()


def _extreme(sign: int) -> Callable[..., Value]:
    def choose(*values: Value) -> Value:
        best = values[0]
        for value in values[1:]:
            best = value if compared(value, best) * sign > 0 else best
        return best

    return choose


def _real(value: float) -> Number:
    """A number of limited precision, such as MySQL's functions of numbers give."""
    if not math.isfinite(value):
        raise NotConstantError
    return number(Decimal(repr(value)).normalize())


def _separated(value: Value, places: Value) -> bytes:
    """FORMAT."""
    return f"{decimal(value).quantize(Decimal(1).scaleb(-integer(places)), ROUND_HALF_UP):,f}".encode()


def _sha2(value: Value, size: Value) -> Value:
    wanted = integer(size) or 256
    if wanted not in (224, 256, 384, 512):
        return None
    return hashlib.new(f"sha{wanted}", content(value)).hexdigest().encode()


def _sha1(value: Value) -> bytes:
    return hashlib.sha1(content(value), usedforsecurity=False).hexdigest().encode()


def _password(value: Value) -> bytes:
    """PASSWORD() from MySQL 4.1 on."""
    once = hashlib.sha1(content(value), usedforsecurity=False).digest()
    return b"*" + _sha1(once).upper() if value else b""


def _old_password(value: Value) -> bytes:
    """PASSWORD() before MySQL 4.1, and OLD_PASSWORD()."""
    first, second, add = 1345345333, 0x12345671, 7
    for byte in content(value).translate(None, b" \t"):
        first ^= ((first & 63) + add) * byte + (first << 8)
        second += (second << 8) ^ first
        add += byte
    return f"{first % 2**31:08x}{second % 2**31:08x}".encode() if value else b""


def _uuid_to_bin(value: Value, swap: Value = None) -> bytes:
    raw = uuid.UUID(text(value)).bytes
    swapped = swap in (Number("1"), b"1")
    return Octets(raw[6:8] + raw[4:6] + raw[:4] + raw[8:] if swapped else raw)


def _inet_aton(value: Value) -> Value:
    """The parts that are left out of an address are before its last."""
    parts = text(value).split(".")
    if not 1 <= len(parts) <= 4 or not all(one.isdigit() and int(one) < 256 for one in parts):
        return None
    whole = [int(one) for one in (*parts[:-1], *["0"] * (4 - len(parts)), parts[-1])]
    return Number(int.from_bytes(bytes(whole), "big"))


def _inet6_aton(value: Value) -> Value:
    family = socket.AF_INET6 if ":" in text(value) else socket.AF_INET
    try:
        return Octets(socket.inet_pton(family, text(value)))
    except OSError:
        return None


def _inet6_ntoa(value: Value) -> Value:
    raw = content(value)
    if len(raw) not in (4, 16):
        return None
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw).encode()


def _from_text(value: Value, srid: Value = None, options: Value = None) -> bytes:
    swapped = None
    if options is not None and "axis-order" in text(options):
        swapped = "lat-long" in text(options)
    return wkt.geometry(text(value), int(srid or 0), swapped=swapped)


def _from_binary(shape: Value, srid: Value = None, *_: Value) -> bytes:
    return int(srid or 0).to_bytes(4, "little") + content(shape)


def _of_moment(unit: str) -> Callable[[Value], Value]:
    return lambda moment: Number(part(moment_of(text(moment)), unit))


def _of_clock(size: int, within: int) -> Callable[[Value], Value]:
    return lambda clock: Number(int(abs(seconds_of(text(clock)))) // size % within)


def _later(moment: Value, clock: Value, sign: int = 1) -> bytes:
    """ADDTIME and SUBTIME."""
    more = sign * seconds_of(text(clock))
    if ":" in text(moment) and "-" not in text(moment).lstrip("-"):
        return clock_of(seconds_of(text(moment)) + more).encode()
    return moment_text(moment_of(text(moment)) + timedelta(microseconds=int(more * 1_000_000))).encode()


def _time_between(left: Value, right: Value) -> Value:
    """TIMEDIFF."""
    if "-" in text(left).lstrip("-"):
        between = moment_of(text(left)) - moment_of(text(right))
        return clock_of(Decimal(between // timedelta(microseconds=1)).scaleb(-6)).encode()
    return clock_of(seconds_of(text(left)) - seconds_of(text(right))).encode()


def _day_number(moment: Value) -> int:
    """The days since the year 0, as TO_DAYS counts them."""
    return moment_of(text(moment)).toordinal() + 365


def _last_day(moment: Value) -> bytes:
    at = moment_of(text(moment)).replace(day=28) + timedelta(days=4)
    return (at - timedelta(days=at.day)).strftime("%Y-%m-%d").encode()


def _crc(value: Value) -> Number:
    return Number(zlib.crc32(content(value)))


# Functions that are not NULL for every NULL.
NULL_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "IF": lambda condition, yes, no: yes if is_true(condition) else no,
    "IFNULL": lambda value, other: other if value is None else value,
    "COALESCE": lambda *values: next((value for value in values if value is not None), None),
    "NULLIF": lambda a, b: None if a is not None and b is not None and compared(a, b) == 0 else a,
    "ISNULL": lambda value: truth(value is None),
    "CONCAT_WS": _joined,
    "FIELD": _member,
    "ELT": _chosen,
    "JSON_ARRAY": lambda *values: _json([_inner(value) for value in values]),
    "JSON_OBJECT": _json_object,
}
FUNCTIONS: dict[str, Callable[..., Value]] = {
    "CONCAT": joined,
    "UNHEX": _unhex,
    **dict.fromkeys(("STRING_TO_VECTOR", "TO_VECTOR", "VEC_FROMTEXT"), _vector),
    "HEX": lambda value: (
        f"{integer(value) % 2**64:X}" if isinstance(value, Number) else content(value).hex().upper()
    ).encode(),
    "FROM_BASE64": lambda value: Octets(base64.b64decode(content(value))),
    "TO_BASE64": lambda value: base64.b64encode(content(value)),
    "UUID": lambda: str(uuid.uuid1()).encode(),
    "UUID_TO_BIN": _uuid_to_bin,
    "INET_ATON": _inet_aton,
    "INET_NTOA": lambda value: socket.inet_ntoa(integer(value).to_bytes(4, "big")).encode(),
    "INET6_ATON": _inet6_aton,
    "INET6_NTOA": _inet6_ntoa,
    "MD5": lambda value: hashlib.md5(content(value), usedforsecurity=False).hexdigest().encode(),
    **dict.fromkeys(("SHA", "SHA1"), _sha1),
    "SHA2": _sha2,
    "PASSWORD": _password,
    "OLD_PASSWORD": _old_password,
    "CRC32": _crc,
    **dict.fromkeys(("LOWER", "LCASE"), lambda value: written(text(value).lower())),
    **dict.fromkeys(("UPPER", "UCASE"), lambda value: written("".join(map(_upper, text(value))))),
    "REPLACE": lambda value, old, new: content(value).replace(content(old), content(new)) if old else value,
    "LTRIM": lambda value: content(value).lstrip(b" "),
    "RTRIM": lambda value: content(value).rstrip(b" "),
    "LEFT": lambda value, size: written(text(value)[: max(0, integer(size))]),
    "RIGHT": lambda value, size: written(text(value)[-integer(size) :]) if integer(size) > 0 else b"",
    "REVERSE": lambda value: written(text(value)[::-1]),
    "REPEAT": lambda value, times: content(value) * _bounded(times),
    "SPACE": lambda times: b" " * _bounded(times),
    "LPAD": lambda *arguments: _filled(*arguments, left=True),
    "RPAD": _filled,
    "INSERT": _inserted,
    "SUBSTRING_INDEX": _part_of,
    "LOCATE": _place,
    "INSTR": lambda whole, wanted: _place(wanted, whole),
    "FIND_IN_SET": lambda wanted, members: _member(wanted, *content(members).split(b",")),
    "STRCMP": lambda left, right: Number(compared(left, right)),
    "LENGTH": lambda value: Number(len(content(value))),
    "OCTET_LENGTH": lambda value: Number(len(content(value))),
    "BIT_LENGTH": lambda value: Number(8 * len(content(value))),
    **dict.fromkeys(("CHAR_LENGTH", "CHARACTER_LENGTH"), lambda value: Number(len(text(value)))),
    "ASCII": lambda value: Number(next(iter(content(value)), 0)),
    "ORD": lambda value: Number(int.from_bytes(written(text(value)[:1]), "big")),
    "BIN": lambda value: f"{integer(value) % 2**64:b}".encode(),
    "OCT": lambda value: f"{integer(value) % 2**64:o}".encode(),
    "CONV": _in_base,
    "FORMAT": _separated,
    "QUOTE": lambda value: b"'" + content(value).replace(b"\\", b"\\\\").replace(b"'", b"\\'") + b"'",
    "JSON_QUOTE": lambda value: _json(text(value)),
    "ROUND": lambda value, places=None: round_half_up(value, integer(places or b"0")),
    "TRUNCATE": lambda value, places: truncated(value, integer(places)),
    "FLOOR": lambda value: number(decimal(value).to_integral_value(ROUND_FLOOR)),
    **dict.fromkeys(("CEIL", "CEILING"), lambda value: number(decimal(value).to_integral_value(ROUND_CEILING))),
    "ABS": lambda value: number(abs(decimal(value))),
    "SIGN": lambda value: Number((decimal(value) > 0) - (decimal(value) < 0)),
    "MOD": remainder,
    **dict.fromkeys(("POW", "POWER"), lambda base, times: _real(float(decimal(base)) ** float(decimal(times)))),
    "SQRT": lambda value: _real(math.sqrt(decimal(value))) if decimal(value) >= 0 else None,
    "PI": lambda: Number("3.141592653589793"),
    "RAND": lambda *_: Number(random.random()),  # noqa: S311  MySQL's is no better
    "GREATEST": _extreme(1),
    "LEAST": _extreme(-1),
    "DATE": lambda moment: moment_of(text(moment)).strftime("%Y-%m-%d").encode(),
    "TIME": lambda moment: clock_of(seconds_of(text(moment))).encode(),
    "TIMESTAMP": lambda moment, clock=b"00:00:00": _later(
        moment_text(moment_of(text(moment))).encode(), clock
    ),
    **{unit: _of_moment(unit) for unit in ("YEAR", "QUARTER", "MONTH", "DAY", "DAYOFYEAR", "DAYOFWEEK", "WEEKDAY")},
    "DAYOFMONTH": _of_moment("DAY"),
    "HOUR": _of_clock(3600, 10**6),
    "MINUTE": _of_clock(60, 60),
    "SECOND": _of_clock(1, 60),
    "DAYNAME": lambda moment: formatted(moment_of(text(moment)), "%W").encode(),
    "MONTHNAME": lambda moment: formatted(moment_of(text(moment)), "%M").encode(),
    "DATE_FORMAT": lambda moment, form: formatted(moment_of(text(moment)), text(form)).encode(),
    "STR_TO_DATE": lambda value, form: read_moment(text(value), text(form)).encode(),
    "LAST_DAY": _last_day,
    "MAKEDATE": lambda year, day: (
        (datetime(integer(year), 1, 1) + timedelta(days=integer(day) - 1)).strftime("%Y-%m-%d").encode()  # noqa: DTZ001
    ),
    "MAKETIME": lambda hour, minute, second: clock_of(
        3600 * decimal(hour) + 60 * decimal(minute) + decimal(second)
    ).encode(),
    "SEC_TO_TIME": lambda seconds: clock_of(decimal(seconds)).encode(),
    "TIME_TO_SEC": lambda clock: Number(int(seconds_of(text(clock)))),
    "TO_DAYS": lambda moment: Number(_day_number(moment)),
    "FROM_DAYS": lambda days: datetime.fromordinal(integer(days) - 365).strftime("%Y-%m-%d").encode(),
    "DATEDIFF": lambda left, right: Number(_day_number(left) - _day_number(right)),
    "ADDTIME": _later,
    "SUBTIME": lambda moment, clock: _later(moment, clock, -1),
    "TIMEDIFF": _time_between,
    "POINT": lambda x, y: wkt.point(float(decimal(x)), float(decimal(y))),
    **{
        f"{prefix}{shape}FROM{suffix}": _from_text if suffix in ("TEXT", "TXT") else _from_binary
        for prefix in ("ST_", "")
        for shape in ("GEOM", "GEOMETRY", "POINT", "LINE", "LINESTRING", "POLY", "POLYGON", "MPOINT", "MLINE", "MPOLY",
                      "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMCOLL", "GEOMETRYCOLLECTION")
        for suffix in ("TEXT", "TXT", "WKB")
    },
}  # fmt: skip
