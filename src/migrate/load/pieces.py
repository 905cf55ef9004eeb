"""What a run shares with workers on other machines: pieces of its source, put into the ledger for whoever claims them.

A piece is the place of a chunk in a file that is not compressed, or a whole file of rows. Whoever claims it writes
that down. A claim holds as long as its worker's lock, which ends with the worker's session: a worker that dies has
given its pieces back. A chunk's row in the ledger decides in the end: should two have loaded it, only one can commit.
"""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from .. import wire
from ..errors import InputError, TargetError
from ..mysql.events import Rows
from ..mysql.ranges import read_range
from ..plan import TargetTable
from ..postgres.ddl import literal
from ..postgres.psql import Session
from ..transcode.room import WIDTH
from .ledger import SAFE

MOST_WAITING = 512  # pieces that wait at a time: about a gigabyte of source, half a megabyte of ledger
_WORKER_CLASS = 0x6D696777  # "migw"


@dataclass(frozen=True)
class Piece:
    """Rows of one table: those of a chunk, without their bytes, or with no `rows` those of a whole file.

    `plan` is the table's number.
    """

    number: int
    plan: int
    source: str
    rows: Rows | None = None


def told(rows: Rows) -> Rows:
    """The rows without their bytes, which whoever is told of them can read again."""
    return replace(rows, data=np.zeros(0, dtype=np.uint8))


def read(rows: Rows) -> Rows:
    """The rows with their bytes, read again. Raises SourceError."""
    data = np.zeros(rows.size + WIDTH, dtype=np.uint8)
    read_range(rows.source, rows.offset, memoryview(data)[: rows.size])  # type: ignore[arg-type]
    return replace(rows, data=data)


@dataclass(frozen=True)
class Plan:
    """What a worker must know of a table to load rows of it: the schema it is in until the end, and its plan."""

    place: str
    table: TargetTable


@dataclass(frozen=True)
class Waiting:
    """How many pieces are left, and how many of them nobody has claimed."""

    left: int
    unclaimed: int


class Pieces:
    """The pieces of one run, as one process sees them: the one that puts them there, or a worker."""

    def __init__(self, run: int) -> None:
        self.run = run
        self.worker = 0

    def join(self, session: Session, jobs: int) -> None:
        """Enter this process among the run's workers. Its claims hold as long as the session that `lock` was given."""
        host = literal(platform.node() or "unknown")
        [[worker]] = session.query(
            "with made as (insert into migrate.worker (run, host, process, jobs) "
            f"values ({self.run}, {host}, {os.getpid()}, {jobs}) returning id) select id from made"
        )
        self.worker = int(worker)
        self.lock(session)

    def lock(self, session: Session) -> None:
        """Say that this process lives, until the session ends."""
        session.run(f"select pg_advisory_lock({_WORKER_CLASS}, {self.worker});")

    def open(self, session: Session) -> int:
        """Let workers take part in this attempt at the run; what stopped an earlier one is forgotten.

        The first number that is free is returned: workers of an earlier attempt may still be at their pieces.
        """
        session.run(
            f"begin; update migrate.run set shared = true, state = 'loading' where id = {self.run}; "
            f"update migrate.worker set failure = null where run = {self.run}; "
            f"delete from migrate.piece where run = {self.run} and (worker is null or worker not in ({LIVING})); "
            "commit;"
        )
        [[highest]] = session.query(
            f"select coalesce(max(number), 0) from migrate.piece where run = {self.run}"
        )
        return int(highest) + 1

    def close(self, session: Session) -> None:
        """Let nobody take part any more: what was put up is done by who put it there."""
        session.run(
            f"begin; update migrate.run set shared = false where id = {self.run}; "
            f"delete from migrate.piece where run = {self.run}; commit;"
        )

    def describe(self, session: Session, number: int, plan: Plan) -> None:
        """Write down how a table is planned, before the first piece of it."""
        text = json.dumps(wire.packed(plan, Plan))
        session.run(
            f"insert into migrate.plan (run, number, plan) values ({self.run}, {number}, {literal(text)}) "
            "on conflict do nothing;"
        )

    def put(self, session: Session, pieces: Iterable[Piece]) -> None:
        """Put up pieces; they are on disk when this returns, since nobody looks for them again."""
        rows = ",\n".join(
            f"({self.run}, {piece.number}, {literal(json.dumps(wire.packed(piece, Piece)))})"
            for piece in pieces
        )
        session.run(
            f"begin; {SAFE};\n"
            f"insert into migrate.piece (run, number, piece) values\n{rows}\non conflict do nothing;\ncommit;"
        )

    def claim(self, session: Session, held: Iterable[int]) -> Piece | None:
        """A piece nobody works on, which is this worker's from now on; `held` are those that its threads work on."""
        mine = f"worker = {self.worker} and number <> all('{{{','.join(map(str, held))}}}')"
        for which in ("worker is null", mine):  # the latter when the answer to an earlier claim was lost
            found = session.query(
                f"with free as (select number from migrate.piece where run = {self.run} and {which} "
                "order by number limit 1 for update skip locked), "
                f"taken as (update migrate.piece p set worker = {self.worker} from free "
                f"where p.run = {self.run} and p.number = free.number returning p.piece) select piece from taken"
            )
            if found:
                piece: Piece = wire.unpacked(json.loads(found[0][0]), Piece)
                return piece
        return None

    def plan(self, session: Session, number: int) -> Plan:
        """How a table is planned."""
        [[text]] = session.query(
            f"select plan from migrate.plan where run = {self.run} and number = {number}"
        )
        plan: Plan = wire.unpacked(json.loads(text), Plan)
        return plan

    def done(self, piece: Piece) -> str:
        """The statement that takes a piece away, for the transaction that ends it."""
        return f"delete from migrate.piece where run = {self.run} and number = {piece.number};"

    def free(self, session: Session) -> None:
        """Give back the claims of workers that are gone."""
        session.run(
            f"update migrate.piece set worker = null where run = {self.run} and worker is not null "
            f"and worker not in ({LIVING});"
        )

    def waiting(self, session: Session) -> Waiting:
        """What is left. Raises the error that a worker has stopped the run with."""
        [[left, unclaimed, failure, code]] = session.query(
            "select p.*, w.* from (select count(*), count(*) filter (where worker is null) "
            f"from migrate.piece where run = {self.run}) p left join lateral (select failure, exit_code "
            f"from migrate.worker where run = {self.run} and failure is not null limit 1) w on true"
        )
        if failure:
            raise (InputError if code == str(InputError.exit_code) else TargetError)(failure)
        return Waiting(int(left), int(unclaimed))

    def fail(self, session: Session, failure: str, exit_code: int) -> None:
        """Stop the run for everybody, for a reason that lies in the source or the target."""
        session.run(
            f"update migrate.worker set failure = {literal(failure)}, exit_code = {exit_code} where id = {self.worker};"
        )


# The workers whose session has not ended, of all runs of this database.
LIVING = (
    "select objid::bigint from pg_locks where locktype = 'advisory' and granted "
    f"and classid = {_WORKER_CLASS} and database = (select oid from pg_database where datname = current_database())"
)
