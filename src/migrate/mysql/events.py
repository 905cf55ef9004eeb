"""What the readers of all sources have to tell, in order: rows, and what happens to tables between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..model import Alteration, Duplicates
from ..transcode import decoding, native
from ..transcode.room import WIDTH
from . import charsets
from .lexer import Mode

Bytes = npt.NDArray[np.uint8]
TableKey = tuple[str | None, str]

WINDOW = 4 << 20  # bytes that readers look at; also about the size of a chunk, but for the first ones


@dataclass(frozen=True)
class Rows:
    """Rows of one table, as their INSERT statements wrote them, cut between rows.

    `data` is padded by `WIDTH` bytes beyond `size`. Its first byte stood at `offset` of the unpacked source.
    `columns` are the statement's own, None when it names none. Every further statement in the chunk starts with the
    same head of `head_size` bytes, up to and with VALUES.

    `places`, of shape (2, n), is there when the text was made from something else: it has the positions in `data` of
    some rows' beginnings, in order, and where in the unpacked source those rows are. Rows of a `snapshot` are as they
    were in the server, whatever the source says before them: no trigger acts on them. `has_range` says that the source
    holds them as they are at `offset`, for anyone who reaches it to read again.

    `update` are the assignments of ON DUPLICATE KEY UPDATE, as MySQL's default mode reads them. `variables` are the
    session's own as literals, None for those that only a server can compute. `charset` is `guessed` where nothing in
    the source says it. `strict` says whether the session refuses values that do not fit their columns; None where a
    server wrote them, so that all do.
    """

    table: TableKey
    columns: tuple[str, ...] | None
    data: Bytes
    size: int
    head_size: int
    rows: int
    source: str
    offset: int
    mode: Mode
    charset: str
    time_zone: str | None = None
    places: npt.NDArray[np.int64] | None = None
    snapshot: bool = False
    duplicates: Duplicates = Duplicates.REFUSED
    update: str = ""
    variables: Mapping[str, bytes | None] | None = None
    strict: bool | None = None
    guessed: bool = False
    has_range: bool = False

    def place(self, at: int) -> int:
        """Where in the unpacked source the row is that begins at data[at]."""
        if self.places is None:
            return self.offset + at
        nearest = int(np.searchsorted(self.places[0], at, side="right")) - 1
        return int(self.places[1, max(nearest, 0)])

    def spans(self) -> Iterator[tuple[int, int]]:
        """Where in `data` each row begins and ends."""
        leads = decoding.leads(charsets.of(self.charset))
        at = 0
        while True:
            found = native.find_row(
                self.data, at, self.size, self.head_size, self.mode.backslash_escapes, 0, leads
            )
            start, at = map(int, found)
            if start < 0 or at < 0:
                return
            yield start, at

    def one_by_one(self) -> Iterator["Rows"]:
        """Each row by itself, at a place of its own: rows that say no values share the place of their statement."""
        place = -1
        for start, end in self.spans():
            place = max(self.place(start), place + 1)
            places = np.array([[0], [place]], dtype=np.int64)
            data = padded(self.data[start:end])
            yield replace(
                self, data=data, size=end - start, head_size=0, rows=1, offset=place, places=places, has_range=False
            )  # fmt: skip


@dataclass(frozen=True)
class Dropped:
    """DROP TABLE: rows of it that came before are gone."""

    table: TableKey


@dataclass(frozen=True)
class Untranslated:
    """A statement, or a file, that nothing was made of."""

    source: str
    offset: int
    sql: str
    reason: str = "statements of this kind are not carried out"


@dataclass(frozen=True)
class Change:
    """UPDATE, DELETE or INSERT … SELECT, which act on the rows that came before them.

    `canonical` is the text as MySQL's default mode reads it; `database` the one that USE chose. Foreign keys
    `follow` it unless the session has switched them off; in `strict` mode it is refused where values do not fit.
    """

    source: str
    offset: int
    sql: str
    canonical: str
    database: str | None
    follow: bool = True
    strict: bool = True

    @property
    def words(self) -> str:
        """What it begins with."""
        first, second = (*self.sql.upper().split(maxsplit=2), "", "")[:2]
        return f"{first} {second}" if second in ("FROM", "INTO", "IGNORE") else first

    @property
    def writer(self) -> str:
        """Who has written to a table, in words."""
        return f"{self.words} in the dump"

    @property
    def duplicates(self) -> Duplicates:
        """What it says of rows whose key is there already."""
        text = " ".join(self.canonical.upper().split())
        if " ON DUPLICATE KEY UPDATE " in text:
            return Duplicates.UPDATED
        said = (Duplicates.IGNORED, Duplicates.REPLACED)
        return next((one for one in said if text.startswith(one.value)), Duplicates.REFUSED)


Event = Rows | Dropped | Alteration | Change | Untranslated


def label(key: TableKey) -> str:
    """How reports call what has that name in the source: with its database, where one is known."""
    return f"{key[0]}.{key[1]}" if key[0] else key[1]


def where(event: Rows | Change | Untranslated) -> str:
    """How reports call the place of a statement in the source."""
    return f"{event.source}, byte {event.offset}"


def padded(text: bytes | Bytes) -> Bytes:
    """A copy of some bytes, with the room behind them that the vector functions ask for.

    It can be written to, like all that the compiled functions are given: for others they would be compiled once more.
    """
    data = np.empty(len(text) + WIDTH, dtype=np.uint8)
    data[: len(text)] = np.frombuffer(text, dtype=np.uint8)
    data[len(text) :] = 0
    return data
