"""How functions are compiled here: without the GIL, and kept for the next process.

numba compiles a function anew when its own file has changed, not when a function that it calls has.
"""

from numba import njit

compiled = njit(nogil=True, cache=True, boundscheck=False)
