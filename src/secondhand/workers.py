"""Threads for work that takes much memory and a core, and a short queue before them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class BusyError(Exception):
    """Too much work is waiting already; the caller should come back in a moment."""


class Workers:
    """One job at a time: a crowd waits or is sent away, and never takes the memory of a hundred jobs."""

    def __init__(self, name: str, most_waiting: int) -> None:
        self.most = 1 + most_waiting
        self._jobs = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, function: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """What `function` returns. Raises BusyError."""
        if self._jobs >= self.most:
            raise BusyError
        self._jobs += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)
        finally:
            self._jobs -= 1
