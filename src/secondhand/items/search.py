"""What a visitor looks for: from the address of a page, and back to addresses."""

import re
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from secondhand import money

SORTS = {"newest": "Newest", "cheapest": "Cheapest", "dearest": "Dearest"}
_NUMBER = re.compile(r"[0-9]{1,18}")
_LONGEST = 100
_CHOICES = ("category", "size", "condition", "colour")
_MOST_CHOICES = 30


@dataclass(frozen=True, slots=True)
class Search:
    """One field per parameter of the address; what is "" or () or False asks for nothing. Prices are as typed."""

    q: str = ""
    category: tuple[str, ...] = ()
    size: tuple[str, ...] = ()
    condition: tuple[str, ...] = ()
    colour: tuple[str, ...] = ()
    brand: str = ""
    least: str = ""
    most: str = ""
    sold: bool = False
    sort: str = "newest"
    instead: str = ""  # the words that nothing was found for
    after: tuple[int, ...] = ()

    @classmethod
    @lru_cache(maxsize=256)
    def of(cls, query_string: bytes) -> "Search":
        """What an address asks for. What cannot be meant (a price that is none, an unknown order) is left out."""
        query = QueryParams(query_string)

        def text(name: str) -> str:
            return _clean(query.get(name, ""))

        def choices(name: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(filter(None, map(_clean, query.getlist(name)[:_MOST_CHOICES]))))

        def price(name: str) -> str:
            return text(name) if money.read(text(name)) is not None else ""

        sort = text("sort") if text("sort") in SORTS else "newest"
        after = query.get("after", "").split("-")
        fits = len(after) == (1 if sort == "newest" else 2) and all(_NUMBER.fullmatch(part) for part in after)
        found: dict[str, Any] = {name: text(name) for name in ("q", "brand", "instead")}
        found |= {name: choices(name) for name in _CHOICES}
        found |= {name: price(name) for name in ("least", "most")}
        return cls(**found, sold=bool(text("sold")), sort=sort, after=tuple(map(int, after)) if fits else ())

    def address(self, **changes: Any) -> str:
        """The page for this search with `changes`; without any it starts from the first page."""
        changed = replace(self, **{"after": (), "instead": "", **changes})
        pairs: list[tuple[str, str]] = []
        for name in (field.name for field in fields(self)):
            value = getattr(changed, name)
            if name == "after" and value:
                pairs.append((name, "-".join(map(str, value))))
            elif isinstance(value, tuple):
                pairs += [(name, part) for part in value]
            elif value and (name, value) != ("sort", "newest"):
                pairs.append((name, "1" if value is True else value))
        return f"/?{urlencode(pairs)}" if pairs else "/"

    @property
    def chips(self) -> list[tuple[str, str]]:
        """Each filter that is set, in words, and the address of the same search without it."""
        chips = []
        for name in _CHOICES:
            chosen = getattr(self, name)
            chips += [(one, self.address(**{name: tuple(o for o in chosen if o != one)})) for one in chosen]
        least, most = f"from €{self.least}", f"up to €{self.most}"
        words = {"brand": self.brand, "least": least, "most": most, "sold": "with sold ones"}
        chips += [(said, self.address(**{name: ""})) for name, said in words.items() if getattr(self, name)]
        return chips

    def following(self, last_id: int, last_price: int) -> str:
        """The address of the page after the one that ends with this item."""
        return self.address(after=(last_id,) if self.sort == "newest" else (last_price, last_id))

    @property
    def without_page(self) -> "Search":
        return replace(self, after=(), instead="")

    @property
    def is_filtered(self) -> bool:
        return bool(self.chips or self.q or self.after or self.sort != "newest")


def _clean(value: str) -> str:
    return value.replace("\0", "").strip()[:_LONGEST]
