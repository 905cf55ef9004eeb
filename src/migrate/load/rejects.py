"""Rows that are not loaded: found one by one, kept in a file that can be mended and loaded with `migrate retry`.

PostgreSQL refuses a whole COPY for one bad row and says in which line it stands. The lines before it are copied, it is
put aside, and the rest goes on in savepoints of one transaction, so that neighbours are never lost.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from io import FileIO
from pathlib import Path

import numpy as np

from ..errors import InputError, TargetError
from ..mysql.events import Rows
from ..mysql.lexer import Mode
from ..plan import TargetTable
from ..postgres.merging import Merging
from ..postgres.psql import Attempt, Session, failure
from ..transcode.chunk import Copied, Found, Refused, Transcoder
from ..transcode.codecs import Finding
from .table import TableLoad

_LINE = re.compile(r"CONTEXT:.*?COPY \S.*?, line (\d+)", re.DOTALL)
_OF_DATA = ("22", "23")  # SQLSTATE's classes of data exceptions and violated constraints
_UNIQUE = "23505"  # of them: a key that is there already
# What does not fit a page. PostgreSQL notices when it writes a thousand rows, and names the last line it has read.
_TOO_BIG, _TOO_BIG_STATE = re.compile("row is too big|index row size"), "54000"
_NEWLINE = 0x0A
_FEW = 256  # lines tried together after a bad one


@dataclass(frozen=True)
class Reject:
    """A row that was not loaded. `row` are its literals; bytes that are no UTF-8 stand in it as lone surrogates.

    `columns` are those of the target, one per value, None for a value that is not loaded. `sql_mode` says how the
    literals are to be read, `time_zone` how its timestamps are meant; `offset` is its place in the unpacked source.
    """

    schema: str
    table: str
    columns: list[str | None]
    source: str
    offset: int
    row: str
    reason: str
    sql_mode: str = ""
    time_zone: str | None = None

    @classmethod
    def of(
        cls, refused: Refused, table: TargetTable, columns: list[str | None], zone: str | None
    ) -> "Reject":
        """The record of a row that was refused."""
        row = refused.text.decode("utf-8", "surrogateescape")
        mode = refused.rows.mode.name
        return cls(
            table.schema, table.name, columns, refused.rows.source, refused.offset, row, refused.reason, mode, zone
        )  # fmt: skip

    @property
    def json(self) -> str:
        """One line of the file."""
        # Lone surrogates can only be written escaped.
        return json.dumps(asdict(self), ensure_ascii=not self.row.isprintable())

    @property
    def mode(self) -> Mode:
        """How its literals are to be read."""
        return Mode.named(self.sql_mode)


class Rejects:
    """The file of one run; it is made when the first row is refused."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: FileIO | None = None
        self._known: set[tuple[str, int]] = set()
        self._lock = threading.Lock()

    def begin(self, *, resumed: bool) -> None:
        """Look at what is there. Raises InputError when that is not this run's."""
        if not self.path.exists() or self.path.stat().st_size == 0:
            return
        if not resumed:
            raise InputError(
                f"--rejects: {self.path} holds rows that an earlier run refused: load them with `migrate retry`, move "
                "the file away, or name another"
            )
        # A row may have been written just before its chunk's commit was lost.
        self._known = {(reject.source, reject.offset) for reject in read(self.path)}

    def add(self, reject: Reject) -> None:
        """Write a row down; it is on disk when this returns."""
        with self._lock:
            self.count += 1
            if (reject.source, reject.offset) in self._known:
                return
            try:
                if self._file is None:
                    self._file = self.path.open("ab", buffering=0)
                _append(self._file, f"{reject.json}\n".encode())
            except OSError as error:
                raise TargetError(f"--rejects: {self.path}: {error.strerror}") from error

    def of(self, load: TableLoad, transcoder: Transcoder, zone: str | None) -> Callable[[Refused], None]:
        """What writes down the refused rows of a table, whose timestamps are meant in this time zone."""
        names = [column.name if column else None for column in transcoder.columns]
        return lambda refused: self.add(Reject.of(refused, load.target, names, zone))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _append(file: FileIO, line: bytes) -> None:
    """Write a line, or nothing of it."""
    before = file.tell()
    written = 0
    try:
        while written < len(line):
            written += file.write(line[written:]) or 0
    except OSError:
        with suppress(OSError):  # a device has no length
            file.truncate(before)
        raise


