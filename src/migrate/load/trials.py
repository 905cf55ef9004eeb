"""Tables made for a trial: what PostgreSQL does not take of a plan is left out of it, by name."""

from ..model import Expression
from ..notes import Notes, Untranslated
from ..plan import Default, TargetTable
from ..postgres import ddl
from ..postgres.attempt import Attempt
from ..translate.tables import compute_by_trigger
from .attempts import Attempts


class Trials:
    """Tries the tables of one run before they are made."""

    def __init__(self, attempts: Attempts, notes: Notes) -> None:
        self._attempts = attempts
        self._notes = notes
        self._tried = 0

    def fit(self, table: TargetTable, place: str) -> None:
        """Change a plan to what PostgreSQL takes, in the schema `place`."""
        if table.partitions and (refused := self._refused(table, place)):
            reason = f"all rows are in one table: {refused}"
            text = table.source.partitioned or ""
            self._notes.untranslated.append(Untranslated("partitions", table.label, reason, text))
            table.partitions = None
        stored = any(column.computed and column.computed.stored for column in table.columns)
        if stored and self._refused(table, place):
            compute_by_trigger(table)
        self._fit_defaults(table, place)

    def _fit_defaults(self, table: TargetTable, place: str) -> None:
        tried = {column.name: column.default for column in table.columns if _is_translated(column.default)}
        if not tried or self._refused(table, place) is None:
            return
        for column in table.columns:
            column.default = None if column.name in tried else column.default
        for column in table.columns:
            if column.name in tried:
                column.default = tried[column.name]
                if refused := self._refused(table, place):
                    column.default = None
                    label, default = f"{table.label}.{column.name}", column.source.default
                    text = default.sql if isinstance(default, Expression) else ""
                    self._notes.untranslated.append(Untranslated("default", label, refused, text))

    def _refused(self, table: TargetTable, place: str) -> str | None:
        """Why PostgreSQL does not take the table as it is planned."""
        self._tried += 1
        made = (*ddl.create_table(table, place), *ddl.drop_table(table, place))
        trial = Attempt("trial", f"{self._tried} {table.label}", "", made)
        return self._attempts.make(trial.label, trial)


def _is_translated(default: Default | None) -> bool:
    return default is not None and (default.function or "").startswith("(")
