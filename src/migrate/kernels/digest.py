"""Digests of rows in COPY text, compiled: the same for what was sent to PostgreSQL and for what it gives back.

Types that print differently from how they were written (1.50 and 1.5, 1 and t, {"a"} and {a}) are hashed in a canonical
form. A table's digest is a sum over its rows, so their order does not matter:

- `sums[0]` and `sums[1]` add up two independent hashes of whole rows,
- `sums[2 + column]` adds up a hash of that column's values, to say where a difference is.
"""
# numba compiles these functions; what they are given is said by their docstrings.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np

from ..transcode.kinds import EVERY_DIGIT, Kind
from ..transcode.room import WIDTH
from .compiled import compiled
from .copytext import field_stop
from .digits import MOST, whole
from .vector import load64

_RAW, _NUMBER, _DOUBLE, _SINGLE, _BOOLEAN, _MOMENT, _ARRAY, _JSON, _HEX, _ADDRESS = (
    int(kind) for kind in Kind
)

# Odd constants with well-spread bits (the golden ratio's, and primes of xxHash), for multiplicative mixing.
_K1 = np.uint64(0x9E3779B97F4A7C15)
_K2 = np.uint64(0xC2B2AE3D27D4EB4F)
_K3 = np.uint64(0x165667B19E3779F9)
_ZERO = np.frombuffer(b"0" + bytes(WIDTH), dtype=np.uint8)
_ONE = np.frombuffer(b"1" + bytes(WIDTH), dtype=np.uint8)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@compiled
def _mix(h):
    h ^= h >> np.uint64(32)
    h *= _K2
    h ^= h >> np.uint64(29)
    h *= _K3
    return h ^ (h >> np.uint64(32))


@compiled
def _hash(data, at, end):
    """A hash of data[at:end]; eight bytes may be read beyond it."""
    h = np.uint64(end - at) * _K1
    while at + 8 <= end:
        h = (h ^ load64(data, at)) * _K2
        h ^= h >> np.uint64(31)
        at += 8
    if at < end:
        tail = load64(data, at) & (_ALL >> np.uint64(8 * (8 - (end - at))))
        h = (h ^ tail) * _K2
        h ^= h >> np.uint64(31)
    return _mix(h)


@compiled
def _step(h, value):
    return (h ^ np.uint64(value)) * _K2 ^ (h >> np.uint64(29))


_MOST_DIGITS = 19  # of a decimal number in 64 bits


@compiled
def _decimal(data, at, end):
    """A number's value: `(negative, digits without zeros at either end hashed, exponent of the last one, the first 19
    digits as an integer, how many digits)`."""
    negative = False
    if at < end and (data[at] == 0x2D or data[at] == 0x2B):
        negative = data[at] == 0x2D
        at += 1
    h = _K1
    small = np.uint64(0)
    digits = 0
    zeros = 0  # read, and only worth something if another digit follows
    exponent = 0
    fraction = False
    while at < end:
        byte = data[at]
        at += 1
        if byte == 0x2E:
            fraction = True
            continue
        if byte == 0x65 or byte == 0x45:
            sign = 1
            power = 0
            while at < end:
                byte = data[at]
                at += 1
                if byte == 0x2D:
                    sign = -1
                elif byte != 0x2B:
                    power = power * 10 + (byte - 0x30)
            exponent += sign * power
            break
        if fraction:
            exponent -= 1
        if byte == 0x30:
            if digits:
                zeros += 1
            continue
        for _ in range(zeros):
            h = _step(h, 0)
            if digits < _MOST_DIGITS:
                small *= np.uint64(10)
            digits += 1
        zeros = 0
        h = _step(h, byte)
        if digits < _MOST_DIGITS:
            small = small * np.uint64(10) + np.uint64(byte - 0x30)
        digits += 1
    exponent += zeros
    if digits == 0:
        return False, _K1, 0, np.uint64(0), 0
    if digits <= _MOST_DIGITS:
        h = _step(_K1, small)
    return negative, h, exponent, small, digits


