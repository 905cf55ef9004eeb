"""The runs of a target: how they begin and go on, what became of them, and how one is undone."""

import json
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, TargetError
from ..postgres.ddl import literal
from ..postgres.psql import Session
from .ledger import UNFINISHED, Ledger, Request
from .pieces import LIVING

_SCHEMA = """
create schema if not exists migrate;
comment on schema migrate is 'what the migrate tool has done here; may be dropped when no run is under way';
create table if not exists migrate.run (
  id bigint generated always as identity primary key,
  command jsonb not null,
  fingerprint text not null,
  target_schema text not null,
  state text not null default 'loading' check (state in ('loading', 'finishing', 'done', 'aborted')),
  aborting boolean not null default false,
  shared boolean not null default false,
  started timestamptz not null default now(),
  finished timestamptz
);
create table if not exists migrate.worker (
  id integer generated always as identity primary key,
  run bigint not null references migrate.run on delete cascade,
  host text not null,
  process integer not null,
  jobs integer not null,
  started timestamptz not null default now(),
  failure text,
  exit_code integer
);
create table if not exists migrate.plan (
  run bigint not null references migrate.run on delete cascade,
  number integer not null,
  plan text not null,
  primary key (run, number)
);
create table if not exists migrate.piece (
  run bigint not null references migrate.run on delete cascade,
  number bigint not null,
  piece text not null,
  worker integer,
  primary key (run, number)
);
create table if not exists migrate.chunk (
  run bigint not null references migrate.run on delete cascade,
  source text not null,
  place bigint not null,
  bytes bigint not null,
  plan integer not null,
  target text not null,
  rows_read bigint not null,
  rows_loaded bigint not null,
  found jsonb not null default '[]',
  digest bigint[] not null default '{}',
  seconds real not null,
  worker integer,
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
create table if not exists migrate.answer (
  run bigint not null references migrate.run on delete cascade,
  question text not null,
  rows jsonb not null,
  primary key (run, question)
);
create table if not exists migrate.refusal (
  run bigint not null references migrate.run on delete cascade,
  object text not null,
  reason text not null,
  primary key (run, object)
);
"""
_LOCK_CLASS = 0x6D696772  # "migr"
_LOCK_PATIENCE = 5.0  # seconds: a session that was killed may need a moment to notice
# Whether a process that leads the run `r`, or another one into the same schema, lives.
LED = (
    "exists (select from pg_locks l where l.locktype = 'advisory' "
    f"and l.classid = {_LOCK_CLASS} and l.objid = (hashtext(r.target_schema)::bigint & 4294967295)::oid)"
)


def begin(session: Session, request: Request) -> Ledger:
    """The account of a new run, or of the unfinished one that was asked for the same; the schema is locked."""
    session.run(_SCHEMA)
    lock(session, request.schema)
    run, resumed = _found(session, request)
    others = session.query(
        f"select id from migrate.run where {UNFINISHED} and id <> {run} "
        f"and target_schema = {literal(request.schema)} order by id"
    )
    ledger = Ledger(run, request, resumed=resumed, others=[int(other) for (other,) in others])
    if resumed:
        ledger.recall_steps(session)
    return ledger


def lock(session: Session, schema: str) -> None:
    """One run at a time into a schema: the lock lasts as long as the session. Raises TargetError when it is taken."""
    deadline = time.monotonic() + _LOCK_PATIENCE
    mine = f"select pg_try_advisory_lock({_LOCK_CLASS}, hashtext({literal(schema)}))"
    while session.query(mine) != [["t"]]:
        if time.monotonic() > deadline:
            raise TargetError(
                f"another migration into the schema {schema} of this database is under way: `migrate status` shows "
                "it; wait for it to end, or stop it"
            )
        time.sleep(0.1)


def _found(session: Session, request: Request) -> tuple[int, bool]:
    """The number of the run, and whether there was an earlier attempt at it."""
    fingerprint = request.fingerprint()
    unfinished = session.query(
        "select id, fingerprint, aborting from migrate.run where state in ('loading', 'finishing') "
        f"and command = {literal(request.command)}::jsonb order by id desc limit 1"
    )
    if unfinished and unfinished[0][2] == "f" and request.resumable:
        [[run, before, _]] = unfinished
        if before != fingerprint:
            raise InputError(
                f"the source is not what it was when run {run} began, so that run cannot go on: "
                f"`migrate abort {run}` takes away what it has loaded; then start again"
            )
        return int(run), True
    for run, *_ in unfinished:  # half aborted, or of standard input, which is gone
        abort(session, int(run))
    [[run]] = session.query(
        "with made as (insert into migrate.run (command, fingerprint, target_schema) values "
        f"({literal(request.command)}, {literal(fingerprint)}, {literal(request.schema)}) "
        "returning id) select id from made"
    )
    return int(run), False


