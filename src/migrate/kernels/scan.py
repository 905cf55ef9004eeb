"""Finding where statements and rows end in the bytes of a dump, compiled.

Buffers are padded: `data` holds at least `WIDTH` readable bytes after `end`. `leads` marks, in an array of 256,
the bytes that start a pair whose second byte may look like a backslash; it is None for character sets without such.
"""
# numba compiles these functions; what they are given is said by their docstrings.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,misc"

from ..transcode.codecs import Boundary
from ..transcode.room import WIDTH
from .compiled import compiled
from .vector import first_bit, quote_or_backslash, structure

_MORE, _CUT, _ENDED, _ODD = (int(boundary) for boundary in Boundary)


@compiled
def is_pair(data, at, leads):
    """Whether a character of two bytes starts at `at`."""
    trail = data[at + 1]
    return leads[data[at]] != 0 and trail >= 0x40 and trail != 0x7F


@compiled
def skip_string(data, at, end, backslash, leads=None):
    """`at` is on an opening quote: the position after the closing one, or -1 when it lies beyond `end`.

    A doubled quote is read as two strings side by side, which ends at the same place.
    """
    quote = data[at]
    at += 1
    if leads is not None:
        while at < end:
            byte = data[at]
            if byte == quote:
                return at + 1
            if is_pair(data, at, leads) or (byte == 0x5C and backslash and quote != 0x60):
                at += 1
            at += 1
        return -1
    if quote != 0x27:
        while at < end:
            byte = data[at]
            if byte == quote:
                return at + 1
            at += 2 if byte == 0x5C and backslash and quote == 0x22 else 1
        return -1
    while at < end:
        mask = quote_or_backslash(data, at)
        if mask == 0:
            at += WIDTH
            continue
        at += first_bit(mask)
        if at >= end:
            return -1
        if data[at] == 0x27:
            return at + 1
        at += 2 if backslash else 1
    return -1


@compiled
def skip_comment(data, at, end):
    """The position after a comment that starts at `at`; `at` itself when none does; -1 when it is not complete.

    `/*! … */` is not a comment but text for some servers, so only its marks are skipped by the caller.
    """
    byte = data[at]
    if byte == 0x2F:  # /
        if at + 1 < end and data[at + 1] != 0x2A:
            return at  # as in */; at the very end
        if at + 2 >= end:
            return -1
        if data[at + 2] == 0x21 or (data[at + 2] == 0x4D and data[at + 3] == 0x21):
            return at
        at += 2
        while at + 1 < end:
            if data[at] == 0x2A and data[at + 1] == 0x2F:
                return at + 2
            at += 1
        return -1
    if byte == 0x2D:  # --, followed by white space or the end of the line
        if at + 2 >= end:
            return -1
        if data[at + 1] != 0x2D or data[at + 2] > 0x20:
            return at
    elif byte != 0x23:  # #
        return at
    while at < end:
        if data[at] == 0x0A:
            return at + 1
        at += 1
    return -1


@compiled
def skip_blank(data, at, end):
    """The position of the next byte that is neither white space nor in a comment; -1 when a comment is cut off."""
    while at < end:
        byte = data[at]
        if byte <= 0x20:
            at += 1
        elif byte == 0x2D or byte == 0x23 or byte == 0x2F:
            after = skip_comment(data, at, end)
            if after < 0:
                return -1
            if after == at:
                return at
            at = after
        else:
            return at
    return at


@compiled
def _past(data, at, end):
    """The position after the comment at `at`, or after its first byte when there is none; -1 when it is cut off."""
    after = skip_comment(data, at, end)
    return at + 1 if after == at else after


@compiled
def next_row(data, at, end, head_size):
    """From behind a row to where the next one begins, be it in another statement; `end` when none does."""
    while True:
        at = skip_blank(data, at, end)
        if at >= 0 and at < end and data[at] == 0x2C:
            at = skip_blank(data, at + 1, end)
        elif at >= 0 and at < end and data[at] == 0x3B:
            at += 1
            while at < end and data[at] <= 0x20:
                at += 1
            at += head_size
            continue
        return end if at < 0 or at > end else at


