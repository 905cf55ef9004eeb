"""Cloth: a colour, a pattern woven or printed on it, and the texture of what it is made of."""

from __future__ import annotations

import functools
import math
import random
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from atelier import palette

if TYPE_CHECKING:
    from collections.abc import Callable

    from atelier.palette import RGB

_FINE = 3  # tiles are drawn this much larger, then reduced
_MARGIN = 120
_BOLT = (960, 1200)  # the piece of cloth that swatches are cut from: the picture and a margin around it


class Fabric:
    """A piece of cloth; `base`, `ink` and `light` are its colour plain, in shadow and in the light."""

    def __init__(
        self, dice: random.Random, colour: str, pattern: str, texture: str = "smooth", upright: bool = False
    ) -> None:
        self.base = palette.COLOURS[colour]
        self.accents = palette.partners(dice, colour)
        self.ink = palette.ink(self.base)
        self.light = palette.shine(self.base)
        self.pattern = pattern
        self._texture = texture
        self._bolt = _weave(dice, self.base, self.accents, pattern, texture, upright)

    def swatch(self, box: tuple[int, int, int, int], angle: float = 0.0) -> Image.Image:
        """The cloth for a box of the picture, its grain turned clockwise by angle degrees."""
        left, top, right, bottom = box
        size = right - left, bottom - top
        if self._bolt is None:
            return Image.new("RGB", size, self.base)
        if not angle or self.pattern == "colourblock":
            return self._bolt.crop((left + _MARGIN, top + _MARGIN, right + _MARGIN, bottom + _MARGIN))
        c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        x, y = size[0] / 2, size[1] / 2  # the middle of the swatch is the middle of the bolt
        a, b = _BOLT[0] / 2 - c * x - s * y, _BOLT[1] / 2 + s * x - c * y
        return self._bolt.transform(
            size, Image.Transform.AFFINE, (c, s, a, -s, c, b), Image.Resampling.BICUBIC
        )

    def rib(self) -> Fabric:
        """The ribbed border of this cloth: its plain colour, a shade deeper."""
        return plain(palette.mix(self.base, self.ink, 0.12), "rib")

    def plain(self, shade: float = 0.0) -> Fabric:
        """This cloth without its pattern, with a share of shadow (positive) or light (negative)."""
        tone = palette.mix(self.base, self.ink if shade > 0 else self.light, abs(shade))
        return plain(tone, self._texture)


@functools.lru_cache(maxsize=64)
def plain(colour: RGB, texture: str = "smooth") -> Fabric:
    """Cloth of one colour."""
    fabric = Fabric.__new__(Fabric)
    fabric.base, fabric.ink, fabric.light = colour, palette.ink(colour), palette.shine(colour)
    fabric.accents = (fabric.ink, fabric.light)
    fabric.pattern, fabric._texture = "plain", texture
    fabric._bolt = _dyed(colour, texture)
    return fabric


def _weave(
    dice: random.Random, base: RGB, accents: tuple[RGB, RGB], pattern: str, texture: str, upright: bool
) -> Image.Image | None:
    if pattern == "plain":
        return _dyed(base, texture)
    if pattern == "colourblock":
        bolt = _blocks(dice, base, accents)
    else:
        tile = _PATTERNS[pattern](dice, base, accents).reduce(_FINE)
        bolt = _tiled(tile.transpose(Image.Transpose.ROTATE_90) if upright else tile)
    if texture == "smooth":
        return bolt
    return ImageChops.overlay(bolt, Image.merge("RGB", [_tiled(_relief(texture))] * 3))


def _dyed(colour: RGB, texture: str) -> Image.Image | None:
    """Cloth of one colour; None when it has no texture either."""
    if texture == "smooth":
        return None
    relief = _relief(texture)
    return _tiled(ImageChops.overlay(Image.new("RGB", relief.size, colour), Image.merge("RGB", [relief] * 3)))


def _tiled(tile: Image.Image) -> Image.Image:
    """A bolt covered with the tile: laid once, then copied to twice its size until it is full."""
    bolt = Image.new(tile.mode, _BOLT)
    bolt.paste(tile)
    width, height = tile.size
    while width < _BOLT[0]:
        bolt.paste(bolt.crop((0, 0, width, height)), (width, 0))
        width *= 2
    while height < _BOLT[1]:
        bolt.paste(bolt.crop((0, 0, _BOLT[0], height)), (0, height))
        height *= 2
    return bolt


