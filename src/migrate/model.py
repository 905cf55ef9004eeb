"""What a MySQL database is made of, in MySQL's own meaning: no SQL text of PostgreSQL, no bytes of a dump."""

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple

from .errors import InputError

_MOST_PLACES = 6  # digits of a second; before MySQL 4.1 the number of a timestamp was how wide it is shown


@dataclass(frozen=True)
class Type:
    """A column's type as declared: `decimal(10,2) unsigned` is `Type("decimal", (10, 2), unsigned=True)`.

    `arguments` are the numbers in parentheses, `members` the words of an enum or set.
    """

    name: str
    arguments: tuple[int, ...] = ()
    members: tuple[str, ...] = ()
    unsigned: bool = False
    charset: str | None = None
    collation: str | None = None
    srid: int | None = None

    @property
    def places(self) -> int:
        """How many digits of a second a time or moment keeps."""
        places = next(iter(self.arguments), 0)
        return places if places <= _MOST_PLACES else 0

    def __str__(self) -> str:
        inside = ",".join(
            [str(number) for number in self.arguments] or [f"'{member}'" for member in self.members]
        )
        return self.name + (f"({inside})" if inside else "") + (" unsigned" if self.unsigned else "")


class Literal(NamedTuple):
    """A default that is a constant; `value` is its text, None for NULL."""

    value: str | None


class BitLiteral(NamedTuple):
    """A default written as bits or hexadecimal digits, such as b'0' or 0x41."""

    value: bytes


class Expression(NamedTuple):
    """A default, generated column, check or index part that MySQL computes; `sql` is MySQL's text."""

    sql: str


Default = Literal | BitLiteral | Expression


_INTEGERS = ("tinyint", "smallint", "mediumint", "int", "bigint", "year")


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    type: Type
    nullable: bool = True
    default: Default | None = None
    auto_increment: bool = False
    on_update: bool = False
    generated: Expression | None = None
    comment: str = ""
    invisible: bool = False  # only there for those who name it

    @property
    def shape(self) -> tuple[object, ...]:
        """What its values depend on; how wide numbers are shown is none of it."""
        shown = self.type.name in _INTEGERS and self.type.arguments != (1,)
        kind = replace(self.type, arguments=()) if shown else self.type
        return self.name, kind, self.nullable and not self.auto_increment, self.default, self.generated


class IndexKind(Enum):
    """The kinds of keys MySQL knows."""

    PRIMARY = "primary key"
    UNIQUE = "unique"
    PLAIN = "index"
    FULLTEXT = "fulltext"
    SPATIAL = "spatial"
    VECTOR = "vector"


class Duplicates(Enum):
    """What becomes of a row whose key another row has already; the values are MySQL's words for it."""

    REFUSED = "INSERT"
    IGNORED = "INSERT IGNORE"
    REPLACED = "REPLACE"
    UPDATED = "ON DUPLICATE KEY UPDATE"


WITHOUT_OVERLAPS = " without overlaps"  # what ends the expression of a part that is a period of MariaDB's


@dataclass(frozen=True)
class IndexPart:
    """A column, or an expression, of an index; `length` is how many characters (bytes for binary) count."""

    column: str | None = None
    expression: Expression | None = None
    length: int | None = None
    descending: bool = False


@dataclass(frozen=True)
class Index:
    """A key of a table. `implied` is the name that MySQL gives to one that has none."""

    name: str
    kind: IndexKind
    parts: tuple[IndexPart, ...]
    comment: str = ""
    implied: str = ""

    def is_called(self, name: str) -> bool:
        """Whether MySQL knows it by that name; case does not matter."""
        return (self.name or self.implied).lower() == name.lower()


@dataclass(frozen=True)
class ForeignKey:
    """A reference to another table; an action is None where MySQL's default (restrict) holds.

    `number` is the one in the name that InnoDB gives to one that has none.
    """

    name: str | None
    columns: tuple[str, ...]
    database: str | None
    table: str
    referenced: tuple[str, ...]
    on_delete: str | None = None
    on_update: str | None = None
    number: int = 0


