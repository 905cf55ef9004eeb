"""MySQL's tokens, over bytes (MySQL Reference Manual, "Lexical Structure").

Comments vanish. `/*!NNNNN … */` is text for servers from that version on: it is opened, unless no server is of such a
version. `/*M!NNNNN … */` is the same for MariaDB alone, which passes over those of MySQL 5.7 and later. So vanishes the
schema that MariaDB writes before its own types and functions where another sql_mode has them mean something else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import NamedTuple

from ..errors import InputError

_MYSQLS_OWN = range(50_700, 100_000)  # MariaDB took another way there, and passes such comments over
_NEVER_OPENED = (99_999, 999_999)  # no server was or will be of these versions


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted name"
    STRING = "string"
    NUMBER = "number"
    HEX = "hexadecimal"
    BITS = "bits"
    VARIABLE = "variable"
    MARK = "mark"
    END = "end"


class Token(NamedTuple):
    """A token: its kind, its value (a name or string unescaped, a mark as it stands), and its bytes' place."""

    kind: Kind
    value: bytes
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.value.decode("utf-8", "surrogateescape")

    def is_word(self, *words: str) -> bool:
        """Whether this is one of these unquoted words, in any case."""
        return self.kind is Kind.WORD and self.value.upper().decode("utf-8", "replace") in words


@dataclass(frozen=True)
class Mode:
    """The parts of MySQL's sql_mode that change how text is read, and whether it is a `mariadb` that reads it.

    `rounds` says what becomes of more digits of a second than a column keeps: they are rounded, else cut off. In a
    `strict` one, values that do not fit are refused.
    """

    ansi_quotes: bool = False
    backslash_escapes: bool = True
    pipes_concat: bool = False
    rounds: bool = True
    mariadb: bool = False
    strict: bool = False

    @property
    def name(self) -> str:
        """A `sql_mode` value that `named` makes this mode of."""
        parts = {
            "ANSI_QUOTES": self.ansi_quotes,
            "NO_BACKSLASH_ESCAPES": not self.backslash_escapes,
            "PIPES_AS_CONCAT": self.pipes_concat,
            "TIME_TRUNCATE_FRACTIONAL": not self.rounds,
        }
        return ",".join(part for part, is_set in parts.items() if is_set)

    @classmethod
    @cache
    def named(cls, sql_mode: str, *, mariadb: bool = False) -> "Mode":
        """The mode of a `sql_mode` value such as "ANSI_QUOTES,NO_BACKSLASH_ESCAPES"."""
        modes = {mode.strip().upper() for mode in sql_mode.split(",")}
        combined = {"ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL"}
        both = bool(modes & combined)
        return cls(
            both or "ANSI_QUOTES" in modes,
            "NO_BACKSLASH_ESCAPES" not in modes,
            both or "PIPES_AS_CONCAT" in modes,
            "TIME_ROUND_FRACTIONAL" in modes if mariadb else "TIME_TRUNCATE_FRACTIONAL" not in modes,
            mariadb,
            not modes.isdisjoint(("STRICT_TRANS_TABLES", "STRICT_ALL_TABLES", "TRADITIONAL")),
        )


_TOKEN = re.compile(
    rb"""
    (?P<blank>\s+|--(?=[\s\x00-\x20]|\Z)[^\n]*|\#[^\n]*|(?:mariadb|oracle|maxdb)_schema\.(?=\w))
  | (?P<open>/\*(?P<maria>M)?!(?P<version>\d{5,6})?)
  | (?P<comment>/\*.*?(?:\*/|\Z))
  | (?P<close>\*/)
  | (?P<name>`(?:[^`]|``)*`)
  | (?P<hex>0x[0-9A-Fa-f]+(?![\w$\x80-\xff])|[xX]'[0-9A-Fa-f]*')
  | (?P<bits>0b[01]+(?![\w$\x80-\xff])|[bB]'[01]*')
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w$\x80-\xff]))
  | (?P<word>[\w$\x80-\xff]+)
  | (?P<variable>@@?(?:`[^`]*`|[\w$.\x80-\xff]*))
  | (?P<mark><=>|->>|->|:=|<<|>>|<=|>=|<>|!=|\|\||&&|[^\w\s'"`])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = {
    0x30: b"\0",
    0x62: b"\b",
    0x74: b"\t",
    0x6E: b"\n",
    0x72: b"\r",
    0x5A: b"\x1a",
    0x25: b"\\%",
    0x5F: b"\\_",
}
_ESCAPES = {quote: re.compile(rb"\\(.)|%c{2}" % quote, re.DOTALL) for quote in b"'\""}
_STRING = {
    (quote, backslash): re.compile(
        rb"%s(?:[^%s\\]|%s%s|\\%s)*%s" % (q, q, q, q, b"." if backslash else b"", q), re.DOTALL
    )
    for quote, q in ((0x27, b"'"), (0x22, b'"'))
    for backslash in (True, False)
}


def tokens(sql: bytes, mode: Mode, *, mariadb: bool = False) -> Iterator[Token]:
    """The tokens of one statement, ended by one of kind END. Raises InputError where no token can be made."""
    at = 0
    while at < len(sql):
        byte = sql[at]
        if byte in (0x27, 0x22):
            is_name = byte == 0x22 and mode.ansi_quotes
            escapes = mode.backslash_escapes and not is_name
            found = _STRING[byte, escapes].match(sql, at)
            if found is None:
                raise InputError(f"a string that starts at byte {at} of the statement has no end")
            yield Token(
                Kind.QUOTED if is_name else Kind.STRING, _unquoted(found[0], byte, escapes), at, found.end()
            )
            at = found.end()
            continue
        match = _TOKEN.match(sql, at)
        if match is None:
            raise InputError(f"the name that starts at byte {at} of the statement has no end")
        at = match.end()
        kind_name = match.lastgroup
        if match["open"] is not None:
            if not _is_opened(match, mariadb):
                at = _after_closed(sql, at)
        elif kind_name in ("blank", "comment", "close"):
            continue
        elif kind_name == "name":
            yield Token(Kind.QUOTED, match[0][1:-1].replace(b"``", b"`"), match.start(), at)
        elif kind_name is not None:
            yield Token(_KINDS[kind_name], match[0], match.start(), at)
    yield Token(Kind.END, b"", len(sql), len(sql))


_KINDS = {
    "hex": Kind.HEX,
    "bits": Kind.BITS,
    "number": Kind.NUMBER,
    "word": Kind.WORD,
    "variable": Kind.VARIABLE,
    "mark": Kind.MARK,
}


def _is_opened(match: re.Match[bytes], mariadb: bool) -> bool:
    if match["maria"] is not None and not mariadb:
        return False
    version = int(match["version"] or 0)
    return version not in _NEVER_OPENED and not (mariadb and version in _MYSQLS_OWN)


def _after_closed(sql: bytes, at: int) -> int:
    end = sql.find(b"*/", at)
    return len(sql) if end < 0 else end + 2


def _unquoted(raw: bytes, quote: int, escapes: bool) -> bytes:
    mark = bytes([quote])
    inside = raw[1:-1]
    if not escapes:
        return inside.replace(mark + mark, mark)
    return _ESCAPES[quote].sub(lambda m: mark if m[1] is None else _ESCAPED.get(m[1][0], m[1]), inside)
