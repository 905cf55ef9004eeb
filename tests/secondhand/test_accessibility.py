"""Every page, by axe-core in a real browser: light and dark, phone and desktop."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.fixtures.postgres import CreateDatabase
from tests.fixtures.tools import find_tool
from tests.secondhand.conftest import PASSWORD, Site, listing, photo, running

AXE = "axe-core@4.14.1"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VISITORS = [
    "/", "/?q=jumper&size=M&colour=green", "/?q=zzzzzz", "/items/1", "/items/2", "/sellers/1", "/log-in", "/sign-up",
    "/forgot", "/items/1/report", "/nothing",
]  # fmt: skip
MEMBERS = [
    "/", "/items/1", "/items/1/buy", "/items/new", "/items/3/edit", "/items/3/delete", "/items/3", "/closet",
    "/favourites", "/messages", "/items/1/messages/2", "/account", "/moderation",
]  # fmt: skip


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
        site.item(marta, title="Reserved hat", category="hat")
        files = [
            ("files", (f"{n}.jpg", photo(colour=colour))) for n, colour in enumerate(("red", "green", "blue"))
        ]
        paul.post("/items/new", data=listing(title="Three photos"), files=files)
        site.sql(
            "update items set state = 'sold' where id = 2; update members set is_moderator = true where id = 2"
        )
        paul.post("/items/1/like", data={"on": "1"})
        paul.post("/items/1/messages/2", data={"text": "Is it warm?"})
        marta.post("/items/1/messages/2", data={"text": "Very."})
        paul.post("/items/1/report", data={"reason": "Something else", "text": "Just a try"})
        yield site


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("who", ["visitor", "member"])
def test_axe_finds_nothing_on_any_page(
    furnished: Site, browser: Browser, axe: str, who: str, scheme: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    if who == "member":
        page.goto(f"{furnished.url}/log-in")
        page.get_by_label("Name or e-mail").fill("Paul")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        furnished.sql("delete from throttles")
    found = []
    for address in VISITORS if who == "visitor" else MEMBERS:
        page.goto(furnished.url + address)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        page.evaluate(axe)
        result = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        for violation in result["violations"]:
            nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
            found.append(f"{address}: {violation['id']}: {nodes}")
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if overflow > 0:
            found.append(f"{address}: {overflow} pixels too wide")
    context.close()

    assert found == []
