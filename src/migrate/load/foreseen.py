"""Rows that PostgreSQL would refuse, found in their COPY text where no server is there to do so."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ..mysql.events import Rows
from ..plan import TargetColumn
from ..transcode.chunk import Copied, Found, Refused, Transcoder
from .rejects import Chunk, stop

_TAB, _NEWLINE, _BACKSLASH, _N = b"\t\n\\N"
_NULL = b"\\N"
_GREATEST_SINGLE = (2 - 2.0**-24) * 2.0**127  # what is less is rounded to a number of single precision
_LEAST_SINGLE = 2.0**-150
_LONGEST_PLAIN = 30  # digits of a number without an exponent that no type is too small for


def taken(
    transcoder: Transcoder,
    rows: Rows,
    write: Callable[[Refused], None] | None,
    adjust: Callable[[Iterable[Found]], None],
    *,
    foresee: bool = True,
) -> Copied:
    """The rows as COPY text that PostgreSQL will take; the others are written down, or raise where they cannot be.

    `adjust` makes the table ready for what was found in them; without `foresee` only what is
    no value at all is refused.
    """
    columns = [column for column in transcoder.columns if column is not None]
    refuse = write is not None
    copied = transcoder.copy_text(rows, refuse=refuse)
    adjust(copied.found)
    bad = refusals(columns, copied) if foresee else {}
    if bad and rows.strict is not None:
        copied = transcoder.copy_text(rows, refuse=refuse, fit=True)
        adjust(copied.found)
        bad = refusals(columns, copied)
    return Chunk(transcoder, rows, copied, write or stop).put_aside(bad)


def refusals(columns: Sequence[TargetColumn], copied: Copied) -> dict[int, str]:
    """The lines (0 is the first) that PostgreSQL would refuse, and why: NULL, unknown members, floats beyond theirs."""
    text = copied.text[: copied.size]
    marks = np.flatnonzero((text == _TAB) | (text == _NEWLINE))
    if not columns or len(marks) != copied.rows * len(columns):
        return {}
    starts = np.concatenate(([0], marks[:-1] + 1)).reshape(-1, len(columns))
    ends = marks.reshape(-1, len(columns))
    found: dict[int, str] = {}
    for place, column in enumerate(columns):
        begins, stops = starts[:, place], ends[:, place]
        if column.not_null:
            for line in _nulls(text, begins, stops):
                found.setdefault(line, f"column {column.name}: NULL, where none may be")
        if fits := _test(column):
            for line, (start, end) in enumerate(zip(begins.tolist(), stops.tolist(), strict=True)):
                value = text[start:end].tobytes()
                if value != _NULL and not fits(value):
                    shown = value.decode("utf-8", "replace")
                    found.setdefault(
                        line, f'column {column.name}: "{shown}" is no value of {column.source.type}'
                    )
    return found


def _nulls(
    text: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> Iterator[int]:
    short = np.flatnonzero(ends - starts == len(_NULL))
    at = starts[short]
    yield from short[(text[at] == _BACKSLASH) & (text[at + 1] == _N)].tolist()


def _test(column: TargetColumn) -> Callable[[bytes], bool] | None:
    """Whether a value fits, for columns of which that is to be asked."""
    if column.enum:
        members = {_escaped(member) for member in column.enum.members}
        return members.__contains__
    if column.type in ("real", "double precision"):
        single = column.type == "real"
        return lambda value: _is_float(value, single=single)
    return None


def _escaped(member: str) -> bytes:
    """A member as COPY has it."""
    letters = {8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 92: "\\"}
    return re.sub(r"[\b\t\n\v\f\r\\]", lambda one: "\\" + letters[ord(one[0])], member).encode(
        "utf-8", "replace"
    )


def _is_float(value: bytes, *, single: bool) -> bool:
    if len(value) < _LONGEST_PLAIN and b"e" not in value and b"E" not in value:
        return True
    number = abs(float(value))
    least, most = (_LEAST_SINGLE, _GREATEST_SINGLE) if single else (0.0, float("inf"))
    nothing = not value.lower().partition(b"e")[0].strip(b"+-0.")
    return nothing or least < number < most
