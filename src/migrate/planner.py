"""From the model to the plan: names, casts, defaults, and everything that gets lost."""

import re
from dataclasses import replace

from .comparison import IcuCollation
from .defaults import translated
from .errors import InputError
from .model import Column, Literal, Table
from .mysql import charsets, fitting
from .mysql.events import label
from .mysql.temporal import LossError
from .naming import Names
from .notes import Loss, Notes
from .plan import INTEGERS, Default, Distribution, Enum, Space, TargetColumn, TargetTable
from .policies import Choices, Comparison, ZeroDates
from .rules import cast, collation_of
from .transcode.codecs import Codec

# Columns that every table of PostgreSQL has (PostgreSQL manual, "System Columns").
_SYSTEM_COLUMNS = ("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid")
_MOST_COLUMNS = 1600  # of a table (PostgreSQL manual, "PostgreSQL Limits")
_ZERO_DATE = re.compile(r"0000-|\d{4}-00|\d{4}-\d\d-00|0+$")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):")  # a time within a day


class Planner:
    """Plans tables one by one, as they come.

    A source's only database lands in `schema`; when there are several, each lands in a schema named like itself.
    """

    def __init__(self, schema: str, notes: Notes, choices: Choices | None = None) -> None:
        self.schema = schema
        self.choices = choices or Choices()
        # Of the target, beyond what every PostgreSQL has; where nobody can be asked, what nearly all have.
        self.abilities: frozenset[str] = frozenset({"citext"})
        self.notes = notes
        self.names = Names(keep_case=self.choices.keep_case)
        self.spaces: dict[str | None, Space] = {}

    def space(self, database: str | None) -> Space:
        """Where a database's tables land. Raises InputError when two databases would share a schema."""
        if database not in self.spaces:
            named = [space for space in self.spaces.values() if space.database is not None]
            space = Space(database, self.schema)
            if database is None:
                self.names.claim("schemas", self.schema, "the tables of no database")
            elif named:
                space.schema = self._own_schema(database)
                if named[0].schema == self.schema:
                    self._move(named[0], self._own_schema(named[0].database or ""))
            self.spaces[database] = space
        return self.spaces[database]

    def _own_schema(self, database: str) -> str:
        if database.lower().startswith("pg_") or database.lower() == "migrate":
            raise InputError(
                f"a schema cannot be called {database}, since PostgreSQL and this tool keep such names for themselves: "
                f"load that database alone, with --database {database}"
            )
        return self.names.claim("schemas", database, f"the database {database}")

    def _move(self, space: Space, schema: str) -> None:
        """The first database turns out not to be the only one; what was noted of its tables follows them."""
        old, space.schema = space.schema, schema
        self.notes.lossy = [
            replace(loss, table=schema + loss.table.removeprefix(old))
            if loss.table.startswith(f"{old}.")
            else loss
            for loss in self.notes.lossy
        ]

    def table(self, source: Table) -> TargetTable:
        """The plan for a table. Raises InputError for a type that is not known, and for more columns than fit."""
        space = self.space(source.database)
        wanted = self.choices.renamed(source) or source.name
        name = self.names.give(space.scope, wanted, _label(source))
        skipped = frozenset(c.name.lower() for c in source.columns if self.choices.skips(source, c))
        target = TargetTable(
            source, space, name, [], skipped=skipped, condition=self.choices.condition(source)
        )
        target.columns = [self._column(target, c) for c in source.columns if c.name.lower() not in skipped]
        if len(target.columns) > _MOST_COLUMNS:
            raise InputError(
                f"the table {_label(source)} has {len(target.columns):,} columns, and PostgreSQL's have "
                f"{_MOST_COLUMNS:,} at most: leave some out with skip in --rules, or make two tables of it"
            )
        target.distribution = self._distribution(target)
        for period in source.periods:
            what = (
                f"the period {period} is two columns: nothing keeps its end after its start, or spans apart"
            )
            self.notes.lossy.append(Loss(target.label, None, what))
        return target

    def _distribution(self, table: TargetTable) -> Distribution | None:
        """How the table is shared out. Raises InputError when that cannot be."""
        wanted = self.choices.distribution(table.source)
        if wanted is None:
            return None
        column = table.column(wanted)
        if wanted and column is None:
            raise InputError(
                f"--distribute: a rule leaves out {wanted}, by which {_label(table.source)} is shared out"
            )
        counting = frozenset(one.name for one in table.columns if one.identity)
        return Distribution(column.name if column else None, counting)

    def revise(self, target: TargetTable, source: Table) -> None:
        """The table was altered after its plan was made, as phpMyAdmin does for keys and AUTO_INCREMENT.

        Raises InputError for one that was defined anew with other columns.
        """
        names = [column.source.name.lower() for column in target.columns]
        columns = [column for column in source.columns if column.name.lower() not in target.skipped]
        if [column.name.lower() for column in columns] != names:
            raise InputError(
                f"{_label(source)} is given other columns after its first rows: mend its CREATE TABLE in the source"
            )
        target.source = source
        for column, altered in zip(target.columns, columns, strict=True):
            column.source = altered
            column.identity = _is_identity(altered, column.type)

    def _column(self, table: TargetTable, source: Column) -> TargetColumn:
        label = f"{_label(table.source)}.{source.name}"
        name = self._column_name(table, source, label)
        if source.invisible:
            what = "was invisible unless it is named: PostgreSQL shows it with all others"
            self.notes.lossy.append(Loss(table.label, name, what))
        decision = cast(table.source, source, self.choices.rules, self.abilities)
        if decision is None:
            raise InputError(f"the column {label} has the type {source.type}, which is not known here")
        if source.type.name == "vector" and decision.type == "bytea":
            what = "a vector became its bytes: numbers of single precision, lowest byte first"
            self.notes.lossy.append(Loss(table.label, name, what, option="--rules"))
        enum = None
        if "{type}" in decision.type:
            enum = Enum(
                self.names.give(table.space.scope, f"{table.name}_{name}", f"{label} (type)"),
                tuple(dict.fromkeys(source.type.members)),
            )
        column = TargetColumn(
            source,
            name,
            decision,
            decision.type,
            not source.nullable,
            None,
            _is_identity(source, decision.type),
            enum,
            charsets.of_column(table.source, source),
            self.choices.of(table.source, source),
        )
        if decision.codec is Codec.BOOLEAN and decision.wider and not _is_truth(source.default):
            column.widen(decision.wider)
        column.default = self._default(table, column)
        if column.default and "\0" in (column.default.constant or ""):
            what = "its default has NUL characters, which PostgreSQL's text cannot hold: they are left out"
            self.notes.lossy.append(Loss(table.label, name, what))
        default = column.default.constant if column.default else None
        if default and decision.wider and not _has_room(decision.codec, default):
            column.widen(decision.wider)
        self._compare(table, column)
        return column

    def _column_name(self, table: TargetTable, source: Column, label: str) -> str:
        wanted = self.choices.renamed(table.source, source) or source.name
        if wanted.lower() in _SYSTEM_COLUMNS:
            wanted += "_"
            what = f"was called {source.name}, which PostgreSQL keeps for itself"
            self.notes.lossy.append(Loss(table.label, wanted.lower(), what))
        return self.names.give(f"{table.space.scope}.{table.name}", wanted, label)

    def _compare(self, table: TargetTable, column: TargetColumn) -> None:
        """Let a column whose collation ignores case in MySQL ignore it too."""
        collation = collation_of(table.source, column.source)
        if not (column.is_text and collation.ignores_case):
            return
        if self.comparison is Comparison.ICU:
            column.exact_type = column.type
            column.collation = IcuCollation.of(collation, self.schema)
        elif self.comparison is Comparison.CITEXT:
            column.type, column.exact_type = "citext", column.type
            label = f"{_label(table.source)}.{column.source.name} (length)"
            constraints = f"{table.space.scope}.{table.name} constraints"
            wanted = f"{table.name}_{column.name}_length"
            column.length_check = self.names.give(constraints, wanted, label)

    @property
    def comparison(self) -> Comparison:
        """How text that ignores case is compared: what was chosen, or the best of what the target can do."""
        if self.choices.comparison is not Comparison.AUTO:
            return self.choices.comparison
        if "icu search" in self.abilities:
            return Comparison.ICU
        return Comparison.CITEXT if "citext" in self.abilities else Comparison.EXACT

    def _default(self, table: TargetTable, column: TargetColumn) -> Default | None:
        default = column.source.default
        if default is None or column.identity:
            return None
        text = default.value if isinstance(default, Literal) else None
        if text is not None and column.cast.codec is Codec.DATE and _ZERO_DATE.match(text):
            return self._zero_default(table, column, text)
        if text is not None and not _is_among(text, column.source):
            what = "a default that is none of its members, for which MySQL refuses the table, is dropped"
            self.notes.lossy.append(Loss(table.label, column.name, what, sample=text))
            return None
        if text == "":
            column.admit_empty()  # as MySQL did until 4.1
        return translated(default, column)

    def _zero_default(self, table: TargetTable, column: TargetColumn, text: str) -> Default | None:
        """What becomes of a default that PostgreSQL's dates do not have: the same as of such a value."""
        choice = column.policies.zero_dates
        what = "a zero date as default, which PostgreSQL does not have, "
        if choice is ZeroDates.INFINITY:
            what += "became -infinity"
        elif choice is ZeroDates.NULL and column.not_null:
            column.not_null = False
            what += "became NULL, and the column may be NULL"
        else:
            what += "is dropped"
        self.notes.lossy.append(Loss(table.label, column.name, what, sample=text, option="--zero-dates"))
        return Default("-infinity") if choice is ZeroDates.INFINITY else None

    def forget(self, table: Table) -> None:
        """The table is dropped: its names are free again."""
        self.names.release(_label(table))


def _is_among(default: str, column: Column) -> bool:
    """Whether a default is among the members of an enum or a set, if the column is one."""
    fit = fitting.FITS.get(column.type.name)
    try:
        return fit is None or fit(default, column) is not None
    except LossError:
        return False


def _is_truth(default: object) -> bool:
    """Whether a default is 0 or 1, or nothing that says otherwise."""
    return not isinstance(default, Literal) or default.value in (None, "0", "1")


def _has_room(codec: Codec, default: str) -> bool:
    """Whether the type that a column begins with has a value like its default."""
    if codec is Codec.TIME:
        return _CLOCK.match(default) is not None
    return codec is not Codec.UNSIGNED or not (default.isdigit() and int(default) >= 2**63)


def _is_identity(column: Column, target_type: str) -> bool:
    return column.auto_increment and target_type in INTEGERS


def _label(table: Table) -> str:
    return label((table.database, table.name))
