"""LOAD DATA: which file of fields goes into which table, and how (MySQL Reference Manual, "LOAD DATA Statement")."""

import re
from dataclasses import dataclass, field, replace

from ..errors import InputError
from ..model import Duplicates
from .dialect import TSV, Dialect
from .lexer import Kind
from .statement import Statement

# What mydumper lets the server do with fields that are no plain text; a conversion between character sets is none.
_DECODED = re.compile(
    r"(?:(?P<function>UNHEX|FROM_BASE64)\s*\(\s*)?(?:CONVERT\s*\(\s*)?(?P<variable>@\w+|@`[^`]+`)"
    r"(?:\s+USING\s+\w+\s*\))?\s*\)?",
    re.IGNORECASE,
)
_ENCODINGS = {"UNHEX": "hex", "FROM_BASE64": "base64"}


@dataclass(frozen=True)
class LoadData:
    """What a statement says; `encoded` are the columns whose fields are in "hex" or "base64".

    `names` are the columns and variables that the fields are for, `computed` the expressions of other columns, which
    make it one that is not `plain`. Lines begin after the mark `starting`.
    """

    file: str
    database: str | None
    table: str
    charset: str | None
    dialect: Dialect
    skip: int
    columns: tuple[str, ...] | None
    encoded: dict[str, str] = field(default_factory=dict)
    duplicates: Duplicates = Duplicates.REFUSED
    starting: str = ""
    names: tuple[str, ...] | None = None
    computed: dict[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether the fields are the values of the columns, between marks of one character."""
        dialect = self.dialect
        marks = (
            dialect.separator,
            dialect.enclosure,
            dialect.escape,
            dialect.line_end.removeprefix("\r") or "\r",
        )
        unused = any(name.startswith("@") for name in self.columns or ())
        return not (self.computed or self.starting or unused) and all(
            len(mark.encode()) < 2 for mark in marks
        )


def read(statement: Statement) -> LoadData:
    """A LOAD DATA statement. Raises InputError for one that cannot be read."""
    statement.expect("LOAD", "DATA")
    duplicates = Duplicates.REFUSED
    while not statement.accept("INFILE"):
        word = statement.accept_any("LOCAL", "LOW_PRIORITY", "CONCURRENT")
        if word is None:
            raise statement.error("“INFILE” was expected")
        if word == "LOCAL":
            duplicates = Duplicates.IGNORED  # the server cannot stop the client
    file = statement.string()
    if (word := statement.accept_any("REPLACE", "IGNORE")) is not None:
        duplicates = Duplicates.REPLACED if word == "REPLACE" else Duplicates.IGNORED
    statement.expect("INTO", "TABLE")
    database, table = statement.qualified_name()
    if statement.accept("PARTITION"):
        statement.parenthesised()
    charset = None
    if statement.accept("CHARACTER", "SET") or statement.accept("CHARSET"):
        charset = statement.name().lower()
    dialect, starting = _dialect(statement)
    skip = 0
    if statement.accept("IGNORE"):
        skip = statement.number()
        statement.accept_any("LINES", "ROWS")
    names, assigned = _names(statement)
    said = LoadData(file, database, table, charset, dialect, skip, names, {}, duplicates, starting, names)
    try:
        columns, encoded = _columns(names, assigned)
    except InputError:
        return replace(said, computed=assigned)
    return replace(said, columns=columns, encoded=encoded)


def _dialect(statement: Statement) -> tuple[Dialect, str]:
    dialect, starting = TSV, ""
    if statement.accept_any("FIELDS", "COLUMNS"):
        while True:
            statement.accept("OPTIONALLY")
            if statement.accept("TERMINATED", "BY"):
                dialect = replace(dialect, separator=statement.string())
            elif statement.accept("ENCLOSED", "BY"):
                dialect = replace(dialect, enclosure=statement.string())
            elif statement.accept("ESCAPED", "BY"):
                dialect = replace(dialect, escape=statement.string())
            else:
                break
    if statement.accept("LINES"):
        while True:
            if statement.accept("TERMINATED", "BY"):
                dialect = replace(dialect, line_end=statement.string())
            elif statement.accept("STARTING", "BY"):
                starting = statement.string()
            else:
                break
    return dialect, starting


def _names(statement: Statement) -> tuple[tuple[str, ...] | None, dict[str, str]]:
    """What the fields are for, None for all columns, and the expressions of the columns after SET."""
    names: list[str] | None = None
    if statement.accept_mark("("):
        names = []
        while not statement.accept_mark(")"):
            if statement.at_end():
                raise statement.error("a closing parenthesis is missing")
            names.append(statement.next().text)
            statement.accept_mark(",")
    assigned: dict[str, str] = {}
    if statement.accept("SET"):
        while not statement.at_end():
            column = statement.name()
            statement.expect_mark("=")
            start, depth = statement.token.start, 0
            while not statement.at_end() and not (depth == 0 and statement.at_mark(",")):
                token = statement.next()
                if token.kind is Kind.MARK:
                    depth += {"(": 1, ")": -1}.get(token.text, 0)
            assigned[column] = statement.text(start, statement.token.start).strip()
            statement.accept_mark(",")
    elif not statement.at_end():
        raise statement.error("columns were expected")
    return None if names is None else tuple(names), assigned


def _columns(
    names: tuple[str, ...] | None, assigned: dict[str, str]
) -> tuple[tuple[str, ...] | None, dict[str, str]]:
    """The columns of the fields, where each is one; raises InputError where there is more to do."""
    columns = list(names or ())
    places = {
        name.lower().replace("`", ""): place for place, name in enumerate(columns) if name.startswith("@")
    }
    encoded: dict[str, str] = {}
    for name, value in assigned.items():
        found = _DECODED.fullmatch(value)
        place = places.pop(found["variable"].lower().replace("`", ""), None) if found else None
        if found is None or place is None:
            raise InputError(f"{name} is computed from the fields: {value}")
        columns[place] = name
        if found["function"]:
            encoded[name] = _ENCODINGS[found["function"].upper()]
    return None if names is None else tuple(columns), encoded
