"""What names mean: the tables and columns of the target by MySQL's names, and the variables of a program."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..model import IndexKind
from ..mysql.wkt import LATITUDE_FIRST
from ..naming import fitted
from ..plan import TargetColumn, TargetTable
from ..postgres.quoting import name
from ..rules import collation_of
from .values import Kind, Loose, Refusal, Value, kind_of


@dataclass(frozen=True)
class Column:
    """A column of the target; `declared` is its PostgreSQL type."""

    name: str
    kind: Kind
    declared: str | None = None
    exact: bool = False
    identity: bool = False
    generated: bool = False
    loose: Loose | None = None
    padded: bool = False
    planned: TargetColumn | None = field(default=None, compare=False)

    def value(self, qualifier: str | None = None) -> Value:
        """The column as a value, of the table that the qualifier names."""
        sql = name(qualifier, self.name) if qualifier else name(self.name)
        scale = scale_of(self.declared, self.kind)
        return Value(sql, self.kind, scale=scale, exact=self.exact, loose=self.loose, padded=self.padded)


@dataclass(frozen=True)
class Relation:
    """A table, view or other source of rows: its columns by MySQL's names in lower case."""

    sql: str
    columns: Mapping[str, Column]
    key: frozenset[str] = frozenset()
    unique: tuple[tuple[str, ...], ...] = ()

    def column(self, source: str) -> Column | None:
        """The column of that name of MySQL's; those of views and queries go by the names they have here."""
        return self.columns.get(source.lower()) or self.columns.get(own_name(source))

    @property
    def name(self) -> str:
        """Its own name, as a query without an alias says it."""
        return self.sql.rpartition('."')[2].strip('"').replace('""', '"')


def own_name(source: str) -> str:
    """The name that an alias, variable or output column of the source has in the target."""
    return fitted(source.lower())


def relation_of(table: TargetTable, schema: str) -> Relation:
    """A table of the target in a schema, with what is known of its keys."""
    keys = [
        tuple((part.column or "").lower() for part in index.parts)
        for index in table.source.indexes
        if index.kind in (IndexKind.PRIMARY, IndexKind.UNIQUE)
        and all(part.column and part.length is None for part in index.parts)
    ]
    primary = next((index for index in table.source.indexes if index.kind is IndexKind.PRIMARY), None)
    key = frozenset((part.column or "").lower() for part in primary.parts) if primary else frozenset()
    return Relation(name(schema, table.name), columns_of(table, schema), key, tuple(keys))


def scale_of(declared: str | None, kind: Kind) -> int | None:
    """The digits behind the point that a type keeps, where they are fixed."""
    if kind is Kind.INTEGER:
        return 0
    found = re.search(r"\((?:\d+,\s*)?(\d+)\)", declared or "")
    return int(found[1]) if found and kind is not Kind.TEXT else None


def columns_of(table: TargetTable, schema: str) -> dict[str, Column]:
    """A table's columns by MySQL's names in lower case."""
    return {column.source.name.lower(): column_of(table, column, schema) for column in table.columns}


def column_of(table: TargetTable, column: TargetColumn, schema: str) -> Column:
    """A column of a table in a schema."""
    collation = collation_of(table.source, column.source)
    exact = not collation.ignores_case
    if column.enum:
        declared = name(schema, column.enum.name)
        return Column(column.name, Kind.ENUM, declared, exact, planned=column)
    generated = column.identity, column.source.generated is not None
    loose = Loose.COLLATION if column.collation else Loose.CITEXT if column.type == "citext" else None
    kind = kind_of(column.type)
    if kind is Kind.GEOMETRY and column.source.type.srid in LATITUDE_FIRST:
        kind = Kind.OTHER  # nothing is known of how to compute with it
    return Column(column.name, kind, column.type, exact, *generated, loose, collation.pads, column)


