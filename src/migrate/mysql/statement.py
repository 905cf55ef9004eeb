"""A statement of MySQL as its tokens, from which the readers of definitions take what they know."""

from collections.abc import Callable

from ..errors import InputError
from .lexer import Kind, Mode, Token, tokens


class Statement:
    """One statement's tokens, read from left to right."""

    def __init__(self, sql: bytes, mode: Mode, *, mariadb: bool = False) -> None:
        self.sql = sql
        self.strict = mode.strict
        self._tokens = list(tokens(sql, mode, mariadb=mariadb))
        self._at = 0

    @property
    def token(self) -> Token:
        """The token that is next."""
        return self._tokens[self._at]

    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.token.kind is Kind.END

    def length(self) -> int:
        """How many tokens it has."""
        return len(self._tokens) - 1

    def peek(self, distance: int = 1) -> Token:
        """The token after the next ones."""
        return self._tokens[min(self._at + distance, len(self._tokens) - 1)]

    def next(self) -> Token:
        """Take the next token."""
        token = self.token
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def at_words(self, *words: str) -> bool:
        """Whether these words are next, in this order."""
        return self._tokens[self._at].is_word(words[0]) and all(
            self.peek(place).is_word(word) for place, word in enumerate(words)
        )

    def accept(self, *words: str) -> bool:
        """Take these words when they are next."""
        if not self.at_words(*words):
            return False
        for _ in words:
            self.next()
        return True

    def accept_any(self, *words: str) -> str | None:
        """Take the next word when it is one of these, and say which."""
        if not self.token.is_word(*words):
            return None
        return self.next().text.upper()

    def at_mark(self, mark: str) -> bool:
        """Whether this mark is next."""
        return self.token.kind is Kind.MARK and self.token.text == mark

    def accept_mark(self, mark: str) -> bool:
        """Take this mark when it is next."""
        if not self.at_mark(mark):
            return False
        self.next()
        return True

    def expect_mark(self, mark: str) -> None:
        """Take this mark, or say that it is missing."""
        if not self.accept_mark(mark):
            raise self.error(f"“{mark}” was expected")

    def expect(self, *words: str) -> None:
        """Take these words, or say that they are missing."""
        if not self.accept(*words):
            raise self.error(f"“{' '.join(words)}” was expected")

    def name(self) -> str:
        """A name, quoted or not."""
        token = self.next()
        if token.kind not in (Kind.WORD, Kind.QUOTED, Kind.STRING):
            raise self.error("a name was expected", token)
        return token.text

    def qualified_name(self) -> tuple[str | None, str]:
        """`name` or `database.name`."""
        name = self.name()
        if self.accept_mark("."):
            return name, self.name()
        return None, name

    def string(self) -> str:
        """A string; strings side by side are one."""
        value = self.next().text
        while self.token.kind is Kind.STRING:
            value += self.next().text
        return value

    def number(self) -> int:
        """A whole number."""
        token = self.next()
        if token.kind is not Kind.NUMBER or not token.text.isdigit():
            raise self.error("a whole number was expected", token)
        return int(token.text)

    def text(self, start: int, end: int) -> str:
        """The statement's own text between two byte positions."""
        return self.sql[start:end].decode("utf-8", "surrogateescape")

    def canonical(self, start: int, end: int) -> str:
        """The text between two byte positions as MySQL's default mode reads it, without comments."""
        pieces: list[bytes] = []
        last = start
        for token in self._tokens:
            if token.start < start or token.end > end or token.kind is Kind.END:
                continue
            if token.start > last:
                pieces.append(b" ")
            pieces.append(_CANONICAL.get(token.kind, bytes)(token.value))
            last = token.end
        return b"".join(pieces).decode("utf-8", "surrogateescape").strip()

    def parenthesised(self) -> str:
        """The canonical text inside the parentheses that are next; they are taken."""
        start = self.token.end
        self.expect_mark("(")
        depth = 1
        while True:
            token = self.next()
            if token.kind is Kind.END:
                raise self.error("a closing parenthesis is missing", token)
            if token.kind is Kind.MARK:
                depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 0:
                return self.canonical(start, token.start)

    def error(self, message: str, token: Token | None = None) -> InputError:
        """An error that shows where in the statement it is."""
        token = token or self.token
        near = self.text(max(0, token.start - 40), token.end + 40)
        return InputError(f"{message} near “{' '.join(near.split())}”")


_CANONICAL: dict[Kind, Callable[[bytes], bytes]] = {
    Kind.QUOTED: lambda value: b"`" + value.replace(b"`", b"``") + b"`",
    Kind.STRING: lambda value: b"'" + value.replace(b"\\", b"\\\\").replace(b"'", b"''") + b"'",
}
