"""Queries whose answer is a value of a script: `VALUES ((SELECT …))`, `SET @a = (SELECT …)`, `SELECT … INTO @a`.

Only who holds the rows that came before can answer them. Where nobody can, the text is left as it is, and what becomes
of it is told where the value is wanted.
"""

import re
from collections.abc import Callable, Sequence

from .constants import Binary, Number, Value, content
from .lexer import Kind, Mode, Token, tokens

# The first two rows of a query in MySQL's default mode, about the tables of a database; None where nobody can tell.
Ask = Callable[[str | None, str], Sequence[tuple[Value, ...]] | None]

_QUERY = re.compile(rb"\(\s*select\b", re.IGNORECASE)
_PARTS = re.compile(b"elect"), re.compile(b"ELECT")
_SETS = ("IN", "ANY", "ALL", "SOME")  # before a query that is no value


def beginnings(text: bytes | memoryview) -> set[bytes]:
    """How the queries in a text begin, in the forms that are there; also what looks like one inside a string.

    The text may be long: it is searched where it is, first for what is found ten times as fast.
    """
    return set(_QUERY.findall(text)) if any(part.search(text) for part in _PARTS) else set()


def answered(
    text: bytes, mode: Mode, answer: Callable[[bytes], bytes | None]
) -> tuple[bytes, list[tuple[int, int]]]:
    """The text with the answer in the place of every query in parentheses.

    Besides, where in it each outermost parenthesis opens, and where it did before.
    """
    words = list(tokens(text, mode))
    pieces: list[bytes] = []
    starts: list[tuple[int, int]] = []
    last = grown = depth = place = 0
    while place < len(words):
        word = words[place]
        opens = word.kind is Kind.MARK and word.text == "("
        if opens and words[place + 1].is_word("SELECT", "WITH"):
            end = closing(words, place)
            before = words[max(0, place - 1)]
            query = text[words[place + 1].start : words[end].start]
            start = word.start
            if before.is_word("EXISTS"):
                query, start = b"select exists(" + query + b")", before.start
            value = None if before.is_word(*_SETS) else answer(query)
            if value is not None:
                pieces += [text[last:start], value]
                last = words[end].end
                grown += len(value) - (last - start)
            place = end + 1
            continue
        if opens and depth == 0:
            starts.append((word.start + grown, word.start))
        if word.kind is Kind.MARK:
            depth += {"(": 1, ")": -1}.get(word.text, 0)
        place += 1
    return b"".join([*pieces, text[last:]]), starts


def closing(words: Sequence[Token], place: int) -> int:
    """Where the parenthesis is closed that opens there; the last word where it is not."""
    depth = 0
    for at in range(place, len(words)):
        if words[at].kind is Kind.MARK:
            depth += {"(": 1, ")": -1}.get(words[at].text, 0)
        if depth == 0:
            return at
    return len(words) - 1


def assigning(text: bytes, mode: Mode) -> tuple[list[str], bytes] | None:
    """The variables that a SELECT sets, each by one of its columns, and the query of these; None where it sets none."""
    words = list(tokens(text, mode))
    names: list[str] = []
    cut: list[tuple[int, int]] = []
    depth = 0
    for place, word in enumerate(words[:-1]):
        depth += {"(": 1, ")": -1}.get(word.text, 0) if word.kind is Kind.MARK else 0
        following = words[place + 1]
        if depth == 0 and word.is_word("INTO") and following.kind is Kind.VARIABLE:
            end = place + 1
            names.append(following.text)
            while words[end + 1].text == "," and words[end + 2].kind is Kind.VARIABLE:
                end += 2
                names.append(words[end].text)
            return names, text[: word.start] + text[words[end].end :]
        begins = place > 0 and (words[place - 1].is_word("SELECT") or words[place - 1].text == ",")
        if depth == 0 and begins and word.kind is Kind.VARIABLE and following.text == ":=":
            names.append(word.text)
            cut.append((word.start, following.end))
    if not cut or sum(word.text == ":=" for word in words) != len(cut):
        return None
    kept = zip([0, *(end for _, end in cut)], [*(start for start, _ in cut), len(text)], strict=True)
    return names, b"".join(text[start:end] for start, end in kept)


def literal(value: Value, mode: Mode) -> bytes:
    """A value as SQL has it, whatever the character set of what it is put into."""
    if value is None:
        return b"NULL"
    if isinstance(value, Number):
        return content(value)
    if isinstance(value, Binary) and value:
        return b"0x" + value.hex().encode()
    inside = value.replace(b"\\", b"\\\\") if mode.backslash_escapes else value
    return (b"" if value.isascii() else b"_utf8mb4") + b"'" + inside.replace(b"'", b"''") + b"'"