@compiled
def _short(data, at, scale):
    """`(a number by its value, where it ends)`: one of a few digits and perhaps a point, as most are. Where something
    else begins, it ends at `at`."""
    negative = data[at] == 0x2D
    start = at + 1 if negative else at
    value, end = whole(data, start)
    digits, exponent = end - start, 0
    if data[end] == 0x2E and digits <= MOST:
        fraction, after = whole(data, end + 1)
        exponent = end + 1 - after
        digits -= exponent
        for _ in range(-exponent):
            value *= 10
        value += fraction
        end = after
    if digits == 0 or digits > MOST or -exponent > scale:
        return _K1, at
    if value == 0:
        return _value(False, _K1, 0), end
    while value % 10 == 0:
        value //= 10
        exponent += 1
    return _value(negative, _step(_K1, value), exponent), end


@compiled
def _value(negative, h, exponent):
    return _mix(_step(_step(h, exponent + 100000), 1 if negative else 2))


@compiled
def _number(data, at, end, scale, scratch):
    """A number by its value; one with more digits behind the point than `scale` as PostgreSQL rounds it."""
    h, stop = _short(data, at, scale)
    if stop == end:
        return h
    negative, h, exponent, _, _ = _decimal(data, at, end)
    if exponent < -scale:
        size = _rounded(data, at, end, scale, scratch)
        if size:
            negative, h, exponent, _, _ = _decimal(scratch, 0, size)
    return _value(negative, h, exponent)


@compiled
def _rounded(data, at, end, scale, out):
    """The number without the digits beyond `scale`, rounded half away from zero; how long it is, 0 for `1e-5`."""
    point = at
    while point < end and data[point] != 0x2E:
        point += 1
    stop = point + 1 + scale
    for place in range(at, end):
        if data[place] == 0x65 or data[place] == 0x45:
            return 0
    size = 1
    out[0] = 0x30  # for what is carried
    sign = 0
    for place in range(at, stop):
        if data[place] == 0x2D:
            sign = 1
        elif data[place] != 0x2B:
            out[size] = data[place]
            size += 1
    place = size - 1
    carry = data[stop] >= 0x35
    while carry and place >= 0:
        if out[place] == 0x39:
            out[place] = 0x30
        elif out[place] != 0x2E:
            out[place] += 1
            carry = False
        place -= 1
    if sign:
        for place in range(size, 0, -1):
            out[place] = out[place - 1]
        out[0] = 0x2D
        size += 1
    return size


@compiled
def _double(data, at, end):
    """The double that a decimal stands for: exact up to 15 digits and small powers of ten, close beyond."""
    negative, _, exponent, small, digits = _decimal(data, at, end)
    exponent += max(0, digits - _MOST_DIGITS)
    value = float(small)
    if exponent < -300:
        value = value / 10.0 ** (-exponent - 300) / 1e300
    elif exponent < 0:
        value = value / 10.0**-exponent
    else:
        value = value * 10.0**exponent
    return -value if negative else value


@compiled
def _moment(data, at, end):
    """Year, month, day, hours, minutes, seconds and their fraction, or as many as there are."""
    h = _K1
    if at < end and data[at] == 0x2D:
        h = _step(h, 7)
        at += 1
    parts = 0
    while at < end and parts < 6:
        value = 0
        digits = 0
        while at < end and data[at] >= 0x30 and data[at] <= 0x39:
            value = value * 10 + (data[at] - 0x30)
            digits += 1
            at += 1
        if digits == 0:
            break
        if value:
            h = _step(h, value + 1 + 100000 * parts)
        parts += 1
        if at < end and data[at] == 0x2E:
            break
        if at < end and parts > 3 and (data[at] == 0x2B or data[at] == 0x2D):
            return _mix(h)  # a zone's offset
        at += 1
    if at < end and data[at] == 0x2E:
        at += 1
        last = end
        for place in range(at, end):
            if data[place] < 0x30 or data[place] > 0x39:
                last = place
                break
        while last > at and data[last - 1] == 0x30:
            last -= 1
        for place in range(at, last):
            h = _step(h, data[place])
    return _mix(h)


