"""Colours: those of the shop's vocabulary, what goes with them, and the walls they hang on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

RGB = tuple[int, int, int]

COLOURS: dict[str, RGB] = {
    "black": (50, 49, 54),
    "white": (245, 243, 238),
    "cream": (240, 229, 205),
    "sand": (217, 198, 166),
    "camel": (194, 149, 98),
    "brown": (118, 82, 58),
    "rust": (180, 88, 52),
    "orange": (224, 134, 70),
    "mustard": (215, 168, 66),
    "olive": (118, 118, 70),
    "sage": (161, 176, 148),
    "green": (62, 114, 86),
    "teal": (44, 112, 118),
    "sky": (154, 192, 214),
    "blue": (76, 116, 172),
    "navy": (48, 62, 98),
    "lilac": (184, 167, 207),
    "plum": (108, 63, 97),
    "pink": (227, 165, 172),
    "red": (188, 60, 58),
    "burgundy": (120, 43, 57),
    "grey": (156, 156, 157),
    "charcoal": (86, 88, 94),
}

_ON_LIGHT = ("navy", "rust", "green", "plum", "teal", "charcoal", "burgundy", "blue", "brown")
_ON_DARK = ("cream", "mustard", "sky", "pink", "sand", "white", "sage", "lilac")
_WALLS: tuple[RGB, ...] = (
    (233, 226, 215),
    (222, 228, 222),
    (228, 220, 224),
    (218, 226, 232),
    (236, 224, 212),
    (212, 217, 206),
    (226, 212, 200),
    (205, 213, 218),
    (214, 204, 196),
    (240, 234, 224),
    (196, 204, 196),
    (216, 208, 220),
)
_NEAR = 95


def luminance(colour: RGB) -> float:
    """Relative brightness, 0 to 255 (the weights of ITU-R BT.601)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """One colour with a share (0 to 1) of another."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def ink(colour: RGB) -> RGB:
    """The colour in its own shadow: darker, a little cooler."""
    return mix(colour, (22, 20, 34), 0.78 if luminance(colour) < 110 else 0.66)


def shine(colour: RGB) -> RGB:
    """The colour in the light."""
    return mix(colour, (255, 250, 240), 0.75)


def partners(dice: random.Random, base: str) -> tuple[RGB, RGB]:
    """Two colours to put on a base colour: one that stands out, one that goes between."""
    names = _ON_LIGHT if luminance(COLOURS[base]) > 125 else _ON_DARK
    first, second = dice.sample([name for name in names if name != base], 2)
    return COLOURS[first], COLOURS[second]


def wall(dice: random.Random, garment: RGB) -> RGB:
    """A calm wall that the garment stands out from."""
    apart = [tone for tone in _WALLS if sum(abs(a - b) for a, b in zip(tone, garment, strict=True)) > _NEAR]
    return dice.choice(apart or _WALLS)
