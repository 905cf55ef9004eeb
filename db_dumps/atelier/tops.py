"""Tops: T-shirts, shirts, jumpers, cardigans and waistcoats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atelier import torso as body
from atelier.curve import CENTRE, Knot, both, flip, through
from atelier.drawing import Fold, Seam
from atelier.fabric import plain
from atelier.torso import Torso

if TYPE_CHECKING:
    import random

    from atelier.drawing import Drawing
    from atelier.fabric import Fabric


def tee(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A T-shirt: crew neck, V-neck, or long sleeves."""
    torso = Torso(
        neck=dice.uniform(58, 74),
        bottom=dice.uniform(650, 720),
        hem=dice.uniform(146, 160),
        waist=dice.uniform(142, 152),
    )
    depth = dice.uniform(44, 70) if cut != 1 else dice.uniform(92, 130)
    neckline = body.vee(torso, depth) if cut == 1 else body.crew(torso, depth)
    body.hang(drawing, dice, torso)
    body.back(drawing, torso, fabric)
    if cut == 2:
        body.sleeves(drawing, torso, fabric, (CENTRE + dice.uniform(212, 236), dice.uniform(600, 640)), 52)
    else:
        body.sleeves(
            drawing,
            torso,
            fabric,
            (CENTRE + dice.uniform(226, 244), dice.uniform(346, 384)),
            92,
            creases=(0.5,),
        )
    hem = torso.bottom - 14
    drawing.add(
        both(torso.right(neckline, body.flat_hem(torso))),
        fabric,
        depth=0.42,
        cast=6,
        folds=torso.folds(dice),
        seams=[Seam([(150, hem), (360, hem + 6), (570, hem)], 0.4, 1.6), *body.armholes(torso)],
    )
    if cut == 1:
        body.vee_band(drawing, torso, fabric.plain(0.1), depth, 13)
    else:
        body.neckband(drawing, torso, fabric.rib(), depth, 14)
    if fabric.pattern == "plain" and dice.random() < 0.45:
        x = CENTRE + 46
        pocket = through([(x, 330), (x + 66, 330), (x + 66, 392), (x + 33, 408), (x, 392)])
        drawing.add(pocket, fabric, depth=0.15, cast=3, seams=[Seam([(x, 342), (x + 66, 342)], 0.4, 1.5)])


