"""The account of a run as a page that needs nothing but a browser."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from migrate.report import Pace
from tests.migrate.command import load

DUMP = """
CREATE TABLE `a <b>bold</b> name` (`id` int NOT NULL AUTO_INCREMENT, `day` date, PRIMARY KEY (`id`), KEY (`day`));
INSERT INTO `a <b>bold</b> name` VALUES (1,'2024-01-31'),(2,'0000-00-00'),(3,'0000-00-00');
CREATE TABLE `a_table_whose_name_is_as_long_as_mysql_lets_it_be_0123456789abcd` (`text` varchar(20));
INSERT INTO `a_table_whose_name_is_as_long_as_mysql_lets_it_be_0123456789abcd` VALUES ('x');
CREATE EVENT `nightly` ON SCHEDULE EVERY 1 DAY DO DELETE FROM `a <b>bold</b> name` WHERE '<script>' = '';
"""


@pytest.fixture
def page_file(database: str, tmp_path: Path) -> Path:
    dump = tmp_path / "dump.sql"
    dump.write_text(DUMP)
    done = load(database, dump, "--report", tmp_path / "account.html", "--report", tmp_path / "account.json")
    assert done.exit_code == 1, done.stderr
    return tmp_path / "account.html"


def test_page_and_json_are_made_by_one_run(page_file: Path) -> None:
    account = json.loads(page_file.with_suffix(".json").read_text())
    page = page_file.read_text()

    assert sum(account["pace"]["bytes"]) == sum(table["bytes"] for table in account["tables"])
    assert account["tables"][0]["key_seconds"] > 0
    assert account["tables"][0]["proof_seconds"] > 0
    for loss in (*account["lossy"], *account["untranslated"]):
        assert loss.get("what", loss.get("reason")) in page
    assert "nightly" in (page_file.parent / "account.untranslated.sql").read_text()


def test_what_a_dump_says_is_never_taken_for_html(page_file: Path) -> None:
    page = page_file.read_text()

    assert "<script" not in page
    assert "<b>bold" not in page
    assert "left out: event nightly" in page
    assert "a &lt;b&gt;bold&lt;/b&gt; name" in page


def test_the_page_loads_nothing_and_fits_a_phone_in_light_and_dark(page_file: Path, browser: Browser) -> None:
    backgrounds = set()
    requests: list[str] = []
    complaints: list[str] = []
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(page_file.as_uri())

        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.locator("svg.time path.area").bounding_box()["height"] > 0  # type: ignore[index]
        assert page.locator(".bar").count() == 2
        assert (
            page.locator("td").evaluate_all("cells => Math.min(...cells.map(cell => cell.offsetWidth))") > 50
        )
        backgrounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()
    assert requests == 2 * [page_file.as_uri()]
    assert complaints == []
    assert len(backgrounds) == 2
    assert not re.search(r"""(src|href)=|url\(|@import""", page_file.read_text())


def test_a_run_of_days_has_as_few_spans_as_one_of_minutes() -> None:
    pace = Pace()
    for second in range(200_000):
        pace.add(second, 3)

    assert sum(pace.bytes) == 600_000
    assert Pace.MOST / 2 <= len(pace.bytes) <= Pace.MOST
    assert pace.span * len(pace.bytes) >= 200_000
    assert max(pace.bytes) <= 3 * (pace.span + 1)
