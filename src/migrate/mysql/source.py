"""Opening a source: plain or compressed by what its first bytes say, from a file or standard input.

Compressed data is unpacked by a thread of its own, so that reading, unpacking and transcoding overlap.
"""

import bz2
import codecs
import contextlib
import itertools
import lzma
import queue
import sys
import threading
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard

from ..errors import InputError, SourceError

_BLOCK = 1 << 20
_BLOCKS_AHEAD = 4


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


_FORMATS: dict[bytes, tuple[str, Callable[[], _Decompressor]]] = {
    b"\x1f\x8b": ("gzip", lambda: zlib.decompressobj(wbits=31)),
    b"BZh": ("bzip2", bz2.BZ2Decompressor),
    b"\xfd7zXZ\x00": ("xz", lzma.LZMADecompressor),
    b"\x28\xb5\x2f\xfd": ("zstd", lambda: zstandard.ZstdDecompressor().decompressobj()),
}
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


_UNREAD = {
    b"\x04\x22\x4d\x18": "lz4",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"\x1f\x9d": "compress",
    b"\x89LZO": "lzop",
}


class Source:
    """A file of a dump as a stream of bytes, unpacked; it is opened when its first bytes are asked for.

    `name` is for messages; `size` the bytes as they are stored, None when unknown (standard input); `consumed` how many
    of them were read so far, which is what progress is measured by. One that `stands_alone` is to be found by its name,
    a path or an s3:// URL, from any machine that reaches it.
    """

    def __init__(
        self, name: str, size: int | None, opener: Callable[[], BinaryIO], *, stands_alone: bool = False
    ) -> None:
        self.name = name
        self.size = size
        self.stands_alone = stands_alone
        self._plain = False
        self.consumed = 0
        self._opener = opener
        self._file: BinaryIO | None = None
        self._pieces = self._unpacked_pieces()
        self._piece = memoryview(b"")
        # Of a plain file all but its first bytes go where they are wanted, by no other way.
        self._read_straight: Callable[[memoryview], int | None] | None = None

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SourceError(
                f"{self.name}: {error.strerror or error} after {self.consumed} bytes"
            ) from error

    def _read(self, file: BinaryIO) -> bytes:
        with self._reading():
            block = file.read(_BLOCK)
        self.consumed += len(block)
        return block

    def _unpacked_pieces(self) -> Generator[bytes]:
        try:
            self._file = file = self._opener()
        except OSError as error:
            raise SourceError(f"{self.name}: {error.strerror or error}") from error
        first = self._read(file)
        self._plain = not first.startswith((*_FORMATS, *_WIDE))
        blocks = self._blocks(file, first)
        if unread := next((kind for magic, kind in _UNREAD.items() if first.startswith(magic)), None):
            raise InputError(
                f"{self.name}: this is packed with {unread}, which is not read here: unpack it first"
            )
        if self._plain:
            self._read_straight = getattr(file, "readinto", None)
        for magic, (kind, make) in _FORMATS.items():
            if first.startswith(magic):
                blocks = _ahead(_unpacked(blocks, kind, make, self.name))
        yield from _in_bytes(blocks, self.name)

    def _blocks(self, file: BinaryIO, block: bytes) -> Iterator[bytes]:
        while block:
            yield block
            block = self._read(file)

    def read_into(self, room: memoryview) -> int:
        """Fill `room` with the next bytes; how many there were, 0 at the end."""
        filled = 0
        while filled < len(room):
            if self._read_straight and not self._piece:
                with self._reading():
                    read = self._read_straight(room[filled:])
                if not read:
                    break
                self.consumed += read
                filled += read
                continue
            if not self._piece:
                piece = next(self._pieces, None)
                if piece is None:
                    break
                self._piece = memoryview(piece)
            taken = min(len(self._piece), len(room) - filled)
            room[filled : filled + taken] = self._piece[:taken]
            self._piece = self._piece[taken:]
            filled += taken
        return filled

    def peek(self, size: int) -> bytes:
        """The first `size` bytes, fewer when there are no more; they are still to be read."""
        room = bytearray(size)
        head = bytes(room[: self.read_into(memoryview(room))])
        self._piece = memoryview(head + bytes(self._piece))
        return head

    @property
    def has_ranges(self) -> bool:
        """Whether a range of what is read here is the same range of what is stored, for anyone to read again."""
        if self._file is None:
            self.peek(1)
        return self.stands_alone and self._plain

    def close(self) -> None:
        """Close the file."""
        self._pieces.close()
        if self._file is not None and self._file is not sys.stdin.buffer:
            self._file.close()


