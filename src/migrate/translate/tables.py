"""What belongs to a table and is an expression: generated columns, defaults, checks, and keys over expressions."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ..defaults import implied
from ..errors import InputError
from ..model import Alteration, Check, Column, Expression
from ..mysql import fitting
from ..naming import Names
from ..notes import Loss, Notes, Untranslated
from ..plan import Computed, Default, TargetColumn, TargetTable
from ..policies import ZeroDates
from ..postgres.quoting import literal
from ..transcode.codecs import Codec
from .functions.texts import search_text
from .partitions import partitions
from .scope import Catalog, Scope, column_of
from .storing import shaped, within
from .values import (
    NUMBERS,
    Kind,
    Refusal,
    Value,
    as_text,
    assigned,
    composed,
    kind_of,
    octets_of,
    refusing,
)

if TYPE_CHECKING:
    from sqlglot import exp

    from .expression import Expressions

# Engines of tables that keep no rows of their own, and whose they show.
_SHOWING = {
    **dict.fromkeys(("MERGE", "MRG_MYISAM", "MRG_ISAM"), "other tables"),
    **dict.fromkeys(("FEDERATED", "CONNECT", "SPIDER"), "another server"),
}


def _translator(table: TargetTable, scope: Scope) -> "Expressions":
    """Imported here: sqlglot takes a while, and few tables have expressions."""
    from .expression import Expressions

    return Expressions(Catalog(table.source.database), scope)


def _parsed(expression: Expression) -> "exp.Expr":
    from .source import parse_expression

    return parse_expression(expression.sql)


def _within_row(table: TargetTable, row: str = "") -> "Expressions":
    """The translator within one row, whose columns go by their names, after `row` where there is one.

    PostgreSQL does not let generated columns use each other: their expressions stand in for them.
    """
    scope = Scope()
    for column in table.columns:
        value = column_of(table, column, table.schema).value()
        if column.computed:
            value = replace(value, sql=f"({column.computed.sql})")
        elif row:
            value = replace(value, sql=f"{row}.{value.sql}")
        scope.declare(column.source.name, value)
    return _translator(table, scope)


def complete(table: TargetTable, names: Names, notes: Notes) -> None:
    """Translate generated columns, defaults that are expressions, and partitions; what cannot be is noted."""
    if table.source.partitioned:
        try:
            table.partitions = partitions(table, names)
            if re.search(r"\bsubpartition\s+by\b", table.source.partitioned, re.IGNORECASE):
                reason = "the rows of a partition are in one table, not shared out once more"
                notes.untranslated.append(
                    Untranslated("subpartitions", table.label, reason, table.source.partitioned)
                )
        except Refusal as refusal:
            reason = f"all rows are in one table: {refusal}"
            notes.untranslated.append(
                Untranslated("partitions", table.label, reason, table.source.partitioned)
            )
    if table.source.versioned:
        reason = "PostgreSQL keeps no rows that were changed or deleted: a trigger of your own would have to"
        notes.untranslated.append(Untranslated("system versioning", table.label, reason))
    if table.source.engine in _SHOWING:
        whose = f"the tables {table.source.union}" if table.source.union else _SHOWING[table.source.engine]
        reason = f"it shows rows of {whose} and keeps none: make it a view of them or a foreign table"
        notes.untranslated.append(Untranslated("rows", table.label, reason))
    for column in table.columns:
        if column.identity and (group := table.source.counted_within(column.source)):
            what = f"counted within each {group}, and counts over all rows now"
            notes.lossy.append(Loss(table.label, column.name, what))
        if column.source.generated:
            _compute(table, column, column.source.generated, notes)
        default = column.source.default
        settled = column.default is not None or column.identity or sequence_default(column) is not None
        if isinstance(default, Expression) and not settled:
            try:
                with refusing():
                    own = column_of(table, column, table.schema)
                    value = _translator(table, Scope()).value(_parsed(default))
                    value = assigned(shaped(value, column), own.kind, own.declared)
                column.default = Default(function=f"({value.sql})")
            except Refusal as refusal:
                label = f"{table.label}.{column.name}"
                notes.untranslated.append(Untranslated("default", label, str(refusal), default.sql))


def sequence_default(column: TargetColumn) -> tuple[str | None, str] | None:
    """The database and name of the sequence that a column takes its default from, as MariaDB writes it."""
    default = column.source.default
    if not isinstance(default, Expression):
        return None
    found = _NEXT_VALUE.fullmatch(default.sql)
    return (found[1], found[2]) if found else None


_NEXT_VALUE = re.compile(
    r"\s*(?:nextval\s*\(|next\s+value\s+for)\s*(?:`?(\w+)`?\s*\.\s*)?`?(\w+)`?\s*\)?\s*", re.IGNORECASE
)


def _compute(table: TargetTable, column: TargetColumn, generated: Expression, notes: Notes) -> None:
    try:
        value = _computed(table, column, generated)
        uses = _uses(table, generated)
        if value.stable:
            # What depends on a setting of the session is no generated column in PostgreSQL.
            value = _computed(table, column, generated, "new")
        column.computed = Computed(value.sql, uses, stored=not value.stable)
        column.cast = replace(column.cast, codec=Codec.SKIP)
    except Refusal as refusal:
        column.not_null = False  # dumps leave its values out
        reason = f"it is made as a plain column: {refusal}"
        label = f"{table.label}.{column.name}"
        notes.untranslated.append(Untranslated("generated column", label, reason, generated.sql))


def _computed(table: TargetTable, column: TargetColumn, generated: Expression, row: str = "") -> Value:
    own = column_of(table, column, table.schema)
    with refusing():
        value = _within_row(table, row).value(_parsed(generated))
        if own.kind is Kind.ENUM:  # its type is not where it will be before the rows are there
            return replace(as_text(value), stable=True)
        value = assigned(shaped(value, column), own.kind, own.declared)
    if column.source.type.unsigned and value.kind in NUMBERS and value.constant is None:
        # As MySQL computes it for rows of a dump, whose sessions are not strict.
        return composed("case when {0} < 0 then 0 else {0} end", value.kind, value, stable=value.stable)
    return value


def _uses(table: TargetTable, generated: Expression) -> frozenset[str]:
    from sqlglot import exp

    found = {column.name.lower() for column in _parsed(generated).find_all(exp.Column)}
    through = (c.computed.uses for c in table.columns if c.computed and c.source.name.lower() in found)
    return frozenset(found.union(*through))


def compute_by_trigger(table: TargetTable) -> None:
    """PostgreSQL refuses the generated columns as such: let a trigger compute them all."""
    for column in table.columns:
        column_computed, generated = column.computed, column.source.generated
        if column_computed and column_computed.stored and generated:
            column.computed = None
            value = _computed(table, column, generated, "new")
            column.computed = replace(column_computed, sql=value.sql, stored=False)


def recompute(table: TargetTable) -> None:
    """A column has another type than before: translate the generated columns again.

    Raises InputError when that cannot be done.
    """
    for column in table.columns:
        if column.computed and column.source.generated:
            row = "" if column.computed.stored else "new"
            computed, column.computed = column.computed, None
            try:
                value = _computed(table, column, column.source.generated, row)
            except Refusal as refusal:
                raise InputError(
                    f"the rows of {table.label} need another type than expected, with which the generated column "
                    f"{column.name} cannot be translated: {refusal}"
                ) from refusal
            column.computed = replace(computed, sql=value.sql)


def converted(
    old: TargetTable, new: TargetTable, altered: Alteration, schema: str
) -> list[tuple[TargetColumn, str]]:
    """The columns of an altered table that its rows have values for, and what those are, in terms of the old one.

    Raises InputError where MySQL's conversion of a type is not known.
    """
    found = []
    for column in new.columns:
        was = old.column(altered.origins.get(column.source.name.lower(), ""))
        if column.computed:
            continue
        if was is None:
            if column.source.auto_increment:
                found.append((column, "row_number() over ()"))
            continue
        own = column_of(new, column, schema)
        try:
            value = column_of(old, was, schema).value()
            if was.source.type != column.source.type:
                value = _renumbered(value, was, column, strict=altered.strict)
            value = as_text(value) if value.kind is Kind.ENUM else value
            if value.kind is Kind.TEXT and own.kind in NUMBERS and not altered.strict:
                value = composed(_BEGINNING, Kind.NUMERIC, value, atom=True)
                column.altered += (_CUT, _ROUNDED) if own.kind is Kind.INTEGER else (_CUT,)
            if value.kind is Kind.TEXT and own.kind is Kind.BYTES:
                value = octets_of(value, _encoding(was))
            if value.kind is Kind.BYTES and own.kind is Kind.TEXT:
                value = composed(f"convert_from({{0}}, '{_encoding(column)}')", Kind.TEXT, value, atom=True)
            value = assigned(value, own.kind, own.declared)
        except Refusal as refusal:
            raise InputError(
                f"the rows of {new.label} are altered in a way that is not known here: {refusal}: mend its CREATE "
                "TABLE in the source"
            ) from refusal
        found.append((column, _fitted(value, was, column, strict=altered.strict)))
    return found


_CUT = "what does not fit its new type was cut by ALTER TABLE, as without strict mode"
_ROUNDED = "fractions in text were rounded by ALTER TABLE, as by MySQL; MariaDB cuts them off"
# The number that a text begins with.
_BEGINNING = (
    r"coalesce(substring({0}::text from '^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?'), left({0}::text, 0) || '0')"
    "::numeric"
)


def _renumbered(value: Value, was: TargetColumn, column: TargetColumn, *, strict: bool) -> Value:
    """Members of an enum that were numbers, text or other members, and numbers that were members; others as they are.

    What is no member becomes the empty string where the session is not `strict`, else PostgreSQL refuses it.
    """
    if was.source.type.name == "enum" and kind_of(column.type) in NUMBERS:
        place = f"array_position({_members(was)}, {{0}}::text)"
        number = f"case when {{0}} is not null then coalesce({place}, 0) end"
        return composed(number, Kind.INTEGER, value)
    value = as_text(value) if value.kind is Kind.ENUM else value
    if column.source.type.name != "enum" or value.kind not in (Kind.TEXT, *NUMBERS):
        return value
    members = _members(column)
    found = f"({members})[({{0}})::integer]"
    if value.kind is Kind.TEXT:
        same = f"array_position({members.lower()}, rtrim(lower({{0}})))"
        found = f"({members})[coalesce({same}, substring({{0}}::text from '^[0-9]+$')::integer)]"
    if not strict:
        column.admit_empty()
        column.altered += (_CUT,)
    other = "{0}::text" if strict else "left({0}::text, 0)"
    return composed(f"coalesce({found}, {other})", Kind.TEXT, value, atom=True)


def _members(column: TargetColumn) -> str:
    return f"array[{', '.join(map(literal, column.source.type.members))}]::text[]"


def _holds(column: Column, was: Column) -> bool:
    """Whether a column has room for all that another one may have."""
    bounds, before = fitting.bounds(column), fitting.bounds(was)
    if bounds and before:
        return bounds[0] <= before[0] and before[1] <= bounds[1]
    return column.type == was.type or column.type.arguments >= was.type.arguments != ()


def _fitted(value: Value, was: TargetColumn, column: TargetColumn, *, strict: bool) -> str:
    """The value of an altered column as MySQL makes it fit, which is noted; what it refuses PostgreSQL refuses, too."""
    if not _holds(column.source, was.source):
        before, value = value, within(value, column, strict=strict)
        if before is not value and not strict and _CUT not in column.altered:
            column.altered += (_CUT,)
    if was.not_null or not column.not_null:
        return value.sql
    filler, shown = None, "the empty string"
    if column.source.type.name == "timestamp":
        filler, shown = "current_timestamp", "the time of the migration"
    elif not strict and column.cast.codec is Codec.DATE and column.policies.zero_dates is ZeroDates.NULL:
        column.not_null = False
    elif not strict and not column.enum and (made := implied(column)) is not None:
        filler, shown = literal(made), made or shown
    if filler is None:
        return value.sql
    column.altered += (f"NULL became {shown} where ALTER TABLE forbids it, as in MySQL",)
    return f"coalesce({value.sql}, {filler})"


_ENCODINGS = {
    **dict.fromkeys(("utf8", "utf8mb3", "utf8mb4", "ascii"), "UTF8"),
    "latin1": "WIN1252",
    "cp1250": "WIN1250",
    "cp1251": "WIN1251",
    "koi8r": "KOI8R",
    "gbk": "GBK",
}


def _encoding(column: TargetColumn) -> str:
    """PostgreSQL's name for the character set of a column's text, whose bytes count where it turns into them."""
    charset = column.charset or "utf8mb4"
    if charset not in _ENCODINGS:
        raise Refusal(f"{column.source.name} turns between bytes and text in {charset}")
    return _ENCODINGS[charset]


# What MariaDB writes for the type JSON; before PostgreSQL 16 there is no IS JSON, and a cast refuses the same.
_ONLY_JSON = re.compile(r'^("(?:[^"]|"")+"|\w+) is json$')


def checks(table: TargetTable) -> Iterator[tuple[Check, str | Refusal]]:
    """The table's checks and PostgreSQL's conditions for them, or why there is none."""
    for check in table.source.checks:
        if not check.enforced:
            yield check, Refusal("it is not enforced in MySQL either")
            continue
        try:
            with refusing():
                condition = _plain(table).boolean(_parsed(check.expression)).sql
            yield check, _ONLY_JSON.sub(r"\1 is null or \1::json is not null", condition)
        except Refusal as refusal:
            yield check, refusal


def _plain(table: TargetTable) -> "Expressions":
    """The translator for what may use generated columns by their names."""
    scope = Scope()
    for column in table.columns:
        scope.declare(column.source.name, column_of(table, column, table.schema).value())
    return _translator(table, scope)


def index_expression(table: TargetTable, expression: Expression) -> str:
    """A part of a key that MySQL computes. Raises Refusal."""
    with refusing():
        value = _plain(table).value(_parsed(expression))
    if value.stable:
        raise Refusal("the expression depends on the session's settings, which PostgreSQL does not index")
    return value.sql


def search_document(table: TargetTable, columns: list[str]) -> str:
    """What a full-text key over columns searches: the same as MATCH … AGAINST is translated to."""
    scope = _plain(table).scope
    return search_text([scope.column(column) for column in columns])


def touching(table: TargetTable) -> list[tuple[TargetColumn, str]]:
    """The columns with ON UPDATE CURRENT_TIMESTAMP, and what they are set to."""
    found = []
    for column in table.columns:
        if column.source.on_update:
            digits = column.source.type.arguments[0] if column.source.type.arguments else 0
            instant = column_of(table, column, table.schema).kind is Kind.INSTANT
            found.append((column, f"{'current_timestamp' if instant else 'localtimestamp'}({digits})"))
    return found
