"""Dates and times as MySQL's functions reckon with them (Reference Manual, "Date and Time Functions")."""

import calendar
import re
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..errors import InputError

_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400, "WEEK": 7 * 86400}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_MICROSECOND = Decimal("0.000001")
UNITS = (*_SECONDS, *_MONTHS, "MICROSECOND")
# INTERVAL '1:30' HOUR_MINUTE and its kin: what the numbers between other characters count, the last of them last.
_COMBINED = ("DAY", "HOUR", "MINUTE", "SECOND")
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
_MONTH_NAMES = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                "November", "December")  # fmt: skip
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CLOCK = re.compile(r"(-?)(?:(\d+) )?(\d+)(?::(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?)?")


def moment_of(text: str) -> datetime:
    """A date or moment as MySQL writes it. Raises ValueError for all that is no day of the calendar."""
    text = text.strip()
    if text.isdigit() and len(text) in (8, 14):
        return datetime.strptime(text, "%Y%m%d%H%M%S"[: 6 if len(text) == 8 else 12])  # noqa: DTZ007
    return datetime.fromisoformat(text).replace(tzinfo=None)


MOMENTS = ("date", "time", "datetime", "timestamp", "year")


def held(text: str, kind: str, digits: int) -> str:
    """A computed moment as a column holds it, with `digits` of a second's fraction; other text as it is."""
    try:
        at = moment_of(text)
    except ValueError:
        return text
    step = timedelta(microseconds=10 ** (6 - digits))
    at += step / 2 if kind != "date" else timedelta(0)
    shown = moment_text(at, digits=digits)
    parts = {"date": shown[:10], "year": shown[:4], "time": shown[11:]}
    return parts.get(kind, shown)


def seconds_of(text: str) -> Decimal:
    """The seconds of a time of day, or of a moment's. Raises ValueError."""
    if "-" in text.lstrip("-"):
        at = moment_of(text)
        return Decimal(3600 * at.hour + 60 * at.minute + at.second) + at.microsecond * _MICROSECOND
    found = _CLOCK.fullmatch(text.strip())
    if found is None or ":" not in text:
        raise ValueError(f"{text} is no time of day")
    days, hours, minutes = (int(found[place] or 0) for place in (2, 3, 4))
    seconds = 86400 * days + 3600 * hours + 60 * minutes + Decimal(found[5] or 0)
    return -seconds if found[1] else seconds


def clock_of(seconds: Decimal) -> str:
    """Seconds as MySQL writes a time."""
    whole = int(abs(seconds))
    fraction = int(abs(seconds) % 1 / _MICROSECOND)
    shown = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return ("-" if seconds < 0 else "") + shown + (f".{fraction:06}" if fraction else "")


def shifted(moment: str, count: str, unit: str, sign: int) -> str:
    """A date or moment `count` units later, or earlier; a day that its month lacks is the month's last.

    Raises ValueError.
    """
    at = moment_of(moment)
    first, _, last = unit.partition("_")
    if unit in _MONTHS or unit == "YEAR_MONTH":
        years, months = ([int(one) for one in re.findall(r"\d+", count)] + [0, 0])[:2]
        if unit == "YEAR_MONTH":
            change = (-1 if count.strip().startswith("-") else 1) * (12 * years + months)
        else:
            change = round(Decimal(count)) * _MONTHS[unit]
        total = 12 * at.year + at.month - 1 + sign * change
        year, month = total // 12, total % 12 + 1
        at = at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))
    elif unit in _SECONDS or unit == "MICROSECOND":
        number = Decimal(count) if unit == "SECOND" else Decimal(round(Decimal(count)))
        at += timedelta(
            microseconds=int(sign * number * (1 if unit == "MICROSECOND" else _SECONDS[unit] * 1_000_000))
        )
    elif first in _COMBINED and last in _COMBINED:
        units = _COMBINED[_COMBINED.index(first) : _COMBINED.index(last) + 1]
        numbers = [int(one) for one in re.findall(r"\d+", count)]
        seconds = sum(
            number * _SECONDS[one] for one, number in zip(reversed(units), reversed(numbers), strict=False)
        )
        at += timedelta(seconds=sign * (-seconds if count.strip().startswith("-") else seconds))
    else:
        raise ValueError(f"INTERVAL … {unit} is not known here")
    in_clock = {"SECOND", "MINUTE", "HOUR", "MICROSECOND"}
    with_clock = ":" in moment or bool(in_clock & {first, last})
    return moment_text(at) if with_clock else at.strftime("%Y-%m-%d")


