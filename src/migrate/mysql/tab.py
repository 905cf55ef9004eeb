"""Folders of SQL files and of the text files that `mysqldump --tab` and `SELECT … INTO OUTFILE` write beside them.

Every SQL file is a dump of its own; `t.txt` (or `.tsv`, `.csv`) has the rows of the table `t`.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

from .dialect import CSV, TSV
from .folder import LOOK, PACKING, Folder
from .mysqldump import Dump, rank
from .textfile import TextFile

_DIALECTS = {".txt": TSV, ".tsv": TSV, ".csv": CSV}


def _suffix(file: str) -> str:
    return PurePosixPath(PACKING.sub("", file)).suffix.lower()


def holds(folder: Folder) -> bool:
    """Whether the folder has files of this kind."""
    return any(_suffix(file) == ".sql" for file in folder.sizes)


def inputs(folder: Folder) -> Sequence[Dump | TextFile]:
    """Definitions first, then rows."""
    dumps = [
        Dump(folder.source(file), part=True, rank=rank(folder.head(file, LOOK)), beside=folder.beside)
        for file in folder.sizes
        if _suffix(file) == ".sql"
    ]
    texts = [
        TextFile(
            folder.source(file),
            PurePosixPath(PACKING.sub("", file)).stem,
            _DIALECTS[_suffix(file)],
            certain=False,
        )
        for file in folder.sizes
        if _suffix(file) in _DIALECTS
    ]
    return [*sorted(dumps, key=lambda dump: dump.rank), *texts]