class SourceFile:
    """One file among the inputs: named, measured and closed as its source is."""

    rank = 0

    def __init__(self, source: Source) -> None:
        self._source = source
        self.name = source.name
        self.size = source.size

    @property
    def consumed(self) -> int:
        """How many bytes were read so far."""
        return self._source.consumed

    def close(self) -> None:
        """Close the file."""
        self._source.close()


def of_path(path: str) -> Source:
    """The file at `path`, or standard input when that is “-”. Raises InputError when there is none."""
    if path == "-":
        return Source("standard input", None, lambda: sys.stdin.buffer)
    try:
        size = Path(path).stat().st_size
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from error
    return Source(path, size, lambda: Path(path).open("rb", buffering=0), stands_alone=True)


def beside(name: str, wanted: str) -> Source | None:
    """The file `wanted` in the folder of the file `name`, or below it; None where there is none."""
    folder = Path(name).parent
    path = folder / wanted
    inside = path.resolve().is_relative_to(folder.resolve())
    return of_path(str(path)) if name != "-" and inside and path.is_file() else None


def _unpacked(
    blocks: Iterator[bytes], kind: str, make: Callable[[], _Decompressor], name: str
) -> Iterator[bytes]:
    """Every member or frame of a compressed stream, one after the other."""
    decompressor = make()
    begun = True
    try:
        for block in blocks:
            data = block
            while data:
                if decompressor.eof:
                    decompressor = make()
                begun = True
                piece = decompressor.decompress(data)
                if piece:
                    yield piece
                data = decompressor.unused_data if decompressor.eof else b""
                if decompressor.eof and not data.strip(b"\0"):
                    begun = False  # padding after the last member
                    data = b""
    except (zlib.error, OSError, lzma.LZMAError, zstandard.ZstdError, EOFError) as error:
        raise InputError(
            f"{name}: the {kind} data is damaged: {error}. Copy or dump the file again"
        ) from error
    if begun and not decompressor.eof:
        raise InputError(f"{name}: the {kind} data is cut off. Copy or dump the file again")


def _in_bytes(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The same pieces; in UTF-8 when they are in UTF-16, as what PowerShell redirects to a file is."""
    first = next(pieces, b"")
    if not first.startswith(_WIDE):
        yield first
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        for piece in itertools.chain([first], pieces):
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        raise InputError(
            f"{name}: the UTF-16 text is damaged: {error}. Dump or copy the file again"
        ) from error


def _ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, made by a thread that runs a few of them ahead."""
    waiting: queue.Queue[bytes | Exception | None] = queue.Queue(_BLOCKS_AHEAD)
    left = threading.Event()

    def hand_out(piece: bytes | Exception | None) -> None:
        while not left.is_set():
            with contextlib.suppress(queue.Full):
                waiting.put(piece, timeout=0.2)
                return

    def run() -> None:
        try:
            for piece in pieces:
                for at in range(0, len(piece), 4 * _BLOCK):
                    hand_out(piece[at : at + 4 * _BLOCK])
                if left.is_set():
                    return
            hand_out(None)
        except Exception as error:  # noqa: BLE001  handed to the reader, which raises it
            hand_out(error)

    thread = threading.Thread(target=run, name="unpack", daemon=True)
    thread.start()
    try:
        while (piece := waiting.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece
    finally:
        left.set()
        thread.join()
