"""What ALTER TABLE says is true of the table."""

from migrate.model import Literal
from tests.migrate.mysql.definitions import defined


def test_columns_are_added_dropped_changed_and_moved() -> None:
    table = defined(
        "create table t (a int, b int, c int)",
        "alter table t add column d int after a, drop column b, change c e text first, alter d set default 5",
    )
    assert [column.name for column in table.columns] == ["e", "a", "d"]
    assert table.columns[2].default == Literal("5")
