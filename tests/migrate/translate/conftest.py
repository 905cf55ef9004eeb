"""Fixtures for what compares MariaDB with what became of it."""

from pathlib import Path

import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import CreateDatabase
from tests.migrate.translate.twins import Make, Twins, twins


@pytest.fixture
def make_twins(mariadb: Server, database: str, tmp_path: Path) -> Make:
    """Makes a database of MariaDB with some statements and moves it to PostgreSQL."""

    def make(*statements: str, options: tuple[str, ...] = ()) -> Twins:
        return twins(mariadb, database, tmp_path, statements, options)

    return make


@pytest.fixture(scope="module")
def make_module_twins(
    mariadb: Server, create_database: CreateDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Make:
    """The same for all tests of a module."""

    def make(*statements: str, options: tuple[str, ...] = ()) -> Twins:
        return twins(mariadb, create_database(), tmp_path_factory.mktemp("twins"), statements, options)

    return make
