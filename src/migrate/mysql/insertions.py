"""The rows of INSERT and REPLACE, in chunks that are cut between rows."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..errors import InputError
from ..model import Duplicates, Table
from ..transcode import native
from ..transcode.codecs import Boundary
from . import questions
from .events import WINDOW, Bytes, Change, Event, Rows, TableKey, padded
from .inserts import CutOffError, Form, Head, assignments, head, update_of
from .lexer import Kind
from .literals import LAST_GIVEN
from .script import Script
from .statement import Statement

NO_HEAD = np.zeros(1, dtype=np.uint8)
_MOST_HELD = 8 * WINDOW  # bytes of a statement that wait for its end: it may say what becomes of duplicates


class Insertions(Script):
    """The statements that bring rows."""

    def _insert(self) -> Iterator[Event]:
        found = self._insert_head()
        window = self._window
        if found is None or found.form is not Form.VALUES:
            offset, sql = self._whole_statement()
            if found is None:
                yield self._untranslated(offset, sql)
                return
            if found.form is Form.QUERY:
                yield from self._queried(found, offset, sql)
                return
            assigned, row, tail = assignments(sql[found.size :], self.session.mode)
            made = self._made(found.table, assigned, row, 1, offset)
            yield self._with_tail(replace(made, duplicates=found.duplicates), tail)
            return
        table, size = found.table, found.size
        head_bytes = window.data[window.at : window.at + size].copy()
        if self._is_empty(window.at + size):
            offset, sql = self._whole_statement()
            made = self._empty_rows(table, sql[size:].count(b"("), offset)
            yield replace(made, duplicates=found.duplicates)
            return
        window.at += size
        if found.columns is None and (stored := self._stored(found.table)):
            head_bytes = NO_HEAD  # each statement may leave them out or not
            if self._counts(stored):
                found = found._replace(columns=stored)
        counted = 0
        escapes = self.session.mode.backslash_escapes
        held: deque[Rows] = deque()
        while True:
            begin = window.at
            state, position, rows = native.scan_rows(
                window.data, begin, window.end, head_bytes, escapes, begin + window.stretch, self._leads
            )
            # Where rows ask, each statement is one: things change between them.
            if self._asks(window.data[begin:position]) or self._queries(window.data, begin, int(position)):
                state, position, rows = native.scan_rows(
                    window.data, begin, window.end, NO_HEAD, escapes, begin + window.stretch, self._leads
                )
            window.at = int(position)
            if rows:
                held.append(self._rows(found, begin, int(rows)))
            if state == Boundary.ENDED:
                yield from map(self._numbered, held)
                return
            if state == Boundary.ODD:
                # ON DUPLICATE KEY UPDATE …, or another delimiter.
                _, tail = self._taken(*min(self._ends(b";", self.session.delimiter)))
                if len(held) == 1 and held[0].rows == 1 and not self._asks(held[0].data):
                    held.append(self._alike(held.pop(), head_bytes, tail))
                yield from (self._numbered(self._with_tail(one, tail)) for one in held)
                return
            counted += int(rows)
            most = 0 if self._trailer_due else _MOST_HELD
            while sum(one.size for one in held) > most:
                yield self._numbered(held.popleft())
            if state == Boundary.MORE and not window.fill():
                if counted and self._ends_open():
                    yield from map(self._numbered, held)
                    window.at = window.end
                    return
                raise InputError(
                    f"{self._source.name}: the dump is cut off after byte {window.base + window.end}, in the rows of "
                    f"the table {table[1]}. Dump or copy it again"
                )

    def _insert_head(self) -> Head | None:
        """What the statement at `at` says before its rows; None when it is no INSERT that is understood."""
        window = self._window
        wanted = 1 << 12
        while True:
            text = window.bytes(window.at, min(window.end, window.at + wanted))
            try:
                return self._once_more(head(self._head_tokens(text), len(text), self.session.database))
            except (CutOffError, InputError):
                if len(text) < wanted and not window.fill():
                    self._statement_end()  # says that the dump is cut off
                    if self._open:
                        raise self._cut_off() from None
                    return None
                wanted *= 4

    def _once_more(self, found: Head) -> Head:
        """Rows of a table that is made twice: MySQL refuses those that are there already, and the rest goes on."""
        twice = found.table in self.session.twice and found.duplicates is Duplicates.REFUSED
        return found._replace(duplicates=Duplicates.IGNORED) if twice else found

    def _is_empty(self, at: int) -> bool:
        """Whether the first row is `()`, which stands for a row of defaults."""
        window = self._window
        return window.bytes(at, min(window.end, at + 256)).replace(b" ", b"").lstrip().startswith(b"()")

    def _empty_rows(self, table: TableKey, count: int, offset: int) -> Rows:
        definition = self._definition(table)
        if definition is None or not definition.columns:
            raise InputError(f"a row of defaults for the table {table[1]}, which is not defined before it")
        column = next((c for c in definition.columns if c.auto_increment), definition.columns[0])
        row = b"(NULL)" if column.auto_increment else b"(DEFAULT)"
        return self._made(table, (column.name,), b",".join([row] * count), count, offset)

    def _definition(self, table: TableKey) -> Table | None:
        return self.database.tables.get(table)

    def _stored(self, table: TableKey) -> tuple[str, ...]:
        """The columns of a table but for the generated ones; nothing when it has none of those."""
        definition = self._definition(table)
        if definition is None or all(column.generated is None for column in definition.columns):
            return ()
        return tuple(c.name for c in definition.columns if c.generated is None and not c.invisible)

    def _counts(self, columns: tuple[str, ...]) -> bool:
        """Whether the row at `at` has just as many values.

        phpMyAdmin leaves generated columns out without saying so. MySQL itself refuses that, but it is no riddle.
        """
        values = depth = 0
        window = self._window
        for token in self._head_tokens(window.bytes(window.at, min(window.end, window.at + WINDOW))):
            if token.kind is Kind.MARK:
                values += depth == 1 and token.text in (",", ")")
                depth += {"(": 1, ")": -1}.get(token.text, 0)
                if depth == 0:
                    break
        return values == len(columns)

    def _with_tail(self, rows: Rows, tail: bytes) -> Rows:
        """The rows with what follows them in their statement."""
        definition = self._definition(rows.table)
        columns = rows.columns or (definition.listed if definition else ())
        update = update_of(
            Statement(self._decoded(tail), self.session.mode, mariadb=self.session.mariadb), columns
        )
        return replace(rows, duplicates=Duplicates.UPDATED, update=update) if update else rows

    def _alike(self, rows: Rows, head_bytes: Bytes, tail: bytes) -> Rows:
        """This row and those of the statements after it that begin and end the same, as one chunk."""
        window = self._window
        text = [rows.data[: rows.size].tobytes()]
        places = [(0, rows.offset)]
        size = rows.size
        end = tail + b";"
        while size < WINDOW:
            if window.end - window.at < WINDOW // 2:
                window.fill()
            at = int(native.skip_blank(window.data, window.at, window.end))
            begin = at + len(head_bytes)
            if at < 0 or window.bytes(at, begin) != head_bytes.tobytes():
                break
            state, position, more = native.scan_rows(
                window.data, begin, window.end, head_bytes, self.session.mode.backslash_escapes,
                begin + WINDOW, self._leads,
            )  # fmt: skip
            position = int(position)
            if state != Boundary.ODD or more != 1 or window.bytes(position, position + len(end)) != end:
                break
            places.append((size + 1, window.base + begin))
            text.append(window.bytes(begin, position))
            size += 1 + position - begin
            window.at = position + len(end)
        if len(text) == 1:
            return rows
        return replace(
            rows,
            data=padded(b",".join(text)),
            size=size,
            head_size=0,
            rows=len(text),
            places=np.array(places, dtype=np.int64).T.copy(),
        )

    def _rows(self, found: Head, begin: int, rows: int) -> Rows:
        """The rows from `begin` to where the window is now."""
        window = self._window
        size, offset = window.at - begin, window.base + begin
        return Rows(
            found.table,
            found.columns,
            window.taken(begin),
            size,
            found.size,
            rows,
            self._source.name,
            offset,
            self.session.mode,
            self.session.charset,
            self.session.time_zone,
            duplicates=found.duplicates,
            has_range=self._source.has_ranges,
        )

    def _made(
        self, table: TableKey, columns: tuple[str, ...] | None, text: bytes, rows: int, offset: int
    ) -> Rows:
        """Rows whose text is not the source's own."""
        data = padded(text)
        places = np.array([[0], [offset]], dtype=np.int64)
        session = self.session
        return self._numbered(
            Rows(
                table,
                columns,
                data,
                len(text),
                0,
                rows,
                self._source.name,
                offset,
                session.mode,
                session.charset,
                session.time_zone,
                places,
            )
        )

    def _asks(self, data: Bytes) -> bool:
        """Whether rows ask for the number that MySQL gave last; its own dumps never do."""
        if self._trailer_due or not self.session.counters.have_given:
            return False
        text = data.tobytes()
        return b"LAST_INSERT_ID" in text or b"last_insert_id" in text

    def _queries(self, data: Bytes, start: int, end: int) -> bool:
        """Whether values of rows are queries; in mysqldump's own dumps they never are."""
        if self._trailer_due:
            return False
        mode = self.session.mode
        return any(
            native.find_delimiter(
                data,
                start,
                end,
                np.frombuffer(form, np.uint8),
                mode.backslash_escapes,
                mode.ansi_quotes,
                self._leads,
            )
            >= 0
            for form in questions.beginnings(data[start:end].data)
        )

    def _answered(self, rows: Rows) -> Rows:
        """The rows with the answers to their queries."""
        before = rows.data[: rows.size].tobytes()
        text, starts = questions.answered(
            before, rows.mode, lambda query: self.session.answer(self._decoded(query))
        )
        if text == before:
            return rows
        places = np.array([(new, rows.place(old)) for new, old in starts], dtype=np.int64).T.copy()
        return replace(rows, data=padded(text), size=len(text), places=places)

    def _numbered(self, rows: Rows) -> Rows:
        if self._queries(rows.data, 0, rows.size):
            rows = self._answered(rows)
        last = self.session.counters.last if self._asks(rows.data) else b"0"
        guessed = self.session.guesses_charset
        rows = replace(rows, variables={**self.session.own, LAST_GIVEN: last}, guessed=guessed)
        if not self._trailer_due and not self._part:
            rows = replace(rows, strict=self.session.strict and rows.duplicates is not Duplicates.IGNORED)
        definition = self._definition(rows.table)
        written_out = self._trailer_due and self.session.keeps_zero and rows.columns is None
        if definition is None or written_out:  # mysqldump leaves no number to be given
            return rows
        keep_zero = self.session.keeps_zero or self._part  # of a folder, whose loader sets the mode itself
        return self.session.counters.number(rows, definition, keep_zero=keep_zero)

    def _queried(self, found: Head, offset: int, sql: bytes) -> Iterator[Event]:
        """INSERT … SELECT, whose rows get the numbers that MySQL gives them where they bring none."""
        table = self._definition(found.table)
        first = self.session.counters.following(table) if table else None
        if table is not None and first is not None:
            table = self.database.tables[found.table] = replace(table, auto_increment=first)
        yield self._change(offset, sql)
        if table is None or first is None or found.columns is None:
            return
        own = {column.name.lower() for column in table.columns if column.auto_increment}
        if found.duplicates is Duplicates.REFUSED and own.isdisjoint(map(str.lower, found.columns)):
            self.session.counters.gave(table, first)

    def _change(self, offset: int, sql: bytes) -> Change:
        text = self.session.known(self._decoded(sql))
        canonical = Statement(text, self.session.mode, mariadb=self.session.mariadb).canonical(0, len(text))
        shown = self._decoded(sql).decode("utf-8", "replace")
        session = self.session
        ignoring = "IGNORE" in canonical.upper().split(maxsplit=3)[1:3]
        return Change(
            self._source.name, offset, shown, canonical, session.database,
            session.checks_references, session.strict and not ignoring,
        )  # fmt: skip
