"""From a plan to PostgreSQL's data definition statements. Every name is quoted, every constant a literal."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from ..naming import fitted
from ..plan import (
    INTEGERS,
    Default,
    TargetColumn,
    TargetTable,
)
from ..policies import ZeroDates
from ..references import agreed, exact_ends
from ..transcode.codecs import Codec
from ..translate.tables import recompute
from .quoting import dollar_quoted
from .quoting import literal as literal
from .quoting import name as name


def create_table(table: TargetTable, schema: str) -> Iterator[str]:
    """The table and the types it needs, without keys: those come when the rows are in."""
    for column in table.columns:
        if column.enum:
            members = ", ".join(literal(member) for member in column.enum.members)
            yield f"create type {name(schema, column.enum.name)} as enum ({members})"
    columns = ",\n  ".join(_column(column, schema) for column in table.columns)
    shared = f" partition by {table.partitions.method}" if table.partitions else ""
    yield f"create table {name(schema, table.name)} (\n  {columns}\n){shared}"
    for part in table.partitions.parts if table.partitions else ():
        yield (f"create table {name(schema, part.name)} partition of {name(schema, table.name)} {part.bound}")
    computed = [column for column in table.columns if column.computed and not column.computed.stored]
    if computed:
        lines = [
            f"new.{name(column.name)} := {column.computed.sql};" for column in computed if column.computed
        ]
        yield from row_function(table, schema, "~generated", "insert or update", lines)


def row_function(
    table: TargetTable, schema: str, trigger: str, events: str, lines: list[str]
) -> Iterator[str]:
    """A trigger before every row that sets columns of it; its function goes where the table goes.

    Triggers act in the order of their names: `!…` before those of the source, `~…` after them.
    """
    own = fitted(f"{table.name}_{trigger[1:]}")
    if own not in table.functions:
        table.functions.append(own)
    body = dollar_quoted(
        "\n".join(["", "begin", *(f"  {line}" for line in lines), "  return new;", "end", ""]), "body"
    )
    yield f"create or replace function {name(schema, own)}() returns trigger language plpgsql as {body}"
    yield (
        f"create trigger {name(trigger)} before {events} on {name(schema, table.name)} "
        f"for each row execute function {name(schema, own)}()"
    )


def drop_table(table: TargetTable, schema: str) -> Iterator[str]:
    """The table and its types away again."""
    yield f"drop table if exists {name(schema, table.name)}"
    yield from drop_functions(table, schema)
    yield from drop_types(table, schema)


def drop_types(table: TargetTable, schema: str) -> Iterator[str]:
    """The types of a table that is gone away too."""
    for column in table.columns:
        if column.enum:
            yield f"drop type if exists {name(schema, column.enum.name)}"


def set_aside(table: TargetTable, schema: str, aside: str) -> Iterator[str]:
    """A table of that name, if there is one, and its types into another schema."""
    parts = [part.name for part in table.partitions.parts] if table.partitions else []
    for relation in (table.name, *parts):
        yield f"alter table if exists {name(schema, relation)} set schema {name(aside)}"
    for column in table.columns:
        if column.enum:
            kind = name(schema, column.enum.name)
            moved = f"alter type {kind} set schema {name(aside)}"
            yield f"do {literal(f'begin if to_regtype({literal(kind)}) is not null then {moved}; end if; end')}"


def rename_table(table: TargetTable, new: TargetTable, schema: str) -> Iterator[str]:
    """A table and what goes with it under the names of another plan with the same columns."""
    yield _renamed("table", table.name, new.name, schema)
    for column, other in zip(table.columns, new.columns, strict=True):
        if column.enum and other.enum:
            yield _renamed("type", column.enum.name, other.enum.name, schema)
    parts = zip(*(one.partitions.parts if one.partitions else () for one in (table, new)), strict=True)
    yield from (_renamed("table", part.name, other.name, schema) for part, other in parts)
    for function in table.functions:
        own = fitted(f"{new.name}{function.removeprefix(table.name)}")
        new.functions.append(own)
        yield _renamed("function", function, own, schema)


def _renamed(kind: str, old: str, new: str, schema: str) -> str:
    if old == new:
        return "select"
    return f"alter {kind} {name(schema, old)}{'()' if kind == 'function' else ''} rename to {name(new)}"


def rebuild_table(
    table: TargetTable,
    new: TargetTable,
    values: list[tuple[TargetColumn, str]],
    schema: str,
    implied: Iterable[str],
) -> Iterator[str]:
    """A table made anew by another plan, with its rows; `implied` are statements before these come."""
    aside = "migrate altered"
    yield f"alter table {name(schema, table.name)} rename to {name(aside)}"
    relations = [(part.name, "table") for part in table.partitions.parts] if table.partitions else []
    types = [(column.enum.name, "type") for column in table.columns if column.enum]
    for number, (own, kind) in enumerate((*relations, *types)):
        yield _renamed(kind, own, f"{aside} {number}", schema)
    for function in table.functions:
        yield f"drop function {name(schema, function)}() cascade"
    yield from create_table(new, schema)
    yield from implied
    listed = ", ".join(name(column.name) for column, _ in values)
    made = ", ".join(value for _, value in values)
    yield f"insert into {name(schema, new.name)} ({listed}) select {made} from {name(schema, aside)}"
    yield f"drop table {name(schema, aside)}"
    for number, (_, kind) in enumerate((*relations, *types)):
        if kind == "type":
            yield f"drop type {name(schema, f'{aside} {number}')}"


def drop_functions(table: TargetTable, schema: str) -> Iterator[str]:
    """The functions of a table's own triggers away, once the table is."""
    for function in table.functions:
        yield f"drop function if exists {name(schema, function)}()"


