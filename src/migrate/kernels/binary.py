"""Rows in COPY text as COPY's binary format (PostgreSQL manual, "COPY", "Binary Format"), compiled.

PostgreSQL takes binary values with half the effort. What is packed here is the very text whose digest proves the load,
so the proof covers the packing. Text that is not written as PostgreSQL itself would write it is not packed: its chunk
goes as text, and PostgreSQL says what it thinks of it.
"""
# numba compiles these functions; what they are given is said by their docstrings.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc,assignment"

import numpy as np

from ..transcode.packer import HEADER, Form
from ..transcode.room import WIDTH
from .compiled import compiled
from .copytext import field_stop
from .dates import decimal
from .digits import MOST, whole
from .literals import NIBBLE
from .vector import (
    copy_vector,
    field_end_or_backslash,
    first_bit,
    put16,
    put32,
    put64,
)

_HEADER = np.frombuffer(HEADER, dtype=np.uint8)
_NULL = _TRAILER = -1

(
    _TEXT, _JSONB, _SMALLINT, _INTEGER, _BIGINT, _BYTEA, _BOOLEAN, _NUMERIC, _REAL, _DOUBLE, _DATE, _TIME, _TIMESTAMP,
    _INSTANT, _UUID, _TEXTS, _BITS,
) = (int(form) for form in Form)  # fmt: skip
_OID_OF_TEXT = 25
_SECOND = 1_000_000  # microseconds
_MONTHS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
_DAYS_BEFORE = np.concatenate(([0], np.cumsum(_MONTHS)))  # of a year that is no leap year
_MOST_POWER = 22  # of ten, that a double holds exactly; 10 that a single one does
_POWERS = np.array([float(10**power) for power in range(_MOST_POWER + 1)])
_ESCAPES = np.arange(256, dtype=np.uint8)
for _letter, _byte in {"b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}.items():
    _ESCAPES[ord(_letter)] = _byte


@compiled
def _unescaped(data, at, out, o):
    """A field without its escapes: `(its end, output position)`; 32 bytes may be written beyond that."""
    while True:
        copy_vector(out, o, data, at)
        mask = field_end_or_backslash(data, at)
        if mask == 0:
            at += WIDTH
            o += WIDTH
            continue
        step = first_bit(mask)
        at += step
        o += step
        if data[at] != 0x5C:
            return at, o
        out[o] = _ESCAPES[data[at + 1]]
        o += 1
        at += 2


@compiled
def _integer(data, at, form, out, o):
    """The integer at `at`: `(its end, output position)`; that is -1 when it is none, or too large."""
    negative = data[at] == 0x2D
    start = at + 1 if negative else at
    value, at = whole(data, start)
    # Nothing, too much, or followed by something else.
    if at == start or at - start > MOST or data[at] > 0x0A:
        return at, -1
    if negative:
        value = -value
    if form == _INTEGER:
        return at, put32(out, o, value) if value == np.int32(value) else -1
    if form == _SMALLINT:
        return at, put16(out, o, value) if value == np.int16(value) else -1
    return at, put64(out, o, value)


@compiled
def _numeric(data, at, end, out, o):
    """A number with a fixed point, as digits to the base of 10,000; -1 when it is none."""
    negative = data[at] == 0x2D
    if negative:
        at += 1
    point = at
    while point < end and data[point] != 0x2E:
        point += 1
    whole, behind = point - at, max(end - point - 1, 0)
    if whole == 0 or point == end - 1 or end - at > 1000:
        return -1
    groups = (whole + 3) // 4
    ndigits = groups + (behind + 3) // 4
    o = put16(out, o, ndigits)
    o = put16(out, o, groups - 1)
    o = put16(out, o, 0x4000 if negative else 0)
    o = put16(out, o, behind)
    place = at
    for group in range(ndigits):
        if group < groups:
            stop = point - 4 * (groups - 1 - group)
        else:
            stop = point + 1 + 4 * (group - groups + 1)
            place = stop - 4
        value = 0
        while place < stop:
            digit = np.int64(data[place]) - 0x30 if place < end else 0
            if digit < 0 or digit > 9:
                return -1
            value = value * 10 + digit
            place += 1
        o = put16(out, o, value)
    return o


@compiled
def _scientific(data, at, end):
    """`(negative, digits as a number, power of ten)` of a number such as -1.5e+10; digits are -1 for any other text."""
    negative = data[at] == 0x2D
    if negative:
        at += 1
    value = power = digits = 0
    behind = False
    while at < end:
        byte = np.int64(data[at])
        at += 1
        if byte == 0x2E and not behind and digits:
            behind = True
        elif 0x30 <= byte <= 0x39 and digits < 18:
            value = value * 10 + byte - 0x30
            digits += 1
            if behind:
                power -= 1
        elif byte == 0x65 and digits and end - at >= 1:
            down = data[at] == 0x2D
            at += down or data[at] == 0x2B
            written = decimal(data, at, end - at) if 1 <= end - at <= 3 else -1
            if written < 0:
                return False, -1, 0
            return negative, value, power + (-written if down else written)
        else:
            return False, -1, 0
    return negative, value if digits else -1, power


@compiled
def _real(data, at, end, out, o):
    """A single precision number that its digits and one power of ten give exactly rounded; -1 for any other."""
    negative, value, power = _scientific(data, at, end)
    if value < 0 or value > 1 << 24 or abs(power) > 10:
        return -1
    scale = np.float32(_POWERS[abs(power)])
    number = np.float32(value) / scale if power < 0 else np.float32(value) * scale
    return put32(out, o, np.int64(np.float32(-number if negative else number).view(np.uint32)))


@compiled
def _double(data, at, end, out, o):
    """A double precision number that its digits and one power of ten give exactly rounded; -1 for any other."""
    negative, value, power = _scientific(data, at, end)
    if value < 0 or value > 1 << 53 or abs(power) > _MOST_POWER:
        return -1
    number = float(value) / _POWERS[-power] if power < 0 else float(value) * _POWERS[power]
    return put64(out, o, np.float64(-number if negative else number).view(np.int64))


@compiled
def _day(data, at):
    """The days from 2000-01-01 to the date YYYY-MM-DD at `at`; -1 << 40 when there is none."""
    year, month, day = (
        decimal(data, at, 4),
        decimal(data, at + 5, 2),
        decimal(data, at + 8, 2),
    )
    none = np.int64(-1) << 40
    if year < 1 or data[at + 4] != 0x2D or data[at + 7] != 0x2D or month < 1 or month > 12 or day < 1:
        return none
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    if day > _MONTHS[month - 1] + (1 if leap and month == 2 else 0):
        return none
    before = year - 1
    days = 365 * before + before // 4 - before // 100 + before // 400
    return days + _DAYS_BEFORE[month - 1] + (1 if leap and month > 2 else 0) + day - 1 - 730119


@compiled
def _clock(data, at, end):
    """The microseconds of a time of day HH:MM:SS, perhaps with a fraction; -1 when it is none."""
    if end - at < 8 or end - at == 9 or end - at > 15 or data[at + 2] != 0x3A or data[at + 5] != 0x3A:
        return -1
    hours, minutes, seconds = (
        decimal(data, at, 2),
        decimal(data, at + 3, 2),
        decimal(data, at + 6, 2),
    )
    if hours < 0 or hours > 23 or minutes < 0 or minutes > 59 or seconds < 0 or seconds > 59:
        return -1
    fraction = 0
    if end - at > 8:
        fraction = decimal(data, at + 9, end - at - 9)
        if fraction < 0 or data[at + 8] != 0x2E:
            return -1
        for _ in range(15 - (end - at)):
            fraction *= 10
    return ((hours * 60 + minutes) * 60 + seconds) * _SECOND + fraction


@compiled
def _moment(data, at, end, form, east, out, o):
    """A date, a time of day, or both; -1 when it is not written as such."""
    if form == _TIME:
        clock = _clock(data, at, end)
        return put64(out, o, clock) if clock >= 0 else -1
    if end - at < 10:
        return -1
    day = _day(data, at)
    if day < -(1 << 30):
        return -1
    if form == _DATE:
        return put32(out, o, day) if end - at == 10 else -1
    clock = _clock(data, at + 11, end)
    if clock < 0 or data[at + 10] != 0x20:
        return -1
    moment = day * 86400 * _SECOND + clock
    if form == _INSTANT:
        moment -= east * _SECOND
    return put64(out, o, moment)


@compiled
def _hex(data, at, end, out, o):
    """The bytes of hexadecimal digits; -1 when they are none."""
    seen = (end - at) & 1 and 0xFF
    for place in range(at, end - 1, 2):
        high, low = NIBBLE[data[place]], NIBBLE[data[place + 1]]
        seen |= high | low
        out[o] = high << 4 | low
        o += 1
    return o if seen < 0x10 else -1


@compiled
def _uuid(data, at, end, out, o):
    if end - at != 36:
        return -1
    for size in (8, 4, 4, 4, 12):
        o = _hex(data, at, at + size, out, o)
        at += size
        if o < 0 or (at < end and data[at] != 0x2D):
            return -1
        at += 1
    return o


@compiled
def _bits(data, at, end, out, o):
    """The number of bits and the bits, the first one highest; -1 when they are none."""
    o = put32(out, o, end - at)
    for first in range(at, end, 8):
        byte = 0
        for place in range(first, first + 8):
            bit = np.int64(data[place]) - 0x30 if place < end else 0
            if bit < 0 or bit > 1:
                return -1
            byte = byte << 1 | bit
        out[o] = byte
        o += 1
    return o


@compiled
def _texts(data, at, end, out, o):
    """An array as a set is written, all its elements in quotes: dimensions, flags, type, and what there are.

    In the text of an array a backslash stands before a quote or another, and COPY writes each backslash twice.
    """
    if data[at] != 0x7B or data[end - 1] != 0x7D:
        return -1
    at += 1
    end -= 1
    o = put32(out, put32(out, put32(out, o, 1 if at < end else 0), 0), _OID_OF_TEXT)
    if at == end:
        return o
    counted = o
    o = put32(out, put32(out, o, 0), 1)
    count = 0
    while at < end:
        if data[at] != 0x22:
            return -1
        at += 1
        start = o + 4
        o = start
        while at < end and data[at] != 0x22:
            byte = data[at]
            if byte == 0x5C and data[at + 1] == 0x5C:
                at += 2
                byte = data[at]
            if byte == 0x5C:
                at += 1
                byte = _ESCAPES[data[at]]
            out[o] = byte
            o += 1
            at += 1
        put32(out, start - 4, o - start)
        count += 1
        at += 2  # the quote, and the comma or the end
    put32(out, counted, count)
    return o if at == end + 1 else -1


@compiled
def _value(data, at, end, form, east, out, o):
    """The value of a type that is no text; -1 when it is not written as PostgreSQL would."""
    if at == end:
        return -1
    if form == _NUMERIC:
        return _numeric(data, at, end, out, o)
    if _DATE <= form <= _INSTANT:
        return _moment(data, at, end, form, east, out, o)
    if form == _BYTEA:
        whole = end - at >= 3 and data[at] == 0x5C and data[at + 1] == 0x5C and data[at + 2] == 0x78
        return _hex(data, at + 3, end, out, o) if whole else -1
    if form == _BOOLEAN:
        byte = data[at]
        out[o] = byte == 0x31 or byte == 0x74
        return o + 1 if end - at == 1 and (byte == 0x30 or byte == 0x66 or out[o]) else -1
    if form == _DOUBLE:
        return _double(data, at, end, out, o)
    if form == _REAL:
        return _real(data, at, end, out, o)
    if form == _UUID:
        return _uuid(data, at, end, out, o)
    return _texts(data, at, end, out, o) if form == _TEXTS else _bits(data, at, end, out, o)


@compiled
def pack(data, size, forms, east, out):
    """The lines data[:size] of COPY text as a whole file of the binary format: its size in `out`, or -1.

    `forms` has one for each column; instants are written in a zone that is `east` seconds ahead of UTC. 32 bytes
    beyond `size` may be read.
    """
    o = 0
    for byte in _HEADER:
        out[o] = byte
        o += 1
    at = 0
    while at < size:
        o = put16(out, o, forms.size)
        for form in forms:
            start = o + 4
            if data[at] == 0x5C and data[at + 1] == 0x4E:
                o = put32(out, o, _NULL)
                at += 3
                continue
            o = start
            if form == _JSONB:
                out[o] = 1  # the version of its format
                o += 1
            if form <= _JSONB:
                at, o = _unescaped(data, at, out, o)
            elif form <= _BIGINT:
                at, o = _integer(data, at, form, out, o)
                if o < 0:
                    return -1
            else:
                end = field_stop(data, at)
                o = _value(data, at, end, form, east, out, o)
                if o < 0:
                    return -1
                at = end
            at += 1
            put32(out, start - 4, o - start)
    return put16(out, o, _TRAILER)
