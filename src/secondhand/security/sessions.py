"""Who a request comes from.

The browser holds a signed random id, the database its hash, and nothing else does.
"""

import hashlib
import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature
from starlette.requests import Request
from starlette.responses import Response

from secondhand.database import Connection
from secondhand.security.signatures import signer
from secondhand.settings import Settings

IDLE_DAYS = 14
LONGEST_DAYS = 90

# Seen is written at most every ten minutes, so that reading pages does not write.
RECALL = f"""
    with session as (
      select member_id, id_hash, seen_at from sessions
      where id_hash = $1
        and seen_at > now() - interval '{IDLE_DAYS} days'
        and started_at > now() - interval '{LONGEST_DAYS} days'
    ), touched as (
      update sessions set seen_at = now() from session
      where sessions.id_hash = session.id_hash and session.seen_at < now() - interval '10 minutes'
    )
    select members.id, members.name, members.is_moderator,
           (select count(*) from messages where recipient_id = members.id and read_at is null) as unread
    from session join members on members.id = session.member_id
"""  # noqa: S608
START = "insert into sessions (id_hash, member_id) values ($1, $2)"
END = "delete from sessions where id_hash = $1"
END_ALL = "delete from sessions where member_id = $1"
END_EXPIRED = f"""
    delete from sessions
    where seen_at < now() - interval '{IDLE_DAYS} days' or started_at < now() - interval '{LONGEST_DAYS} days'
"""  # noqa: S608


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
        self._secure = settings.secure
        # RFC 6265bis: `__Host-` binds the cookie to this very host, but browsers take it over https only.
        self.cookie = "__Host-session" if settings.secure else "session"

    def id_hash(self, request: Request) -> bytes | None:
        """What the sessions table knows the session by; None without a cookie that we have signed."""
        signed = request.cookies.get(self.cookie)
        if not signed:
            return None
        try:
            return _hash(self._signer.loads(signed))
        except (BadSignature, AttributeError):
            return None

    async def recall(self, request: Request, db: Connection) -> Member | None:
        """The member whose live session the request carries."""
        id_hash = self.id_hash(request)
        row = await db.fetchrow(RECALL, id_hash) if id_hash else None
        return Member(**row) if row else None

    async def start(self, request: Request, response: Response, db: Connection, member_id: int) -> None:
        """Log a member in: a new id, whatever the browser brought, and the old one is worth nothing from now
        on.
        """
        await self.end(request, response, db)
        session_id = secrets.token_urlsafe(32)
        await db.execute(START, _hash(session_id), member_id)
        response.set_cookie(
            self.cookie,
            str(self._signer.dumps(session_id)),
            max_age=LONGEST_DAYS * 86400,
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    async def end(self, request: Request, response: Response, db: Connection) -> None:
        """Log out."""
        if id_hash := self.id_hash(request):
            await db.execute(END, id_hash)
        response.delete_cookie(self.cookie, secure=self._secure, httponly=True, samesite="lax")


def _hash(session_id: str) -> bytes:
    return hashlib.sha256(session_id.encode()).digest()
