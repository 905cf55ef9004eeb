"""What people see: while they wait and at the end of a load on standard error, what they ask for on standard output."""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column, Table
from rich.text import Text

from .load.audit import Difference
from .load.runs import RunStatus
from .load.table import TableLoad
from .mysql.inputs import Input
from .notes import Loss
from .report import Report, counted

_SHOWN = 12  # of a long list; the report file has them all
_TABLES_SHOWN = 100
_NAME = 12  # columns that a name has on the narrowest screen
_DRAWN_SECONDS = 0.1  # between two drawings of a bar
_PAPER = 160  # columns of what is read later: a file, a pipe


def _console(*, stderr: bool = False, quiet: bool = False) -> Console:
    """A screen as wide as it is, or a file of lines that are long enough for most tables."""
    console = Console(stderr=stderr, quiet=quiet, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _PAPER
    return console


def _show_table(console: Console, table: Table) -> None:
    """Print a table; on a screen that is too narrow its lines are longer, rather than its numbers shorter."""
    width = console.width
    console.width = max(
        width, sum(_least(column) + table.padding[1] + table.padding[3] for column in table.columns)
    )
    console.print(table)
    console.width = width


def _least(column: Column) -> int:
    """How many columns of the screen a column needs: all that its longest cell has, where that may not be wrapped."""
    if not column.no_wrap:
        return column.min_width or _NAME
    longest = max(cell_len(Text.from_markup(str(cell)).plain) for cell in (column.header, *column.cells))
    return min(longest, column.max_width or longest)


class Terminal:
    """The console of one run; a quiet one says nothing."""

    def __init__(self, *, quiet: bool) -> None:
        self.console = _console(stderr=True, quiet=quiet)

    def say_table(self, load: TableLoad) -> None:
        """The plan of one table, in a line."""
        if self.console.quiet:  # which lays out what it does not show
            return
        casts = [
            f"{column.name} {_bare(str(column.source.type))} → {column.enum.name if column.enum else column.type}"
            for column in load.target.columns
            if column.enum or column.cast.wider or column.cast.rule.target in ("text[]", "bytea", "jsonb")
        ]
        more = f"; {', '.join(casts[:3])}{' …' if len(casts) > 3 else ''}" if casts else ""
        self.console.print(
            f"  {escape(load.report.source)} → [bold]{escape(load.target.label)}[/bold]  "
            f"[dim]{counted(len(load.target.columns), 'column')}, {counted(len(load.target.source.indexes), 'key')}"
            f"{escape(more)}[/dim]",
            soft_wrap=True,
        )

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Say what goes on while there is no progress to show."""
        with self.console.status(what):
            yield

    def say(self, what: str) -> None:
        """Something that is worth knowing and ends nothing."""
        self.console.print(f"[yellow]migrate: {escape(what)}[/yellow]", soft_wrap=True)

    def stalled(self, what: str, urgent: bool) -> None:
        """Say why nothing moves; when it is `urgent`, also where all else is quiet."""
        console = _console(stderr=True) if urgent and self.console.quiet else self.console
        console.print(f"[yellow]migrate: {escape(what)}[/yellow]", soft_wrap=True)

    @contextmanager
    def progress(self, sources: list[Input]) -> Iterator["Meter"]:
        """A bar over the bytes of all sources, with rate and time left."""
        sizes = [source.size for source in sources]
        total = sum(size for size in sizes if size is not None) if None not in sizes else None
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TextColumn("{task.fields[rows]} rows"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(
            *columns, console=self.console, transient=True, disable=not self.console.is_terminal
        ) as bar:
            yield Meter(bar, sources, total)

    def summary(self, report: Report, what: str = "loaded") -> None:
        """The account of every table, then everything that was decided, lost or left out.

        A quiet one says in a line why the exit code is not 0.
        """
        if self.console.quiet:
            if report.shortfall:
                _console(stderr=True).print(
                    f"migrate: exit code {report.exit_code}: {escape(report.shortfall)}", soft_wrap=True
                )
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("table", overflow="fold", min_width=_NAME)
        for heading in ("rows read", what, "rejected", "filtered", "MB", "seconds"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in report.tables:
            numbers = (row.rows_read, row.rows_loaded, row.rows_rejected, row.rows_filtered)
            table.add_row(
                escape(row.target or row.source),
                *(f"{number:,}" for number in numbers),
                f"{row.bytes / 1e6:,.1f}",
                f"{row.seconds:,.1f}",
            )
        _show_table(self.console, table)
        _list(
            self.console,
            "Decided from the data",
            [f"{_place(d)}: {d.what}{_times(d.count)}" for d in report.decisions],
        )
        _list(
            self.console,
            "Changed on the way",
            [f"{_place(loss)}: {loss.what}{_times(loss.count)}" for loss in report.notes.lossy],
        )
        _list(self.console, "Made besides", _made(report))
        _list(
            self.console,
            "Left out",
            [f"{one.kind} {one.name}: {one.reason}" for one in report.notes.untranslated],
        )
        taken = [row for row in report.tables if row.target]
        rows = sum(row.rows_loaded for row in taken)
        size = sum(row.bytes for row in report.tables)
        rate = f", {size / 1e6 / report.seconds:,.0f} MB/s" if report.seconds else ""
        proved = sum(row.verified for row in taken)
        proof = f", {'all' if proved == len(taken) else proved} of them proved" if proved else ""
        self.console.print(
            f"[bold]{counted(rows, 'row')} {what}[/bold] in {counted(len(taken), 'table')}{proof}, "
            f"{report.seconds:.1f} s{rate}",
            soft_wrap=True,
        )
        if report.shortfall:
            self.console.print(
                f"[yellow]exit code {report.exit_code}: {escape(report.shortfall)}[/yellow]", soft_wrap=True
            )


class Meter:
    """The bar of a run; `update` is cheap enough for every chunk."""

    def __init__(self, bar: Progress, sources: list[Input], total: int | None) -> None:
        self._bar = bar
        self._sources = sources
        self._task = bar.add_task("reading", total=total, rows="0")
        self._rows = 0
        self._due = 0.0

    def update(self, rows: int) -> None:
        """So many more rows were handed out."""
        self._rows += rows
        # To ask thousands of files how far they are read takes a while.
        if not self._bar.disable and time.monotonic() >= self._due:
            self._due = time.monotonic() + _DRAWN_SECONDS
            self._draw()

    def _draw(self) -> None:
        consumed = sum(source.consumed for source in self._sources)
        self._bar.update(self._task, completed=consumed, rows=f"{self._rows:,}")

    def stage(self, what: str) -> None:
        """The rows are read; this is what goes on now, for a time that nobody knows."""
        self._draw()
        self._bar.columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[rows]} rows"),
            TimeElapsedColumn(),
        )
        self._bar.update(self._task, description=what, total=None)
        self._bar.tasks[0].finished_time = None  # or the clock would stand still


def show_foresight(report: Report) -> None:
    """What a load would make of a source, on standard output: tables, types, surprises, time and disk."""
    console = _console()
    tables = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("table", "becomes"):
        tables.add_column(heading, overflow="fold")
    for heading in ("rows", "MB", "columns", "keys", "references"):
        tables.add_column(heading, justify="right", no_wrap=True)
    accounts = {account.target: account for account in report.tables}
    largest = sorted(report.plan, key=lambda plan: -accounts[plan.target].bytes)[:_TABLES_SHOWN]
    for plan in [plan for plan in report.plan if plan in largest]:
        account = accounts[plan.target]
        refused = f" [red]−{account.rows_rejected:,}[/red]" if account.rows_rejected else ""
        tables.add_row(
            escape(plan.source),
            escape(plan.target),
            f"{account.rows_read:,}{refused}",
            f"{account.bytes / 1e6:,.1f}",
            *(str(number or "") for number in (len(plan.columns), plan.keys, plan.foreign_keys)),
        )
    _show_table(console, tables)
    if len(report.plan) > len(largest):
        console.print(f"… and {len(report.plan) - len(largest):,} smaller ones: --json lists all of them")
    console.print()
    _show_table(console, _types(report))
    console.print()
    _surprises(console, "Decided from the data", report.decisions)
    _surprises(console, "Changed on the way", report.notes.lossy)
    _list(console, "Made besides", _made(report))
    renamed = [f"{source} is called {became}" for source, (_, became) in report.renamed.items()]
    _list(console, "Renamed", renamed)
    _list(console, "Left out", [f"{one.kind} {one.name}: {one.reason}" for one in report.notes.untranslated])
    rows = sum(account.rows_read for account in report.tables)
    disk = sum(plan.disk for plan in report.plan) / 1e6
    room = f"{disk:,.0f} MB" if disk >= 1 else "less than 1 MB"
    console.print(
        f"[bold]{counted(rows, 'row')} in {counted(len(report.plan), 'table')}[/bold]: a load takes about "
        f"[bold]{_duration(report.expected_seconds)}[/bold] and [bold]{room}[/bold] of disk"
    )


def _surprises(console: Console, heading: str, losses: list[Loss]) -> None:
    if not losses:
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    places = max(len(_place(loss)) for loss in losses[:_SHOWN])
    table.add_column(heading, overflow="fold", min_width=min(places, console.width // 3))
    table.add_column("what happens", min_width=3 * _NAME // 2)
    table.add_column("rows", justify="right", no_wrap=True)
    room = max(10, console.width // 2 - 30)
    table.add_column("the first", style="dim", overflow="ellipsis", no_wrap=True, max_width=room)
    table.add_column("option", style="cyan", no_wrap=True)
    for loss in losses[:_SHOWN]:
        what = loss.what.partition(": ")[0]
        sample = " ".join((loss.sample or "").split()).partition("),(")[0]
        count = f"{loss.count:,}" if loss.count else ""
        table.add_row(*map(escape, (_place(loss), what, count, sample, loss.option or "")))
    _show_table(console, table)
    if len(losses) > _SHOWN:
        console.print(f"… and {len(losses) - _SHOWN} more: --json lists all of them")
    console.print()


def _list(console: Console, heading: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(f"[bold]{heading}[/bold]")
    for line in lines[:_SHOWN]:
        console.print(f"  {escape(line)}", soft_wrap=True)
    if len(lines) > _SHOWN:
        console.print(f"  … and {len(lines) - _SHOWN} more: --report FILE lists all of them")


def show_runs(runs: list[RunStatus]) -> None:
    """The runs of a target as a table on standard output."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("run", "state", "started"):
        table.add_column(heading, no_wrap=True)
    for heading in ("took", "rows", "MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("source", no_wrap=True)  # the last one: a line may be longer, and a path copied
    for run in runs:
        interrupted = run.state in ("loading", "finishing") and not run.under_way
        state = "[red]interrupted[/red]" if interrupted else run.state
        ends = [datetime.fromisoformat(moment) for moment in (run.started, run.finished) if moment]
        took = _duration((ends[1] - ends[0]).total_seconds()) if run.finished else ""
        numbers = (took, f"{run.rows:,}", f"{run.bytes / 1e6:,.1f}")
        source = escape(" ".join(run.command["sources"]))
        table.add_row(str(run.id), state, f"{ends[0]:%Y-%m-%d %H:%M}", *numbers, source)
    console = _console()
    if runs:
        _show_table(console, table)
    else:
        console.print("no run of migrate has touched this database")
    for run in runs:
        if run.workers and run.state in ("loading", "finishing"):
            _show_workers(console, run)


def _show_workers(console: Console, run: RunStatus) -> None:
    """Who takes part in a run, and what each has done."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("worker", "process", "state"):
        table.add_column(heading)
    for heading in ("jobs", "claimed", "chunks", "rows"):
        table.add_column(heading, justify="right")
    for one in run.workers:
        state = "[red]failed[/red]" if one.failure else "at work" if one.lives else "gone"
        numbers = (f"{number:,}" for number in (one.jobs, one.claimed, one.chunks, one.rows))
        table.add_row(str(one.id), f"{escape(one.host)}:{one.process}", state, *numbers)
    console.print(f"\nrun {run.id} is shared, {run.waiting:,} pieces wait for a worker")
    console.print(table)


def show_differences(differences: list[Difference], report: Report) -> None:
    """What a comparison found, on standard output."""
    console = _console()
    for difference in differences:
        console.print(
            f"[bold red]{escape(difference.table)}[/bold red] {escape(difference.what)}", soft_wrap=True
        )
        for side, samples in (("source", difference.only_source), ("target", difference.only_target)):
            for row in samples:
                console.print(f"  only in the {side}: {escape(row)}", soft_wrap=True)
    tables = [table for table in report.tables if table.target]
    rows = sum(table.rows_read for table in tables)
    same = sum(table.verified for table in tables)
    console.print(
        f"[bold]{same} of {counted(len(tables), 'table')} the same[/bold], {counted(rows, 'row')}, "
        f"{report.seconds:.1f} s"
    )


def _types(report: Report) -> Table:
    """What becomes of the types, those that differ only in their lengths together."""
    casts = Counter(
        (_bare(one.type), _bare(one.target_type) if not one.type.startswith("enum") else "enum type", one.why)
        for plan in report.plan
        for one in plan.columns
    )
    types = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    types.add_column("type")
    types.add_column("becomes")
    types.add_column("columns", justify="right", no_wrap=True)
    types.add_column("why", style="dim")
    for (source, target, why), count in sorted(casts.items(), key=lambda item: -item[1]):
        if source != target:
            types.add_row(escape(source), escape(target), f"{count:,}", escape(why))
    return types


def _bare(kind: str) -> str:
    """A type without its numbers and words; tinyint(1) and bit(1) are types of their own."""
    if kind.startswith(("enum(", "set(")):
        return kind.partition("(")[0]
    return kind if kind.startswith(("tinyint(1)", "bit(1)")) else re.sub(r"\([\d,]+\)", "", kind)


def _made(report: Report) -> list[str]:
    """Views, triggers and the like, a line for each kind."""
    made: dict[str, list[str]] = {}
    for kind, name in report.notes.made:
        made.setdefault(kind, []).append(name)
    return [f"{counted(len(names), kind)}: {_few(names)}" for kind, names in made.items()]


def _few(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _place(loss: Loss) -> str:
    return f"{loss.table}.{loss.column}" if loss.column else loss.table


def _times(count: int | None) -> str:
    return f" ({counted(count, 'row')})" if count else ""


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "a second"
    hours, minutes = divmod(round(seconds) // 60, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {round(seconds) % 60} s" if minutes else f"{round(seconds)} s"
