"""What people do, in a real browser: on a phone and on a desk, with JavaScript and without."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.fixtures.postgres import CreateDatabase
from tests.secondhand.conftest import PASSWORD, Site, photo, running

KINDS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "desk without JavaScript": {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
    "phone without JavaScript": {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False},
}


@pytest.fixture(scope="module")
def one_site(
    create_database: CreateDatabase, shop_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with running(create_database(shop_template), tmp_path_factory.mktemp("journeys")) as site:
        yield site


@pytest.fixture
def site(one_site: Site) -> Site:
    """The same shop for all, empty each time."""
    one_site.sql("delete from members; delete from letters; delete from throttles; truncate words")
    for letter in one_site.letters_folder.glob("*"):
        letter.unlink()
    return one_site


@pytest.fixture(params=KINDS)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page of a visitor who has never been here; an error in a script, or a refused one, fails the test."""
    errors: list[str] = []
    context = browser.new_context(**KINDS[request.param])
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None
    )
    yield page
    context.close()
    assert errors == []


def enter(page: Page, client: httpx2.Client) -> None:
    """Browse as the member that `client` is logged in as."""
    page.context.add_cookies(
        [{"name": "session", "value": client.cookies["session"], "url": str(client.base_url)}]
    )


def has_scripts(page: Page) -> bool:
    return bool(page.locator("html").evaluate("html => html.classList.contains('js')"))


def choose(page: Page, *photos: Path) -> None:
    """Choose photos for an item; where no script sends them, press the button that does."""
    files = page.locator("#files")
    files.wait_for(state="attached")  # the page that asks for them may be on its way
    scripts = has_scripts(page)
    files.set_input_files(photos)
    if not scripts:
        page.get_by_role("button", name="Upload and arrange").click()


def link_in_letter(site: Site, number: int, purpose: str) -> str:
    found = re.search(rf"http://\S+/{purpose}/\S+", site.letters(number)[number - 1])
    assert found
    return found[0]


def test_search_filter_sort_and_turn_the_page(site: Site, page: Page) -> None:
    seller = site.member("Vera")
    site.item(seller)
    site.sql(
        "insert into items (seller_id, title, price, category) "
        "select members.id, 'Scarf ' || n, 100 * n, 'scarf' from members, generate_series(1, 30) n"
    )
    page.goto(site.url)
    scripts = has_scripts(page)
    count = page.get_by_role("status").first
    expect(count).to_have_text("31 pieces")
    page.get_by_role("searchbox", name="Search clothes").fill("jumpper")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Did you mean “jumper”?")).to_be_visible()
    expect(page.get_by_role("heading", name="Moss green jumper")).to_be_visible()

    page.get_by_role("link", name="secondhand, home").click()
    filters = page.locator("summary", has_text="Filters")
    folded = filters.is_visible()
    if folded:
        filters.click()
    page.get_by_role("checkbox", name="scarf", exact=True).check(no_wait_after=True)
    if folded or not scripts:
        page.get_by_role("button", name="Show clothes").click()
    page.wait_for_url("**category=scarf*")
    expect(count).to_have_text("30 pieces")
    page.get_by_role("link", name="Cheapest first").click()
    titles = page.locator(".card h2")
    expect(titles.first).to_have_text("Scarf 1")
    expect(titles).to_have_count(24)
    page.get_by_role("link", name="More clothes").click()
    expect(titles).to_have_text([f"Scarf {n}" for n in range(25, 31)])
    page.get_by_role("link", name="Remove the filter scarf").click()

    expect(count).to_have_text("31 pieces")
    page.get_by_role("searchbox", name="Search clothes").fill("zeppelin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing on this rail")).to_be_visible()


