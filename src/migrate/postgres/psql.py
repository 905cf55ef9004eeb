"""psql as the way into PostgreSQL: a child process, fed through a pipe.

One child is one session. Statements go to its standard input; after each of them psql echoes a mark, so that its
answer is known to be complete. With ON_ERROR_STOP psql ends at the first error, and what it wrote to standard error is
the reason.
"""

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, NoReturn
from urllib.parse import unquote

from ..errors import CrowdedError, InputError, LostConnectionError, MigrateError, TargetError
from . import embedded
from .channel import Channel
from .quoting import literal

_FIELD, _RECORD = "\x1f", "\x1e"
_PIPE_BYTES = 1 << 20
_READ_BYTES = 4 << 20
_FAREWELL = 1.0  # seconds for psql to cancel what PostgreSQL is doing
# Let the server look whether psql is still there while it works; older ones, and those on Windows, cannot. The types of
# extensions are found wherever they are, whatever the user's search_path is.
_BEGIN = """do $$ begin
  perform set_config('client_connection_check_interval', '2s', false);
exception when others then null;
end $$;
select set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), 'public', (
  select string_agg(distinct quote_ident(n.nspname), ', ') from pg_extension e
  join pg_namespace n on n.oid = e.extnamespace where e.extname in ('citext', 'postgis')
)), false);
"""


@dataclass
class Pulse:
    """Signs of life: when sessions last got something done (monotonic seconds), and their processes in the server."""

    moved: float = field(default_factory=time.monotonic)
    backends: set[int] = field(default_factory=set)

    def beat(self) -> None:
        """Something was done."""
        self.moved = time.monotonic()


class Server:
    """Where PostgreSQL is: a libpq URL, whose password goes to psql in the environment, never on a command line."""

    def __init__(self, url: str | None) -> None:
        self._environment = dict(os.environ)
        self.url = ""
        if url:
            try:
                self.url, password = _without_password(url)
            except ValueError as error:
                raise InputError(f"--to: this is not a PostgreSQL URL: {error}") from error
            if password is not None:
                self._environment["PGPASSWORD"] = password
        self._environment.setdefault("PGAPPNAME", "migrate")
        self._environment["PGCLIENTENCODING"] = "UTF8"
        self._environment.setdefault("PGCONNECT_TIMEOUT", "15")
        self.pulse = Pulse()
        self._is_direct = False

    @property
    def label(self) -> str:
        """The target as reports call it: the URL, which holds no password."""
        return self.url or "the PG… variables"

    def session(self, settings: Sequence[str] = (), *, watched: bool = True) -> "Session":
        """A new session; `settings` are `name = value` pairs for SET. A `watched` one is part of the pulse."""
        session = Session(self.url, self._environment, self.pulse if watched else Pulse())
        try:
            if settings and not self._is_direct:
                self._check_pool(session)
            session.run(
                _BEGIN + "\n".join(f"set {one};" for one in ("client_min_messages = error", *settings))
            )
        except BaseException:
            session.close()
            raise
        return session

    def _check_pool(self, session: "Session") -> None:
        """Refuse a pool that lends its sessions to one transaction after another: what we set and lock would stay."""
        with contextlib.closing(Session(self.url, self._environment, Pulse())) as other:
            self._is_direct = other.backend != session.backend
        if not self._is_direct:
            raise TargetError(
                f"{self.label} is a connection pool in transaction mode, where no session is one's own: name the "
                "server itself in --to, or a pool in session mode"
            )


def target(url: str | None) -> Server:
    """The server that `--to`, DATABASE_URL or the PG… variables name, else the embedded one of this checkout."""
    url = url or os.environ.get("DATABASE_URL")
    if url or any(
        os.environ.get(variable) for variable in ("PGHOST", "PGDATABASE", "PGSERVICE", "PGHOSTADDR")
    ):
        return Server(url)
    cluster = embedded.of_checkout()
    try:
        cluster.start()
    except embedded.EmbeddedError as error:
        raise TargetError(str(error)) from error
    return Server(cluster.url())


