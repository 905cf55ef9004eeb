"""One chunk of rows through the compiled kernel: buffers, stops, and what was found."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..mysql import charsets
from ..mysql.events import Rows, padded
from ..mysql.literals import AS_LATIN1, ESCAPED, UTF8, Reading, UnfitError, plain_row
from ..plan import TargetColumn
from ..policies import InvalidText, Nul, ZeroDates
from . import decoding, native
from .codecs import COUNT, FIRST, NEXT_MEMBER, NO_MEMBER, Codec, Finding, Option, Status
from .room import WIDTH, Room

_SAMPLE_BYTES = 120
_OF_BYTES = (Codec.BYTES, Codec.GEOMETRY, Codec.BITS)
_ERRORS = {InvalidText.REPLACE: "replace", InvalidText.LATIN1: AS_LATIN1}

_NO_TABLE = np.zeros(1 << 16, dtype=np.uint32)

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Found:
    """A finding in one column: how many rows, and the text of the first of them in the dump."""

    column: TargetColumn
    what: Finding
    count: int
    sample: str


@dataclass(frozen=True)
class Refused:
    """A row that is not loaded: its number in the chunk, its place in the source, its literals in UTF-8, and why."""

    rows: Rows
    number: int
    offset: int
    text: bytes
    reason: str

    @property
    def error(self) -> InputError:
        """The same as an error."""
        sample = " ".join(self.text[:_SAMPLE_BYTES].decode("utf-8", "replace").split())
        return InputError(
            f"{self.rows.source}: the row of {self.rows.table[1]} at byte {self.offset} {self.reason}: {sample}"
        )


@dataclass(frozen=True)
class Copied:
    """COPY text of a chunk: text[:size], with padding behind it. `refused` are rows that are not in it."""

    text: Bytes
    size: int
    rows: int
    found: tuple[Found, ...]
    refused: tuple[Refused, ...] = ()

    @property
    def data(self) -> memoryview:
        """The text for a pipe."""
        return self.text.data[: self.size]


class Transcoder:
    """Turns chunks with the same columns into COPY text; one per worker and table, since it keeps its buffers: what it
    gives holds until it is asked again.

    `columns` has an entry for every value of a row, None for one that is not loaded.
    """

    def __init__(self, columns: list[TargetColumn | None]) -> None:
        self.columns = columns
        casts = [column.cast if column else None for column in columns]
        self._codecs = np.array([cast.codec if cast else Codec.SKIP for cast in casts], dtype=np.uint8)
        self._widths = np.array([cast.width if cast else 0 for cast in casts], dtype=np.int64)
        self._bounds = np.array([cast.bound if cast else 0 for cast in casts], dtype=np.int64)
        self._words = _words(columns, self._bounds)
        self._no_bounds = np.zeros_like(self._bounds)
        self._options = np.array([_options(column) for column in columns], dtype=np.uint8)
        self._charsets = tuple(_charset(column) for column in columns)
        # The most output bytes for one of input: an escaped byte 2, a set's comma 3, a short bit literal its width,
        # U+FFFD for a NUL 3, -infinity for 0 9.
        replaced = (self._options & Option.NUL_REPLACED).any()
        self._growth = 3 if Codec.SET in self._codecs or replaced else 2
        self._growth = max(self._growth, int(self._widths[self._codecs == Codec.BITS].max(initial=0)))
        if (self._options & Option.DATES_INFINITE).any():
            self._growth = max(self._growth, 9)
        policies = [column.policies.invalid_text for column in columns if column]
        self._errors = _ERRORS.get(policies[0]) if policies else None
        self._out, self._scratch = Room(), Room()

    def copy_text(self, rows: Rows, *, refuse: bool = False, fit: bool = False) -> Copied:
        """The chunk as COPY text; with `fit` its values are made to fit their columns, as far as MySQL does that.

        A row that cannot be read is refused and the others go on, or raises InputError when none may be `refuse`d.
        """
        original, rows = rows, self._in_utf8(rows)
        out = self._out.of(self._growth * rows.size + 4 * WIDTH + 64)
        scratch = self._scratch.of(rows.size + 64)
        findings = self._no_findings()
        at = written = count = 0
        found: list[Found] = []
        refused: list[Refused] = []
        while True:
            status, at, column, size, done = (
                self._next(rows, at)
                if fit
                else self._run(rows, rows.data, at, rows.size, out[written:], scratch, findings)
            )
            written += size
            count += done
            if status == Status.DONE:
                break
            after = int(native.skip_row(rows.data, at, rows.size, rows.mode.backslash_escapes))
            try:
                text, extra = self._unusual(rows, Status(status), at, after, column, fit=fit)
            except _RefusedError as error:
                number = count + len(refused)
                start = _place(original, number)
                row = rows.data[at : after if after > 0 else at + _SAMPLE_BYTES].tobytes().rstrip(b"\0")
                refusal = Refused(original, number, original.place(start), row, str(error))
                if not refuse or after < 0:
                    raise refusal.error from None
                refused.append(refusal)
                at = after
                continue
            if len(out) - written < len(text) + self._growth * (rows.size - after) + 4 * WIDTH:
                grown = np.empty(len(out) + len(text) + 4 * WIDTH, dtype=np.uint8)
                grown[:written] = out[:written]
                out = grown
            out[written : written + len(text)] = np.frombuffer(text, dtype=np.uint8)
            written += len(text)
            count += 1
            found += extra
            at = after
        found += self._found(rows.data, findings)
        return Copied(out, written, count, tuple(found), tuple(refused))

    def _next(self, rows: Rows, at: int) -> tuple[int, int, int, int, int]:
        """The next row, as `_run` finds one that it does not know."""
        start, _ = native.find_row(rows.data, at, rows.size, rows.head_size, rows.mode.backslash_escapes, 0)
        return (Status.DONE if start < 0 else Status.UNUSUAL), int(start), 0, 0, 0

    def original(self, rows: Rows, number: int) -> tuple[int, bytes]:
        """Where the row of that number (the first is 0) stands in the source, and its literals in UTF-8."""
        start = _place(rows, number)
        recoded = self._in_utf8(rows)
        first, after = native.find_row(
            recoded.data, 0, recoded.size, recoded.head_size, rows.mode.backslash_escapes, number
        )
        return rows.place(start), recoded.data[first:after].tobytes()

    def _in_utf8(self, rows: Rows) -> Rows:
        """The same rows in UTF-8; those that are already are passed on as they are."""
        charset = charsets.of(rows.charset) or (None if rows.charset == "binary" else UTF8)
        # Strings of the character set `binary` are taken for what the column is.
        chosen = [own and (charset or own) for own in self._charsets]
        if all(one is None or one.is_utf8 for one in chosen):
            return rows
        # Pairs that may hold a backslash can only be taken apart by who knows that they are pairs.
        own = charset is None
        by_row = any(one and not one.is_utf8 and not _tabled(one, own) for one in chosen)
        tabled = [one if one and _tabled(one, own) else None for one in chosen]
        known = sorted({one.name for one in tabled if one})
        tables = np.array([decoding.table(charsets.Charset(name)) for name in known] or [_NO_TABLE])
        numbers = np.array([known.index(one.name) if one else decoding.RAW for one in tabled], dtype=np.int64)
        marks = decoding.leads(charset)
        lead_marks = np.zeros(256, dtype=np.uint8) if marks is None else marks
        mode = rows.mode
        raw = np.full(len(numbers), decoding.RAW, dtype=np.int64)
        out = np.empty(decoding.GROWTH * rows.size + 4 * WIDTH, dtype=np.uint8)
        pieces: list[Bytes] = []
        at = 0
        while True:
            status, at, size = (
                (Status.UNUSUAL, at, 0)
                if by_row
                else native.recode(
                    rows.data, at, rows.size, rows.head_size, tables, numbers,
                    mode.backslash_escapes, mode.ansi_quotes, lead_marks, out,
                )
            )  # fmt: skip
            if status == Status.DONE and not pieces:
                out[size : size + WIDTH] = 0
                return replace(rows, data=out, size=int(size), head_size=0, charset="utf8mb4")
            pieces.append(out[:size].copy())
            if status == Status.DONE:
                break
            at, after = native.find_row(
                rows.data, at, rows.size, rows.head_size, mode.backslash_escapes, 0, marks
            )
            if at < 0:
                break
            if after < 0 or status == Status.MALFORMED:
                row = rows.data[at : at + _SAMPLE_BYTES].tobytes()
                raise Refused(rows, -1, rows.place(at), row, "cannot be read").error
            # Some character is not in the tables: this row is read with the character set's own decoder.
            _, _, size = native.recode(
                rows.data,
                at,
                after,
                0,
                tables,
                raw,
                mode.backslash_escapes,
                mode.ansi_quotes,
                lead_marks,
                out,
            )
            row = plain_row(out[:size].tobytes(), self._reading(rows, tuple(chosen), charset))
            pieces.append(np.frombuffer(row, dtype=np.uint8))
            at = after
        pieces.append(np.zeros(WIDTH, dtype=np.uint8))
        data = np.concatenate(pieces)
        return replace(rows, data=data, size=len(data) - WIDTH, head_size=0, charset="utf8mb4")

    def _reading(
        self,
        rows: Rows,
        chosen: tuple[charsets.Charset | None, ...],
        charset: charsets.Charset | None,
        errors: str = ESCAPED,
    ) -> Reading:
        definitions = tuple(column.source if column else None for column in self.columns)
        return Reading(rows.mode, chosen, charset, errors, definitions, rows.time_zone, rows.variables)

    def _unusual(
        self, rows: Rows, status: Status, at: int, after: int, column: int, *, fit: bool
    ) -> tuple[bytes, list[Found]]:
        """A row with literals the kernel does not know: written in those it does, then transcoded like any other."""
        chosen = self._errors or (AS_LATIN1 if rows.guessed else None)
        errors = chosen if status == Status.INVALID_TEXT else ESCAPED
        # What looks malformed at first, such as `1 + 1`, may be an expression.
        known = (Status.UNUSUAL, Status.INVALID_TEXT, Status.MALFORMED)
        fit = fit or (status == Status.VALUE and rows.strict is not None)
        if after < 0 or not (fit or status in known) or errors is None:
            raise self._refusal(status, column)
        reading = self._reading(rows, self._charsets, UTF8, errors)
        reading.fit, reading.strict = fit, rows.strict is not False
        try:
            plain = plain_row(rows.data[at:after].tobytes(), reading)
        except UnfitError as error:
            raise self._refusal(Status.VALUE, error.place) from None
        except InputError as error:
            if rows.strict is False and not fit:
                return self._unusual(rows, status, at, after, column, fit=True)
            raise _RefusedError(f"cannot be read: {error}") from error
        data = padded(plain)
        out = np.empty(self._growth * len(plain) + 4 * WIDTH + 64, dtype=np.uint8)
        findings = self._no_findings()
        scratch = np.empty(len(plain) + 64, dtype=np.uint8)
        again, _, column, size, _ = self._run(rows, data, 0, len(plain), out, scratch, findings, fit=fit)
        if again != Status.DONE:
            if again == Status.INVALID_TEXT and status == Status.UNUSUAL:
                return self._unusual(rows, Status.INVALID_TEXT, at, after, column, fit=fit)
            if again == Status.VALUE and not fit and rows.strict is not None:
                return self._unusual(rows, Status.VALUE, at, after, column, fit=True)
            raise self._refusal(Status(again), column)
        found = self._found(data, findings)
        invalid = reading.invalid if status == Status.INVALID_TEXT else []
        sample = plain[:_SAMPLE_BYTES].decode("utf-8", "replace")
        before = rows.data[at : min(after, at + _SAMPLE_BYTES)].tobytes().decode("utf-8", "replace")
        for places, what, shown in (
            (invalid, Finding.INVALID_TEXT, sample),
            (reading.converted, Finding.CONVERTED, before),
        ):
            targets = (self.columns[place] for place in places)
            found += [Found(target, what, 1, shown) for target in targets if target]
        return out[:size].tobytes(), found

    def _no_findings(self) -> npt.NDArray[np.int64]:
        return np.zeros((len(self.columns) + 1, len(Finding), 3), dtype=np.int64)

    def _run(
        self,
        rows: Rows,
        data: Bytes,
        at: int,
        end: int,
        out: Bytes,
        scratch: Bytes,
        findings: npt.NDArray[np.int64],
        *,
        fit: bool = False,
    ) -> tuple[int, int, int, int, int]:
        # What a server wrote, or was made to fit, fits.
        bounds = self._no_bounds if fit or rows.strict is None else self._bounds
        mode = rows.mode
        result: tuple[int, int, int, int, int] = native.transcode(
            data,
            at,
            end,
            rows.head_size,
            self._codecs,
            self._widths,
            bounds,
            self._words,
            self._options,
            mode.backslash_escapes,
            mode.ansi_quotes,
            scratch,
            out,
            findings,
        )
        return result

    def _found(self, data: Bytes, findings: npt.NDArray[np.int64]) -> list[Found]:
        found = []
        for place, what in np.argwhere(findings[:-1, :, COUNT]):
            column = self.columns[place]
            assert column is not None
            first = int(findings[place, what, FIRST])
            sample = data[first : first + _SAMPLE_BYTES].tobytes().rstrip(b"\0").decode("utf-8", "replace")
            count = int(findings[place, what, COUNT])
            found.append(Found(column, Finding(what), count, sample))
        return found

    def _refusal(self, status: Status, column: int) -> "_RefusedError":
        target = self.columns[column] if column < len(self.columns) else None
        name = target.source.name if target else str(column + 1)
        reasons = {
            Status.COLUMNS: f"has another number of values than its {len(self.columns)} columns",
            Status.INVALID_TEXT: f"holds bytes in the column {name} that are not in the dump's character set "
            "(--invalid-text says how to read them)",
            Status.VALUE: f"holds a value that its column {name}, {target.source.type if target else ''}, cannot hold "
            "(--on-error reject puts such rows aside)",
            Status.ZERO_DATE: f"holds a zero or impossible date in the column {name}",
            Status.NUL: f"holds a NUL character in the column {name}",
        }
        return _RefusedError(reasons.get(status, f"cannot be read at its column {name}"))


class _RefusedError(Exception):
    """Why a row is not loaded."""


def _words(columns: list[TargetColumn | None], bounds: npt.NDArray[np.int64]) -> Bytes:
    """The members of enums and sets, as the kernel takes them; the bounds of such columns are where theirs begin."""
    words = bytearray(1)
    for place, column in enumerate(columns):
        if column and column.cast.codec in (Codec.SET, Codec.ENUM) and bounds[place]:
            bounds[place] = len(words)
            for member in column.source.type.members:
                words += member.encode("utf-8", "surrogateescape") + bytes([NEXT_MEMBER])
            words.append(NO_MEMBER)
    return np.frombuffer(words, dtype=np.uint8)


def _options(column: TargetColumn | None) -> int:
    if column is None:
        return 0
    policies = column.policies
    charset = _charset(column)
    options = Option(0)
    if charset and not charset.is_utf8:
        options |= Option.FOREIGN
    if policies.zero_dates is ZeroDates.INFINITY and column.cast.codec is Codec.DATE:
        options |= Option.DATES_INFINITE
    if policies.zero_dates is ZeroDates.REJECT:
        options |= Option.DATES_REFUSED
    if policies.nul is Nul.REPLACE:
        options |= Option.NUL_REPLACED
    if policies.nul is Nul.REJECT:
        options |= Option.NUL_REFUSED
    if policies.repair_mojibake:
        options |= Option.MOJIBAKE_REPAIRED
    return int(options)


def _charset(column: TargetColumn | None) -> charsets.Charset | None:
    """The character set of a column's strings, None when they are bytes."""
    if column is None or column.cast.codec in _OF_BYTES:
        return None
    return charsets.of(column.charset) or UTF8


def _tabled(charset: charsets.Charset, own: bool) -> bool:
    return charset.units > 0 and not (own and charset.lead_bytes)


def _place(rows: Rows, number: int) -> int:
    leads = decoding.leads(charsets.of(rows.charset))
    start, _ = native.find_row(
        rows.data, 0, rows.size, rows.head_size, rows.mode.backslash_escapes, number, leads
    )
    return int(start)
