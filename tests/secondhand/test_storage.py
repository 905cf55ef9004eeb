"""Pictures in a folder and in S3, and the links that lead to them."""

import asyncio
import io
import socket
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from secondhand import storage
from secondhand.settings import SettingsError
from secondhand.storage import (
    BucketStorage,
    FolderStorage,
    NoAnswerError,
    Storage,
    StorageError,
    open_storage,
    presign,
)
from tests.fixtures.aws import REGION
from tests.secondhand.conftest import KEY, Site, listing, photo, settings_of

T = TypeVar("T")


def in_storage(where: Path | str, work: Callable[[Any], Awaitable[T]]) -> T:
    async def run() -> T:
        async with open_storage(settings_of("postgresql:///unused", where)) as opened:
            return await work(opened)

    return asyncio.run(run())


def get(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        body: bytes = answer.read()
        return body


@pytest.fixture
def bucket(aws: str) -> str:
    urllib.request.urlopen(urllib.request.Request(f"{aws}/pictures", method="PUT")).close()
    return "s3://pictures/of/clothes"


@pytest.fixture(params=["folder", "bucket"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path)
    found: str = request.getfixturevalue("bucket")
    return found


def test_what_was_put_can_be_got_until_it_is_deleted(where: str) -> None:
    async def work(opened: Storage) -> None:
        await opened.put("ab-320.jpg", b"picture")
        assert await opened.get("ab-320.jpg") == b"picture"
        await opened.delete(["ab-320.jpg", "never-there.jpg"])
        with pytest.raises(StorageError):
            await opened.get("ab-320.jpg")

    in_storage(where, work)


def test_a_link_stays_the_same_for_an_hour(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000 // 3600 * 3600

    async def work(opened: Storage) -> list[str]:
        links = []
        for moment in (now, now + 3599, now + 3600):
            monkeypatch.setattr(time, "time", lambda moment=moment: moment)
            links.append(opened.link("ab-320.jpg"))
        return links

    first, second, third = in_storage(where, work)
    assert first == second != third


def test_a_bucket_gives_its_pictures_to_those_with_a_link_only(bucket: str) -> None:
    async def work(opened: BucketStorage) -> tuple[str, str]:
        await opened.put("ab-320.webp", b"picture")
        return opened.link("ab-320.webp"), opened.origin

    link, origin = in_storage(bucket, work)

    assert link.startswith(f"{origin}/pictures/of/clothes/ab-320.webp?")
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"picture"
        assert answer.headers["content-type"] == "image/webp"
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("token", [None, "a/session+token=="])
def test_our_presigned_links_are_those_of_botocore(
    token: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = storage.Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", token or "")
    credentials = ReadOnlyCredentials(keys.access_key, keys.secret_key, token)
    path = presign(
        "https://b.s3.eu-central-1.amazonaws.com", "/a/b-320.jpg", REGION, keys, 1_800_000_000, 7200
    )

    request = AWSRequest("GET", "https://b.s3.eu-central-1.amazonaws.com/a/b-320.jpg")
    signer = S3SigV4QueryAuth(credentials, "s3", REGION, expires=7200)
    from datetime import UTC, datetime

    monkeypatch.setattr(
        "botocore.auth.get_current_datetime", lambda: datetime.fromtimestamp(1_800_000_000, UTC)
    )
    signer.add_auth(request)
    theirs = request.url.removeprefix("https://b.s3.eu-central-1.amazonaws.com")

    assert sorted(path.partition("?")[2].split("&")) == sorted(theirs.partition("?")[2].split("&"))


def test_a_bucket_that_is_not_there_is_an_error_not_an_empty_picture(aws: str) -> None:
    async def work(opened: Storage) -> None:
        with pytest.raises(StorageError, match="NoSuchBucket"):
            await opened.put("ab-320.jpg", b"picture")

    in_storage("s3://nowhere", work)


def test_a_bucket_needs_a_name() -> None:
    with pytest.raises(SettingsError, match="s3://bucket/prefix"):
        in_storage("s3://", lambda _: asyncio.sleep(0))


def test_a_folders_link_runs_out_and_cannot_be_made_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = FolderStorage(tmp_path, (KEY,))
    asyncio.run(opened.put("ab-320.jpg", b"picture"))
    token = opened.link("ab-320.jpg").rpartition("/")[2]
    assert opened.path(token) is not None
    assert opened.path(token[:-3] + "aaa") is None
    assert FolderStorage(tmp_path, ("other" * 8,)).path(token) is None
    assert FolderStorage(tmp_path, ("newer" * 8, KEY)).path(token) is not None

    later = time.time() + 2 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    assert opened.path(token) is None


def test_the_shop_shows_an_uploaded_photo_from_the_bucket(bucket: str, serve: Callable[..., Site]) -> None:
    site = serve(storage=bucket)
    seller = site.member("Marta")
    item = site.item(seller)

    answer = site.client().get(f"/items/{item}/photo.jpg")

    assert answer.content.startswith(b"\xff\xd8\xff")
    assert answer.url.path.startswith("/pictures/of/clothes/")
    page = site.client().get(f"/items/{item}")
    assert (
        f"img-src 'self' {answer.url.scheme}://{answer.url.netloc.decode()};"
        in page.headers["content-security-policy"]
    )


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_silent_s3_stops_no_page_and_loses_no_deletion(
    bucket: str, silent: str, serve: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", silent)
    monkeypatch.setattr(storage, "LONGEST_SECONDS", 0.3)
    site = serve(storage=bucket)
    seller = site.member("Marta")
    site.sql("insert into items (seller_id, title, price, category) "
             "select 1, 'Coat', 100, 'coat' from generate_series(1, 2); "
             "insert into photos select 'k' || id, id, 0, 640, 800, '{320,640}' from items")  # fmt: skip

    assert f"{silent}/pictures/of/clothes/k1-640.jpg" in site.client().get("/").text
    answer = seller.post(
        "/items/new", data=listing(title="A coat to keep"), files={"files": ("a.jpg", photo())}, timeout=60
    )
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "Photos cannot be stored now" in answer.text
    assert 'value="A coat to keep"' in answer.text, "what was typed is kept"
    assert seller.post("/items/1/delete").status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(seller.get("/account/export", timeout=60).content))
    assert b"item-2-1.jpg" in archive.read("missing.txt")

    with pytest.raises(NoAnswerError):
        in_storage(bucket, lambda opened: opened.delete(["k1-640.jpg"]))
    assert "k1" in site.sql("select key from discarded_pictures").split()


def test_pages_come_without_s3_and_uploads_say_so(
    bucket: str, serve: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    site = serve(storage=bucket)
    seller = site.member("Marta")
    site.sql("insert into items (seller_id, title, price, category) values (1, 'Coat', 100, 'coat'); "
             "insert into photos values ('k', 1, 0, 640, 800, '{320,640}')")  # fmt: skip

    assert "127.0.0.1:1/pictures/of/clothes/k-640.jpg" in site.client().get("/").text
    answer = seller.post("/items/new", data=listing(), files={"files": ("a.jpg", photo())}, timeout=60)

    assert answer.status_code == 503
    assert "Photos cannot be stored now" in answer.text
    assert site.sql("select count(*) from items") == "1"
    assert (
        site.sql("select count(*) from discarded_pictures") == "1"
    )  # what may have arrived is deleted later
