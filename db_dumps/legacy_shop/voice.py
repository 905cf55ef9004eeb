"""How somebody describes clothes in one language."""

from __future__ import annotations

from typing import NamedTuple


class Voice(NamedTuple):
    """A language's words and sentences.

    nouns: category -> one name per cut, in the order of garments.CUTS. titles ({noun}, {colour}, {look},
    {brand}, {size}, {material}), composition and blend ({share}, {material}, {rest}, {other}) are templates.
    Every sentence stands alone, so that none has to agree with another in gender or number: details hold for
    anything of a family, traces only for what has been worn.
    """

    nouns: dict[str, tuple[str, ...]]
    colours: dict[str, str]
    patterns: dict[str, str]
    materials: dict[str, str]
    titles: tuple[str, ...]
    composition: str
    blend: str
    details: dict[str, tuple[str, ...]]
    traces: dict[str, tuple[str, ...]]
    conditions: dict[str, tuple[str, ...]]
    stories: tuple[str, ...]
    closings: tuple[str, ...]
    space: str = " "
    comma: str = ", "
