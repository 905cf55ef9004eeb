"""Dates and times in every notation that MySQL reads, as it keeps them (Reference Manual, "Date and Time Literals").

Fractions of a second beyond what a column keeps are rounded by MySQL and cut off by MariaDB, unless sql_mode says
otherwise ("Fractional Seconds in Time Values", "Microseconds in MariaDB").
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from .lexer import Mode
from .moments import zone_named

ZERO_DATE, ZERO_TIME = "0000-00-00", "00:00:00"

_MARK = r"(?:[^\w\s]|_)"
_DATE = re.compile(
    rf"\s*(\d+){_MARK}(\d+){_MARK}(\d+)(?:(?:T|\s+|{_MARK})(\d+)(?:{_MARK}(\d+)(?:{_MARK}(\d+)(?:\.(\d*))?)?)?{_MARK}?)?"
)
_DATE_AND_TIME = re.compile(rf"\s*(?:\d+{_MARK}\d+{_MARK}\d+[T\s]\s*\d|\d{{12}})")
_DIGITS = re.compile(r"\s*(\d+)(T?)(\d*)(?:\.(\d*))?")
_TIME = re.compile(r"\s*([+-]?)(?:(\d+)\s+(?=\d))?(\d+)(?::(\d+))?(?::(\d+))?(?:\.(\d*))?")
_NUMBERS = (  # the dates that a number of so many digits can be
    (6, 101, 991231),
    (8, 10000101, 99991231),
    (12, 101000000, 991231235959),
    (14, 10000101000000, 99991231235959),
)
_OFFSET = re.compile(r"\s*(\d+-\d+-\d+)[ T](\d+:\d+:\d+)(\.\d*)?([+-]\d\d:\d\d)\s*")
_MANY_DIGITS = 20
_MOST_SECONDS = (838 * 60 + 59) * 60 + 59  # and, in MariaDB, a fraction of the next


class LossError(Exception):
    """What MySQL holds instead, which is not all of the value; in strict mode it refuses such a value."""

    def __init__(self, text: str) -> None:
        self.text = text


class _Moment(NamedTuple):
    """`year` to `second`, the fraction's digits, and whether the text went on after them."""

    parts: tuple[int, int, int, int, int, int]
    fraction: str
    more: bool


def moment(text: str, kind: str, places: int, mode: Mode, zone: str | None = None, *, number: bool) -> str:
    """A date, datetime or timestamp with `places` digits of a fraction; a `number` is read otherwise than a string.

    One with an offset, which MySQL reads since 8.0.19, is told in the session's zone, where that is known.
    """
    found = _of_number(text) if number else _of_string(text if mode.mariadb else _in_zone(text, zone))
    if found is None:
        raise LossError(ZERO_DATE)
    year, month, day, hours, minutes, seconds = found.parts
    if year > 9999 or hours > 23 or minutes > 59 or seconds > 59:
        raise LossError(ZERO_DATE)
    shown = f"{year:04}-{month:02}-{day:02}"
    rounded_day = kind == "date" and mode.rounds and not mode.mariadb
    if kind != "date" or rounded_day:
        carried, fraction = _kept(found.fraction, places, mode)
        try:
            moved = datetime(*found.parts) + timedelta(seconds=carried)  # noqa: DTZ001
        except OverflowError:
            last = kind == "datetime" and mode.mariadb
            raise LossError("9999-12-31 23:59:59" if last else ZERO_DATE) from None
        except ValueError:  # a zero or impossible date, of which a policy decides
            pass
        else:
            shown = moved.isoformat(" ")
        shown = shown[:10] if kind == "date" else shown + fraction
    if kind == "timestamp" and year > 0 and not 1970 <= year <= (2106 if mode.mariadb else 2038):
        raise LossError(ZERO_DATE)
    if found.more:
        raise LossError(shown)
    return shown


def _in_zone(text: str, zone: str | None) -> str:
    """A moment with an offset as it is in a zone; other texts as they are, and where the zone is the server's."""
    match = _OFFSET.fullmatch(text)
    if match is None or zone is None:
        return text
    try:
        there = datetime.strptime(f"{match[1]} {match[2]}{match[4]}", "%Y-%m-%d %H:%M:%S%z")
        here = there.astimezone(zone_named(zone))
    except (ValueError, OverflowError):
        return text
    return f"{here:%Y-%m-%d %H:%M:%S}{match[3] or ''}"


