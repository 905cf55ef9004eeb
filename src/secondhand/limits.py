"""How much a request may bring, and how large a number."""

import math

from starlette.convertors import IntegerConvertor
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 82 * 1024 * 1024  # eight photos and the words around them
MOST_HELD = 10 * MOST_BYTES  # of all uploads at a time; /tmp has room for it
MOST_DRAINED = 4 * MOST_BYTES
MOST_FIELDS, LONGEST_FIELD = 60, 64 * 1024
MOST_WORDS = 4 * LONGEST_FIELD  # bytes: the longest field there is, as a form has it, and more
MultiPartParser.spool_max_size = 16 * 1024  # larger files wait on the disk, not in memory


class IdConvertor(IntegerConvertor):
    """Numbers in addresses that fit PostgreSQL's bigint; for others there is no page."""

    regex = "[0-9]{1,18}"


def limit_bodies(app: ASGIApp) -> ASGIApp:
    """Of a body that is too large, or would be with what others send, let through the beginning and the end: between
    words there may be photos.

    A browser shows an answer only after it has sent everything, so what is too much is read on and thrown away, within
    bounds. Then the body has a gap, and whoever reads it is to refuse it: `too_large` is in its scope.
    """

    held = 0

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal held
        received = kept = 0

        async def receive_within_limit() -> Message:
            nonlocal received, kept, held
            has_files = Headers(scope=scope).get("content-type", "").startswith("multipart/")
            most, end = MOST_BYTES if has_files else MOST_WORDS, bytearray()
            room = (
                MOST_HELD if has_files else math.inf
            )  # nobody is kept from logging in by what others upload
            while True:
                message = await receive()
                size = len(message.get("body", b""))
                received += size
                fits = received <= most and held + size <= room and not end
                if message["type"] != "http.request" or fits:
                    kept, held = kept + size, held + size
                    return message
                scope["too_large"] = True
                end += message["body"]
                del end[:-MOST_WORDS]
                if not message.get("more_body") or received > MOST_DRAINED:
                    return {"type": "http.request", "body": bytes(end)}

        try:
            await app(scope, receive_within_limit if scope["type"] == "http" else receive, send)
        finally:
            held -= kept

    return limited
