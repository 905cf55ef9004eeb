"""A throwaway MariaDB server, reached over its socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("mariadb-install-db", "mariadbd", "mariadb-dump")
_PLACES = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
_START_SECONDS = 60.0
_STOP_SECONDS = 60.0


class ServerError(Exception):
    """MariaDB is missing, or did not start; the message says why."""


def program(name: str) -> str:
    """Absolute path of a MariaDB program; raises ServerError when it is not installed."""
    path = shutil.which(name, path=_PLACES)
    if path is None:
        raise ServerError(f"{name} is not installed (Debian: apt install mariadb-server-core mariadb-client)")
    return path


@contextmanager
def throwaway() -> Iterator[Path]:
    """Run an empty server as root@localhost without a password; yields its socket, removes all at the end."""
    with tempfile.TemporaryDirectory(prefix="secondhand-") as home:
        data, socket, log = Path(home, "data"), Path(home, "socket"), Path(home, "log")
        account = [f"--user={_account()}"]
        install = subprocess.run(
            [program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--skip-test-db",
             "--auth-root-authentication-method=normal", *account],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if install.returncode:
            raise ServerError(
                f"mariadb-install-db failed: {install.stderr.strip() or install.stdout.strip()}"
            )
        with log.open("wb") as out:
            server = subprocess.Popen(
                [program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--socket={socket}",
                 f"--pid-file={home}/pid", "--skip-networking", "--skip-log-bin", *account],
                stdout=out, stderr=out,
            )  # fmt: skip
        try:
            _wait(server, socket, log)
            yield socket
        finally:
            server.terminate()
            server.wait(_STOP_SECONDS)


def _account() -> str:
    return pwd.getpwuid(os.getuid()).pw_name


def _wait(server: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise ServerError(f"mariadbd did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)
