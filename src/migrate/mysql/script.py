"""The text of an SQL script, statement by statement.

The dump is never held whole: a window moves over it and grows only for a statement or row that does not fit.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from ..errors import InputError
from ..model import Database
from ..transcode import decoding, native
from . import charsets
from .bodies import is_open_program, is_program
from .coordinates import of_statement
from .events import Bytes, TableKey, Untranslated
from .lexer import Kind, Token, tokens
from .session import Session
from .source import Source
from .source import beside as source_beside
from .window import Window

Beside = Callable[[str], Source | None]  # the file of that name in the same place
_HEAD = 1 << 12  # bytes of a statement that tell what it is
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
# What the tool said while it wrote, where that went into the dump with 2>&1, and what it asked.
_SAID = re.compile(
    rb"(?:(?:mysqldump|mysqlpump|mariadb-dump)(?:\.exe)?: |Warning: |Enter password: ?)[^\n]*(?:\n|\Z)",
    re.IGNORECASE,
)
_HARMLESS = re.compile(rb"(?i)warning|enter password|deprecated")
_OPEN_COMMENT = re.compile(rb"/\*(?:(?!\*/).)*\Z", re.DOTALL)
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")


class Script:
    """Where the statements begin and end; `session` says how its text is meant."""

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
            at = native.skip_blank(window.data, window.at, window.end)
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

    def _take_until(self, mark: bytes) -> bytes:
        window = self._window
        while (end := window.bytes(window.at, window.end).find(mark)) < 0 and window.fill():
            pass
        text = window.bytes(window.at, window.end if end < 0 else window.at + end)
        window.at += len(text)
        return text

    def _whole_statement(self) -> tuple[int, bytes]:
        """The offset and text of the statement at `at`, which is taken."""
        window = self._window
        delimiter = self.session.delimiter
        if delimiter != b";" and not is_program(window.bytes(window.at, min(window.end, window.at + _HEAD))):
            # What goes up to another delimiter may be several statements, which a server takes apart at `;`.
            return self._taken(*min(self._ends(b";", delimiter)))
        end, size = self._statement_end()
        # The body of a program has semicolons of its own; some tools do not change the delimiter for it.
        while delimiter == b";" and is_open_program(
            window.bytes(window.at, end), self.session.mode, mariadb=self.session.mariadb
        ):
            end, size = self._statement_end(end + size - window.at)
        return self._taken(end, size)

    def _taken(self, end: int, size: int) -> tuple[int, bytes]:
        window = self._window
        offset, sql = window.offset, window.bytes(window.at, end)
        window.at = end + size
        return offset, sql

    def _statement_end(self, beyond: int = 0) -> tuple[int, int]:
        """Where the delimiter of the statement at `at` is, `beyond` bytes from there or later, and its length.

        The window holds all of the statement then.
        """
        return min(self._ends(self.session.delimiter, beyond=beyond))

    def _ends(self, *delimiters: bytes, beyond: int = 0) -> list[tuple[int, int]]:
        """Where the delimiters are, those of them that are there, with their lengths."""
        window = self._window
        while True:
            start = window.at + beyond
            found = [(self._find(one, start, window.end), len(one)) for one in delimiters]
            ends = [end for end in found if end[0] >= 0]
            first = min(ends)[0] if ends else window.end
            if sent := self._sent(start, first):
                return sent
            if ends:
                return ends
            if not window.fill():
                if self._ends_open():
                    return [(window.end, 0)]
                raise self._cut_off()

    def _sent(self, start: int, end: int) -> list[tuple[int, int]]:
        r"""Where \g or \G stands, which the mysql client takes for a delimiter, in no dump of a tool."""
        text = b"" if self._trailer_due else self._window.bytes(start, end)
        marks = [mark for mark in (b"\\g", b"\\G") if mark in text]
        return [(at, 2) for mark in marks if (at := self._find(mark, start, end)) >= 0]

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

    def _find(self, delimiter: bytes, start: int, end: int) -> int:
        window = self._window
        wanted = np.frombuffer(delimiter, dtype=np.uint8)
        mode = self.session.mode
        return int(
            native.find_delimiter(
                window.data, start, end, wanted, mode.backslash_escapes, mode.ansi_quotes, self._leads
            )
        )

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

    @property
    def _charset(self) -> charsets.Charset | None:
        """The character set of the text that is next, None when it is UTF-8 or said to be nothing but bytes."""
        charset = charsets.of(self.session.charset)
        return None if charset is None or charset.is_utf8 else charset

    @property
    def _leads(self) -> Bytes | None:
        return decoding.leads(self._charset)

    def _decoded(self, sql: bytes) -> bytes:
        """A definition in UTF-8, whatever the dump is written in."""
        charset = self._charset
        if charset is None and self.session.guesses_charset and not _is_utf8(sql):
            charset = charsets.of("latin1")  # MySQL's own for twenty years
        return sql if charset is None else charset.decode(sql, "replace").encode()

    def _untranslated(self, offset: int, sql: bytes, reason: str | None = None) -> Untranslated:
        text = sql.decode("utf-8", "replace")
        return Untranslated(self._source.name, offset, text, *([reason] if reason else []))


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
