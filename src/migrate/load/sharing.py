"""The leader's side of a run that workers on other machines take part in: it reads, puts up pieces, and takes some."""

import time
from collections import Counter
from collections.abc import Iterable

from ..errors import LostConnectionError
from ..mysql.events import Rows
from ..postgres.psql import Session
from .copier import Copier, Loaded
from .ledger import Ledger
from .pieces import MOST_WAITING, Piece, Pieces, Plan, Waiting, told
from .table import TableLoad
from .taker import Taker, file_step
from .workers import Steadily, Workers

_TOGETHER = 16  # pieces that are put up in one transaction
_POLL = 0.1


class Sharing:
    """Shares what can be read again by its place; `workers` are this process's own threads, which take part."""

    def __init__(
        self, ledger: Ledger, workers: Workers, jobs: int, steadily: Steadily, *, verify: bool
    ) -> None:
        self._ledger = ledger
        self._workers = workers
        self._steadily = steadily
        self._pieces = Pieces(ledger.run)
        self._next: int = steadily(self._pieces.open)
        steadily(lambda session: self._pieces.join(session, jobs))
        copier = Copier(ledger, verify=verify, rejected=None, worker=self._pieces.worker)
        self._taker = Taker(ledger, self._pieces, copier)
        self._described: set[int] = set()
        self._files: set[str] = set()
        self._unsent: list[Piece] = []
        self._before: Counter[int] = Counter()  # rows of a table before it was altered, by its number since

    def lock(self, session: Session) -> None:
        """Keep this process's claims, in a session that takes the place of one that was lost."""
        self._pieces.lock(session)

    def rows(self, load: TableLoad, rows: Rows, place: str) -> None:
        """Put up the place of a chunk."""
        self._put(load, place, rows.source, told(rows))
        if len(self._unsent) >= _TOGETHER:
            self._send()

    def file(self, load: TableLoad, name: str, place: str) -> None:
        """Put up a file, unless an earlier attempt has loaded all of it."""
        self._files.add(name)
        if not self._ledger.has_step(file_step(name)):
            self._put(load, place, name, None)
            self._send()

    def _put(self, load: TableLoad, place: str, source: str, rows: Rows | None) -> None:
        if load.number not in self._described:
            plan = Plan(place, load.target)
            self._steadily(lambda session: self._pieces.describe(session, load.number, plan))
            self._described.add(load.number)
        self._unsent.append(Piece(self._next, load.number, source, rows))
        self._next += 1

    def _send(self) -> None:
        """Put up what was collected, when there is room for it, and let this process's own threads take part."""
        if self._unsent:
            while self._waiting().left >= MOST_WAITING:
                self._help()
            self._steadily(lambda session: self._pieces.put(session, self._unsent))
            self._unsent = []
        for _ in range(self._waiting().unclaimed):
            if not self._workers.offer(self._taker.take):
                break

    def _waiting(self) -> Waiting:
        self._workers.check()
        waiting: Waiting = self._steadily(self._pieces.waiting)
        return waiting

    def _help(self) -> None:
        """Take a piece, else see whether one is to be had again."""
        if self._waiting().unclaimed:
            self._workers.do(self._taker.take)
        else:
            self._steadily(self._pieces.free)
            time.sleep(_POLL)

    def wait(self) -> None:
        """Until nothing is left."""
        self._send()
        while self._waiting().left:
            self._help()
        self._workers.wait()

    def settle(self) -> None:
        """Until nothing is left, and what was done is on disk: a server that fell may have put pieces back."""
        while True:
            self.wait()
            self._steadily(self._ledger.settle)
            if not self._waiting().left:
                return

    def recall(self, loads: Iterable[TableLoad]) -> None:
        """Change the plans as workers have found it necessary."""
        by_number = {load.number: load for load in loads}
        for entry in self._ledger.entries(self._steadily, "found <> '[]'"):
            if load := by_number.get(entry.plan):
                load.recall(Loaded.of_done(entry.done, load.target).found)

    def follow(self, old: TableLoad, new: TableLoad) -> None:
        """Add up what came into a table until it is altered: it has another number from now on."""
        self.account([old])
        self._before[new.number] = old.report.rows_read

    def account(self, loads: Iterable[TableLoad]) -> None:
        """Add up what everybody has loaded. Raises LostConnectionError when a row that was read here is missing."""
        by_number = {load.number: load for load in loads}
        entered: Counter[int] = Counter()
        elsewhere: Counter[int] = Counter()
        for entry in self._ledger.entries(self._steadily):
            load = by_number.get(entry.plan)
            if load is None:
                continue  # of a table that the source has dropped
            done = Loaded.of_done(entry.done, load.target)
            load.recall(done.found)
            load.loaded(done.rows, done.seconds, done.found, done.digest)
            if entry.source in self._files:
                elsewhere[entry.plan] += entry.rows_read
                load.report.bytes += entry.bytes
            else:
                entered[entry.plan] += entry.rows_read
        for number, load in by_number.items():
            missing = load.report.rows_read - self._before[number] - entered[number]
            if missing > 0:
                raise LostConnectionError(
                    f"{load.target.label}: {missing} rows that were read are not in the ledger"
                )
            load.report.rows_read += elsewhere[number]
