"""Reading SQL dumps: what their statements say, in order.

Session state that changes the meaning of later text (`SET NAMES`, `sql_mode`, `TIME_ZONE`, `USE`, `DELIMITER`) is
obeyed.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np

from ..errors import InputError
from ..model import Alteration, Database, Duplicates, Table
from ..transcode import native
from . import computed, ddl, history, load_data, partitions, selections
from .coordinates import of_statement
from .events import Change, Dropped, Event, Rows, TableKey, Untranslated, padded
from .insertions import NO_HEAD, Insertions
from .inserts import CutOffError, Form, assignments, head
from .lexer import Mode, tokens
from .load_data import LoadData
from .script import Beside
from .selections import Selection
from .session import Session
from .source import Source, SourceFile
from .statement import Statement
from .tables import TwiceError
from .textfile import TextFile
from .window import Window

_TRAILER = b"-- Dump completed"
# Statements that change nothing which a target has to follow.
_IGNORED = {
    "LOCK", "UNLOCK", "BEGIN", "COMMIT", "START", "FLUSH", "ANALYZE", "OPTIMIZE", "CHECK", "REPAIR",
    "CHANGE", "RESET", "PURGE", "SHOW", "SELECT", "HANDLER", "SAVEPOINT", "RELEASE", "DO", "STOP", "WARNINGS",
    "DESC", "DESCRIBE", "EXPLAIN", "HELP", "CHECKSUM", "CACHE", "KILL", "GET",
}  # fmt: skip
# Commands of the mysql client's own, which end with their line.
_OF_CLIENT = {"TEE", "NOTEE", "PAGER", "NOPAGER", "PROMPT", "SYSTEM", "STATUS", "REHASH", "NOWARNING"}
_KNOWN = _IGNORED | _OF_CLIENT | {
    "CREATE", "DROP", "ALTER", "RENAME", "INSERT", "REPLACE", "SET", "USE", "DELIMITER", "GRANT", "REVOKE", "TRUNCATE",
    "UPDATE", "DELETE", "CALL", "ROLLBACK", "LOAD", "PREPARE", "EXECUTE", "DEALLOCATE", "INSTALL", "WITH", "VALUES",
    "SOURCE", "\\",
}  # fmt: skip
_COMMENT = re.compile(rb"\A/\*M?!\d*|\*/\s*\Z")  # around a statement, from some version on
_CALLED = "procedures are not called: write what it carries out in its place, or dump the tables after it"
_UNKNOWN = "what is prepared is only known to a server"


def rank(head: bytes) -> int:
    """The place of a file among others: 0 where it defines tables or databases, 1 where it begins with rows."""
    text = head.upper()
    rows = any(word in text for word in (b"INSERT ", b"REPLACE INTO"))
    return 1 if rows and b"CREATE TABLE" not in text else 0


class Dump(SourceFile):
    """A file of SQL.

    A `part` of a dump that is made of many files is read by a session of its own, and may hold nothing; `database` is
    the one it is about, `rank` its place among the others, and `beside` finds the files that it names. One of `rows`
    has nothing else, and those of one table.
    """

    def __init__(
        self,
        source: Source,
        *,
        part: bool = False,
        database: str | None = None,
        rank: int = 0,
        beside: Beside | None = None,
        rows: bool = False,
    ) -> None:
        super().__init__(source)
        self._part = part
        self._database = database
        self._beside = beside
        self.rank = rank
        self.is_for_anyone = rows and source.stands_alone

    @property
    def has_ranges(self) -> bool:
        """Whether its rows can be read by their places."""
        return self._source.has_ranges

    def events(self, database: Database, session: Session) -> Iterator[Event]:
        """What the file says, in order."""
        if not session.reads(self.name):
            return
        if self._part:
            session.restart(self._database)
        yield from Reader(self._source, database, session, part=self._part, beside=self._beside)


class _HalfReadError(InputError):
    """A file that a statement names cannot be read to its end."""


class Reader(Insertions):
    """The events of one SQL dump; definitions go into `database`, session state into `session`."""

    def __iter__(self) -> Iterator[Event]:
        window = self._window
        self.session.delimiter = b";"
        self.session.restored = False
        window.fill()
        self._read_header()
        first = True
        while self._skip_to_statement():
            start = window.offset
            if (said := self._said()) is not None:
                yield from said
                continue
            word = self._first_word()
            if first and (word not in _KNOWN or self._foreign):
                whose = self._foreign or f"no SQL statement starts at byte {start}"
                yield Untranslated(self._source.name, 0, "", f"this is not a MySQL dump: {whose}")
                return
            first = False
            try:
                yield from self._without_history(self._statement(word))
            except InputError as error:
                if str(error).startswith(self._source.name):
                    raise
                raise InputError(f"{self._source.name}: the statement at byte {start}: {error}") from error
            window.shrink()
        for table, rows in self._past.items():
            reason = (
                f"{rows} rows of {table[1]} that were changed or deleted are left out: PostgreSQL keeps none"
            )
            yield Untranslated(self._source.name, window.offset, "system versioning", reason)
        if self._open:
            reason = "it ends without a delimiter: what was there was read, but the file may be cut off there"
            yield Untranslated(self._source.name, window.offset, "", reason)
        if first and not self._trailer_due and not self._part:
            raise InputError(f"{self._source.name}: there is no SQL statement in it")
        if (
            self._trailer_due
            and not self.session.restored
            and _TRAILER not in window.bytes(max(0, window.end - 4096), window.end)
        ):
            raise InputError(
                f"{self._source.name}: the dump is cut off after byte {window.base + window.end}: its last line should "
                "say “-- Dump completed”. Dump or copy it again, or add that line if it was taken away on purpose"
            )

    def _without_history(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, Rows) and history.is_kept_with(event, self._definition(event.table)):
                rows, past = history.current(event)
                self._past[rows.table] = self._past.get(rows.table, 0) + past
                if rows.rows:
                    yield rows
            else:
                yield event
            del event  # rows may be long: whoever has them lets them go, and nobody else holds them

    def _statement(self, word: str) -> Iterator[Event]:
        if word == "DELIMITER" or self._window.bytes(self._window.at, self._window.at + 2) == b"\\d":
            self._delimiter()
        elif word in _OF_CLIENT:
            self._take_until(b"\n")
        elif word == "USE":
            self._use()
        elif word in ("SOURCE", "\\"):
            yield from self._included()
        elif word in ("INSERT", "REPLACE") and self._window.data[self._window.at] != 0x2F:
            yield from self._insert()
        else:
            yield from self._other(word)

    def _delimiter(self) -> None:
        line = self._take_until(b"\n")
        words = (line[:2] + b" " + line[2:] if line[:1] == b"\\" else line).split()
        if len(words) < 2:
            raise InputError("DELIMITER has no value")
        self.session.delimiter = words[1]

    def _use(self) -> None:
        """USE ends with its line, as for the mysql client, or before that with the delimiter."""
        text = self._take_until(b"\n")
        line, *_ = text.split(self.session.delimiter)
        self._window.at -= len(text) - len(line)
        statement = Statement(line, self.session.mode, mariadb=self.session.mariadb)
        statement.expect("USE")
        self.session.database = statement.name()

    def _included(self) -> Iterator[Event]:
        """The file that the mysql client is told to read here (`source FILE`, or `\\. FILE`), as part of this one."""
        offset = self._window.offset
        line = self._take_until(b"\n")
        words = line.removesuffix(b"\r").strip().removesuffix(self.session.delimiter).split(maxsplit=1)
        wanted = words[1].strip(b" '\"").decode("utf-8", "surrogateescape") if len(words) == 2 else ""
        found = self._beside(wanted)
        if found is None:
            reason = f"there is no file {wanted} beside it: name that file as well"
            yield Untranslated(self._source.name, offset, line.decode("utf-8", "replace"), reason)
            return
        if self.session.reads(found.name):
            delimiter = self.session.delimiter
            try:
                yield from Reader(found, self.database, self.session, part=True, beside=self._beside)
            finally:
                found.close()
            self.session.delimiter = delimiter

    def _other(self, word: str) -> Iterator[Event]:
        offset, sql = self._whole_statement()
        try:
            yield from self._obey(word, offset, sql)
        except InputError as error:
            if isinstance(error, _HalfReadError):
                raise
            if isinstance(error, TwiceError):
                self.session.twice.add(error.key)
            # What MySQL would refuse as well, or is not known here: all else of the dump has its use without it.
            yield self._untranslated(offset, sql, f"it is left out: {error}")

    def _obey(self, word: str, offset: int, sql: bytes) -> Iterator[Event]:
        statement = Statement(self._decoded(sql), self.session.mode, mariadb=self.session.mariadb)
        if statement.at_end():
            return
        if word == "CHANGE" or b"gtid" in sql[:100].lower():
            self.session.coordinates.update(of_statement(sql.decode("utf-8", "replace")))
        if statement.accept("SET"):
            clock = self.session.has_clock
            self.session.assign(statement)
            if self.session.has_clock and not clock:
                yield self._untranslated(offset, sql, "rows that ask for the time get that of the load")
        elif statement.accept("USE"):
            self.session.database = statement.name()
        elif word in ("PREPARE", "DEALLOCATE") or statement.at_words("DROP", "PREPARE"):
            if not self.session.prepare(statement):
                yield self._untranslated(offset, sql, _UNKNOWN)
        elif word == "EXECUTE" and not statement.at_words("EXECUTE", "IMMEDIATE"):
            yield from self._executed(offset, sql, self.session.executed(statement))
        elif statement.token.is_word("DROP"):
            understood = ddl.apply(
                self.database,
                self.session.database,
                statement,
                checks_references=self.session.checks_references,
            )
            dropped, self.database.dropped = self.database.dropped, []
            for key in dropped:
                self.session.counters.forget(key)
                yield Dropped(key)
            if not understood:
                yield self._untranslated(offset, sql)
        elif (emptied := self._emptied(statement)) is not None:
            yield Dropped(emptied)
        elif word in ("UPDATE", "DELETE"):
            yield self._change(offset, sql)
        elif word in ("INSERT", "REPLACE"):  # in a comment that servers open
            yield from self._executed(offset, sql, _COMMENT.sub(b"", sql))
        elif word == "ALTER" and (taken := partitions.emptied(statement)) is not None:
            yield self._taken_away(offset, sql, *taken)
        elif word in ("SELECT", "DO"):
            self.session.select(self._decoded(sql))
            ddl.set_sequence(self.database, self.session.database, statement)
        elif word == "ROLLBACK":
            yield self._untranslated(offset, sql, "what came before it is kept: take it out of the source")
        elif word == "LOAD" and statement.at_words("LOAD", "DATA"):
            said = load_data.read(statement)
            try:
                yield from self._loaded(offset, sql, said)
            except InputError as error:  # some of its rows may be on their way
                raise _HalfReadError(str(error)) from error
        elif (made := self._selection(statement)) is not None:
            yield from self._selected(made, offset, sql)
        elif word not in _IGNORED:
            if not ddl.apply(self.database, self.session.database, statement):
                yield self._untranslated(offset, sql, _CALLED if word == "CALL" else None)
            yield from self._alterations(offset)

    def _taken_away(self, offset: int, sql: bytes, named: tuple[str | None, str], parts: set[str]) -> Change:
        """The rows of partitions go; these themselves stay, since no row is told by where it lies."""
        own, name = named
        key = own or self.session.database, name
        table = self._definition(key)
        if table is None or table.partitioned is None:
            raise InputError(f"the table {name} has no partitions")
        path = ".".join("`" + part.replace("`", "``") + "`" for part in (own, name) if part)
        where = f" where {partitions.condition(table, parts)}" if parts else ""
        change = self._change(offset, f"delete from {path}{where}".encode("utf-8", "surrogateescape"))
        return replace(change, sql=sql.decode("utf-8", "replace"))

    def _executed(self, offset: int, sql: bytes, text: bytes | None) -> Iterator[Event]:
        """What a prepared statement does."""
        mode = self.session.mode
        word = next(tokens(text or b"", mode, mariadb=self.session.mariadb)).text.upper()
        if text is None or word in ("PREPARE", "EXECUTE"):
            yield self._untranslated(offset, sql, _UNKNOWN)
            return
        if word not in ("INSERT", "REPLACE"):
            yield from self._obey(word, offset, text)
            return
        try:
            found = self._once_more(head(tokens(text, mode), len(text), self.session.database))
        except CutOffError as error:
            raise InputError("it is no statement that MySQL takes") from error
        if found.form is Form.QUERY:
            yield self._change(offset, text)
            return
        columns, rows = found.columns, text[found.size :]
        if found.form is Form.SET:
            columns, rows, _ = assignments(rows, mode)
        data = padded(rows)
        _, end, count = native.scan_rows(data, 0, len(rows), NO_HEAD, mode.backslash_escapes, len(rows))
        made = self._made(found.table, columns, rows[: int(end)], int(count), offset)
        yield self._with_tail(replace(made, duplicates=found.duplicates), rows[int(end) :])

    def _alterations(self, offset: int) -> Iterator[Alteration]:
        altered, self.database.altered = self.database.altered, []
        for one in altered:
            self.session.counters.rename(one.table, (one.became.database, one.became.name))
            yield replace(one, strict=self.session.strict, place=f"{self._source.name}, byte {offset}")

    def _selection(self, statement: Statement) -> Selection | None:
        session = self.session
        return selections.create(
            self.database, session.database, statement, session.mode, mariadb=session.mariadb
        )

    def _selected(self, made: Selection, offset: int, sql: bytes) -> Iterator[Event]:
        """The rows of CREATE TABLE … SELECT."""
        if made.values is not None:
            yield self._made(made.table, made.columns, made.values, 1, offset)
        else:
            change = self._change(offset, made.insert)
            yield replace(change, sql=sql.decode("utf-8", "replace"))

    def _loaded(self, offset: int, sql: bytes, said: LoadData) -> Iterator[Event]:
        """The rows of LOAD DATA."""
        found = self._beside(said.file)
        if found is None:
            reason = f"there is no file {said.file} beside it: put it there"
            yield self._untranslated(offset, sql, reason)
            return
        if not said.plain:
            with closing(found):
                yield from self._computed(found, said, offset)
            return
        if self._part:  # a tool's own file, which has no row twice
            said = replace(said, duplicates=Duplicates.REFUSED)
        zone = self.session.time_zone
        text = TextFile(
            found,
            said.table,
            said.dialect,
            database=said.database or self.session.database,
            columns=said.columns,
            encoded=said.encoded,
            charset=said.charset or self.session.charset,
            zone=zone,
            skip=said.skip,
        )
        with closing(text):
            for event in text.events(self.database, self.session):
                if isinstance(event, Rows):
                    yield self._numbered(replace(event, snapshot=False, duplicates=said.duplicates))
                else:
                    yield event

    def _computed(self, file: Source, said: LoadData, offset: int) -> Iterator[Event]:
        """The rows of a LOAD DATA that are computed from its lines."""
        session = self.session
        name = file.name if session.reads(file.name) else f"{file.name}, for the statement at byte {offset}"
        key = said.database or session.database, said.table
        table = self._definition(key)
        columns = said.names or (tuple(table.listed) if table else ())
        named = tuple(name for name in columns if not name.startswith("@"))
        named += tuple(name for name in said.computed if name not in named)
        for lines in computed.rows(Window(file), said, columns, session.reading):
            made = Rows(
                key, named, padded(lines.text), len(lines.text), 0, len(lines.places), name, lines.places[0][1],
                Mode(), said.charset or session.charset, session.time_zone,
                np.array(lines.places, dtype=np.int64).T.copy(), duplicates=said.duplicates,
            )  # fmt: skip
            yield self._numbered(made)

    def _emptied(self, statement: Statement) -> TableKey | None:
        """The table that TRUNCATE or a DELETE of all rows is about: what came before is gone."""
        if statement.accept("TRUNCATE"):
            statement.accept("TABLE")
            own, name = statement.qualified_name()
            key = own or self.session.database, name
            if others := [one for one in self._pointing_at(key) if (one.database, one.name) != key]:
                raise InputError(
                    f"MySQL empties no table that another one points at, as {others[0].name} does at {name}"
                )
            self.session.counters.forget(key)
            if table := self._definition(key):
                self.database.tables[key] = replace(table, auto_increment=None)
            return key
        whole = 5 if statement.peek(3).text == "." else 3
        if statement.at_words("DELETE", "FROM") and statement.length() == whole:
            statement.accept("DELETE", "FROM")
            own, name = statement.qualified_name()
            key = own or self.session.database, name
            set_off = any(
                p.kind == "trigger" and (p.database, p.table) == key for p in self.database.programs
            )
            return None if set_off or self._pointing_at(key) else key
        return None

    def _pointing_at(self, key: TableKey) -> list[Table]:
        """The tables whose rows forbid, or follow, what happens to rows of this one."""
        return ddl.pointing_at(self.database, key) if self.session.checks_references else []
