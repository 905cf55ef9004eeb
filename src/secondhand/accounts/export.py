"""Everything that the shop holds of a member, in one file (GDPR, articles 15 and 20)."""

import asyncio
import json
import tempfile
import zipfile
from functools import partial

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from secondhand.accounts import queries
from secondhand.pages import PRIVATE, member
from secondhand.security.throttles import EXPORT_MEMBER
from secondhand.shop import shop
from secondhand.storage import NoAnswerError, StorageError

_SPOOLED = 8 * 1024 * 1024
_CHUNK = 256 * 1024


async def export(request: Request) -> Response:
    """A ZIP with `data.json` and the photos; what could not be fetched is listed in `missing.txt`."""
    async with shop(request).database.connection() as db:
        request.state.member = await shop(request).sessions.recall(request, db)
        who = member(request)
        await EXPORT_MEMBER.spend(db, who.id)
        data = json.loads(await db.fetchval(queries.EXPORT, who.id))
        photos = await db.fetch(queries.EXPORT_PHOTOS, who.id)
    file = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data.json", json.dumps(data, indent=2, ensure_ascii=False))
        missing, reached = [], True
        for photo in photos:
            name = f"photos/item-{photo['item_id']}-{photo['position'] + 1}.jpg"
            try:
                photo_file = f"{photo['key']}-{photo['widths'][-1]}.jpg"
                picture = await shop(request).storage.get(photo_file) if reached else None
            except StorageError as error:
                picture, reached = None, not isinstance(error, NoAnswerError)
            if picture is None:
                missing.append(name)
            else:
                await asyncio.to_thread(archive.writestr, name, picture)
        if missing:
            archive.writestr("missing.txt", "\n".join(["These photos could not be fetched:", *missing, ""]))
    headers = {"content-disposition": 'attachment; filename="secondhand.zip"', "cache-control": PRIVATE}
    file.seek(0)
    chunks, closing = iter(partial(file.read, _CHUNK), b""), BackgroundTask(file.close)
    return StreamingResponse(chunks, media_type="application/zip", headers=headers, background=closing)
