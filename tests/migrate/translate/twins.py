"""The same database in MariaDB and, moved by its dump, in PostgreSQL: both are asked, and the answers compared."""

import datetime
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import Done, run

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Twins:
    """A database of a MariaDB server, and the URL of the one in PostgreSQL that became of it."""

    mariadb: Server
    name: str
    url: str
    done: Done
    account: dict[str, object]

    def ask(self, query: str) -> list[list[str]]:
        """The rows of a query, which must be the same in both, sorted unless the query sorts them."""
        ours = [
            [_cell(value) for value in line.split("|")] for line in psql(self.url, query).split("\n") if line
        ]
        theirs = [
            [_written(value) for value in row] for row in self.mariadb.execute(query, database=self.name)
        ]
        if "order by" not in query:
            ours.sort()
            theirs.sort()
        assert ours == theirs, f"{query}\nPostgreSQL: {ours}\nMariaDB:    {theirs}"
        return ours

    def do(self, statement: str) -> None:
        """Run a statement on both."""
        self.mariadb.execute(statement, database=self.name)
        psql(self.url, statement)

    @property
    def untranslated(self) -> dict[str, str]:
        """The reasons of what the target does not have, by name without its database."""
        missing = self.account["untranslated"]
        assert isinstance(missing, list)
        return {one["name"].rpartition(".")[2]: one["reason"] for one in missing}


Make = Callable[..., Twins]


def twins(
    mariadb: Server, url: str, folder: Path, statements: tuple[str, ...], options: tuple[str, ...]
) -> Twins:
    """Make a database of MariaDB with these statements, dump it and load the dump into PostgreSQL."""
    name = f"twin_{next(_numbers)}"
    mariadb.execute(f"create database {name}")
    mariadb.execute("set sql_mode = 'STRICT_TRANS_TABLES'", *statements, database=name)
    dump = folder / f"{name}.sql"
    dump.write_bytes(mariadb.dump("--routines", "--events", "--triggers", *options, name))
    report = folder / f"{name}.json"
    done = run("mysql-to-pg", "--quiet", "--to", url, "--report", report, dump)

    return Twins(mariadb, name, url, done, json.loads(report.read_text()))


def _cell(text: str) -> str:
    return {"t": "1", "f": "0"}.get(text, text)


def _written(value: object) -> str:
    """A value of PyMySQL as psql would print it."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return "\\x" + value.hex() if any(byte > 127 or byte < 32 for byte in value) else value.decode()
    if isinstance(value, datetime.timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
    if isinstance(value, Decimal | float):
        return f"{value:f}" if isinstance(value, Decimal) else repr(value).removesuffix(".0")
    if isinstance(value, datetime.datetime) and value.microsecond:
        return str(value).rstrip("0")
    return str(value)
