"""The upload pipeline: what is taken, what comes out of it, what is refused."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image, ImageCms

from secondhand.images import MOST_BYTES, PictureError, render
from tests.secondhand.conftest import photo


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def pixel(data: bytes, x: int, y: int) -> tuple[int, ...]:
    found = opened(data).getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes, pixels: bytes = b"") -> bytes:
    """A PNG that claims a size, whatever its pixels are."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + b"".join(chunks)
        + chunk(b"IDAT", zlib.compress(pixels))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("width", "widths"),
    [(200, (200,)), (330, (330,)), (400, (320, 400)), (1000, (320, 640, 1000)), (3000, (320, 640, 1280))],
)
def test_renditions_are_never_wider_than_the_source(width: int, widths: tuple[int, ...]) -> None:
    picture = render(photo(width, width))

    assert picture.widths == widths
    assert (picture.width, picture.height) == (widths[-1], widths[-1])
    assert sorted(picture.files) == sorted(
        f"{w}.{extension}" for w in widths for extension in ("jpg", "webp")
    )
    for name, file in picture.files.items():
        assert opened(file).width == int(name.partition(".")[0])
        assert opened(file).format == {"jpg": "JPEG", "webp": "WEBP"}[name.partition(".")[2]]


def test_place_time_and_everything_else_beside_the_pixels_is_gone() -> None:
    exif = Image.Exif()
    exif[0x0110] = "Camera"
    exif.get_ifd(0x8825)[2] = (48.0, 12.0, 0.0)
    source = saved(
        Image.new("RGB", (400, 400), "red"), "JPEG", exif=exif, comment=b"secret", xmp=b"<x>secret</x>"
    )
    assert b"secret" in source

    for file in render(source).files.values():
        assert not opened(file).getexif()
        assert b"secret" not in file
        assert b"Exif" not in file


def test_a_second_file_behind_the_picture_is_gone() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("shell.php", "<?php system($_GET[0]); ?>")

    for file in render(photo() + archive.getvalue()).files.values():
        assert b"PK\x03\x04" not in file
        assert b"php" not in file


def test_a_photo_taken_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("RGB", (600, 400), "blue")
    image.paste("red", (0, 0, 300, 400))

    picture = render(saved(image, "JPEG", exif=exif))

    assert (picture.width, picture.height) == (400, 600)
    red, _, blue = pixel(picture.files["400.jpg"], 200, 50)
    assert red > 200 > blue


def test_a_photo_is_taken_whatever_its_camera_wrote_beside_it() -> None:
    """A number where the artist's name belongs cannot be written again."""
    sideways, artist = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0), struct.pack(">HHIf", 0x013B, 11, 1, 1.5)
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02" + sideways + artist + b"\0\0\0\0"

    assert render(saved(Image.new("RGB", (600, 400)), "JPEG", exif=exif)).height == 600


def test_a_photo_with_a_second_one_behind_it_as_phones_make_them_is_taken() -> None:
    first, second = Image.new("RGB", (400, 500), "teal"), Image.new("RGB", (200, 250), "red")

    picture = render(saved(first, "MPO", save_all=True, append_images=[second]))

    assert pixel(picture.files["400.jpg"], 9, 9)[0] < 100


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_every_way_to_store_colours_becomes_rgb(mode: str) -> None:
    image = Image.new(mode, (400, 400), 65535 if mode == "I;16" else 0)
    form = "JPEG" if mode == "CMYK" else "PNG"

    result = opened(render(saved(image, form)).files["400.jpg"])

    assert result.mode == "RGB"
    if mode in ("LA", "RGBA", "I;16"):  # nothing at all, on white; and the brightest of 65,536 greys
        assert result.getpixel((9, 9)) == (255, 255, 255)


def test_a_colour_profile_is_applied_not_kept() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = saved(Image.new("RGB", (400, 400), (10, 200, 30)), "JPEG", icc_profile=profile)

    result = opened(render(source).files["400.jpg"])

    assert "icc_profile" not in result.info
    assert pixel(saved(result, "PNG"), 9, 9)[1] > 150


def test_a_broken_profile_does_no_harm() -> None:
    assert render(saved(Image.new("RGB", (400, 400)), "PNG", icc_profile=b"nonsense" * 20)).width == 400


def test_the_largest_file_that_is_taken() -> None:
    assert render(photo().ljust(MOST_BYTES, b"\0")).width == 400
    with pytest.raises(PictureError, match="larger than 10 MB"):
        render(photo().ljust(MOST_BYTES + 1, b"\0"))


def test_a_decompression_bomb_is_refused_before_it_is_opened() -> None:
    with pytest.raises(PictureError, match="16 megapixels"):
        render(png(50_000, 50_000))


def repeated(times: int) -> bytes:
    """A progressive JPEG whose last scan comes so many times more."""
    whole = saved(Image.new("L", (400, 400)), "JPEG", progressive=True)
    return whole[:-2] + whole[whole.rindex(b"\xff\xda") : -2] * times + b"\xff\xd9"


def test_a_jpeg_of_thousands_of_scans_that_would_take_minutes_is_refused() -> None:
    assert render(repeated(400)).width == 400
    with pytest.raises(PictureError, match="too long"):
        render(repeated(600))


@pytest.mark.parametrize(("form", "side"), [("JPEG", 6300), ("WEBP", 4000), ("PNG", 4000)])
def test_a_picture_of_any_kind_fits_into_memory(form: str, side: int) -> None:
    """A WebP of 40 megapixels and 1,600 bytes took 950 MB."""
    with pytest.raises(PictureError, match="megapixels"):
        render(saved(Image.new("RGB", (side + 60, side)), form))
