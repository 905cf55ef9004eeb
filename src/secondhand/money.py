"""Prices: whole cents inside, euro outside."""

import re

MOST = 99_999_999_99
_PRICE = re.compile(r"([0-9]{1,8})(?:[.,]([0-9]{1,2}))?")


def written(cents: int) -> str:
    """As people write it: `€24`, `€24.50`, `€1,200`."""
    euro, rest = divmod(cents, 100)
    return f"€{euro:,}.{rest:02}" if rest else f"€{euro:,}"


def typed(cents: int) -> str:
    """As it stands in a form: `24.50`."""
    return f"{cents // 100}.{cents % 100:02}"


def read(text: str) -> int | None:
    """The cents of what somebody typed, with point or comma and with or without the sign; None if it is no price."""
    found = _PRICE.fullmatch(text.strip().removeprefix("€").removesuffix("€").strip())
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else None
