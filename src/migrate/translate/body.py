"""The statements of MySQL's stored programs, parsed (MySQL Reference Manual, "Compound Statement Syntax").

Expressions and SQL statements stay text here; `routine` gives them to sqlglot one by one.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import InputError
from ..model import Type
from ..mysql.columns import read_type
from ..mysql.lexer import Kind, Mode
from ..mysql.statement import Statement
from .values import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Declaration:
    """`declare a, b int default 0`; `truth` says that the type was written as BOOL."""

    names: tuple[str, ...]
    type: Type
    truth: bool
    default: str | None


@dataclass(frozen=True)
class Cursor:
    """`declare c cursor for select …`."""

    name: str
    query: str


@dataclass(frozen=True)
class Handler:
    """`declare exit handler for not found …`; conditions are as written, in capitals."""

    leaves: bool
    conditions: tuple[str, ...]
    action: "Node"


@dataclass(frozen=True)
class Block:
    """`begin … end`."""

    label: str | None
    declarations: tuple[Declaration, ...]
    cursors: tuple[Cursor, ...]
    handlers: tuple[Handler, ...]
    conditions: dict[str, str]
    statements: tuple["Node", ...]


@dataclass(frozen=True)
class Assign:
    """One assignment of SET: the target as written (`v`, `new.c`, `@u`) and the expression."""

    target: str
    expression: str


@dataclass(frozen=True)
class Branches:
    """IF and CASE: conditions (or values to compare `subject` with) and what is done; None is ELSE."""

    subject: str | None
    branches: tuple[tuple[str | None, tuple["Node", ...]], ...]
    case: bool


@dataclass(frozen=True)
class Loop:
    """WHILE, REPEAT or LOOP: the condition to go on or to stop, as its kind says."""

    label: str | None
    kind: str
    condition: str | None
    statements: tuple["Node", ...]


@dataclass(frozen=True)
class Jump:
    """LEAVE or ITERATE."""

    word: str
    label: str


@dataclass(frozen=True)
class Return:
    """RETURN of a function."""

    expression: str


@dataclass(frozen=True)
class Call:
    """CALL of a procedure."""

    procedure: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Signal:
    """SIGNAL with its state and message, RESIGNAL when it has no state."""

    state: str | None
    message: str | None


@dataclass(frozen=True)
class CursorStep:
    """OPEN, FETCH or CLOSE of a cursor."""

    word: str
    cursor: str
    into: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sql:
    """A statement of SQL; `into` are the variables of SELECT … INTO."""

    word: str
    text: str
    into: tuple[str, ...] = field(default=())


Node = Block | Assign | Branches | Loop | Jump | Return | Call | Signal | CursorStep | Sql


def parse_body(text: str) -> tuple[Node, ...]:
    """The statement that a program's text consists of; SET with several targets is several. Raises Refusal."""
    try:
        statement = Statement(text.encode("utf-8", "surrogateescape"), Mode())
        nodes = _Parser(statement).statement()
        statement.accept_mark(";")
        if not statement.at_end():
            raise Refusal("its body has more than one statement")
    except (InputError, RecursionError) as error:
        raise Refusal(f"its body cannot be parsed: {error}") from error
    return nodes


