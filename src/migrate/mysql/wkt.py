"""Geometries written as text, turned into MySQL's own form: the SRID, then the shape as little-endian WKB.

The grammar is that of well-known text (OGC 06-103r4, section 7), two-dimensional as MySQL's geometries are.
"""

import re
import struct
from collections.abc import Callable

from ..errors import InputError

_TYPES = {"POINT": 1, "LINESTRING": 2, "POLYGON": 3, "MULTIPOINT": 4, "MULTILINESTRING": 5, "MULTIPOLYGON": 6,
          "GEOMETRYCOLLECTION": 7, "GEOMCOLLECTION": 7}  # fmt: skip
_TOKEN = re.compile(r"\s*([(),]|[A-Za-z]+|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
# SRIDs whose axes MySQL reads from text as latitude before longitude, and keeps the other way round.
LATITUDE_FIRST = range(4000, 5000)


def geometry(text: str, srid: int = 0, *, swapped: bool | None = None) -> bytes:
    """MySQL's bytes of a geometry. `swapped` tells that the text has latitude first; by default the SRID decides.

    Raises InputError for text that is not WKT.
    """
    swap = srid in LATITUDE_FIRST if swapped is None else swapped
    reader = _Reader(text, swap)
    shape = reader.shape()
    if reader.ahead:
        raise reader.error()
    return struct.pack("<I", srid) + shape


def point(x: float, y: float) -> bytes:
    """MySQL's bytes of POINT(x, y), without an SRID."""
    return struct.pack("<IBIdd", 0, 1, 1, x, y)


class _Reader:
    def __init__(self, text: str, swap: bool) -> None:
        self._text = text
        self._swap = swap
        self._at = 0
        self.ahead = ""
        self._next()

    def error(self) -> InputError:
        return InputError(f"this is not a geometry in well-known text: {self._text[:80]}")

    def _next(self) -> str:
        taken = self.ahead
        match = _TOKEN.match(self._text, self._at)
        if match:
            self.ahead = match[1]
            self._at = match.end()
        elif self._text[self._at :].strip():
            raise self.error()
        else:
            self.ahead = ""
        return taken

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise self.error()

    def shape(self) -> bytes:
        kind = _TYPES.get(self._next().upper())
        if kind is None:
            raise self.error()
        body: Callable[[], bytes] = {
            1: self._point_body,
            2: lambda: self._list(self._position),
            3: self._rings,
            4: lambda: self._list(self._member_point),
            5: lambda: self._list(lambda: _header(2) + self._list(self._position)),
            6: lambda: self._list(lambda: _header(3) + self._rings()),
            7: lambda: self._list(self.shape),
        }[kind]
        if self.ahead.upper() == "EMPTY":
            self._next()
            return _header(kind) + struct.pack("<I", 0)
        return _header(kind) + body()

    def _rings(self) -> bytes:
        return self._list(lambda: self._list(self._position))

    def _point_body(self) -> bytes:
        self._expect("(")
        position = self._position()
        self._expect(")")
        return position

    def _member_point(self) -> bytes:
        """Both `1 2` and `(1 2)` are points of a MULTIPOINT."""
        return _header(1) + (self._point_body() if self.ahead == "(" else self._position())

    def _list(self, member: Callable[[], bytes]) -> bytes:
        self._expect("(")
        members = [] if self.ahead == ")" else [member()]
        while self.ahead == ",":
            self._next()
            members.append(member())
        self._expect(")")
        return struct.pack("<I", len(members)) + b"".join(members)

    def _position(self) -> bytes:
        try:
            x, y = float(self._next()), float(self._next())
        except ValueError:
            raise self.error() from None
        return struct.pack("<dd", *((y, x) if self._swap else (x, y)))


def _header(kind: int) -> bytes:
    return struct.pack("<BI", 1, kind)
