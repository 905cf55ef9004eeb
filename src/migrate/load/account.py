"""What was found in rows and decided by it, as the report tells people."""

from collections.abc import Iterator

from ..model import Duplicates, IndexKind
from ..notes import Loss, Untranslated
from ..plan import TargetColumn, TargetTable
from ..policies import InvalidText, Nul, Policies, ZeroDates
from ..report import Report
from ..rules import collation_of
from ..transcode.codecs import Codec, Finding
from .table import TableLoad

_LOSSES = {
    Finding.INVALID_DATE: "a zero or impossible date became {dates}",
    Finding.NUL_STRIPPED: "NUL characters, which PostgreSQL's text cannot hold, were {nul}",
    Finding.INVALID_TEXT: "bytes that are not in the dump's character set were {invalid}",
    Finding.MOJIBAKE: "text that was encoded twice in UTF-8 {mojibake}",
    Finding.CONVERTED: "a value that does not fit became what MySQL makes of it without strict mode",
    Finding.REJECTED: "the row was not loaded (reason of the first: see the sample)",
}
OPTIONS = {
    Finding.INVALID_DATE: "--zero-dates",
    Finding.NUL_STRIPPED: "--nul",
    Finding.INVALID_TEXT: "--invalid-text",
    Finding.MOJIBAKE: "--repair-mojibake",
    Finding.REJECTED: "--on-error",
}
_DATES = {ZeroDates.NULL: "NULL", ZeroDates.INFINITY: "-infinity"}
_NULS = {Nul.STRIP: "left out", Nul.REPLACE: "replaced by U+FFFD"}
_INVALID = {InvalidText.REPLACE: "replaced by U+FFFD", InvalidText.LATIN1: "read as latin1"}


def _loss(what: Finding, policies: Policies) -> str | None:
    """What a finding means for people, None when nothing was lost by it."""
    if what not in _LOSSES:
        return None
    return _LOSSES[what].format(
        dates=_DATES.get(policies.zero_dates),
        nul=_NULS.get(policies.nul),
        invalid=_INVALID.get(policies.invalid_text, "read as latin1, since it says none"),
        mojibake="was mended"
        if policies.repair_mojibake
        else "was left as it is: --repair-mojibake mends it",
    )


def account(load: TableLoad, report: Report) -> None:
    """Tell the report what was decided from the data of a table and what was lost."""
    for (column, what), (count, sample) in load.found.items():
        _account_finding(load, report, column, what, count, sample)
    for planned in load.target.columns:
        _account_column(load, report, planned)
    _count_others(load)
    if load.written_by:
        decision = f"{load.written_by} wrote to it while other rows were loaded, as in MySQL"
        report.decisions.append(Loss(load.target.label, None, decision, load.rows_made))


def keys_told_apart(table: TargetTable, duplicates: Duplicates) -> Iterator[Loss]:
    """What PostgreSQL regards in the unique keys of a table and MySQL does not: both rows of such a pair are kept."""
    unique = (index for index in table.source.indexes if index.kind in (IndexKind.PRIMARY, IndexKind.UNIQUE))
    named = {(part.column or "").lower() for index in unique for part in index.parts}
    for column in table.columns:
        collation = collation_of(table.source, column.source)
        regarded = {
            "case": collation.ignores_case and column.exact_type is None,
            "accents": collation.ignores_accents and column.collation is None,
            "blanks at the end": collation.pads and column.source.type.name != "char",
        }
        by = " and ".join(what for what, is_so in regarded.items() if is_so)
        if by and column.is_text and column.source.name.lower() in named:
            yield Loss(
                table.label,
                column.name,
                f"{duplicates.value} told keys apart by {by}, which MySQL does not regard",
            )


def _account_finding(
    load: TableLoad, report: Report, column: str, what: Finding, count: int, sample: str
) -> None:
    label = load.target.label
    if what is Finding.DUPLICATE:
        decision = "rows with a key that was there already, of which the source says what becomes of them"
        report.decisions.append(Loss(label, None, decision, count, sample))
        if load.passes_over:
            taken = "rows that were left out have taken numbers, which MySQL may have given to later ones"
            report.notes.lossy += [
                Loss(label, one.name, taken) for one in load.target.columns if one.identity
            ]
        if load.followed:
            reason = f"rows of {load.followed} that MySQL takes away with a replaced one are there still"
            report.notes.untranslated.append(Untranslated("REPLACE", label, reason))
    policies = next(one.policies for one in load.target.columns if one.name == column)
    loss = _loss(what, policies)
    if loss is not None:
        named = None if what is Finding.REJECTED else column
        report.notes.lossy.append(Loss(label, named, loss, count, sample, OPTIONS.get(what)))


def _account_column(load: TableLoad, report: Report, column: TargetColumn) -> None:
    label, cast = load.target.label, column.cast
    count, sample = load.found.get((column.name, Finding.WIDEN), (0, ""))
    if column.implied is not None:
        given = column.implied or "the empty string"
        decision = f"rows that leave it out have {given}, as in MySQL without strict mode"
        report.decisions.append(Loss(label, column.name, decision))
    report.notes.lossy += [Loss(label, column.name, what) for what in column.altered]
    if column.enum and set(column.enum.members) != set(column.source.type.members):
        decision = "the empty string, MySQL's mark of an invalid value, became a member of the enum"
        report.decisions.append(Loss(label, column.name, decision, count, sample or None, "--rules"))
    if column.source.auto_increment and not column.identity:
        report.notes.lossy.append(Loss(label, column.name, f"{column.type} cannot count up by itself"))
    if cast.wider and (cast.codec is Codec.BOOLEAN or column.type == cast.wider):
        decision = f"{column.source.type} became {column.type}: {cast.rule.reason}"
        report.decisions.append(Loss(label, column.name, decision, count, sample or None, "--rules"))


def _count_others(load: TableLoad) -> None:
    """Count the rows that PostgreSQL has left out or made: only the finished table tells how many there are."""
    counted = load.report
    if load.target.condition is not None:
        counted.rows_filtered = counted.rows_read - counted.rows_loaded - counted.rows_rejected
    if load.changed and load.rows_made:
        # Rows that a statement of the dump made are read from it too; those it took away are left out.
        counted.rows_loaded += load.rows_made
        counted.rows_read += max(0, load.rows_made)
        counted.rows_filtered += max(0, -load.rows_made)
