"""The casting rules: one ordered table, first match wins, that decides both a column's PostgreSQL type and its codec.

A rule's target may hold `{0}` and `{1}`, the numbers in the parentheses of MySQL's type, `{type}`, the name of a type
made for the column (an enum's), and `{shape}`, PostGIS's words for a spatial type. `wider` is the type the column gets
when the data turns out not to fit `target`: the load starts with the type people expect and is widened on evidence, so
no value is lost and no second pass needed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .errors import InputError
from .model import Column, Literal, Table, Type
from .mysql import charsets, collations
from .mysql.collations import Collation
from .transcode.codecs import Bound, Codec

_INTEGERS = ("tinyint", "smallint", "mediumint", "int", "bigint")
_TEXTS = ("tinytext", "text", "mediumtext", "longtext")
_BLOBS = ("tinyblob", "blob", "mediumblob", "longblob")
_LONGEST_LABEL = 63  # bytes of an enum's member
_LONGEST_VARCHAR = 10485760
_SPATIAL = (
    "geometry",
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
)


@dataclass(frozen=True)
class Rule:
    """What MySQL column it is for (every condition that is given must hold), and what becomes of it.

    `arguments` are the numbers in the type's parentheses, `above` is a bound that the first of them exceeds, `needs`
    something the target must have. `skip` leaves the column out, or the whole table when the rule names no column;
    `where` is a condition of PostgreSQL that rows must meet.
    """

    types: tuple[str, ...] = ()
    target: str | None = None
    codec: Codec | None = None
    unsigned: bool | None = None
    arguments: tuple[int, ...] | None = None
    binary: bool | None = None
    wider: str | None = None
    reason: str = ""
    above: int | None = None
    long_members: bool | None = None
    needs: str | None = None
    table: str | None = None
    column: str | None = None
    nullable: bool | None = None
    auto_increment: bool | None = None
    default: str | None = None
    rename: str | None = None
    skip: bool = False
    where: str | None = None

    @property
    def of_columns(self) -> bool:
        """Whether it is about columns, not whole tables."""
        conditions = (
            self.unsigned,
            self.arguments,
            self.nullable,
            self.auto_increment,
            self.default,
            self.column,
        )
        return bool(self.types or self.target) or any(one is not None for one in conditions)

    def matches_table(self, table: Table) -> bool:
        """Whether the table is one of those it is for."""
        return self.table is None or is_like((self.table,), table)

    def matches(self, table: Table, column: Column, abilities: frozenset[str] = frozenset()) -> bool:
        """Whether this rule is for that column."""
        kind = column.type
        first = kind.arguments[0] if kind.arguments else 0
        longest = max((len(member.encode()) for member in kind.members), default=0)
        default = column.default.value if isinstance(column.default, Literal) else None
        return (
            (not self.types or kind.name in self.types)
            and self.matches_table(table)
            and (self.column is None or fnmatchcase(column.name.lower(), self.column.lower()))
            and (self.unsigned is None or self.unsigned == kind.unsigned)
            and (self.arguments is None or self.arguments == kind.arguments)
            and (self.above is None or first > self.above)
            and (self.binary is None or self.binary == is_binary(table, column))
            and (self.long_members is None or self.long_members == (longest > _LONGEST_LABEL))
            and (self.needs is None or self.needs in abilities)
            and (self.nullable is None or self.nullable == column.nullable)
            and (self.auto_increment is None or self.auto_increment == column.auto_increment)
            and (self.default is None or self.default == default)
        )


@dataclass(frozen=True)
class Cast:
    """A rule applied to a column: the PostgreSQL type, how to transcode, and the type to fall back on.

    `width` and `bound` are what the kernel knows of the column besides: see `kernels.transcode`.
    """

    rule: Rule
    type: str
    codec: Codec
    width: int = 0
    wider: str | None = None
    bound: int = 0


def collation_of(table: Table, column: Column) -> Collation:
    """How MySQL compares a column's strings: by its collation, its own or the table's, else its character set's."""
    named = column.type.collation or (None if column.type.charset else table.collation)
    return collations.of(named, charsets.of_column(table, column))


