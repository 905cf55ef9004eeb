"""The runners: each loads the same rows into a fresh database of the same server and is timed from outside."""

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migrate.postgres.embedded import Cluster, binaries
from tests.fixtures.measured import measured

from .data import Made

_numbers = itertools.count(1)
# As people have it: Python keeps what it has compiled, whatever the environment of this benchmark says.
_ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
_PSQL = [str(binaries() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
# For a checkpoint and what it makes the log repeat, or for making its files, one run would pay and not another.
_ROOM = ("max_wal_size=8GB", "min_wal_size=4GB", "checkpoint_timeout=1h")


@dataclass(frozen=True)
class Result:
    """Wall-clock seconds, and the most memory that the process itself held, in megabytes."""

    seconds: float
    memory: float


def psql(url: str, sql: str) -> str:
    """What psql prints for `sql`."""
    done = subprocess.run(
        [*_PSQL, "-A", "-t", "-d", url], input=sql, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"bench: psql: {done.stderr.strip()}")
    return done.stdout.strip()


@contextmanager
def server() -> Iterator[Cluster]:
    """A PostgreSQL server with the settings it comes with, but for room for its log: nothing is tuned for anybody."""
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="bench-")))
    try:
        cluster.start(settings=_ROOM)
        yield cluster
    finally:
        cluster.remove()


@contextmanager
def database(cluster: Cluster) -> Iterator[str]:
    """A fresh database; what earlier runs left to be written is written before it is used."""
    name = f"bench_{next(_numbers)}"
    psql(cluster.url(), f"create database {name}")
    psql(cluster.url(), "checkpoint")
    yield cluster.url(name)
    psql(cluster.url(), f"drop database {name} with (force)")


def timed(command: list[str], *, stdin: int | None = None) -> Result:
    """Run a command to its end. A command that fails ends the benchmark with what it said."""
    with tempfile.TemporaryFile() as errors, tempfile.NamedTemporaryFile() as peak:
        watched = measured(Path(peak.name), command)
        started = time.monotonic()
        done = subprocess.run(
            watched, stdin=stdin, stdout=errors, stderr=errors, env=_ENVIRONMENT, check=False
        )
        seconds = time.monotonic() - started
        if done.returncode:
            errors.seek(0)
            raise SystemExit(
                f"bench: {command[0]} failed: {errors.read().decode(errors='replace').strip()[-2000:]}"
            )
        return Result(seconds, int(Path(peak.name).read_text()) / 1e6)


def _loader(url: str, source: str, jobs: int, *, verify: bool = False) -> list[str]:
    """The words that run our own tool; its tables compare text as those of the others do."""
    words = [sys.executable, "-m", "migrate", "mysql-to-pg", "--quiet", "--to", url, "--jobs", str(jobs)]
    return [*words, "--collation", "exact", "--verify" if verify else "--no-verify", source]


def migrate(
    cluster: Cluster, made: Made, *, jobs: int, verify: bool = False, source: Path | None = None
) -> Result:
    """Our own tool; with `verify` it also proves what it loaded. `source` is another form of the same rows."""
    with database(cluster) as url:
        result = timed(_loader(url, str(source or made.dump), jobs, verify=verify))
        _assert_loaded(url, made)
    return result


def copy(cluster: Cluster, made: Made, options: str = "") -> Result:
    r"""psql's \copy of the rows, ready-made, in one stream; then the same keys."""
    with database(cluster) as url:
        psql(url, made.before)
        words = [
            word for table, file in made.copies for word in ("-c", rf"\copy {table} from '{file}' {options}")
        ]
        result = timed([*_PSQL, "-d", url, *words, "-c", made.after])
        _assert_loaded(url, made)
    return result


def pgloader(cluster: Cluster, made: Made, source: str) -> Result:
    """pgloader from the live server at the URL `source`."""
    with database(cluster) as url:
        name = url.split("/")[-1].split("?")[0]
        target = f"postgresql://postgres@unix:{cluster.socket_directory}:{cluster.port}/{name}"
        result = timed(["pgloader", "--quiet", source, target])
        schema = source.rsplit("/", 1)[-1]
        psql(url, f"alter database {name} set search_path to {schema}")
        _assert_loaded(url, made)
    return result


def migrate_from(cluster: Cluster, made: Made, dump: list[str], *, jobs: int) -> Result:
    """Our own tool, fed through a pipe by the command `dump`, which reads a live server."""
    with database(cluster) as url:
        started = time.monotonic()
        with subprocess.Popen(dump, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            result = timed(_loader(url, "-", jobs), stdin=process.stdout.fileno())
        seconds = time.monotonic() - started
        _assert_loaded(url, made)
    return Result(seconds, result.memory)


def missing(*programs: str) -> list[str]:
    """Those programs that are not installed."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    return [program for program in programs if shutil.which(program, path=path) is None]


def _assert_loaded(url: str, made: Made) -> None:
    counted = "+".join(f"(select count(*) from {table})" for table, _ in made.copies)
    found = psql(url, f"select {counted}")
    if found != str(made.rows):
        raise SystemExit(f"bench: {found} rows were loaded instead of {made.rows}: the times mean nothing")
