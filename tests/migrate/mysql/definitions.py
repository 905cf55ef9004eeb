"""Definitions as the model has them."""

from migrate.model import Database, Table
from migrate.mysql import ddl
from migrate.mysql.lexer import Mode
from migrate.mysql.statement import Statement


def defined(*statements: str) -> Table:
    """The one table that these statements leave."""
    database = Database()
    for sql in statements:
        assert ddl.apply(database, None, Statement(sql.encode(), Mode()))
    [table] = database.tables.values()
    return table