def is_binary(table: Table, column: Column) -> bool:
    """Whether a column's strings are bytes: MySQL's character set `binary`, its own or the table's."""
    return charsets.of_column(table, column) == "binary"


RULES: tuple[Rule, ...] = (
    Rule(("tinyint",), "boolean", Codec.BOOLEAN, arguments=(1,), wider="smallint",
         reason="tinyint(1) is how MySQL writes BOOLEAN; a value other than 0 and 1 makes the column smallint"),
    Rule(("tinyint",), "smallint", Codec.NUMBER, reason="PostgreSQL has no one-byte integer"),
    Rule(("smallint",), "integer", Codec.NUMBER, unsigned=True, reason="0 to 65535 needs the next wider type"),
    Rule(("smallint",), "smallint", Codec.NUMBER, reason="the same range"),
    Rule(("mediumint",), "integer", Codec.NUMBER, reason="PostgreSQL has no three-byte integer"),
    Rule(("int",), "bigint", Codec.NUMBER, unsigned=True, reason="0 to 4294967295 needs the next wider type"),
    Rule(("int",), "integer", Codec.NUMBER, reason="the same range"),
    Rule(("bigint",), "bigint", Codec.UNSIGNED, unsigned=True, wider="numeric(20,0)",
         reason="keys stay bigint; a value beyond 9223372036854775807 makes the column numeric"),
    Rule(("bigint",), "bigint", Codec.NUMBER, reason="the same range"),
    Rule(("decimal",), "numeric({0},{1})", Codec.NUMBER, reason="exact, the same precision and scale"),
    Rule(("float",), "real", Codec.NUMBER, reason="the same IEEE 754 single precision"),
    Rule(("double",), "double precision", Codec.NUMBER, reason="the same IEEE 754 double precision"),
    Rule(("bit",), "boolean", Codec.BOOLEAN, arguments=(1,), reason="one bit is a truth value"),
    Rule(("bit",), "boolean", Codec.BOOLEAN, arguments=(), reason="bit is bit(1)"),
    Rule(("bit",), "bit({0})", Codec.BITS, reason="the same bits"),
    Rule(("year",), "smallint", Codec.NUMBER, reason="1901 to 2155 and 0 are small integers"),
    Rule(("date",), "date", Codec.DATE, reason="zero and impossible dates become NULL and are counted"),
    Rule(("datetime",), "timestamp({0})", Codec.DATE, reason="a wall clock without a zone, in both"),
    Rule(("timestamp",), "timestamp({0}) with time zone", Codec.DATE,
         reason="an instant; the dump's TIME_ZONE says how its text is meant"),
    Rule(("time",), "time({0})", Codec.TIME, wider="interval({0})",
         reason="MySQL's time is also a duration up to 838:59:59; such a value makes the column interval"),
    Rule(("char", "varchar"), "bytea", Codec.BYTES, binary=True, reason="strings of bytes"),
    Rule(("char", "varchar"), "text", Codec.TEXT, arguments=(0,),
         reason="PostgreSQL has no text of length 0; only the empty string comes"),
    Rule(("varchar",), "text", Codec.TEXT, above=_LONGEST_VARCHAR,
         reason="PostgreSQL's varchar ends at 10485760 characters"),
    Rule(("char", "varchar"), "varchar({0})", Codec.TEXT,
         reason="MySQL takes trailing blanks off char, PostgreSQL's char would add them"),
    Rule(_TEXTS, "bytea", Codec.BYTES, binary=True, reason="strings of bytes"),
    Rule(_TEXTS, "text", Codec.TEXT, reason="any length"),
    Rule(("binary", "varbinary", *_BLOBS), "bytea", Codec.BYTES, reason="strings of bytes"),
    Rule(("enum",), "text", Codec.ENUM, long_members=True,
         reason="PostgreSQL's enum members end at 63 bytes: text, with a check that it is one of MySQL's"),
    Rule(("enum",), "{type}", Codec.ENUM, reason="an enum type of its own, with MySQL's order"),
    Rule(("set",), "text[]", Codec.SET, reason="an array, with a check that its members are MySQL's"),
    Rule(("json",), "jsonb", Codec.JSON, wider="json",
         reason="both keep parsed JSON; a document with \\u0000 or half a surrogate pair makes the column json"),
    Rule(("uuid",), "uuid", Codec.TEXT, reason="the same type (MariaDB)"),
    Rule(("inet4", "inet6"), "inet", Codec.TEXT, reason="an address without a netmask (MariaDB)"),
    Rule(("vector",), "bytea", Codec.BYTES, reason="the same bytes: numbers of single precision, lowest byte first"),
    Rule(("xmltype",), "text", Codec.TEXT, reason="the document as it stands (MariaDB)"),
    Rule(_SPATIAL, "geometry({shape})", Codec.GEOMETRY, needs="postgis",
         reason="PostGIS's type of the same shape, each value with its SRID; a SRID that the column asks for too"),
    Rule(_SPATIAL, "bytea", Codec.GEOMETRY, reason="well-known binary (EWKB where there is an SRID)"),
)  # fmt: skip

