"""`migrate worker`: a process that takes part in a run which another process, perhaps on another machine, leads.

It needs to reach the source, by the same path or as s3://, and the target, which has everything else it must know.
"""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from ..errors import AbortedError, InputError, LostConnectionError, MigrateError, SourceError, TargetError
from ..postgres.ddl import literal
from ..postgres.psql import Server, Session
from .control import SETTINGS
from .copier import Copier
from .ledger import UNFINISHED, Ledger, Request
from .pieces import Pieces
from .runs import LED
from .taker import Taker
from .workers import Workers, steadily

_POLL = 0.5

T = TypeVar("T")


class Worker:
    """One process's part in a run, which is known by its number, its sources or, with none, by being the only one.

    `patience` is how many seconds it waits for the run to begin, or to be led again.
    """

    def __init__(self, server: Server, run: int | Sequence[str], *, jobs: int, patience: float) -> None:
        self._server = server
        self._jobs = jobs
        self._patience = patience
        self._control = server.session(SETTINGS)
        try:
            self.run = self._found(run)
            self._ledger, verify = self._joined()
            self._pieces = Pieces(self.run)
            self._pieces.join(self._control, jobs)
        except BaseException:
            self._control.close()
            raise
        copier = Copier(self._ledger, verify=verify, rejected=None, worker=self._pieces.worker)
        self._taker = Taker(self._ledger, self._pieces, copier)

    def _found(self, which: int | Sequence[str]) -> int:
        """The run that is meant, once it is there; one that is done is as good as any."""
        deadline = time.monotonic() + self._patience
        if isinstance(which, int):
            named, meant = f"run {which}", f"id = {which} and"
        else:
            sources = literal(json.dumps(which))
            named, meant = (
                f"run of {' '.join(which)}",
                f"command->'sources' = {sources}::jsonb and" if which else "",
            )
        wanted = f"shared and {UNFINISHED}" + (" or state = 'done'" if meant else "")
        query = f"select id, state from migrate.run where {meant} ({wanted}) order by state = 'done', id desc limit 2"
        while True:
            [[there]] = self._control.query("select to_regclass('migrate.piece') is not null")
            found = self._control.query(query) if there == "t" else []
            if len(found) > 1 and found[1][1] != "done":
                raise InputError(
                    "several runs of this database ask for workers: name one, `migrate status` lists them"
                )
            if found:
                return int(found[0][0])
            if time.monotonic() > deadline:
                what = f"there is no {named} that" if meant else "no run"
                raise InputError(
                    f"{what} asks for workers in this database: start it with `migrate mysql-to-pg … --workers`"
                )
            time.sleep(_POLL)

    def _joined(self) -> tuple[Ledger, bool]:
        """The run's ledger and whether its chunks are digested. Raises InputError when the source here is another."""
        [[command, fingerprint]] = self._control.query(
            f"select command, fingerprint from migrate.run where id = {self.run}"
        )
        asked = json.loads(command)
        request = Request(tuple(asked["sources"]), asked["schema"], asked["options"])
        if request.fingerprint() != fingerprint:
            raise InputError(
                f"{' '.join(request.sources)}: this machine does not have the source of run {self.run} there, with the "
                "same content and times: mount it where the run reads it"
            )
        return Ledger(self.run, request, resumed=False), bool(asked["options"]["verify"])

    @property
    def chunks(self) -> int:
        """How many chunks this process has loaded."""
        return self._taker.chunks

    @property
    def rows(self) -> int:
        """How many rows this process has loaded."""
        return self._taker.rows

    def work(self) -> None:
        """Load pieces until the run needs no more. Raises TargetError when the run ends otherwise."""
        workers = Workers(self._jobs, partial(self._server.session, SETTINGS))
        try:
            self._work(workers)
        except BaseException as cause:
            workers.stop(now=True)
            self._tell(cause)
            raise
        else:
            workers.stop()
        finally:
            self._control.close()

    def _work(self, workers: Workers) -> None:
        waited_from: float | None = None
        while True:
            workers.check()
            if not self._taker.idle:
                waited_from = None
                workers.do(self._taker.take)
                continue
            state, led = self._steadily(self._seen)
            if state == "aborted":
                raise AbortedError(self.run)
            if state != "loading":
                return workers.wait()
            if not led:
                waited_from = waited_from or time.monotonic()
                if time.monotonic() - waited_from > self._patience:
                    raise TargetError(
                        f"run {self.run} has nothing to do and nobody leads it: go on with `migrate resume {self.run} "
                        "--workers`, then start workers again"
                    )
            else:
                waited_from = None
            time.sleep(_POLL)
            self._steadily(self._pieces.free)
            workers.do(self._taker.take)

    def _seen(self, session: Session) -> tuple[str, bool]:
        """How far the run is, and whether the process that leads it lives."""
        [[state, led]] = session.query(
            f"select case when r.aborting then 'aborted' else r.state end, {LED} "
            f"from migrate.run r where r.id = {self.run}"
        )
        return state, led == "t"

    def _steadily(self, act: Callable[[Session], T]) -> T:
        """Do something with the control session, and again when its connection was lost on the way."""
        return steadily(lambda: act(self._control), self._reconnect)

    def _reconnect(self) -> None:
        self._control.kill()
        self._control = self._server.session(SETTINGS)
        self._pieces.lock(self._control)

    def _tell(self, cause: BaseException) -> None:
        """Stop the run for everybody when the reason is not this machine's own."""
        own = (AbortedError, LostConnectionError, SourceError)
        if not isinstance(cause, MigrateError) or isinstance(cause, own):
            return
        with suppress(TargetError):
            failure = f"{cause} (found by the worker {self._pieces.worker})"
            self._steadily(lambda session: self._pieces.fail(session, failure, cause.exit_code))
