"""Dresses and skirts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atelier import props
from atelier import torso as body
from atelier.curve import CENTRE, Knot, both, flip, ribbon, through
from atelier.drawing import Fold, Seam
from atelier.fabric import plain
from atelier.torso import Torso

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from atelier.drawing import Drawing
    from atelier.fabric import Fabric


def dress(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A dress: summer, shirt, wrap, or evening."""
    (_summer, _shirt, _wrap, _evening)[cut](drawing, fabric, dice)


def _flare(
    drawing: Drawing,
    fabric: Fabric,
    dice: random.Random,
    waist: tuple[float, float],
    hem: tuple[float, float],
    *,
    seams: Sequence[Seam] = (),
    wave: float = 8,
) -> None:
    """Draw a skirt that hangs in folds from waist (y, half width) to hem (y, half width)."""
    (top, narrow), (bottom, wide) = waist, hem
    count = max(3, round(wide / 44))
    edge: list[Knot] = []
    for k in range(count * 2 + 1):
        x = wide - 2 * wide * k / (count * 2)
        sag = 16 * (1 - (x / wide) ** 2)
        edge.append((CENTRE + x, bottom + sag + (wave if k % 2 else -wave) * 0.5, True))
    edge[0], edge[-1] = (CENTRE + wide, bottom - 4), (CENTRE - wide, bottom - 4)
    middle = top + (bottom - top) * 0.3
    hip = narrow + (wide - narrow) * 0.42
    outline = through(
        [
            (CENTRE - narrow, top),
            (CENTRE, top + 5, True),
            (CENTRE + narrow, top),
            (CENTRE + hip, middle, True),
            *edge,
            (CENTRE - hip, middle, True),
        ]
    )
    folds = []
    for k in range(count):
        place = (k + dice.uniform(0.3, 0.7)) / count * 2 - 1
        start = (CENTRE + place * narrow * 0.85, top + dice.uniform(20, 120))
        end = (CENTRE + place * wide * 0.92, bottom + 10)
        folds.append(Fold([start, end], dice.uniform(0.25, 0.42), dice.uniform(22, 40)))
        gap = wide / count * 0.8
        folds.append(
            Fold(
                [(start[0] + 6, start[1] + 10), (end[0] + gap * 0.6, end[1])],
                -dice.uniform(0.14, 0.26),
                dice.uniform(24, 40),
            )
        )
    drawing.add(outline, fabric, depth=0.45, folds=folds, seams=seams, cast=4)


def _bodice(
    fabric: Fabric, top: float, waist_y: float, chest: float, waist: float, neckline: list[Knot], strap: float
) -> list[Knot]:
    return [
        *neckline,
        (CENTRE + strap, top),
        (CENTRE + chest - 10, top + 60, True),
        (CENTRE + chest, top + 110),
        (CENTRE + waist + 6, waist_y - 50, True),
        (CENTRE + waist, waist_y),
        (CENTRE, waist_y + 6, True),
    ]


