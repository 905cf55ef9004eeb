"""What comes after the rows: identities, keys, checks, comments, foreign keys."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from ..model import WITHOUT_OVERLAPS, Index, IndexKind, IndexPart
from ..naming import Names
from ..notes import Loss, Notes, Untranslated
from ..plan import INTEGERS, TargetColumn, TargetTable
from ..references import PointedAt, referenced_key
from ..transcode.codecs import Codec
from ..translate.tables import checks, index_expression, search_document, touching
from ..translate.values import Refusal
from .attempt import Attempt
from .ddl import LOCAL_TRIGGERS, compare_exactly, row_function
from .quoting import literal, name

_MOST_KEY_BYTES = 2704  # of an index's row: a third of a page (PostgreSQL manual, "B-Tree Indexes")


class Keys:
    """The statements that come after the rows: identities, keys, checks, comments, foreign keys."""

    def __init__(
        self, place: Callable[[TargetTable], str], names: Names, notes: Notes, *, may_fall_back: bool = False
    ) -> None:
        self.place = place
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
        target = name(self.place(table), table.name)
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
        target = name(self.place(table), table.name)
        if table.distribution is None:
            if not column.not_null:
                yield f"alter table {target} alter {name(column.name)} set not null"
            yield f"alter table {target} alter {name(column.name)} add generated by default as identity"
        elif column.name not in table.distribution.counting:
            reason = "it is said after the rows, when Citus has shared the table out: no column can be given it then"
            self._lose("AUTO_INCREMENT", f"{table.label}.{column.name}", reason)
            return
        # MySQL's counter may stand beyond the highest key (rows deleted since); it never goes back.
        # One that stands beyond the type has none left: the next row is refused, as in MySQL.
        least, most = table.source.auto_increment or 1, INTEGERS[column.type]
        following = (
            f"greatest({least}, (select coalesce(max({name(column.name)}), 0)::numeric + 1 from {target}))"
        )
        yield (
            f"select setval(pg_get_serial_sequence({literal(target)}, {literal(column.name)}), "
            f"least({following}, {most})::bigint, {following} > {most})"
        )

    def _index(self, table: TargetTable, index: Index, number: int) -> Iterator[str | Attempt]:
        target = name(self.place(table), table.name)
        label = f"{table.label}.{index.name or index.kind.value}"
        if any((part.column or "").lower() in table.skipped for part in index.parts):
            self._lose("index", label, "a rule leaves one of its columns out")
            return
        wanted = index.name or "_".join(part.column or "expression" for part in index.parts)
        if index.kind is IndexKind.PRIMARY:
            wanted = "pkey"
        what = f"index {wanted}" if index.name else f"index {number} {wanted}"
        own = self._free(table, f"{table.name}_{wanted}", what)
        index = self._on_one_server(table, index)
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
        comment = f"comment on index {name(self.place(table), own)} is {literal(index.comment or '')}"
        rest = [comment] if index.comment else []
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
            rest = [f"alter table {target} add constraint {name(own)} primary key using index {name(own)}"]
        made: str | Attempt = f"create {'unique ' if unique else ''}index {name(own)} on {target} ({parts})"
        if _may_be_long(table, index):
            made, rest = self._long(table, index, own, Attempt("index", label, "", (made, *rest))), []
        yield self._unique(table, index, made) if unique else made
        yield from rest

    def _long(self, table: TargetTable, index: Index, own: str, made: Attempt) -> Attempt:
        """A key that some value may be too long for; one over a single part can be a hash index then."""
        target, (first, *more) = name(self.place(table), table.name), index.parts
        part = self._part(table, replace(first, descending=False))
        comments = [one for one in made.statements if isinstance(one, str) and one.startswith("comment")]
        if more:
            otherwise, instead = [], "; no index stands in its place: one over md5() of these columns would"
        elif index.kind is IndexKind.PLAIN:
            otherwise = [f"create index {name(own)} on {target} using hash ({part})", *comments]
            instead = "; a hash index stands in its place, which finds what is equal"
        else:
            unique = f"constraint {name(own)} exclude using hash ({part} with =)"
            otherwise = [f"alter table {target} add {unique}", *comments]
            instead = "; an exclusion constraint keeps it unique, which no foreign key can point at"
        return replace(made, otherwise=tuple(otherwise), caught="program_limit_exceeded", instead=instead)

    def _on_one_server(self, table: TargetTable, index: Index) -> Index:
        """The key with the column by which its table is shared out: Citus compares rows on one server only."""
        column = table.distribution and table.distribution.column
        if not column or index.kind not in (IndexKind.PRIMARY, IndexKind.UNIQUE):
            return index
        if any(_named(table, part.column or "") == column for part in index.parts):
            return index
        what = f"the key {index.name or index.kind.value} is unique together with it only, which shares the rows out"
        loss = Loss(table.label, column, what, option="--distribute")
        if loss not in self._notes.lossy:
            self._notes.lossy.append(loss)
        source = next(one.source.name for one in table.columns if one.name == column)
        return replace(index, parts=(*index.parts, IndexPart(source)))

    def _unique(self, table: TargetTable, index: Index, made: str | Attempt) -> str | Attempt:
        """What makes it; where it was ours to choose how text compares, exactly should it hold the same key twice.

        ICU and citext take some words for the same that MySQL tells apart, such as ß and ss in utf8mb4_general_ci.
        """
        loose = self.loose(table, index)
        if not (loose and self._may_fall_back):
            return made
        exactly = (compare_exactly(table, column, self.place(table)) for column in loose)
        label = self.comparison(table, index)
        twice = "unique_violation or exclusion_violation"
        return Attempt("comparison", label.partition(" ")[2], "", (made,), (*exactly, made), twice)

    def loose(self, table: TargetTable, index: Index) -> list[TargetColumn]:
        """The columns of a key that ignore case."""
        columns = [table.column(part.column or "") for part in index.parts]
        return [column for column in columns if column and column.exact_type]

    def comparison(self, table: TargetTable, index: Index) -> str:
        """The label of the attempt at a unique key over columns that ignore case."""
        return f"comparison {table.label}.{index.name or index.kind.value}"

    def _special_index(self, table: TargetTable, index: Index, own: str) -> str | None:
        """The statement for a key that is not over columns alone. Raises Refusal."""
        target = name(self.place(table), table.name)
        for part in index.parts:
            if part.expression and part.expression.sql.endswith(WITHOUT_OVERLAPS):
                period = part.expression.sql.removesuffix(WITHOUT_OVERLAPS)
                raise Refusal(
                    f"nothing keeps spans of {period} apart: an exclusion constraint of your own would"
                )
        if index.kind is IndexKind.FULLTEXT:
            columns = [part.column or "" for part in index.parts]
            return f"create index {name(own)} on {target} using gin ({search_document(table, columns)})"
        if index.kind is IndexKind.VECTOR:
            raise Refusal("a vector is kept as bytes, which no index searches by distance")
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
        target = name(self.place(table), table.name)
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
        local = f"{LOCAL_TRIGGERS};\n" if table.distribution else ""
        for statement in row_function(table, self.place(table), "!on_update", "update", lines):
            yield local + statement

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

    def foreign_keys(self, table: TargetTable, pointed_at: PointedAt) -> Iterator[str | Attempt]:
        """The references from this table; each is added without a look at the rows, then checked.

        Citus decides which of them it can keep between tables that it shares out, and the rows whether they keep
        those that MyISAM never held them to.
        """
        target = name(self.place(table), table.name)
        for key in table.source.foreign_keys:
            label = f"{table.label}.{key.name or '_'.join(key.columns)}"
            other = pointed_at(table.source, key)
            if other is None:
                self._lose(
                    "foreign key", label, f"the table {key.table} it points at is not in this migration"
                )
                continue
            left_out = {name.lower() for name in key.columns} & table.skipped
            if left_out or {name.lower() for name in key.referenced} & other.skipped:
                self._lose("foreign key", label, "a rule leaves one of its columns out")
                continue
            found = referenced_key(key, other.source)
            if key.referenced and found is None:
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
            reference = (
                f"alter table {target} add constraint {name(own)} foreign key ({columns}) "
                f"references {name(self.place(other), other.name)} ({referenced}){actions}"
            )
            uncertain = found is not None and _may_be_long(other, found)
            if uncertain or table.distribution or other.distribution or not table.source.keeps_references:
                yield Attempt("foreign key", label, "", (reference,))
                continue
            yield f"{reference} not valid"
            yield f"alter table {target} validate constraint {name(own)}"

    def _free(self, table: TargetTable, wanted: str, what: str, space: str = "") -> str:
        # Indexes share a schema's name space with tables; constraints only their own table's.
        names = f"{table.space.scope}.{table.name} constraints" if space else table.space.scope
        return self._names.give(names, wanted, f"{table.label}: {what}")


def _is_setting(statement: str | Attempt) -> bool:
    return isinstance(statement, str) and statement.startswith("select setval")


def _is_unique(statement: str | Attempt) -> bool:
    if isinstance(statement, Attempt):
        return statement.first.startswith("create unique index")
    of_partitions = " primary key (" in statement and statement.startswith("alter table")
    return statement.startswith("create unique index") or of_partitions


def _holds_null(table: TargetTable, part: IndexPart) -> bool:
    column = table.column(part.column or "")
    return column is not None and not column.not_null and not column.source.nullable


def _may_be_long(table: TargetTable, index: Index) -> bool:
    """Whether a row of it may be longer than a B-tree takes."""
    return sum(_most_bytes(table, part) for part in index.parts) > _MOST_KEY_BYTES


def _most_bytes(table: TargetTable, part: IndexPart) -> float:
    """How long a value of a part of a key can be."""
    column = table.column(part.column or "")
    if column is None or column.cast.codec not in (Codec.TEXT, Codec.BYTES):
        return 16
    declared = part.length or next(iter(column.source.type.arguments), math.inf)
    return declared * (4 if column.cast.codec is Codec.TEXT else 1)


def _named(table: TargetTable, source_name: str) -> str:
    column = table.column(source_name)
    return column.name if column else source_name.lower()