class _Parser:
    def __init__(self, statement: Statement) -> None:
        self.s = statement

    def statement(self) -> tuple[Node, ...]:
        s = self.s
        label = None
        if s.token.kind in (Kind.WORD, Kind.QUOTED) and s.peek().text == ":" and s.peek().kind is Kind.MARK:
            label = s.name()
            s.expect_mark(":")
        if s.token.kind is not Kind.WORD:
            raise s.error("a statement was expected")
        word = s.token.text.upper()
        if word == "BEGIN" and not s.peek().is_word("WORK"):
            return (self.block(label),)
        if word in ("WHILE", "REPEAT", "LOOP"):
            return (self.loop(label),)
        known: dict[str, Callable[[], tuple[Node, ...]]] = {
            "SET": self.set,
            "IF": self.if_,
            "CASE": self.case,
            "LEAVE": self.jump,
            "ITERATE": self.jump,
            "RETURN": self.return_,
            "CALL": self.call,
            "SIGNAL": self.signal,
            "RESIGNAL": self.signal,
            "OPEN": self.cursor,
            "FETCH": self.cursor,
            "CLOSE": self.cursor,
        }
        return known.get(word, self.sql)()

    def statements(self, *ends: str) -> tuple[Node, ...]:
        """Statements with their semicolons, up to one of the words."""
        found: list[Node] = []
        while not self.s.token.is_word(*ends):
            if self.s.at_end():
                raise self.s.error(f"{ends[0]} is missing")
            found += self.statement()
            self.s.expect_mark(";")
        return tuple(found)

    def until(self, *words: str) -> str:
        """The text up to one of the words or a mark that ends it, outside parentheses and CASE … END."""
        s = self.s
        start, depth, cases = s.token.start, 0, 0
        while not s.at_end():
            token = s.token
            if token.kind is Kind.MARK:
                if depth == 0 and token.text in (";", *(w for w in words if not w.isalpha())):
                    break
                depth += {"(": 1, ")": -1}.get(token.text, 0)
                if depth < 0:
                    break
            elif depth == 0 and cases == 0 and token.is_word(*words):
                break
            elif token.is_word("CASE"):
                cases += 1
            elif token.is_word("END") and cases:
                cases -= 1
            s.next()
        return s.text(start, s.token.start).strip()

    def block(self, label: str | None) -> Block:
        s = self.s
        s.expect("BEGIN")
        s.accept("NOT", "ATOMIC")
        declarations: list[Declaration] = []
        cursors: list[Cursor] = []
        handlers: list[Handler] = []
        conditions: dict[str, str] = {}
        while s.accept("DECLARE"):
            if s.token.is_word("EXIT", "CONTINUE", "UNDO") and s.peek().is_word("HANDLER"):
                handlers.append(self.handler())
            else:
                names = [s.name()]
                while s.accept_mark(","):
                    names.append(s.name())
                if s.accept("CURSOR"):
                    if s.at_mark("("):
                        raise Refusal("a cursor with parameters")
                    s.expect("FOR")
                    cursors.append(Cursor(names[0], self.until()))
                elif s.accept("CONDITION"):
                    s.expect("FOR")
                    conditions[names[0].lower()] = self.condition()
                else:
                    declarations.append(self.declaration(tuple(names)))
            s.expect_mark(";")
        statements = self.statements("END")
        s.expect("END")
        self.accept_label()
        return Block(label, tuple(declarations), tuple(cursors), tuple(handlers), conditions, statements)

    def declaration(self, names: tuple[str, ...]) -> Declaration:
        s = self.s
        kind, truth = declared_type(s)
        default = None
        if s.accept("DEFAULT"):
            default = self.until()
        return Declaration(names, kind, truth, default)

    def handler(self) -> Handler:
        s = self.s
        word = s.next().text.upper()
        s.expect("HANDLER")
        s.expect("FOR")
        conditions = [self.condition()]
        while s.accept_mark(","):
            conditions.append(self.condition())
        action = self.statement()
        if len(action) != 1:
            raise Refusal("a handler that sets several variables in one SET")
        return Handler(word == "EXIT", tuple(conditions), action[0])

    def condition(self) -> str:
        s = self.s
        if s.accept("NOT", "FOUND"):
            return "NOT FOUND"
        if s.accept("SQLSTATE"):
            s.accept("VALUE")
            return f"STATE {s.string()}"
        if s.token.kind is Kind.NUMBER:
            return f"ERROR {s.number()}"
        return s.name().upper()

    def accept_label(self) -> None:
        if self.s.token.kind in (Kind.WORD, Kind.QUOTED):
            self.s.next()

    def loop(self, label: str | None) -> Loop:
        s = self.s
        word = s.next().text.upper()
        condition = None
        if word == "WHILE":
            condition = self.until("DO")
            s.expect("DO")
        statements = self.statements("UNTIL" if word == "REPEAT" else "END")
        if word == "REPEAT":
            s.expect("UNTIL")
            condition = self.until("END")
        s.expect("END", word)
        self.accept_label()
        return Loop(label, word, condition, statements)

    def if_(self) -> tuple[Node, ...]:
        s = self.s
        s.expect("IF")
        branches: list[tuple[str | None, tuple[Node, ...]]] = []
        while True:
            condition = self.until("THEN")
            s.expect("THEN")
            branches.append((condition, self.statements("ELSEIF", "ELSE", "END")))
            if not s.accept("ELSEIF"):
                break
        if s.accept("ELSE"):
            branches.append((None, self.statements("END")))
        s.expect("END", "IF")
        return (Branches(None, tuple(branches), case=False),)

    def case(self) -> tuple[Node, ...]:
        s = self.s
        s.expect("CASE")
        subject = None if s.token.is_word("WHEN") else self.until("WHEN")
        branches: list[tuple[str | None, tuple[Node, ...]]] = []
        while s.accept("WHEN"):
            condition = self.until("THEN")
            s.expect("THEN")
            branches.append((condition, self.statements("WHEN", "ELSE", "END")))
        if s.accept("ELSE"):
            branches.append((None, self.statements("END")))
        s.expect("END", "CASE")
        return (Branches(subject, tuple(branches), case=True),)

    def set(self) -> tuple[Node, ...]:
        s = self.s
        s.expect("SET")
        found: list[Node] = []
        while True:
            start = s.token.start
            while not s.at_end() and not s.at_mark("=") and not s.at_mark(":="):
                s.next()
            target = s.text(start, s.token.start).strip()
            s.next()
            found.append(Assign(target, self.until(",")))
            if not s.accept_mark(","):
                return tuple(found)

    def jump(self) -> tuple[Node, ...]:
        word = self.s.next().text.upper()
        return (Jump(word, self.s.name()),)

    def return_(self) -> tuple[Node, ...]:
        self.s.expect("RETURN")
        return (Return(self.until()),)

    def call(self) -> tuple[Node, ...]:
        s = self.s
        s.expect("CALL")
        _, procedure = s.qualified_name()
        arguments: list[str] = []
        if s.accept_mark("("):
            while not s.at_mark(")") and not s.at_end():
                arguments.append(self.until(","))
                s.accept_mark(",")
            s.expect_mark(")")
        return (Call(procedure, tuple(arguments)),)

    def signal(self) -> tuple[Node, ...]:
        s = self.s
        word = s.next().text.upper()
        state = None
        if s.accept("SQLSTATE"):
            s.accept("VALUE")
            state = s.string()
        elif not s.at_mark(";") and not s.token.is_word("SET") and not s.at_end():
            state = s.name()
        elif word == "SIGNAL":
            raise s.error("a state was expected")
        message = None
        if s.accept("SET"):
            while True:
                item = s.name().upper()
                s.expect_mark("=")
                expression = self.until(",")
                if item == "MESSAGE_TEXT":
                    message = expression
                if not s.accept_mark(","):
                    break
        return (Signal(state, message),)

    def cursor(self) -> tuple[Node, ...]:
        s = self.s
        word = s.next().text.upper()
        s.accept("NEXT")
        s.accept("FROM")
        name = s.name()
        into = self.variables() if word == "FETCH" and s.accept("INTO") else ()
        return (CursorStep(word, name, into),)

    def variables(self) -> tuple[str, ...]:
        s = self.s
        found = []
        while True:
            variable = s.next().text
            if s.accept_mark("."):
                variable += "." + s.name()
            found.append(variable)
            if not s.accept_mark(","):
                return tuple(found)

    def sql(self) -> tuple[Node, ...]:
        s = self.s
        word, start = s.token.text.upper(), s.token.start
        depth = 0
        pieces: list[str] = []
        into: tuple[str, ...] = ()
        while not s.at_end() and not (depth == 0 and s.at_mark(";")):
            if depth == 0 and word in ("SELECT", "WITH") and s.token.is_word("INTO"):
                pieces.append(s.text(start, s.token.start))
                s.next()
                into = self.variables()
                start = s.token.start
                continue
            if s.token.kind is Kind.MARK:
                depth += {"(": 1, ")": -1}.get(s.token.text, 0)
            s.next()
        pieces.append(s.text(start, s.token.start))
        return (Sql(word, " ".join(pieces).strip(), into),)


def declared_type(statement: Statement) -> tuple[Type, bool]:
    """A type with its character set and collation, and whether it was written as BOOL."""
    truth = statement.token.is_word("BOOL", "BOOLEAN")
    kind = read_type(statement)
    statement.accept_any("BINARY", "ASCII", "UNICODE")
    while statement.accept("CHARACTER", "SET") or statement.accept("CHARSET") or statement.accept("COLLATE"):
        statement.name()
    return kind, truth
