"""What people do, in a real browser: on a phone and on a desk, with JavaScript and without."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.secondhand.conftest import PASSWORD, Site, photo

KINDS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
    "desk without JavaScript": {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
    "phone without JavaScript": {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False},
}


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


def sign_up(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.url}/sign-up")
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def choose(page: Page, *photos: Path) -> None:
    """Choose photos for an item; where no script sends them, press the button that does."""
    scripts = page.evaluate("document.documentElement.classList.contains('js')")
    page.locator("#files").set_input_files(photos)
    if not scripts:
        page.get_by_role("button", name="Upload and arrange").click()


def test_sign_up_then_sell_with_a_photo_then_see_it_then_delete_it(
    site: Site, page: Page, tmp_path: Path
) -> None:
    (tmp_path / "coat.jpg").write_bytes(photo())
    sign_up(page, site, "Marta")
    page.get_by_role("link", name="Sell", exact=True).click()
    choose(page, tmp_path / "coat.jpg")
    expect(page.locator(".photo-list img")).to_have_count(1)
    page.get_by_label("Title").fill("Rust coat")
    page.get_by_label("Category").select_option("coat")
    page.get_by_label("Price").fill("sixty")
    page.get_by_label("Condition").select_option("like new")
    page.get_by_role("button", name="Put it in the shop").click()

    expect(page.get_by_text("Write a price in euro")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Rust coat")
    expect(page.locator(".photo-list img")).to_have_count(1)
    page.get_by_label("Price").fill("60")
    page.get_by_role("button", name="Put it in the shop").click()

    expect(page.get_by_role("heading", name="Rust coat")).to_be_visible()
    picture = page.get_by_role("img", name="Rust coat, photo 1 of 1")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    address = page.url.partition("?")[0]

    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()

    expect(page.get_by_text("Rust coat")).to_have_count(0)
    answer = page.goto(address)
    assert answer
    assert answer.status == 404


def test_find_with_filters_then_like_then_buy_then_write(site: Site, page: Page) -> None:
    seller = site.member("Vera")
    site.item(seller)
    site.item(seller, title="Red hat", category="hat", colour="red", price="12")
    sign_up(page, site, "Paul")
    page.goto(site.url)
    filters = page.locator("summary", has_text="Filters")
    if filters.is_visible():
        filters.click()
    page.get_by_role("checkbox", name="jumper", exact=True).check(no_wait_after=True)
    if filters.is_visible() or not page.evaluate("document.documentElement.classList.contains('js')"):
        page.get_by_role("button", name="Show clothes").click()

    page.wait_for_url("**category=jumper*")
    expect(page.get_by_role("heading", name="Moss green jumper")).to_be_visible()
    expect(page.get_by_role("heading", name="Red hat")).to_have_count(0)
    page.get_by_role("link", name="Remove the filter jumper").click()
    expect(page.get_by_role("heading", name="Red hat")).to_be_visible()

    page.get_by_role("link", name=re.compile("Moss green jumper")).click()
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Buy", exact=True).click()
    page.get_by_role("button", name=re.compile("Buy for")).click()

    expect(page.get_by_text("I would like to buy this")).to_be_visible()
    page.get_by_label("Your message").fill("Tomorrow at noon?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Tomorrow at noon?")).to_be_visible()
    page.get_by_role("link", name="Favourites").click()
    expect(page.get_by_text("sold")).to_be_visible()
    assert site.sql("select state from items where id = 1") == "sold"


def test_photos_are_put_in_order_by_buttons(site: Site, page: Page, tmp_path: Path) -> None:
    for name in ("red", "blue"):
        (tmp_path / f"{name}.jpg").write_bytes(photo(colour=name))
    sign_up(page, site, "Marta")
    page.goto(f"{site.url}/items/new")
    choose(page, tmp_path / "red.jpg", tmp_path / "blue.jpg")
    pictures = page.locator(".photo-list img")
    expect(pictures).to_have_count(2)
    before = [pictures.nth(place).get_attribute("src") for place in (0, 1)]

    page.get_by_role("button", name="Move photo 1 later").click()

    expect(pictures.nth(0)).to_have_attribute("src", before[1] or "")
    page.get_by_role("button", name="Remove photo 1").click()
    expect(pictures).to_have_count(1)
    expect(pictures.nth(0)).to_have_attribute("src", before[0] or "")


def test_the_account_journey(site: Site, page: Page) -> None:
    sign_up(page, site, "Marta")
    link = re.search(r"(http://\S+/confirm/\S+)", site.letters()[0])
    assert link
    page.goto(link[1])
    expect(page.get_by_text("Your address is confirmed")).to_be_visible()
    page.get_by_label("Your password now").fill(PASSWORD)
    page.get_by_label("New password").fill("entirely other words")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    page.get_by_role("button", name="Log out", exact=True).click()

    page.goto(f"{site.url}/closet")
    page.get_by_label("Name or e-mail").fill("marta@example.org")
    page.get_by_label("Password").fill("entirely other words")
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("heading", name="My closet")).to_be_visible()
    page.goto(f"{site.url}/account")
    page.locator("#password").fill("entirely other words")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()
    assert site.sql("select count(*) from members") == "0"


def test_the_keyboard_alone_is_enough(site: Site, browser: Browser) -> None:
    site.item(site.member("Vera"))
    page = browser.new_page()
    page.goto(site.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.pathname") == "/items/1":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/1")
    page.close()
