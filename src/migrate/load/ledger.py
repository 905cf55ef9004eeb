"""The ledger: what a run has done so far, kept in the target itself, in the schema `migrate`.

A chunk's row here and its rows in the table are committed by one transaction, and so are a step (a table made, an index
built) and its mark. Whatever is killed at whatever moment, the ledger says exactly what is there; the same command
reads the source again and skips it.

Commits do not wait for the disk. A server that falls may lose the last of them, in the order in which they were made,
and never some without those that came later: a chunk is not there without its table, nor either without its entry here.
Only this process may then believe too much. So it counts its chunks when all are in, and looks whether its steps are
there (`confirm`) when a connection had to be made again. Where nobody would look, the commit waits (`SAFE`).

A step may leave behind what has to be done in the end (`restore`: a foreign key put back) and what an abort has to do
besides (`undo`: a table emptied).
"""

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import AbortedError, LostConnectionError, LostWorkError, TargetError
from ..mysql.constants import Value
from ..mysql.events import WINDOW, Rows
from ..mysql.names import S3, can_be_read_again
from ..postgres.attempt import Attempt
from ..postgres.ddl import literal
from ..postgres.psql import Session, plain
from ..translate.questions import Question

UNFINISHED = "state in ('loading', 'finishing') and not aborting"
# In a transaction: it and those before it are on disk when it ends.
SAFE = "set local synchronous_commit = on"
_FORMAT = 1  # of chunks: a run begun by a release that cuts them differently cannot be resumed
_SAMPLED = 1 << 20
_ENTRIES = 4096  # of the ledger that are in memory at a time


@dataclass(frozen=True)
class Request:
    """What a run was asked to do; two requests are the same run when they are equal.

    Its sources can be named from anywhere: paths are absolute.
    """

    sources: tuple[str, ...]
    schema: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """As JSON."""
        return json.dumps(
            {"sources": self.sources, "schema": self.schema, "options": self.options}, sort_keys=True
        )

    @property
    def resumable(self) -> bool:
        """Whether the source can be read a second time."""
        return all(can_be_read_again(source) for source in self.sources)

    def fingerprint(self) -> str:
        """Of the sources' sizes, times and content (its first and last megabyte)."""
        digest = hashlib.sha256(f"{_FORMAT} {WINDOW}".encode())
        for source in self.sources:
            if source.startswith(S3):
                from ..mysql import s3  # what it needs takes a while to import

                digest.update(s3.fingerprint(source).encode())
            for path in sorted(p for p in [Path(source), *Path(source).glob("**/*")] if p.is_file()):
                status = path.stat()
                digest.update(f"{path.name} {status.st_size} {status.st_mtime_ns}".encode())
                with path.open("rb") as file:
                    digest.update(file.read(_SAMPLED))
                    file.seek(max(0, status.st_size - _SAMPLED))
                    digest.update(file.read(_SAMPLED))
        return digest.hexdigest()


@dataclass(frozen=True)
class Done:
    """A chunk that is loaded: how many rows, what was found in them as JSON, and their digest's numbers."""

    rows_loaded: int
    found: str
    digest: tuple[int, ...]
    seconds: float

    COLUMNS = "rows_loaded, found, digest, seconds"

    @classmethod
    def of_row(cls, loaded: str, found: str, digest: str, seconds: str) -> "Done":
        """From its COLUMNS as psql prints them."""
        numbers = tuple(int(number) for number in digest.strip("{}").split(",") if number)
        return cls(int(loaded), found, numbers, float(seconds))


@dataclass(frozen=True)
class Entry:
    """A chunk's row in the ledger; `plan` is the number of its table among those of the run."""

    source: str
    place: int
    bytes: int
    plan: int
    rows_read: int
    done: Done


