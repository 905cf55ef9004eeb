"""The ledger: what a run has done so far, kept in the target itself, in the schema `migrate`.

A chunk's row here and its rows in the table are committed by one transaction, and so are a step (a table made, an index
built) and its mark. Whatever is killed at whatever moment, the ledger says exactly what is there; the same command
reads the source again and skips it.

A step may leave behind what has to be done in the end (`restore`: a foreign key put back) and what an abort has to do
besides (`undo`: a table emptied).
"""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError, TargetError
from ..mysql.events import WINDOW
from ..mysql.names import S3, can_be_read_again
from ..postgres.attempt import Attempt
from ..postgres.ddl import literal
from ..postgres.psql import Session

_SCHEMA = """
create schema if not exists migrate;
comment on schema migrate is 'what the migrate tool has done here; may be dropped when no run is under way';
create table if not exists migrate.run (
  id bigint generated always as identity primary key,
  command jsonb not null,
  fingerprint text not null,
  target_schema text not null,
  state text not null default 'loading' check (state in ('loading', 'finishing', 'done', 'aborted')),
  started timestamptz not null default now(),
  finished timestamptz
);
create table if not exists migrate.chunk (
  run bigint not null references migrate.run on delete cascade,
  source text not null,
  place bigint not null,
  bytes bigint not null,
  target text not null,
  rows_read bigint not null,
  rows_loaded bigint not null,
  found jsonb not null default '[]',
  digest bigint[] not null default '{}',
  seconds real not null,
  loaded timestamptz not null default now(),
  primary key (run, source, place)
);
create table if not exists migrate.step (
  run bigint not null references migrate.run on delete cascade,
  name text not null,
  restore text,
  undo text,
  done timestamptz not null default now(),
  primary key (run, name)
);
create table if not exists migrate.refusal (
  run bigint not null references migrate.run on delete cascade,
  object text not null,
  reason text not null,
  primary key (run, object)
);
"""
_LOCK_CLASS = 0x6D696772  # "migr"
_FORMAT = 1  # of chunks: a run begun by a release that cuts them differently cannot be resumed
_SAMPLED = 1 << 20
_LOCK_PATIENCE = 5.0  # seconds: a session that was killed may need a moment to notice


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

    @classmethod
    def of_row(cls, loaded: str, found: str, digest: str, seconds: str) -> "Done":
        """From the columns rows_loaded, found, digest and seconds as psql prints them."""
        numbers = tuple(int(number) for number in digest.strip("{}").split(",") if number)
        return cls(int(loaded), found, numbers, float(seconds))


class Ledger:
    """One run's account in the target. `done` and `steps` are what earlier attempts have finished."""

    def __init__(self, session: Session, request: Request) -> None:
        self.request = request
        session.run(_SCHEMA)
        lock(session, request.schema)
        self.run, self.resumed = self._begin(session)
        self.done: dict[tuple[str, int], Done] = {}
        self.steps: set[str] = set()
        if self.resumed:
            self.read(session)

    def staging(self, number: int) -> str:
        """The schema in which this run makes the tables of the source's first, second, … database."""
        return f"migrate_run_{self.run}" + (f"_{number + 1}" if number else "")

    def _begin(self, session: Session) -> tuple[int, bool]:
        fingerprint = self.request.fingerprint()
        unfinished = session.query(
            "select id, fingerprint from migrate.run where state in ('loading', 'finishing') "
            f"and command = {literal(self.request.command)}::jsonb order by id desc limit 1"
        )
        if unfinished and self.request.resumable:
            [[run, before]] = unfinished
            if before != fingerprint:
                raise InputError(
                    f"the source is not what it was when run {run} began, so that run cannot go on: "
                    f"`migrate abort {run}` takes away what it has loaded; then start again"
                )
            return int(run), True
        for run, _ in unfinished:  # of standard input, which is gone
            abort(session, int(run))
        [[run]] = session.query(
            "with made as (insert into migrate.run (command, fingerprint, target_schema) values "
            f"({literal(self.request.command)}, {literal(fingerprint)}, {literal(self.request.schema)}) "
            "returning id) select id from made"
        )
        return int(run), False

    def read(self, session: Session) -> None:
        """Read what is done from the target."""
        chunks = session.query(
            "select source, place, rows_loaded, found, digest, seconds from migrate.chunk "
            f"where run = {self.run}"
        )
        self.done = {(source, int(place)): Done.of_row(*rest) for source, place, *rest in chunks}
        self.steps = {
            step for (step,) in session.query(f"select name from migrate.step where run = {self.run}")
        }

    def has_chunk(self, session: Session, source: str, place: int) -> Done | None:
        """Whether a chunk is loaded, asked of the target: a lost connection may have hidden the commit."""
        found = session.query(
            "select rows_loaded, found, digest, seconds from migrate.chunk "
            f"where run = {self.run} and source = {literal(source)} and place = {place}"
        )
        return Done.of_row(*found[0]) if found else None

    def chunk(
        self,
        source: str,
        place: int,
        size: int,
        target: str,
        rows: int,
        found: str,
        digest: Sequence[int],
        seconds: float,
    ) -> str:
        """The statement that enters a chunk, for the transaction that copies it; COPY's count is psql's ROW_COUNT."""
        numbers = ",".join(str(number) for number in digest)
        return (
            "insert into migrate.chunk "
            "(run, source, place, bytes, target, rows_read, rows_loaded, found, digest, seconds) values "
            f"({self.run}, {literal(source)}, {place}, {size}, {literal(target)}, {rows}, :ROW_COUNT, "
            f"{literal(found)}, '{{{numbers}}}', {seconds:.4f});"
        )

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
        key = hashlib.sha256(step.encode("utf-8", "surrogateescape")).hexdigest()
        if key in self.steps:
            return
        # A connection lost at the commit leaves open whether it happened: the mark tells.
        if not session.query(f"select 1 from migrate.step where run = {self.run} and name = '{key}'"):
            later = ", ".join("null" if text is None else literal(text) for text in (restore, undo))
            mark = (
                f"insert into migrate.step (run, name, restore, undo) values ({self.run}, '{key}', {later})"
            )
            # What a step made is not looked for again, so its commit must be on disk before it is believed.
            session.run(
                ";\n".join(["begin", "set local synchronous_commit = on", *statements, mark, "commit"]) + ";"
            )
        self.steps.add(key)

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
            f"insert into migrate.refusal values ({self.run}, {literal(attempt.label)}, reason) "
            "on conflict (run, object) do nothing"
        )

    def refusals(self, session: Session) -> dict[str, str]:
        """Why PostgreSQL has refused objects, by their labels."""
        rows = session.query(f"select object, reason from migrate.refusal where run = {self.run}")
        return {row[0]: row[1] for row in rows}

    def set_state(self, state: str) -> str:
        """The statement that says how far the run is."""
        finished = ", finished = now()" if state in ("done", "aborted") else ""
        return f"update migrate.run set state = '{state}'{finished} where id = {self.run}"

    def count(self, session: Session) -> int:
        """How many chunks are loaded and safely on disk.

        Chunks are committed without waiting for the disk; a commit that does wait makes all those before it safe.
        """
        session.run(f"begin; set local synchronous_commit = on; {self.set_state('finishing')}; commit;")
        [[count]] = session.query(f"select count(*) from migrate.chunk where run = {self.run}")
        return int(count)