@compiled
def _copy_byte(data, at):
    """One byte of a value behind COPY's escapes: `(byte, position after it)`."""
    byte = data[at]
    if byte != 0x5C:
        return byte, at + 1
    letter = data[at + 1]
    if letter == 0x6E:
        byte = np.uint8(10)
    elif letter == 0x74:
        byte = np.uint8(9)
    elif letter == 0x72:
        byte = np.uint8(13)
    elif letter == 0x62:
        byte = np.uint8(8)
    elif letter == 0x66:
        byte = np.uint8(12)
    elif letter == 0x76:
        byte = np.uint8(11)
    else:
        byte = letter
    return byte, at + 2


@compiled
def _array(data, at, end):
    h = _K1
    quoted = False
    while at < end:
        byte, at = _copy_byte(data, at)
        if byte == 0x22:
            quoted = not quoted
        elif byte == 0x5C:
            byte, at = _copy_byte(data, at)
            h = _step(h, byte)
        elif not quoted and (byte == 0x2C or byte == 0x7B or byte == 0x7D):
            h = _step(h, 1000 + byte)
        else:
            h = _step(h, byte)
    return _mix(h)


@compiled
def _json(data, at, end, scratch):
    """The sum over a document's tokens: strings behind their escapes, numbers by value, words and brackets."""
    total = np.uint64(0)
    while at < end:
        byte, after = _copy_byte(data, at)
        if byte <= 0x20 or byte == 0x2C or byte == 0x3A:
            at = after
        elif byte == 0x22:
            h = _K1
            at = after
            while at < end:
                byte, at = _copy_byte(data, at)
                if byte == 0x22:
                    break
                if byte != 0x5C:
                    h = _step(h, byte)
                    continue
                byte, at = _copy_byte(data, at)
                if byte == 0x75:  # \\uXXXX, as UTF-8 has it
                    code = 0
                    for _ in range(4):
                        code = code * 16 + _nibble(data[at])
                        at += 1
                    if code >= 0xD800 and code < 0xDC00 and at + 7 <= end:
                        low = 0
                        for place in range(at + 3, at + 7):
                            low = low * 16 + _nibble(data[place])
                        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
                        at += 7
                    h = _utf8(h, code)
                elif byte == 0x6E:
                    h = _step(h, 10)
                elif byte == 0x74:
                    h = _step(h, 9)
                elif byte == 0x72:
                    h = _step(h, 13)
                elif byte == 0x62:
                    h = _step(h, 8)
                elif byte == 0x66:
                    h = _step(h, 12)
                else:
                    h = _step(h, byte)
            total += _mix(h)
        elif byte == 0x2D or (byte >= 0x30 and byte <= 0x39):
            start = at
            while at < end and data[at] != 0x2C and data[at] != 0x7D and data[at] != 0x5D and data[at] > 0x20:
                if data[at] == 0x5C:
                    break
                at += 1
            total += _mix(_number(data, start, at, EVERY_DIGIT, scratch) + _K3)
        else:
            total += _mix(np.uint64(byte) * _K1)
            at = after
    return _mix(total)


@compiled
def _nibble(byte):
    return byte - 0x30 if byte <= 0x39 else (byte | 0x20) - 0x57


@compiled
def _utf8(h, code):
    if code < 0x80:
        return _step(h, code)
    if code < 0x800:
        return _step(_step(h, 0xC0 | code >> 6), 0x80 | code & 0x3F)
    if code < 0x10000:
        return _step(_step(_step(h, 0xE0 | code >> 12), 0x80 | code >> 6 & 0x3F), 0x80 | code & 0x3F)
    h = _step(_step(h, 0xF0 | code >> 18), 0x80 | code >> 12 & 0x3F)
    return _step(_step(h, 0x80 | code >> 6 & 0x3F), 0x80 | code & 0x3F)


@compiled
def _hex(data, at, end):
    h = _K1
    for place in range(at, end):
        if data[place] != 0x2D:
            h = _step(h, data[place] | 0x20)
    return _mix(h)


@compiled
def _shifted(high, low, bits, value):
    """The 128-bit number moved up by 8 or 16 bits, and a value put in."""
    return high << bits | low >> (np.uint64(64) - bits), low << bits | np.uint64(value)


