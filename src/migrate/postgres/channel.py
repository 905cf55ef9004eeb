"""A file in memory that psql reads, so that rows need not come by the way of its statements.

psql inherits it, and opens it by its number each time it is to copy what is in it.
"""

import mmap
import os


class Channel:
    """The file, of Linux (memfd_create(2)); `number` is its descriptor, in psql as here."""

    def __init__(self) -> None:
        self.number = os.memfd_create("rows")
        self._memory = memoryview(b"")

    @property
    def path(self) -> str:
        """The file as psql may call it."""
        return f"/dev/fd/{self.number}"

    def room(self, size: int) -> memoryview:
        """At least `size` bytes to write what is to be in the file; `hold` then says how many of them it is."""
        if size > len(self._memory):
            os.ftruncate(self.number, size)
            self._memory = memoryview(mmap.mmap(self.number, size))
        os.ftruncate(self.number, len(self._memory))
        return self._memory

    def hold(self, size: int) -> None:
        """Let the first `size` bytes of the room be all that is in the file."""
        os.ftruncate(self.number, size)

    def put(self, data: memoryview) -> None:
        """Let this be all that is in it."""
        os.ftruncate(self.number, len(data))
        at = 0
        while at < len(data):
            at += os.pwrite(self.number, data[at:], at)

    def close(self) -> None:
        """Give it up."""
        os.close(self.number)
