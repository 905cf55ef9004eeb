"""How functions are compiled here: without the GIL, and kept for the next process (see `warm.forget_stale`)."""

from numba import njit

compiled = njit(nogil=True, cache=True, boundscheck=False)