def test_sell_with_photos_then_edit_reserve_sell_offer_again_and_delete(
    site: Site, page: Page, tmp_path: Path
) -> None:
    for name in ("red", "blue", "green"):
        (tmp_path / f"{name}.jpg").write_bytes(photo(colour=name))
    enter(page, site.member("Marta"))
    page.goto(site.url)
    page.get_by_role("link", name="Sell", exact=True).click()
    choose(page, *(tmp_path / f"{name}.jpg" for name in ("red", "blue", "green")))
    pictures = page.locator(".photo-list img")
    expect(pictures).to_have_count(3)
    sources = [pictures.nth(place).get_attribute("src") or "" for place in range(3)]
    page.get_by_role("button", name="Move photo 1 later").click()
    expect(pictures.nth(0)).to_have_attribute("src", sources[1])
    expect(page.get_by_role("button", name="Move photo 2 later")).to_be_focused()
    page.get_by_role("button", name="Remove photo 3").click()
    expect(pictures).to_have_count(2)

    page.get_by_label("Title").fill("Rust coat")
    page.get_by_label("Category").select_option("coat")
    page.get_by_label("Price").fill("sixty")
    page.get_by_label("Condition").select_option("like new")
    page.get_by_role("button", name="Put it in the shop").click()
    expect(page.get_by_text("Write a price in euro")).to_be_visible()
    if has_scripts(page):
        expect(page.get_by_label("Price")).to_be_focused()
    expect(page.get_by_label("Title")).to_have_value("Rust coat")
    expect(pictures).to_have_count(2)
    page.get_by_label("Price").fill("60")
    page.get_by_role("button", name="Put it in the shop").click()
    expect(page.get_by_role("heading", name="Rust coat")).to_be_visible()
    expect(page.get_by_role("img", name="Rust coat, photo 1 of 2")).to_have_js_property("complete", True)
    address = page.url.partition("?")[0]

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Price").fill("55.50")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".item-price")).to_have_text("€55.50")
    page.get_by_role("link", name="My closet").click()
    row = page.locator(".row", has_text="Rust coat")
    for button, state in (("Reserve", "reserved"), ("Mark sold", "sold")):
        row.get_by_role("button", name=re.compile(button)).click()
        expect(row.locator(".badge")).to_have_text(state)
        assert page.url.endswith(f"/closet#{row.get_attribute('id')}")
    row.get_by_role("button", name=re.compile("Offer again")).click()
    expect(row.locator(".badge")).to_have_count(0)
    row.get_by_role("link", name="Rust coat", exact=True).click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()

    expect(page.get_by_text("Deleted, with its photos.")).to_be_visible()
    answer = page.goto(address)
    assert answer
    assert answer.status == 404
    expect(page.locator("main").get_by_role("searchbox")).to_be_visible()


def test_like_then_buy_then_write(site: Site, page: Page) -> None:
    seller = site.member("Vera")
    item = site.item(seller)
    enter(page, site.member("Paul"))
    page.goto(site.url)
    page.get_by_role("link", name=re.compile("Moss green jumper")).click()
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Ask the seller").click()
    page.get_by_label("Your message").fill("Is it warm?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Is it warm?")).to_be_visible()
    assert "Is it warm?" in seller.get("/messages").text

    page.get_by_role("link", name="Moss green jumper").click()
    page.get_by_role("link", name="Buy", exact=True).click()
    page.get_by_role("button", name=re.compile("Buy for")).click()
    expect(page.get_by_text("I would like to buy this")).to_be_visible()
    page.get_by_role("link", name="Favourites").click()
    expect(page.locator(".card .badge")).to_have_text("sold")
    page.get_by_role("link", name="My closet").click()
    expect(page.get_by_role("heading", name="Bought")).to_be_visible()
    page.get_by_role("link", name=re.compile("Moss green jumper")).click()
    page.get_by_role("link", name="Vera").click()
    expect(page.get_by_role("heading", name="Vera")).to_be_visible()
    assert site.sql(f"select state from items where id = {item}") == "sold"


def test_what_was_written_outlives_the_session(site: Site, page: Page) -> None:
    item = site.item(site.member("Vera"))
    enter(page, site.member("Paul"))
    page.goto(f"{site.url}/items/{item}")
    page.get_by_role("link", name="Ask the seller").click()
    page.get_by_label("Your message").fill("Is it warm?")
    site.sql("delete from sessions")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Log in, and you can send what you wrote")).to_be_visible()
    page.get_by_label("Name or e-mail").fill("Paul")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Is it warm?")).to_be_visible()
    page.get_by_role("button", name="Send it").click()

    expect(page.get_by_role("link", name="All messages")).to_be_visible()
    assert site.sql("select text from messages") == "Is it warm?"


def test_a_report_is_decided_and_the_decision_undone(site: Site, page: Page) -> None:
    item = site.item(site.member("Vera"))
    address = f"{site.url}/items/{item}"
    page.goto(address)
    page.get_by_role("link", name="Report this item").click()
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_text("Choose a reason.")).to_be_visible()
    page.get_by_label("It is a counterfeit").check()
    page.get_by_label("Anything else").fill("The label is misspelt")
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_text("Thank you. A moderator will look at it.")).to_be_visible()

    enter(page, site.member("Mod"))
    site.sql("update members set is_moderator = true where name = 'Mod'")
    page.goto(site.url)
    page.get_by_role("link", name="Moderation").click()
    expect(page.get_by_text("The label is misspelt")).to_be_visible()
    page.get_by_label("Reason, for the seller").fill("The label is not the maker's")
    page.get_by_role("button", name="Take down").click()
    expect(page.get_by_text("No open reports.")).to_be_visible()
    expect(page.get_by_text(re.compile(f"took down item {item}: .*not the maker's"))).to_be_visible()
    assert site.client().get(address).status_code == 404
    page.goto(address)
    page.get_by_role("button", name="Put it back").click()

    expect(page.get_by_role("link", name="Ask the seller")).to_be_visible()
    assert site.client().get(address).status_code == 200


