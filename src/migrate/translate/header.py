"""What stands before the body of a view, trigger, routine or event."""

import re
from collections.abc import Container
from dataclasses import dataclass
from functools import cache

from ..errors import InputError
from ..model import Program, Type
from ..mysql.lexer import Mode
from ..mysql.statement import Statement
from .body import declared_type
from .values import Refusal


@dataclass(frozen=True)
class Parameter:
    """A parameter; `mode` is in, out or inout, `truth` says that its type was written as BOOL."""

    name: str
    mode: str
    type: Type
    truth: bool


@dataclass(frozen=True)
class Header:
    """The parts of a definition; those that its kind does not have are empty."""

    body: str
    timing: str = ""
    event: str = ""
    parameters: tuple[Parameter, ...] = ()
    result: tuple[Type, bool] | None = None
    columns: tuple[str, ...] = ()
    invoker: bool = False
    comment: str = ""


@cache
def read_header(program: Program) -> Header:
    """The definition's parts. Raises Refusal when it cannot be read."""
    statement = Statement(program.canonical.encode("utf-8", "surrogateescape"), Mode())
    try:
        invoker = False
        word = {"sequence value": "SETVAL"}.get(program.kind, program.kind.upper())
        while not statement.token.is_word(word):
            if statement.at_end():
                raise Refusal("it cannot be parsed")
            invoker = statement.at_words("SECURITY", "INVOKER") or invoker
            statement.next()
        statement.next()
        statement.accept("IF", "NOT", "EXISTS")
        statement.accept_mark("(")  # of setval
        statement.qualified_name()
        return _READERS[program.kind](statement, invoker)
    except InputError as error:
        raise Refusal(f"it cannot be parsed: {error}") from error


def acts_on(program: Program, database: str | None, table: str, events: Container[str] = ("insert",)) -> bool:
    """Whether a program is a trigger that such events set off in that table, if its definition can be read."""
    if program.kind != "trigger" or program.database not in (database, None):
        return False
    try:
        return (program.table or "").lower() == table.lower() and read_header(program).event in events
    except Refusal:
        return False


def timing(trigger: Program) -> str:
    """Whether a trigger acts before or after a row."""
    return _header(trigger).timing


def body(program: Program) -> str:
    """What a program does; nothing where its definition cannot be read."""
    return _header(program).body


def names(text: str, word: str) -> bool:
    """Whether a name stands in MySQL's text, or what looks like it."""
    return re.search(rf"(?i)(?<![\w$]){re.escape(word)}(?![\w$])", text) is not None


def _header(program: Program) -> Header:
    try:
        return read_header(program)
    except Refusal:
        return Header("")


def _rest(statement: Statement) -> str:
    return statement.text(statement.token.start, len(statement.sql)).strip()


def _view(statement: Statement, invoker: bool) -> Header:
    columns = []
    if statement.accept_mark("("):
        while not statement.accept_mark(")"):
            columns.append(statement.name())
            statement.accept_mark(",")
    statement.expect("AS")
    return Header(_rest(statement), columns=tuple(columns), invoker=invoker)


def _sequence(statement: Statement, _: bool) -> Header:
    return Header(_rest(statement))


def _sequence_value(statement: Statement, _: bool) -> Header:
    statement.expect_mark(",")
    return Header(_rest(statement).removesuffix(")"))


def _trigger(statement: Statement, _: bool) -> Header:
    timing, event = statement.next().text.lower(), statement.next().text.lower()
    statement.expect("ON")
    statement.qualified_name()
    statement.expect("FOR", "EACH", "ROW")
    if statement.accept_any("FOLLOWS", "PRECEDES"):
        statement.name()
    return Header(_rest(statement), timing, event)


def _routine(statement: Statement, _: bool) -> Header:
    parameters = []
    statement.expect_mark("(")
    while not statement.accept_mark(")"):
        mode = statement.accept_any("IN", "OUT", "INOUT") or "IN"
        parameter = statement.name()
        parameters.append(Parameter(parameter, mode.lower(), *declared_type(statement)))
        if not statement.at_mark(")"):
            statement.expect_mark(",")
    result = declared_type(statement) if statement.accept("RETURNS") else None
    comment = ""
    while True:
        if statement.accept("COMMENT"):
            comment = statement.string()
        elif statement.token.is_word("LANGUAGE", "SQL", "CONTAINS") or statement.at_words("NO", "SQL"):
            statement.next()
            statement.next()
        elif statement.at_words("READS", "SQL", "DATA") or statement.at_words("MODIFIES", "SQL", "DATA"):
            statement.accept_any("READS", "MODIFIES")
            statement.expect("SQL", "DATA")
        elif not statement.accept("NOT", "DETERMINISTIC") and not statement.accept("DETERMINISTIC"):
            break
        else:
            continue
        if statement.token.is_word("INVOKER", "DEFINER"):
            statement.next()  # SQL SECURITY
    if statement.token.is_word("SONAME"):
        raise Refusal("it is a library that the MySQL server loads")
    return Header(_rest(statement), parameters=tuple(parameters), result=result, comment=comment)


_READERS = {
    "sequence": _sequence,
    "sequence value": _sequence_value,
    "view": _view,
    "trigger": _trigger,
    "function": _routine,
    "procedure": _routine,
}
