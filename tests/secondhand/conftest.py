"""A running shop for every test that asks: its own database, its own folder of pictures, a real socket."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import httpx2
import pytest
import uvicorn
from argon2 import PasswordHasher
from PIL import Image

from secondhand import upgrade
from secondhand.app import create_app
from secondhand.credentials import Credentials
from secondhand.database import Database
from secondhand.security import passwords
from secondhand.security.throttles import Throttle
from secondhand.server import DrainingServer, Protocol
from secondhand.settings import Settings
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import CreateDatabase, psql

SITE_ROLE = "site"  # every shop of these tests logs in as it, and can do no more than in production
PASSWORD = "a coat of many colours"
KEY = "k" * 32


@dataclass
class Site:
    """A shop that answers at `url`."""

    url: str
    database: str
    letters_folder: Path
    clients: list[httpx2.Client] = field(default_factory=list)
    members: dict[str, httpx2.Client] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, int]:
        """For those who do not speak HTTP as they should."""
        return "127.0.0.1", int(self.url.rpartition(":")[2])

    def client(self) -> httpx2.Client:
        """A visitor with a cookie jar of their own, who sends what a browser would."""
        client = httpx2.Client(
            base_url=self.url, headers={"origin": self.url}, follow_redirects=True, timeout=30
        )
        self.clients.append(client)
        return client

    def member(self, name: str) -> httpx2.Client:
        """A visitor who has just signed up as `name`."""
        client = self.client()
        form = {"name": name, "email": f"{name}@example.org", "password": PASSWORD}
        assert client.post("/sign-up", data=form).status_code == 200
        assert self.sql(f"select count(*) from members where name = '{name}'") == "1"
        self.members[name] = client
        return client

    def item(self, seller: httpx2.Client, **changes: str) -> int:
        """The id of an item that `seller` has just put in the shop."""
        answer = seller.post("/items/new", data=listing(**changes), files={"files": ("a.jpg", photo())})
        assert answer.status_code == 200, answer.text
        return int(answer.url.path.rpartition("/")[2])

    def letters(self, least: int = 1) -> list[str]:
        """The letters that were sent, oldest first, once there are `least` of them."""
        deadline = time.monotonic() + 10
        while len(files := sorted(self.letters_folder.glob("*.eml"))) < least:
            assert time.monotonic() < deadline, f"{len(files)} letters, not {least}"
            time.sleep(0.02)
        parser = BytesParser(policy=default)
        return [str(parser.parsebytes(file.read_bytes()).get_content()) for file in files]

    def use_up(self, throttle: Throttle, what: object) -> None:
        """Let `what` have done it too often, for nine minutes."""
        bucket = f"sha256(convert_to(lower('{throttle.name}: {what}'), 'UTF8'))"
        self.sql(
            f"insert into throttles values ({bucket}, 9999, now() + interval '9 minutes') "
            "on conflict (bucket) do update set spent = 9999"
        )

    def sql(self, statement: str) -> str:
        return psql(self.database, statement)


def listing(**changes: str) -> dict[str, str]:
    """A form that sells a jumper."""
    form = {
        "title": "Moss green jumper", "price": "24.50", "category": "jumper", "condition": "very good",
        "size": "M", "brand": "Kestrel Mills", "colour": "green", "description": "Warm.\nOne owner.",
    }  # fmt: skip
    return {**form, **changes, "action": changes.get("action", "save")}


def photo(width: int = 400, height: int = 500, colour: str = "teal", form: str = "JPEG") -> bytes:
    """A plain picture as a file."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, form)
    return file.getvalue()


def settings_of(database: str, storage: Path | str, port: int = 8000, **more: str) -> Settings:
    return Settings.from_environment(
        {
            "SECONDHAND_DATABASE_URL": database,
            "SECONDHAND_STORAGE": str(storage),
            "SECONDHAND_SECRET_KEYS": KEY,
            "SECONDHAND_PORT": str(port),
            "SECONDHAND_ORIGIN": f"http://127.0.0.1:{port}",
            "SECONDHAND_DRAIN_SECONDS": "0",
            **more,
        }
    )


