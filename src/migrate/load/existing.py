"""Loading rows into tables that exist already, such as those an application's own migrations have made."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..errors import InputError
from ..model import Alteration, Column, Program, Table
from ..mysql import charsets
from ..mysql.events import Change, TableKey
from ..notes import Notes
from ..plan import TargetColumn, TargetTable
from ..planner import Planner
from ..postgres import catalog, ddl
from ..rules import bound
from .parallel import ParallelTarget, Terms
from .table import TableLoad


class ExistingTarget(ParallelTarget):
    """Tables of a schema as they are. They must be empty, or are emptied; after a failure they are empty again.

    Their foreign keys are taken off while rows come in the dump's order, and put back, checked, at the end: the ledger
    keeps what they were.
    """

    def __init__(
        self, terms: Terms, planner: Planner, notes: Notes, time_zone: Callable[[], str | None]
    ) -> None:
        super().__init__(terms, planner, notes, time_zone)
        self._schema = planner.schema
        self._relations = catalog.tables(self.control.session, self._schema)

    def plan(self, key: TableKey, table: Table | None) -> TargetTable:
        """The table as it is in the target; names are compared without regard to case."""
        space = self.planner.space(key[0])
        if space.schema != self._schema:
            raise InputError(
                f"the source holds several databases, and {self._schema} can take the rows of one: choose it with "
                "--database"
            )
        name = (self.planner.choices.renamed(table) if table else None) or key[1]
        relation = self._relations.get(name.lower())
        if relation is None:
            raise InputError(
                f"the table {key[1]} is not in the schema {self._schema} of the target: make it first"
            )
        columns = list(relation.columns)
        skips = self.planner.choices.skips
        if table is not None:
            columns = [
                self._column(relation, table, column) for column in table.columns if not skips(table, column)
            ]
        return TargetTable(
            table or Table(key[0], key[1]),
            space,
            relation.name,
            columns,
            skipped=frozenset(c.name.lower() for c in table.columns if skips(table, c))
            if table
            else frozenset(),
            condition=self.planner.choices.condition(table) if table else None,
        )

    def _column(self, relation: catalog.Relation, table: Table, column: Column) -> TargetColumn:
        """The column of the target that MySQL's goes into, by its name or the one that a rule gives it."""
        choices = self.planner.choices
        wanted = choices.renamed(table, column) or column.name
        found = next((one for one in relation.columns if one.name.lower() == wanted.lower()), None)
        if found is None:
            raise InputError(f"the table {self._schema}.{relation.name} has no column {wanted}")
        return replace(
            found,
            source=column,
            cast=replace(found.cast, bound=bound(found.cast.codec, table, column)),
            charset=charsets.of_column(table, column),
            policies=choices.of(table, column),
        )

    def place(self, table: TargetTable) -> str:
        """The schema the table is in."""
        return self._schema

    def create(self, load: TableLoad) -> None:
        """See that the table is empty, and take its foreign keys off."""
        target = ddl.name(self._schema, load.target.name)
        if not self.ledger.resumed:
            [[filled]] = self.control.query(f"select exists (select from {target})")
            if filled == "t" and not self.terms.replace:
                raise InputError(
                    f"the table {load.target.label} holds rows already: --replace empties it first"
                )
        keys = self.control.query(
            "select conname, pg_get_constraintdef(oid) from pg_constraint "
            f"where contype = 'f' and conrelid = {ddl.literal(target)}::regclass"
        )
        for constraint, definition in keys:
            own = ddl.name(constraint)
            self.control.once(
                f"loosen {target} {own}",
                [f"alter table {target} drop constraint {own}"],
                restore=f"alter table {target} add constraint {own} {definition}",
            )
        self.control.once(f"empty {target}", [f"delete from {target}"], undo=f"delete from {target}")

    def hold_to_keys(self, load: TableLoad) -> None:
        """They are there."""

    def alter(self, old: TableLoad, new: TableLoad, altered: Alteration, *, rebuild: bool) -> None:
        """The tables are somebody's own."""
        raise InputError(
            f"{new.target.label} is altered after its first rows: mend its CREATE TABLE in the source, since only rows "
            "go into tables that are there already"
        )

    def drop(self, load: TableLoad) -> None:
        """DROP TABLE in a dump is for the tables it makes; here only the rows before it are taken back."""
        self.wait()
        self.control.once(
            f"drop {load.target.name}", [f"delete from {ddl.name(self._schema, load.target.name)}"]
        )

    def change(self, change: Change, loads: dict[TableKey, TableLoad]) -> str | None:
        """The tables are somebody's own: only rows go into them."""
        return "only rows go into tables that are there already"

    def fire(self, trigger: Program, loads: dict[TableKey, TableLoad]) -> str | None:
        """The target's own triggers act, and no others."""
        return None

    def finish(self, loads: dict[TableKey, TableLoad], programs: Sequence[Program]) -> None:
        """Put foreign keys back and set sequences beyond the highest keys."""
        self.wait_for_rows(loads.values())
        self.prove(loads.values())
        self.ledger.restore(self.control.session)
        for load in loads.values():
            target = ddl.name(self._schema, load.target.name)
            for statement in ddl.set_sequences(load.target, self._schema):
                self.control.session.run(f"{statement};")
            self.control.session.run(f"analyze {target};")
        self.ledger.settle(self.control.session, "done")
        self.end()
