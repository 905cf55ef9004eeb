"""Claims pieces of a run and loads them: the same in the run's own threads and in a `migrate worker`."""

import threading
from contextlib import closing

from ..errors import InputError, SourceError
from ..model import Alteration, Database, Duplicates, Table
from ..mysql import inputs
from ..mysql.events import Dropped, Event, Rows
from ..mysql.inputs import Input
from ..mysql.session import Session as MySession
from ..postgres.psql import Session
from ..report import TableReport
from .copier import Copier, Loaded
from .ledger import SAFE, Ledger
from .pieces import Piece, Pieces, read
from .table import TableLoad


class Taker:
    """Takes one piece after the other; `chunks` and `rows` are what came of it.

    `idle` says that the last look found none.
    """

    def __init__(self, ledger: Ledger, pieces: Pieces, copier: Copier) -> None:
        self.idle = False
        self.chunks = 0
        self.rows = 0
        self._ledger = ledger
        self._pieces = pieces
        self._copier = copier
        self._claiming = threading.Lock()
        self._held: set[int] = set()
        self._kept = _Kept()
        self._files: dict[str, Input] = {}

    def take(self, session: Session, _again: bool) -> None:
        """Claim a piece and load it; the one that this thread had when its connection was lost comes first."""
        piece = self._kept.piece or self._claim(session)
        if piece is None:
            return
        load, place = self._load(session, piece.plan)
        if piece.rows is not None:
            rows = read(piece.rows)
            after = self._pieces.done(piece)
            self._count(self._copier.copy(session, load, rows, place, again=True, after=after))
        else:
            self._read(session, load, place, piece)
        self._kept.piece = None
        with self._claiming:
            self._held.discard(piece.number)

    def _claim(self, session: Session) -> Piece | None:
        with self._claiming:  # or another thread would take a claim for one that was lost
            piece = self._pieces.claim(session, self._held)
            self.idle = piece is None
            if piece is not None:
                self._held.add(piece.number)
                self._kept.piece = piece
        return piece

    def _load(self, session: Session, number: int) -> tuple[TableLoad, str]:
        """The table of a piece, and where it is. Every thread has its own: they differ in what they have widened."""
        if self._kept.load is None or self._kept.load.number != number:
            plan = self._pieces.plan(session, number)
            report = TableReport(plan.table.label, plan.table.label)
            self._kept.load, self._kept.place = TableLoad(plan.table, report, number), plan.place
        return self._kept.load, self._kept.place

    def _read(self, session: Session, load: TableLoad, place: str, piece: Piece) -> None:
        """Load a file, but for the chunks of it that are loaded."""
        source = load.target.source
        key = (source.database, source.name)
        database = Database({key: source} if source.columns else {})
        spoken = MySession(source.database)
        first: Rows | None = None
        with closing(self._file(piece.source)) as file:
            for event in file.events(database, spoken):
                if not isinstance(event, Rows) or not _is_of(event, source):
                    raise _unexpected(file, event, source)
                first = first or event
                # What others leave out was not prepared for, and the numbers of rows depend on those before them.
                alike = (event.columns, event.duplicates) == (first.columns, Duplicates.REFUSED)
                if not alike or spoken.counters.have_given:
                    raise _unexpected(file, event, source)
                self._count(self._copier.copy(session, load, event, place, again=True))
        self._ledger.once(session, file_step(piece.source), [SAFE])
        session.run(self._pieces.done(piece))

    def _count(self, loaded: Loaded) -> None:
        with self._claiming:
            self.chunks += 1
            self.rows += loaded.rows

    def _file(self, name: str) -> Input:
        """A file of the source, unread."""
        with self._claiming:
            if name not in self._files:
                every = inputs.named(self._ledger.request.sources)
                self._files = {one.name: one for one in every if inputs.is_for_anyone(one)}
            if name not in self._files:
                raise SourceError(f"{name}: this file is not where the run's source is: was it moved?")
            return self._files.pop(name)


class _Kept(threading.local):
    """What a thread has in hand."""

    piece: Piece | None = None
    load: TableLoad | None = None
    place: str = ""


def file_step(source: str) -> str:
    """What the ledger calls it that a file is loaded to its end."""
    return f"file {source}"


def _is_of(rows: Rows, table: Table) -> bool:
    database, name = rows.table
    return database in (table.database, None) and name.lower() == table.name.lower()


def _unexpected(file: Input, event: Event, table: Table) -> InputError:
    what = "something in it"
    if not isinstance(event, Dropped | Alteration):
        what = f"the statement at byte {event.offset}"
    return InputError(
        f"{file.name}: {what} is not like the first one, which gives rows of {table.name}, or depends on other rows: "
        "load this without --workers"
    )
