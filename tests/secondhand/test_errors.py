"""What was typed outlives the end of a session, a limit, and a database that is away."""

import re
from collections.abc import Callable
from html import unescape

import httpx2
import pytest

from secondhand import images, limits
from secondhand.security import throttles
from secondhand.workers import BusyError
from tests.secondhand.conftest import PASSWORD, Site, listing, photo

WORDS = 'Is it "warm"?\n<b>Really</b>?'


def hidden(page: str) -> dict[str, list[str]]:
    """The hidden fields of a page's last form; of the form in the main part there is but one."""
    form = re.findall(r"<form method=\"post\".*?</form>", page, re.DOTALL)[-1]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(unescape(value))
    return found


def log_in(client: httpx2.Client, page: str, password: str = PASSWORD) -> httpx2.Response:
    """Fill in the form to log in that a page shows."""
    return client.post("/log-in", data={**hidden(page), "name": "Paul", "password": password})


def end_session(site: Site, how: str, client: httpx2.Client) -> None:
    if how == "logged out in another tab":
        client.cookies.clear()
    else:
        site.sql("delete from sessions")


@pytest.mark.parametrize("how", ["logged out in another tab", "ended by the shop"])
def test_a_message_is_there_after_the_log_in_that_it_needs(site: Site, how: str) -> None:
    item, paul = site.item(site.member("Marta")), site.member("Paul")
    talk = f"/items/{item}/messages/2"
    end_session(site, how, paul)

    told = paul.post(talk, data={"text": WORDS})
    assert (told.status_code, told.headers["cache-control"]) == (403, "private, no-store")
    assert "Log in, and you can send what you wrote" in told.text
    refused = log_in(paul, told.text, "not my password")
    assert refused.status_code == 422
    back = log_in(paul, refused.text)
    assert (back.status_code, back.headers["cache-control"]) == (200, "private, no-store")
    assert f'action="{talk}"' in back.text
    assert site.sql("select count(*) from messages") == "0", "nothing is sent before somebody says so"
    sent = paul.post(talk, data=hidden(back.text))

    assert sent.url.path == talk
    assert site.sql("select text from messages") == WORDS


def test_a_listing_with_its_uploaded_photos_is_there_after_the_log_in(site: Site) -> None:
    paul = site.member("Paul")
    files = [("files", (f"{colour}.jpg", photo(colour=colour))) for colour in ("red", "blue")]
    page = paul.post("/items/new", data=listing(action="upload"), files=files).text
    tokens = re.findall(r'name="photo" value="([^"]+)"', page)
    site.sql("delete from sessions")

    told = paul.post("/items/new", data={**listing(), "photo": tokens}, files={"files": ("", b"")})
    back = log_in(paul, told.text)
    listed = paul.post("/items/new", data=hidden(back.text))

    assert "Moss green jumper" in back.text
    assert listed.url.path == "/items/1"
    assert (
        site.sql("select title, price, description from items") == "Moss green jumper|2450|Warm.\nOne owner."
    )
    assert site.sql("select count(*) from photos") == "2"


def test_another_member_who_logs_in_cannot_use_the_photos(site: Site) -> None:
    marta = site.member("Marta")
    page = marta.post("/items/new", data=listing(action="upload"), files={"files": ("a.jpg", photo())}).text
    tokens = re.findall(r'name="photo" value="([^"]+)"', page)
    site.member("Paul")
    site.sql("delete from sessions")
    back = log_in(marta, marta.post("/items/new", data={**listing(), "photo": tokens}).text)

    assert "Add at least one photo" in marta.post("/items/new", data=hidden(back.text)).text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/account/password", {"old": PASSWORD, "new": "some other words"}),
        ("/account/email", {"consent": PASSWORD, "email": "paul@example.net"}),
        ("/account/sessions", {"proof": PASSWORD, "session": "all"}),
        ("/account/delete", {"password": PASSWORD}),
    ],
)
def test_no_password_is_ever_kept(site: Site, path: str, fields: dict[str, str]) -> None:
    paul = site.member("Paul")
    site.sql("delete from sessions")
    answer = paul.post(path, data=fields)

    assert answer.url.path == "/log-in"
    assert answer.url.params["next"] == "/account"
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("path", ["like", "state", "buy"])
def test_who_only_pressed_a_button_comes_back_to_the_item(site: Site, path: str) -> None:
    item, paul = site.item(site.member("Marta")), site.member("Paul")
    site.sql("delete from sessions")
    answer = paul.post(f"/items/{item}/{path}", data={"on": "1", "state": "sold"})

    assert log_in(paul, answer.text).url.path == f"/items/{item}"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/account/email", "/account"),
        ("/items/1/state", "/items/1"),
        ("/moderation/1", "/moderation"),
        ("/log-out", "/"),
    ],
)
def test_the_address_of_a_form_that_is_loaded_again_leads_to_its_page(
    site: Site, path: str, page: str
) -> None:
    paul = site.member("Paul")
    paul.follow_redirects = False

    answer = paul.get(path)

    assert (answer.status_code, answer.headers["location"]) == (303, page)


