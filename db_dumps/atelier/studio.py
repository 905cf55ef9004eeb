"""From a look to its picture."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from atelier import accessories, dresses, feet, legs, outerwear, palette, tops
from atelier.drawing import Drawing, shelf, wall
from atelier.fabric import Fabric

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from legacy_shop.look import Look


class Setting(NamedTuple):
    """How a cut is shown: who draws it, from what cloth, and how large."""

    draw: Callable[[Drawing, Fabric, random.Random, int], None]
    texture: str = "smooth"
    scale: float = 1.0
    shelf: int = 0


SETTINGS: dict[str, tuple[Setting, ...]] = {
    "coat": (
        Setting(outerwear.coat, "felt"),
        Setting(outerwear.coat, "linen"),
        Setting(outerwear.coat, "felt"),
        Setting(outerwear.coat),
    ),
    "jacket": (
        Setting(outerwear.jacket, "twill", 1.2),
        Setting(outerwear.jacket, "smooth", 1.18),
        Setting(outerwear.jacket, "felt", 1.16),
        Setting(outerwear.jacket, "smooth", 1.2),
    ),
    "dress": (
        Setting(dresses.dress),
        Setting(dresses.dress, "linen"),
        Setting(dresses.dress),
        Setting(dresses.dress),
    ),
    "skirt": (
        Setting(dresses.skirt, "felt", 1.2),
        Setting(dresses.skirt, "smooth", 1.1),
        Setting(dresses.skirt, "felt", 1.2),
    ),
    "trousers": (
        Setting(legs.trousers, "twill"),
        Setting(legs.trousers, "linen"),
        Setting(legs.trousers, "felt"),
    ),
    "jeans": (Setting(legs.jeans, "twill"),) * 3,
    "shorts": (Setting(legs.shorts, "linen", 1.3),),
    "shoes": (
        Setting(feet.shoes, "linen", 1.12, 560),
        Setting(feet.shoes, "smooth", 1.12, 560),
        Setting(feet.shoes, "smooth", 1.12, 560),
    ),
    "boots": (
        Setting(feet.boots, "smooth", 1.08, 560),
        Setting(feet.boots, "smooth", 1.08, 560),
        Setting(feet.boots, "smooth", 1.04, 560),
    ),
    "bag": (
        Setting(accessories.bag, "linen"),
        Setting(accessories.bag, "smooth", 1.1, 620),
        Setting(accessories.bag, "linen"),
    ),
    "hat": (
        Setting(accessories.hat, "knit", 1.06),
        Setting(accessories.hat, "felt", 1.05),
        Setting(accessories.hat, "twill", 1.05),
    ),
    "scarf": (Setting(accessories.scarf, "felt"), Setting(accessories.scarf)),
    "gloves": (Setting(accessories.gloves, "knit", 1.05),),
    "t-shirt": (Setting(tops.tee, scale=1.2),) * 2 + (Setting(tops.tee, scale=1.16),),
    "shirt": (
        Setting(tops.shirt, "linen", 1.14),
        Setting(tops.shirt, "smooth", 1.14),
        Setting(tops.shirt, "smooth", 1.14),
    ),
    "jumper": (
        Setting(tops.jumper, "knit", 1.16),
        Setting(tops.jumper, "knit", 1.16),
        Setting(tops.jumper, "felt", 1.16),
    ),
    "cardigan": (Setting(tops.cardigan, "knit", 1.16), Setting(tops.cardigan, "knit", 1.06)),
    "waistcoat": (Setting(tops.waistcoat, "felt", 1.28), Setting(tops.waistcoat, "knit", 1.28)),
}
HOOK, MIDDLE = (360.0, 58.0), (360.0, 560.0)
_UPRIGHT = {"shirt"}


def picture(look: Look) -> Image.Image:
    """The picture of a look: always the same for the same look."""
    dice = random.Random(look.image)  # noqa: S311  chosen to repeat, not to be secret
    setting = SETTINGS[look.category][look.cut]
    fabric = Fabric(dice, look.colour, look.pattern, setting.texture, look.category in _UPRIGHT)
    tone = palette.wall(dice, fabric.base)
    ground = wall(tone, dice.random())
    if setting.shelf:
        shelf(ground, tone, setting.shelf)
    hung = not setting.shelf
    drawing = Drawing(setting.scale, HOOK if hung else MIDDLE)
    setting.draw(drawing, fabric, dice, look.cut)
    return drawing.render(ground) if hung else drawing.render(ground, (6, 12), 10)
