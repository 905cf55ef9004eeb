"""The command in a process of its own: `migrate`, and `python -m migrate`."""

import atexit
import gc
import os
import signal


def run() -> None:
    """Run it without the garbage collector.

    What a run makes does not refer to itself, while walks over all that the compiler brings, also at the end, would
    take a third of the time to start and to stop.
    """
    gc.disable()
    # Nothing here is matrices; else numpy's import starts a thread for each core, which spins for a while.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    atexit.register(gc.freeze)
    # Until there is something to stop, Ctrl-C just ends the process: who has not begun has nothing to say.
    interrupted = signal.getsignal(signal.SIGINT)
    if interrupted is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .cli import main

    signal.signal(signal.SIGINT, interrupted)
    main()


if __name__ == "__main__":
    run()
