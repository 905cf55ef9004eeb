"""From a plan to PostgreSQL's data definition statements. Every name is quoted, every constant a literal."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from ..model import Index, IndexKind, IndexPart
from ..naming import Names, fitted
from ..plan import (
    INTEGERS,
    Default,
    Loss,
    Notes,
    TargetColumn,
    TargetTable,
    Untranslated,
    scope,
)
from ..policies import ZeroDates
from ..references import agreed, exact_ends, referenced_key
from ..transcode.codecs import Codec
from ..translate.tables import checks, index_expression, recompute, search_document, touching
from ..translate.values import Refusal
from .attempt import Attempt
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
        yield from _row_function(table, schema, "~generated", "insert or update", lines)


def _row_function(
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


class Keys:
    """The statements that come after the rows: identities, keys, checks, comments, foreign keys."""

    def __init__(
        self, place: Callable[[TargetTable], str], names: Names, notes: Notes, *, may_fall_back: bool = False
    ) -> None:
        self._place = place
        self._may_fall_back = may_fall_back
        self._names = names
        self._notes = notes
        self._early: dict[TargetTable, set[str | Attempt]] = {}

    def early(self, table: TargetTable) -> list[str | Attempt]:
        """What `of` gives, for a table that triggers write to before its own rows have come."""
        return self._earlier(table, list(self._all(table)))

    def for_changes(self, table: TargetTable) -> list[str | Attempt]:
        """What `of` gives that matters when rows change others before all have come.

        These are unique indexes, the trigger for ON UPDATE CURRENT_TIMESTAMP, and identities, which go on from the
        rows that are there now.
        """
        unique = [one for one in self._all(table) if _is_unique(one)]
        numbers = [one for column in table.columns for one in self._identity(table, column)]
        early = self._earlier(table, [*unique, *self._touch(table), *numbers])
        return early + [one for one in numbers if one not in early and _is_setting(one)]

    def is_early(self, table: TargetTable) -> bool:
        """Whether it has keys already."""
        return bool(self._early.get(table))

    def _earlier(self, table: TargetTable, statements: list[str | Attempt]) -> list[str | Attempt]:
        made = self._early.setdefault(table, set())
        new = [one for one in statements if one not in made]
        made.update(new)
        return new

    def of(self, table: TargetTable) -> Iterator[str | Attempt]:
        """Everything that concerns this table alone, in order; indexes are its slow part."""
        early = self._early.get(table, set())
        for statement in self._all(table):
            if statement not in early or _is_setting(statement):
                yield statement

    @staticmethod
    def builds(statement: str | Attempt) -> bool:
        """Whether a statement of `of` builds an index: these need one another in no way, and run side by side."""
        if isinstance(statement, Attempt):
            return statement.kind in ("index", "comparison")
        return statement.startswith(("create index", "create unique index"))

    def _all(self, table: TargetTable) -> Iterator[str | Attempt]:
        target = name(self._place(table), table.name)
        for number, index in enumerate(table.source.indexes):
            yield from self._index(table, index, number)
        for column in table.columns:
            yield from self._identity(table, column)
            if column.implied is not None:
                yield f"alter table {target} alter {name(column.name)} drop default"
            if column.members:
                members = ", ".join(literal(member) for member in column.members)
                constraint = self._free(
                    table, f"{table.name}_{column.name}_members", f"{column.name} members"
                )
                among = (
                    f"{name(column.name)} <@ array[{members}]::text[]"
                    if column.cast.codec is Codec.SET
                    else f"{name(column.name)} in ({members})"
                )
                statement = f"alter table {target} add constraint {name(constraint)} check ({among})"
                yield Attempt("check", f"{table.label}.{constraint}", str(column.source.type), (statement,))
            if column.source.comment:
                yield f"comment on column {target}.{name(column.name)} is {literal(column.source.comment)}"
        yield from self._checks(table)
        yield from self._touch(table)
        if table.source.comment:
            yield f"comment on table {target} is {literal(table.source.comment)}"

    def _identity(self, table: TargetTable, column: TargetColumn) -> Iterator[str]:
        if not column.identity:
            return
        target = name(self._place(table), table.name)
        if not column.not_null:
            yield f"alter table {target} alter {name(column.name)} set not null"
        yield f"alter table {target} alter {name(column.name)} add generated by default as identity"
        # MySQL's counter may stand beyond the highest key (rows deleted since); it never goes back.
        least = table.source.auto_increment or 1
        yield (
            f"select setval(pg_get_serial_sequence({literal(target)}, {literal(column.name)}), "
            f"greatest({least}, (select coalesce(max({name(column.name)}), 0) + 1 from {target})), false)"
        )

    def _index(self, table: TargetTable, index: Index, number: int) -> Iterator[str | Attempt]:
        target = name(self._place(table), table.name)
        label = f"{table.label}.{index.name or index.kind.value}"
        if any((part.column or "").lower() in table.skipped for part in index.parts):
            self._lose("index", label, "a rule leaves one of its columns out")
            return
        wanted = index.name or "_".join(part.column or "expression" for part in index.parts)
        if index.kind is IndexKind.PRIMARY:
            wanted = "pkey"
        what = f"index {wanted}" if index.name else f"index {number} {wanted}"
        own = self._free(table, f"{table.name}_{wanted}", what)
        try:
            special = self._special_index(table, index, own)
        except Refusal as refusal:
            self._lose("index", label, str(refusal))
            return
        if special is not None:
            yield Attempt("index", label, "", (special,))
            return
        parts = ", ".join(self._part(table, part) for part in index.parts)
        unique = index.kind is not IndexKind.PLAIN
        # PostgreSQL's primary keys hold whole columns: one over prefixes becomes a unique index.
        nulled = [part.column for part in index.parts if _holds_null(table, part)]
        if index.kind is IndexKind.PRIMARY and nulled:
            what = "is unique and no primary key, since zero dates in it became NULL"
            self._notes.lossy.append(Loss(table.label, nulled[0], what, option="--zero-dates"))
        elif index.kind is IndexKind.PRIMARY and all(part.length is None for part in index.parts):
            if table.partitions:  # PostgreSQL does not make a key of them from an index
                columns = ", ".join(name(_named(table, part.column or "")) for part in index.parts)
                yield f"alter table {target} add constraint {name(own)} primary key ({columns})"
                return
            # … and has none of them in descending order.
            parts = ", ".join(self._part(table, replace(part, descending=False)) for part in index.parts)
            yield self._unique(table, index, f"create unique index {name(own)} on {target} ({parts})")
            yield f"alter table {target} add constraint {name(own)} primary key using index {name(own)}"
            return
        if unique:
            yield self._unique(table, index, f"create unique index {name(own)} on {target} ({parts})")
        else:
            yield f"create index {name(own)} on {target} ({parts})"
        if index.comment:
            yield f"comment on index {name(self._place(table), own)} is {literal(index.comment)}"

    def _unique(self, table: TargetTable, index: Index, statement: str) -> str | Attempt:
        """The statement; where it was ours to choose how text compares, exactly should it hold the same key twice.

        ICU and citext take some words for the same that MySQL tells apart, such as ß and ss in utf8mb4_general_ci.
        """
        loose = self.loose(table, index)
        if not (loose and self._may_fall_back):
            return statement
        exactly = (compare_exactly(table, column, self._place(table)) for column in loose)
        label = self.comparison(table, index)
        return Attempt("comparison", label.partition(" ")[2], "", (statement,), (*exactly, statement))

    def loose(self, table: TargetTable, index: Index) -> list[TargetColumn]:
        """The columns of a key that ignore case."""
        columns = [table.column(part.column or "") for part in index.parts]
        return [column for column in columns if column and column.exact_type]

    def comparison(self, table: TargetTable, index: Index) -> str:
        """The label of the attempt at a unique key over columns that ignore case."""
        return f"comparison {table.label}.{index.name or index.kind.value}"

    def _special_index(self, table: TargetTable, index: Index, own: str) -> str | None:
        """The statement for a key that is not over columns alone. Raises Refusal."""
        target = name(self._place(table), table.name)
        if index.kind is IndexKind.FULLTEXT:
            columns = [part.column or "" for part in index.parts]
            return f"create index {name(own)} on {target} using gin ({search_document(table, columns)})"
        if index.kind is IndexKind.SPATIAL:
            [part] = index.parts
            column = table.column(part.column or "")
            if column is None or not column.type.startswith("geometry"):
                raise Refusal("the geometry is kept as bytes, which no index searches by place")
            return f"create index {name(own)} on {target} using gist ({name(column.name)})"
        if any(part.expression for part in index.parts):
            parts = ", ".join(
                f"({index_expression(table, part.expression)})" + (" desc" if part.descending else "")
                if part.expression
                else self._part(table, part)
                for part in index.parts
            )
            unique = "unique " if index.kind is IndexKind.UNIQUE else ""
            return f"create {unique}index {name(own)} on {target} ({parts})"
        return None

    def _checks(self, table: TargetTable) -> Iterator[Attempt]:
        target = name(self._place(table), table.name)
        for number, (check, condition) in enumerate(checks(table), 1):
            label = f"{table.label}.{check.name or f'check {number}'}"
            if isinstance(condition, Refusal):
                self._lose("check", label, str(condition), check.expression.sql)
                continue
            wanted = check.name or f"{table.name}_check_{number}"
            own = self._free(table, wanted, f"check {wanted}", "constraint")
            statement = f"alter table {target} add constraint {name(own)} check ({condition})"
            yield Attempt("check", label, check.expression.sql, (statement,))

    def _touch(self, table: TargetTable) -> Iterator[str]:
        """ON UPDATE CURRENT_TIMESTAMP: another column has changed, and this one was not set."""
        columns = touching(table)
        if not columns:
            return
        lines = []
        for column, now in columns:
            own = name(column.name)
            lines += [
                f"if new.{own} is not distinct from old.{own} and new is distinct from old then",
                f"  new.{own} := {now};",
                "end if;",
            ]
        yield from _row_function(table, self._place(table), "!on_update", "update", lines)

    def _lose(self, kind: str, label: str, reason: str, sql: str = "") -> None:
        lost = Untranslated(kind, label, reason, sql)
        if lost not in self._notes.untranslated:
            self._notes.untranslated.append(lost)

    def _part(self, table: TargetTable, part: IndexPart) -> str:
        column = table.column(part.column or "")
        text = name(column.name if column else part.column or "")
        if part.length is not None and column is not None:
            if column.cast.codec in (Codec.TEXT, Codec.ENUM) and not column.enum:
                text = f"left({text}, {part.length})" + ("::citext" if column.type == "citext" else "")
            elif column.cast.codec is Codec.BYTES:
                text = f"substring({text} from 1 for {part.length})"
        if text[0] != '"':
            text = f"({text})"
        return text + (" desc" if part.descending else "")

    def foreign_keys(
        self, table: TargetTable, tables: dict[tuple[str | None, str], TargetTable]
    ) -> Iterator[str]:
        """The references from this table; each is added without a look at the rows, then checked."""
        target = name(self._place(table), table.name)
        by_lower = {(key[0], key[1].lower()): other for key, other in tables.items()}
        for key in table.source.foreign_keys:
            label = f"{table.label}.{key.name or '_'.join(key.columns)}"
            other = by_lower.get((key.database or table.source.database, key.table.lower()))
            if other is None:
                self._lose(
                    "foreign key", label, f"the table {key.table} it points at is not in this migration"
                )
                continue
            left_out = {name.lower() for name in key.columns} & table.skipped
            if left_out or {name.lower() for name in key.referenced} & other.skipped:
                self._lose("foreign key", label, "a rule leaves one of its columns out")
                continue
            if key.referenced and referenced_key(key, other.source) is None:
                self._lose(
                    "foreign key", label, f"it points at columns of {key.table} that have no unique key"
                )
                continue
            own = self._free(
                table,
                key.name or f"{table.name}_{'_'.join(key.columns)}_fkey",
                f"foreign key {label}",
                "constraint",
            )
            columns = ", ".join(name(_named(table, column)) for column in key.columns)
            referenced = ", ".join(name(_named(other, column)) for column in key.referenced)
            actions = "".join(
                f" on {event} {action}"
                for event, action in (("delete", key.on_delete), ("update", key.on_update))
                if action and action != "restrict"
            )
            yield (
                f"alter table {target} add constraint {name(own)} foreign key ({columns}) "
                f"references {name(self._place(other), other.name)} ({referenced}){actions} not valid"
            )
            yield f"alter table {target} validate constraint {name(own)}"

    def _free(self, table: TargetTable, wanted: str, what: str, space: str = "") -> str:
        # Indexes share a schema's name space with tables; constraints only their own table's.
        names = f"{scope(table.space)}.{table.name} constraints" if space else scope(table.space)
        return self._names.give(names, wanted, f"{table.label}: {what}")


def _is_setting(statement: str | Attempt) -> bool:
    return isinstance(statement, str) and statement.startswith("select setval")


def _is_unique(statement: str | Attempt) -> bool:
    if isinstance(statement, Attempt):
        return statement.statements[0].startswith("create unique index")
    of_partitions = " primary key (" in statement and statement.startswith("alter table")
    return statement.startswith("create unique index") or of_partitions


def _holds_null(table: TargetTable, part: IndexPart) -> bool:
    column = table.column(part.column or "")
    return column is not None and not column.not_null and not column.source.nullable


def _named(table: TargetTable, source_name: str) -> str:
    column = table.column(source_name)
    return column.name if column else source_name.lower()
