"""What PostgreSQL gives back of tables, read by all workers at once."""

import time
from collections.abc import Callable, Iterable
from functools import partial

from ..plan import TargetTable
from ..postgres.psql import Session
from ..verify import PART_BYTES, TableDigest, parts, target_digest
from .table import TableLoad
from .workers import Steadily, Task, Workers


def read_back(
    loads: Iterable[TableLoad], place: Callable[[TargetTable], str], workers: Workers, steadily: Steadily
) -> list[tuple[TableLoad, TableDigest]]:
    """The digests of tables in the schemas that `place` tells; large ones are read in parts."""
    found: list[tuple[TableLoad, TableDigest]] = []
    for load in loads:
        schema = place(load.target)
        total = TableDigest.empty(load.target)
        found.append((load, total))
        # Of thousands of small tables none has to be asked how large it has become.
        small = load.report.bytes < PART_BYTES / 8
        for part in ["true"] if small else steadily(partial(parts, table=load.target, schema=schema)):
            workers.do(_reading(load, schema, part, total))
    workers.wait()
    return found


def _reading(load: TableLoad, schema: str, part: str, total: TableDigest) -> Task:
    def read(session: Session, _again: bool) -> None:
        started = time.monotonic()
        digest = target_digest(session, load.target, schema, part, load.zone)
        with load.lock:
            total.add(digest)
            load.report.proof_seconds += time.monotonic() - started

    return read