@dataclass(frozen=True)
class Check:
    """A check constraint. `number` is its place among those without a name, of which the server makes one."""

    name: str | None
    expression: Expression
    enforced: bool = True
    number: int = 0


@dataclass(frozen=True)
class Table:
    """A base table. `database` is None in a dump that never says USE."""

    database: str | None
    name: str
    columns: tuple[Column, ...] = ()
    indexes: tuple[Index, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    comment: str = ""
    charset: str | None = None
    collation: str | None = None
    auto_increment: int | None = None
    partitioned: str | None = None
    versioned: bool = False  # MariaDB keeps the rows that were
    periods: tuple[str, ...] = ()  # of MariaDB, as they are defined: two columns as a span of time
    temporary: bool = False  # gone when the session ends
    engine: str = ""  # in upper case
    union: str = ""  # the tables whose rows a MERGE table shows

    @property
    def shape(self) -> tuple[object, ...]:
        """What the values of its rows depend on."""
        return self.charset, self.collation, *(column.shape for column in self.columns)

    @property
    def listed(self) -> list[str]:
        """The columns that rows have values for when their statement names none."""
        return [column.name for column in self.columns if not column.invisible]

    @property
    def keeps_references(self) -> bool:
        """Whether its engine holds rows to foreign keys; MyISAM reads them and forgets them."""
        return self.engine in ("", "INNODB", "NDB", "NDBCLUSTER")

    def counted_within(self, column: Column) -> str | None:
        """What MyISAM counts an AUTO_INCREMENT column within: the columns before it in its key, unless it is first."""
        keys = [[part.column or "" for part in index.parts] for index in self.indexes]
        with_it = [key for key in keys if column.name.lower() in (name.lower() for name in key)]
        before = [key[: [name.lower() for name in key].index(column.name.lower())] for key in with_it]
        return ", ".join(before[0]) if before and all(before) else None

    def column(self, name: str) -> Column | None:
        """The column of that name; MySQL's column names ignore case."""
        wanted = name.lower()
        return next((column for column in self.columns if column.name.lower() == wanted), None)

    def with_column(self, name: str, column: Column, after: str | bool = True) -> "Table":
        """The table with `column` in the place of `name`, or added when there is none.

        `after` says where: after that column, first (False), or where it was, else last (True).
        Raises InputError where that column is not there.
        """
        columns = list(self.columns)
        names = [old.name.lower() for old in columns]
        at = names.index(name.lower()) if name.lower() in names else len(columns)
        del columns[at : at + 1], names[at : at + 1]
        if after is False:
            at = 0
        elif isinstance(after, str):
            if after.lower() not in names:
                raise InputError(f"the table {self.name} has no column {after} for {name} to come after")
            at = names.index(after.lower()) + 1
        columns.insert(at, column)
        return replace(self, columns=tuple(columns))


@dataclass(frozen=True)
class Program:
    """A view, trigger, procedure, function or event: its kind, name and MySQL's text of it.

    `canonical` is that text as MySQL's default mode reads it, without comments. What it stores is refused where it does
    not fit, or made to fit without `strict` mode.
    """

    database: str | None
    kind: str
    name: str
    sql: str
    canonical: str
    table: str | None = None
    strict: bool = True


@dataclass(frozen=True)
class Alteration:
    """A table that has another name or other columns than before, and what it is now.

    `origins` has the former name of each column that was there, by its name in lower case. In a `strict` session it is
    refused where values do not fit; `place` is where it stands.
    """

    table: tuple[str | None, str]
    became: Table
    origins: dict[str, str]
    strict: bool = True
    place: str = ""


@dataclass
class Database:
    """Everything a source defined, in the order it came.

    Of changes in `altered`, and of the tables in `dropped`, nobody was told yet.
    `charsets` has the character set and collation of tables that name none, by database.
    """

    tables: dict[tuple[str | None, str], Table] = field(default_factory=dict)
    programs: list[Program] = field(default_factory=list)
    altered: list[Alteration] = field(default_factory=list)
    dropped: list[tuple[str | None, str]] = field(default_factory=list)
    charsets: dict[str | None, tuple[str | None, str | None]] = field(default_factory=dict)
