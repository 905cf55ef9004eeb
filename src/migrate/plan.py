"""From the model to what is going to be made in PostgreSQL: names, casts, defaults, and everything that gets lost.

A plan touches no server and holds no SQL statements; `postgres.ddl` writes those.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from .comparison import IcuCollation
from .errors import InputError
from .model import BitLiteral, Column, Literal, Program, Table
from .mysql import charsets
from .naming import Names
from .policies import Choices, Comparison, Policies, ZeroDates
from .rules import Cast, cast, collation_of
from .transcode.codecs import Codec

INTEGERS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}  # and the greatest of each
# Columns that every table of PostgreSQL has (PostgreSQL manual, "System Columns").
_SYSTEM_COLUMNS = ("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid")


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

    def inherit(self, old: "TargetTable", origins: dict[str, str]) -> None:
        """Know what the rows of a table have told, which this one takes the place of."""
        for column in self.columns:
            was = old.column(origins.get(column.source.name.lower(), ""))
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


@dataclass(frozen=True)
class Loss:
    """Something that PostgreSQL holds differently from MySQL: how often, one case of it, the option that decides."""

    table: str
    column: str | None
    what: str
    count: int | None = None
    sample: str | None = None
    option: str | None = None


@dataclass(frozen=True)
class Untranslated:
    """Something of the source that the target does not have: what, why, and MySQL's text."""

    kind: str
    name: str
    reason: str
    sql: str = ""


@dataclass
class Notes:
    """What the plan and the load have to say."""

    lossy: list[Loss] = field(default_factory=list)
    untranslated: list[Untranslated] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)  # kind and name of views, triggers and routines


# What describes a server, not what it keeps; mysqldump --all-databases has the first of them.
_SYSTEM_DATABASES = ("mysql", "sys", "information_schema", "performance_schema")