def _without_password(url: str) -> tuple[str, str | None]:
    if "://" not in url:
        return url, None  # a libpq keyword string or the name of a database
    # By hand, since libpq reads URLs in its own way: a plus is a plus, and the host may be missing.
    scheme, _, rest = url.partition("://")
    if scheme not in ("postgres", "postgresql"):
        raise ValueError(f"it starts with {scheme}://")
    body, _, query = rest.partition("?")
    authority, slash, database = body.partition("/")
    user_info, at, host = authority.rpartition("@")
    user, colon, password = user_info.partition(":")
    settings = [setting for setting in query.split("&") if setting]
    in_query = [setting.partition("=")[2] for setting in settings if setting.startswith("password=")]
    kept = "&".join(setting for setting in settings if not setting.startswith("password="))
    clean = f"{scheme}://{user}{at}{host}{slash}{database}" + (f"?{kept}" if kept else "")
    found = in_query[-1] if in_query else (password if colon else None)
    return clean, None if found is None else unquote(found)


def program(url: str) -> str:
    """The psql to run: the one on PATH, else the embedded PostgreSQL's.

    Debian's is a script of Perl that looks for this machine's clusters, in ten times the time that psql takes to
    connect: where the target names its host, the newest psql is run at once, as the script would do.
    """
    found = shutil.which("psql")
    if found:
        script = Path(found).resolve()
        behind = _DEBIANS.glob("*/bin/psql") if script.name == "pg_wrapper" else ()
        newest = max(behind, key=lambda path: float(path.parts[-3]), default=None)
        return str(newest) if newest and _NAMES_HOST.search(url) else found
    with contextlib.suppress(embedded.EmbeddedError):
        own = embedded.binaries() / "psql"
        if own.exists():
            return str(own)
    raise TargetError(
        "psql is not installed: install PostgreSQL's client (Debian: apt-get install postgresql-client)"
    )


_NAMES_HOST = re.compile(r"://(?:[^/]*@)?(?![^/]*@)[^/?]|\bhost(?:addr)?\s*=")
_DEBIANS = Path("/usr/lib/postgresql")  # PostgreSQL's programs are below it, in a folder for each version
_FROM_STDIN = re.compile(r'((?:[^"]|"[^"]*")*?) from stdin(.*)', re.DOTALL)
_STATE = re.compile(r"ERROR:\s+([0-9A-Z]{5}): ")


@dataclass(frozen=True)
class Attempt:
    """What became of a COPY: PostgreSQL's words against it or None, its SQLSTATE, how many rows it took."""

    error: str | None
    state: str
    rows: int


