"""What each stage costs, alone: seconds of processor time, which other work on the machine changes little."""

import os
import resource
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from migrate.model import Database
from migrate.mysql import inputs
from migrate.mysql.events import Rows
from migrate.mysql.session import Session
from migrate.notes import Notes
from migrate.planner import Planner
from migrate.postgres.embedded import Cluster
from migrate.transcode.chunk import Transcoder
from migrate.transcode.packer import packed
from migrate.transcode.room import Room
from migrate.verify import Digester, provable

from . import race
from .data import Made

_TYPES = (
    "int4",
    "int4",
    "varchar",
    "text",
    "numeric",
    "timestamp",
)  # of text-heavy rows, as pg_type calls them


def ours(made: Made) -> dict[str, float]:
    """Seconds for reading and cutting a dump of one table, turning its rows into COPY text, digesting and packing."""
    spent = dict.fromkeys(("read and cut", "transcode", "digest", "pack"), 0.0)
    database, session = Database(), Session()
    session.wants = lambda _: True
    [one] = inputs.named([str(made.dump)])
    stages: tuple[Transcoder, Digester] | None = None
    room = Room()
    with closing(one):
        started = time.thread_time()
        for event in one.events(database, session):
            now = time.thread_time()
            spent["read and cut"] += now - started
            if isinstance(event, Rows):
                if stages is None:
                    table = Planner("public", Notes()).table(database.tables[event.table])
                    stages = Transcoder(list(table.columns)), Digester(table, provable(table))
                transcoder, digester = stages
                copied = transcoder.copy_text(event)
                after = time.thread_time()
                spent["transcode"] += after - now
                digester.digest(copied.text, copied.size)
                now = time.thread_time()
                spent["digest"] += now - after
                types = list(_TYPES)
                assert packed(
                    copied.text, copied.size, copied.rows, types, 0, lambda size: room.of(size).data
                )
                spent["pack"] += time.thread_time() - now
            started = time.thread_time()
    return spent


def theirs(cluster: Cluster, made: Made) -> dict[str, float]:
    r"""Seconds of psql and of all of PostgreSQL's processes for \copy of the same rows, and the same keys."""
    packed = _packed(cluster, made)
    spent = {}
    for form, files, options in (("text", made, ""), ("binary", packed, "(format binary)")):
        load = partial(race.copy, cluster, files, options)
        spent[f"psql, {form}"] = _spent_by(load, _children)
        spent[f"PostgreSQL, {form}"] = _spent_by(load, lambda: _server(cluster))
    return spent


def _packed(cluster: Cluster, made: Made) -> Made:
    """The same rows as files of the binary format."""
    copies = tuple((table, file.with_suffix(".binary")) for table, file in made.copies)
    with race.database(cluster) as url:
        race.psql(url, made.before)
        for (table, text), (_, binary) in zip(made.copies, copies, strict=True):
            race.psql(url, f"\\copy {table} from '{text}'\n\\copy {table} to '{binary}' (format binary)\n")
    return replace(made, copies=copies)


def _spent_by(act: Callable[[], object], clock: Callable[[], float]) -> float:
    before = clock()
    act()
    return clock() - before


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _server(cluster: Cluster) -> float:
    """Of the server, of those of its processes that live, and of those that have ended."""
    found = subprocess.run(["pgrep", "-P", str(cluster.pid())], capture_output=True, text=True, check=True)
    ticks = 0
    for pid in (str(cluster.pid()), *found.stdout.split()):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime: proc(5)
    return ticks / os.sysconf("SC_CLK_TCK")
