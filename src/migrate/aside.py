"""Files that are made aside and moved into place when they are whole: half a file is never taken for one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast


@contextmanager
def made_aside(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which becomes `path` unless something is raised. Raises OSError where that cannot be."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        part = Path(file.name)
        try:
            yield cast("BinaryIO", file)
            file.flush()
            part.chmod(0o666 & ~_umask())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
