"""Every picture of the old shop can be drawn, and no two are alike."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import illustrations
from atelier.palette import COLOURS
from atelier.studio import SETTINGS, picture
from legacy_shop.clothes import images
from legacy_shop.garments import CUTS, PATTERNS
from legacy_shop.look import Look

COMMAND = [sys.executable, illustrations.__file__]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pictures as the command makes them."""
    folder = tmp_path_factory.mktemp("pictures") / "of the old shop"
    done = subprocess.run([*COMMAND, "--out", str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{folder}: {len(images())} pictures drawn, 0 kept")
    assert done.stdout.count("\n") == 1
    return folder


def test_every_image_name_is_drawn_and_nothing_else(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == set(images())


def test_no_two_pictures_are_alike(folder: Path) -> None:
    digests = {hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
    assert len(digests) == len(images())


def test_pictures_are_upright_three_to_four_and_light(folder: Path) -> None:
    for path in folder.iterdir():
        with Image.open(path) as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (720, 960))
        assert path.stat().st_size < 250_000


def test_a_second_run_keeps_what_is_there(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    done = subprocess.run([*COMMAND, "--out", str(folder)], capture_output=True, text=True, check=True)
    assert f"0 pictures drawn, {len(images())} kept" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_missing_picture_is_drawn_again_just_as_it_was(folder: Path) -> None:
    path = folder / images()[7]
    before = path.read_bytes()
    path.unlink()
    subprocess.run([*COMMAND, "--out", str(folder)], capture_output=True, check=True)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(
        [*COMMAND, "--out", str(tmp_path / "file")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stderr.startswith("illustrations: ")
    assert done.stderr.count("\n") == 1


def test_every_cut_has_its_drawing() -> None:
    assert {category: len(cuts) for category, cuts in SETTINGS.items()} == {
        category: len(cuts) for category, cuts in CUTS.items()
    }


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_changes_the_picture(pattern: str) -> None:
    plain = picture(Look("t-shirt", 0, "teal", "plain", 1))
    drawn = picture(Look("t-shirt", 0, "teal", pattern, 1))
    assert (drawn.tobytes() == plain.tobytes()) == (pattern == "plain")


@pytest.mark.parametrize("colour", ["rust", "navy"])
def test_a_garment_has_the_colour_of_its_name(colour: str) -> None:
    drawn = picture(Look("t-shirt", 0, colour, "plain", 1)).crop((300, 500, 420, 620)).resize((1, 1))
    assert all(abs(a - b) < 40 for a, b in zip(drawn.tobytes(), COLOURS[colour], strict=True))
