"""A drawing is parts of cloth laid over each other; it is rendered onto a wall with its shadow."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, ImageDraw, ImageFilter

from atelier import palette
from atelier.curve import ellipse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atelier.curve import Point
    from atelier.fabric import Fabric
    from atelier.palette import RGB

SIZE = (720, 960)
_FINE = 3  # outlines are drawn this much larger, then reduced: that is the anti-aliasing
_COARSE = 4  # shading is soft, so it is made this much smaller

Box = tuple[int, int, int, int]


class Seam(NamedTuple):
    """A line on the cloth, in its ink (tone > 0) or its light (tone < 0), up to full strength at 1."""

    points: Sequence[Point]
    tone: float = 0.55
    width: float = 2.0
    dash: float = 0.0
    colour: RGB | None = None


class Fold(NamedTuple):
    """A soft crease: a shadow (tone > 0) or a ridge in the light (tone < 0) along a line."""

    points: Sequence[Point]
    tone: float = 0.4
    width: float = 16.0


class Part(NamedTuple):
    """A piece of cloth. depth: how round it looks; cast: how far its shadow falls on what lies under it."""

    outline: Sequence[Point]
    fabric: Fabric
    angle: float = 0.0
    depth: float = 0.5
    cast: float = 0.0
    seams: Sequence[Seam] = ()
    folds: Sequence[Fold] = ()
    gloss: float = 0.0


class Drawing:
    """Parts in the order in which they are laid down."""

    def __init__(self, scale: float = 1.0, about: Point = (360.0, 58.0)) -> None:
        self.parts: list[Part] = []
        self._scale, self._about = scale, about

    def _place(self, points: Sequence[Point]) -> list[Point]:
        (x0, y0), scale = self._about, self._scale
        return [(x0 + (x - x0) * scale, y0 + (y - y0) * scale) for x, y in points]

    def add(
        self,
        outline: Sequence[Point],
        fabric: Fabric,
        angle: float = 0.0,
        *,
        depth: float = 0.5,
        cast: float = 0.0,
        seams: Sequence[Seam] = (),
        folds: Sequence[Fold] = (),
        gloss: float = 0.0,
    ) -> None:
        """Lay down a part."""
        seams = [seam._replace(points=self._place(seam.points)) for seam in seams]
        folds = [fold._replace(points=self._place(fold.points)) for fold in folds]
        self.parts.append(Part(self._place(outline), fabric, angle, depth, cast, seams, folds, gloss))

    def button(self, x: float, y: float, radius: float, fabric: Fabric, holes: bool = True) -> None:
        """Sew on a button."""
        seams = []
        if holes:
            gap = radius * 0.3
            seams = [
                Seam([(x + dx - 0.6, y + dy), (x + dx + 0.6, y + dy)], 0.9, max(1.6, radius * 0.28))
                for dx in (-gap, gap)
                for dy in (-gap, gap)
            ]
        rim = Seam([*ellipse(x, y, radius * 0.72, radius * 0.72), (x + radius * 0.72, y)], 0.3, 1.2)
        self.add(ellipse(x, y, radius, radius), fabric, depth=0.45, cast=3, seams=[rim, *seams], gloss=0.25)

    def render(
        self, ground: Image.Image, drop: tuple[float, float] = (16, 22), blur: float = 16
    ) -> Image.Image:
        """The ground with the drawing on it; drop and blur tell how far in front of it the drawing hangs."""
        _cast(ground, [part.outline for part in self.parts], drop, blur, 0.34)
        _cast(ground, [part.outline for part in self.parts], (3, 5), 4, 0.22)
        for part in self.parts:
            if part.cast:
                _cast(
                    ground,
                    [part.outline],
                    (part.cast * 0.35, part.cast * 0.6),
                    part.cast,
                    0.42,
                    part.fabric.ink,
                )
            _lay(ground, part)
        return ground


def _cast(
    ground: Image.Image,
    outlines: Sequence[Sequence[Point]],
    drop: tuple[float, float],
    blur: float,
    strength: float,
    colour: RGB = (52, 44, 58),
) -> None:
    """Let the outlines' shadow fall on the ground."""
    box = _box([point for outline in outlines for point in outline], blur * 3 + max(drop))
    size = box[2] - box[0], box[3] - box[1]
    coarse = max(
        1.0, blur / 3
    )  # what will be blurred may be drawn smaller, though not so small that it shows
    small = Image.new("L", (math.ceil(size[0] / coarse), math.ceil(size[1] / coarse)))
    across, down = small.width / size[0], small.height / size[1]
    draw = ImageDraw.Draw(small)
    for outline in outlines:
        draw.polygon(
            [((x + drop[0] - box[0]) * across, (y + drop[1] - box[1]) * down) for x, y in outline],
            fill=round(255 * strength),
        )
    soft = small.filter(ImageFilter.GaussianBlur(blur / coarse))
    ground.paste(colour, box, soft.resize(size, Image.Resampling.BICUBIC))


def _lay(ground: Image.Image, part: Part) -> None:
    box = _box(part.outline, 2)
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    size = box[2] - box[0], box[3] - box[1]
    mask = Image.new("L", (size[0] * _FINE, size[1] * _FINE))
    ImageDraw.Draw(mask).polygon(_inside(part.outline, box, _FINE), fill=255)
    mask = mask.reduce(_FINE)
    cloth = part.fabric.swatch(box, part.angle)
    _shade(cloth, mask, part, box)
    _sew(cloth, part, box)
    ground.paste(cloth, box, mask)


