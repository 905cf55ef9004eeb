"""Files of lines of fields, one line per row, as `SELECT … INTO OUTFILE` writes them and `LOAD DATA` reads them."""

from collections.abc import Iterator, Mapping

import numpy as np

from ..errors import InputError
from ..model import Database, Table
from ..transcode import native
from ..transcode.codecs import Line, Writing
from ..transcode.room import WIDTH
from . import charsets, dialect
from .dialect import Dialect
from .events import Bytes, Event, Rows, TableKey, Untranslated
from .lexer import Mode
from .session import Session
from .source import Source, SourceFile
from .window import Window

_MODES = {"hex": Writing.HEX, "base64": Writing.BASE64}
_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year", "bit"}
_GROWTH = 4  # the most bytes of literals for one byte of fields: an empty field and its tab are `'',`
_FIRST_LINE = 1 << 20  # bytes; a header is not longer


class TextFile(SourceFile):
    """The rows of one table. A first line that names the columns is taken for what it is.

    `columns` are the table's when they are not given; `encoded` says which of them are written in "hex" or "base64".
    `charset` is "binary" where every column is in its own, as mysqldump --tab writes them; `zone` is the TIME_ZONE of
    its timestamps. A dialect that is not `certain` is what is expected: the file itself may tell another. `skip` is the
    number of lines before the rows.
    """

    def __init__(
        self,
        source: Source,
        table: str,
        dialect: Dialect,
        *,
        database: str | None = None,
        columns: tuple[str, ...] | None = None,
        encoded: Mapping[str, str] | None = None,
        charset: str | None = None,
        zone: str | None = "+00:00",
        certain: bool = True,
        skip: int = 0,
    ) -> None:
        super().__init__(source)
        self._table = table
        self._dialect = dialect
        self._database = database
        self._columns = columns
        self._encoded = encoded or {}
        self._charset = charset
        self._zone = zone
        self._certain = certain
        self._skip = skip
        self.is_for_anyone = source.stands_alone

    def events(self, database: Database, session: Session) -> Iterator[Event]:
        """The rows, in chunks that are cut between lines."""
        if not session.reads(self.name):
            return
        key = self._key(database, session)
        session.variables["time_zone"] = self._zone or "SYSTEM"
        table = database.tables.get(key)
        if table is None and database.tables:
            yield Untranslated(
                self.name, 0, "", f"no table {self._table} is defined, whose rows these could be"
            )
            return
        window = Window(self._source)
        columns, modes = self._layout(table, window)
        while window.fill() or window.at < window.end:
            yield from self._chunks(window, key, table, columns, modes)
            if window.complete and window.at < window.end:
                raise InputError(
                    f"{self.name}: the file is cut off after byte {window.base + window.end}, in a field of the table "
                    f"{self._table}. Dump or copy it again"
                )

    def _key(self, database: Database, session: Session) -> TableKey:
        """The table that the file's name means; file names may have lost their case or their database."""
        wanted = self._database if self._database is not None else session.database
        if (wanted, self._table) in database.tables:
            return wanted, self._table
        lower = self._table.lower()
        keys = [key for key in database.tables if key[1].lower() == lower]
        same = [key for key in keys if key[0] == wanted] or (keys if self._database is None else [])
        return next(
            (key for key in same if key[1] == self._table), same[0] if same else (wanted, self._table)
        )

    def _layout(self, table: Table | None, window: Window) -> tuple[tuple[str, ...] | None, list[int]]:
        """The columns that the fields are for, None when nobody says so, and how each is written."""
        window.fill()
        for _ in range(self._skip):
            head = window.bytes(window.at, min(window.end, window.at + _FIRST_LINE))
            window.at = min(window.end, window.at + len(head.partition(b"\n")[0]) + 1)
        if not self._certain and table is not None:
            possible = [table.columns, [column for column in table.columns if column.generated is None]]
            kinds = [
                {column.name: column.type.name in _NUMBERS for column in columns} for columns in possible
            ]
            pairs = self._pairs(table, tuple(column.name for column in table.columns), len(table.columns))
            leads = np.flatnonzero(pairs.any(axis=0)).tolist()
            self._dialect = dialect.found(window.bytes(window.at, window.end), kinds, self._dialect, leads)
        line = window.bytes(window.at, min(window.end, window.at + _FIRST_LINE))
        count = self._field_count(window)
        columns = self._columns
        if columns is None and table is not None:
            every = tuple(column.name for column in table.columns)
            stored = tuple(column.name for column in table.columns if column.generated is None)
            columns = stored if count == len(stored) else every
            head, end, _ = line.partition(b"\n")
            if end and _names(head, self._dialect) == [name.lower() for name in columns]:
                window.at += len(head) + 1
        if columns is None:
            return None, [Writing.TEXT] * count
        return columns, [
            _MODES[self._encoded[name]] if name in self._encoded else Writing.TEXT for name in columns
        ]

    def _field_count(self, window: Window) -> int:
        """How many fields the first line has."""
        separator, enclosure, escape, line_end = self._dialect.marks
        count, at, inside = 1, window.at, False
        while at < window.end:
            byte = int(window.data[at])
            if byte == escape and escape:
                at += 1
            elif byte == enclosure and enclosure:
                inside = not inside
            elif byte == line_end and not inside:
                if self._dialect.returns < 2 or window.data[at - 1] == 0x0D:
                    break
            elif byte == separator and not inside:
                count += 1
            at += 1
        return count

    def _chunks(
        self,
        window: Window,
        key: TableKey,
        table: Table | None,
        columns: tuple[str, ...] | None,
        modes: list[int],
    ) -> Iterator[Rows]:
        """The lines that are whole in the window; what is left of it is part of one."""
        kinds = np.array(modes, dtype=np.uint8)
        marks = self._dialect.marks
        pairs = self._pairs(table, columns, len(modes))
        while window.at < window.end:
            size = window.end - window.at
            most = int(np.count_nonzero(window.data[window.at : window.end] == marks[3])) + 1
            out = np.empty(_GROWTH * size + 16 * len(modes) + WIDTH, dtype=np.uint8)
            places = np.empty((2, most), dtype=np.int64)
            status, at, made, rows = native.literals(
                window.data, window.at, window.end, window.complete, *marks, self._dialect.returns,
                kinds, pairs, out, places,
            )  # fmt: skip
            offset, window.at = window.offset, int(at)
            if rows:
                places = places[:, :rows]
                places[1] += window.base
                window.shrink()
                out[made : made + WIDTH] = 0
                yield Rows(
                    key,
                    columns,
                    out[: made + WIDTH],
                    int(made),
                    0,
                    int(rows),
                    self.name,
                    offset,
                    Mode(),
                    self._charset or "binary",
                    self._zone,
                    places,
                    snapshot=True,
                )
                del out  # the next line is read without it
            if status != Line.DONE:
                raise self._error(status, window, len(modes))
            if not rows:
                return

    def _pairs(self, table: Table | None, columns: tuple[str, ...] | None, count: int) -> Bytes:
        """The bytes that start a pair, for each column whose character set has pairs that look like an escape."""
        marks = np.zeros((count, 256), dtype=np.uint8)
        own = self._charset in (None, "binary")
        for place, name in enumerate(columns or ()):
            column = next((one for one in table.columns if one.name == name), None) if table else None
            used = charsets.of_column(table, column) if own and table and column else self._charset
            charset = charsets.of(used or "binary")
            if charset is not None and charset.lead_bytes:
                marks[place, list(charset.lead_bytes)] = 1
        return marks

    def _error(self, status: int, window: Window, columns: int) -> InputError:
        line = (
            window.bytes(window.at, min(window.end, window.at + 80))
            .split(b"\n")[0]
            .decode("utf-8", "replace")
        )
        reason = (
            f"does not have the {columns} fields of the table {self._table}"
            if status == Line.COLUMNS
            else "has a field that is not in base64"
        )
        way_out = (
            ""
            if self._certain
            else ". If its marks are others, name a file of SQL with its LOAD DATA instead"
        )
        return InputError(f"{self.name}: the line at byte {window.offset} {reason}: {line}{way_out}")


def _names(line: bytes, used: Dialect) -> list[str]:
    text = line.decode("utf-8", "replace").rstrip("\r")
    return [name.strip(used.enclosure or None).lower() for name in text.split(used.separator)]
