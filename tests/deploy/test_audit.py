"""`make audit`, with a server on this machine in the place of osv.dev."""

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.deploy.conftest import ROOT
from tests.fixtures.ports import free_port

KNOWN = {
    "id": "GHSA-0000-0000-0000",
    "summary": "Anybody may do anything.",
    "affected": [
        {
            "package": {"name": "starlette", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999.0"}]}],
        }
    ],
}


class Osv(ThreadingHTTPServer):
    """Knows of the vulnerabilities in `known`, by package, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.known: dict[str, list[object]] = {}
        self.asked: set[tuple[str, str]] = set()


def audit(port: int) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "scripts/audit"), "--osv-url", f"http://127.0.0.1:{port}/v1/query"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Answer(BaseHTTPRequestHandler):
    server: Osv

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name = query["package"]["name"]
        self.server.asked.add((name, query["version"]))
        found = self.server.known.get(name)
        body = json.dumps({"vulns": found} if found else {}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def osv() -> Iterator[Osv]:
    with Osv() as server:
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


def test_every_locked_package_is_asked_for_and_one_that_is_vulnerable_fails_the_audit(osv: Osv) -> None:
    whole = audit(osv.server_port)
    assert whole.returncode == 0, whole.stderr
    locks = "".join(lock.read_text() for lock in (ROOT / "requirements").glob("*.txt"))
    pins = re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", locks, re.MULTILINE)
    assert len(pins) > 400
    assert osv.asked == set(pins)

    osv.known["starlette"] = [KNOWN]
    weak = audit(osv.server_port)
    assert weak.returncode == 1
    assert re.search(r"^starlette +\S+ +GHSA-0000-0000-0000 +999\.0$", weak.stdout, re.MULTILINE)


def test_an_audit_that_gets_no_answer_is_no_success() -> None:
    assert audit(free_port()).returncode == 1