# What MySQL means when a type has no numbers.
_DEFAULT_ARGUMENTS = {"decimal": (10, 0), "char": (1,), "datetime": (0,), "timestamp": (0,), "time": (0,)}


def cast(
    table: Table, column: Column, rules: tuple[Rule, ...] = (), abilities: frozenset[str] = frozenset()
) -> Cast | None:
    """What becomes of a column by `rules`, then by the built-in ones; None when MySQL's type is not known."""
    asked = (rule for rule in (*rules, *RULES) if rule.target is not None)
    rule = next((rule for rule in asked if rule.matches(table, column, abilities)), None)
    if rule is None or rule.target is None:
        return None
    numbers = column.type.arguments
    defaults = _DEFAULT_ARGUMENTS.get(column.type.name, ())
    numbers += defaults[len(numbers) :]
    codec = codec_of(rule.target, column, table) if rule.codec is None else rule.codec
    try:
        target = rule.target.format(*numbers, type="{type}", shape=_shape(column))
        wider = rule.wider.format(*numbers) if rule.wider else None
    except IndexError:
        raise InputError(
            f"the rule for {table.name}.{column.name} has the target {rule.target}, but {column.type} has fewer numbers"
        ) from None
    return Cast(rule, target, codec, _width(codec, column, target), wider, bound(codec, table, column))


def _width(codec: Codec, column: Column, target: str) -> int:
    kind = column.type
    if codec is Codec.BITS or (codec is Codec.BYTES and kind.name == "binary"):
        return kind.arguments[0] if kind.arguments else 1
    if codec is Codec.GEOMETRY:
        return int(target.startswith("geometry"))
    return int(codec is Codec.TEXT and kind.name == "char")


_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_MOST_BYTES = {"tiny": 255, "text": 65535, "blob": 65535, "medium": 16777215}  # by how the type's name begins


def bound(codec: Codec, table: Table, column: Column) -> int:
    """What values of the column MySQL writes: see `codecs.Bound`."""
    kind = column.type
    if codec is Codec.DATE:
        bounds = {
            "date": Bound.DAY,
            "datetime": Bound.MOMENT + kind.places,
            "timestamp": Bound.INSTANT + kind.places,
        }
        return bounds.get(kind.name, 0)
    if codec is Codec.TIME and kind.name == "time":
        return Bound.MOMENT + kind.places
    if codec in (Codec.NUMBER, Codec.UNSIGNED, Codec.BOOLEAN):
        return -_bound_of_number(kind) if kind.unsigned else _bound_of_number(kind)
    if codec in (Codec.SET, Codec.ENUM):
        return Bound.MEMBERS if kind.members else 0
    if codec in (Codec.TEXT, Codec.BYTES):
        return _bound_of_length(codec, table, column)
    return 0


