"""A column means the same however it is written."""

import pytest

from tests.migrate.mysql.definitions import defined


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


@pytest.mark.parametrize("word", ["key", "order", "select", "primary", "comment", "index", "check", "values"])
def test_reserved_words_are_names_when_quoted(word: str) -> None:
    assert defined(f"create table `{word}` (`{word}` int, key `{word}` (`{word}`))").columns[0].name == word


@pytest.mark.parametrize("word", ["comment", "date", "status", "type", "position", "data", "visible"])
def test_words_that_are_not_reserved_need_no_quotes(word: str) -> None:
    assert defined(f"create table t ({word} int not null)").columns[0].name == word
