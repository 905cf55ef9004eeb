"""LOAD DATA: which file of fields goes into which table, and how (MySQL Reference Manual, "LOAD DATA Statement")."""

import re
from dataclasses import dataclass, field, replace

from ..errors import InputError
from .dialect import TSV, Dialect
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
    """What a statement says; `encoded` are the columns whose fields are in "hex" or "base64"."""

    file: str
    database: str | None
    table: str
    charset: str | None
    dialect: Dialect
    skip: int
    columns: tuple[str, ...] | None
    encoded: dict[str, str] = field(default_factory=dict)


def read(statement: Statement) -> LoadData:
    """A LOAD DATA statement. Raises InputError for one whose fields are more than the values of columns."""
    statement.expect("LOAD", "DATA")
    while not statement.accept("INFILE"):
        if statement.accept_any("LOCAL", "LOW_PRIORITY", "CONCURRENT") is None:
            raise statement.error("“INFILE” was expected")
    file = statement.string()
    statement.accept_any("REPLACE", "IGNORE")
    statement.expect("INTO", "TABLE")
    database, table = statement.qualified_name()
    if statement.accept("PARTITION"):
        statement.parenthesised()
    charset = None
    if statement.accept("CHARACTER", "SET") or statement.accept("CHARSET"):
        charset = statement.name().lower()
    dialect = _dialect(statement)
    skip = 0
    if statement.accept("IGNORE"):
        skip = statement.number()
        statement.accept_any("LINES", "ROWS")
    columns, encoded = _columns(statement)
    return LoadData(file, database, table, charset, dialect, skip, columns, encoded)


def _dialect(statement: Statement) -> Dialect:
    dialect = TSV
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
                if statement.string():
                    raise InputError("lines that start with a mark of their own cannot be read")
            else:
                break
    return dialect


def _columns(statement: Statement) -> tuple[tuple[str, ...] | None, dict[str, str]]:
    if not statement.accept_mark("("):
        if not statement.at_end():
            raise statement.error("columns were expected")
        return None, {}
    names: list[str] = []
    while not statement.accept_mark(")"):
        names.append(statement.next().text)
        statement.accept_mark(",")
    places = {
        name.lower().replace("`", ""): place for place, name in enumerate(names) if name.startswith("@")
    }
    encoded: dict[str, str] = {}
    if statement.accept("SET"):
        start = statement.token.start
        for assignment in re.split(r",(?![^(]*\))", statement.text(start, len(statement.sql))):
            column, _, value = assignment.partition("=")
            name = column.strip().strip("`")
            found = _DECODED.fullmatch(value.strip())
            place = places.pop(found["variable"].lower().replace("`", ""), None) if found else None
            if found is None or place is None:
                raise InputError(f"{name} is computed from the fields: {value.strip()}")
            names[place] = name
            if found["function"]:
                encoded[name] = _ENCODINGS[found["function"].upper()]
    if places:
        raise InputError(f"the fields of {', '.join(places)} are for no column")
    return tuple(names), encoded
