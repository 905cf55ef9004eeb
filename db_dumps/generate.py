"""Make the old shop's MySQL dump anew: load a throwaway MariaDB server, then run mariadb-dump on it."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pymysql

from legacy_shop.clothes import Clothe, clothes
from legacy_shop.people import PEOPLE
from legacy_shop.server import ServerError, program, throwaway

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymysql.cursors import Cursor

HERE = Path(__file__).resolve().parent
DUMP = HERE / "secondhand.sql"
DATABASE = "secondhand"


def load(socket: Path) -> None:
    """Create the old shop's database on the server behind socket and fill it."""
    connection = pymysql.connect(unix_socket=str(socket), user="root", charset="utf8mb4", autocommit=False)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"create database {DATABASE} character set utf8mb4 collate utf8mb4_unicode_ci")
        connection.select_db(DATABASE)
        schema = (HERE / "legacy_shop" / "schema.sql").read_text(encoding="utf-8")
        for statement in filter(str.strip, schema.split(";\n")):
            cursor.execute(statement)
        users = [(p.id, p.username, p.email, p.password_hash, p.is_admin, p.created) for p in PEOPLE]
        _insert(cursor, "user", ("id", "username", "email", "password", "is_admin", "created"), users)
        _insert(cursor, "add_clothe", Clothe._fields, clothes())
        connection.commit()


def _insert(cursor: Cursor, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    names = ", ".join(f"`{column}`" for column in columns)
    places = ", ".join(["%s"] * len(columns))
    cursor.executemany(f"insert into `{table}` ({names}) values ({places})", rows)  # noqa: S608


def dump(socket: Path) -> bytes:
    """What mariadb-dump writes of the old shop, without its date."""
    command = [
        program("mariadb-dump"), "--no-defaults", f"--socket={socket}", "--user=root", "--single-transaction",
        "--default-character-set=utf8mb4", "--skip-dump-date", DATABASE,
    ]  # fmt: skip
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def generate() -> bytes:
    """The whole dump, the same bytes every time for one version of MariaDB."""
    with throwaway() as socket:
        load(socket)
        return dump(socket)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DUMP, help="file to write (default: %(default)s)")
    out: Path = parser.parse_args().out
    try:
        made = generate()
    except ServerError as error:
        print(f"generate: {error}", file=sys.stderr)
        return 3
    out.write_bytes(made)
    print(f"{out}: {len(PEOPLE)} users, {len(clothes())} clothes, {len(made):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
