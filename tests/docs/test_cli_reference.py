"""The command-line reference is what the commands say of themselves."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_holds_the_help_of_every_command() -> None:
    printed = subprocess.run(
        [sys.executable, ROOT / "scripts/cli_reference.py"], capture_output=True, text=True, check=True
    )
    assert (ROOT / "docs/cli.md").read_text() == printed.stdout, "run make docs"