def _bound_of_number(kind: Type) -> int:
    digits = (*kind.arguments, *(10, 0)[len(kind.arguments) :])[:2]
    if kind.name == "decimal" or (kind.name in ("float", "double") and len(kind.arguments) == 2):
        return Bound.FIXED * digits[0] + digits[1]
    names = {**_BITS, "year": Bound.YEAR, "float": Bound.NUMBER, "double": Bound.NUMBER}
    return names.get(kind.name, 0)


def _bound_of_length(codec: Codec, table: Table, column: Column) -> int:
    kind = column.type
    if kind.name in ("char", "varchar", "binary", "varbinary"):
        return next(iter(kind.arguments), 1)
    most = next((most for start, most in _MOST_BYTES.items() if kind.name.startswith(start)), 0)
    charset = charsets.of(charsets.of_column(table, column))
    if kind.name not in _TEXTS + _BLOBS or kind.arguments:
        return 0
    if codec is Codec.BYTES or (charset and charset.units == 1):
        return most
    return -most if charset is None or charset.is_utf8 else 0


def _shape(column: Column) -> str:
    """The type modifier of PostGIS: the shape, and the SRID where all values have the same."""
    srid = column.type.srid
    return column.type.name + (f",{srid}" if srid else "")


# The codec for a target that a user names, by the first word of its type.
_CODECS = {
    "boolean": Codec.BOOLEAN, "bool": Codec.BOOLEAN, "smallint": Codec.NUMBER, "integer": Codec.NUMBER,
    "int": Codec.NUMBER, "bigint": Codec.NUMBER, "numeric": Codec.NUMBER, "decimal": Codec.NUMBER, "real": Codec.NUMBER,
    "double": Codec.NUMBER, "bytea": Codec.BYTES, "date": Codec.DATE, "timestamp": Codec.DATE,
    "timestamptz": Codec.DATE, "time": Codec.NUMBER, "interval": Codec.NUMBER, "bit": Codec.BITS,
    "geometry": Codec.GEOMETRY, "jsonb": Codec.JSON,
    "text[]": Codec.SET, "{type}": Codec.ENUM,
}  # fmt: skip
_OF_BYTES = ("binary", "varbinary", *_BLOBS)


def codec_of(target: str, column: Column, table: Table) -> Codec:
    """How the values of a column get into a type of PostgreSQL. Raises InputError where there is no way."""
    word = target.split("(")[0].split()[0].lower()
    kind = column.type.name
    if (kind in _OF_BYTES or (kind in ("char", "varchar") and is_binary(table, column))) and word == "uuid":
        return Codec.HEX
    codec = _CODECS.get(word, Codec.TEXT)
    impossible = {
        Codec.SET: kind != "set",
        Codec.BITS: kind != "bit",
        Codec.GEOMETRY: kind not in _SPATIAL,
        Codec.ENUM: kind != "enum",
        Codec.BYTES: kind in _INTEGERS,
        Codec.TEXT: kind in _SPATIAL,
    }
    if impossible.get(codec, False):
        raise InputError(f"{table.name}.{column.name}: there is no way from {column.type} to {target}")
    return codec


def is_like(patterns: Iterable[str], table: Table, column: str | None = None) -> bool:
    """Whether a table, or a column of it, is like a pattern, with or without its database; case is ignored."""
    name = table.name if column is None else f"{table.name}.{column}"
    names = [name.lower(), f"{table.database}.{name}".lower()]
    return any(fnmatchcase(one, pattern.lower()) for one in names for pattern in patterns)
