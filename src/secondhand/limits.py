"""How much a request may bring, and how large a number."""

from starlette.convertors import IntegerConvertor
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 82 * 1024 * 1024  # eight photos and the words around them
MOST_DRAINED = 4 * MOST_BYTES


class IdConvertor(IntegerConvertor):
    """Numbers in addresses that fit PostgreSQL's bigint; for others there is no page."""

    regex = "[0-9]{1,18}"


class BodyLimitMiddleware:
    """Raises 413 where the body is read, whether the request announced its length or not.

    A browser shows an answer only after it has sent everything, so what is too much is read on and thrown
    away, within bounds, before the answer.
    """

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            announced = Headers(scope=scope).get("content-length", "0")
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.most_bytes or int(announced) > self.most_bytes:
                while message.get("more_body") and received <= MOST_DRAINED:
                    message = await receive()
                    received += len(message.get("body", b""))
                raise HTTPException(413, "Those photos are too large together. Send fewer, or smaller ones.")
            return message

        await self.app(scope, receive_within_limit, send)
