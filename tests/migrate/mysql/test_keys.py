"""Keys belong to their table, wherever they are said."""

from migrate.model import IndexKind, Literal
from tests.migrate.mysql.definitions import defined


def test_keys_that_phpmyadmin_adds_later_belong_to_the_table() -> None:
    table = defined(
        "CREATE TABLE `t` (`id` int(11) NOT NULL, `n` varchar(20) DEFAULT 'x') ENGINE=MyISAM TYPE=MyISAM",
        "ALTER TABLE `t` ADD PRIMARY KEY (`id`), ADD UNIQUE KEY `n` (`n`(10)) USING BTREE",
        "ALTER TABLE `t` MODIFY `id` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=42",
    )
    assert [(index.kind, index.parts[0].length) for index in table.indexes] == [
        (IndexKind.PRIMARY, None),
        (IndexKind.UNIQUE, 10),
    ]
    assert (table.columns[0].auto_increment, table.auto_increment) == (True, 42)
    assert table.columns[1].default == Literal("x")


def test_foreign_keys_keep_their_actions() -> None:
    table = defined(
        "create table t (a int, constraint fk foreign key (a) references o.p (id) on update cascade on delete set null)"
    )
    [key] = table.foreign_keys
    assert (key.database, key.table, key.on_delete, key.on_update) == ("o", "p", "set null", "cascade")
