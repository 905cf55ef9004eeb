"""Rows in any of MySQL's character sets as rows in UTF-8, compiled; a pass before the kernel, which knows only UTF-8.

Strings of text are decoded by a table, those of binary columns keep their bytes; escapes are written anew, so that the
result is read without knowledge of the character set it came from.
"""
# numba compiles these functions; what they are given is said by their docstrings.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np

from ..transcode.codecs import Status
from ..transcode.decoding import RAW
from ..transcode.room import WIDTH
from .compiled import compiled
from .literals import UNESCAPED, put_quoted
from .scan import is_pair, next_row, skip_comment
from .vector import copy_vector, first_bit, wide_or_special

_DONE, _UNUSUAL, _MALFORMED = int(Status.DONE), int(Status.UNUSUAL), int(Status.MALFORMED)


@compiled
def _put_decoded(out, o, packed):
    while packed:
        out[o] = packed & 0xFF
        packed >>= 8
        o += 1
    return o


@compiled
def _string(data, at, end, backslash, lead_marks, decoded, raw, out, o):
    """The string whose opening quote is at `at`, by the table `decoded`, or with its bytes kept when it is `raw`.

    Returns `(position after it, output position)`; the position is -1 when it has no end, -2 when the table has no
    character for some bytes.
    """
    quote = data[at]
    out[o] = 0x27
    o += 1
    at += 1
    while at < end:
        byte = data[at]
        if byte == quote:
            if at + 1 < end and data[at + 1] == quote:
                o = put_quoted(out, o, byte, backslash)
                at += 2
                continue
            out[o] = 0x27
            return at + 1, o + 1
        if byte < 0x80:
            if byte == 0x5C and backslash:
                if at + 1 >= end:
                    return -1, o
                at += 1
                letter = data[at]
                if letter == 0x25 or letter == 0x5F:
                    o = put_quoted(out, o, 0x5C, backslash)
                    byte = letter
                elif letter >= 0x80:
                    continue  # a backslash before a character of its own
                else:
                    byte = UNESCAPED[letter]
            o = put_quoted(out, o, byte, backslash)
            at += 1
            continue
        if not raw:
            packed = decoded[byte]
            if packed == 0:
                packed = decoded[np.int64(byte) << 8 | data[at + 1]]
                at += 1
            if packed == 0:
                return -2, o
            o = put_quoted(out, o, packed, backslash) if packed < 0x80 else _put_decoded(out, o, packed)
            at += 1
        else:
            if is_pair(data, at, lead_marks):
                out[o] = byte
                o += 1
                at += 1
                byte = data[at]
            o = put_quoted(out, o, byte, backslash)
            at += 1
    return -1, o


@compiled
def recode(data, at, end, head_size, tables, chosen, backslash, ansi, lead_marks, out):
    """Write the rows in data[at:end], as `scan_rows` cuts them, one after the other in UTF-8.

    `chosen[column]` is the number of its table in `tables`, or RAW; `lead_marks` are what `decoding.leads` gives, all 0
    for None. Returns `(status, position, output position)`; the position is the start of the row that could not be
    read, of which nothing was written, else `end`.
    """
    o = 0
    while True:
        row = at = next_row(data, at, end, head_size)
        if at >= end:
            return _DONE, end, o
        start = o
        column = 0
        depth = 0
        introduced = False
        fresh = True  # at the start of a value
        while True:
            if at >= end:
                return _MALFORMED, row, start
            byte = data[at]
            if byte == 0x27 or byte == 0x22:
                # Most strings are ASCII without a backslash: they are copied while that is found out.
                stop = at + 1
                o_stop = o + 1
                plain = byte == 0x27 or not ansi
                out[o] = byte
                while plain:
                    mask = wide_or_special(data, stop)
                    copy_vector(out, o_stop, data, stop)
                    if mask:
                        place = first_bit(mask)
                        stop += place
                        o_stop += place
                        plain = stop < end and data[stop] == byte and data[stop + 1] != byte
                        out[o_stop] = byte
                        break
                    stop += WIDTH
                    o_stop += WIDTH
                if plain:
                    at = stop + 1
                    o = o_stop + 1
                else:
                    number = chosen[column] if column < chosen.size else RAW
                    raw = introduced or number == RAW
                    at, o = _string(
                        data, at, end, backslash, lead_marks, tables[0 if raw else number], raw, out, o
                    )
                    if at < 0:
                        return _MALFORMED if at == -1 else _UNUSUAL, row, start
                fresh = False
                continue
            if byte == 0x2F or byte == 0x2D or byte == 0x23:
                after = skip_comment(data, at, end)
                if after > at:
                    at = after
                    continue
            if fresh and byte > 0x20 and byte != 0x28:
                introduced = byte == 0x5F or ((byte == 0x4E or byte == 0x6E) and data[at + 1] == 0x27)
                fresh = False
            out[o] = byte
            o += 1
            at += 1
            if byte == 0x28:
                depth += 1
                fresh = True
            elif byte == 0x29:
                depth -= 1
                if depth == 0:
                    break
            elif byte == 0x2C:
                column += depth == 1
                introduced = False
                fresh = True
