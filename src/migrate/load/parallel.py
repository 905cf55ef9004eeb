"""Loading into a running server: N workers, each with a psql of its own; the ledger tells what is done already."""

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ..errors import InputError, LostConnectionError, LostWorkError, TargetError
from ..model import Column, Duplicates
from ..mysql.events import Rows
from ..notes import Notes
from ..plan import INTEGERS, TargetTable
from ..planner import Planner
from ..postgres import ddl
from ..postgres.psql import Server, Session
from ..translate.questions import Question
from ..translate.values import Kind
from ..verify import DifferenceError, compare
from .control import Control
from .copier import Copier, Loaded
from .gathering import Gathering
from .ledger import Request
from .pieces import Pieces
from .proof import read_back
from .rejects import Rejects
from .sharing import Sharing
from .table import TableLoad
from .target import Target
from .workers import Task, Workers

_POLL = 0.2  # seconds
_SET = threading.Event()
_SET.set()


@dataclass(frozen=True)
class Terms:
    """What a load is asked for beyond its request.

    `replace` lets it take the place of what is there, `shared` lets other machines take part, and without `rejected` a
    row that cannot be loaded stops it.
    """

    server: Server
    request: Request
    jobs: int
    replace: bool
    verify: bool
    shared: bool
    rejected: Rejects | None


