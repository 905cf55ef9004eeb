"""Host names: a request for another host than ours is not for us."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send


class HostMiddleware:
    """Raises 421 for a request for a host that is not in `hosts`.

    Probes are let through: they come to the address of the process, whatever the shop is called.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self.app = app
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/health/"):
            host = Headers(scope=scope).get("host", "").lower()
            if host.rpartition(":")[0] not in self.hosts and host not in self.hosts:
                raise HTTPException(421, "This host is not served here.")
        await self.app(scope, receive, send)