def lock(session: Session, schema: str) -> None:
    """One run at a time into a schema: the lock lasts as long as the session. Raises TargetError when it is taken."""
    deadline = time.monotonic() + _LOCK_PATIENCE
    while session.query(f"select pg_try_advisory_lock({_LOCK_CLASS}, hashtext({literal(schema)}))") != [
        ["t"]
    ]:
        if time.monotonic() > deadline:
            raise TargetError(
                f"another migration into the schema {schema} of this database is under way: `migrate status` shows "
                "it; wait for it to end, or stop it"
            )
        time.sleep(0.1)


def abort(session: Session, run: int) -> None:
    """Take away what an unfinished run has made. Raises InputError when there is none, TargetError when it goes on."""
    unfinished = runs(session, run)
    if not unfinished:
        raise InputError(f"there is no unfinished run {run} in this database: `migrate status` lists them")
    lock(session, unfinished[0].command["schema"])
    # What is only taken away when nothing uses it (a DO block) goes after what may.
    later = session.query(
        f"select unnest(array[undo, restore]) from migrate.step where run = {run} "
        "and coalesce(undo, restore) is not null order by undo is null, undo like 'do %'"
    )
    statements = [
        *(statement for (statement,) in later if statement),
        f"delete from migrate.chunk where run = {run}",
        f"delete from migrate.step where run = {run}",
        f"delete from migrate.refusal where run = {run}",
        f"update migrate.run set state = 'aborted', finished = now() where id = {run}",
    ]
    session.run("begin;\n" + ";\n".join(statements) + ";\ncommit;")


@dataclass(frozen=True)
class RunStatus:
    """A run as `migrate status` shows it; sizes in bytes of the unpacked source, times as PostgreSQL prints them."""

    id: int
    state: str
    under_way: bool
    command: dict[str, Any]
    chunks: int
    rows: int
    bytes: int
    started: str
    finished: str


def runs(session: Session, run: int | None = None) -> list[RunStatus]:
    """All runs of this database, the newest first; with `run`, that one if it is unfinished."""
    [[there]] = session.query("select to_regclass('migrate.run') is not null")
    if there != "t":
        return []
    wanted = f"where r.id = {run} and r.state in ('loading', 'finishing')" if run is not None else ""
    rows = session.query(
        "select r.id, r.state, exists (select from pg_locks l where l.locktype = 'advisory' "
        f"and l.classid = {_LOCK_CLASS} and l.objid = (hashtext(r.target_schema)::bigint & 4294967295)::oid) "
        "and r.state in ('loading', 'finishing'), r.command, count(c.run), "
        "coalesce(sum(c.rows_loaded), 0), coalesce(sum(c.bytes), 0), r.started::timestamptz(0), "
        "coalesce(r.finished::timestamptz(0)::text, '') "
        f"from migrate.run r left join migrate.chunk c on c.run = r.id {wanted} group by r.id order by r.id desc"
    )
    return [
        RunStatus(
            int(row[0]),
            row[1],
            row[2] == "t",
            json.loads(row[3]),
            int(row[4]),
            int(row[5]),
            int(row[6]),
            *row[7:],
        )
        for row in rows
    ]
