"""Literals as MySQL writes them, read as bytes (MySQL Reference Manual, "Literal Values"); compiled."""
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

from typing import Any

import numpy as np

from .compiled import compiled


def _escapes(pairs: dict[str, int]) -> Any:
    table = np.arange(256, dtype=np.uint8)
    for letter, byte in pairs.items():
        table[ord(letter)] = byte
    return table


# MySQL's backslash escapes; any other letter stands for itself. (`\\%` and `\\_` keep their backslash: see _unescape.)
UNESCAPED = _escapes({"0": 0, "b": 8, "t": 9, "n": 10, "r": 13, "Z": 26})
NIBBLE = np.full(256, 255, dtype=np.uint8)
for _number, _digit in enumerate(b"0123456789abcdef"):
    NIBBLE[_digit] = _number
for _number, _digit in enumerate(b"ABCDEF", 10):
    NIBBLE[_digit] = _number


@compiled
def put_quoted(out, o, byte, backslash):
    """A byte of a string between single quotes, escaped where it must be; the new position."""
    if byte == 0x27 or (byte == 0x5C and backslash):
        out[o] = byte
        o += 1
    out[o] = byte
    return o + 1


@compiled
def raw(data, at, end, backslash, scratch):
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
            byte = UNESCAPED[byte]
        scratch[n] = byte
        n += 1
        at += 1
    return -1, n


@compiled
def hexadecimal(data, at, end, scratch):
    """Hexadecimal digits from `at` as bytes, an odd first digit alone: `(position after them, how many bytes)`."""
    stop = at
    while stop < end and NIBBLE[data[stop]] != 255:
        stop += 1
    n = 0
    if (stop - at) % 2:
        scratch[0] = NIBBLE[data[at]]
        n = 1
        at += 1
    while at < stop:
        scratch[n] = NIBBLE[data[at]] << 4 | NIBBLE[data[at + 1]]
        n += 1
        at += 2
    return stop, n


@compiled
def binary_digits(data, at, end, scratch):
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


@compiled
def word(data, at, end, word):
    """Whether the upper-case `word` stands at `at`, in any case."""
    if at + word.size > end:
        return False
    for place in range(word.size):
        if data[at + place] & 0xDF != word[place]:
            return False
    return True
