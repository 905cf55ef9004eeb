"""What a migration did: counted while it runs, told at the end as JSON and on the terminal."""

import json
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .errors import TargetError
from .plan import Loss, Notes, Untranslated

_BYTES_PER_SECOND = 30e6  # of a dump, with two processes, keys and proof; measured on two cores


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
    seconds: float = 0.0
    verified: bool = False

    @property
    def balanced(self) -> bool:
        """The accounting identity."""
        return self.rows_read == self.rows_loaded + self.rows_rejected + self.rows_filtered


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
    seconds: float = 0.0

    def finish(self) -> None:
        """Close the account. Raises TargetError when a table's rows do not add up."""
        self.seconds = time.monotonic() - self.started
        wrong = [table for table in self.tables if not table.balanced]
        if wrong:
            table = wrong[0]
            raise TargetError(
                f"{table.target}: {table.rows_read} rows were read but {table.rows_loaded} loaded, "
                f"{table.rows_rejected} rejected and {table.rows_filtered} filtered: please report this as a bug"
            )
        incomplete = self.notes.untranslated or any(table.rows_rejected for table in self.tables)
        self.exit_code = 1 if incomplete else 0

    @property
    def expected_seconds(self) -> float:
        """About how long a load will take, on a disk and processor of today: COPY, then keys, then the proof."""
        return sum(table.bytes for table in self.tables) / _BYTES_PER_SECOND + 0.05 * len(self.plan)

    def as_dict(self) -> dict[str, Any]:
        """The report's JSON form."""
        return {
            "source": self.source,
            "target": self.target,
            "seconds": round(self.seconds, 3),
            "exit_code": self.exit_code,
            "tables": [{**asdict(table), "seconds": round(table.seconds, 3)} for table in self.tables],
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
                        "seconds": round(self.expected_seconds, 1),
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

    def write(self, path: Path) -> None:
        """Write the JSON form to a file, and beside it what the target lacks, as comments of SQL with the reasons."""
        path.write_bytes(self.as_json())
        beside = path.with_name(f"{path.stem}.untranslated.sql")
        if self.notes.untranslated:
            text = "\n".join(map(_commented, self.notes.untranslated))
            beside.write_bytes(text.encode("utf-8", "surrogateescape"))
        else:
            beside.unlink(missing_ok=True)  # of an earlier run


def _commented(missing: Untranslated) -> str:
    text = f"{missing.kind} {missing.name}: {missing.reason}\n{missing.sql}"
    return "".join(f"-- {line}\n" for line in text.splitlines())