def stop(refused: Refused) -> None:
    """Raise TargetError for a row that PostgreSQL refuses."""
    sample = " ".join(refused.text[:200].decode("utf-8", "replace").split())
    raise TargetError(
        f"{refused.rows.source}: the row of {refused.rows.table[1]} at byte {refused.offset}: {refused.reason}. "
        f"The row is {sample}. --on-error reject puts such rows aside"
    )


def read(path: Path) -> Iterator[Reject]:
    """The rows of a file. Raises InputError for a line that is not one of them."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    try:
                        yield Reject(**json.loads(line))
                    except (ValueError, TypeError) as error:
                        raise InputError(f"{path}: line {number} is not a rejected row: {error}") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


class Chunk:
    """A chunk that is copied without its bad rows; those are written down."""

    def __init__(
        self, transcoder: Transcoder, rows: Rows, copied: Copied, write: Callable[[Refused], None]
    ) -> None:
        self._transcoder = transcoder
        self._rows = rows
        self._copied = copied
        self._write = write

    def copy(
        self,
        session: Session,
        before: str,
        statement: str,
        entry: Callable[[Copied, bool], str],
        merging: Merging | None = None,
        *,
        tentative: bool = False,
    ) -> Copied | None:
        """Copy what PostgreSQL takes, in one transaction with `before` and the `entry` of the ledger for it.

        What is returned are the rows that were taken; those that were not are found in it as REJECTED. With `merging`
        keys that are there already are no mistake: they are found as DUPLICATE, and `entry` is told that there are any.
        A `tentative` copy that PostgreSQL would not take whole is undone, and None is returned.
        """
        try:
            session.run(f"begin; {before}")
            whole = session.attempt(statement, self._copied.data) if tentative or merging else None
            if tentative and whole and whole.error and whole.state != _UNIQUE:
                session.run("rollback;")
                return None
            merged = merging is not None and whole is not None and whole.error is not None
            if merging and merged:
                session.run(";\n".join(merging.prepare) + ";")
                taken, lines = self._copy(session, merging.copy)
                if tentative and lines:
                    session.run("rollback;")
                    return None
                session.run(f"{merging.merge};")
            elif whole and whole.error is None:
                taken, lines = whole.rows, {}
            else:
                taken, lines = self._copy(session, statement)
            refused = [*self._copied.refused, *originals(self._transcoder, self._rows, self._copied, lines)]
            accepted = self._without(lines, taken, refused)
            if merging and merged:
                accepted = self._fewer(accepted, *merging.outcome(session))
            # Written before the commit: should that get lost, the row is tried and written again, and known then.
            for row in refused:
                self._write(row)
            session.run(f"\\set ROW_COUNT {accepted.rows}\n{entry(accepted, merged)}\ncommit;")
        except TargetError:
            session.kill()
            raise
        return accepted

    def put_aside(self, lines: dict[int, str]) -> Copied:
        """Write the rows down that could not be transcoded, and those of lines that PostgreSQL would refuse."""
        refused = [*self._copied.refused, *originals(self._transcoder, self._rows, self._copied, lines)]
        for row in refused:
            self._write(row)
        return self._without(lines, self._copied.rows - len(lines), refused)

    def _copy(self, session: Session, statement: str) -> tuple[int, dict[int, str]]:
        """How many rows were taken, and the lines (0 is the first) that were not, with PostgreSQL's reasons."""
        data = self._copied.data
        ends = np.flatnonzero(self._copied.text[: self._copied.size] == _NEWLINE) + 1
        starts = np.concatenate(([0], ends))
        bad_lines: dict[int, str] = {}
        at, step, taken = 0, len(ends), 0
        while at < len(ends):
            end = min(len(ends), at + step)
            attempt = session.attempt(statement, data[starts[at] : starts[end]])
            if attempt.error is None:
                at, step, taken = end, 4 * step, taken + attempt.rows
                continue
            if attempt.state == _TOO_BIG_STATE and end - at > 1:
                step = (end - at) // 2
                continue
            bad = at if attempt.state == _TOO_BIG_STATE else at + _line(attempt) - 1
            if bad > at:
                good = session.attempt(statement, data[starts[at] : starts[bad]])
                if good.error is not None:
                    raise failure(good.error, 0)
                taken += good.rows
            bad_lines[bad] = reason(attempt.error)
            at, step = bad + 1, _FEW
        return taken, bad_lines

    def _fewer(self, accepted: Copied, count: int, sample: str) -> Copied:
        column = next(column for column in self._transcoder.columns if column is not None)
        found = (*accepted.found, Found(column, Finding.DUPLICATE, count, sample))
        return replace(accepted, rows=accepted.rows - count, found=found)

    def _without(self, lines: dict[int, str], taken: int, refused: list[Refused]) -> Copied:
        found = self._copied.found
        column = next((column for column in self._transcoder.columns if column is not None), None)
        if refused and column is not None:
            found = (*found, Found(column, Finding.REJECTED, len(refused), refused[0].reason))
        if not lines:
            return replace(self._copied, rows=taken, found=found)
        text = self._copied.text
        ends = np.flatnonzero(text[: self._copied.size] == _NEWLINE) + 1
        kept = np.ones(len(text), dtype=np.bool_)
        for line in lines:
            kept[ends[line - 1] if line else 0 : ends[line]] = False
        left = text[kept]
        size = self._copied.size - (len(text) - len(left))
        return replace(self._copied, text=left, size=size, rows=taken, found=found)


