"""What tables need in a database that belongs to no table: collations, and the extension citext."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..plan import TargetTable
from .quoting import literal, name


@dataclass(frozen=True)
class Need:
    """What must be in the database before a table that uses it: a query that tells, and how to make and unmake it."""

    name: str
    there: str
    create: str
    undo: str


def of(table: TargetTable) -> Iterator[Need]:
    """What a table's columns need that belongs to no table: the type citext, collations."""
    if any(column.type == "citext" for column in table.columns):
        yield Need(
            "extension citext",
            "select to_regtype('citext') is not null",
            "create extension if not exists citext",
            _unless_used("drop extension if exists citext"),
        )
    for collation in sorted({c.collation for c in table.columns if c.collation}, key=lambda c: c.name):
        own = name(collation.schema, collation.name)
        options = f"provider = icu, locale = {literal(collation.locale)}, deterministic = false"
        yield Need(
            f"collation {own}",
            f"select to_regcollation({literal(own)}) is not null",
            f"create schema if not exists {name(collation.schema)};\n"
            f"create collation if not exists {own} ({options})",
            _unless_used(f"drop collation if exists {own}"),
        )


def _unless_used(drop: str) -> str:
    body = f"begin {drop}; exception when dependent_objects_still_exist then null; end"
    return f"do {literal(body)}"
