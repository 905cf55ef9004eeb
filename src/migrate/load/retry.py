"""Loading rows that an earlier run refused, once they are mended."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ..aside import made_aside
from ..errors import InputError
from ..model import Table
from ..mysql.events import Rows, padded
from ..plan import Space, TargetTable
from ..policies import Choices
from ..postgres import catalog, ddl
from ..postgres.psql import Server, Session, local_zone
from ..report import Report, TableReport
from ..transcode import native
from ..transcode.chunk import Transcoder
from .account import account
from .control import SETTINGS
from .rejects import Chunk, Reject, read
from .table import TableLoad


def retry(server: Server, path: Path, report: Report, choices: Choices) -> None:
    """Load the rows of `path`; it holds afterwards those, and no others, that are refused again.

    Rows of a table are loaded in one transaction. Raises InputError when a table or column is not in the target.
    """
    waiting = sorted(read(path), key=_group)
    if not waiting:
        raise InputError(f"{path} holds no rows")
    tables: dict[tuple[str, str], TableLoad] = {}
    again: list[Reject] = []
    with closing(server.session(SETTINGS)) as session:
        while waiting:
            group = [reject for reject in waiting if _group(reject) == _group(waiting[0])]
            again += _load(session, group, choices, tables)
            waiting = waiting[len(group) :]
            _write(path, again + waiting)
        for load in tables.values():
            for statement in ddl.set_sequences(load.target, load.target.schema):
                session.run(f"{statement};")
            report.tables.append(load.report)
            account(load, report)
        _check_references(session, tables)


def _write(path: Path, rejects: list[Reject]) -> None:
    """Put these rows into the place of those in the file."""
    with made_aside(path.resolve()) as file:
        file.writelines(f"{reject.json}\n".encode() for reject in rejects)


def _group(reject: Reject) -> tuple[str, ...]:
    columns = ",".join(column or "" for column in reject.columns)
    return reject.schema, reject.table, columns, reject.sql_mode, reject.time_zone or ""


def _load(
    session: Session, group: list[Reject], choices: Choices, tables: dict[tuple[str, str], TableLoad]
) -> list[Reject]:
    """Load rows of one table with the same columns; those that are refused again."""
    first = group[0]
    load = tables.setdefault((first.schema, first.table), _table(session, first, choices))
    columns = [load.target.column(name) if name else None for name in first.columns]
    if missing := [name for name, column in zip(first.columns, columns, strict=True) if name and not column]:
        raise InputError(f"the table {load.target.label} has no column {missing[0]}")
    refused = [replace(reject, reason="it is not one row") for reject in group if not _is_row(reject)]
    group = [reject for reject in group if _is_row(reject)]
    load.report.rows_read += len(group) + len(refused)
    load.report.rows_rejected += len(refused)
    text = b"".join(reject.row.encode("utf-8", "surrogateescape") for reject in group)
    data = padded(text)
    table = (first.schema, first.table)
    rows = Rows(table, None, data, len(text), 0, len(group), first.source, 0, first.mode, "utf8mb4")
    transcoder = Transcoder(columns)
    chunk = Chunk(
        transcoder,
        rows,
        transcoder.copy_text(rows, refuse=True),
        lambda row: refused.append(replace(group[row.number], reason=row.reason)),
    )
    before = f"{local_zone(first.time_zone)};" if first.time_zone else ""
    statement = ddl.copy(load.target, [column for column in columns if column], first.schema)
    taken = chunk.copy(session, before, statement, lambda _taken, _merged: "")
    assert taken is not None  # it was not tentative
    load.loaded(taken.rows, 0.0, taken.found, None)
    return refused


def _table(session: Session, reject: Reject, choices: Choices) -> TableLoad:
    relation = catalog.tables(session, reject.schema).get(reject.table.lower())
    if relation is None:
        raise InputError(f"the table {reject.schema}.{reject.table} is not in the target")
    columns = [replace(column, policies=choices.policies) for column in relation.columns]
    target = TargetTable(Table(None, reject.table), Space(None, reject.schema), relation.name, columns)
    return TableLoad(target, TableReport(target.label, target.label))


def _is_row(reject: Reject) -> bool:
    text = reject.row.encode("utf-8", "surrogateescape")
    data = padded(text)
    return text[:1] == b"(" and native.skip_row(data, 0, len(text), reject.mode.backslash_escapes) == len(
        text
    )


def _check_references(session: Session, tables: Iterable[tuple[str, str]]) -> None:
    """Check references that could not be checked while rows were missing."""
    for schema, table in tables:
        for own, constraint in session.query(
            "select conrelid::regclass, conname from pg_constraint where contype = 'f' and not convalidated and "
            f"{ddl.literal(ddl.name(schema, table))}::regclass in (conrelid, confrelid)"
        ):
            session.run(ddl.tolerant(f"alter table {own} validate constraint {ddl.name(constraint)}") + ";")
