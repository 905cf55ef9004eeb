"""From MySQL literals to COPY text, compiled: one pass that unescapes, escapes again, casts and counts.

The literals are those of the MySQL Reference Manual, "Literal Values"; the output is the text format of PostgreSQL's
COPY: tab between columns, newline after a row, `\\N` for NULL, backslash escapes.
"""
# numba compiles these functions; what they are given is said by their docstrings.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

from typing import Any

import numpy as np
from numba import njit

from .codecs import Codec, Finding, Option, Status
from .scan import skip_blank
from .vector import WIDTH, copy_vector, first_bit, number_end, special_in_any_text, special_in_text

FINDINGS = len(Finding)
COUNT, FIRST, LAST = 0, 1, 2  # what is kept of a finding: how often, the first row's place, the last one's

# Enumerations become plain numbers here, once: the compiler folds them.
(
    _SKIP,
    _NUMBER,
    _TEXT,
    _BYTES,
    _BOOLEAN,
    _UNSIGNED,
    _BITS,
    _DATE,
    _TIME,
    _SET,
    _GEOMETRY,
    _ENUM,
    _JSON,
    _AS_HEX,
) = (int(c) for c in Codec)
_INVALID_DATE, _NUL_STRIPPED, _WIDEN, _MOJIBAKE = (
    int(f) for f in (Finding.INVALID_DATE, Finding.NUL_STRIPPED, Finding.WIDEN, Finding.MOJIBAKE)
)
_DONE, _UNUSUAL, _INVALID_TEXT, _MALFORMED, _COLUMNS, _VALUE, _ZERO_DATE, _NUL = (int(s) for s in Status)
_FOREIGN, _DATES_INFINITE, _DATES_REFUSED, _NUL_REPLACED, _NUL_REFUSED, _MOJIBAKE_REPAIRED = (
    int(option) for option in Option
)

_compiled = njit(nogil=True, cache=True, boundscheck=False)


def _escapes(pairs: dict[str, int]) -> Any:
    table = np.arange(256, dtype=np.uint8)
    for letter, byte in pairs.items():
        table[ord(letter)] = byte
    return table


# MySQL's backslash escapes; any other letter stands for itself. (`\\%` and `\\_` keep their backslash: see _unescape.)
_UNESCAPED = _escapes({"0": 0, "b": 8, "t": 9, "n": 10, "r": 13, "Z": 26})
# COPY's escape letter for a byte that must not stand bare, or 0.
_COPY_LETTER = np.zeros(256, dtype=np.uint8)
for _byte, _letter in {8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 92: "\\"}.items():
    _COPY_LETTER[_byte] = ord(_letter)
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_DAYS = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
_NIBBLE = np.full(256, 255, dtype=np.uint8)
for _number, _digit in enumerate(b"0123456789abcdef"):
    _NIBBLE[_digit] = _number
for _number, _digit in enumerate(b"ABCDEF", 10):
    _NIBBLE[_digit] = _number


@_compiled
def _put(out, o, byte):
    """One byte of a string as COPY text; the new position."""
    letter = _COPY_LETTER[byte]
    if letter:
        out[o] = 0x5C
        out[o + 1] = letter
        return o + 2
    out[o] = byte
    return o + 1


@_compiled
def _put_replacement(out, o):
    """U+FFFD in UTF-8."""
    out[o] = 0xEF
    out[o + 1] = 0xBF
    out[o + 2] = 0xBD
    return o + 3


