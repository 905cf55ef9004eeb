"""How functions are compiled here: without the GIL, and without a look at what Python would raise an error for."""

from numba import njit

compiled = njit(nogil=True, boundscheck=False, error_model="numpy")
