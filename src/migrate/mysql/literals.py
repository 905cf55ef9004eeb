"""Rows with literals that are seldom seen, written again in plain ones.

mysqldump writes numbers, strings, NULL, hexadecimal and bits. People and other tools also write strings side by side,
character set introducers, function calls and arithmetic signs; those are evaluated here, or refused.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import InputError
from ..model import BitLiteral, Column, Expression, Literal
from . import charsets, fitting
from .charsets import Charset
from .constants import NotConstantError, Number, Octets, bits, hexadecimal, round_half_up
from .expressions import Evaluator
from .lexer import Kind, Mode, Token, tokens
from .moments import MOMENTS, held
from .temporal import LossError

UTF8 = Charset("utf8mb4")
# Handlers of errors in decoding: bytes that are not in the character set are latin1, or stay what they are.
AS_LATIN1, ESCAPED = "migrate-latin1", "migrate-escaped"


def _as_latin1(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return Charset("latin1").decode(error.object[error.start : error.end]), error.end


def _escaped(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "".join(chr(0xDC80 | byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(AS_LATIN1, _as_latin1)
codecs.register_error(ESCAPED, _escaped)


@dataclass
class Reading:
    """How the literals of a row are meant.

    `charset` is that of the row's strings, None when they are in their columns'; `columns` has those of its columns, in
    which MySQL takes bytes that say nothing of their own (`0x…`, `_binary'…'`), and None where a column holds bytes.
    `errors` says what becomes of bytes that are not in their character set, as for `bytes.decode`; the columns that had
    such are noted in `invalid`. `definitions` are the columns themselves, for the keyword DEFAULT.
    `zone` is the session's TIME_ZONE, `variables` its own variables and LAST_INSERT_ID() as literals. With `fit` values
    become what their columns hold, those that lose by it only if the session is not `strict`; the columns of these are
    noted in `converted`.
    """

    mode: Mode
    columns: tuple[Charset | None, ...]
    charset: Charset | None = UTF8
    errors: str = ESCAPED
    definitions: tuple[Column | None, ...] = ()
    zone: str | None = None
    variables: Mapping[str, bytes | None] | None = None
    invalid: list[int] = field(default_factory=list)
    fit: bool = False
    strict: bool = True
    converted: list[int] = field(default_factory=list)


class UnfitError(InputError):
    """A value that does not fit the column number `place`, and that MySQL refuses in strict mode."""

    def __init__(self, place: int) -> None:
        super().__init__(f"the value number {place + 1} does not fit its column")
        self.place = place


def plain_row(row: bytes, reading: Reading) -> bytes:
    """A row `(…)` with the same values in UTF-8, each a plain literal.

    Raises InputError for what is not a constant, and UnfitError.
    """
    values: list[bytes] = []
    value: list[Token] = []
    depth = 0
    row = with_variables(row, reading)
    for token in tokens(row, reading.mode):
        if token.kind is Kind.MARK and token.text == "(":
            depth += 1
            if depth == 1:
                continue
        if token.kind is Kind.MARK and token.text == ")":
            depth -= 1
        if (depth == 1 and token.kind is Kind.MARK and token.text == ",") or depth == 0:
            values.append(_filled(_fitted(value, row, reading, len(values)), reading, len(values)))
            value = []
            if depth == 0:
                break
        else:
            value.append(token)
    return b"(" + b",".join(values) + b")"


_NOW = b"now(6)"
LAST_GIVEN = "last_insert_id()"  # the number that MySQL gave last, among the variables
_ASKING = re.compile(rb"@|last_insert_id", re.IGNORECASE)


def with_variables(row: bytes, reading: Reading) -> bytes:
    """Text with the value of every variable in its place. Raises InputError where one is not known."""
    if not _ASKING.search(row):
        return row
    words = list(tokens(row, reading.mode))
    pieces: list[bytes] = []
    last = 0
    for place, word in enumerate(words):
        following = words[place + 1 : place + 3]
        end = word.end
        name = word.text.lower().replace("`", "")
        if word.is_word("LAST_INSERT_ID") and [one.text for one in following] == ["(", ")"]:
            name, end = LAST_GIVEN, following[-1].end
        elif word.kind is not Kind.VARIABLE or name.startswith("@@"):
            continue
        literal = reading.variables.get(name, b"NULL") if reading.variables is not None else None
        if literal is None:
            raise InputError(
                f"the value of {name} cannot be known without a MySQL server: write it in its place"
            )
        pieces += [row[last : word.start], literal]
        last = end
    return b"".join([*pieces, row[last:]])


def constant(text: bytes, reading: Reading) -> bytes | None:
    """An expression as a plain literal in UTF-8, None for one that only a server can compute."""
    try:
        return plain_row(b"(" + text + b")", reading)[1:-1]
    except InputError:
        return None


def _fitted(value: list[Token], row: bytes, reading: Reading, place: int) -> bytes:
    """The plain literal of a value, made to fit its column where that is wanted."""
    column = reading.definitions[place] if reading.fit and place < len(reading.definitions) else None
    if column and column.type.name == "timestamp" and not column.nullable and value[0].is_word("NULL"):
        # As MariaDB does, and MySQL up to 5.7.
        reading.converted.append(place)
        value, row = list(tokens(_NOW, reading.mode))[:-1], _NOW
    try:
        literal = _plain(value, row, reading, place)
    except InputError:
        beyond = (
            column is not None
            and column.type.name in _BY_NUMBER
            and value[0].kind is Kind.NUMBER
            and len(value) == 1
        )
        if reading.strict or not beyond:
            raise
        literal = b"'" + value[0].text.encode() + b"'"  # beyond the numbers of its members
    if column is None:
        return literal
    try:
        literal, lost = fitting.fitted(
            literal, column, reading.mode, _charset(reading, place), reading.zone, strict=reading.strict
        )
    except LossError:
        raise UnfitError(place) from None
    if lost:
        reading.converted.append(place)
    return literal


def _charset(reading: Reading, place: int) -> Charset | None:
    """The character set of a column's strings, None for bytes."""
    return reading.columns[place] if place < len(reading.columns) else UTF8


