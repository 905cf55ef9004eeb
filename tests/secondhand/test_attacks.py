"""What somebody hostile sends: each is refused with the right status, and nothing of it is kept."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from secondhand.app import ROUTES
from tests.fixtures.postgres import CreateDatabase
from tests.secondhand.conftest import PASSWORD, Site, listing, photo, running
from tests.secondhand.test_images import chunk, png, repeated, saved

CHANGES = [route.path for route in ROUTES if route.methods and "POST" in route.methods]
KEPT = """
    select (select count(*) from items), (select count(*) from photos), (select count(*) from messages),
           (select count(*) from favourites), (select count(*) from members), (select count(*) from reports),
           (select string_agg(title || price || state, ',') from items)
"""


class Fortress:
    """A shop with an item of Marta's, and Paul, who is logged in and means harm."""

    def __init__(self, site: Site, pictures: Path) -> None:
        self.site = site
        self.pictures = pictures
        self.marta = site.member("Marta")
        self.item = site.item(self.marta)
        self.paul = site.member("Paul")
        self.paul.follow_redirects = False
        self.before = self.state()

    def state(self) -> tuple[str, int]:
        """The rows, and how many pictures are stored beside those that wait for their deletion."""
        waiting = set(self.site.sql("select key from discarded_pictures").split())
        stored = {path.name[:32] for path in self.pictures.rglob("*") if path.is_file()}
        return self.site.sql(KEPT), len(stored - waiting)

    def address(self, route: str) -> str:
        return (
            route.replace("{id:id}", str(self.item)).replace("{other:id}", "1").replace("{token}", "x" * 43)
        )


@pytest.fixture(scope="module")
def whole_fortress(
    create_database: CreateDatabase, shop_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fortress]:
    folder = tmp_path_factory.mktemp("fortress")
    with running(create_database(shop_template), folder) as site:
        yield Fortress(site, folder / "pictures")


@pytest.fixture
def fortress(whole_fortress: Fortress) -> Iterator[Fortress]:
    whole_fortress.site.sql("delete from throttles")
    yield whole_fortress
    assert whole_fortress.state() == whole_fortress.before, "the attack left something behind"


def animated(form: str) -> bytes:
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "blue")]
    return saved(frames[0], form, save_all=True, append_images=frames[1:])


