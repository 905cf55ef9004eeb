"""Lines of fields, as `LOAD DATA` reads and `SELECT … INTO OUTFILE` writes them, made into rows of MySQL literals.

So the transcoder has one language to read. The escapes of both are the same (MySQL Reference Manual, "LOAD DATA
Statement"): a field becomes a string between quotes, its own quotes doubled, and `\\N` becomes NULL.
"""
# numba compiles these functions; what they are given is said by their docstrings.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np

from ..transcode.codecs import Line, Writing
from ..transcode.room import WIDTH
from .compiled import compiled
from .literals import put_quoted
from .vector import copy_vector, field_special, first_bit

_TEXT, _HEX, _BASE64 = (int(writing) for writing in Writing)
_DONE, _COLUMNS, _ENCODING = (int(stop) for stop in Line)

_LETTER = np.zeros(256, dtype=np.uint8)
for _byte in b"0bnrtZ":
    _LETTER[_byte] = 1
_SIXTY_FOUR = np.full(256, 255, dtype=np.uint8)
for _place, _byte in enumerate(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"):
    _SIXTY_FOUR[_byte] = _place
_DIGIT = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_NULL = np.frombuffer(b"NULL", dtype=np.uint8)


@compiled
def _put_word(out, o, word):
    for place in range(word.size):
        out[o + place] = word[place]
    return o + word.size


@compiled
def _base64(out, start, o):
    """The base64 text out[start:o] made into hexadecimal digits in its place: the new end, or -1."""
    size = 0
    for place in range(start, o):
        byte = out[place]
        if byte == 0x3D:
            break
        if byte == 0x5C or byte == 0x6E or byte == 0x0A or byte == 0x0D:
            # MySQL breaks long base64 into lines, which fields hold as \\n; a letter n is told from it by what follows.
            if byte != 0x6E or (place > start and out[place - 1] == 0x5C):
                continue
        value = _SIXTY_FOUR[byte]
        if value == 255:
            return -1
        out[start + size] = value
        size += 1
    # From the last byte on, whose digits are written behind the letters that those before it are made of.
    count = size * 6 // 8
    for place in range(count - 1, -1, -1):
        first = place * 8 // 6
        two = np.int64(out[start + first]) << 6 | out[start + first + 1]
        byte = two >> (4 - place * 8 % 6) & 0xFF
        out[start + 2 * place] = _DIGIT[byte >> 4]
        out[start + 2 * place + 1] = _DIGIT[byte & 15]
    return start + 2 * count


@compiled
def literals(
    data, at, end, final, separator, enclosure, escape, line_end, returns, modes, pairs, out, places
):
    """Turn the lines data[at:end] into rows `('…',NULL,…),(…)`.

    `separator`, `enclosure`, `escape`, `line_end` are bytes, 0 for none; `returns` says that a carriage return before
    a line feed may (1) or must (2) belong to the line's end. `modes` has an entry per column, and `pairs` its bytes
    that start a character of two, in an array of 256. When `final`, the last line needs no end. `places` gets each
    row's beginning in `out` and in `data`.

    Returns `(status, position after the last whole line, size of out, rows)`, see `Line`; the position is the beginning
    of the line at fault, if there is one.
    """
    o = 0
    rows = 0
    columns = modes.size
    plain = enclosure == 0 and escape == 0x5C and separator == 0x09 and line_end == 0x0A and not returns
    plain = plain and not pairs.any()
    while at < end:
        line = at
        start = o
        if rows:
            out[o] = 0x2C
            o += 1
        places[0, rows] = o
        places[1, rows] = line
        out[o] = 0x28
        o += 1
        column = 0
        whole = False
        while True:
            # One field.
            if column == columns:
                return _COLUMNS, line, start, rows
            mode = modes[column]
            column += 1
            field = o
            if mode != _TEXT:
                out[o] = 0x78
                o += 1
            out[o] = 0x27
            o += 1
            content = o
            first = at
            enclosed = enclosure != 0 and at < end and data[at] == enclosure
            if enclosed:
                at += 1
            last = -1
            escaped = False
            closed = False
            while at < end:
                if plain:
                    mask = field_special(data, at)
                    copy_vector(out, o, data, at)
                    if mask == 0:
                        at += WIDTH
                        o += WIDTH
                        continue
                    step = first_bit(mask)
                    at += step
                    o += step
                    if at >= end:
                        break
                byte = data[at]
                if pairs[column - 1, byte] and at + 1 < end and data[at + 1] >= 0x40 and not closed:
                    o = put_quoted(out, put_quoted(out, o, byte, True), data[at + 1], True)
                    at += 2
                    continue
                if byte == escape and escape != 0 and not closed:
                    if at + 1 >= end:
                        at = end
                        break
                    byte = data[at + 1]
                    escaped = True
                    at += 2
                    if _LETTER[byte]:
                        out[o] = 0x5C
                        out[o + 1] = byte
                        o += 2
                    else:
                        o = put_quoted(out, o, byte, True)
                    continue
                if enclosed and not closed:
                    if byte == enclosure:
                        unknown = at + 1 >= end or (returns and data[at + 1] == 0x0D and at + 2 >= end)
                        if unknown and not final:
                            at = end
                        elif _ends(data, at + 1, end, separator, line_end, returns):
                            closed = True
                            at += 1
                        else:  # doubled, or part of the field
                            o = put_quoted(out, o, byte, True)
                            at += 2 if data[at + 1] == enclosure else 1
                        continue
                elif byte == separator or (byte == line_end and returns < 2):
                    break
                elif returns and byte == 0x0D and at + 1 < end and data[at + 1] == line_end:
                    last = at
                    at += 1
                    break
                o = put_quoted(out, o, byte, True)
                at += 1
            if last < 0:
                last = at
            if at >= end:
                o -= max(0, at - end)
                if not final or (enclosed and not closed):
                    return _DONE, line, start, rows
                at = end
            bare = (enclosure != 0 or escape == 0) and not enclosed and o == content + 4
            marked = escaped and o == content + 1 and out[content] == 0x4E and last - first == 2
            if marked or (bare and _is_null(out, content)):
                o = _put_word(out, field, _NULL)
            else:
                if mode == _BASE64:
                    o = _base64(out, content, o)
                    if o < 0:
                        return _ENCODING, line, start, rows
                out[o] = 0x27
                o += 1
            if at >= end:
                whole = final
                break
            byte = data[at]
            at += 1
            if byte == line_end:
                whole = True
                break
            out[o] = 0x2C
            o += 1
            if at >= end and not final:
                break
        if not whole:
            return _DONE, line, start, rows
        if column != columns:
            return _COLUMNS, line, start, rows
        out[o] = 0x29
        o += 1
        rows += 1
    return _DONE, at, o, rows


@compiled
def _ends(data, at, end, separator, line_end, returns):
    """Whether a field may end here: an enclosure that no mark follows is part of it."""
    if at >= end or data[at] == separator or (data[at] == line_end and returns < 2):
        return True
    return returns and data[at] == 0x0D and at + 1 < end and data[at + 1] == line_end


@compiled
def _is_null(out, at):
    for place in range(4):
        if out[at + place] != _NULL[place]:
            return False
    return True
