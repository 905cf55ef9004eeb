"""A running MySQL or MariaDB server: `mysql://user@host:3306/database`, read in one consistent snapshot.

The server itself writes each row as literals (`concat`, `quote`, `hex`), so that a row is one value on the way here and
the transcoder reads it like a row of a dump. Tables with columns that may be larger than the server lets a function's
result be are fetched column by column.
"""

import os
import ssl
import sys
from collections.abc import Iterable, Iterator
from getpass import getpass, getuser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np
import pymysql
from pymysql.constants import CR, ER
from pymysql.converters import encoders
from pymysql.cursors import SSCursor

from ..errors import InputError, SourceError
from ..model import Column, Database, Table
from ..rules import is_binary
from . import ddl, names
from .events import WINDOW, Event, Rows, TableKey, Untranslated, padded
from .lexer import Mode
from .session import Session
from .statement import Statement

_SYSTEM = ("mysql", "sys", "information_schema", "performance_schema")
_MODES = ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")
_LARGE = ("mediumtext", "longtext", "mediumblob", "longblob", "json", "geometry", "linestring", "polygon", "multipoint",
          "multilinestring", "multipolygon", "geometrycollection")  # fmt: skip
_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "geometry", "point", "linestring",
          "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection")  # fmt: skip
_TEXTS = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "json")
_TRANSACTIONAL = ("InnoDB", "RocksDB", "ROCKSDB", "TokuDB", "ndbcluster")
_FETCHED = 1000  # rows at a time
_SNAPSHOT = (
    "set names utf8mb4",
    "set session sql_mode = '', time_zone = '+00:00', sql_quote_show_create = 1, net_write_timeout = 3600",
    "set session transaction isolation level repeatable read",
    "start transaction with consistent snapshot, read only",
)


