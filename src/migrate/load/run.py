"""The load: what a reader tells, in order, done to a target.

The reader runs in the calling thread. It defines tables and hands out chunks of rows; a `Target` makes the tables when
their first rows come, so that definitions that a dump gives later (phpMyAdmin's keys) are all there at the end.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from ..comparison import told
from ..errors import InputError, StoppedError, UnfinishedError
from ..model import Alteration, Column, Database, Duplicates, Program, Table
from ..mysql.constants import Value
from ..mysql.events import Change, Dropped, Event, Rows, TableKey
from ..mysql.inputs import Input, is_for_anyone
from ..mysql.session import Session
from ..plan import Loss, Planner, Selection, TargetColumn, TargetTable, Untranslated
from ..policies import InvalidText, Nul, Policies, ZeroDates
from ..postgres import ddl
from ..report import Report, TableReport
from ..rules import collation_of
from ..transcode.chunk import Found
from ..transcode.codecs import Codec, Finding
from ..translate.header import acts_on
from ..translate.tables import complete, sequence_default
from ..translate.values import Refusal
from ..verify import TableDigest

if TYPE_CHECKING:
    from ..translate.objects import Firing, Made, Objects, Place

_LOSSES = {
    Finding.INVALID_DATE: "a zero or impossible date became {dates}",
    Finding.NUL_STRIPPED: "NUL characters, which PostgreSQL's text cannot hold, were {nul}",
    Finding.INVALID_TEXT: "bytes that are not in the dump's character set were {invalid}",
    Finding.MOJIBAKE: "text that was encoded twice in UTF-8 {mojibake}",
    Finding.CONVERTED: "a value that does not fit became what MySQL makes of it without strict mode",
    Finding.REJECTED: "the row was not loaded (reason of the first: see the sample)",
}
OPTIONS = {
    Finding.INVALID_DATE: "--zero-dates",
    Finding.NUL_STRIPPED: "--nul",
    Finding.INVALID_TEXT: "--invalid-text",
    Finding.MOJIBAKE: "--repair-mojibake",
    Finding.REJECTED: "--on-error",
}
_DATES = {ZeroDates.NULL: "NULL", ZeroDates.INFINITY: "-infinity"}
_NULS = {Nul.STRIP: "left out", Nul.REPLACE: "replaced by U+FFFD"}
_INVALID = {InvalidText.REPLACE: "replaced by U+FFFD", InvalidText.LATIN1: "read as latin1"}


def _loss(what: Finding, policies: Policies) -> str | None:
    """What a finding means for people, None when nothing was lost by it."""
    mojibake = "was mended" if policies.repair_mojibake else "was left as it is: --repair-mojibake mends it"
    return (
        _LOSSES[what].format(
            dates=_DATES.get(policies.zero_dates),
            nul=_NULS.get(policies.nul),
            invalid=_INVALID.get(policies.invalid_text, "read as latin1, since it says none"),
            mojibake=mojibake,
        )
        if what in _LOSSES
        else None
    )


# What MySQL keeps of a password is nobody's to read in a report.
_ACCOUNTS = re.compile(
    r"(?:grant|revoke|(?:create|alter)\s+(?:or\s+replace\s+)?(?:user|role|server))\b", re.IGNORECASE
)
_COMMENT_MARK = re.compile(r"/\*M?!\d*|\*/")
_SECRET = re.compile(
    r"\b(identified|password(?=\s*'))(?:[^',;]|'(?:[^'\\]|\\.|'')*')*", re.IGNORECASE | re.DOTALL
)


_INSTANT = re.compile(r"(?i)timestamp(?:tz|.*with time zone)")  # types whose text depends on a time zone


@dataclass(eq=False)
class TableLoad:
    """One table on its way: its plan, its account and what was found in its rows; `number` is its place in the run."""

    target: TargetTable
    report: TableReport
    number: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    found: dict[tuple[str, Finding], tuple[int, str]] = field(default_factory=dict)
    digest: TableDigest = field(init=False)
    unproven: str | None = None  # why its digest says nothing
    zones: set[str | None] = field(default_factory=set)  # time zones that its timestamps are meant in
    written_by: str | None = (
        None  # the trigger or statement of the dump that writes to it while rows are loaded
    )
    changed: bool = False  # by statements of the dump, which belong to its account
    rows_made: int | None = None  # how many more rows it has for that
    followed: str | None = None  # the table whose rows MySQL would take away with a row that is replaced
    held_to_keys: bool = False  # its rows are, as they come: their order counts
    updates: dict[str, str | None] = field(
        default_factory=dict
    )  # ON DUPLICATE KEY UPDATE as PostgreSQL's; None: never
    _named: set[tuple[str, ...]] = field(default_factory=set)  # the columns that rows came with so far

    def __post_init__(self) -> None:
        self.digest = TableDigest.empty(self.target)

    def following(self, target: TargetTable, number: int) -> "TableLoad":
        """The load of the same rows when the table is altered."""
        new = replace(
            self,
            target=target,
            number=number,
            lock=threading.Lock(),
            updates={},
            held_to_keys=False,
            _named=set(),
        )
        new.digest = self.digest
        return new

    def take_over(self, old: "TableLoad", *, rebuild: bool) -> None:
        """Know what was found in the rows so far; `rebuild` says that they are altered, too."""
        names = {column.name for column in self.target.columns}
        self.found = {key: value for key, value in old.found.items() if key[0] in names}
        self.unproven = old.unproven
        if rebuild:
            self.digest = TableDigest.empty(self.target)
            self.unproven = "ALTER TABLE in the dump changed its rows"

    @property
    def zone(self) -> str | None:
        """The time zone that its timestamps are meant in."""
        return next(iter(self.zones), None)

    def meant_in(self, zone: str | None) -> None:
        """Rows come whose timestamps are meant in this time zone."""
        self.zones.add(zone)
        if len(self.zones) > 1 and any(_INSTANT.match(column.type) for column in self.target.columns):
            self.unproven = "its timestamps are written in several time zones"

    def value_columns(self, named: tuple[str, ...] | None) -> list[TargetColumn | None]:
        """The column of each value in a row; None for those that are not loaded, such as generated ones."""
        if named is None:
            if not self.target.source.columns:  # a source of rows alone, for a table that was there before
                return [_loaded(column) for column in self.target.columns]
            named = tuple(self.target.source.listed)
        columns: list[TargetColumn | None] = []
        for name in named:
            column = self.target.column(name)
            if column is None and name.lower() not in self.target.skipped:
                raise InputError(
                    f"an INSERT into {self.report.source} names the column {name}, which is not there"
                )
            columns.append(_loaded(column) if column else None)
        return columns

    def adjust(self, found: Iterable[Found], schema: str) -> Iterator[str]:
        """The statements that must run before rows with these findings can be copied.

        Each changes the plan once it was carried out, which is when the next one is asked for.
        """
        for one in found:
            column = one.column
            nulled = column.policies.zero_dates is ZeroDates.NULL
            if one.what is Finding.INVALID_DATE and nulled and column.not_null:
                yield ddl.drop_not_null(self.target, column, schema)
                column.not_null = False
            wider = column.cast.wider
            if one.what is Finding.WIDEN and wider is not None and column.type != wider:
                yield ddl.widen(self.target, column, wider, schema)
                column.widen(wider)
            if one.what is Finding.WIDEN and column.enum and "" not in column.enum.members:
                yield ddl.add_empty_member(column, schema)
                column.enum = replace(column.enum, members=("", *column.enum.members))

    def imply(self, named: tuple[str, ...] | None, schema: str) -> Iterator[str]:
        """The statements without which rows of these columns would lack a value that MySQL implies."""
        source = self.target.source
        if named is None and len(source.listed) < len(source.columns):
            named = tuple(source.listed)
        if named is None or named in self._named:
            return
        self._named.add(named)
        left_in = {name.lower() for name in named}
        for column in self.target.columns:
            bare = column.default is None and column.implied is None and not column.identity
            wanted = column.not_null and column.source.generated is None and not column.source.auto_increment
            if wanted and bare and column.source.name.lower() not in left_in:
                statement = ddl.imply(self.target, column, schema)
                if statement is not None:
                    yield statement

    def recall(self, found: Iterable[Found]) -> None:
        """Change the plan as an earlier attempt did when it met these findings."""
        for _ in self.adjust(found, ""):
            pass

    def loaded(self, rows: int, seconds: float, found: Iterable[Found], digest: TableDigest | None) -> None:
        """A chunk is in the target."""
        with self.lock:
            self.report.rows_loaded += rows
            self.report.seconds += seconds
            for one in found:
                key = (one.column.name, one.what)
                count, sample = self.found.get(key, (0, one.sample))
                self.found[key] = (count + one.count, sample)
                if one.what is Finding.REJECTED:
                    self.report.rows_rejected += one.count
                if one.what is Finding.DUPLICATE:
                    self.report.rows_filtered += one.count
            if digest is not None:
                self.digest.add(digest)
            else:
                filtered = self.target.condition is not None
                self.unproven = (
                    f"some of its rows {'are filtered' if filtered else 'leave columns to their defaults'}"
                )

    def account(self, report: Report) -> None:
        """Tell the report what was decided from the data and what was lost."""
        for (column, what), (count, sample) in self.found.items():
            policies = next(one.policies for one in self.target.columns if one.name == column)
            loss = _loss(what, policies)
            if what is Finding.DUPLICATE:
                decision = (
                    "rows with a key that was there already, of which the source says what becomes of them"
                )
                report.decisions.append(Loss(self.target.label, None, decision, count, sample))
                if self.followed:
                    reason = (
                        f"rows of {self.followed} that MySQL takes away with a replaced one are there still"
                    )
                    report.notes.untranslated.append(Untranslated("REPLACE", self.target.label, reason))
            if loss is not None:
                named = None if what is Finding.REJECTED else column
                option = OPTIONS.get(what)
                report.notes.lossy.append(Loss(self.target.label, named, loss, count, sample, option))
        for column_plan in self.target.columns:
            cast = column_plan.cast
            if column_plan.implied is not None:
                given = column_plan.implied or "the empty string"
                decision = f"rows that leave it out have {given}, as in MySQL without strict mode"
                report.decisions.append(Loss(self.target.label, column_plan.name, decision))
            if column_plan.enum and set(column_plan.enum.members) != set(column_plan.source.type.members):
                count, sample = self.found.get((column_plan.name, Finding.WIDEN), (0, ""))
                decision = "the empty string, MySQL's mark of an invalid value, became a member of the enum"
                report.decisions.append(
                    Loss(self.target.label, column_plan.name, decision, count, sample or None, "--rules")
                )
            if column_plan.source.auto_increment and not column_plan.identity:
                report.notes.lossy.append(
                    Loss(self.target.label, column_plan.name, f"{column_plan.type} cannot count up by itself")
                )
            if cast.wider and (cast.codec is Codec.BOOLEAN or column_plan.type == cast.wider):
                count, sample = self.found.get((column_plan.name, Finding.WIDEN), (0, ""))
                decision = f"{column_plan.source.type} became {column_plan.type}: {cast.rule.reason}"
                report.decisions.append(
                    Loss(self.target.label, column_plan.name, decision, count, sample or None, "--rules")
                )


def _loaded(column: TargetColumn) -> TargetColumn | None:
    return None if column.cast.codec is Codec.SKIP else column


class Target(Protocol):
    """Where tables and rows go."""

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

    def alter(self, old: TableLoad, new: TableLoad, origins: dict[str, str], *, rebuild: bool) -> None:
        """Give a table another name and, with `rebuild`, other columns; what is there follows.

        `origins` has the former name of each column that was there. Raises InputError where a value has no way.
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


