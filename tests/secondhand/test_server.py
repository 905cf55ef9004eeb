"""The process: how it starts, what it tells, how it leaves, and that it lives through the loss of its database."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2

from migrate.postgres import embedded
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import psql
from tests.secondhand.conftest import Start, upgraded


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
