"""MySQL's partitions as PostgreSQL's (MySQL Reference Manual, "Partitioning Types")."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..errors import InputError
from ..mysql.lexer import Mode
from ..mysql.partitions import definitions, skip_subpartitions
from ..mysql.statement import Statement
from ..naming import Names
from ..plan import Partition, Partitions, TargetColumn, TargetTable
from ..postgres.quoting import literal, name
from .values import MOMENTS, Refusal, kind_of, refusing


@dataclass(frozen=True)
class _Method:
    """How rows are shared out: by which columns, through which function of a date, into how many by hash."""

    word: str
    columns: list[TargetColumn]
    function: str | None = None


# What MySQL computes of a date before it compares, undone: the bound as PostgreSQL's text.
_BOUNDS: dict[str, Callable[[int], str]] = {
    "YEAR": lambda number: literal(f"{number:04}-01-01"),
    "TO_DAYS": lambda number: f"(date '0001-01-01' + {number - 366})",
    "UNIX_TIMESTAMP": lambda number: f"(to_timestamp({number}))",
}


def partitions(table: TargetTable, names: Names) -> Partitions:
    """How the table is to be partitioned. Raises Refusal."""
    assert table.source.partitioned is not None
    statement = Statement(table.source.partitioned.encode("utf-8", "surrogateescape"), Mode())
    try:
        with refusing():
            read = _read(table, statement)
    except InputError as error:
        raise Refusal(f"its partitions cannot be read: {error}") from error
    given = (
        names.give(table.space.scope, f"{table.name}_{part.name}", f"{table.label}: partition {part.name}")
        for part in read.parts
    )
    parts = tuple(Partition(own, part.bound) for own, part in zip(given, read.parts, strict=True))
    return Partitions(read.method, parts)


def _read(table: TargetTable, statement: Statement) -> Partitions:
    linear = statement.accept("LINEAR")
    word = statement.next().text.upper()
    if word not in ("RANGE", "LIST", "HASH", "KEY") or linear:
        raise Refusal(f"partitions by {'linear ' if linear else ''}{word.lower()}")
    if statement.accept("ALGORITHM"):
        statement.expect_mark("=")
        statement.number()
    statement.accept("COLUMNS")
    method = _method(table, word, statement.parenthesised())
    columns = ", ".join(name(column.name) for column in method.columns)
    if word in ("HASH", "KEY"):
        if statement.accept("PARTITIONS"):
            count = statement.number()
        else:
            count = len(list(definitions(statement))) if statement.at_mark("(") else 1
        made = [
            Partition(f"p{number}", f"for values with (modulus {count}, remainder {number})")
            for number in range(count)
        ]
        return Partitions(f"hash ({columns})", tuple(made))
    skip_subpartitions(statement)
    made = list(_ranges(method, statement) if word == "RANGE" else _lists(method, statement))
    # MySQL keeps NULL in its lowest partition; a row beyond all others is PostgreSQL's to take as well.
    if all(part.bound != "default" for part in made):
        made.append(Partition("others", "default"))
    return Partitions(f"{word.lower()} ({columns})", tuple(made))


def _method(table: TargetTable, word: str, inside: str) -> _Method:
    function = None
    found = re.fullmatch(r"\s*(\w+)\s*\(\s*(`[^`]+`|\w+)\s*\)\s*", inside)
    if found:
        function, inside = found[1].upper(), found[2]
        if word in ("HASH", "KEY"):
            function = None  # any even share will do
        elif function not in _BOUNDS:
            raise Refusal(f"partitions by {found[1].lower()}()")
    wanted = [part.strip().strip("`") for part in inside.split(",") if part.strip()]
    if not wanted:
        wanted = [
            part.column or ""
            for index in table.source.indexes
            if index.kind.value == "primary key"
            for part in index.parts
        ]
    columns = [table.column(one) for one in wanted]
    known = [column for column in columns if column is not None]
    if not known or len(known) != len(columns):
        raise Refusal(f"partitions by the expression {inside.strip()}")
    if function in _BOUNDS and kind_of(known[0].type) not in MOMENTS:
        raise Refusal(f"partitions by {function.lower() if function else ''}() of what is no date")
    return _Method(word, known, function)


def _ranges(method: _Method, statement: Statement) -> Iterator[Partition]:
    lower = ", ".join(["minvalue"] * len(method.columns))
    for partition in definitions(statement):
        statement.expect("VALUES", "LESS", "THAN")
        if statement.accept("MAXVALUE"):
            values = ["maxvalue"]
        else:
            values = [_bound(value, method) for value in _values(statement.parenthesised())]
        upper = ", ".join(values)
        yield Partition(partition, f"for values from ({lower}) to ({upper})")
        lower = upper


def _lists(method: _Method, statement: Statement) -> Iterator[Partition]:
    if len(method.columns) > 1:
        raise Refusal("partitions by lists of several columns")
    for partition in definitions(statement):
        if statement.accept("DEFAULT"):  # of MariaDB
            yield Partition(partition, "default")
            continue
        statement.expect("VALUES", "IN")
        values = ", ".join(_bound(value, method) for value in _values(statement.parenthesised()))
        yield Partition(partition, f"for values in ({values})")


def _values(inside: str) -> list[str]:
    return [value.strip() for value in re.findall(r"'(?:[^']|'')*'|[^,]+", inside) if value.strip()]


def _bound(value: str, method: _Method) -> str:
    if value.upper() in ("MAXVALUE", "NULL"):
        return value.lower()
    if method.function:
        computed = re.fullmatch(rf"(?i){method.function}\s*\(\s*('[^']*')\s*\)", value)
        if computed:
            return computed[1]
        if not re.fullmatch(r"-?\d+", value):
            raise Refusal(f"the bound {value} of a partition")
        return _BOUNDS[method.function](int(value))
    if not re.fullmatch(r"-?\d+(\.\d+)?|'(?:[^'\\]|'')*'", value):
        raise Refusal(f"the bound {value} of a partition")
    return value
