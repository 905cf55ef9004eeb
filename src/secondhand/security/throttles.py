"""Limits on how often something may be tried, counted in the database so that every copy of the shop counts
together.
"""

from dataclasses import dataclass
from math import ceil

from starlette.exceptions import HTTPException

from secondhand.database import Connection

# Only a hash is stored: the table is no list of addresses and names. The database tells which spellings are one.
_BUCKET = "sha256(convert_to(lower($1), 'UTF8'))"
SPEND = f"""
    insert into throttles as t (bucket, spent, resets_at) values ({_BUCKET}, 1, now() + make_interval(secs => $2))
    on conflict (bucket) do update set
      spent = case when t.resets_at <= now() then 1 else t.spent + 1 end,
      resets_at = case when t.resets_at <= now() then excluded.resets_at else t.resets_at end
    returning spent, extract(epoch from resets_at - now())::integer as seconds
"""  # noqa: S608
REFUND = f"update throttles set spent = spent - 1 where bucket = {_BUCKET} and spent > 0"  # noqa: S608
CLEAR_EXPIRED = "delete from throttles where resets_at < now()"


@dataclass(frozen=True, slots=True)
class Throttle:
    """At most `limit` times in `seconds` for one `what` (a member, an address, or everybody)."""

    name: str
    limit: int
    seconds: int

    async def spend(self, db: Connection, what: object) -> None:
        """Count one. Raises 429, with Retry-After, when there have been too many."""
        row = await db.fetchrow(SPEND, f"{self.name}: {what}", self.seconds)
        assert row is not None
        if row["spent"] > self.limit:
            seconds = max(1, row["seconds"])
            when = f"in {ceil(seconds / 60)} minutes" if seconds > 60 else "in a minute"
            text = f"That was tried too often. Please try again {when}."
            raise HTTPException(429, text, headers={"retry-after": str(seconds)})

    async def refund(self, db: Connection, what: object) -> None:
        """Take one back: what succeeded was no guess."""
        await db.execute(REFUND, f"{self.name}: {what}")


LOG_IN_MEMBER = Throttle("log-in member", 10, 300)
LOG_IN_ADDRESS = Throttle("log-in address", 30, 300)
LOG_IN_ALL = Throttle("log-in", 1000, 300)
SIGN_UP_ADDRESS = Throttle("sign-up address", 20, 3600)
PROOF_MEMBER = Throttle("proof member", 10, 300)  # the password again, of who is logged in
FORGOT_ADDRESS = Throttle("forgot address", 20, 3600)
LETTER_EMAIL = Throttle("letter e-mail", 5, 3600)
LETTER_MEMBER = Throttle("letter member", 5, 3600)
BUY_MEMBER = Throttle("buy", 30, 3600)
EXPORT_MEMBER = Throttle("export", 5, 3600)
MESSAGE_MEMBER = Throttle("message", 60, 3600)
# Of a member, or of a visitor's address, which may be that of a whole house.
REPORT = Throttle("report", 10, 3600)
LISTING = Throttle("listing", 300, 3600)  # to move a photo counts too
