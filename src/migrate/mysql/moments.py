"""Dates and times as MySQL's functions reckon with them (Reference Manual, "Date and Time Functions")."""

import calendar
from datetime import datetime, timedelta
from decimal import Decimal

_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400, "WEEK": 7 * 86400}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
# What DATE_FORMAT's letters are called in Python; those that are missing here are the same or not read.
_LETTERS = {
    "i": "M",
    "s": "S",
    "M": "B",
    "c": "m",
    "e": "d",
    "k": "H",
    "h": "I",
    "l": "I",
    "T": "H:%M:%S",
    "W": "A",
}
_SAME = "YymdHISpfbaj%"


def shifted(moment: str, count: Decimal, unit: str) -> str:
    """A date or moment `count` units later; a day that its month lacks is the month's last. Raises ValueError."""
    at = datetime.fromisoformat(moment)
    if unit in _MONTHS:
        months = 12 * at.year + at.month - 1 + int(count) * _MONTHS[unit]
        year, month = months // 12, months % 12 + 1
        at = at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))
    elif unit in _SECONDS:
        at += timedelta(microseconds=int(count * _SECONDS[unit] * 1_000_000))
    else:
        raise ValueError(f"INTERVAL … {unit} is not known here")
    with_clock = " " in moment or unit in ("SECOND", "MINUTE", "HOUR")
    return _written(at) if with_clock else at.strftime("%Y-%m-%d")


def read_moment(text: str, form: str) -> str:
    """STR_TO_DATE: a date, or a moment where the form has a clock. Raises ValueError."""
    letters = form.split("%")
    python = letters[0]
    clock = False
    escaped = iter(letters[1:])
    for piece in escaped:
        if not piece:  # %%
            python += "%%" + next(escaped, "")
            continue
        letter = piece[0]
        if letter not in _LETTERS and letter not in _SAME:
            raise ValueError(f"%{letter} is not known here")
        clock = clock or letter in "HkhIlisSTfp"
        python += "%" + _LETTERS.get(letter, letter) + piece[1:]
    at = datetime.strptime(text.strip(), python)  # noqa: DTZ007  MySQL's have no zone either
    return _written(at) if clock else at.strftime("%Y-%m-%d")


def _written(at: datetime) -> str:
    return at.isoformat(" ")
