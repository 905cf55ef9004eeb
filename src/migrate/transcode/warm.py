"""The compiled code, made once per machine, in processes of its own: compiling takes more memory than any load.

numba keeps what it has compiled beside this package or, where nobody may write there, in the user's cache; the variable
NUMBA_CACHE_DIR names another place.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..model import Database
from ..mysql import inputs
from ..mysql.events import Rows
from ..mysql.session import Session
from ..plan import Notes, Planner, TargetTable
from ..verify import Digester, provable
from . import binary, digest, kernel
from .chunk import Copied, Transcoder

_DUMP = "CREATE TABLE t (a int, b text);\nINSERT INTO t VALUES (1,'a');\n"


def forget_stale() -> None:
    """Delete what was compiled before any of the sources was last written, as far as it may be deleted.

    numba looks only at a function's own file, not at those whose functions it calls.
    """
    written = max(source.stat().st_mtime for source in Path(__file__).parent.glob("*.py"))
    for kept in Path(kernel.transcode._cache.cache_path).glob("*.nb[ci]"):
        with suppress(OSError):  # another process was quicker, or nobody may write there
            if kept.stat().st_mtime < written:
                kept.unlink()


def is_cold() -> bool:
    """Whether this machine has yet to compile what a load needs."""
    return not all(
        any(Path(one._cache.cache_path).glob(f"*.{one.__name__}-*.nbi"))
        for one in (kernel.transcode, digest.digest, binary.pack)
    )


def compile_apart() -> None:
    """Compile in other processes, a step each; if that fails, a load compiles for itself, at its first rows."""
    for step in _STEPS:
        command = [sys.executable, "-m", __name__, step]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def _read() -> tuple[Database, list[Rows]]:
    database, session = Database(), Session()
    session.wants = lambda _: True
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(_DUMP)
        file.flush()
        [one] = inputs.named([file.name])
        rows = [event for event in one.events(database, session) if isinstance(event, Rows)]
        one.close()
    return database, rows


def _transcode() -> tuple[TargetTable, Copied]:
    database, [rows] = _read()
    table = Planner("public", Notes()).table(database.tables[rows.table])
    return table, Transcoder(list(table.columns)).copy_text(rows)


def _digest() -> None:
    table, copied = _transcode()
    Digester(table, provable(table)).digest(copied.text, copied.size)


def _pack() -> None:
    _, copied = _transcode()
    binary.Packer().packed(copied.text, copied.size, copied.rows, ["int4", "text"], 0)


# In this order, each step finds those before it compiled.
_STEPS: dict[str, Callable[[], object]] = {
    "read": _read,
    "transcode": _transcode,
    "digest": _digest,
    "pack": _pack,
}


if __name__ == "__main__":
    _STEPS[sys.argv[1]]()
