"""A damaged dump gives a clear error or a correct load: never a traceback, a hang or rows that vanish in silence."""

import json
import random
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.migrate.command import Done, run
from tests.migrate.dumps import FOOTER, ODDITIES, SHOP

QUICK, ALL = 50, 650
DUMPS = {"shop": (SHOP, 6), "oddities": (ODDITIES, 9)}
SECONDS = 60
CASES = [pytest.param(n, marks=[pytest.mark.slow] if n >= QUICK else []) for n in range(ALL)]


class HangError(BaseException):
    """Not an Exception, so that nothing takes it for an error of its own."""


@contextmanager
def no_hang() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise HangError(f"no answer in {SECONDS} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def attempt(dump: bytes, folder: Path) -> tuple[Done, Any]:
    """Write a dump's script; the run and its report, None when it failed. Checks what must always hold."""
    source, account = folder / "damaged.sql", folder / "account.json"
    source.write_bytes(dump)
    with no_hang():
        done = run("mysql-to-pg", "--quiet", "--output", "-", "--report", account, source)
    if done.exit_code not in (0, 1):
        assert done.exit_code in (2, 3)
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert done.stderr.startswith("migrate: ")
        assert len(done.stderr) > 20
        return done, None
    report = json.loads(account.read_bytes())
    blocks = re.findall(
        rb"^copy [^\n]* from stdin(?: with \(freeze\))?;\n((?:[^\n]*\n)*?)\\\.\n", done.stdout, re.MULTILINE
    )
    assert sum(block.count(b"\n") for block in blocks) == sum(t["rows_loaded"] for t in report["tables"])
    assert done.stdout.rstrip().splitlines()[-1].endswith(b";")
    return done, report


def rows_of(report: Any) -> int:
    return sum(table["rows_read"] for table in report["tables"])


@pytest.mark.parametrize("name", DUMPS)
def test_an_undamaged_dump_is_whole(name: str, tmp_path: Path) -> None:
    dump, rows = DUMPS[name]
    _, report = attempt(dump, tmp_path)
    assert rows_of(report) == rows


@pytest.mark.parametrize("case", CASES)
def test_a_dump_cut_at_any_byte_is_refused(case: int, tmp_path: Path) -> None:
    dump, rows = DUMPS[("shop", "oddities")[case % 2]]
    place = random.Random(case).randrange(len(dump))
    done, report = attempt(dump[:place], tmp_path)
    if report is None:
        assert done.exit_code == 2
    else:
        # What gives the session's variables back comes after everything else.
        rest = len(dump) - len(FOOTER) + FOOTER.index(b";")
        assert place > rest, f"cut at {place} of {len(dump)}, and nothing was said"
        assert rows_of(report) == rows


@pytest.mark.parametrize("case", CASES)
def test_a_flipped_byte_is_noticed_or_does_no_harm(case: int, tmp_path: Path) -> None:
    chance = random.Random(case)
    dump, rows = DUMPS[("shop", "oddities")[case % 2]]
    place = chance.randrange(len(dump))
    damaged = bytearray(dump)
    damaged[place] ^= 1 << chance.randrange(8)
    _, report = attempt(bytes(damaged), tmp_path)
    if report is not None and not (COMMENT_MARKS & {dump[place], damaged[place]}):
        told = report["untranslated"] + report["lossy"]
        assert rows_of(report) == rows or told, (
            f"rows are missing after byte {place} became {damaged[place]:#x}"
        )


# Where a byte makes or unmakes the mark of a comment, MySQL itself reads something else.
COMMENT_MARKS = set(b"-#/*!")


@pytest.mark.parametrize("case", CASES)
def test_shuffled_statements_are_refused_or_lose_no_row(case: int, tmp_path: Path) -> None:
    chance = random.Random(case)
    dump, rows = DUMPS[("shop", "oddities")[case % 2]]
    head, body = dump[: dump.index(b"CREATE TABLE")], dump[dump.index(b"CREATE TABLE") : -len(FOOTER)]
    statements = [part for part in re.split(rb"(?<=;)\n", body) if b"DROP TABLE" not in part]
    chance.shuffle(statements)
    _, report = attempt(head + b"\n".join(statements) + FOOTER, tmp_path)
    if report is not None:
        assert rows_of(report) == rows or report["untranslated"]


@pytest.mark.parametrize("case", CASES)
def test_noise_is_refused_or_named(case: int, tmp_path: Path) -> None:
    """A part of the dump is written over, taken out or doubled."""
    chance = random.Random(case)
    dump, _ = DUMPS[("shop", "oddities")[case % 2]]
    start = chance.randrange(len(dump))
    end = min(len(dump), start + chance.randrange(1, 200))
    part = chance.choice([chance.randbytes(end - start), b"", dump[start:end] * 2])
    attempt(dump[:start] + part + dump[end:], tmp_path)
