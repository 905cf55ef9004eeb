"""Folders that MySQL Shell makes (`util.dumpInstance`, `dumpSchemas`, `dumpTables`): SQL, JSON, and chunks of fields.

`@.json` lists the schemas, `<schema>.json` its tables and the beginnings of their files' names, `<schema>@<table>.json`
how the fields of its chunks `<schema>@<table>@…` are written.
"""

import json
from collections.abc import Sequence
from typing import Any

from ..errors import InputError
from .coordinates import Coordinates
from .dialect import Dialect
from .folder import Folder
from .mysqldump import Dump
from .textfile import TextFile

_DECODERS = {"UNHEX": "hex", "FROM_BASE64": "base64"}


def holds(folder: Folder) -> bool:
    """Whether the folder has files of this kind."""
    return "@.json" in folder.sizes


def inputs(folder: Folder) -> Sequence[Dump | TextFile | Coordinates]:
    """Schemas, tables, rows, views, triggers."""
    instance = _json(folder, "@.json")
    if "@.done.json" not in folder.sizes:
        raise InputError(f"{folder.name}: the dump is not complete: it has no @.done.json. Dump it again")
    zone = "+00:00" if instance.get("tzUtc", True) else None
    definitions: list[Dump] = []
    rows: list[TextFile] = []
    afterwards: list[Dump] = []
    for schema in instance["schemas"]:
        base = instance["basenames"][schema]
        described = _json(folder, f"{base}.json")
        names = described.get("basenames", {})

        def sql(file: str, schema: str = schema) -> list[Dump]:
            if file not in folder.sizes:
                return []
            return [Dump(folder.source(file), part=True, database=schema)]

        definitions += sql(f"{base}.sql")
        for table in described.get("tables", ()):
            file = names[table]
            definitions += sql(f"{file}.sql")
            rows += _chunks(folder, schema, table, file, zone)
            afterwards += sql(f"{file}.triggers.sql")
        for view in described.get("views", ()):
            definitions += sql(f"{names[view]}.pre.sql")
            afterwards = [*sql(f"{names[view]}.sql"), *afterwards]
    place = Coordinates(folder.source("@.json"), _coordinates)
    return [place, *definitions, *rows, *afterwards]


def _coordinates(text: bytes) -> dict[str, str]:
    instance = json.loads(text)
    known = {"file": "binlogFile", "position": "binlogPosition", "gtid": "gtidExecuted"}
    return {name: str(instance[key]) for name, key in known.items() if instance.get(key)}


def _chunks(folder: Folder, schema: str, table: str, file: str, zone: str | None) -> list[TextFile]:
    if f"{file}.json" not in folder.sizes:
        return []
    described = _json(folder, f"{file}.json")
    options = described["options"]
    dialect = Dialect(
        options.get("fieldsTerminatedBy", "\t"),
        options.get("fieldsEnclosedBy", ""),
        options.get("fieldsEscapedBy", "\\"),
        options.get("linesTerminatedBy", "\n"),
    )
    decoders = {name: _DECODERS[how] for name, how in options.get("decodeColumns", {}).items()}
    extension = described.get("extension", "tsv.zst")
    return [
        TextFile(
            folder.source(chunk),
            table,
            dialect,
            database=schema,
            columns=tuple(options["columns"]),
            encoded=decoders,
            charset=options.get("defaultCharacterSet", "utf8mb4"),
            zone=zone,
        )
        for chunk in folder.sizes
        if chunk.endswith(f".{extension}")
        and (chunk == f"{file}.{extension}" or chunk.startswith(f"{file}@"))
    ]


def _json(folder: Folder, file: str) -> Any:
    if file not in folder.sizes:
        raise InputError(f"{folder.name}: {file} is missing: copy the whole folder again")
    try:
        return json.loads(folder.read(file))
    except ValueError as error:
        raise InputError(f"{folder.name}/{file}: this is not JSON: {error}. Copy the folder again") from error
