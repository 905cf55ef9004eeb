"""The threads that load, when their server goes away."""

import threading
import time
from itertools import pairwise
from unittest.mock import Mock

import pytest

from migrate.errors import CrowdedError, LostConnectionError
from migrate.load import workers
from migrate.load.workers import Backoff, Workers
from migrate.postgres.psql import Session

LOST = LostConnectionError("gone")


def test_a_connection_that_is_lost_after_hours_is_looked_for_as_long_as_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    backoff = Backoff()

    now = 10_000.0
    backoff.after(LOST, connected=True)
    now += workers.PATIENCE - 1
    backoff.after(LOST, connected=False)
    now += 2
    with pytest.raises(LostConnectionError):
        backoff.after(LOST, connected=False)


def test_what_brings_the_server_down_each_time_is_not_done_for_ever() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after(LOST, connected=True)

    with pytest.raises(LostConnectionError):
        backoff.after(LOST, connected=True)


def test_pauses_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(threading.Event, "wait", lambda _, seconds: pauses.append(seconds))
    backoff = Backoff()
    backoff.after(LOST, connected=True)
    for _ in range(9):
        backoff.after(LOST, connected=False)

    assert all(later >= earlier for earlier, later in pairwise(pauses[:6]))
    assert pauses[0] <= 0.1
    assert 5 <= pauses[-1] <= 10


def test_whoever_finds_no_room_in_the_server_leaves_the_work_to_those_who_did() -> None:
    room = threading.Semaphore(2)

    def connect() -> Session:
        if not room.acquire(blocking=False):
            raise CrowdedError("too many connections")
        return Mock(Session)

    there = Workers(8, connect)
    done: list[Session] = []
    for _ in range(99):
        there.do(lambda session, _: done.append(session))
    there.wait()
    there.stop()
    assert (len(done), len(set(done)) <= 2) == (99, True)


def test_a_session_that_is_made_while_all_are_stopped_is_given_nothing_to_do() -> None:
    connecting, stopping = threading.Event(), threading.Event()
    session, task = Mock(Session), Mock()

    def connect() -> Session:
        connecting.set()
        assert stopping.wait(10)
        return session

    there = Workers(1, connect)
    there.do(task)
    assert connecting.wait(10)
    threading.Timer(0.2, stopping.set).start()
    there.stop(now=True)

    task.assert_not_called()
    session.kill.assert_called_once_with()
