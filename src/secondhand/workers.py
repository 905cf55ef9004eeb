"""Threads for work that takes a core, and a short queue before them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class BusyError(Exception):
    """Too much work is waiting already; the caller should come back in a moment."""


class Workers:
    """A bounded pool of threads: a crowd waits or is sent away, and never takes the memory of a hundred jobs."""

    def __init__(self, name: str, most_at_once: int, most_waiting: int) -> None:
        self._most = most_at_once + most_waiting
        self._jobs = 0
        self._threads = ThreadPoolExecutor(max_workers=most_at_once, thread_name_prefix=name)

    async def run(self, function: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """What `function` returns. Raises BusyError."""
        if self._jobs >= self._most:
            raise BusyError
        self._jobs += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)
        finally:
            self._jobs -= 1
