"""The `migrate` command, run in this process, where its compiled parts are loaded once for all tests, or in its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from migrate.cli import main
from migrate.postgres import embedded


@dataclass(frozen=True)
class Done:
    """What a run left: an exception that is not the command's own to tell would have been raised."""

    exit_code: int
    stdout: bytes
    stderr: str

    @property
    def account(self) -> Any:
        """The JSON on standard output."""
        return json.loads(self.stdout)


def run(*arguments: str | Path, stdin: bytes = b"") -> Done:
    """Run `migrate` with these arguments."""
    done = CliRunner().invoke(main, [str(word) for word in arguments], input=stdin, catch_exceptions=False)
    return Done(done.exit_code, done.stdout_bytes, done.stderr)


def load(url: str, *sources: str | Path, stdin: bytes = b"") -> Done:
    """Run `migrate mysql-to-pg` into a database, quietly."""
    return run("mysql-to-pg", "--quiet", "--to", url, *sources, stdin=stdin)


def program(*arguments: str | Path) -> list[str]:
    """The words that run `migrate` in a process of its own."""
    return [sys.executable, "-m", "migrate", *map(str, arguments)]


def loader(url: str, source: str | Path) -> list[str]:
    """The words that load a source in a process of its own, quietly, with two jobs on any machine."""
    return program("mysql-to-pg", "--quiet", "--jobs", "2", "--to", url, source)


def failed(done: Done, exit_code: int, *words: str) -> None:
    """Assert that a run failed with this code, and said so in one line that holds these words."""
    assert done.exit_code == exit_code, done
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("migrate: ")
    for word in words:
        assert word in lines[0]


def snapshot(url: str) -> list[str]:
    """Everything in a database but the ledger, definitions and rows, as the sorted lines of its dump."""
    options = ["--no-owner", "--restrict-key=none", "--exclude-schema=migrate"]
    done = subprocess.run(
        [embedded.binaries() / "pg_dump", *options, "--dbname", url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return sorted(done.stdout.splitlines())


def carry_over(way: str, url: str, source: Path) -> None:
    """Load a source into a database by the `server` or by a `script`; nothing may be left out."""
    script = source.with_suffix(".pg.sql")
    done = load(url, source) if way == "server" else run("mysql-to-pg", "--quiet", "--output", script, source)
    assert done.exit_code == 0, done.stderr
    if way == "script":
        play(url, script)


def play(url: str, script: Path | bytes) -> None:
    """Run a script with psql as the manual says to."""
    command = [str(embedded.binaries() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url]
    if isinstance(script, Path):
        command += ["-f", str(script)]
    done = subprocess.run(
        command,
        input=None if isinstance(script, Path) else script,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"PGCLIENTENCODING": "UTF8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