UPLOADS = {
    "a bomb of 2.5 gigapixels": png(50_000, 50_000),
    "a picture of 41 megapixels": png(6_500, 6_400),
    "a picture of no width": png(0, 300),
    "a picture that is all width": png(30_000, 100),
    "a text chunk that unpacks to 200 MB": png(
        300, 300, chunk(b"zTXt", b"k\0\0" + zlib.compress(b"a" * 200_000_000, 9)), pixels=b"\0" * 90_300
    ),
    "a WebP of 17 megapixels": saved(Image.new("1", (4200, 4100)).convert("RGB"), "WEBP"),
    "a JPEG of a thousand scans": repeated(1000),
    "half a JPEG": photo()[: len(photo()) // 2],
    "half a PNG": photo(form="PNG")[:200],
    "half a WebP": photo(form="WEBP")[:40],
    "a PNG without pixels": png(300, 300),
    "a PNG with a wrong checksum": photo(form="PNG").replace(b"IDAT", b"IDAX"),
    "a JPEG's first bytes and noise": b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20,
    "a PNG's first bytes and noise": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "a WebP's first bytes and noise": b"RIFF\xff\x00\x00\x00WEBPVP8 " + bytes(range(256)) * 20,
    "a sound": b"RIFF" + struct.pack("<I", 4000) + b"WAVEfmt " + bytes(4000),
    "a moving WebP": animated("WEBP"),
    "a moving PNG": animated("PNG"),
    "a GIF": saved(Image.new("P", (300, 300)), "GIF"),
    "a moving GIF": animated("GIF"),
    "a BMP": saved(Image.new("RGB", (300, 300)), "BMP"),
    "a TIFF": saved(Image.new("RGB", (300, 300)), "TIFF"),
    "an icon": saved(Image.new("RGB", (256, 256)), "ICO"),
    "a PPM": saved(Image.new("RGB", (300, 300)), "PPM"),
    "a TGA": saved(Image.new("RGB", (300, 300)), "TGA"),
    "a PDF of a picture": saved(Image.new("RGB", (300, 300)), "PDF"),
    "an EPS": saved(Image.new("RGB", (300, 300)), "EPS"),
    "a PSD": b"8BPS\0\1" + bytes(300),
    "a HEIC": b"\0\0\0\x18ftypheic" + bytes(300),
    "a film": b"\0\0\0\x18ftypmp42" + bytes(300),
    "an SVG with a script": b"<svg onload='alert(1)'><script>alert(1)</script></svg>",
    "an SVG that reads files": b"<!DOCTYPE s [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>",
    "a web page": b"<html><script>alert(document.cookie)</script></html>",
    "a billion laughs": b"<!DOCTYPE l [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;'>]><l>&b;</l>",
    "a PHP script": b"<?php system($_GET['c']); ?>",
    "a GIF that is a script": b"GIF89a/*" + b"\0" * 50 + b"*/=1;alert(1)",
    "a ZIP": b"PK\x03\x04" + bytes(500),
    "a program": b"\x7fELF" + bytes(500),
    "a shell script": b"#!/bin/sh\nrm -rf /\n",
    "a link of ImageMagick": b"push graphic-context\nimage over 0,0 0,0 'https://127.0.0.1/x'\n",
    "a picture of one pixel": photo(1, 1, form="PNG"),
    "a picture too small": photo(99, 99),
    "a strip": photo(100, 400),
    "a byte too many": photo().ljust(10 * 1024 * 1024 + 1, b"\0"),
    "nothing": b"",
}


@pytest.mark.parametrize("name", UPLOADS)
def test_a_hostile_upload_is_refused_with_a_reason(fortress: Fortress, name: str) -> None:
    files = {"files": ("../../etc/cron.d/photo.jpg", UPLOADS[name], "image/jpeg")}
    answer = fortress.paul.post("/items/new", data=listing(), files=files)

    assert answer.status_code == 422
    assert 'id="photos-error"' in answer.text


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "a\0.jpg", "a.php.jpg", "con", "x" * 500, "‮gpj.exe", "a\r\nb.jpg"]
)
def test_the_name_of_a_file_names_nothing_here(fortress: Fortress, name: str) -> None:
    answer = fortress.paul.post("/items/new", data=listing(action="upload"), files={"files": (name, photo())})

    assert answer.status_code in (200, 400)
    stray = [path.name for path in fortress.pictures.rglob("*") if path.is_file()]
    assert all(len(name.partition("-")[0]) == 32 for name in stray)


@pytest.mark.parametrize("route", CHANGES)
@pytest.mark.parametrize("site", ["cross-site", "same-site", "another origin", "no header at all"])
def test_no_other_site_makes_a_member_do_anything(fortress: Fortress, route: str, site: str) -> None:
    headers = {
        "cross-site": {"sec-fetch-site": "cross-site"},
        "same-site": {"sec-fetch-site": "same-site"},
        "another origin": {"origin": "https://evil.example"},
        "no header at all": {},
    }[site]
    victim = httpx2.Client(base_url=fortress.site.url, cookies=dict(fortress.marta.cookies))
    with victim:
        answer = victim.post(fortress.address(route), data={"state": "sold", "on": "1"}, headers=headers)

    assert answer.status_code == 403
    assert "<h1>That is not allowed</h1>" in answer.text


@pytest.mark.parametrize(
    "route", [path for path in CHANGES if path.startswith(("/items/{", "/items/n", "/account", "/mod"))]
)
def test_a_visitor_changes_nothing(fortress: Fortress, route: str) -> None:
    visitor = fortress.site.client()
    visitor.follow_redirects = False
    answer = visitor.post(
        fortress.address(route), data=listing(text="hello", state="sold", on="1", decision="leave")
    )

    if route.endswith("/report"):  # whoever sees something wrong may say so, with one of the reasons
        assert answer.status_code == 422
    elif answer.status_code == 403:  # what was typed is still there
        assert 'action="/log-in"' in answer.text
        assert 'value="hello"' in answer.text
    else:
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/log-in")


