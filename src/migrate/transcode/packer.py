"""COPY text packed as COPY's binary format (PostgreSQL manual, "COPY", "Binary Format"), a chunk at a time."""

from collections.abc import Callable
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from . import native
from .room import WIDTH


class Form(IntEnum):
    """How a value is packed: as the receive function of its type reads it."""

    TEXT = 0
    JSONB = 1
    SMALLINT = 2
    INTEGER = 3
    BIGINT = 4
    BYTEA = 5
    BOOLEAN = 6
    NUMERIC = 7
    REAL = 8
    DOUBLE = 9
    DATE = 10
    TIME = 11
    TIMESTAMP = 12
    INSTANT = 13  # a timestamp with time zone
    UUID = 14
    TEXTS = 15  # an array of text
    BITS = 16


# By their names in pg_type; an enum is read as text.
FORMS = {
    "text": Form.TEXT,
    "varchar": Form.TEXT,
    "bpchar": Form.TEXT,
    "json": Form.TEXT,
    "jsonb": Form.JSONB,
    "bytea": Form.BYTEA,
    "bool": Form.BOOLEAN,
    "int2": Form.SMALLINT,
    "int4": Form.INTEGER,
    "int8": Form.BIGINT,
    "numeric": Form.NUMERIC,
    "float4": Form.REAL,
    "float8": Form.DOUBLE,
    "date": Form.DATE,
    "time": Form.TIME,
    "timestamp": Form.TIMESTAMP,
    "timestamptz": Form.INSTANT,
    "uuid": Form.UUID,
    "_text": Form.TEXTS,
    "bit": Form.BITS,
}

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, no extension
_MOST_GROWN = 24  # bytes that a value is longer than its text, its length included


def packed(
    text: npt.NDArray[np.uint8],
    size: int,
    rows: int,
    types: list[str],
    east: int | None,
    room: Callable[[int], memoryview],
) -> int:
    """Pack the lines text[:size], of columns of these types, in the binary format: how many bytes that takes, 0 when
    they are not packed.

    They are at the beginning of what `room` gives, who is told how many bytes they may take. `east` is how many seconds
    the zone of instants is ahead of UTC, None when that is not known.
    """
    known = [FORMS.get(name) for name in types]
    forms = [form for form in known if form is not None and (form is not Form.INSTANT or east is not None)]
    if len(forms) < len(types):
        return 0
    # An array's elements grow by a third at most.
    most = size + size // 3 + rows * (2 + len(forms) * _MOST_GROWN) + len(HEADER) + 2 + WIDTH
    out = np.frombuffer(room(most), dtype=np.uint8)
    return max(0, int(native.pack(text, size, np.array(forms, dtype=np.uint8), east or 0, out)))
