"""Where the body of a trigger, procedure, function or event ends."""

import re

from .lexer import Kind, Mode, Token, tokens

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
# Words that a statement follows.
_STARTS = ("ROW", "BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT", "NOT ATOMIC")


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
    kinds = ("TRIGGER", "PROCEDURE", "FUNCTION", "EVENT")
    words = tokens(text, mode, mariadb=mariadb)
    if not next((one.is_word(*kinds) for one in words if one.is_word(*kinds) or one.text == "("), False):
        return False
    depth = 0
    before = None
    found = list(words)
    for place, token in enumerate(found):
        if token.is_word("END"):
            depth -= 1
        elif before is None or not before.is_word("END"):
            starts = before is not None and (before.is_word(*_STARTS) or before.text in (";", ":", ")"))
            opens = starts and token.is_word(*_BLOCKS) and not _is_no_block(found, place)
            if opens or token.is_word("BEGIN", "CASE"):
                depth += 1
        before = token
    return depth > 0


def _is_no_block(found: list[Token], place: int) -> bool:
    """Whether the word is FOR UPDATE, or a function: IF has commas between its arguments, and no such condition."""
    word, after = found[place], found[place + 1]
    if word.is_word("FOR"):
        return after.is_word("UPDATE", "SHARE")
    depth = 0
    for token in found[place + 1 :] if word.is_word("IF", "REPEAT") and after.text == "(" else ():
        if token.kind is Kind.MARK:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 0 or (depth == 1 and token.text == ","):
                return depth == 1
    return False
