"""The embedded PostgreSQL starts anywhere, keeps its data and leaves nothing behind."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrate.postgres import embedded
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import psql


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[embedded.Cluster]:
    cluster = embedded.Cluster(tmp_path / "a home with spaces" / "postgres")
    yield cluster
    cluster.remove()


def test_a_cluster_starts_in_a_path_with_spaces_and_stops(cluster: embedded.Cluster) -> None:
    cluster.start()
    assert psql(cluster.url(), "select 1") == "1"
    cluster.stop()
    assert cluster.pid() is None


def test_data_outlives_a_restart(cluster: embedded.Cluster) -> None:
    cluster.start()
    psql(cluster.url(), "create table kept as select 42 as x")
    cluster.stop()
    cluster.start()
    assert psql(cluster.url(), "select x from kept") == "42"


def test_committed_data_outlives_a_crash(cluster: embedded.Cluster) -> None:
    cluster.start()
    psql(cluster.url(), "create table kept as select 42 as x")
    cluster.stop(signal.SIGQUIT)
    cluster.start()
    assert psql(cluster.url(), "select x from kept") == "42"


def test_a_number_left_by_a_crash_is_not_taken_for_the_server(cluster: embedded.Cluster) -> None:
    cluster.start()
    left = (cluster.data / "postmaster.pid").read_text().replace(str(cluster.pid()), str(os.getpid()), 1)
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(left)
    assert cluster.pid() is None
    cluster.start()
    assert psql(cluster.url(), "select 1") == "1"


def test_starting_a_running_cluster_changes_nothing(cluster: embedded.Cluster) -> None:
    cluster.start()
    pid = cluster.pid()
    embedded.Cluster(cluster.home).start()
    assert cluster.pid() == pid


def test_an_interrupted_first_start_is_repaired_by_the_next(cluster: embedded.Cluster) -> None:
    (cluster.home / "data.making").mkdir(parents=True)
    (cluster.home / "data.making" / "PG_VERSION").write_text("18\n")
    cluster.start()
    assert psql(cluster.url(), "select 1") == "1"


def test_a_path_too_long_for_a_socket_still_works(tmp_path: Path) -> None:
    cluster = embedded.Cluster(tmp_path / ("long" * 30) / "postgres")
    cluster.start()
    try:
        assert psql(cluster.url(), "select 1") == "1"
    finally:
        cluster.remove()
    assert not cluster.socket_directory.exists()


def test_nobody_else_can_enter_the_socket_directory(cluster: embedded.Cluster) -> None:
    cluster.start()
    assert stat.S_IMODE(cluster.socket_directory.stat().st_mode) == 0o700


def test_tcp_asks_for_the_password(cluster: embedded.Cluster) -> None:
    cluster.start(port=free_port())
    assert psql(cluster.tcp_url(), "select 1") == "1"
    with pytest.raises(AssertionError, match="password authentication failed"):
        psql(cluster.tcp_url().replace(cluster.password, "wrong"), "select 1")


def test_a_throwaway_leaves_nothing_behind() -> None:
    with embedded.throwaway() as cluster:
        pid = cluster.pid()
        assert pid is not None
    assert not cluster.home.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_server_that_cannot_start_says_why(cluster: embedded.Cluster) -> None:
    cluster.start()
    cluster.stop()
    (cluster.data / "postgresql.conf").write_text("shared_buffers = nonsense\n")
    with pytest.raises(embedded.EmbeddedError, match="shared_buffers"):
        cluster.start()


def test_status_tells_with_its_exit_code_whether_a_server_runs(tmp_path: Path) -> None:
    # A copy of the package in a checkout of its own, since the command speaks of the checkout it is in.
    (tmp_path / "src/migrate/postgres").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    program = tmp_path / "src/migrate/postgres/embedded.py"
    program.write_text(Path(embedded.__file__).read_text())

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, program, *arguments], capture_output=True, text=True, check=False
        )

    assert run("status").returncode == 3
    try:
        assert run("start").returncode == 0
        assert run("status").returncode == 0
        assert psql(run("url").stdout.strip(), "select 1") == "1"
    finally:
        assert run("stop").returncode == 0
    assert run("status").returncode == 3
