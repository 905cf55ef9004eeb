"""Dumps that hold several databases."""

from pathlib import Path

import pytest

from tests.fixtures.postgres import psql
from tests.migrate.command import failed, load, play, run

TWO = """
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;
USE `shop`;
CREATE TABLE `item` (`id` int NOT NULL AUTO_INCREMENT, `kind` enum('coat','hat') NOT NULL, PRIMARY KEY (`id`));
INSERT INTO `item` VALUES (1,'coat'),(2,'hat');
CREATE DATABASE `archive`;
USE `archive`;
CREATE TABLE `item` (`id` int NOT NULL, `kind` enum('shoe') NOT NULL, `sold` int, PRIMARY KEY (`id`),
  KEY `sold` (`sold`), CONSTRAINT `was` FOREIGN KEY (`sold`) REFERENCES `shop`.`item` (`id`));
INSERT INTO `item` VALUES (7,'shoe',2);
INSERT INTO `shop`.`item` VALUES (3,'coat');
"""


@pytest.fixture
def two(tmp_path: Path) -> Path:
    dump = tmp_path / "two.sql"
    dump.write_text(TWO)
    return dump


def tables(url: str) -> str:
    own = "schemaname !~ '^(pg_|information_schema$|migrate$)'"
    return psql(url, f"select schemaname || '.' || tablename from pg_tables where {own} order by 1")


def assert_both(url: str) -> None:
    assert tables(url) == "archive.item\nshop.item"
    assert psql(url, "select * from shop.item order by id") == "1|coat\n2|hat\n3|coat"
    assert psql(url, "select * from archive.item") == "7|shoe|2"
    assert psql(url, "select confrelid::regclass from pg_constraint where conname = 'was'") == "shop.item"
    assert psql(url, "select count(*) from pg_namespace where nspname ~ '^migrate_run'") == "0"


def test_each_of_several_databases_gets_a_schema_of_its_own(two: Path, database: str) -> None:
    assert load(database, two).exit_code == 0
    assert_both(database)


def test_a_script_puts_several_databases_into_their_schemas(two: Path, database: str) -> None:
    play(database, run("mysql-to-pg", "--quiet", "--output", "-", two).stdout)
    assert_both(database)


def test_several_databases_replace_what_an_earlier_run_made(two: Path, database: str) -> None:
    assert load(database, two).exit_code == 0
    failed(load(database, two), 2, "archive.item", "--replace")
    assert_both(database)
    assert load(database, two, "--replace").exit_code == 0
    assert_both(database)


def test_the_only_database_lands_in_the_schema_that_is_asked_for(two: Path, database: str) -> None:
    two.write_text(TWO.split("CREATE DATABASE `archive`")[0])
    assert load(database, two, "--schema", "here").exit_code == 0
    assert tables(database) == "here.item"


def test_one_of_several_databases_can_be_chosen(two: Path, database: str) -> None:
    assert load(database, two, "--database", "shop").exit_code == 0
    assert tables(database) == "public.item"
    assert psql(database, "select id from item order by id") == "1\n2\n3"


def test_a_database_that_is_not_in_the_dump_cannot_be_chosen(two: Path, database: str) -> None:
    failed(load(database, two, "--database", "shopp"), 2, "--database shopp", "archive, shop")


def test_the_account_says_where_each_database_went(two: Path) -> None:
    account = run("inspect", "--json", two).account
    assert [(table["source"], table["target"], table["rows_read"]) for table in account["tables"]] == [
        ("shop.item", "shop.item", 3),
        ("archive.item", "archive.item", 1),
    ]


def test_a_servers_own_tables_are_left_out(tmp_path: Path, database: str) -> None:
    dump = tmp_path / "all.sql"
    dump.write_text(
        "USE `mysql`; CREATE TABLE `user` (`id` int); INSERT INTO `user` VALUES (1);"
        "USE `shop`; CREATE TABLE `user` (`id` int); INSERT INTO `user` VALUES (2);"
    )
    assert load(database, dump).exit_code == 0
    assert tables(database) == "public.user"
    assert psql(database, 'select * from "user"') == "2"


def test_databases_that_differ_only_by_case_are_not_mixed(tmp_path: Path, database: str) -> None:
    dump = tmp_path / "case.sql"
    dump.write_text("USE `Shop`; CREATE TABLE `a` (`id` int); USE `shop`; CREATE TABLE `b` (`id` int);")
    failed(load(database, dump), 2, "Shop", "shop")
    assert tables(database) == ""


def test_a_dropped_database_takes_its_tables_along(tmp_path: Path, database: str) -> None:
    dump = tmp_path / "again.sql"
    dump.write_text(
        "USE `shop`; CREATE TABLE `a` (`id` int); INSERT INTO `a` VALUES (1); DROP DATABASE `shop`;"
        "CREATE DATABASE `shop`; USE `shop`; CREATE TABLE `a` (`id` int); INSERT INTO `a` VALUES (2);"
    )
    assert load(database, dump).exit_code == 0
    assert psql(database, "select * from a") == "2"


def test_rows_of_several_databases_do_not_go_into_tables_of_one(two: Path, database: str) -> None:
    psql(database, "create table item (id int, kind text, sold int)")
    failed(load(database, two, "--data-only"), 2, "--database")
    assert load(database, two, "--data-only", "--database", "shop").exit_code == 0
    assert psql(database, "select count(*) from item") == "3"
