"""Decimal digits as numbers, eight at a time, compiled."""
# numba compiles these functions; what they are given is said by their docstrings.
# mypy: disable-error-code="no-untyped-def,untyped-decorator"

import numpy as np

from .compiled import compiled
from .vector import first_bit64, load64

MOST = 18  # that always fit into 64 bits, with their sign


@compiled
def _eight(data, at):
    """The digits at `at`, eight at most: `(their value, how many)`, computed side by side in one register."""
    digits = load64(data, at) ^ np.uint64(0x3030303030303030)
    others = ((digits + np.uint64(0x7676767676767676)) | digits) & np.uint64(0x8080808080808080)
    count = first_bit64(others) >> 3 if others else 8
    if count == 0:
        return np.int64(0), 0
    digits <<= np.uint64(64 - 8 * count)
    pairs = digits * np.uint64(10) + (digits >> np.uint64(8))
    fours = (pairs & np.uint64(0x000000FF000000FF)) * np.uint64(0x000F424000000064)
    fours += ((pairs >> np.uint64(16)) & np.uint64(0x000000FF000000FF)) * np.uint64(0x0000271000000001)
    return np.int64(fours >> np.uint64(32)), count


@compiled
def whole(data, at):
    """The digits at `at`: `(their value, where they end)`. Of more than `MOST` the value is not to be used, and where
    they end neither. 32 bytes may be read beyond `at`."""
    start = at
    value, count = _eight(data, at)
    at += count
    while count == 8 and at - start <= 16:
        more, count = _eight(data, at)
        for _ in range(count):
            value *= 10
        value += more
        at += count
    return value, at
