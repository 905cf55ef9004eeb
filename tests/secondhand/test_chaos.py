"""Everything beneath the shop breaks once while people use it: nobody loses a thing, and nobody sees more than 503."""

import itertools
import re
import signal
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from moto.server import ThreadedMotoServer

from migrate.postgres import embedded
from tests.fixtures.aws import REGION
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import psql
from tests.secondhand.conftest import PASSWORD, Process, Start, listing, photo, upgraded
from tests.secondhand.test_credentials import SECRET, change_secret, create_secret

WORDS = "Something else"
# Throttles are guarded elsewhere; here they would only be in the way.
PREPARED = """
    insert into members (name, email, password) values ('a', 'a@example.org', 'x');
    insert into items (seller_id, title, price, category) values (1, 'Coat', 100, 'coat');
    create function forgive() returns trigger language plpgsql as $$ begin new.spent = 0; return new; end $$;
    create trigger forgive before update on throttles for each row execute function forgive();
    create role shop_a login superuser password 'one';
    create role shop_b login superuser password 'two';
"""
ROTATED = """
    alter role shop_a nologin;
    select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop_a';
"""


class StoppableServer(ThreadedMotoServer):
    """An S3 that refuses connections while it is stopped, and has its objects again afterwards."""

    def stop(self) -> None:
        super().stop()
        assert self._server
        self._server.server_close()


@pytest.fixture
def s3(aws: str) -> Iterator[StoppableServer]:
    server = StoppableServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    yield server
    server.stop()


class Crowd:
    """Visitors without pause, led as by a balancer: to the newest copy, each time on a new connection."""

    def __init__(self, copies: list[Process]) -> None:
        self.copies = copies
        self.answers: list[tuple[str, int | str]] = []  # what was done, and the status of the answer
        self.reported: set[str] = set()  # what was acknowledged
        self.listed: set[str] = set()
        self._left = threading.Event()

    @contextmanager
    def visiting(self) -> Iterator[None]:
        with ThreadPoolExecutor(5) as threads:
            acts = (self._look, self._look, self._report, self._report, self._sell)
            visits = [threads.submit(self._go_on, act) for act in acts]
            try:
                yield
            finally:
                self._left.set()
            for visit in visits:
                visit.result()

    def wait_for(self, what: str, status: int, times: int = 1) -> None:
        """Until so many more of these answers have come."""
        before, deadline = len(self.answers), time.monotonic() + 60
        while self.answers[before:].count((what, status)) < times:
            assert time.monotonic() < deadline, Counter(self.answers[before:])
            time.sleep(0.02)

    def seen(self, since: int, *what: str) -> set[int | str]:
        """The statuses that those who did this were answered with."""
        return {status for done, status in self.answers[since:] if done in what}

    def _go_on(self, act: Callable[[httpx2.Client, int], None]) -> None:
        with httpx2.Client(limits=httpx2.Limits(max_keepalive_connections=0), timeout=60) as client:
            if act == self._sell:
                form = {"name": "Marta", "email": "marta@example.org", "password": PASSWORD}
                assert self._ask(client, "sign up", "/sign-up", data=form) == 303
            for number in itertools.count():
                if self._left.is_set():
                    return
                act(client, number)
                time.sleep(0.02)

    def _look(self, client: httpx2.Client, number: int) -> None:
        self._ask(client, "look", ("/", "/items/1", "/?q=coat")[number % 3])

    def _report(self, client: httpx2.Client, number: int) -> None:
        form = {"reason": WORDS, "text": f"{id(client)}-{number}"}
        if self._ask(client, "report", "/items/1/report", data=form) == 303:
            self.reported.add(form["text"])

    def _sell(self, client: httpx2.Client, number: int) -> None:
        form, picture = listing(title=f"Skirt {number}"), {"files": ("a.jpg", photo(200, 250))}
        if self._ask(client, "sell", "/items/new", data=form, files=picture) == 303:
            self.listed.add(form["title"])

    def _ask(self, client: httpx2.Client, what: str, path: str, **form: Any) -> int | str:
        url = self.copies[-1].url
        status: int | str
        try:
            answer = client.request("POST" if form else "GET", url + path, headers={"origin": url}, **form)
            status = answer.status_code
        except httpx2.TransportError as error:
            status = repr(error)
        self.answers.append((what, status))
        return status


