"""Statements change the model, or tell what they cannot be read for."""

import pytest

from migrate.errors import InputError
from migrate.model import Database
from migrate.mysql import ddl
from migrate.mysql.lexer import Mode
from migrate.mysql.statement import Statement


def test_a_table_like_another_has_its_columns_and_keys() -> None:
    database = Database()
    for sql in ("create table a (x int primary key)", "create table b like a"):
        ddl.apply(database, None, Statement(sql.encode(), Mode()))
    assert database.tables[None, "b"].columns == database.tables[None, "a"].columns
    assert database.tables[None, "b"].indexes == database.tables[None, "a"].indexes


@pytest.mark.parametrize(
    "sql",
    [
        "create table t (a int",
        "create table t (a)",
        "create table t (a int,)",
        "create table t (a enum('x' 1))",
        "alter table missing add a int",
        "create table t (a int, key (a",
    ],
)
def test_what_cannot_be_read_is_told(sql: str) -> None:
    with pytest.raises(InputError):
        ddl.apply(Database(), None, Statement(sql.encode(), Mode()))
