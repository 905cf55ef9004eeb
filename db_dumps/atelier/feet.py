"""Shoes and boots: a pair seen from the side, on a shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atelier.curve import CENTRE, Point, ellipse, flip, ribbon, shift, through
from atelier.drawing import Drawing, Fold, Seam
from atelier.fabric import plain

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from atelier.curve import Knot
    from atelier.fabric import Fabric

    Place = Callable[[Sequence[Point]], list[Point]]

FLOOR = 690.0
_SOLE_TONES = ((244, 240, 232), (228, 210, 178), (70, 66, 68), (150, 108, 74))


def shoes(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """Shoes: trainers, loafers, or pumps."""
    _pair(drawing, dice, (_trainer, _loafer, _pump)[cut], fabric)


def boots(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """Boots: laced, Chelsea, or wellies."""
    _pair(drawing, dice, (_laced, _chelsea, _welly)[cut], fabric, (66, -30))


def _pair(
    drawing: Drawing,
    dice: random.Random,
    draw: Callable[[Drawing, Fabric, random.Random, Place], None],
    fabric: Fabric,
    behind: Point = (58, -54),
) -> None:
    """Draw the same shoe twice, the far one higher and a little smaller; half of the pairs face left."""
    left = dice.random() < 0.5
    state = dice.getstate()
    for dx, dy, scale in ((behind[0], behind[1], 0.93), (-24, 34, 1.0)):
        dice.setstate(state)

        def place(
            points: Sequence[Point], dx: float = dx, dy: float = dy, scale: float = scale
        ) -> list[Point]:
            moved = shift(points, dx, dy, scale, (CENTRE, FLOOR))
            return flip(moved) if left else moved

        draw(drawing, fabric, dice, place)


def _sole(
    drawing: Drawing, place: Place, knots: list[Knot], fabric: Fabric, seams: Sequence[Seam] = ()
) -> None:
    drawing.add(
        place(through(knots)),
        fabric,
        depth=0.42,
        seams=[seam._replace(points=place(seam.points)) for seam in seams],
    )


def _upper(
    drawing: Drawing,
    place: Place,
    knots: list[Knot],
    fabric: Fabric,
    seams: Sequence[Seam] = (),
    folds: Sequence[Fold] = (),
    gloss: float = 0.12,
    cast: float = 0,
    angle: float = 0,
) -> None:
    drawing.add(
        place(through(knots)),
        fabric,
        angle,
        depth=0.5,
        gloss=gloss,
        cast=cast,
        seams=[seam._replace(points=place(seam.points)) for seam in seams],
        folds=[fold._replace(points=place(fold.points)) for fold in folds],
    )


def _trainer(drawing: Drawing, fabric: Fabric, dice: random.Random, place: Place) -> None:
    sole = plain(dice.choice(_SOLE_TONES[:2]))
    second = (
        plain(fabric.accents[0])
        if fabric.pattern == "colourblock"
        else fabric.plain(dice.choice((-0.2, 0.16)))
    )
    cloth = fabric.plain() if fabric.pattern == "colourblock" else fabric
    high = dice.random() < 0.35
    collar = 430 if high else 500
    tongue: list[Knot] = [
        (258, collar - 16),
        (300, collar - 44, True),
        (326, collar - 16, True),
        (420, 566),
        (330, 580),
    ]
    _upper(drawing, place, tongue, cloth.plain(0.1))
    inside: list[Knot] = [
        (168, collar + 2),
        (220, collar - 8, True),
        (268, collar - 6),
        (276, collar + 50),
        (190, collar + 50),
    ]
    _upper(drawing, place, inside, cloth.plain(0.5))
    upper: list[Knot] = [
        (150, 650),
        (146, 590, True),
        (162, collar, True),
        (178, collar - 6),
        (218, collar + 22, True),
        (262, collar + 8),
        (282, collar + 4),
        (330, 552, True),
        (420, 580, True),
        (500, 598, True),
        (556, 622, True),
        (572, 650),
    ]
    _upper(drawing, place, upper, cloth, folds=[Fold([(412, 590), (440, 640)], 0.3, 16)], cast=3)
    toe: list[Knot] = [
        (448, 588),
        (512, 600, True),
        (558, 622, True),
        (572, 650),
        (454, 650),
        (436, 618, True),
    ]
    _upper(
        drawing,
        place,
        toe,
        second if not high else plain((244, 240, 232)),
        seams=[Seam([(450, 594), (441, 618), (456, 648)], 0.4, 1.5, 4)],
        cast=2,
    )
    heel: list[Knot] = [
        (150, 650),
        (145, 590, True),
        (158, 530),
        (200, 552, True),
        (214, 610, True),
        (212, 650),
    ]
    _upper(
        drawing,
        place,
        heel,
        second,
        seams=[Seam([(164, 540), (196, 558), (207, 612), (205, 648)], 0.4, 1.5, 4)],
        cast=2,
    )
    stay: list[Knot] = [
        (266, collar + 6),
        (288, collar + 2),
        (334, 550, True),
        (424, 580),
        (412, 604, True),
        (326, 588, True),
        (272, 560, True),
    ]
    _upper(
        drawing, place, stay, cloth, seams=[Seam([(276, 556), (328, 580), (410, 597)], 0.4, 1.4, 4)], cast=2
    )
    lace = plain((248, 246, 240))
    count = 7 if high else 5
    for k in range(count):
        t = k / (count - 1)
        x = 286 + 108 * t
        y = (collar + 16) + (562 - collar - 6) * t
        drawing.add(place(ribbon([(x - 10, y + 20), (x + 14, y - 8)], 7)), lace, depth=0.3, cast=2)
    base: list[Knot] = [
        (142, 642),
        (220, 646, True),
        (360, 646, True),
        (500, 642, True),
        (576, 634),
        (586, 660, True),
        (570, 688, True),
        (540, 692),
        (160, 692),
        (140, 676, True),
    ]
    _sole(drawing, place, base, sole, [Seam([(146, 658), (360, 662), (580, 654)], 0.3, 2)])


def _loafer(drawing: Drawing, fabric: Fabric, dice: random.Random, place: Place) -> None:
    sole = plain(dice.choice(((62, 50, 46), (118, 82, 58), (44, 42, 46))))
    gloss = dice.uniform(0.15, 0.4)
    _upper(
        drawing,
        place,
        [(166, 566), (240, 552, True), (330, 560, True), (356, 586), (260, 610), (180, 610)],
        fabric.plain(0.55),
    )
    upper: list[Knot] = [
        (150, 664),
        (146, 610, True),
        (160, 562),
        (176, 564),
        (240, 588, True),
        (312, 588, True),
        (346, 566),
        (380, 556, True),
        (452, 572, True),
        (524, 594, True),
        (568, 624, True),
        (578, 666),
    ]
    apron = through([(352, 604), (440, 600, True), (520, 616, True), (556, 640)], closed=False)
    raised = Fold([(x, y - 7) for x, y in apron], -0.35, 12)
    _upper(
        drawing,
        place,
        upper,
        fabric,
        seams=[Seam(apron, 0.6, 2.6), Seam([(x, y + 5) for x, y in apron], 0.35, 1.4, 4)],
        folds=[Fold([(420, 590), (436, 650)], 0.24, 14), raised],
        gloss=gloss,
    )
    strap: list[Knot] = [
        (328, 586),
        (348, 563),
        (378, 555),
        (412, 563),
        (408, 640, True),
        (398, 660),
        (344, 662),
        (330, 630, True),
    ]
    _upper(
        drawing,
        place,
        strap,
        fabric.plain(0.06),
        seams=[Seam([(338, 646), (336, 590)], 0.3, 1.4), Seam([(401, 646), (404, 572)], 0.3, 1.4)],
        gloss=gloss,
        cast=4,
    )
    style = dice.randrange(3)
    if style == 0:
        _upper(
            drawing,
            place,
            [(352, 590, True), (384, 590, True), (384, 606, True), (352, 606, True)],
            fabric.plain(0.55),
        )
    elif style == 1:
        brass = plain((200, 170, 100))
        for x in (346, 392):
            drawing.add(
                place(ribbon([(x - 11, 600), (x + 11, 598)], 14)), brass, depth=0.4, cast=3, gloss=0.4
            )
        drawing.add(place(ribbon([(350, 600), (390, 598)], 6)), brass, depth=0.4, cast=2, gloss=0.4)
    else:
        for dx in (-10, 2, 14):
            drawing.add(
                place(ribbon([(368, 586), (372 + dx, 626)], 9, 13)), fabric.plain(0.04), depth=0.4, cast=3
            )
    _upper(
        drawing,
        place,
        [(150, 664), (146, 612, True), (158, 572), (192, 600, True), (196, 664)],
        fabric,
        seams=[Seam([(190, 600), (194, 660)], 0.5, 1.8)],
        gloss=gloss,
        cast=2,
    )
    _sole(
        drawing,
        place,
        [
            (144, 660),
            (360, 660, True),
            (578, 660),
            (584, 674, True),
            (568, 682),
            (236, 682),
            (234, 694),
            (148, 694),
            (142, 676, True),
        ],
        sole,
    )


def _pump(drawing: Drawing, fabric: Fabric, dice: random.Random, place: Place) -> None:
    rise = dice.choice((70.0, 110.0, 150.0))
    thick = dice.choice((44.0, 58.0, 70.0))
    gloss = dice.uniform(0.15, 0.45)
    top = 612 - rise
    heel: list[Knot] = [
        (160, top + 70),
        (160 + thick + 30, top + 96),
        (166 + thick, 640, True),
        (162 + thick, 692),
        (166, 692),
        (162, 620, True),
    ]
    _upper(drawing, place, heel, fabric.plain(0.12), gloss=gloss)
    _upper(
        drawing,
        place,
        [
            (160, top),
            (210, top + 4),
            (330, 600 - rise * 0.3),
            (430, 618),
            (400, 650),
            (250, 640 - rise * 0.5),
            (170, top + 50),
        ],
        fabric.plain(0.55),
    )
    upper: list[Knot] = [
        (156, top + 78),
        (148, top + 40, True),
        (158, top - 2),
        (172, top),
        (206, top + 52, True),
        (300, 632 - rise * 0.42, True),
        (390, 640 - rise * 0.06, True),
        (432, 622),
        (470, 618, True),
        (530, 636, True),
        (582, 668, True),
        (588, 682),
        (470, 686),
        (380, 676 - rise * 0.06, True),
        (260, 668 - rise * 0.5, True),
        (200, top + 96, True),
    ]
    _upper(drawing, place, upper, fabric, gloss=gloss)
    if dice.random() < 0.5:
        for turn in (-1, 1):
            loop = through(
                [
                    (452, 622),
                    (452 + turn * 30, 604, True),
                    (452 + turn * 42, 622, True),
                    (452 + turn * 28, 638, True),
                ]
            )
            drawing.add(place(loop), fabric.plain(0.08), depth=0.5, cast=4)
        drawing.add(place(ribbon([(446, 622), (460, 622)], 16)), fabric.plain(0.08), depth=0.5, cast=3)
    _sole(
        drawing,
        place,
        [
            (588, 680),
            (582, 692, True),
            (460, 692),
            (380, 684 - rise * 0.06, True),
            (262, 676 - rise * 0.5, True),
            (262, 668 - rise * 0.5),
            (380, 676 - rise * 0.06, True),
            (470, 685),
        ],
        plain((70, 56, 52)),
    )


def _laced(drawing: Drawing, fabric: Fabric, dice: random.Random, place: Place) -> None:
    top = dice.uniform(360, 430)
    sole = plain(dice.choice(((58, 50, 48), (120, 86, 60), (44, 42, 46), (226, 206, 172))))
    gloss = dice.uniform(0.08, 0.3)
    _upper(
        drawing,
        place,
        [(176, top), (250, top - 12, True), (318, top - 6), (322, top + 40), (180, top + 40)],
        fabric.plain(0.5),
    )
    _upper(
        drawing,
        place,
        [
            (280, top - 16),
            (318, top - 34, True),
            (342, top - 12, True),
            (356, 470, True),
            (394, 548, True),
            (440, 582),
            (350, 600),
        ],
        fabric.plain(0.12),
    )
    shaft: list[Knot] = [
        (152, 650),
        (146, 600, True),
        (168, 520, True),
        (168, top),
        (220, top + 10, True),
        (296, top),
        (318, top + 2),
        (334, 480, True),
        (372, 552, True),
        (452, 580, True),
        (528, 598, True),
        (572, 630, True),
        (580, 656),
    ]
    folds = [
        Fold([(190, 540), (300, 556)], 0.32, 18),
        Fold([(186, 520), (296, 532)], -0.2, 16),
        Fold([(420, 590), (446, 646)], 0.3, 14),
    ]
    vamp = through([(330, 560), (322, 610, True), (350, 654)], closed=False)
    _upper(
        drawing,
        place,
        shaft,
        fabric,
        folds=folds,
        seams=[
            Seam(vamp, 0.5, 2),
            Seam([(x - 6, y) for x, y in vamp], 0.35, 1.4, 4),
            Seam([(172, top + 22), (312, top + 22)], 0.35, 1.5),
        ],
        gloss=gloss,
        cast=3,
    )
    toe = through([(468, 586), (452, 620, True), (470, 656)], closed=False)
    _upper(
        drawing,
        place,
        [(468, 584), (530, 598, True), (572, 630, True), (580, 656), (470, 656), (452, 620, True)],
        fabric,
        seams=[Seam(toe, 0.5, 2)],
        gloss=gloss,
        cast=2,
    )
    lace = plain(dice.choice(((244, 240, 230), (60, 56, 58), (196, 150, 90))))
    front = through([(310, top + 20), (330, 470, True), (362, 544, True), (412, 578)], closed=False)
    for x, y in front[:: len(front) // 8]:
        drawing.add(place(ribbon([(x - 6, y + 10), (x + 24, y - 8)], 6)), lace, depth=0.3, cast=2)
        drawing.add(place(ellipse(x - 8, y + 11, 5, 5)), plain((150, 140, 120)), depth=0.4)
    _sole(
        drawing,
        place,
        [
            (146, 648),
            (360, 648, True),
            (582, 650),
            (590, 664, True),
            (578, 676),
            (260, 676),
            (250, 694),
            (150, 694),
            (144, 668, True),
        ],
        sole,
        [Seam([(150, 658), (360, 665), (584, 658)], 0.3, 1.6, 4)],
    )


def _chelsea(drawing: Drawing, fabric: Fabric, dice: random.Random, place: Place) -> None:
    top = dice.uniform(390, 440)
    sole = plain(dice.choice(((58, 50, 48), (120, 86, 60), (44, 42, 46))))
    gloss = dice.uniform(0.12, 0.4)
    _upper(
        drawing,
        place,
        [(180, top), (250, top - 12, True), (330, top + 2), (330, top + 40), (184, top + 40)],
        fabric.plain(0.5),
    )
    shaft: list[Knot] = [
        (152, 660),
        (146, 606, True),
        (170, 530, True),
        (172, top),
        (250, top + 12, True),
        (336, top),
        (338, 500, True),
        (374, 560, True),
        (456, 584, True),
        (530, 602, True),
        (576, 634, True),
        (584, 664),
    ]
    folds = [Fold([(360, 566), (330, 600)], 0.34, 16), Fold([(420, 596), (446, 650)], 0.26, 14)]
    _upper(drawing, place, shaft, fabric, folds=folds, gloss=gloss)
    gusset: list[Knot] = [
        (224, top + 10),
        (290, top + 9),
        (286, 520, True),
        (262, 586, True),
        (238, 520, True),
    ]
    _upper(drawing, place, gusset, plain(fabric.plain(0.4).base, "rib"), gloss=0.0, cast=2)
    welt = through([(262, 586), (270, 630, True), (290, 660)], closed=False)
    drawing.add(place(ribbon(welt, 2.4)), fabric.plain(0.5), depth=0.2)
    for x in (184, 322):
        loop = through(
            [(x - 7, top + 24), (x - 7, top - 20, True), (x + 7, top - 20, True), (x + 7, top + 24)]
        )
        drawing.add(place(loop), fabric.plain(0.3), depth=0.3, cast=2)
    _sole(
        drawing,
        place,
        [
            (146, 658),
            (360, 656, True),
            (584, 658),
            (590, 670, True),
            (576, 680),
            (256, 680),
            (250, 694),
            (150, 694),
            (144, 674, True),
        ],
        sole,
    )


def _welly(drawing: Drawing, fabric: Fabric, dice: random.Random, place: Place) -> None:
    top = dice.uniform(240, 330)
    sole = plain(dice.choice(((196, 160, 104), (60, 56, 58), (236, 228, 210))))
    _upper(
        drawing,
        place,
        [(170, top), (260, top - 12, True), (352, top), (352, top + 40), (172, top + 40)],
        fabric.plain(0.5),
    )
    shaft: list[Knot] = [
        (152, 658),
        (148, 610, True),
        (172, 540, True),
        (164, top + 60, True),
        (166, top),
        (260, top + 12, True),
        (356, top),
        (352, top + 80, True),
        (344, 520, True),
        (380, 566, True),
        (460, 588, True),
        (534, 606, True),
        (580, 636, True),
        (588, 662),
    ]
    folds = [
        Fold([(176, 560), (300, 580)], 0.34, 20),
        Fold([(176, 536), (290, 552)], -0.3, 16),
        Fold([(206, top + 40), (204, 520)], -0.5, 26),
        Fold([(430, 604), (520, 628)], -0.35, 14),
    ]
    _upper(drawing, place, shaft, fabric, folds=folds, gloss=0.25)
    band: list[Knot] = [
        (162, top - 4),
        (260, top + 9, True),
        (360, top - 4),
        (359, top + 26),
        (260, top + 38, True),
        (163, top + 26),
    ]
    _upper(drawing, place, band, sole, cast=3)
    strap: list[Knot] = [(296, top + 60), (354, top + 56), (353, top + 80), (296, top + 84)]
    _upper(drawing, place, strap, fabric.plain(0.14), cast=3, gloss=0.2)
    drawing.add(
        place([(308, top + 54), (326, top + 53), (326, top + 88), (308, top + 89)]),
        plain((176, 178, 184)),
        depth=0.4,
        cast=2,
        gloss=0.4,
    )
    _sole(
        drawing,
        place,
        [
            (146, 652),
            (360, 654, True),
            (586, 654),
            (594, 672, True),
            (582, 692),
            (300, 692),
            (290, 680),
            (262, 680),
            (256, 692),
            (150, 692),
            (142, 672, True),
        ],
        sole,
        [Seam([(150, 666), (360, 675), (586, 668)], 0.35, 2)],
    )