def shirt(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A shirt: button-down, camp collar with short sleeves, or a blouse with full sleeves."""
    torso = Torso(
        neck=dice.uniform(52, 58), bottom=dice.uniform(690, 730), waist=dice.uniform(136, 150), neckline=0
    )
    body.hang(drawing, dice, torso)
    pale = plain((238, 232, 220))
    studs = pale if dice.random() < 0.6 else plain(fabric.ink)
    body.back(drawing, torso, fabric, lift=16)
    if cut == 1:
        body.sleeves(
            drawing,
            torso,
            fabric,
            (CENTRE + dice.uniform(224, 242), dice.uniform(366, 396)),
            96,
            creases=(0.5,),
        )
    elif cut == 2:
        body.sleeves(
            drawing, torso, fabric, (CENTRE + 214, 600), 46, puff=26, cuff=fabric.plain(0.06), cuff_length=26
        )
    else:
        body.sleeves(
            drawing, torso, fabric, (CENTRE + dice.uniform(204, 226), 640), 54, cuff=fabric, cuff_length=42
        )
    if cut == 1:
        hem = body.flat_hem(torso)
        neckline = body.vee(torso, 96)
    else:
        rise = dice.uniform(26, 46)
        hem = [
            (CENTRE + torso.hem, torso.bottom - rise),
            (CENTRE + torso.hem * 0.72, torso.bottom - 4, True),
            (CENTRE, torso.bottom + 14, True),
        ]
        neckline = body.vee(torso, 50 if cut == 0 else 70)
    open_at = torso.top + (96 if cut == 1 else 50)
    seams = body.opening(open_at, torso.bottom + 16, width=13 if cut != 2 else 0.0)
    if cut == 2:
        seams += [
            Seam([(CENTRE + s * k, torso.top + 120), (CENTRE + s * k, torso.top + 260)], 0.25, 1.5)
            for s in (-1, 1)
            for k in (34, 46, 58)
        ]
    drawing.add(
        both(torso.right(neckline, hem)),
        fabric,
        depth=0.42,
        cast=6,
        folds=torso.folds(dice),
        seams=[*seams, *body.armholes(torso)],
    )
    first = open_at + (24 if cut != 1 else 10)
    body.buttons(drawing, studs, CENTRE, first, torso.bottom - 60, dice.choice((6, 7)), 5.2)
    if cut == 2 and dice.random() < 0.6:
        _bow(drawing, fabric, torso.top + 58)
    elif cut == 1:
        body.lapels(drawing, torso, fabric, torso.top + 100, width=26, notch=58)
    else:
        body.shirt_collar(
            drawing, torso, fabric, dice.uniform(0.6, 1.0), dice.uniform(56, 76) if cut == 0 else 46
        )
        if cut == 0:
            for s in (-1, 1):
                drawing.button(CENTRE + s * (torso.neck * 0.8), torso.top + 52, 3.4, studs, holes=False)
    if cut < 2 and dice.random() < 0.75:
        x = CENTRE + 48
        pocket = through([(x, 330), (x + 68, 330), (x + 68, 396), (x + 34, 412), (x, 396)])
        drawing.add(pocket, fabric, depth=0.15, cast=3, seams=[Seam([(x, 344), (x + 68, 344)], 0.4, 1.4)])


def _bow(drawing: Drawing, fabric: Fabric, y: float) -> None:
    tail = through(
        [
            (CENTRE - 8, y),
            (CENTRE + 14, y + 4),
            (CENTRE + 52, y + 150, True),
            (CENTRE + 60, y + 172),
            (CENTRE + 22, y + 180),
            (CENTRE + 12, y + 90, True),
        ]
    )
    loop = through(
        [
            (CENTRE, y - 6),
            (CENTRE + 54, y - 30, True),
            (CENTRE + 84, y - 4, True),
            (CENTRE + 56, y + 24, True),
            (CENTRE, y + 10),
        ]
    )
    for side in (flip, list):
        drawing.add(side(tail), fabric, 12 if side is flip else -12, depth=0.45, cast=6)
    for side in (flip, list):
        drawing.add(
            side(loop),
            fabric,
            70,
            depth=0.55,
            cast=6,
            folds=[Fold(side([(CENTRE + 6, y), (CENTRE + 48, y - 6)]), 0.5, 14)],
        )
    drawing.add(
        through(
            [
                (CENTRE - 14, y - 16, True),
                (CENTRE + 14, y - 16, True),
                (CENTRE + 13, y + 18, True),
                (CENTRE - 13, y + 18, True),
            ]
        ),
        fabric,
        depth=0.5,
        cast=5,
    )


def jumper(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A jumper: crew neck, roll-neck, or hoodie."""
    torso = Torso(
        neck=dice.uniform(56, 66),
        chest=158,
        shoulder=dice.uniform(158, 172),
        waist=158,
        hem=150,
        bottom=dice.uniform(650, 700),
    )
    rib = fabric.rib()
    depth = dice.uniform(40, 56)
    body.hang(drawing, dice, torso)
    if cut == 2:
        body.hood(drawing, torso, fabric)
    else:
        body.back(drawing, torso, fabric)
    body.sleeves(
        drawing,
        torso,
        fabric,
        (CENTRE + dice.uniform(222, 246), dice.uniform(600, 640)),
        52,
        puff=8,
        cuff=rib,
        cuff_length=dice.uniform(40, 60),
    )
    neckline = body.vee(torso, 104) if cut == 2 else body.crew(torso, depth)
    drawing.add(
        both(torso.right(neckline, body.flat_hem(torso))),
        fabric,
        depth=0.5,
        cast=7,
        folds=torso.folds(dice),
        seams=body.armholes(torso),
    )
    body.rib_hem(drawing, torso, rib, dice.uniform(36, 60))
    if cut == 0:
        body.neckband(drawing, torso, rib, depth, 20)
    elif cut == 1:
        _roll(drawing, torso, rib, depth)
    else:
        _kangaroo(drawing, fabric, torso)
        cord = plain((240, 236, 226) if dice.random() < 0.6 else fabric.ink)
        for side in (list, flip):
            line = through(
                [
                    (CENTRE + 12, torso.top + 88),
                    (CENTRE + 20, torso.top + 140, True),
                    (CENTRE + 16, torso.top + dice.uniform(180, 220)),
                ],
                closed=False,
            )
            drawing.add(
                side([*[(x - 2.6, y) for x, y in line], *[(x + 2.6, y) for x, y in line[::-1]]]),
                cord,
                depth=0.3,
                cast=4,
            )


def _roll(drawing: Drawing, torso: Torso, fabric: Fabric, depth: float) -> None:
    n, t = torso.neck, torso.top
    tube: list[Knot] = [
        (CENTRE, t - 42, True),
        (CENTRE + n * 0.8, t - 38, True),
        (CENTRE + n + 2, t - 30),
        (CENTRE + n + 8, t + 10, True),
        (CENTRE + n * 0.7, t + depth * 0.9, True),
        (CENTRE, t + depth + 14, True),
    ]
    drawing.add(
        both(tube),
        fabric,
        depth=0.6,
        cast=6,
        folds=[Fold([(CENTRE - n, t + 2), (CENTRE, t + 18), (CENTRE + n, t + 2)], 0.35, 14)],
    )
    mouth: list[Knot] = [
        (CENTRE, t - 42, True),
        (CENTRE + n * 0.8, t - 38, True),
        (CENTRE + n - 2, t - 30, True),
        (CENTRE + n * 0.7, t - 20, True),
        (CENTRE, t - 16, True),
    ]
    drawing.add(both(mouth), fabric.plain(0.45), depth=0.3)


def _kangaroo(drawing: Drawing, fabric: Fabric, torso: Torso) -> None:
    bottom = torso.bottom - 48
    right: list[Knot] = [
        (CENTRE, bottom - 130),
        (CENTRE + 74, bottom - 130),
        (CENTRE + 106, bottom - 60, True),
        (CENTRE + 108, bottom),
        (CENTRE, bottom + 3),
    ]
    mouth = through(
        [(CENTRE + 68, bottom - 128), (CENTRE + 99, bottom - 62, True), (CENTRE + 102, bottom)], closed=False
    )
    drawing.add(
        both(right), fabric, depth=0.2, cast=5, seams=[Seam(mouth, 0.5, 2), Seam(flip(mouth), 0.5, 2)]
    )


def cardigan(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A cardigan: buttoned with a V-neck, or long and open."""
    long = cut == 1
    bottom = dice.uniform(770, 820) if long else dice.uniform(650, 690)
    torso = Torso(neck=56, chest=156, shoulder=166, waist=156, hem=160 if long else 150, bottom=bottom)
    rib = fabric.rib()
    body.hang(drawing, dice, torso)
    body.back(drawing, torso, fabric, depth=60)
    if long:
        inner: list[Knot] = [
            (CENTRE, torso.top + 8),
            (CENTRE + 70, torso.top + 20),
            (CENTRE + 90, bottom - 10),
            (CENTRE, bottom - 14),
        ]
        drawing.add(both(inner), fabric.plain(0.38), depth=0.4)
    body.sleeves(
        drawing,
        torso,
        fabric,
        (CENTRE + dice.uniform(216, 240), dice.uniform(600, 650)),
        54,
        puff=8,
        cuff=rib,
        cuff_length=46,
    )
    depth = dice.uniform(150, 230)
    if long:
        for side in (flip, list):
            half = torso.right(
                [(CENTRE + 26, bottom + 4), (CENTRE + 30, torso.top + 260, True)],
                [(CENTRE + torso.hem, bottom), (CENTRE + 90, bottom + 6, True)],
            )
            drawing.add(
                side(through(half)),
                fabric,
                depth=0.5,
                cast=8,
                folds=torso.folds(dice),
                seams=[Seam(side(body.armholes(torso)[0].points), 0.5, 2.4)],
            )
            band = through(
                [
                    (CENTRE + torso.neck - 4, torso.top - 10),
                    (CENTRE + torso.neck + 16, torso.top + 2),
                    (CENTRE + 58, torso.top + 260, True),
                    (CENTRE + 54, bottom + 6),
                    (CENTRE + 24, bottom + 6),
                    (CENTRE + 28, torso.top + 260, True),
                ]
            )
            drawing.add(side(band), rib, depth=0.3, cast=4)
        for side in (flip, list):
            pocket = through(
                [
                    (CENTRE + 74, bottom - 210),
                    (CENTRE + 140, bottom - 210),
                    (CENTRE + 140, bottom - 116),
                    (CENTRE + 74, bottom - 116),
                ]
            )
            drawing.add(side(pocket), fabric, depth=0.2, cast=4)
        return
    drawing.add(
        both(torso.right(body.vee(torso, depth), body.flat_hem(torso))),
        fabric,
        depth=0.5,
        cast=7,
        folds=torso.folds(dice),
        seams=body.armholes(torso),
    )
    body.rib_hem(drawing, torso, rib, 44)
    body.vee_band(drawing, torso, rib, depth, 22)
    y = torso.top + depth
    drawing.add(
        [(CENTRE - 13, y + 8), (CENTRE + 13, y + 8), (CENTRE + 13, bottom + 8), (CENTRE - 13, bottom + 8)],
        rib,
        depth=0.2,
        cast=3,
    )
    studs = plain(dice.choice(((238, 230, 214), (96, 72, 56), (60, 58, 62), (196, 168, 110))))
    body.buttons(drawing, studs, CENTRE, y + 30, bottom - 22, dice.choice((4, 5, 6)), 8)


def waistcoat(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """A waistcoat: tailored with points and buttons, or a knitted tank top."""
    torso = Torso(
        neck=56,
        shoulder=112,
        chest=140,
        waist=130 if cut == 0 else 138,
        hem=140,
        bottom=600 if cut == 0 else 640,
        slope=30,
        armpit=360,
    )
    body.hang(drawing, dice, torso._replace(shoulder=150, slope=40))
    body.back(drawing, torso, fabric, depth=70)
    depth = dice.uniform(170, 210) if cut == 0 else dice.uniform(110, 150)
    rib = fabric.rib()
    if cut == 1:
        drawing.add(
            both(torso.right(body.vee(torso, depth), body.flat_hem(torso))),
            fabric,
            depth=0.5,
            folds=torso.folds(dice),
        )
        body.rib_hem(drawing, torso, rib, 44)
        body.vee_band(drawing, torso, rib, depth, 20)
        tip, pit = torso.shoulder_tip, torso.armpit_point
        edge = through(
            [
                tip,
                (pit[0] - 6, pit[1] - 60, True),
                pit,
                (pit[0] - 20, pit[1] + 2),
                (pit[0] - 24, pit[1] - 64, True),
                (tip[0] - 18, tip[1] - 4),
            ]
        )
        for side in (list, flip):
            drawing.add(side(edge), rib, depth=0.3, cast=3)
        return
    hem: list[Knot] = [
        (CENTRE + torso.hem, torso.bottom - 10),
        (CENTRE + 44, torso.bottom + 66),
        (CENTRE, torso.bottom + 14),
    ]
    end = torso.top + depth
    seams = [
        *body.opening(end, torso.bottom + 26, x=CENTRE + 10),
        Seam([(CENTRE + 86, 380), (CENTRE + 78, 600)], 0.3, 1.8),
        Seam([(CENTRE - 86, 380), (CENTRE - 78, 600)], 0.3, 1.8),
    ]
    drawing.add(
        both(torso.right(body.vee(torso, depth), hem)),
        fabric,
        depth=0.45,
        folds=torso.folds(dice, 0.7),
        seams=seams,
    )
    if dice.random() < 0.5:
        body.lapels(drawing, torso, fabric, end, width=20, notch=66)
    body.buttons(drawing, plain(fabric.ink), CENTRE, end + 22, torso.bottom - 10, dice.choice((4, 5)), 7)
    body.flap_pocket(drawing, fabric, 46, 520, 66, 16, lean=6)
    if dice.random() < 0.5:
        body.flap_pocket(drawing, fabric, 54, 410, 50, 13, lean=5)
