"""Where a load puts tables and rows: what every target can do."""

from collections.abc import Sequence
from typing import Protocol

from ..errors import InputError
from ..model import Alteration, Column, Program, Table
from ..mysql.constants import Value
from ..mysql.events import Change, Rows, TableKey
from ..plan import TargetTable
from ..planner import Planner
from ..translate.tables import complete
from .table import TableLoad


class Target(Protocol):
    """Where tables and rows go."""

    @property
    def others(self) -> Sequence[int]:
        """Unfinished runs that left something where this one loads to."""
        return ()

    def plan(self, key: TableKey, table: Table | None) -> TargetTable:
        """The plan for a table; `table` is None when the source has rows for it but no definition."""

    def place(self, table: TargetTable) -> str:
        """The schema that a table is in until the end."""
        return table.schema

    def create(self, load: TableLoad) -> None:
        """Make the table."""

    def rows(self, load: TableLoad, rows: Rows) -> None:
        """Load a chunk; it may be done later, by another thread."""

    def file(self, load: TableLoad, first: Rows) -> bool:
        """Have others read the file of rows of a table that begins with these; False when the reader has to."""
        return False

    def fire(self, trigger: Program, loads: dict[TableKey, TableLoad]) -> str | None:
        """Let a trigger act on the rows that come from now on; the reason when it cannot."""

    def quench(self, trigger: Program) -> None:
        """Let a trigger act no more on what comes from now on."""
        return

    def catch_up(self, loads: dict[TableKey, TableLoad]) -> None:
        """Wait for the rows so far, and change the plans as they asked for it."""
        return

    def change(self, change: Change, loads: dict[TableKey, TableLoad]) -> str | None:
        """Carry out a statement on the rows that came before it; the reason when it cannot be done."""

    def alter(self, old: TableLoad, new: TableLoad, altered: Alteration, *, rebuild: bool) -> None:
        """Give a table another name and, with `rebuild`, other columns; what is there follows.

        Raises InputError where a value has no way.
        """

    def answer(
        self, database: str | None, query: str, loads: dict[TableKey, TableLoad]
    ) -> list[tuple[Value, ...]] | None:
        """The first two rows of a query of MySQL's on the rows that came before; None where nobody can be asked."""
        return None

    def highest(self, load: TableLoad, column: Column) -> int | None:
        """The highest number in a column of MySQL's among the rows that came so far; None where nobody can tell."""
        return 0

    def drop(self, load: TableLoad) -> None:
        """Take a table away again."""

    def finish(self, loads: dict[TableKey, TableLoad], programs: Sequence[Program]) -> None:
        """Wait for all rows, then make keys and everything else that comes after them, and let the result be seen."""

    def abort(self, cause: BaseException) -> str | None:
        """Stop. What was made is taken away, unless the run can go on later: then how is returned."""


class UndefinedError(InputError):
    """There are rows for a table that nothing defines."""


def planned(planner: Planner, key: TableKey, table: Table | None) -> TargetTable:
    """The plan for a table to be made. Raises InputError when the source does not define it."""
    if table is None:
        raise UndefinedError(
            f"there are rows for the table {key[1]} but no CREATE TABLE before them: name the file with the schema "
            "first, or load into existing tables with --data-only"
        )
    target = planner.table(table)
    complete(target, planner.names, planner.notes)
    return target
