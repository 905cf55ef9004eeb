"""CREATE TABLE … SELECT: the table that a query makes, as far as its columns are seen from the query's text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import InputError
from ..model import Column, Database, Table, Type
from . import charsets
from .lexer import Kind, Mode, Token
from .statement import Statement
from .tables import create_table, read_options

# Words that may stand between SELECT and its first column.
_BEFORE = ("ALL", "DISTINCT", "DISTINCTROW", "HIGH_PRIORITY", "STRAIGHT_JOIN", "SQL_NO_CACHE", "SQL_CACHE")
_AFTER_FROM = ("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "WINDOW", "PROCEDURE", "FOR")
_AFTER_LIST = ("FROM", *_AFTER_FROM)
_JOINING = ("JOIN", "INNER", "CROSS", "LEFT", "RIGHT", "OUTER", "NATURAL", "STRAIGHT_JOIN", "ON", "USING")
_TEXTS = {"CONCAT", "CONCAT_WS", "UPPER", "LOWER", "UCASE", "LCASE", "SUBSTRING", "SUBSTR", "LEFT", "RIGHT", "TRIM",
          "LTRIM", "RTRIM", "REPLACE", "CHAR", "GROUP_CONCAT", "DATE_FORMAT", "MD5", "SHA1", "SHA2", "HEX", "LPAD",
          "RPAD", "REPEAT", "REVERSE", "UUID"}  # fmt: skip
_TYPES = {"COUNT": "bigint", "NOW": "datetime", "CURRENT_TIMESTAMP": "datetime", "CURDATE": "date"}


@dataclass(frozen=True)
class Selection:
    """What a query gives to the table that it made: the columns, and their values where it reads no table."""

    table: tuple[str | None, str]
    columns: tuple[str, ...]
    query: bytes
    values: bytes | None

    @property
    def insert(self) -> bytes:
        """The statement that brings the rows."""
        database, name = self.table
        path = b".".join(_quoted(part) for part in (database, name) if part is not None)
        return b"insert into " + path + b" (" + b", ".join(map(_quoted, self.columns)) + b") " + self.query


def _quoted(name: str) -> bytes:
    return b"`" + name.replace("`", "``").encode("utf-8", "surrogateescape") + b"`"


def create(
    database: Database, current: str | None, statement: Statement, mode: Mode, *, mariadb: bool = False
) -> Selection | None:
    """Make the table; None where the statement is no CREATE TABLE … SELECT, or its table is there and may be.

    Raises InputError where the type of a column cannot be seen.
    """
    if not statement.at_words("CREATE"):
        return None
    sql = statement.sql
    words = [statement.peek(place) for place in range(statement.length())]
    start = _query(words)
    if start is None:
        return None
    head = Statement(sql[: _head_end(words, start)], mode, mariadb=mariadb)
    query = words[start:]
    if query[0].text == "(":
        query = query[1 : _closing(query)]
    sources = _sources(database, current, query)
    items = _items(query)
    selected = _once([column for item in items for column in _columns(item, sources, sql)], sources, query)
    table = _defined(database, current, head)
    if table is None:
        return None
    chosen = {column.name.lower() for column in selected}
    own = [column for column in table.columns if column.name.lower() not in chosen]
    made = replace(table, columns=(*own, *(table.column(column.name) or column for column in selected)))
    database.tables[made.database, made.name] = made
    constant = not any(word.is_word("FROM") for word in query)
    values = b"(" + b",".join(_text(sql, _value(item)) for item in items) + b")" if constant else None
    names = tuple(column.name for column in selected)
    return Selection((made.database, made.name), names, _text(sql, query), values)


def _once(selected: list[Column], sources: dict[str, Table], query: Sequence[Token]) -> list[Column]:
    """The columns without those that a join has in common, which come once and first."""
    names = [column.name.lower() for column in selected]
    if len(set(names)) == len(names):
        return selected
    if len(sources) > 2 or not any(word.is_word("NATURAL", "USING") for word in query):
        raise InputError("the names of its columns are not unique")
    firsts = [column for place, column in enumerate(selected) if names.index(column.name.lower()) == place]
    return sorted(firsts, key=lambda column: names.count(column.name.lower()) == 1)


def _text(sql: bytes, words: Sequence[Token]) -> bytes:
    return sql[words[0].start : words[-1].end]


def _query(words: Sequence[Token]) -> int | None:
    """Where the query begins in CREATE TABLE … SELECT."""
    if not any(word.is_word("TABLE") for word in words[1:5]):
        return None
    depth = 0
    for place, word in enumerate(words):
        if depth == 0 and word.is_word("SELECT"):
            return place
        if word.kind is Kind.MARK and word.text == "(":
            if depth == 0 and words[min(place + 1, len(words) - 1)].is_word("SELECT"):
                return place
            depth += 1
        elif word.kind is Kind.MARK and word.text == ")":
            depth -= 1
    return None


def _head_end(words: Sequence[Token], start: int) -> int:
    while words[start - 1].is_word("AS", "IGNORE", "REPLACE"):
        start -= 1
    return words[start - 1].end


def _closing(words: Sequence[Token]) -> int:
    """Where the parenthesis is closed that opens at the first of the words."""
    depth = 0
    for place, word in enumerate(words):
        if word.kind is Kind.MARK:
            depth += {"(": 1, ")": -1}.get(word.text, 0)
        if depth == 0:
            return place
    raise InputError("a closing parenthesis is missing")


def _defined(database: Database, current: str | None, head: Statement) -> Table | None:
    """The table by what stands before the query; None when it is there already and that is no error."""
    temporary = False
    while not head.accept("TABLE"):
        temporary = head.next().is_word("TEMPORARY") or temporary
    before = dict(database.tables)
    kept = head.at_words("IF", "NOT", "EXISTS")
    probe = 3 if kept else 0
    while head.peek(probe).kind in (Kind.WORD, Kind.QUOTED) and head.peek(probe + 1).text == ".":
        probe += 2
    if head.peek(probe + 1).text == "(":
        create_table(database, current, head, replaced=False, temporary=temporary)
        return next((table for key, table in database.tables.items() if before.get(key) is not table), None)
    head.accept("IF", "NOT", "EXISTS")
    own, name = head.qualified_name()
    if (own or current, name) in database.tables:
        if kept:
            return None
        raise InputError(f"the table {name} is there already, and MySQL makes no other")
    return read_options(Table(own or current, name, temporary=temporary), head)


def _split(words: Sequence[Token]) -> list[list[Token]]:
    """The parts between commas that are in no parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for word in words:
        if word.kind is Kind.MARK:
            depth += {"(": 1, ")": -1}.get(word.text, 0)
        if depth == 0 and word.kind is Kind.MARK and word.text == ",":
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _until(words: Sequence[Token], *ends: str) -> list[Token]:
    """The words before the first of these that is in no parentheses."""
    depth = 0
    for place, word in enumerate(words):
        if word.kind is Kind.MARK:
            depth += {"(": 1, ")": -1}.get(word.text, 0)
        if depth == 0 and word.is_word(*ends):
            return list(words[:place])
    return list(words)


