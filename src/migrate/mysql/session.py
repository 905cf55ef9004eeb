"""The state of a MySQL session, as far as it changes the meaning of what follows in a dump."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from . import literals, questions
from .constants import Value
from .events import TableKey
from .lexer import Kind, Mode, Token, tokens
from .numbering import Counters
from .statement import Statement


@dataclass
class Session:
    """What SET, USE and DELIMITER have said so far."""

    database: str | None = None
    delimiter: bytes = b";"
    variables: dict[str, str] = field(default_factory=dict)
    # @variables as literals, None for what is not known
    own: dict[str, bytes | None] = field(default_factory=dict)
    # statements by their names, as far as they are known
    prepared: dict[str, bytes] = field(default_factory=dict)
    by_tool: bool = False  # the source is an export, and not written by hand
    mariadb: bool = False  # it is for MariaDB, as far as it says
    saved: bool = False  # a dump begins by keeping variables in @OLD_…
    restored: bool = False  # and ends by giving them back
    coordinates: dict[str, str] = field(default_factory=dict)  # in the server's binary log
    counters: Counters = field(default_factory=Counters)
    wants: Callable[[TableKey], bool] = lambda key: True  # whether a table's rows are to be read at all
    ask: questions.Ask = lambda database, query: None

    twice: set[TableKey] = field(default_factory=set)  # tables that a second CREATE TABLE was refused for
    _read: set[str] = field(default_factory=set)

    def reads(self, name: str) -> bool:
        """Whether a file is to be read: one that another has included is not read once more."""
        path = Path(name)
        key = str(path.resolve()) if path.is_file() else name
        if key in self._read:
            return False
        self._read.add(key)
        return True

    def restart(self, database: str | None) -> None:
        """A file that its tool means to be read by a session of its own."""
        self.database = database
        self.delimiter = b";"
        self.mariadb = False
        self.variables.clear()
        self.own.clear()
        self.prepared.clear()
        self.saved = self.restored = False

    @property
    def unfinished(self) -> bool:
        """Whether the end of a dump, which gives variables back, is still to come."""
        return self.saved and not self.restored

    @property
    def mode(self) -> Mode:
        return Mode.named(self.variables.get("sql_mode", "TRADITIONAL"), mariadb=self.mariadb)

    @property
    def keeps_zero(self) -> bool:
        """Whether 0 in an AUTO_INCREMENT column is a number like any other."""
        return "NO_AUTO_VALUE_ON_ZERO" in self.variables.get("sql_mode", "").upper()

    @property
    def strict(self) -> bool:
        """Whether values that do not fit their columns are refused, as they are when nothing is said."""
        return self.mode.strict

    @property
    def has_clock(self) -> bool:
        """Whether the time was set to stand still."""
        return self.variables.get("timestamp", "0").strip("0") != ""

    @property
    def checks_references(self) -> bool:
        """Whether foreign keys act."""
        return self.variables.get("foreign_key_checks", "1").upper() not in ("0", "OFF", "FALSE")

    @property
    def charset(self) -> str:
        """The character set of the dump's text."""
        return self.variables.get("character_set_client", "utf8mb4").lower()

    @property
    def guesses_charset(self) -> bool:
        """Whether a tool wrote the text and did not say in what character set, as before MySQL 4.1."""
        return self.by_tool and "character_set_client" not in self.variables

    @property
    def time_zone(self) -> str | None:
        """The TIME_ZONE, None for that of the server, which a dump does not tell."""
        zone = self.variables.get("time_zone", "SYSTEM")
        return None if zone.upper() == "SYSTEM" else zone

    def assign(self, statement: Statement) -> None:
        """Obey a SET statement, as far as its variables are plain values."""
        while not statement.at_end():
            if (
                statement.accept("NAMES")
                or statement.accept("CHARACTER", "SET")
                or statement.accept("CHARSET")
            ):
                self._set("character_set_client", self._value(statement.next()))
            elif statement.token.is_word("GLOBAL", "SESSION", "LOCAL"):
                statement.next()
                continue
            else:
                own = statement.token.kind is Kind.VARIABLE and not statement.token.text.startswith("@@")
                name = statement.next().text
                self.saved = self.saved or name.lower().startswith("@old_")
                if not statement.accept_mark("="):
                    statement.accept_mark(":=")
                if own:
                    self.own[_variable(name)] = self._constant(statement)
                self.restored = self.restored or statement.token.text.lower().startswith("@old_")
                value = self._value(statement.next())
                if statement.at_mark(",") or statement.at_end() or statement.at_mark(";"):
                    self._set(name, value)
            while not statement.at_end() and not statement.accept_mark(","):
                statement.next()

    def _constant(self, statement: Statement) -> bytes | None:
        """The value that is next, up to a comma; it is not taken."""
        place = depth = 0
        while (word := statement.peek(place)).kind is not Kind.END:
            if word.kind is Kind.MARK:
                depth += {"(": 1, ")": -1}.get(word.text, 0)
                if depth == 0 and word.text in (",", ";"):
                    break
            place += 1
        text = statement.sql[statement.token.start : word.start].strip()
        if questions.beginnings(text):
            text, _ = questions.answered(text, self.mode, self.answer)
        return literals.constant(text, self.reading)

    def prepare(self, statement: Statement) -> bool:
        """Obey PREPARE and DEALLOCATE PREPARE; whether the statement's text is known."""
        prepares = not statement.accept_any("DEALLOCATE", "DROP")
        statement.expect("PREPARE")
        name = statement.name().lower()
        text = self.prepared.pop(name, None)
        if prepares:
            statement.expect("FROM")
            token = statement.next()
            if token.kind is Kind.VARIABLE:
                literal = self.own.get(_variable(token.text)) or b"NULL"
                token = next(tokens(literal, self.mode))
            text = token.value if token.kind is Kind.STRING else None
            if text is not None:
                self.prepared[name] = text
        return text is not None

    def executed(self, statement: Statement) -> bytes | None:
        """The text of what EXECUTE names, with its parameters in their places; None where it is not known."""
        statement.expect("EXECUTE")
        text = self.prepared.get(statement.name().lower())
        given: list[bytes | None] = []
        if statement.accept("USING"):
            while not statement.at_end():
                given.append(self.own.get(_variable(statement.next().text), b"NULL"))
                statement.accept_mark(",")
        if text is None or None in given:
            return None
        values = iter(value for value in given if value is not None)
        pieces, last = [], 0
        for token in tokens(text, self.mode):
            if token.kind is Kind.MARK and token.text == "?":
                pieces += [text[last : token.start], next(values, b"NULL")]
                last = token.end
        return b"".join([*pieces, text[last:]])

    @property
    def reading(self) -> literals.Reading:
        variables = {**self.own, literals.LAST_GIVEN: self.counters.last}
        return literals.Reading(self.mode, (literals.UTF8,), zone=self.time_zone, variables=variables)

    def known(self, text: bytes) -> bytes:
        """A statement with the values of its variables, as it is where they are not known or set by it."""
        try:
            return text if b":=" in text else literals.with_variables(text, self.reading)
        except InputError:
            return text

    def answer(self, query: bytes) -> bytes | None:
        """The value of a query as a literal, None where nobody can tell. Raises InputError where it has several."""
        rows = self._rows(query)
        if rows is None:
            return None
        if len(rows) > 1 or any(len(row) != 1 for row in rows):
            raise InputError(f"the query {query.decode('utf-8', 'replace')} gives more than one value")
        return questions.literal(rows[0][0] if rows else None, self.mode)

    def _rows(self, query: bytes) -> Sequence[tuple[Value, ...]] | None:
        text = self.known(query)
        return self.ask(self.database, Statement(text, self.mode).canonical(0, len(text)))

    def select(self, sql: bytes) -> None:
        """Obey SELECT … INTO @a and SELECT @a := …, as far as what they become is known."""
        found = questions.assigning(sql, self.mode)
        if found is None:
            self._doubt(Statement(sql, self.mode))
            return
        names, query = found
        rows = self._rows(query)
        if rows is None or len(rows) > 1 or any(len(row) != len(names) for row in rows):
            self._doubt(Statement(sql, self.mode))
        elif rows:
            values = (questions.literal(value, self.mode) for value in rows[0])
            self.own.update(zip(map(_variable, names), values, strict=True))

    def _doubt(self, statement: Statement) -> None:
        """What the variables become that are set is only known to a server."""
        into = False
        while not statement.at_end():
            word = statement.next()
            into = word.is_word("INTO") or (into and (word.kind is Kind.VARIABLE or word.text == ","))
            if word.kind is Kind.VARIABLE and (into or statement.at_mark(":=")):
                self.own[_variable(word.text)] = None

    def _set(self, name: str, value: str | None) -> None:
        key = _variable(name)
        if value is None:
            self.variables.pop(key, None)
        else:
            self.variables[key] = value

    def _value(self, token: Token) -> str | None:
        if token.kind is Kind.VARIABLE:
            return self.variables.get(_variable(token.text))
        return None if token.is_word("NULL", "DEFAULT") else token.text


def _variable(name: str) -> str:
    """`@@SESSION.sql_mode` and `SQL_MODE` are the same variable; `@sql_mode` is the user's own."""
    key = name.lower().replace("`", "")
    if key.startswith("@@"):
        return key[2:].removeprefix("session.").removeprefix("global.").removeprefix("local.")
    return key
