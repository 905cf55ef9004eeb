"""Uploaded pictures: what comes in is looked at with suspicion, what is kept was drawn anew by us.

The steps and their order follow OWASP's File Upload Cheat Sheet. Whatever a file held beside its pixels
(place and time, thumbnails, scripts, a second file behind the first) ends here.
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from secondhand.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL.Image import Image as Pixels

MOST_BYTES = 10 * 1024 * 1024
_MOST_MEGAPIXELS = {"JPEG": 40, "MPO": 40, "PNG": 16, "WEBP": 16}  # only JPEG is decoded at a smaller scale
_MOST_SCANS = 500  # of a progressive JPEG; each goes over all of it
LEAST_SIDE = 100
WIDTHS = (320, 640, 1280)
LEAST_STEP = 1.25  # between two widths; closer ones are not worth their bytes
LONGEST_SIDE = 3  # times the other one; beyond that a picture is a strip, not a photo of a garment

_SIGNATURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"RIFF": "WEBP"}
_OPTIONS: dict[str, dict[str, Any]] = {
    "jpg": {"format": "JPEG", "quality": 82, "progressive": True, "optimize": True},
    "webp": {"format": "WEBP", "quality": 80, "method": 4},
}
_QUICK = {"progressive": False, "optimize": False, "method": 1}

_workers = Workers("images", most_waiting=8)  # a picture may take 320 MB


class PictureError(Exception):
    """A file that is not taken; the message tells its owner why and what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the sizes we serve.

    `files` maps `<width>.<format>` to bytes; width and height are of the widest.
    """

    width: int
    height: int
    widths: tuple[int, ...]
    files: dict[str, bytes]


def files_of(widths: Iterable[int]) -> list[str]:
    """The names of the files that a picture has, as in `Picture.files`."""
    return [f"{width}.{extension}" for width in widths for extension in _OPTIONS]


async def accept(data: bytes) -> Picture:
    """Make the renditions of an upload in a bounded worker. Raises PictureError, workers.BusyError."""
    return await _workers.run(render, data)


def render(data: bytes, quick: bool = False) -> Picture:
    """Decode, turn upright, strip, and encode anew, never larger than the source.

    `quick` trades size for speed.

    Raises PictureError.
    """
    from PIL import Image, ImageOps  # 60 ms: only who uploads pays it

    if len(data) > MOST_BYTES:
        raise PictureError(
            f"That photo is larger than {MOST_BYTES // 1024**2} MB. Save it smaller and try again."
        )
    expected = next((name for magic, name in _SIGNATURES.items() if data.startswith(magic)), None)
    if expected is None:
        raise PictureError("That file is not a photo we can read. Use a JPEG, PNG or WebP picture.")
    if expected == "JPEG" and data.count(b"\xff\xda") > _MOST_SCANS:
        raise PictureError("That photo takes too long to read. Save it again and retry.")
    Image.MAX_IMAGE_PIXELS = None  # ours is stricter, and is looked at before anything is decoded
    try:
        with Image.open(io.BytesIO(data), formats=(expected,)) as source:
            _refuse_unfit(source)
            source.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))
            source.getexif()  # is read, and not written anew: that fails for what some cameras write
            for name in ("exif", "Raw profile type exif"):
                source.info.pop(name, None)
            ImageOps.exif_transpose(source, in_place=True)
            image = _flatten(source)
    except (OSError, ValueError, SyntaxError, MemoryError, EOFError) as error:
        raise PictureError("That photo is damaged and cannot be read. Save it again and retry.") from error
    return _renditions(image, _QUICK if quick else {})


def _refuse_unfit(source: Pixels) -> None:
    width, height = source.size
    most = _MOST_MEGAPIXELS[source.format or ""]
    if width * height > most * 10**6:
        raise PictureError(f"That photo has more than {most} megapixels. Save it smaller and try again.")
    if min(width, height) < LEAST_SIDE:
        raise PictureError(f"That photo is too small: it needs at least {LEAST_SIDE} pixels each way.")
    if max(width, height) > LONGEST_SIDE * min(width, height):
        raise PictureError(
            f"That photo is too narrow. Crop it to at most {LONGEST_SIDE} times as long as wide."
        )
    if getattr(source, "is_animated", False) and source.format != "MPO":  # a JPEG with a second one behind it
        raise PictureError("Moving pictures are not taken. Use a still photo.")


def _flatten(image: Pixels) -> Pixels:
    """sRGB without transparency: what every browser shows alike, and what JPEG can hold."""
    from PIL import Image, ImageCms

    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if profile := image.info.get("icc_profile"):
        wanted = "RGB" if image.mode in ("RGB", "CMYK", "P") else None
        srgb = ImageCms.createProfile("sRGB")
        with suppress(ImageCms.PyCMSError, OSError):  # broken: colours are what they are, as in browsers
            image = ImageCms.profileToProfile(image, io.BytesIO(profile), srgb, outputMode=wanted) or image
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image)
    return white


def _renditions(image: Pixels, changes: dict[str, Any]) -> Picture:
    from PIL import Image

    widest = min(image.width, WIDTHS[-1])
    widths = (*(width for width in WIDTHS if width * LEAST_STEP <= widest), widest)
    files = {}
    height = 0
    for width in reversed(widths):
        size = width, max(1, round(image.height * width / image.width))
        image = image.resize(size, Image.Resampling.LANCZOS)
        height = height or image.height
        image.info = {}
        for extension, options in _OPTIONS.items():
            file = io.BytesIO()
            image.save(file, **{**options, **changes})
            files[f"{width}.{extension}"] = file.getvalue()
    return Picture(widest, height, widths, files)
