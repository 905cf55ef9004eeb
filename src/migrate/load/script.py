"""Writing one psql script instead of loading: definitions, COPY blocks, keys, all in one transaction."""

from collections.abc import Callable, Sequence
from typing import BinaryIO

from ..model import Alteration, Column, Duplicates, Program, Table
from ..mysql.events import Change, Rows, TableKey
from ..notes import Notes
from ..plan import TargetTable
from ..planner import Planner
from ..policies import Comparison
from ..postgres import ddl, needs
from ..postgres.attempt import Attempt
from ..postgres.keys import Keys
from ..postgres.merging import CAME, GONE, INCOMING, Merging
from ..postgres.psql import zone_of
from ..references import pointed_at
from ..transcode.chunk import Copied, Transcoder
from ..translate.tables import converted
from .foreseen import taken
from .programs import changed, fired, programs_made
from .rejects import Rejects
from .table import TableLoad
from .target import Target, planned


class ScriptTarget(Target):
    """A file, or standard output, as the target of a load: `psql -X -v ON_ERROR_STOP=1 -f FILE` loads it."""

    def __init__(
        self,
        file: BinaryIO,
        planner: Planner,
        notes: Notes,
        *,
        replace: bool,
        rejected: Rejects | None,
        time_zone: Callable[[], str | None],
    ) -> None:
        self._file = file
        self._planner = planner
        self._notes = notes
        self._replace = replace
        self._rejects = rejected
        if rejected is not None:
            rejected.begin(resumed=False)
        self._time_zone = time_zone
        self._zone: str | None = None
        self._transcoder: tuple[tuple[TableLoad, tuple[str, ...] | None], Transcoder] | None = None
        self._write("set client_encoding = 'UTF8'", "set standard_conforming_strings = on", "begin")
        automatic = planner.choices.comparison is Comparison.AUTO
        self._keys = Keys(self.place, planner.names, notes, may_fall_back=automatic)
        self._needed: set[str] = set()
        self._fired: dict[Program, list[str]] = {}
        self._triggers = 0  # that were ever made
        self._schemas = {"public"}
        self._places: dict[str | None, str] = {}
        self._asides: dict[str, str] = {}
        self._queried: set[str] = set()  # tables that queries gave rows or numbers to
        self._came: dict[str, set[str]] = {}  # columns that rows came with while nothing counted in them
        self._replaced: list[tuple[TargetTable, str]] = []

    def _write(self, *statements: str | Attempt) -> None:
        for statement in statements:
            text = statement.warned() if isinstance(statement, Attempt) else statement
            self._file.write(f"{text};\n".encode("utf-8", "surrogateescape"))

    def plan(self, key: TableKey, table: Table | None) -> TargetTable:
        """A new table."""
        return planned(self._planner, key, table)

    def place(self, table: TargetTable) -> str:
        """The schema the table is made in; a source's first database may have to move when there are several."""
        return self._places.setdefault(table.space.database, table.schema)

    def _need(self, schema: str) -> None:
        if schema not in self._schemas:
            self._schemas.add(schema)
            self._write(f"create schema if not exists {ddl.name(schema)}")

    def create(self, load: TableLoad) -> None:
        """Write the table's definition."""
        self._need(self.place(load.target))
        if self._replace:
            self._set_aside(load.target)
        self._provide(load.target)
        self._write(*ddl.create_table(load.target, self.place(load.target)))

    def _provide(self, table: TargetTable) -> None:
        for need in needs.of(table):
            if need.name not in self._needed:
                self._needed.add(need.name)
                self._write(need.create)

    def _set_aside(self, table: TargetTable) -> None:
        """The table that is there already goes at the end, with all others: they may refer to each other."""
        place = self.place(table)
        aside = self._asides.setdefault(place, f"migrate_replaced_{len(self._asides) + 1}")
        self._need(aside)
        self._write(*ddl.set_aside(table, place, aside))
        self._replaced.append((table, aside))

    def _drop_replaced(self) -> None:
        if not self._replaced:
            return
        tables = ", ".join(ddl.name(aside, table.name) for table, aside in self._replaced)
        self._write(f"drop table if exists {tables}")
        for table, aside in self._replaced:
            self._write(*ddl.drop_types(table, aside))
        self._write(*(f"drop schema {ddl.name(aside)}" for aside in self._asides.values()))

    def _set_zone(self) -> None:
        """Let what follows be meant in the session's time zone."""
        zone = self._time_zone()
        if zone != self._zone:
            self._zone = zone
            self._write(f"set timezone = {ddl.literal(zone_of(zone))}" if zone else "reset timezone")

    def rows(self, load: TableLoad, rows: Rows) -> None:
        """Write a COPY block."""
        self._set_zone()
        source = load.target.source
        plain = {one.name.lower() for one in source.columns if not one.auto_increment}
        self._came.setdefault(load.target.label, set()).update(plain)
        key = (load, rows.columns)
        if self._transcoder is None or self._transcoder[0] != key:
            self._transcoder = (key, Transcoder(load.value_columns(rows.columns)))
        transcoder = self._transcoder[1]
        place = self.place(load.target)
        self._write(*load.imply(rows.columns, place))
        columns = [column for column in transcoder.columns if column is not None]
        copied = taken(
            transcoder,
            rows,
            self._rejects.of(load, transcoder, rows.time_zone) if self._rejects is not None else None,
            lambda found: self._write(*load.adjust(found, place)),
        )
        if rows.duplicates is Duplicates.REFUSED:
            self._copy(ddl.copy(load.target, columns, place, made_with_it=True), copied)
        else:
            self._write(*self._keys.for_changes(load.target))
            sets = load.updates.get(rows.update) or ""
            merging = Merging(load.target, place, tuple(columns), rows.duplicates, sets)
            self._write(*merging.prepare)
            self._copy(merging.copy, copied)
            self._write(merging.merge, f"drop table {INCOMING}, {GONE}, {CAME}")
        load.loaded(copied.rows, 0.0, copied.found, None)

    def _copy(self, statement: str, copied: Copied) -> None:
        self._write(statement)
        self._file.write(copied.data)
        self._file.write(b"\\.\n")

    def change(self, change: Change, loads: dict[TableKey, TableLoad]) -> str | None:
        """Write the statement."""
        statement, touched, reason = changed(self._planner, self.place, change, loads)
        if statement is not None:
            self._set_zone()
            for table in touched:
                self._write(*self._keys.for_changes(table))
            self._write(statement)
            brings = change.words.startswith(("INSERT", "REPLACE"))
            sets = [one.partition(" where ")[0] for one in statement.split(" set ")[1:]]
            for table in touched:
                counting = (one.name for one in table.columns if one.source.auto_increment)
                if brings or any(f"{ddl.name(one)} = " in found for one in counting for found in sets):
                    self._queried.add(table.label)
        return reason

    def fire(self, trigger: Program, loads: dict[TableKey, TableLoad]) -> str | None:
        """Write the trigger, and before it the keys of the tables that it writes to."""
        self._triggers += 1
        firing, reason = fired(self._planner, self.place, trigger, loads, self._triggers)
        if firing is not None:
            for table in firing.touched:
                self._write(*self._keys.early(table))
            self._write(firing.attempt)
            self._fired.setdefault(trigger, []).extend(firing.drops)
        return reason

    def quench(self, trigger: Program) -> None:
        """Write that the trigger goes."""
        self._write(*self._fired.pop(trigger))

    def alter(self, old: TableLoad, new: TableLoad, altered: Alteration, *, rebuild: bool) -> None:
        """Write that the table is renamed or made anew."""
        before, after = old.target, new.target
        self._provide(after)
        came = self._came.pop(before.label, set())
        self._came[after.label] = {own for own, was in altered.origins.items() if was.lower() in came}
        place = self.place(before)
        self._set_zone()
        if rebuild or self._keys.is_early(before):
            values = converted(before, after, altered, place)
            implied = new.imply(tuple(column.source.name for column, _ in values), place)
            self._write(*ddl.rebuild_table(before, after, values, place, implied))
        else:
            self._write(*ddl.rename_table(before, after, place))

    def highest(self, load: TableLoad, column: Column) -> int | None:
        """How many rows there are, which is the highest number where they were given theirs just now."""
        label = load.target.label
        own = label in self._queried or column.name.lower() in self._came.get(label, ())
        return None if own else load.report.rows_loaded

    def drop(self, load: TableLoad) -> None:
        """Write that the table goes."""
        self._write(*ddl.drop_table(load.target, self.place(load.target)))

    def finish(self, loads: dict[TableKey, TableLoad], programs: Sequence[Program]) -> None:
        """Write keys, references and programs."""
        self._write(*(one for drops in self._fired.values() for one in drops))
        targets = {key: load.target for key, load in loads.items()}
        self._write(*ddl.agree(targets, self.place))
        for load in loads.values():
            self._write(*self._keys.of(load.target))
        referenced = pointed_at(targets)
        for load in loads.values():
            self._write(*self._keys.foreign_keys(load.target, referenced))
        for load in loads.values():
            if self.place(load.target) != load.target.schema:
                self._need(load.target.schema)
                self._write(*ddl.move_table(load.target, self.place(load.target)))
        made, refused = programs_made(self._planner, targets, programs)
        self._notes.untranslated += refused
        if self._replace:
            self._write(*(drop for one in reversed(made) for drop in one.drops))
        self._drop_replaced()
        self._write(*(one.attempt for one in made))
        self._notes.made += [(one.attempt.kind, one.attempt.name) for one in made]
        self._write("commit")
        self._write(*(ddl.gather_statistics(load.target, load.target.schema) for load in loads.values()))
        self._file.flush()

    def abort(self, cause: BaseException) -> None:
        """The transaction in the script is never committed; the caller takes the file away."""
