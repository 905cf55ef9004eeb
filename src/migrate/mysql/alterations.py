"""ALTER TABLE and RENAME TABLE, which change a table of the model."""

from dataclasses import replace

from ..model import Database, IndexKind, Table
from .columns import read_column, read_default
from .statement import Statement
from .tables import find, read_definition


def alter_table(database: Database, current: str | None, statement: Statement) -> None:
    """ALTER TABLE, from the words after it on. Raises InputError for what a table is not known to have."""
    if statement.peek().is_word("ENABLE", "DISABLE") or statement.peek(3).is_word("ENABLE", "DISABLE"):
        return  # of keys, around the rows of a table that another file defines
    table = find(database, current, statement)
    key = (table.database, table.name)
    while not statement.at_end():
        if statement.accept("ADD"):
            table = _add(table, statement)
        elif statement.accept("MODIFY") or statement.accept("CHANGE"):
            changing = statement.peek(-1).is_word("CHANGE")
            statement.accept("COLUMN")
            old = statement.name()
            table = _change(table, old, statement.name() if changing else old, statement)
        elif statement.token.is_word("DROP", "TRUNCATE", "EXCHANGE") and statement.peek().is_word(
            "PARTITION"
        ):
            raise statement.error("the rows of a partition cannot be told from others without a MySQL server")
        elif statement.accept("DROP"):
            table = _drop_part(table, statement)
        elif statement.accept("RENAME"):
            statement.accept_any("TO", "AS")
            own, name = statement.qualified_name()
            del database.tables[key]
            table = replace(table, database=own or table.database, name=name)
            key = (table.database, table.name)
        elif statement.accept("ALTER"):
            table = _alter_column(table, statement)
        else:
            table = _table_option(table, statement)
        if not statement.accept_mark(",") and not statement.at_end():
            table = _table_option(table, statement)
    database.tables[key] = table


def _table_option(table: Table, statement: Statement) -> Table:
    """One option of ALTER TABLE, up to the comma: AUTO_INCREMENT counts, ENABLE KEYS and the like do not."""
    if statement.accept("AUTO_INCREMENT"):
        statement.accept_mark("=")
        return replace(table, auto_increment=statement.number())
    if statement.accept("COMMENT"):
        statement.accept_mark("=")
        return replace(table, comment=statement.string())
    while not statement.at_end() and not statement.at_mark(","):
        if statement.at_mark("("):
            statement.parenthesised()
        else:
            statement.next()
    return table


def _add(table: Table, statement: Statement) -> Table:
    if statement.accept("COLUMN"):
        statement.accept("IF", "NOT", "EXISTS")
    if statement.accept("PARTITION"):
        return _table_option(table, statement)
    if statement.accept_mark("("):
        while True:
            table = read_definition(table, statement)
            if not statement.accept_mark(","):
                statement.expect_mark(")")
                return table
    before = table.columns
    table = read_definition(table, statement)
    if len(table.columns) > len(before):
        added = table.columns[-1]
        return replace(table, columns=before).with_column(added.name, added, _position(statement))
    return table


def _change(table: Table, old: str, new: str, statement: Statement) -> Table:
    if table.column(old) is None:
        raise statement.error(f"the table {table.name} has no column {old}")
    changed, column = read_column(replace(table, columns=()), new, statement)
    return replace(changed, columns=table.columns).with_column(old, column, _position(statement))


def _position(statement: Statement) -> str | bool:
    if statement.accept("FIRST"):
        return False
    return statement.name() if statement.accept("AFTER") else True


def _drop_part(table: Table, statement: Statement) -> Table:
    if statement.accept("PRIMARY", "KEY"):
        return replace(table, indexes=tuple(i for i in table.indexes if i.kind is not IndexKind.PRIMARY))
    if statement.accept("FOREIGN", "KEY"):
        statement.accept("IF", "EXISTS")
        name = statement.name()
        return replace(table, foreign_keys=tuple(key for key in table.foreign_keys if key.name != name))
    if statement.accept_any("INDEX", "KEY"):
        statement.accept("IF", "EXISTS")
        name = statement.name()
        return replace(table, indexes=tuple(index for index in table.indexes if index.name != name))
    if statement.accept_any("CHECK", "CONSTRAINT"):
        statement.accept("IF", "EXISTS")
        name = statement.name()
        return replace(
            table,
            checks=tuple(check for check in table.checks if check.name != name),
            foreign_keys=tuple(key for key in table.foreign_keys if key.name != name),
            indexes=tuple(index for index in table.indexes if index.name != name),
        )
    statement.accept("COLUMN")
    statement.accept("IF", "EXISTS")
    name = statement.name().lower()
    return replace(table, columns=tuple(column for column in table.columns if column.name.lower() != name))


def _alter_column(table: Table, statement: Statement) -> Table:
    if statement.accept_any("INDEX", "CHECK", "CONSTRAINT"):
        return _table_option(table, statement)
    statement.accept("COLUMN")
    name = statement.name()
    column = table.column(name)
    if column is None:
        raise statement.error(f"the table {table.name} has no column {name}")
    if statement.accept("SET", "DEFAULT"):
        return table.with_column(name, replace(column, default=read_default(statement)))
    if statement.accept("DROP", "DEFAULT"):
        return table.with_column(name, replace(column, default=None))
    return _table_option(table, statement)


def rename_tables(database: Database, current: str | None, statement: Statement) -> None:
    """RENAME TABLE, from the words after it on."""
    while True:
        table = find(database, current, statement)
        statement.expect("TO")
        own, name = statement.qualified_name()
        del database.tables[table.database, table.name]
        moved = replace(table, database=own or current, name=name)
        database.tables[moved.database, moved.name] = moved
        if not statement.accept_mark(","):
            return
