"""Whatever MariaDB holds arrives: `make fuzz`, with FUZZ_EXAMPLES for a longer search."""

import asyncio
import datetime
import os
import secrets
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.cli import main
from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import CreateDatabase

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "50"))
LONG = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)

TABLE = """
    create table t (
      id int primary key,
      words longtext character set utf8mb4 collate utf8mb4_bin,
      data longblob,
      amount decimal(30, 10),
      measure double,
      moment datetime(6),
      day date,
      duration time(6),
      flags bit(9)
    )
"""
# A NUL has no place in PostgreSQL's text; what becomes of it is a policy, tested elsewhere.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80)
DATES = st.dates(min_value=datetime.date(1, 1, 1))
ROWS = st.lists(
    st.tuples(
        st.none() | TEXTS,
        st.none() | st.binary(max_size=80),
        st.none() | st.decimals(Decimal(-(10**19)), Decimal(10**19), places=10),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.datetimes(min_value=datetime.datetime(1, 1, 1)),  # noqa: DTZ001 (MySQL's have no zone)
        st.none() | DATES,
        st.none() | st.timedeltas(datetime.timedelta(hours=-800), datetime.timedelta(hours=800)),
        st.none() | st.integers(0, 511).map(lambda number: number.to_bytes(2, "big")),
    ),
    min_size=1,
    max_size=200,
)


@given(rows=ROWS)
@LONG
def test_what_mariadb_holds_is_what_postgres_holds(
    mariadb: Server, create_database: CreateDatabase, rows: list[tuple[Any, ...]]
) -> None:
    name = f"fuzz_{secrets.token_hex(6)}"
    mariadb.execute(f"create database {name}")
    try:
        mariadb.execute(TABLE, database=name)
        with mariadb.connect(name) as connection, connection.cursor() as cursor:
            numbered = [(number, *row) for number, row in enumerate(rows)]
            cursor.executemany(f"insert into t values ({', '.join(['%s'] * 9)})", numbered)
        held = mariadb.execute("select * from t order by id", database=name)
        url = create_database()
        result = CliRunner().invoke(main, ["mysql-to-pg", "-", "--to", url, "-q"], input=mariadb.dump(name))
        assert (result.exit_code, result.output) == (0, "")
        arrived = asyncio.run(fetch(url))
        assert [as_durations(row) for row in arrived] == [postgres_values(row) for row in held]
    finally:
        mariadb.execute(f"drop database {name}")


async def fetch(url: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch("select * from t order by id")
    finally:
        await connection.close()


def as_durations(row: asyncpg.Record) -> tuple[Any, ...]:
    """A row as asyncpg gives it; a column whose times all fit into a day is one of times of day."""
    return tuple(
        datetime.datetime.combine(datetime.date.min, value) - datetime.datetime.min  # noqa: DTZ901
        if isinstance(value, datetime.time)
        else value
        for value in row
    )


def postgres_values(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row as PyMySQL gives it, as asyncpg gives the same: bit strings have a type of their own there."""
    *values, flags = row
    if flags is not None:
        flags = asyncpg.BitString.from_int(int.from_bytes(flags, "big"), 9)
    return (*values, flags)