@dataclass(frozen=True)
class Selection:
    """Which tables are wanted: patterns with * and ? on `table` or `database.table`, and one database of several."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    database: str | None = None

    def wants_database(self, database: str | None) -> bool:
        """Whether a database is wanted; None, where a source names none, always is."""
        if database is None or self.database is not None:
            return database in (None, self.database)
        return database.lower() not in _SYSTEM_DATABASES

    def wants_program(self, program: Program) -> bool:
        """Whether a view or stored program is wanted: a view like a table, a trigger when its table is.

        Routines and events belong to no table: a choice of tables does not ask for them.
        """
        if program.kind in ("view", "trigger"):
            return self.wants(program.database, program.table or program.name)
        return not self.include and self.wants_database(program.database)

    def wants(self, database: str | None, table: str) -> bool:
        """Whether a table is wanted."""
        if not self.wants_database(database):
            return False
        names = (table, f"{database}.{table}") if database else (table,)

        def matches(patterns: Iterable[str]) -> bool:
            return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)

        return (not self.include or matches(self.include)) and not matches(self.exclude)

    def unmatched(self, tables: Collection[tuple[str | None, str]]) -> Iterator[Untranslated]:
        """The patterns to include that are like none of these: one is easily mistyped."""
        for pattern in self.include:
            only = replace(self, include=(pattern,), exclude=())
            if not any(only.wants(*table) for table in tables):
                alike = next(
                    (table for _, table in tables if fnmatchcase(table.lower(), pattern.lower())), None
                )
                but = f": it has {alike}, and upper and lower case count" if alike else ""
                yield Untranslated("--include", pattern, f"the source has no such table{but}")


class Planner:
    """Plans tables one by one, as they come.

    A source's only database lands in `schema`; when there are several, each lands in a schema named like itself.
    """

    def __init__(self, schema: str, notes: Notes, choices: Choices | None = None) -> None:
        self.schema = schema
        self.choices = choices or Choices()
        # Of the target, beyond what every PostgreSQL has; where nobody can be asked, what nearly all have.
        self.abilities: frozenset[str] = frozenset({"citext"})
        self.notes = notes
        self.names = Names(keep_case=self.choices.keep_case)
        self.spaces: dict[str | None, Space] = {}

    def space(self, database: str | None) -> Space:
        """Where a database's tables land. Raises InputError when two databases would share a schema."""
        if database not in self.spaces:
            named = [space for space in self.spaces.values() if space.database is not None]
            space = Space(database, self.schema)
            if database is None:
                self.names.claim("schemas", self.schema, "the tables of no database")
            elif named:
                space.schema = self._own_schema(database)
                if named[0].schema == self.schema:
                    self._move(named[0], self._own_schema(named[0].database or ""))
            self.spaces[database] = space
        return self.spaces[database]

    def _own_schema(self, database: str) -> str:
        if database.lower().startswith("pg_") or database.lower() == "migrate":
            raise InputError(
                f"a schema cannot be called {database}, since PostgreSQL and this tool keep such names for themselves: "
                f"load that database alone, with --database {database}"
            )
        return self.names.claim("schemas", database, f"the database {database}")

    def _move(self, space: Space, schema: str) -> None:
        """The first database turns out not to be the only one; what was noted of its tables follows them."""
        old, space.schema = space.schema, schema
        self.notes.lossy = [
            replace(loss, table=schema + loss.table.removeprefix(old))
            if loss.table.startswith(f"{old}.")
            else loss
            for loss in self.notes.lossy
        ]

    def table(self, source: Table) -> TargetTable:
        """The plan for a table. Raises InputError for a type that is not known."""
        space = self.space(source.database)
        wanted = self.choices.renamed(source) or source.name
        name = self.names.give(scope(space), wanted, _label(source))
        skipped = frozenset(c.name.lower() for c in source.columns if self.choices.skips(source, c))
        target = TargetTable(
            source, space, name, [], skipped=skipped, condition=self.choices.condition(source)
        )
        target.columns = [self._column(target, c) for c in source.columns if c.name.lower() not in skipped]
        target.distribution = self._distribution(target)
        for period in source.periods:
            what = (
                f"the period {period} is two columns: nothing keeps its end after its start, or spans apart"
            )
            self.notes.lossy.append(Loss(target.label, None, what))
        return target

    def _distribution(self, table: TargetTable) -> Distribution | None:
        """How the table is shared out. Raises InputError when that cannot be."""
        wanted = self.choices.distribution(table.source)
        if wanted is None:
            return None
        column = table.column(wanted)
        if wanted and column is None:
            raise InputError(
                f"--distribute: a rule leaves out {wanted}, by which {_label(table.source)} is shared out"
            )
        counting = frozenset(one.name for one in table.columns if one.identity)
        return Distribution(column.name if column else None, counting)

    def revise(self, target: TargetTable, source: Table) -> None:
        """The table was altered after its plan was made, as phpMyAdmin does for keys and AUTO_INCREMENT.

        Raises InputError for one that was defined anew with other columns.
        """
        names = [column.source.name.lower() for column in target.columns]
        columns = [column for column in source.columns if column.name.lower() not in target.skipped]
        if [column.name.lower() for column in columns] != names:
            raise InputError(
                f"{_label(source)} is given other columns after its first rows: mend its CREATE TABLE in the source"
            )
        target.source = source
        for column, altered in zip(target.columns, columns, strict=True):
            column.source = altered
            column.identity = _is_identity(altered, column.type)

    def _column(self, table: TargetTable, source: Column) -> TargetColumn:
        label = f"{_label(table.source)}.{source.name}"
        name = self._column_name(table, source, label)
        if source.invisible:
            what = "was invisible unless it is named: PostgreSQL shows it with all others"
            self.notes.lossy.append(Loss(table.label, name, what))
        decision = cast(table.source, source, self.choices.rules, self.abilities)
        if decision is None:
            raise InputError(f"the column {label} has the type {source.type}, which is not known here")
        if source.type.name == "vector" and decision.type == "bytea":
            what = "a vector became its bytes: numbers of single precision, lowest byte first"
            self.notes.lossy.append(Loss(table.label, name, what, option="--rules"))
        enum = None
        if "{type}" in decision.type:
            enum = Enum(
                self.names.give(scope(table.space), f"{table.name}_{name}", f"{label} (type)"),
                tuple(dict.fromkeys(source.type.members)),
            )
        column = TargetColumn(
            source,
            name,
            decision,
            decision.type,
            not source.nullable,
            None,
            _is_identity(source, decision.type),
            enum,
            charsets.of_column(table.source, source),
            self.choices.of(table.source, source),
        )
        if decision.codec is Codec.BOOLEAN and decision.wider and not _is_truth(source.default):
            column.widen(decision.wider)
        column.default = self._default(table, column)
        if column.default and "\0" in (column.default.constant or ""):
            what = "its default has NUL characters, which PostgreSQL's text cannot hold: they are left out"
            self.notes.lossy.append(Loss(table.label, name, what))
        default = column.default.constant if column.default else None
        if default and decision.wider and not _has_room(decision.codec, default):
            column.widen(decision.wider)
        self._compare(table, column)
        return column

    def _column_name(self, table: TargetTable, source: Column, label: str) -> str:
        wanted = self.choices.renamed(table.source, source) or source.name
        if wanted.lower() in _SYSTEM_COLUMNS:
            wanted += "_"
            what = f"was called {source.name}, which PostgreSQL keeps for itself"
            self.notes.lossy.append(Loss(table.label, wanted.lower(), what))
        return self.names.give(f"{scope(table.space)}.{table.name}", wanted, label)

    def _compare(self, table: TargetTable, column: TargetColumn) -> None:
        """Let a column whose collation ignores case in MySQL ignore it too."""
        collation = collation_of(table.source, column.source)
        if not (column.is_text and collation.ignores_case):
            return
        if self.comparison is Comparison.ICU:
            column.exact_type = column.type
            column.collation = IcuCollation.of(collation, self.schema)
        elif self.comparison is Comparison.CITEXT:
            column.type, column.exact_type = "citext", column.type
            label = f"{_label(table.source)}.{column.source.name} (length)"
            constraints = f"{scope(table.space)}.{table.name} constraints"
            wanted = f"{table.name}_{column.name}_length"
            column.length_check = self.names.give(constraints, wanted, label)

    @property
    def comparison(self) -> Comparison:
        """How text that ignores case is compared: what was chosen, or the best of what the target can do."""
        if self.choices.comparison is not Comparison.AUTO:
            return self.choices.comparison
        if "icu search" in self.abilities:
            return Comparison.ICU
        return Comparison.CITEXT if "citext" in self.abilities else Comparison.EXACT

    def _default(self, table: TargetTable, column: TargetColumn) -> Default | None:
        default = column.source.default
        if default is None or column.identity:
            return None
        if isinstance(default, BitLiteral):
            return _bit_default(default.value, column)
        if not isinstance(default, Literal):
            return _function(default.sql, column.cast.codec)  # others are translated when the table is whole
        if default.value is None:
            return None
        if column.cast.codec is Codec.DATE and _ZERO_DATE.match(default.value):
            return self._zero_default(table, column, default.value)
        return _literal_default(default.value, column)

    def _zero_default(self, table: TargetTable, column: TargetColumn, text: str) -> Default | None:
        """What becomes of a default that PostgreSQL's dates do not have: the same as of such a value."""
        choice = column.policies.zero_dates
        what = "a zero date as default, which PostgreSQL does not have, "
        if choice is ZeroDates.INFINITY:
            what += "became -infinity"
        elif choice is ZeroDates.NULL and column.not_null:
            column.not_null = False
            what += "became NULL, and the column may be NULL"
        else:
            what += "is dropped"
        self.notes.lossy.append(Loss(table.label, column.name, what, sample=text, option="--zero-dates"))
        return Default("-infinity") if choice is ZeroDates.INFINITY else None

    def forget(self, table: Table) -> None:
        """The table is dropped: its names are free again."""
        self.names.release(_label(table))


