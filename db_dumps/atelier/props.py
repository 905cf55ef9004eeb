"""What garments hang on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atelier.curve import CENTRE, both, ellipse, through
from atelier.fabric import plain

if TYPE_CHECKING:
    import random

    from atelier.curve import Knot
    from atelier.drawing import Drawing
    from atelier.palette import RGB

_WOODS: tuple[RGB, ...] = ((176, 132, 90), (148, 104, 70), (205, 170, 126), (96, 72, 58))
_METALS: tuple[RGB, ...] = ((176, 160, 120), (150, 150, 154), (90, 88, 92))


def rail(drawing: Drawing, dice: random.Random, y: float = 58) -> None:
    """Draw a rail across the picture, or a single peg."""
    if dice.random() < 0.5:
        metal = plain(dice.choice(_METALS))
        drawing.add([(-10, y - 5), (730, y - 5), (730, y + 5), (-10, y + 5)], metal, depth=0.5, gloss=0.3)
    else:
        wood = plain(dice.choice(_WOODS))
        drawing.add(ellipse(CENTRE, y, 17, 17), wood, depth=0.6, gloss=0.2)


def hook(drawing: Drawing, dice: random.Random, y: float = 58, neck: float = 168) -> None:
    """Draw the hook of a hanger from the rail at y down to its neck."""
    metal = plain(dice.choice(_METALS))
    spine: list[Knot] = [
        (344, y + 12),
        (343, y - 6, True),
        (360, y - 20, True),
        (378, y - 4, True),
        (366, y + 18, True),
        (360, y + 36, True),
        (360, neck),
    ]
    line = through(spine, closed=False)
    outer = [(px + 2.6, py) for px, py in line]
    inner = [(px - 2.6, py + 1.5) for px, py in line]
    drawing.add([*outer, *inner[::-1]], metal, depth=0.4, gloss=0.3)


def hanger(drawing: Drawing, dice: random.Random, neck: float, shoulder: float, drop: float) -> None:
    """Draw a wooden hanger: shoulder is its half width, drop how far its ends lie below its neck."""
    hook(drawing, dice, neck=neck)
    wood = plain(dice.choice(_WOODS))
    right: list[Knot] = [
        (CENTRE, neck - 8),
        (CENTRE + 20, neck - 4, True),
        (CENTRE + shoulder * 0.6, neck + drop * 0.55, True),
        (CENTRE + shoulder, neck + drop, True),
        (CENTRE + shoulder - 4, neck + drop + 16, True),
        (CENTRE + shoulder * 0.55, neck + drop * 0.6 + 14, True),
        (CENTRE, neck + 18),
    ]
    drawing.add(both(right), wood, depth=0.5, gloss=0.15)


def clips(drawing: Drawing, dice: random.Random, top: float, half: float) -> None:
    """Draw a hanger with two clips that hold a waistband whose top lies at top."""
    bar = top - 34
    hook(drawing, dice, neck=bar)
    metal = plain(dice.choice(_METALS))
    drawing.add(
        [
            (CENTRE - half - 12, bar - 4),
            (CENTRE + half + 12, bar - 4),
            (CENTRE + half + 12, bar + 4),
            (CENTRE - half - 12, bar + 4),
        ],
        metal,
        gloss=0.3,
    )


def clip_jaws(drawing: Drawing, dice: random.Random, top: float, half: float) -> None:
    """Draw the jaws of the clips, over the waistband."""
    wood = plain(dice.choice(_WOODS))
    for side in (-1, 1):
        x = CENTRE + side * half
        drawing.add(
            through([(x - 13, top - 38), (x + 13, top - 38), (x + 15, top + 14), (x - 15, top + 14)]),
            wood,
            depth=0.5,
            cast=4,
        )
