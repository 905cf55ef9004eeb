"""Cross-site request forgery: only our own pages may send what changes something.

The browser says where a request comes from (W3C Fetch Metadata, and Origin of RFC 6454 from browsers without
it), so no tokens are needed in the forms. A request with neither header comes from no browser of this decade;
it is refused when it carries cookies, since then someone's log-in would be used.
"""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SameOriginMiddleware:
    """Raises 403 for an unsafe request that another site made a browser send."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self.app = app
        self.origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        unsafe = scope["type"] == "http" and scope["method"] not in SAFE_METHODS
        if unsafe and not self._is_ours(Headers(scope=scope)):
            raise HTTPException(
                403, "This form was sent from another site. Open its page here and send it again."
            )
        await self.app(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        if site := headers.get("sec-fetch-site"):
            return site in ("same-origin", "none")
        if origin := headers.get("origin"):
            return origin == self.origin
        return "cookie" not in headers
