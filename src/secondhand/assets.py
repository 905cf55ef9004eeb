"""The files of static/: a name changes with what it stands for, so that browsers keep it for ever."""

import asyncio
import gzip
import hashlib
from functools import cache
from pathlib import Path

import brotli
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_PACKERS = {"br": brotli.compress, "gzip": gzip.compress}  # the best first
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {"cache-control": "public, max-age=31536000, immutable", "vary": "Accept-Encoding"}


@cache
def _files() -> dict[str, tuple[str, bytes]]:
    """Media type and content by the name that holds a digest of the content."""
    found = {}
    for path in sorted((Path(__file__).parent / "static").iterdir()):
        content = path.read_bytes()
        digest = hashlib.blake2b(content, digest_size=6).hexdigest()
        found[f"{path.stem}.{digest}{path.suffix}"] = (_TYPES[path.suffix], content)
    return found


@cache
def address(name: str) -> str:
    """The address of a file of static/."""
    stem, _, extension = name.rpartition(".")
    found = next(file for file in _files() if file.startswith(f"{stem}.") and file.endswith(extension))
    return f"/static/{found}"


@cache
def _packed(name: str, coding: str) -> bytes:
    """As small as it gets, which takes a tenth of a second once; so it is not done before the first page."""
    return bytes(_PACKERS[coding](_files()[name][1]))


async def asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _files():
        raise HTTPException(404)
    kind, content = _files()[name]
    coding = next((coding for coding in _PACKERS if takes(request, coding)), "")
    if coding:
        packed = await asyncio.to_thread(_packed, name, coding)
        return Response(packed, media_type=kind, headers={**_HEADERS, "content-encoding": coding})
    return Response(content, media_type=kind, headers=_HEADERS)


def takes(request: Request, coding: str) -> bool:
    """Whether the client accepts a content coding (RFC 9110, 12.5.3)."""
    for part in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";")
        if name == coding:
            return weight.rstrip("0.") != "q="
    return False
