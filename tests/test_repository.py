"""What must hold for the repository as a whole."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LARGEST = 1_000_000  # bytes; the dump of the demo shop is the largest text
LARGEST_BINARY = 300_000


def requirement_name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None, requirement
    return found[0].lower()


DEPENDENCIES = sorted(
    {
        requirement_name(requirement)
        for group in [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
        for requirement in group
    }
)


@pytest.fixture(scope="session")
def tracked() -> dict[str, bytes]:
    """The content of every file under version control, by its path."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [path for path in listed.stdout.decode().split("\0") if path]
    return {path: (ROOT / path).read_bytes() for path in paths if (ROOT / path).is_file()}


def texts(tracked: dict[str, bytes]) -> dict[str, str]:
    return {path: content.decode() for path, content in tracked.items() if b"\0" not in content}


def lines_with(pattern: str, tracked: dict[str, bytes]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in texts(tracked).items()
        if path != "tests/test_repository.py"
        for number, line in enumerate(text.split("\n"), 1)
        if re.search(pattern, line)
    ]


def test_no_file_names_a_home_or_a_working_directory(tracked: dict[str, bytes]) -> None:
    ours = {
        path: content for path, content in tracked.items() if path != "Dockerfile"
    }  # an image has its own
    assert lines_with(r"(?<![\w.$}-])/(root|home/\w+|Users/\w+|work|workspace)/", ours) == []


def test_no_file_names_a_package_index(tracked: dict[str, bytes]) -> None:
    assert lines_with(r"--(extra-)?index-url|--find-links|pythonhosted|pypi\.org/simple", tracked) == []


def test_no_file_holds_a_private_key_or_an_access_key(tracked: dict[str, bytes]) -> None:
    assert lines_with(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(AKIA|ASIA)[A-Z0-9]{16}\b", tracked) == []


def test_no_file_is_large(tracked: dict[str, bytes]) -> None:
    large = {path: len(content) for path, content in tracked.items() if len(content) > LARGEST}
    binary = {
        path: len(content)
        for path, content in tracked.items()
        if b"\0" in content and len(content) > LARGEST_BINARY
    }
    assert large | binary == {}


def test_every_text_is_utf8_with_unix_line_ends(tracked: dict[str, bytes]) -> None:
    assert [path for path, text in texts(tracked).items() if "\r\n" in text] == []


@pytest.mark.parametrize("lock", ["dev", "embedded", "migrate", "site", "uv"])
def test_a_lock_file_pins_and_hashes_every_package(lock: str) -> None:
    entries = re.findall(
        r"^(\S+).*((?:\n    .*)*)", (ROOT / f"requirements/{lock}.txt").read_text(), re.MULTILINE
    )
    assert entries
    assert [name for name, hashes in entries if "==" not in name or "--hash=sha256:" not in hashes] == []


def test_the_lock_holds_every_direct_dependency() -> None:
    locked = re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE)
    assert set(DEPENDENCIES) - set(locked) == set()


@pytest.mark.parametrize("extra", ["embedded", "migrate", "site"])
def test_an_extra_is_locked_to_what_is_tested(extra: str) -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (ROOT / f"requirements/{name}.txt").read_text(), re.MULTILINE))

    assert pins(extra) - pins("dev") == set()


def test_the_decisions_give_one_reason_for_each_dependency() -> None:
    reasons = re.findall(r"^\| `([^`]+)` \| \w", (ROOT / "docs/decisions.md").read_text(), re.MULTILINE)
    assert sorted(reasons) == DEPENDENCIES


def test_the_two_packages_do_not_import_each_other() -> None:
    for package, other in [("migrate", "secondhand"), ("secondhand", "migrate")]:
        importing = [
            str(path)
            for path in (ROOT / "src" / package).rglob("*.py")
            if re.search(rf"^\s*(from|import) {other}\b", path.read_text(), re.MULTILINE)
        ]
        assert importing == []


@pytest.mark.parametrize(
    "script", sorted(filter(Path.is_file, (ROOT / "scripts").iterdir())), ids=lambda path: path.name
)
def test_a_shell_script_is_short(script: Path) -> None:
    lines = script.read_text().splitlines()
    if re.match(r"#!.*\b(ba)?sh\b", lines[0]):
        assert len(lines) <= 40