def test_what_was_typed_is_sent_nowhere_else(site: Site) -> None:
    paul = site.member("Paul")
    for onward in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        form = {"name": "Paul", "password": PASSWORD, "next": onward, "text": WORDS}
        answer = paul.post("/log-in", data=form)
        assert 'action="/"' in answer.text
        assert "evil.example" not in answer.text
    visitor = site.client()
    assert WORDS not in visitor.get("/log-in", params={"next": "/messages", "text": WORDS}).text


def test_a_message_that_comes_too_soon_is_still_there(site: Site) -> None:
    item, paul = site.item(site.member("Marta")), site.member("Paul")
    site.use_up(throttles.MESSAGE_MEMBER, 2)
    talk = f"/items/{item}/messages/2"

    answer = paul.post(talk, data={"text": WORDS})
    site.sql("delete from throttles")

    assert answer.status_code == 429
    assert paul.post(talk, data=hidden(answer.text)).url.path == talk
    assert site.sql("select text from messages") == WORDS


def test_what_was_typed_is_there_while_the_database_is_away(serve: Callable[..., Site]) -> None:
    closed = serve("postgresql://nobody@127.0.0.1:1/none").client()
    message = closed.post("/items/1/messages/2", data={"text": WORDS})
    item = closed.post("/items/new", data=listing(), files={"files": ("a.jpg", photo())})

    assert (message.status_code, item.status_code) == (503, 503)
    assert hidden(message.text)["text"] == [WORDS]
    assert hidden(item.text)["description"] == ["Warm.\nOne owner."]
    assert "retry-after" in item.headers


def test_a_listing_is_there_when_its_photos_were_too_large_together(
    serve: Callable[..., Site], shop_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_BYTES", 100_000)
    paul = serve(shop_database).member("Paul")
    page = paul.post("/items/new", data=listing(action="upload"), files={"files": ("a.jpg", photo())}).text
    token = re.findall(r'name="photo" value="([^"]+)"', page)[0]
    large = [("files", (f"{n}.jpg", b"\0" * 90_000)) for n in range(8)]
    words = [(name, (None, value)) for name, value in listing().items()]

    told = paul.post("/items/new", files=[("photo", (None, token)), *large, *words])
    listed = paul.post("/items/new", data=hidden(told.text))

    assert (told.status_code, "too large together" in told.text) == (413, True)
    assert listed.url.path == "/items/1"
    assert "Warm." in listed.text


def test_a_listing_is_there_when_more_photos_were_chosen_than_it_can_have(site: Site) -> None:
    paul, files = site.member("Paul"), [("files", (f"{n}.jpg", photo())) for n in range(40)]

    told = paul.post("/items/new", data=listing(), files=files)

    assert (told.status_code, "the others were left out" in told.text) == (422, True)
    assert "Warm.\nOne owner." in told.text
    assert told.text.count('name="photo"') == 8


def test_a_listing_is_there_when_one_of_its_photos_waited_too_long(site: Site) -> None:
    paul = site.member("Paul")
    files = [("files", (f"{colour}.jpg", photo(colour=colour))) for colour in ("red", "blue")]
    page = paul.post("/items/new", data=listing(action="upload"), files=files).text
    tokens = re.findall(r'name="photo" value="([^"]+)"', page)
    site.sql("delete from discarded_pictures where key = (select min(key) from discarded_pictures)")

    told = paul.post("/items/new", data={**listing(), "photo": tokens}, files={"files": ("", b"")})
    kept = re.findall(r'name="photo" value="([^"]+)"', told.text)

    assert (told.status_code, "uploaded too long ago" in told.text) == (422, True)
    assert "Warm.\nOne owner." in told.text
    assert len(kept) == 1
    assert kept[0] in tokens
    assert site.sql("select count(*) from discarded_pictures") == "1", "or nobody would delete it"
    listed = paul.post("/items/new", data={**listing(), "photo": kept}, files={"files": ("", b"")})
    assert listed.url.path.startswith("/items/")
    assert site.sql("select count(*) from photos") == "1"


def test_the_photos_that_were_taken_are_there_when_the_next_one_comes_in_a_crowd(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, seen = images.accept, iter(range(3))

    async def accept_two(data: bytes) -> images.Picture:
        if next(seen) == 2:
            raise BusyError
        return await accept(data)

    monkeypatch.setattr(images, "accept", accept_two)
    files = [("files", (f"{n}.jpg", photo())) for n in range(3)]

    told = site.member("Paul").post("/items/new", data=listing(), files=files)

    assert (told.status_code, told.headers["retry-after"]) == (503, "10")
    assert "Warm.\nOne owner." in told.text
    assert told.text.count('name="photo"') == 2


def test_a_listing_that_comes_too_soon_is_still_there(site: Site) -> None:
    paul = site.member("Paul")
    site.use_up(throttles.LISTING, 1)

    told = paul.post("/items/new", data=listing(), files={"files": ("a.jpg", photo())})

    assert told.status_code == 429
    assert hidden(told.text)["description"] == ["Warm.\nOne owner."]


def test_visitors_fill_no_disk_with_photos(site: Site) -> None:
    site.use_up(throttles.LISTING, "127.0.0.1")

    assert site.client().post("/items/new", data=listing()).status_code == 429
