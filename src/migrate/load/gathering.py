"""Small chunks of tables that take turns in the source, put together until they are worth a transaction."""

from array import array
from collections.abc import Iterator, Sequence
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
    text: bytearray = field(default_factory=bytearray)
    places: "array[int]" = field(default_factory=lambda: array("q"))  # of each row, here and in the source
    rows: int = 0

    @property
    def size(self) -> int:
        return len(self.text)

    def takes(self, rows: Rows) -> bool:
        return all(getattr(rows, each) == getattr(self.first, each) for each in _COMMON)

    def put(self, rows: Rows, spans: Sequence[tuple[int, int]]) -> None:
        begin, end = spans[0][0], spans[-1][1]
        if self.text:
            self.text += b","
        for start, _ in spans:
            self.places.extend((self.size + start - begin, rows.place(start)))
        self.text += rows.data[begin:end].data
        self.rows += rows.rows

    def together(self) -> Rows:
        return replace(
            self.first,
            data=padded(bytes(self.text)),
            size=self.size,
            rows=self.rows,
            places=np.array(self.places, dtype=np.int64).reshape(-1, 2).T.copy(),
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
        spans = list(rows.spans()) if load in self._began and rows.size <= _SMALL else ()
        if not spans or len(spans) != rows.rows:
            self._began.add(load)
            yield load, rows
            return
        if load in self._heaps and not self._heaps[load].takes(rows):
            yield self._taken(load)
        heap = self._heaps.setdefault(load, _Heap(rows))
        before = heap.size
        heap.put(rows, spans)
        self._size += heap.size - before
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