@dataclass
class Catalog:
    """The relations and functions of the target by MySQL's names; `database` is the one that USE chose.

    With `strict`, statements are carried out for a session, in strict mode or not, that MySQL's columns hold values of;
    programs store them in the mode `stores`.
    """

    database: str | None
    strict: bool | None = field(default=None, kw_only=True)
    stores: bool | None = field(default=None, kw_only=True)
    # How text that is no column is compared where that of columns ignores case.
    loose: Loose | None = field(default=None, kw_only=True)
    relations: dict[tuple[str | None, str], Relation] = field(default_factory=dict)
    functions: dict[tuple[str | None, str], tuple[str, str, tuple[str, ...]]] = field(default_factory=dict)
    procedures: dict[tuple[str | None, str], tuple[str, tuple[tuple[str, str], ...]]] = field(
        default_factory=dict
    )
    # Told of every program that a translation makes use of: its kind, database and name in lower case.
    need: Callable[[tuple[str, str | None, str]], None] = lambda _: None
    # Told of every constant, and its column, that something was lost of.
    convert: Callable[[TargetColumn, str], None] = lambda _, __: None

    def within(self, database: str | None) -> "Catalog":
        """The same catalogue as seen from another database."""
        return replace(self, database=database)

    def relation(self, database: str | None, table: str) -> Relation:
        """The relation of that name. Raises Refusal when the target does not have it."""
        wanted = table.lower()
        # A dump without USE does not know its own database's name; views write it all the same.
        for own in (database or self.database, None):
            found = self.relations.get((own, wanted))
            if found is not None:
                self.need(("view", own, wanted))
                break
        else:
            raise Refusal(f"the target has no table or view {f'{database}.' if database else ''}{table}")
        return found

    def function(self, database: str | None, called: str) -> tuple[str, str, tuple[str, ...]] | None:
        """A stored function of the source: its name in the target, and the types of its result and parameters."""
        for own in (database or self.database, None):
            found = self.functions.get((own, called.lower()))
            if found is not None:
                self.need(("function", own, called.lower()))
                return found
        return None


class Scope:
    """The names that an expression can use. An inner query's scope has that of the query around it as `outer`."""

    def __init__(self, outer: "Scope | None" = None) -> None:
        self.outer = outer
        self._relations: dict[str, tuple[str, Relation]] = {}
        self._variables: dict[str, Value] = {}

    def add(self, alias: str, relation: Relation, qualifier: str | None = None) -> None:
        """A relation that is known by an alias."""
        self._relations[alias.lower()] = (qualifier or alias.lower(), relation)

    def declare(self, variable: str, value: Value) -> None:
        """A variable of a program, which hides columns of the same name."""
        self._variables[variable.lower()] = value

    def hides(self, column: str) -> bool:
        """Whether a variable stands where a column or output of that name is meant, with nothing before it."""
        scope: Scope | None = self
        while scope is not None:
            if column.lower() in scope._variables:
                return True
            scope = scope.outer
        return False

    def relations(self) -> Iterator[tuple[str, Relation]]:
        """The relations of this query, with the names they are known by, in order."""
        yield from self._relations.values()

    def column(self, column: str, table: str | None = None) -> Value:
        """What a name stands for. Raises Refusal when it stands for nothing."""
        wanted = column.lower()
        if table is not None:
            qualifier, relation = self._relation(table)
            found = relation.column(column)
            if found is None:
                raise Refusal(f"{table} has no column {column}")
            return found.value(qualifier)
        scope: Scope | None = self
        while scope is not None:
            if wanted in scope._variables:
                return scope._variables[wanted]
            scope = scope.outer
        scope = self
        while scope is not None:
            for qualifier, relation in scope._relations.values():
                one = relation.column(column)
                if one is not None and qualifier not in ("new", "old"):
                    return one.value(qualifier)
            scope = scope.outer
        raise Refusal(f"there is no column {column}")

    def _relation(self, alias: str) -> tuple[str, Relation]:
        scope: Scope | None = self
        while scope is not None:
            if alias.lower() in scope._relations:
                return scope._relations[alias.lower()]
            scope = scope.outer
        raise Refusal(f"there is no table {alias} in it")

    def star(self, table: str | None = None) -> Iterator[tuple[str, Column]]:
        """What `*` or `table.*` stands for: qualifiers and columns."""
        chosen: Iterable[tuple[str, Relation]] = (
            [self._relation(table)] if table else self._relations.values()
        )
        for qualifier, relation in chosen:
            for column in relation.columns.values():
                yield qualifier, column
