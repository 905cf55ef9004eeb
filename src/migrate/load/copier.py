"""A chunk into its table: transcoded, copied and entered into the ledger, the last two in one transaction."""

import json
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import LostConnectionError, TargetError
from ..model import Duplicates
from ..mysql.events import Rows
from ..plan import TargetTable
from ..postgres import catalog, ddl
from ..postgres.merging import CAME, GONE, Merging
from ..postgres.psql import Session, local_zone
from ..transcode.chunk import Copied, Found, Transcoder
from ..transcode.codecs import Finding
from ..transcode.packer import packed
from ..transcode.room import KEPT_BYTES
from ..verify import Digester, TableDigest, query_digest
from . import rejects
from .ledger import SAFE, Done, Ledger
from .rejects import Rejects
from .table import TableLoad

_WORTH_PACKING = 64 << 10  # bytes of text: for fewer, asking for the types takes longer than it spares


@dataclass(frozen=True)
class Loaded:
    """What became of a chunk; `seconds` include the transcoding."""

    rows: int
    seconds: float
    found: tuple[Found, ...]
    digest: TableDigest | None

    @classmethod
    def of_done(cls, done: Done, table: TargetTable) -> "Loaded":
        """As the ledger has it."""
        digest = TableDigest.of_numbers(done.digest, done.rows_loaded) if done.digest else None
        return cls(done.rows_loaded, done.seconds, tuple(_found(done.found, table)), digest)


class Copier:
    """Copies chunks for any number of threads, each with a session of its own; `worker` is whose they are."""

    def __init__(
        self, ledger: Ledger, *, verify: bool, rejected: Rejects | None, worker: int | None = None
    ) -> None:
        self._ledger = ledger
        self._verify = verify
        self._rejects = rejected
        self._worker = worker
        self._kept = threading.local()

    def copy(
        self, session: Session, load: TableLoad, rows: Rows, place: str, *, again: bool, after: str = ""
    ) -> Loaded:
        """Copy a chunk into the schema `place`; `after` are more statements for its transaction.

        `again` says that this, or another worker, may have done so before: then nothing is copied.
        """
        done = self._ledger.has_chunk(session, rows.source, rows.offset) if again else None
        if done is not None:
            session.run(after)
            return Loaded.of_done(done, load.target)
        try:
            return self._copy(session, load, rows, place, after)
        except TargetError as error:
            if (explained := self._ledger.explained(error)) is not error:
                raise explained from error
            raise

    def _copy(self, session: Session, load: TableLoad, rows: Rows, place: str, after: str) -> Loaded:
        started = time.monotonic()
        transcoder, digester = self._tools(load, rows)
        copied = self._transcoded(session, load, transcoder, rows, place)
        zone = rows.time_zone
        before = f"{local_zone(zone)};" if zone else ""
        statement = ddl.copy(load.target, digester.columns, place)
        digest: TableDigest | None = None
        merging = None
        if rows.duplicates is not Duplicates.REFUSED:
            sets = load.updates.get(rows.update) or ""
            merging = Merging(load.target, place, tuple(digester.columns), rows.duplicates, sets)

        def entry(taken: Copied, merged: bool = False) -> str:
            nonlocal digest
            digest = None
            if self._verify and digester.whole and load.target.condition is None:
                digest = digester.digest(taken.text, taken.size)
                if merged:
                    digest.take_away(query_digest(session, digester, f"table {GONE}"))
                    digest.add(query_digest(session, digester, f"table {CAME}"))
            entered = self._ledger.chunk(
                rows,
                load.number,
                load.target.label,
                _found_json(taken.found),
                digest.numbers if digest else (),
                time.monotonic() - started,
                self._worker,
            )
            return f"{entered}\n{after}"

        refuse = self._rejects.of(load, transcoder, zone) if self._rejects else rejects.stop
        taken: Copied | None = None
        if rows.strict is not None and "\n" not in statement:
            chunk = rejects.Chunk(transcoder, rows, copied, refuse)
            taken = chunk.copy(session, before, statement, entry, merging, tentative=True)
            if taken is None:
                copied = self._transcoded(session, load, transcoder, rows, place, fit=True)
        if taken is None and (self._rejects or merging):
            chunk = rejects.Chunk(transcoder, rows, copied, refuse)
            taken = chunk.copy(session, before, statement, entry, merging)
        if taken is None:
            try:
                loaded = self._send(session, load, place, copied, before, statement, entry(copied), zone)
            except LostConnectionError:
                raise
            except TargetError as error:
                raise rejects.located(error, transcoder, rows, copied) from error
            taken = replace(copied, rows=loaded)
        return Loaded(taken.rows, time.monotonic() - started, taken.found, digest)

    def _send(
        self,
        session: Session,
        load: TableLoad,
        place: str,
        copied: Copied,
        before: str,
        statement: str,
        after: str,
        zone: str | None,
    ) -> int:
        """Copy the rows in one transaction with `before` and `after`, in the binary format where that is worth it."""
        before, size = f"begin; {before}", 0
        if _WORTH_PACKING <= copied.size <= KEPT_BYTES and "\n" not in statement and session.takes_binary:
            _, digester = self._kept.tools
            types = catalog.held_types(session, before, load.target, digester.columns, place)
            before = ""
            size = packed(copied.text, copied.size, copied.rows, types, _east(zone), session.room)
        after = f"{after}\ncommit;"
        if size:
            return session.copy_packed(before, statement, size, after)
        return session.copy(before, statement, copied.data, after)

    def _transcoded(
        self,
        session: Session,
        load: TableLoad,
        transcoder: Transcoder,
        rows: Rows,
        place: str,
        *,
        fit: bool = False,
    ) -> Copied:
        """The rows as COPY text, the table made ready for them; with `fit` made to fit their columns."""
        copied = transcoder.copy_text(rows, refuse=self._rejects is not None, fit=fit)
        if copied.found:
            with load.lock:
                for statement in load.adjust(copied.found, place):
                    self._ledger.once(session, f"{load.number} {statement}", [SAFE, statement])
        return copied

    def _tools(self, load: TableLoad, rows: Rows) -> tuple[Transcoder, Digester]:
        # One table at a time passes through a worker, so only what is made for it is worth keeping.
        kept = self._kept
        if getattr(kept, "load", None) is not load or kept.named != rows.columns:
            values = load.value_columns(rows.columns)
            columns = [column for column in values if column is not None]
            kept.load, kept.named = load, rows.columns
            kept.tools = (Transcoder(values), Digester(load.target, columns))
        tools: tuple[Transcoder, Digester] = kept.tools
        return tools


def _east(zone: str | None) -> int | None:
    """The seconds that a zone such as +02:00 is ahead of UTC; None for one that has a name."""
    offset = re.fullmatch(r"([+-])(\d\d?):(\d\d)", zone or "")
    if offset is None:
        return None
    seconds = int(offset[2]) * 3600 + int(offset[3]) * 60
    return -seconds if offset[1] == "-" else seconds


def _found_json(found: Sequence[Found]) -> str:
    entries = [
        [one.column.source.name, int(one.what), one.count, one.sample.replace("\x00", "")] for one in found
    ]
    return json.dumps(entries, ensure_ascii=True)


def _found(text: str, table: TargetTable) -> list[Found]:
    found = []
    for name, what, count, sample in json.loads(text):
        column = table.column(name)
        assert column is not None
        found.append(Found(column, Finding(what), count, sample))
    return found
