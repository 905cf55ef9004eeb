"""A part of a source in memory, that moves over it."""

import numpy as np

from ..errors import InputError
from ..transcode.room import WIDTH
from .events import WINDOW, Bytes, padded
from .source import Source

_LONGEST_ROW = 2 << 30


class Window:
    """A part of the source in memory: `data[at:end]` is what lies ahead, padded for the vector functions."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.data: Bytes = np.zeros(WINDOW + WIDTH, dtype=np.uint8)
        self.at = 0
        self.end = 0
        self.base = 0  # the place of data[0] in the unpacked source
        self.complete = False

    @property
    def offset(self) -> int:
        """The place of `at` in the unpacked source."""
        return self.base + self.at

    @property
    def stretch(self) -> int:
        """About how many bytes the chunk at `at` has: fewer at first, so that a small dump is work for all."""
        return WINDOW if self.offset >= 8 * WINDOW else WINDOW // 2

    def fill(self) -> bool:
        """Bring more of the source in; what lies behind `at` goes. Whether there was more."""
        if self.complete:
            return False
        left = self.end - self.at
        if left > len(self.data) // 2:
            if left > _LONGEST_ROW:
                raise InputError(
                    f"{self.source.name}: the statement at byte {self.offset} is longer than 2 GiB"
                )
            grown = np.zeros(2 * len(self.data), dtype=np.uint8)
            grown[:left] = self.data[self.at : self.end]
            self.data = grown
        elif self.at:
            self.data[:left] = self.data[self.at : self.end].copy()
        self.base += self.at
        self.at, self.end = 0, left
        # What is read beyond a long row is memory in vain.
        wanted = min(max(WINDOW, left // 4), len(self.data) - WIDTH - left)
        read = self.source.read_into(self.data.data[left : left + wanted])
        self.end += read
        self.complete = read < wanted
        self.data[self.end : self.end + WIDTH] = 0
        return read > 0

    def bytes(self, start: int, end: int) -> bytes:
        return self.data[start:end].tobytes()

    def taken(self, start: int) -> Bytes:
        """The bytes from `start` to `at`, padded.

        Long rows are not copied: they take the window's memory with them, and it goes on in a new one.
        """
        if self.at - start <= 2 * WINDOW:
            return padded(self.data[start : self.at])
        given = self.data[start : self.at + WIDTH]
        self._go_on_in_less()
        given[-WIDTH:] = 0
        return given

    def shrink(self) -> None:
        """Give back what a long statement took, once it is behind."""
        if len(self.data) > 2 * (WINDOW + self.end - self.at + WIDTH):
            self._go_on_in_less()

    def _go_on_in_less(self) -> None:
        ahead = self.end - self.at
        small = np.zeros(WINDOW + ahead + WIDTH, dtype=np.uint8)
        small[:ahead] = self.data[self.at : self.end]
        self.data, self.base, self.at, self.end = small, self.base + self.at, 0, ahead
