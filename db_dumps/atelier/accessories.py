"""Bags, hats, scarves and gloves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from atelier import props
from atelier.curve import CENTRE, Knot, between, both, ellipse, flip, ribbon, shift, through, turn
from atelier.drawing import Drawing, Fold, Seam
from atelier.fabric import plain

if TYPE_CHECKING:
    import random

    from atelier.fabric import Fabric

_BRASS = (202, 170, 100)
_STEEL = (178, 180, 186)
_LEATHER = (140, 94, 62)


def bag(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A bag: tote, flap handbag, or backpack."""
    (_tote, _handbag, _backpack)[cut](drawing, fabric, dice)


def _tote(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    props.rail(drawing, dice, 120)
    top, bottom = 440.0, dice.uniform(780, 850)
    wide, foot = dice.uniform(178, 206), dice.uniform(168, 196)
    handles = plain(_LEATHER) if dice.random() < 0.4 else fabric.plain(0.1)
    far = through(
        [
            (CENTRE - 84, top + 30),
            (CENTRE - 74, 280, True),
            (CENTRE - 6, 132, True),
            (CENTRE + 6, 132, True),
            (CENTRE + 74, 280, True),
            (CENTRE + 84, top + 30),
        ],
        closed=False,
    )
    drawing.add(ribbon(far, 17), handles.plain(0.25), depth=0.3)
    drawing.add(
        both(
            [
                (CENTRE, top - 10, True),
                (CENTRE + wide - 4, top),
                (CENTRE + wide - 6, top + 30),
                (CENTRE, top + 34),
            ]
        ),
        fabric.plain(0.45),
        depth=0.3,
    )
    right: list[Knot] = [
        (CENTRE, top + 12, True),
        (CENTRE + wide, top),
        (CENTRE + (wide + foot) / 2 + 8, (top + bottom) / 2, True),
        (CENTRE + foot, bottom - 16, True),
        (CENTRE + foot - 22, bottom, True),
        (CENTRE, bottom + 5, True),
    ]
    folds = [
        Fold([(CENTRE + s * 90, top + 40), (CENTRE + s * 120, bottom - 60)], 0.3, 40) for s in (-1, 1)
    ] + [Fold([(CENTRE - 20, top + 60), (CENTRE - 50, bottom - 20)], -0.2, 60)]
    hem = through(
        [(CENTRE - wide, top + 26), (CENTRE, top + 38, True), (CENTRE + wide, top + 26)], closed=False
    )
    drawing.add(both(right), fabric, depth=0.4, folds=folds, seams=[Seam(hem, 0.4, 1.6, 5)])
    near = through(
        [
            (CENTRE - 92, top + 88),
            (CENTRE - 88, 300, True),
            (CENTRE - 10, 130, True),
            (CENTRE + 10, 130, True),
            (CENTRE + 88, 300, True),
            (CENTRE + 92, top + 88),
        ],
        closed=False,
    )
    drawing.add(ribbon(near, 18), handles, depth=0.3, cast=5)
    for s in (-1, 1):
        x = CENTRE + s * 92
        drawing.add(
            [(x - 11, top + 40), (x + 11, top + 40), (x + 11, top + 94), (x - 11, top + 94)],
            handles,
            depth=0.2,
            cast=2,
            seams=[
                Seam([(x - 8, top + 66), (x + 8, top + 90)], 0.5, 1.4),
                Seam([(x + 8, top + 66), (x - 8, top + 90)], 0.5, 1.4),
            ],
        )
    if fabric.pattern == "plain":
        badge = plain(fabric.accents[0])
        if dice.random() < 0.5:
            drawing.add(ellipse(CENTRE, 640, 62, 62), badge, depth=0.0)
            drawing.add(ellipse(CENTRE + 22, 622, 44, 44), fabric, depth=0.0)
        else:
            for k in range(3):
                drawing.add(
                    ribbon(
                        through(
                            [
                                (CENTRE - 70, 600 + k * 34),
                                (CENTRE - 24, 586 + k * 34, True),
                                (CENTRE + 24, 614 + k * 34, True),
                                (CENTRE + 70, 600 + k * 34),
                            ],
                            closed=False,
                        ),
                        10,
                    ),
                    badge,
                    depth=0.0,
                )


def _handbag(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    metal = plain(_BRASS if dice.random() < 0.7 else _STEEL)
    top, bottom = 430.0, 700.0
    wide, foot = dice.uniform(170, 200), dice.uniform(186, 220)
    gloss = dice.uniform(0.12, 0.3)
    rise = dice.uniform(120, 220)
    handle = through(
        [
            (CENTRE - 104, top + 14),
            (CENTRE - 96, top - rise * 0.6, True),
            (CENTRE, top - rise, True),
            (CENTRE + 96, top - rise * 0.6, True),
            (CENTRE + 104, top + 14),
        ],
        closed=False,
    )
    drawing.add(ribbon(handle, 16), fabric.plain(0.1), depth=0.4, gloss=gloss)
    for s in (-1, 1):
        drawing.add(ellipse(CENTRE + s * 104, top + 8, 14, 14), metal, depth=0.4, cast=3, gloss=0.4)
    right: list[Knot] = [
        (CENTRE, top + 2),
        (CENTRE + wide - 20, top, True),
        (CENTRE + wide, top + 22, True),
        (CENTRE + foot, bottom - 24, True),
        (CENTRE + foot - 22, bottom, True),
        (CENTRE, bottom + 4, True),
    ]
    drawing.add(
        both(right),
        fabric,
        depth=0.46,
        gloss=gloss,
        seams=[Seam(shift(both(right), 0, 0, 0.955, (CENTRE, 566)), 0.4, 1.6, 5)],
    )
    drop = dice.uniform(110, 180)
    shape = dice.randrange(3)
    flap: list[Knot] = [
        (CENTRE, top - 4),
        (CENTRE + wide - 22, top - 5, True),
        (CENTRE + wide + 2, top + 20, True),
    ]
    if shape == 0:
        flap += [
            (CENTRE + wide + 6, top + drop - 30, True),
            (CENTRE + wide - 24, top + drop, True),
            (CENTRE, top + drop + 4, True),
        ]
    elif shape == 1:
        flap += [
            (CENTRE + wide - 6, top + drop * 0.6, True),
            (CENTRE + 60, top + drop + 20, True),
            (CENTRE, top + drop + 34, True),
        ]
    else:
        flap += [
            (CENTRE + wide + 3, top + drop * 0.5),
            (CENTRE + 30, top + drop + 34),
            (CENTRE, top + drop + 34),
        ]
    outline = both(flap)
    seams = [Seam(shift(outline, 0, 0, 0.95, (CENTRE, top + 50)), 0.4, 1.6, 5)]
    if dice.random() < 0.35:
        for k in range(-9, 10):
            seams += [
                Seam([(CENTRE + k * 44 - 120, top), (CENTRE + k * 44 + 120, top + 220)], 0.3, 1.6),
                Seam([(CENTRE + k * 44 + 120, top), (CENTRE + k * 44 - 120, top + 220)], 0.3, 1.6),
            ]
    drawing.add(outline, fabric, depth=0.36, cast=9, gloss=gloss, seams=seams)
    y = top + drop + (0 if shape == 0 else 20)
    drawing.add(
        through(
            [
                (CENTRE - 20, y - 22, True),
                (CENTRE + 20, y - 22, True),
                (CENTRE + 20, y + 12, True),
                (CENTRE - 20, y + 12, True),
            ]
        ),
        metal,
        depth=0.4,
        cast=5,
        gloss=0.4,
    )
    drawing.add(ribbon([(CENTRE, y - 14), (CENTRE, y + 4)], 7), plain((120, 96, 60)), depth=0.3, cast=2)


def _backpack(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    props.rail(drawing, dice, 130)
    trim = plain(_LEATHER) if dice.random() < 0.5 else plain(fabric.accents[0])
    metal = plain(_BRASS if dice.random() < 0.5 else _STEEL)
    top, bottom = 300.0, 800.0
    wide = dice.uniform(158, 180)
    loop = through(
        [
            (CENTRE - 34, top + 10),
            (CENTRE - 26, 180, True),
            (CENTRE, 136, True),
            (CENTRE + 26, 180, True),
            (CENTRE + 34, top + 10),
        ],
        closed=False,
    )
    drawing.add(ribbon(loop, 16), trim, depth=0.4)
    for side in (flip, list):
        strap = through(
            [
                (CENTRE + 70, top + 10),
                (CENTRE + wide + 40, top + 120, True),
                (CENTRE + wide + 34, bottom - 130, True),
                (CENTRE + wide - 20, bottom - 50),
            ],
            closed=False,
        )
        drawing.add(side(ribbon(strap, 30)), fabric.plain(0.25), depth=0.5)
    right: list[Knot] = [
        (CENTRE, top - 10, True),
        (CENTRE + wide * 0.7, top + 10, True),
        (CENTRE + wide, top + 110, True),
        (CENTRE + wide + 8, bottom - 60, True),
        (CENTRE + wide - 26, bottom, True),
        (CENTRE, bottom + 6, True),
    ]
    arc = through(
        [
            (CENTRE - wide + 16, top + 150),
            (CENTRE - wide * 0.62, top + 42, True),
            (CENTRE, top + 20, True),
            (CENTRE + wide * 0.62, top + 42, True),
            (CENTRE + wide - 16, top + 150),
        ],
        closed=False,
    )
    folds = [Fold([(CENTRE - wide, top + 260), (CENTRE, top + 276), (CENTRE + wide, top + 260)], 0.25, 26)]
    roll = dice.random() < 0.5
    drawing.add(
        both(right),
        fabric,
        depth=0.5,
        folds=folds,
        seams=[] if roll else [Seam(arc, 0.8, 6), Seam(arc, 1.0, 2, 3, metal.base)],
    )
    pocket: list[Knot] = [
        (CENTRE, 548),
        (CENTRE + wide - 40, 548),
        (CENTRE + wide - 18, 590, True),
        (CENTRE + wide - 22, bottom - 50, True),
        (CENTRE + wide - 50, bottom - 22, True),
        (CENTRE, bottom - 18, True),
    ]
    drawing.add(
        both(pocket),
        fabric,
        depth=0.4,
        cast=7,
        seams=[
            Seam([(CENTRE - wide + 44, 574), (CENTRE + wide - 44, 574)], 0.8, 5),
            Seam([(CENTRE - wide + 44, 574), (CENTRE + wide - 44, 574)], 1.0, 2, 3, metal.base),
        ],
    )
    drawing.add(ribbon([(CENTRE + wide - 50, 574), (CENTRE + wide - 54, 606)], 9), trim, depth=0.3, cast=3)
    if roll:
        flap: list[Knot] = [
            (CENTRE, top - 14, True),
            (CENTRE + wide * 0.74, top + 8, True),
            (CENTRE + wide + 4, top + 110, True),
            (CENTRE + wide - 4, top + 190, True),
            (CENTRE, top + 214, True),
        ]
        drawing.add(both(flap), fabric, depth=0.42, cast=9)
        for s in (-1, 1):
            x = CENTRE + s * 76
            drawing.add(
                [
                    (x - 13, top + 120),
                    (x + 13, top + 120),
                    (x + 13, top + 268),
                    (x, top + 282),
                    (x - 13, top + 268),
                ],
                trim,
                depth=0.3,
                cast=5,
                seams=[
                    Seam([(x - 9, top + 124), (x - 9, top + 264)], 0.4, 1.3, 4),
                    Seam([(x + 9, top + 124), (x + 9, top + 264)], 0.4, 1.3, 4),
                ],
            )
            drawing.add(
                [(x - 19, top + 204), (x + 19, top + 204), (x + 19, top + 232), (x - 19, top + 232)],
                metal,
                depth=0.4,
                cast=4,
                gloss=0.4,
            )
            drawing.add(
                [(x - 12, top + 210), (x + 12, top + 210), (x + 12, top + 226), (x - 12, top + 226)],
                trim,
                depth=0.3,
            )
    else:
        drawing.add(
            [(CENTRE - 44, 452), (CENTRE + 44, 452), (CENTRE + 44, 500), (CENTRE - 44, 500)],
            trim,
            depth=0.2,
            cast=3,
            seams=[
                Seam(
                    [
                        (CENTRE - 38, 458),
                        (CENTRE + 38, 458),
                        (CENTRE + 38, 494),
                        (CENTRE - 38, 494),
                        (CENTRE - 38, 458),
                    ],
                    0.4,
                    1.3,
                    4,
                )
            ],
        )


def hat(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A hat: bobble, wide-brimmed, or a cap."""
    (_bobble, _brim, _cap)[cut](drawing, fabric, dice)


def _bobble(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    if dice.random() < 0.8:
        pile = fabric.plain(-0.2) if dice.random() < 0.5 else plain(fabric.accents[0], "felt")
        radius = dice.uniform(62, 88)
        fuzz = []
        for k in range(72):
            angle = k * math.tau / 72
            reach = radius * (1.0 if k % 2 else 0.91) * dice.uniform(0.97, 1.04)
            fuzz.append((CENTRE + math.cos(angle) * reach, 288 + math.sin(angle) * reach))
        strands = []
        for _ in range(70):
            angle, near = dice.random() * math.tau, dice.uniform(0.1, 0.8) * radius
            start = (CENTRE + math.cos(angle) * near, 288 + math.sin(angle) * near)
            end = (CENTRE + math.cos(angle) * (near + 20), 288 + math.sin(angle) * (near + 20))
            strands.append(Seam([start, end], dice.choice((0.35, -0.4)), 2.2))
        drawing.add(fuzz, pile, depth=0.5, seams=strands)
    tall = dice.uniform(330, 360)
    dome: list[Knot] = [
        (CENTRE, tall, True),
        (CENTRE + 112, tall + 40, True),
        (CENTRE + 184, tall + 160, True),
        (CENTRE + 196, 640),
        (CENTRE, 650),
    ]
    folds = [Fold([(CENTRE + s * 60, tall + 30), (CENTRE + s * 96, 620)], 0.22, 40) for s in (-1, 1)]
    drawing.add(both(dome), fabric, depth=0.55, folds=folds)
    height = dice.uniform(96, 130)
    cuff: list[Knot] = [
        (CENTRE, 610, True),
        (CENTRE + 202, 598),
        (CENTRE + 206, 598 + height, True),
        (CENTRE + 196, 606 + height),
        (CENTRE, 620 + height, True),
    ]
    drawing.add(both(cuff), fabric.rib(), depth=0.5, cast=8)


def _brim(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    crown_top, base = dice.uniform(330, 370), 560.0
    wide = dice.uniform(270, 300)
    curl = dice.uniform(-6, 18)
    far: list[Knot] = [
        (CENTRE, base - 56, True),
        (CENTRE + wide * 0.7, base - 36, True),
        (CENTRE + wide, base + 16 - curl, True),
        (CENTRE + wide * 0.72, base + 62, True),
        (CENTRE, base + 92, True),
    ]
    drawing.add(
        both(far),
        fabric,
        depth=0.34,
        folds=[
            Fold(
                [(CENTRE - wide * 0.8, base + 40), (CENTRE, base + 76), (CENTRE + wide * 0.8, base + 40)],
                -0.25,
                24,
            )
        ],
    )
    pinch = dice.uniform(6, 34)
    crown: list[Knot] = [
        (CENTRE, crown_top + pinch, True),
        (CENTRE + 70, crown_top, True),
        (CENTRE + 128, crown_top + 40, True),
        (CENTRE + 154, base - 40, True),
        (CENTRE + 160, base + 14),
        (CENTRE + 90, base + 46, True),
        (CENTRE, base + 54, True),
    ]
    drawing.add(
        both(crown),
        fabric,
        depth=0.55,
        cast=7,
        folds=[
            Fold([(CENTRE, crown_top + pinch), (CENTRE - 6, base - 80)], 0.5, 34),
            Fold([(CENTRE - 70, crown_top + 20), (CENTRE - 84, base - 60)], -0.3, 40),
        ],
    )
    height = dice.uniform(34, 60)
    ribbon_tone = plain(fabric.ink) if dice.random() < 0.6 else plain(fabric.accents[0])
    band: list[Knot] = [
        (CENTRE, base + 8 - height + 44, True),
        (CENTRE + 90, base + 36 - height, True),
        (CENTRE + 156, base - height + 4),
        (CENTRE + 161, base + 14),
        (CENTRE + 90, base + 46, True),
        (CENTRE, base + 54, True),
    ]
    drawing.add(both(band), ribbon_tone, depth=0.4, cast=3)
    for dy in (-1, 1):
        knot = through(
            [
                (CENTRE + 108, base + 18 - height / 2),
                (CENTRE + 140, base + 10 - height / 2 + dy * 16, True),
                (CENTRE + 160, base + 4 - height / 2 + dy * 20),
            ]
        )
        drawing.add(knot, ribbon_tone, depth=0.4, cast=2)


def _cap(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    top, base = 360.0, 600.0
    dome: list[Knot] = [
        (150, base),
        (160, 480, True),
        (240, top + 20, True),
        (340, top, True),
        (440, top + 30, True),
        (510, 470, True),
        (524, base - 8),
        (340, base + 34, True),
    ]
    seams = [
        Seam(through([(336, top), (300, 470, True), (290, base + 30)], closed=False), 0.5, 2),
        Seam(through([(336, top), (400, 470, True), (424, base + 20)], closed=False), 0.5, 2),
        Seam(through([(336, top), (220, 450, True), (176, base + 8)], closed=False), 0.4, 2),
        Seam(
            through([(152, base - 26), (340, base + 6, True), (522, base - 36)], closed=False), 0.35, 1.6, 5
        ),
    ]
    peak: list[Knot] = [
        (300, base + 26),
        (424, base + 14, True),
        (524, base - 12),
        (620, base + 20, True),
        (654, base + 66, True),
        (610, base + 92, True),
        (470, base + 82, True),
        (350, base + 72, True),
    ]
    tone = fabric if dice.random() < 0.6 else plain(fabric.accents[0])
    lines = [
        Seam(shift(through(peak), 0, 0, scale, (420, base + 24)), 0.3, 1.5, 5) for scale in (0.92, 0.82, 0.72)
    ]
    drawing.add(through(dome), fabric, depth=0.55, seams=seams)
    drawing.add(through(peak), tone, 12, depth=0.42, cast=7, seams=lines)
    drawing.button(338, top - 2, 12, tone, holes=False)
    for x, y in ((256, 448), (372, 440)):
        drawing.add(ellipse(x, y, 5, 5), plain(fabric.ink), depth=0.2)


def scarf(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A scarf: long with fringes over a rail, or a silk square."""
    (_long, _square)[cut](drawing, fabric, dice)


def _long(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    props.rail(drawing, dice, 96)
    half = dice.uniform(62, 84)
    lean = dice.choice((-1, 1)) * dice.uniform(6, 16)
    for dx, bottom, angle in (
        (lean * 4, dice.uniform(690, 780), lean * 0.35),
        (-lean * 2.4, dice.uniform(780, 850), -lean * 0.3),
    ):
        x = CENTRE + dx
        rng = dice
        right = through(
            [
                (x - half * 0.62, 92, True),
                (x, 80, True),
                (x + half * 0.62, 92, True),
                (x + half * 0.9, 240, True),
                (x + half + 4, 480, True),
                (x + half, bottom),
                (x - half, bottom + 4),
                (x - half - 5, 460, True),
                (x - half * 0.9, 230, True),
            ]
        )
        folds = [
            Fold([(x + off * half, 100), (x + off * half * 1.1, bottom)], tone, 30)
            for off, tone in ((-0.45, 0.34), (-0.1, -0.24), (0.3, 0.3), (0.62, -0.2))
        ]
        about = (x, 90.0)
        count = round(half * 2 / 9)
        for k in range(count):
            fx = x - half + 5 + k * (half * 2 - 10) / (count - 1)
            tip = (fx + rng.uniform(-5, 5), bottom + rng.uniform(44, 60))
            strand = ribbon([(fx, bottom - 6), between((fx, bottom), tip, 0.5), tip], 5, 2.5)
            tone = (
                fabric.plain(rng.choice((0.05, 0.2, -0.1)))
                if fabric.pattern == "plain" or k % 3
                else plain(fabric.accents[k % 2])
            )
            drawing.add(turn(strand, angle, about), tone, depth=0.4)
        drawing.add(
            turn(right, angle, about),
            fabric,
            angle,
            depth=0.5,
            cast=8,
            folds=[fold._replace(points=turn(fold.points, angle, about)) for fold in folds],
        )


def _square(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    about = (CENTRE, 480.0)
    side = dice.uniform(206, 232)
    tilt = dice.uniform(-9, 9) + dice.choice((0, 45))
    if tilt > 30:
        side *= 0.92
    x, y = about
    corners = [(x - side, y - side), (x + side, y - side), (x + side, y + side), (x - side, y + side)]
    edge: list[Knot] = []
    for k in range(4):
        start, end = corners[k], corners[(k + 1) % 4]
        edge.append(start)
        for t in (0.25, 0.5, 0.75):
            px, py = between(start, end, t)
            edge.append((px + dice.uniform(-5, 5), py + dice.uniform(-5, 5), True))
    outline = turn(through(edge), tilt, about)
    border = plain(fabric.accents[0])
    drawing.add(outline, border, depth=0.16)
    folds = []
    for _ in range(5):
        a, b = dice.random() * math.tau, dice.random() * math.tau
        start, end = (
            (x + math.cos(a) * side, y + math.sin(a) * side),
            (x + math.cos(b) * side * 0.5, y + math.sin(b) * side * 0.5),
        )
        folds += [
            Fold([start, end], 0.26, 30),
            Fold([(start[0] + 14, start[1] + 10), (end[0] + 14, end[1] + 10)], -0.4, 26),
        ]
    drawing.add(
        shift(outline, 0, 0, dice.uniform(0.82, 0.9), about),
        fabric,
        tilt,
        depth=0.12,
        folds=folds,
        gloss=0.12,
    )
    if dice.random() < 0.6:
        drawing.add(shift(outline, 0, 0, 0.5, about), border, depth=0.0)
        drawing.add(shift(outline, 0, 0, 0.47, about), fabric.plain(), depth=0.1, gloss=0.1)
        if fabric.pattern != "plain":
            drawing.add(shift(outline, 0, 0, 0.42, about), fabric, tilt + 45, depth=0.1, gloss=0.1)
    corner = turn([(x + side, y + side - 150), (x + side, y + side), (x + side - 150, y + side)], tilt, about)
    flap = turn(
        [(x + side + 4, y + side - 150), (x + side - 112, y + side - 104), (x + side - 150, y + side + 4)],
        tilt,
        about,
    )
    drawing.add(corner, border.plain(0.0), depth=0.3)
    drawing.add(flap, fabric.plain(0.16), depth=0.4, cast=12)


def gloves(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A pair of knitted gloves or mittens."""
    mitten = dice.random() < 0.4
    rib = fabric.rib() if dice.random() < 0.6 else plain(fabric.accents[0], "rib")
    angle = dice.uniform(8, 16)
    for side, about in ((flip, (CENTRE - 122, 560.0)), (list, (CENTRE + 122, 540.0))):
        lean = -angle if side is flip else angle

        def place(
            points: list[tuple[float, float]],
            side: object = side,
            about: tuple[float, float] = about,
            lean: float = lean,
        ) -> list[tuple[float, float]]:
            moved = shift(points, about[0] - CENTRE, about[1] - 560, 1.0, (CENTRE, 560))
            if side is flip:
                moved = [(2 * about[0] - px, py) for px, py in moved]
            return turn(moved, lean, about)

        thumb = through(
            [
                (CENTRE - 66, 560),
                (CENTRE - 112, 480, True),
                (CENTRE - 134, 410, True),
                (CENTRE - 112, 384, True),
                (CENTRE - 84, 406, True),
                (CENTRE - 40, 480, True),
                (CENTRE - 20, 560),
            ]
        )
        drawing.add(place(thumb), fabric, -24, depth=0.6)
        if mitten:
            hand = through(
                [
                    (CENTRE - 76, 620),
                    (CENTRE - 84, 470, True),
                    (CENTRE - 76, 300, True),
                    (CENTRE, 220, True),
                    (CENTRE + 78, 300, True),
                    (CENTRE + 84, 470, True),
                    (CENTRE + 76, 620),
                ]
            )
            drawing.add(place(hand), fabric, lean, depth=0.55)
        else:
            for x, tip, tilt in ((-58, 262, -7), (-20, 222, -2), (19, 236, 3), (57, 288, 9)):
                finger = through(
                    [
                        (CENTRE + x - 20, 440),
                        (CENTRE + x - 19, tip + 22, True),
                        (CENTRE + x, tip, True),
                        (CENTRE + x + 19, tip + 22, True),
                        (CENTRE + x + 20, 440),
                    ]
                )
                drawing.add(place(turn(finger, tilt, (CENTRE + x, 440))), fabric, lean + tilt, depth=0.6)
            palm = through(
                [
                    (CENTRE - 78, 620),
                    (CENTRE - 84, 500, True),
                    (CENTRE - 78, 404, True),
                    (CENTRE - 40, 392, True),
                    (CENTRE, 384, True),
                    (CENTRE + 40, 392, True),
                    (CENTRE + 77, 408, True),
                    (CENTRE + 84, 500, True),
                    (CENTRE + 76, 620),
                ]
            )
            drawing.add(place(palm), fabric, lean, depth=0.42)
        cuff = through(
            [
                (CENTRE - 78, 606),
                (CENTRE, 600, True),
                (CENTRE + 78, 606),
                (CENTRE + 82, 730, True),
                (CENTRE + 80, 744),
                (CENTRE, 750, True),
                (CENTRE - 80, 744),
                (CENTRE - 82, 730, True),
            ]
        )
        drawing.add(place(cuff), rib, lean, depth=0.5, cast=5)
