"""Values that do not fit their columns, as MySQL makes them fit (Reference Manual, "Server SQL Modes", strict mode).

Some of it loses nothing, and MySQL does it whatever sql_mode says: 1.5 in an int is 2, and the member of an enum is
found whatever its case. The rest is for sessions without strict mode: in strict mode MySQL refuses such a row.
"""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from ..model import Column
from .lexer import Kind, Mode, tokens

_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_NUMERIC = (*_BITS, "decimal", "float", "double", "year", "bit")
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_MOMENT = re.compile(
    r"\s*(\d{1,4})[^\w\s](\d{1,2})[^\w\s](\d{1,2})(?:[T\s]+(\d{1,2})(?:[^\w\s](\d{1,2})(?:[^\w\s](\d{1,2})(\.\d*)?)?)?)?\s*$"
)
_CLOCK = re.compile(r"\s*-?(?:\d+ )?\d{1,3}(?::\d{1,2}){0,2}(?:\.\d*)?\s*$")


class _LossError(Exception):
    """What MySQL holds instead, which is not all of the value."""

    def __init__(self, text: str) -> None:
        self.text = text


def fitted(literal: bytes, column: Column, mode: Mode, *, strict: bool) -> tuple[bytes, bool]:
    """A plain literal as its column holds it, and whether something of it was lost, which `strict` mode forbids."""
    kind = column.type.name
    found = [token for token in tokens(literal, mode) if token.kind is not Kind.END]
    first = found[-1]
    if first.is_word("NULL"):
        if column.nullable or column.auto_increment or strict:
            return literal, False
        return _quoted(_implied(column), mode), True
    fit = _FITS.get(kind)
    bytes_of_bits = kind == "bit" and first.kind is Kind.STRING
    if fit is None or first.kind not in (Kind.STRING, Kind.NUMBER) or bytes_of_bits:
        return literal, False
    text = first.text if len(found) == 1 else literal.decode("utf-8", "surrogateescape")
    try:
        text, lost = fit(text, column), False
    except _LossError as loss:
        if strict:
            return literal, False
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
    if kind in ("date", "datetime", "timestamp"):
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
        raise _LossError(shown)
    return shown


def _integer(text: str, column: Column) -> str:
    number, whole = _number(text)
    bits = _BITS[column.type.name]
    least, most = (0, 2**bits - 1) if column.type.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    rounded = number.to_integral_value(ROUND_HALF_UP)
    return _bounded(rounded, Decimal(least), Decimal(most), whole=whole)


def _decimal(text: str, column: Column) -> str:
    number, whole = _number(text)
    digits, places = (*column.type.arguments, *(10, 0)[len(column.type.arguments) :])[:2]
    most = Decimal(10**digits - 1).scaleb(-places)
    least = Decimal(0) if column.type.unsigned else -most
    if number.copy_abs() < 10 ** (digits - places):
        number = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return _bounded(number, least, most, whole=whole)


def _float(text: str, column: Column) -> str:
    number, whole = _number(text)
    if whole and (number >= 0 or not column.type.unsigned):
        return text.strip()
    raise _LossError("0" if column.type.unsigned and number < 0 else str(number))


def _year(text: str, column: Column) -> str:
    number, whole = _number(text)
    year = int(number)
    if len(text.strip()) <= 2 and 0 < year < 100:
        year += 2000 if year < 70 else 1900
    if not whole or not (year == 0 or 1901 <= year <= 2155):
        raise _LossError("0")
    return str(year)


def _bits(text: str, column: Column) -> str:
    number, whole = _number(text)
    most = 2 ** next(iter(column.type.arguments), 1) - 1
    return _bounded(number.to_integral_value(ROUND_HALF_UP), Decimal(0), Decimal(most), whole=whole)


def _member(text: str, column: Column) -> str:
    members = column.type.members
    same = next((one for one in members if one.lower() == text.rstrip().lower()), None)
    if text in members or same is not None:
        return text if text in members else same or ""
    if text.isdigit() and 0 < int(text) <= len(members):
        return members[int(text) - 1]
    if text == "":
        return text
    raise _LossError("")


def _members(text: str, column: Column) -> str:
    known = {one.lower(): one for one in column.type.members}
    wanted = [one.rstrip().lower() for one in text.split(",") if one]
    kept = ",".join(one for key, one in known.items() if key in wanted)
    if any(one not in known for one in wanted):
        raise _LossError(kept)
    return kept


def _characters(text: str, column: Column) -> str:
    longest = next(iter(column.type.arguments), 1)
    if text[longest:].strip(" "):
        raise _LossError(text[:longest])
    return text[:longest]


def _moment(text: str, column: Column) -> str:
    if text.strip().isdigit():
        return text.strip()
    found = _MOMENT.match(text)
    if found is None or any(int(found[place] or 0) > most for place, most in ((4, 23), (5, 59), (6, 59))):
        raise _LossError("0000-00-00")
    year = found[1] if len(found[1]) > 2 else str(int(found[1]) + (2000 if int(found[1]) < 70 else 1900))
    day = f"{year:>04}-{found[2]:>02}-{found[3]:>02}"
    if column.type.name == "date" or found[4] is None:
        return day
    return f"{day} {found[4]:>02}:{found[5] or '':>02}:{found[6] or '':>02}{found[7] or ''}"


def _clock(text: str, _column: Column) -> str:
    if not _CLOCK.match(text):
        raise _LossError("00:00:00")
    return text.strip()


_FITS: dict[str, Callable[[str, Column], str]] = {
    **dict.fromkeys(_BITS, _integer),
    "decimal": _decimal,
    "float": _float,
    "double": _float,
    "year": _year,
    "bit": _bits,
    "enum": _member,
    "set": _members,
    "char": _characters,
    "varchar": _characters,
    **dict.fromkeys(("date", "datetime", "timestamp"), _moment),
    "time": _clock,
}
