"""What is done behind the pages: letters sent, pictures deleted, what has expired cleared, links renewed.

Every copy of the shop does it; rows are claimed with `for update skip locked`, so nothing is done twice.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from secondhand import images
from secondhand.database import Database, UnavailableError
from secondhand.mail import Mailer, MailError, NoAnswerError
from secondhand.security import sessions, throttles
from secondhand.storage import Storage, StorageError

log = structlog.get_logger("secondhand.housekeeping")

EVERY_SECONDS = 30.0
_BATCH = 50
_MOST_TRIES = 12  # with the waits below: about three days
_PICTURES = """
    select key, widths from discarded_pictures
    where due_at <= now() and not exists (select from photos where photos.key = discarded_pictures.key)
    order by due_at limit $1 for update skip locked
"""
_PICTURES_DONE = "delete from discarded_pictures where key = any($1::text[])"
_LETTER = "select * from letters where due_at <= now() order by due_at limit 1 for update skip locked"
_LETTER_DONE = "delete from letters where id = $1"
_LETTER_LATER = """
    update letters set tries = tries + 1, due_at = now() + least(interval '1 minute' * 2 ^ tries, interval '12 hours')
    where id = $1
"""
# Those that PostgreSQL has counted as common; it does so whenever the table has changed enough.
_BRANDS = """
    select distinct on (lower(brand)) brand from pg_stats, unnest(most_common_vals::text::text[]) as brand
    where schemaname = current_schema and tablename = 'items' and attname = 'brand' and brand <> ''
    order by lower(brand)
"""
_PERMITS_EXPIRED = "delete from permits where expires_at < now()"


class Housekeeper:
    """Runs beside the requests of one process."""

    def __init__(self, database: Database, storage: Storage, mailer: Mailer) -> None:
        self._database = database
        self._storage = storage
        self._mailer = mailer
        self._wanted = asyncio.Event()
        self.wake = self._wanted.set  # something was left to do: it is done now, not at the next round
        self.brands: tuple[str, ...] = ()  # the common ones, to suggest

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._rounds())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _rounds(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.round()
            except (UnavailableError, StorageError, MailError) as error:
                log.warning("housekeeping put off", error=str(error))
            except Exception:  # whatever it was, letters and pictures do not wait for a restart
                log.exception("housekeeping failed")

    async def round(self) -> None:
        """Do everything that is due. Raises UnavailableError, StorageError."""
        await self._storage.refresh()
        async with self._database.connection() as db:
            for statement in (sessions.END_EXPIRED, throttles.CLEAR_EXPIRED, _PERMITS_EXPIRED):
                await db.execute(statement)
            self.brands = tuple(row["brand"] for row in await db.fetch(_BRANDS))
        while await self._send_letter():
            pass
        while await self._delete_pictures():
            pass

    async def _send_letter(self) -> bool:
        """Send the next letter; whether to go on. Each has a transaction of its own: one that was sent and not
        crossed out is sent again, and that should never be more than one.
        """
        async with self._database.transaction() as db:
            if (letter := await db.fetchrow(_LETTER)) is None:
                return False
            later, reached = False, True
            try:
                await self._mailer(letter["recipient"], letter["subject"], letter["text"])
            except (MailError, ValueError) as error:
                later = letter["tries"] + 1 < _MOST_TRIES
                reached = not isinstance(error, NoAnswerError)
                reason = str(error).replace(letter["recipient"], "the recipient")
                log.warning("letter not sent", letter=letter["id"], error=reason, given_up=not later)
            await db.execute(_LETTER_LATER if later else _LETTER_DONE, letter["id"])
            return reached

    async def _delete_pictures(self) -> bool:
        """Delete a batch; whether there may be more. Interrupted anywhere, it is done again and nothing is lost."""
        async with self._database.transaction() as db:
            pictures = await db.fetch(_PICTURES, _BATCH)
            names = [f"{key}-{file}" for key, widths in pictures for file in images.files_of(widths)]
            if names:
                await self._storage.delete(names)
                await db.execute(_PICTURES_DONE, [row["key"] for row in pictures])
        return len(pictures) == _BATCH
