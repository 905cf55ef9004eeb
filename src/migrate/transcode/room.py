"""Buffers that are used for chunk after chunk."""

import numpy as np
import numpy.typing as npt

WIDTH = 32  # bytes that compiled functions look at together: so many may be read behind what they are given
KEPT_BYTES = 16 << 20  # of a buffer; a larger one, for rows that are seldom, is given back


class Room:
    """A buffer that is used again: a new one is paid for page by page, which takes as long as filling it."""

    def __init__(self) -> None:
        self._kept = np.empty(0, dtype=np.uint8)

    def of(self, size: int) -> npt.NDArray[np.uint8]:
        """At least `size` bytes, with whatever is in them."""
        if size <= len(self._kept):
            return self._kept
        room = np.empty(size, dtype=np.uint8)
        if size <= KEPT_BYTES:
            self._kept = room
        return room
