"""How much a request may bring, and how large a number."""

from starlette.convertors import IntegerConvertor
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 82 * 1024 * 1024  # eight photos and the words around them
MOST_DRAINED = 4 * MOST_BYTES
MOST_FIELDS, LONGEST_FIELD = 60, 64 * 1024
MOST_WORDS = MOST_FIELDS * LONGEST_FIELD


class IdConvertor(IntegerConvertor):
    """Numbers in addresses that fit PostgreSQL's bigint; for others there is no page."""

    regex = "[0-9]{1,18}"


class BodyLimitMiddleware:
    """Of a body that is too large passes on the beginning and the end: between words there may be photos.

    A browser shows an answer only after it has sent everything, so what is too much is read on and thrown away, within
    bounds. Then the body has a gap, and whoever reads it is to refuse it: `too_large` is in its scope.
    """

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message, end = await receive(), bytearray()
            received += len(message.get("body", b""))
            while received > self.most_bytes and message["type"] == "http.request":
                scope["too_large"] = True
                end += message["body"]
                del end[:-MOST_WORDS]
                if not message.get("more_body") or received > MOST_DRAINED:
                    return {"type": "http.request", "body": bytes(end)}
                message = await receive()
                received += len(message.get("body", b""))
            return message

        await self.app(scope, receive_within_limit if scope["type"] == "http" else receive, send)