def _items(query: Sequence[Token]) -> list[list[Token]]:
    """What a query selects, entry by entry."""
    words = list(query[1:])
    while words and words[0].is_word(*_BEFORE):
        del words[0]
    return _split(_until(words, *_AFTER_LIST))


def _sources(database: Database, current: str | None, query: Sequence[Token]) -> dict[str, Table]:
    """The tables that a query reads, by the names that they have in it."""
    rest = query[len(_until(query, "FROM")) + 1 :]
    words = _until(rest, *_AFTER_FROM)
    outer = any(word.is_word("LEFT", "RIGHT", "FULL") for word in words)
    found: dict[str, Table] = {}
    place = 0
    while place < len(words):
        names = [words[place].text]
        while place + 2 < len(words) and words[place + 1].text == ".":
            place += 2
            names.append(words[place].text)
        table = database.tables.get((names[0] if len(names) > 1 else current, names[-1]))
        if table is None:
            raise InputError(
                f"the query reads {'.'.join(names)}, which is no table that is defined before it"
            )
        place += 1
        if place < len(words) and words[place].is_word("AS"):
            place += 1
        alias = names[-1]
        if (
            place < len(words)
            and words[place].kind in (Kind.WORD, Kind.QUOTED)
            and not words[place].is_word(*_JOINING)
        ):
            alias = words[place].text
            place += 1
        if outer:
            table = replace(table, columns=tuple(replace(column, nullable=True) for column in table.columns))
        found[alias.lower()] = table
        while (
            place < len(words)
            and not words[place].is_word("JOIN", "STRAIGHT_JOIN")
            and words[place].text != ","
        ):
            place += 1
        place += 1
    return found