@pytest.mark.parametrize("what", ["edit", "delete", "state"])
def test_paul_changes_nothing_of_martas(fortress: Fortress, what: str) -> None:
    form = listing(title="Mine now", state="sold")

    assert fortress.paul.post(f"/items/{fortress.item}/{what}", data=form).status_code == 404


@pytest.mark.parametrize(
    "field", ["seller_id", "id", "state", "legacy_id", "buyer_id", "created_at", "removal_reason"]
)
def test_a_form_sets_only_what_it_shows(fortress: Fortress, field: str) -> None:
    answer = fortress.paul.post(
        "/items/new", data={**listing(), field: "1"}, files={"files": ("a.jpg", photo())}
    )
    assert answer.status_code == 303
    item = answer.headers["location"].partition("?")[0].rpartition("/")[2]
    row = fortress.site.sql(
        f"select seller_id, state, legacy_id, buyer_id, removal_reason from items where id = {item}"
    )
    fortress.site.sql(f"delete from items where id = {item}")

    assert row == "2|available|||"


@pytest.mark.parametrize("field", ["is_moderator", "id", "email_confirmed", "legacy_id"])
def test_nobody_signs_up_as_more_than_a_member(whole_fortress: Fortress, field: str) -> None:
    form = {"name": f"Eve-{field[:2]}", "email": "eve@example.org", "password": PASSWORD, field: "1"}
    whole_fortress.site.client().post("/sign-up", data=form)

    found = whole_fortress.site.sql(
        f"select is_moderator, email_confirmed, legacy_id from members where name like 'Eve-{field[:2]}'"
    )
    whole_fortress.site.sql("delete from members where name like 'Eve-%'")
    assert found == "f|f|"


QUOTES = [
    "'",
    "' or 1=1 --",
    "'; drop table items; --",
    '" or ""="',
    "\\",
    "%",
    "_",
    "$1",
    "1) union select password from members --",
]


@pytest.mark.parametrize(
    "parameter",
    ["q", "category", "size", "brand", "colour", "condition", "least", "after", "sort", "instead"],
)
def test_sql_in_the_address_is_only_words(fortress: Fortress, parameter: str) -> None:
    for quote in QUOTES:
        answer = fortress.site.client().get("/", params={parameter: quote})
        assert answer.status_code == 200
        assert "argon2" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/items/-1", "/items/0", "/items/1.5", "/items/9223372036854775808", "/items/999999999999999999", "/items/1e3",
        "/items/１", "/items/1%00", "/items/1/../../app.py", "/items/..%2f..%2fetc%2fpasswd", "/static/../app.py",
        "/static/%2e%2e/app.py", "/static/..%5capp.py", "/static/site.css", "/static/", "/pictures/../../etc/passwd",
        "/pictures/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/pictures/", "/pictures/AAAA.BBBB", "/.git/config", "/.env",
        "/admin", "/wp-login.php", "/metrics", "/debug", "/sellers/9223372036854775808",
        "/health/", "/items/1/messages/2/3", "/schema/0001_members.sql",
    ],
)  # fmt: skip
def test_an_address_that_should_not_exist_does_not(fortress: Fortress, path: str) -> None:
    visitor = fortress.site.client()
    visitor.follow_redirects = False
    answer = visitor.get(path)

    assert answer.status_code in (404, 405)
    assert "root:" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "evil.example:8000", "", "127.0.0.1@evil"],
)
def test_a_request_for_another_host_is_not_answered(fortress: Fortress, host: str) -> None:
    answer = httpx2.get(fortress.site.url, headers={"host": host})

    assert answer.status_code in (400, 421)
    assert answer.status_code == 400 or "<h1>Another shop</h1>" in answer.text, "400 is of the HTTP server"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_methods_that_are_not_used_do_nothing(fortress: Fortress, method: str) -> None:
    for path in ("/", f"/items/{fortress.item}", "/log-in"):
        assert fortress.marta.request(method, path).status_code == 405


