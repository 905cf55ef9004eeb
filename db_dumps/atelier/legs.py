"""Trousers, jeans and shorts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from atelier import props
from atelier.curve import CENTRE, Knot, both, flip, through
from atelier.drawing import Fold, Seam
from atelier.fabric import plain

if TYPE_CHECKING:
    import random

    from atelier.drawing import Drawing
    from atelier.fabric import Fabric
    from atelier.palette import RGB

_TOP = 170.0


class Leg(NamedTuple):
    """Half widths and heights of a leg, in pixels from the centre and the top."""

    waist: float
    hip: float
    knee_out: float
    hem_out: float
    hem_in: float
    knee_in: float
    crotch: float
    bottom: float


def trousers(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """Trousers: chinos, wide-leg, or pleated and tapered."""
    legs = (
        Leg(102, 124, 134, dice.uniform(124, 134), 48, 26, 420, dice.uniform(850, 895)),
        Leg(98, 128, 166, dice.uniform(182, 206), 30, 14, 430, dice.uniform(860, 900)),
        Leg(100, 138, 138, dice.uniform(112, 122), 52, 26, 430, dice.uniform(830, 870)),
    )
    crease = cut > 0
    _pair(
        drawing,
        fabric,
        dice,
        legs[cut],
        crease=crease,
        pleats=cut == 2 or (cut == 1 and dice.random() < 0.5),
        turned=cut != 1 and dice.random() < 0.4,
    )


def jeans(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """Jeans: straight, flared, or slim."""
    legs = (
        Leg(104, 126, 134, dice.uniform(132, 140), 46, 22, 414, dice.uniform(850, 895)),
        Leg(100, 124, 124, dice.uniform(182, 198), 20, 28, 414, dice.uniform(880, 905)),
        Leg(100, 124, 118, dice.uniform(92, 100), 42, 26, 410, dice.uniform(840, 880)),
    )
    thread = (216, 160, 84) if dice.random() < 0.8 else fabric.light
    _pair(
        drawing,
        fabric,
        dice,
        legs[cut],
        thread=thread,
        turned=cut == 0 and dice.random() < 0.4,
        worn=dice.uniform(0.15, 0.45),
    )


def shorts(drawing: Drawing, fabric: Fabric, dice: random.Random, cut: int) -> None:
    """Shorts."""
    bottom = dice.uniform(500, 590)
    leg = Leg(104, 140, 150, dice.uniform(154, 172), 16, 12, 392, bottom)
    _pair(drawing, fabric, dice, leg, pleats=dice.random() < 0.4, turned=dice.random() < 0.6)


def _pair(
    drawing: Drawing,
    fabric: Fabric,
    dice: random.Random,
    leg: Leg,
    *,
    crease: bool = False,
    pleats: bool = False,
    turned: bool = False,
    thread: RGB | None = None,
    worn: float = 0.0,
) -> None:
    props.rail(drawing, dice)
    props.clips(drawing, dice, _TOP, leg.waist - 22)
    back: list[Knot] = [
        (CENTRE, _TOP - 9, True),
        (CENTRE + leg.waist, _TOP),
        (CENTRE + leg.waist, _TOP + 20),
        (CENTRE, _TOP + 24),
    ]
    drawing.add(both(back), fabric.plain(0.45), depth=0.2)
    knee = (leg.crotch + leg.bottom) / 2
    outer_knots: list[Knot] = [
        (CENTRE + leg.waist + 2, _TOP + 18),
        (CENTRE + leg.hip, _TOP + 130, True),
        (CENTRE + leg.knee_out, knee, True),
        (CENTRE + leg.hem_out, leg.bottom),
    ]
    outer = through(outer_knots, closed=False)
    outline = through(
        [
            (CENTRE, _TOP + 20),
            *outer_knots,
            (CENTRE + leg.hem_in, leg.bottom + 6),
            (CENTRE + leg.knee_in, knee, True),
            (CENTRE + 3, leg.crotch),
        ]
    )
    middle = (leg.hem_out + leg.hem_in) / 2
    for side in (flip, list):
        folds = [
            Fold(side([(CENTRE + 8, leg.crotch - 8), (CENTRE + 74, leg.crotch - 46)]), 0.4, 20),
            Fold(side([(CENTRE + 10, leg.crotch + 16), (CENTRE + 84, leg.crotch - 6)]), 0.3, 18),
            Fold(side([(CENTRE + 12, leg.crotch + 2), (CENTRE + 80, leg.crotch - 28)]), -0.18, 16),
        ]
        if leg.bottom > 700:
            y = knee + dice.uniform(-30, 10)
            folds += [
                Fold(
                    side(
                        [
                            (CENTRE + leg.knee_in + 4, y),
                            (CENTRE + leg.knee_out - 20, y + dice.uniform(-16, 26)),
                        ]
                    ),
                    0.26,
                    18,
                )
            ]
            folds += [
                Fold(
                    side([(CENTRE + middle - 30, leg.bottom - 40), (CENTRE + middle + 26, leg.bottom - 26)]),
                    0.24,
                    16,
                )
            ]
        if worn:
            folds += [
                Fold(
                    side([(CENTRE + 76, _TOP + 170), (CENTRE + (leg.knee_in + leg.knee_out) / 2, knee + 40)]),
                    -worn,
                    62,
                )
            ]
        seams = [
            Seam(
                side(
                    [(CENTRE + leg.hem_out + 8, leg.bottom - 15), (CENTRE + leg.hem_in - 8, leg.bottom - 9)]
                ),
                0.5,
                1.6,
                0,
                thread,
            )
        ]
        if crease:
            line = [
                (CENTRE + 62, _TOP + 60),
                (CENTRE + (leg.knee_in + leg.knee_out) / 2, knee),
                (CENTRE + middle, leg.bottom + 6),
            ]
            folds += [
                Fold(side([(x + 5, y) for x, y in line]), 0.34, 12),
                Fold(side([(x - 5, y) for x, y in line]), -0.34, 12),
            ]
        if pleats:
            seams += [
                Seam(side([(CENTRE + x, _TOP + 30), (CENTRE + x + 2, _TOP + 116)]), 0.6, 2.2)
                for x in (52, 70)
            ]
        pocket = through(
            [
                (CENTRE + 56 if thread else CENTRE + 72, _TOP + 34),
                (CENTRE + leg.hip - 44, _TOP + 86, thread is not None),
                (CENTRE + leg.hip - 2, _TOP + (104 if thread else 150)),
            ],
            closed=False,
        )
        seams.append(Seam(side(pocket), 0.65, 2.2))
        if thread:
            seams += [Seam(side([(x - 4, y + 6) for x, y in pocket]), 0.7, 1.5, 5, thread)]
            seams.append(Seam(side([(x - 5, y) for x, y in outer]), 0.45, 1.5, 5, thread))
        drawing.add(
            side(outline), fabric, 2.5 if side is flip else -2.5, depth=0.56, folds=folds, seams=seams, cast=3
        )
        if turned:
            cuff = [
                (CENTRE + leg.hem_out + 3, leg.bottom - 34),
                (CENTRE + leg.hem_out + 2, leg.bottom + 2),
                (CENTRE + leg.hem_in - 2, leg.bottom + 9),
                (CENTRE + leg.hem_in - 3, leg.bottom - 28),
            ]
            drawing.add(side(cuff), fabric.plain(-0.14) if thread else fabric, depth=0.5, cast=5)
    _fly(drawing, fabric, leg, thread)
    _band(drawing, fabric, dice, leg, thread)


def _fly(drawing: Drawing, fabric: Fabric, leg: Leg, thread: RGB | None) -> None:
    flap = through(
        [
            (CENTRE - 1, _TOP + 24),
            (CENTRE + 26, _TOP + 24),
            (CENTRE + 26, leg.crotch - 110),
            (CENTRE + 14, leg.crotch - 66, True),
            (CENTRE - 1, leg.crotch - 40),
        ]
    )
    stitch = through(
        [
            (CENTRE + 21, _TOP + 26),
            (CENTRE + 21, leg.crotch - 112),
            (CENTRE + 12, leg.crotch - 74, True),
            (CENTRE, leg.crotch - 54),
        ],
        closed=False,
    )
    drawing.add(
        flap, fabric, -2.5, depth=0.12, cast=3, seams=[Seam(stitch, 0.6, 1.5, 5 if thread else 0, thread)]
    )


def _band(drawing: Drawing, fabric: Fabric, dice: random.Random, leg: Leg, thread: RGB | None) -> None:
    band: list[Knot] = [
        (CENTRE, _TOP + 5, True),
        (CENTRE + leg.waist, _TOP),
        (CENTRE + leg.waist + 4, _TOP + 32),
        (CENTRE, _TOP + 39, True),
    ]
    rows = [
        Seam(
            [(CENTRE - leg.waist, _TOP + dy), (CENTRE, _TOP + dy + 6), (CENTRE + leg.waist, _TOP + dy)],
            0.5,
            1.4,
            5 if thread else 0,
            thread,
        )
        for dy in (5, 27)
    ]
    drawing.add(both(band), fabric, depth=0.3, cast=4, seams=rows)
    for x in (-leg.waist * 0.5, leg.waist * 0.5, leg.waist - 8, 8 - leg.waist):
        drawing.add(
            [
                (CENTRE + x - 5, _TOP - 1),
                (CENTRE + x + 5, _TOP - 1),
                (CENTRE + x + 5, _TOP + 38),
                (CENTRE + x - 5, _TOP + 38),
            ],
            fabric,
            depth=0.25,
            cast=3,
        )
    drawing.button(
        CENTRE + 10, _TOP + 21, 7, plain((190, 160, 100) if thread else fabric.ink), holes=thread is None
    )
    props.clip_jaws(drawing, dice, _TOP, leg.waist - 22)
