"""Every page, by axe-core in a real browser: light and dark, phone and desktop."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from secondhand import limits
from secondhand.security import throttles
from tests.fixtures.postgres import CreateDatabase
from tests.fixtures.tools import find_tool
from tests.secondhand.conftest import PASSWORD, Site, listing, photo, running

AXE = "axe-core@4.14.1"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Where a button is named, the page after it is looked at: forms with what is wrong in them.
PAGES = {
    "a visitor": [
        "/", "/?q=jumper&size=M&colour=green", "/?q=zzzzzz", "/?q=jumpper", "/items/1", "/items/2", "/sellers/1",
        "/sellers/3", "/log-in", "/log-in Log in", "/sign-up", "/sign-up Sign up", "/forgot", "/reset/token",
        "/reset/token Set it", "/items/1/report", "/items/1/report Report", "/nothing",
    ],
    "Paul": [
        "/", "/items/1", "/items/1/buy", "/items/2/buy", "/items/new", "/items/new Put it in the shop", "/items/3/edit",
        "/items/3/delete", "/items/3", "/items/4", "/closet", "/favourites", "/messages", "/items/1/messages/2",
        "/items/1/messages/2 Send", "/account", "/account Change it", "/moderation",
    ],
    "Nora": ["/closet", "/favourites", "/messages", "/items/1/messages/3", "/moderation"],
}  # fmt: skip
NOT_THERE = {("a visitor", "/nothing"), ("Nora", "/moderation")}


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, from npm."""
    folder = Path(__file__).parents[2] / ".local" / "axe"
    source = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        npm = find_tool("npm", "npm")
        command = [npm, "install", "--silent", "--no-save", "--ignore-scripts", "--prefix", str(folder), AXE]
        subprocess.run(command, check=True)
    return source.read_text()


@pytest.fixture(scope="module")
def furnished(
    create_database: CreateDatabase, shop_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A shop with something on every page; Paul is its moderator."""
    with running(create_database(shop_template), tmp_path_factory.mktemp("furnished")) as site:
        marta, paul = site.member("Marta"), site.member("Paul")
        site.item(marta)
        site.item(marta, title="Hat" * 26, category="hat", size="S" * 40, brand="B" * 40)
        files = [
            ("files", (f"{n}.jpg", photo(colour=colour))) for n, colour in enumerate(("red", "green", "blue"))
        ]
        paul.post("/items/new", data=listing(title="Three photos"), files=files)
        site.member("Nora")
        site.item(marta, title="Taken down", category="bag")
        site.sql(
            "update items set state = 'sold' where id = 2; update members set is_moderator = true where id = 2; "
            "update items set state = 'removed', removal_reason = 'A counterfeit' where id = 4; "
            "insert into permits values (sha256('token'), 1, 'reset', now() + interval '1 day'); "
            "insert into audit_log (moderator, action, subject, reason) values ('Paul', 'took down', 'item 4', 'x')"
        )
        paul.post("/items/1/like", data={"on": "1"})
        paul.post("/items/1/messages/2", data={"text": "Is it warm? " + "Long" * 40})
        paul.post("/items/2/like", data={"on": "1"})
        marta.post("/items/1/messages/2", data={"text": "Very."})
        paul.post("/items/1/report", data={"reason": "Something else", "text": "Just a try"})
        yield site


@pytest.mark.parametrize("who", PAGES)
def test_axe_finds_nothing_on_any_page(furnished: Site, browser: Browser, axe: str, who: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    if who in furnished.members:
        cookie = furnished.members[who].cookies["session"]
        context.add_cookies([{"name": "session", "value": cookie, "url": furnished.url}])
    page = context.new_page()
    found = []
    for step in PAGES[who]:
        address, _, button = step.partition(" ")
        answer = page.goto(furnished.url + address)
        assert answer
        assert answer.status == (404 if (who, step) in NOT_THERE else 200), step
        if button:
            page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
        found += [f"{step}: {what}" for what in faults(page, axe)]
    context.close()

    assert found == []


def test_axe_finds_nothing_on_the_pages_of_limits(
    furnished: Site,
    browser: Browser,
    axe: str,
    shop_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    furnished.use_up(throttles.SIGN_UP_ADDRESS, "127.0.0.1")
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    found = []
    with running(shop_database, tmp_path) as narrow, running(nowhere, tmp_path) as closed:
        for site, path, status in (
            (furnished, "/sign-up", 429),
            (narrow, "/sign-up", 413),
            (closed, "/", 503),
        ):
            monkeypatch.setattr(limits, "MOST_WORDS", 10 if status == 413 else 1_000_000)
            answer = page.goto(site.url + path)
            if path == "/sign-up":
                with page.expect_response("**/sign-up") as told:
                    page.get_by_role("main").get_by_role("button", name="Sign up").click()
                answer = told.value
            assert answer
            assert answer.status == status
            found += [f"{status}: {what}" for what in faults(page, axe)]
    context.close()

    assert found == []


def test_axe_finds_nothing_where_what_was_typed_waits(furnished: Site, browser: Browser, axe: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    cookie = furnished.members["Marta"].cookies["session"]
    context.add_cookies([{"name": "session", "value": cookie, "url": furnished.url}])
    page = context.new_page()
    page.goto(f"{furnished.url}/items/1/messages/2")
    page.get_by_label("Your message").fill("Very. " + "Long" * 40)
    context.clear_cookies()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Log in, and you can send what you wrote").wait_for()
    found = faults(page, axe)
    page.get_by_label("Name or e-mail").fill("Marta")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Send it").wait_for()
    found += faults(page, axe)
    context.close()

    assert found == []


def faults(page: Page, axe: str) -> list[str]:
    """What is wrong with a page, at the width of a phone and of a desktop."""
    found = []
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    page.evaluate(axe)
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"{width}: {what}" for what in violations(page, RULES, "light")]
        found += [f"{width}: dark: {what}" for what in violations(page, ["cat.color"], "dark")]
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if overflow > 0:
            found.append(f"{width}: {overflow} pixels too wide")
    return found


def violations(page: Page, rules: list[str], scheme: Literal["light", "dark"]) -> list[str]:
    page.emulate_media(color_scheme=scheme)
    result = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
    return [
        f"{violation['id']}: {'; '.join(node['html'][:160] for node in violation['nodes'][:3])}"
        for violation in result["violations"]
    ]
