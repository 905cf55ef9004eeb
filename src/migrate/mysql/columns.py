"""The definition of a column: its type, default and attributes (MySQL Reference Manual, "CREATE TABLE Statement")."""

from dataclasses import replace

from ..model import BitLiteral, Column, Default, Expression, Index, IndexKind, IndexPart, Literal, Table, Type
from .constants import bits, hexadecimal
from .keys import read_check, read_reference
from .lexer import Kind
from .statement import Statement

_CANONICAL_TYPES = {
    "INTEGER": "int",
    "INT1": "tinyint",
    "INT2": "smallint",
    "INT3": "mediumint",
    "MIDDLEINT": "mediumint",
    "INT4": "int",
    "INT8": "bigint",
    "DEC": "decimal",
    "NUMERIC": "decimal",
    "FIXED": "decimal",
    "FLOAT4": "float",
    "FLOAT8": "double",
    "REAL": "double",
    "CHARACTER": "char",
    "NCHAR": "char",
    "NVARCHAR": "varchar",
    "VARCHARACTER": "varchar",
    "GEOMCOLLECTION": "geometrycollection",
    "LONG": "mediumtext",
}
_NATIONAL = {"NCHAR", "NVARCHAR"}


def read_column(table: Table, name: str, statement: Statement) -> tuple[Table, Column]:
    """A column's definition after its name; the table with its inline keys and checks, and with the column last."""
    serial = statement.token.is_word("SERIAL")
    column = Column(name, read_type(statement), nullable=not serial, auto_increment=serial)
    if serial:
        table = replace(table, indexes=(*table.indexes, Index(name, IndexKind.UNIQUE, (IndexPart(name),))))
    while True:
        if statement.accept("PRIMARY", "KEY") or (
            statement.token.is_word("KEY")
            and not statement.peek().is_word("BLOCK_SIZE")
            and statement.accept("KEY")
        ):
            statement.accept_any("CLUSTERED", "NONCLUSTERED")  # TiDB's
            primary = Index("PRIMARY", IndexKind.PRIMARY, (IndexPart(name),))
            table = replace(table, indexes=(*table.indexes, primary))
        elif statement.accept("UNIQUE"):
            statement.accept("KEY")
            table = replace(
                table, indexes=(*table.indexes, Index(name, IndexKind.UNIQUE, (IndexPart(name),)))
            )
        elif statement.token.is_word("REFERENCES"):
            # MySQL reads a column's own REFERENCES and ignores it; MariaDB obeys it. Obeying is what was meant.
            table = replace(
                table, foreign_keys=(*table.foreign_keys, read_reference(None, (name,), statement))
            )
        elif statement.token.is_word("CONSTRAINT") or (
            statement.token.is_word("CHECK") and statement.peek().text == "("
        ):
            constraint = None
            if statement.accept("CONSTRAINT") and not statement.token.is_word("CHECK"):
                constraint = statement.name()
            table = replace(table, checks=(*table.checks, read_check(constraint, statement)))
        else:
            changed = _attribute(column, statement)
            if changed is None:
                break
            column = changed
    if any(index.kind is IndexKind.PRIMARY and index.parts[0].column == name for index in table.indexes):
        column = replace(column, nullable=False)
    return replace(table, columns=(*table.columns, column)), column


def _attribute(column: Column, statement: Statement) -> Column | None:
    """One attribute of a column, or None when there are no more."""
    if statement.accept("NOT", "NULL"):
        return replace(column, nullable=False)
    if statement.accept("NULL"):
        return column
    if statement.accept("DEFAULT"):
        return replace(column, default=read_default(statement))
    if statement.accept("AUTO_INCREMENT"):
        return replace(column, auto_increment=True, nullable=False)
    if statement.accept("COMMENT"):
        return replace(column, comment=statement.string())
    if statement.accept("ON", "UPDATE"):
        statement.next()
        if statement.at_mark("("):
            statement.parenthesised()
        return replace(column, on_update=True)
    if statement.accept("CHARACTER", "SET") or statement.accept("CHARSET"):
        return replace(column, type=replace(column.type, charset=statement.name().lower()))
    if statement.accept("COLLATE"):
        return replace(column, type=replace(column.type, collation=statement.name().lower()))
    if statement.accept("SRID"):
        return replace(column, type=replace(column.type, srid=statement.number()))
    if statement.accept("REF_SYSTEM_ID"):  # MariaDB does not hold values to it
        statement.accept_mark("=")
        statement.number()
        return column
    if statement.accept("GENERATED", "ALWAYS", "AS", "ROW"):
        begins = statement.next().is_word("START")
        return _of_history(column, begins=begins)
    if statement.accept("GENERATED", "ALWAYS", "AS") or statement.accept("AS"):
        return replace(column, generated=Expression(statement.parenthesised()))
    if statement.accept("INVISIBLE"):
        return replace(column, invisible=True)
    if statement.accept("SERIAL", "DEFAULT", "VALUE"):
        return replace(column, auto_increment=True, nullable=False)
    if statement.accept_any("VIRTUAL", "STORED", "PERSISTENT", "VISIBLE", "ASCII", "UNICODE", "BINARY"):
        return column
    if (
        statement.accept("COLUMN_FORMAT")
        or statement.accept("STORAGE")
        or statement.accept("ENGINE_ATTRIBUTE")
    ):
        statement.accept_mark("=")
        statement.next()
        return column
    if statement.accept("WITHOUT", "SYSTEM", "VERSIONING") or statement.accept("COMPRESSED"):
        return column
    return None


