"""A target that nothing is written to: rows are read, cast and counted, so that every surprise is known beforehand."""

from collections.abc import Sequence
from itertools import product

from ..model import Alteration, IndexKind, Program, Table
from ..mysql.constants import Value
from ..mysql.events import Change, Rows, TableKey
from ..notes import Loss
from ..plan import TargetTable
from ..planner import Planner
from ..policies import ZeroDates
from ..postgres import ddl
from ..postgres.keys import Keys
from ..references import pointed_at
from ..report import ColumnPlan, Report, TablePlan
from ..transcode.chunk import Transcoder
from ..transcode.codecs import Finding
from .account import OPTIONS
from .foreseen import taken
from .programs import changed, fired, programs_made
from .table import TableLoad
from .target import Target, planned

# What makes one value of several.
_CHANGES = (Finding.NUL_STRIPPED, Finding.INVALID_TEXT, Finding.INVALID_DATE)
_ROW_BYTES = 28  # of PostgreSQL's own for every row: its header and its pointer in the page
_KEY_BYTES = 20  # of an index for every row, about


class InspectTarget(Target):
    """Counts what a load would do."""

    def __init__(self, planner: Planner, report: Report) -> None:
        self._planner = planner
        self._report = report
        self._notes = report.notes
        self._copied: dict[TableLoad, int] = {}
        self._asked = False

    def plan(self, key: TableKey, table: Table | None) -> TargetTable:
        """A new table."""
        return planned(self._planner, key, table)

    def create(self, load: TableLoad) -> None:
        """Nothing is made."""

    def rows(self, load: TableLoad, rows: Rows) -> None:
        """Cast the rows and note what was found."""
        transcoder = Transcoder(load.value_columns(rows.columns))
        # What a query would have answered is not known, and NULL in its place no mistake of the source.
        copied = taken(transcoder, rows, lambda _: None, load.recall, foresee=not self._asked)
        self._copied[load] = self._copied.get(load, 0) + copied.size
        load.loaded(copied.rows, 0.0, copied.found, None)

    def change(self, change: Change, loads: dict[TableKey, TableLoad]) -> str | None:
        """See whether it can be translated."""
        return changed(self._planner, lambda table: table.schema, change, loads)[2]

    def answer(
        self, database: str | None, query: str, loads: dict[TableKey, TableLoad]
    ) -> list[tuple[Value, ...]] | None:
        """No rows: nothing is loaded that could be asked."""
        self._asked = True
        return []

    def fire(self, trigger: Program, loads: dict[TableKey, TableLoad]) -> str | None:
        """See whether it can be translated."""
        return fired(self._planner, lambda table: table.schema, trigger, loads)[1]

    def alter(self, old: TableLoad, new: TableLoad, altered: Alteration, *, rebuild: bool) -> None:
        """Nothing was made."""

    def drop(self, load: TableLoad) -> None:
        """Nothing was made."""

    def finish(self, loads: dict[TableKey, TableLoad], programs: Sequence[Program]) -> None:
        """Go through keys and programs, for what cannot be translated."""
        keys = Keys(lambda table: table.schema, self._planner.names, self._notes)
        targets = {key: load.target for key, load in loads.items()}
        list(ddl.agree(targets, lambda table: table.schema))
        referenced = pointed_at(targets)
        for load in loads.values():
            self._look_at_keys(load)
            list(keys.of(load.target))
            list(keys.foreign_keys(load.target, referenced))
        made, refused = programs_made(self._planner, targets, programs)
        self._notes.untranslated += refused
        self._notes.made += [(one.attempt.kind, one.attempt.name) for one in made]

        self._report.plan = [self._plan(load) for load in loads.values()]

    def _look_at_keys(self, load: TableLoad) -> None:
        """Warn of unique keys whose values were changed on the way: what was apart in them may not be so any more."""
        for index in load.target.source.indexes:
            if index.kind not in (IndexKind.PRIMARY, IndexKind.UNIQUE):
                continue
            columns = [load.target.column(part.column or "") for part in index.parts]
            for column, what in product(filter(None, columns), _CHANGES):
                count, sample = load.found.get((column.name, what), (0, ""))
                merged = what is not Finding.INVALID_DATE or column.policies.zero_dates is ZeroDates.INFINITY
                if count and merged:
                    told = f"values of the key {index.name} were changed, so that rows of it may collide"
                    loss = Loss(load.target.label, column.name, told, count, sample, OPTIONS[what])
                    self._report.decisions.append(loss)

    def _plan(self, load: TableLoad) -> TablePlan:
        table = load.target
        columns = tuple(
            ColumnPlan(
                column.source.name,
                str(column.source.type),
                column.name,
                column.enum.name if column.enum else column.type,
                "text that ignores case, as its collation does"
                if column.exact_type
                else column.cast.rule.reason,
            )
            for column in table.columns
        )
        keys = len(table.source.indexes)
        disk = self._copied.get(load, 0) + load.report.rows_loaded * (_ROW_BYTES + keys * _KEY_BYTES)
        return TablePlan(load.report.source, table.label, columns, keys, len(table.source.foreign_keys), disk)

    def abort(self, cause: BaseException) -> None:
        """Nothing was made."""
