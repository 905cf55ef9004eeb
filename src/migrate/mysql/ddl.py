"""From MySQL's data definition statements to the model (MySQL Reference Manual, "Data Definition Statements").

A statement changes a `Database`; what is not read here (options of a storage engine, for one) is passed over, and what
cannot be read raises InputError with the words where it stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..errors import InputError
from ..model import (
    BitLiteral,
    Check,
    Column,
    Database,
    Default,
    Expression,
    ForeignKey,
    Index,
    IndexKind,
    IndexPart,
    Literal,
    Program,
    Table,
    Type,
)
from .lexer import Kind, Mode, Token, tokens

_CANONICAL_TYPES = {
    "INTEGER": "int",
    "INT1": "tinyint",
    "INT2": "smallint",
    "INT3": "mediumint",
    "MIDDLEINT": "mediumint",
    "INT4": "int",
    "INT8": "bigint",
    "DEC": "decimal",
    "NUMERIC": "decimal",
    "FIXED": "decimal",
    "FLOAT4": "float",
    "FLOAT8": "double",
    "REAL": "double",
    "CHARACTER": "char",
    "NCHAR": "char",
    "NVARCHAR": "varchar",
    "VARCHARACTER": "varchar",
    "GEOMCOLLECTION": "geometrycollection",
    "LONG": "mediumtext",
}
_NATIONAL = {"NCHAR", "NVARCHAR"}


class Statement:
    """One statement's tokens, read from left to right."""

    def __init__(self, sql: bytes, mode: Mode, *, mariadb: bool = False) -> None:
        self.sql = sql
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
        return all(self.peek(place).is_word(word) for place, word in enumerate(words))

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


def apply(database: Database, current: str | None, statement: Statement) -> bool:
    """Let a CREATE, ALTER, DROP or RENAME statement change the model; whether it was one that is understood.

    `current` is the database that USE chose, None when there was none.
    """
    start = statement.token.start
    if statement.accept("CREATE"):
        return _create(database, current, statement, start)
    if statement.accept("ALTER"):
        statement.accept_any("IGNORE", "ONLINE")
        if statement.accept("TABLE"):
            _alter_table(database, current, statement)
            return True
        return statement.token.is_word("DATABASE", "SCHEMA", "EVENT", "SEQUENCE", "VIEW")
    if statement.accept("DROP"):
        return _drop(database, current, statement)
    if statement.accept("RENAME", "TABLE"):
        _rename_tables(database, current, statement)
        return True
    return False


def _create(database: Database, current: str | None, statement: Statement, start: int) -> bool:
    replaced = statement.accept("OR", "REPLACE")
    unique_kind = {"UNIQUE": IndexKind.UNIQUE, "FULLTEXT": IndexKind.FULLTEXT, "SPATIAL": IndexKind.SPATIAL}
    while True:
        word = statement.token.text.upper()
        if statement.accept("TABLE"):
            return _create_table(database, current, statement, replaced=replaced)
        if word in unique_kind and statement.peek().is_word("INDEX"):
            statement.next()
            statement.next()
            _create_index(database, current, statement, unique_kind[word])
            return True
        if statement.accept("INDEX"):
            _create_index(database, current, statement, IndexKind.PLAIN)
            return True
        if statement.token.is_word("DATABASE", "SCHEMA", "TABLESPACE", "LOGFILE"):
            return True
        if statement.token.is_word("USER", "ROLE", "SERVER"):
            return False
        if statement.token.is_word(
            "VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "SEQUENCE", "PACKAGE"
        ):
            database.programs.append(_program(current, statement, start))
            return True
        if statement.at_end():
            return False
        if statement.accept("DEFINER"):
            _skip_definer(statement)
        elif statement.accept("SQL", "SECURITY"):
            statement.next()
        else:
            # TEMPORARY, ALGORITHM = …, AGGREGATE, ONLINE
            statement.next()