@compiled
def find_delimiter(data, at, end, delimiter, backslash, ansi, leads=None):
    """The position of `delimiter` outside quotes and comments, or -1 when it lies beyond `end`.

    With `ansi` quotes, "…" is a name, and a backslash in it nothing but itself.
    """
    first = delimiter[0]
    size = delimiter.size
    while at < end:
        byte = data[at]
        if byte == first and at + size <= end:
            same = True
            for place in range(1, size):
                if data[at + place] != delimiter[place]:
                    same = False
                    break
            if same:
                return at
        if byte == 0x27 or byte == 0x22 or byte == 0x60:
            at = skip_string(data, at, end, backslash and not (ansi and byte == 0x22), leads)
            if at < 0:
                return -1
        elif byte == 0x2D or byte == 0x23 or byte == 0x2F:
            at = _past(data, at, end)
            if at < 0:
                return -1
        else:
            at += 1
    return -1


@compiled
def skip_row(data, at, end, backslash, leads=None):
    """`at` is on a row's opening parenthesis: the position after its closing one, or -1 beyond `end`."""
    depth = 0
    while at < end:
        mask = structure(data, at)
        if mask == 0:
            at += WIDTH
            continue
        at += first_bit(mask)
        if at >= end:
            return -1
        byte = data[at]
        if byte == 0x28:
            depth += 1
            at += 1
        elif byte == 0x29:
            depth -= 1
            at += 1
            if depth == 0:
                return at
        elif byte == 0x27 or byte == 0x22 or byte == 0x60:
            at = skip_string(data, at, end, backslash, leads)
            if at < 0:
                return -1
        elif byte == 0x3B:
            at += 1
        else:
            at = _past(data, at, end)
            if at < 0:
                return -1
    return -1


@compiled
def scan_rows(data, at, end, head, backslash, target, leads=None):
    """Walk over the rows of one INSERT statement and of those that follow with the very same `head`.

    `at` is where a row or the comma before one is expected. Returns `(boundary, position, rows)`, see `Boundary`: the
    position is between two rows, at or before `end`, the first such one at or after `target` when that was reached.
    """
    rows = 0
    boundary = at
    more = _MORE
    while True:
        at = skip_blank(data, at, end)
        if at < 0 or at >= end:
            return more, boundary, rows
        byte = data[at]
        if byte == 0x2C:  # ,
            at = skip_blank(data, at + 1, end)
            if at < 0 or at >= end:
                return more, boundary, rows
            byte = data[at]
        if byte == 0x28:  # (
            at = skip_row(data, at, end, backslash, leads)
            if at < 0:
                return more, boundary, rows
            rows += 1
            boundary = at
            more = _MORE
            if boundary >= target:
                return _CUT, boundary, rows
            continue
        if byte != 0x3B:  # ;
            return _ODD, at, rows
        at += 1
        boundary = at
        more = _ENDED
        while at < end and data[at] <= 0x20:
            at += 1
        if at + head.size > end:
            return _ENDED, boundary, rows
        for place in range(head.size):
            if data[at + place] != head[place]:
                return _ENDED, boundary, rows
        at += head.size
        # The rows of the next statement belong to this run only once one of them is complete.


@compiled
def find_row(data, at, end, head_size, backslash, wanted, leads=None):
    """The start and the end of row number `wanted` (0 is the first) of those in data[at:end]; -1 for no such row."""
    while True:
        start = at = next_row(data, at, end, head_size)
        if at >= end:
            return -1, -1
        at = skip_row(data, at, end, backslash, leads)
        if at < 0:
            return start, -1
        if wanted == 0:
            return start, at
        wanted -= 1
