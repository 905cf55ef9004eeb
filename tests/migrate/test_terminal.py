"""What people see while they wait."""

import io
from unittest.mock import Mock

import pytest
from rich.console import Console

from migrate.load.runs import RunStatus
from migrate.terminal import Terminal, show_runs


def test_the_clock_goes_on_and_nothing_is_foretold_while_keys_are_built() -> None:
    screen = io.StringIO()
    terminal = Terminal(quiet=False)
    terminal.console = Console(file=screen, force_terminal=True, width=80)
    with terminal.progress([Mock(size=100, consumed=100)]) as meter:
        meter.update(5)
        meter.stage("keys and proof")
        [task] = meter._bar.tasks
        begun = task.start_time or 0.0
        task._get_time = lambda: begun + 3725.5
        terminal.console.print(meter._bar.make_tasks_table([task]))
    line = next(
        line for line in screen.getvalue().splitlines() if "keys and proof" in line and "1:02:05" in line
    )
    assert "5 rows" in line
    assert "0:00:00" not in line


def test_the_source_of_a_run_is_whole_on_a_narrow_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    path = "/backups/of the shop/2024-01-02/shop.sql.zst"
    show_runs([RunStatus(7, "done", False, {"sources": [path]}, 1, 5, 99, "2024-01-02T03:04", "", 0, [])])
    assert path in capsys.readouterr().out
