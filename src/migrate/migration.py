"""A migration, a look at one or a comparison afterwards, as the command line asks for it.

Imported when a command runs and not before: `--help` must not wait for all that loading needs.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from glob import escape
from pathlib import Path
from typing import Any

import click

from .errors import InputError
from .load.audit import AuditTarget, Difference, SearchTarget
from .load.existing import ExistingTarget
from .load.inspect import InspectTarget
from .load.ledger import Request
from .load.parallel import Terms
from .load.rejects import Rejects
from .load.run import Load
from .load.script import ScriptTarget
from .load.server import ServerTarget
from .load.stall import watched
from .load.target import Target
from .mysql import inputs
from .mysql.names import absolute, shown
from .notes import Untranslated
from .options import chosen, decisive
from .output import script_file
from .page import page
from .planner import Planner
from .postgres import psql
from .postgres.psql import Server
from .process import ready
from .report import Report
from .selection import Selection
from .terminal import Terminal, show_foresight

# Makes a target of a planner, the report, and what tells the session's time zone.
Make = Callable[[Planner, Report, Callable[[], str | None]], Target]


def migrate(sources: list[str], **options: Any) -> int:
    """Load, write or look, and write the reports; the exit code."""
    for path in options["reports"]:
        if not path.parent.is_dir():
            raise InputError(f"--report: {path}: there is no folder {path.parent}")
    if options["dry_run"]:
        report = look(sources, options)
        if not options["quiet"]:
            show_foresight(report)
    elif options["output"]:
        report = _write_script(sources, options)
    else:
        report = _load(sources, options)
    for path in options["reports"]:
        _write_report(report, path)
    return report.exit_code


def _write_report(report: Report, path: Path) -> None:
    """Write a page to FILE.html, JSON to any other; beside it what the target lacks, with reasons, as comments."""
    beside = path.with_name(f"{path.stem}.untranslated.sql")
    try:
        path.write_bytes(page(report) if path.suffix.lower() in (".html", ".htm") else report.as_json())
        if report.notes.untranslated:
            text = "\n".join(map(_commented, report.notes.untranslated))
            beside.write_bytes(text.encode("utf-8", "surrogateescape"))
        else:
            beside.unlink(missing_ok=True)  # of an earlier run
    except OSError as error:
        raise InputError(f"--report: {path}: {error.strerror}. The load itself is finished") from error


def _commented(missing: Untranslated) -> str:
    text = f"{missing.kind} {missing.name}: {missing.reason}\n{missing.sql}"
    return "".join(f"-- {line}\n" for line in text.splitlines())


def look(sources: list[str], options: dict[str, Any]) -> Report:
    """Read and cast everything and write nothing; the account of it."""
    report, _ = _run(
        sources,
        {**options, "looks": True},
        "nothing: this is a look",
        lambda planner, report, _: InspectTarget(planner, report),
    )
    return report


def audit(
    sources: list[str], options: dict[str, Any], to: str | None, jobs: int
) -> tuple[Report, list[Difference]]:
    """Compare the tables of a target with the sources."""
    server = psql.target(to)
    made: list[AuditTarget] = []

    def make(planner: Planner, *_: object) -> AuditTarget:
        made.append(AuditTarget(server, planner, jobs=jobs))
        return made[0]

    report, _ = _run(sources, options, server, make)
    if made[0].differing and "-" not in sources:
        tables = tuple(escape(load.report.source) for load in made[0].differing)
        _run(
            sources,
            {**options, "include": tables, "exclude": (), "quiet": True},
            server,
            lambda planner, *_: SearchTarget(server, planner, made[0]),
        )
    unmatched = [one for one in report.notes.untranslated if one.kind == "--include"]
    return report, [
        *made[0].differences,
        *(Difference(f"--include {one.name}", one.reason) for one in unmatched),
    ]


def _load(sources: list[str], options: dict[str, Any]) -> Report:

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


def _write_script(sources: list[str], options: dict[str, Any]) -> Report:
    with _rejects(options) as rejected, script_file(options["output"]) as file:
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
def _rejects(options: dict[str, Any]) -> Iterator[Rejects | None]:
    """The file of --on-error reject, None when a bad row stops the run."""
    if options["on_error"] == "stop":
        yield None
        return
    with closing(Rejects(Path(options["rejects"]))) as rejects:
        yield rejects
        if rejects.count and not options["quiet"]:
            click.echo(
                f"{rejects.count} rows were refused; they are in {rejects.path}: mend them there, then `migrate retry "
                f"{rejects.path}`",
                err=True,
            )


def _run(
    sources: list[str], options: dict[str, Any], target: Server | str, make: Make
) -> tuple[Report, Terminal]:
    """Read the sources into the target that `make` makes, a server or whatever it is called; the account of it."""
    terminal = ready(quiet=options["quiet"])
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
        made = make(planner, report, lambda: load.session.time_zone)
        for other in made.others:
            terminal.say(
                f"run {other}, of another command, is unfinished: `migrate resume {other}` goes on with it, "
                f"`migrate abort {other}` takes away what it has loaded. This is a new run"
            )
        load.run(opened, made, with_data=not options["schema_only"])
    report.renamed = planner.names.renamed
    report.finish()
    return report, terminal
