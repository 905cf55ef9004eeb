"""A folder of files as one source: a directory, or an archive that holds one (zip, tar, compressed tar)."""

import re
import shutil
import tarfile
import tempfile
import weakref
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from ..errors import InputError, SourceError
from .source import Source

_TAR_MAGIC = b"ustar"
_TAR_MAGIC_AT = 257
_ZIP_MAGIC = b"PK\x03\x04"
PACKING = re.compile(r"\.(gz|zst|lz4|xz|bz2)$")
LOOK = 1 << 16  # bytes of a file that tell what it is


class Folder:
    """Files by their names; `name` is the folder's own, for messages; those of an archive do not stand alone."""

    def __init__(
        self, name: str, sizes: dict[str, int], opener: Callable[[str], BinaryIO], *, stands_alone: bool
    ) -> None:
        self.name = name
        self.sizes = dict(sorted(sizes.items()))
        self._opener = opener
        self._stands_alone = stands_alone

    def source(self, file: str) -> Source:
        """One of its files."""
        return Source(
            f"{self.name}/{file}",
            self.sizes[file],
            lambda: self._opener(file),
            stands_alone=self._stands_alone,
        )

    def read(self, file: str) -> bytes:
        """All of a small file, unpacked."""
        source = self.source(file)
        try:
            text = b""
            room = bytearray(1 << 16)
            while size := source.read_into(memoryview(room)):
                text += room[:size]
            return text
        finally:
            source.close()

    def head(self, file: str, size: int) -> bytes:
        """The first bytes of a file, unpacked."""
        source = self.source(file)
        try:
            return source.peek(size)
        finally:
            source.close()

    def beside(self, wanted: str) -> Source | None:
        """The file of that name, packed or not; None where there is none."""
        name = PurePosixPath(wanted).name
        found = next((file for file in self.sizes if PACKING.sub("", file) == PACKING.sub("", name)), None)
        return self.source(found) if found else None

    def parts(self) -> "list[Folder]":
        """Every folder in it that has files, to any depth, the outermost first."""
        levels: dict[str, dict[str, int]] = {}
        for file, size in self.sizes.items():
            parent, _, base = file.rpartition("/")
            levels.setdefault(parent, {})[base] = size
        return [self._inner(parent, files) for parent, files in sorted(levels.items())]

    def _inner(self, parent: str, files: dict[str, int]) -> "Folder":
        if not parent:
            return Folder(self.name, files, self._opener, stands_alone=self._stands_alone)
        return Folder(
            f"{self.name}/{parent}",
            files,
            lambda file: self._opener(f"{parent}/{file}"),
            stands_alone=self._stands_alone,
        )


def of_directory(path: Path) -> Folder:
    """A directory. Hidden files are none of a dump's."""
    try:
        files = {
            file.relative_to(path).as_posix(): file.stat().st_size
            for file in path.rglob("*")
            if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
        }
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from error
    if not files:
        raise InputError(f"{path}: there are no files in this directory")
    return Folder(str(path), files, lambda file: (path / file).open("rb", buffering=0), stands_alone=True)


def is_zip(head: bytes) -> bool:
    """Whether a file with these first bytes is a zip archive."""
    return head.startswith(_ZIP_MAGIC)


def is_tar(head: bytes) -> bool:
    """Whether a file with these first bytes, unpacked, is a tar archive."""
    return head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + len(_TAR_MAGIC)] == _TAR_MAGIC


def of_zip(source: Source) -> Folder:
    """The files in a zip archive."""
    try:
        file = _seekable(source)
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise InputError(f"{source.name}: the zip archive is damaged: {error}. Copy it again") from error
    files = {info.filename: info.file_size for info in archive.infolist() if _is_file(info.filename)}
    return _of_archive(source, file, files, lambda name: cast("BinaryIO", archive.open(name)))


def of_tar(source: Source) -> Folder:
    """The files in a tar archive."""
    try:
        file = _seekable(source)
        archive = tarfile.open(fileobj=file)  # noqa: SIM115  open as long as its files are read
        members = {m.name.removeprefix("./"): m for m in archive if m.isfile() and _is_file(m.name)}
    except tarfile.TarError as error:
        raise InputError(f"{source.name}: the tar archive is damaged: {error}. Copy it again") from error
    files = {name: member.size for name, member in members.items()}
    return _of_archive(source, file, files, lambda name: cast("BinaryIO", archive.extractfile(members[name])))


def _of_archive(
    source: Source, file: BinaryIO, sizes: dict[str, int], opener: Callable[[str], BinaryIO]
) -> Folder:
    made = Folder(source.name, sizes, opener, stands_alone=False)
    # Its files are read one after the other, the last one perhaps never: the archive is open as long as they are there.
    weakref.finalize(opener, file.close)
    return made


def _is_file(name: str) -> bool:
    parts = PurePosixPath(name.removeprefix("./")).parts
    return not name.endswith("/") and not any(part.startswith((".", "__MACOSX")) for part in parts)


def _seekable(source: Source) -> BinaryIO:
    """The source, unpacked, as a temporary file: the files of an archive are not in the order they are wanted."""
    file = tempfile.TemporaryFile(prefix="migrate-")  # noqa: SIM115  closed with the archive that reads it
    room = bytearray(1 << 20)
    try:
        while size := source.read_into(memoryview(room)):
            file.write(memoryview(room)[:size])
    except OSError as error:
        free = shutil.disk_usage(tempfile.gettempdir()).free // 1_000_000
        raise SourceError(
            f"{source.name}: cannot be unpacked into {tempfile.gettempdir()}, which has {free} MB left: "
            f"{error.strerror}. Set TMPDIR to a directory with more room"
        ) from error
    finally:
        source.close()
    file.seek(0)
    return cast("BinaryIO", file)
