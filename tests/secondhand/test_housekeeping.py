"""What is done behind the pages: it goes on whatever happens, and does nothing twice."""

import asyncio
from pathlib import Path

import pytest

from secondhand import housekeeping
from secondhand.credentials import Credentials
from secondhand.database import Database
from secondhand.housekeeping import Housekeeper
from secondhand.storage import FolderStorage
from tests.fixtures.postgres import psql
from tests.secondhand.conftest import KEY


class StumblingMailer:
    """Breaks once, at the second letter, in a way that nobody has thought of."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.broken = asyncio.Event()
        self.done = asyncio.Event()

    async def __call__(self, recipient: str, subject: str, text: str) -> None:
        if subject == "2" and not self.broken.is_set():
            self.broken.set()
            raise RuntimeError("out of ink")
        self.sent.append(subject)
        if len(self.sent) == 3:
            self.done.set()


def test_an_error_nobody_thought_of_stops_no_letter_and_repeats_none(
    shop_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "EVERY_SECONDS", 0.01)
    psql(
        shop_database,
        "insert into letters (recipient, subject, text, due_at) "
        "select 'a@example.org', n, 'x', now() - interval '1 minute' * (5 - n) from generate_series(1, 3) n",
    )

    async def run() -> list[str]:
        mailer = StumblingMailer()
        async with Database(shop_database, Credentials("")) as database:
            keeper = Housekeeper(database, FolderStorage(tmp_path, (KEY,)), mailer)
            async with keeper.running(), asyncio.timeout(30):
                await mailer.done.wait()
        return mailer.sent

    assert asyncio.run(run()) == ["1", "2", "3"]