class ServerDump:
    """The databases of a server, or the one that the URL names."""

    rank = 0
    size = None
    consumed = 0

    def __init__(self, url: str) -> None:
        self.name = names.shown(url)
        self._database, self._options = _options(url)
        self._connection: pymysql.Connection[SSCursor] | None = None

    def close(self) -> None:
        """Leave the server."""
        if self._connection is not None:
            self._connection.close()

    def events(self, database: Database, session: Session) -> Iterator[Event]:
        """Tables, their rows as they were in one moment, and programs."""
        try:
            self._connection = _connected(self._options, self.name)
            for statement in _SNAPSHOT:
                self._query(statement)
            session.variables["time_zone"] = "+00:00"
            for name in [self._database] if self._database else self._databases():
                session.restart(name)
                session.variables["time_zone"] = "+00:00"
                yield from self._of_database(name, database, session)
        except pymysql.MySQLError as error:
            raise SourceError(f"{self.name}: {_text(error)}") from error

    def _query(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        assert self._connection is not None
        with self._connection.cursor(pymysql.cursors.Cursor) as cursor:
            cursor.execute(sql, arguments or None)
            return [tuple(map(_shown, row)) for row in cursor.fetchall()]

    def _databases(self) -> list[str]:
        return [name for (name,) in self._query("show databases") if name.lower() not in _SYSTEM]

    def _of_database(self, name: str, database: Database, session: Session) -> Iterator[Event]:
        self._query(f"use {_name(name)}")
        relations = self._query(
            "select table_name, table_type, engine from information_schema.tables where table_schema = %s "
            "order by table_name",
            name,
        )
        tables = [
            (table, engine) for table, kind, engine in relations if "BASE" in kind or "VERSIONED" in kind
        ]
        for table, _ in tables:
            yield from self._define(f"show create table {_name(table)}", 1, database, session)
        for table, kind, _ in relations:
            if kind == "SEQUENCE":
                yield from self._define(f"show create sequence {_name(table)}", 1, database, session)
        for table, engine in tables:
            key = (name, table)
            if not session.wants(key):
                continue
            if engine not in _TRANSACTIONAL:
                reason = f"{table} is in {engine}, which has no snapshots: rows written during the migration may differ"
                yield Untranslated(self.name, 0, "", reason)
            yield from self._rows(key, database.tables[key])
        for kind, listing, column in (
            ("view", "select table_name from information_schema.views where table_schema = %s", 1),
            ("function", _ROUTINES.format("FUNCTION"), 2),
            ("procedure", _ROUTINES.format("PROCEDURE"), 2),
            ("trigger", "select trigger_name from information_schema.triggers where trigger_schema = %s", 2),
            ("event", "select event_name from information_schema.events where event_schema = %s", 3),
        ):
            for (program,) in self._query(listing, name):
                yield from self._define(f"show create {kind} {_name(program)}", column, database, session)

    def _define(self, query: str, column: int, database: Database, session: Session) -> Iterator[Event]:
        try:
            [row] = self._query(query)
        except pymysql.MySQLError as error:
            yield Untranslated(self.name, 0, "", f"{query} failed: {_text(error)}")
            return
        sql = row[column]
        mode = Mode.named(row[1]) if column > 1 else Mode()  # that of programs is told beside them
        if sql is None:
            yield Untranslated(
                self.name, 0, "", f"{query} shows nothing: this user may not see the definition"
            )
        elif not ddl.apply(
            database,
            session.database,
            Statement(sql.encode("utf-8", "surrogateescape"), mode, mariadb=True),
        ):
            yield Untranslated(self.name, 0, sql)

    def _rows(self, key: TableKey, table: Table) -> Iterator[Rows]:
        columns = [column for column in table.columns if column.generated is None]
        if not columns:
            return
        large = any(column.type.name in _LARGE for column in columns)
        selected = (
            ", ".join(_raw(table, c) for c in columns)
            if large
            else _row([_literal(table, c) for c in columns])
        )
        assert self._connection is not None
        with self._connection.cursor(SSCursor) as cursor:
            cursor.execute(f"select {selected} from {_name(key[1])}")
            place = 0
            rows: list[bytes] = []
            size = 0
            while fetched := cursor.fetchmany(_FETCHED):
                for values in fetched:
                    row = _joined(values, table, columns) if large else values[0]
                    rows.append(row)
                    size += len(row)
                if size >= WINDOW:
                    yield self._chunk(key, columns, rows, place)
                    place += len(rows)
                    rows, size = [], 0
            if rows:
                yield self._chunk(key, columns, rows, place)

    def _chunk(self, key: TableKey, columns: list[Column], rows: list[bytes], place: int) -> Rows:
        text = b",".join(rows)
        starts = np.cumsum([0, *(len(row) + 1 for row in rows[:-1])])
        return Rows(
            key,
            tuple(column.name for column in columns),
            padded(text),
            len(text),
            0,
            len(rows),
            f"{self.name}/{key[0]}.{key[1]}",
            place,
            Mode(),
            "utf8mb4",
            "+00:00",
            np.array([starts, range(place, place + len(rows))], dtype=np.int64),
            snapshot=True,
        )


def _shown(value: object) -> object:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


_ROUTINES = (
    "select routine_name from information_schema.routines where routine_schema = %s and routine_type = '{}'"
)


def _name(text: str) -> str:
    return "`" + text.replace("`", "``") + "`"


def _row(literals: Iterable[str]) -> str:
    """The expression for a whole row, in bytes."""
    parts = ", ',', ".join(f"ifnull({literal}, 'NULL')" for literal in literals)
    return f"cast(concat('(', {parts}, ')') as binary)"


def _literal(table: Table, column: Column) -> str:
    """The expression for a column's value as a literal."""
    own = _name(column.name)
    if _is_bytes(table, column):
        return f"concat('x''', hex({own}), '''')"
    if column.type.name in _TEXTS:
        return f"quote(convert({own} using utf8mb4))"
    return f"quote({own})"


def _raw(table: Table, column: Column) -> str:
    """The expression for a column's value in bytes."""
    own = _name(column.name)
    if _is_bytes(table, column):
        return f"cast({own} as binary)" if column.type.name != "bit" else f"unhex(lpad(hex({own}), 16, '0'))"
    return f"cast(convert({own} using utf8mb4) as binary)"


def _is_bytes(table: Table, column: Column) -> bool:
    return column.type.name in _BYTES or (column.type.name in _TEXTS and is_binary(table, column))


def _joined(values: tuple[bytes | None, ...], table: Table, columns: list[Column]) -> bytes:
    literals = [
        b"NULL"
        if value is None
        else b"x'" + value.hex().encode() + b"'"
        if _is_bytes(table, column)
        else b"'" + value.replace(b"\\", b"\\\\").replace(b"'", b"''") + b"'"
        for value, column in zip(values, columns, strict=True)
    ]
    return b"(" + b",".join(literals) + b")"


def _options(url: str) -> tuple[str | None, dict[str, Any]]:
    """The database that a URL names and what pymysql is to be told. Raises InputError for what is not understood."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    try:
        port = parts.port
    except ValueError as error:
        raise InputError(f"{names.shown(url)}: {error}") from None
    options: dict[str, Any] = {
        "host": unquote(parts.hostname) if parts.hostname else None,
        "port": port or 0,
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password)
        if parts.password is not None
        else os.environ.get("MYSQL_PWD", ""),
        "charset": "utf8mb4",
        "use_unicode": False,  # defaults of binary columns are bytes
        "conv": encoders,  # values are wanted as the server writes them
        "connect_timeout": 15,
        "max_allowed_packet": 1 << 30,
        "cursorclass": SSCursor,
        # As for the mysql client: who names an authority wants it asked.
        "ssl_mode": asked.pop("ssl-mode", "VERIFY_CA" if "ssl-ca" in asked else "PREFERRED").upper(),
        "ssl_ca": asked.pop("ssl-ca", None),
    }
    if options["ssl_mode"] not in _MODES:
        raise InputError(f"{names.shown(url)}: ssl-mode is one of {', '.join(_MODES)}")
    file = Path(asked.pop("defaults-file", "~/.my.cnf")).expanduser()
    if file.exists():
        options["read_default_file"] = str(file)
    elif "defaults-file" in url:
        raise InputError(f"{file}: there is no such file")
    if "socket" in asked:
        options["unix_socket"] = asked.pop("socket")
    if asked:
        raise InputError(
            f"{names.shown(url)}: the option {next(iter(asked))} is not known; these are: ssl-mode, ssl-ca, "
            "defaults-file, socket"
        )
    return unquote(parts.path.strip("/")) or None, options


def _connected(options: dict[str, Any], name: str) -> "pymysql.Connection[SSCursor]":
    """A connection; without a password anywhere, and a server that wants one, the user is asked."""
    given = dict(options)
    mode, authority = given.pop("ssl_mode"), given.pop("ssl_ca")
    if given["user"] is None and "read_default_file" not in given:
        given["user"] = getuser()
    given = {key: value for key, value in given.items() if value is not None}
    context = _context(mode, authority)
    try:
        return pymysql.connect(**given, ssl=context, ssl_disabled=context is None)
    except pymysql.MySQLError as error:
        code = error.args[0] if error.args else 0
        if code == CR.CR_SSL_CONNECTION_ERROR and mode == "PREFERRED":
            return _connected({**options, "ssl_mode": "DISABLED"}, name)
        if code == ER.ACCESS_DENIED_ERROR and not given["password"] and sys.stdin.isatty():
            return _connected({**options, "password": getpass(f"Password for {name}: ")}, name)
        way_out = (
            _UNKNOWN_AUTHORITY if "CERTIFICATE_VERIFY_FAILED" in _text(error) else _WAYS_OUT.get(code, "")
        )
        raise SourceError(f"{name}: {_text(error)}{way_out}") from error
    except RuntimeError as error:  # of PyMySQL, which sends no password of this kind in the clear
        raise SourceError(f"{name}: {error}. With ?ssl-mode=REQUIRED nothing else is needed") from error


_UNKNOWN_AUTHORITY = ". Name the certificate of the authority that signed the server's with ?ssl-ca=FILE"
_WAYS_OUT = {
    ER.ACCESS_DENIED_ERROR: ". Put the password into MYSQL_PWD, ~/.my.cnf or the URL (percent-encoded)",
    ER.DBACCESS_DENIED_ERROR: ". Grant the user SELECT, SHOW VIEW, TRIGGER and EVENT on it",
    CR.CR_CONN_HOST_ERROR: ". Is the server running, and are host and port right?",
    CR.CR_SSL_CONNECTION_ERROR: ". With ?ssl-mode=DISABLED the connection is not encrypted",
}


def _context(mode: str, authority: str | None) -> ssl.SSLContext | None:
    """How TLS is spoken: MySQL's --ssl-mode."""
    if mode == "DISABLED":
        return None
    try:
        context = ssl.create_default_context(cafile=authority)
    except OSError as error:  # ssl.SSLError is one
        raise InputError(f"ssl-ca={authority}: {error.strerror or error}") from error
    context.check_hostname = mode == "VERIFY_IDENTITY"
    if mode in ("PREFERRED", "REQUIRED"):
        context.verify_mode = ssl.CERT_NONE
    return context


def _text(error: pymysql.MySQLError) -> str:
    return str(error.args[1]) if len(error.args) > 1 else str(error)
