"""Values that do not fit their columns, as MySQL makes them fit (Reference Manual, "Server SQL Modes", strict mode).

Some of it loses nothing, and MySQL does it whatever sql_mode says: 1.5 in an int is 2, and the member of an enum is
found whatever its case. The rest is for sessions without strict mode: in strict mode MySQL refuses such a row.
"""

import math
import re
import sys
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from ..model import Column
from . import temporal
from .charsets import Charset
from .constants import bits, hexadecimal
from .lexer import Kind, Mode, Token, tokens
from .temporal import LossError

_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_NUMERIC = (*_BITS, "decimal", "float", "double", "year", "bit")
_LEAST_SINGLE = 2.0**-150  # half of the least single-precision number, and of what is taken for 0
_GREATEST, _GREATEST_SINGLE = sys.float_info.max, (2 - 2.0**-23) * 2.0**127
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)  # digits, of any decimal and of what is written for one
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_MOST_EXACT = 1e15  # of what is written without an exponent
_SPACE = " \t\n\v\f\r"
_MOMENTS = ("date", "datetime", "timestamp")


def fitted(
    literal: bytes, column: Column, mode: Mode, charset: Charset | None, zone: str | None, *, strict: bool
) -> tuple[bytes, bool]:
    """A plain literal as its column holds it, in a character set of its own, and whether something of it was lost.

    `zone` is the session's TIME_ZONE.
    In `strict` mode, which forbids that, LossError is raised.
    """
    kind = column.type.name
    found = [token for token in tokens(literal, mode) if token.kind is not Kind.END]
    first = found[-1]
    if first.is_word("NULL"):
        if column.nullable or column.auto_increment or strict:
            return literal, False
        return _quoted(_implied(column), mode), True
    fit = FITS.get(kind)
    try:
        if kind in (*_MOMENTS, "time", "year"):
            text, lost = _temporal(*_content(literal, found), column, mode, zone), False
        elif kind in _NUMBERS or kind in _LENGTHS:
            text, number = _content(literal, found, numeric=kind in _NUMBERS)
            text = _written(text) if number and kind in _LENGTHS else text
            text, lost = (
                _NUMBERS[kind](text, column) if kind in _NUMBERS else _cut(text, column, charset),
                False,
            )
        elif kind == "bit" and first.kind is not Kind.WORD:
            text, lost = _bits(found, column), False
        elif fit is None or first.kind not in (Kind.STRING, Kind.NUMBER):
            return literal, False
        else:
            text = first.text if len(found) == 1 else literal.decode("utf-8", "surrogateescape")
            text, lost = fit(text, column), False
    except LossError as loss:
        if strict:
            raise
        text, lost = loss.text, True
    if kind in _NUMERIC:
        return text.encode(), lost
    return _quoted(text, mode), lost


def _quoted(text: str, mode: Mode) -> bytes:
    content = text.encode("utf-8", "surrogateescape")
    if mode.backslash_escapes:
        content = content.replace(b"\\", b"\\\\")
    return b"'" + content.replace(b"'", b"''") + b"'"


def _implied(column: Column) -> str:
    """What MySQL puts in place of a NULL that a column may not hold."""
    kind = column.type.name
    if kind in _MOMENTS:
        return "0000-00-00"
    if kind == "time":
        return "00:00:00"
    if kind == "enum":
        return next(iter(column.type.members), "")
    return "0" if kind in _NUMERIC else ""


def _number(text: str) -> tuple[Decimal, bool]:
    """The number that a text begins with, and whether it is nothing else but blanks."""
    found = _NUMBER.match(text)
    try:
        number = Decimal(found[1]) if found else Decimal(0)
    except InvalidOperation:
        number = Decimal(0)
    return number, found is not None and not text[found.end() :].strip()


def _bounded(number: Decimal, least: Decimal, most: Decimal, *, whole: bool) -> str:
    """The number as text; raises what MySQL holds instead when it lies beyond, or its text was not all of it."""
    bounded = min(max(number, least), most)
    shown = format(bounded, "f")
    if not whole or bounded != number:
        raise LossError(shown)
    return shown


def bounds(column: Column) -> tuple[Decimal, Decimal] | None:
    """The least and the greatest number that a column of whole numbers or decimals holds; None for others."""
    if column.type.name == "decimal":
        return _decimals(column)
    return _integers(column) if column.type.name in _BITS else None


def _integers(column: Column) -> tuple[Decimal, Decimal]:
    every = Decimal(2 ** _BITS[column.type.name])
    return (Decimal(0), every - 1) if column.type.unsigned else (-every / 2, every / 2 - 1)


def _decimals(column: Column) -> tuple[Decimal, Decimal]:
    digits, places = _digits(column)
    most = Decimal(10**digits - 1).scaleb(-places, _EXACT)
    return Decimal(0) if column.type.unsigned else most.copy_negate(), most


def _digits(column: Column) -> tuple[int, int]:
    digits, places = (*column.type.arguments, *(10, 0)[len(column.type.arguments) :])[:2]
    return digits, places


def _integer(text: str, column: Column) -> str:
    number, whole = _number(text)
    return _bounded(number.to_integral_value(ROUND_HALF_UP), *_integers(column), whole=whole)


def _decimal(text: str, column: Column) -> str:
    number, whole = _number(text)
    digits, places = _digits(column)
    if column.type.unsigned and number < 0:
        raise LossError("0")
    if number.copy_abs() < 10 ** (digits - places):
        number = number.quantize(Decimal(1).scaleb(-places), context=_EXACT)
    return _bounded(number, *_decimals(column), whole=whole)