def _summer(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    props.rail(drawing, dice)
    props.hanger(drawing, dice, 160, 128, 40)
    top, waist_y = 270.0, dice.uniform(446, 480)
    bottom = dice.uniform(740, 850)
    wide = dice.uniform(200, 246)
    sweet = dice.random() < 0.5
    back: list[Knot] = [
        (CENTRE, top + 20, True),
        (CENTRE + 104, top + 6),
        (CENTRE + 112, top + 90),
        (CENTRE, top + 100),
    ]
    drawing.add(both(back), fabric.plain(0.42), depth=0.3)
    width = dice.choice((9.0, 16.0, 34.0))
    for side in (flip, list):
        drawing.add(
            side(ribbon([(CENTRE + 92, 196), (CENTRE + 86, top + 20)], width, width * 1.2)),
            fabric,
            depth=0.3,
            cast=3,
        )
    _flare(drawing, fabric, dice, (waist_y - 4, 104), (bottom, wide))
    if dice.random() < 0.4:
        _flare(drawing, fabric, dice, (bottom - 110, wide * 0.86), (bottom + 14, wide * 1.06))
    neckline: list[Knot] = (
        [(CENTRE, top + 40), (CENTRE + 44, top + 10, True)]
        if sweet
        else [(CENTRE, top + 22, True), (CENTRE + 50, top + 14, True)]
    )
    folds = [Fold([(CENTRE + s * 60, top + 90), (CENTRE + s * 40, waist_y)], 0.3, 24) for s in (-1, 1)]
    drawing.add(
        both(_bodice(fabric, top, waist_y, 126, 104, neckline, 84)), fabric, depth=0.5, cast=5, folds=folds
    )
    sash: list[Knot] = [
        (CENTRE, waist_y - 8),
        (CENTRE + 105, waist_y - 12),
        (CENTRE + 106, waist_y + 10),
        (CENTRE, waist_y + 16),
    ]
    if dice.random() < 0.6:
        drawing.add(
            both(sash), plain(fabric.accents[0]) if dice.random() < 0.5 else fabric, depth=0.4, cast=4
        )
    if dice.random() < 0.4:
        body.buttons(drawing, plain((236, 228, 212)), CENTRE, top + 62, waist_y - 30, 4, 5)


def _shirt(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    torso = Torso(neck=52, shoulder=148, chest=138, waist=126, hem=118, top=170, armpit=326, bottom=480)
    body.hang(drawing, dice, torso)
    body.back(drawing, torso, fabric, lift=16)
    if dice.random() < 0.5:
        body.sleeves(drawing, torso, fabric, (CENTRE + 222, 350), 84, creases=(0.5,))
    else:
        body.sleeves(drawing, torso, fabric, (CENTRE + 202, 590), 50, cuff=fabric, cuff_length=36)
    bottom = dice.uniform(760, 850)
    placket = [
        Seam([(CENTRE + 12, 470), (CENTRE + 12, bottom + 20)], 0.55, 2),
        Seam([(CENTRE - 12, 470), (CENTRE - 12, bottom + 20)], 0.3, 1.4),
    ]
    _flare(drawing, fabric, dice, (474, 120), (bottom, dice.uniform(176, 214)), seams=placket, wave=5)
    drawing.add(
        both(torso.right(body.vee(torso, 50), [(CENTRE + 119, 484), (CENTRE, 490, True)])),
        fabric,
        depth=0.42,
        cast=5,
        folds=torso.folds(dice, 0.6),
        seams=[*body.opening(220, 490, width=12), *body.armholes(torso)],
    )
    studs = plain((238, 230, 214) if dice.random() < 0.6 else fabric.ink)
    body.buttons(drawing, studs, CENTRE, 246, 440, 5, 5.2)
    body.buttons(drawing, studs, CENTRE, 540, bottom - 60, 4, 5.2)
    body.shirt_collar(drawing, torso, fabric, 0.85, 62)
    belt = fabric.plain(0.1) if dice.random() < 0.6 else plain((120, 84, 58))
    drawing.add(
        both([(CENTRE, 466), (CENTRE + 124, 462), (CENTRE + 124, 488), (CENTRE, 494)]),
        belt,
        depth=0.35,
        cast=5,
    )
    for lean in (-1, 1):
        tail = through(
            [
                (CENTRE - 30, 480),
                (CENTRE - 30 + lean * 12, 560, True),
                (CENTRE - 30 + lean * 22, 620 + lean * 14),
            ],
            closed=False,
        )
        drawing.add(ribbon(tail, 15, 18), belt, depth=0.4, cast=5)
    drawing.add(
        through(
            [
                (CENTRE - 44, 464, True),
                (CENTRE - 16, 464, True),
                (CENTRE - 18, 496, True),
                (CENTRE - 42, 496, True),
            ]
        ),
        belt,
        depth=0.5,
        cast=4,
    )


def _wrap(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    torso = Torso(neck=62, shoulder=146, chest=134, waist=116, hem=108, top=174, armpit=326, bottom=470)
    body.hang(drawing, dice, torso)
    body.back(drawing, torso, fabric, depth=70)
    body.sleeves(
        drawing, torso, fabric, (CENTRE + 210, dice.choice((430, 560, 600))), 60, puff=dice.choice((4, 18))
    )
    bottom, wide = dice.uniform(770, 860), dice.uniform(190, 232)
    lap = through([(CENTRE + 44, 462), (CENTRE - 10, 600, True), (CENTRE - 44, bottom + 16)], closed=False)
    _flare(drawing, fabric, dice, (462, 110), (bottom, wide), seams=[Seam(lap, 0.65, 2.6)])
    under = through(
        [
            (CENTRE - torso.neck, torso.top),
            (CENTRE - 148, torso.top + 40),
            (CENTRE - 138, torso.armpit),
            (CENTRE - 112, 470),
            (CENTRE + 60, 470),
            (CENTRE + 6, 330, True),
        ]
    )
    drawing.add(
        under, fabric, 14, depth=0.4, cast=3, folds=[Fold([(CENTRE - 110, 360), (CENTRE - 20, 460)], 0.3, 20)]
    )
    over = through(
        [
            (CENTRE + torso.neck, torso.top),
            (CENTRE + 110, torso.top + 24, True),
            torso.shoulder_tip,
            (CENTRE + 130, torso.armpit - 50, True),
            torso.armpit_point,
            (CENTRE + 118, 410, True),
            (CENTRE + 109, 474),
            (CENTRE - 110, 474),
            (CENTRE - 112, 452),
            (CENTRE + 10, 330, True),
        ]
    )
    drawing.add(
        over,
        fabric,
        -14,
        depth=0.42,
        cast=7,
        folds=[
            Fold([(CENTRE + 110, 370), (CENTRE - 10, 462)], 0.34, 22),
            Fold([(CENTRE + 120, 410), (CENTRE + 20, 468)], -0.2, 18),
        ],
    )
    x = CENTRE + 84
    for dx, y in ((-18, 640), (22, 610)):
        tail = through([(x, 470), (x + dx * 0.4, 550, True), (x + dx, y)], closed=False)
        drawing.add(ribbon(tail, 14, 20), fabric, depth=0.4, cast=5)
    drawing.add(
        both([(CENTRE, 456), (CENTRE + 111, 454), (CENTRE + 112, 478), (CENTRE, 482)]),
        fabric.plain(0.08),
        depth=0.35,
        cast=4,
    )
    for turn in (-1, 1):
        loop = through(
            [(x, 468), (x + turn * 34, 450, True), (x + turn * 50, 468, True), (x + turn * 32, 486, True)]
        )
        drawing.add(loop, fabric, depth=0.5, cast=4)
    drawing.add(
        through([(x - 10, 456, True), (x + 10, 456, True), (x + 10, 482, True), (x - 10, 482, True)]),
        fabric,
        depth=0.5,
        cast=3,
    )


def _evening(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    props.rail(drawing, dice)
    props.hanger(drawing, dice, 150, 116, 38)
    top = 250.0
    back: list[Knot] = [
        (CENTRE, top + 40, True),
        (CENTRE + 88, top + 6),
        (CENTRE + 100, top + 100),
        (CENTRE, top + 130),
    ]
    drawing.add(both(back), fabric.plain(0.45), depth=0.3)
    for side in (flip, list):
        drawing.add(side(ribbon([(CENTRE + 84, 182), (CENTRE + 80, top + 12)], 6)), fabric, depth=0.3, cast=2)
    wide = dice.uniform(140, 190)
    slit = dice.random() < 0.5
    right: list[Knot] = [
        (CENTRE, top + dice.uniform(50, 84), True),
        (CENTRE + 50, top + 30, True),
        (CENTRE + 80, top - 2),
        (CENTRE + 104, top + 56, True),
        (CENTRE + 112, top + 110, True),
        (CENTRE + 92, 440, True),
        (CENTRE + 122, 570, True),
        (CENTRE + 130, 700, True),
        (CENTRE + wide, 900),
        (CENTRE + wide * 0.5, 912, True),
        (CENTRE, 916, True),
    ]
    folds = []
    for s in (-1, 1):
        folds += [
            Fold(
                through(
                    [(CENTRE + s * 78, top + 20), (CENTRE + s * 30, top + 120, True), (CENTRE, top + 140)],
                    closed=False,
                ),
                0.3,
                16,
            )
        ]
        folds += [
            Fold([(CENTRE + s * 70, 470), (CENTRE + s * (30 + 60 * dice.random()), 900)], 0.34, 34),
            Fold([(CENTRE + s * 30, 480), (CENTRE + s * 10, 900)], -0.4, 30),
        ]
        folds += [Fold([(CENTRE + s * 96, 430), (CENTRE + s * 110, 900)], -0.24, 24)]
    seams = []
    if slit:
        seams = [
            Seam(
                through([(CENTRE + 60, 640), (CENTRE + 70, 780, True), (CENTRE + 58, 916)], closed=False),
                0.8,
                3,
            )
        ]
    drawing.add(both(right), fabric, depth=0.55, cast=4, folds=folds, seams=seams, gloss=0.18)
    if slit:
        drawing.add(
            through(
                [
                    (CENTRE + 60, 646),
                    (CENTRE + 82, 790, True),
                    (CENTRE + 92, 914),
                    (CENTRE + 56, 914),
                    (CENTRE + 68, 780, True),
                ]
            ),
            fabric.plain(0.5),
            depth=0.3,
        )


def skirt(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A skirt: A-line, pleated, or pencil."""
    props.rail(drawing, dice)
    top, waist = 190.0, dice.uniform(98, 112)
    props.clips(drawing, dice, top, waist - 24)
    back: list[Knot] = [
        (CENTRE, top - 8, True),
        (CENTRE + waist, top),
        (CENTRE + waist, top + 20),
        (CENTRE, top + 24),
    ]
    drawing.add(both(back), fabric.plain(0.45), depth=0.2)
    if cut == 0:
        _flare(
            drawing,
            fabric,
            dice,
            (top + 20, waist + 2),
            (dice.uniform(600, 720), dice.uniform(196, 236)),
            wave=5,
        )
        if dice.random() < 0.5:
            body.buttons(drawing, plain(fabric.ink), CENTRE, top + 60, 560, 6, 7)
        else:
            body.patch_pocket(drawing, fabric, 44, top + 120, 84, 96)
    elif cut == 1:
        _pleats(
            drawing, fabric, dice, (top + 20, waist + 2), (dice.uniform(680, 800), dice.uniform(190, 240))
        )
    else:
        bottom = dice.uniform(640, 730)
        right: list[Knot] = [
            (CENTRE, top + 20),
            (CENTRE + waist + 2, top + 20),
            (CENTRE + waist + 34, top + 150, True),
            (CENTRE + waist + 34, top + 280, True),
            (CENTRE + waist + 8, bottom),
            (CENTRE, bottom + 6, True),
        ]
        folds = [
            Fold([(CENTRE + s * 90, top + 120), (CENTRE + s * 70, bottom)], 0.3, 36) for s in (-1, 1)
        ] + [Fold([(CENTRE - 20, top + 140), (CENTRE - 24, bottom)], -0.22, 60)]
        darts = [Seam([(CENTRE + s * 56, top + 22), (CENTRE + s * 60, top + 110)], 0.4, 1.8) for s in (-1, 1)]
        slit = [
            Seam([(CENTRE + 60, bottom - 130), (CENTRE + 60, bottom + 8)], 0.7, 2.6),
            Seam([(200, bottom - 16), (360, bottom - 10), (520, bottom - 16)], 0.3, 1.5),
        ]
        drawing.add(both(right), fabric, depth=0.5, cast=4, folds=folds, seams=[*darts, *slit])
    band: list[Knot] = [
        (CENTRE, top + 4, True),
        (CENTRE + waist, top),
        (CENTRE + waist + 4, top + 32),
        (CENTRE, top + 38, True),
    ]
    drawing.add(
        both(band),
        fabric,
        depth=0.35,
        cast=4,
        seams=[Seam([(CENTRE - waist, top + 27), (CENTRE, top + 33), (CENTRE + waist, top + 27)], 0.35, 1.4)],
    )
    drawing.button(CENTRE + 22, top + 19, 6.5, plain(fabric.ink))
    props.clip_jaws(drawing, dice, top, waist - 24)


def _pleats(
    drawing: Drawing,
    fabric: Fabric,
    dice: random.Random,
    waist: tuple[float, float],
    hem: tuple[float, float],
) -> None:
    (top, narrow), (bottom, wide) = waist, hem
    count = dice.choice((10, 12, 15))
    for k in range(count):
        a, b = 2 * k / count - 1, 2 * (k + 1) / count - 1
        sag = 18 * (1 - ((a + b) / 2) ** 2)
        pleat = [
            (CENTRE + a * narrow, top),
            (CENTRE + b * narrow + 2, top),
            (CENTRE + b * wide + 7, bottom + sag),
            (CENTRE + a * wide, bottom + sag + 7),
        ]
        seam = Seam([pleat[0], pleat[3]], 0.75, 3)
        glow = Fold(
            [(pleat[0][0] + 6, top + 40), ((pleat[3][0] * 0.7 + pleat[2][0] * 0.3), bottom)], -0.28, 18
        )
        drawing.add(pleat, fabric, -(a + b) * 9, depth=0.42, seams=[seam], folds=[glow])
