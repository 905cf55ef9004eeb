"""A pipe that psql reads as a file, so that rows need not come by the way of its statements.

psql holds the reading end from its start and opens it by its number, again for each file. When whoever writes is gone,
however that happened, psql is at the end of the file: it never waits for nobody.
"""

import contextlib
import fcntl
import os
import select
from collections.abc import Callable, Iterator

_PIPE_BYTES = 1 << 20
_OWN_ENDS = "/proc/self/fd"  # where a pipe can be opened again by the number of one of its ends


class Channel:
    """The pipe; `end` is the number of its reading end in psql, once psql has inherited it."""

    def __init__(self) -> None:
        self.end, writer = os.pipe()
        os.close(writer)
        self._reader = os.fdopen(self.end, "rb", buffering=0)

    @property
    def path(self) -> str:
        """The file as psql may call it."""
        return f"/dev/fd/{self.end}"

    @contextlib.contextmanager
    def writer(self) -> Iterator[int]:
        """A writing end; psql is at the end of its file when this is left. psql is to open it in between."""
        writer = os.open(f"{_OWN_ENDS}/{self.end}", os.O_WRONLY | os.O_NONBLOCK)
        try:
            with contextlib.suppress(OSError):
                fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            yield writer
        finally:
            os.close(writer)

    def close(self) -> None:
        """Give the pipe up."""
        self._reader.close()


def feed(writer: int, data: memoryview, answers: int, beat: Callable[[], None]) -> None:
    """Write all of the data, with a `beat` for every part that is taken.

    Raises BrokenPipeError when nobody takes it any more: psql's end is open here, too, so its `answers` must tell.
    """
    poll = select.poll()
    poll.register(writer, select.POLLOUT)
    poll.register(answers, 0)  # POLLHUP alone, which needs no asking
    at = 0
    while at < len(data):
        if any(ready == answers for ready, _ in poll.poll()):
            raise BrokenPipeError
        with contextlib.suppress(BlockingIOError):
            at += os.write(writer, data[at : at + _PIPE_BYTES])
            beat()
