"""Where in the server's binary log a dump was taken: what replication would go on from."""

import re
from collections.abc import Callable, Iterator

from ..model import Database
from .events import Event
from .session import Session
from .source import Source, SourceFile

_COORDINATES = re.compile(
    r"""(?ix) (?: (?:MASTER|SOURCE)_LOG_FILE \s*=\s* '(?P<file>[^']+)'
      | (?:MASTER|SOURCE)_LOG_POS \s*=\s* (?P<position>\d+)
      | \b(?:gtid_purged|gtid_slave_pos)\b [^;']* (?:'\+'[^;']*)? '(?P<gtid>[^']+)' )"""
)
_METADATA = re.compile(
    r"(?im)^\s*#?\s*(?:(?:Log|File|SOURCE_LOG_FILE)\s*[:=]\s*(?P<file>\S+)|"
    r"(?:Pos|Position|SOURCE_LOG_POS)\s*[:=]\s*(?P<position>\d+)|"
    r"(?:GTID|Executed_Gtid_Set)\s*[:=]\s*(?P<gtid>\S+))"
)


def of_statement(text: str) -> dict[str, str]:
    """What CHANGE MASTER TO, CHANGE REPLICATION SOURCE TO or SET … gtid_purged says: `file`, `position`, `gtid`."""
    return _found(_COORDINATES, text)


def of_metadata(text: str) -> dict[str, str]:
    """The same of mydumper's and dumpling's file `metadata`."""
    return _found(_METADATA, text)


def _found(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in pattern.finditer(text):
        for name, value in match.groupdict().items():
            if value is not None:
                found.setdefault(name, " ".join(value.split()).strip("'\""))
    return found


class Coordinates(SourceFile):
    """A file that tells nothing but the place in the log."""

    def __init__(self, source: Source, read: Callable[[bytes], dict[str, str]]) -> None:
        super().__init__(source)
        self._read = read

    def events(self, database: Database, session: Session) -> Iterator[Event]:
        """Nothing; the session knows the place afterwards."""
        session.coordinates.update(self._read(self._source.peek(1 << 20)))
        yield from ()
