"""The front door: `make`."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILES = "\n".join(path.read_text() for path in [ROOT / "Makefile", *ROOT.glob("*.mk")])
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("[!.]*/**/*.md")]
TARGETS = re.findall(r"^\.PHONY: (\S+)$", MAKEFILES, re.MULTILINE)


@pytest.fixture(scope="module")
def listing() -> str:
    return subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("target", TARGETS)
def test_make_alone_lists_the_target_with_its_use(listing: str, target: str) -> None:
    assert re.search(rf"^{target} +\w.{{9,}}", listing, re.MULTILINE)


@pytest.mark.parametrize("target", TARGETS)
def test_the_documentation_tells_of_the_target(target: str) -> None:
    assert any(re.search(rf"make {target}\b", document.read_text()) for document in DOCUMENTS)


def test_a_document_names_only_targets_that_exist() -> None:
    for document in DOCUMENTS:
        named = re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", document.read_text(), re.MULTILINE)
        assert {quoted or bare for quoted, bare in named} - set(TARGETS) == set(), document


def test_migrate_without_a_dump_says_what_is_missing() -> None:
    done = subprocess.run(["make", "migrate"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "make migrate DUMP=" in done.stderr


@pytest.mark.parametrize(
    ("python", "complaint"),
    [("no-such-python", "no no-such-python here"), ("./old-python", "Python 3.9.1 is not supported")],
)
def test_setup_refuses_an_interpreter_it_cannot_use(tmp_path: Path, python: str, complaint: str) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/setup").write_text((ROOT / "scripts/setup").read_text())
    old = tmp_path / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.1 || exit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["bash", tmp_path / "scripts/setup"],
        env={"PATH": "/usr/bin:/bin", "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert complaint in done.stderr
    assert "make setup PYTHON=" in done.stderr
    assert not (tmp_path / ".venv").exists()
