"""What ALTER TABLE says is true of the table."""

import pytest

from migrate.errors import InputError
from migrate.model import Literal
from tests.migrate.mysql.definitions import defined


def test_columns_are_added_dropped_changed_and_moved() -> None:
    table = defined(
        "create table t (a int, b int, c int)",
        "alter table t add column d int after a, drop column b, change c e text first, alter d set default 5",
    )
    assert [column.name for column in table.columns] == ["e", "a", "d"]
    assert table.columns[2].default == Literal("5")


def test_keys_without_a_name_are_called_by_mysqls() -> None:
    table = defined(
        "create table t (a int unique, b int, c int, unique (b), key (b, c), key B_3 (c), foreign key (b) references p "
        "(b), foreign key (c) references p (c), check (a > 0), check (b > 0), primary key (c))",
        "alter table t drop index B, drop key a",
        "drop index b_2 on t",
        "alter table t rename to s",
        "alter table s drop foreign key s_ibfk_1, drop check CONSTRAINT_2, add unique (b)",
        "alter table s drop constraint s_chk_1, add foreign key (b) references p (b)",
        "alter table s drop foreign key s_ibfk_2, drop primary key",
    )
    assert [(index.name, index.implied) for index in table.indexes] == [("B_3", ""), ("", "b")]
    assert [(key.columns, key.number) for key in table.foreign_keys] == [(("b",), 3)]
    assert table.checks == ()


@pytest.mark.parametrize(
    "statement",
    [
        "create index i on t (z)",
        "alter table t add key (z)",
        "alter table t add unique u (a, z)",
        "alter table t add foreign key (z) references t (a)",
        "alter table t add b int",
        "alter table t drop z, add y int",
        "alter table t add key A (b)",
        "alter table t drop column c",
    ],
)
def test_an_alteration_that_mysql_refuses_changes_nothing(statement: str) -> None:
    table = "create table t (a int unique, b int, c int, foreign key (c) references t (a))"
    with pytest.raises(InputError):
        defined(table, statement)
    assert defined(table, "alter table t drop column if exists z") == defined(table)