def set_sequence(database: Database, current: str | None, statement: Statement) -> bool:
    """Take `select setval(…)` or `do setval(…)`, with which MariaDB's dumps say where a sequence stands."""
    start = statement.token.start
    if statement.accept_any("SELECT", "DO") is None or not statement.accept("SETVAL"):
        return False
    statement.expect_mark("(")
    own, name = statement.qualified_name()
    whole = len(statement.sql)
    database.programs.append(
        Program(
            own or current,
            "sequence value",
            name,
            statement.text(start, whole),
            statement.canonical(start, whole),
        )
    )
    return True


def _skip_definer(statement: Statement) -> None:
    statement.expect_mark("=")
    statement.next()
    if statement.token.kind is Kind.VARIABLE:
        bare = statement.token.text == "@"
        statement.next()
        if bare:
            statement.next()
    elif statement.accept_mark("("):
        statement.expect_mark(")")


def _program(current: str | None, statement: Statement, start: int) -> Program:
    kind = statement.next().text.lower()
    statement.accept("IF", "NOT", "EXISTS")
    database, name = statement.qualified_name()
    table = None
    if kind == "trigger":
        while not statement.at_end() and not statement.accept("ON"):
            statement.next()
        table = statement.qualified_name()[1]
    whole = len(statement.sql)
    return Program(
        database or current,
        kind,
        name,
        statement.text(start, whole),
        statement.canonical(start, whole),
        table,
    )


def _create_table(database: Database, current: str | None, statement: Statement, *, replaced: bool) -> bool:
    """False for CREATE TABLE … SELECT, whose columns and rows only a server can tell."""
    kept = statement.accept("IF", "NOT", "EXISTS")
    own, name = statement.qualified_name()
    key = (own or current, name)
    if kept and key in database.tables:
        return True
    like = statement.accept("LIKE") or (statement.at_mark("(") and statement.peek().is_word("LIKE"))
    if like:
        if statement.accept_mark("("):
            statement.expect("LIKE")
        other_database, other = statement.qualified_name()
        source = database.tables.get((other_database or current, other))
        if source is None:
            raise statement.error(
                f"CREATE TABLE … LIKE names the table {other}, which is not defined before it"
            )
        database.tables[key] = replace(
            source, database=key[0], name=name, foreign_keys=(), auto_increment=None
        )
        return True
    if not statement.at_mark("("):
        return False
    if key in database.tables and not replaced:
        raise statement.error(f"the table {name} is there already, and MySQL makes no other")
    table = Table(own or current, name)
    statement.expect_mark("(")
    while True:
        table = _definition(table, statement)
        if statement.accept_mark(","):
            continue
        statement.expect_mark(")")
        break
    _check_columns(table)
    database.tables[key] = _options(table, statement)
    return True


def _check_columns(table: Table) -> None:
    """Raises InputError for a table that MySQL would refuse to make for the names of its columns."""
    names = [column.name.lower() for column in table.columns]
    if twice := next((one for one in names if names.count(one) > 1), None):
        raise InputError(f"the table {table.name} names the column {twice} twice, which MySQL refuses")
    wanted = [part.column for index in table.indexes for part in index.parts if part.column is not None]
    wanted += [column for key in table.foreign_keys for column in key.columns]
    if missing := next((one for one in wanted if one.lower() not in names), None):
        raise InputError(f"a key of the table {table.name} names the column {missing}, which is not there")


def _definition(table: Table, statement: Statement) -> Table:
    """One entry between the parentheses of CREATE TABLE: a column, key or constraint."""
    constraint = None
    if statement.accept("CONSTRAINT"):
        if not statement.token.is_word("PRIMARY", "UNIQUE", "FOREIGN", "CHECK") or statement.peek().is_word(
            "CHECK"
        ):
            constraint = statement.name()
        if not statement.token.is_word("PRIMARY", "UNIQUE", "FOREIGN", "CHECK"):
            raise statement.error("a constraint was expected")
    if statement.token.kind is Kind.WORD:
        if statement.accept("FOREIGN", "KEY"):
            return replace(table, foreign_keys=(*table.foreign_keys, _foreign_key(constraint, statement)))
        if statement.token.is_word("CHECK") and (statement.peek().text == "("):
            return replace(table, checks=(*table.checks, _check(constraint, statement)))
        if statement.at_words("PERIOD", "FOR"):
            statement.next()
            statement.next()
            statement.name()
            statement.parenthesised()
            return table
        index = _index(constraint, statement)
        if index is not None:
            return replace(table, indexes=(*table.indexes, index))
    name = statement.name()
    return _column(table, name, statement)[0]


