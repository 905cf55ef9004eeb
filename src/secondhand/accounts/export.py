"""Everything that the shop holds of a member, in one file (GDPR, articles 15 and 20)."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from secondhand.accounts import queries
from secondhand.database import Connection
from secondhand.pages import PRIVATE, member, page
from secondhand.security.throttles import EXPORT_MEMBER
from secondhand.shop import shop
from secondhand.storage import NoAnswerError, Storage, StorageError


@page
async def export(request: Request, db: Connection) -> Response:
    """A ZIP with `data.json` and the photos; what could not be fetched is listed in `missing.txt`."""
    who = member(request)
    await EXPORT_MEMBER.spend(db, who.id)
    data = json.loads(await db.fetchval(queries.EXPORT, who.id))
    headers = {"content-disposition": 'attachment; filename="secondhand.zip"', "cache-control": PRIVATE}
    return StreamingResponse(
        _archive(data, shop(request).storage), media_type="application/zip", headers=headers
    )


class _Outbox(io.BytesIO):
    """What a ZipFile has written and nobody has sent yet, so that it cannot go back."""

    def tell(self) -> int:
        raise io.UnsupportedOperation


async def _archive(data: dict[str, Any], storage: Storage) -> AsyncIterator[bytes]:
    """It leaves as it is made: neither its size nor the time that its photos take has a bound."""
    missing, reached = [], True
    with zipfile.ZipFile(outbox := _Outbox(), "w") as archive:
        archive.writestr("data.json", json.dumps(data, indent=2, ensure_ascii=False))
        for photo in data["photos"]:
            yield outbox.getvalue()
            outbox.truncate(outbox.seek(0))
            name = f"photos/item-{photo['item_id']}-{photo['position'] + 1}.jpg"
            try:
                picture = await storage.get(f"{photo['key']}-{photo['widths'][-1]}.jpg") if reached else None
            except StorageError as error:
                picture, reached = None, not isinstance(error, NoAnswerError)
            if picture is None:
                missing.append(name)
            else:
                archive.writestr(name, picture)
        if missing:
            archive.writestr("missing.txt", "\n".join(["These photos could not be fetched:", *missing, ""]))
    yield outbox.getvalue()
