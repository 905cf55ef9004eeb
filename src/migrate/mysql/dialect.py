"""How lines of fields are written: the marks of `SELECT … INTO OUTFILE` and `LOAD DATA`, said or found out."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import NamedTuple

from ..errors import InputError

_LOOK = 1 << 14  # bytes of a file that tell how it is written
_SEPARATORS = ("\t", ",", ";", "|", ":", "^", "\x01")


@dataclass(frozen=True)
class Dialect:
    """The marks between fields, around them, before special characters and at the end of a line; "" for none."""

    separator: str = "\t"
    enclosure: str = ""
    escape: str = "\\"
    line_end: str = "\n"

    @property
    def marks(self) -> tuple[int, int, int, int]:
        """The marks as bytes, 0 for none. Raises InputError for marks that are longer than a byte."""
        marks = (self.separator, self.enclosure, self.escape, self.line_end.removeprefix("\r") or "\r")
        if any(len(mark.encode()) > 1 for mark in marks):
            raise InputError(
                f"fields that are marked by {' '.join(map(repr, marks))} cannot be read: use single characters"
            )
        separator, enclosure, escape, line_end = (ord(mark) if mark else 0 for mark in marks)
        return separator, enclosure, escape, line_end

    @property
    def returns(self) -> int:
        """Whether a carriage return before the line feed at the end of a line must (2) or may (1) belong to it."""
        return 2 if self.line_end == "\r\n" else int(self.enclosure != "")


TSV = Dialect()
CSV = Dialect(separator=",", enclosure='"')


class _Field(NamedTuple):
    text: str
    enclosed: bool


def found(
    head: bytes, tables: Sequence[dict[str, bool]], expected: Dialect, leads: Collection[int] = ()
) -> Dialect:
    """The dialect of a file that begins with `head`; the `expected` one where it fits, and where none does.

    `tables` has the columns that the fields may be for, each with whether it holds numbers. `leads` are bytes that
    start a character of two.
    """
    text = head[:_LOOK]
    if leads:  # what comes second in a pair may look like a mark
        text = re.sub(rb"[%s][\x40-\xff]" % re.escape(bytes(leads)), b"xx", text)
    return _found(text.decode("latin-1"), tables, expected)


def _found(text: str, tables: Sequence[dict[str, bool]], expected: Dialect) -> Dialect:
    kinds = {len(columns): columns for columns in tables}
    expectation = list(_fields(text, kinds, expected)) if expected.enclosure else []
    if expectation and None not in expectation:
        return expected  # where fields are enclosed that need it, those that do not tell nothing
    separators = [expected.separator, *(one for one in _SEPARATORS if one != expected.separator)]
    possible = [Dialect(*marks) for marks in product(separators, ('"', "'", ""), ("\\", ""), ("\r\n", "\n"))]
    return next((one for one in possible if _fits(text, kinds, one)), expected)


def _fits(text: str, kinds: dict[int, dict[str, bool]], dialect: Dialect) -> bool:
    if dialect.enclosure and not _may_enclose(text, dialect):
        return False
    if dialect.line_end == "\n" and text.count("\n") == text.count("\r\n") > 0:
        return False
    null, other_null = ("\\N", "NULL") if dialect.escape else ("NULL", "\\N")
    seen = any_enclosed = False
    for pair in _fields(text, kinds, dialect):
        if pair is None:
            return False
        field, is_number = pair
        seen, any_enclosed = True, any_enclosed or field.enclosed
        if dialect.enclosure:
            fits = field.enclosed or is_number or field.text in ("", null)
        else:
            fits = not is_number or (field.text != other_null and not field.text.startswith(("'", '"')))
        if not fits:
            return False
    return seen and any_enclosed == bool(dialect.enclosure)


def _may_enclose(text: str, dialect: Dialect) -> bool:
    """Whether a field may begin with the enclosure, which takes less to see than where fields end."""
    marks = (dialect.separator, dialect.line_end)
    return text.startswith(dialect.enclosure) or any(mark + dialect.enclosure in text for mark in marks)


def _fields(
    text: str, kinds: dict[int, dict[str, bool]], dialect: Dialect
) -> Iterator[tuple[_Field, bool] | None]:
    """Every field of the lines that are whole, and whether it should be a number; None where they do not fit."""
    if dialect.line_end not in text and dialect.line_end != "\n":
        return
    if len(text) < _LOOK and not text.endswith(dialect.line_end):
        text += dialect.line_end
    lines = _lines(text, dialect)
    begin = list(islice(lines, 2))
    if len(begin) > 1 and len(begin[0]) in kinds and _are_names(begin[0], kinds[len(begin[0])]):
        del begin[0]
    for line in chain(begin, lines):
        if len(line) not in kinds:
            yield None
            return
        yield from zip(line, kinds[len(line)].values(), strict=True)


def _are_names(line: list[_Field], columns: Collection[str]) -> bool:
    return {field.text.lower() for field in line} <= {name.lower() for name in columns}


def _marks(*marks: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(mark) for mark in marks if mark))


def _lines(text: str, dialect: Dialect) -> Iterator[list[_Field]]:
    """The lines that are whole."""
    plain = _marks(dialect.escape, dialect.separator, dialect.line_end)
    within = _marks(dialect.escape, dialect.enclosure)
    line: list[_Field] = []
    start = at = 0
    while at < len(text):
        enclosed = bool(dialect.enclosure) and text[at] == dialect.enclosure
        at += enclosed
        start = at
        while mark := (within if enclosed else plain).search(text, at):
            at = mark.start()
            if mark[0] != dialect.escape and not (enclosed and text[at + 1 : at + 2] == dialect.enclosure):
                break
            at += 2
        else:
            at = max(at, len(text))
        line.append(_Field(text[start:at], enclosed))
        at += enclosed
        if text.startswith(dialect.line_end, at):
            yield line
            line = []
            at += len(dialect.line_end)
        elif at < len(text) and text[at] != dialect.separator:
            yield []  # something between the end of a field and the mark after it
            return
        else:
            at += 1