def test_the_account_journey(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/sign-up")
    page.get_by_label("Name").fill("Marta")
    page.get_by_label("E-mail").fill("marta@example.org")
    page.get_by_label("Password").fill("password1234")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text("too easy to guess")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name="Marta")).to_be_visible()
    page.goto(link_in_letter(site, 1, "confirm"))
    expect(page.get_by_text("Your address is confirmed")).to_be_visible()
    page.get_by_role("button", name="Log out", exact=True).click()

    page.goto(f"{site.url}/log-in")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill("marta@example.org")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("a letter with a link is on its way")).to_be_visible()
    page.goto(link_in_letter(site, 2, "reset"))
    page.get_by_label("New password").fill("entirely other words")
    page.get_by_role("button", name="Set it").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    page.goto(f"{site.url}/account")
    page.get_by_label("Name or e-mail").fill("marta@example.org")
    page.get_by_label("Password").fill("entirely other words")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Where you are logged in")).to_be_visible()

    page.locator("summary", has_text="Change it").click()
    page.get_by_label("E-mail").fill("new@example.org")
    page.locator("#consent").fill("entirely other words")
    page.get_by_role("button", name="Send the letter").click()
    expect(page.get_by_text("The letter is on its way")).to_be_visible()
    page.goto(link_in_letter(site, 3, "confirm"))
    expect(page.get_by_text("new@example.org")).to_be_visible()
    page.get_by_label("Your password now").fill("entirely other words")
    page.get_by_label("New password").fill("a third set of words")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    elsewhere = site.client()
    elsewhere.post("/log-in", data={"name": "Marta", "password": "a third set of words"})
    with page.expect_download() as download:
        page.get_by_role("link", name="Download it").click()
    data = json.loads(zipfile.ZipFile(download.value.path()).read("data.json"))
    assert data["member"]["email"] == "new@example.org"
    page.locator("#proof").fill("a third set of words")
    page.get_by_role("button", name="Log out everywhere").click()
    expect(page.get_by_text("You are logged out everywhere")).to_be_visible()
    assert elsewhere.get("/account").url.path == "/log-in"

    page.get_by_label("Name or e-mail").fill("Marta")
    page.get_by_label("Password").fill("a third set of words")
    page.get_by_role("button", name="Log in").click()
    page.goto(f"{site.url}/account")
    page.locator("#password").fill("a third set of words")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    assert site.sql("select count(*) from members") == "0"


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {target}")


def test_the_keyboard_alone_is_enough(site: Site, browser: Browser) -> None:
    item = site.item(site.member("Vera"))
    site.member("Paul")
    page = browser.new_page()
    page.goto(site.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    jumper = page.get_by_role("checkbox", name="jumper", exact=True)
    tab_to(page, jumper)
    page.keyboard.press("Space")
    page.wait_for_url("**category=jumper*")
    expect(jumper).to_be_checked()
    expect(jumper).to_be_focused()
    tab_to(page, page.get_by_role("link", name=re.compile("Moss green jumper")))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/items/{item}")
    tab_to(page, page.get_by_role("link", name="Buy", exact=True))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Name or e-mail"))
    page.keyboard.type("Paul")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name=re.compile("Buy for")))
    page.keyboard.press("Enter")
    expect(page.get_by_text("I would like to buy this")).to_be_visible()
    page.close()
    assert site.sql(f"select state from items where id = {item}") == "sold"


def test_a_form_is_sent_once_and_again_when_that_was_stopped(site: Site, browser: Browser) -> None:
    site.member("Marta")
    sent: list[Route] = []

    def hold_the_first(route: Route) -> None:
        sent.append(route)
        if len(sent) > 1:
            route.continue_()

    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site.url}/log-in")
        page.fill("#name", "Marta")
        page.fill("#password", PASSWORD)
        page.route("**/log-in", hold_the_first)
        page.evaluate("""async () => {
            const form = document.querySelector("main form");
            for (const then of [() => {}, () => stop()]) {
                form.requestSubmit();
                await new Promise((done) => setTimeout(done, 300));
                then();
            }
            await new Promise((done) => setTimeout(done, 300));
            form.requestSubmit();
        }""")
        page.wait_for_url(f"{site.url}/", timeout=10_000)

    assert len(sent) == 2