def objects(s3: StoppableServer) -> set[str]:
    """The keys of the pictures that are in the bucket."""
    host, port = s3.get_host_and_port()
    with urllib.request.urlopen(f"http://{host}:{port}/pictures?list-type=2") as answer:
        return set(re.findall(r"<Key>of/clothes/(\w+)-", answer.read().decode()))


def test_s3_database_log_in_and_copies_change_under_load(aws: str, s3: StoppableServer, start: Start) -> None:
    host, port = s3.get_host_and_port()
    urllib.request.urlopen(urllib.request.Request(f"http://{host}:{port}/pictures", method="PUT")).close()
    database_port = free_port()
    with embedded.throwaway(port=database_port) as cluster:
        upgraded(cluster.url())
        psql(cluster.url(), PREPARED)
        where = {"host": "127.0.0.1", "port": database_port, "dbname": "postgres"}
        create_secret({"username": "shop_a", "password": "one", **where})

        def copy() -> Process:
            """A copy more, as soon as it says that it is ready."""
            process = start(
                "",
                SECONDHAND_DB_SECRET=SECRET,
                SECONDHAND_STORAGE="s3://pictures/of/clothes",
                SECONDHAND_DRAIN_SECONDS="1",
                AWS_ENDPOINT_URL=aws,
                AWS_ENDPOINT_URL_S3=f"http://{host}:{port}",
                AWS_REGION=REGION,
                AWS_ACCESS_KEY_ID="testing",
                AWS_SECRET_ACCESS_KEY="testing",
            )
            deadline = time.monotonic() + 60
            while httpx2.get(f"{process.url}/health/ready").status_code != 200:
                assert time.monotonic() < deadline, process.log.read_text()
            return process

        crowd = Crowd([copy()])
        with crowd.visiting():
            crowd.wait_for("sell", 303)

            before = len(crowd.answers)
            s3.stop()
            crowd.wait_for("sell", 503)
            crowd.wait_for("look", 200, 5)
            s3.start()
            crowd.wait_for("sell", 303)
            assert crowd.seen(before, "look", "report") == {200, 303}
            assert crowd.seen(before, "sell") == {303, 503}

            before = len(crowd.answers)
            change_secret({"username": "shop_b", "password": "two", **where})
            psql(cluster.url(), ROTATED)
            crowd.wait_for("report", 303, 5)
            assert crowd.seen(before, "look") <= {200, 503}
            assert crowd.seen(before, "report", "sell") <= {303, 503}

            before = len(crowd.answers)
            cluster.stop(signal.SIGQUIT)
            crowd.wait_for("report", 503, 2)
            cluster.start(port=database_port, settings=("fsync=off",))
            crowd.wait_for("report", 303, 5)
            crowd.wait_for("sell", 303)
            assert crowd.seen(before, "look") == {200, 503}
            assert crowd.seen(before, "report", "sell") == {303, 503}

            before = len(crowd.answers)
            crowd.copies.append(copy())
            crowd.wait_for("report", 303, 2)
            assert crowd.copies[0].stop() == 0
            crowd.wait_for("sell", 303)
            assert crowd.seen(before, "look") == {200}
            assert crowd.seen(before, "report", "sell") == {303}

        reported = psql(cluster.url(), "select text from reports").split()
        listed = psql(cluster.url(), "select title from items join photos on item_id = items.id").split("\n")
        kept = set(psql(cluster.url(), "select key from photos").split())
        discarded = set(psql(cluster.url(), "select key from discarded_pictures").split())
        assert len(reported) == len(set(reported))
        assert crowd.reported <= set(reported)
        assert crowd.listed <= set(listed)
        assert kept <= objects(s3) <= kept | discarded
        assert "request failed" not in crowd.copies[0].log.read_text() + crowd.copies[1].log.read_text()
