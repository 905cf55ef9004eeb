"""Folders that mydumper, dumpling and their relatives make: files named `database.table…`, of all generations.

| file | holds |
|---|---|
| `db-schema-create.sql` | CREATE DATABASE |
| `db.table-schema.sql` | CREATE TABLE |
| `db.table-schema-view.sql`, `db.table-schema-triggers.sql` | a view, a table's triggers |
| `db-schema-post.sql` | routines and events |
| `db.table.sql`, `db.table.00001.sql`, `db.table.00001.00002.sql` | rows, as INSERT or LOAD DATA |
| `db.table.000000001.csv`, `db.table.00001.dat` | rows, as lines of fields |
| `metadata` | the server's place in its binary log |
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from .coordinates import Coordinates, of_metadata
from .dialect import CSV, TSV
from .folder import PACKING, Folder
from .mysqldump import Dump
from .textfile import TextFile

_KINDS = (
    ("-schema-create.sql", 0),
    ("-schema-tablespace.sql", 0),
    ("-schema-sequence.sql", 1),
    ("-schema.sql", 1),
    ("-schema-view.sql", 2),
    ("-schema-triggers.sql", 4),
    ("-schema-post.sql", 5),
)
_DEFINITION = re.compile(r"[^.]+(\..+-schema|-schema-create)\.sql")
_ROWS = re.compile(r"(?P<database>[^.]+)\.(?P<table>.+?)(?:\.\d+)*\.(?P<kind>sql|csv|dat)")


def holds(folder: Folder) -> bool:
    """Whether the folder has files of this kind."""
    return any(_DEFINITION.fullmatch(PACKING.sub("", file)) for file in folder.sizes)


def _is_told_of(file: str, folder: Folder) -> bool:
    """Whether an SQL file beside it says how the file of fields is to be loaded."""
    stem = PACKING.sub("", file).rpartition(".")[0]
    return any(PACKING.sub("", other) == f"{stem}.sql" for other in folder.sizes)


def inputs(folder: Folder) -> Sequence[Dump | TextFile | Coordinates]:
    """Databases, tables, views, rows, triggers, programs."""
    found: list[tuple[int, str, Dump | TextFile | Coordinates]] = []
    for file in folder.sizes:
        bare = PACKING.sub("", file)
        if bare == "metadata":
            source = folder.source(file)
            found.append(
                (0, file, Coordinates(source, lambda text: of_metadata(text.decode("utf-8", "replace"))))
            )
            continue
        kind = next(((end, order) for end, order in _KINDS if bare.endswith(end)), None)
        if kind is not None:
            end, order = kind
            database = None if order == 0 else unquote(bare.removesuffix(end).split(".")[0])
            found.append((order, file, Dump(folder.source(file), part=True, database=database, rank=order)))
        elif match := _ROWS.fullmatch(bare):
            database, table = unquote(match["database"]), unquote(match["table"])
            source = folder.source(file)
            if match["kind"] == "sql":
                dump = Dump(source, part=True, database=database, rank=3, beside=folder.beside, rows=True)
                found.append((3, file, dump))
            elif not _is_told_of(file, folder):
                dialect = CSV if match["kind"] == "csv" else TSV
                found.append((3, file, TextFile(source, table, dialect, database=database, certain=False)))
        elif bare.endswith(".sql"):
            found.append((5, file, Dump(folder.source(file), part=True, rank=5)))
    return [one for _, _, one in sorted(found, key=lambda entry: entry[:2])]
