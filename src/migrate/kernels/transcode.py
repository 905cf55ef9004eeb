"""From MySQL literals to COPY text, compiled: one pass that unescapes, escapes again, casts and counts.

The literals are those of the MySQL Reference Manual, "Literal Values"; the output is the text format of PostgreSQL's
COPY: tab between columns, newline after a row, `\\N` for NULL, backslash escapes.
"""
# numba compiles these functions; what they are given is said by their docstrings.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np

from ..transcode.codecs import COUNT, FIRST, LAST, Codec, Finding, Option, Status
from ..transcode.room import WIDTH
from .characters import is_beyond_jsonb, is_mojibake, is_utf8, repair_mojibake
from .compiled import compiled
from .copytext import (
    is_longer,
    is_member,
    is_set,
    put,
    put_bits,
    put_bytes,
    put_geometry,
    put_hex,
    put_replacement,
    put_set,
    put_text,
    without_blanks,
)
from .dates import digit_count, is_date, is_moment, is_time, is_time_of_day, put_digit_date
from .literals import UNESCAPED, binary_digits, hexadecimal, raw, word
from .numbers import beyond_bigint, is_number, is_written
from .scan import next_row, skip_blank
from .vector import copy_vector, first_bit, number_end, special_in_any_text, special_in_text

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


@compiled
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
            byte = UNESCAPED[letter]
        else:
            at += 1
        if byte == 0:
            nuls += 1
            if options & _NUL_REPLACED:
                o = put_replacement(out, o)
                wide = True
        else:
            if byte >= 0x80:
                wide = True
            o = put(out, o, byte)
    return -1, o, wide, nuls


@compiled
def _find(findings, column, what, at):
    """Count a finding of the row at `at`; the places of the first and the last such row are kept."""
    if findings[column, what, COUNT] == 0:
        findings[column, what, FIRST] = at
    findings[column, what, COUNT] += 1
    findings[column, what, LAST] = at


@compiled
def _forget(findings, row):
    """Take back what was found in a row that is not going to be written."""
    for column in range(findings.shape[0]):
        for what in range(findings.shape[1]):
            if findings[column, what, COUNT] and findings[column, what, LAST] == row:
                findings[column, what, COUNT] -= 1


_NULL = np.frombuffer(b"NULL", dtype=np.uint8)
_TRUE = np.frombuffer(b"TRUE", dtype=np.uint8)
_FALSE = np.frombuffer(b"FALSE", dtype=np.uint8)
_BINARY = np.frombuffer(b"BINARY", dtype=np.uint8)
_MINUS_INFINITY = np.frombuffer(b"-infinity", dtype=np.uint8)
_UTF8 = np.frombuffer(b"UTF", dtype=np.uint8)

# How a literal is written.
_AS_STRING, _AS_BYTES, _AS_NUMBER = 0, 1, 2