def _float(text: str, column: Column) -> str:
    number, whole = _number(text)
    kind = column.type
    if kind.unsigned and number < 0:
        raise LossError("0")
    value = min(max(float(number), -_GREATEST), _GREATEST)
    most = _GREATEST if kind.name == "double" else _GREATEST_SINGLE
    if len(kind.arguments) == 2:
        # As the server reckons, whose doubles are ours.
        digits, places = kind.arguments
        value = math.floor(value) + round((value - math.floor(value)) * 10.0**places) / 10.0**places
        most = (10**digits - 1) / 10**places
    bounded = min(max(value, -most), most) + 0.0  # no -0
    if kind.name == "float" and abs(bounded) <= _LEAST_SINGLE:
        bounded = value = 0.0
    if not whole or bounded != value or abs(number) > Decimal(_GREATEST):
        raise LossError(repr(bounded))
    return repr(bounded)


def _year(text: str, *, number: bool) -> str:
    value, whole = _number(text)
    year = int(value.to_integral_value(ROUND_HALF_UP)) if abs(value) < 10**4 else -1
    if (0 < year < 100) or (year == 0 and not number and text.strip() in ("0", "00", "000")):
        year += 2000 if year < 70 else 1900
    known = year == 0 or 1901 <= year <= 2155
    if not (whole and known):
        raise LossError(f"{year if known else 0:04}")
    return f"{year:04}"


def _bits(found: list[Token], column: Column) -> str:
    """A number, or the bytes of one; one below 0 is of ones."""
    most = 2 ** next(iter(column.type.arguments), 1) - 1
    *signs, last = found
    if last.kind is Kind.NUMBER:
        number, whole = _number("".join(token.text for token in signs) + last.text)
    else:
        content = last.value if last.kind is Kind.STRING else _octets(last)
        number, whole = Decimal(int.from_bytes(content)), True
    if number < 0:
        raise LossError(f"0x{most:x}")
    number = number.to_integral_value(ROUND_HALF_UP)
    if number > most or not whole:
        raise LossError(f"0x{min(int(number), most):x}")
    return f"0x{int(number):x}"


def _member(text: str, column: Column) -> str:
    members = column.type.members
    same = next((one for one in members if one.lower() == text.rstrip().lower()), None)
    if text in members or same is not None:
        return text if text in members else same or ""
    if text.isdigit() and 0 < int(text) <= len(members):
        return members[int(text) - 1]
    if text == "":
        return text
    raise LossError("")


def _members(text: str, column: Column) -> str:
    known = {one.lower(): one for one in column.type.members}
    if text.isdigit() and text not in known:
        chosen = ",".join(one for place, one in enumerate(known.values()) if int(text) >> place & 1)
        if int(text) >= 2 ** len(known):
            raise LossError(chosen)
        return chosen
    wanted = [one.rstrip().lower() for one in text.split(",")] if text else []
    kept = ",".join(one for key, one in known.items() if key in wanted)
    if any(one not in known for one in wanted):
        raise LossError(kept)
    return kept


def _cut(text: str, column: Column, charset: Charset | None) -> str:
    """Text or bytes as long as the column has room; blanks beyond that are nothing lost, but for bytes."""
    kind = column.type.name
    longest = _LENGTHS[kind] or next(iter(column.type.arguments), 1)
    if charset is not None and (_LENGTHS[kind] is None or charset.units == 1):
        kept, rest = text[:longest], text[longest:].strip(_SPACE)
    else:
        octets = text.encode("utf-8", "surrogateescape")
        if len(octets) <= longest:
            return text
        kept = octets[:longest].decode("utf-8", "surrogateescape" if charset is None else "ignore")
        rest = octets[longest:].decode("latin-1")
        rest = rest if charset is None else rest.strip(_SPACE)
    if rest:
        raise LossError(kept)
    return kept


def _written(number: str) -> str:
    """A number as text: `007` is 7, and `1e3` is 1000."""
    if "e" not in number.lower():
        return format(Decimal(number), "f")
    value = float(number)
    return (
        str(int(value)) if value.is_integer() and abs(value) < _MOST_EXACT else repr(value).replace("e+", "e")
    )


def _octets(token: Token) -> bytes:
    return hexadecimal(token) if token.kind is Kind.HEX else bits(token)


def _content(literal: bytes, found: list[Token], *, numeric: bool = False) -> tuple[str, bool]:
    """The text of a literal, and whether it is that of a number; bytes are text, or one where that is wanted."""
    first = found[-1]
    if first.kind in (Kind.HEX, Kind.BITS):
        content = _octets(first)
        if numeric:
            return str(int.from_bytes(content)), True
        return content.decode("utf-8", "surrogateescape"), False
    if first.kind is Kind.WORD:  # TRUE, FALSE
        return str(int(first.is_word("TRUE"))), True
    text = first.text if len(found) == 1 else literal.decode("utf-8", "surrogateescape")
    return text, first.kind is Kind.NUMBER


def _temporal(text: str, number: bool, column: Column, mode: Mode, zone: str | None) -> str:
    kind = column.type
    if kind.name == "year":
        return _year(text, number=number)
    if kind.name == "time":
        return temporal.clock(text, kind.places, mode, number=number)
    return temporal.moment(text, kind.name, kind.places, mode, zone, number=number)


_NUMBERS: dict[str, Callable[[str, Column], str]] = {
    **dict.fromkeys(_BITS, _integer),
    "decimal": _decimal,
    "float": _float,
    "double": _float,
}
_LENGTHS = {  # in bytes, None where the type says it
    **dict.fromkeys(("char", "varchar", "binary", "varbinary")),
    **dict.fromkeys(("tinytext", "tinyblob"), 255),
    **dict.fromkeys(("text", "blob"), 65535),
    **dict.fromkeys(("mediumtext", "mediumblob"), 16777215),
}
FITS: dict[str, Callable[[str, Column], str]] = {
    "enum": _member,
    "set": _members,
}
