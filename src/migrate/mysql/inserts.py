"""What an INSERT or REPLACE statement says before its rows, and the statements that give rows in another form."""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from ..errors import InputError
from ..model import Duplicates
from .lexer import Kind, Mode, Token, tokens
from .statement import Statement

_WORDS = ("INSERT", "REPLACE", "INTO", "IGNORE", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED")


class Form(Enum):
    """How a statement gives its rows."""

    VALUES = "values"
    SET = "set"
    QUERY = "query"


class Head(NamedTuple):
    """The beginning of a statement: its table, its columns (None when it names none), how rows follow, and its length.

    The length is that of the text up to and with VALUES or SET; `duplicates` is what the beginning says of them.
    """

    table: tuple[str | None, str]
    columns: tuple[str, ...] | None
    form: Form
    size: int
    duplicates: Duplicates = Duplicates.REFUSED


class CutOffError(Exception):
    """The text ends before the head does."""


def head(stream: Iterator[Token], size: int, current: str | None) -> Head:
    """The head of a statement, from the tokens of its first `size` bytes.

    `current` is the database that USE chose. Raises CutOffError when these bytes do not hold all of the head.
    """
    names: list[str] = []
    columns: tuple[str, ...] | None = None
    duplicates = Duplicates.REFUSED
    for token in stream:
        if token.end >= size:
            break
        form = _form(token) if names else None
        if form is not None:
            key = (names[0], names[1]) if len(names) > 1 else (current, names[0])
            return Head(key, columns, form, token.end, duplicates)
        if token.kind is Kind.MARK and token.text == "(":
            columns = _columns(stream)
            if columns is None:
                break
        elif token.is_word("PARTITION"):
            next(stream)
            _columns(stream)
        elif not names and token.is_word("IGNORE", "REPLACE"):
            duplicates = Duplicates.IGNORED if token.is_word("IGNORE") else Duplicates.REPLACED
        # A compact dump may quote names as ANSI does without saying so: before the rows, a string is a name.
        elif token.kind in (Kind.QUOTED, Kind.STRING) or (
            token.kind is Kind.WORD and not token.is_word(*_WORDS)
        ):
            names.append(token.text)
    raise CutOffError


def _form(token: Token) -> Form | None:
    if token.is_word("VALUES", "VALUE"):
        return Form.VALUES
    if token.is_word("SET"):
        return Form.SET
    return Form.QUERY if token.is_word("SELECT", "WITH", "TABLE") else None


def _columns(stream: Iterator[Token]) -> tuple[str, ...] | None:
    columns: list[str] = []
    for token in stream:
        if token.kind is Kind.MARK and token.text == ")":
            return tuple(columns)
        if token.kind is Kind.MARK and token.text == ".":
            columns.pop()  # the table's name before a column's
        elif token.kind in (Kind.QUOTED, Kind.WORD, Kind.STRING):
            columns.append(token.text)
        elif token.is_word("SELECT", "WITH"):
            break
    return None


def assignments(text: bytes, mode: Mode) -> tuple[tuple[str, ...], bytes, bytes]:
    """The columns of `a = 1, b = 2 …`, what follows SET in a statement, their values as a row `(1,2)`, and the rest.

    Raises InputError where it is something else.
    """
    columns: list[str] = []
    values: list[bytes] = []
    stream = tokens(text, mode)
    end = Token(Kind.END, b"", len(text), len(text))
    token = next(stream)
    while True:
        name = token
        equals = next(stream, end)
        if equals.kind is Kind.MARK and equals.text == ".":
            name = next(stream)
            equals = next(stream, end)
        if name.kind not in (Kind.WORD, Kind.QUOTED) or equals.text not in ("=", ":="):
            raise InputError("an assignment was expected after SET")
        start = equals.end
        depth = 0
        token = next(stream)
        while depth or not _ends_value(token):
            if token.kind is Kind.END:
                raise InputError("a closing parenthesis is missing after SET")
            if token.kind is Kind.MARK:
                depth += {"(": 1, ")": -1}.get(token.text, 0)
            token = next(stream)
        columns.append(name.text)
        values.append(text[start : token.start].strip())
        if token.kind is not Kind.MARK:
            return tuple(columns), b"(" + b",".join(values) + b")", text[token.start :]
        token = next(stream)


def _ends_value(token: Token) -> bool:
    return (
        token.kind is Kind.END or token.is_word("ON", "AS") or (token.kind is Kind.MARK and token.text == ",")
    )


def update_of(tail: Statement, columns: Sequence[str]) -> str:
    """The assignments of ON DUPLICATE KEY UPDATE in what follows the rows of a statement, "" when there are none.

    Names that the statement gives to the row that came and its `columns` (`AS new`, `AS new (a, b)`) become MySQL's
    older VALUES(…); LAST_INSERT_ID(…), which only tells the client about a number, becomes that number.
    """
    alias = tail.name().lower() if tail.accept("AS") else None
    called = {column.lower(): column for column in columns} if alias else {}
    if alias and tail.accept_mark("("):
        names = [tail.name().lower()]
        while tail.accept_mark(","):
            names.append(tail.name().lower())
        tail.expect_mark(")")
        called = dict(zip(names, columns, strict=False))
    if not tail.accept("ON", "DUPLICATE", "KEY", "UPDATE"):
        return ""
    words: list[str] = []
    while not tail.at_end() and not tail.token.is_word("RETURNING"):
        token = tail.next()
        if alias and token.text.lower() == alias and tail.accept_mark("."):
            column = tail.name()
            words.append("VALUES(`{}`)".format(called.get(column.lower(), column).replace("`", "``")))
        elif not (token.is_word("LAST_INSERT_ID") and tail.at_mark("(")):
            words.append(tail.canonical(token.start, token.end))
    return " ".join(words)
