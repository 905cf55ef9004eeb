"""From MySQL's data definition statements to the model (MySQL Reference Manual, "Data Definition Statements").

A statement changes a `Database`; what is not read here (options of a storage engine, for one) is passed over, and what
cannot be read raises InputError with the words where it stopped.
"""

from collections.abc import Sequence
from dataclasses import replace

from ..errors import InputError
from ..model import Database, IndexKind, Program, Table
from .alterations import alter_table, rename_tables
from .lexer import Kind
from .statement import Statement
from .tables import create_index, create_table, find, read_options


def apply(
    database: Database, current: str | None, statement: Statement, *, checks_references: bool = False
) -> bool:
    """Let a CREATE, ALTER, DROP or RENAME statement change the model; whether it was one that is understood.

    `current` is the database that USE chose, None when there was none. A session that `checks_references` drops no
    table that another one points at. Raises InputError for what MySQL would refuse.
    """
    start = statement.token.start
    if statement.accept("CREATE"):
        return _create(database, current, statement, start)
    if statement.accept("ALTER"):
        statement.accept_any("IGNORE", "ONLINE")
        if statement.accept("TABLE"):
            alter_table(database, current, statement)
            return True
        if statement.accept_any("DATABASE", "SCHEMA"):
            _set_charset(database, current, statement)
            return True
        while not statement.at_end() and not statement.token.is_word("AS", "EVENT", "SEQUENCE"):
            if statement.token.is_word("VIEW"):
                database.programs.append(_program(current, statement, start))
                return True
            statement.next()
        return False
    if statement.accept("DROP"):
        return _drop(database, current, statement, checks_references=checks_references)
    if statement.accept("RENAME", "TABLE"):
        rename_tables(database, current, statement)
        return True
    return False


def _create(database: Database, current: str | None, statement: Statement, start: int) -> bool:
    replaced = statement.accept("OR", "REPLACE")
    temporary = False
    unique_kind = {
        "UNIQUE": IndexKind.UNIQUE,
        "FULLTEXT": IndexKind.FULLTEXT,
        "SPATIAL": IndexKind.SPATIAL,
        "VECTOR": IndexKind.VECTOR,
    }
    while True:
        word = statement.token.text.upper()
        if statement.accept("TABLE"):
            return create_table(database, current, statement, replaced=replaced, temporary=temporary)
        if word in unique_kind and statement.peek().is_word("INDEX"):
            statement.next()
            statement.next()
            create_index(database, current, statement, unique_kind[word])
            return True
        if statement.accept("INDEX"):
            create_index(database, current, statement, IndexKind.PLAIN)
            return True
        if statement.accept_any("DATABASE", "SCHEMA"):
            statement.accept("IF", "NOT", "EXISTS")
            _set_charset(database, None, statement)
            return True
        if statement.token.is_word("TABLESPACE", "LOGFILE"):
            return True
        if statement.token.is_word("USER", "ROLE", "SERVER"):
            return False
        if statement.token.is_word(
            "VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "SEQUENCE", "PACKAGE"
        ):
            program = _program(current, statement, start)
            database.programs.insert(_place(database, program, statement), program)
            return True
        if statement.at_end():
            return False
        if statement.accept("DEFINER"):
            _skip_definer(statement)
        elif statement.accept("SQL", "SECURITY"):
            statement.next()
        else:
            # ALGORITHM = …, AGGREGATE, ONLINE
            temporary = statement.next().is_word("TEMPORARY") or temporary


def _set_charset(database: Database, current: str | None, statement: Statement) -> None:
    """What CREATE or ALTER DATABASE says after these words; `current` is the database when it names none."""
    options = ("CHARACTER", "CHARSET", "COLLATE", "DEFAULT", "UPGRADE", "ENCRYPTION", "READ", "COMMENT")
    name = current if statement.token.is_word(*options) else statement.name()
    given = read_options(Table(None, ""), statement)
    if given.charset or given.collation:
        database.charsets[name] = given.charset, given.collation


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
    kind = _kind(statement)
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
        statement.strict,
    )


def _place(database: Database, program: Program, statement: Statement) -> int:
    """Where a program goes among the others: triggers act in their order, which FOLLOWS and PRECEDES may say."""
    if program.table is not None and statement.accept("FOR", "EACH", "ROW"):
        word = statement.accept_any("FOLLOWS", "PRECEDES")
        other = statement.name().lower() if word else None
        for place, one in enumerate(database.programs):
            if one.kind == "trigger" and (one.database, one.name.lower()) == (program.database, other):
                return place + (word == "FOLLOWS")
    return len(database.programs)


def _kind(statement: Statement) -> str:
    kind = statement.next().text.lower()
    return "package body" if kind == "package" and statement.accept("BODY") else kind


def pointing_at(database: Database, key: tuple[str | None, str]) -> list[Table]:
    """The tables with a foreign key to this one."""
    wanted = key[0], key[1].lower()
    return [
        table
        for table in database.tables.values()
        if table.keeps_references
        and any((one.database or table.database, one.table.lower()) == wanted for one in table.foreign_keys)
    ]


def _drop(database: Database, current: str | None, statement: Statement, *, checks_references: bool) -> bool:
    statement.accept("TEMPORARY")
    kind = _kind(statement)
    statement.accept("IF", "EXISTS")
    if kind in ("table", "tables"):
        gone = [(own or current, name) for own, name in _name_list(statement)]
        there = [key for key in gone if key in database.tables]
        for key in there if checks_references else ():
            left = [one.name for one in pointing_at(database, key) if (one.database, one.name) not in gone]
            if left:
                raise InputError(
                    f"MySQL drops no table that another one points at, as {left[0]} does at {key[1]}"
                )
        for key in there:
            _forget(database, key)
        return True
    if kind in ("view", "trigger", "procedure", "function", "event", "sequence", "package", "package body"):
        for own, name in _name_list(statement):
            program = (own or current, kind, name)
            database.programs = [p for p in database.programs if (p.database, p.kind, p.name) != program]
        return True
    if kind in ("database", "schema"):
        gone_database = statement.name()
        for key in [key for key in database.tables if key[0] == gone_database]:
            _forget(database, key)
        database.programs = [p for p in database.programs if p.database != gone_database]
        return True
    if kind == "index":
        name = statement.name()
        statement.expect("ON")
        table = find(database, current, statement)
        left_over = tuple(index for index in table.indexes if not index.is_called(name))
        database.tables[table.database, table.name] = replace(table, indexes=left_over)
        return True
    return kind in ("user", "role", "server", "tablespace")


def _forget(database: Database, key: tuple[str | None, str]) -> None:
    """A table goes, with its triggers."""
    del database.tables[key]
    database.dropped.append(key)
    database.programs = [p for p in database.programs if (p.database, p.table) != key]


def _name_list(statement: Statement) -> Sequence[tuple[str | None, str]]:
    names = [statement.qualified_name()]
    while statement.accept_mark(","):
        names.append(statement.qualified_name())
    return names