@_compiled
def _text(data, at, end, backslash, options, out, o):
    """The string whose opening quote is at `at`, as COPY text.

    Returns `(position after the closing quote or -1, output position, bytes beyond ASCII seen, NUL bytes not copied)`.
    """
    quote = data[at]
    at += 1
    wide = False
    nuls = 0
    while at < end:
        mask = special_in_any_text(data, at) if wide else special_in_text(data, at)
        copy_vector(out, o, data, at)
        if mask == 0 and quote == 0x27:
            at += WIDTH
            o += WIDTH
            continue
        if quote == 0x27:
            plain = first_bit(mask)
            at += plain
            o += plain
            if at >= end:
                return -1, o, wide, nuls
        byte = data[at]
        if byte == quote:
            if at + 1 < end and data[at + 1] == quote:
                out[o] = quote
                o += 1
                at += 2
                continue
            return at + 1, o, wide, nuls
        if byte == 0x5C and backslash:
            if at + 1 >= end:
                return -1, o, wide, nuls
            letter = data[at + 1]
            at += 2
            if letter == 0x25 or letter == 0x5F:  # \% and \_ are two characters outside of LIKE
                out[o] = 0x5C
                out[o + 1] = 0x5C
                out[o + 2] = letter
                o += 3
                continue
            byte = _UNESCAPED[letter]
        else:
            at += 1
        if byte == 0:
            nuls += 1
            if options & _NUL_REPLACED:
                o = _put_replacement(out, o)
                wide = True
        else:
            if byte >= 0x80:
                wide = True
            o = _put(out, o, byte)
    return -1, o, wide, nuls


@_compiled
def _raw(data, at, end, backslash, scratch):
    """The bytes of the string whose opening quote is at `at`: `(position after it or -1, how many bytes)`."""
    quote = data[at]
    at += 1
    n = 0
    while at < end:
        byte = data[at]
        if byte == quote:
            if at + 1 < end and data[at + 1] == quote:
                at += 1
            else:
                return at + 1, n
        elif byte == 0x5C and backslash:
            at += 1
            if at >= end:
                return -1, n
            byte = data[at]
            if byte == 0x25 or byte == 0x5F:
                scratch[n] = 0x5C
                n += 1
            byte = _UNESCAPED[byte]
        scratch[n] = byte
        n += 1
        at += 1
    return -1, n


@_compiled
def _hexadecimal(data, at, end, scratch):
    """Hexadecimal digits from `at` as bytes, an odd first digit alone: `(position after them, how many bytes)`."""
    stop = at
    while stop < end and _NIBBLE[data[stop]] != 255:
        stop += 1
    n = 0
    if (stop - at) % 2:
        scratch[0] = _NIBBLE[data[at]]
        n = 1
        at += 1
    while at < stop:
        scratch[n] = _NIBBLE[data[at]] << 4 | _NIBBLE[data[at + 1]]
        n += 1
        at += 2
    return stop, n


