"""What `make rehearse` shows: a line for each promise, in the words of the test that keeps it.

A pytest plugin, for `pytest --quiet -p tests.deploy.narration`.
"""

from pathlib import Path

import pytest

HEADINGS = {
    "test_release.py": "From a commit to the line that Argo CD follows (the image's build is left out)",
    "test_rehearsal.py": "The same with real images: built, pushed, run, swapped under load",
}
WORDS = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}

_told: set[str] = set()


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """One line per test; a test with several cases gets one for all that pass."""
    if report.when != "call" and report.passed:
        return "", "", ""
    path, _, name = report.location
    file = Path(path).name
    text = ""
    if file not in _told:
        text += f"\n\n{HEADINGS.get(file, file)}"
    sentence = name.partition("[")[0].removeprefix("test_").replace("_", " ")
    if report.failed or f"{file} {sentence}" not in _told:
        text += f"\n  {WORDS[report.outcome]:7} {sentence}"
    _told.update({file, f"{file} {sentence}"})
    return report.outcome, text, WORDS[report.outcome]