def move_table(table: TargetTable, schema: str) -> Iterator[str]:
    """The table and its types from that schema to the one they are to land in."""
    final = name(table.schema)
    for column in table.columns:
        if column.enum:
            yield f"alter type {name(schema, column.enum.name)} set schema {final}"
    yield f"alter table {name(schema, table.name)} set schema {final}"
    for part in table.partitions.parts if table.partitions else ():
        yield f"alter table {name(schema, part.name)} set schema {final}"
    for function in table.functions:
        yield f"alter function {name(schema, function)}() set schema {final}"


def column_type(column: TargetColumn, schema: str) -> str:
    """The column's type as it stands in a statement."""
    return name(schema, column.enum.name) if column.enum else column.type


def _column(column: TargetColumn, schema: str) -> str:
    text = f"{name(column.name)} {column_type(column, schema)}"
    if column.collation:
        text += f" collate {name(column.collation.schema, column.collation.name)}"
    if column.longest is not None:
        bound = f"check (char_length({name(column.name)}) <= {column.longest})"
        text += f" constraint {name(column.length_check)} {bound}"
    if column.default:
        text += " default " + _default(column.default)
    if column.computed and column.computed.stored:
        text += f" generated always as ({column.computed.sql}) stored"
    return text + (" not null" if column.not_null else "")


def _default(default: Default) -> str:
    return default.function if default.function is not None else literal(default.constant or "")


def copy(table: TargetTable, columns: list[TargetColumn], schema: str, *, made_with_it: bool = False) -> str:
    """The COPY that rows of these columns are for.

    Rows of a table that is `made_with_it`, by the same transaction, come frozen: no vacuum has to write them again.
    """
    listed = ", ".join(name(column.name) for column in columns)
    frozen = " with (freeze)" if made_with_it and not table.partitions else ""
    which = f" where {table.condition}" if table.condition else ""
    return f"copy {name(schema, table.name)} ({listed}) from stdin{frozen}{which}"


