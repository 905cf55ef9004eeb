"""The architecture page shows every room of the house, and none that is gone."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text()


def section(package: str) -> str:
    found = re.search(rf"^## [^\n]*`src/{package}`\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return re.sub(r"^```.*?^```", "", found[1], flags=re.MULTILINE | re.DOTALL)


def rooms(package: str) -> set[str]:
    """The modules and folders of a package; folders end with a slash."""
    found = {
        f"{path.name}/" if path.is_dir() else path.stem
        for path in (ROOT / "src" / package).iterdir()
        if path.is_dir() or path.suffix == ".py"
    }
    return found - {"__init__", "__main__", "__pycache__/"}


@pytest.mark.parametrize("package", ["migrate", "secondhand"])
def test_every_room_is_shown(package: str) -> None:
    assert rooms(package) - set(re.findall(r"`([^`]+)`", section(package))) == set()


@pytest.mark.parametrize("package", ["migrate", "secondhand"])
def test_no_room_is_shown_that_is_gone(package: str) -> None:
    rows = re.findall(r"^\| ((?:`[a-z_]+/?`(?:, )?)+) \|", section(package), re.MULTILINE)
    assert set(re.findall(r"`([^`]+)`", " ".join(rows))) - rooms(package) == set()
