"""The command line: options in, one line per trouble out, and an exit code that tells the truth."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import InputError, MigrateError
from .mysql.names import absolute, expanded, shown
from .options import JOBS, QUIET, REPORT, TO, WORKERS, as_json, chosen, distribution, jobs, selection, values

if TYPE_CHECKING:
    from .postgres.psql import Session

_EPILOG = """\b
Exit codes:
  0  everything was loaded
  1  finished, but something was rejected or could not be translated
  2  the command line or the source is wrong
  3  the source or the target failed
"""


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
@selection("Load", "land in")
@JOBS
@WORKERS
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
        from .migration import migrate

        sys.exit(migrate(expanded(source), **options))


@main.command(epilog=_EPILOG)
@click.argument("source", nargs=-1, required=True)
@as_json("the account")
@selection("Look at", "would land in")
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
        from .migration import look
        from .terminal import show_foresight

        report = look(expanded(source), {**options, "quiet": as_json, "schema_only": False})
        if as_json:
            click.echo(report.as_json(), nl=False)
        else:
            show_foresight(report)
        sys.exit(report.exit_code)


@main.command(epilog=_EPILOG)
@click.argument("source", nargs=-1, required=True)
@TO
@selection("Compare", "are in")
@jobs("How many psql processes read at the same time.")
@as_json("the differences")
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
        from .migration import audit
        from .terminal import show_differences

        report, differences = audit(expanded(source), {**options, "schema_only": False}, to, jobs)
        if as_json:
            click.echo(json.dumps([asdict(one) for one in differences], indent=2, ensure_ascii=False))
        elif differences or not options["quiet"]:
            show_differences(differences, report)
        sys.exit(1 if differences else 0)


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
@as_json("the runs")
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
        from .migration import migrate

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
        sys.exit(migrate(command["sources"], **again, **options))


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
        from .process import ready

        terminal = ready(quiet=quiet)
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
