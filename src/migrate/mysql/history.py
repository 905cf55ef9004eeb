"""Rows of system-versioned tables with their history, as `mariadb-dump --dump-history` writes them.

Each row says from when to when it held; PostgreSQL keeps those that hold still.
"""

from dataclasses import replace

import numpy as np

from ..model import Table
from .events import Rows, padded
from .lexer import Kind, tokens

_PERIOD = ("row_start", "row_end")
_FOREVER = (b"2038-01-19", b"2106-02-07")  # the last moments of a timestamp, in UTC


def is_kept_with(rows: Rows, table: Table | None) -> bool:
    """Whether the rows bring their history along."""
    named = [name.lower() for name in rows.columns or ()]
    return (
        table is not None and table.versioned and named[-2:] == list(_PERIOD) and not table.column("row_end")
    )


def current(rows: Rows) -> tuple[Rows, int]:
    """The rows that hold still, without their period; and how many do not."""
    kept: list[bytes] = []
    places: list[tuple[int, int]] = []
    size = past = 0
    for start, end in rows.spans():
        row = rows.data[start:end].tobytes()
        commas, last = _ends(row, rows)
        if last.startswith(_FOREVER):
            places.append((size, rows.place(start)))
            kept.append(row[: commas[-2]] + b")")
            size += len(kept[-1]) + 1
        else:
            past += 1
    text = b",".join(kept)
    columns = (rows.columns or ())[:-2]
    where = np.array(places, dtype=np.int64).reshape(-1, 2).T.copy()
    made = replace(
        rows, columns=columns, data=padded(text), size=len(text), head_size=0, rows=len(kept), places=where
    )
    return made, past


def _ends(row: bytes, rows: Rows) -> tuple[list[int], bytes]:
    """Where the values of a row end, but for the last, and what the last one is."""
    depth = 0
    commas: list[int] = []
    last = b""
    for token in tokens(row, rows.mode):
        if token.kind is Kind.MARK:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 1 and token.text == ",":
                commas.append(token.start)
        elif token.kind is not Kind.END:
            last = token.value
    return commas, last