class Session:
    """One psql child and its PostgreSQL session."""

    def __init__(self, url: str, environment: dict[str, str], pulse: Pulse) -> None:
        psql = program(url)
        self._pulse = pulse
        self.backend = 0  # the process in the server
        # Unguessable, since the values of a table come by the same way.
        self._mark = f"--{secrets.token_hex(16)}--\n".encode()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed with the session
        self._heard = 0  # bytes of them that are dealt with
        self._room = (
            bytearray()
        )  # for what COPY gives back: making 4 MB takes longer than reading a small table
        self.idle = False  # whether it has answered all that it was told
        command = [psql, "-X", "-A", "-t", "-F", _FIELD, "-R", _RECORD, "-v", "ON_ERROR_STOP=1", "-w"]
        command += ["-d", url] if url else []
        self._channel = Channel() if sys.platform == "linux" else None
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            # Ctrl-C is the tool's to handle: a child that dies of it would look like a failure.
            start_new_session=True,
            pass_fds=[self._channel.number] if self._channel else [],
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input = self._process.stdin
        self._output = self._process.stdout
        for pipe in (self._input, self._output):
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        [[backend]] = self.query("select pg_backend_pid()")
        self.backend = int(backend)
        pulse.backends.add(self.backend)

    def run(self, sql: str) -> str:
        """Send statements and wait until they are done; what psql printed, command tags and all."""
        self._write(sql.encode("utf-8", "surrogateescape"))
        return self._answer()

    def query(self, sql: str) -> list[list[str]]:
        """The rows of a query, as text."""
        answer = self.run(f"{sql};").removesuffix("\n")
        return [row.split(_FIELD) for row in answer.split(_RECORD)] if answer else []

    @cached_property
    def takes_binary(self) -> bool:
        """Whether psql sees the channel: it does not when what is called psql runs it elsewhere, in a container."""
        return self._channel is not None and "yes" in self.run(
            f"\\! test -f {self._channel.path} && echo yes"
        )

    def room(self, size: int) -> memoryview:
        """Memory of at least `size` bytes for rows in the binary format, of a session that `takes_binary`."""
        assert self._channel is not None
        return self._channel.room(size)

    def copy(self, before: str, copy: str, data: memoryview, after: str = "") -> int:
        """`copy` with `data`, text, between other statements. How many rows PostgreSQL took."""
        self._write(f"{before}\n{copy};\n".encode())
        self._write(data)
        self._write(b"\\.\n")
        return self._copied(after)

    def copy_packed(self, before: str, copy: str, size: int, after: str = "") -> int:
        """The same with the first `size` bytes of the `room`, in the binary format."""
        assert self._channel is not None
        self._channel.hold(size)
        command = _from_file(copy, self._channel.path, " with (format binary)")
        self._write(f"{before}\n{command}\n".encode())
        return self._copied(after)

    def _copied(self, after: str) -> int:
        self._write(after.encode())
        answer = self._answer()
        tag = next((line for line in answer.splitlines() if line.startswith("COPY ")), None)
        if tag is None:
            raise TargetError(f"psql did not say how many rows it copied: {answer!r}")
        return int(tag[5:])

    def attempt(self, copy: str, data: memoryview) -> Attempt:
        """`copy` with `data` in a savepoint of the open transaction; what PostgreSQL has against it ends nothing.

        The data goes by a file: should PostgreSQL not begin to copy, psql would run what comes after it as statements.
        """
        if "\n" in copy:
            raise TargetError("a name with a line break in it cannot be copied row by row")
        heard = os.fstat(self._errors.fileno()).st_size
        with self._in_file(data) as path:
            # psql's variables do not tell how a \copy ended; what it says does.
            answer = self.run(
                "savepoint attempt;\n\\set ON_ERROR_STOP 0\n\\set VERBOSITY verbose\n"
                f"{_from_file(copy, path)}\n\\set ON_ERROR_STOP 1\n\\set VERBOSITY default"
            )
        said = os.pread(self._errors.fileno(), 1 << 20, heard).decode("utf-8", "replace")
        state = _STATE.search(said)
        if state is not None:
            self._heard = os.fstat(self._errors.fileno()).st_size
            self.run("rollback to savepoint attempt;")
            return Attempt(said.replace(f"{state[1]}: ", "", 1), state[1], 0)
        tag = next((line for line in answer.splitlines() if line.startswith("COPY ")), None)
        if said:  # PostgreSQL may have ended the session just after it
            raise failure(said, 0)
        if tag is None:
            raise TargetError(f"psql did not say what became of a COPY: {answer!r}")
        self.run("release savepoint attempt;")
        return Attempt(None, "00000", int(tag[5:]))

    @contextlib.contextmanager
    def _in_file(self, data: memoryview) -> Iterator[str]:
        """A file that psql may read: one in memory where it can, of which nothing is left when the tool is killed."""
        if self.takes_binary:
            assert self._channel is not None
            self._channel.put(data)
            yield self._channel.path
        else:
            with tempfile.NamedTemporaryFile(prefix="migrate-") as file:
                file.write(data)
                file.flush()
                yield file.name

    def copy_out(self, copy: str, padding: int) -> Iterator[tuple[bytearray, int]]:
        """The rows of a COPY … TO STDOUT, complete lines at a time: `(buffer, how many of its bytes)`.

        The buffer is the same every time and has `padding` more bytes behind the lines.
        """
        self._write(f"{copy};\n\\echo ".encode() + self._mark)
        self._flush()
        output = self._output.raw  # type: ignore[attr-defined]  # nothing is buffered between two answers
        room, size = self._room, 0
        if len(room) < _READ_BYTES + padding:
            room = self._room = bytearray(_READ_BYTES + padding)
        while True:
            ended = False
            while not ended and size < len(room) - padding:
                read = output.readinto(memoryview(room)[size : len(room) - padding])
                if not read:
                    self._fail()
                self._pulse.beat()
                size += read
                ended = room.endswith(self._mark, max(0, size - len(self._mark)), size)
            # What may be the beginning of the mark waits for the rest of it, as does a line that is not complete.
            end = size - len(self._mark) if ended else room.rfind(b"\n", 0, size - len(self._mark)) + 1
            if end:
                yield room, end
            elif not ended:
                grown = bytearray(2 * len(room))
                grown[:size] = memoryview(room)[:size]
                room = grown
            if ended:
                return
            room[: size - end] = room[end:size]
            size -= end

    def _write(self, data: bytes | memoryview) -> None:
        try:
            self.idle = False
            self._input.write(data)
            self._pulse.beat()
        except (BrokenPipeError, ValueError):
            self._fail()

    def _flush(self) -> None:
        try:
            self._input.flush()
        except BrokenPipeError:
            self._fail()

    def _answer(self) -> str:
        self._write(b"\n\\echo " + self._mark)
        self._flush()
        lines: list[bytes] = []
        while True:
            line = self._output.readline()
            if not line:
                self._fail()
            if line.endswith(self._mark):
                lines.append(line.removesuffix(self._mark))
                self._pulse.beat()
                self.idle = True
                return b"".join(lines).decode("utf-8", "surrogateescape")
            lines.append(line)

    def _fail(self) -> NoReturn:
        if self._errors.closed:
            raise LostConnectionError("the session has ended")
        self._end()
        self._errors.seek(self._heard)
        text = self._errors.read().decode("utf-8", "replace").strip()
        self._errors.close()
        raise failure(text, self._process.wait())

    def _end(self) -> None:
        with contextlib.suppress(BrokenPipeError, ValueError):
            self._input.close()
        self._process.wait()
        self._output.close()
        if self._channel:
            self._channel.close()
            self._channel = None
        self._pulse.backends.discard(self.backend)

    def close(self) -> None:
        """End the session, if it has not ended; an open transaction is rolled back."""
        self._end()
        self._errors.close()

    def kill(self) -> None:
        """End the session at once, whatever it is doing."""
        self.interrupt()
        self.close()

    def interrupt(self) -> None:
        """End what another thread does with the session: it finds the session ended, and closes it.

        psql tells PostgreSQL when it is interrupted, not when it is killed: a statement would go on for nobody.
        """
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            self._process.kill()


