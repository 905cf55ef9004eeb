"""MySQL's character sets as tables, for the functions that read them."""

from functools import cache

import numpy as np
import numpy.typing as npt

from ..mysql.charsets import Charset

RAW = -1  # in the place of a column's table: its strings keep their bytes
GROWTH = 3  # the most bytes of UTF-8, or of an escape, for one of input


@cache
def table(charset: Charset) -> npt.NDArray[np.uint32]:
    """UTF-8, its first byte lowest, by byte or by pair of bytes (first times 256 plus second); 0 where undefined."""
    found = np.zeros(1 << 16, dtype=np.uint32)
    keys = list(range(128, 256))
    if charset.units == 2:
        keys += [first << 8 | second for first in range(0x81, 0xFF) for second in range(0x30, 0xFF)]
    for key in keys:
        try:
            character = charset.decode(key.to_bytes(1 if key < 256 else 2, "big"))
        except UnicodeDecodeError:
            continue
        encoded = character.encode()
        if len(character) == 1 and len(encoded) <= 3:
            found[key] = int.from_bytes(encoded, "little")
    return found


def leads(charset: Charset | None) -> npt.NDArray[np.uint8] | None:
    """What the functions of `scan` take under this name."""
    return _marks(charset.lead_bytes) if charset and charset.lead_bytes else None


@cache
def _marks(lead_bytes: bytes) -> npt.NDArray[np.uint8]:
    marks = np.zeros(256, dtype=np.uint8)
    marks[list(lead_bytes)] = 1
    return marks
