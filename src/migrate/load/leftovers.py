"""Statements and files of the source that nothing is made of, as the report tells of them."""

import re

from ..mysql import events
from ..notes import Untranslated

# What MySQL keeps of a password is nobody's to read in a report.
_ACCOUNTS = re.compile(
    r"(?:grant|revoke|(?:create|alter)\s+(?:or\s+replace\s+)?(?:user|role|server))\b", re.IGNORECASE
)
_COMMENT_MARK = re.compile(r"/\*M?!\d*|\*/")
_SECRET = re.compile(
    r"\b(identified|password(?=\s*'))(?:[^',;]|'(?:[^'\\]|\\.|'')*')*", re.IGNORECASE | re.DOTALL
)


def untranslated(event: events.Untranslated) -> Untranslated:
    """What there is to say of it, without passwords."""
    bare = _COMMENT_MARK.sub(" ", event.sql)
    kind = " ".join(bare.split()[:2]).upper() or "file"
    reason, sql = event.reason, event.sql
    if _ACCOUNTS.match(bare.lstrip()):
        reason = "accounts and rights belong to a server: give them in PostgreSQL as they are wanted there"
        sql = _SECRET.sub(lambda found: f"{found[1].upper()} …", sql)
    return Untranslated(kind, events.where(event), reason, sql)
