"""The command line: options in, one line per trouble out, and an exit code that tells the truth."""

import bz2
import ctypes
import gzip
import json
import lzma
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import asdict
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from .errors import InputError, MigrateError, TargetError
from .mysql.names import absolute, expanded, shown
from .options import JOBS, QUIET, REPORT, TO, WORKERS, chosen, decisive, distribution, jobs, values

if TYPE_CHECKING:
    from .load.audit import AuditTarget
    from .load.rejects import Rejects
    from .load.target import Target
    from .plan import Planner
    from .postgres.psql import Server, Session
    from .report import Report
    from .terminal import Terminal

_EPILOG = """\b
Exit codes:
  0  everything was loaded
  1  finished, but something was rejected or could not be translated
  2  the command line or the source is wrong
  3  the source or the target failed
"""


_M_MMAP_THRESHOLD = -3  # glibc's malloc.h


@click.group(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="secondhand", message="migrate %(version)s")
def main() -> None:
    """Move MySQL databases to PostgreSQL from their dumps: fast, whole, and with an account of every row."""


@main.command("mysql-to-pg", epilog=_EPILOG)
@click.argument("source", nargs=-1, required=True)
@TO
@click.option(
    "--output",
    metavar="FILE",
    help="Write one psql script instead of loading; - is standard output. It is compressed "
    "where the name ends with .gz, .zst, .xz or .bz2.",
)
@click.option(
    "--schema", default="public", show_default=True, metavar="NAME", help="The schema the tables land in."
)
@click.option("--database", metavar="NAME", help="Load only this database of a source that holds several. Without it, "
              "the only one lands in --schema, and each of several in a schema named like itself.")  # fmt: skip
@JOBS
@WORKERS
@click.option("--include", multiple=True, metavar="PATTERN", help="Load only tables like this (* and ? allowed; "
              "`database.table` works too). May be repeated.")  # fmt: skip
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave tables like this out. May be repeated."
)
@click.option("--schema-only", is_flag=True, help="Make the tables, load no rows.")
@click.option("--data-only", is_flag=True, help="Load rows into tables that exist already and are empty.")
@click.option("--replace", is_flag=True, help="Put new tables in the place of existing ones; with --data-only, empty "
              "them first. Until the load has succeeded, the old ones stay.")  # fmt: skip
@values
@distribution
@click.option("--on-error", type=click.Choice(["stop", "reject"]), default="stop", show_default=True,
              help="What a row that cannot be loaded does: stop the run, which leaves the target as it was, or go to "
              "the --rejects file, while all others are loaded.")  # fmt: skip
@click.option("--rejects", type=click.Path(dir_okay=False), metavar="FILE", default="rejects.jsonl",
              show_default=True, help="Where --on-error reject puts rows; `migrate retry` loads them.")  # fmt: skip
@REPORT
@click.option(
    "--verify/--no-verify",
    default=True,
    show_default=True,
    help="Read every table back and compare its digest with the source's before anything is shown.",
)
@click.option(
    "--dry-run", is_flag=True, help="Read and cast everything, write nothing, and say what would happen."
)
@QUIET
def mysql_to_pg(source: tuple[str, ...], **options: Any) -> None:
    """Load MySQL dumps into PostgreSQL.

    SOURCE is a dump, a folder of one, or a running server, known by its content: SQL of mysqldump, mariadb-dump or any
    other tool; folders of mysqldump --tab, mydumper, dumpling and MySQL Shell; mysqldump --xml; s3://bucket/key;
    mysql://user@host/database. Files may be compressed (gzip, bzip2, xz, zstd), folders packed (zip, tar); - is
    standard input. Of several files, those that define tables are read first.

    \b
    Examples:
      migrate mysql-to-pg shop.sql
      migrate mysql-to-pg schema.sql data.sql.zst --to postgresql://me@db.example/shop
      mysqldump shop | migrate mysql-to-pg - --replace
      migrate mysql-to-pg shop.sql.gz --output shop.pg.sql
      migrate mysql-to-pg backup/mydumper.tar.zst --database shop
      migrate mysql-to-pg 'mysql://reader@db.example/shop?ssl-mode=VERIFY_IDENTITY'
      migrate mysql-to-pg shop.sql --include 'order*' --schema archive --report account.html

    Nothing is to be seen in the target until everything is loaded and all keys are built: a run that fails leaves it
    as it was.
    """
    if options["schema_only"] and options["data_only"]:
        raise click.UsageError("--schema-only and --data-only exclude each other")
    if options["data_only"] and (options["distribute"] or options["reference"]):
        raise click.UsageError(
            "--data-only takes tables as they are: --distribute and --reference are for new ones"
        )
    if options["output"] and options["data_only"]:
        raise click.UsageError("--data-only needs a target to look at: it cannot be combined with --output")
    if options["workers"] and (options["output"] or options["dry_run"]):
        raise click.UsageError(
            "--workers load into a server: they cannot be combined with --output or --dry-run"
        )
    with _told():
        sys.exit(_migrate(expanded(source), **options))


