"""Photos of items in the storage: they enter it announced and leave it through the list of discarded pictures."""

import asyncio
import secrets

from secondhand.database import Connection, Database
from secondhand.images import Picture
from secondhand.items import queries
from secondhand.items.queries import Photo
from secondhand.storage import Storage


async def store(database: Database, storage: Storage, picture: Picture) -> Photo:
    """Put every rendition into the storage.

    Unless the photo is saved with an item within a day, they are deleted.

    Raises StorageError, UnavailableError.
    """
    key = secrets.token_hex(16)
    async with database.connection() as db:
        await db.execute(queries.ANNOUNCE_PICTURE, key, list(picture.widths))
    await asyncio.gather(*(storage.put(f"{key}-{name}", file) for name, file in picture.files.items()))
    return Photo(key, picture.width, picture.height, picture.widths)


async def place(db: Connection, photo: Photo, item_id: int, position: int) -> None:
    """Let a stored photo be the item's one at `position`, from 0 on."""
    drawn = (photo.width, photo.height, list(photo.widths))
    await db.execute(queries.PLACE_PHOTO, item_id, photo.key, position, *drawn)
