"""Files in S3, read as a stream: `s3://bucket/key`, or `s3://bucket/prefix` for the folder of that name.

Credentials, region and endpoint are found as every AWS tool finds them (AWS_PROFILE, AWS_ENDPOINT_URL and so on).
"""

import asyncio
import threading
import weakref
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from functools import lru_cache
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import urlsplit

from aiobotocore.session import get_session
from aiohttp import ClientError as BrokenConnection
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from ..errors import InputError, SourceError
from .folder import Folder
from .source import Source

_ATTEMPTS = 5

T = TypeVar("T")


class Bucket:
    """A bucket, spoken to by a thread of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._thread = threading.Thread(target=self._loop.run_forever, name="s3", daemon=True)
        self._thread.start()
        self._client = self._run(self._connect(), "")

    async def _connect(self) -> Any:
        return await self._stack.enter_async_context(get_session().create_client("s3"))

    def _run(self, work: Coroutine[Any, Any, T], what: str) -> T:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except ClientError as error:
            raise _explained(error, f"s3://{self.name}/{what}") from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise InputError(
                f"s3://{self.name}/{what}: {error}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, "
                "or run it where a role gives them"
            ) from error
        except (BotoCoreError, BrokenConnection, TimeoutError) as error:
            raise SourceError(f"s3://{self.name}/{what}: {error}") from error

    def objects(self, prefix: str) -> dict[str, tuple[int, str]]:
        """The keys that begin with a prefix, the objects' sizes, and the tags of their versions."""

        async def keys() -> dict[str, tuple[int, str]]:
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
            return {
                one["Key"]: (one["Size"], one["ETag"])
                async for page in pages
                for one in page.get("Contents", ())
            }

        return self._run(keys(), prefix)

    def open(self, key: str) -> "S3File":
        """An object as a file that can only be read from front to back."""
        return S3File(self, key)

    def get(
        self, key: str, start: int, end: int | None = None, version: str | None = None
    ) -> tuple[Any, str]:
        """The stream of an object's bytes from `start` to before `end`, and the tag of its version.

        `version` is the tag it must have.
        """

        async def body() -> tuple[Any, str]:
            wanted = {"IfMatch": version} if version else {}
            if start or end is not None:
                wanted["Range"] = f"bytes={start}-" + ("" if end is None else str(end - 1))
            answer = await self._client.get_object(Bucket=self.name, Key=key, **wanted)
            return answer["Body"], answer["ETag"]

        return self._run(body(), key)

    def read(self, stream: Any, size: int, key: str) -> bytes:
        """The next bytes of a stream."""
        return bytes(self._run(stream.read(size), key))

    def close(self) -> None:
        """End the connections and the thread."""
        asyncio.run_coroutine_threadsafe(self._stack.aclose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class S3File:
    """An object, or a range of it; a connection that breaks is made again where it broke."""

    def __init__(self, bucket: Bucket, key: str, start: int = 0, size: int | None = None) -> None:
        self._bucket = bucket
        self._key = key
        self._at = start
        self._end = None if size is None else start + size
        self._stream, self._version = bucket.get(key, start, self._end)

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                piece = self._bucket.read(self._stream, size, self._key)
            except SourceError:
                if attempt == _ATTEMPTS:
                    raise
                self._stream, _ = self._bucket.get(self._key, self._at, self._end, self._version)
            else:
                self._at += len(piece)
                return piece
        raise AssertionError

    def close(self) -> None:
        """Let the connection go."""
        self._stream.close()


def open_(url: str) -> Source | Folder:
    """What a URL names: an object, else the folder of the objects whose keys begin with it.

    Raises InputError when there is neither.
    """
    parts = urlsplit(url)
    key = parts.path.removeprefix("/")
    if not parts.netloc:
        raise InputError(f"{url}: the bucket is missing: write s3://bucket/key")
    bucket = Bucket(parts.netloc)
    prefix = key if key.endswith("/") or not key else f"{key}/"

    def of_bucket(name: str) -> BinaryIO:
        return cast("BinaryIO", bucket.open(name))

    # Its objects are read one after the other, the last one perhaps never.
    weakref.finalize(of_bucket, bucket.close)
    found = {name: size for name, (size, _) in bucket.objects(key).items()}
    if key in found:
        return Source(url, found[key], lambda: of_bucket(key), stands_alone=True)
    sizes = {
        name.removeprefix(prefix): size for name, size in found.items() if name.startswith(prefix) and size
    }
    if not sizes:
        raise InputError(f"{url}: there is no such object, and no folder of that name")
    return Folder(url.rstrip("/"), sizes, lambda name: of_bucket(prefix + name), stands_alone=True)


def read_range(url: str, offset: int, room: memoryview) -> None:
    """Fill `room` with the bytes of an object from `offset` on. Raises SourceError when it has not so many."""
    parts = urlsplit(url)
    file = S3File(_bucket(parts.netloc), parts.path.removeprefix("/"), offset, len(room))
    try:
        read = 0
        while read < len(room) and (piece := file.read(len(room) - read)):
            room[read : read + len(piece)] = piece
            read += len(piece)
    finally:
        file.close()
    if read < len(room):
        raise SourceError(f"{url}: it ends before byte {offset + len(room)}: was it changed?")


@lru_cache
def _bucket(name: str) -> Bucket:
    """The connection that all ranges of a bucket are read through, as long as the process lives."""
    return Bucket(name)


def fingerprint(url: str) -> str:
    """The keys, sizes and versions of everything that a URL names."""
    parts = urlsplit(url)
    bucket = Bucket(parts.netloc)
    try:
        return repr(sorted(bucket.objects(parts.path.removeprefix("/")).items()))
    finally:
        bucket.close()


def _explained(error: ClientError, what: str) -> InputError:
    code = error.response["Error"].get("Code", "")
    reasons = {
        "NoSuchKey": "there is no such object",
        "404": "there is no such object",
        "NoSuchBucket": "there is no such bucket",
        "AccessDenied": "access is denied: these credentials may not read it",
        "403": "access is denied: these credentials may not read it",
        "PreconditionFailed": "it was changed while it was read: start again",
    }
    return InputError(f"{what}: {reasons.get(code, str(error))}")
