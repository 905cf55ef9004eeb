"""The file that --output names."""

import bz2
import gzip
import lzma
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from .aside import made_aside
from .errors import InputError, TargetError


@contextmanager
def script_file(output: str) -> Iterator[BinaryIO]:
    """The file to write, compressed as its name says; standard output, a pipe or a device is written to as it is."""
    path = Path(output)
    try:
        with ExitStack() as opened:
            if output == "-":
                yield sys.stdout.buffer
            elif path.exists() and not path.is_file():
                yield opened.enter_context(path.open("wb"))
            else:
                file = opened.enter_context(made_aside(path.resolve()))
                yield opened.enter_context(_compressed(file, path.suffix.lower()))
    except BrokenPipeError:
        raise
    except OSError as error:
        missing = isinstance(
            error, (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError)
        )
        raise (InputError if missing else TargetError)(f"--output: {output}: {error.strerror}") from error


def _compressed(file: BinaryIO, suffix: str) -> AbstractContextManager[BinaryIO]:
    """What is written to the file, in the way that its name says; closing it leaves the file open."""
    match suffix:
        case ".gz":
            return gzip.GzipFile(fileobj=file, mode="wb", filename="", compresslevel=6)  # type: ignore[return-value]
        case ".bz2":
            return bz2.BZ2File(file, "wb")  # type: ignore[return-value]
        case ".xz":
            return lzma.LZMAFile(file, "wb", preset=1)  # type: ignore[return-value]
        case ".zst":
            import zstandard

            return zstandard.ZstdCompressor().stream_writer(file, closefd=False)
    return nullcontext(file)
