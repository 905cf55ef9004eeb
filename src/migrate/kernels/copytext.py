"""Values as the text format of PostgreSQL's COPY writes them; compiled."""
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np

from ..transcode.codecs import NEXT_MEMBER, NO_MEMBER, Option
from ..transcode.room import WIDTH
from .compiled import compiled
from .vector import field_end, first_bit

_NUL_REPLACED = int(Option.NUL_REPLACED)

# COPY's escape letter for a byte that must not stand bare, or 0.
_COPY_LETTER = np.zeros(256, dtype=np.uint8)
for _byte, _letter in {8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 92: "\\"}.items():
    _COPY_LETTER[_byte] = ord(_letter)
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


@compiled
def field_stop(data, at):
    """Where the field that `at` is in ends: at a tab or a newline; 32 bytes beyond may be read."""
    while True:
        mask = field_end(data, at)
        if mask:
            return at + first_bit(mask)
        at += WIDTH


@compiled
def put(out, o, byte):
    """One byte of a string as COPY text; the new position."""
    letter = _COPY_LETTER[byte]
    if letter:
        out[o] = 0x5C
        out[o + 1] = letter
        return o + 2
    out[o] = byte
    return o + 1


@compiled
def put_replacement(out, o):
    """U+FFFD in UTF-8."""
    out[o] = 0xEF
    out[o + 1] = 0xBF
    out[o + 2] = 0xBD
    return o + 3


@compiled
def put_bytes(scratch, start, n, out, o):
    """bytea's hexadecimal form of scratch[start:n], its backslash escaped for COPY."""
    out[o] = 0x5C
    out[o + 1] = 0x5C
    out[o + 2] = 0x78
    return put_hex(scratch, start, n, out, o + 3)


@compiled
def put_hex(scratch, start, n, out, o):
    for place in range(start, n):
        byte = scratch[place]
        out[o] = _HEX[byte >> 4]
        out[o + 1] = _HEX[byte & 15]
        o += 2
    return o


@compiled
def put_geometry(scratch, n, out, o, bytea):
    """MySQL keeps a geometry as a little-endian SRID before its WKB: as WKB, or as EWKB when the SRID is not 0.

    EWKB marks the SRID with 0x20000000 in the type and puts it after the type (PostGIS manual, "ST_AsEWKB").
    """
    if bytea:
        out[o] = 0x5C
        out[o + 1] = 0x5C
        out[o + 2] = 0x78
        o += 3
    if scratch[0] == 0 and scratch[1] == 0 and scratch[2] == 0 and scratch[3] == 0:
        return put_hex(scratch, 4, n, out, o)
    little = scratch[4] == 1
    flag = 8 if little else 5
    o = put_hex(scratch, 4, 5, out, o)
    scratch[flag] |= 0x20
    o = put_hex(scratch, 5, 9, out, o)
    if not little:
        for place in range(2):
            scratch[place], scratch[3 - place] = scratch[3 - place], scratch[place]
    o = put_hex(scratch, 0, 4, out, o)
    return put_hex(scratch, 9, n, out, o)


@compiled
def put_bits(scratch, n, width, out, o):
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


@compiled
def is_set(scratch, n, words, place):
    """Whether scratch[:n] are members of a set as MySQL writes them: in their order, with commas between them.

    `words` has the members from `place` on, each with NEXT_MEMBER behind it, and NO_MEMBER at the end: no text holds
    such bytes.
    """
    at = 0
    while at < n and words[place] != NO_MEMBER:
        size = 0
        while at + size < n and scratch[at + size] == words[place + size]:
            size += 1
        if words[place + size] == NEXT_MEMBER and (at + size == n or scratch[at + size] == 0x2C):
            at += size + 1
        while words[place] != NEXT_MEMBER:
            place += 1
        place += 1
    return n == 0 or at == n + 1


@compiled
def is_member(out, start, end, words, place):
    """Whether out[start:end] is one of the members in `words` from `place` on (see `is_set`), or empty."""
    while start < end and words[place] != NO_MEMBER:
        at = start
        while at < end and out[at] == words[place]:
            at += 1
            place += 1
        if at == end and words[place] == NEXT_MEMBER:
            return True
        while words[place] != NEXT_MEMBER:
            place += 1
        place += 1
    return start == end


@compiled
def put_set(scratch, n, out, o):
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
                o = put(out, o + 2, byte)
            else:
                o = put(out, o, byte)
        out[o] = 0x22
        o += 1
    out[o] = 0x7D
    return o + 1


@compiled
def put_text(scratch, n, options, out, o):
    """scratch[:n] as COPY text: `(output position, NUL bytes that were not copied)`."""
    nuls = 0
    for place in range(n):
        if scratch[place] == 0:
            nuls += 1
            if options & _NUL_REPLACED:
                o = put_replacement(out, o)
        else:
            o = put(out, o, scratch[place])
    return o, nuls


@compiled
def is_longer(out, start, end, most):
    """Whether the COPY text out[start:end] has more characters than `most`, or more bytes than it is below 0."""
    if end - start <= abs(most):
        return False
    count = 0
    while start < end:
        byte = out[start]
        start += 2 if byte == 0x5C else 1
        count += most < 0 or byte & 0xC0 != 0x80
    return count > abs(most)


@compiled
def without_blanks(out, start, end):
    """Where out[start:end] ends without the blanks at its end."""
    while end > start and out[end - 1] == 0x20:
        end -= 1
    return end