def _index(constraint: str | None, statement: Statement) -> Index | None:
    """A key definition when one is next, else None (a column may be called `key` only when quoted)."""
    if statement.accept("PRIMARY", "KEY"):
        kind = IndexKind.PRIMARY
    elif statement.token.is_word("UNIQUE", "FULLTEXT", "SPATIAL"):
        kind = IndexKind(statement.next().text.lower())
        statement.accept_any("KEY", "INDEX")
    elif statement.token.is_word("KEY", "INDEX"):
        statement.next()
        kind = IndexKind.PLAIN
    else:
        return None
    name = constraint or ""
    if not statement.at_mark("(") and not statement.token.is_word("USING"):
        statement.accept("IF", "NOT", "EXISTS")
        name = statement.name()
    if statement.accept("USING"):
        statement.next()
    return _index_tail(name, kind, statement)


def _index_tail(name: str, kind: IndexKind, statement: Statement) -> Index:
    parts = _index_parts(statement)
    comment = ""
    while True:
        if statement.accept("USING") or statement.accept("WITH", "PARSER"):
            statement.next()
        elif statement.accept("COMMENT"):
            comment = statement.string()
        elif statement.accept("KEY_BLOCK_SIZE"):
            statement.accept_mark("=")
            statement.next()
        elif not statement.accept_any(
            "VISIBLE", "INVISIBLE", "IGNORED", "CLUSTERED", "NONCLUSTERED"
        ) and not statement.accept("NOT", "IGNORED"):
            return Index(name, kind, parts, comment)


def _index_parts(statement: Statement) -> tuple[IndexPart, ...]:
    parts = []
    statement.expect_mark("(")
    while True:
        if statement.at_mark("("):
            part = IndexPart(expression=Expression(statement.parenthesised()))
        else:
            part = IndexPart(column=statement.name())
            if statement.accept_mark("("):
                part = replace(part, length=statement.number())
                statement.expect_mark(")")
        direction = statement.accept_any("ASC", "DESC")
        parts.append(replace(part, descending=direction == "DESC"))
        if not statement.accept_mark(","):
            statement.expect_mark(")")
            return tuple(parts)


def _column_names(statement: Statement) -> tuple[str, ...]:
    return tuple(part.column or "" for part in _index_parts(statement))


def _foreign_key(constraint: str | None, statement: Statement) -> ForeignKey:
    name = constraint
    if not statement.at_mark("("):
        own = statement.name()
        name = constraint or own
    return _reference(name, _column_names(statement), statement)


def _reference(name: str | None, columns: tuple[str, ...], statement: Statement) -> ForeignKey:
    statement.expect("REFERENCES")
    database, table = statement.qualified_name()
    referenced = _column_names(statement) if statement.at_mark("(") else ()
    key = ForeignKey(name, columns, database, table, referenced)
    while True:
        if statement.accept("ON", "DELETE"):
            key = replace(key, on_delete=_action(statement))
        elif statement.accept("ON", "UPDATE"):
            key = replace(key, on_update=_action(statement))
        elif statement.accept("MATCH"):
            statement.next()
        else:
            return key


def _action(statement: Statement) -> str:
    for words in (("SET", "NULL"), ("SET", "DEFAULT"), ("NO", "ACTION"), ("CASCADE",), ("RESTRICT",)):
        if statement.accept(*words):
            return " ".join(words).lower()
    raise statement.error("a foreign key's action was expected")


def _check(constraint: str | None, statement: Statement) -> Check:
    statement.expect("CHECK")
    expression = Expression(statement.parenthesised())
    enforced = not statement.accept("NOT", "ENFORCED")
    statement.accept("ENFORCED")
    return Check(constraint, expression, enforced)


