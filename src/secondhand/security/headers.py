"""The response headers by which a browser guards its user: OWASP ASVS 5.0, 3.4."""

from functools import cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from secondhand.settings import Settings


def add_headers(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Send them with every response; what a page has set itself stays."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                names = {name for name, _ in headers}
                ours = _headers(scope["app"].state.shop.storage.origin, settings.secure)
                message["headers"] = [*headers, *(header for header in ours if header[0] not in names)]
            await send(message)

        await app(scope, receive, send_with_headers)

    return guarded


@cache
def _headers(picture_origin: str, secure: bool) -> list[tuple[bytes, bytes]]:
    """The policy allows nothing but our own files, and pictures from where the storage has them; no inline code
    or style at all.
    """
    pictures = f"'self' {picture_origin}".strip()
    headers = {
        "content-security-policy": f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {pictures}; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "referrer-policy": "strict-origin-when-cross-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        **({"strict-transport-security": "max-age=63072000; includeSubDomains"} if secure else {}),
    }
    return [(name.encode(), value.encode()) for name, value in headers.items()]
