"""Values that do not fit their columns, as MySQL makes them fit (Reference Manual, "Server SQL Modes", strict mode).

Some of it loses nothing, and MySQL does it whatever sql_mode says: 1.5 in an int is 2, and the member of an enum is
found whatever its case. The rest is for sessions without strict mode: in strict mode MySQL refuses such a row.
"""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from ..model import Column
from . import temporal
from .constants import bits, hexadecimal
from .lexer import Kind, Mode, Token, tokens
from .temporal import LossError

_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_NUMERIC = (*_BITS, "decimal", "float", "double", "year", "bit")
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)  # digits, of any decimal and of what is written for one
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_MOMENTS = ("date", "datetime", "timestamp")


def fitted(literal: bytes, column: Column, mode: Mode, *, strict: bool) -> tuple[bytes, bool]:
    """A plain literal as its column holds it, and whether something of it was lost.

    In `strict` mode, which forbids that, LossError is raised.
    """
    kind = column.type.name
    found = [token for token in tokens(literal, mode) if token.kind is not Kind.END]
    first = found[-1]
    if first.is_word("NULL"):
        if column.nullable or column.auto_increment or strict:
            return literal, False
        return _quoted(_implied(column), mode), True
    fit = _FITS.get(kind)
    bytes_of_bits = kind == "bit" and first.kind is Kind.STRING
    number = first.kind is Kind.NUMBER
    try:
        if kind in _MOMENTS or kind == "time":
            text, lost = _temporal(literal, found, column, mode), False
        elif fit is None or not (number or first.kind is Kind.STRING) or bytes_of_bits:
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


def _integer(text: str, column: Column) -> str:
    number, whole = _number(text)
    bits = _BITS[column.type.name]
    least, most = (0, 2**bits - 1) if column.type.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    rounded = number.to_integral_value(ROUND_HALF_UP)
    return _bounded(rounded, Decimal(least), Decimal(most), whole=whole)


def _decimal(text: str, column: Column) -> str:
    number, whole = _number(text)
    digits, places = (*column.type.arguments, *(10, 0)[len(column.type.arguments) :])[:2]
    most = Decimal(10**digits - 1).scaleb(-places, _EXACT)
    least = Decimal(0) if column.type.unsigned else -most
    if number.copy_abs() < 10 ** (digits - places):
        number = number.quantize(Decimal(1).scaleb(-places), context=_EXACT)
    return _bounded(number, least, most, whole=whole)


def _float(text: str, column: Column) -> str:
    number, whole = _number(text)
    if whole and (number >= 0 or not column.type.unsigned):
        return text.strip()
    raise LossError("0" if column.type.unsigned and number < 0 else str(number))


def _year(text: str, column: Column) -> str:
    number, whole = _number(text)
    year = int(number)
    if len(text.strip()) <= 2 and 0 < year < 100:
        year += 2000 if year < 70 else 1900
    if not whole or not (year == 0 or 1901 <= year <= 2155):
        raise LossError("0")
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
    raise LossError("")


def _members(text: str, column: Column) -> str:
    known = {one.lower(): one for one in column.type.members}
    wanted = [one.rstrip().lower() for one in text.split(",") if one]
    kept = ",".join(one for key, one in known.items() if key in wanted)
    if any(one not in known for one in wanted):
        raise LossError(kept)
    return kept


def _characters(text: str, column: Column) -> str:
    longest = next(iter(column.type.arguments), 1)
    if text[longest:].strip(" "):
        raise LossError(text[:longest])
    return text[:longest]


def _temporal(literal: bytes, found: list[Token], column: Column, mode: Mode) -> str:
    """A date or time; bytes are read as text."""
    first = found[-1]
    number = first.kind is Kind.NUMBER
    if first.kind in (Kind.HEX, Kind.BITS):
        text = (hexadecimal if first.kind is Kind.HEX else bits)(first).decode("latin-1")
    elif first.kind is Kind.WORD:  # TRUE, FALSE
        text, number = str(int(first.is_word("TRUE"))), True
    else:
        text = first.text if len(found) == 1 else literal.decode("utf-8", "surrogateescape")
    kind = column.type.name
    if kind == "time":
        return temporal.clock(text, column.type.places, mode, number=number)
    return temporal.moment(text, kind, column.type.places, mode, number=number)


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
}
