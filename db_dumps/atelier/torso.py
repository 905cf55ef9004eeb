"""The upper body: its outline, sleeves, collars and how it hangs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from atelier import props
from atelier.curve import CENTRE, Knot, Point, between, both, flip, through
from atelier.drawing import Fold, Seam

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from atelier.drawing import Drawing
    from atelier.fabric import Fabric


class Torso(NamedTuple):
    """Half widths and heights of a body seen from the front, in pixels."""

    neck: float = 62
    shoulder: float = 158
    chest: float = 152
    waist: float = 146
    hem: float = 152
    top: float = 178
    slope: float = 42
    armpit: float = 350
    bottom: float = 690
    neckline: float = 236

    @property
    def shoulder_tip(self) -> Point:
        return CENTRE + self.shoulder, self.top + self.slope

    @property
    def armpit_point(self) -> Point:
        return CENTRE + self.chest, self.armpit

    def right(self, neckline: Sequence[Knot], hem: Sequence[Knot]) -> list[Knot]:
        """The right half of the outline: neckline knots from the centre out, hem knots from the side in."""
        middle = (self.armpit + self.bottom) / 2
        return [
            *neckline,
            (CENTRE + self.neck, self.top),
            (CENTRE + self.neck + (self.shoulder - self.neck) * 0.6, self.top + self.slope * 0.5, True),
            self.shoulder_tip,
            (CENTRE + self.chest - 6, self.armpit - 60, True),
            self.armpit_point,
            (CENTRE + self.waist, middle, True),
            *hem,
        ]

    def folds(self, dice: random.Random, amount: float = 1.0) -> list[Fold]:
        """Creases where cloth hangs from shoulders and armpits."""
        folds = []
        for side in (-1, 1):
            x, y = CENTRE + side * self.chest, self.armpit
            lean = dice.uniform(40, 80)
            folds.append(
                Fold(bowed((x - side * 12, y + 12), (x - side * lean, y + 120), side * 10), 0.34 * amount, 26)
            )
            folds.append(
                Fold(
                    bowed((x - side * 22, y + 4), (x - side * (lean + 34), y + 84), side * 8),
                    -0.22 * amount,
                    22,
                )
            )
            x = CENTRE + side * dice.uniform(50, 110)
            folds.append(
                Fold(bowed((x, self.bottom - 190), (x + side * 8, self.bottom), side * 14), 0.24 * amount, 34)
            )
            folds.append(
                Fold(
                    bowed((x + side * 24, self.bottom - 170), (x + side * 30, self.bottom), side * 10),
                    -0.16 * amount,
                    28,
                )
            )
        return folds


def bowed(start: Point, end: Point, bend: float) -> list[Point]:
    """A slightly bent line."""
    middle = between(start, end, 0.5)
    return through([start, (middle[0] + bend, middle[1], True), end], closed=False)


def crew(torso: Torso, depth: float) -> list[Knot]:
    return [(CENTRE, torso.top + depth, True), (CENTRE + torso.neck * 0.72, torso.top + depth * 0.6, True)]


def vee(torso: Torso, depth: float) -> list[Knot]:
    return [(CENTRE, torso.top + depth), (CENTRE + torso.neck * 0.6, torso.top + depth * 0.46, True)]


def flat_hem(torso: Torso) -> list[Knot]:
    return [
        (CENTRE + torso.hem, torso.bottom),
        (CENTRE + torso.hem * 0.5, torso.bottom + 5, True),
        (CENTRE, torso.bottom + 6, True),
    ]


def sleeves(
    drawing: Drawing,
    torso: Torso,
    fabric: Fabric,
    end: Point,
    width: float,
    *,
    puff: float = 0.0,
    cuff: Fabric | None = None,
    cuff_length: float = 34,
    creases: Sequence[float] = (0.42, 0.55, 0.8),
    stitch: bool = True,
) -> None:
    """Draw both sleeves, from the shoulder to end (of the right one), width across at the end."""
    tip, pit = torso.shoulder_tip, torso.armpit_point
    dx, dy = end[0] - tip[0], end[1] - tip[1]
    length = (dx * dx + dy * dy) ** 0.5
    ux, uy = dx / length, dy / length
    nx, ny = -uy, ux  # across the sleeve, towards the body
    outer_end = end
    inner_end = end[0] + nx * width, end[1] + ny * width
    top = tip[0] - 24, tip[1] - 9
    outer_mid = tip[0] + dx * 0.52 + 10 + puff, tip[1] + dy * 0.52
    inner_mid = between((pit[0] - 8, pit[1] + 6), inner_end, 0.52)
    knots: list[Knot] = [
        top,
        (tip[0] + 10, tip[1] + 12, True),
        (outer_mid[0], outer_mid[1], True),
        outer_end,
        inner_end,
        (inner_mid[0] + puff * 0.2, inner_mid[1], True),
        (pit[0] - 10, pit[1] + 4),
        (pit[0] - 30, pit[1] - 70),
    ]
    outline = through(knots)
    lean = -math.degrees(math.atan2(dx, dy))
    folds = []
    for at in creases:
        a = between(outer_mid if at > 0.5 else tip, outer_end, at if at <= 0.5 else (at - 0.5) * 2)
        b = between((pit[0], pit[1]), inner_end, min(1.0, at + 0.06))
        folds.append(Fold([between(a, b, 0.25), between(a, b, 1.0)], 0.3, 18))
        folds.append(Fold([(p[0], p[1] - 14) for p in (between(a, b, 0.3), between(a, b, 0.9))], -0.16, 16))
    for left in (False, True):
        side = flip if left else list
        seams = []
        if stitch and cuff is None:
            off = (-ux * 12, -uy * 12)
            seams.append(
                Seam(
                    side(
                        [
                            (outer_end[0] + off[0], outer_end[1] + off[1]),
                            (inner_end[0] + off[0], inner_end[1] + off[1]),
                        ]
                    ),
                    0.45,
                    1.6,
                )
            )
        drawing.add(
            side(outline),
            fabric,
            -lean if left else lean,
            depth=0.62,
            folds=[Fold(side(list(f.points)), f.tone, f.width) for f in folds],
            seams=seams,
        )
        if cuff is not None:
            back = (-ux * cuff_length, -uy * cuff_length)
            grow = 3
            band = [
                (outer_end[0] + back[0] - nx * grow, outer_end[1] + back[1] - ny * grow),
                (outer_end[0] - nx * grow * 0.2, outer_end[1] - ny * grow * 0.2),
                (inner_end[0] + nx * grow * 0.2, inner_end[1] + ny * grow * 0.2),
                (inner_end[0] + back[0] + nx * grow, inner_end[1] + back[1] + ny * grow),
            ]
            drawing.add(side(band), cuff, -lean if left else lean, depth=0.55, cast=3)


def back(drawing: Drawing, torso: Torso, fabric: Fabric, depth: float = 30, lift: float = 8) -> None:
    """Draw the inside of the back, seen through the neck."""
    right: list[Knot] = [
        (CENTRE, torso.top - lift + 6, True),
        (CENTRE + torso.neck * 0.7, torso.top - lift + 2, True),
        (CENTRE + torso.neck + 4, torso.top),
        (CENTRE + torso.neck, torso.top + depth * 1.6),
        (CENTRE, torso.top + depth * 3.4),
    ]
    drawing.add(both(right), fabric.plain(0.42), depth=0.35)


def neckband(drawing: Drawing, torso: Torso, fabric: Fabric, depth: float, width: float) -> None:
    """Draw a knitted band around a crew neck."""
    n, t = torso.neck, torso.top
    right: list[Knot] = [
        (CENTRE, t + depth, True),
        (CENTRE + n * 0.72, t + depth * 0.6, True),
        (CENTRE + n, t - 2),
        (CENTRE + n + width * 0.8, t + 4),
        (CENTRE + n * 0.84 + width * 0.6, t + depth * 0.7 + width * 0.4, True),
        (CENTRE, t + depth + width, True),
    ]
    left = [(2 * CENTRE - k[0], *k[1:]) for k in right]
    ring = [*right[:3], *right[3:5], right[5], *left[4:2:-1], *left[2:0:-1]]
    drawing.add(through(ring), fabric, depth=0.3, cast=2)


def vee_band(drawing: Drawing, torso: Torso, fabric: Fabric, depth: float, width: float) -> None:
    n, t = torso.neck, torso.top
    for side in (list, flip):
        band = through(
            [
                (CENTRE, t + depth),
                (CENTRE + n * 0.6, t + depth * 0.46, True),
                (CENTRE + n, t - 2),
                (CENTRE + n + width * 0.85, t + 4),
                (CENTRE + n * 0.6 + width, t + depth * 0.5 + width * 0.3, True),
                (CENTRE, t + depth + width * 1.5),
            ]
        )
        drawing.add(side(band), fabric, depth=0.3, cast=2)


def armholes(torso: Torso) -> list[Seam]:
    tip, pit = torso.shoulder_tip, torso.armpit_point
    line = through([tip, (pit[0] - 6, pit[1] - 60, True), pit], closed=False)
    line = [(x - 1.5, y) for x, y in line]
    return [Seam(line, 0.5, 2.4), Seam(flip(line), 0.5, 2.4)]


def hang(drawing: Drawing, dice: random.Random, torso: Torso) -> None:
    props.rail(drawing, dice)
    props.hanger(drawing, dice, torso.top - 6, torso.shoulder - 14, torso.slope + 4)


def shirt_collar(
    drawing: Drawing, torso: Torso, fabric: Fabric, spread: float = 0.9, length: float = 62
) -> None:
    """Draw the two points of a shirt collar; spread tells how far apart they are."""
    n, t = torso.neck, torso.top
    leaf = through(
        [
            (CENTRE + 1, t + 50),
            (CENTRE + n * 0.55, t + 20, True),
            (CENTRE + n - 8, t - 14),
            (CENTRE + n + 10, t + 2),
            (CENTRE + n * spread + 8, t + length),
        ]
    )
    stitch = [between(point, (CENTRE + n * 0.62, t + 26), 0.12) for point in leaf]
    for side in (list, flip):
        seam = Seam(side(stitch[-16:]), 0.4, 1.4)
        drawing.add(side(leaf), fabric, -38 if side is list else 38, depth=0.28, cast=6, seams=[seam])


def lapels(
    drawing: Drawing,
    torso: Torso,
    fabric: Fabric,
    end: float,
    *,
    width: float = 40,
    notch: float = 74,
    collar: Fabric | None = None,
) -> None:
    """Draw a turned-down collar with notched lapels that meet at end (pixels from the top)."""
    n, t = torso.neck, torso.top
    roll = [(CENTRE + n - 8, t - 12), (CENTRE, end)]
    seat = between(roll[0], roll[1], 0.34)
    lapel = through(
        [
            seat,
            (CENTRE + n + width * 0.4, t + notch - 6),
            (CENTRE + n + width, t + notch + 4),
            (CENTRE + n * 0.95 + width * 0.35, (t + notch + end) / 2 + 8, True),
            (CENTRE + 4, end + 4),
            (CENTRE - 6, end - 4),
        ]
    )
    fold = through(
        [
            roll[0],
            (CENTRE + n + 12, t - 2),
            (CENTRE + n + width * 0.95, t + notch - 22),
            (CENTRE + n + width * 0.4, t + notch - 4),
            seat,
        ]
    )
    edge = [between(p, (CENTRE + n * 0.6, (t + end) / 2), 0.07) for p in lapel]
    for side in (flip, list):
        angle = -22 if side is list else 22
        drawing.add(side(lapel), fabric, angle, depth=0.3, cast=8, seams=[Seam(side(edge[14:-16]), 0.3, 1.4)])
        drawing.add(side(fold), collar or fabric, angle * 1.6, depth=0.3, cast=6)


def opening(top: float, bottom: float, x: float = CENTRE, width: float = 0.0) -> list[Seam]:
    """The edge of a front that closes at x, and the stitching of its placket, width wide."""
    seams = [Seam([(x + width, top), (x + width, bottom)], 0.6, 2.2)]
    if width:
        seams.append(Seam([(x - width, top), (x - width, bottom)], 0.35, 1.5))
    return seams


def buttons(
    drawing: Drawing, fabric: Fabric, x: float, top: float, bottom: float, count: int, radius: float
) -> None:
    """Sew count buttons on, evenly from top to bottom."""
    for number in range(count):
        y = top if count == 1 else top + (bottom - top) * number / (count - 1)
        drawing.button(x, y, radius, fabric)


def flap_pocket(
    drawing: Drawing, fabric: Fabric, x: float, y: float, width: float, height: float = 24, lean: float = 0.0
) -> None:
    """Draw the flap of a pocket on both sides; x is its inner edge, from the centre."""
    a, b = CENTRE + x, CENTRE + x + width
    flap = through([(a, y), (b, y - lean), (b + 1, y + height - lean), (a - 1, y + height)])
    for side in (list, flip):
        seam = Seam(side([(a + 4, y + height - 5), (b - 4, y + height - 5 - lean)]), 0.35, 1.3)
        drawing.add(side(flap), fabric, depth=0.15, cast=5, seams=[seam])


def patch_pocket(drawing: Drawing, fabric: Fabric, x: float, y: float, width: float, height: float) -> None:
    """Draw a patch pocket on both sides; x is its inner edge, from the centre."""
    a, b = CENTRE + x, CENTRE + x + width
    patch = through(
        [
            (a, y),
            (b, y),
            (b, y + height - 14),
            (b - 14, y + height, True),
            (a + 14, y + height, True),
            (a, y + height - 14),
        ]
    )
    for side in (list, flip):
        seams = [Seam(side([(a, y + 14), (b, y + 14)]), 0.4, 1.5)]
        drawing.add(side(patch), fabric, depth=0.2, cast=4, seams=seams)


def rib_hem(drawing: Drawing, torso: Torso, fabric: Fabric, height: float = 40) -> None:
    """Draw the ribbed band at the hem."""
    right: list[Knot] = [
        (CENTRE, torso.bottom - height + 4),
        (CENTRE + torso.hem + 4, torso.bottom - height),
        (CENTRE + torso.hem + 1, torso.bottom + 3),
        (CENTRE + torso.hem * 0.5, torso.bottom + 7, True),
        (CENTRE, torso.bottom + 8, True),
    ]
    drawing.add(both(right), fabric, depth=0.45, cast=3)


def hood(drawing: Drawing, torso: Torso, fabric: Fabric) -> None:
    """Draw a hood that lies behind the neck."""
    n, t = torso.neck, torso.top
    outside: list[Knot] = [
        (CENTRE, t - 44, True),
        (CENTRE + n * 0.9, t - 36, True),
        (CENTRE + n + 30, t + 14, True),
        (CENTRE + n + 10, t + 66, True),
        (CENTRE, t + 110),
    ]
    drawing.add(both(outside), fabric, depth=0.6, cast=6)
    inside: list[Knot] = [
        (CENTRE, t - 12, True),
        (CENTRE + n * 0.72, t - 4, True),
        (CENTRE + n * 0.92, t + 30, True),
        (CENTRE + n * 0.4, t + 86, True),
        (CENTRE, t + 108),
    ]
    drawing.add(both(inside), fabric.plain(0.4), depth=0.5)
