"""How much a request may bring, and how large a number."""

from starlette.convertors import IntegerConvertor
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 82 * 1024 * 1024  # eight photos and the words around them
MOST_DRAINED = 4 * MOST_BYTES
MOST_FIELDS, LONGEST_FIELD = 60, 64 * 1024
MOST_WORDS = MOST_FIELDS * LONGEST_FIELD  # bytes


class IdConvertor(IntegerConvertor):
    """Numbers in addresses that fit PostgreSQL's bigint; for others there is no page."""

    regex = "[0-9]{1,18}"


def limit_bodies(app: ASGIApp) -> ASGIApp:
    """Of a body that is too large let through the beginning and the end: between words there may be photos.

    A browser shows an answer only after it has sent everything, so what is too much is read on and thrown away, within
    bounds. Then the body has a gap, and whoever reads it is to refuse it: `too_large` is in its scope.
    """

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            has_files = Headers(scope=scope).get("content-type", "").startswith("multipart/")
            most, end = MOST_BYTES if has_files else MOST_WORDS, bytearray()
            while True:
                message = await receive()
                received += len(message.get("body", b""))
                if received <= most or message["type"] != "http.request":
                    return message
                scope["too_large"] = True
                end += message["body"]
                del end[:-MOST_WORDS]
                if not message.get("more_body") or received > MOST_DRAINED:
                    return {"type": "http.request", "body": bytes(end)}

        await app(scope, receive_within_limit if scope["type"] == "http" else receive, send)

    return limited
