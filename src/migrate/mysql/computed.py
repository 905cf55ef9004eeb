"""LOAD DATA whose rows are not just the fields of its lines: columns computed from fields, marks of several characters.

Each line becomes a row of SQL as a person would have written it, which is then read like any other.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..errors import InputError
from .dialect import Dialect
from .lexer import Mode
from .literals import Reading, with_variables
from .load_data import LoadData
from .window import Window

_PLAIN = Mode()
_ESCAPES = {b"0": b"\0", b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"Z": b"\x1a"}
_CHUNK = 1 << 20  # bytes of SQL


class Lines(NamedTuple):
    """Rows as SQL, and where in it and in the file each begins."""

    text: bytes
    places: list[tuple[int, int]]


class _CutOffError(Exception):
    """The line goes on beyond what is read."""


def rows(window: Window, said: LoadData, columns: tuple[str, ...], reading: Reading) -> Iterator[Lines]:
    """The rows of a file for the `columns` of LOAD DATA, those that it computes last.

    Raises InputError for a line with another number of fields.
    """
    if not (said.dialect.separator and said.dialect.line_end):
        raise InputError("fields of a fixed width cannot be read")
    _skip(window, said)
    text, places, size = [], [], 0
    while window.at < window.end or window.fill():
        try:
            fields, end = _line(window, said.dialect, said.starting.encode())
        except _CutOffError:
            if window.fill():
                continue
            raise InputError(
                f"{window.source.name}: the file is cut off after byte {window.offset}"
            ) from None
        if fields is not None:
            row = _row(fields, said, columns, reading, window)
            places.append((size, window.offset))
            text.append(row)
            size += len(row) + 1
        window.at = end
        if size > _CHUNK:
            yield Lines(b",".join(text), places)
            text, places, size = [], [], 0
    if text:
        yield Lines(b",".join(text), places)


def _skip(window: Window, said: LoadData) -> None:
    window.fill()
    end = said.dialect.line_end.encode()
    for _ in range(said.skip):
        while (at := window.bytes(window.at, window.end).find(end)) < 0 and window.fill():
            pass
        window.at = window.end if at < 0 else window.at + at + len(end)


def _line(window: Window, used: Dialect, starting: bytes) -> tuple[list[bytes | None] | None, int]:
    """The fields of the next line and where it ends; None where it has no mark at its start."""
    data, at = window.bytes(window.at, window.end), 0
    separator, line_end = used.separator.encode(), used.line_end.encode()
    if starting:
        end = data.find(line_end)
        whole = data if end < 0 and window.complete else data[: max(end, 0)]
        if starting not in whole:
            if end < 0 and not window.complete:
                raise _CutOffError
            return None, window.at + (len(data) if end < 0 else end + len(line_end))
        at = data.find(starting) + len(starting)
    fields: list[bytes | None] = []
    while True:
        field, at = _field(data, at, used)
        fields.append(field)
        if at == len(data):
            if not window.complete:
                raise _CutOffError
            return fields, window.end
        if data.startswith(line_end, at):
            if at + len(line_end) == len(data) and not window.complete:
                raise _CutOffError
            return fields, window.at + at + len(line_end)
        at += len(separator)


def _field(data: bytes, at: int, used: Dialect) -> tuple[bytes | None, int]:
    """A field and where it ends, at a mark or the end of the data. The rules are those of LOAD DATA."""
    separator, line_end = used.separator.encode(), used.line_end.encode()
    quote, escape = used.enclosure.encode(), used.escape.encode()
    enclosed = bool(quote) and data.startswith(quote, at)
    at += enclosed
    start, pieces = at, []
    while at < len(data):
        one = data[at : at + 1]
        if escape and one == escape and at + 1 < len(data):
            follows = data[at + 1 : at + 2]
            if follows == b"N" and not enclosed and at == start and _ends(data, at + 2, separator, line_end):
                return None, at + 2
            pieces.append(_ESCAPES.get(follows, follows))
            at += 2
        elif enclosed and one == quote:
            if _ends(data, at + 1, separator, line_end):
                return b"".join(pieces), at + 1
            pieces.append(quote)
            at += 2 if data.startswith(quote, at + 1) else 1
        elif not enclosed and _ends(data, at, separator, line_end):
            break
        else:
            pieces.append(one)
            at += 1
    value = b"".join(pieces)
    return (None if value == b"NULL" and quote and not enclosed else value), at


def _ends(data: bytes, at: int, separator: bytes, line_end: bytes) -> bool:
    return at >= len(data) or data.startswith(separator, at) or data.startswith(line_end, at)


def _row(
    fields: list[bytes | None], said: LoadData, columns: tuple[str, ...], reading: Reading, window: Window
) -> bytes:
    names = said.names or columns
    if len(fields) != len(names):
        where = f"{window.source.name}: the line at byte {window.offset}"
        raise InputError(f"{where} does not have the {len(names)} fields of the table {said.table}")
    values = dict(zip(names, map(_literal, fields), strict=True))
    known: Mapping[str, bytes | None] = {
        **(reading.variables or {}),
        **{name.lower().replace("`", ""): value for name, value in values.items() if name.startswith("@")},
    }
    own = Reading(_PLAIN, reading.columns, variables=known)
    computed = {name: with_variables(text.encode(), own) for name, text in said.computed.items()}
    given = {**{name: value for name, value in values.items() if not name.startswith("@")}, **computed}
    return b"(" + b",".join(given[name] for name in given) + b")"


def _literal(field: bytes | None) -> bytes:
    if field is None:
        return b"NULL"
    return b"'" + re.sub(rb"(['\\])", rb"\\\1", field) + b"'"
