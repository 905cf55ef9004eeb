"""The threads that load, when their server goes away."""

import threading
import time
from itertools import pairwise

import pytest

from migrate.errors import LostConnectionError
from migrate.load import workers
from migrate.load.workers import Backoff

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