class Ledger:
    """One run's account in the target; `resumed` says that there was an earlier attempt.

    `others` are unfinished runs into the same schema that were asked for something else.
    """

    def __init__(self, run: int, request: Request, *, resumed: bool, others: Sequence[int] = ()) -> None:
        self.run = run
        self.request = request
        self.resumed = resumed
        self.others = others
        self._steps: set[str] = set()
        self._page: dict[int, Done] = {}
        self._paged: tuple[str, int, int] = ("", 0, 0)  # of which source, from where to where
        # NULL, which the ledger's tables refuse, when the run was aborted; an abort waits for whoever has asked.
        self._under_way = f"select id from migrate.run where id = {run} and {UNFINISHED} for key share"

    def recall_steps(self, session: Session) -> None:
        """Read what earlier attempts have done."""
        self._steps = self._steps_there(session)

    def _steps_there(self, session: Session) -> set[str]:
        return {step for (step,) in session.query(f"select name from migrate.step where run = {self.run}")}

    def staging(self, number: int) -> str:
        """The schema in which this run makes the tables of the source's first, second, … database."""
        return f"migrate_run_{self.run}" + (f"_{number + 1}" if number else "")

    def done(self, session: Session, source: str, place: int) -> Done | None:
        """What an earlier attempt has done with a chunk. Asked in the order of the source, few are read at a time."""
        if not self.resumed:
            return None
        of, start, end = self._paged
        if source != of or not start <= place < end:
            here = f"source = {literal(source)} and place >= {place}"
            entries = self._page_of_entries(session, here)
            self._page = {entry.place: entry.done for entry in entries}
            end = entries[-1].place + 1 if len(entries) == _ENTRIES else sys.maxsize
            self._paged = (source, place, end)
        return self._page.get(place)

    def entries(
        self, steadily: Callable[[Callable[[Session], Any]], Any], which: str = "true"
    ) -> Iterator[Entry]:
        """The chunks that are loaded and meet a condition, read a few at a time with the session of `steadily`."""
        after = which
        while True:
            page: list[Entry] = steadily(partial(self._page_of_entries, which=after))
            yield from page
            if len(page) < _ENTRIES:
                return
            after = f"{which} and (source, place) > ({literal(page[-1].source)}, {page[-1].place})"

    def _page_of_entries(self, session: Session, which: str) -> list[Entry]:
        return [
            Entry(source, int(place), int(size), int(plan), int(rows), Done.of_row(*done))
            for source, place, size, plan, rows, *done in session.query(
                f"select source, place, bytes, plan, rows_read, {Done.COLUMNS} from migrate.chunk "
                f"where run = {self.run} and {which} order by source, place limit {_ENTRIES}"
            )
        ]

    def has_chunk(self, session: Session, source: str, place: int) -> Done | None:
        """Whether a chunk is loaded, asked of the target: a lost connection may have hidden the commit."""
        found = session.query(
            f"select {Done.COLUMNS} from migrate.chunk "
            f"where run = {self.run} and source = {literal(source)} and place = {place}"
        )
        return Done.of_row(*found[0]) if found else None

    def chunk(
        self,
        rows: Rows,
        plan: int,
        target: str,
        found: str,
        digest: Sequence[int],
        seconds: float,
        worker: int | None,
    ) -> str:
        """The statement that enters a chunk, for the transaction that copies it; COPY's count is psql's ROW_COUNT."""
        numbers = ",".join(str(number) for number in digest)
        return (
            "insert into migrate.chunk "
            "(run, source, place, bytes, plan, target, rows_read, rows_loaded, found, digest, seconds, worker) values "
            f"(({self._under_way}), {literal(rows.source)}, {rows.offset}, {rows.size}, {plan}, "
            f"{literal(target)}, {rows.rows}, :ROW_COUNT, {literal(found)}, '{{{numbers}}}', {seconds:.4f}, "
            f"{'null' if worker is None else worker});"
        )

    def explained(self, error: TargetError) -> TargetError:
        """The same error, or what it means when it is the ledger that refused a chunk."""
        if "Key (run, source, place)=" in str(error):
            return LostConnectionError("another worker has loaded this chunk")
        if re.search(r'null value in column "run" of relation "(chunk|step)"', str(error)):
            return AbortedError(self.run)
        return error

    def confirm(self, session: Session) -> None:
        """See that the target has all the steps that this process knows of. Raises LostWorkError."""
        known = frozenset(self._steps)  # other threads add to them meanwhile
        lost = len(known - self._steps_there(session))
        if lost:
            raise LostWorkError(
                f"PostgreSQL restarted and lost the last {lost} steps, whose commits it had not yet written to disk"
            )

    def has_step(self, step: str) -> bool:
        """Whether an earlier attempt, or this process, has done it."""
        return _key(step) in self._steps

    def once(
        self,
        session: Session,
        step: str,
        statements: Sequence[str],
        *,
        restore: str | None = None,
        undo: str | None = None,
    ) -> None:
        """Statements and their mark in one transaction, unless an earlier attempt has done them."""
        key = _key(step)
        if key in self._steps:
            return
        later = ", ".join("null" if text is None else literal(text) for text in (restore, undo))
        # A connection lost at the commit leaves open whether it happened, and another worker may be at the same step,
        # whose end the insertion waits for: whether it leaves a mark tells. The statements are not sent together, since
        # Citus hands on the whole of what comes together to its servers, which take one at a time.
        lines = [
            "begin;",
            f"with mark as (insert into migrate.step (run, name, restore, undo) select ({self._under_way}), "
            f"'{key}', {later} where not exists (select from migrate.step where run = {self.run} and name = '{key}') "
            "on conflict do nothing returning name) select exists (select from mark) as due \\gset",
            "\\if :due",
            *(f"{statement};" for statement in statements),
            "\\endif",
            "commit;",
        ]
        try:
            session.run("\n".join(lines))
        except TargetError as error:
            if (explained := self.explained(error)) is not error:
                raise explained from error
            raise
        self._steps.add(key)

    def restore(self, session: Session) -> None:
        """Do what the steps have left for the end."""
        for step, statement in session.query(
            f"select name, restore from migrate.step where run = {self.run} and restore is not null"
        ):
            done = f"update migrate.step set restore = null where run = {self.run} and name = '{step}'"
            session.run(f"begin; {statement}; {done}; commit;")

    def attempted(self, attempt: Attempt) -> str:
        """The statement that makes an object if PostgreSQL lets it, and else notes why not."""
        return attempt.block(
            lambda one: (
                f"insert into migrate.refusal values ({self.run}, {literal(one.label)}, reason) "
                "on conflict (run, object) do nothing"
            )
        )

    def answer(
        self, session: Session, label: str, question: Question, zone: str
    ) -> list[tuple[Value, ...]] | None:
        """The answer to a question, which stays the same whenever it is asked; None when PostgreSQL refuses it."""
        kept = f"insert into migrate.answer select {self.run}, {literal(label)}, {question.document}"
        attempt = Attempt("question", label, question.sql, (kept,))
        self.once(session, attempt.label, [f"set local timezone = {literal(zone)}", self.attempted(attempt)])
        found = session.query(
            f"select rows from migrate.answer where run = {self.run} and question = {literal(label)}"
        )
        return question.read(found[0][0]) if found else None

    def refusals(self, session: Session) -> dict[str, str]:
        """Why PostgreSQL has refused objects, by their labels."""
        rows = session.query(f"select object, reason from migrate.refusal where run = {self.run}")
        return {row[0]: plain(row[1]) for row in rows}

    def set_state(self, state: str) -> str:
        """The statement that says how far the run is."""
        finished = ", finished = now()" if state in ("done", "aborted") else ""
        return f"update migrate.run set state = '{state}'{finished} where id = {self.run}"

    def settle(self, session: Session, state: str = "finishing") -> None:
        """Say how far the run is, and make all that was committed until now safe on disk."""
        session.run(f"begin; {SAFE}; {self.set_state(state)}; commit;")

    def count(self, session: Session) -> int:
        """How many chunks are loaded."""
        [[count]] = session.query(f"select count(*) from migrate.chunk where run = {self.run}")
        return int(count)


def _key(step: str) -> str:
    return hashlib.sha256(step.encode("utf-8", "surrogateescape")).hexdigest()
