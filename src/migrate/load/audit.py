"""`migrate verify`: a source read again and compared with the tables that a load has made of it.

Nothing is written. Digests tell which tables differ; for those the hashes of single rows are collected from both sides,
and some of the rows that only one side has are shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from ..model import Alteration, Duplicates, Program, Table
from ..mysql.events import Change, Rows, TableKey
from ..plan import TargetTable
from ..planner import Planner
from ..postgres import catalog
from ..postgres.psql import Server
from ..report import counted
from ..transcode.chunk import Copied, Transcoder
from ..verify import (
    Digester,
    Sums,
    TableDigest,
    compare,
    provable,
    target_lines,
)
from .programs import changed, fired
from .proof import read_back
from .table import TableLoad
from .target import Target, planned
from .workers import Workers

_SETTINGS = ("datestyle = 'ISO, YMD'", "intervalstyle = 'postgres'", "statement_timeout = 0")
_SAMPLES = 3
_SAMPLE_CHARACTERS = 200


@dataclass
class Difference:
    """A table that differs: in words, and rows that only the source or only the target has, as COPY text."""

    table: str
    what: str
    only_source: list[str] = field(default_factory=list)
    only_target: list[str] = field(default_factory=list)


class AuditTarget(Target):
    """Takes the digest of every table of the source and compares it with that of the target's."""

    def __init__(self, server: Server, planner: Planner, *, jobs: int) -> None:
        self.differences: list[Difference] = []
        self.differing: list[TableLoad] = []
        self._refused: dict[str, str] = {}  # of tables, why the first row that cannot be loaded cannot
        self._planner = planner
        self._control = server.session(_SETTINGS)
        planner.abilities = catalog.abilities(self._control)
        self._workers = Workers(jobs, partial(server.session, _SETTINGS))

    def plan(self, key: TableKey, table: Table | None) -> TargetTable:
        """The table as a load would have made it."""
        return planned(self._planner, key, table)

    def create(self, load: TableLoad) -> None:
        """Nothing is made."""

    def rows(self, load: TableLoad, rows: Rows) -> None:
        """Hand a chunk to the workers."""
        load.meant_in(rows.time_zone)
        load.held_to_keys = load.held_to_keys or rows.duplicates is not Duplicates.REFUSED
        self._workers.do(lambda _session, _again: self._digest(load, rows), rows.size)

    def _digest(self, load: TableLoad, rows: Rows) -> None:
        copied, digester = _transcoded(load, rows)
        if copied.refused:
            with load.lock:
                self._refused.setdefault(load.target.label, str(copied.refused[0].error))
        digest = digester.digest(copied.text, copied.size) if digester.whole else None
        load.loaded(copied.rows, 0.0, copied.found, digest)

    def catch_up(self, loads: dict[TableKey, TableLoad]) -> None:
        """Wait until what was read is digested."""
        self._workers.wait()

    def change(self, change: Change, loads: dict[TableKey, TableLoad]) -> str | None:
        """See whether it can be translated."""
        return changed(self._planner, lambda table: table.schema, change, loads)[2]

    def fire(self, trigger: Program, loads: dict[TableKey, TableLoad]) -> str | None:
        """Note which tables it has written to."""
        return fired(self._planner, lambda table: table.schema, trigger, loads)[1]

    def alter(self, old: TableLoad, new: TableLoad, altered: Alteration, *, rebuild: bool) -> None:
        """What was read is digested."""

    def drop(self, load: TableLoad) -> None:
        """Its rows are of no more interest."""
        self._workers.wait()

    def finish(self, loads: dict[TableKey, TableLoad], programs: Sequence[Program]) -> None:
        """Read every table back and compare."""
        self._workers.wait()
        existing = {
            schema: catalog.tables(self._control, schema)
            for schema in {load.target.schema for load in loads.values()}
        }
        whole = []
        for load in loads.values():
            lacking = _lacking(load, existing[load.target.schema].get(load.target.name.lower()))
            if lacking is None:
                whole.append(load)
            else:
                self.differences.append(Difference(load.target.label, lacking))
        for load, total in read_back(
            whole, lambda table: table.schema, self._workers, lambda act: act(self._control)
        ):
            found = compare(load.target, load.digest, total) if load.unproven is None else _count(load, total)
            said = [found] if found and not load.held_to_keys else []
            self.differing += [load] * bool(said)
            if refused := self._refused.get(load.target.label):
                many = counted(load.report.rows_rejected, "row")
                said.append(f"{many} of the source cannot be loaded: {refused}")
            if said:
                self.differences.append(Difference(load.target.label, "; ".join(said)))
            load.report.verified = found is None and load.unproven is None
        self._workers.stop()
        self._control.close()

    def abort(self, cause: BaseException) -> None:
        """Nothing was made."""
        self._workers.stop(now=True)
        self._control.kill()


def _lacking(load: TableLoad, relation: catalog.Relation | None) -> str | None:
    """What the target's table does not have at all, in words."""
    if relation is None:
        return "the target has no such table"
    there = {column.name for column in relation.columns}
    missing = {column.name for column in provable(load.target)} - there
    return f"the target has no column {', '.join(sorted(missing))}" if missing else None


