"""Statements that are made for a table, by what PostgreSQL does with them."""

from pathlib import Path

from tests.fixtures.postgres import psql
from tests.migrate.command import load


def values_known(url: str, table: str) -> dict[str, int]:
    """How many values of each column the planner's histogram of it has."""
    lines = psql(
        url,
        "select attname, coalesce(array_length(histogram_bounds::text::text[], 1), 0) from pg_stats "
        f"where tablename = '{table}' order by 1",
    ).splitlines()
    return {name: int(count) for name, _, count in (line.partition("|") for line in lines)}


def test_texts_without_case_or_index_are_sampled_a_tenth_and_left_to_the_servers_own_time(
    database: str, tmp_path: Path
) -> None:
    dump = tmp_path / "shop.sql"
    rows = ",".join(f"({n}, 'story {n} {n % 7}', 'mail{n}@example.org')" for n in range(3000))
    dump.write_text(
        "create table shoe (id int primary key, story text, email varchar(99), key (email));"
        "create table sock (id int primary key, story text, email varchar(99), key (story(9)));"
        f"insert into shoe values {rows}; insert into sock values {rows};"
    )

    assert load(database, dump).exit_code == 0

    assert values_known(database, "shoe") == {"id": 101, "email": 101, "story": 11}
    # What is computed for an index is known only when the table is analyzed as a whole.
    assert values_known(database, "sock") == {"id": 101, "email": 101, "story": 101}
    assert values_known(database, "sock_story") == {"left": 101}
    assert (
        psql(database, "select n_mod_since_analyze from pg_stat_user_tables where relname = 'shoe'") == "3000"
    )
