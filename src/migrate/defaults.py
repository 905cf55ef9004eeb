"""What MySQL's defaults are as PostgreSQL's, where that can be told from a default alone."""

import re

from .model import BitLiteral, Expression, Literal
from .mysql import charsets, fitting
from .plan import Default, TargetColumn
from .transcode.codecs import Codec
from .translate.storing import held
from .translate.values import number
from .translate.values import text as constant

_DAY = re.compile(r"\d{4}-\d\d-\d\d[ T]")  # before a clock: of a moment, a time has the rest
_CLOCK = re.compile(r"(?i)current_timestamp|now\b")
_FITTED = (Codec.NUMBER, Codec.UNSIGNED, Codec.TEXT, Codec.DATE, Codec.TIME)
_NOW = re.compile(r"(?i)\(*\s*(current_timestamp|now|localtime|localtimestamp)\s*(\(\s*(\d?)\s*\))?\s*\)*$")
# What functions are, and the codec of the columns that take their results as they are.
_FUNCTIONS = {
    "uuid()": ("gen_random_uuid()", Codec.TEXT), "curdate()": ("current_date", Codec.DATE),
    "current_date": ("current_date", Codec.DATE), "current_date()": ("current_date", Codec.DATE),
    "curtime()": ("localtime", Codec.TIME), "rand()": ("random()", Codec.NUMBER),
    "json_array()": ("'[]'", Codec.JSON), "json_object()": ("'{}'", Codec.JSON),
}  # fmt: skip


def translated(default: Literal | BitLiteral | Expression, column: TargetColumn) -> Default | None:
    """The default; None for NULL, and for most expressions, which wait until the table is whole."""
    if isinstance(default, BitLiteral):
        return _of_bits(default.value, column)
    if not isinstance(default, Literal):
        return _of_function(default.sql, column.cast.codec)
    return None if default.value is None else _of_text(default.value, column)


def _of_text(text: str, column: TargetColumn) -> Default:
    codec = column.cast.codec
    if fit := fitting.FITS.get(column.source.type.name):
        text = fit(text, column.source)
    if codec is Codec.TIME:
        text = _DAY.sub("", text)
    if codec in _FITTED and not _CLOCK.match(text):
        given = number(text) if column.source.type.name == "year" and text.isdigit() else constant(text)
        text = held(given, column, strict=False)[0].constant or text
    if codec is Codec.SET:
        return Default("{" + ",".join(_array_element(part) for part in text.split(",") if part) + "}")
    if codec is Codec.BYTES:
        width = (*column.source.type.arguments, 1)[0] if column.source.type.name == "binary" else 0
        return Default("\\x" + text.encode("utf-8", "surrogateescape").ljust(width, b"\0").hex())
    if codec is Codec.BITS:
        return Default(f"{int(text or 0):0{column.cast.width}b}")
    if codec is Codec.DATE and _CLOCK.match(text):
        return Default(function="current_timestamp")
    return Default(text)


def implied(column: TargetColumn) -> str | None:
    """What MySQL puts, without strict mode, where a column has to have a value; None for a zero date, and others."""
    codec, kind = column.cast.codec, column.source.type
    fixed = "00" * (kind.arguments[0] if kind.arguments else 1) if kind.name == "binary" else ""
    return {
        Codec.NUMBER: "0", Codec.UNSIGNED: "0", Codec.BOOLEAN: "0", Codec.BITS: "0" * column.cast.width,
        Codec.TEXT: "", Codec.BYTES: f"\\x{fixed}", Codec.SET: "{}", Codec.TIME: "00:00:00", Codec.JSON: "null",
        Codec.ENUM: kind.members[0] if kind.members else "",
    }.get(codec)  # fmt: skip


def _of_function(sql: str, codec: Codec) -> Default | None:
    text = sql.strip()
    now = _NOW.match(text)
    if now and codec is Codec.DATE:
        digits = f"({now[3]})" if now[3] else ""
        return Default(function=f"current_timestamp{digits}")
    bare = "".join(text.lower().split())
    while bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1]
    function, suited = _FUNCTIONS.get(bare, ("", None))
    if suited is codec:
        return Default(function=function)
    quoted = re.fullmatch(r"(?is)\s*(?:_[a-z0-9]+\s*)?\\?'((?:[^'\\]|'')*)\\?'\s*", text)
    if quoted:
        return Default(quoted[1].replace("''", "'"))
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        return Default(text)
    return None


def _of_bits(value: bytes, column: TargetColumn) -> Default:
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