def _plain(value: list[Token], row: bytes, reading: Reading, place: int) -> bytes:
    first = value[0] if value else None
    if first is None:
        raise InputError("a value is missing")
    column = _charset(reading, place)
    if all(token.kind is Kind.STRING for token in value):
        content = b"".join(token.value for token in value)
        return _string(content, reading.charset or column or UTF8, reading, place)
    if len(value) == 2 and first.kind is Kind.WORD and value[1].kind in (Kind.STRING, Kind.HEX):
        if first.text.startswith("_"):
            return _introduced(first.text[1:], value[1], reading, place)
        if first.is_word("N"):
            return _string(value[1].value, UTF8, reading, place)
    if len(value) == 1:
        definition = reading.definitions[place] if place < len(reading.definitions) else None
        truth = {"TRUE": "1", "FALSE": "0"}.get(first.text.upper()) if first.kind is Kind.WORD else None
        if definition and definition.type.name in _BY_NUMBER and (first.kind is Kind.NUMBER or truth):
            number = truth or first.text
            return _string(
                _BY_NUMBER[definition.type.name](definition, number).encode(), UTF8, reading, place
            )
        if first.kind in (Kind.HEX, Kind.BITS) and column and not column.is_utf8:
            content = hexadecimal(first) if first.kind is Kind.HEX else bits(first)
            return _string(content, column, reading, place)
        if first.kind is not Kind.WORD or first.is_word("NULL", "TRUE", "FALSE"):
            return row[first.start : first.end]
        if first.is_word("DEFAULT"):
            return _default(reading, place)
    return _computed(value, row, reading, place)


def _filled(literal: bytes, reading: Reading, place: int) -> bytes:
    """A literal for a column of binary(n), whose values MySQL fills up with zeros; others as they are."""
    column = reading.definitions[place] if place < len(reading.definitions) else None
    if column is None or column.type.name != "binary":
        return literal
    token = next(tokens(literal, reading.mode))
    if token.kind is Kind.WORD:  # NULL
        return literal
    content = {Kind.HEX: hexadecimal, Kind.BITS: bits}.get(token.kind, lambda one: one.value)(token)
    return b"0x" + content.ljust(next(iter(column.type.arguments), 1), b"\0").hex().encode()