def _is_truth(default: object) -> bool:
    """Whether a default is 0 or 1, or nothing that says otherwise."""
    return not isinstance(default, Literal) or default.value in (None, "0", "1")


def _has_room(codec: Codec, default: str) -> bool:
    """Whether the type that a column begins with has a value like its default."""
    if codec is Codec.TIME:
        return _CLOCK.match(default) is not None
    return codec is not Codec.UNSIGNED or not (default.isdigit() and int(default) >= 2**63)


def _is_identity(column: Column, target_type: str) -> bool:
    return column.auto_increment and target_type in INTEGERS


_DAY = re.compile(r"\d{4}-\d\d-\d\d[ T]")  # before a clock: of a moment, a time has the rest
_ZERO_DATE = re.compile(r"0000-|\d{4}-00|\d{4}-\d\d-00|0+$")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):")  # a time within a day
_NOW = re.compile(r"(?i)\(*\s*(current_timestamp|now|localtime|localtimestamp)\s*(\(\s*(\d?)\s*\))?\s*\)*$")
# What functions are, and the codec of the columns that take their results as they are.
_FUNCTIONS = {
    "uuid()": ("gen_random_uuid()", Codec.TEXT), "curdate()": ("current_date", Codec.DATE),
    "current_date": ("current_date", Codec.DATE), "current_date()": ("current_date", Codec.DATE),
    "curtime()": ("localtime", Codec.TIME), "rand()": ("random()", Codec.NUMBER),
    "json_array()": ("'[]'", Codec.JSON), "json_object()": ("'{}'", Codec.JSON),
}  # fmt: skip