@compiled
def _address(data, at, end):
    high = low = left_high = left_low = np.uint64(0)
    groups = 0  # of 16 bits, so far
    left = -1  # how many of them stood before “::”
    while at < end:
        stop = at
        dots = False
        while stop < end and data[stop] != 0x3A:
            dots = dots or data[stop] == 0x2E
            stop += 1
        value = 0
        if dots:
            while at <= stop:
                if at == stop or data[at] == 0x2E:
                    high, low = _shifted(high, low, np.uint64(8), value)
                    value = 0
                else:
                    value = value * 10 + (data[at] - 0x30)
                at += 1
            groups += 2
        elif stop > at:
            for place in range(at, stop):
                digit = data[place]
                value = value * 16 + (digit - 0x30 if digit <= 0x39 else (digit | 0x20) - 0x57)
            high, low = _shifted(high, low, np.uint64(16), value)
            groups += 1
        if left < 0 and stop + 1 < end and data[stop + 1] == 0x3A:
            left, left_high, left_low = groups, high, low
            high = low = np.uint64(0)
            stop += 1
        at = stop + 1
    if left >= 0:
        for _ in range(8 - left):
            left_high, left_low = _shifted(left_high, left_low, np.uint64(16), 0)
        high |= left_high
        low |= left_low
        groups = 8
    return _mix(_step(_step(_step(_K1, groups), high), low))


@compiled
def _field(data, at, end, kind, scale, scratch):
    if kind == _RAW or (end - at == 2 and data[at] == 0x5C and data[at + 1] == 0x4E):
        return _hash(data, at, end)
    if kind == _NUMBER:
        return _number(data, at, end, scale, scratch)
    if kind == _MOMENT:
        return _moment(data, at, end)
    if kind == _BOOLEAN and data[at] > 0x39:
        return _number(_ONE if data[at] == 0x74 else _ZERO, 0, 1, scale, scratch)
    if kind == _BOOLEAN:
        return _number(data, at, end, scale, scratch)
    if kind == _JSON:
        return _json(data, at, end, scratch)
    if kind == _ARRAY:
        return _array(data, at, end)
    if kind == _HEX:
        return _hex(data, at, end)
    if kind == _ADDRESS:
        return _address(data, at, end)
    value = _double(data, at, end)
    if kind == _SINGLE:
        value = float(np.float32(value))
    # By the value's fifteen leading digits: beyond them two writings of one number may round apart.
    if value == 0.0:
        return _mix(_K2)
    lifted = 0.0
    if abs(value) < 1e-290:  # 10 ** magnitude would be 0
        value *= 1e300
        lifted = 300.0
    magnitude = np.floor(np.log10(abs(value)))
    scale = 14.0 if kind == _DOUBLE else 5.0
    mantissa = np.rint(value / 10.0**magnitude * 10.0**scale)
    if abs(mantissa) >= 10.0 ** (scale + 1.0):
        mantissa = np.rint(mantissa / 10.0)
        magnitude += 1.0
    return _mix(
        _step(_step(_K2, np.int64(mantissa) + 4611686018427387904), np.int64(magnitude - lifted) + 1000)
    )


@compiled
def digest(data, at, end, kinds, scales, places, scratch, sums, rows):
    """Add the rows data[at:end], complete lines of COPY text, to `sums`.

    `kinds`, `scales` and `places` have an entry per column of the text: its form, how many digits it keeps behind the
    point, and its place in the table. `scratch` is two bytes longer than the longest value. `rows` receives the hash of
    each row when it is not empty. Returns how many rows there were. 32 bytes beyond `end` may be read.
    """
    count = 0
    columns = kinds.size
    while at < end:
        row = np.uint64(0)
        for column in range(columns):
            h, stop = _K1, at
            if kinds[column] == _NUMBER:
                h, stop = _short(data, at, scales[column])
            if stop == at or data[stop] > 0x0A:
                stop = field_stop(data, stop)
                h = _field(data, at, stop, kinds[column], scales[column], scratch)
            place = places[column]
            sums[2 + place] += h
            row += _mix(h ^ (np.uint64(place + 1) * _K1))
            at = stop + 1
        row = _mix(row)
        sums[0] += row
        sums[1] += _mix(row ^ _K3)
        if rows.size:
            rows[count] = row
        count += 1
    return count