class ParallelTarget(Target):
    """What all loading into a server has in common, whether the tables are made or exist."""

    def __init__(
        self, terms: Terms, planner: Planner, notes: Notes, time_zone: Callable[[], str | None]
    ) -> None:
        self.terms = terms
        self.planner = planner
        self.notes = notes
        self.time_zone = time_zone
        self.control = Control(terms.server, terms.request)
        self.ledger = self.control.ledger
        self.workers = Workers(terms.jobs, self.control.connect)
        self.sharing: Sharing | None = None
        self._copier = Copier(self.ledger, verify=terms.verify, rejected=terms.rejected)
        self._gathering = Gathering()
        self._handed_out = 0
        self._turns: dict[str, threading.Event] = {}  # the last chunk of those that wait for each other
        try:
            if terms.shared:
                self._share()
            elif self.ledger.resumed:
                self.control.steadily(Pieces(self.ledger.run).close)
            if terms.rejected is not None:
                terms.rejected.begin(resumed=self.ledger.resumed)
        except (InputError, TargetError) as error:
            self.abort(error)
            raise

    def _share(self) -> None:
        self.sharing = Sharing(
            self.ledger, self.workers, self.terms.jobs, self.control.steadily, verify=self.terms.verify
        )
        self.control.hold(self.sharing.lock)

    @property
    def others(self) -> Sequence[int]:
        """Unfinished runs into the same schema, with other words than this one's."""
        return self.ledger.others

    def place(self, table: TargetTable) -> str:
        """The schema that the table is in while it is loaded."""
        raise NotImplementedError

    def hold_to_keys(self, load: TableLoad) -> None:
        """See that the unique keys of a table are there before the next rows come."""
        raise NotImplementedError

    def turn(self, load: TableLoad) -> str | None:
        """Whose chunks are loaded one after the other, as they come; None where their order does not count."""
        return load.target.label if load.held_to_keys else None

    def rows(self, load: TableLoad, rows: Rows) -> None:
        """Hand a chunk to the workers, unless the ledger has it; a small one may wait for others of its table."""
        load.meant_in(rows.time_zone)
        if rows.duplicates is not Duplicates.REFUSED and not load.held_to_keys:
            self.wait()
            self.hold_to_keys(load)
            load.held_to_keys = True
        if self.sharing or self.turn(load) is not None:
            self._hand_out(load, rows)
        else:
            for ready in self._gathering.add(load, rows):
                self._hand_out(*ready)

    def _hand_out(self, load: TableLoad, rows: Rows) -> None:
        done = self.control.steadily(lambda session: self.ledger.done(session, rows.source, rows.offset))
        if done is not None:
            loaded = Loaded.of_done(done, load.target)
            load.recall(loaded.found)
            self._account(load, loaded)
        elif self.sharing and self.turn(load) is None and rows.has_range and rows.places is None:
            self.sharing.rows(load, rows, self.place(load.target))
        else:
            self.workers.do(self._copying(load, rows), rows.size)
        self._handed_out += 1

    def file(self, load: TableLoad, first: Rows) -> bool:
        """Put a file up for the workers on other machines, when there may be such."""
        if self.sharing is None or self.turn(load) is not None:
            return False
        load.meant_in(first.time_zone)
        self.sharing.file(load, first.source, self.place(load.target))
        return True

    def _copying(self, load: TableLoad, rows: Rows) -> Task:
        """The task that loads a chunk; where its order counts, it waits for those before it."""
        turn = self.turn(load)
        if turn is None:
            return lambda session, again: self._copy(session, load, rows, again=again)
        before = self._turns.get(turn, _SET)
        done = self._turns[turn] = threading.Event()

        def copy(session: Session, again: bool) -> None:
            while not before.wait(_POLL):
                self.workers.check()
            self._copy(session, load, rows, again=again)
            done.set()

        return copy

    def _copy(self, session: Session, load: TableLoad, rows: Rows, *, again: bool) -> None:
        self._account(load, self._copier.copy(session, load, rows, self.place(load.target), again=again))

    def _account(self, load: TableLoad, loaded: Loaded) -> None:
        if self.sharing is None:  # else the ledger is asked in the end, which has what others have done too
            load.loaded(loaded.rows, loaded.seconds, loaded.found, loaded.digest)

    def highest(self, load: TableLoad, column: Column) -> int | None:
        """Asked of the table, once all rows that were handed out are in it, and once in this run's life."""
        self.wait()
        own = load.target.column(column.name)
        if own is None or own.type not in INTEGERS:
            return 0
        table = ddl.name(self.place(load.target), load.target.name)
        query = f"select greatest(max({ddl.name(own.name)}), 0) from {table}"
        question = Question(query, (Kind.INTEGER,))
        [[highest]] = self.control.answer(f"highest {table}", question) or [(None,)]
        return None if highest is None else int(highest)

    def _hand_out_rest(self) -> None:
        for ready in self._gathering.rest():
            self._hand_out(*ready)

    def wait(self) -> None:
        """Until every chunk that came is loaded, wherever."""
        self._hand_out_rest()
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
        self._hand_out_rest()
        self.workers.wait()
        go_on()
        self.control.steadily(self.ledger.settle)
        missing = self._handed_out - self.control.steadily(self.ledger.count)
        if missing > 0:
            raise LostWorkError(
                f"PostgreSQL restarted and lost the last {missing} chunks, whose commits it had not yet written to disk"
            )
        return None

    def prove(self, loads: Collection[TableLoad]) -> None:
        """Compare what PostgreSQL gives back with what was sent. Raises DifferenceError.

        Before that the rows of each table must add up, or TargetError is raised.
        """
        for load in loads:
            if load.target.condition is None:  # else only PostgreSQL knows how many it has left out
                load.report.check()
        if not self.terms.verify:
            return
        provable = [load for load in loads if load.unproven is None]
        found = read_back(provable, self.place, self.workers, self.control.steadily)
        for load, total in found:
            difference = compare(load.target, load.digest, total)
            if difference:
                raise DifferenceError(f"{load.target.label} does not hold what was sent to it: {difference}")
        for load in provable:
            load.report.verified = True

    def end(self) -> None:
        """Close all sessions."""
        self.workers.stop()
        self.control.session.close()

    def abort(self, cause: BaseException) -> str | None:
        """Stop. What was made is kept where the same command can go on later, else taken away."""
        self.workers.stop(now=True)
        run = self.ledger.run
        interrupted = isinstance(cause, (LostConnectionError, KeyboardInterrupt))
        try:
            if interrupted and self.ledger.request.resumable:
                return f"Run the same command again to go on where it stopped, or `migrate abort {run}` to undo it"
            with suppress(InputError):  # somebody else has done so
                self.control.undo()
        except TargetError:
            return f"When PostgreSQL is back, `migrate abort {run}` takes away what was made"
        finally:
            self.control.session.kill()
        return None