def _literal_default(text: str, column: TargetColumn) -> Default:
    codec = column.cast.codec
    if codec is Codec.TIME:
        return Default(_DAY.sub("", text))
    if codec is Codec.SET:
        return Default("{" + ",".join(_array_element(part) for part in text.split(",") if part) + "}")
    if codec is Codec.BYTES:
        width = (*column.source.type.arguments, 1)[0] if column.source.type.name == "binary" else 0
        return Default("\\x" + text.encode("utf-8", "surrogateescape").ljust(width, b"\0").hex())
    if codec is Codec.BITS:
        return Default(f"{int(text or 0):0{column.cast.width}b}")
    if codec is Codec.DATE and re.match(r"(?i)current_timestamp|now\b", text):
        return Default(function="current_timestamp")
    return Default(text)


def _function(sql: str, codec: Codec) -> Default | None:
    text = sql.strip()
    now = _NOW.match(text)
    if now and codec is Codec.DATE:
        digits = f"({now[3]})" if now[3] else ""
        return Default(function=f"current_timestamp{digits}")
    bare = "".join(text.lower().split())
    while bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1]
    function, fitting = _FUNCTIONS.get(bare, ("", None))
    if fitting is codec:
        return Default(function=function)
    quoted = re.fullmatch(r"(?is)\s*(?:_[a-z0-9]+\s*)?\\?'((?:[^'\\]|'')*)\\?'\s*", text)
    if quoted:
        return Default(quoted[1].replace("''", "'"))
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        return Default(text)
    return None


def _bit_default(value: bytes, column: TargetColumn) -> Default:
    number = int.from_bytes(value, "big")
    if column.cast.codec is Codec.BITS:
        return Default(f"{number:0{column.cast.width}b}")
    if column.cast.codec is Codec.BYTES:
        return Default("\\x" + value.hex())
    if column.cast.codec is Codec.TEXT:
        charset = charsets.of(column.charset)
        return Default(charset.decode(value, "replace") if charset else value.decode("utf-8", "replace"))
    return Default(str(number))


def _array_element(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _label(table: Table) -> str:
    return f"{table.database}.{table.name}" if table.database else table.name


def scope(space: Space) -> str:
    """The space of names that a database's tables, types and indexes share, wherever they land."""
    return f"schema of {space.database or ''}"