def plain(message: str) -> str:
    """What PostgreSQL said, without the words that a translated statement had to make it say."""
    return _BEYOND.sub(r"\1", message)


def _from_file(copy: str, path: str, options: str = "") -> str:
    """The command of psql that is like `copy`, but for a file."""
    found = _FROM_STDIN.fullmatch(copy)
    assert found is not None
    quoted = path.replace("'", "''")
    return f"\\{found[1]} from '{quoted}'{options}{found[2]}"


def failure(text: str, status: int) -> MigrateError:
    """What psql said, as one line with the way out where it is known; `status` is how psql ended."""
    # Of others' objects nothing is dropped; of the last, the way out is below.
    passed_over = ("LINE ", "  ", "HINT:  Use DROP ... CASCADE", "\tIs the server running")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(passed_over)]
    message = "; ".join(line.strip() for line in lines) or "psql ended without a word"
    message = plain(message)
    for prefix in ("psql: error: ", "psql:<stdin>:"):
        message = message.replace(prefix, "")
    way_out = next((f". {way}" for sign, way in _WAYS_OUT.items() if sign in message), "")
    # psql exits with 2 when its connection went bad, and with a negative status when something killed it.
    refused = any(
        sign in message for sign in ("authentication failed", "no password supplied", "does not exist")
    )
    lost = (status == 2 or status < 0 or any(sign in message for sign in _ENDED)) and not refused
    if text.startswith("psql: error: ") and any(sign in message for sign in _MISTAKEN):
        return InputError(f"--to: {message.rpartition(' failed: ')[2]}")
    said = message.removesuffix(".") if way_out else message
    crowded = any(sign in message for sign in _CROWDED)
    return (CrowdedError if crowded else LostConnectionError if lost else TargetError)(
        f"PostgreSQL: {said}{way_out}"
    )