@functools.cache
def _relief(texture: str) -> Image.Image:
    """A grey tile; mid-grey changes nothing."""
    if texture == "knit":
        tile = Image.new("L", (8 * 8, 8 * 7), 128)
        draw = ImageDraw.Draw(tile)
        for row in range(-1, 9):
            for column in range(-1, 9):
                x, y = column * 8, row * 7
                draw.line([(x, y), (x + 4, y + 5)], fill=152, width=2)
                draw.line([(x + 4, y + 5), (x + 8, y)], fill=108, width=2)
    elif texture == "rib":
        tile = Image.new("L", (9, 16), 134)
        ImageDraw.Draw(tile).rectangle((0, 0, 2, 15), fill=96)
        ImageDraw.Draw(tile).rectangle((3, 0, 3, 15), fill=116)
    elif texture == "twill":
        tile = _grain(64, 14)
        draw = ImageDraw.Draw(tile)
        for start in range(-64, 64, 4):
            draw.line([(start, 64), (start + 64, 0)], fill=118)
    elif texture == "felt":
        tile = _grain(192, 26).filter(ImageFilter.GaussianBlur(0.7))
    elif texture == "linen":
        tile = ImageChops.blend(
            _grain(192, 16).resize((192, 48)).resize((192, 192)),
            _grain(192, 16).resize((48, 192)).resize((192, 192)),
            0.5,
        )
    else:
        raise ValueError(f"no texture {texture!r}")
    return tile


