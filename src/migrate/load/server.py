"""New tables in a running server: everything is made in a staging schema that nobody sees yet.

When all rows are in and all keys are built, one transaction moves the tables to where they belong; until then the
target is as it was.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from ..errors import InputError, LostConnectionError, TargetError
from ..model import Alteration, Program, Table
from ..mysql.constants import Value
from ..mysql.events import Change, Rows, TableKey
from ..notes import Notes
from ..plan import TargetTable
from ..planner import Planner
from ..policies import Comparison
from ..postgres import catalog, ddl, needs
from ..postgres.attempt import Attempt
from ..postgres.keys import Keys
from ..postgres.psql import local_zone, zone_of
from ..translate.tables import converted
from ..translate.values import Refusal
from .attempts import Attempts
from .keys import KeyBuilder
from .ledger import SAFE
from .parallel import ParallelTarget, Terms
from .programs import fired, objects, programs_made, translated, wrote
from .table import TableLoad
from .target import planned
from .trials import Trials


class ServerTarget(ParallelTarget):
    """Makes tables in a staging schema per database and moves them to their own at the end."""

    def __init__(
        self, terms: Terms, planner: Planner, notes: Notes, time_zone: Callable[[], str | None]
    ) -> None:
        super().__init__(terms, planner, notes, time_zone)
        planner.abilities = catalog.abilities(self.control.session)
        self._check_abilities()
        automatic = planner.choices.comparison is Comparison.AUTO
        self._keys = Keys(self.place, planner.names, notes, may_fall_back=automatic)
        self._attempts = Attempts(self.control)
        self._trials = Trials(self._attempts, notes)
        self._needed: set[str] = set()
        self._known: set[str] = set()  # types of rules that are
        self._fired: dict[Program, list[str]] = {}
        self._staging: dict[str | None, str] = {}
        self._existing: dict[str, set[str]] = {}
        self._steps = 0  # that have a number in their name, since they may come several times

    def _check_abilities(self) -> None:
        """Raises InputError when the server cannot do what it was asked to."""
        chosen, choices = self.planner.comparison, self.planner.choices
        lacks = {
            Comparison.ICU: "was built without ICU",
            Comparison.CITEXT: "does not have the extension citext",
        }
        trouble = None
        if chosen in lacks and chosen.value not in self.planner.abilities:
            trouble = f"--collation {chosen.value}: the server {lacks[chosen]}: leave the choice to auto"
        elif (choices.distributed or choices.copied) and "citus" not in self.planner.abilities:
            option = "--distribute" if choices.distributed else "--reference"
            trouble = f"{option}: the database does not have the extension citus: make it there, and add its servers"
        if trouble:
            error = InputError(trouble)
            self.abort(error)
            raise error

    def plan(self, key: TableKey, table: Table | None) -> TargetTable:
        """A new table, which must not exist yet unless it is to be replaced."""
        target = planned(self.planner, key, table)
        self._check_free([target])
        self._check_types(target)
        return target

    def _check_types(self, table: TargetTable) -> None:
        """Raises InputError where PostgreSQL knows no type of that name, which a rule of the user's asks for."""
        rules = self.planner.choices.rules
        for column in table.columns:
            wanted = column.cast.type
            if column.cast.rule not in rules or wanted in self._known:
                continue
            name, *collation = re.split(r"\s+collate\s+", wanted, maxsplit=1, flags=re.IGNORECASE)
            asked = [
                f"{ddl.literal(name)}::regtype",
                *(f"{ddl.literal(one)}::regcollation" for one in collation),
            ]
            try:
                self.control.query(f"select {', '.join(asked)}")
            except LostConnectionError:
                raise
            except TargetError as error:
                said = str(error).partition("ERROR: ")[2].partition(";")[0].strip()
                number = rules.index(column.cast.rule) + 1
                raise InputError(
                    f"--rules: rule {number}: the target {wanted} is no type here: {said}"
                ) from error
            self._known.add(wanted)

    def _check_free(self, tables: Collection[TargetTable]) -> None:
        """Raises InputError when one of these tables is there and is not to be replaced."""
        taken = [] if self.terms.replace else [table.label for table in tables if self._exists(table)]
        if taken:
            raise InputError(
                f"the table {taken[0]} exists in the target: use --replace to put the new one in its place, or "
                "--schema to load elsewhere"
            )

    def _exists(self, table: TargetTable) -> bool:
        if table.schema not in self._existing:
            self._existing[table.schema] = self.control.steadily(
                partial(catalog.relations, schema=table.schema)
            )
        return table.name in self._existing[table.schema]

    def place(self, table: TargetTable) -> str:
        """The staging schema of the table's database."""
        return self._staging[table.space.database]

    def _stage(self, table: TargetTable) -> str:
        """The staging schema of a table's database, which is there from now on."""
        database = table.space.database
        if database not in self._staging:
            staging = self.ledger.staging(len(self._staging))
            self._staging[database] = staging
            drop = f"drop schema if exists {ddl.name(staging)} cascade"
            self.control.once(f"staging {staging}", [f"create schema {ddl.name(staging)}"], undo=drop)
        return self._staging[database]

    def _next(self) -> int:
        self._steps += 1
        return self._steps

    def create(self, load: TableLoad) -> None:
        """Make the table in the staging schema of its database."""
        table = load.target
        staging = self._stage(table)
        self._need(table)
        self._trials.fit(table, staging)
        self.control.once(f"create {self._next()} {table.name}", list(ddl.create_table(table, staging)))

    def _need(self, table: TargetTable) -> None:
        for need in needs.of(table):
            if need.name not in self._needed:
                self._needed.add(need.name)
                [[there]] = self.control.query(need.there)
                self.control.once(need.name, [need.create], undo=None if there == "t" else need.undo)

    def alter(self, old: TableLoad, new: TableLoad, altered: Alteration, *, rebuild: bool) -> None:
        """Rename the table or make it anew; the rows before are in."""
        if self.sharing:
            self.sharing.follow(old, new)
        before, after = old.target, new.target
        self._need(after)
        place = self.place(before)
        if place != self._stage(after):
            raise InputError(
                f"the table {before.label} is moved to another database: load one of them at a time"
            )
        if rebuild or self._keys.is_early(before):
            values = converted(before, after, altered, place)
            implied = new.imply(tuple(column.source.name for column, _ in values), place)
            statements = list(ddl.rebuild_table(before, after, values, place, implied))
        else:
            statements = list(ddl.rename_table(before, after, place))
        try:
            self.control.once(f"alter {self._next()} {before.name}", [*self._zone(), *statements])
        except TargetError as error:
            if ddl.UNFIT not in str(error):
                raise
            said = str(error).partition("ERROR: ")[2].partition("; CONTEXT")[0].strip()
            raise InputError(
                f"{altered.place}: {said}. MySQL refuses this in strict mode: mend the rows before it, or the CREATE "
                "TABLE"
            ) from error

    def _zone(self) -> list[str]:
        zone = self.time_zone()
        return [local_zone(zone)] if zone else []

    def rows(self, load: TableLoad, rows: Rows) -> None:
        """Hand a chunk to the workers; before it, let its rows leave out what MySQL lets them leave out."""
        self._imply(load, rows)
        super().rows(load, rows)

    def file(self, load: TableLoad, first: Rows) -> bool:
        """Put a file up for the workers, when there are such; its rows leave out what the first of them do."""
        self._imply(load, first)
        return super().file(load, first)

    def turn(self, load: TableLoad) -> str | None:
        """Where triggers act, all rows come in one line: they may read and change any table."""
        return "" if self._fired else super().turn(load)

    def _imply(self, load: TableLoad, rows: Rows) -> None:
        statements = list(load.imply(rows.columns, self.place(load.target)))
        if statements:
            self.control.once(f"imply {self._next()} {load.target.name}", statements)

    def hold_to_keys(self, load: TableLoad) -> None:
        """Build its unique keys early."""
        self.control.once(f"keys {self._next()} {load.target.name}", self._keys_for_changes([load.target]))

    def _keys_for_changes(self, tables: Collection[TargetTable]) -> list[str]:
        return [self._attempts.statement(one) for table in tables for one in self._keys.for_changes(table)]

    def drop(self, load: TableLoad) -> None:
        """Drop a table that the dump dropped; its rows are waited for first."""
        self.wait()
        statements = list(ddl.drop_table(load.target, self.place(load.target)))
        self.control.once(f"drop {self._next()} {load.target.name}", statements)

    def fire(self, trigger: Program, loads: dict[TableKey, TableLoad]) -> str | None:
        """Make the trigger in the staging schema, and before it the keys of the tables that it writes to."""
        self.catch_up(loads)
        number = self._next()
        firing, reason = fired(self.planner, self.place, trigger, loads, number)
        if firing is None:
            return reason
        early = [self._attempts.statement(one) for table in firing.touched for one in self._keys.early(table)]
        refused = self._attempts.make(f"fire {number} {trigger.name}", firing.attempt, early)
        self._fired.setdefault(trigger, []).extend(firing.drops)
        return refused

    def quench(self, trigger: Program) -> None:
        """Drop the trigger; the rows that came before are waited for first."""
        self.wait()
        self.control.once(f"quench {self._next()} {trigger.name}", self._fired.pop(trigger))

    def catch_up(self, loads: dict[TableKey, TableLoad]) -> None:
        """Wait for the rows so far, and change the plans as they asked for it."""
        self.wait()
        if self.sharing:
            self.sharing.recall(loads.values())

    def change(self, change: Change, loads: dict[TableKey, TableLoad]) -> str | None:
        """Carry the statement out in the staging schema, after the rows that came before it."""
        self.catch_up(loads)
        statement, touched, reason = translated(self.planner, self.place, change, loads)
        if statement is None:
            return reason
        label = f"{self._next()} {change.source} {change.offset}"
        attempt = Attempt("change", label, change.sql, (statement,))
        before = [*self._keys_for_changes(touched), *self._zone()]
        reason = self._attempts.make(attempt.label, attempt, before)
        if reason is None:
            wrote(change, touched, loads)
        return reason

    def answer(
        self, database: str | None, query: str, loads: dict[TableKey, TableLoad]
    ) -> list[tuple[Value, ...]] | None:
        """Asked of the staging schema, after the rows that came before it, once in this run's life."""
        self.catch_up(loads)
        try:
            targets = {key: load.target for key, load in loads.items()}
            question = objects(self.planner, targets, self.place).question(database, query)
        except Refusal:
            return None
        return self.control.answer(query, question, zone_of(self.time_zone() or "UTC"))

    def finish(self, loads: dict[TableKey, TableLoad], programs: Sequence[Program]) -> None:
        """Keys of every table in parallel, then references, then the move into view."""
        builder = KeyBuilder(loads, self._keys, self._attempts, self.control, self.workers)
        self.wait_for_rows(loads.values(), builder.begin)
        self.notes.lossy += builder.build(self.prove)
        self._count_made(loads.values())
        self.notes.untranslated += builder.refer(tolerant=self.terms.rejected is not None)
        self._publish({key: load.target for key, load in loads.items()}, programs)
        self.end()

    def _count_made(self, loads: Collection[TableLoad]) -> None:
        for load in loads:
            if load.written_by:
                table = ddl.name(self.place(load.target), load.target.name)
                [[rows]] = self.control.query(f"select count(*) from {table}")
                load.rows_made = int(rows) - load.report.rows_loaded

    def _publish(self, targets: Mapping[TableKey, TargetTable], programs: Sequence[Program]) -> None:
        """Move everything to its place, in the place of what is to be replaced, by one transaction."""
        tables = list(targets.values())
        made, refused = programs_made(self.planner, targets, programs)
        self.notes.untranslated += refused
        self._check_free(tables)
        statements = [ddl.ONE_BY_ONE] if any(table.distribution for table in tables) else []
        statements += [
            f"create schema if not exists {ddl.name(schema)}"
            for schema in sorted({table.schema for table in tables})
        ]
        statements += [drop for drops in self._fired.values() for drop in drops]
        if self.terms.replace:
            statements += [drop for one in reversed(made) for drop in one.drops]
        statements += _dropped([table for table in tables if self._exists(table)])
        for table in tables:
            statements += ddl.move_table(table, self.place(table))
        statements += [f"drop schema {ddl.name(staging)}" for staging in self._staging.values()]
        statements += [self._attempts.statement(one.attempt) for one in made]
        self.control.once("publish", [SAFE, *statements, self.ledger.set_state("done")])
        unmade = self._attempts.refused()
        self.notes.untranslated += unmade.values()
        self.notes.made += [
            (one.attempt.kind, one.attempt.name) for one in made if one.attempt.label not in unmade
        ]


def _dropped(tables: Sequence[TargetTable]) -> list[str]:
    """The statements that take tables away, all at once, since they may refer to each other, and what is theirs."""
    if not tables:
        return []
    names = ", ".join(ddl.name(table.schema, table.name) for table in tables)
    statements = [f"drop table {names}"]
    for table in tables:
        statements += ddl.drop_types(table, table.schema)
        statements += ddl.drop_functions(table, table.schema)
    return statements
