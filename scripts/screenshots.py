"""Photograph the shop's pages for the documentation, into docs/images: `make screenshots`.

The shop is a throwaway one, made from the dump as `make run` makes it.
"""

import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from migrate.postgres import embedded

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
BIN = Path(sys.executable).parent
START_SECONDS = 30.0
COLOURS = 256  # dithered, they are enough for a page, and the file is a third
DEMO = {"name": "demo", "password": "second-hand-demo"}


@contextlib.contextmanager
def served_shop() -> Iterator[str]:
    """The address of a shop made from the dump, gone when the block ends."""
    with embedded.throwaway() as cluster, tempfile.TemporaryDirectory() as folder:
        pictures = ROOT / ".local" / "legacy_pictures"
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        origin = f"http://127.0.0.1:{port}"
        environment = os.environ | {
            "SECONDHAND_DATABASE_URL": cluster.url(),
            "SECONDHAND_STORAGE": folder,
            "SECONDHAND_ORIGIN": origin,
            "SECONDHAND_PORT": str(port),
            "SECONDHAND_LOG_LEVEL": "warning",
            "SECONDHAND_DRAIN_SECONDS": "0",
        }
        commands: list[list[str | Path]] = [
            [sys.executable, ROOT / "db_dumps" / "illustrations.py", "--out", pictures],
            [BIN / "migrate", "mysql-to-pg", ROOT / "db_dumps" / "secondhand.sql", "--to", cluster.url()],
            [BIN / "secondhand", "upgrade", "--pictures", pictures],
        ]
        for command in commands:
            subprocess.run(command, check=True, cwd=ROOT, env=environment)
        server = subprocess.Popen([BIN / "secondhand", "serve"], cwd=ROOT, env=environment)
        try:
            wait_until_ready(origin)
            yield origin
        finally:
            server.terminate()
            server.wait()


def wait_until_ready(origin: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{origin}/health/ready").close()  # noqa: S310 (it is http)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def photograph(browser: Browser, origin: str) -> None:
    """The pages that the documentation shows."""
    visitor = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = visitor.new_page()

    def shoot(name: str) -> None:
        page.wait_for_load_state("networkidle")
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        picture.quantize(palette=picture.quantize(COLOURS)).save(IMAGES / f"{name}.png", optimize=True)

    page.goto(origin)
    shoot("home")
    page.goto(f"{origin}/?q=duffle")
    page.locator("main a[href^='/items/']").first.click()
    shoot("item")
    page.goto(f"{origin}/log-in")
    for field, value in DEMO.items():
        page.locator(f"[name={field}]").fill(value)
    page.locator("main form button").click()
    page.goto(f"{origin}/items/new")
    shoot("sell")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(origin)
    shoot("phone")
    visitor.close()


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("screenshots: no chromium here; as root: apt-get install chromium")
    IMAGES.mkdir(exist_ok=True)
    with served_shop() as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        )
        photograph(browser, origin)
        browser.close()


if __name__ == "__main__":
    main()