def _column(table: Table, name: str, statement: Statement) -> tuple[Table, Column]:
    """A column's definition after its name; the table with its inline keys and checks, and with the column last."""
    serial = statement.token.is_word("SERIAL")
    column = Column(name, read_type(statement), nullable=not serial, auto_increment=serial)
    if serial:
        table = replace(table, indexes=(*table.indexes, Index(name, IndexKind.UNIQUE, (IndexPart(name),))))
    while True:
        if statement.accept("PRIMARY", "KEY") or (
            statement.token.is_word("KEY")
            and not statement.peek().is_word("BLOCK_SIZE")
            and statement.accept("KEY")
        ):
            statement.accept_any("CLUSTERED", "NONCLUSTERED")  # TiDB's
            primary = Index("PRIMARY", IndexKind.PRIMARY, (IndexPart(name),))
            table = replace(table, indexes=(*table.indexes, primary))
        elif statement.accept("UNIQUE"):
            statement.accept("KEY")
            table = replace(
                table, indexes=(*table.indexes, Index(name, IndexKind.UNIQUE, (IndexPart(name),)))
            )
        elif statement.token.is_word("REFERENCES"):
            # MySQL reads a column's own REFERENCES and ignores it; MariaDB obeys it. Obeying is what was meant.
            table = replace(table, foreign_keys=(*table.foreign_keys, _reference(None, (name,), statement)))
        elif statement.token.is_word("CONSTRAINT") or (
            statement.token.is_word("CHECK") and statement.peek().text == "("
        ):
            constraint = None
            if statement.accept("CONSTRAINT") and not statement.token.is_word("CHECK"):
                constraint = statement.name()
            table = replace(table, checks=(*table.checks, _check(constraint, statement)))
        else:
            changed = _attribute(column, statement)
            if changed is None:
                break
            column = changed
    if any(index.kind is IndexKind.PRIMARY and index.parts[0].column == name for index in table.indexes):
        column = replace(column, nullable=False)
    return replace(table, columns=(*table.columns, column)), column


def _attribute(column: Column, statement: Statement) -> Column | None:
    """One attribute of a column, or None when there are no more."""
    if statement.accept("NOT", "NULL"):
        return replace(column, nullable=False)
    if statement.accept("NULL"):
        return column
    if statement.accept("DEFAULT"):
        return replace(column, default=_default(statement))
    if statement.accept("AUTO_INCREMENT"):
        return replace(column, auto_increment=True, nullable=False)
    if statement.accept("COMMENT"):
        return replace(column, comment=statement.string())
    if statement.accept("ON", "UPDATE"):
        statement.next()
        if statement.at_mark("("):
            statement.parenthesised()
        return replace(column, on_update=True)
    if statement.accept("CHARACTER", "SET") or statement.accept("CHARSET"):
        return replace(column, type=replace(column.type, charset=statement.name().lower()))
    if statement.accept("COLLATE"):
        return replace(column, type=replace(column.type, collation=statement.name().lower()))
    if statement.accept("SRID"):
        return replace(column, type=replace(column.type, srid=statement.number()))
    if statement.accept("REF_SYSTEM_ID"):  # MariaDB does not hold values to it
        statement.accept_mark("=")
        statement.number()
        return column
    if statement.accept("GENERATED", "ALWAYS", "AS", "ROW"):
        statement.next()  # START or END of a system-versioned table
        return column
    if statement.accept("GENERATED", "ALWAYS", "AS") or statement.accept("AS"):
        return replace(column, generated=Expression(statement.parenthesised()))
    if statement.accept("SERIAL", "DEFAULT", "VALUE"):
        return replace(column, auto_increment=True, nullable=False)
    if statement.accept_any(
        "VIRTUAL", "STORED", "PERSISTENT", "VISIBLE", "INVISIBLE", "ASCII", "UNICODE", "BINARY"
    ):
        return column
    if (
        statement.accept("COLUMN_FORMAT")
        or statement.accept("STORAGE")
        or statement.accept("ENGINE_ATTRIBUTE")
    ):
        statement.accept_mark("=")
        statement.next()
        return column
    if statement.accept("WITHOUT", "SYSTEM", "VERSIONING") or statement.accept("COMPRESSED"):
        return column
    return None


