"""Coats and jackets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atelier import torso as body
from atelier.curve import CENTRE, Knot, between, both, ellipse, flip, ribbon, through
from atelier.drawing import Fold, Seam
from atelier.fabric import Fabric, plain
from atelier.torso import Torso

if TYPE_CHECKING:
    import random

    from atelier.drawing import Drawing

_STEEL = (176, 178, 184)
_BRASS = (196, 164, 96)
_HORN = (84, 62, 50)


def coat(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A coat: woollen with lapels, trench, duffle, or padded."""
    (_wool, _trench, _duffle, _puffer)[cut](drawing, fabric, dice)


def jacket(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A jacket: denim, bomber, blazer, or biker."""
    (_denim, _bomber, _blazer, _biker)[cut](drawing, fabric, dice)


def _long(dice: random.Random) -> Torso:
    return Torso(
        neck=54,
        shoulder=154,
        chest=150,
        waist=150,
        hem=dice.uniform(164, 186),
        top=170,
        armpit=340,
        bottom=dice.uniform(800, 850),
    )


def _shell(
    drawing: Drawing,
    torso: Torso,
    fabric: Fabric,
    dice: random.Random,
    end: float,
    seams: list[Seam],
    hem: list[Knot] | None = None,
) -> None:
    """Draw the body of a jacket that opens in a V down to end."""
    outline = both(torso.right(body.vee(torso, end - torso.top), hem or body.flat_hem(torso)))
    drawing.add(
        outline,
        fabric,
        depth=0.46,
        cast=7,
        folds=torso.folds(dice, 0.8),
        seams=[*seams, *body.armholes(torso)],
    )


def _lining(drawing: Drawing, torso: Torso, fabric: Fabric, depth: float = 80) -> None:
    body.back(
        drawing,
        torso,
        plain(fabric.accents[0]) if fabric.pattern == "plain" else fabric,
        depth=depth,
        lift=10,
    )


def _wool(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    torso = _long(dice)
    end = dice.uniform(340, 410)
    double = dice.random() < 0.4
    body.hang(drawing, dice, torso)
    _lining(drawing, torso, fabric)
    body.sleeves(drawing, torso, fabric, (CENTRE + 216, 660), 62)
    edge = CENTRE + (44 if double else 14)
    _shell(
        drawing,
        torso,
        fabric,
        dice,
        end,
        [Seam([(CENTRE + 2, end), (edge, end + 20), (edge + 4, torso.bottom + 4)], 0.65, 2.4)],
    )
    body.lapels(drawing, torso, fabric, end, width=dice.uniform(40, 56), notch=dice.uniform(70, 92))
    studs = plain(_HORN if dice.random() < 0.6 else fabric.ink)
    for x in (CENTRE - 40, CENTRE + 30) if double else (CENTRE,):
        body.buttons(drawing, studs, x, end + 28, end + (190 if double else 220), 3, 10.5)
    body.flap_pocket(drawing, fabric, 56, 590, 80, 28, lean=4)


def _trench(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    torso = _long(dice)._replace(waist=136)
    end = 360.0
    body.hang(drawing, dice, torso)
    _lining(drawing, torso, fabric)
    body.sleeves(drawing, torso, fabric, (CENTRE + 214, 650), 60)
    for side in (list, flip):
        drawing.add(
            side(
                through([(CENTRE + 208, 590), (CENTRE + 219, 610), (CENTRE + 150, 632), (CENTRE + 142, 614)])
            ),
            fabric,
            depth=0.3,
            cast=4,
        )
    _shell(
        drawing,
        torso,
        fabric,
        dice,
        end,
        [Seam([(CENTRE + 40, end), (CENTRE + 46, torso.bottom + 4)], 0.65, 2.4)],
    )
    flap = through(
        [
            (CENTRE - 56, torso.top + 20),
            (CENTRE - 150, torso.top + 48),
            (CENTRE - 146, 336, True),
            (CENTRE - 70, 366, True),
            (CENTRE - 20, 330),
        ]
    )
    drawing.add(
        flap,
        fabric,
        depth=0.2,
        cast=6,
        seams=[Seam([between(p, (CENTRE - 90, 280), 0.06) for p in flap[16:]], 0.35, 1.4)],
    )
    body.lapels(drawing, torso, fabric, end, width=54, notch=86)
    studs = plain(_HORN)
    for x in (CENTRE - 44, CENTRE + 26):
        body.buttons(drawing, studs, x, 392, 560, 3, 9.5)
    for side in (list, flip):
        drawing.add(
            side(
                through(
                    [
                        (CENTRE + 84, torso.top + 6),
                        (CENTRE + 150, torso.top + 34),
                        (CENTRE + 146, torso.top + 54),
                        (CENTRE + 78, torso.top + 26),
                    ]
                )
            ),
            fabric,
            depth=0.25,
            cast=4,
        )
        drawing.button(side([(CENTRE + 90, torso.top + 20)])[0][0], torso.top + 20, 5, studs)
    y = 500.0
    belt: list[Knot] = [(CENTRE, y), (CENTRE + 142, y - 3), (CENTRE + 142, y + 31), (CENTRE, y + 34)]
    drawing.add(
        both(belt),
        fabric.plain(0.06),
        depth=0.3,
        cast=5,
        seams=[Seam([(210, y + 5), (510, y + 5)], 0.3, 1.2), Seam([(210, y + 28), (510, y + 28)], 0.3, 1.2)],
    )
    tail = through(
        [
            (CENTRE + 4, y + 6),
            (CENTRE + 40, y + 2),
            (CENTRE + 64, y + 150, True),
            (CENTRE + 50, y + 196),
            (CENTRE + 24, y + 190),
        ]
    )
    drawing.add(tail, fabric.plain(0.06), depth=0.35, cast=7)
    buckle = plain(_HORN)
    drawing.add(
        [(CENTRE - 20, y - 7), (CENTRE + 20, y - 7), (CENTRE + 20, y + 41), (CENTRE - 20, y + 41)],
        buckle,
        depth=0.3,
        cast=4,
    )
    drawing.add(
        [(CENTRE - 12, y + 1), (CENTRE + 12, y + 1), (CENTRE + 12, y + 33), (CENTRE - 12, y + 33)],
        fabric.plain(0.1),
        depth=0.3,
    )
    for side in (list, flip):
        drawing.add(
            side([(CENTRE + 92, 610), (CENTRE + 112, 604), (CENTRE + 136, 700), (CENTRE + 116, 706)]),
            fabric,
            depth=0.25,
            cast=4,
        )


def _duffle(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    torso = _long(dice)._replace(bottom=dice.uniform(740, 790), chest=156, waist=160, hem=174)
    body.hang(drawing, dice, torso)
    body.hood(drawing, torso, fabric)
    body.sleeves(drawing, torso, fabric, (CENTRE + 226, 640), 64)
    end = torso.top + 112
    yoke = Seam(
        through([(CENTRE - 154, 262), (CENTRE, 292, True), (CENTRE + 154, 262)], closed=False), 0.45, 2
    )
    _shell(drawing, torso, fabric, dice, end, [*body.opening(end, torso.bottom + 6, x=CENTRE + 10), yoke])
    cord = plain(dice.choice(((226, 208, 172), (84, 62, 50), (50, 48, 52))))
    horn = plain((112, 78, 54), "smooth")
    for number in range(dice.choice((3, 4))):
        y = 340 + number * 94
        for sign in (-1, 1):
            loop = through(
                [(CENTRE + sign * 4, y), (CENTRE + sign * 34, y - 5, True), (CENTRE + sign * 58, y - 2)],
                closed=False,
            )
            drawing.add(ribbon(loop, 5), cord, depth=0.4, cast=3)
            x = CENTRE + sign * 66
            drawing.add(
                [(x - 12, y - 14), (x + 12, y - 14), (x + 12, y + 12), (x - 12, y + 12)],
                plain(_HORN),
                depth=0.3,
                cast=3,
            )
        drawing.add(
            through(
                [
                    (CENTRE - 27, y - 2, True),
                    (CENTRE, y - 9, True),
                    (CENTRE + 27, y - 2, True),
                    (CENTRE, y + 7, True),
                ]
            ),
            horn,
            depth=0.5,
            cast=5,
            gloss=0.3,
        )
    body.patch_pocket(drawing, fabric, 46, 620, 92, 100)


def _puffer(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    torso = _long(dice)._replace(chest=160, waist=164, hem=166, bottom=dice.uniform(740, 810))
    body.hang(drawing, dice, torso)
    if dice.random() < 0.55:
        body.hood(drawing, torso, fabric)
    step = dice.choice((46.0, 60.0, 74.0))
    sheen = dice.uniform(0.1, 0.3)
    body.sleeves(
        drawing,
        torso,
        fabric,
        (CENTRE + 232, 640),
        70,
        puff=10,
        creases=tuple(k / 10 for k in range(2, 10)),
        cuff=fabric.rib(),
        cuff_length=24,
    )
    folds, seams = [], [Seam([(CENTRE, torso.top), (CENTRE, torso.bottom + 6)], 0.8, 4)]
    y = torso.top + 92
    while y < torso.bottom - 10:
        line = through([(CENTRE - 178, y - 6), (CENTRE, y + 8, True), (CENTRE + 178, y - 6)], closed=False)
        seams.append(Seam(line, 0.6, 2.2))
        folds += [
            Fold([(a, b + 5) for a, b in line], 0.5, 24),
            Fold([(a, b - step * 0.5) for a, b in line], -0.3 - sheen, step * 0.5),
        ]
        y += step
    drawing.add(
        both(torso.right(body.vee(torso, 40), body.flat_hem(torso))),
        fabric,
        depth=0.5,
        cast=7,
        seams=[*seams, *body.armholes(torso)],
        folds=folds,
    )
    n, t = torso.neck, torso.top
    neck: list[Knot] = [
        (CENTRE, t - 26),
        (CENTRE + n + 4, t - 34, True),
        (CENTRE + n + 16, t + 6, True),
        (CENTRE + n * 0.8, t + 44, True),
        (CENTRE, t + 56),
    ]
    drawing.add(
        both(neck),
        fabric,
        depth=0.6,
        cast=6,
        seams=[Seam([(CENTRE, t - 30), (CENTRE, t + 60)], 0.8, 4)],
        folds=[Fold([(CENTRE - 70, t + 8), (CENTRE, t + 16), (CENTRE + 70, t + 8)], 0.5, 20)],
    )
    drawing.add(
        [(CENTRE - 4, t + 40), (CENTRE + 4, t + 40), (CENTRE + 3, t + 72), (CENTRE - 3, t + 72)],
        plain(_STEEL),
        depth=0.3,
        cast=3,
        gloss=0.4,
    )
    for side in (list, flip):
        drawing.add(side(ribbon([(CENTRE + 78, 560), (CENTRE + 116, 640)], 7)), fabric.plain(0.5), depth=0.3)


def _denim(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    torso = Torso(neck=56, shoulder=162, chest=154, waist=146, hem=138, bottom=dice.uniform(610, 650))
    thread = (214, 158, 84) if dice.random() < 0.75 else fabric.light
    body.hang(drawing, dice, torso)
    _lining(drawing, torso, fabric.plain(0.25), 30)
    body.sleeves(drawing, torso, fabric, (CENTRE + 224, 610), 58, cuff=fabric.plain(0.08), cuff_length=34)
    seams = [
        Seam([(CENTRE + 14, torso.top + 50), (CENTRE + 14, torso.bottom)], 0.6, 2.2),
        Seam([(CENTRE - 14, torso.top + 50), (CENTRE - 14, torso.bottom)], 0.7, 1.5, 5, thread),
    ]
    seams.append(Seam([(CENTRE + 8, torso.top + 50), (CENTRE + 8, torso.bottom)], 0.7, 1.5, 5, thread))
    for side in (list, flip):
        for off in (0, 6):
            seams.append(
                Seam(side([(CENTRE + 26 + off, 344), (CENTRE + 52 + off, torso.bottom)]), 0.6, 1.5, 5, thread)
            )
            seams.append(
                Seam(
                    side([(CENTRE + 116 + off, 344), (CENTRE + 80 + off, torso.bottom)]), 0.6, 1.5, 5, thread
                )
            )
        seams.append(Seam(side([(CENTRE, 312), (CENTRE + 160, 300)]), 0.6, 2))
        seams.append(Seam(side([(CENTRE, 318), (CENTRE + 160, 306)]), 0.6, 1.5, 5, thread))
    fade = [Fold([(CENTRE + s * 70, 420), (CENTRE + s * 66, 540)], -0.3, 60) for s in (-1, 1)]
    outline = both(torso.right(body.vee(torso, 50), body.flat_hem(torso)))
    drawing.add(
        outline,
        fabric,
        depth=0.46,
        cast=7,
        folds=[*torso.folds(dice, 0.8), *fade],
        seams=[*seams, *body.armholes(torso)],
    )
    for side in (flip, list):
        pocket = through(
            [
                (CENTRE + 40, 318),
                (CENTRE + 116, 312),
                (CENTRE + 116, 342),
                (CENTRE + 78, 360),
                (CENTRE + 40, 346),
            ]
        )
        drawing.add(
            side(pocket),
            fabric,
            depth=0.15,
            cast=4,
            seams=[Seam(side([between(p, (CENTRE + 78, 330), 0.12) for p in pocket]), 0.7, 1.4, 4, thread)],
        )
        x = side([(CENTRE + 78, 346)])[0][0]
        drawing.button(x, 346, 5, plain(_BRASS), holes=False)
    body.rib_hem(drawing, torso, fabric.plain(0.06), 36)
    body.shirt_collar(drawing, torso, fabric, 1.05, 78)
    body.buttons(drawing, plain(_BRASS), CENTRE, torso.top + 74, torso.bottom - 16, 6, 6.5)


def _bomber(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    torso = Torso(neck=58, shoulder=168, chest=162, waist=166, hem=148, bottom=dice.uniform(600, 640))
    rib = fabric.rib()
    depth = 34
    body.hang(drawing, dice, torso)
    _lining(drawing, torso, fabric, 30)
    body.sleeves(drawing, torso, fabric, (CENTRE + 232, 600), 56, puff=16, cuff=rib, cuff_length=42)
    seams = [
        Seam([(CENTRE, torso.top), (CENTRE, torso.bottom + 8)], 0.85, 7),
        Seam([(CENTRE, torso.top), (CENTRE, torso.bottom + 8)], 1.0, 2, 3, _STEEL),
    ]
    outline = both(torso.right(body.crew(torso, depth), body.flat_hem(torso)))
    drawing.add(
        outline,
        fabric,
        depth=0.5,
        cast=7,
        folds=torso.folds(dice, 1.1),
        seams=[*seams, *body.armholes(torso)],
        gloss=0.12,
    )
    body.rib_hem(drawing, torso, rib, 50)
    body.neckband(drawing, torso, rib, depth, 28)
    drawing.add(
        [
            (CENTRE - 4, torso.top + depth + 18),
            (CENTRE + 4, torso.top + depth + 18),
            (CENTRE + 3, torso.top + depth + 52),
            (CENTRE - 3, torso.top + depth + 52),
        ],
        plain(_STEEL),
        depth=0.3,
        cast=3,
        gloss=0.4,
    )
    for side in (list, flip):
        drawing.add(
            side(ribbon([(CENTRE + 84, 450), (CENTRE + 122, 536)], 13)),
            fabric.plain(0.08),
            depth=0.3,
            cast=4,
            seams=[Seam(side([(CENTRE + 84, 450), (CENTRE + 122, 536)]), 0.7, 1.8)],
        )


def _blazer(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    torso = Torso(
        neck=52, shoulder=156, chest=146, waist=134, hem=150, bottom=dice.uniform(660, 700), top=174
    )
    end = dice.uniform(400, 470)
    body.hang(drawing, dice, torso)
    body.back(drawing, torso, plain(fabric.accents[0]), depth=90, lift=10)
    body.sleeves(drawing, torso, fabric, (CENTRE + 208, 650), 54)
    sweep = CENTRE + 20
    hem: list[Knot] = [
        (CENTRE + torso.hem, torso.bottom - 14),
        (CENTRE + 84, torso.bottom + 4, True),
        (sweep + 12, torso.bottom - 16, True),
        (CENTRE, end + 110),
    ]
    seams = [Seam([(CENTRE + 4, end), (CENTRE + 8, end + 120)], 0.65, 2.2)]
    seams += [
        Seam(side([(CENTRE + 84, 380), (CENTRE + 76, 520), (CENTRE + 84, torso.bottom)]), 0.25, 1.8)
        for side in (list, flip)
    ]
    _shell(drawing, torso, fabric, dice, end, seams, hem)
    body.lapels(drawing, torso, fabric, end, width=dice.uniform(38, 50), notch=dice.uniform(66, 84))
    studs = plain(_BRASS if dice.random() < 0.25 else fabric.ink)
    count = dice.choice((1, 2))
    body.buttons(drawing, studs, CENTRE, end + 12, end + 74, count, 8.5)
    body.flap_pocket(drawing, fabric, 58, 544, 74, 24, lean=5)
    x = CENTRE + 64
    if dice.random() < 0.5:
        drawing.add(
            through([(x + 4, 338), (x + 16, 306), (x + 28, 326), (x + 42, 304), (x + 50, 334)]),
            plain(fabric.accents[1]),
            depth=0.3,
            cast=3,
        )
    drawing.add([(x, 336), (x + 56, 330), (x + 56, 346), (x, 352)], fabric, depth=0.2, cast=4)


def _biker(drawing: Drawing, fabric: Fabric, dice: random.Random) -> None:
    torso = Torso(neck=54, shoulder=156, chest=150, waist=140, hem=138, bottom=dice.uniform(590, 620))
    steel = plain(_STEEL)
    body.hang(drawing, dice, torso)
    body.back(drawing, torso, fabric.plain(0.3), depth=70)
    body.sleeves(drawing, torso, fabric, (CENTRE + 220, 610), 54)
    for side in (list, flip):
        drawing.add(side(ribbon([(CENTRE + 207, 560), (CENTRE + 216, 606)], 5)), steel, depth=0.2, gloss=0.3)
    end = torso.top + 170
    zip_line = through(
        [(CENTRE + 78, torso.top + 120), (CENTRE + 40, 420, True), (CENTRE + 26, torso.bottom + 6)],
        closed=False,
    )
    seams = [Seam(zip_line, 0.85, 9), Seam(zip_line, 1.0, 4, 3, _STEEL)]
    seams += [
        Seam([(CENTRE - 150, 292), (CENTRE - 20, 320)], 0.45, 2),
        Seam([(CENTRE - 96, 330), (CENTRE - 84, torso.bottom)], 0.4, 2),
    ]
    outline = both(torso.right(body.vee(torso, 84), body.flat_hem(torso)))
    drawing.add(
        outline,
        fabric,
        depth=0.5,
        cast=7,
        folds=torso.folds(dice, 1.3),
        seams=[*seams, *body.armholes(torso)],
        gloss=0.3,
    )
    body.lapels(drawing, torso, fabric, end, width=64, notch=96)
    for sign in (-1, 1):
        drawing.button(CENTRE + sign * 104, torso.top + 92, 5, steel, holes=False)
    for line in (
        [(CENTRE - 112, 420), (CENTRE - 64, 392)],
        [(CENTRE - 118, 520), (CENTRE - 66, 486)],
        [(CENTRE + 66, 486), (CENTRE + 118, 520)],
    ):
        drawing.add(
            ribbon(line, 10), fabric.plain(0.3), depth=0.2, cast=2, seams=[Seam(line, 1.0, 4, 3, _STEEL)]
        )
    belt: list[Knot] = [
        (CENTRE, torso.bottom - 34),
        (CENTRE + 144, torso.bottom - 38),
        (CENTRE + 142, torso.bottom - 4),
        (CENTRE, torso.bottom),
    ]
    drawing.add(both(belt), fabric, depth=0.4, cast=5, gloss=0.25)
    ring = ellipse(CENTRE - 40, torso.bottom - 18, 20, 22)
    drawing.add(ring, steel, depth=0.4, cast=4, gloss=0.4)
    drawing.add(ellipse(CENTRE - 40, torso.bottom - 18, 12, 14), fabric.plain(0.2), depth=0.4)