def _grain(side: int, strength: int) -> Image.Image:
    """Fine random relief, the same every time."""
    noise = random.Random("grain").randbytes(side * side)  # noqa: S311
    low = 128 - strength
    return Image.frombytes("L", (side, side), bytes(low + value * 2 * strength // 255 for value in noise))


def _blocks(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    bolt = Image.new("RGB", _BOLT, base)
    draw = ImageDraw.Draw(bolt)
    edge = _MARGIN + dice.choice((330, 400, 470))
    style = dice.randrange(3)
    if style == 0:
        draw.rectangle((0, edge, *_BOLT), fill=accents[0])
    elif style == 1:
        draw.rectangle((0, edge - 60, _BOLT[0], edge + 50), fill=accents[0])
        draw.rectangle((0, edge + 50, _BOLT[0], edge + 74), fill=accents[1])
    else:
        draw.rectangle((_BOLT[0] // 2, 0, *_BOLT), fill=accents[0])
    return bolt


def _sheet(width: int, height: int, colour: RGB) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    tile = Image.new("RGB", (width * _FINE, height * _FINE), colour)
    return tile, ImageDraw.Draw(tile)


def _stripes(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    pitch = dice.choice((22, 30, 40, 56))
    tile, draw = _sheet(16, pitch, base)
    band = dice.choice((0.28, 0.4, 0.5)) * pitch * _FINE
    draw.rectangle((0, 0, tile.width, band), fill=accents[0])
    if dice.random() < 0.35:
        draw.rectangle((0, band * 1.3, tile.width, band * 1.3 + 3 * _FINE), fill=accents[1])
    return tile


def _pinstripes(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    tile, draw = _sheet(dice.choice((14, 18, 24)), 16, base)
    line = palette.mix(
        base, palette.shine(base) if palette.luminance(base) < 150 else palette.ink(base), 0.55
    )
    draw.rectangle((0, 0, _FINE * 2 - 1, tile.height), fill=line)
    return tile


def _dots(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    pitch = dice.choice((24, 32, 44))
    tile, draw = _sheet(pitch, pitch, base)
    radius = pitch * _FINE * dice.choice((0.14, 0.18, 0.22))
    side = tile.width
    for x, y in ((0, 0), (side, 0), (0, side), (side, side), (side / 2, side / 2)):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=accents[0])
    return tile


def _checks(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    """Gingham, or a windowpane of thin lines."""
    pitch = dice.choice((28, 40, 56))
    tile, draw = _sheet(pitch, pitch, base)
    side = tile.width
    if dice.random() < 0.6:
        ground = palette.mix(base, (252, 250, 244), 0.72) if palette.luminance(base) < 200 else base
        strong = base if ground != base else accents[0]
        tile.paste(ground, (0, 0, side, side))
        half = side // 2
        draw.rectangle((0, 0, half, side), fill=palette.mix(ground, strong, 0.5))
        draw.rectangle((0, 0, side, half), fill=palette.mix(ground, strong, 0.5))
        draw.rectangle((0, 0, half, half), fill=strong)
    else:
        line = 3 * _FINE
        for k, colour in ((0, accents[0]), (0.22, palette.mix(base, accents[1], 0.6))):
            at = k * side
            draw.rectangle((at, 0, at + line, side), fill=palette.mix(base, colour, 0.75))
            draw.rectangle((0, at, side, at + line), fill=palette.mix(base, colour, 0.75))
    return tile


def _tartan(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    pitch = dice.choice((84, 108, 132))
    tile, _ = _sheet(pitch, pitch, base)
    side = tile.width
    bands = (
        (0.08, 0.30, palette.mix(base, palette.ink(base), 0.75)),
        (0.42, 0.56, accents[0]),
        (0.66, 0.69, accents[1]),
        (0.80, 0.83, accents[1]),
        (0.17, 0.20, accents[1]),
    )
    for upright in (True, False):
        over = Image.new("RGB", tile.size, base)
        mask = Image.new("L", tile.size, 0)
        draw, shape = ImageDraw.Draw(over), ImageDraw.Draw(mask)
        for start, end, colour in bands:
            a, b = start * side, end * side
            area = (a, 0, b, side) if upright else (0, a, side, b)
            draw.rectangle(area, fill=colour)
            shape.rectangle(area, fill=255 if upright else 135)
        tile.paste(over, mask=mask)
    return tile


def _herringbone(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    width, pitch = dice.choice(((12, 8), (16, 8), (20, 10)))
    tile, draw = _sheet(width * 2, pitch, base)
    light = palette.mix(base, palette.shine(base), 0.42)
    dark = palette.mix(base, palette.ink(base), 0.34)
    half, step = width * _FINE, pitch * _FINE
    for k in range(-4, 5):
        y = k * step
        for colour, off in ((light, 0), (dark, step // 2)):
            draw.line([(0, y + off), (half, y + off + half)], fill=colour, width=step // 3)
            draw.line([(half, y + off + half), (2 * half, y + off)], fill=colour, width=step // 3)
    return tile


def _houndstooth(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    """Woven as it is on a loom: four dark and four light threads each way, in a two-by-two twill."""
    thread = dice.choice((2, 3, 4)) * _FINE
    pale = palette.luminance(base) > 190
    dark = palette.mix(base, accents[0], 0.85) if pale else base
    light = base if pale else palette.mix(base, (252, 248, 240), 0.8)
    threads = [dark] * 4 + [light] * 4
    small = Image.new("RGB", (8, 8))
    for y in range(8):
        for x in range(8):
            small.putpixel((x, y), threads[x] if (x + y) % 4 < 2 else threads[y])
    return small.resize((8 * thread, 8 * thread), Image.Resampling.NEAREST)


def _scatter(
    dice: random.Random,
    side: int,
    ground: RGB,
    count: int,
    stamp: Callable[[ImageDraw.ImageDraw, float, float], None],
) -> Image.Image:
    """A tile with stamps that do not crowd each other and continue over its edges."""
    tile, draw = _sheet(side, side, ground)
    span = float(tile.width)
    placed: list[tuple[float, float]] = []
    apart = span / math.sqrt(count) * 0.78
    for _ in range(count * 30):
        x, y = dice.random() * span, dice.random() * span
        near = (
            math.hypot(min(abs(x - a), span - abs(x - a)), min(abs(y - b), span - abs(y - b)))
            for a, b in placed
        )
        if len(placed) < count and all(gap > apart for gap in near):
            placed.append((x, y))
    for x, y in placed:
        state = dice.getstate()
        for dx in (-span, 0.0, span):
            for dy in (-span, 0.0, span):
                dice.setstate(state)  # the same stamp on every side of the tile
                stamp(draw, x + dx, y + dy)
    return tile


def _floral(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    size = dice.choice((7.0, 10.0, 13.0)) * _FINE
    leaf = palette.mix(
        palette.COLOURS["sage"] if palette.luminance(base) < 125 else palette.COLOURS["green"], base, 0.25
    )
    petals = (accents[0], palette.mix(accents[0], palette.shine(base), 0.45), accents[1])

    def stamp(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
        turn, petal, scale = dice.random() * math.tau, dice.choice(petals), dice.uniform(0.65, 1.1) * size
        for k in (0.4, 1.9, 3.6):
            _leaf(draw, x, y, turn + k, scale * 1.9, leaf)
        for k in range(5):
            a = turn + k * math.tau / 5
            cx, cy, r = x + math.cos(a) * scale * 0.62, y + math.sin(a) * scale * 0.62, scale * 0.46
            draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=petal)
        r = scale * 0.3
        draw.ellipse((x - r, y - r, x + r, y + r), fill=palette.COLOURS["mustard"])

    return _scatter(dice, 150, base, round(9000 / (size / _FINE) ** 2 / 3.2) + 5, stamp)


def _leaves(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    tones = (accents[0], palette.mix(accents[0], base, 0.4), palette.mix(base, palette.ink(base), 0.35))
    size = dice.choice((17.0, 24.0)) * _FINE

    def stamp(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
        turn, tone = dice.random() * math.tau, dice.choice(tones)
        tip = x + math.cos(turn) * size * 2.6, y + math.sin(turn) * size * 2.6
        draw.line([(x, y), tip], fill=tone, width=_FINE * 2)
        for k in (0.2, 0.48, 0.76):
            px, py = x + (tip[0] - x) * k, y + (tip[1] - y) * k
            for side in (-0.9, 0.9):
                _leaf(draw, px, py, turn + side, size * (1.25 - 0.4 * k), tone)
        _leaf(draw, x + (tip[0] - x) * 0.92, y + (tip[1] - y) * 0.92, turn, size, tone)

    return _scatter(dice, 240, base, 14 if size > 60 else 26, stamp)


def _leaf(draw: ImageDraw.ImageDraw, x: float, y: float, angle: float, length: float, colour: RGB) -> None:
    c, s = math.cos(angle), math.sin(angle)
    right, left = [], []
    for k in range(9):
        t = k / 8
        wide = math.sin(math.pi * t) * length * 0.2
        px, py = x + c * length * t, y + s * length * t
        right.append((px - s * wide, py + c * wide))
        left.append((px + s * wide, py - c * wide))
    draw.polygon(right + left[::-1], fill=colour)


def _fairisle(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    """Rows of small motifs on a grid of stitches."""
    stitch = 6
    motifs = (
        ("x...x...", ".x.x.x.x", "..x...x."),
        ("...x....", "..xxx...", ".xx.xx..", "xx...xx.", ".xx.xx..", "..xxx...", "...x...."),
        ("x.x.x.x.",),
        ("..x.....", "..x...x.", "xxxxx...", "..x...x.", "..x....."),
        ("x.......", "xx.....x", "xxx...xx", "xxxx.xxx"),
        ("x...x...", "xx.xxx.x", "x...x..."),
    )
    order = [dice.choice(motifs) for _ in range(4)]
    rows: list[tuple[str, RGB]] = []
    for number, motif in enumerate(order):
        rows += [("", base), ("", base)] + [(line, accents[number % 2]) for line in motif]
    rows += [("", base)] * dice.choice((1, 2, 5))
    tile, draw = _sheet(stitch * 8, stitch * len(rows), base)
    unit = stitch * _FINE
    for y, (line, colour) in enumerate(rows):
        for x, mark in enumerate(line):
            if mark == "x":
                draw.rectangle((x * unit, y * unit, (x + 1) * unit - 1, (y + 1) * unit - 1), fill=colour)
    return tile


def _argyle(dice: random.Random, base: RGB, accents: tuple[RGB, RGB]) -> Image.Image:
    width, height = dice.choice(((64, 96), (80, 120)))
    tile, draw = _sheet(width, height, base)
    w, h = tile.size
    diamond = [(w / 2, 0), (w, h / 2), (w / 2, h), (0, h / 2)]
    draw.polygon(diamond, fill=palette.mix(base, accents[0], 0.75))
    line = palette.mix(base, accents[1], 0.85)
    for ends in (((0, 0), (w, h)), ((w, 0), (0, h))):
        draw.line(ends, fill=line, width=2 * _FINE)
    return tile


_PATTERNS: dict[str, Callable[[random.Random, RGB, tuple[RGB, RGB]], Image.Image]] = {
    "stripes": _stripes,
    "pinstripes": _pinstripes,
    "dots": _dots,
    "checks": _checks,
    "tartan": _tartan,
    "herringbone": _herringbone,
    "houndstooth": _houndstooth,
    "floral": _floral,
    "leaves": _leaves,
    "fairisle": _fairisle,
    "argyle": _argyle,
}
