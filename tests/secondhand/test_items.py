"""Browsing, searching, selling; and that nobody changes what is another's."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from secondhand import housekeeping
from secondhand.security import throttles
from tests.secondhand.conftest import PASSWORD, Site, listing, photo
from tests.secondhand.test_accounts import confirmed


def test_a_new_item_is_shown_to_everybody(site: Site) -> None:
    seller = site.member("Marta")
    item = site.item(seller)

    page = site.client().get(f"/items/{item}").text

    for text in ("Moss green jumper", "€24.50", "Kestrel Mills", "very good", "Marta", "One owner."):
        assert text in page


def test_its_photo_is_shown(site: Site) -> None:
    item = site.item(site.member("Marta"))
    visitor = site.client()
    source = re.search(r'<img[^>]* src="(/pictures/[^"]+)"', visitor.get(f"/items/{item}").text)
    assert source

    answer = visitor.get(source[1])

    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert visitor.get(source[1][:-2]).status_code == 404


def test_the_front_page_counts_and_pages_without_skipping(site: Site) -> None:
    site.member("Marta")
    site.sql(
        "insert into items (seller_id, title, price, category) "
        "select 1, 'Piece ' || n, 100, 'coat' from generate_series(1, 60) n"
    )
    visitor = site.client()
    page = visitor.get("/").text
    assert "60 pieces" in page
    seen = re.findall(r"Piece \d+", page)
    site.sql("insert into items (seller_id, title, price, category) values (1, 'Late', 100, 'coat')")
    while following := re.search(r'rel="next" href="([^"]+)"', page):
        page = visitor.get(unescape(following[1])).text
        seen += re.findall(r"Piece \d+", page)

    assert seen == [f"Piece {n}" for n in range(60, 0, -1)]


@pytest.mark.parametrize("words", ["jumper", "JUMPERS", "kestrel", "moss -coat", '"green jumper"', "owner"])
def test_search_finds_what_is_there(site: Site, words: str) -> None:
    site.item(site.member("Marta"))

    assert "Moss green jumper" in site.client().get("/", params={"q": words}).text


def test_a_misspelt_search_is_answered_with_what_was_probably_meant(site: Site) -> None:
    site.item(site.member("Marta"))
    answer = site.client().get("/", params={"q": "mos grean jumpre"})

    assert answer.url.params["q"] == "moss green jumper"
    assert "Nothing was found for “mos grean jumpre”" in answer.text
    assert 'href="/items/1"' in answer.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("category=jumper&category=coat", "AB"),
        ("category=coat", "B"),
        ("size=M", "A"),
        ("size=M&size=L", "AB"),
        ("colour=red&category=jumper", ""),
        ("brand=KESTREL+mills", "A"),
        ("least=20&most=30", "A"),
        ("least=24.50&most=24,50", "A"),
        ("most=cheap", "AB"),
        ("condition=worn", "B"),
        ("sold=1", "ABC"),
        ("sort=cheapest", "AB"),
        ("sort=dearest", "BA"),
        ("sort=;drop", "BA"),
        ("after=x&sort=cheapest", "AB"),
    ],
)
def test_filters_and_orders(site: Site, query: str, found: str) -> None:
    site.member("Marta")
    site.sql(
        "insert into items (seller_id, title, price, category, size, brand, condition, colour, state) values "
        "(1, 'Piece A', 2450, 'jumper', 'M', 'Kestrel Mills', 'good', 'green', 'available'), "
        "(1, 'Piece B', 9000, 'coat', 'L', '', 'worn', 'red', 'reserved'), "
        "(1, 'Piece C', 100, 'hat', '', '', 'good', 'red', 'sold')"
    )
    page = site.client().get(f"/?{query}").text

    seen = "".join(re.findall(r"<h2>Piece (.)</h2>", page))
    assert (seen if "sort" in query else "".join(sorted(seen))) == found


def test_the_brand_filter_suggests_the_common_brands(
    serve: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "EVERY_SECONDS", 0.01)
    site = serve()
    marta = site.member("Marta")
    site.sql("insert into items (seller_id, title, price, category, brand) select 1, 'Coat', n, 'coat', brand "
             "from generate_series(1, 20) n, unnest(array['Paloma', 'paloma', 'Ærø & Co', '']) brand")  # fmt: skip
    site.sql("analyze items")
    suggested = "<option>Paloma</option><option>Ærø &amp; Co</option></datalist>"
    deadline = time.monotonic() + 20
    while suggested.casefold() not in site.client().get("/").text.casefold():
        assert time.monotonic() < deadline, "no suggestions"

    assert suggested.casefold() in marta.get("/items/new").text.casefold()
    assert "40 pieces" in site.client().get("/?brand=PALOMA").text


def test_each_filter_is_a_chip_that_takes_it_away(site: Site) -> None:
    site.member("Marta")
    query = "category=coat&size=M&brand=X&least=5&most=9&sold=1&sort=cheapest"
    page = site.client().get(f"/?{query}").text
    chips = [unescape(chip) for chip in re.findall(r'class="chip" href="([^"]+)"', page)]

    assert len(chips) == 6
    for chip, gone in zip(chips, ("category", "size", "brand", "least", "most", "sold"), strict=True):
        assert gone not in chip
        assert chip.count("=") == 6


@pytest.mark.parametrize("sort", ["newest", "cheapest", "dearest"])
def test_pages_neither_skip_nor_repeat_while_items_are_added(site: Site, sort: str) -> None:
    site.member("Marta")
    add = (
        "insert into items (seller_id, title, price, category) select 1, 'P' || n, n % 7 * 100, 'coat' from "
    )
    site.sql(add + "generate_series(1, 70) n")
    visitor, seen, address = site.client(), list[str](), f"/?sort={sort}"
    while address:
        page = visitor.get(address).text
        seen += re.findall(r"<h2>(P\d+)</h2>", page)
        site.sql(add + "generate_series(100, 103) n")
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = unescape(following[1]) if following else ""

    first = [title for title in seen if int(title[1:]) < 100]
    assert len(first) == len(set(first)) == 70


def test_an_item_is_sold_once_when_twenty_press_at_the_same_moment(site: Site) -> None:
    item = site.item(site.member("Marta"))
    buyers = [site.member(f"Buyer-{number}") for number in range(8)]
    crowd = [buyers[number % len(buyers)] for number in range(20)]
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda buyer: buyer.post(f"/items/{item}/buy").status_code, crowd))

    assert sorted(answers) == [200] + [409] * 19
    assert site.sql("select state, buyer_id is not null from items") == "sold|t"
    assert site.sql("select count(*) from messages") == "1"


def test_nobody_buys_their_own_a_reserved_or_a_sold_item(site: Site) -> None:
    seller, paul = site.member("Marta"), site.member("Paul")
    item = site.item(seller)

    assert seller.post(f"/items/{item}/buy").status_code == 409
    for state in ("reserved", "sold"):
        seller.post(f"/items/{item}/state", data={"state": state})
        assert paul.post(f"/items/{item}/buy").status_code == 409


def test_the_seller_reserves_sells_and_offers_again_and_nobody_else_does(site: Site) -> None:
    seller, paul = site.member("Marta"), site.member("Paul")
    item = site.item(seller)
    for state in ("reserved", "sold", "available"):
        assert paul.post(f"/items/{item}/state", data={"state": state}).status_code == 404
        assert seller.post(f"/items/{item}/state", data={"state": state}).status_code == 200
        assert site.sql("select state from items") == state
    assert seller.post(f"/items/{item}/state", data={"state": "removed"}).status_code == 400


def test_a_purchase_and_a_reservation_at_the_same_moment_do_not_both_happen(site: Site) -> None:
    marta, paul = site.member("Marta"), site.member("Paul")
    item = site.item(marta)
    for _ in range(12):
        site.sql("update items set state = 'available', buyer_id = null")
        with ThreadPoolExecutor(2) as threads:
            bought = threads.submit(paul.post, f"/items/{item}/buy")
            reserved = threads.submit(marta.post, f"/items/{item}/state", data={"state": "reserved"})

        assert sorted([bought.result().status_code, reserved.result().status_code]) == [200, 409]
        state = "sold|2" if bought.result().status_code == 200 else "reserved|"
        assert site.sql("select state, buyer_id from items") == state


def test_who_is_deleted_while_buying_gets_no_error_of_ours(site: Site) -> None:
    item, paul = site.item(site.member("Marta")), site.member("Paul")
    site.sql(
        "create function pause() returns trigger language plpgsql as "
        "$$ begin perform pg_sleep(1); return new; end $$; "
        "create trigger pause before update on items for each row execute function pause()"
    )
    with ThreadPoolExecutor(1) as other:
        buying = other.submit(paul.post, f"/items/{item}/buy", data={"price": "2450"})
        time.sleep(0.4)
        site.sql("delete from members where name = 'Paul'")

        assert buying.result().status_code == 503
    assert site.sql("select state from items") == "available"


def test_nobody_buys_the_whole_shop(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "BUY_MEMBER", replace(throttles.BUY_MEMBER, limit=2))
    site.member("Marta")
    site.sql(
        "insert into items (seller_id, title, price, category) select 1, 'x', 1, 'coat' from generate_series(1, 3)"
    )
    paul = site.member("Paul")

    statuses = [paul.post(f"/items/{n}/buy", data={"price": "1"}).status_code for n in (1, 2, 3)]

    assert statuses == [200, 200, 429]
    assert site.sql("select count(*) from items where buyer_id is not null") == "2"


def test_nobody_pays_another_price_than_the_one_they_read(site: Site) -> None:
    item = site.item(site.member("Marta"))
    paul = site.member("Paul")
    read = re.search(r'name="price" value="(\d+)"', paul.get(f"/items/{item}/buy").text)
    assert read
    site.sql("update items set price = 9900")

    answer = paul.post(f"/items/{item}/buy", data={"price": read[1]})

    assert answer.status_code == 409
    assert "changed the price" in answer.text
    assert paul.post(f"/items/{item}/buy", data={"price": "9900"}).status_code == 200


def test_who_buys_has_it_in_writing(site: Site) -> None:
    item = site.item(site.member("Marta"))
    confirmed(site, "Paul").post(f"/items/{item}/buy")

    receipt = site.letters(3)[-1]
    assert "“Moss green jumper” from Marta for €24.50" in receipt
    assert f"{site.url}/items/{item}/messages/2" in receipt


def test_what_was_bought_stays_as_it_was(site: Site) -> None:
    marta, paul = site.member("Marta"), site.member("Paul")
    item = site.item(marta)
    form = marta.get(f"/items/{item}/edit").text
    token = re.search(r'name="photo" value="([^"]+)"', form)
    assert token
    paul.post(f"/items/{item}/buy")

    changed = listing(price="99", photo=token[1])
    assert marta.get(f"/items/{item}/edit").status_code == 409
    assert marta.post(f"/items/{item}/edit", data=changed).status_code == 409
    for state in ("reserved", "sold"):  # from a page of before
        assert marta.post(f"/items/{item}/state", data={"state": state}).status_code == 409
    assert "You have bought this" in paul.get(f"/items/{item}").text
    assert site.sql("select price, state, buyer_id from items") == "2450|sold|2"


def test_who_offers_again_what_was_bought_tells_the_buyer(site: Site) -> None:
    marta, paul = site.member("Marta"), site.member("Paul")
    item = site.item(marta)
    paul.post(f"/items/{item}/buy")
    assert "Offer again" not in marta.get("/closet").text, "one press in a list ends no sale"
    assert "To offer it again ends the sale" in marta.get(f"/items/{item}").text

    marta.post(f"/items/{item}/state", data={"state": "available"})

    assert "our sale is off" in paul.get(f"/items/{item}/messages/2").text
    assert site.sql("select state, buyer_id is null from items") == "available|t"


def test_a_seller_cannot_take_what_was_bought_away_from_its_buyer_for_90_days(site: Site) -> None:
    marta, paul = site.member("Marta"), site.member("Paul")
    item = site.item(marta)
    paul.post(f"/items/{item}/buy")

    for state in ("sold", "available"):  # nor after it was offered again
        marta.post(f"/items/{item}/state", data={"state": state})
        page = marta.get(f"/items/{item}/delete").text
        assert "its buyer keeps it in sight" in page
        assert f'action="/items/{item}/delete"' not in page
        assert marta.post(f"/items/{item}/delete").status_code == 409
        assert "I would like to buy this" in paul.get(f"/items/{item}/messages/2").text
    site.sql("update items set bought_at = now() - interval '91 days'")

    assert marta.post(f"/items/{item}/delete").url.path == "/closet"
    assert site.sql("select count(*) from items") == "0"


def test_a_seller_keeps_nothing_for_a_buyer_who_has_left(site: Site) -> None:
    marta, paul = site.member("Marta"), site.member("Paul")
    item = site.item(marta)
    paul.post(f"/items/{item}/buy")
    paul.post("/account/delete", data={"password": PASSWORD})

    assert marta.post(f"/items/{item}/delete").url.path == "/closet"
    assert site.sql("select count(*) from items") == "0"


def test_a_buyer_still_sees_what_a_moderator_took_down(site: Site) -> None:
    marta, paul = site.member("Marta"), site.member("Paul")
    item = site.item(marta)
    paul.post(f"/items/{item}/buy")
    site.sql("update items set state = 'removed', removal_reason = 'A counterfeit'")

    assert "A counterfeit" in paul.get(f"/items/{item}").text
    assert site.member("Vera").get(f"/items/{item}").status_code == 404


def test_favourites_are_ones_own(site: Site) -> None:
    item = site.item(site.member("Marta"))
    paul, vera = site.member("Paul"), site.member("Vera")

    paul.post(f"/items/{item}/like", data={"on": "1"})
    paul.post(f"/items/{item}/like", data={"on": "1"})
    assert "Moss green jumper" in paul.get("/favourites").text
    assert "Moss green jumper" not in vera.get("/favourites").text
    paul.post(f"/items/{item}/like", data={"on": "0"})
    assert "Moss green jumper" not in paul.get("/favourites").text


def test_the_closet_and_the_profile_show_what_they_should(site: Site) -> None:
    marta, paul = site.member("Marta"), site.member("Paul")
    item = site.item(marta)
    paul.post(f"/items/{item}/buy")

    assert "1 sold" in marta.get("/closet").text
    assert "Bought" in paul.get("/closet").text
    assert "Moss green jumper" in site.client().get("/sellers/1").text
    assert site.client().get("/sellers/99").status_code == 404


def test_a_closet_and_favourites_that_are_not_shown_in_full_say_so(site: Site) -> None:
    marta = site.member("Marta")
    site.item(marta)
    assert "These are the latest" not in marta.get("/closet").text + marta.get("/favourites").text
    site.sql(
        "insert into items (seller_id, title, price, category) "
        "select seller_id, 'Scarf ' || n, 100, 'scarf' from items, generate_series(1, 500) n"
    )
    site.sql("insert into favourites select 1, id from items")

    assert 'These are the latest 500 pieces. <a href="/sellers/1">' in marta.get("/closet").text
    assert "These are the latest 500 pieces." in marta.get("/favourites").text


@pytest.mark.parametrize("words", ["zzz", "-jumper", "'; drop table items; --", "\x00", ":*&|!()"])
def test_search_for_anything_else_finds_nothing_and_breaks_nothing(site: Site, words: str) -> None:
    site.item(site.member("Marta"))
    answer = site.client().get("/", params={"q": words})

    assert answer.status_code == 200
    assert site.sql("select count(*) from items") == "1"


def test_the_form_says_which_photos_are_taken(site: Site) -> None:
    form = site.member("Marta").get("/items/new").text

    assert "JPEG, PNG or WebP, up to 10 MB each, at most 8" in form
    assert 'accept="image/jpeg,image/png,image/webp"' in form


def test_what_was_typed_is_kept_when_something_is_wrong(site: Site) -> None:
    seller = site.member("Marta")
    answer = seller.post(
        "/items/new", data=listing(price="cheap"), files={"files": ("a.png", photo(form="PNG"))}
    )

    assert answer.status_code == 422
    assert "Write a price in euro" in answer.text
    assert "One owner." in answer.text
    token = re.search(r'name="photo" value="([^"]+)"', answer.text)
    assert token
    again = seller.post("/items/new", data=listing(photo=token[1]))
    assert again.url.path.startswith("/items/")
    assert site.sql("select count(*) from photos") == "1"
    assert site.sql("select count(*) from discarded_pictures") == "0"


def test_a_photo_token_of_somebody_else_is_worth_nothing(site: Site) -> None:
    marta, paul = site.member("Marta"), site.member("Paul")
    page = marta.post("/items/new", data=listing(action="upload"), files={"files": ("a.jpg", photo())}).text
    token = re.search(r'name="photo" value="([^"]+)"', page)
    assert token

    answer = paul.post("/items/new", data=listing(photo=token[1]))

    assert answer.status_code == 422
    assert "Add at least one photo" in answer.text


def test_the_owner_changes_an_item(site: Site) -> None:
    seller = site.member("Marta")
    item = site.item(seller)
    token = re.search(r'name="photo" value="([^"]+)"', seller.get(f"/items/{item}/edit").text)
    assert token

    seller.post(f"/items/{item}/edit", data=listing(title="Olive jumper", price="19", photo=token[1]))

    assert site.sql("select title, price from items") == "Olive jumper|1900"
    assert site.sql("select count(*) from photos") == "1"


def test_photos_are_moved_and_removed_with_buttons(site: Site) -> None:
    seller = site.member("Marta")
    files = [
        ("files", (f"{n}.jpg", photo(colour=colour))) for n, colour in enumerate(("red", "green", "blue"))
    ]
    page = seller.post("/items/new", data=listing(action="upload"), files=files).text
    tokens, keys = re.findall(r'name="photo" value="([^"]+)"', page), re.findall(r'value="later (\w+)"', page)
    page = seller.post("/items/new", data={**listing(action=f"later {keys[0]}"), "photo": tokens}).text
    assert re.findall(r'value="later (\w+)"', page) == [keys[1], keys[0], keys[2]]
    tokens = re.findall(r'name="photo" value="([^"]+)"', page)
    page = seller.post("/items/new", data={**listing(action=f"remove {keys[1]}"), "photo": tokens}).text
    tokens = re.findall(r'name="photo" value="([^"]+)"', page)

    seller.post("/items/new", data={**listing(), "photo": tokens})

    assert site.sql("select key from photos order by position").split() == [keys[0], keys[2]]


def test_another_members_item_can_neither_be_edited_nor_deleted(site: Site) -> None:
    item = site.item(site.member("Marta"))
    paul = site.member("Paul")

    statuses = [
        paul.get(f"/items/{item}/edit").status_code,
        paul.post(f"/items/{item}/edit", data=listing(title="Mine now")).status_code,
        paul.get(f"/items/{item}/delete").status_code,
        paul.post(f"/items/{item}/delete").status_code,
    ]

    assert statuses == [404] * 4
    assert site.sql("select title from items") == "Moss green jumper"


def test_a_visitor_is_sent_to_log_in_and_stores_nothing(site: Site) -> None:
    visitor = site.client()
    answer = visitor.post("/items/new", data=listing(), files={"files": ("a.jpg", photo())})

    assert (answer.status_code, answer.headers["cache-control"]) == (403, "private, no-store")
    assert 'action="/log-in"' in answer.text
    assert site.sql("select count(*) from items") == "0"
    assert site.sql("select count(*) from discarded_pictures") == "0"


def test_a_deleted_item_is_gone_for_everyone_and_its_pictures_with_it(site: Site, tmp_path: Path) -> None:
    seller = site.member("Marta")
    item = site.item(seller)
    assert len(list((tmp_path / "pictures").rglob("*.*"))) == 4

    assert seller.post(f"/items/{item}/delete").status_code == 200

    assert site.client().get(f"/items/{item}").status_code == 404
    deadline = time.monotonic() + 10
    while list((tmp_path / "pictures").rglob("*.*")):
        assert time.monotonic() < deadline, "the pictures are still there"
        time.sleep(0.02)


def test_a_form_from_another_site_is_refused(site: Site) -> None:
    seller = site.member("Marta")
    item = site.item(seller)
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        assert seller.post(f"/items/{item}/delete", headers=headers).status_code == 403

    assert site.sql("select count(*) from items") == "1"