def between(start: datetime, end: datetime, unit: str) -> int:
    """How many whole units lie between two moments."""
    if unit in _MONTHS:
        first, second = sorted((start, end))
        months = 12 * (second.year - first.year) + second.month - first.month
        begun = (first.day, first.time()) > (second.day, second.time())
        whole = (months - begun) // _MONTHS[unit]
    else:
        micro = abs(end - start) // timedelta(microseconds=1)
        whole = micro if unit == "MICROSECOND" else micro // (_SECONDS[unit] * 1_000_000)
    return -whole if end < start else whole


def part(at: datetime, unit: str) -> int:
    """A part of a moment, by MySQL's name of it. Raises ValueError."""
    parts = {
        "YEAR": at.year,
        "QUARTER": (at.month + 2) // 3,
        "MONTH": at.month,
        "DAY": at.day,
        "HOUR": at.hour,
        "MINUTE": at.minute,
        "SECOND": at.second,
        "MICROSECOND": at.microsecond,
        "DAYOFYEAR": at.timetuple().tm_yday,
        "DAYOFWEEK": at.isoweekday() % 7 + 1,
        "WEEKDAY": at.weekday(),
        "YEAR_MONTH": 100 * at.year + at.month,
    }
    if unit not in parts:
        raise ValueError(f"{unit} is not known here")
    return parts[unit]


def formatted(at: datetime, form: str) -> str:
    """DATE_FORMAT. Raises ValueError."""
    hour = at.hour % 12 or 12
    half = "AM" if at.hour < 12 else "PM"
    shown = {
        "Y": f"{at.year:04}", "y": f"{at.year % 100:02}", "m": f"{at.month:02}", "c": f"{at.month}",
        "d": f"{at.day:02}", "e": f"{at.day}", "H": f"{at.hour:02}", "k": f"{at.hour}", "h": f"{hour:02}",
        "I": f"{hour:02}", "l": f"{hour}", "i": f"{at.minute:02}", "s": f"{at.second:02}", "S": f"{at.second:02}",
        "f": f"{at.microsecond:06}", "p": half, "r": f"{hour:02}:{at.minute:02}:{at.second:02} {half}",
        "T": f"{at.hour:02}:{at.minute:02}:{at.second:02}", "M": _MONTH_NAMES[at.month - 1],
        "b": _MONTH_NAMES[at.month - 1][:3], "W": _DAY_NAMES[at.weekday()], "a": _DAY_NAMES[at.weekday()][:3],
        "j": f"{at.timetuple().tm_yday:03}", "w": f"{at.isoweekday() % 7}", "%": "%",
    }  # fmt: skip

    def letter(found: re.Match[str]) -> str:
        if found[1] in "DUuVvXx":  # counted suffixes and weeks
            raise ValueError(f"%{found[1]} is not known here")
        return shown.get(found[1], found[1])

    return re.sub(r"%(.)", letter, form, flags=re.DOTALL)


def read_moment(text: str, form: str) -> str:
    """STR_TO_DATE: a date, a time, or a moment where the form has both. Raises ValueError."""
    letters = form.split("%")
    python = letters[0]
    clock = day = False
    escaped = iter(letters[1:])
    for piece in escaped:
        if not piece:  # %%
            python += "%%" + next(escaped, "")
            continue
        letter = piece[0]
        if letter not in _LETTERS and letter not in _SAME:
            raise ValueError(f"%{letter} is not known here")
        clock = clock or letter in "HkhIlisSTfp"
        day = day or letter in "YymcdeMbj"
        python += "%" + _LETTERS.get(letter, letter) + piece[1:]
    at = datetime.strptime(text.strip(), python)  # noqa: DTZ007  MySQL's have no zone either
    if clock and not day:
        return moment_text(at)[11:]
    return moment_text(at) if clock else at.strftime("%Y-%m-%d")


def moment_text(at: datetime, *, digits: int | None = None) -> str:
    """A moment as MySQL writes it; with all of its fraction, or with so many digits of it."""
    if digits is None:
        return at.isoformat(" ")
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")[: 20 + digits if digits else 19]


def zone_named(name: str | None) -> tzinfo | None:
    """MySQL's TIME_ZONE; None, this machine's, where it is the server's own."""
    if name is None or name.upper() == "SYSTEM":
        return None
    if name[:1] in "+-":
        hours, _, minutes = name[1:].partition(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-offset if name[0] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InputError(f"the time zone {name} is not known") from error
