"""One table on its way: its plan, which changes with what its rows hold, and its account."""

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ..errors import InputError
from ..plan import TargetColumn, TargetTable
from ..policies import ZeroDates
from ..postgres import ddl
from ..report import TableReport
from ..transcode.chunk import Found
from ..transcode.codecs import Codec, Finding
from ..verify import TableDigest

_INSTANT = re.compile(r"(?i)timestamp(?:tz|.*with time zone)")  # types whose text depends on a time zone


@dataclass(eq=False)
class TableLoad:
    """One table on its way: its plan, its account and what was found in its rows; `number` is its place in the run."""

    target: TargetTable
    report: TableReport
    number: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    found: dict[tuple[str, Finding], tuple[int, str]] = field(default_factory=dict)
    digest: TableDigest = field(init=False)
    unproven: str | None = None  # why its digest says nothing
    zones: set[str | None] = field(default_factory=set)  # time zones that its timestamps are meant in
    written_by: str | None = None  # the trigger or statement of the dump that writes to it meanwhile
    changed: bool = False  # by statements of the dump, which belong to its account
    rows_made: int | None = None  # how many more rows it has for that
    followed: str | None = None  # the table whose rows MySQL would take away with a row that is replaced
    passes_over: bool = False  # rows whose keys are there: numbers that MySQL gave may be others
    held_to_keys: bool = False  # its rows are, as they come: their order counts
    # ON DUPLICATE KEY UPDATE as PostgreSQL's; None where it has none
    updates: dict[str, str | None] = field(default_factory=dict)
    _named: set[tuple[str, ...]] = field(default_factory=set)  # the columns that rows came with so far

    def __post_init__(self) -> None:
        self.digest = TableDigest.empty(self.target)

    def following(self, target: TargetTable, number: int) -> "TableLoad":
        """The load of the same rows when the table is altered."""
        new = replace(
            self,
            target=target,
            number=number,
            lock=threading.Lock(),
            updates={},
            held_to_keys=False,
            _named=set(),
        )
        new.digest = self.digest
        return new

    def take_over(self, old: "TableLoad", *, rebuild: bool) -> None:
        """Know what was found in the rows so far; `rebuild` says that they are altered, too."""
        names = {column.name for column in self.target.columns}
        self.found = {key: value for key, value in old.found.items() if key[0] in names}
        self.unproven = old.unproven
        if rebuild:
            self.digest = TableDigest.empty(self.target)
            self.unproven = "ALTER TABLE in the dump changed its rows"

    @property
    def zone(self) -> str | None:
        """The time zone that its timestamps are meant in."""
        return next(iter(self.zones), None)

    def meant_in(self, zone: str | None) -> None:
        """Rows come whose timestamps are meant in this time zone."""
        self.zones.add(zone)
        if len(self.zones) > 1 and any(_INSTANT.match(column.type) for column in self.target.columns):
            self.unproven = "its timestamps are written in several time zones"

    def value_columns(self, named: tuple[str, ...] | None) -> list[TargetColumn | None]:
        """The column of each value in a row; None for those that are not loaded, such as generated ones."""
        if named is None:
            if not self.target.source.columns:  # a source of rows alone, for a table that was there before
                return [_loaded(column) for column in self.target.columns]
            named = tuple(self.target.source.listed)
        columns: list[TargetColumn | None] = []
        for name in named:
            column = self.target.column(name)
            if column is None and name.lower() not in self.target.skipped:
                raise InputError(
                    f"an INSERT into {self.report.source} names the column {name}, which is not there"
                )
            columns.append(_loaded(column) if column else None)
        return columns

    def adjust(self, found: Iterable[Found], schema: str) -> Iterator[str]:
        """The statements that must run before rows with these findings can be copied.

        Each changes the plan once it was carried out, which is when the next one is asked for.
        """
        for one in found:
            column = one.column
            nulled = column.policies.zero_dates is ZeroDates.NULL
            if one.what is Finding.INVALID_DATE and nulled and column.not_null:
                yield ddl.drop_not_null(self.target, column, schema)
                column.not_null = False
            wider = column.cast.wider
            if one.what is Finding.WIDEN and wider is not None and column.type != wider:
                yield ddl.widen(self.target, column, wider, schema)
                column.widen(wider)
            if one.what is Finding.WIDEN and column.enum and "" not in column.enum.members:
                yield ddl.add_empty_member(column, schema)
                column.admit_empty()

    def imply(self, named: tuple[str, ...] | None, schema: str) -> Iterator[str]:
        """The statements without which rows of these columns would lack a value that MySQL implies."""
        source = self.target.source
        if named is None and len(source.listed) < len(source.columns):
            named = tuple(source.listed)
        if named is None or named in self._named:
            return
        self._named.add(named)
        left_in = {name.lower() for name in named}
        for column in self.target.columns:
            bare = column.default is None and column.implied is None and not column.identity
            wanted = column.not_null and column.source.generated is None and not column.source.auto_increment
            if wanted and bare and column.source.name.lower() not in left_in:
                statement = ddl.imply(self.target, column, schema)
                if statement is not None:
                    yield statement

    def recall(self, found: Iterable[Found]) -> None:
        """Change the plan as an earlier attempt did when it met these findings."""
        for _ in self.adjust(found, ""):
            pass

    def loaded(self, rows: int, seconds: float, found: Iterable[Found], digest: TableDigest | None) -> None:
        """A chunk is in the target."""
        with self.lock:
            self.report.rows_loaded += rows
            self.report.seconds += seconds
            for one in found:
                key = (one.column.name, one.what)
                count, sample = self.found.get(key, (0, one.sample))
                self.found[key] = (count + one.count, sample)
                if one.what is Finding.REJECTED:
                    self.report.rows_rejected += one.count
                if one.what is Finding.DUPLICATE:
                    self.report.rows_filtered += one.count
            if digest is not None:
                self.digest.add(digest)
            else:
                filtered = self.target.condition is not None
                self.unproven = (
                    f"some of its rows {'are filtered' if filtered else 'leave columns to their defaults'}"
                )


def _loaded(column: TargetColumn) -> TargetColumn | None:
    return None if column.cast.codec is Codec.SKIP else column