def abort(session: Session, run: int) -> None:
    """Take away what an unfinished run has made. Raises InputError when there is none, TargetError when it goes on."""
    unfinished = runs(session, run)
    if not unfinished:
        raise InputError(f"there is no unfinished run {run} in this database: `migrate status` lists them")
    lock(session, unfinished[0].command["schema"])
    # First nothing more may be entered: this waits for those who are about to, and whoever comes later rolls back.
    session.run(
        f"begin; select from migrate.run where id = {run} for update; "
        f"update migrate.run set aborting = true where id = {run}; commit;"
    )
    # What is only taken away when nothing uses it (a DO block) goes after what may.
    later = session.query(
        f"select unnest(array[undo, restore]) from migrate.step where run = {run} "
        "and coalesce(undo, restore) is not null order by undo is null, undo like 'do %'"
    )
    statements = [
        *(statement for (statement,) in later if statement),
        *(
            f"delete from migrate.{table} where run = {run}"
            for table in ("piece", "plan", "chunk", "step", "refusal")
        ),
        f"update migrate.run set state = 'aborted', finished = now() where id = {run}",
    ]
    session.run("begin;\n" + ";\n".join(statements) + ";\ncommit;")


@dataclass(frozen=True)
class WorkerStatus:
    """A process that takes or took part in a run; `lives` unless it has ended, `claimed` is what it has in hand."""

    id: int
    host: str
    process: int
    jobs: int
    lives: bool
    claimed: int
    chunks: int
    rows: int
    failure: str


@dataclass(frozen=True)
class RunStatus:
    """A run as `migrate status` shows it; sizes in bytes of the unpacked source, times in ISO 8601.

    `waiting` are the pieces of a shared run that nobody has claimed yet.
    """

    id: int
    state: str
    under_way: bool
    command: dict[str, Any]
    chunks: int
    rows: int
    bytes: int
    started: str
    finished: str
    waiting: int
    workers: list[WorkerStatus]


def runs(session: Session, run: int | None = None) -> list[RunStatus]:
    """All runs of this database, the newest first; with `run`, that one if it is unfinished."""
    [[there]] = session.query("select to_regclass('migrate.run') is not null")
    if there != "t":
        return []
    unfinished = "state in ('loading', 'finishing')"
    wanted = f"where r.id = {run} and r.{unfinished}" if run is not None else ""
    rows = session.query(
        f"select r.id, r.state, {LED} and r.{unfinished}, r.command, count(c.run), "
        "coalesce(sum(c.rows_loaded), 0), coalesce(sum(c.bytes), 0), "
        "to_char(r.started, 'YYYY-MM-DD HH24:MI:SSOF'), coalesce(to_char(r.finished, 'YYYY-MM-DD HH24:MI:SSOF'), '') "
        f"from migrate.run r left join migrate.chunk c on c.run = r.id {wanted} group by r.id order by r.id desc"
    )
    workers, waiting = _workers(session)
    return [
        RunStatus(
            int(row[0]),
            row[1],
            row[2] == "t",
            json.loads(row[3]),
            int(row[4]),
            int(row[5]),
            int(row[6]),
            row[7],
            row[8],
            waiting.get(row[0], 0),
            workers.get(row[0], []),
        )
        for row in rows
    ]


def _workers(session: Session) -> tuple[dict[str, list[WorkerStatus]], dict[str, int]]:
    """The workers of every run, and how many pieces wait for one."""
    found: dict[str, list[WorkerStatus]] = defaultdict(list)
    for run, number, host, process, jobs, lives, claimed, chunks, rows, failure in session.query(
        f"select w.run, w.id, w.host, w.process, w.jobs, w.id in ({LIVING}), "
        "(select count(*) from migrate.piece p where p.run = w.run and p.worker = w.id), "
        "count(c.run), coalesce(sum(c.rows_loaded), 0), coalesce(w.failure, '') "
        "from migrate.worker w left join migrate.chunk c on c.run = w.run and c.worker = w.id "
        "group by w.id order by w.id"
    ):
        found[run].append(
            WorkerStatus(
                int(number),
                host,
                int(process),
                int(jobs),
                lives == "t",
                int(claimed),
                int(chunks),
                int(rows),
                failure,
            )
        )
    waiting = session.query("select run, count(*) from migrate.piece where worker is null group by run")
    return found, {run: int(count) for run, count in waiting}