@main.command(epilog=_EPILOG)
@click.argument("source", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON on standard output.")
@click.option(
    "--schema", default="public", show_default=True, metavar="NAME", help="The schema tables would land in."
)
@click.option("--database", metavar="NAME", help="Look only at this database of a source that holds several.")
@click.option(
    "--include", multiple=True, metavar="PATTERN", help="Look only at tables like this. May be repeated."
)
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave tables like this out. May be repeated."
)
@values
@distribution
def inspect(source: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Say what mysql-to-pg would do with SOURCE, without a target.

    Every row is read and cast, so that everything that will be changed or left out is known beforehand.

    \b
    Examples:
      migrate inspect shop.sql.gz
      migrate inspect schema.sql data.sql --json | jq '.untranslated'
    """
    with _told():
        from .terminal import show_foresight

        report = _look(expanded(source), {**options, "quiet": as_json, "schema_only": False})
        if as_json:
            click.echo(report.as_json(), nl=False)
        else:
            show_foresight(report)
        sys.exit(report.exit_code)


@main.command(epilog=_EPILOG)
@click.argument("source", nargs=-1, required=True)
@TO
@click.option(
    "--schema", default="public", show_default=True, metavar="NAME", help="The schema the tables are in."
)
@click.option("--database", metavar="NAME", help="Compare only this database of a source that holds several.")
@click.option(
    "--include", multiple=True, metavar="PATTERN", help="Compare only tables like this. May be repeated."
)
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave tables like this out. May be repeated."
)
@jobs("How many psql processes read at the same time.")
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON on standard output.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing unless there is a difference.")
@values
def verify(source: tuple[str, ...], to: str | None, jobs: int, as_json: bool, **options: Any) -> None:
    """Compare the tables of a target with SOURCE, value by value.

    Nothing is written. Both sides are read once and digested; tables that differ are read again to show some of the
    rows that only one side has. The exit code is 0 when every table is the same, 1 when one is not.

    \b
    Examples:
      migrate verify shop.sql.gz --to postgresql://me@db.example/shop
      migrate verify shop.sql --include orders --json
    """
    with _told():
        from .load.audit import Difference
        from .terminal import show_differences

        sources = expanded(source)
        options |= {"schema_only": False}
        report, audit = _audit(sources, options, to, jobs)
        unmatched = [one for one in report.notes.untranslated if one.kind == "--include"]
        audit.differences += [Difference(f"--include {one.name}", one.reason) for one in unmatched]
        if as_json:
            found = [asdict(difference) for difference in audit.differences]
            click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        elif audit.differences or not options["quiet"]:
            show_differences(audit.differences, report)
        sys.exit(1 if audit.differences else 0)


def _audit(
    sources: list[str], options: dict[str, Any], to: str | None, jobs: int
) -> "tuple[Report, AuditTarget]":
    from .load.audit import AuditTarget, SearchTarget
    from .postgres import psql

    server = psql.target(to)
    made: list[AuditTarget] = []

    def audit(planner: "Planner", _report: "Report", _zone: Callable[[], str | None]) -> AuditTarget:
        made.append(AuditTarget(server, planner, jobs=jobs))
        return made[0]

    report, _ = _run(sources, options, server, audit)
    if made[0].differing and "-" not in sources:
        tables = tuple(escape(load.report.source) for load in made[0].differing)
        _run(
            sources,
            {**options, "include": tables, "exclude": (), "quiet": True},
            server,
            lambda planner, *_: SearchTarget(server, planner, made[0]),
        )
    return report, made[0]


@main.command(epilog=_EPILOG)
@click.argument("rejects", type=click.Path(dir_okay=False, path_type=Path))
@TO
@values
@QUIET
def retry(rejects: Path, to: str | None, quiet: bool, **options: Any) -> None:
    """Load rows that were put aside, after they were mended.

    REJECTS is the file that `mysql-to-pg --on-error reject` wrote, a row a line, as JSON: mend the literals in `row`,
    or name options that let it pass. What is loaded goes from the file; what is refused again stays, with the new
    reason.

    \b
    Examples:
      migrate retry rejects.jsonl --to postgresql://me@db.example/shop
      migrate retry rejects.jsonl --invalid-text latin1
    """
    with _told():
        from .load.retry import retry as load_again
        from .postgres import psql
        from .report import Report
        from .terminal import Terminal

        server = psql.target(to)
        report = Report([str(rejects)], server.label)
        load_again(server, rejects, report, chosen(options))
        report.finish()
        Terminal(quiet=quiet).summary(report)
        sys.exit(report.exit_code)


@main.command("rules", epilog=_EPILOG)
def print_rules() -> None:
    """Print the built-in casting rules as TOML.

    They are in the order they are tried: the first that matches decides. A file of your own in this form goes before
    them, with --rules. A rule's conditions are table, column (both with * and ?), type, length, unsigned, nullable,
    auto_increment and default; what it does is target, rename, skip or where.

    \b
    Example:
      migrate rules > rules.toml
    """
    from .rulefile import text
    from .rules import RULES

    click.echo(text(RULES), nl=False)


@main.command(epilog=_EPILOG)
@TO
@click.option("--json", "as_json", is_flag=True, help="Print the runs as JSON on standard output.")
def status(to: str | None, as_json: bool) -> None:
    """Show the runs of a target, and how far they came.

    A run is done, under way or interrupted; an interrupted one can be resumed or aborted by its number.

    \b
    Example:
      migrate status --to postgresql://me@db.example/shop
    """
    with _told(), _session(to) as session:
        from .load import runs
        from .terminal import show_runs

        found = runs.runs(session)
        if as_json:
            click.echo(json.dumps([asdict(run) for run in found], indent=2, ensure_ascii=False))
        else:
            show_runs(found)


@main.command(epilog=_EPILOG)
@click.argument("run", type=int)
@TO
def abort(run: int, to: str | None) -> None:
    """Take away everything that an unfinished RUN has made.

    \b
    Example:
      migrate abort 7 --to postgresql://me@db.example/shop
    """
    with _told(), _session(to) as session:
        from .load import runs

        runs.abort(session, run)
        click.echo(f"run {run} is undone", err=True)


@main.command(epilog=_EPILOG)
@click.argument("run", type=int)
@TO
@JOBS
@WORKERS
@REPORT
@QUIET
def resume(run: int, to: str | None, **options: Any) -> None:
    """Go on with an interrupted RUN.

    It goes on where it stopped, as when the same mysql-to-pg command is given again.

    \b
    Example:
      migrate resume 7 --to postgresql://me@db.example/shop
    """
    with _told():
        from .load import runs

        with _session(to) as session:
            found = runs.runs(session, run)
        if not found:
            raise InputError(
                f"there is no unfinished run {run} in this database: `migrate status` lists them"
            )
        command = found[0].command
        again = {
            "to": to,
            "output": None,
            "dry_run": False,
            "schema": command["schema"],
            **command["options"],
        }
        sys.exit(_migrate(command["sources"], **again, **options))


@main.command(epilog=_EPILOG)
@click.argument("run", nargs=-1, metavar="[RUN | SOURCE]...")
@TO
@JOBS
@click.option("--patience", type=click.IntRange(0), default=120, show_default=True, metavar="SECONDS",
              help="How long to wait for the run to begin, or for somebody to lead it again.")  # fmt: skip
@QUIET
def worker(run: tuple[str, ...], to: str | None, jobs: int, patience: int, quiet: bool) -> None:
    """Take part in a run that another machine leads.

    The leader runs `mysql-to-pg --workers`. RUN is the number of its run, SOURCE what that reads; without either, it is
    the only run that asks for workers. This machine must reach the source, by the same path or as s3://, and the
    target. A worker may come and go at any time: what it had in hand when it was killed is loaded by others, once. It
    ends when nothing is left to load.

    \b
    Examples:
      migrate worker 7 --to postgresql://me@db.example/shop
      migrate worker s3://dumps/shop --jobs 16 --patience 600
    """
    with _told():
        from .load.remote import Worker
        from .load.stall import watched
        from .postgres import psql

        terminal = _ready(quiet=quiet)
        server = psql.target(to)
        numbered = len(run) == 1 and run[0].isdecimal()
        known_by = int(run[0]) if numbered else [shown(absolute(source)) for source in expanded(run)]
        taking_part = Worker(server, known_by, jobs=jobs, patience=patience)
        terminal.console.print(f"taking part in run {taking_part.run}")
        with watched(server, terminal.stalled):
            taking_part.work()
        terminal.console.print(f"{taking_part.rows:,} rows in {taking_part.chunks:,} chunks were loaded here")


@contextmanager
def _session(to: str | None) -> "Iterator[Session]":
    from .postgres import psql

    session = psql.target(to).session()
    try:
        yield session
    finally:
        session.close()


@contextmanager
def _told() -> Iterator[None]:
    """Errors as one line on standard error, and the exit code of their kind."""
    try:
        yield
    except MigrateError as error:
        # A message may quote the source, and that may hold anything.
        text = "".join(letter if letter.isprintable() else " " for letter in str(error))
        click.echo(f"migrate: {' '.join(text.split())}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        click.echo("migrate: stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(3)


def _migrate(sources: list[str], **options: Any) -> int:
    for path in options["reports"]:
        if not path.parent.is_dir():
            raise InputError(f"--report: {path}: there is no folder {path.parent}")
    if options["dry_run"]:
        from .terminal import show_foresight

        report = _look(sources, options)
        if not options["quiet"]:
            show_foresight(report)
    elif options["output"]:
        report = _write_script(sources, options)
    else:
        report = _load(sources, options)
    for path in options["reports"]:
        _write_report(report, path)
    return report.exit_code


def _write_report(report: "Report", path: Path) -> None:
    try:
        report.write(path)
    except OSError as error:
        raise InputError(f"--report: {path}: {error.strerror}. The load itself is finished") from error


def _look(sources: list[str], options: dict[str, Any]) -> "Report":
    from .load.inspect import InspectTarget

    report, _ = _run(
        sources,
        {**options, "looks": True},
        "nothing: this is a look",
        lambda planner, report, _: InspectTarget(planner, report),
    )
    return report


def _load(sources: list[str], options: dict[str, Any]) -> "Report":
    from .load.existing import ExistingTarget
    from .load.ledger import Request
    from .load.parallel import Terms
    from .load.server import ServerTarget
    from .postgres import psql

    if options["workers"] and options["on_error"] == "reject":
        raise InputError(
            "--workers cannot be combined with --on-error reject: the rejects would lie in a file on every machine"
        )
    server = psql.target(options["to"])
    sources = [absolute(source) for source in sources]
    request = Request(tuple(map(shown, sources)), options["schema"], decisive(options))
    kind = ExistingTarget if options["data_only"] else ServerTarget

    with _rejects(options) as rejected:
        terms = Terms(
            server,
            request,
            jobs=options["jobs"],
            replace=options["replace"],
            verify=options["verify"],
            shared=options["workers"],
            rejected=rejected,
        )
        report, terminal = _run(
            sources,
            options,
            server,
            lambda planner, report, time_zone: kind(terms, planner, report.notes, time_zone),
        )
        terminal.summary(report)
    return report


def _write_script(sources: list[str], options: dict[str, Any]) -> "Report":
    from .load.script import ScriptTarget

    with _rejects(options) as rejected, _script(options["output"]) as file:
        report, terminal = _run(
            sources,
            options,
            options["output"],
            lambda planner, report, time_zone: ScriptTarget(
                file,
                planner,
                report.notes,
                replace=options["replace"],
                rejected=rejected,
                time_zone=time_zone,
            ),
        )
    terminal.summary(report, "written")
    return report


@contextmanager
def _script(output: str) -> Iterator[BinaryIO]:
    """The file to write: made aside and renamed when it is whole, so that half a script is never taken for one.

    Standard output, a pipe or a device is written to as it is.
    """
    path = Path(output)
    try:
        with ExitStack() as opened:
            if output == "-":
                yield sys.stdout.buffer
            elif path.exists() and not path.is_file():
                yield opened.enter_context(path.open("wb"))
            else:
                file = opened.enter_context(_made_aside(path.resolve()))
                yield opened.enter_context(_compressed(file, path.suffix.lower()))
    except BrokenPipeError:
        raise
    except OSError as error:
        missing = isinstance(
            error, (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError)
        )
        raise (InputError if missing else TargetError)(f"--output: {output}: {error.strerror}") from error


def _compressed(file: BinaryIO, suffix: str) -> AbstractContextManager[BinaryIO]:
    """What is written to the file, in the way that its name says; closing it leaves the file open."""
    match suffix:
        case ".gz":
            return gzip.GzipFile(fileobj=file, mode="wb", filename="", compresslevel=6)  # type: ignore[return-value]
        case ".bz2":
            return bz2.BZ2File(file, "wb")  # type: ignore[return-value]
        case ".xz":
            return lzma.LZMAFile(file, "wb", preset=1)  # type: ignore[return-value]
        case ".zst":
            import zstandard

            return zstandard.ZstdCompressor().stream_writer(file, closefd=False)
    return nullcontext(file)


@contextmanager
def _made_aside(path: Path) -> Iterator[BinaryIO]:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        part = Path(file.name)
        try:
            yield file  # type: ignore[misc]
            file.flush()
            part.chmod(0o666 & ~_umask())
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _rejects(options: dict[str, Any]) -> "Iterator[Rejects | None]":
    """The file of --on-error reject, None when a bad row stops the run."""
    if options["on_error"] == "stop":
        yield None
        return
    from .load.rejects import Rejects

    with closing(Rejects(Path(options["rejects"]))) as rejects:
        yield rejects
        if rejects.count and not options["quiet"]:
            click.echo(
                f"{rejects.count} rows were refused; they are in {rejects.path}: mend them there, then `migrate retry "
                f"{rejects.path}`",
                err=True,
            )


def _ready(*, quiet: bool) -> "Terminal":
    """Prepare this process for loading; its terminal."""
    from .terminal import Terminal
    from .transcode import native

    _return_buffers()
    # A container or a shell that stops the tool asks politely first: as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    terminal = Terminal(quiet=quiet)
    if native.is_cold():
        with terminal.waiting("compiling the loading path for this machine, once: it takes a minute at most"):
            native.load()
        if native.is_cold():
            terminal.say(
                "what was compiled cannot be kept, so the next run compiles it again: set XDG_CACHE_HOME to a folder "
                "that can be written to"
            )
    return terminal


def _return_buffers() -> None:
    """Let glibc give large buffers back as soon as they are free: else each thread's arena keeps its own.

    Those of a usual chunk are kept, since a new one costs a page fault for every four kilobytes.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 4 << 20)