@pytest.mark.parametrize(
    "onward",
    [
        "//evil.example", "///evil.example", "https://evil.example", "http:evil.example", "/\\evil.example", "\\/evil",
        "/\t/evil.example", "/%0d%0aSet-Cookie:x=1\r\nx", "javascript:alert(1)", "data:text/html,x", "evil.example",
        "/\x00", " //evil.example", "/\u2028/evil", "@evil.example", "ftp://evil.example",
    ],
)  # fmt: skip
def test_after_log_in_nobody_is_led_elsewhere(fortress: Fortress, onward: str) -> None:
    visitor = fortress.site.client()
    visitor.follow_redirects = False
    answer = visitor.post("/log-in", data={"name": "Paul", "password": PASSWORD, "next": onward})

    assert answer.status_code == 400 or answer.headers["location"] == "/"
    assert "x" not in answer.cookies


@pytest.mark.parametrize(
    "change",
    [
        {"title": "\u200b\u200b\u202ea"},
        {"title": "ab"}, {"title": "x" * 81}, {"description": "x" * 4001}, {"size": "x" * 41}, {"brand": "x" * 41},
        {"price": "-1"}, {"price": "0"}, {"price": "NaN"}, {"price": "1e9"}, {"price": "99999999999"},
        {"price": "0.001"},
        {"price": "１２"}, {"price": "0x10"}, {"category": "weapon"}, {"category": ""}, {"condition": "'; --"},
        {"colour": "<script>"}, {"photo": "forged"}, {"photo": "eyJ.AAAA"},
    ],
    ids=str,
)  # fmt: skip
def test_a_listing_beyond_its_bounds_is_refused(fortress: Fortress, change: dict[str, str]) -> None:
    assert fortress.paul.post("/items/new", data=listing(**change)).status_code == 422


@pytest.mark.parametrize(
    "part",
    [
        "fields",
        "files",
        "a long field",
        "a zero byte",
        "a lone surrogate",
        "no boundary",
        "broken",
        "idna",
        "punycode",
    ],
)
def test_a_form_that_no_browser_sends_is_refused(fortress: Fortress, part: str) -> None:
    client, new = fortress.paul, "/items/new"

    def in_character_set(name: str) -> httpx2.Response:
        """Some of Python's fail with an error of their own, or take a second for every field."""
        content = b'--x\r\ncontent-disposition: form-data; name="title"\r\n\r\nxn--\\\r\n--x--\r\n'
        return client.post(
            new, content=content, headers={"content-type": f"{kind['content-type']}; charset={name}"}
        )

    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = {
        "fields": lambda: client.post(
            new, data={f"f{n}": "x" for n in range(100)}, files={"files": ("a", b"")}
        ),
        "files": lambda: client.post(new, files=[("files", (str(n), b"x")) for n in range(30)]),
        "a long field": lambda: client.post(
            new, data=listing(title="x" * 70_000), files={"files": ("a", b"")}
        ),
        "a zero byte": lambda: client.post(new, data=listing(title="a\0b")),
        "a lone surrogate": lambda: client.post(
            new,
            content=b'--x\r\ncontent-disposition: form-data; name="title"\r\n\r\n\xed\xa0\x80\r\n--x--\r\n',
            headers=kind,
        ),
        "no boundary": lambda: client.post(
            new, content=b"x", headers={"content-type": "multipart/form-data"}
        ),
        "broken": lambda: client.post(new, content=b"--x\r\nnonsense", headers=kind),
        "idna": lambda: in_character_set("idna"),
        "punycode": lambda: in_character_set("punycode"),
    }[part]()

    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_beyond_bounds_is_413_whether_it_says_so_or_not(fortress: Fortress, announced: bool) -> None:
    head = b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
    end = b"\r\n--x--\r\n"
    size = len(head) + 83 * 1024 * 1024 + len(end)

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(83):
            yield b"\0" * 1024 * 1024
        yield end

    headers = {"content-type": "multipart/form-data; boundary=x"}
    if announced:
        headers["content-length"] = str(size)
    answer = fortress.paul.post("/items/new", content=body(), headers=headers, timeout=60)

    assert answer.status_code == 413
    assert "too large together" in answer.text


