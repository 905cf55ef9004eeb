"""The keys of new tables, built once their rows are there: by all workers at once, the largest tables' first."""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from ..mysql.events import TableKey
from ..notes import Loss, Untranslated
from ..postgres import ddl
from ..postgres.keys import Keys
from ..postgres.psql import Session
from ..references import pointed_at
from .attempts import Attempts
from .control import Control
from .table import TableLoad
from .workers import Workers

_SMALL_BYTES = 8 << 20  # of a table in the dump


class KeyBuilder:
    """Builds all keys of a run: `begin`, then `build`, then `refer`. Each statement is done once in the run's life."""

    def __init__(
        self,
        loads: dict[TableKey, TableLoad],
        keys: Keys,
        attempts: Attempts,
        control: Control,
        workers: Workers,
    ) -> None:
        self._loads = loads
        self._targets = {key: load.target for key, load in loads.items()}
        self._pointed_at = pointed_at(self._targets)
        self._keys = keys
        self._attempts = attempts
        self._control = control
        self._workers = workers
        self._reading: list[str] = []  # how tables are to be read
        self._later: list[tuple[TableLoad, list[str]]] = []  # what comes after the indexes of large tables

    def begin(self) -> None:
        """Hand out the indexes of the largest table, of which all rows must be in, on disk or not."""
        self._agree()
        [[cache]] = self._control.query("select pg_size_bytes(current_setting('effective_cache_size'))")
        if sum(load.report.bytes for load in self._loads.values()) < int(cache):
            # What was just written is still in memory: PostgreSQL 18's I/O processes would only be asked in vain.
            self._reading = [f"set local {kind}_io_concurrency = 0" for kind in ("effective", "maintenance")]
        self._build_indexes(self._largest_first()[:1])

    def build(self, prove: Callable[[Sequence[TableLoad]], None]) -> list[Loss]:
        """All keys but references; what they have changed is returned.

        Those of small tables are made, and then the proof, beside the indexes of large ones. A small table's are made
        by one transaction: waiting for the disk would take longer than building them.
        """
        largest_first = self._largest_first()
        self._build_indexes(largest_first[1:])
        for load in largest_first:
            if not _is_large(load):
                self._do(load, [";\n".join([*self._statements(load), self._analyze(load)])])
        prove(largest_first)
        self._workers.wait()
        for load, rest in self._later:
            self._do(load, rest)
        self._workers.wait()
        return self._compared_exactly()

    def refer(self, *, tolerant: bool) -> list[Untranslated]:
        """The references, once all other keys are there; those that hold for new rows only are returned.

        Only with `tolerant` there are such: when rows that they point at were refused. To add one locks both tables:
        where two refer to each other, two workers would wait for each other. So they are added one by one, and checked
        by any worker in any order.
        """
        checks = [(load, self._refer(load, tolerant=tolerant)) for load in self._largest_first()]
        for load, statements in checks:
            self._do(load, statements)
        self._workers.wait()
        return self._orphaned()

    def _refer(self, load: TableLoad, *, tolerant: bool) -> list[str]:
        """Add a table's references; the statements that check them are given back."""
        checks = []
        for one in self._keys.foreign_keys(load.target, self._pointed_at):
            statement = self._attempts.statement(one)
            if " validate constraint " in statement:
                checks.append(ddl.tolerant(statement) if tolerant else statement)
            else:
                self._control.once(statement, [statement])
        return checks

    def _largest_first(self) -> list[TableLoad]:
        return sorted(self._loads.values(), key=lambda load: -load.report.bytes)

    def _agree(self) -> None:
        for statement in ddl.agree(self._targets, self._keys.place):
            self._control.once(statement, [statement])

    def _statements(self, load: TableLoad) -> list[str]:
        return [self._attempts.statement(one) for one in self._keys.of(load.target)]

    def _analyze(self, load: TableLoad) -> str:
        return ddl.gather_statistics(load.target, self._keys.place(load.target))

    def _do(self, load: TableLoad, statements: Iterable[str]) -> None:
        self._workers.do(lambda session, _again: self._run(session, load, statements))

    def _run(self, session: Session, load: TableLoad, statements: Iterable[str]) -> None:
        started = time.monotonic()
        for statement in statements:
            self._control.ledger.once(session, statement, [*self._reading, statement])
        with load.lock:
            load.report.key_seconds += time.monotonic() - started

    def _build_indexes(self, loads: Iterable[TableLoad]) -> None:
        """Hand out a task for each index of the large ones among these tables."""
        for load in filter(_is_large, loads):
            keys = list(self._keys.of(load.target))
            builds = [self._attempts.statement(one) for one in keys if Keys.builds(one)]
            self._build_and_analyze(load, builds)
            rest = [self._attempts.statement(one) for one in keys if not Keys.builds(one)]
            self._later.append((load, rest))

    def _build_and_analyze(self, load: TableLoad, builds: Sequence[str]) -> None:
        """The last index to be ready, whichever it is, has the table's statistics gathered."""
        built: set[str] = set()

        def build(session: Session, _again: bool, *, statement: str) -> None:
            self._run(session, load, [statement])
            with load.lock:
                built.add(statement)
                last = len(built) == len(builds)
            if last:
                self._run(session, load, [self._analyze(load)])

        for statement in builds:
            self._workers.do(partial(build, statement=statement))
        if not builds:
            self._do(load, [self._analyze(load)])

    def _compared_exactly(self) -> list[Loss]:
        """The columns that regard case now, since keys would hold the same twice; references agree with that."""
        reasons = self._attempts.reasons()
        losses = []
        what = "a unique key would hold the same twice without regard to case, so the column regards it"
        for table in self._targets.values():
            for index in table.source.indexes:
                label = self._keys.comparison(table, index)
                self._attempts.withdraw(label)
                if label in reasons:
                    for column in self._keys.loose(table, index):
                        column.compare_exactly()
                        losses.append(
                            Loss(table.label, column.name, what, sample=reasons[label], option="--collation")
                        )
        self._agree()
        return losses

    def _orphaned(self) -> list[Untranslated]:
        why = (
            "rows that it points at are missing: it is checked for new rows only, until `alter table … validate "
            "constraint` succeeds"
        )
        schemas = dict.fromkeys(self._keys.place(table) for table in self._targets.values())
        return [
            Untranslated("foreign key", f"{table}.{constraint}", why)
            for schema in schemas
            for table, constraint in self._control.query(
                "select c.relname, k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid "
                "where k.contype = 'f' and not k.convalidated "
                f"and k.connamespace = {ddl.literal(schema)}::regnamespace"
            )
        ]


def _is_large(load: TableLoad) -> bool:
    """Whether its indexes are worth a transaction each; Citus makes each of them on many servers."""
    return load.report.bytes >= _SMALL_BYTES or load.target.distribution is not None
