"""The options that several commands have in common, and what is made of them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from .policies import Choices

# The options that have no say in what a run makes: with other ones, the same sources are another run.
_INCIDENTAL = {"to", "output", "jobs", "workers", "reports", "dry_run", "quiet"}

Command = Callable[..., None]


def _together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator; help lists them in this order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


TO = click.option(
    "--to",
    metavar="URL",
    help="The target, as a libpq URL. Default: DATABASE_URL, else the PG… variables, else the embedded server of this "
    "checkout.",
)

REPORT = click.option(
    "--report",
    "reports",
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Write the full account: as a page with charts to FILE.html, as JSON to any other name. What was left out "
    "goes to FILE.untranslated.sql beside it. May be repeated.",
)

WORKERS = click.option(
    "--workers",
    is_flag=True,
    help="Let `migrate worker` processes on other machines take part. They read the source by the same path or from "
    "s3://: files that are not compressed at any place, others where there are many of them.",
)


def jobs(help_text: str) -> Callable[[Command], Command]:
    """How many psql processes do something; help names no number, which would be that of one machine."""
    return click.option(
        "--jobs",
        type=click.IntRange(1, 64),
        default=min(4, os.cpu_count() or 1),
        show_default="one for each processor, at most 4",
        help=help_text,
    )


JOBS = jobs("How many psql processes load at the same time.")

QUIET = click.option("--quiet", "-q", is_flag=True, help="Say nothing unless something goes wrong.")


def as_json(what: str) -> Callable[[Command], Command]:
    """Whether a command prints what it has to say as JSON."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {what} as JSON on standard output.")


def selection(verb: str, are_in: str) -> Callable[[Command], Command]:
    """Which of the source's tables a command is about, and where they are in the target."""
    return _together(
        click.option("--schema", default="public", show_default=True, metavar="NAME",
                     help=f"The schema the tables {are_in}."),
        click.option("--database", metavar="NAME", help=f"{verb} only this database of a source that holds several. "
                     "Without it, the only one lands in --schema, and each of several in a schema named like itself."),
        click.option("--include", multiple=True, metavar="PATTERN", help=f"{verb} only tables like this (* and ? "
                     "allowed; `database.table` works too). May be repeated."),
        click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave tables like this out. May be "
                     "repeated."),
    )  # fmt: skip


# What becomes of values.
values = _together(
    click.option("--zero-dates", type=click.Choice(["null", "infinity", "reject"]), default="null", show_default=True,
                 help="What becomes of 0000-00-00 and of days that no calendar has; infinity is -infinity."),
    click.option("--nul", type=click.Choice(["strip", "replace", "reject"]), default="strip", show_default=True,
                 help="What becomes of NUL characters in text, which PostgreSQL cannot hold; replace puts U+FFFD."),
    click.option("--invalid-text", type=click.Choice(["reject", "replace", "latin1"]), default="reject",
                 show_default=True, help="What becomes of bytes that are not in the dump's character set; replace puts "
                 "U+FFFD, latin1 reads them in that character set."),
    click.option("--repair-mojibake", multiple=True, metavar="TABLE.COLUMN", help="Mend text that was encoded twice in "
                 "UTF-8 (Ã© for é) in columns like this (* and ? allowed). May be repeated."),
    click.option("--rules", type=click.Path(dir_okay=False), metavar="FILE.toml", help="Casting rules that go before "
                 "the built-in ones: other types, names, columns, tables and rows left out. `migrate rules` prints "
                 "the built-in ones."),
    click.option("--case", type=click.Choice(["lower", "keep"]), default="lower", show_default=True,
                 help="Write names in lower case, so that they need no quotes, or as they are."),
    click.option("--collation", type=click.Choice(["auto", "icu", "citext", "exact"]), default="auto",
                 show_default=True, help="How text is compared whose collation ignores case in MySQL: by a collation "
                 "of ICU or as citext, which ignore it too, or exactly, as PostgreSQL does. auto is icu where the "
                 "server can also search in such text (LIKE), else citext, else exact."),
)  # fmt: skip


def _distributed(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    for value in values:
        if not all(value.rpartition(":")[::2]):
            raise click.BadParameter(f"{value} is not a table and a column with a colon between them")
    return values


# Which tables Citus shares out.
distribution = _together(
    click.option("--distribute", multiple=True, metavar="TABLE:COLUMN", callback=_distributed, help="Let Citus share "
                 "the rows of tables like this (* and ? allowed) out among its servers, by this column, where they "
                 "have it. May be repeated."),
    click.option("--reference", multiple=True, metavar="TABLE", help="Let Citus keep all of tables like this on each "
                 "of its servers. May be repeated."),
)  # fmt: skip


def chosen(options: dict[str, Any]) -> "Choices":
    """The policies, rules and the like that the options ask for."""
    from . import rulefile
    from .policies import Choices, Comparison, InvalidText, Nul, Policies, ZeroDates

    policies = Policies(
        ZeroDates(options["zero_dates"]), Nul(options["nul"]), InvalidText(options["invalid_text"])
    )
    rules = rulefile.read(Path(options["rules"])) if options["rules"] else ()
    return Choices(
        policies,
        tuple(options["repair_mojibake"]),
        rules,
        options["case"] == "keep",
        Comparison(options["collation"]),
        tuple(options.get("distribute", ())),
        tuple(options.get("reference", ())),
    )


def decisive(options: dict[str, Any]) -> dict[str, Any]:
    """The options that decide what a run makes, as they are written down for `resume`."""
    return {name: value for name, value in options.items() if name not in _INCIDENTAL}
