"""Proof that the target holds what the source said: digests of both, computed by the same code, compared.

The source's digest is taken of the COPY text while rows are transcoded, the target's of what COPY gives back. Neither
depends on the order of rows. A difference is followed to its table, its columns and some of its rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .errors import TargetError
from .plan import TargetColumn, TargetTable
from .postgres import ddl
from .postgres.psql import Session, zone_of
from .report import counted
from .transcode import native
from .transcode.codecs import Codec
from .transcode.kinds import kind_of, scale_of
from .transcode.room import WIDTH

Sums = npt.NDArray[np.uint64]

_NO_ROWS = np.empty(0, dtype=np.uint64)
PART_BYTES = 64 << 20  # of a table's file that one COPY reads


class DifferenceError(TargetError):
    """The target does not hold what the source said."""


@dataclass
class TableDigest:
    """The digest of some rows of a table; `sums` as in `transcode.digest`, `rows` how many they are."""

    sums: Sums
    rows: int = 0

    @classmethod
    def empty(cls, table: TargetTable) -> "TableDigest":
        """Of no rows."""
        return cls(np.zeros(2 + len(table.columns), dtype=np.uint64))

    def add(self, other: "TableDigest") -> None:
        """Add other rows."""
        self.sums += other.sums
        self.rows += other.rows

    def take_away(self, other: "TableDigest") -> None:
        """Take rows away again."""
        self.sums -= other.sums
        self.rows -= other.rows

    @property
    def numbers(self) -> list[int]:
        """The sums as PostgreSQL's bigint holds them."""
        return [int(number) for number in self.sums.astype(np.int64)]

    @classmethod
    def of_numbers(cls, numbers: Iterable[int], rows: int) -> "TableDigest":
        """What `numbers` gave."""
        return cls(np.array(list(numbers), dtype=np.int64).astype(np.uint64), rows)


def provable(table: TargetTable) -> list[TargetColumn]:
    """The columns whose values come from the source; PostgreSQL computes the generated ones."""
    return [column for column in table.columns if column.cast.codec is not Codec.SKIP]


class Digester:
    """Digests COPY text with certain columns of a table."""

    def __init__(self, table: TargetTable, columns: list[TargetColumn]) -> None:
        self.table = table
        self.columns = columns
        self._kinds = np.array([kind_of(column.type) for column in columns], dtype=np.uint8)
        self._scales = np.array([scale_of(column.type) for column in columns], dtype=np.int64)
        places = {column.name: place for place, column in enumerate(table.columns)}
        self._places = np.array([places[column.name] for column in columns], dtype=np.int64)
        # A row's hash is worth comparing only when all of its columns are in it.
        self.whole = len(columns) == len(provable(table))

    def digest(self, text: npt.NDArray[np.uint8], size: int, rows: Sums = _NO_ROWS) -> TableDigest:
        """The digest of complete lines text[:size], which are followed by padding."""
        result = TableDigest.empty(self.table)
        scratch = np.empty(size + 2, dtype=np.uint8)  # no value is longer; hardly any of it is ever touched
        result.rows = native.digest(
            text, 0, size, self._kinds, self._scales, self._places, scratch, result.sums, rows
        )
        return result


def parts(session: Session, table: TargetTable, schema: str) -> list[str]:
    """The conditions that split a table into parts of about 64 MB, by the places of its rows on disk."""
    relation = ddl.literal(ddl.name(schema, table.name))
    [[size, block]] = session.query(
        f"select pg_relation_size({relation}::regclass), current_setting('block_size')::bigint"
    )
    pages = int(size) // int(block)
    step = PART_BYTES // int(block)
    starts = range(0, max(pages, 1), step)
    bounds = [
        f"ctid >= '({start},0)'" + (f" and ctid < '({start + step},0)'" if start + step < pages else "")
        for start in starts
    ]
    return bounds if len(bounds) > 1 else ["true"]


def target_lines(
    session: Session, table: TargetTable, schema: str, condition: str, zone: str | None
) -> Iterator[tuple[npt.NDArray[np.uint8], int]]:
    """What COPY gives back of a part of a table: `(text with padding, size)`."""
    session.run(f"set timezone = {ddl.literal(zone_of(zone))};" if zone else "reset timezone;")
    columns = ", ".join(ddl.name(column.name) for column in provable(table))
    query = f"select {columns} from {ddl.name(schema, table.name)} where {condition}"
    for room, size in session.copy_out(f"copy ({query}) to stdout", WIDTH):
        yield np.frombuffer(room, dtype=np.uint8), size


def target_digest(
    session: Session, table: TargetTable, schema: str, condition: str, zone: str | None
) -> TableDigest:
    """The digest of a part of a table in the target."""
    digester = Digester(table, provable(table))
    total = TableDigest.empty(table)
    for text, size in target_lines(session, table, schema, condition, zone):
        total.add(digester.digest(text, size))
    return total


def query_digest(session: Session, digester: Digester, query: str) -> TableDigest:
    """The digest of what a query gives, in the session's time zone; it has the digester's columns."""
    total = TableDigest.empty(digester.table)
    for room, size in session.copy_out(f"copy ({query}) to stdout", WIDTH):
        total.add(digester.digest(np.frombuffer(room, dtype=np.uint8), size))
    return total


def compare(table: TargetTable, source: TableDigest, target: TableDigest) -> str | None:
    """What differs between the digests of a table, in words; None when nothing does."""
    if source.rows == target.rows and bool((source.sums == target.sums).all()):
        return None
    if source.rows != target.rows:  # with a row go the values of all its columns
        return f"the source has {counted(source.rows, 'row')} and the target {target.rows:,}"
    columns = [
        column.name
        for place, column in enumerate(table.columns)
        if source.sums[2 + place] != target.sums[2 + place]
    ]
    return f"values differ in {', '.join(columns)}" if columns else "values have changed places between rows"
