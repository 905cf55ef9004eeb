"""`make bench`: prints ratios, peak memory, and how time grows."""

import statistics
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from migrate.postgres.embedded import Cluster
from tests.fixtures import mariadb

from . import race, stages
from .data import INTEGERS, MANY, TEXT, WIDE, Made, as_tab, make
from .race import Result

PARTS = ("shapes", "stages", "tab", "growth", "jobs", "pgloader")
_console = Console(highlight=False, width=120)


@click.command(context_settings={"show_default": True})
@click.option(
    "--size", default=300, metavar="MB", help="The text-heavy dump; the other shapes are a third of it."
)
@click.option("--rounds", default=3, help="Runs of each kind, alternating; medians are shown.")
@click.option("--jobs", default=2, help="The tool's --jobs, but where jobs are compared.")
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Parts to run.")
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), help="Make the dumps here, and keep them."
)
def main(size: int, rounds: int, jobs: int, only: tuple[str, ...], keep: Path | None) -> None:
    r"""Time `migrate mysql-to-pg` beside psql's \copy and beside pgloader, on one PostgreSQL server of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary, race.server() as cluster:
        bench = Bench(cluster, keep or Path(temporary), rounds, jobs)
        wanted = only or PARTS
        version = race.psql(cluster.url(), "show server_version")
        _console.print(
            f"PostgreSQL {version}, its own settings, but for room for its log; medians of {rounds}, alternating\n"
        )
        if "shapes" in wanted:
            bench.shapes(size)
        if "stages" in wanted:
            bench.stages(size / 2)
        if "tab" in wanted:
            bench.tab(size / 2)
        if "growth" in wanted:
            bench.growth(size)
        if "jobs" in wanted:
            bench.jobs_compared(size)
        if "pgloader" in wanted:
            bench.pgloader(size)


class Bench:
    """The parts of the benchmark, each with a table of its own."""

    def __init__(self, cluster: Cluster, folder: Path, rounds: int, jobs: int) -> None:
        self._cluster = cluster
        self._folder = folder
        self._rounds = rounds
        self._jobs = jobs
        # Compiled once per machine, not once per load: so not in anybody's time.
        race.migrate(cluster, make(MANY, 0.2, folder / "warm-up"), jobs=1, verify=True)

    def shapes(self, size: float) -> None:
        r"""Every shape of rows against \copy."""
        table = _table(
            r"rows", "MB", "rows", r"\copy s", "migrate s", "ratio", "MB/s", "proved s", "proof", "peak MB"
        )
        for shape, megabytes in ((TEXT, size), (INTEGERS, size / 3), (WIDE, size / 3), (MANY, size / 15)):
            made = make(shape, megabytes, self._folder / shape.name.replace(" ", "-"))
            copied, ours, proved = self._alternating(
                partial(race.copy, self._cluster, made),
                partial(race.migrate, self._cluster, made, jobs=self._jobs),
                partial(race.migrate, self._cluster, made, jobs=self._jobs, verify=True),
            )
            table.add_row(
                shape.name,
                _mb(made),
                f"{made.rows:,}",
                f"{copied.seconds:.2f}",
                f"{ours.seconds:.2f}",
                f"{ours.seconds / copied.seconds:.2f}",
                f"{made.size / 1e6 / ours.seconds:.0f}",
                f"{proved.seconds:.2f}",
                f"{(proved.seconds - ours.seconds) / ours.seconds:+.0%}",
                f"{max(ours.memory, proved.memory):.0f}",
            )
        _console.print(
            rf"migrate --jobs {self._jobs} beside psql's \copy of the ready-made rows, and the same keys; proof: on top"
        )
        _console.print(table)

    def stages(self, size: float) -> None:
        """What each stage costs, alone."""
        made = make(TEXT, size, self._folder / "stages")
        stages.ours(made)  # compiled, or read from where it is kept
        spent = stages.ours(made) | stages.theirs(self._cluster, made)
        table = _table("stage", "s per 100 MB", "MB/s of a core")
        for stage, seconds in spent.items():
            table.add_row(stage, f"{seconds / made.size * 1e8:.2f}", f"{made.size / 1e6 / seconds:,.0f}")
        _console.print(f"Seconds of processor time, {_mb(made)} MB of text-heavy rows")
        _console.print(table)

    def tab(self, size: float) -> None:
        r"""Folders of mysqldump --tab, beside \copy of the very same files."""
        table = _table("rows", "MB", r"\copy s", "migrate s", "ratio", "peak MB")
        for shape, megabytes in ((TEXT, size), (MANY, 2 * size / 15)):
            made = make(shape, megabytes, self._folder / f"tab-{shape.tables}")
            folder = as_tab(made)
            copied, ours = self._alternating(
                partial(race.copy, self._cluster, made),
                partial(race.migrate, self._cluster, made, jobs=self._jobs, source=folder),
            )
            table.add_row(
                shape.name,
                _mb(made),
                f"{copied.seconds:.2f}",
                f"{ours.seconds:.2f}",
                f"{ours.seconds / copied.seconds:.2f}",
                f"{ours.memory:.0f}",
            )
        _console.print("Folders of mysqldump --tab")
        _console.print(table)

    def growth(self, size: float) -> None:
        """Four sizes of the text-heavy dump, in turns, and how far the times are from one straight line."""
        sizes = [make(TEXT, size / share, self._folder / f"growth-{share}") for share in (8, 4, 2, 1)]
        results = self._alternating(
            *(partial(race.migrate, self._cluster, made, jobs=self._jobs) for made in sizes)
        )
        megabytes = [made.size / 1e6 for made in sizes]
        slope, start = statistics.linear_regression(megabytes, [result.seconds for result in results])
        table = _table("MB", "migrate s", "off the line", "peak MB")
        for x, result in zip(megabytes, results, strict=True):
            line = start + slope * x
            table.add_row(
                f"{x:,.0f}",
                f"{result.seconds:.2f}",
                f"{result.seconds / line - 1:+.1%}",
                f"{result.memory:.0f}",
            )
        _console.print(f"Growth with size, text-heavy rows: {start:.2f} s and {slope * 100:.2f} s per 100 MB")
        _console.print(table)

    def jobs_compared(self, size: float) -> None:
        """One, two and four jobs."""
        made = make(TEXT, size / 2, self._folder / "jobs")
        counts = (1, 2, 4)
        results = self._alternating(
            *(partial(race.migrate, self._cluster, made, jobs=jobs) for jobs in counts)
        )
        table = _table("--jobs", "migrate s", "MB/s", "peak MB")
        for jobs, result in zip(counts, results, strict=True):
            table.add_row(
                str(jobs),
                f"{result.seconds:.2f}",
                f"{made.size / 1e6 / result.seconds:.0f}",
                f"{result.memory:.0f}",
            )
        _console.print(f"Jobs, {made.size / 1e6:,.0f} MB of text-heavy rows")
        _console.print(table)

    def pgloader(self, size: float) -> None:
        """pgloader from a live MariaDB; ours from a dump of it, and from mariadb-dump's pipe out of the same server."""
        if missing := race.missing("pgloader", "mariadbd", "mariadb-dump"):
            _console.print(f"pgloader is left out: {', '.join(missing)} not installed")
            return
        table = _table(
            "rows",
            "MB",
            "pgloader s",
            "migrate s",
            "times as fast",
            "mariadb-dump | migrate s",
            "times as fast",
        )
        with mariadb.throwaway(settings=["--skip-log-bin", "--max-allowed-packet=1G"]) as source:
            # With more text the heap that Debian gives to pgloader is too small.
            for shape, megabytes in ((TEXT, size / 6), (INTEGERS, size / 3)):
                made = make(shape, megabytes, self._folder / "pgloader")
                name = "bench_" + shape.name.split("-")[0].split(" ")[0]
                source.execute(f"create database {name}")
                with closing(source.connect(name)) as connection, connection.cursor() as cursor:
                    for statement in made.dump.read_text().split(";\n"):
                        if statement.startswith(("CREATE", "INSERT")):
                            cursor.execute(statement)
                # pgloader does not decode escapes in a URL's password: an account without one.
                source.execute(
                    "create user if not exists bench@'127.0.0.1'", "grant all on *.* to bench@'127.0.0.1'"
                )
                dump = [
                    "mariadb-dump",
                    "--single-transaction",
                    f"--host={source.host}",
                    f"--port={source.port}",
                    "--user=bench",
                    name,
                ]
                url = f"mysql://bench@{source.host}:{source.port}/{name}"
                theirs, dumped, piped = self._alternating(
                    partial(race.pgloader, self._cluster, made, url),
                    partial(race.migrate, self._cluster, made, jobs=self._jobs),
                    partial(race.migrate_from, self._cluster, made, dump, jobs=self._jobs),
                )
                table.add_row(
                    shape.name,
                    f"{made.size / 1e6:,.0f}",
                    f"{theirs.seconds:.2f}",
                    f"{dumped.seconds:.2f}",
                    f"{theirs.seconds / dumped.seconds:.1f}",
                    f"{piped.seconds:.2f}",
                    f"{theirs.seconds / piped.seconds:.1f}",
                )
        _console.print("pgloader from a live MariaDB; migrate from a dump of it, and from a dump on its way")
        _console.print(table)

    def _alternating(self, *runs: Callable[[], Result]) -> list[Result]:
        """The median seconds and most memory of each run, done in turns."""
        results: list[list[Result]] = [[] for _ in runs]
        for _ in range(self._rounds):
            for run, own in zip(runs, results, strict=True):
                own.append(run())
        return [
            Result(statistics.median(one.seconds for one in own), max(one.memory for one in own))
            for own in results
        ]


def _mb(made: Made) -> str:
    return f"{made.size / 1e6:,.0f}"


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        table.add_column(
            heading, justify="right" if number or heading not in ("rows", "stage") else "left", no_wrap=True
        )
    return table


main()
