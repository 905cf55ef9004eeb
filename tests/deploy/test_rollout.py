"""Old and new copies of the site are swapped under load, and nobody notices."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.deploy.conftest import Render, find
from tests.deploy.rollout import Balancer, Copy, Timing, retire, roll, start_process, until_ready
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import CreateDatabase

FAST = 5.0  # the chart's seconds, five times as fast; `make rehearse` takes them as they are
PATHS = ["/", "/log-in", "/sign-up"]
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def shop(create_database: CreateDatabase) -> str:
    """A database with the site's schema in it."""
    database = create_database()
    environment = {"SECONDHAND_DATABASE_URL": database}
    subprocess.run([BIN / "secondhand", "upgrade"], env=environment, check=True, stdout=subprocess.DEVNULL)
    return database


class Site:
    """Copies of the site as the chart configures them, from this checkout's own code."""

    def __init__(self, render: Render, database: str, storage: Path, speed: float) -> None:
        manifests = render("dev")
        self.timing = Timing.of_chart(manifests, speed)
        self._settings = dict(find(manifests, "ConfigMap", "secondhand")["data"])
        self._settings |= {
            "SECONDHAND_DATABASE_URL": database,
            "SECONDHAND_DB_SECRET": "",
            "SECONDHAND_DRAIN_SECONDS": str(self.timing.drain),
            "SECONDHAND_HOST": "127.0.0.1",
            "SECONDHAND_LOG_LEVEL": "warning",
            "SECONDHAND_METRICS_PORT": "",
            "SECONDHAND_SECRET_KEYS": "k" * 32,
            "SECONDHAND_STORAGE": str(storage),
        }
        self.host = urlsplit(self._settings["SECONDHAND_ORIGIN"]).hostname or ""

    async def start(self) -> Copy:
        port = free_port()
        return await start_process(
            [str(BIN / "secondhand"), "serve"], {**self._settings, "SECONDHAND_PORT": str(port)}, port
        )

    @asynccontextmanager
    async def running(self, copies: int) -> AsyncIterator[Balancer]:
        balancer = Balancer(self.host)
        try:
            for _ in range(copies):
                copy = await self.start()
                await until_ready(copy, 0.1)
                balancer.copies.append(copy)
            yield balancer
        finally:
            for copy in balancer.copies:
                if copy.process.returncode is None:
                    copy.process.kill()
                    await copy.process.wait()
                await copy.client.aclose()


def swap(site: Site) -> Balancer:
    """Swap two copies; the load balancer learns of each that leaves only when the pause for it is over."""

    async def run() -> Balancer:
        async with site.running(2) as balancer:
            with balancer.under_load(PATHS):
                ended = await roll(balancer, site.start, site.timing, learned_after=site.timing.pre_stop)
            assert max(ended) < site.timing.grace
            return balancer

    return asyncio.run(run())


def test_two_copies_are_swapped_under_load_and_no_request_fails(
    render: Render, shop: str, tmp_path: Path
) -> None:
    balancer = swap(Site(render, shop, tmp_path, FAST))
    assert balancer.failures == {}
    assert balancer.answers["200"] > 200


def test_a_load_balancer_that_never_learns_of_a_leaving_copy_loses_requests(
    render: Render, shop: str, tmp_path: Path
) -> None:
    """The measurement can fail: it is the timing that makes a rollout whole."""
    site = Site(render, shop, tmp_path, FAST)

    async def run() -> Balancer:
        async with site.running(2) as balancer:
            with balancer.under_load(PATHS):
                await retire(balancer, balancer.copies[0], site.timing, learned_after=site.timing.grace)
            return balancer

    assert asyncio.run(run()).failures
