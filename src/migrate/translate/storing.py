"""Values as their columns hold them, which statements of a dump put there (MySQL Reference Manual, "Data Types")."""

from ..errors import InputError
from ..mysql import charsets, fitting
from ..mysql.constants import hexadecimal
from ..mysql.lexer import Kind as Word
from ..mysql.lexer import Mode, tokens
from ..mysql.literals import UTF8, Reading, UnfitError, plain_row
from ..plan import TargetColumn
from ..postgres.quoting import literal
from ..transcode.codecs import Codec
from .values import NUMBERS, Kind, Refusal, Value, binary, composed, octets_of, text


def held(value: Value, column: TargetColumn, *, strict: bool) -> tuple[Value, bool]:
    """The value as MySQL's column holds it, and whether something of it was lost, as without `strict` mode.

    Raises Refusal for a constant that MySQL refuses.
    """
    kind = column.source.type.name
    if column.cast.codec is Codec.GEOMETRY and value.octets is not None:
        raise Refusal("a shape in MySQL's own form")
    written = _written(value, strict=strict)
    if written is None:
        return within(shaped(value, column), column, strict=strict), False
    charset = None if column.type == "bytea" else charsets.of(column.charset) or UTF8
    reading = Reading(
        Mode(), (charset,), UTF8, "strict", definitions=(column.source,), fit=True, strict=strict
    )
    try:
        plain = plain_row(b"(" + written + b")", reading)[1:-1]
    except (UnfitError, UnicodeDecodeError):
        raise Refusal(f"{value.sql} does not fit the column {column.name}, and MySQL refuses it") from None
    except InputError as error:
        raise Refusal(str(error)) from error
    if plain == written and charset is not None and kind != "char":
        return value, False
    return _read(plain, column), bool(reading.converted)


def _written(value: Value, *, strict: bool) -> bytes | None:
    """A constant as MySQL's literal; None for what is only known when the statement is carried out."""
    if value.octets is not None:
        return b"0x" + value.octets.hex().encode() if value.octets else b"''"
    if value.kind is Kind.NULL:
        return None if strict else b"NULL"
    if value.constant is None:
        return None
    content = value.constant.encode("utf-8", "surrogateescape")
    if value.kind is Kind.TEXT:
        return b"'" + content.replace(b"\\", b"\\\\").replace(b"'", b"''") + b"'"
    return content if value.kind in NUMBERS else None


def _read(literal: bytes, column: TargetColumn) -> Value:
    first, *_ = found = list(tokens(literal, Mode()))[:-1]
    if first.kind is Word.STRING:
        if column.type == "bytea":
            return binary(first.value)
        content = first.value.decode("utf-8", "surrogateescape")
        return text(content.rstrip(" ") if column.source.type.name == "char" else content)
    if first.kind is Word.HEX:
        return binary(hexadecimal(first))
    if first.kind is Word.WORD:
        return Value("null", Kind.NULL)
    number = "".join(word.text for word in found)
    return Value(number, Kind.INTEGER if number.isdigit() else Kind.NUMERIC, number.isdigit(), number)


_SAME = {"smallint": "smallint", "int": "integer", "bigint": "bigint", "decimal": "numeric"}


def within(value: Value, column: TargetColumn, *, strict: bool) -> Value:
    """What is computed, within the bounds of MySQL's type: beyond them it is refused, or without `strict` mode cut."""
    kind = column.source.type
    if value.kind is Kind.TEXT and kind.name in ("char", "varchar") and not strict:
        longest = next(iter(kind.arguments), 1)
        return composed(f"left({{0}}, {longest})", Kind.TEXT, value, atom=True, stable=value.stable)
    truth = column.type == "boolean"
    bounds = (0, 1) if truth else fitting.bounds(column.source)
    if bounds is None or value.kind not in NUMBERS:
        return value
    if value.kind is not Kind.INTEGER and kind.name != "decimal":
        value = composed("round({0})", value.kind, value, atom=True, stable=value.stable)
    least, most = bounds
    if strict and not kind.unsigned and column.type.partition("(")[0] == _SAME.get(kind.name):
        return value  # PostgreSQL refuses the same
    if strict or truth:
        told = literal(f" is out of range for the column {column.name}" + ", a truth value so far" * truth)
        beyond = f"when not {{0}} between {least} and {most} then ({{0}} || {told})::bigint"
    else:
        beyond = f"when {{0}} < {least} then {least} when {{0}} > {most} then {most}"
    return composed(f"case {beyond} else {{0}} end", value.kind, value, stable=value.stable)


def shaped(value: Value, column: TargetColumn) -> Value:
    """What is computed, in the form that a type of a fixed length has."""
    shape = {"binary": _filled, "char": _bare}.get(column.source.type.name)
    return shape(value, column) if shape else value


def _filled(value: Value, column: TargetColumn) -> Value:
    """Bytes of a fixed number: MySQL puts zeros after fewer."""
    width = next(iter(column.source.type.arguments), 1)
    if value.kind is Kind.TEXT:
        value = octets_of(value)
    if value.kind is not Kind.BYTES:
        return value
    zeros = f"decode(repeat('00', {width} - octet_length({{0}})), 'hex')"
    return composed(f"{{0}} || {zeros}", Kind.BYTES, value, stable=value.stable)


def _bare(value: Value, _: TargetColumn) -> Value:
    """Text of a fixed length, of which MySQL takes the blanks at its end."""
    if value.kind is not Kind.TEXT:
        return value
    return composed("rtrim({0}, ' ')", Kind.TEXT, value, atom=True, stable=value.stable)
