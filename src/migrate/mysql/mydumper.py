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
from .folder import Folder
from .mysqldump import Dump
from .textfile import TextFile

_PACKING = re.compile(r"\.(gz|zst|lz4|xz|bz2)$")
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
    return any(_DEFINITION.fullmatch(_PACKING.sub("", file)) for file in folder.sizes)


def _is_load_data(file: str, folder: Folder) -> bool:
    """Whether the SQL file only says how the file of fields beside it is to be loaded."""
    stem = _PACKING.sub("", file).removesuffix(".sql")
    return any(_PACKING.sub("", other) == f"{stem}.dat" for other in folder.sizes)


def inputs(folder: Folder) -> Sequence[Dump | TextFile | Coordinates]:
    """Databases, tables, views, rows, triggers, programs."""
    found: list[tuple[int, str, Dump | TextFile | Coordinates]] = []
    for file in folder.sizes:
        bare = _PACKING.sub("", file)
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
            if match["kind"] == "sql" and _is_load_data(file, folder):
                continue
            if match["kind"] == "sql":
                found.append((3, file, Dump(source, part=True, database=database, rank=3)))
            else:
                dialect = CSV if match["kind"] == "csv" else TSV
                found.append((3, file, TextFile(source, table, dialect, database=database, certain=False)))
        elif bare.endswith(".sql"):
            found.append((5, file, Dump(folder.source(file), part=True, rank=5)))
    return [one for _, _, one in sorted(found, key=lambda entry: entry[:2])]