def upgraded(url: str) -> list[str]:
    """Run the upgrade on a database; what it said."""
    said: list[str] = []
    _on_database(url, lambda database: upgrade.upgrade(database, said.append))
    return said


def admitted(url: str) -> dict[str, str]:
    """Give the site of an upgraded database its role; the log-in."""
    log_in: dict[str, str] = {}

    async def keep(made: dict[str, str]) -> None:
        log_in.update(made)

    _on_database(url, lambda database: upgrade.admit_site(database, keep))
    return log_in


def _on_database(url: str, do: Callable[[Database], Awaitable[None]]) -> None:
    async def run() -> None:
        async with Database(url, Credentials("")) as database:
            await do(database)

    # In a thread of its own: where a browser is open, this one has a running loop already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run()).result()


def as_site(database: str) -> str:
    """The URL of a database of the tests' server, for the site's role."""
    return database.replace("//postgres@/", f"//{SITE_ROLE}@/")


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Argon2id at its cheapest, and refusals at once: the tests do it hundreds of times, for other reasons."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        patch.setattr(passwords, "REFUSAL_SECONDS", 0.0)
        yield


@pytest.fixture(scope="session")
def shop_template(create_database: CreateDatabase) -> str:
    """The name of a database that holds an empty shop, to copy."""
    url = create_database()
    upgraded(url)
    psql(url, f"alter role {admitted(url)['username']} rename to {SITE_ROLE}")
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def shop_database(create_database: CreateDatabase, shop_template: str) -> str:
    """The libpq URL of an empty shop."""
    return create_database(shop_template)


@contextmanager
def running(database: str, folder: Path, storage: Path | str | None = None, **more: str) -> Iterator[Site]:
    """A shop that keeps its files in `folder`; settings by their names without SECONDHAND_."""
    port = free_port()
    names = {
        f"SECONDHAND_{name.upper()}": value
        for name, value in {"mail": str(folder / "letters"), **more}.items()
    }
    settings = settings_of(as_site(database), storage or folder / "pictures", port, **names)
    app = create_app(settings)
    config = uvicorn.Config(app, port=port, http=Protocol, ws="none", log_config=None, server_header=False)
    server = DrainingServer(config, app, 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    site = Site(f"http://127.0.0.1:{port}", database, folder / "letters")
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the shop did not start"
        assert time.monotonic() < deadline, "the shop did not start"
        time.sleep(0.01)
    try:
        yield site
    finally:
        for client in site.clients:
            client.close()
        server.should_exit = True
        thread.join()


@pytest.fixture
def serve(shop_database: str, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Start a shop on `shop_database` or another one."""
    with ExitStack() as shops:

        def start(database: str = shop_database, **more: str) -> Site:
            return shops.enter_context(running(database, tmp_path, **more))

        yield start


@pytest.fixture
def site(serve: Callable[..., Site]) -> Site:
    """A shop with nothing in it yet."""
    return serve()


class Process:
    """`secondhand serve` as an operator runs it."""

    def __init__(self, database: str, folder: Path, port: int, **more: str) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"{port}.log"
        environment = {
            "PATH": os.environ["PATH"],
            "SECONDHAND_DATABASE_URL": database,
            "SECONDHAND_STORAGE": str(folder / "pictures"),
            "SECONDHAND_MAIL": str(folder / "letters"),
            "SECONDHAND_SECRET_KEYS": KEY,
            "SECONDHAND_ORIGIN": self.url,
            "SECONDHAND_PORT": str(port),
            "SECONDHAND_DRAIN_SECONDS": "0",
            **more,
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "secondhand", "serve"], env=environment, stderr=log, stdout=log
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                httpx2.get(f"{self.url}/health/live")
            except httpx2.TransportError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.05)
            else:
                return

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


Start = Callable[..., Process]


@pytest.fixture
def start(shop_database: str, tmp_path: Path) -> Iterator[Start]:
    processes: list[Process] = []

    def begin(database: str = as_site(shop_database), port: int = 0, **more: str) -> Process:
        processes.append(Process(database, tmp_path, port or free_port(), **more))
        return processes[-1]

    yield begin
    for process in processes:
        process.stop()
