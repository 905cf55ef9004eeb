"""Letters to members: over SMTP, or into a folder while developing."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import partial
from pathlib import Path
from typing import TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit

from secondhand.settings import Settings
from secondhand.storage import write_whole

# What takes a letter: recipient, subject, text. Raises MailError.
Mailer: TypeAlias = Callable[[str, str, str], Awaitable[None]]
SEND_SECONDS = 20.0  # in all: the database gives up a transaction that waits for 30


class MailError(Exception):
    """A letter was not accepted; it may be tried again."""


class NoAnswerError(MailError):
    """The mail server cannot be reached, so that the next letter need not be tried."""


def open_mailer(settings: Settings) -> Mailer:
    """What SECONDHAND_MAIL names.

    A folder, which gets an `.eml` file per letter, or a mail server: smtp://user:password@host:587 (STARTTLS; who does
    not log in sends plainly where it is not offered), smtps://… (TLS from the start).
    """
    if urlsplit(settings.mail).scheme in ("smtp", "smtps"):
        return partial(_send, urlsplit(settings.mail), settings.mail_from)
    return partial(_collect, Path(settings.mail), settings.mail_from)


async def _send(server: SplitResult, *letter: str) -> None:
    import aiosmtplib

    use_tls = server.scheme == "smtps"
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await aiosmtplib.send(
                _letter(*letter),
                hostname=server.hostname,
                port=server.port,
                username=unquote(server.username) if server.username else None,
                password=unquote(server.password) if server.password else None,
                use_tls=use_tls,
                start_tls=True if server.username and not use_tls else None,
            )
    except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused) as error:
        raise MailError(str(error)) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise NoAnswerError(str(error) or f"it took more than {SEND_SECONDS:g} s") from error


async def _collect(folder: Path, *letter: str) -> None:
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}.eml"
    try:
        write_whole(folder / name, bytes(_letter(*letter)))
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