def _count(load: TableLoad, total: TableDigest) -> str | None:
    if load.report.rows_loaded == total.rows or load.written_by:
        return None
    return f"the source has {counted(load.report.rows_loaded, 'row')} and the target {total.rows:,}"


def _transcoded(load: TableLoad, rows: Rows) -> tuple[Copied, Digester]:
    values = load.value_columns(rows.columns)
    copied = Transcoder(values).copy_text(rows, refuse=True)
    with load.lock:
        load.recall(copied.found)
        load.report.rows_rejected += len(copied.refused)
    return copied, Digester(load.target, [column for column in values if column is not None])


class SearchTarget(Target):
    """Looks for the rows that only one side has, in tables that are known to differ."""

    def __init__(self, server: Server, planner: Planner, audit: AuditTarget) -> None:
        self._planner = planner
        self._session = server.session(_SETTINGS)
        self._differences = {difference.table: difference for difference in audit.differences}
        self._zones = {load.target.label: load.zone for load in audit.differing}
        self._source: dict[str, list[Sums]] = {}
        self._target: dict[str, Sums] = {}

    def plan(self, key: TableKey, table: Table | None) -> TargetTable:
        """The table as a load would have made it."""
        return planned(self._planner, key, table)

    def create(self, load: TableLoad) -> None:
        """Collect the hashes of the target's rows."""
        label = load.target.label
        hashes = [hashes for _, _, hashes in self._target_rows(load.target)]
        self._target[label] = np.sort(np.concatenate(hashes)) if hashes else np.empty(0, dtype=np.uint64)
        self._source[label] = []

    def rows(self, load: TableLoad, rows: Rows) -> None:
        """Keep the hashes of a chunk's rows, and show those that the target has not."""
        copied, digester = _transcoded(load, rows)
        hashes = _hashes(digester, copied.text, copied.size)
        label = load.target.label
        self._source[label].append(hashes)
        missing = np.flatnonzero(~np.isin(hashes, self._target[label]))
        _show(copied.text, copied.size, missing, self._differences[label].only_source)
        load.loaded(copied.rows, 0.0, (), None)

    def change(self, change: Change, loads: dict[TableKey, TableLoad]) -> str | None:
        """Tables that statements change are not compared row by row."""
        return None

    def fire(self, trigger: Program, loads: dict[TableKey, TableLoad]) -> str | None:
        """Tables that triggers write to are not compared row by row."""
        return None

    def alter(self, old: TableLoad, new: TableLoad, altered: Alteration, *, rebuild: bool) -> None:
        """Its rows go by another name."""
        self.create(new)
        self._source[new.target.label] = self._source.pop(old.target.label)

    def drop(self, load: TableLoad) -> None:
        """Its rows are of no more interest."""
        self._source[load.target.label] = []

    def finish(self, loads: dict[TableKey, TableLoad], programs: Sequence[Program]) -> None:
        """Show rows that the target has more often than the source, and those it has, but less often."""
        for load in loads.values():
            label = load.target.label
            source = np.concatenate([np.empty(0, dtype=np.uint64), *self._source[label]])
            surplus = _surplus(self._target[label], source)
            lacking = _surplus(source, self._target[label])
            difference = self._differences[label]
            for text, size, hashes in self._target_rows(load.target):
                _show(text, size, np.flatnonzero(np.isin(hashes, surplus)), difference.only_target)
                _show(text, size, np.flatnonzero(np.isin(hashes, lacking)), difference.only_source)
        self._session.close()

    def abort(self, cause: BaseException) -> None:
        """Nothing was made."""
        self._session.kill()

    def _target_rows(self, table: TargetTable) -> Iterator[tuple[npt.NDArray[np.uint8], int, Sums]]:
        digester = Digester(table, provable(table))
        zone = self._zones.get(table.label)
        for text, size in target_lines(self._session, table, table.schema, "true", zone):
            yield text, size, _hashes(digester, text, size)


def _hashes(digester: Digester, text: npt.NDArray[np.uint8], size: int) -> Sums:
    hashes = np.empty(np.count_nonzero(text[:size] == 0x0A), dtype=np.uint64)
    digester.digest(text, size, hashes)
    return hashes


def _surplus(many: Sums, few: Sums) -> Sums:
    """The hashes that `many` holds more often than `few` does."""
    values, place = np.unique(np.concatenate([many, few]), return_inverse=True)
    balance = np.zeros(len(values), dtype=np.int64)
    np.add.at(balance, place[: len(many)], 1)
    np.add.at(balance, place[len(many) :], -1)
    return values[balance > 0]


def _show(text: npt.NDArray[np.uint8], size: int, wanted: npt.NDArray[np.intp], samples: list[str]) -> None:
    """Add the lines of these numbers to `samples`, until there are enough."""
    room = _SAMPLES - len(samples)
    if room <= 0 or not len(wanted):
        return
    ends = np.flatnonzero(text[:size] == 0x0A)
    for line in wanted[:room]:
        start = int(ends[line - 1]) + 1 if line else 0
        shown = text[start : int(ends[line])].tobytes().decode("utf-8", "replace")
        samples.append(shown[:_SAMPLE_CHARACTERS] + ("…" if len(shown) > _SAMPLE_CHARACTERS else ""))
