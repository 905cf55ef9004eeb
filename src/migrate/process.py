"""The process that loads, made ready for it."""

import ctypes
import signal
from contextlib import suppress

from .terminal import Terminal
from .transcode import native

_M_MMAP_THRESHOLD = -3  # glibc's malloc.h


def ready(*, quiet: bool) -> Terminal:
    """Prepare this process for loading; its terminal."""
    _return_buffers()
    # A container or a shell that stops the tool asks politely first: as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    terminal = Terminal(quiet=quiet)
    if native.is_cold():
        with terminal.waiting("compiling the loading path for this machine, once: it takes about a minute"):
            native.load()
        if native.is_cold():
            terminal.say(
                "what was compiled cannot be kept, so the next run compiles it again: set XDG_CACHE_HOME to a folder "
                "that can be written to"
            )
    return terminal


def _return_buffers() -> None:
    """Let glibc give large buffers back as soon as they are free: else each thread's arena keeps its own.

    Those of a usual chunk are kept, since a new one costs a page fault for every four kilobytes.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 4 << 20)
