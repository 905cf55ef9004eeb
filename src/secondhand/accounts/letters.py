"""The letters that an account needs, and the links in them: each works once, for a while, and only its hash is kept."""

import secrets

from secondhand.accounts import queries
from secondhand.database import Connection
from secondhand.security.signatures import digest
from secondhand.shop import Shop

CONFIRM_HOURS = 72
RESET_HOURS = 1
_CONFIRM = """Hello {name},

please confirm that this is your address at secondhand:

{link}

Then you can log in with it, set a new password if you forget yours, and get messages about your items. The link works
for three days. If you did not ask for it, ignore this letter.
"""
CHANGED = """The address of “{name}” at secondhand is {email} now, and this one is not any more.

If it was not you, answer this letter.
"""
_ALREADY = """Somebody, probably you, has just given this address at secondhand. It belongs to the account “{name}”
already: log in there, or set a new password at {link}

If it was not you, ignore this letter.
"""
_RESET = """Set a new password for “{name}” at secondhand here:

{link}

The link works for an hour, and once. If you did not ask for it, ignore this letter: your password stays as it is.
"""


async def confirm(db: Connection, shop: Shop, member_id: int, name: str, email: str) -> None:
    """Ask whether the address is the member's; its owner learns it here, and nobody elsewhere, if it is another's."""
    owner = await db.fetchrow(queries.OWNER_OF, email)
    if owner and owner["id"] != member_id:
        text = _ALREADY.format(name=owner["name"], link=f"{shop.settings.origin}/forgot")
        await db.execute(queries.WRITE_LETTER, owner["email"], "You have an account at secondhand", text)
        return
    link = await _link(db, shop, member_id, "confirm", CONFIRM_HOURS, email)
    text = _CONFIRM.format(name=name, link=link)
    await db.execute(queries.WRITE_LETTER, email, "Confirm your address", text)


async def reset(db: Connection, shop: Shop, email: str) -> None:
    """Offer a new password to whoever owns the address, if anybody does.

    As it is stored: to a mail server the spelling that was asked for, with a K of kelvin, may be somebody else's.
    """
    owner = await db.fetchrow(queries.OWNER_OF, email)
    if owner:
        link = await _link(db, shop, owner["id"], "reset", RESET_HOURS, owner["email"])
        text = _RESET.format(name=owner["name"], link=link)
        await db.execute(queries.WRITE_LETTER, owner["email"], "Set a new password", text)


async def _link(db: Connection, shop: Shop, member_id: int, purpose: str, hours: int, email: str) -> str:
    token = secrets.token_urlsafe(32)
    await db.execute(queries.PERMIT, digest(token), member_id, purpose, hours, email)
    return f"{shop.settings.origin}/{purpose}/{token}"