@_compiled
def _binary_digits(data, at, end, scratch):
    """Binary digits from `at` as big-endian bytes: `(position after them, how many bytes)`."""
    stop = at
    while stop < end and (data[stop] == 0x30 or data[stop] == 0x31):
        stop += 1
    n = (stop - at + 7) // 8
    for place in range(n):
        scratch[place] = 0
    for place in range(stop - at):
        bit = stop - at - 1 - place
        scratch[n - 1 - bit // 8] |= (data[at + place] - 0x30) << (bit % 8)
    return stop, n


@_compiled
def _is_utf8(out, at, end):
    """Whether out[at:end] is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF)."""
    while at < end:
        first = out[at]
        if first < 0x80:
            at += 1
            continue
        if first < 0xC2 or first > 0xF4:
            return False
        more = 1 if first < 0xE0 else (2 if first < 0xF0 else 3)
        if at + more >= end:
            return False
        second = out[at + 1]
        low = 0x80
        high = 0xBF
        if first == 0xE0:
            low = 0xA0
        elif first == 0xED:
            high = 0x9F
        elif first == 0xF0:
            low = 0x90
        elif first == 0xF4:
            high = 0x8F
        if second < low or second > high:
            return False
        for place in range(2, more + 1):
            if out[at + place] & 0xC0 != 0x80:
                return False
        at += more + 1
    return True


# The byte that latin1, as MySQL reads it (cp1252), has for a character above U+00FF.
_LATIN1_ABOVE = {0x20AC: 0x80, 0x201A: 0x82, 0x0192: 0x83, 0x201E: 0x84, 0x2026: 0x85, 0x2020: 0x86, 0x2021: 0x87,
                 0x02C6: 0x88, 0x2030: 0x89, 0x0160: 0x8A, 0x2039: 0x8B, 0x0152: 0x8C, 0x017D: 0x8E, 0x2018: 0x91,
                 0x2019: 0x92, 0x201C: 0x93, 0x201D: 0x94, 0x2022: 0x95, 0x2013: 0x96, 0x2014: 0x97, 0x02DC: 0x98,
                 0x2122: 0x99, 0x0161: 0x9A, 0x203A: 0x9B, 0x0153: 0x9C, 0x017E: 0x9E, 0x0178: 0x9F}  # fmt: skip
_LATIN1 = np.zeros(0x2200, dtype=np.uint8)
_LATIN1[0x80:0x100] = np.arange(0x80, 0x100)
for _point, _byte in _LATIN1_ABOVE.items():
    _LATIN1[_point] = _byte


@_compiled
def _latin1(out, at):
    """The latin1 byte of the character beyond ASCII at `at`, 0 when it has none, and the character's length."""
    first = out[at]
    if first < 0xE0:
        return _LATIN1[(np.int64(first) & 0x1F) << 6 | (out[at + 1] & 0x3F)], 2
    if first != 0xE2 or out[at + 1] > 0x87:
        return np.uint8(0), 3
    return _LATIN1[0x2000 | (np.int64(out[at + 1]) & 0x3F) << 6 | (out[at + 2] & 0x3F)], 3


@_compiled
def _is_mojibake(out, at, end):
    """Whether the UTF-8 text out[at:end], read as latin1, is UTF-8 again: a sign that it was encoded twice."""
    more = 0
    low = 0x80
    high = 0xBF
    while at < end:
        if out[at] < 0x80:
            if more:
                return False
            at += 1
            continue
        byte, size = _latin1(out, at)
        at += size
        if more:
            if byte < low or byte > high:
                return False
            more -= 1
            low = 0x80
            high = 0xBF
            continue
        if byte < 0xC2 or byte > 0xF4:
            return False
        more = 1 if byte < 0xE0 else (2 if byte < 0xF0 else 3)
        if byte == 0xE0:
            low = 0xA0
        elif byte == 0xED:
            high = 0x9F
        elif byte == 0xF0:
            low = 0x90
        elif byte == 0xF4:
            high = 0x8F
    return more == 0


@_compiled
def _repair_mojibake(out, at, end):
    """Decode text that was encoded twice, in its place; the position after it."""
    o = at
    while at < end:
        if out[at] < 0x80:
            out[o] = out[at]
            at += 1
        else:
            out[o], size = _latin1(out, at)
            at += size
        o += 1
    return o


@_compiled
def _is_beyond_jsonb(out, at, end):
    """Whether a JSON document, as COPY text, holds an escaped NUL or surrogate: jsonb has no room for either alone.

    A pair of surrogates is one character, and fits.
    """
    while at + 7 <= end:
        if out[at] != 0x5C:
            at += 1
            continue
        if out[at + 1] != 0x5C:
            at += 2  # white space, as COPY writes it
            continue
        # A backslash is written twice here; the letter that it escapes follows.
        letter = out[at + 2]
        at += 3
        if letter == 0x5C:
            at += 1
        elif letter == 0x75:
            if out[at] == 0x30 and out[at + 1] == 0x30 and out[at + 2] == 0x30 and out[at + 3] == 0x30:
                return True
            half = _surrogate(out, at)
            if half == 2:
                return True
            if half == 1:
                if (
                    at + 11 > end
                    or out[at + 4] != 0x5C
                    or out[at + 6] != 0x75
                    or _surrogate(out, at + 7) != 2
                ):
                    return True
                at += 7
            at += 4
    return False


@_compiled
def _surrogate(out, at):
    """Whether the four hexadecimal digits at `at` are the first (1) or second (2) half of a pair, or neither (0)."""
    if _NIBBLE[out[at]] != 13:
        return 0
    second = _NIBBLE[out[at + 1]]
    return 0 if second < 8 else (1 if second < 12 else 2)


@_compiled
def _decimal(data, at, n):
    """Two to four decimal digits as a number, or -1."""
    value = 0
    for place in range(at, at + n):
        digit = data[place] - 0x30
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@_compiled
def _digits(text, n):
    """How many digits text[:n] is, when it is nothing else; 0 otherwise."""
    for place in range(n):
        if text[place] < 0x30 or text[place] > 0x39:
            return 0
    return n


@_compiled
def _is_date(text, n):
    """Whether text[:n] starts with a day of the proleptic Gregorian calendar from year 1 on.

    It is read as YYYY-MM-DD or YYYYMMDD; other notations (24-1-31) are left to PostgreSQL to judge.
    """
    digits = _digits(text, n)
    if n >= 10 and text[4] == 0x2D and text[7] == 0x2D:
        year = _decimal(text, 0, 4)
        month = _decimal(text, 5, 2)
        day = _decimal(text, 8, 2)
    elif digits == 8 or digits == 14:
        year = _decimal(text, 0, 4)
        month = _decimal(text, 4, 2)
        day = _decimal(text, 6, 2)
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


_DATE_MARKS = np.frombuffer(b"-- ::", dtype=np.uint8)


@_compiled
def _put_digit_date(text, n, out, o):
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


@_compiled
def _is_time_of_day(text, n):
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


@_compiled
def _beyond_bigint(text, at, end):
    """Whether the digits text[at:end] are a number above 2**63 - 1."""
    while at < end and (text[at] == 0x30 or text[at] == 0x2B):
        at += 1
    if end - at != 19:
        return end - at > 19
    value = np.uint64(0)
    for place in range(at, end):
        value = value * np.uint64(10) + np.uint64(text[place] - 0x30)
    return value > np.uint64(0x7FFFFFFFFFFFFFFF)


@_compiled
def _find(findings, column, what, at):
    """Count a finding of the row at `at`; the places of the first and the last such row are kept."""
    if findings[column, what, COUNT] == 0:
        findings[column, what, FIRST] = at
    findings[column, what, COUNT] += 1
    findings[column, what, LAST] = at


@_compiled
def _forget(findings, row):
    """Take back what was found in a row that is not going to be written."""
    for column in range(findings.shape[0]):
        for what in range(findings.shape[1]):
            if findings[column, what, COUNT] and findings[column, what, LAST] == row:
                findings[column, what, COUNT] -= 1


@_compiled
def _put_bytes(scratch, start, n, out, o):
    """bytea's hexadecimal form of scratch[start:n], its backslash escaped for COPY."""
    out[o] = 0x5C
    out[o + 1] = 0x5C
    out[o + 2] = 0x78
    return _put_hex(scratch, start, n, out, o + 3)


@_compiled
def _put_hex(scratch, start, n, out, o):
    for place in range(start, n):
        byte = scratch[place]
        out[o] = _HEX[byte >> 4]
        out[o + 1] = _HEX[byte & 15]
        o += 2
    return o


@_compiled
def _put_geometry(scratch, n, out, o, bytea):
    """MySQL keeps a geometry as a little-endian SRID before its WKB: as WKB, or as EWKB when the SRID is not 0.

    EWKB marks the SRID with 0x20000000 in the type and puts it after the type (PostGIS manual, "ST_AsEWKB").
    """
    if bytea:
        out[o] = 0x5C
        out[o + 1] = 0x5C
        out[o + 2] = 0x78
        o += 3
    if scratch[0] == 0 and scratch[1] == 0 and scratch[2] == 0 and scratch[3] == 0:
        return _put_hex(scratch, 4, n, out, o)
    little = scratch[4] == 1
    flag = 8 if little else 5
    o = _put_hex(scratch, 4, 5, out, o)
    scratch[flag] |= 0x20
    o = _put_hex(scratch, 5, 9, out, o)
    if not little:
        for place in range(2):
            scratch[place], scratch[3 - place] = scratch[3 - place], scratch[place]
    o = _put_hex(scratch, 0, 4, out, o)
    return _put_hex(scratch, 9, n, out, o)


@_compiled
def _put_bits(scratch, n, width, out, o):
    """The lowest `width` bits of the big-endian number scratch[:n] as binary digits; -1 when it needs more."""
    for bit in range(n * 8 - 1, -1, -1):
        value = scratch[n - 1 - bit // 8] >> (bit % 8) & 1
        if bit >= width and value:
            return -1
    for bit in range(width - 1, -1, -1):
        place = n - 1 - bit // 8
        value = scratch[place] >> (bit % 8) & 1 if place >= 0 else 0
        out[o] = 0x30 + value
        o += 1
    return o


@_compiled
def _put_set(scratch, n, out, o):
    """The members scratch[:n], with commas between them, as a PostgreSQL array of quoted elements."""
    out[o] = 0x7B
    o += 1
    if n:
        out[o] = 0x22
        o += 1
        for place in range(n):
            byte = scratch[place]
            if byte == 0x2C:
                out[o] = 0x22
                out[o + 1] = 0x2C
                out[o + 2] = 0x22
                o += 3
            elif byte == 0x22 or byte == 0x5C:
                out[o] = 0x5C
                out[o + 1] = 0x5C
                o = _put(out, o + 2, byte)
            else:
                o = _put(out, o, byte)
        out[o] = 0x22
        o += 1
    out[o] = 0x7D
    return o + 1


@_compiled
def _put_text(scratch, n, options, out, o):
    """scratch[:n] as COPY text: `(output position, NUL bytes that were not copied)`."""
    nuls = 0
    for place in range(n):
        if scratch[place] == 0:
            nuls += 1
            if options & _NUL_REPLACED:
                o = _put_replacement(out, o)
        else:
            o = _put(out, o, scratch[place])
    return o, nuls


@_compiled
def _without_blanks(out, start, end):
    """Where out[start:end] ends without the blanks at its end."""
    while end > start and out[end - 1] == 0x20:
        end -= 1
    return end


@_compiled
def _word(data, at, end, word):
    """Whether the upper-case `word` stands at `at`, in any case."""
    if at + word.size > end:
        return False
    for place in range(word.size):
        if data[at + place] & 0xDF != word[place]:
            return False
    return True


_NULL = np.frombuffer(b"NULL", dtype=np.uint8)
_TRUE = np.frombuffer(b"TRUE", dtype=np.uint8)
_FALSE = np.frombuffer(b"FALSE", dtype=np.uint8)
_BINARY = np.frombuffer(b"BINARY", dtype=np.uint8)
_MINUS_INFINITY = np.frombuffer(b"-infinity", dtype=np.uint8)
_UTF8 = np.frombuffer(b"UTF", dtype=np.uint8)

# How a literal is written.
_AS_STRING, _AS_BYTES, _AS_NUMBER = 0, 1, 2


@_compiled
def _value(data, at, end, codec, width, options, backslash, ansi, scratch, out, o, findings, column, row):
    """One literal at `at` as COPY text by `codec`: `(status, position after it, output position)`."""
    byte = data[at]
    if byte & 0xDF == 0x4E:  # N
        if _word(data, at, end, _NULL):
            out[o] = 0x5C
            out[o + 1] = 0x4E
            return _DONE, at + 4, o + 2
        if data[at + 1] != 0x27:
            return _UNUSUAL, at, o
        at += 1
        byte = data[at]
    elif byte == 0x5F:  # _charset'…'
        if _word(data, at + 1, end, _BINARY) and not options & _FOREIGN:
            at += 7
        elif _word(data, at + 1, end, _UTF8):
            at += 4
            while at < end and (
                data[at] == 0x38
                or data[at] & 0xDF == 0x4D
                or data[at] & 0xDF == 0x42
                or data[at] == 0x33
                or data[at] == 0x34
            ):
                at += 1
        else:
            return _UNUSUAL, at, o
        while at < end and data[at] <= 0x20:
            at += 1
        byte = data[at]

    n = 0
    if byte == 0x27 or (byte == 0x22 and not ansi):
        if codec == _TEXT or codec == _ENUM or codec == _JSON:
            start = o
            at, o, wide, nuls = _text(data, at, end, backslash, options, out, o)
            if at < 0:
                return _MALFORMED, at, o
            if wide:
                if not _is_utf8(out, start, o):
                    return _INVALID_TEXT, at, o
                if _is_mojibake(out, start, o):
                    _find(findings, column, _MOJIBAKE, row)
                    if options & _MOJIBAKE_REPAIRED:
                        o = _repair_mojibake(out, start, o)
            if nuls:
                if options & _NUL_REFUSED:
                    return _NUL, at, o
                _find(findings, column, _NUL_STRIPPED, row)
            if codec == _TEXT and width:
                o = _without_blanks(out, start, o)
            if (codec == _ENUM and o == start) or (codec == _JSON and _is_beyond_jsonb(out, start, o)):
                _find(findings, column, _WIDEN, row)
            return _DONE, at, o
        form = _AS_STRING
        at, n = _raw(data, at, end, backslash, scratch)
        if at < 0:
            return _MALFORMED, at, o
    elif byte == 0x30 and data[at + 1] & 0xDF == 0x58:  # 0x…
        form = _AS_BYTES
        at, n = _hexadecimal(data, at + 2, end, scratch)
    elif byte == 0x30 and data[at + 1] == 0x62:  # 0b…
        form = _AS_BYTES
        at, n = _binary_digits(data, at + 2, end, scratch)
    elif (byte & 0xDF == 0x58 or byte & 0xDF == 0x42) and data[at + 1] == 0x27:  # x'…', b'…'
        form = _AS_BYTES
        if byte & 0xDF == 0x58:
            at, n = _hexadecimal(data, at + 2, end, scratch)
        else:
            at, n = _binary_digits(data, at + 2, end, scratch)
        if data[at] != 0x27:
            return _MALFORMED, at, o
        at += 1
    elif (byte >= 0x30 and byte <= 0x39) or byte == 0x2D or byte == 0x2E or byte == 0x2B:
        form = _AS_NUMBER
        stop = at
        while True:
            mask = number_end(data, stop)
            if mask:
                stop += first_bit(mask)
                break
            stop += WIDTH
        if stop > end:
            return _MALFORMED, at, o
        if codec == _NUMBER or (codec == _UNSIGNED and stop - at < 19):
            if stop - at <= WIDTH:
                copy_vector(out, o, data, at)
            else:
                for place in range(stop - at):
                    out[o + place] = data[at + place]
            return _DONE, stop, o + stop - at
        n = stop - at
        for place in range(n):
            byte = data[at + place]
            if place and (byte == 0x2B or byte == 0x2D) and data[at + place - 1] & 0xDF != 0x45:
                return _UNUSUAL, at, o  # 1+1, not 1e+1
            scratch[place] = byte
        at = stop
    elif _word(data, at, end, _TRUE):
        form = _AS_NUMBER
        scratch[0] = 0x31
        n = 1
        at += 4
    elif _word(data, at, end, _FALSE):
        form = _AS_NUMBER
        scratch[0] = 0x30
        n = 1
        at += 5
    else:
        return _UNUSUAL, at, o

    if codec == _BYTES:
        if n < width:
            return _UNUSUAL, at, o
        return _DONE, at, _put_bytes(scratch, 0, n, out, o)
    if codec == _AS_HEX:
        return _DONE, at, _put_hex(scratch, 0, n, out, o)
    if (codec == _ENUM or codec == _SET) and form == _AS_NUMBER:
        return _UNUSUAL, at, o
    if codec == _TEXT or codec == _ENUM or codec == _JSON:
        if options & _FOREIGN and form == _AS_BYTES:
            return _UNUSUAL, at, o
        start = o
        o, nuls = _put_text(scratch, n, options, out, o)
        if codec == _TEXT and width:
            o = _without_blanks(out, start, o)
        if not _is_utf8(out, start, o):
            return _INVALID_TEXT, at, o
        if nuls:
            if options & _NUL_REFUSED:
                return _NUL, at, o
            _find(findings, column, _NUL_STRIPPED, row)
        return _DONE, at, o
    if codec == _BITS or (
        codec == _BOOLEAN
        and (form == _AS_BYTES or (form == _AS_STRING and (n == 0 or (n == 1 and scratch[0] < 0x30))))
    ):
        if form == _AS_NUMBER:
            value = np.uint64(0)
            for place in range(n):
                if scratch[place] < 0x30 or scratch[place] > 0x39 or n > 19:
                    return _VALUE, at, o
                value = value * np.uint64(10) + np.uint64(scratch[place] - 0x30)
            n = 8
            for place in range(8):
                scratch[place] = np.uint8(value >> np.uint64(56 - 8 * place) & np.uint64(0xFF))
        wide_o = _put_bits(scratch, n, width if codec == _BITS else 1, out, o)
        if wide_o >= 0:
            return _DONE, at, wide_o
        if codec == _BITS or form != _AS_BYTES:
            return _VALUE, at, o
    if codec == _GEOMETRY:
        if n < 9:
            return _VALUE, at, o
        return _DONE, at, _put_geometry(scratch, n, out, o, width == 0)
    if form == _AS_BYTES:
        # A hexadecimal or binary literal in a number's place is a big-endian number.
        if n > 8:
            return _VALUE, at, o
        value = np.uint64(0)
        for place in range(n):
            value = value << np.uint64(8) | np.uint64(scratch[place])
        n = 0
        divisor = np.uint64(10000000000000000000)
        while divisor > np.uint64(0):
            digit = value // divisor
            value = value % divisor
            if digit or n or divisor == np.uint64(1):
                scratch[n] = 0x30 + np.uint8(digit)
                n += 1
            divisor = divisor // np.uint64(10)
    if codec == _DATE:
        if not _is_date(scratch, n):
            if options & _DATES_REFUSED:
                return _ZERO_DATE, at, o
            _find(findings, column, _INVALID_DATE, row)
            if options & _DATES_INFINITE:
                for place in range(_MINUS_INFINITY.size):
                    out[o + place] = _MINUS_INFINITY[place]
                return _DONE, at, o + _MINUS_INFINITY.size
            out[o] = 0x5C
            out[o + 1] = 0x4E
            return _DONE, at, o + 2
        if n == 6 or n == 8 or n == 12 or n == 14:
            if _digits(scratch, n):
                return _DONE, at, _put_digit_date(scratch, n, out, o)
    elif codec == _SET:
        start = o
        o = _put_set(scratch, n, out, o)
        if not _is_utf8(out, start, o):
            return _INVALID_TEXT, at, o
        return _DONE, at, o
    elif codec == _BOOLEAN:
        if n != 1 or (scratch[0] != 0x30 and scratch[0] != 0x31):
            _find(findings, column, _WIDEN, row)
    elif codec == _UNSIGNED:
        if _beyond_bigint(scratch, 0, n):
            _find(findings, column, _WIDEN, row)
    elif codec == _TIME:
        if not _is_time_of_day(scratch, n):
            _find(findings, column, _WIDEN, row)
    o, _ = _put_text(scratch, n, 0, out, o)
    return _DONE, at, o


@_compiled
def transcode(data, at, end, head_size, codecs, widths, options, backslash, ansi, scratch, out, findings):
    """Turn the rows in data[at:end], as `scan_rows` cuts them, into COPY text.

    `codecs`, `widths` (bits of a bit column, bytes of a binary one; 1 for a geometry that goes to PostGIS and for char,
    whose blanks at the end MySQL takes off) and `options` (see `Option`) have
    one entry per value of a row. `scratch` is as long as `data`, `out` is long enough for all of its rows.
    `findings[column, finding]` holds how often it was seen and the places of the first and last row with it; its last
    column is a spare one.

    Returns `(status, position, column, output position, rows)`. When the status is not DONE, the position is the start
    of the row that could not be read, of which nothing was written, and `column` its value at fault.
    """
    o = np.int64(0)
    rows = 0
    columns = codecs.size
    while True:
        at = skip_blank(data, at, end)
        if at < 0 or at >= end:
            return _DONE, end, 0, o, rows
        if data[at] == 0x3B:
            at += 1
            while at < end and data[at] <= 0x20:
                at += 1
            if at < end:
                at += head_size
            continue
        if data[at] == 0x2C:
            at = skip_blank(data, at + 1, end)
        row = at
        start = o
        written = False
        status = _DONE
        column = 0
        if data[at] != 0x28:
            return _MALFORMED, row, 0, start, rows
        at += 1
        for column in range(columns):
            while data[at] <= 0x20:
                at += 1
            codec = np.int64(codecs[column])
            skipped = codec == _SKIP
            if not skipped:
                if written:
                    out[o] = 0x09
                    o += 1
                written = True
            byte = data[at]
            plain = 0
            if codec == _NUMBER and byte <= 0x39 and byte >= 0x2D and data[at + 1] <= 0x39:
                # Digits, as most numbers are: neither 0x… nor 0b…, and short.
                mask = number_end(data, at)
                if mask:
                    plain = first_bit(mask)
                    copy_vector(out, o, data, at)
                    at += plain
                    o += plain
            elif codec == _TEXT and byte == 0x27:
                # A string as most are: with nothing in it to be counted, mended or refused.
                stop, after, wide, nuls = _text(data, at, end, backslash, np.int64(options[column]), out, o)
                sound = not wide or (_is_utf8(out, o, after) and not _is_mojibake(out, o, after))
                if stop >= 0 and nuls == 0 and sound:
                    plain = 1
                    at = stop
                    o = _without_blanks(out, o, after) if widths[column] else after
            if plain == 0:
                # One call with arguments of one kind: each further kind would be compiled apart.
                status, at, after = _value(
                    data,
                    at,
                    end,
                    np.int64(_TEXT) if skipped else codec,
                    np.int64(0) if skipped else np.int64(widths[column]),
                    np.int64(0) if skipped else np.int64(options[column]),
                    backslash,
                    ansi,
                    scratch,
                    out,
                    o,
                    findings,
                    np.int64(columns if skipped else column),
                    row,
                )
                if not skipped:
                    o = after
                elif status == _INVALID_TEXT:
                    status = _DONE
            if status != _DONE:
                break
            byte = data[at]
            if byte != 0x2C and byte != 0x29:
                at = skip_blank(data, at, end)
                if at < 0 or at >= end:
                    status = _MALFORMED
                    break
                byte = data[at]
            if byte != 0x2C and byte != 0x29:
                status = _UNUSUAL
                break
            if (byte == 0x29) != (column == columns - 1):
                status = _COLUMNS
                break
            at += 1
        if status != _DONE:
            _forget(findings, row)
            return status, row, column, start, rows
        out[o] = 0x0A
        o += 1
        rows += 1
