"""The session that leads a run, with the ledger that knows what is done: it is made again when it is lost."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from ..errors import LostConnectionError
from ..mysql.constants import Value
from ..postgres.psql import Server, Session
from ..translate.questions import Question
from .ledger import Request
from .runs import abort, begin, lock
from .workers import steadily

T = TypeVar("T")

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


class Control:
    """Begins a run, or goes on with it, and holds its locks."""

    def __init__(self, server: Server, request: Request) -> None:
        self._server = server
        self._locks: list[Callable[[Session], None]] = [partial(lock, schema=request.schema)]
        self._asked = 0
        self.session = server.session(SETTINGS)
        try:
            self.ledger = begin(self.session, request)
        except BaseException:
            self.session.close()
            raise

    def connect(self) -> Session:
        """One more session, in which all that was done is there."""
        session = self._server.session(SETTINGS)
        try:
            self.ledger.confirm(session)
        except BaseException:
            session.close()
            raise
        return session

    def hold(self, take: Callable[[Session], None]) -> None:
        """Have a lock taken again, by `take`, in every session that takes the place of one that was lost."""
        self._locks.append(take)

    def steadily(self, act: Callable[[Session], T]) -> T:
        """Do something with the session, and again when its connection was lost on the way."""
        return steadily(lambda: act(self.session), self._resume)

    def _resume(self) -> None:
        self._reconnect()
        self.ledger.confirm(self.session)

    def _reconnect(self) -> None:
        self.session.kill()
        self.session = self._server.session(SETTINGS)
        for take in self._locks:
            take(self.session)

    def query(self, sql: str) -> list[list[str]]:
        """The rows of a query that changes nothing."""
        return self.steadily(partial(Session.query, sql=sql))

    def once(self, step: str, statements: Sequence[str], **later: str | None) -> None:
        """Statements, once in the run's life; `later` as for `Ledger.once`."""
        self.steadily(lambda session: self.ledger.once(session, step, statements, **later))

    def answer(self, label: str, question: Question, zone: str = "UTC") -> list[tuple[Value, ...]] | None:
        """What PostgreSQL answers; a run that goes on after a kill, with more rows there, is told the same."""
        self._asked += 1
        label = f"{self._asked} {label}"
        return self.steadily(partial(self.ledger.answer, label=label, question=question, zone=zone))

    def undo(self) -> None:
        """Take away what was made, with the session at hand if it can: a full disk may let no new one in."""
        if self.session.idle:
            with suppress(LostConnectionError):
                return abort(self.session, self.ledger.run)
        self._reconnect()
        return abort(self.session, self.ledger.run)
