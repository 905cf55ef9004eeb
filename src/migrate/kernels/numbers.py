"""The numbers of one column in a chunk of rows, compiled: which are there, and those that are missing put in."""
# numba compiles these functions; what they are given is said by their docstrings.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np

from ..transcode.codecs import Bound
from .compiled import compiled
from .scan import skip_blank, skip_row, skip_string

_ANY, _YEAR, _FIXED = int(Bound.NUMBER), int(Bound.YEAR), int(Bound.FIXED)
_MOST_DIGITS = 20  # of a number in 64 bits
_FIRST_YEAR, _LAST_YEAR = np.uint64(1901), np.uint64(2155)  # beside 0


@compiled
def _skip_value(data, at, end, backslash, leads):
    """The position of the comma or parenthesis after the value at `at`."""
    depth = 0
    while at < end:
        byte = data[at]
        if byte == 0x27 or byte == 0x22 or byte == 0x60:
            after = skip_string(data, at, end, backslash, leads)
            at = after if after > 0 else end
            continue
        if byte == 0x28:
            depth += 1
        elif byte == 0x29:
            if depth == 0:
                return at
            depth -= 1
        elif byte == 0x2C and depth == 0:
            return at
        elif byte == 0x2D or byte == 0x23 or byte == 0x2F:
            after = skip_blank(data, at, end)
            if after > at:
                at = after
                continue
        at += 1
    return at


@compiled
def _number(data, at, stop, keep_zero, strict):
    """The whole number data[at:stop], with or without quotes; -1 where one is to be given, -2 for anything else.

    DEFAULT is 0, and so is text that begins with no digit where the session is not strict.
    """
    while stop > at and data[stop - 1] <= 0x20:
        stop -= 1
    first = data[at] & 0xDF
    zero = False
    if stop - at >= 2 and (data[at] == 0x27 or data[at] == 0x22):
        at += 1
        stop -= 1
        zero = not strict and (stop == at or data[at] >= 0x3A)
    elif stop - at == 4 and first == 0x4E and data[at + 1] & 0xDF == 0x55:  # NULL
        return -1
    elif stop - at == 7 and first == 0x44 and data[at + 1] & 0xDF == 0x45:  # DEFAULT
        zero = True
    value = 0
    if zero:
        stop = at
    elif stop == at or stop - at > 18:
        return -2
    for place in range(at, stop):
        digit = data[place] - 0x30
        if digit < 0 or digit > 9:
            return -2
        value = value * 10 + digit
    return -1 if value == 0 and not keep_zero else value


@compiled
def _next_row(data, at, end, head_size):
    """The position of the next row's parenthesis, or `end`."""
    while at < end:
        at = skip_blank(data, at, end)
        if at < 0 or at >= end:
            return end
        if data[at] == 0x28:
            return at
        if data[at] == 0x3B:
            at += 1
            while at < end and data[at] <= 0x20:
                at += 1
            at += head_size
        else:
            at += 1
    return end


@compiled
def _value_at(data, row, end, place, backslash, leads):
    """Where the value number `place` of the row that begins at `row` stands: `(start, end)`."""
    at = row + 1
    for _ in range(place):
        at = _skip_value(data, at, end, backslash, leads) + 1
    at = skip_blank(data, at, end)
    return at, _skip_value(data, at, end, backslash, leads)


@compiled
def look(data, end, head_size, place, keep_zero, strict, backslash, leads):
    """The highest number among the values number `place` of all rows, and how many rows have none there."""
    highest = 0
    missing = 0
    row = _next_row(data, 0, end, head_size)
    while row < end:
        start, stop = _value_at(data, row, end, place, backslash, leads)
        number = _number(data, start, stop, keep_zero, strict)
        if number == -1:
            missing += 1
        elif number > highest:
            highest = number
        row = _next_row(data, skip_row(data, row, end, backslash, leads), end, head_size)
    return highest, missing


@compiled
def _put(out, o, number):
    size = 1
    rest = number // 10
    while rest:
        size += 1
        rest //= 10
    for place in range(o + size - 1, o - 1, -1):
        out[place] = 0x30 + number % 10
        number //= 10
    return o + size


@compiled
def _rows_left(data, row, end, backslash, leads):
    """How many rows the statement has from that one on."""
    rows = 0
    while row < end and data[row] == 0x28:
        rows += 1
        row = skip_blank(data, skip_row(data, row, end, backslash, leads), end)
        if row < 0 or row >= end or data[row] != 0x2C:
            break
        row = skip_blank(data, row + 1, end)
    return rows