def _value(item: Sequence[Token]) -> list[Token]:
    """An entry without its alias."""
    if len(item) > 2 and item[-2].is_word("AS"):
        return list(item[:-2])
    named = (
        len(item) > 1
        and item[-1].kind in (Kind.WORD, Kind.QUOTED)
        and (item[-2].kind is not Kind.MARK or item[-2].text == ")")
    )
    return list(item[:-1] if named else item)


def _columns(item: list[Token], sources: dict[str, Table], sql: bytes) -> list[Column]:
    """The columns that an entry makes."""
    value = _value(item)
    if value[-1].text == "*" and value[-1].kind is Kind.MARK and len(value) != 2:
        wanted = sources.values() if len(value) == 1 else [_source(value[-3].text, sources)]
        return [_copy(table, column, column.name) for table in wanted for column in table.columns]
    alias = item[-1].text if len(item) > len(value) else None
    if (found := _column(value, sources)) is not None:
        return [_copy(*found, alias or value[-1].text)]
    text = _text(sql, value).decode("utf-8", "replace")
    kind = _kind(value, sources)
    if kind is None:
        raise InputError(f"the type of {text} is only known to a server that runs the query")
    return [Column(alias or text, kind)]


def _source(name: str, sources: dict[str, Table]) -> Table:
    if name.lower() not in sources:
        raise InputError(f"the query has no table {name}")
    return sources[name.lower()]


def _column(value: Sequence[Token], sources: dict[str, Table]) -> tuple[Table, Column] | None:
    """The column that an expression is, and its table."""
    names = [word.text for word in value[::2]]
    if any(word.kind not in (Kind.WORD, Kind.QUOTED) for word in value[::2]):
        return None
    if any(word.text != "." for word in value[1::2]):
        return None
    tables = [_source(names[-2], sources)] if len(names) > 1 else list(sources.values())
    for table in tables:
        column = table.column(names[-1])
        if column is not None:
            return table, column
    return None


def _copy(table: Table, column: Column, name: str) -> Column:
    charset = column.type.charset or (charsets.of_column(table, column) if table.charset else None)
    collation = column.type.collation or (None if column.type.charset else table.collation)
    kind = replace(column.type, charset=charset, collation=collation)
    return replace(column, name=name, type=kind, auto_increment=False, generated=None, on_update=False)


def _kind(value: Sequence[Token], sources: dict[str, Table]) -> Type | None:
    """The type of an expression that is no column, None where it is not seen at once."""
    first = value[0]
    if len(value) == 1 and first.kind is Kind.STRING:
        return Type("varchar", (max(1, len(first.text)),))
    if len(value) == 1 and first.kind is Kind.NUMBER:
        whole, _, fraction = first.text.partition(".")
        if not first.text.replace(".", "").isdigit():
            return Type("double")
        return Type("decimal", (len(whole + fraction), len(fraction))) if fraction else Type("bigint")
    called = len(value) > 2 and value[1].text == "(" and _closing(value[1:]) == len(value) - 2
    name = first.text.upper()
    if not called:
        return None
    if name in _TEXTS:
        return Type("longtext")
    if name in ("MIN", "MAX") and (found := _column(value[2:-1], sources)) is not None:
        return _copy(*found, "").type
    return Type(_TYPES[name]) if name in _TYPES else None
