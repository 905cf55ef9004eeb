"""Which tables, views and programs of a source are wanted."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from .model import Program
from .notes import Untranslated

# What describes a server, not what it keeps; mysqldump --all-databases has the first of them.
_SYSTEM_DATABASES = ("mysql", "sys", "information_schema", "performance_schema")


@dataclass(frozen=True)
class Selection:
    """Which tables are wanted: patterns with * and ? on `table` or `database.table`, and one database of several."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    database: str | None = None

    def wants_database(self, database: str | None) -> bool:
        """Whether a database is wanted; None, where a source names none, always is."""
        if database is None or self.database is not None:
            return database in (None, self.database)
        return database.lower() not in _SYSTEM_DATABASES

    def wants_program(self, program: Program) -> bool:
        """Whether a view or stored program is wanted: a view like a table, a trigger when its table is.

        Routines and events belong to no table: a choice of tables does not ask for them.
        """
        if program.kind in ("view", "trigger"):
            return self.wants(program.database, program.table or program.name)
        return not self.include and self.wants_database(program.database)

    def wants(self, database: str | None, table: str) -> bool:
        """Whether a table is wanted."""
        if not self.wants_database(database):
            return False
        names = (table, f"{database}.{table}") if database else (table,)

        def matches(patterns: Iterable[str]) -> bool:
            return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)

        return (not self.include or matches(self.include)) and not matches(self.exclude)

    def unmatched(self, tables: Collection[tuple[str | None, str]]) -> Iterator[Untranslated]:
        """The patterns to include that are like none of these: one is easily mistyped."""
        for pattern in self.include:
            only = replace(self, include=(pattern,), exclude=())
            if not any(only.wants(*table) for table in tables):
                alike = next(
                    (table for _, table in tables if fnmatchcase(table.lower(), pattern.lower())), None
                )
                but = f": it has {alike}, and upper and lower case count" if alike else ""
                yield Untranslated("--include", pattern, f"the source has no such table{but}")
