"""Definitions of many origins become the same model."""

import pytest

from migrate.errors import InputError
from migrate.model import Database, IndexKind, Literal, Table
from migrate.mysql import ddl
from migrate.mysql.ddl import Statement
from migrate.mysql.lexer import Mode


def defined(*statements: str) -> Table:
    database = Database()
    for sql in statements:
        assert ddl.apply(database, None, Statement(sql.encode(), Mode()))
    [table] = database.tables.values()
    return table


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("int(11)", "int(11)"),
        ("INTEGER UNSIGNED ZEROFILL", "int unsigned"),
        ("double precision", "double"),
        ("REAL", "double"),
        ("dec(5,2)", "decimal(5,2)"),
        ("numeric", "decimal"),
        ("character varying(20)", "varchar(20)"),
        ("national varchar(3)", "varchar(3)"),
        ("bool", "tinyint(1)"),
        ("int8", "bigint"),
        ("long varchar", "mediumtext"),
        ("enum('a','it''s','c,d')", "enum('a','it's','c,d')"),
        ("set ( 'x' , 'y' )", "set('x','y')"),
        ("varchar(10) binary", "varchar(10)"),
        ("timestamp(6)", "timestamp(6)"),
        ("geometrycollection", "geometrycollection"),
    ],
)
def test_a_type_is_read_in_any_spelling(declared: str, shown: str) -> None:
    assert str(defined(f"create table t (a {declared})").columns[0].type) == shown


def test_attributes_come_in_any_order() -> None:
    [column] = defined("create table t (`a` int COMMENT 'x' AUTO_INCREMENT NOT NULL PRIMARY KEY)").columns
    assert (column.auto_increment, column.nullable, column.comment) == (True, False, "x")


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


def test_columns_are_added_dropped_changed_and_moved() -> None:
    table = defined(
        "create table t (a int, b int, c int)",
        "alter table t add column d int after a, drop column b, change c e text first, alter d set default 5",
    )
    assert [column.name for column in table.columns] == ["e", "a", "d"]
    assert table.columns[2].default == Literal("5")


def test_foreign_keys_keep_their_actions() -> None:
    table = defined(
        "create table t (a int, constraint fk foreign key (a) references o.p (id) on update cascade on delete set null)"
    )
    [key] = table.foreign_keys
    assert (key.database, key.table, key.on_delete, key.on_update) == ("o", "p", "set null", "cascade")


@pytest.mark.parametrize("word", ["key", "order", "select", "primary", "comment", "index", "check", "values"])
def test_reserved_words_are_names_when_quoted(word: str) -> None:
    assert defined(f"create table `{word}` (`{word}` int, key `{word}` (`{word}`))").columns[0].name == word


@pytest.mark.parametrize("word", ["comment", "date", "status", "type", "position", "data", "visible"])
def test_words_that_are_not_reserved_need_no_quotes(word: str) -> None:
    assert defined(f"create table t ({word} int not null)").columns[0].name == word


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
