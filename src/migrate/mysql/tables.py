"""CREATE TABLE: columns, keys and options become a table of the model."""

from dataclasses import replace

from ..errors import InputError
from ..model import Database, IndexKind, Table
from .columns import read_column
from .keys import read_check, read_foreign_key, read_index, read_index_tail, with_names
from .lexer import Kind
from .statement import Statement


class TwiceError(InputError):
    """A table is made that is there already: what follows may be the same rows once more."""

    def __init__(self, key: tuple[str | None, str], message: str) -> None:
        super().__init__(message)
        self.key = key


def create_table(
    database: Database, current: str | None, statement: Statement, *, replaced: bool, temporary: bool = False
) -> bool:
    """CREATE TABLE, from the words after it on.

    False for CREATE TABLE … SELECT, whose columns and rows only a server can tell.
    """
    kept = statement.accept("IF", "NOT", "EXISTS")
    own, name = statement.qualified_name()
    key = (own or current, name)
    if kept and key in database.tables:
        return True
    like = statement.accept("LIKE") or (statement.at_mark("(") and statement.peek().is_word("LIKE"))
    if like:
        if statement.accept_mark("("):
            statement.expect("LIKE")
        other_database, other = statement.qualified_name()
        source = database.tables.get((other_database or current, other))
        if source is None:
            raise statement.error(
                f"CREATE TABLE … LIKE names the table {other}, which is not defined before it"
            )
        database.tables[key] = replace(
            source, database=key[0], name=name, foreign_keys=(), auto_increment=None, temporary=temporary
        )
        return True
    if not statement.at_mark("("):
        return False
    if key in database.tables and not replaced:
        raise TwiceError(key, f"the table {name} is there already, and MySQL makes no other")
    table = Table(own or current, name, temporary=temporary)
    statement.expect_mark("(")
    while True:
        table = read_definition(table, statement)
        if statement.accept_mark(","):
            continue
        statement.expect_mark(")")
        break
    table = read_options(with_keys(table), statement)
    if not (table.charset or table.collation):
        charset, collation = database.charsets.get(table.database, (None, None))
        table = replace(table, charset=charset, collation=collation)
    database.tables[key] = table
    return True


def with_keys(table: Table) -> Table:
    """The table as it is with all of its keys named.

    Raises InputError for one that MySQL would refuse to make for the names of its columns.
    """
    names = [column.name.lower() for column in table.columns]
    if twice := next((one for one in names if names.count(one) > 1), None):
        raise InputError(f"the table {table.name} names the column {twice} twice, which MySQL refuses")
    wanted = [part.column for index in table.indexes for part in index.parts if part.column is not None]
    wanted += [column for key in table.foreign_keys for column in key.columns]
    if missing := next((one for one in wanted if one.lower() not in names), None):
        raise InputError(f"a key of the table {table.name} names the column {missing}, which is not there")
    return with_names(table)


def read_definition(table: Table, statement: Statement) -> Table:
    """One entry between the parentheses of CREATE TABLE: a column, key or constraint."""
    constraint = None
    if statement.accept("CONSTRAINT"):
        if not statement.token.is_word("PRIMARY", "UNIQUE", "FOREIGN", "CHECK") or statement.peek().is_word(
            "CHECK"
        ):
            constraint = statement.name()
        if not statement.token.is_word("PRIMARY", "UNIQUE", "FOREIGN", "CHECK"):
            raise statement.error("a constraint was expected")
    if statement.token.kind is Kind.WORD:
        if statement.accept("FOREIGN", "KEY"):
            return replace(table, foreign_keys=(*table.foreign_keys, read_foreign_key(constraint, statement)))
        if statement.token.is_word("CHECK") and (statement.peek().text == "("):
            return replace(table, checks=(*table.checks, read_check(constraint, statement)))
        if statement.at_words("PERIOD", "FOR"):
            statement.next()
            statement.next()
            name = statement.name()
            columns = statement.parenthesised()
            if name.upper() == "SYSTEM_TIME":
                return table
            return replace(table, periods=(*table.periods, f"{name} ({columns})"))
        index = read_index(constraint, statement)
        if index is not None:
            return replace(table, indexes=(*table.indexes, index))
    name = statement.name()
    return read_column(table, name, statement)[0]


def read_options(table: Table, statement: Statement) -> Table:
    """The options after a table's definitions: those that matter are kept, all others passed over."""
    while not statement.at_end():
        if statement.accept("PARTITION", "BY"):
            start = statement.token.start
            while not statement.at_end():
                statement.next()
            return replace(table, partitioned=statement.canonical(start, len(statement.sql)))
        statement.accept("DEFAULT")
        if statement.accept("CHARACTER", "SET") or statement.accept("CHARSET"):
            statement.accept_mark("=")
            table = replace(table, charset=statement.name().lower())
        elif statement.accept("COLLATE"):
            statement.accept_mark("=")
            table = replace(table, collation=statement.name().lower())
        elif statement.accept("COMMENT"):
            statement.accept_mark("=")
            table = replace(table, comment=statement.string())
        elif statement.accept("AUTO_INCREMENT"):
            statement.accept_mark("=")
            table = replace(table, auto_increment=statement.number())
        elif statement.accept_any("ENGINE", "TYPE"):
            statement.accept_mark("=")
            table = replace(table, engine=statement.next().text.upper())
        elif statement.accept("UNION"):
            statement.accept_mark("=")
            table = replace(table, union=statement.parenthesised())
        elif statement.accept("WITH", "SYSTEM", "VERSIONING"):
            table = replace(table, versioned=True)
        else:
            statement.next()
    return table


def find(database: Database, current: str | None, statement: Statement) -> Table:
    """The table that a statement names next. Raises InputError when nothing has made it."""
    own, name = statement.qualified_name()
    table = database.tables.get((own or current, name))
    if table is None:
        raise statement.error(f"the table {name} is altered before it is created")
    return table


def create_index(database: Database, current: str | None, statement: Statement, kind: IndexKind) -> None:
    """CREATE INDEX, from the words after it on."""
    tolerant = statement.accept("IF", "NOT", "EXISTS")
    name = statement.name()
    if statement.accept("USING"):
        statement.next()
    statement.expect("ON")
    table = find(database, current, statement)
    index = read_index_tail(name, kind, statement)
    if any(one.is_called(name) for one in table.indexes):
        if tolerant:
            return
        raise statement.error(f"the table {table.name} has a key {name} already")
    table = replace(table, indexes=(*table.indexes, index))
    database.tables[table.database, table.name] = with_keys(table)
