"""Loading into a running server: N workers, each with a psql of its own, into a schema that nobody sees yet.

Everything is made in a staging schema. When all rows are in and all keys are built, one transaction moves the tables to
where they belong; until then the target is as it was. The ledger remembers what is done, chunk by chunk.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from ..errors import InputError, LostConnectionError, LostWorkError, TargetError
from ..model import Column, Duplicates, Expression, Program, Table
from ..mysql.constants import Value
from ..mysql.events import Change, Rows, TableKey
from ..plan import INTEGERS, Default, Loss, Notes, Planner, TargetTable, Untranslated
from ..policies import Comparison
from ..postgres import catalog, ddl, needs, psql
from ..postgres.attempt import Attempt
from ..postgres.keys import Keys
from ..postgres.psql import Server, Session
from ..translate.questions import Question
from ..translate.tables import compute_by_trigger, converted
from ..translate.values import Kind, Refusal
from ..verify import DifferenceError, TableDigest, compare, parts, target_digest
from .copier import Copier, Loaded
from .ledger import SAFE, Request
from .pieces import Pieces
from .rejects import Rejects
from .run import TableLoad, Target, changed, fired, objects, planned, programs_made
from .runs import abort, begin, lock
from .sharing import Sharing
from .workers import Task, Workers, steadily

T = TypeVar("T")

_SMALL_BYTES = 8 << 20  # of a table in the dump
_POLL = 0.2  # seconds
_SET = threading.Event()
_SET.set()

# For loading, in our own sessions only. A crash of the server may lose the last commits, never a part of one; the
# ledger then lacks them too. A machine that falls silent loses its sessions, and with them its locks, after a minute.
SETTINGS = (
    "synchronous_commit = off",
    "maintenance_work_mem = '256MB'",
    "statement_timeout = 0",
    "lock_timeout = 0",
    "datestyle = 'ISO, YMD'",
    "intervalstyle = 'postgres'",
    "jit = off",
    "tcp_keepalives_idle = 30",
    "tcp_keepalives_interval = 10",
    "tcp_keepalives_count = 3",
)


class ParallelTarget(Target):
    """What loading into a running server has in common, whether the tables are made or exist: workers that copy."""

    def __init__(
        self,
        server: Server,
        notes: Notes,
        request: Request,
        *,
        jobs: int,
        verify: bool,
        shared: bool,
        rejected: Rejects | None,
        time_zone: Callable[[], str | None],
    ) -> None:
        self.notes = notes
        self._server = server
        self.control = server.session(SETTINGS)
        try:
            self.ledger = begin(self.control, request)
        except BaseException:
            self.control.close()
            raise
        self.workers = Workers(jobs, self._session)
        self.schema = request.schema
        self._time_zone = time_zone
        self._verify = verify
        self._rejects = rejected
        self._handed_out = 0
        self._asked = 0
        self._copier = Copier(self.ledger, verify=verify, rejected=rejected)
        self.sharing: Sharing | None = None
        self._turns: dict[
            str, threading.Event
        ] = {}  # of the last chunk of each table whose rows are held to keys
        try:
            if shared:
                self.sharing = Sharing(self.ledger, self.workers, jobs, self.steadily, verify=verify)
            elif self.ledger.resumed:
                self.steadily(Pieces(self.ledger.run).close)
            if rejected is not None:
                rejected.begin(resumed=self.ledger.resumed)
        except (InputError, TargetError) as error:
            self.abort(error)
            raise

    def _session(self) -> Session:
        """A session for a worker, in which all that was done is there."""
        session = self._server.session(SETTINGS)
        try:
            self.ledger.confirm(session)
        except BaseException:
            session.close()
            raise
        return session

    def place(self, table: TargetTable) -> str:
        """The schema that the table is in while it is loaded."""
        raise NotImplementedError

    def rows(self, load: TableLoad, rows: Rows) -> None:
        """Hand a chunk to the workers, unless the ledger has it."""
        load.meant_in(rows.time_zone)
        if rows.duplicates is not Duplicates.REFUSED and not load.held_to_keys:
            self.wait()
            self.hold_to_keys(load)
            load.held_to_keys = True
        done = self.steadily(lambda session: self.ledger.done(session, rows.source, rows.offset))
        if done is not None:
            loaded = Loaded.of_done(done, load.target)
            load.recall(loaded.found)
            self._account(load, loaded)
        elif self.sharing and not load.held_to_keys and rows.has_range and rows.places is None:
            self.sharing.rows(load, rows, self.place(load.target))
        else:
            self.workers.do(self._copying(load, rows), rows.size)
        self._handed_out += 1

    def file(self, load: TableLoad, first: Rows) -> bool:
        """Put a file up for the workers, when there are such."""
        if self.sharing is None:
            return False
        load.meant_in(first.time_zone)
        self.sharing.file(load, first.source, self.place(load.target))
        return True

    def _copy(self, session: Session, load: TableLoad, rows: Rows, *, again: bool) -> None:
        self._account(load, self._copier.copy(session, load, rows, self.place(load.target), again=again))

    def _account(self, load: TableLoad, loaded: Loaded) -> None:
        if self.sharing is None:  # else the ledger is asked in the end, which has what others have done too
            load.loaded(loaded.rows, loaded.seconds, loaded.found, loaded.digest)

    def hold_to_keys(self, load: TableLoad) -> None:
        """See that the unique keys of a table are there before the next rows come."""
        raise NotImplementedError

    def _copying(self, load: TableLoad, rows: Rows) -> Task:
        """The task that loads a chunk; where its rows are held to keys, it waits for those before it."""
        if not load.held_to_keys:
            return lambda session, again: self._copy(session, load, rows, again=again)
        before = self._turns.get(load.target.label, _SET)
        done = self._turns[load.target.label] = threading.Event()

        def copy(session: Session, again: bool) -> None:
            while not before.wait(_POLL):
                self.workers.check()
            self._copy(session, load, rows, again=again)
            done.set()

        return copy

    def prove(self, loads: Collection[TableLoad]) -> None:
        """Compare what PostgreSQL gives back with what was sent. Raises DifferenceError.

        Before that the rows of each table must add up, or TargetError is raised.
        """
        for load in loads:
            if load.target.condition is None:  # else only PostgreSQL knows how many it has left out
                load.report.check()
        if not self._verify:
            return
        found: list[tuple[TableLoad, TableDigest]] = []
        for load in loads:
            if load.unproven is None:
                total = TableDigest.empty(load.target)
                found.append((load, total))
                for part in self.steadily(partial(parts, table=load.target, schema=self.place(load.target))):
                    self.workers.do(self._reading(load, part, total))
        self.workers.wait()
        for load, total in found:
            difference = compare(load.target, load.digest, total)
            if difference:
                raise DifferenceError(f"{load.target.label} does not hold what was sent to it: {difference}")
        for load, _ in found:
            load.report.verified = True

    def _reading(self, load: TableLoad, part: str, total: TableDigest) -> Task:
        def read(session: Session, _again: bool) -> None:
            started = time.monotonic()
            digest = target_digest(session, load.target, self.place(load.target), part, load.zone)
            with load.lock:
                total.add(digest)
                load.report.proof_seconds += time.monotonic() - started

        return read

    def once(self, step: str, statements: Sequence[str], **later: str | None) -> None:
        """Statements on the control session, once in this run's life; `later` as for `Ledger.once`."""
        self.steadily(lambda session: self.ledger.once(session, step, statements, **later))

    def steadily(self, act: Callable[[Session], T]) -> T:
        """Do something with the control session, and again when its connection was lost on the way."""
        return steadily(lambda: act(self.control), self._resume)

    def _resume(self) -> None:
        self._reconnect()
        self.ledger.confirm(self.control)

    def _reconnect(self) -> None:
        self.control.kill()
        self.control = self._server.session(SETTINGS)
        lock(self.control, self.ledger.request.schema)
        if self.sharing:
            self.sharing.lock(self.control)

    def running(self, load: TableLoad, statements: Iterable[str]) -> Task:
        """A task that does each of these statements for a table once in this run's life."""

        def run(session: Session, _again: bool) -> None:
            started = time.monotonic()
            for statement in statements:
                tried = ddl.tolerant(statement) if self._rejects is not None else statement
                self.ledger.once(session, statement, [tried])
            with load.lock:
                load.report.key_seconds += time.monotonic() - started

        return run

    def highest(self, load: TableLoad, column: Column) -> int | None:
        """Asked of the table, once all rows that were handed out are in it, and once in this run's life."""
        self.wait()
        own = load.target.column(column.name)
        if own is None or own.type not in INTEGERS:
            return 0
        table = ddl.name(self.place(load.target), load.target.name)
        query = f"select greatest(max({ddl.name(own.name)}), 0) from {table}"
        [[highest]] = self._answer(f"highest {table}", Question(query, (Kind.INTEGER,))) or [(None,)]
        return None if highest is None else int(highest)

    def _answer(self, label: str, question: Question, zone: str = "UTC") -> list[tuple[Value, ...]] | None:
        """What PostgreSQL answers; a run that goes on after a kill, with more rows there, is told the same."""
        self._asked += 1
        return self.steadily(
            lambda session: self.ledger.answer(session, f"{self._asked} {label}", question, zone)
        )

    def wait(self) -> None:
        """Until every chunk that was handed out is loaded, wherever."""
        if self.sharing:
            self.sharing.wait()
        self.workers.wait()

    def wait_for_rows(self, loads: Iterable[TableLoad], go_on: Callable[[], None] = lambda: None) -> None:
        """Until every chunk is loaded, and the target has every one of them on its disk.

        `go_on` hands out what comes next before they are on the disk, which may take a good part of the rows' time.
        """
        if self.sharing:
            self.sharing.settle()
            self.sharing.account(loads)
            return go_on()
        self.workers.wait()
        go_on()
        self.steadily(self.ledger.settle)
        missing = self._handed_out - self.steadily(self.ledger.count)
        if missing > 0:
            raise LostWorkError(
                f"PostgreSQL restarted and lost the last {missing} chunks, whose commits it had not yet written to disk"
            )
        return None

    def end(self) -> None:
        """Close all sessions."""
        self.workers.stop()
        self.control.close()

    def abort(self, cause: BaseException) -> str | None:
        """Stop. What was made is kept where the same command can go on later, else taken away."""
        self.workers.stop(now=True)
        run = self.ledger.run
        interrupted = isinstance(cause, (LostConnectionError, KeyboardInterrupt))
        try:
            if interrupted and self.ledger.request.resumable:
                return f"Run the same command again to go on where it stopped, or `migrate abort {run}` to undo it"
            with suppress(InputError):  # somebody else has done so
                self._undo(run)
        except TargetError:
            return f"When PostgreSQL is back, `migrate abort {run}` takes away what was made"
        finally:
            self.control.kill()
        return None

    def _undo(self, run: int) -> None:
        """Take away what was made, with the session at hand if it can: a full disk may let no new one in."""
        if self.control.idle:
            with suppress(LostConnectionError):
                return abort(self.control, run)
        self._reconnect()
        return abort(self.control, run)


