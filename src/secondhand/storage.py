"""Where pictures are kept: a folder, or a bucket of S3.

Both give links that run out, the same for an hour at a time.

A link that stays the same lets browsers keep the picture; one that runs out cannot be passed around for ever.
"""

import asyncio
import hashlib
import hmac
import os
import time
from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlsplit

from itsdangerous import BadSignature

from secondhand.security.signatures import signer
from secondhand.settings import Settings, SettingsError

BUCKET_SECONDS = 3600  # of time: links made within it are equal
LINK_SECONDS = 2 * BUCKET_SECONDS  # from the start of its bucket, so every link works for at least an hour
LONGEST_SECONDS = 10.0  # for one file, whatever S3 does or does not do
KEEP = "public, max-age=31536000, immutable"
_MOST_LINKS = 50_000
CONTENT_TYPES = {"jpg": "image/jpeg", "webp": "image/webp"}


class StorageError(Exception):
    """The storage cannot be reached or refused; nothing is known of what it did."""


class NoAnswerError(StorageError):
    """The storage cannot be reached, so that the next file need not be tried."""


class Keys(NamedTuple):
    """What signs a request to AWS; the token is "" for keys that last."""

    access_key: str
    secret_key: str
    token: str


class Storage(Protocol):
    """Files under names like `<key>-640.webp`, written once and never changed."""

    origin: str  # where links lead when not to the shop itself, else ""

    def link(self, name: str) -> str:
        """An address from which a browser gets the file, for an hour at least."""

    def epoch(self) -> Hashable:
        """What the links of now have in common: they change when it does."""

    async def refresh(self) -> None:
        """Renew what links are made with; to be called every few minutes."""

    async def put(self, name: str, data: bytes) -> None:
        """Raises StorageError."""

    async def get(self, name: str) -> bytes:
        """Raises StorageError."""

    async def delete(self, names: list[str]) -> None:
        """Names that are not there are no error. Raises StorageError."""


@asynccontextmanager
async def open_storage(settings: Settings) -> AsyncIterator[Storage]:
    """The storage that the settings name. Raises SettingsError when it cannot be one."""
    if settings.storage.startswith("s3://"):
        bucket, _, prefix = settings.storage.removeprefix("s3://").partition("/")
        async with BucketStorage(bucket, prefix.strip("/")) as storage:
            yield storage
    else:
        yield FolderStorage(Path(settings.storage), settings.secret_keys)


class FolderStorage:
    """Pictures in a local folder, served by the shop itself under signed links."""

    origin = ""

    def __init__(self, folder: Path, keys: tuple[str, ...]) -> None:
        self._folder = folder
        self._signer = signer(keys, "picture")

    def link(self, name: str) -> str:
        return f"/pictures/{self._signer.dumps([name, _bucket_start() + LINK_SECONDS])}"

    def path(self, token: str) -> Path | None:
        """The file that a link of ours leads to; None when we did not make it, it ran out, or the file is gone."""
        try:
            name, until = self._signer.loads(token)
        except BadSignature:
            return None
        path = self._path(name)
        return path if until > time.time() and path.is_file() else None

    def epoch(self) -> Hashable:
        return _bucket_start()

    async def refresh(self) -> None:
        """A folder's links are made with keys that do not change."""

    async def put(self, name: str, data: bytes) -> None:
        await self._do(write_whole, self._path(name), data)

    async def get(self, name: str) -> bytes:
        return bytes(await self._do(Path.read_bytes, self._path(name)))

    async def delete(self, names: list[str]) -> None:
        for name in names:
            await self._do(Path.unlink, self._path(name), True)

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name  # 256 folders: listing one stays quick

    @staticmethod
    async def _do(function: Any, *arguments: Any) -> Any:
        try:
            return await asyncio.to_thread(function, *arguments)
        except OSError as error:
            raise StorageError(str(error)) from error


