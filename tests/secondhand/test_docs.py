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
    rows = re.findall(r"^\| ([\d.x, to]+) \|(.*)", (ROOT / "docs/security.md").read_text(), re.MULTILINE)
    named = {name for _, row in rows for name in re.findall(r"`(test_\w+)`", row)}
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text())
    }

    assert len(rows) >= 40
    assert named - there == set()
    assert [what for what, row in rows if "`test_" not in row and "**not met**" not in row] == []


def test_the_site_stays_small() -> None:
    lines = [
        line for file in (ROOT / "src/secondhand").rglob("*.py") for line in file.read_text().splitlines()
    ]

    assert sum(bool(line.strip()) for line in lines) < 3500