def test_words_alone_need_no_megabytes(fortress: Fortress) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}

    assert fortress.paul.post("/log-in", content=b"&" * 5_000_000, headers=kind).status_code == 413


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "AAAA.BBBB", "..", "a" * 4000, "%00", '"', "eyJhbGciOiJub25lIn0.e30.", "null", "ImFkbWluIg.x"],
)
def test_a_made_up_session_is_nobodys(fortress: Fortress, cookie: str) -> None:
    answer = httpx2.get(f"{fortress.site.url}/closet", headers={"cookie": f"session={cookie}"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in?next=%2Fcloset")


def test_an_address_that_is_made_up_escapes_no_throttle(fortress: Fortress) -> None:
    transport = httpx2.HTTPTransport(local_address="127.0.0.2")  # no proxy of ours
    with httpx2.Client(base_url=fortress.site.url, transport=transport) as stranger:
        statuses = [
            stranger.post(
                "/log-in",
                data={"name": f"victim {number}", "password": "a guess"},
                headers={"x-forwarded-for": f"10.0.0.{number}", "forwarded": f"for=10.0.0.{number}"},
            ).status_code
            for number in range(31)
        ]

    assert statuses == [422] * 30 + [429]


MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_markup_is_shown_as_text_wherever_it_was_typed(fortress: Fortress) -> None:
    site, paul = fortress.site, fortress.paul
    site.sql(
        "insert into items (seller_id, title, description, brand, size, price, category, colour, condition) "
        f"select 2, m, m, m, m, 1, m, m, m from (select $m${MARKUP}$m$ as m) as x"
    )
    site.sql(f"update members set about = $m${MARKUP}$m$ where id = 2")
    item = site.sql("select max(id) from items")
    paul.post(f"/items/{fortress.item}/messages/2", data={"text": MARKUP})
    public = ("", f"?q={MARKUP}", f"?category={MARKUP}", f"?brand={MARKUP}&instead={MARKUP}", "sellers/2")
    private = ("closet", "messages", "account", f"items/{fortress.item}/messages/2")
    pages = [
        site.client().get(f"/{address}").text
        for address in (*public, f"items/{item}", f"items/{item}/report")
    ]
    pages += [
        paul.get(f"/{address}").text for address in (*private, f"items/{item}/edit", f"items/{item}/delete")
    ]
    site.sql(f"delete from items where id = {item}; delete from messages; update members set about = ''")

    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page


SECURE = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@pytest.mark.parametrize(
    "path", ["/", "/items/1", "/nothing", "/log-in", "/static/nothing", "/health/live", "/robots.txt"]
)
def test_every_answer_carries_the_headers_that_guard_its_reader(fortress: Fortress, path: str) -> None:
    answer = httpx2.get(f"{fortress.site.url}{path}")

    assert {name: answer.headers.get(name) for name in SECURE} == SECURE
    assert "server" not in answer.headers


def test_no_page_holds_inline_code_or_style(fortress: Fortress) -> None:
    for path in ("/", f"/items/{fortress.item}", "/log-in", "/sign-up", "/nothing"):
        page = fortress.site.client().get(path).text
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page


@pytest.mark.parametrize(
    "path", ["/", "/items/1", "/closet", "/account", "/favourites", "/messages", "/items/new"]
)
def test_a_members_page_is_kept_by_no_cache(fortress: Fortress, path: str) -> None:
    answer = fortress.marta.get(path)

    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["vary"] == "Cookie"


def test_behind_https_the_cookie_and_the_headers_insist_on_it(
    create_database: CreateDatabase, shop_template: str, tmp_path: Path
) -> None:
    with running(create_database(shop_template), tmp_path, origin="https://shop.example") as site:
        headers = {"host": "shop.example", "origin": "https://shop.example"}
        form = {"name": "Marta", "email": "marta@example.org", "password": PASSWORD}
        answer = httpx2.post(f"{site.url}/sign-up", data=form, headers=headers)

    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-session=")
    assert all(word in cookie for word in ("; secure", "; httponly", "; samesite=lax", "; path=/"))
    assert "domain" not in cookie
    assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
