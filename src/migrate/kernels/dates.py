"""Dates and times of day, of which PostgreSQL's calendar has not all that MySQL's has; compiled."""
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np

from ..transcode.codecs import Bound
from .compiled import compiled

_DAYS = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
_DAY, _MOMENT, _INSTANT = int(Bound.DAY), int(Bound.MOMENT), int(Bound.INSTANT)
_FIRST_INSTANT, _LAST_INSTANT = (
    1970,
    2037,
)  # years that are wholly within MySQL's timestamp, but for their edges
_DATE_MARKS = np.frombuffer(b"-- ::", dtype=np.uint8)


@compiled
def decimal(data, at, n):
    """data[at:at + n], a few decimal digits, as a number; -1 when they are none."""
    value = 0
    for place in range(at, at + n):
        digit = data[place] - 0x30
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@compiled
def digit_count(text, n):
    """How many digits text[:n] is, when it is nothing else; 0 otherwise."""
    for place in range(n):
        if text[place] < 0x30 or text[place] > 0x39:
            return 0
    return n


@compiled
def _is_clock(text, at, n, places):
    """Whether text[at:n] is hh:mm:ss, of a day or beyond, with at most so many digits of a second."""
    if n - at < 8 or text[at + 2] != 0x3A or text[at + 5] != 0x3A:
        return False
    if decimal(text, at, 2) < 0:
        return False
    for place in range(at + 3, at + 7, 3):
        number = decimal(text, place, 2)
        if number < 0 or number > 59:
            return False
    if n == at + 8:
        return True
    digits = n - at - 9
    return text[at + 8] == 0x2E and 0 < digits <= places and digit_count(text[at + 9 :], digits) == digits


@compiled
def _is_day(text, n):
    """Whether text[:n] begins with YYYY-MM-DD, a day or not."""
    if n < 10 or text[4] != 0x2D or text[7] != 0x2D:
        return False
    return decimal(text, 0, 4) >= 0 and decimal(text, 5, 2) >= 0 and decimal(text, 8, 2) >= 0


@compiled
def is_moment(text, n, bound):
    """Whether text[:n] is a date, with its time of day where `bound` has one, as MySQL writes it."""
    digits = digit_count(text, n)
    if digits == n and (n == 8 or n == 14 or (n and decimal(text, 0, n) == 0)):
        if n == 14 and (
            bound == _DAY
            or decimal(text, 8, 2) > 23
            or decimal(text, 10, 2) > 59
            or decimal(text, 12, 2) > 59
        ):
            return False
    elif not _is_day(text, n):
        return False
    elif n > 10:
        places = bound - (_INSTANT if bound >= _INSTANT else _MOMENT)
        if bound == _DAY or text[10] != 0x20 or not _is_clock(text, 11, n, places):
            return False
        if decimal(text, 11, 2) > 23:
            return False
    if bound < _INSTANT:
        return True
    year = decimal(text, 0, 4) if n >= 8 else 0
    return year == 0 or (year >= _FIRST_INSTANT and year <= _LAST_INSTANT)


@compiled
def is_time(text, n, bound):
    """Whether text[:n] is a time as MySQL writes it."""
    at = 1 if n and text[0] == 0x2D else 0
    hours = 0
    if n > at + 2 and text[at + 2] != 0x3A:  # hhh:mm:ss
        hours = decimal(text, at, 3)
        if hours < 100 or hours > 838:
            return False
        at += 1
    if not _is_clock(text, at, n, bound - _MOMENT):
        return False
    if text[0] != 0x2D:
        return True
    for place in range(n):
        if text[place] > 0x30 and text[place] <= 0x39:
            return True
    return False  # neither has -00:00:00


@compiled
def is_date(text, n):
    """Whether text[:n] starts with a day of the proleptic Gregorian calendar from year 1 on.

    It is read as YYYY-MM-DD or YYYYMMDD; other notations (24-1-31) are left to PostgreSQL to judge.
    """
    digits = digit_count(text, n)
    if n >= 10 and text[4] == 0x2D and text[7] == 0x2D:
        year = decimal(text, 0, 4)
        month = decimal(text, 5, 2)
        day = decimal(text, 8, 2)
    elif digits == 8 or digits == 14:
        year = decimal(text, 0, 4)
        month = decimal(text, 4, 2)
        day = decimal(text, 6, 2)
    else:
        zero = n > 0
        for place in range(n):
            if text[place] != 0x30:
                zero = False
        return not zero
    if year < 0 or month < 0 or day < 0:
        return True
    if year == 0 or month < 1 or month > 12 or day < 1 or day > _DAYS[month - 1]:
        return False
    if month == 2 and day == 29:
        return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return True


@compiled
def put_digit_date(text, n, out, o):
    """text[:n], a date or date and time in 6, 8, 12 or 14 digits, as YYYY-MM-DD hh:mm:ss.

    A year of two digits is of 1970 to 2069 (MySQL Reference Manual, "2-Digit Years in Dates").
    """
    short = n == 6 or n == 12
    if short:
        out[o] = 0x31 if text[0] >= 0x37 else 0x32
        out[o + 1] = 0x39 if text[0] >= 0x37 else 0x30
        o += 2
    group = 2 if short else 4
    mark = 0
    for place in range(n):
        if group == 0:
            out[o] = _DATE_MARKS[mark]
            o += 1
            mark += 1
            group = 2
        out[o] = text[place]
        o += 1
        group -= 1
    return o


@compiled
def is_time_of_day(text, n):
    """Whether text[:n], hours:minutes:seconds, is not negative and below 24 hours."""
    if n and text[0] == 0x2D:
        return False
    hours = 0
    place = 0
    while place < n and text[place] != 0x3A:
        digit = text[place] - 0x30
        if digit < 0 or digit > 9:
            return True
        hours = hours * 10 + digit
        place += 1
    return place == n or hours < 24