class ServerTarget(ParallelTarget):
    """New tables in a PostgreSQL server, made in a staging schema per database and moved to their own at the end."""

    def __init__(
        self,
        server: Server,
        planner: Planner,
        notes: Notes,
        request: Request,
        *,
        jobs: int,
        replace: bool,
        verify: bool,
        shared: bool,
        rejected: Rejects | None,
        time_zone: Callable[[], str | None],
    ) -> None:
        super().__init__(
            server,
            notes,
            request,
            jobs=jobs,
            verify=verify,
            shared=shared,
            rejected=rejected,
            time_zone=time_zone,
        )
        self._planner = planner
        planner.abilities = catalog.abilities(self.control)
        self._check_abilities()
        self._replace = replace
        automatic = planner.choices.comparison is Comparison.AUTO
        self._keys = Keys(self.place, planner.names, notes, may_fall_back=automatic)
        self._needed: set[str] = set()
        self._fired: dict[Program, list[str]] = {}
        self._attempts: dict[str, Attempt] = {}
        self._made = 0
        self._trials = 0
        self._staging: dict[str | None, str] = {}
        self._existing: dict[str, set[str]] = {}

    def plan(self, key: TableKey, table: Table | None) -> TargetTable:
        """A new table, which must not exist yet unless it is to be replaced."""
        target = planned(self._planner, key, table)
        if self._exists(target) and not self._replace:
            raise _taken(target)
        return target

    def _check_abilities(self) -> None:
        """Raises InputError when the server cannot do what it was asked to."""
        chosen, choices = self._planner.comparison, self._planner.choices
        lacks = {
            Comparison.ICU: "was built without ICU",
            Comparison.CITEXT: "does not have the extension citext",
        }
        trouble = None
        if chosen in lacks and chosen.value not in self._planner.abilities:
            trouble = f"--collation {chosen.value}: the server {lacks[chosen]}: leave the choice to auto"
        elif (choices.distributed or choices.copied) and "citus" not in self._planner.abilities:
            option = "--distribute" if choices.distributed else "--reference"
            trouble = f"{option}: the database does not have the extension citus: make it there, and add its servers"
        if trouble:
            error = InputError(trouble)
            self.abort(error)
            raise error

    def _exists(self, table: TargetTable) -> bool:
        if table.schema not in self._existing:
            self._existing[table.schema] = self.steadily(partial(catalog.relations, schema=table.schema))
        return table.name in self._existing[table.schema]

    def place(self, table: TargetTable) -> str:
        """The staging schema of the table's database."""
        return self._staging[table.space.database]

    def create(self, load: TableLoad) -> None:
        """Make the table in the staging schema of its database."""
        self._stage(load.target)
        self._need(load.target)
        self._made += 1
        table = load.target
        if table.partitions and (refused := self._refused(load)):
            reason = f"all rows are in one table: {refused}"
            text = table.source.partitioned or ""
            self.notes.untranslated.append(Untranslated("partitions", table.label, reason, text))
            table.partitions = None
        if any(column.computed and column.computed.stored for column in table.columns) and self._refused(
            load
        ):
            compute_by_trigger(table)
        self._try_defaults(load)
        statements = list(ddl.create_table(load.target, self.place(load.target)))
        self.once(f"create {self._made} {load.target.name}", statements)

    def _need(self, table: TargetTable) -> None:
        for need in needs.of(table):
            if need.name not in self._needed:
                self._needed.add(need.name)
                [[there]] = self.steadily(partial(Session.query, sql=need.there))
                self.once(need.name, [need.create], undo=None if there == "t" else need.undo)

    def _stage(self, table: TargetTable) -> str:
        """The staging schema of a table's database, which is there from now on."""
        database = table.space.database
        if database not in self._staging:
            staging = self.ledger.staging(len(self._staging))
            self._staging[database] = staging
            drop = f"drop schema if exists {ddl.name(staging)} cascade"
            self.once(f"staging {staging}", [f"create schema {ddl.name(staging)}"], undo=drop)
        return self._staging[database]

    def alter(self, old: TableLoad, new: TableLoad, origins: dict[str, str], *, rebuild: bool) -> None:
        """Rename the table or make it anew; the rows before are in."""
        if self.sharing:
            self.sharing.follow(old, new)
        self._made += 1
        before, after = old.target, new.target
        self._need(after)
        place = self.place(before)
        if place != self._stage(after):
            raise InputError(
                f"the table {before.label} is moved to another database: load one of them at a time"
            )
        if rebuild or self._keys.is_early(before):
            values = converted(before, after, origins, place)
            implied = new.imply(tuple(column.source.name for column, _ in values), place)
            statements = list(ddl.rebuild_table(before, after, values, place, implied))
        else:
            statements = list(ddl.rename_table(before, after, place))
        zone = self._time_zone()
        local = [f"set local timezone = {ddl.literal(psql.zone_of(zone))}"] if zone else []
        self.once(f"alter {self._made} {before.name}", [*local, *statements])

    def _try_defaults(self, load: TableLoad) -> None:
        """Leave out the defaults that are translated and that PostgreSQL does not take; each is named."""
        table = load.target
        tried = {column.name: column.default for column in table.columns if _is_translated(column.default)}
        if not tried or self._refused(load) is None:
            return
        for column in table.columns:
            column.default = None if column.name in tried else column.default
        for column in table.columns:
            if column.name in tried:
                column.default = tried[column.name]
                if refused := self._refused(load):
                    column.default = None
                    label, default = f"{table.label}.{column.name}", column.source.default
                    text = default.sql if isinstance(default, Expression) else ""
                    self.notes.untranslated.append(Untranslated("default", label, refused, text))

    def _refused(self, load: TableLoad) -> str | None:
        """Why PostgreSQL does not take the table as it is planned: it is made for a trial."""
        place, table = self.place(load.target), load.target
        made = [*ddl.create_table(table, place), *ddl.drop_table(table, place)]
        self._trials += 1
        trial = Attempt("trial", f"{self._trials} {table.label}", "", tuple(made))
        self.once(trial.label, [self.ledger.attempted(trial)])
        return self.ledger.refusals(self.control).get(trial.label)

    def rows(self, load: TableLoad, rows: Rows) -> None:
        """Hand a chunk to the workers; before it, let its rows leave out what MySQL lets them leave out."""
        self._imply(load, rows)
        super().rows(load, rows)

    def file(self, load: TableLoad, first: Rows) -> bool:
        """Put a file up for the workers, when there are such; its rows leave out what the first of them do."""
        self._imply(load, first)
        return super().file(load, first)

    def _imply(self, load: TableLoad, rows: Rows) -> None:
        statements = list(load.imply(rows.columns, self.place(load.target)))
        if statements:
            self._made += 1
            self.once(f"imply {self._made} {load.target.name}", statements)

    def hold_to_keys(self, load: TableLoad) -> None:
        """Build its unique keys early."""
        self._made += 1
        early = [*map(self._statement, self._keys.for_changes(load.target))]
        self.once(f"keys {self._made} {load.target.name}", early)

    def drop(self, load: TableLoad) -> None:
        """Drop a table that the dump dropped; its rows are waited for first."""
        self.wait()
        self._made += 1
        statements = list(ddl.drop_table(load.target, self.place(load.target)))
        self.once(f"drop {self._made} {load.target.name}", statements)

    def fire(self, trigger: Program, loads: dict[TableKey, TableLoad]) -> str | None:
        """Make the trigger in the staging schema, and before it the keys of the tables that it writes to."""
        self.catch_up(loads)
        self._made += 1
        firing, reason = fired(self._planner, self.place, trigger, loads, self._made)
        if firing is None:
            return reason
        early = [statement for table in firing.touched for statement in self._keys.early(table)]
        statements = [*map(self._statement, early), self.ledger.attempted(firing.attempt)]
        self.once(f"fire {self._made} {trigger.name}", statements)
        self._fired.setdefault(trigger, []).extend(firing.drops)
        return self.ledger.refusals(self.control).get(firing.attempt.label)

    def quench(self, trigger: Program) -> None:
        """Drop the trigger; the rows that came before are waited for first."""
        self.wait()
        self._made += 1
        self.once(f"quench {self._made} {trigger.name}", self._fired.pop(trigger))

    def catch_up(self, loads: dict[TableKey, TableLoad]) -> None:
        """Wait for the rows so far, and change the plans as they asked for it."""
        self.wait()
        if self.sharing:
            self.sharing.recall(loads.values())

    def change(self, change: Change, loads: dict[TableKey, TableLoad]) -> str | None:
        """Carry the statement out in the staging schema, after the rows that came before it."""
        self.catch_up(loads)
        statement, touched, reason = changed(self._planner, self.place, change, loads)
        if statement is None:
            return reason
        self._made += 1
        attempt = Attempt("change", f"{self._made} {change.source} {change.offset}", change.sql, (statement,))
        zone = self._time_zone()
        early = [one for table in touched for one in self._keys.for_changes(table)]
        before = [f"set local timezone = {ddl.literal(psql.zone_of(zone))}"] if zone else []
        self.once(attempt.label, [*map(self._statement, early), *before, self.ledger.attempted(attempt)])
        return self.ledger.refusals(self.control).get(attempt.label)

    def answer(
        self, database: str | None, query: str, loads: dict[TableKey, TableLoad]
    ) -> list[tuple[Value, ...]] | None:
        """Asked of the staging schema, after the rows that came before it, once in this run's life."""
        self.catch_up(loads)
        try:
            targets = {key: load.target for key, load in loads.items()}
            question = objects(self._planner, targets, self.place).question(database, query)
        except Refusal:
            return None
        zone = psql.zone_of(self._time_zone() or "UTC")
        return self._answer(query, question, zone)

    def _statement(self, one: str | Attempt) -> str:
        if isinstance(one, str):
            return one
        self._attempts[one.label] = one
        return self.ledger.attempted(one)

    def finish(self, loads: dict[TableKey, TableLoad], programs: Sequence[Program]) -> None:
        """Keys of every table in parallel, then references, then the move into view."""
        targets = {key: load.target for key, load in loads.items()}
        later: list[tuple[TableLoad, list[str]]] = []

        def build_indexes(loads: Iterable[TableLoad]) -> None:
            later.extend((load, self._build_indexes(load)) for load in loads if _is_large(load))

        def begin_keys() -> None:
            for statement in ddl.agree(targets, self.place):
                self.once(statement, [statement])
            build_indexes(_largest_first(loads)[:1])

        self.wait_for_rows(loads.values(), begin_keys)
        largest_first = _largest_first(loads)
        build_indexes(largest_first[1:])
        self._build_keys(largest_first, later)
        self._note_exact(targets)
        for load in largest_first:
            if load.written_by:
                [[rows]] = self.control.query(
                    f"select count(*) from {ddl.name(self.place(load.target), load.target.name)}"
                )
                load.rows_made = int(rows) - load.report.rows_loaded
        for load, checks in [(load, self._refer(load, targets)) for load in largest_first]:
            self.workers.do(self.running(load, checks))
        self.workers.wait()
        self._note_orphans()
        self._publish(loads, programs)
        self.end()

    def _refer(self, load: TableLoad, targets: dict[TableKey, TargetTable]) -> list[str]:
        """Add a table's references; the statements that check them are given back, for any worker and in any order.

        To add one locks both tables: where two refer to each other, two workers would wait for each other.
        """
        statements = [self._statement(one) for one in self._keys.foreign_keys(load.target, targets)]
        checks = [one for one in statements if " validate constraint " in one]
        for one in statements:
            if one not in checks:
                self.once(one, [one])
        return checks

    def _build_keys(self, loads: Sequence[TableLoad], later: Sequence[tuple[TableLoad, list[str]]]) -> None:
        """Those of small tables, and the proof, beside the indexes of large ones; then what is to be done `later`.

        A small table's are made by one transaction: waiting for the disk would take longer than building them.
        """
        for load in loads:
            if not _is_large(load):
                keys = [self._statement(one) for one in self._keys.of(load.target)]
                analyze = ddl.gather_statistics(load.target, self.place(load.target))
                self.workers.do(self.running(load, [";\n".join([*keys, analyze])]))
        self.prove(loads)
        self.workers.wait()
        for load, rest in later:
            self.workers.do(self.running(load, rest))
        self.workers.wait()

    def _build_indexes(self, load: TableLoad) -> list[str]:
        """Hand out a task for each index of a table; what comes after all of them is given back.

        The last to end, whichever it is, gathers the table's statistics.
        """
        keys = list(self._keys.of(load.target))
        builds = [self._statement(one) for one in keys if Keys.builds(one)]
        analyze = ddl.gather_statistics(load.target, self.place(load.target))
        built: set[str] = set()

        def build(session: Session, again: bool, *, statement: str) -> None:
            self.running(load, [statement])(session, again)
            with load.lock:
                built.add(statement)
                last = len(built) == len(builds)
            if last:
                self.running(load, [analyze])(session, again)

        for statement in builds:
            self.workers.do(partial(build, statement=statement))
        if not builds:
            self.workers.do(self.running(load, [analyze]))
        return [self._statement(one) for one in keys if not Keys.builds(one)]

    def _note_exact(self, targets: dict[TableKey, TargetTable]) -> None:
        """Tell of the columns that regard case now, since keys would hold the same twice, and let references agree."""
        reasons = self.ledger.refusals(self.control)
        for table in targets.values():
            for index in table.source.indexes:
                attempt = self._attempts.pop(self._keys.comparison(table, index), None)
                if attempt and attempt.label in reasons:
                    for column in self._keys.loose(table, index):
                        column.compare_exactly()
                        what = "a unique key would hold the same twice without regard to case, so the column regards it"
                        self.notes.lossy.append(
                            Loss(
                                table.label,
                                column.name,
                                what,
                                sample=reasons[attempt.label],
                                option="--collation",
                            )
                        )
        for statement in ddl.agree(targets, self.place):
            self.once(statement, [statement])

    def _note_orphans(self) -> None:
        """Tell of references that hold for new rows only, since rows they point at were refused."""
        for staging in self._staging.values():
            for table, constraint in self.control.query(
                "select c.relname, k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid "
                "where k.contype = 'f' and not k.convalidated "
                f"and k.connamespace = {ddl.literal(staging)}::regnamespace"
            ):
                why = (
                    "rows that it points at are missing: it is checked for new rows only, until `alter table … "
                    "validate constraint` succeeds"
                )
                self.notes.untranslated.append(Untranslated("foreign key", f"{table}.{constraint}", why))

    def _publish(self, loads: dict[TableKey, TableLoad], programs: Sequence[Program]) -> None:
        targets = {key: load.target for key, load in loads.items()}
        tables = list(targets.values())
        made, refused = programs_made(self._planner, targets, programs)
        self.notes.untranslated += refused
        schemas = sorted({table.schema for table in tables})
        statements = [ddl.ONE_BY_ONE] if any(table.distribution for table in tables) else []
        statements += [f"create schema if not exists {ddl.name(schema)}" for schema in schemas]
        replaced = [table for table in tables if self._exists(table)]
        if replaced and not self._replace:
            raise _taken(replaced[0])
        statements += [one for drops in self._fired.values() for one in drops]
        if self._replace:
            statements += [drop for one in reversed(made) for drop in one.drops]
        if replaced:
            names = ", ".join(ddl.name(table.schema, table.name) for table in replaced)
            statements.append(f"drop table {names}")
            statements += [
                f"drop type if exists {ddl.name(table.schema, column.enum.name)}"
                for table in tables
                for column in table.columns
                if column.enum
            ]
            for table in replaced:
                statements += ddl.drop_functions(table, table.schema)
        for table in tables:
            statements += ddl.move_table(table, self.place(table))
        statements += [f"drop schema {ddl.name(staging)}" for staging in self._staging.values()]
        statements += [self._statement(one.attempt) for one in made]
        self.once("publish", [SAFE, *statements, self.ledger.set_state("done")])
        reasons = self.ledger.refusals(self.control)
        self.notes.untranslated += [
            attempt.refused(reasons[label]) for label, attempt in self._attempts.items() if label in reasons
        ]
        made_labels = [one.attempt for one in made if one.attempt.label not in reasons]
        self.notes.made += [(attempt.kind, attempt.name) for attempt in made_labels]


def _is_translated(default: Default | None) -> bool:
    return default is not None and (default.function or "").startswith("(")


def _taken(table: TargetTable) -> InputError:
    return InputError(
        f"the table {table.label} exists in the target: use --replace to put the new one in its place, or --schema to "
        "load elsewhere"
    )


def _largest_first(loads: dict[TableKey, TableLoad]) -> list[TableLoad]:
    return sorted(loads.values(), key=lambda load: -load.report.bytes)


def _is_large(load: TableLoad) -> bool:
    """Whether its indexes are worth a transaction each; Citus makes each of them on many servers."""
    return load.report.bytes >= _SMALL_BYTES or load.target.distribution is not None
