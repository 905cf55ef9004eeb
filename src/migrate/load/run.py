"""The load: what a reader tells, in order, done to a target.

The reader runs in the calling thread. It defines tables and hands out chunks of rows; a `Target` makes the tables when
their first rows come, so that definitions that a dump gives later (phpMyAdmin's keys) are all there at the end.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from typing import Protocol

from ..comparison import told
from ..errors import InputError, StoppedError, UnfinishedError
from ..model import Alteration, Column, Database, Duplicates, Table
from ..mysql.constants import Value
from ..mysql.events import Change, Dropped, Event, Rows, TableKey, label, where
from ..mysql.inputs import Input, is_for_anyone
from ..mysql.session import Session
from ..notes import Loss, Untranslated
from ..planner import Planner
from ..report import Report, TableReport
from ..rules import collation_of
from ..selection import Selection
from ..translate.values import Refusal
from .account import account, keys_told_apart
from .leftovers import untranslated
from .programs import objects
from .table import TableLoad
from .target import Target, UndefinedError
from .triggers import Triggers


class Meter(Protocol):
    """Who is told how far the load has come."""

    def update(self, rows: int) -> None:
        """So many more rows were read."""

    def stage(self, what: str) -> None:
        """The rows are read; this is what goes on now."""


class Load:
    """Drives one migration. `meter` is told of every chunk that was read, `say` of every table that was planned."""

    def __init__(
        self,
        planner: Planner,
        report: Report,
        selection: Selection,
        meter: Meter,
        say: Callable[[TableLoad], None],
    ) -> None:
        self.database = Database()
        self.session = Session()
        self.loads: dict[TableKey, TableLoad] = {}
        self._filtered: dict[TableKey, TableReport] = {}
        self._undefined: dict[TableKey, TableReport] = {}
        self._planned = 0  # tables, dropped ones too
        self._planner = planner
        self._report = report
        self._selection = selection
        self._meter = meter
        self._say = say

    def run(self, inputs: Iterable[Input], target: Target, *, with_data: bool = True) -> None:
        """Read every input to its end, then finish the target; on any failure abort it."""
        self._target = target
        self._triggers = Triggers(self.database, target, self.loads, self._load_all)
        self.session.counters.highest = self._highest
        self.session.ask = self._ask
        self.session.wants = lambda key: with_data and self._selection.wants(*key)
        try:
            for one in inputs:
                with closing(one):
                    self._read(one, with_data)
            self._end_session()
            self._check_database()
            self._check_choice()
            self._check_anything()
            self._load_all()
            self._meter.stage("keys and proof")
            target.finish(self.loads, [p for p in self.database.programs if self._selection.wants_program(p)])
        except BaseException as cause:
            way_out = target.abort(cause)
            if way_out is None:
                raise
            if isinstance(cause, KeyboardInterrupt):
                raise StoppedError(f"stopped. {way_out}") from cause
            raise UnfinishedError(f"{cause}. {way_out}") from cause
        self._tell()

    def _end_session(self) -> None:
        """Temporary tables go with the session that made them."""
        for key in [key for key, table in self.database.tables.items() if table.temporary]:
            self._handle(Dropped(key), True)
            del self.database.tables[key]

    def _read(self, one: Input, with_data: bool) -> None:
        begins = with_data and is_for_anyone(one)
        for event in one.events(self.database, self.session):
            if begins and isinstance(event, Rows) and event.source == one.name and self._leave(event):
                return
            begins = False
            self._handle(event, with_data)
            del event  # or a long row would be in memory until the next one is read

    def _leave(self, first: Rows) -> bool:
        """Leave a file of rows to others, if they can do with it all that is to be done."""
        in_order = first.duplicates is not Duplicates.REFUSED or self._triggers.act_on(first)
        if in_order or not self._wants(first.table):
            return False
        try:
            load = self._load(first.table)
        except UndefinedError:
            return False
        if not self._target.file(load, first):
            return False
        self.session.counters.doubt(first.table)
        return True

    def _wants(self, key: TableKey) -> bool:
        return self._selection.wants(*key) and not self._planner.choices.skips(Table(*key))

    def _handle(self, event: Event, with_data: bool) -> None:
        if isinstance(event, Rows):
            self._rows(event, with_data)
        elif isinstance(event, Dropped):
            self._drop(event.table)
        elif isinstance(event, Alteration):
            self._alter(event)
        elif isinstance(event, Change):
            if with_data:
                self._change(event)
        else:
            self._report.notes.untranslated.append(untranslated(event))

    def _rows(self, rows: Rows, with_data: bool) -> None:
        self._meter.update(rows.rows)
        self._report.read(rows.size)
        if not self._wants(rows.table):
            self._filter(rows)
            return
        try:
            load = self._load(rows.table)
        except UndefinedError:
            if not self.database.tables and not self._report.notes.untranslated:
                raise
            self._leave_out(rows)
            return
        parts = self._triggers.come(rows) if with_data else ()
        load.report.rows_read += rows.rows
        load.report.bytes += rows.size
        for part in parts:
            self._target.rows(load, self._merged(load, part))
        if not with_data:
            load.report.rows_filtered += rows.rows

    def _drop(self, table: TableKey) -> None:
        load = self.loads.pop(self._resolved(table), None)
        if load:
            self._target.drop(load)
            self._report.tables.remove(load.report)
            self._planner.forget(load.target.source)

    def _alter(self, altered: Alteration) -> None:
        """A table that is on its way already has another name or other columns from now on."""
        key = next((key for key in self.loads if key == altered.table), None)
        source = altered.became
        if key is None:
            return  # it is made when all of its definition is known
        self._target.catch_up(self.loads)
        old = self.loads.pop(key)
        rebuild = old.target.source.shape != source.shape
        acted = self._triggers.unset(altered.table)
        self._planner.forget(old.target.source)
        became = source.database, source.name
        target = self._target.plan(became, source)
        target.inherit(old.target, altered)
        self._planned += 1
        new = old.following(target, self._planned)
        self._target.alter(old, new, altered, rebuild=rebuild or old.held_to_keys or acted)
        new.take_over(old, rebuild=rebuild)
        new.report.source, new.report.target = label(became), target.label
        self.loads[became] = new

    def _highest(self, key: TableKey, column: Column) -> int | None:
        load = self.loads.get(self._resolved(key))
        there = load is not None and (load.changed or load.report.rows_read)
        return self._target.highest(load, column) if load and there else 0

    def _ask(self, database: str | None, query: str) -> list[tuple[Value, ...]] | None:
        self._load_all()  # what it may read
        return self._target.answer(database, query, self.loads)

    def _load_all(self) -> None:
        for key in list(self.database.tables):
            if self._wants(key):
                self._load(key)

    def _merged(self, load: TableLoad, rows: Rows) -> Rows:
        """The rows, with their ON DUPLICATE KEY UPDATE translated; without it where that cannot be done."""
        if rows.duplicates is Duplicates.REPLACED and self.session.checks_references:
            load.followed = load.followed or self._follower(load)
        if rows.duplicates is not Duplicates.REFUSED and rows.strict is not None:  # no server wrote them
            self._tell_of_keys(load, rows.duplicates)
            load.passes_over |= rows.duplicates is not Duplicates.REPLACED
        if not rows.update:
            return rows
        if rows.update not in load.updates:
            key = self._resolved(rows.table)
            load.updates[rows.update] = None
            try:
                translator = objects(self._planner, {key: load.target}, self._target.place)
                load.updates[rows.update] = translator.merging(
                    key, rows.update, strict=rows.strict is not False
                )
            except Refusal as refusal:
                reason = f"a row whose key is there already is a mistake: {refusal}"
                missing = Untranslated(rows.duplicates.value, where(rows), reason, rows.update)
                self._report.notes.untranslated.append(missing)
        if load.updates[rows.update] is None:
            return replace(rows, duplicates=Duplicates.REFUSED)
        return rows

    def _tell_of_keys(self, load: TableLoad, duplicates: Duplicates) -> None:
        lossy = self._report.notes.lossy
        lossy += [loss for loss in keys_told_apart(load.target, duplicates) if loss not in lossy]

    def _follower(self, load: TableLoad) -> str | None:
        """A table whose rows go, or lose what they point at, with one of these."""
        for table in self.database.tables.values():
            for key in table.foreign_keys:
                named = key.table.lower() == load.target.source.name.lower()
                if named and key.on_delete in ("cascade", "set null"):
                    return table.name
        return None

    def _change(self, change: Change) -> None:
        self._load_all()  # what it may read or write
        self._report.notes.untranslated += self._triggers.changed(change)
        reason = self._target.change(change, self.loads)
        for key, load in self.loads.items():
            if load.changed:
                self.session.counters.doubt(key, came=not change.words.startswith(("UPDATE", "DELETE")))
            if load.written_by == change.writer and change.duplicates is not Duplicates.REFUSED:
                self._tell_of_keys(load, change.duplicates)
        if reason is not None:
            self._report.notes.untranslated.append(
                Untranslated(change.words, where(change), f"it is not carried out: {reason}", change.sql)
            )

    def _load(self, key: TableKey) -> TableLoad:
        key = self._resolved(key)
        table = self.database.tables.get(key)
        if key in self.loads:
            target = self.loads[key].target
            if table is not None and table is not target.source:
                self._planner.revise(target, table)
            return self.loads[key]
        target = self._target.plan(key, table)
        self._planned += 1
        load = TableLoad(target, TableReport(label(key), target.label), self._planned)
        self._target.create(load)
        self.loads[key] = load
        self._report.tables.append(load.report)
        self._say(load)
        return load

    def _check_database(self) -> None:
        wanted = self._selection.database
        found = {key[0] for key in (*self.database.tables, *self.loads) if key[0] is not None}
        if wanted is not None and found and wanted not in found:
            raise InputError(
                f"--database {wanted}: the source has no such database; it has {', '.join(sorted(found))}"
            )

    def _check_choice(self) -> None:
        """Patterns that match nothing are named; where all of them do, somebody is mistaken."""
        views = {(one.database, one.name) for one in self.database.programs if one.kind == "view"}
        unmatched = [
            *self._selection.unmatched(
                {*self.database.tables, *self.loads, *self._filtered, *self._undefined, *views}
            )
        ]
        if unmatched and len(unmatched) == len(self._selection.include):
            raise InputError("; ".join(f"--include {one.name}: {one.reason}" for one in unmatched))
        self._report.notes.untranslated += unmatched

    def _resolved(self, key: TableKey) -> TableKey:
        """The key of the table that is meant: MySQL on Windows and macOS writes names in the case the user typed."""
        if key in self.database.tables:
            return key
        same = [k for k in self.database.tables if k[1].lower() == key[1].lower() and k[0] in (key[0], None)]
        return next((k for k in same if k[0] == key[0]), same[0] if same else key)

    def _filter(self, rows: Rows) -> None:
        self._count(rows, self._filtered).rows_filtered += rows.rows

    def _leave_out(self, rows: Rows) -> None:
        """Rows of a table that nothing defines, or whose definition could not be read."""
        self._count(rows, self._undefined).rows_rejected += rows.rows

    def _count(self, rows: Rows, reports: dict[TableKey, TableReport]) -> TableReport:
        report = reports.get(rows.table)
        if report is None:
            report = reports[rows.table] = TableReport(label(rows.table), "")
            self._report.tables.append(report)
        report.rows_read += rows.rows
        report.bytes += rows.size
        return report

    def _check_anything(self) -> None:
        """A source of which nothing at all can be used is refused."""
        unread = [one for one in self._report.notes.untranslated if one.kind == "file"]
        if unread and not (self.loads or self.database.tables or self.database.programs):
            raise InputError(f"{unread[0].name.removesuffix(', byte 0')}: {unread[0].reason}")

    def _tell(self) -> None:
        self._report.coordinates = self.session.coordinates
        for key, report in self._undefined.items():
            reason = (
                f"there is no CREATE TABLE before these {report.rows_read} rows: name the file that has it as well, or "
                "load them into a table that is there already with --data-only"
            )
            self._report.notes.untranslated.append(Untranslated("rows", label(key), reason))
        for load in self.loads.values():
            load.report.target = load.target.label
            account(load, self._report)
        self._tell_of_comparisons()
        self._report.notes.untranslated += self._triggers.missed()

    def _tell_of_comparisons(self) -> None:
        texts = (
            collation_of(load.target.source, column.source)
            for load in self.loads.values()
            for column in load.target.columns
            if column.is_text
        )
        if what := told(texts, self._planner.comparison):
            self._report.decisions.append(Loss("text", None, what, option="--collation"))
