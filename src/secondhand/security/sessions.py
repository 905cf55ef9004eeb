"""Who a request comes from.

The browser holds a signed random id, the database its hash, and nothing else does.
"""

import secrets
from dataclasses import dataclass
from typing import Any

import structlog
from itsdangerous import BadSignature
from starlette.requests import Request
from starlette.responses import Response

from secondhand.database import Connection
from secondhand.security.signatures import digest, signer
from secondhand.settings import Settings

IDLE_DAYS = 14
LONGEST_DAYS = 90

_LIVE = f"""(seen_at > now() - interval '{IDLE_DAYS} days' and started_at > now() - interval '{LONGEST_DAYS} days')"""
# Seen is written at most every ten minutes, so that reading pages does not write.
RECALL = f"""
    with session as (
      select member_id, id_hash, seen_at from sessions where id_hash = $1 and {_LIVE}
    ), touched as (
      update sessions set seen_at = now() from session
      where sessions.id_hash = session.id_hash and session.seen_at < now() - interval '10 minutes'
    )
    select members.id, members.name, members.is_moderator,
           (select count(*) from messages where recipient_id = members.id and read_at is null) as unread
    from session join members on members.id = session.member_id
"""  # noqa: S608
START = "insert into sessions (id_hash, member_id, browser) values ($1, $2, $3)"
END = "delete from sessions where id_hash = $1"
END_ONE = "delete from sessions where member_id = $1 and encode(id_hash, 'hex') = $2"
END_ALL = "delete from sessions where member_id = $1"
OPEN = f"""
    select encode(id_hash, 'hex') as id, browser, started_at, seen_at, id_hash = $2 as is_this from sessions
    where member_id = $1 and {_LIVE} order by is_this desc, seen_at desc
"""  # noqa: S608
END_EXPIRED = f"delete from sessions where not {_LIVE}"  # noqa: S608
# In this order: Edge also says that it is Chrome, Chrome that it is Safari, Android that it is Linux.
_BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac", "Linux")


@dataclass(frozen=True, slots=True)
class Member:
    """Who is logged in."""

    id: int
    name: str
    is_moderator: bool
    unread: int  # messages


class Sessions:
    """Sessions of the shop that `settings` describe."""

    def __init__(self, settings: Settings) -> None:
        self._signer = signer(settings.secret_keys, "session")
        self._kind: dict[str, Any] = {"secure": settings.secure, "httponly": True, "samesite": "lax"}
        # RFC 6265bis: `__Host-` binds the cookie to this very host, but browsers take it over https only.
        self.cookie = "__Host-session" if settings.secure else "session"

    def id_hash(self, request: Request) -> bytes | None:
        """What the sessions table knows the session by; None without a cookie that we have signed."""
        signed = request.cookies.get(self.cookie)  # to find out that nothing is signed takes its time
        try:
            return digest(self._signer.loads(signed)) if signed else None
        except (BadSignature, AttributeError):
            return None

    async def recall(self, request: Request, db: Connection) -> Member | None:
        """The member whose live session the request carries."""
        id_hash = self.id_hash(request)
        row = await db.fetchrow(RECALL, id_hash) if id_hash else None
        if row is None:
            return None
        structlog.contextvars.bind_contextvars(member=row["id"])
        return Member(**row)

    async def start(self, request: Request, response: Response, db: Connection, member_id: int) -> None:
        """Log a member in: a new id, whatever the browser brought, and the old one is worth nothing from now on."""
        await self.end(request, response, db)
        session_id = secrets.token_urlsafe(32)
        await db.execute(
            START, digest(session_id), member_id, _browser(request.headers.get("user-agent", ""))
        )
        structlog.contextvars.bind_contextvars(member=member_id)
        signed = str(self._signer.dumps(session_id))
        response.set_cookie(self.cookie, signed, max_age=LONGEST_DAYS * 86400, **self._kind)

    async def end(self, request: Request, response: Response, db: Connection) -> None:
        """Log out."""
        if id_hash := self.id_hash(request):
            await db.execute(END, id_hash)
        response.delete_cookie(self.cookie, **self._kind)


def _browser(user_agent: str) -> str:
    """What its owner knows a browser by, like `Firefox on Linux`; "" for a program that does not say."""
    name = next((name for sign, name in _BROWSERS.items() if sign in user_agent), "")
    system = next((system for system in _SYSTEMS if system in user_agent), "")
    return " on ".join(filter(None, (name, system)))