def objects(planner: Planner, targets: Mapping[TableKey, TargetTable], place: "Place") -> "Objects":
    """The translator of all that is no table. Imported here: sqlglot takes a while, and many dumps have only tables."""
    from ..translate.objects import Objects

    return Objects(planner, targets, place)


def programs_made(
    planner: Planner, targets: Mapping[TableKey, TargetTable], programs: Sequence[Program]
) -> tuple[list["Made"], list[Untranslated]]:
    """What is made beside tables, in its order, for tables where they belong, and what cannot be made."""
    columns = (column for table in targets.values() for column in table.columns)
    if not programs and not any(map(sequence_default, columns)):
        return [], []
    return objects(planner, targets, lambda table: table.schema).all(programs)


def fired(
    planner: Planner, place: "Place", trigger: Program, loads: dict[TableKey, TableLoad], number: int = 0
) -> tuple["Firing | None", str | None]:
    """A trigger for the tables where they are, or the reason why not; the tables it writes to are marked."""
    try:
        targets = {key: load.target for key, load in loads.items()}
        firing = objects(planner, targets, place).firing(trigger, number)
    except Refusal as refusal:
        return None, str(refusal)
    for load in loads.values():
        if load.target in firing.touched:
            load.written_by = f"the trigger {trigger.name}"
            load.unproven = f"the trigger {trigger.name} of the dump writes to it"
    return firing, None


