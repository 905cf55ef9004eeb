"""Letters over SMTP: they arrive whole, to nobody else, and wait while they cannot."""

import asyncio
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from structlog.testing import capture_logs

from secondhand import mail
from secondhand.credentials import Credentials
from secondhand.database import Database
from secondhand.housekeeping import Housekeeper
from secondhand.mail import MailError, open_mailer
from secondhand.storage import FolderStorage
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import psql
from tests.fixtures.tools import find_tool
from tests.secondhand.conftest import KEY, settings_of

PASSWORD = "p@ss:w/rd"
LOG_IN = "shop:p%40ss%3Aw%2Frd"
TEXT = ".\n..a line that begins with dots\nGrüße, “Größe” €\n" + "long " * 300 + "\nFrom here on\n"


class Post:
    """A mail server: what came in, and whether it was encrypted and its sender logged in."""

    def __init__(self) -> None:
        self.letters: list[tuple[Envelope, EmailMessage]] = []
        self.ways: list[tuple[bool, bool]] = []
        self.refusals = 0  # of recipients, before it takes one
        self.delay = 0.0  # before each answer

    async def handle_RCPT(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        await asyncio.sleep(self.delay)
        if self.refusals:
            self.refusals -= 1
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.delay)
        assert isinstance(envelope.content, bytes)
        letter = BytesParser(policy=policy.SMTP).parsebytes(envelope.content)
        assert isinstance(letter, EmailMessage)
        self.letters.append((envelope, letter))
        assert server.transport
        encrypted = server.transport.get_extra_info("ssl_object") is not None
        self.ways.append((encrypted, bool(session.authenticated)))
        return "250 OK"


Listen = Callable[..., tuple[Post, int]]


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """For localhost, by an authority that nobody knows."""
    command = [find_tool("openssl", "openssl"), "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"]
    command += ["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=localhost", "-keyout", "key.pem"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-out", "certificate.pem"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    return context


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Starts a mail server, on a free port or a given one; options are those of aiosmtpd."""
    with ExitStack() as stack:

        def start(port: int = 0, **options: Any) -> tuple[Post, int]:
            post, port = Post(), port or free_port()
            controller = Controller(post, hostname="localhost", port=port, **options)
            controller.start()
            stack.callback(controller.stop)
            return post, port

        yield start


def log_in(_: SMTP, __: Session, ___: Envelope, ____: str, given: LoginPassword) -> AuthResult:
    return AuthResult(success=given.password == PASSWORD.encode() and given.login == b"shop")


def descriptors() -> int:
    """How many files and connections this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def send(address: str) -> None:
    mailer = open_mailer(settings_of("postgresql://x@localhost/x", "x", SECONDHAND_MAIL=address))

    async def run() -> None:
        before = descriptors()
        try:
            await mailer("marta@example.org", "Grüße", TEXT)
        finally:
            # TLS says good-bye in its own time, for which a site goes on long enough.
            for _ in range(1000):
                if descriptors() <= before:
                    break
                await asyncio.sleep(0.01)

    asyncio.run(run())


@pytest.mark.parametrize("way", ["plain", "STARTTLS", "TLS"])
def test_a_letter_arrives_whole(
    listen: Listen,
    certificate: ssl.SSLContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    options: dict[str, Any] = {
        "plain": {},
        "STARTTLS": {"tls_context": certificate, "require_starttls": True, "authenticator": log_in},
        "TLS": {"ssl_context": certificate, "auth_require_tls": False, "authenticator": log_in},
    }[way]
    post, port = listen(**options)
    server = {"plain": "smtp://", "STARTTLS": f"smtp://{LOG_IN}@", "TLS": f"smtps://{LOG_IN}@"}[way]

    send(f"{server}localhost:{port}")

    [(envelope, letter)] = post.letters
    assert (envelope.mail_from, envelope.rcpt_tos) == ("secondhand@127.0.0.1", ["marta@example.org"])
    assert (letter["to"], letter["subject"]) == ("marta@example.org", "Grüße")
    assert letter.get_content().replace("\r\n", "\n") == TEXT
    assert max(map(len, bytes(letter).splitlines())) < 998, "RFC 5321, 4.5.3.1.6"
    assert post.ways == [(way != "plain", way != "plain")]


def test_a_log_in_is_sent_to_no_server_that_does_not_encrypt(listen: Listen) -> None:
    post, port = listen(authenticator=log_in, auth_require_tls=False)

    with pytest.raises(MailError, match="STARTTLS"):
        send(f"smtp://{LOG_IN}@localhost:{port}")

    assert post.letters == []


def test_a_server_that_cannot_prove_its_name_gets_no_letter(
    listen: Listen, certificate: ssl.SSLContext
) -> None:
    post, port = listen(tls_context=certificate)

    with pytest.raises(MailError, match=r"(?i)certificate"):
        send(f"smtp://localhost:{port}")

    assert post.letters == []


def test_a_server_that_takes_too_long_is_left(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "SEND_SECONDS", 1.0)
    post, port = listen()
    post.delay = 0.8

    with pytest.raises(MailError, match="more than 1 s"):
        send(f"smtp://localhost:{port}")


def test_letters_wait_for_a_server_that_is_down_or_refuses_and_none_is_lost(
    listen: Listen, shop_database: str, tmp_path: Path
) -> None:
    port = free_port()
    settings = settings_of(shop_database, tmp_path, SECONDHAND_MAIL=f"smtp://localhost:{port}")
    psql(
        shop_database,
        "insert into letters (recipient, subject, text, due_at) "
        "select n || '@example.org', n, 'x', now() - interval '1 minute' * (5 - n) from generate_series(1, 3) n",
    )

    def a_round() -> str:
        async def run() -> None:
            async with Database(shop_database, Credentials("")) as database:
                await Housekeeper(database, FolderStorage(tmp_path, (KEY,)), open_mailer(settings)).round()

        asyncio.run(run())
        waiting = (
            "select string_agg(subject || ' ' || tries, ', ' order by id) from letters where due_at > now()"
        )
        told = psql(shop_database, waiting)
        psql(shop_database, "update letters set due_at = now()")
        return told

    assert a_round() == "1 1", "the server is down, and is asked once a round"
    post, _ = listen(port)
    post.refusals = 1
    with capture_logs() as logs:
        assert a_round() == "2 1", "a refused one holds up no other"
    assert "2@example.org" not in str(logs)
    assert a_round() == ""
    assert [letter["subject"] for _, letter in post.letters] == ["3", "1", "2"]
    assert psql(shop_database, "select count(*) from letters") == "0"
