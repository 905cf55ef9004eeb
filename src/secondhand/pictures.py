"""Pictures from the local folder; those in a bucket come from there without us."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from secondhand.shop import shop
from secondhand.storage import CONTENT_TYPES, KEEP, FolderStorage


async def picture(request: Request) -> Response:
    storage = shop(request).storage
    path = storage.path(request.path_params["token"]) if isinstance(storage, FolderStorage) else None
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, media_type=CONTENT_TYPES[path.suffix[1:]], headers={"cache-control": KEEP})
