"""Fixtures for every test. Their texts are in `fixtures/`, one noun per module."""

import pytest

pytest_plugins = [
    "tests.fixtures.tools",  # first: the others import it
    "tests.fixtures.aws",
    "tests.fixtures.browser",
    "tests.fixtures.compiled",
    "tests.fixtures.corpus",
    "tests.fixtures.mariadb",
    "tests.fixtures.postgres",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest to set up: at the end two processes would share it, and both set it up."""
    items.sort(key=lambda item: item.path.name != "test_front_door.py")