class UndefinedError(InputError):
    """There are rows for a table that nothing defines."""


def changed(
    planner: Planner, place: "Place", change: Change, loads: dict[TableKey, TableLoad]
) -> tuple[str | None, list[TargetTable], str | None]:
    """The statement for the tables where they are and those it writes to, which are marked, or the reason why not."""
    try:
        targets = {key: load.target for key, load in loads.items()}
        statement, touched = objects(planner, targets, place).change(
            change.database, change.canonical, follow=change.follow, strict=change.strict
        )
    except Refusal as refusal:
        return None, [], str(refusal)
    for load in loads.values():
        if load.target in touched:
            load.changed = True
            load.written_by = f"{change.words} in the dump"
            load.unproven = f"{load.written_by} changed it"
    return statement, touched, None


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
        self._fired: dict[Program, str | None] = {}
        self._missed: dict[Program, int] = {}
        self._planned = 0  # tables, dropped ones too
        self._planner = planner
        self._report = report
        self._selection = selection
        self._meter = meter
        self._say = say

    def run(self, inputs: Iterable[Input], target: Target, *, with_data: bool = True) -> None:
        """Read every input to its end, then finish the target; on any failure abort it."""
        self._target = target
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
            self._meter.stage("finishing")
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
        in_order = first.duplicates is not Duplicates.REFUSED or bool(self._acting(first))
        if in_order or not self._wants(first.table):
            return False
        try:
            load = self._load(first.table)
        except UndefinedError:
            return False
        if load.held_to_keys or not self._target.file(load, first):
            return False
        self.session.counters.doubt(first.table)
        return True

    def _wants(self, key: TableKey) -> bool:
        return self._selection.wants(*key) and not self._planner.choices.skips(Table(*key))

    def _handle(self, event: Event, with_data: bool) -> None:
        if isinstance(event, Rows):
            self._meter.update(event.rows)
            self._report.read(event.size)
            if not self._wants(event.table):
                self._filter(event)
                return
            try:
                load = self._load(event.table)
            except UndefinedError:
                if not self.database.tables and not self._report.notes.untranslated:
                    raise
                self._leave_out(event)
                return
            if with_data:
                self._fire(event)
            load.report.rows_read += event.rows
            load.report.bytes += event.size
            if with_data:
                self._target.rows(load, self._merged(load, event))
            else:
                load.report.rows_filtered += event.rows
        elif isinstance(event, Dropped):
            load_gone = self.loads.pop(self._resolved(event.table), None)
            if load_gone:
                self._target.drop(load_gone)
                self._report.tables.remove(load_gone.report)
                self._planner.forget(load_gone.target.source)
        elif isinstance(event, Alteration):
            self._alter(event)
        elif isinstance(event, Change):
            if with_data:
                self._change(event)
        else:
            words = " ".join(_COMMENT_MARK.sub(" ", event.sql).split()[:2]).upper()
            name = f"{event.source}, byte {event.offset}"
            reason, sql = event.reason, event.sql
            if _ACCOUNTS.match(_COMMENT_MARK.sub(" ", sql).lstrip()):
                reason = (
                    "accounts and rights belong to a server: give them in PostgreSQL as they are wanted there"
                )
                sql = _SECRET.sub(lambda found: f"{found[1].upper()} …", sql)
            self._report.notes.untranslated.append(Untranslated(words or "file", name, reason, sql))

    def _alter(self, altered: Alteration) -> None:
        """A table that is on its way already has another name or other columns from now on."""
        key = next((key for key in self.loads if key == altered.table), None)
        source = altered.became
        if key is None:
            return  # it is made when all of its definition is known
        self._target.catch_up(self.loads)
        old = self.loads.pop(key)
        rebuild = old.target.source.shape != source.shape
        acting = [trigger for trigger in self._fired if acts_on(trigger, *altered.table)]
        for trigger in acting:
            del self._fired[trigger]
        self._planner.forget(old.target.source)
        became = source.database, source.name
        target = self._target.plan(became, source)
        target.inherit(old.target, altered.origins)
        self._planned += 1
        new = old.following(target, self._planned)
        self._target.alter(old, new, altered.origins, rebuild=rebuild or old.held_to_keys or bool(acting))
        new.take_over(old, rebuild=rebuild)
        new.report.source, new.report.target = _label(became), target.label
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
                name = f"{rows.source}, byte {rows.offset}"
                reason = f"a row whose key is there already is a mistake: {refusal}"
                missing = Untranslated(rows.duplicates.value, name, reason, rows.update)
                self._report.notes.untranslated.append(missing)
        if load.updates[rows.update] is None:
            return replace(rows, duplicates=Duplicates.REFUSED)
        return rows

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
        self._quench()
        acting = [p for p in self.database.programs if _sets_off(change, p)]
        self._set_triggers(acting)
        name = f"{change.source}, byte {change.offset}"
        for trigger in acting:
            if why := self._fired[trigger]:
                told = (
                    f"the trigger {trigger.name} does not act on its rows, as it would have in MySQL: {why}"
                )
                self._report.notes.untranslated.append(Untranslated(change.words, name, told, change.sql))
        reason = self._target.change(change, self.loads)
        for key, load in self.loads.items():
            if load.changed:
                self.session.counters.doubt(key, came=not change.words.startswith(("UPDATE", "DELETE")))
        if reason is not None:
            self._report.notes.untranslated.append(
                Untranslated(change.words, name, f"it is not carried out: {reason}", change.sql)
            )

    def _fire(self, rows: Rows) -> None:
        """A trigger that is defined before these rows acts on them, as it does when MySQL replays the dump."""
        self._quench()
        acting = self._acting(rows)
        self._set_triggers(acting)
        for trigger in acting:
            if self._fired[trigger] is not None:
                self._missed[trigger] = self._missed.get(trigger, 0) + rows.rows

    def _acting(self, rows: Rows) -> list[Program]:
        """The triggers that are defined before these rows."""
        triggers = [] if rows.snapshot else [p for p in self.database.programs if p.kind == "trigger"]
        also = {Duplicates.REPLACED: "delete", Duplicates.UPDATED: "update"}.get(rows.duplicates, "")
        return [p for p in triggers if acts_on(p, *rows.table, ("insert", also))]

    def _set_triggers(self, acting: Sequence[Program]) -> None:
        """Make all triggers that there are, if one of those that act is not there yet."""
        if all(trigger in self._fired for trigger in acting):
            return
        self._load_all()  # what the triggers may write to
        for trigger in self.database.programs:
            if trigger.kind == "trigger" and trigger not in self._fired:
                self._fired[trigger] = self._target.fire(trigger, self.loads)

    def _quench(self) -> None:
        """Take away the triggers that the dump has dropped."""
        for trigger in [p for p, refused in self._fired.items() if refused is None]:
            if trigger not in self.database.programs:
                self._target.quench(trigger)
                del self._fired[trigger]

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
        load = TableLoad(target, TableReport(_label(key), target.label), self._planned)
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
            report = reports[rows.table] = TableReport(_label(rows.table), "")
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
            self._report.notes.untranslated.append(Untranslated("rows", _label(key), reason))
        for load in self.loads.values():
            load.report.target = load.target.label
            load.account(self._report)
            if load.target.condition is not None:
                account = load.report
                account.rows_filtered = account.rows_read - account.rows_loaded - account.rows_rejected
            if load.changed and load.rows_made:
                # Rows that a statement of the dump made are read from it too; those it took away are left out.
                account = load.report
                account.rows_loaded += load.rows_made
                account.rows_read += max(0, load.rows_made)
                account.rows_filtered += max(0, -load.rows_made)
            if load.written_by:
                self._report.decisions.append(
                    Loss(
                        load.target.label,
                        None,
                        f"{load.written_by} wrote to it while other rows were loaded, as in MySQL",
                        load.rows_made,
                    )
                )
        self._tell_of_comparisons()
        for trigger, rows in self._missed.items():
            reason = (
                f"MySQL would have let it act on {rows} rows of the dump, which are loaded as they came: "
                f"{self._fired[trigger]}"
            )
            self._report.notes.untranslated.append(
                Untranslated(
                    "rows of a trigger", _label((trigger.database, trigger.name)), reason, trigger.sql
                )
            )

    def _tell_of_comparisons(self) -> None:
        texts = (
            collation_of(load.target.source, column.source)
            for load in self.loads.values()
            for column in load.target.columns
            if column.is_text
        )
        if what := told(texts, self._planner.comparison):
            self._report.decisions.append(Loss("text", None, what, option="--collation"))


def _sets_off(change: Change, program: Program) -> bool:
    """Whether a statement sets off a trigger, as far as the names in it tell."""
    events = [word for word in ("insert", "update", "delete") if word in change.canonical.lower()]
    if change.words.startswith("REPLACE"):
        events += ["insert", "delete"]
    table = program.table or ""
    return table.lower() in change.canonical.lower() and acts_on(program, program.database, table, events)


def _label(key: TableKey) -> str:
    return f"{key[0]}.{key[1]}" if key[0] else key[1]