def _default(statement: Statement) -> Default | None:
    token = statement.token
    if token.kind is Kind.MARK and token.text == "(":
        return Expression(statement.parenthesised())
    if token.is_word("NULL"):
        statement.next()
        return None
    if token.kind is Kind.WORD and token.text.startswith("_") and statement.peek().kind is Kind.STRING:
        statement.next()
        return Literal(statement.string())
    if token.kind is Kind.STRING:
        return Literal(statement.string())
    if token.kind is Kind.MARK and token.text in "+-":
        statement.next()
        return Literal(("-" if token.text == "-" else "") + statement.next().text)
    statement.next()
    if token.kind is Kind.NUMBER:
        return Literal(token.text)
    if token.kind is Kind.HEX:
        digits = token.text[2:].strip("'")
        return BitLiteral(bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2)))
    if token.kind is Kind.BITS:
        digits = token.text[2:].strip("'") or "0"
        return BitLiteral(int(digits, 2).to_bytes((len(digits) + 7) // 8, "big"))
    if token.is_word("TRUE", "FALSE"):
        return Literal("1" if token.is_word("TRUE") else "0")
    if token.kind is Kind.WORD:
        end = token.end
        while statement.at_mark("(") or statement.at_mark("."):
            if statement.accept_mark("."):
                statement.next()
            else:
                statement.parenthesised()
            end = statement.sql.rfind(b")", 0, statement.token.start) + 1
        return Expression(statement.canonical(token.start, end))
    raise statement.error("a default was expected", token)


def read_type(statement: Statement) -> Type:
    """A type as it is declared for a column, parameter or variable, without its character set."""
    word = statement.next().text.upper()
    if word == "NATIONAL":
        word = "N" + statement.next().text.upper().replace("CHARACTER", "CHAR")
    if word == "SERIAL":
        return Type("bigint", unsigned=True)
    if word in ("BOOL", "BOOLEAN"):
        return Type("tinyint", (1,))
    name = _CANONICAL_TYPES.get(word, word.lower())
    if word == "LONG" and statement.accept("VARBINARY"):
        name = "mediumblob"
    elif word == "LONG":
        statement.accept("VARCHAR")
    if word == "DOUBLE":
        statement.accept("PRECISION")
    if name == "char" and statement.accept("VARYING"):
        name = "varchar"
    arguments: tuple[int, ...] = ()
    members: tuple[str, ...] = ()
    if statement.accept_mark("("):
        if name in ("enum", "set"):
            members = _members(statement)
        else:
            arguments = _numbers(statement)
    kind = Type(name, arguments, members, charset="utf8" if word in _NATIONAL else None)
    while True:
        if statement.accept("UNSIGNED") or statement.accept("ZEROFILL"):
            kind = replace(kind, unsigned=True)
        elif statement.accept("BYTE"):
            kind = replace(kind, charset="binary")
        elif not statement.accept("SIGNED"):
            return kind


def _members(statement: Statement) -> tuple[str, ...]:
    members = []
    while True:
        if statement.token.kind is Kind.WORD and statement.token.text.startswith("_"):
            statement.next()
        if statement.token.kind is Kind.HEX:
            members.append(
                bytes.fromhex(statement.next().text[2:].strip("'")).decode("utf-8", "surrogateescape")
            )
        else:
            members.append(statement.string())
        if not statement.accept_mark(","):
            statement.expect_mark(")")
            return tuple(members)


def _numbers(statement: Statement) -> tuple[int, ...]:
    numbers = []
    while not statement.accept_mark(")"):
        if statement.token.kind is Kind.NUMBER:
            numbers.append(statement.number())
        elif statement.at_end():
            raise statement.error("a closing parenthesis is missing")
        else:
            statement.next()
    return tuple(numbers)


def _options(table: Table, statement: Statement) -> Table:
    """The options after a table's definitions: those that matter are kept, all others passed over."""
    while not statement.at_end():
        if statement.accept("PARTITION", "BY"):
            start = statement.token.start
            while not statement.at_end():
                statement.next()
            return replace(table, partitioned=statement.canonical(start, len(statement.sql)))
        statement.accept("DEFAULT")
        if statement.accept("CHARACTER", "SET") or statement.accept("CHARSET"):
            statement.accept_mark("=")
            table = replace(table, charset=statement.name().lower())
        elif statement.accept("COLLATE"):
            statement.accept_mark("=")
            table = replace(table, collation=statement.name().lower())
        elif statement.accept("COMMENT"):
            statement.accept_mark("=")
            table = replace(table, comment=statement.string())
        elif statement.accept("AUTO_INCREMENT"):
            statement.accept_mark("=")
            table = replace(table, auto_increment=statement.number())
        elif statement.accept("WITH", "SYSTEM", "VERSIONING"):
            table = replace(table, versioned=True)
        else:
            statement.next()
    return table


def _find(database: Database, current: str | None, statement: Statement) -> Table:
    own, name = statement.qualified_name()
    table = database.tables.get((own or current, name))
    if table is None:
        raise statement.error(f"the table {name} is altered before it is created")
    return table


def _create_index(database: Database, current: str | None, statement: Statement, kind: IndexKind) -> None:
    statement.accept("IF", "NOT", "EXISTS")
    name = statement.name()
    if statement.accept("USING"):
        statement.next()
    statement.expect("ON")
    table = _find(database, current, statement)
    index = _index_tail(name, kind, statement)
    database.tables[table.database, table.name] = replace(table, indexes=(*table.indexes, index))


def _alter_table(database: Database, current: str | None, statement: Statement) -> None:
    if statement.peek().is_word("ENABLE", "DISABLE") or statement.peek(3).is_word("ENABLE", "DISABLE"):
        return  # of keys, around the rows of a table that another file defines
    table = _find(database, current, statement)
    key = (table.database, table.name)
    while not statement.at_end():
        if statement.accept("ADD"):
            table = _add(table, statement)
        elif statement.accept("MODIFY") or statement.accept("CHANGE"):
            changing = statement.peek(-1).is_word("CHANGE")
            statement.accept("COLUMN")
            old = statement.name()
            table = _change(table, old, statement.name() if changing else old, statement)
        elif statement.token.is_word("DROP", "TRUNCATE", "EXCHANGE") and statement.peek().is_word(
            "PARTITION"
        ):
            raise statement.error("the rows of a partition cannot be told from others without a MySQL server")
        elif statement.accept("DROP"):
            table = _drop_part(table, statement)
        elif statement.accept("RENAME"):
            statement.accept_any("TO", "AS")
            own, name = statement.qualified_name()
            del database.tables[key]
            table = replace(table, database=own or table.database, name=name)
            key = (table.database, table.name)
        elif statement.accept("ALTER"):
            table = _alter_column(table, statement)
        else:
            table = _table_option(table, statement)
        if not statement.accept_mark(",") and not statement.at_end():
            table = _table_option(table, statement)
    database.tables[key] = table


def _table_option(table: Table, statement: Statement) -> Table:
    """One option of ALTER TABLE, up to the comma: AUTO_INCREMENT counts, ENABLE KEYS and the like do not."""
    if statement.accept("AUTO_INCREMENT"):
        statement.accept_mark("=")
        return replace(table, auto_increment=statement.number())
    if statement.accept("COMMENT"):
        statement.accept_mark("=")
        return replace(table, comment=statement.string())
    while not statement.at_end() and not statement.at_mark(","):
        if statement.at_mark("("):
            statement.parenthesised()
        else:
            statement.next()
    return table


def _add(table: Table, statement: Statement) -> Table:
    if statement.accept("COLUMN"):
        statement.accept("IF", "NOT", "EXISTS")
    if statement.accept("PARTITION"):
        return _table_option(table, statement)
    if statement.accept_mark("("):
        while True:
            table = _definition(table, statement)
            if not statement.accept_mark(","):
                statement.expect_mark(")")
                return table
    before = table.columns
    table = _definition(table, statement)
    if len(table.columns) > len(before):
        added = table.columns[-1]
        return replace(table, columns=before).with_column(added.name, added, _position(statement))
    return table


def _change(table: Table, old: str, new: str, statement: Statement) -> Table:
    if table.column(old) is None:
        raise statement.error(f"the table {table.name} has no column {old}")
    changed, column = _column(replace(table, columns=()), new, statement)
    return replace(changed, columns=table.columns).with_column(old, column, _position(statement))


def _position(statement: Statement) -> str | bool:
    if statement.accept("FIRST"):
        return False
    return statement.name() if statement.accept("AFTER") else True


def _drop_part(table: Table, statement: Statement) -> Table:
    if statement.accept("PRIMARY", "KEY"):
        return replace(table, indexes=tuple(i for i in table.indexes if i.kind is not IndexKind.PRIMARY))
    if statement.accept("FOREIGN", "KEY"):
        statement.accept("IF", "EXISTS")
        name = statement.name()
        return replace(table, foreign_keys=tuple(key for key in table.foreign_keys if key.name != name))
    if statement.accept_any("INDEX", "KEY"):
        statement.accept("IF", "EXISTS")
        name = statement.name()
        return replace(table, indexes=tuple(index for index in table.indexes if index.name != name))
    if statement.accept_any("CHECK", "CONSTRAINT"):
        statement.accept("IF", "EXISTS")
        name = statement.name()
        return replace(
            table,
            checks=tuple(check for check in table.checks if check.name != name),
            foreign_keys=tuple(key for key in table.foreign_keys if key.name != name),
            indexes=tuple(index for index in table.indexes if index.name != name),
        )
    statement.accept("COLUMN")
    statement.accept("IF", "EXISTS")
    name = statement.name().lower()
    return replace(table, columns=tuple(column for column in table.columns if column.name.lower() != name))


def _alter_column(table: Table, statement: Statement) -> Table:
    if statement.accept_any("INDEX", "CHECK", "CONSTRAINT"):
        return _table_option(table, statement)
    statement.accept("COLUMN")
    name = statement.name()
    column = table.column(name)
    if column is None:
        raise statement.error(f"the table {table.name} has no column {name}")
    if statement.accept("SET", "DEFAULT"):
        return table.with_column(name, replace(column, default=_default(statement)))
    if statement.accept("DROP", "DEFAULT"):
        return table.with_column(name, replace(column, default=None))
    return _table_option(table, statement)


def _drop(database: Database, current: str | None, statement: Statement) -> bool:
    statement.accept("TEMPORARY")
    kind = statement.next().text.lower()
    statement.accept("IF", "EXISTS")
    if kind in ("table", "tables"):
        for own, name in _name_list(statement):
            key = (own or current, name)
            database.tables.pop(key, None)
            database.programs = [p for p in database.programs if (p.database, p.table) != key]
        return True
    if kind in ("view", "trigger", "procedure", "function", "event", "sequence"):
        for own, name in _name_list(statement):
            gone = (own or current, kind, name)
            database.programs = [p for p in database.programs if (p.database, p.kind, p.name) != gone]
        return True
    if kind in ("database", "schema"):
        gone_database = statement.name()
        database.tables = {key: table for key, table in database.tables.items() if key[0] != gone_database}
        database.programs = [p for p in database.programs if p.database != gone_database]
        return True
    return kind in ("user", "role", "index", "server", "tablespace")


def _name_list(statement: Statement) -> Sequence[tuple[str | None, str]]:
    names = [statement.qualified_name()]
    while statement.accept_mark(","):
        names.append(statement.qualified_name())
    return names


def _rename_tables(database: Database, current: str | None, statement: Statement) -> None:
    while True:
        table = _find(database, current, statement)
        statement.expect("TO")
        own, name = statement.qualified_name()
        del database.tables[table.database, table.name]
        moved = replace(table, database=own or current, name=name)
        database.tables[moved.database, moved.name] = moved
        if not statement.accept_mark(","):
            return
