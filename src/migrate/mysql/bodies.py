"""Where the body of a trigger, procedure, function or event ends."""

import re

from .lexer import Kind, Mode, tokens

_PROGRAM = re.compile(
    rb"\s*(?:/\*!\d*\s*)?CREATE\b(?=.{0,2000}?\b(?:TRIGGER|PROCEDURE|FUNCTION|EVENT)\b)",
    re.IGNORECASE | re.DOTALL,
)
_BLOCK = re.compile(
    rb"(?:/\*!\d*|\s)*(?:(?:BEGIN|IF|WHILE|LOOP|REPEAT|FOR|CASE|DECLARE)\b"
    rb"|(?:CREATE|ALTER)\b(?!\s+(?:TEMPORARY\s+|UNIQUE\s+|FULLTEXT\s+|SPATIAL\s+)?"
    rb"(?:TABLE|INDEX|DATABASE|SCHEMA|USER|ROLE)\b))",
    re.IGNORECASE,
)
_BLOCKS = ("IF", "LOOP", "WHILE", "REPEAT", "FOR")
_STARTS = (
    "ROW",
    "BEGIN",
    "THEN",
    "ELSE",
    "DO",
    "LOOP",
    "REPEAT",
    "NOT ATOMIC",
)  # words that a statement follows


def is_program(text: bytes) -> bool:
    """Whether `text` begins the definition of a program, or a block of statements."""
    return _BLOCK.match(text) is not None


def is_open_program(text: bytes, mode: Mode, *, mariadb: bool) -> bool:
    """Whether `text` begins the definition of a program and ends inside its body.

    BEGIN, CASE and the like open a part, END closes one. IF, LOOP and REPEAT open one only where a statement may begin:
    elsewhere they are functions, or follow END.
    """
    if not _PROGRAM.match(text):
        return False
    depth = 0
    program = False
    before = None
    for token in tokens(text, mode, mariadb=mariadb):
        if token.is_word("TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"):
            program = True
        elif not program and token.kind is Kind.MARK and token.text == "(":
            return False
        elif token.is_word("END"):
            depth -= 1
        elif before is None or not before.is_word("END"):
            starts = before is not None and (before.is_word(*_STARTS) or before.text in (";", ":", ")"))
            if token.is_word("BEGIN", "CASE") or (starts and token.is_word(*_BLOCKS)):
                depth += 1
        before = token
    return depth > 0