def _member(column: Column, number: str) -> str:
    """The member of an enum with that number, from 1; 0 is the empty string of an invalid value."""
    members = ("", *column.type.members)
    if not number.isdigit() or int(number) >= len(members):
        raise InputError(f"{column.name} has no member number {number}")
    return members[int(number)]


def _members(column: Column, number: str) -> str:
    """The members of a set whose bits a number has, the first one's being the lowest."""
    members = column.type.members
    if not number.isdigit() or int(number) >> len(members):
        raise InputError(f"{column.name} has no members with the number {number}")
    return ",".join(member for place, member in enumerate(members) if int(number) >> place & 1)


_BY_NUMBER = {"enum": _member, "set": _members}


def _computed(value: list[Token], row: bytes, reading: Reading, place: int) -> bytes:
    try:
        concat = reading.mode.pipes_concat
        found = Evaluator(value, reading.zone, _decoded, pipes_concat=concat).value()
    except UnicodeDecodeError as error:
        raise InputError(f"text that is said to be in a character set is not: {error}") from error
    except NotConstantError:
        text = row[value[0].start : value[-1].end].decode("utf-8", "replace")
        raise InputError(
            f"the expression {text} cannot be evaluated without a MySQL server: write its value in its place"
        ) from None
    if found is None:
        return b"NULL"
    definition = reading.definitions[place] if place < len(reading.definitions) else None
    if isinstance(found, Number):
        whole = "." in found and definition is not None and definition.type.name.endswith("int")
        return (round_half_up(found) if whole else found).encode()
    if isinstance(found, Octets):
        column = _charset(reading, place)
        return _string(found, column or UTF8, reading, place)
    kind = definition.type if definition else None
    if kind and kind.name in MOMENTS:
        found = held(found.decode("utf-8", "replace"), kind.name, next(iter(kind.arguments), 0)).encode()
    return _string(found, reading.charset or UTF8, reading, place)


def _default(reading: Reading, place: int) -> bytes:
    """The value of the keyword DEFAULT."""
    column = reading.definitions[place] if place < len(reading.definitions) else None
    default = column.default if column else None
    if column and column.auto_increment:  # that is not given a number
        return b"0"
    if isinstance(default, Literal) and default.value is not None:
        return _string(default.value.encode("utf-8", "surrogateescape"), UTF8, reading, place)
    if isinstance(default, BitLiteral):
        return b"0x" + default.value.hex().encode()
    if isinstance(default, Expression):
        sql = default.sql.encode("utf-8", "surrogateescape")
        return _computed(list(tokens(sql, reading.mode))[:-1], sql, reading, place)
    return b"NULL"


def _decoded(name: str, content: bytes) -> bytes:
    """Bytes of a named character set in UTF-8; those of `binary` as they are."""
    charset = charsets.of(name)
    if charset is None:
        if name == "binary":
            return content
        raise InputError(f"the character set {name} is not known")
    return charset.decode(content).encode()


def _introduced(name: str, literal: Token, reading: Reading, place: int) -> bytes:
    """`_charset'…'` and `_charset 0x…`: the bytes are in that character set; `_binary`: in the column's."""
    content = hexadecimal(literal) if literal.kind is Kind.HEX else literal.value
    column = _charset(reading, place)
    charset = column if name.lower() == "binary" else charsets.of(name)
    if charset is None and name.lower() != "binary":
        raise InputError(f"the character set {name} is not known")
    return _string(content, charset or UTF8, reading, place)


def _string(content: bytes, charset: Charset, reading: Reading, place: int) -> bytes:
    """A string literal; its content in UTF-8 unless the column holds bytes."""
    if place >= len(reading.columns) or reading.columns[place] is not None:
        try:
            text = charset.decode(content)
        except UnicodeDecodeError:
            reading.invalid.append(place)
            text = charset.decode(content, reading.errors)
            if reading.errors == ESCAPED and _is_text(text):
                text += "\udcff"  # for who looks at them next to find them
        content = text.encode("utf-8", "surrogateescape")
    if reading.mode.backslash_escapes:
        content = content.replace(b"\\", b"\\\\")
    return b"'" + content.replace(b"'", b"''") + b"'"


def _is_text(escaped: str) -> bool:
    """Whether bytes that are no text in one character set are some in UTF-8."""
    try:
        escaped.encode("utf-8", "surrogateescape").decode()
    except UnicodeDecodeError:
        return False
    return True