def _shade(cloth: Image.Image, mask: Image.Image, part: Part, box: Box) -> None:
    """Make the cloth round and creased: dark at its edges, more so away from the light (upper left)."""
    coarse = _scaled(box)
    small = mask.resize(coarse, Image.Resampling.BOX)
    reach = max(1.5, min(coarse) * 0.16)
    lit = Image.new("L", coarse)
    lit.paste(small, (-round(reach * 0.45), -round(reach * 0.3)))
    lit = lit.filter(ImageFilter.GaussianBlur(reach))
    dark = lit.point([round((255 - v) * part.depth) for v in range(256)])
    light = lit.point([round(max(0, v - 190) * (0.22 * part.depth + part.gloss)) for v in range(256)])
    for tone_of, layer in ((1, dark), (-1, light)):
        creases = [fold for fold in part.folds if fold.tone * tone_of > 0]
        if creases:
            soft = Image.new("L", coarse)
            draw = ImageDraw.Draw(soft)
            for fold in creases:
                width = max(1, round(fold.width / _COARSE / 2))
                fill = min(255, round(abs(fold.tone) * 255))
                draw.line(_inside(fold.points, box, 1 / _COARSE), fill=fill, width=width, joint="curve")
            soft = soft.filter(
                ImageFilter.GaussianBlur(sum(f.width for f in creases) / len(creases) / _COARSE / 2.4)
            )
            layer.paste(255, mask=soft)
    cloth.paste(part.fabric.ink, mask=dark.resize(cloth.size, Image.Resampling.BICUBIC))
    cloth.paste(part.fabric.light, mask=light.resize(cloth.size, Image.Resampling.BICUBIC))


def _sew(cloth: Image.Image, part: Part, box: Box) -> None:
    threads: dict[RGB, list[Seam]] = {}
    for seam in part.seams:
        colour = seam.colour or (part.fabric.ink if seam.tone > 0 else part.fabric.light)
        threads.setdefault(colour, []).append(seam)
    for colour, seams in threads.items():
        mask = Image.new("L", (cloth.width * _FINE, cloth.height * _FINE))
        draw = ImageDraw.Draw(mask)
        for seam in seams:
            fill, width = min(255, round(abs(seam.tone) * 255)), max(1, round(seam.width * _FINE))
            points = _inside(seam.points, box, _FINE)
            for line in _dashed(points, seam.dash * _FINE) if seam.dash else [points]:
                draw.line(line, fill=fill, width=width, joint="curve")
        cloth.paste(colour, mask=mask.reduce(_FINE))


def _dashed(points: Sequence[Point], length: float) -> list[list[Point]]:
    """The line cut into dashes with gaps of the same length."""
    dashes: list[list[Point]] = []
    run, drawn, current = 0.0, True, [points[0]]
    for start, end in pairwise(points):
        gap = math.hypot(end[0] - start[0], end[1] - start[1])
        done = 0.0
        while gap - done > length - run:
            done += length - run
            t = done / gap
            at = (start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t)
            current.append(at)
            if drawn:
                dashes.append(current)
            drawn, current, run = not drawn, [at], 0.0
        run += gap - done
        current.append(end)
    if drawn and len(current) > 1:
        dashes.append(current)
    return dashes


def _inside(points: Sequence[Point], box: Box, scale: float) -> list[Point]:
    return [((x - box[0]) * scale, (y - box[1]) * scale) for x, y in points]


def _box(points: Sequence[Point], margin: float) -> Box:
    """The whole pixels of the picture that the points and a margin cover."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (
        max(0, math.floor(min(xs) - margin)),
        max(0, math.floor(min(ys) - margin)),
        min(SIZE[0], math.ceil(max(xs) + margin)),
        min(SIZE[1], math.ceil(max(ys) + margin)),
    )


def _scaled(box: Box) -> tuple[int, int]:
    return max(1, (box[2] - box[0]) // _COARSE), max(1, (box[3] - box[1]) // _COARSE)


def wall(tone: RGB, light: float) -> Image.Image:
    """A wall of one tone, lit from the upper left; light moves the bright spot (0 to 1)."""
    small = Image.new("L", (24, 32))
    for y in range(32):
        for x in range(24):
            away = math.hypot(x / 24 - 0.2 - 0.3 * light, y / 32 - 0.22) / 1.05
            small.putpixel((x, y), round(255 * min(1.0, away)))
    soft = small.resize(SIZE, Image.Resampling.BICUBIC)
    ground = Image.new("RGB", SIZE, palette.mix(tone, (255, 254, 250), 0.35))
    ground.paste(palette.mix(tone, (70, 60, 70), 0.2), mask=soft)
    return ground


def shelf(ground: Image.Image, tone: RGB, height: int) -> None:
    """Lay a table or shelf over the lower part of the ground, from height (pixels from the top) down."""
    top = palette.mix(tone, (255, 252, 246), 0.45)
    depth = SIZE[1] - height
    ramp = Image.linear_gradient("L").resize((SIZE[0], depth))
    board = Image.new("RGB", (SIZE[0], depth), top)
    board.paste(palette.mix(tone, (80, 62, 50), 0.28), mask=ramp)
    ground.paste(board, (0, height))
    edge = Image.new("L", (1, 24))
    for y in range(24):
        edge.putpixel((0, y), round(70 * y / 24))
    ground.paste((60, 50, 54), (0, height - 24, SIZE[0], height), edge.resize((SIZE[0], 24)))
