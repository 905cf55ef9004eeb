"""The process: how it starts, what it tells, how it leaves, and that it lives through the loss of its database."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from migrate.postgres import embedded
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import psql
from tests.secondhand.conftest import KEY, upgraded

Start = Callable[..., "Process"]


class Process:
    """`secondhand serve` as an operator runs it."""

    def __init__(self, database: str, folder: Path, port: int, **more: str) -> None:
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


@pytest.fixture
def start(shop_database: str, tmp_path: Path) -> Iterator[Start]:
    processes: list[Process] = []

    def begin(database: str = shop_database, port: int = 0, **more: str) -> Process:
        processes.append(Process(database, tmp_path, port or free_port(), **more))
        return processes[-1]

    yield begin
    for process in processes:
        process.stop()


def test_on_sigterm_it_is_unready_at_once_serves_on_for_a_while_and_leaves_with_0(start: Start) -> None:
    server = start(SECONDHAND_DRAIN_SECONDS="1.5")
    assert httpx2.get(f"{server.url}/health/ready").status_code == 200

    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)

    assert httpx2.get(f"{server.url}/health/ready").text == "leaving\n"
    answer = httpx2.get(server.url)
    assert answer.status_code == 200
    assert answer.headers["connection"] == "close"
    assert server.process.wait(10) == 0


def test_a_request_that_runs_when_it_leaves_is_finished(start: Start, shop_database: str) -> None:
    server = start()
    psql(shop_database, "create function pause() returns trigger language plpgsql as "
         "$$ begin perform pg_sleep(1.5); return new; end $$; "
         "create trigger pause before insert on throttles for each row execute function pause();")  # fmt: skip
    answers: list[int] = []

    def ask() -> None:
        form = {"name": "x", "password": "a wrong password"}
        answers.append(httpx2.post(f"{server.url}/log-in", data=form, timeout=30).status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.7)
    server.process.send_signal(signal.SIGTERM)
    thread.join()

    assert answers == [422]
    assert server.process.wait(20) == 0


def test_every_line_of_the_log_is_json_and_a_request_has_one_id_everywhere(start: Start) -> None:
    server = start()
    answer = httpx2.get(f"{server.url}/?q=secret-word", headers={"x-request-id": "from-the-balancer"})
    server.stop()

    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    request = next(line for line in lines if line.get("request") == "from-the-balancer")
    assert answer.headers["x-request-id"] == "from-the-balancer"
    assert (request["route"], request["status"]) == ("/", 200)
    assert request["timestamp"].endswith("Z")
    assert "secret-word" not in server.log.read_text()


def test_a_request_id_that_could_forge_a_log_line_is_replaced(start: Start) -> None:
    server = start()
    answer = httpx2.get(server.url, headers={"x-request-id": 'x", "level": "critical'})

    assert len(answer.headers["x-request-id"]) == 16


def test_metrics_are_on_their_own_port_by_route(start: Start) -> None:
    port = free_port()
    server = start(SECONDHAND_METRICS_PORT=str(port))
    httpx2.get(f"{server.url}/items/77")

    numbers = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
    assert 'secondhand_requests_total{method="GET",route="/items/{id:id}",status="404"} 1.0' in numbers
    assert httpx2.get(f"{server.url}/metrics").status_code == 404


def test_a_restarted_database_costs_a_moment_and_no_error(start: Start, tmp_path: Path) -> None:
    with embedded.throwaway() as cluster:
        upgraded(cluster.url())
        server = start(cluster.url())
        assert httpx2.get(server.url).status_code == 200
        psql(
            cluster.url(),
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'secondhand'",
        )

        assert httpx2.get(server.url).status_code == 200

        cluster.stop()
        answer = httpx2.get(server.url)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert httpx2.get(f"{server.url}/health/ready").status_code == 503
        assert httpx2.get(f"{server.url}/health/live").status_code == 200
        cluster.start(settings=("fsync=off",))

        assert httpx2.get(server.url).status_code == 200
        assert httpx2.get(f"{server.url}/health/ready").status_code == 200


def test_a_setting_that_is_wrong_is_told_in_one_line(tmp_path: Path) -> None:
    for name, value, says in (
        ("SECONDHAND_PORT", "many", "SECONDHAND_PORT must be a port"),
        ("SECONDHAND_ORIGIN", "shop.example", "SECONDHAND_ORIGIN must be like"),
        ("SECONDHAND_ORIGIN", "https://shop.example", "SECONDHAND_SECRET_KEYS is not set"),
        ("SECONDHAND_SECRET_KEYS", "short", "at least 32 characters"),
        ("SECONDHAND_LOG_LEVEL", "loud", "must be one of"),
        ("SECONDHAND_DATABASE_URL", "mysql://x", "postgresql://"),
        ("SECONDHAND_DATABASE_URL", "", "SECONDHAND_DATABASE_URL is not set"),
        ("SECONDHAND_DRAIN_SECONDS", "-1", "seconds from 0"),
    ):
        environment = {"PATH": os.environ["PATH"], "SECONDHAND_DATABASE_URL": "postgresql:///x", name: value}
        done = subprocess.run(
            [sys.executable, "-m", "secondhand", "serve"],
            env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert says in done.stderr


def test_a_rolling_restart_fails_no_request_and_loses_no_write(start: Start, shop_database: str) -> None:
    """A balancer's view: requests go to a copy that is ready, on new connections, while copies come and go."""
    copies = [start(SECONDHAND_DRAIN_SECONDS="2")]
    stop, failures, written = threading.Event(), list[str](), list[int]()

    def visit(number: int) -> None:
        while not stop.is_set():
            url = copies[-1].url
            try:
                answer = httpx2.get(f"{url}/?q={number}", timeout=30)
                report = {"reason": "Something else", "text": f"{number}-{len(written)}"}
                saved = httpx2.post(f"{url}/items/1/report", data=report, timeout=30)
            except httpx2.TransportError as error:
                failures.append(repr(error))
                continue
            if answer.status_code != 200 or saved.status_code != 303:
                failures.append(f"{answer.status_code} {saved.status_code}")
            written.append(number)
            time.sleep(0.02)

    psql(shop_database, "insert into members (name, email, password) values ('a', 'a@example.org', 'x'); "
         "insert into items (seller_id, title, price, category) values (1, 'Coat', 100, 'coat'); "
         "create function forgive() returns trigger language plpgsql as $$ begin new.spent = 0; return new; end $$; "
         "create trigger forgive before update on throttles for each row execute function forgive();")  # fmt: skip
    threads = [threading.Thread(target=visit, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        time.sleep(0.5)
        copies.append(start(SECONDHAND_DRAIN_SECONDS="2"))
        time.sleep(0.3)
        assert copies[-2].stop() == 0
    stop.set()
    for thread in threads:
        thread.join()

    assert failures == []
    assert psql(shop_database, "select count(*) from reports") == str(len(written))
