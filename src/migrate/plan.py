"""What is going to be made in PostgreSQL: tables, columns and what belongs to them.

A plan touches no server and holds no SQL statements; `postgres.ddl` writes those.
"""

import re
from dataclasses import dataclass, field, replace

from .comparison import IcuCollation
from .model import Alteration, Column, Table
from .policies import Policies
from .rules import Cast
from .transcode.codecs import Codec

INTEGERS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}  # and the greatest of each


@dataclass(frozen=True)
class Default:
    """A column's default: a constant as text, in the form the codec would write it, or a function of PostgreSQL."""

    constant: str | None = None
    function: str | None = None


@dataclass(frozen=True)
class Enum:
    """A type to be made for a column."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Computed:
    """A generated column: PostgreSQL's expression, and the columns it uses, by MySQL's names in lower case.

    `stored` says that PostgreSQL computes it by itself, else a trigger does before every row.
    """

    sql: str
    uses: frozenset[str]
    stored: bool


@dataclass
class TargetColumn:
    """A column to be made; `type` changes to `cast.wider` when the data asks for it.

    `exact_type` is what one that ignores case was planned as before it did: it is citext now, or has a `collation`.
    """

    source: Column
    name: str
    cast: Cast
    type: str
    not_null: bool
    default: Default | None
    identity: bool
    enum: Enum | None = None
    charset: str = "utf8mb4"  # MySQL's, of its strings
    policies: Policies = field(default_factory=Policies)
    computed: Computed | None = None
    implied: str | None = None  # what rows get that leave it out, as long as the dump is loaded
    altered: tuple[str, ...] = ()  # what became of values that an ALTER TABLE between rows did not suit
    exact_type: str | None = None
    collation: IcuCollation | None = None
    length_check: str = ""  # the name of the constraint for `longest`

    def compare_exactly(self) -> None:
        """The column regards case from now on."""
        self.type, self.exact_type, self.collation = self.bare_type, None, None

    @property
    def bare_type(self) -> str:
        """Its type if it regarded case, without a row written anew: citext keeps the check of its length."""
        return "text" if self.type == "citext" else self.type

    @property
    def is_text(self) -> bool:
        """Whether it is plain text, for whose comparison nothing else was said."""
        plain = re.fullmatch(r"text|varchar\(\d+\)", self.exact_type or self.type)
        return plain is not None and self.cast.codec is Codec.TEXT

    @property
    def longest(self) -> int | None:
        """How many characters it may hold, where its type does not say so."""
        bound = re.fullmatch(r"varchar\((\d+)\)", self.exact_type or "")
        return int(bound[1]) if bound and self.type == "citext" else None

    def widen(self, wider: str) -> None:
        """The column has the type `wider` from now on."""
        self.type = wider
        self.identity = self.identity and wider in INTEGERS

    def admit_empty(self) -> None:
        """From now on its enum has the empty string, MySQL's mark of an invalid value, before its members."""
        if self.enum and "" not in self.enum.members:
            self.enum = replace(self.enum, members=("", *self.enum.members))

    @property
    def members(self) -> tuple[str, ...]:
        """The words a column may hold that has no enum type to say so."""
        listed = self.cast.codec is Codec.SET or (self.cast.codec is Codec.ENUM and self.enum is None)
        return self.source.type.members if listed else ()


@dataclass
class Space:
    """Where the tables of one MySQL database land: its schema, which is settled once all databases are known."""

    database: str | None
    schema: str

    @property
    def scope(self) -> str:
        """The space of names that its tables, types and indexes share, wherever they land."""
        return f"schema of {self.database or ''}"


@dataclass(frozen=True)
class Partition:
    """A partition, and the clause that says which rows it takes."""

    name: str
    bound: str


@dataclass(frozen=True)
class Partitions:
    """How a table's rows are shared out: PostgreSQL's clause after PARTITION BY, and the partitions."""

    method: str
    parts: tuple[Partition, ...]


@dataclass(frozen=True)
class Distribution:
    """How Citus shares a table out among its servers: by the hash of a column, or all of it to each when None.

    `counting` are the columns that had AUTO_INCREMENT when it was shared out: afterwards none can be given it.
    """

    column: str | None
    counting: frozenset[str]


@dataclass(eq=False)
class TargetTable:
    """A table to be made."""

    source: Table
    space: Space
    name: str
    columns: list[TargetColumn]
    functions: list[str] = field(default_factory=list)  # of triggers that belong to it
    skipped: frozenset[str] = frozenset()  # MySQL's columns that rules leave out, in lower case
    condition: str | None = None  # which rows are loaded, in PostgreSQL's words
    partitions: Partitions | None = None
    distribution: Distribution | None = None

    @property
    def schema(self) -> str:
        """The schema it lands in."""
        return self.space.schema

    def column(self, name: str) -> TargetColumn | None:
        """The column made from MySQL's column of that name."""
        return next((column for column in self.columns if column.source.name.lower() == name.lower()), None)

    def inherit(self, old: "TargetTable", altered: Alteration) -> None:
        """Know what the rows of a table have told, which this one takes the place of."""
        for column in self.columns:
            was = old.column(altered.origins.get(column.source.name.lower(), ""))
            column.altered = was.altered if was else ()
            if was is None or was.source.type != column.source.type:
                # What was a number need not be a truth value.
                if was is not None and column.cast.wider and column.cast.codec is Codec.BOOLEAN:
                    column.widen(column.cast.wider)
                continue
            if was.type == was.cast.wider:
                column.widen(was.type)
            column.not_null = column.not_null and (was.not_null or was.source.nullable)
            if column.enum and was.enum:
                column.enum = replace(column.enum, members=was.enum.members)

    @property
    def label(self) -> str:
        """How reports call it."""
        return f"{self.schema}.{self.name}"
