"""The process: how it starts, what it tells, how it leaves, and that it lives through the loss of its database."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from migrate.postgres import embedded
from secondhand import limits, logs
from secondhand import server as process
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import psql
from tests.secondhand.conftest import PASSWORD, Site, Start, listing, photo, upgraded
from tests.secondhand.test_images import saved

WARNED_OF = saved(Image.new("RGB", (400, 400)), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x09\1\x12")


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
    with httpx2.Client(base_url=server.url, headers={"origin": server.url}) as member:
        member.post("/sign-up", data={"name": "Paul", "email": "p@example.org", "password": PASSWORD})
        member.post("/items/new", data=listing(), files={"files": ("a.jpg", WARNED_OF)})
    server.stop()

    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    request = next(line for line in lines if line.get("request") == "from-the-balancer")
    assert answer.headers["x-request-id"] == "from-the-balancer"
    assert (request["route"], request["status"]) == ("/", 200)
    assert request["timestamp"].endswith("Z")
    assert "secret-word" not in server.log.read_text()
    assert any("Corrupt EXIF" in line["event"] for line in lines), "what libraries warn of is a line as well"


def test_a_trace_in_the_log_holds_no_value_of_a_variable() -> None:
    password = PASSWORD
    with pytest.raises(ZeroDivisionError) as caught:
        print(1 / 0, password)
    line = str(logs._traces(None, "error", {"exc_info": caught.value}))
    assert password not in line
    assert "ZeroDivisionError" in line


def test_a_visitor_who_leaves_in_the_middle_of_a_form_is_no_error(start: Start) -> None:
    server = start()
    with socket.create_connection(("127.0.0.1", server.port)) as visitor:
        visitor.sendall(
            b"POST /log-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname="
        )
        time.sleep(0.3)
    time.sleep(0.3)
    server.stop()

    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert [line["status"] for line in lines if line.get("route") == "/log-in"] == [499]
    assert {line["level"] for line in lines} == {"info"}


def answered(place: tuple[str, int], *parts: bytes) -> bytes:
    """What a server says to parts of a request until it hangs up."""
    said = b""
    with socket.create_connection(place, 10) as visitor:
        for part in parts:
            visitor.sendall(part)
        while more := visitor.recv(65536):
            said += more
    return said


@pytest.mark.parametrize("parts", [(), (b"GET / HTTP/1.1\r\nHost: ",)], ids=["silent", "slow"])
def test_who_sends_no_request_keeps_no_place(
    serve: Callable[..., Site], monkeypatch: pytest.MonkeyPatch, parts: tuple[bytes, ...]
) -> None:
    monkeypatch.setattr(process, "HEAD_SECONDS", 0.5)

    assert answered(serve().place, *parts) == b""


def test_who_says_more_after_the_answer_keeps_no_place(
    serve: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "KEEP_ALIVE_SECONDS", 0.5)
    early = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\n"

    assert answered(serve().place, early, b"a").startswith(b"HTTP/1.1 404 ")


def test_a_head_without_end_is_refused(site: Site) -> None:
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 66_000

    assert answered(site.place, head).startswith(b"HTTP/1.1 400 ")


def test_a_form_that_stops_coming_is_given_up(
    serve: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "STALLED_SECONDS", 0.5)
    form = b"POST /log-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\nContent-Type: "
    form += b"application/x-www-form-urlencoded\r\n\r\nname="

    assert answered(serve().place, form) == b""


def upload(size: int) -> bytes:
    """The request of a form with photos that together have `size` bytes, of which one more is to come."""
    part = (
        b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        + b"\0" * 999_000
        + b"\r\n"
    )
    head = b"POST /items/new HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % (size + 1) + (part * (size // len(part) + 1))[:size]


def test_photos_on_their_way_wait_on_the_disk_and_not_in_memory(start: Start) -> None:
    server = start()
    status = Path(f"/proc/{server.process.pid}/status")

    def megabytes() -> int:
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) // 1024

    httpx2.get(server.url)
    before = megabytes()
    with ExitStack() as senders:
        for _ in range(3):
            sender = senders.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            sender.sendall(upload(40_000_000))
        time.sleep(0.5)

    assert megabytes() - before < 40


def test_what_all_send_at_a_time_is_bounded(
    serve: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_HELD", 300_000)
    site = serve()
    paul, files = site.member("Paul"), {"files": ("a.jpg", photo(form="PNG"))}
    with socket.create_connection(site.place) as other:
        other.sendall(upload(299_999))
        time.sleep(0.3)
        assert paul.post("/items/new", data=listing(), files=files).status_code == 413
        assert site.client().post("/log-in", data={"name": "Paul", "password": PASSWORD}).url.path == "/"
    time.sleep(0.3)
    assert paul.post("/items/new", data=listing(), files=files).url.path == "/items/1"


def test_a_crowd_that_fills_every_place_does_not_make_it_look_dead(start: Start) -> None:
    server = start()
    with ExitStack() as crowd:
        for _ in range(process.MOST_AT_ONCE):
            crowd.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        assert httpx2.get(server.url).status_code == 503
        assert httpx2.get(f"{server.url}/health/live").status_code == 200


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
