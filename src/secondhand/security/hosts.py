"""Host names: a request for another host than ours is not for us."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class HostMiddleware:
    """Answers 421 to a request for a host that is not in `hosts`.

    Probes are let through: they come to the address of the process, whatever the shop is called.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self.app = app
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app
        if scope["type"] == "http" and not scope["path"].startswith("/health/"):
            host = Headers(scope=scope).get("host", "").lower()
            if host.rpartition(":")[0] not in self.hosts and host not in self.hosts:
                app = PlainTextResponse("This host is not served here.\n", 421)
        await app(scope, receive, send)
