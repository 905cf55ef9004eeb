"""Outlines: polygons in picture coordinates, smooth where they are told to be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Point = tuple[float, float]
Knot = tuple[float, float] | tuple[float, float, bool]  # the third says: smooth here; without it, a corner

CENTRE = 360.0
_STEPS = 14


def through(knots: Sequence[Knot], closed: bool = True) -> list[Point]:
    """The polygon that passes all knots: straight between corners, cubic Hermite next to smooth ones."""
    count = len(knots)
    points = [(knot[0], knot[1]) for knot in knots]
    smooth = [len(knot) == 3 for knot in knots]
    slopes: list[Point | None] = []
    for i in range(count):
        inner = closed or 0 < i < count - 1
        (ax, ay), (bx, by) = points[i - 1], points[(i + 1) % count]
        slopes.append(((bx - ax) / 2, (by - ay) / 2) if smooth[i] and inner else None)
    line: list[Point] = []
    for i in range(count if closed else count - 1):
        j = (i + 1) % count
        line.extend(_segment(points[i], points[j], slopes[i], slopes[j]))
    if not closed:
        line.append(points[-1])
    return line


def _segment(start: Point, end: Point, out: Point | None, into: Point | None) -> list[Point]:
    if out is None and into is None:
        return [start]
    chord = (end[0] - start[0], end[1] - start[1])
    length = math.hypot(*chord)
    out, into = _limit(out, length), _limit(into, length)
    if out is None and into is not None:
        out = (1.5 * chord[0] - into[0] / 2, 1.5 * chord[1] - into[1] / 2)
    if into is None and out is not None:
        into = (1.5 * chord[0] - out[0] / 2, 1.5 * chord[1] - out[1] / 2)
    assert out is not None
    assert into is not None
    line = []
    for step in range(_STEPS):
        t = step / _STEPS
        a, b = 2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t
        c, d = -2 * t**3 + 3 * t**2, t**3 - t**2
        line.append(
            (
                a * start[0] + b * out[0] + c * end[0] + d * into[0],
                a * start[1] + b * out[1] + c * end[1] + d * into[1],
            )
        )
    return line


def _limit(slope: Point | None, length: float) -> Point | None:
    """A slope no longer than the segment it bends, so that short segments do not loop."""
    if slope is None:
        return None
    size = math.hypot(*slope)
    scale = min(1.0, 1.2 * length / size) if size else 1.0
    return slope[0] * scale, slope[1] * scale


def mirror(knots: Iterable[Knot]) -> list[Knot]:
    """The knots on the other side of the picture's centre line, in the opposite order."""
    turned: list[Knot] = []
    for knot in knots:
        x, y = 2 * CENTRE - knot[0], knot[1]
        turned.append((x, y, True) if len(knot) == 3 else (x, y))
    return turned[::-1]


def both(right: Sequence[Knot]) -> list[Point]:
    """A symmetric outline from its right half, given from the top to the bottom."""
    left = [knot for knot in mirror(right) if knot[0] != CENTRE]
    return through([*right, *left])


def flip(points: Iterable[Point]) -> list[Point]:
    """The points on the other side of the centre line."""
    return [(2 * CENTRE - x, y) for x, y in points]


def shift(
    points: Iterable[Point], dx: float, dy: float, scale: float = 1.0, about: Point = (CENTRE, 480.0)
) -> list[Point]:
    """The points scaled about a point, then moved."""
    return [
        ((x - about[0]) * scale + about[0] + dx, (y - about[1]) * scale + about[1] + dy) for x, y in points
    ]


def turn(points: Iterable[Point], degrees: float, about: Point) -> list[Point]:
    """The points turned clockwise about a point."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [
        (
            about[0] + (x - about[0]) * c - (y - about[1]) * s,
            about[1] + (x - about[0]) * s + (y - about[1]) * c,
        )
        for x, y in points
    ]


def ellipse(x: float, y: float, rx: float, ry: float) -> list[Point]:
    """An ellipse about (x, y)."""
    return [(x + rx * math.cos(a * math.tau / 48), y + ry * math.sin(a * math.tau / 48)) for a in range(48)]


def between(start: Point, end: Point, t: float) -> Point:
    """The point at t (0 to 1) of the way."""
    return start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t


def ribbon(points: Sequence[Point], width: float, end_width: float | None = None) -> list[Point]:
    """The outline of a strip that follows a line, from one width to another."""
    last = len(points) - 1
    right, left = [], []
    for i, (x, y) in enumerate(points):
        (ax, ay), (bx, by) = points[max(0, i - 1)], points[min(last, i + 1)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        half = (width + ((end_width if end_width is not None else width) - width) * i / last) / 2
        nx, ny = -(by - ay) / length * half, (bx - ax) / length * half
        right.append((x + nx, y + ny))
        left.append((x - nx, y - ny))
    return right + left[::-1]
