"""Fixtures for every test. Their texts are in `fixtures/`, one noun per module."""

pytest_plugins = [
    "tests.fixtures.tools",  # first: the others import it
    "tests.fixtures.aws",
    "tests.fixtures.browser",
    "tests.fixtures.compiled",
    "tests.fixtures.corpus",
    "tests.fixtures.mariadb",
    "tests.fixtures.postgres",
]
