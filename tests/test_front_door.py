"""`make run`: from a fresh checkout to the migrated shop, and back again."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx2
import pytest

from migrate.postgres.embedded import Cluster
from tests.fixtures.ports import free_port

ROOT = Path(__file__).parents[1]
SECOND_SHARE = 0.25  # of the time of the first run, which makes everything
PATIENCE_SECONDS = 300.0  # on a machine that is busy or has to download everything
DUMPED_CLOTHES = 400


class Run:
    """One `make run` in `checkout`, in a process group of its own as a terminal would give it."""

    def __init__(self, checkout: Path, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.output = checkout.parent / f"output of {time.monotonic_ns()}"
        self.started = time.monotonic()
        self.took = 0.0  # seconds until it printed what was last waited for
        # Not the variables of the `make test` that these tests may run under.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                ["make", "run", f"PORT={port}"],
                cwd=checkout,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_for(self, text: str) -> float:
        """Wait until it prints `text`; the seconds since the start."""
        while text not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() - self.started < PATIENCE_SECONDS, self.output.read_text()
            time.sleep(0.05)
        self.took = time.monotonic() - self.started
        return self.took

    def press_ctrl_c(self) -> int:
        """The exit code, once everything in the foreground has ended."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=PATIENCE_SECONDS)

    def end(self) -> None:
        if self.process.poll() is None:
            self.press_ctrl_c()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of what is under version control, as it lies here, in a path with a space."""
    home = tmp_path_factory.mktemp("front door") / "a fresh checkout"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, home / name)
    # To compile takes a minute, and has tests of its own.
    kernels = Path("src", "migrate", "kernels", "__pycache__")
    (home / kernels).mkdir()
    for compiled in (ROOT / kernels).glob("*.o"):
        shutil.copy2(compiled, home / kernels)
    yield home
    Cluster(home / ".local" / "postgres").stop()
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def interrupted(checkout: Path) -> None:
    """The first `make run` of the checkout, cut short while it fills the database."""
    run = Run(checkout, free_port())
    try:
        run.wait_for("add_clothe")
        assert run.press_ctrl_c() != 0
    finally:
        run.end()
    assert Cluster(checkout / ".local" / "postgres").pid() is None


@pytest.fixture(scope="module")
def running(checkout: Path, interrupted: None) -> Iterator[Run]:
    """The `make run` after it."""
    run = Run(checkout, free_port())
    try:
        run.wait_for("Ctrl-C stops it")
        yield run
    finally:
        run.end()


@pytest.fixture
def visitor(running: Run) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        base_url=running.origin, headers={"Origin": running.origin}, follow_redirects=True
    ) as client:
        yield client


def offered(visitor: httpx2.Client) -> set[str]:
    """The numbers of the items on all the pages of the shop, sold ones too."""
    items, path = set[str](), "/?sold=1"
    while path:
        page = visitor.get(path).text
        items.update(re.findall(r'<a href="/items/(\d+)"', page))
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = unescape(following[1]) if following else ""
    return items


def test_the_shop_offers_every_item_of_the_dump(visitor: httpx2.Client) -> None:
    assert len(offered(visitor)) == DUMPED_CLOTHES


def test_a_picture_of_the_old_shop_is_shown(visitor: httpx2.Client) -> None:
    link = re.search(r'<img[^>]* src="([^"]+)"', visitor.get("/").text)
    assert link is not None
    picture = visitor.get(link[1].replace("&amp;", "&"))
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")


def test_the_log_in_that_is_printed_opens_the_shop(running: Run, visitor: httpx2.Client) -> None:
    printed = re.search(r"Log in as (\S+) with the password (\S+);", running.output.read_text())
    assert printed is not None
    name, password = printed.groups()
    refused = visitor.post("/log-in", data={"name": name, "password": "not it"})
    assert refused.status_code in (400, 401, 403, 422)
    assert visitor.post("/log-in", data={"name": name, "password": password}).status_code == 200
    assert "Log out" in visitor.get("/account").text


def test_a_port_in_use_is_one_clear_line(checkout: Path, running: Run) -> None:
    second = Run(checkout, int(running.origin.rpartition(":")[2]))
    assert second.process.wait(timeout=PATIENCE_SECONDS) != 0
    first_line = second.output.read_text().splitlines()[0]
    assert "is in use" in first_line
    assert "make run PORT=" in first_line


def test_a_server_that_ran_before_is_left_running(checkout: Path, running: Run) -> None:
    beside = Run(checkout, free_port())
    beside.wait_for("Ctrl-C stops it")
    assert beside.press_ctrl_c() == 0 or beside.process.returncode == -signal.SIGINT
    assert Cluster(checkout / ".local" / "postgres").pid() is not None
    assert httpx2.get(f"{running.origin}/health/ready").status_code == 200


def test_the_second_run_is_quick_and_keeps_the_data(checkout: Path, running: Run) -> None:
    running.end()
    cluster = Cluster(checkout / ".local" / "postgres")
    assert cluster.pid() is None, "Ctrl-C left the server running"
    again = Run(checkout, free_port())
    try:
        assert again.wait_for("Ctrl-C stops it") < SECOND_SHARE * running.took
        with httpx2.Client(base_url=again.origin) as visitor:
            assert len(offered(visitor)) == DUMPED_CLOTHES
    finally:
        again.end()


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_each_program_that_cannot_be_installed_is_named_and_only_ci_stops(
    tmp_path: Path, ci: str, code: int
) -> None:
    """Somebody who may install nothing: no root, no sudo, no package manager."""
    (tmp_path / "bash").symlink_to(shutil.which("bash") or "/bin/bash")
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    done = subprocess.run(
        [ROOT / "scripts/install-tools"],
        env={"PATH": str(tmp_path), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    named = re.findall(r"^install-tools: NOT INSTALLED: ([\w-]+);", done.stderr, re.MULTILINE)
    assert {"chromium", "mariadb-client", "mydumper", "npm"} <= set(named)
    assert len(done.stderr.splitlines()) == len(named)
