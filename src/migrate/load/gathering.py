"""Small chunks of tables that take turns in the source, put together until they are worth a transaction."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ..mysql.events import Rows, padded
from .table import TableLoad

_SMALL = 64 << 10  # bytes of a chunk that waits for others
_ENOUGH = 1 << 20  # of those of a table that wait together
_MOST = 8 << 20  # of those of all tables

Ready = tuple[TableLoad, Rows]


# What chunks must say alike to be one.
_COMMON = (
    "source", "columns", "head_size", "mode", "charset", "time_zone", "variables", "strict", "guessed", "snapshot"
)  # fmt: skip


@dataclass
class _Heap:
    """Chunks of one table that are alike but for their rows."""

    first: Rows
    text: list[bytes] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)
    size: int = 0
    rows: int = 0

    def takes(self, rows: Rows) -> bool:
        return all(getattr(rows, each) == getattr(self.first, each) for each in _COMMON)

    def put(self, rows: Rows) -> None:
        spans = list(rows.spans())
        begin, end = spans[0][0], spans[-1][1]
        at = self.size + bool(self.text)
        self.places += [(at + start - begin, rows.place(start)) for start, _ in spans]
        self.text.append(rows.data[begin:end].tobytes())
        self.size = at + end - begin
        self.rows += rows.rows

    def together(self) -> Rows:
        return replace(
            self.first,
            data=padded(b",".join(self.text)),
            size=self.size,
            rows=self.rows,
            places=np.array(self.places, dtype=np.int64).T.copy(),
            has_range=False,
        )


class Gathering:
    """What waits, by table. A table's first chunk never does: most have no other."""

    def __init__(self) -> None:
        self._began: set[TableLoad] = set()
        self._heaps: dict[TableLoad, _Heap] = {}
        self._size = 0

    def add(self, load: TableLoad, rows: Rows) -> Iterator[Ready]:
        """Take a chunk whose order does not count; yields what is to be loaded now."""
        if load not in self._began or rows.size > _SMALL:
            self._began.add(load)
            yield load, rows
            return
        if load in self._heaps and not self._heaps[load].takes(rows):
            yield self._taken(load)
        heap = self._heaps.setdefault(load, _Heap(rows))
        heap.put(rows)
        self._size += rows.size
        if heap.size > _ENOUGH:
            yield self._taken(load)
        elif self._size > _MOST:
            yield from self.rest()

    def rest(self) -> Iterator[Ready]:
        """All that waits."""
        while self._heaps:
            yield self._taken(next(iter(self._heaps)))

    def _taken(self, load: TableLoad) -> Ready:
        heap = self._heaps.pop(load)
        self._size -= heap.size
        return load, heap.together()