# How a translated statement says that a value does not fit: PostgreSQL refuses text that is no number.
_BEYOND = re.compile(r'invalid input syntax for type bigint: "([^"]* is out of range for the column [^"]*)"')
_ENDED = (
    "server closed the connection",
    "terminating connection",
    "the database system is",
    "connection to server was lost",
)
# What libpq says of a URL, before it asks any server.
_MISTAKEN = (
    "URI query parameter",
    "invalid connection option",
    "for connection option",
    "invalid sslmode value",
    "invalid target_session_attrs value",
)
_CROWDED = ("too many connections", "too many clients", "remaining connection slots")
_UNREACHED = "Is the server running, and are host and port right?"
_UTF8 = "Only a database with encoding UTF8 can hold every text: create database … encoding 'UTF8' template template0"
_WAYS_OUT = {
    **dict.fromkeys(
        _CROWDED,
        "End other connections, or raise max_connections or the CONNECTION LIMIT of role and database",
    ),
    "other objects depend on": "Drop or move what depends on it yourself, or load into another schema with --schema",
    "password authentication failed": "Check the user and password in --to, DATABASE_URL or PGPASSWORD",
    "no password supplied": "Put the password into --to, PGPASSWORD or ~/.pgpass",
    "No space left on device": "Free space on the server's disk and run the same command again",
    "could not create unique index": "If MySQL told these rows apart: --collation exact regards case, which it did "
    "not, and --nul, --zero-dates and --invalid-text say what becomes of values that PostgreSQL cannot hold",
    "violates foreign key constraint": "Rows that it points at are missing, as foreign_key_checks = 0 lets them be: "
    "--on-error reject loads the others and has the reference checked for new rows only",
    "Connection refused": _UNREACHED,
    "failed: No such file or directory": _UNREACHED,
    "could not translate host name": "Check the host name in --to",
    "has no equivalent in encoding": _UTF8,
    "conversion between UTF8 and SQL_ASCII": _UTF8,
    "does not exist": "Check the name",
    "permission denied": "Give the user the right to create in this database, or use another user",
    "server closed the connection": "The server ended or restarted: run the same command again",
}


def zone_of(zone: str) -> str:
    """MySQL's TIME_ZONE as PostgreSQL's: '+02:00' is east of Greenwich in both, which SET TIME ZONE must be told."""
    if zone[:1] in "+-":
        # POSIX counts westwards: the sign is turned, the name in angle brackets is only for show.
        sign = "-" if zone[0] == "+" else "+"
        return f"<{zone}>{sign}{zone[1:]}"
    return zone


def local_zone(zone: str) -> str:
    """The statement that lets the times of a transaction be meant in MySQL's TIME_ZONE."""
    return f"set local timezone = {literal(zone_of(zone))}"