def _of_history(column: Column, *, begins: bool) -> Column:
    """A column that says from when to when a row of a system-versioned table holds; those there now have no end."""
    if column.type.name == "bigint":  # by the numbers of transactions
        return replace(column, nullable=False, default=Literal("0" if begins else str(2**64 - 1)))
    if begins:
        return replace(column, nullable=False, default=Expression("current_timestamp(6)"), on_update=True)
    return replace(column, nullable=False, default=Literal("2038-01-19 03:14:07.999999+00:00"))


def read_default(statement: Statement) -> Default | None:
    """The default that follows DEFAULT. Raises InputError where it is none."""
    token = statement.token
    if token.kind is Kind.MARK and token.text == "(":
        return Expression(statement.parenthesised())
    if token.is_word("NULL"):
        statement.next()
        return None
    if token.kind is Kind.WORD and token.text.startswith("_") and statement.peek().kind is Kind.STRING:
        statement.next()
        return Literal(statement.string())
    if token.kind is Kind.STRING:
        return Literal(statement.string())
    if token.kind is Kind.MARK and token.text in "+-":
        statement.next()
        return Literal(("-" if token.text == "-" else "") + statement.next().text)
    statement.next()
    if token.kind is Kind.NUMBER:
        return Literal(token.text)
    if token.kind is Kind.HEX:
        return BitLiteral(hexadecimal(token))
    if token.kind is Kind.BITS:
        return BitLiteral(bits(token))
    if token.is_word("TRUE", "FALSE"):
        return Literal("1" if token.is_word("TRUE") else "0")
    if token.kind is Kind.WORD:
        end = token.end
        while statement.at_mark("(") or statement.at_mark("."):
            if statement.accept_mark("."):
                statement.next()
            else:
                statement.parenthesised()
            end = statement.sql.rfind(b")", 0, statement.token.start) + 1
        return Expression(statement.canonical(token.start, end))
    raise statement.error("a default was expected", token)


def read_type(statement: Statement) -> Type:
    """A type as it is declared for a column, parameter or variable, without its character set."""
    word = statement.next().text.upper()
    if word == "NATIONAL":
        word = "N" + statement.next().text.upper().replace("CHARACTER", "CHAR")
    if word == "SERIAL":
        return Type("bigint", unsigned=True)
    if word in ("BOOL", "BOOLEAN"):
        return Type("tinyint", (1,))
    name = _CANONICAL_TYPES.get(word, word.lower())
    if word == "LONG" and statement.accept("VARBINARY"):
        name = "mediumblob"
    elif word == "LONG":
        statement.accept("VARCHAR")
    if word == "DOUBLE":
        statement.accept("PRECISION")
    if name == "char" and statement.accept("VARYING"):
        name = "varchar"
    arguments: tuple[int, ...] = ()
    members: tuple[str, ...] = ()
    if statement.accept_mark("("):
        if name in ("enum", "set"):
            members = _members(statement)
        else:
            arguments = _numbers(statement)
    kind = Type(name, arguments, members, charset="utf8" if word in _NATIONAL else None)
    while True:
        if statement.accept("UNSIGNED") or statement.accept("ZEROFILL"):
            kind = replace(kind, unsigned=True)
        elif statement.accept("BYTE"):
            kind = replace(kind, charset="binary")
        elif not statement.accept("SIGNED"):
            return kind


def _members(statement: Statement) -> tuple[str, ...]:
    members = []
    while True:
        if statement.token.kind is Kind.WORD and statement.token.text.startswith("_"):
            statement.next()
        if statement.token.kind is Kind.HEX:
            member = hexadecimal(statement.next()).decode("utf-8", "surrogateescape")
        else:
            member = statement.string()
        members.append(member.rstrip(" "))  # as MySQL does
        if not statement.accept_mark(","):
            statement.expect_mark(")")
            return tuple(members)


def _numbers(statement: Statement) -> tuple[int, ...]:
    numbers = []
    while not statement.accept_mark(")"):
        if statement.token.kind is Kind.NUMBER:
            numbers.append(statement.number())
        elif statement.at_end():
            raise statement.error("a closing parenthesis is missing")
        else:
            statement.next()
    return tuple(numbers)
