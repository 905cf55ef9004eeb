"""AUTO_INCREMENT: the numbers that MySQL gives to rows that bring none.

Other rows point at those numbers, so they are given here, in the order of the rows, as MySQL does (Reference Manual,
"Using AUTO_INCREMENT"): the next number is one more than the highest so far.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..errors import InputError
from ..model import Column, Table
from ..transcode import decoding, native
from ..transcode.codecs import Boundary
from . import charsets
from .events import Rows, TableKey, padded

Highest = Callable[[TableKey, Column], int | None]

_NO_HEAD = np.zeros(1, dtype=np.uint8)  # a statement's head that is none: each statement is scanned alone
_LONGEST = 21  # bytes of a number and the comma after it
_RESERVING = "", "INNODB"  # engines that take numbers before they know whether they need them
_MOST_TAKEN = 2**16 - 1  # numbers at once


def _unknown(_table: TableKey, _column: Column) -> int:
    return 0


class Counters:
    """The next number of every table.

    `highest` tells the highest number in a column among the rows that are there, since some may have come another way;
    None where nobody can tell.
    """

    def __init__(self) -> None:
        self.highest: Highest = _unknown
        self._next: dict[TableKey, int] = {}
        # What the tables said when their numbers were counted last.
        self._declared: dict[TableKey, int | None] = {}
        self._doubtful: set[TableKey] = set()
        # The last rows that came without numbers, and the number after theirs; not known where a server gave some.
        self._last: tuple[Rows, int] | None = None
        self._first: int | None = None  # that a query's rows were given since
        self._last_known = True

    def forget(self, table: TableKey) -> None:
        """The table is dropped or emptied: numbers begin again."""
        self._next.pop(table, None)

    def doubt(self, table: TableKey, *, came: bool = True) -> None:
        """The table was changed by what is not seen here; whether rows came that way."""
        self._doubtful.add(table)
        self._last_known = self._last_known and not came

    def following(self, table: Table) -> int | None:
        """The number that the next row of a table is given; None where it has none, or nobody can tell."""
        key = table.database, table.name
        column = next((column for column in table.columns if column.auto_increment), None)
        highest = self.highest(key, column) if column else None
        if highest is None:
            return None
        return max(self._next.get(key, 1), table.auto_increment or 1, highest + 1)

    def gave(self, table: Table, first: int) -> None:
        """The rows of a query were given numbers from this one on, where there are such now.

        InnoDB takes 1, 2, 4 and so on for them, as it does not know how many will come; what is left over is lost.
        """
        rows = (self.following(table) or first) - first
        if rows <= 0:
            return
        self._first, self._last_known = first, True
        taken = size = 1
        while taken < rows:
            size = min(2 * size, _MOST_TAKEN)
            taken += size
        if table.engine in _RESERVING:
            self._next[table.database, table.name] = first + taken
            self._declared[table.database, table.name] = table.auto_increment

    def rename(self, old: TableKey, new: TableKey) -> None:
        """The table has another name."""
        if old in self._next:
            self._next[new] = self._next.pop(old)
            self._declared[new] = self._declared.pop(old, None)

    @property
    def have_given(self) -> bool:
        """Whether any row was given a number."""
        return self._last is not None or self._first is not None or not self._last_known

    @property
    def last(self) -> bytes | None:
        """LAST_INSERT_ID(): the first number that the last statement's rows were given, None when that is not known."""
        if not self._last_known:
            return None
        if self._first is not None:
            return str(self._first).encode()
        if self._last is None:
            return b"0"
        rows, after = self._last
        at = count = 0
        state = Boundary.ENDED
        leads = decoding.leads(charsets.of(rows.charset))
        while at < rows.size and state == Boundary.ENDED:
            state, at, count = native.scan_rows(
                rows.data, at, rows.size, _NO_HEAD, rows.mode.backslash_escapes, rows.size, leads
            )
            at = int(native.skip_blank(rows.data, at, rows.size)) + rows.head_size
        return str(after - int(count)).encode()

    def _highest(self, table: TableKey, column: Column) -> int:
        highest = self.highest(table, column)
        if highest is None:
            raise InputError(
                f"rows of {table[1]} bring no number after those of a query or of a column that did not count, whose "
                "numbers only a running server knows: load into one (--to) instead"
            )
        return highest

    def number(self, rows: Rows, table: Table, *, keep_zero: bool) -> Rows:
        """The rows with every number in its place; `keep_zero` is sql_mode's NO_AUTO_VALUE_ON_ZERO."""
        column = next((column for column in table.columns if column.auto_increment), None)
        if column is None:
            return rows
        named = [name.lower() for name in rows.columns or table.listed]
        place = named.index(column.name.lower()) if column.name.lower() in named else -1
        if self._declared.get(rows.table) != table.auto_increment:  # ALTER TABLE set the counter
            self.forget(rows.table)
        self._declared[rows.table] = table.auto_increment
        following = self._next.get(rows.table, table.auto_increment or 1)
        if rows.table not in self._next:
            self._doubtful.add(rows.table)
        escapes = rows.mode.backslash_escapes
        leads = decoding.leads(charsets.of(rows.charset))
        strict = rows.strict is not False
        missing = rows.rows
        if place >= 0:
            highest, missing = native.look(
                rows.data, rows.size, rows.head_size, place, keep_zero, strict, escapes, leads
            )
            if not missing:
                self._next[rows.table] = max(following, highest + 1)
                return rows
        if group := table.counted_within(column):
            raise InputError(
                f"rows of {table.name} bring no number for {column.name}, which MySQL counts within each {group}: "
                "write the numbers in their place"
            )
        if rows.table in self._doubtful:
            following = max(following, self._highest(rows.table, column) + 1)
            self._doubtful.discard(rows.table)
        out = np.empty(rows.size + _LONGEST * rows.rows, dtype=np.uint8)
        places = np.empty((2, rows.rows), dtype=np.int64)
        apart = rows.update and rows.places is not None  # rows of statements of their own
        reserves = table.engine in _RESERVING and missing < rows.rows and not apart
        size, self._next[rows.table] = native.fill(
            rows.data, rows.size, rows.head_size, place, keep_zero, strict, reserves, escapes, leads,
            following, out, places,
        )  # fmt: skip
        self._last, self._first = (rows, self._next[rows.table]), None
        self._last_known = missing == rows.rows
        places[1] = [rows.place(int(at)) for at in places[1]]
        columns = rows.columns
        if place < 0:
            columns = (column.name, *(rows.columns or ()))
        return replace(rows, columns=columns, data=padded(out[:size]), size=size, places=places)