def _line(attempt: Attempt) -> int:
    """The line that PostgreSQL found bad. Raises TargetError when it was not a line's fault."""
    assert attempt.error is not None
    found = _LINE.search(attempt.error)
    if found is None or attempt.state[:2] not in _OF_DATA:
        raise failure(attempt.error, 0)
    return int(found[1])


def reason(error: str) -> str:
    """PostgreSQL's message and detail without the rest of what psql prints."""
    lines = [line.partition("ERROR:")[2].strip() for line in error.splitlines() if "ERROR:" in line][:1]
    lines += [line[len("DETAIL:") :].strip() for line in error.splitlines() if line.startswith("DETAIL:")]
    column = re.search(r"^CONTEXT:.*, line \d+, column ([^:\n]+)", error, re.MULTILINE)
    return (f"column {column[1]}: " if column else "") + "; ".join(lines)


def originals(transcoder: Transcoder, rows: Rows, copied: Copied, lines: dict[int, str]) -> list[Refused]:
    """The rows of the source that these lines of COPY text were made from."""
    skipped = {refused.number for refused in copied.refused}
    found = []
    line = -1
    for number in range(rows.rows):
        if number in skipped:
            continue
        line += 1
        if line in lines:
            offset, text = transcoder.original(rows, number)
            found.append(Refused(rows, number, offset, text, lines[line]))
        if line >= max(lines, default=-1):
            break
    return found


def located(error: TargetError, transcoder: Transcoder, rows: Rows, copied: Copied) -> TargetError:
    """The same error, with the row of the source it is about when PostgreSQL names a line."""
    if _TOO_BIG.search(str(error)):
        offset, _ = transcoder.original(rows, 0)
        said = str(error).partition("; CONTEXT")[0]  # its line is another one
        return type(error)(
            f"{rows.source}: a row of {rows.table[1]} at or after byte {offset}: {said}. "
            "--on-error reject finds such rows and puts them aside"
        )
    found = _LINE.search(str(error))
    rows_found = originals(transcoder, rows, copied, {int(found[1]) - 1: ""}) if found else []
    if not rows_found:
        return error
    [row] = rows_found
    sample = " ".join(row.text[:200].decode("utf-8", "replace").split())
    return type(error)(
        f"{rows.source}: the row of {rows.table[1]} at byte {row.offset}: {error}. The row is {sample}. "
        "--on-error reject puts such rows aside"
    )
