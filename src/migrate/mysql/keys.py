"""The keys of a table: indexes, references to other tables, and checks."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from ..model import WITHOUT_OVERLAPS, Check, Expression, ForeignKey, Index, IndexKind, IndexPart, Table
from .statement import Statement


def read_index(constraint: str | None, statement: Statement) -> Index | None:
    """A key definition when one is next, else None (a column may be called `key` only when quoted)."""
    if statement.accept("PRIMARY", "KEY"):
        kind = IndexKind.PRIMARY
    elif statement.token.is_word("UNIQUE", "FULLTEXT", "SPATIAL") or (
        statement.at_words("VECTOR", "KEY") or statement.at_words("VECTOR", "INDEX")
    ):
        kind = IndexKind(statement.next().text.lower())
        statement.accept_any("KEY", "INDEX")
    elif statement.token.is_word("KEY", "INDEX"):
        statement.next()
        kind = IndexKind.PLAIN
    else:
        return None
    name = constraint or ""
    if not statement.at_mark("(") and not statement.token.is_word("USING"):
        statement.accept("IF", "NOT", "EXISTS")
        name = statement.name()
    if statement.accept("USING"):
        statement.next()
    return read_index_tail(name, kind, statement)


def read_index_tail(name: str, kind: IndexKind, statement: Statement) -> Index:
    """A key's definition from its columns on."""
    parts = _index_parts(statement)
    comment = ""
    while True:
        if statement.accept("USING") or statement.accept("WITH", "PARSER"):
            statement.next()
        elif statement.accept("COMMENT"):
            comment = statement.string()
        elif statement.accept("KEY_BLOCK_SIZE") or (
            statement.peek().text == "=" and not statement.at_mark(",")
        ):
            if not statement.accept_mark("="):
                statement.next()  # an engine's own option, such as MariaDB's `M`=8
                statement.accept_mark("=")
            statement.next()
        elif not statement.accept_any(
            "VISIBLE", "INVISIBLE", "IGNORED", "CLUSTERED", "NONCLUSTERED"
        ) and not statement.accept("NOT", "IGNORED"):
            return Index(name, kind, parts, comment)


def _index_parts(statement: Statement) -> tuple[IndexPart, ...]:
    parts = []
    statement.expect_mark("(")
    while True:
        if statement.at_mark("("):
            part = IndexPart(expression=Expression(statement.parenthesised()))
        else:
            part = IndexPart(column=statement.name())
            if statement.accept("WITHOUT", "OVERLAPS"):
                part = IndexPart(expression=Expression(f"{part.column}{WITHOUT_OVERLAPS}"))
            if statement.accept_mark("("):
                part = replace(part, length=statement.number())
                statement.expect_mark(")")
        direction = statement.accept_any("ASC", "DESC")
        parts.append(replace(part, descending=direction == "DESC"))
        if not statement.accept_mark(","):
            statement.expect_mark(")")
            return tuple(parts)


def _column_names(statement: Statement) -> tuple[str, ...]:
    return tuple(part.column or "" for part in _index_parts(statement))


def read_foreign_key(constraint: str | None, statement: Statement) -> ForeignKey:
    """FOREIGN KEY, from the words after it on."""
    name = constraint
    if not statement.at_mark("("):
        own = statement.name()
        name = constraint or own
    return read_reference(name, _column_names(statement), statement)


def read_reference(name: str | None, columns: tuple[str, ...], statement: Statement) -> ForeignKey:
    """REFERENCES and what follows it, for these columns."""
    statement.expect("REFERENCES")
    database, table = statement.qualified_name()
    referenced = _column_names(statement) if statement.at_mark("(") else ()
    key = ForeignKey(name, columns, database, table, referenced)
    while True:
        if statement.accept("ON", "DELETE"):
            key = replace(key, on_delete=_action(statement))
        elif statement.accept("ON", "UPDATE"):
            key = replace(key, on_update=_action(statement))
        elif statement.accept("MATCH"):
            statement.next()
        else:
            return key


def _action(statement: Statement) -> str:
    for words in (("SET", "NULL"), ("SET", "DEFAULT"), ("NO", "ACTION"), ("CASCADE",), ("RESTRICT",)):
        if statement.accept(*words):
            return " ".join(words).lower()
    raise statement.error("a foreign key's action was expected")


def read_check(constraint: str | None, statement: Statement) -> Check:
    """CHECK and what follows it."""
    statement.expect("CHECK")
    expression = Expression(statement.parenthesised())
    enforced = not statement.accept("NOT", "ENFORCED")
    statement.accept("ENFORCED")
    return Check(constraint, expression, enforced)


def with_names(table: Table) -> Table:
    """The table with the names that MySQL gives to keys without one: later statements call them by these."""
    taken = {(index.name or index.implied).lower() for index in table.indexes}
    indexes = []
    for index in table.indexes:
        if not (index.name or index.implied):
            primary = index.kind is IndexKind.PRIMARY
            wanted = index.parts[0].column or "functional_index"
            index = replace(index, implied="PRIMARY" if primary else _free(wanted, taken))
            taken.add(index.implied.lower())
        indexes.append(index)
    own = f"{table.name}_ibfk_".lower()
    names = [key.name.lower() for key in table.foreign_keys if key.name]
    said = [name.removeprefix(own) for name in names if name.startswith(own)]
    references = _numbered(table.foreign_keys, [int(number) for number in said if number.isdecimal()])
    return replace(table, indexes=tuple(indexes), foreign_keys=references, checks=_numbered(table.checks, []))


def _free(column: str, taken: set[str]) -> str:
    return next(
        name
        for name in (column, *(f"{column}_{number}" for number in range(2, 100)))
        if name.lower() not in taken and name.lower() != "primary"
    )


K = TypeVar("K", ForeignKey, Check)


def _numbered(keys: Iterable[K], taken: Iterable[int]) -> tuple[K, ...]:
    """The keys, those without a name numbered on from the highest number that is taken."""
    keys = list(keys)
    last = max((*taken, *(key.number for key in keys)), default=0)
    numbered = []
    for key in keys:
        if not key.name and not key.number:
            last += 1
            key = replace(key, number=last)
        numbered.append(key)
    return tuple(numbered)


def is_reference(key: ForeignKey, table: Table, name: str) -> bool:
    """Whether MySQL knows a foreign key of the table by that name."""
    return (key.name or f"{table.name}_ibfk_{key.number}").lower() == name.lower()


def is_check(check: Check, table: Table, name: str) -> bool:
    """Whether MySQL, or MariaDB, knows a check of the table by that name."""
    names = (
        (check.name,) if check.name else (f"{table.name}_chk_{check.number}", f"CONSTRAINT_{check.number}")
    )
    return name.lower() in (one.lower() for one in names)
