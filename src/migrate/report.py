"""What a migration did: counted while it runs, told at the end as JSON and on the terminal."""

import json
import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from .errors import TargetError
from .notes import Loss, Notes

_NAMED = 5  # of what is left out, in one line
_BYTES_PER_SECOND = 30e6  # of a dump, with two processes, keys and proof; measured on two cores


def counted(number: int, noun: str) -> str:
    """How many, as people read it."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@dataclass
class TableReport:
    """The account of one table: every row read was loaded, rejected or filtered."""

    source: str
    target: str
    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    rows_filtered: int = 0
    bytes: int = 0
    # of all workers together, to load its rows; then for its keys, and for reading it back
    seconds: float = 0.0
    key_seconds: float = 0.0
    proof_seconds: float = 0.0
    verified: bool = False

    @property
    def balanced(self) -> bool:
        """The accounting identity."""
        return self.rows_read == self.rows_loaded + self.rows_rejected + self.rows_filtered

    def check(self) -> None:
        """Raise TargetError when its rows do not add up."""
        if not self.balanced:
            raise TargetError(
                f"{self.target}: {self.rows_read} rows were read but {self.rows_loaded} loaded, "
                f"{self.rows_rejected} rejected and {self.rows_filtered} filtered: please report this as a bug"
            )

    def as_dict(self) -> dict[str, Any]:
        """Its JSON form."""
        return {
            key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()
        }


class Pace:
    """How many bytes of rows were read in each span of the time that a run takes.

    Spans grow with the run, so that there are never many of them.
    """

    MOST = 240

    def __init__(self) -> None:
        self.span = 0.25  # seconds
        self.bytes: list[int] = []

    def add(self, at: float, size: int) -> None:
        """So many bytes were read `at` so many seconds after the start."""
        place = int(at / self.span)
        while place >= self.MOST:
            self.span *= 2
            self.bytes = [sum(self.bytes[at : at + 2]) for at in range(0, len(self.bytes), 2)]
            place = int(at / self.span)
        self.bytes += [0] * (place + 1 - len(self.bytes))
        self.bytes[place] += size


@dataclass(frozen=True)
class ColumnPlan:
    """What becomes of a column, and why."""

    name: str
    type: str
    target: str
    target_type: str
    why: str


@dataclass(frozen=True)
class TablePlan:
    """What becomes of a table; `disk` is about how many bytes it and its keys will take."""

    source: str
    target: str
    columns: tuple[ColumnPlan, ...]
    keys: int
    foreign_keys: int
    disk: int


@dataclass
class Report:
    """Everything there is to say at the end; workers add to it under its lock."""

    source: list[str]
    target: str
    notes: Notes = field(default_factory=Notes)
    tables: list[TableReport] = field(default_factory=list)
    decisions: list[Loss] = field(default_factory=list)
    coordinates: dict[str, str] = field(default_factory=dict)  # of the dump in the server's binary log
    renamed: dict[str, tuple[str, str]] = field(default_factory=dict)
    plan: list[TablePlan] = field(default_factory=list)
    exit_code: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    started: float = field(default_factory=time.monotonic)
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    pace: Pace = field(default_factory=Pace)
    reading_seconds: float = 0.0  # until the last row was read; what follows are keys, proof and the rest
    seconds: float = 0.0

    def read(self, size: int) -> None:
        """So many more bytes of rows were read."""
        self.reading_seconds = time.monotonic() - self.started
        self.pace.add(self.reading_seconds, size)

    def finish(self) -> None:
        """Close the account. Raises TargetError when a table's rows do not add up."""
        self.seconds = time.monotonic() - self.started
        for table in self.tables:
            table.check()
        incomplete = self.notes.untranslated or any(table.rows_rejected for table in self.tables)
        self.exit_code = 1 if incomplete else 0

    @property
    def shortfall(self) -> str:
        """What is missing from the result, in words; empty when nothing is."""
        rejected, missing = sum(table.rows_rejected for table in self.tables), self.notes.untranslated
        named = ", ".join(f"{one.kind} {one.name}" for one in missing[:_NAMED])
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        said = [f"{rejected:,} row{'s were' if rejected > 1 else ' was'} rejected"] if rejected else []
        return "; ".join([*said, f"left out: {named}{more}"] if missing else said)

    @property
    def expected_seconds(self) -> float:
        """About how long a load will take, on a disk and processor of today: COPY, then keys, then the proof."""
        return sum(table.bytes for table in self.tables) / _BYTES_PER_SECOND + 0.01 * len(self.plan)

    def as_dict(self) -> dict[str, Any]:
        """The report's JSON form."""
        return {
            "source": self.source,
            "target": self.target,
            "begun": self.begun.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "reading_seconds": round(self.reading_seconds, 3),
            "pace": {"span_seconds": self.pace.span, "bytes": self.pace.bytes},
            "exit_code": self.exit_code,
            "tables": [table.as_dict() for table in self.tables],
            "lossy": [asdict(loss) for loss in self.notes.lossy],
            "decisions": [asdict(decision) for decision in self.decisions],
            "made": [{"kind": kind, "name": name} for kind, name in self.notes.made],
            "renamed": [
                {"source": source, "name": name, "became": became}
                for source, (name, became) in self.renamed.items()
            ],
            "coordinates": self.coordinates,
            "untranslated": [asdict(missing) for missing in self.notes.untranslated],
            **(
                {
                    "plan": [asdict(table) for table in self.plan],
                    "expected": {
                        "seconds": round(self.expected_seconds, 2),
                        "disk_bytes": sum(table.disk for table in self.plan),
                    },
                }
                if self.plan
                else {}
            ),
        }

    def as_json(self) -> bytes:
        """The report as JSON in UTF-8; a byte of the source that is not, such as in a name, is an escape in it."""
        text = json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n"
        return text.encode("utf-8", "backslashreplace")