def widen(table: TargetTable, column: TargetColumn, wider: str, schema: str) -> str:
    """Give a column its wider type.

    PostgreSQL changes no type that a generated column is computed from: those are made anew, as the table's last.
    """
    computed = _computed_from(table, column)
    drops = "".join(f"drop column {name(other.name)}, " for other in computed)
    adds = ""
    if computed:
        narrow, column.type = column.type, wider
        recompute(table)
        adds = "".join(f", add column {_column(other, schema)}" for other in computed)
        column.type = narrow
    # There is no cast from boolean to smallint.
    through = "integer::smallint" if wider == "smallint" else wider
    # Numbers that came early end with the integers; no other type has an identity.
    ends = column.identity and wider not in INTEGERS
    own = f"alter table {name(schema, table.name)} alter {name(column.name)}"
    numbers = f"{own} drop identity if exists; " if ends else ""
    old_default = f"alter {name(column.name)} drop default, " if column.default else ""
    new_default = (
        f", alter {name(column.name)} set default {_default(column.default)}" if column.default else ""
    )
    return (
        f"{numbers}alter table {name(schema, table.name)} {drops}{old_default}"
        f"alter {name(column.name)} type {wider} using {name(column.name)}::{through}{new_default}{adds}"
    )


def compare_exactly(table: TargetTable, column: TargetColumn, schema: str) -> str:
    """Let a column that ignored case regard it."""
    return (
        f"alter table {name(schema, table.name)} alter {name(column.name)} type {column.bare_type} "
        'collate "default"'
    )


def _computed_from(table: TargetTable, column: TargetColumn) -> list[TargetColumn]:
    return [
        other
        for other in table.columns
        if other.computed and other.computed.stored and column.source.name.lower() in other.computed.uses
    ]


def add_empty_member(column: TargetColumn, schema: str) -> str:
    """Let an enum hold the empty string, which MySQL orders before all members."""
    assert column.enum is not None
    first = f" before {literal(column.enum.members[0])}" if column.enum.members else ""
    return f"alter type {name(schema, column.enum.name)} add value if not exists ''{first}"


def agree(
    tables: Mapping[tuple[str | None, str], TargetTable], place: Callable[[TargetTable], str]
) -> Iterator[str]:
    """The statements that give both ends of every foreign key one type; the plan changes with each."""
    for table, column, wider in agreed(tables):
        yield widen(table, column, wider, place(table))
        column.widen(wider)
    for table, column in exact_ends(tables):
        yield compare_exactly(table, column, place(table))
        column.compare_exactly()


def imply(table: TargetTable, column: TargetColumn, schema: str) -> str | None:
    """Let rows leave out a column that has to have a value, as MySQL does without strict mode; None where it cannot."""
    target = f"alter table {name(schema, table.name)} alter {name(column.name)}"
    codec, kind = column.cast.codec, column.source.type
    if codec is Codec.DATE and column.policies.zero_dates is ZeroDates.NULL:
        column.implied, column.not_null = "NULL, for its zero date", False
        return f"{target} drop not null"
    bits = "0" * column.cast.width
    fixed = "00" * (kind.arguments[0] if kind.arguments else 1) if kind.name == "binary" else ""
    values = {
        Codec.NUMBER: "0", Codec.UNSIGNED: "0", Codec.BOOLEAN: "0", Codec.BITS: bits, Codec.TEXT: "",
        Codec.BYTES: f"\\x{fixed}", Codec.SET: "{}", Codec.TIME: "00:00:00",
        Codec.ENUM: kind.members[0] if kind.members else "",
    }  # fmt: skip
    column.implied = values.get(codec)
    return f"{target} set default {literal(column.implied)}" if column.implied is not None else None


def drop_not_null(table: TargetTable, column: TargetColumn, schema: str) -> str:
    """Let a column hold NULL."""
    return f"alter table {name(schema, table.name)} alter {name(column.name)} drop not null"


def tolerant(statement: str) -> str:
    """The same statement; when it checks a reference, rows without what they point at leave that as it is."""
    if " validate constraint " not in statement:
        return statement
    body = f"begin {statement}; exception when foreign_key_violation then null; end"
    return f"do {literal(body)}"


def set_sequences(table: TargetTable, schema: str) -> Iterator[str]:
    """Let the sequences of a table that was there before go on beyond its highest keys."""
    target = name(schema, table.name)
    for column in table.columns:
        if column.type in ("smallint", "integer", "bigint"):
            sequence = f"pg_get_serial_sequence({literal(target)}, {literal(column.name)})"
            yield (
                f"select setval({sequence}, (select coalesce(max({name(column.name)}::bigint), 0) + 1 "
                f"from {target}), false) where {sequence} is not null"
            )
