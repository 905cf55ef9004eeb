"""What UTF-8 text is: well-formed, encoded twice, or JSON that jsonb cannot hold; compiled."""
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

import numpy as np

from ..transcode.room import WIDTH
from .compiled import compiled
from .literals import NIBBLE
from .vector import (
    beyond_ascii,
    first_bit,
    first_bit64,
    utf8_following,
    utf8_of_four,
    utf8_of_three,
    utf8_of_two,
    utf8_particular,
)

# The byte that latin1, as MySQL reads it (cp1252), has for a character above U+00FF.
_LATIN1_ABOVE = {0x20AC: 0x80, 0x201A: 0x82, 0x0192: 0x83, 0x201E: 0x84, 0x2026: 0x85, 0x2020: 0x86, 0x2021: 0x87,
                 0x02C6: 0x88, 0x2030: 0x89, 0x0160: 0x8A, 0x2039: 0x8B, 0x0152: 0x8C, 0x017D: 0x8E, 0x2018: 0x91,
                 0x2019: 0x92, 0x201C: 0x93, 0x201D: 0x94, 0x2022: 0x95, 0x2013: 0x96, 0x2014: 0x97, 0x02DC: 0x98,
                 0x2122: 0x99, 0x0161: 0x9A, 0x203A: 0x9B, 0x0153: 0x9C, 0x017E: 0x9E, 0x0178: 0x9F}  # fmt: skip
_LATIN1 = np.zeros(0x2200, dtype=np.uint8)
_LATIN1[0x80:0x100] = np.arange(0x80, 0x100)
for _point, _byte in _LATIN1_ABOVE.items():
    _LATIN1[_point] = _byte


@compiled
def _following(first):
    """How many bytes follow the first one of a character beyond ASCII, and the least and most that the next may be.

    No bytes follow where it starts no character (RFC 3629, section 4).
    """
    if first < 0xC2 or first > 0xF4:
        return 0, 0x80, 0xBF
    more = 1 if first < 0xE0 else (2 if first < 0xF0 else 3)
    low = 0xA0 if first == 0xE0 else (0x90 if first == 0xF0 else 0x80)
    high = 0x9F if first == 0xED else (0x8F if first == 0xF4 else 0xBF)
    return more, low, high


@compiled
def is_utf8(out, at, end):
    """Whether out[at:end] is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF).

    32 bytes may be read beyond `end`.
    """
    due = np.uint64(0)  # a bit for each byte that is to follow others, those of the next 32 included
    while at < end:
        size = np.uint64(min(end - at, WIDTH))
        within = (np.uint64(1) << size) - np.uint64(1)
        if due or beyond_ascii(out, at):
            due |= (np.uint64(utf8_of_two(out, at)) & within) << np.uint64(1)
            due |= (np.uint64(utf8_of_three(out, at)) & within) << np.uint64(2)
            due |= (np.uint64(utf8_of_four(out, at)) & within) << np.uint64(3)
            if (due ^ np.uint64(utf8_following(out, at))) & within:
                return False
            particular = np.uint64(utf8_particular(out, at)) & within
            while particular:
                place = at + first_bit64(particular)
                more, low, high = _following(out[place])
                if more == 0 or out[place + 1] < low or out[place + 1] > high:
                    return False
                particular &= particular - np.uint64(1)
            due >>= size
        at += WIDTH
    return due == 0


@compiled
def _latin1(out, at):
    """The latin1 byte of the character beyond ASCII at `at`, 0 when it has none, and the character's length."""
    first = out[at]
    if first < 0xE0:
        return _LATIN1[(np.int64(first) & 0x1F) << 6 | (out[at + 1] & 0x3F)], 2
    if first != 0xE2 or out[at + 1] > 0x87:
        return np.uint8(0), 3
    return _LATIN1[0x2000 | (np.int64(out[at + 1]) & 0x3F) << 6 | (out[at + 2] & 0x3F)], 3


@compiled
def is_mojibake(out, at, end):
    """Whether the UTF-8 text out[at:end], read as latin1, is UTF-8 again: a sign that it was encoded twice."""
    more = 0
    low = 0x80
    high = 0xBF
    while at < end:
        if out[at] < 0x80:
            if more:
                return False
            mask = beyond_ascii(out, at)
            at += first_bit(mask) if mask else WIDTH
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
        more, low, high = _following(byte)
        if more == 0:
            return False
    return more == 0


@compiled
def repair_mojibake(out, at, end):
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


@compiled
def is_beyond_jsonb(out, at, end):
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


@compiled
def _surrogate(out, at):
    """Whether the four hexadecimal digits at `at` are the first (1) or second (2) half of a pair, or neither (0)."""
    if NIBBLE[out[at]] != 13:
        return 0
    second = NIBBLE[out[at + 1]]
    return 0 if second < 8 else (1 if second < 12 else 2)
