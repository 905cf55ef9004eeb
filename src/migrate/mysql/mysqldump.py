"""Reading SQL dumps: statements one after the other, rows in chunks that are cut between rows.

The dump is never held whole: a window moves over it and grows only for a statement or row that does not fit. Session
state that changes the meaning of later text (`SET NAMES`, `sql_mode`, `TIME_ZONE`, `USE`, `DELIMITER`) is obeyed.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial

import numpy as np

from ..errors import InputError
from ..model import Alteration, Database, Duplicates, Table
from ..transcode import recode, scan
from . import charsets, computed, ddl, history, load_data, partitions, questions, selections
from .bodies import is_open_program, is_program
from .coordinates import of_statement
from .events import WINDOW, Bytes, Change, Dropped, Event, Rows, TableKey, Untranslated, padded
from .inserts import CutOffError, Form, Head, assignments, head, update_of
from .lexer import Kind, Mode, Token, tokens
from .literals import LAST_GIVEN
from .load_data import LoadData
from .selections import Selection
from .session import Session
from .source import Source, SourceFile
from .source import beside as source_beside
from .statement import Statement
from .tables import TwiceError
from .textfile import TextFile
from .window import Window

Beside = Callable[[str], Source | None]  # the file of that name in the same place
_NO_HEAD = np.zeros(1, dtype=np.uint8)
_HEAD = 1 << 12  # bytes of a statement that tell what it is
_MOST_HELD = 8 * WINDOW  # bytes of a statement that wait for its end: it may say what becomes of duplicates
_LONGEST_MARK = 16  # bytes, of what starts a comment or a statement

_HEADER = re.compile(rb"-- (MySQL|MariaDB) dump (\d+)")
_TOOL = re.compile(rb"^(?:--|#) (?:(?:MySQL|MariaDB)[ -]dump|phpMyAdmin)", re.MULTILINE | re.IGNORECASE)
_SERVER = re.compile(rb"-- Server version:?\s+(\S+)")
_FOREIGN = {
    re.compile(rb"^-- PostgreSQL database (?:cluster )?dump", re.MULTILINE): "it is a dump of PostgreSQL",
    re.compile(
        rb"<pma_xml_export"
    ): "it is XML of phpMyAdmin, where NULL and the word NULL look alike: export SQL",
}
_TRAILER = b"-- Dump completed"
# What the tool said while it wrote, where that went into the dump with 2>&1, and what it asked.
_SAID = re.compile(
    rb"(?:(?:mysqldump|mysqlpump|mariadb-dump)(?:\.exe)?: |Warning: |Enter password: ?)[^\n]*(?:\n|\Z)",
    re.IGNORECASE,
)
_HARMLESS = re.compile(rb"(?i)warning|enter password|deprecated")
# Statements that change nothing which a target has to follow.
_IGNORED = {
    "LOCK", "UNLOCK", "BEGIN", "COMMIT", "START", "ROLLBACK", "FLUSH", "ANALYZE", "OPTIMIZE", "CHECK", "REPAIR",
    "CHANGE", "RESET", "PURGE", "SHOW", "SELECT", "HANDLER", "SAVEPOINT", "RELEASE", "DO", "STOP", "WARNINGS",
}  # fmt: skip
_KNOWN = _IGNORED | {
    "CREATE", "DROP", "ALTER", "RENAME", "INSERT", "REPLACE", "SET", "USE", "DELIMITER", "GRANT", "REVOKE", "TRUNCATE",
    "UPDATE", "DELETE", "CALL", "LOAD", "PREPARE", "EXECUTE", "DEALLOCATE", "INSTALL", "WITH", "VALUES", "SOURCE", "\\",
}  # fmt: skip


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


_UNKNOWN = "what is prepared is only known to a server"


class _HalfReadError(InputError):
    """A file that a statement names cannot be read to its end."""


class Reader:
    """The events of one SQL dump; definitions go into `database`, session state into `session`."""

    def __init__(
        self,
        source: Source,
        database: Database,
        session: Session,
        *,
        part: bool = False,
        beside: Beside | None = None,
    ) -> None:
        self.database = database
        self._beside = beside or partial(source_beside, source.name)
        self.session = session
        self.server: str | None = None
        self._window = Window(source)
        self._source = source
        self._part = part
        self._foreign: str | None = None  # whose dump it is, when it is not MySQL's
        self._trailer_due = False
        self._past: dict[TableKey, int] = {}  # rows that hold no more
        self._open = False  # the last statement has no delimiter

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

    def _read_header(self) -> None:
        window = self._window
        head = window.bytes(0, min(window.end, 4096))
        self.session.by_tool = _TOOL.search(head) is not None
        header = _HEADER.search(head)
        server = _SERVER.search(head)
        if header:
            # Dumps of MySQL 3.23 and 4.0 (format 8 and 9) end without a word.
            self._trailer_due = int(header[2]) >= 10
            self.session.mariadb = header[1] == b"MariaDB"
        self._foreign = next((whose for sign, whose in _FOREIGN.items() if sign.search(head)), None)
        if server:
            self.server = server[1].decode("utf-8", "replace")
            self.session.mariadb = self.session.mariadb or "mariadb" in self.server.lower()
        for line in head.splitlines():
            if line.startswith(b"-- CHANGE "):
                self.session.coordinates.update(of_statement(line.decode("utf-8", "replace")))
        if head.startswith(b"\xef\xbb\xbf"):
            window.at += 3

    def _skip_to_statement(self) -> bool:
        """Move to the first byte of the next statement; False at the end of the source."""
        window = self._window
        while True:
            at = scan.skip_blank(window.data, window.at, window.end)
            if at < 0 or at >= window.end - 16:
                if window.fill():
                    continue
                if at < 0:
                    # A comment without an end: what mysqldump's last line is when the newline is missing.
                    return self._complain_of_comment()
            if at >= window.end:
                return False
            if window.bytes(at, at + 2) == b"--":
                # Where no statement has begun, mysql takes it for a comment whatever follows: ----------
                window.at = at
                self._take_until(b"\n")
                continue
            if window.data[at] == 0x3B or window.bytes(at, at + 2) == b"*/":
                window.at = at + (1 if window.data[at] == 0x3B else 2)
                continue
            if self.session.delimiter != b";" and window.bytes(at, at + len(self.session.delimiter)) == (
                self.session.delimiter
            ):
                window.at = at + len(self.session.delimiter)
                continue
            window.at = at
            return True

    def _said(self) -> list[Untranslated] | None:
        """What the tool itself said on the next line, which is taken; None where it is no such line."""
        window = self._window
        found = _SAID.match(window.bytes(window.at, min(window.end, window.at + _HEAD)))
        if found is None:
            return None
        offset, line = window.offset, self._take_until(b"\n").strip()
        if _HARMLESS.search(line):
            return []
        return [self._untranslated(offset, line, "the tool that wrote the dump said so: it may not be whole")]

    def _complain_of_comment(self) -> bool:
        window = self._window
        rest = window.bytes(window.at, window.end)
        if b"/*" in rest and not any(
            line.lstrip().startswith((b"--", b"#")) for line in rest.splitlines()[-1:]
        ):
            raise InputError(
                f"{self._source.name}: cut off in a comment after byte {window.offset}. Dump or copy it again"
            )
        return False

    def _first_word(self) -> str:
        window = self._window
        wanted = 1 << 8
        while True:
            text = window.bytes(window.at, min(window.end, window.at + wanted))
            try:
                head = next(tokens(text, self.session.mode, mariadb=self.session.mariadb))
            except InputError:
                head = None
            # What ends where the look ends may be cut off; comments that no server opens may be long.
            if head is not None and head.end < len(text) - _LONGEST_MARK:
                return head.text.upper()
            if len(text) < wanted and not window.fill():
                return head.text.upper() if head else ""
            wanted *= 4

    def _statement(self, word: str) -> Iterator[Event]:
        if word == "DELIMITER":
            self._delimiter()
        elif word == "USE":
            self._use()
        elif word in ("SOURCE", "\\"):
            yield from self._included()
        elif word in ("INSERT", "REPLACE") and self._window.data[self._window.at] != 0x2F:
            yield from self._insert()
        else:
            yield from self._other(word)

    def _delimiter(self) -> None:
        line = self._take_until(b"\n").split()
        if len(line) < 2:
            raise InputError("DELIMITER has no value")
        self.session.delimiter = line[1]

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

    def _take_until(self, mark: bytes) -> bytes:
        window = self._window
        while (end := window.bytes(window.at, window.end).find(mark)) < 0 and window.fill():
            pass
        text = window.bytes(window.at, window.end if end < 0 else window.at + end)
        window.at += len(text)
        return text

    def _statement_end(self, beyond: int = 0) -> int:
        """Where the delimiter of the statement at `at` is, `beyond` bytes from there or later.

        The window holds all of the statement then.
        """
        [(end, _)] = self._ends(self.session.delimiter, beyond=beyond)
        return end

    def _ends(self, *delimiters: bytes, beyond: int = 0) -> list[tuple[int, int]]:
        """Where the delimiters are, those of them that are there, with their lengths."""
        window = self._window
        while True:
            found = [(self._find(one, window.at + beyond), len(one)) for one in delimiters]
            if ends := [end for end in found if end[0] >= 0]:
                return ends
            if not window.fill():
                if self._ends_open():
                    return [(window.end, 0)]
                raise self._cut_off()

    def _cut_off(self) -> InputError:
        window = self._window
        rest = window.bytes(window.at, min(window.end, window.at + 40)).decode("utf-8", "replace")
        return InputError(
            f"{self._source.name}: the dump is cut off: the statement at byte {window.offset}, "
            f"“{' '.join(rest.split())}…”, has no end. Dump or copy it again"
        )

    def _ends_open(self) -> bool:
        """Whether the last statement is whole but for its delimiter, which the mysql client does not ask for."""
        if self._trailer_due or self.session.unfinished:
            return False
        rest = self._window.bytes(self._window.at, self._window.end)
        try:
            marks = [one.text for one in tokens(rest, self.session.mode) if one.kind is Kind.MARK]
        except InputError:
            return False
        self._open = (
            marks[:1] != [","]  # between rows
            and marks.count("(") == marks.count(")")
            and not _OPEN_COMMENT.search(rest)
            and not is_open_program(rest, self.session.mode, mariadb=self.session.mariadb)
        )
        return self._open

    def _find(self, delimiter: bytes, start: int) -> int:
        window = self._window
        wanted = np.frombuffer(delimiter, dtype=np.uint8)
        escapes = self.session.mode.backslash_escapes
        return int(scan.find_delimiter(window.data, start, window.end, wanted, escapes, self._leads))

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
            self.session.assign(statement)
        elif statement.accept("USE"):
            self.session.database = statement.name()
        elif word in ("PREPARE", "DEALLOCATE") or statement.at_words("DROP", "PREPARE"):
            if not self.session.prepare(statement):
                yield self._untranslated(offset, sql, _UNKNOWN)
        elif word == "EXECUTE" and not statement.at_words("EXECUTE", "IMMEDIATE"):
            yield from self._executed(offset, sql, self.session.executed(statement))
        elif statement.token.is_word("DROP"):
            before = set(self.database.tables)
            understood = ddl.apply(self.database, self.session.database, statement)
            for key in before - set(self.database.tables):
                self.session.counters.forget(key)
                yield Dropped(key)
            if not understood:
                yield self._untranslated(offset, sql)
        elif (emptied := self._emptied(statement)) is not None:
            yield Dropped(emptied)
        elif word in ("UPDATE", "DELETE"):
            yield self._change(offset, sql)
        elif word == "ALTER" and (taken := partitions.emptied(statement)) is not None:
            yield self._taken_away(offset, sql, *taken)
        elif word in ("SELECT", "DO"):
            self.session.select(self._decoded(sql))
            ddl.set_sequence(self.database, self.session.database, statement)
        elif word == "LOAD" and statement.at_words("LOAD", "DATA"):
            said = load_data.read(statement)
            try:
                yield from self._loaded(offset, sql, said)
            except InputError as error:  # some of its rows may be on their way
                raise _HalfReadError(str(error)) from error
        elif (made := self._selection(sql)) is not None:
            yield from self._selected(made, offset, sql)
        elif word not in _IGNORED:
            if not ddl.apply(self.database, self.session.database, statement):
                yield self._untranslated(offset, sql)
            yield from self._alterations()

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
        _, end, count = scan.scan_rows(data, 0, len(rows), _NO_HEAD, mode.backslash_escapes, len(rows))
        made = self._made(found.table, columns, rows[: int(end)], int(count), offset)
        yield self._with_tail(replace(made, duplicates=found.duplicates), rows[int(end) :])

    def _alterations(self) -> Iterator[Alteration]:
        altered, self.database.altered = self.database.altered, []
        for one in altered:
            self.session.counters.rename(one.table, (one.became.database, one.became.name))
            yield one

    def _selection(self, sql: bytes) -> Selection | None:
        text = self._decoded(sql)
        mode = self.session.mode
        return selections.create(
            self.database, self.session.database, text, mode, mariadb=self.session.mariadb
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

    def _change(self, offset: int, sql: bytes) -> Change:
        text = self.session.known(self._decoded(sql))
        canonical = Statement(text, self.session.mode, mariadb=self.session.mariadb).canonical(0, len(text))
        shown = self._decoded(sql).decode("utf-8", "replace")
        follow = self.session.checks_references
        return Change(self._source.name, offset, shown, canonical, self.session.database, follow)

    def _emptied(self, statement: Statement) -> TableKey | None:
        """The table that TRUNCATE or a DELETE of all rows is about: what came before is gone."""
        if statement.accept("TRUNCATE"):
            statement.accept("TABLE")
            own, name = statement.qualified_name()
            self.session.counters.forget((own or self.session.database, name))
            return own or self.session.database, name
        whole = 5 if statement.peek(3).text == "." else 3
        if statement.at_words("DELETE", "FROM") and statement.length() == whole:
            statement.accept("DELETE", "FROM")
            own, name = statement.qualified_name()
            return own or self.session.database, name
        return None

    def _untranslated(self, offset: int, sql: bytes, reason: str | None = None) -> Untranslated:
        text = sql.decode("utf-8", "replace")
        return Untranslated(self._source.name, offset, text, *([reason] if reason else []))

    @property
    def _charset(self) -> charsets.Charset | None:
        """The character set of the text that is next, None when it is UTF-8 or said to be nothing but bytes."""
        charset = charsets.of(self.session.charset)
        return None if charset is None or charset.is_utf8 else charset

    @property
    def _leads(self) -> Bytes | None:
        return recode.leads(self._charset)

    def _decoded(self, sql: bytes) -> bytes:
        """A definition in UTF-8, whatever the dump is written in."""
        charset = self._charset
        if charset is None and self.session.guesses_charset and not _is_utf8(sql):
            charset = charsets.of("latin1")  # MySQL's own for twenty years
        return sql if charset is None else charset.decode(sql, "replace").encode()

    def _insert(self) -> Iterator[Event]:
        found = self._insert_head()
        window = self._window
        if found is None or found.form is not Form.VALUES:
            offset, sql = self._whole_statement()
            if found is None:
                yield self._untranslated(offset, sql)
                return
            if found.form is Form.QUERY:
                yield self._change(offset, sql)
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
            head_bytes = _NO_HEAD  # each statement may leave them out or not
            if self._counts(stored):
                found = found._replace(columns=stored)
        counted = 0
        escapes = self.session.mode.backslash_escapes
        held: deque[Rows] = deque()
        while True:
            begin = window.at
            state, position, rows = scan.scan_rows(
                window.data, begin, window.end, head_bytes, escapes, begin + WINDOW, self._leads
            )
            read = window.data[begin:position]
            if self._asks(read) or self._queries(
                window.data, begin, int(position)
            ):  # each statement is one: things change between them
                state, position, rows = scan.scan_rows(
                    window.data, begin, window.end, _NO_HEAD, escapes, begin + WINDOW, self._leads
                )
            if rows:
                held.append(self._rows(found, begin, int(position), int(rows)))
            window.at = int(position)
            if state == scan.ENDED:
                yield from map(self._numbered, held)
                return
            if state == scan.ODD:
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
            if state == scan.MORE and not window.fill():
                if counted and self._ends_open():
                    yield from map(self._numbered, held)
                    window.at = window.end
                    return
                raise InputError(
                    f"{self._source.name}: the dump is cut off after byte {window.base + window.end}, in the rows of "
                    f"the table {table[1]}. Dump or copy it again"
                )

    def _whole_statement(self) -> tuple[int, bytes]:
        """The offset and text of the statement at `at`, which is taken."""
        window = self._window
        delimiter = self.session.delimiter
        if delimiter != b";" and not is_program(window.bytes(window.at, min(window.end, window.at + _HEAD))):
            # What goes up to another delimiter may be several statements, which a server takes apart at `;`.
            return self._taken(*min(self._ends(b";", delimiter)))
        end = self._statement_end()
        # The body of a program has semicolons of its own; some tools do not change the delimiter for it.
        while is_open_program(window.bytes(window.at, end), self.session.mode, mariadb=self.session.mariadb):
            end = self._statement_end(end + len(delimiter) - window.at)
        return self._taken(end, len(delimiter))

    def _taken(self, end: int, size: int) -> tuple[int, bytes]:
        window = self._window
        offset, sql = window.offset, window.bytes(window.at, end)
        window.at = end + size
        return offset, sql

    def _is_empty(self, at: int) -> bool:
        """Whether the first row is `()`, which stands for a row of defaults."""
        window = self._window
        return window.bytes(at, min(window.end, at + 256)).replace(b" ", b"").lstrip().startswith(b"()")

    def _empty_rows(self, table: TableKey, count: int, offset: int) -> Rows:
        definition = self._definition(table)
        if definition is None or not definition.columns:
            raise InputError(f"a row of defaults for the table {table[1]}, which is not defined before it")
        column = next((c for c in definition.columns if c.auto_increment), definition.columns[0])
        return self._made(table, (column.name,), b",".join([b"(DEFAULT)"] * count), count, offset)

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
            at = int(scan.skip_blank(window.data, window.at, window.end))
            begin = at + len(head_bytes)
            if at < 0 or window.bytes(at, begin) != head_bytes.tobytes():
                break
            state, position, more = scan.scan_rows(
                window.data, begin, window.end, head_bytes, self.session.mode.backslash_escapes,
                begin + WINDOW, self._leads,
            )  # fmt: skip
            position = int(position)
            if state != scan.ODD or more != 1 or window.bytes(position, position + len(end)) != end:
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

    def _rows(self, found: Head, begin: int, end: int, rows: int) -> Rows:
        window = self._window
        return Rows(
            found.table,
            found.columns,
            padded(window.data[begin:end]),
            end - begin,
            found.size,
            rows,
            self._source.name,
            window.base + begin,
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
        escapes = self.session.mode.backslash_escapes
        return any(
            scan.find_delimiter(data, start, end, np.frombuffer(form, np.uint8), escapes, self._leads) >= 0
            for form in questions.beginnings(data[start:end].tobytes())
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

    def _head_tokens(self, text: bytes) -> Iterator[Token]:
        """The tokens of `text`, their names in UTF-8, their places those in `text`."""
        charset = self._charset
        # Pairs of bytes are hidden, lest their second one is taken for a quote.
        hidden = _PAIR.sub(b"\xff\xff", text) if charset and charset.lead_bytes else text
        for token in tokens(hidden, self.session.mode, mariadb=self.session.mariadb):
            if charset and token.kind in (Kind.QUOTED, Kind.WORD):
                value = text[token.start : token.end]
                if token.kind is Kind.QUOTED:
                    quote = value[:1]
                    value = value[1:-1].replace(quote + quote, quote)
                yield token._replace(value=charset.decode(value, "replace").encode())
            elif token.kind in (Kind.QUOTED, Kind.WORD):
                yield token._replace(value=self._decoded(token.value))
            else:
                yield token


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


_OPEN_COMMENT = re.compile(rb"/\*(?:(?!\*/).)*\Z", re.DOTALL)
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