def clock(text: str, places: int, mode: Mode, *, number: bool) -> str:
    """A time of day or duration with `places` digits of a fraction."""
    if number:
        text = _plain(text)
    if _DATE_AND_TIME.match(text):
        found = _of_number(text) if number else _of_string(text)
        if found is not None and not found.more:
            hours, minutes, seconds = found.parts[3:]
            text, number = f"{hours}:{minutes}:{seconds}.{found.fraction}", False
    match = _TIME.match(text)
    if match is None or text[match.end() :][:1].lower() == "e":
        raise LossError(ZERO_TIME)
    sign, days, *parts, fraction = (group or "" for group in match.groups())
    hours, minutes, seconds = (int(part or 0) for part in parts)
    if not days and not parts[1]:  # hhmmss without colons
        hours, minutes, seconds = hours // 10000, hours // 100 % 100, hours % 100
    if minutes > 59 or seconds > 59:
        raise LossError(ZERO_TIME)
    carried, fraction = _kept(fraction, places, mode)
    total = ((24 * int(days or 0) + hours) * 60 + minutes) * 60 + seconds + carried
    beyond = total > _MOST_SECONDS
    if beyond:
        total, fraction = _MOST_SECONDS, "." + "9" * places if mode.mariadb and places else ""
    minus = "-" if sign == "-" and (total or fraction.strip(".0")) else ""
    shown = f"{minus}{total // 3600:02}:{total // 60 % 60:02}:{total % 60:02}{fraction}"
    if beyond or text[match.end() :].strip():
        raise LossError(shown)
    return shown


def _kept(fraction: str, places: int, mode: Mode) -> tuple[int, str]:
    """The seconds that a fraction is rounded up to, 0 or 1, and its `places` digits with the point before them."""
    if not mode.rounds:
        return 0, "." + fraction[:places] if fraction[:places] else ""
    # Both servers round to microseconds first.
    millionths = int(fraction[:6].ljust(6, "0")) + (fraction[6:7] >= "5")
    unit = 10 ** (6 - places)
    kept = (2 * millionths + unit) // (2 * unit)
    return kept // 10**places, f".{kept % 10**places:0{places}}" if places else ""


def _plain(number: str) -> str:
    """A number without an exponent, and some greater one than any date for one of many digits."""
    value = Decimal(number)
    return format(value, "f") if value.adjusted() < _MANY_DIGITS else "9" * _MANY_DIGITS


def _of_string(text: str) -> _Moment | None:
    if match := _DATE.match(text):
        year, *rest, fraction = (group or "" for group in match.groups())
        month, day, hours, minutes, seconds = (int(one or 0) for one in rest)
        parts = (_year(year), month, day, hours, minutes, seconds)
        return _Moment(parts, fraction, bool(text[match.end() :].strip()))
    match = _DIGITS.match(text)
    if match is None or text[match.end() :].strip():
        return None
    date, mark, time, fraction = (group or "" for group in match.groups())
    digits = date + time
    length = len(digits) + len(mark)
    width = 4 if length in (4, 8) or length >= 14 else 2
    found = [digits[at : at + 2] for at in range(width, len(digits), 2)]
    if not 2 <= len(found) <= 5 or (match[4] is not None and len(found) < 5):
        return None
    month, day, hours, minutes, seconds = (int(one) for one in (*found, 0, 0, 0)[:5])
    return _Moment((_year(digits[:width]), month, day, hours, minutes, seconds), fraction, more=False)


def _of_number(text: str) -> _Moment | None:
    whole, _, fraction = _plain(text).partition(".")
    value = int(whole)
    if value == 0:
        return _Moment((0, 0, 0, 0, 0, 0), "", more=False)
    for width, least, most in _NUMBERS:
        if least <= value <= most:
            found = _of_string(whole.zfill(width))
            return found and found._replace(fraction=fraction if width > 8 else "")
    return None


def _year(digits: str) -> int:
    """A year of two digits is of 1970 to 2069 (Reference Manual, "2-Digit Years in Dates")."""
    year = int(digits)
    return year + (2000 if year < 70 else 1900) if len(digits) == 2 else year