@compiled
def _value(
    data,
    at,
    end,
    codec,
    width,
    bound,
    words,
    options,
    backslash,
    ansi,
    scratch,
    out,
    o,
    findings,
    column,
    row,
):
    """One literal at `at` as COPY text by `codec`: `(status, position after it, output position)`."""
    byte = data[at]
    if byte & 0xDF == 0x4E:  # N
        if word(data, at, end, _NULL):
            out[o] = 0x5C
            out[o + 1] = 0x4E
            return _DONE, at + 4, o + 2
        if data[at + 1] != 0x27:
            return _UNUSUAL, at, o
        at += 1
        byte = data[at]
    elif byte == 0x5F:  # _charset'…'
        if word(data, at + 1, end, _BINARY) and not options & _FOREIGN:
            at += 7
        elif word(data, at + 1, end, _UTF8):
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
                if not is_utf8(out, start, o):
                    return _INVALID_TEXT, at, o
                if is_mojibake(out, start, o):
                    _find(findings, column, _MOJIBAKE, row)
                    if options & _MOJIBAKE_REPAIRED:
                        o = repair_mojibake(out, start, o)
            if nuls:
                if options & _NUL_REFUSED:
                    return _NUL, at, o
                _find(findings, column, _NUL_STRIPPED, row)
            if codec == _TEXT and width:
                o = without_blanks(out, start, o)
            if codec == _TEXT and bound and is_longer(out, start, o, bound):
                return _VALUE, at, o
            if codec == _ENUM and bound and not is_member(out, start, o, words, bound):
                return _VALUE, at, o
            if (codec == _ENUM and o == start) or (codec == _JSON and is_beyond_jsonb(out, start, o)):
                _find(findings, column, _WIDEN, row)
            return _DONE, at, o
        form = _AS_STRING
        at, n = raw(data, at, end, backslash, scratch)
        if at < 0:
            return _MALFORMED, at, o
    elif byte == 0x30 and data[at + 1] & 0xDF == 0x58:  # 0x…
        form = _AS_BYTES
        at, n = hexadecimal(data, at + 2, end, scratch)
    elif byte == 0x30 and data[at + 1] == 0x62:  # 0b…
        form = _AS_BYTES
        at, n = binary_digits(data, at + 2, end, scratch)
    elif (byte & 0xDF == 0x58 or byte & 0xDF == 0x42) and data[at + 1] == 0x27:  # x'…', b'…'
        form = _AS_BYTES
        if byte & 0xDF == 0x58:
            at, n = hexadecimal(data, at + 2, end, scratch)
        else:
            at, n = binary_digits(data, at + 2, end, scratch)
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
            if bound and not is_number(data, at, stop, bound):
                return _VALUE, at, o
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
    elif word(data, at, end, _TRUE):
        form = _AS_NUMBER
        scratch[0] = 0x31
        n = 1
        at += 4
    elif word(data, at, end, _FALSE):
        form = _AS_NUMBER
        scratch[0] = 0x30
        n = 1
        at += 5
    else:
        return _UNUSUAL, at, o

    if codec == _BYTES:
        if bound and n > bound:
            return _VALUE, at, o
        if n < width:
            return _UNUSUAL, at, o
        return _DONE, at, put_bytes(scratch, 0, n, out, o)
    if codec == _AS_HEX:
        return _DONE, at, put_hex(scratch, 0, n, out, o)
    if (codec == _ENUM or codec == _SET) and form == _AS_NUMBER:
        return _UNUSUAL, at, o
    if codec == _TEXT or codec == _ENUM or codec == _JSON:
        if options & _FOREIGN and form == _AS_BYTES:
            return _UNUSUAL, at, o
        if codec == _TEXT and bound and form == _AS_NUMBER and not is_written(scratch, n):
            return _VALUE, at, o
        start = o
        o, nuls = put_text(scratch, n, options, out, o)
        if codec == _TEXT and width:
            o = without_blanks(out, start, o)
        if codec == _TEXT and bound and is_longer(out, start, o, bound):
            return _VALUE, at, o
        if not is_utf8(out, start, o):
            return _INVALID_TEXT, at, o
        if nuls:
            if options & _NUL_REFUSED:
                return _NUL, at, o
            _find(findings, column, _NUL_STRIPPED, row)
        return _DONE, at, o
    if codec == _BITS or (
        codec == _BOOLEAN
        and (
            form == _AS_BYTES
            or (form == _AS_STRING and bound == 0 and (n == 0 or (n == 1 and scratch[0] < 0x30)))
        )
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
        wide_o = put_bits(scratch, n, width if codec == _BITS else 1, out, o)
        if wide_o >= 0:
            return _DONE, at, wide_o
        if codec == _BITS or form != _AS_BYTES:
            return _VALUE, at, o
    if codec == _GEOMETRY:
        if n < 9:
            return _VALUE, at, o
        return _DONE, at, put_geometry(scratch, n, out, o, width == 0)
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
    if bound and (codec == _NUMBER or codec == _BOOLEAN or codec == _UNSIGNED):
        if not is_number(scratch, 0, n, bound):
            return _VALUE, at, o
    if codec == _DATE:
        if bound and not is_moment(scratch, n, bound):
            return _VALUE, at, o
        if not is_date(scratch, n):
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
            if digit_count(scratch, n):
                return _DONE, at, put_digit_date(scratch, n, out, o)
    elif codec == _SET:
        if bound and not is_set(scratch, n, words, bound):
            return _VALUE, at, o
        start = o
        o = put_set(scratch, n, out, o)
        if not is_utf8(out, start, o):
            return _INVALID_TEXT, at, o
        return _DONE, at, o
    elif codec == _BOOLEAN:
        if n != 1 or (scratch[0] != 0x30 and scratch[0] != 0x31):
            _find(findings, column, _WIDEN, row)
    elif codec == _UNSIGNED:
        if beyond_bigint(scratch, 0, n):
            _find(findings, column, _WIDEN, row)
    elif codec == _TIME:
        if bound and not is_time(scratch, n, bound):
            return _VALUE, at, o
        if not is_time_of_day(scratch, n):
            _find(findings, column, _WIDEN, row)
    o, _ = put_text(scratch, n, 0, out, o)
    return _DONE, at, o


@compiled
def transcode(
    data, at, end, head_size, codecs, widths, bounds, words, options, backslash, ansi, scratch, out, findings
):
    """Turn the rows in data[at:end], as `scan_rows` cuts them, into COPY text.

    `codecs`, `widths` (bits of a bit column, bytes of a binary one; 1 for a geometry that goes to PostGIS and for char,
    whose blanks at the end MySQL takes off), `bounds` (see `Bound`, and `is_set` for `words`) and `options` (see
    `Option`) have one entry per value of a row. `scratch` is as long as `data`, `out` is long enough for all of its
    rows.
    `findings[column, finding]` holds how often it was seen and the places of the first and last row with it; its last
    column is a spare one.

    Returns `(status, position, column, output position, rows)`. When the status is not DONE, the position is the start
    of the row that could not be read, of which nothing was written, and `column` its value at fault.
    """
    o = np.int64(0)
    rows = 0
    columns = codecs.size
    while True:
        row = at = next_row(data, at, end, head_size)
        if at >= end:
            return _DONE, end, 0, o, rows
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
                bound = np.int64(bounds[column])
                if mask and (bound == 0 or is_number(data, at, at + first_bit(mask), bound)):
                    plain = first_bit(mask)
                    copy_vector(out, o, data, at)
                    at += plain
                    o += plain
            elif codec == _TEXT and byte == 0x27:
                # A string as most are: with nothing in it to be counted, mended or refused.
                stop, after, wide, nuls = _text(data, at, end, backslash, np.int64(options[column]), out, o)
                sound = not wide or (is_utf8(out, o, after) and not is_mojibake(out, o, after))
                bound = np.int64(bounds[column])
                if bound and after - o > abs(bound):
                    sound = False
                if stop >= 0 and nuls == 0 and sound:
                    plain = 1
                    at = stop
                    o = without_blanks(out, o, after) if widths[column] else after
            if plain == 0:
                # One call with arguments of one kind: each further kind would be compiled apart.
                status, at, after = _value(
                    data,
                    at,
                    end,
                    np.int64(_TEXT) if skipped else codec,
                    np.int64(0) if skipped else np.int64(widths[column]),
                    np.int64(0) if skipped else np.int64(bounds[column]),
                    words,
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
