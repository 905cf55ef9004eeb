"""The command-line reference is what the commands say of themselves."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from migrate.cli import main

ROOT = Path(__file__).parents[2]
PAGE, SCRIPT = ROOT / "docs/cli.md", ROOT / "scripts/cli_reference.py"


def test_the_page_holds_the_help_of_every_command() -> None:
    printed = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=True)
    assert printed.stdout == PAGE.read_text(), "run make docs"


def test_the_page_is_the_same_whatever_machine_writes_it() -> None:
    larger = (
        f"import os, runpy; os.cpu_count = lambda: 64; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    )
    printed = subprocess.run([sys.executable, "-c", larger], capture_output=True, text=True, check=True)
    assert printed.stdout == PAGE.read_text()


@pytest.mark.parametrize("name", main.list_commands(click.Context(main)))
def test_what_a_command_does_fits_its_line_in_a_terminal_of_80_columns(name: str) -> None:
    listed = click.Context(main, info_name="migrate", terminal_width=80).get_help()
    [line] = [line for line in listed.splitlines() if line.startswith(f"  {name} ")]
    assert line.endswith(".")
    assert not line.endswith("...")
