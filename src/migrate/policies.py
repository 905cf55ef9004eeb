"""What is done with values that PostgreSQL cannot hold as MySQL did. Each case is counted, whatever is chosen."""

from dataclasses import dataclass, field, replace
from enum import Enum

from .model import Column, Table
from .rules import Rule, is_like


class ZeroDates(Enum):
    """For `0000-00-00` and days that no calendar has."""

    NULL = "null"
    INFINITY = "infinity"  # -infinity, which is before every date
    REJECT = "reject"


class Nul(Enum):
    """For NUL characters in text."""

    STRIP = "strip"
    REPLACE = "replace"  # by U+FFFD
    REJECT = "reject"


class InvalidText(Enum):
    """For bytes that are not in the character set which the dump declares."""

    REJECT = "reject"
    REPLACE = "replace"  # by U+FFFD
    LATIN1 = "latin1"


class Comparison(Enum):
    """For text whose collation ignores case."""

    AUTO = "auto"  # the first of the others that the target can do, and search in
    ICU = "icu"  # a collation of ICU that ignores case too
    CITEXT = "citext"
    EXACT = "exact"


@dataclass(frozen=True)
class Policies:
    """The choices for one column."""

    zero_dates: ZeroDates = ZeroDates.NULL
    nul: Nul = Nul.STRIP
    invalid_text: InvalidText = InvalidText.REJECT
    repair_mojibake: bool = False


@dataclass(frozen=True)
class Choices:
    """The choices of a run; `repaired` are the columns whose text is mended (`table.column`, * and ? allowed)."""

    policies: Policies = field(default_factory=Policies)
    repaired: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    keep_case: bool = False
    comparison: Comparison = Comparison.AUTO
    distributed: tuple[str, ...] = ()  # TABLE:COLUMN, tables like this by the column of that name
    copied: tuple[str, ...] = ()  # tables like this, whole, to every server

    def of(self, table: Table, column: Column) -> Policies:
        """The policies for one column."""
        return replace(self.policies, repair_mojibake=is_like(self.repaired, table, column.name))

    def skips(self, table: Table, column: Column | None = None) -> bool:
        """Whether a rule leaves out the table, or the column."""
        if column is None:
            return any(rule.skip and not rule.of_columns and rule.matches_table(table) for rule in self.rules)
        return any(rule.skip and rule.of_columns and rule.matches(table, column) for rule in self.rules)

    def renamed(self, table: Table, column: Column | None = None) -> str | None:
        """The name that a rule gives to the table, or to the column."""
        for rule in self.rules:
            wanted = rule.matches_table(table) if column is None else rule.matches(table, column)
            if rule.rename is not None and rule.of_columns == (column is not None) and wanted:
                return rule.rename
        return None

    def distribution(self, table: Table) -> str | None:
        """The column by which Citus is to share the table's rows out; empty where each server is to have all of them.

        None when the table is not to be shared out: it is like no pattern, or lacks the column.
        """
        if is_like(self.copied, table):
            return ""
        for pattern, _, wanted in (one.rpartition(":") for one in self.distributed):
            for column in table.columns if is_like((pattern,), table) else ():
                if wanted.lower() in (column.name.lower(), (self.renamed(table, column) or "").lower()):
                    return column.name
        return None

    def condition(self, table: Table) -> str | None:
        """The condition, in PostgreSQL's words, that rows of the table must meet to be loaded."""
        found = [rule.where for rule in self.rules if rule.where is not None and rule.matches_table(table)]
        return " and ".join(f"({condition})" for condition in found) or None