def _run(
    sources: list[str], options: dict[str, Any], target: "Server | str", make: "Callable[..., Target]"
) -> "tuple[Report, Terminal]":
    """Read the sources into the target that `make` makes, a server or whatever it is called; the account of it."""
    # Imported here: --help must not wait for the compiled parts.
    from .load.run import Load
    from .load.stall import watched
    from .mysql import inputs
    from .plan import Planner, Selection
    from .report import Report

    terminal = _ready(quiet=options["quiet"])
    label = target if isinstance(target, str) else target.label
    watch = nullcontext() if isinstance(target, str) else watched(target, terminal.stalled)
    report = Report([shown(source) for source in sources], label)
    planner = Planner(options["schema"], report.notes, chosen(options))
    opened = inputs.named(sources)
    if options.get("workers") and not any(map(inputs.can_be_shared, opened)):
        for one in opened:
            one.close()
        raise InputError(
            f"--workers: {' '.join(report.source)} can only be read from front to back, by one reader: unpack it, load "
            "it without --workers, or dump into a folder of many files"
        )
    selection = Selection(options["include"], options["exclude"], options["database"])
    with terminal.progress(opened) as meter, watch:
        say = (lambda _: None) if options.get("looks") else terminal.say_table
        load = Load(planner, report, selection, meter, say)
        load.run(
            opened,
            make(planner, report, lambda: load.session.time_zone),
            with_data=not options["schema_only"],
        )
    report.renamed = planner.names.renamed
    report.finish()
    return report, terminal
