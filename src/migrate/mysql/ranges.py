"""Parts of sources, read again by whoever reaches them."""

from pathlib import Path

from ..errors import SourceError
from .names import S3


def read_range(name: str, offset: int, room: memoryview) -> None:
    """Fill `room` with the bytes from `offset` on of a source that has ranges. Raises SourceError when it cannot."""
    if name.startswith(S3):
        from . import s3  # what it needs takes a while to import

        return s3.read_range(name, offset, room)
    try:
        with Path(name).open("rb", buffering=0) as file:
            file.seek(offset)
            read = 0
            while piece := file.readinto(room[read:]):
                read += piece
    except OSError as error:
        raise SourceError(f"{name}: {error.strerror or error} at byte {offset}") from error
    if read < len(room):
        raise SourceError(f"{name}: it ends before byte {offset + len(room)}: was it changed?")
    return None
