"""Which requests are for the shop, and which of them come from its own pages.

Only those may change something, or another site could make a member do it (cross-site request forgery). The browser
says where a request comes from (W3C Fetch Metadata, and Origin of RFC 6454 from browsers without it), so no tokens are
needed in the forms. A request with neither header comes from no browser of this decade; it is refused when it carries
cookies, since then someone's log-in would be used.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from secondhand.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FOREIGN = "This form was sent from another site. Open its page here and send it again."


def check_origins(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Raise 421 for another host than ours, and 403 for an unsafe request that another site made a browser send.

    Probes are let through: they come to the address of the process, whatever the shop is called.
    """

    name = urlsplit(settings.origin).hostname
    hosts = (name,) if settings.secure else (name, "localhost", "127.0.0.1")

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host = headers.get("host", "").lower()
            is_probe = scope["path"].startswith("/health/")
            if not (is_probe or host in hosts or host.rpartition(":")[0] in hosts):
                raise HTTPException(421, "This host is not served here.")
            if scope["method"] not in SAFE_METHODS and not _is_ours(headers, settings.origin):
                raise HTTPException(403, _FOREIGN)
        await app(scope, receive, send)

    return checked


def _is_ours(headers: Headers, ours: str) -> bool:
    if site := headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    if origin := headers.get("origin"):
        return origin == ours
    return "cookie" not in headers