@compiled
def fill(data, end, head_size, place, keep_zero, strict, reserves, backslash, leads, following, out, places):
    """Copy the rows to `out` with `following`, and the numbers after it, where none is.

    With `place` -1 no row has the column, and it is put before the others. `places` gets each row's beginning in `out`
    and in `data`. With `reserves`, as InnoDB does, a statement takes a number for each of its rows when the first one
    asks; what is left over is lost. Returns the size of the copy and the next number.
    """
    o = 0
    copied = 0
    rows = 0
    left = 0  # rows of the statement that numbers are taken for; below 0, those that came before any was
    taken = 0  # the number after those
    row = _next_row(data, 0, end, head_size)
    while row < end:
        start = stop = row + 1
        number = -1
        if place >= 0:
            start, stop = _value_at(data, row, end, place, backslash, leads)
            number = _number(data, start, stop, keep_zero, strict)
        while copied < row:
            out[o] = data[copied]
            o += 1
            copied += 1
        places[0, rows] = o
        places[1, rows] = row
        rows += 1
        if number == -1:
            while copied < start:
                out[o] = data[copied]
                o += 1
                copied += 1
            if reserves and following >= taken:
                if left <= 0:
                    left = _rows_left(data, row, end, backslash, leads) - left
                taken = following + left
            o = _put(out, o, following)
            following += 1
            copied = stop
            if place < 0:
                out[o] = 0x2C
                o += 1
        elif number >= following:
            following = number + 1
        left -= 1
        after = skip_row(data, row, end, backslash, leads)
        row = _next_row(data, after, end, head_size)
        after = skip_blank(data, after, end)
        if row >= end or data[after] == 0x3B:  # the statement ends
            following = max(following, taken)
            left = 0
    while copied < end:
        out[o] = data[copied]
        o += 1
        copied += 1
    return o, following


@compiled
def is_number(text, at, end, bound):
    """Whether text[at:end] is a number within `bound` (see `codecs.Bound`), as MySQL writes it."""
    size = abs(bound)
    negative = at < end and text[at] == 0x2D
    if negative:
        if bound < 0:
            return False
        at += 1
    whole = at
    while at < end and text[at] >= 0x30 and text[at] <= 0x39:
        at += 1
    places = 0
    digits = at - whole
    if size >= _FIXED or size == _ANY:
        if at < end and text[at] == 0x2E:
            places = at + 1
            at += 1
            while at < end and text[at] >= 0x30 and text[at] <= 0x39:
                at += 1
            places = at - places
        if digits + places == 0:
            return False
        if size >= _FIXED:
            while digits and text[whole] == 0x30:
                whole += 1
                digits -= 1
            return at == end and places <= size % _FIXED and digits <= size // _FIXED - size % _FIXED
        if at + 1 < end and text[at] & 0xDF == 0x45:
            at += 1
            if text[at] == 0x2D or text[at] == 0x2B:
                at += 1
            power = at
            while at < end and text[at] >= 0x30 and text[at] <= 0x39:
                at += 1
            if at == power:
                return False
        return at == end
    if at != end or digits == 0:
        return False
    if digits > _MOST_DIGITS:
        while digits and text[whole] == 0x30:
            whole += 1
            digits -= 1
        if digits > _MOST_DIGITS:
            return False
    value = np.uint64(0)
    for place in range(whole, end):
        following = value * np.uint64(10) + np.uint64(text[place] - 0x30)
        if following // np.uint64(10) != value:
            return False
        value = following
    if size == _YEAR:
        return digits == 4 and (value == 0 or (value >= _FIRST_YEAR and value <= _LAST_YEAR))
    if bound < 0:
        return size == 64 or value >> np.uint64(size) == 0
    most = np.uint64(1) << np.uint64(size - 1)
    return value < most or (negative and value == most)


@compiled
def is_written(text, n):
    """Whether the number text[:n] is as it is once it became text: without an exponent, `+`, or zeros before it."""
    at = 1 if text[0] == 0x2D else 0
    if text[at] < 0x30 or text[at] > 0x39 or (text[at] == 0x30 and n > at + 1 and text[at + 1] != 0x2E):
        return False
    for place in range(at, n):
        if text[place] > 0x39:
            return False
    return text[n - 1] != 0x2E


@compiled
def beyond_bigint(text, at, end):
    """Whether the digits text[at:end] are a number above 2**63 - 1."""
    while at < end and (text[at] == 0x30 or text[at] == 0x2B):
        at += 1
    if end - at != 19:
        return end - at > 19
    value = np.uint64(0)
    for place in range(at, end):
        value = value * np.uint64(10) + np.uint64(text[place] - 0x30)
    return value > np.uint64(0x7FFFFFFFFFFFFFFF)
