"""What the README tells people to type works, and what it points at is there."""

import gzip
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.fixtures.ports import free_port
from tests.fixtures.postgres import CreateDatabase, psql

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"^(\.venv/bin/.+?)(?: +#.*)?$", README, re.MULTILINE)
PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the README's commands are typed: an installed checkout, and a dump called as the README calls it."""
    place = tmp_path_factory.mktemp("place")
    (place / ".venv").symlink_to(ROOT / ".venv")
    with (
        (ROOT / "db_dumps/secondhand.sql").open("rb") as dump,
        gzip.open(place / "shop.sql.gz", "wb") as packed,
    ):
        shutil.copyfileobj(dump, packed)
    return place


@pytest.fixture(scope="module")
def environment(create_database: CreateDatabase) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": create_database(),
        "SECONDHAND_PORT": str(free_port()),
        "SECONDHAND_DRAIN_SECONDS": "0",
    }


@pytest.fixture
def serving(place: Path, environment: dict[str, str]) -> Iterator[str]:
    """The address of what `.venv/bin/secondhand serve` serves."""
    subprocess.run([".venv/bin/secondhand", "upgrade"], cwd=place, env=environment, check=True)
    server = subprocess.Popen([".venv/bin/secondhand", "serve"], cwd=place, env=environment)
    yield f"http://127.0.0.1:{environment['SECONDHAND_PORT']}"
    server.terminate()
    server.wait(timeout=30)


def test_the_readme_shows_both_commands() -> None:
    assert {command.split()[0] for command in COMMANDS} == {".venv/bin/migrate", ".venv/bin/secondhand"}


@pytest.mark.parametrize("command", [command for command in COMMANDS if not command.endswith(" serve")])
def test_a_command_of_the_readme_works(command: str, place: Path, environment: dict[str, str]) -> None:
    if command.endswith(" check"):
        subprocess.run([".venv/bin/secondhand", "upgrade"], cwd=place, env=environment, check=True)
    if "--to" in command:
        psql(environment["DATABASE_URL"], "drop schema public cascade; create schema public")
    done = subprocess.run(
        ["bash", "-c", command], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_serve_serves(serving: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            assert httpx2.get(f"{serving}/health/ready").status_code == 200
        except httpx2.ConnectError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the shop did not answer")


@pytest.mark.parametrize(
    "document", [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")], ids=lambda path: path.name
)
def test_a_document_points_only_at_files_that_exist(document: Path) -> None:
    text = document.read_text()
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text) + re.findall(r'src="([^":]+)"', text)
    assert [target for target in targets if not (document.parent / target).exists()] == []