def write_whole(path: Path, data: bytes) -> None:
    """All of the file or nothing, also for those who read meanwhile; with the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(data)
    partial.replace(path)


class BucketStorage:
    """Pictures in a private S3 bucket; browsers fetch them there with presigned links."""

    def __init__(self, bucket: str, prefix: str) -> None:
        if not bucket:
            raise SettingsError("SECONDHAND_STORAGE must be a folder or s3://bucket/prefix")
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._resources = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._opened: Any = None
        self._credentials: Any = None
        self._keys = Keys("", "", "")  # a link ends with the keys that signed it
        self._link = lru_cache(_MOST_LINKS)(self._new_link)

    async def __aenter__(self) -> "BucketStorage":
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        if not region:
            raise SettingsError(f"SECONDHAND_STORAGE is s3://{self._bucket}: set AWS_REGION to its region")
        self._region = region
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        if endpoint:
            self.origin, self._path = endpoint.rstrip("/"), f"/{self._bucket}/"
        elif "." in self._bucket:  # the certificate of *.s3… does not cover another dot
            self.origin, self._path = f"https://s3.{region}.{domain}", f"/{self._bucket}/"
        else:
            self.origin, self._path = f"https://{self._bucket}.s3.{region}.{domain}", "/"
        await self.refresh()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._resources.aclose()

    def epoch(self) -> Hashable:
        return _bucket_start(), self._keys

    async def refresh(self) -> None:
        self._keys = await self._current_keys()

    async def _current_keys(self) -> Keys:
        if "AWS_ACCESS_KEY_ID" in os.environ:  # as in botocore, but without the half second of its import
            names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
            return Keys(*(os.environ.get(name, "") for name in names))
        if self._credentials is None:
            from aiobotocore.session import get_session

            self._credentials = await get_session().get_credentials()
            if self._credentials is None:
                raise SettingsError(
                    f"SECONDHAND_STORAGE is s3://{self._bucket}, but there are no AWS credentials"
                )
        frozen = await self._credentials.get_frozen_credentials()
        return Keys(frozen.access_key, frozen.secret_key, frozen.token or "")

    async def _client(self) -> Any:
        """The client, made at the first upload: showing pictures needs none."""
        async with self._opening:
            if self._opened is None:
                from aiobotocore.config import AioConfig
                from aiobotocore.session import get_session

                tries = {"mode": "standard", "total_max_attempts": 2}
                config = AioConfig(connect_timeout=2, read_timeout=4, retries=tries)
                client = get_session().create_client("s3", region_name=self._region, config=config)
                self._opened = await self._resources.enter_async_context(client)
        return self._opened

    def link(self, name: str) -> str:
        return self._link(name, _bucket_start(), self._keys)

    def _new_link(self, name: str, start: int, keys: Keys) -> str:
        path = self._path + quote(self._prefix + name)
        return self.origin + presign(self.origin, path, self._region, keys, start, LINK_SECONDS)

    async def put(self, name: str, data: bytes) -> None:
        kind = CONTENT_TYPES[name.rpartition(".")[2]]
        await self._do("put_object", Key=self._prefix + name, Body=data, ContentType=kind, CacheControl=KEEP)

    async def get(self, name: str) -> bytes:
        return bytes(await self._do("get_object", Key=self._prefix + name))

    async def delete(self, names: list[str]) -> None:
        keys = [{"Key": self._prefix + name} for name in names]
        answer = await self._do("delete_objects", Delete={"Objects": keys, "Quiet": True})
        if errors := answer.get("Errors"):
            raise StorageError(f"{errors[0]['Key']}: {errors[0]['Code']}")

    async def _do(self, operation: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                answer = await getattr(await self._client(), operation)(Bucket=self._bucket, **arguments)
                return await answer["Body"].read() if "Body" in answer else answer
        except ClientError as error:
            raise StorageError(str(error)) from error
        except (BotoCoreError, OSError) as error:
            raise NoAnswerError(str(error) or f"no answer within {LONGEST_SECONDS:g} s") from error


def presign(origin: str, path: str, region: str, keys: Keys, start: int, seconds: int) -> str:
    """The path and query that let anyone GET `path` at `origin` from `start` for `seconds`: AWS Signature V4.

    botocore signs with the time of the call and takes a millisecond; a page shows two dozen pictures, and
    every copy of the shop should give the same link.
    """
    moment = datetime.fromtimestamp(start, UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{keys.access_key}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(seconds),
        **({"X-Amz-Security-Token": keys.token} if keys.token else {}),
        "X-Amz-SignedHeaders": "host",
    }
    search = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in query.items())
    host = urlsplit(origin).netloc
    request = f"GET\n{path}\n{search}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    signed = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{keys.secret_key}".encode()
    for part in (*scope.split("/"), signed):
        key = hmac.digest(key, part.encode(), "sha256")
    return f"{path}?{search}&X-Amz-Signature={key.hex()}"


def _bucket_start() -> int:
    return int(time.time() // BUCKET_SECONDS * BUCKET_SECONDS)
