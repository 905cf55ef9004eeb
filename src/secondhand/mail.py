"""Letters to members: over SMTP, or into a folder while developing."""

import secrets
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from secondhand.settings import Settings
from secondhand.storage import write_whole

SEND_SECONDS = 15.0


class MailError(Exception):
    """A letter was not accepted; it may be tried again."""


class Mailer(Protocol):
    """Somewhere that takes letters."""

    async def send(self, recipient: str, subject: str, text: str) -> None:
        """Raises MailError."""


def open_mailer(settings: Settings) -> Mailer:
    """What SECONDHAND_MAIL names."""
    if urlsplit(settings.mail).scheme in ("smtp", "smtps"):
        return SmtpMailer(settings.mail, settings.mail_from)
    return FolderMailer(Path(settings.mail), settings.mail_from)


class SmtpMailer:
    """A mail server: smtp://user:password@host:587 (STARTTLS when it is offered) or smtps://… (TLS from the start)."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    async def send(self, recipient: str, subject: str, text: str) -> None:
        import aiosmtplib

        try:
            await aiosmtplib.send(
                _letter(self._sender, recipient, subject, text),
                hostname=self._url.hostname,
                port=self._url.port,
                username=unquote(self._url.username) if self._url.username else None,
                password=unquote(self._url.password) if self._url.password else None,
                use_tls=self._url.scheme == "smtps",
                timeout=SEND_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailError(str(error)) from error


class FolderMailer:
    """One `.eml` file per letter."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, recipient: str, subject: str, text: str) -> None:
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}.eml"
        try:
            write_whole(self._folder / name, bytes(_letter(self._sender, recipient, subject, text)))
        except OSError as error:
            raise MailError(str(error)) from error


def _letter(sender: str, recipient: str, subject: str, text: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = Address("secondhand", addr_spec=sender)
    try:
        letter["To"] = Address(addr_spec=recipient)
    except ValueError as error:
        raise MailError(f"the address {recipient!r} is none") from error
    letter["Subject"] = " ".join(subject.split())  # a line break would start another header
    letter["Date"] = format_datetime(datetime.now(UTC))
    letter["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return letter
