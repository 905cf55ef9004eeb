"""Partitions in MySQL's definitions, and which rows are in one (MySQL Reference Manual, "Partitioning Types")."""

from collections.abc import Iterator

from ..errors import InputError
from ..model import Table
from .lexer import Mode
from .statement import Statement


def definitions(statement: Statement) -> Iterator[str]:
    """The names of the partitions, each with the statement at what follows it."""
    statement.expect_mark("(")
    while not statement.accept_mark(")"):
        statement.expect("PARTITION")
        yield statement.name()
        while not statement.at_end() and not statement.at_mark(",") and not statement.at_mark(")"):
            if statement.at_mark("("):
                statement.parenthesised()  # partitions of the partition
            else:
                statement.next()  # ENGINE, COMMENT and the like
        statement.accept_mark(",")


def skip_subpartitions(statement: Statement) -> None:
    """Pass over what is said between the expression and the partitions."""
    if statement.accept("PARTITIONS"):
        statement.number()
    if statement.accept("SUBPARTITION", "BY"):
        while not statement.at_end() and not statement.at_mark("("):
            statement.next()
        statement.parenthesised()
        if statement.accept("SUBPARTITIONS"):
            statement.number()


def emptied(statement: Statement) -> tuple[tuple[str | None, str], set[str]] | None:
    """The table and the partitions, in lower case, whose rows an ALTER TABLE takes away; None for other statements.

    No partition at all stands for all of them.
    """
    if not statement.at_words("ALTER", "TABLE"):
        return None
    probe = 3 if statement.peek(3).text != "." else 5
    takes = statement.peek(probe).is_word("DROP", "TRUNCATE") and statement.peek(probe + 1).is_word(
        "PARTITION"
    )
    if not takes:
        return None
    statement.accept("ALTER", "TABLE")
    table = statement.qualified_name()
    statement.next()
    statement.accept("PARTITION")
    statement.accept("IF", "EXISTS")
    if statement.accept("ALL"):
        return table, set()
    names = {statement.name().lower()}
    while statement.accept_mark(","):
        names.add(statement.name().lower())
    return table, names


def condition(table: Table, names: set[str]) -> str:
    """What holds for the rows of these partitions, as SQL. Raises InputError where only a server can tell."""
    told = Statement((table.partitioned or "").encode("utf-8", "surrogateescape"), Mode())
    word = told.next().text.upper()
    told.accept("COLUMNS")
    expression = told.parenthesised() if word in ("RANGE", "LIST") else ","
    if "," in expression:
        raise InputError("the rows of a partition cannot be told from others without a MySQL server")
    skip_subpartitions(told)
    found = {}
    lower: str | None = None
    for name in definitions(told):
        if word == "RANGE":
            told.expect("VALUES", "LESS", "THAN")
            upper = None if told.accept("MAXVALUE") else told.parenthesised()
            upper = None if upper is None or upper.upper() == "MAXVALUE" else upper
            parts = [
                f"({expression}) >= ({lower})" if lower else "",
                f"({expression}) < ({upper})" if upper else "",
            ]
            held = " and ".join(part for part in parts if part) or "true"
            found[name.lower()] = f"({held})" if lower else f"({held} or ({expression}) is null)"
            lower = upper
        else:
            told.expect("VALUES", "IN")
            values = [value.strip() for value in told.parenthesised().split(",")]
            plain = ", ".join(value for value in values if value.upper() != "NULL")
            empty = (
                f"({expression}) is null" if len(plain.split(", ")) < len(values) or not plain else "false"
            )
            found[name.lower()] = f"(({expression}) in ({plain}) or {empty})" if plain else f"({empty})"
    missing = names - set(found)
    if missing:
        raise InputError(f"{table.name} has no partition {', '.join(sorted(missing))}")
    return " or ".join(found[name] for name in sorted(names))
