"""From what stands on the command line to what is read, in order: each source is known by its content.

An `Input` is a part of a source that is read in its turn, such as a file of a folder.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol, cast

from ..errors import InputError, MigrateError
from ..model import Database
from . import folder, mydumper, shell_dump, source, tab, xml_dump
from .events import Event
from .folder import Folder
from .mysqldump import Dump, rank
from .names import S3, SERVERS
from .session import Session
from .source import Source
from .textfile import TextFile
from .xml_dump import XmlDump


class Input(Protocol):
    """A part of a source.

    `name` is for messages; `size` its bytes as they are stored, None when unknown; `consumed` how many were read.
    """

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int | None: ...
    @property
    def consumed(self) -> int: ...

    def events(self, database: Database, session: Session) -> Iterator[Event]:
        """What there is to tell, in order; definitions go into `database`."""

    def close(self) -> None:
        """Let go of files and connections."""


def named(names: Iterable[str]) -> list[Input]:
    """The inputs of some sources: files that define tables come before those that have only rows."""
    sources = [_of_name(name) for name in names]
    return [one for source in sorted(sources, key=_rank) for one in source]


def is_for_anyone(one: Input) -> bool:
    """Whether it is a file of one table's rows and nothing else, which anyone who reaches the source can open."""
    return isinstance(one, Dump | TextFile) and one.is_for_anyone


def can_be_shared(one: Input) -> bool:
    """Whether anyone who reaches the source can read its rows, all of them or those at a place."""
    return is_for_anyone(one) or (isinstance(one, Dump) and one.has_ranges)


def _rank(inputs: list[Input]) -> int:
    return inputs[0].rank if len(inputs) == 1 and isinstance(inputs[0], Dump) else 0


def _of_name(path: str) -> list[Input]:
    # What these two need takes a while to import.
    if path.startswith(SERVERS):
        from .server import ServerDump

        return [ServerDump(path)]
    if path.startswith(S3):
        from . import s3

        def opened() -> Source | Folder:
            return s3.open_(path)

        found = opened()
        return (
            _of_folder(found)
            if isinstance(found, Folder)
            else _of_source(found, lambda: cast("Source", opened()))
        )
    if path != "-" and Path(path).is_dir():
        return _of_folder(folder.of_directory(Path(path)))
    return _of_source(source.of_path(path), lambda: source.of_path(path))


def _of_source(opened: Source, again: Callable[[], Source]) -> list[Input]:
    """What a file holds, by its first bytes."""
    try:
        head = opened.peek(folder.LOOK)
    except MigrateError:
        opened.close()
        raise
    if folder.is_zip(head):
        return _of_folder(folder.of_zip(opened))
    if folder.is_tar(head):
        return _of_folder(folder.of_tar(opened))
    if opened.size is not None:
        opened.close()
        opened = again()
    return [XmlDump(opened) if xml_dump.holds(head) else Dump(opened, rank=rank(head))]


def _of_folder(whole: Folder) -> list[Input]:
    """The dump in the folder itself, else those in the folders inside it."""
    inputs: list[Input] = []
    for part in whole.parts():
        kind = next((kind for kind in (shell_dump, mydumper, tab) if kind.holds(part)), None)
        if kind is not None:
            inputs += kind.inputs(part)
            if part.name == whole.name:
                break
    if not inputs:
        raise InputError(f"{whole.name}: no file in it is part of a MySQL dump")
    return inputs
