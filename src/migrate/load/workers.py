"""Threads with a PostgreSQL session each, that do tasks from a queue of bounded length."""

import queue
import random
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import CrowdedError, LostConnectionError, LostWorkError, MigrateError, TargetError
from ..postgres.psql import Session

T = TypeVar("T")

# A task is done again, with `again` true, when its connection was lost: it must find out what it had done already.
Task = Callable[[Session, bool], None]
# Does something with a session that is not one of theirs, and again when its connection was lost on the way.
Steadily = Callable[[Callable[[Session], Any]], Any]

PATIENCE = 120.0  # seconds that a server may be away, as it is during a restart or a failover
_OUTAGES = 5  # that one task may live through: what goes down each time is not there by bad luck
_LONGEST_PAUSE = 10.0
_POLL = 0.2
# Of rows that are handed out and not yet loaded, for every worker: a chunk is larger if a row is.
_BYTES_EACH = 12 << 20


class Backoff:
    """Pauses between attempts to reach a server that went away, each about twice as long as the last.

    They are a little random, so that those who lost it together do not come back together.
    """

    def __init__(self, stopping: threading.Event | None = None) -> None:
        self._stopping = stopping or threading.Event()
        self._outages = 0
        self._begin()

    def _begin(self) -> None:
        self._deadline = time.monotonic() + PATIENCE
        self._pause = 0.1

    def after(self, lost: LostConnectionError, *, connected: bool) -> None:
        """Pause; raise what was `lost` when patience is at its end.

        Patience begins anew when there was a connection before.
        """
        if connected:
            self._outages += 1
            self._begin()
        impatient = self._outages > _OUTAGES or time.monotonic() > self._deadline or self._stopping.is_set()
        if impatient or isinstance(lost, LostWorkError):
            raise lost
        self._stopping.wait(self._pause * random.uniform(0.5, 1))  # noqa: S311  nothing is secret about it
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)


def steadily(act: Callable[[], T], reconnect: Callable[[], None]) -> T:
    """Do something with a session, and again, after `reconnect`, when its connection was lost on the way."""
    backoff = Backoff()
    connected = True
    while True:
        try:
            if not connected:
                reconnect()
                connected = True
            return act()
        except LostConnectionError as lost:
            backoff.after(lost, connected=connected)
            connected = False


class Workers:
    """Does tasks in parallel, in sessions that `connect` makes.

    What a task fails with is raised in the thread that hands out the next one.
    """

    def __init__(self, count: int, connect: Callable[[], Session]) -> None:
        self._connect = connect
        self._tasks: queue.Queue[tuple[Task, int] | None] = queue.Queue(count + 1)
        self._most = count * _BYTES_EACH
        self._held = 0
        self._holding = threading.Lock()
        self._failure: BaseException | None = None
        self._stopping = threading.Event()
        self._sessions: set[Session] = set()
        self._threads = [
            threading.Thread(target=self._work, name=f"load-{n}", daemon=True) for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def do(self, task: Task, size: int = 0) -> None:
        """Hand out a task that holds `size` bytes; waits while all workers are busy, or hold as much as they may."""
        while self._held and self._held + size > self._most:
            self.check()
            time.sleep(0.002)
        self._hold(size)
        while True:
            self.check()
            try:
                self._tasks.put((task, size), timeout=_POLL)
                break
            except queue.Full:
                continue
        while size > self._most and self._held:  # nothing is read beside rows that are as long as this
            self.check()
            time.sleep(0.002)

    def _hold(self, size: int) -> None:
        with self._holding:
            self._held += size

    def offer(self, task: Task) -> bool:
        """Hand a task out if there is room for it."""
        self.check()
        try:
            self._tasks.put_nowait((task, 0))
        except queue.Full:
            return False
        return True

    def check(self) -> None:
        """Raise what a task failed with."""
        if self._failure is not None:
            raise self._failure

    def wait(self) -> None:
        """Until every task is done."""
        while self._tasks.unfinished_tasks:
            self.check()
            time.sleep(0.002)
        self.check()

    def stop(self, *, now: bool = False) -> None:
        """End the threads and their sessions; `now` kills what they are doing, which PostgreSQL rolls back."""
        if now:
            self._stopping.set()
            self._failure = self._failure or TargetError("stopped")
            for session in list(self._sessions):
                session.interrupt()
        for _ in self._threads:
            while any(thread.is_alive() for thread in self._threads):
                try:
                    self._tasks.put(None, timeout=_POLL)
                    break
                except queue.Full:
                    continue
        for thread in self._threads:
            thread.join()
        for session in list(self._sessions):
            session.close()

    def _work(self) -> None:
        own = _Own(self._connect, self._sessions)
        while self._has_room(own) and (given := self._tasks.get()) is not None:
            task, size = given
            del given
            try:
                if self._failure is None:
                    self._do(task, own)
            except BaseException as failure:  # noqa: BLE001  raised again in the main thread
                self._failure = self._failure or failure
            finally:
                del task
                self._hold(-size)
                self._tasks.task_done()
        own.close()

    def _has_room(self, own: "_Own") -> bool:
        """Connect when there is something to do; false when the server has no room, and others are there to do it.

        Nothing is taken from the queue before, since what comes after it may wait for it.
        """
        with self._tasks.not_empty:
            while not self._tasks.queue:
                self._tasks.not_empty.wait()
            over = self._tasks.queue[0] is None
        backoff = Backoff(self._stopping)
        while self._failure is None and not over:
            try:
                own.session()
                break
            except CrowdedError as crowded:
                if self._sessions:
                    with self._tasks.not_empty:
                        self._tasks.not_empty.notify()
                    return False
                try:
                    backoff.after(crowded, connected=False)
                except CrowdedError:
                    break
            except MigrateError:
                break
        return True  # what was raised is raised again for the task that is taken now

    def _do(self, task: Task, own: "_Own") -> None:
        """Do a task, and again with a new session while the server comes back."""
        backoff = Backoff(self._stopping)
        again = False
        while True:
            connected = False
            try:
                session = own.session()
                connected = True
                if self._stopping.is_set():  # the session may have come too late to be interrupted
                    raise TargetError("stopped")
                return task(session, again)
            except LostConnectionError as lost:
                own.close()
                backoff.after(lost, connected=connected)
                again = True


class _Own:
    """The session of one thread, made when it is first wanted; `known` holds those that `stop` may have to kill."""

    def __init__(self, connect: Callable[[], Session], known: set[Session]) -> None:
        self._connect = connect
        self._known = known
        self._session: Session | None = None

    def session(self) -> Session:
        if self._session is None:
            self._session = self._connect()
            self._known.add(self._session)
        return self._session

    def close(self) -> None:
        if self._session is not None:
            self._known.discard(self._session)
            self._session.kill()
            self._session = None
