"""The site's documents say what is so."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_setting_is_in_the_table_and_no_other() -> None:
    source = (ROOT / "src/secondhand/settings.py").read_text()
    read = set(re.findall(r'get\("([A-Z_]+)"', source))
    table = set(re.findall(r"`SECONDHAND_([A-Z_]+)`", (ROOT / "docs/site.md").read_text()))

    assert read == table


def test_every_test_that_guards_a_requirement_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/security.md").read_text()))
    there = {
        name
        for file in (ROOT / "tests/secondhand").glob("test_*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text())
    }

    assert len(named) > 30
    assert named - there == set()


def test_the_site_stays_small() -> None:
    lines = [
        line for file in (ROOT / "src/secondhand").rglob("*.py") for line in file.read_text().splitlines()
    ]

    assert sum(bool(line.strip()) for line in lines) < 3500
