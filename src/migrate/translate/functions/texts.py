"""Functions of texts."""

from dataclasses import replace

from ..agreement import comparable, unified
from ..values import (
    NUMBERS,
    Kind,
    Loose,
    Refusal,
    Value,
    as_number,
    as_text,
    call,
    composed,
    derived,
    folded,
    strict,
)
from .table import FUNCTIONS, Function, function, renamed


def concatenated(*values: Value) -> Value:
    """CONCAT: NULL when any of its values is, unlike PostgreSQL's function of that name."""
    parts = " || ".join(f"{{{number}}}" for number in range(len(values)))
    return composed(parts, Kind.TEXT, *map(as_text, values), atom=len(values) == 1)


def exact_text(value: Value) -> Value:
    """A value as a string whose letters are taken as they are, whatever is compared with the result."""
    as_it_is = strict(as_text(value))
    return replace(as_it_is, loose=value.loose and Loose.FOLDED)


@function("CONCAT")
def _concat(*values: Value) -> Value:
    return concatenated(*values)


@function("CONCAT_WS")
def _concat_ws(separator: Value, *values: Value) -> Value:
    # PostgreSQL's leaves NULLs out as well; the function itself counts as stable there.
    return call("concat_ws", Kind.TEXT, as_text(separator), *map(as_text, values), stable=True)


def _counted(count: Value) -> bool:
    return count.constant is not None and count.constant.isdigit()


@function("LEFT")
def _left(value: Value, count: Value) -> Value:
    # A negative count means “all but” in PostgreSQL and nothing in MySQL.
    template = "left({0}, {1})" if _counted(count) else "left({0}, greatest({1}, 0)::integer)"
    return composed(template, Kind.TEXT, as_text(value), as_number(count), atom=True)


@function("RIGHT")
def _right(value: Value, count: Value) -> Value:
    template = "right({0}, {1})" if _counted(count) else "right({0}, greatest({1}, 0)::integer)"
    return composed(template, Kind.TEXT, as_text(value), as_number(count), atom=True)


@function("SUBSTR", "SUBSTRING", "MID")
def substring(value: Value, start: Value, length: Value | None = None) -> Value:
    """SUBSTRING: a negative start counts from the end, 0 is nowhere."""
    source = value if value.kind is Kind.BYTES else as_text(value)
    if start.constant is None:
        raise Refusal("SUBSTRING from a computed place may count from the end")
    at = int(start.constant)
    if at == 0:
        return composed("case when {0} is not null then '' end", source.kind, source, atom=True)
    if at < 0:
        if source.kind is Kind.BYTES:
            raise Refusal("SUBSTRING of bytes that counts from the end")
        ending = f"case when char_length({{0}}) < {-at} then '' else right({{0}}, {-at}) end"
        if length is None:
            return composed(ending, source.kind, source, atom=True)
        return composed(
            f"left({ending}, greatest({{1}}, 0)::integer)", source.kind, source, as_number(length), atom=True
        )
    if length is None:
        return composed(f"substr({{0}}, {at})", source.kind, source, atom=True)
    count = "{1}" if _counted(length) else "greatest({1}, 0)::integer"
    return composed(f"substr({{0}}, {at}, {count})", source.kind, source, as_number(length), atom=True)


@function("SUBSTRING_INDEX")
def _substring_index(value: Value, separator: Value, count: Value) -> Value:
    if count.constant is None or separator.constant is None:
        raise Refusal("SUBSTRING_INDEX with a computed separator or count")
    parts = "string_to_array({0}, {1})"
    wanted = int(count.constant)
    chosen = f"({parts})[:{wanted}]" if wanted >= 0 else f"({parts})[cardinality({parts}) - {-wanted - 1}:]"
    return composed(
        f"array_to_string({chosen}, {{1}})",
        Kind.TEXT,
        exact_text(value),
        exact_text(separator),
        atom=True,
        stable=True,
    )


@function("LOCATE", "POSITION")
def located(part: Value, whole: Value) -> Value:
    """LOCATE of a part in a whole."""
    part, whole = _alike(part, whole)
    return composed("strpos({1}, {0})", Kind.INTEGER, part, whole, atom=True)


def _alike(part: Value, whole: Value) -> tuple[Value, Value]:
    """A text and one that it is looked for in, without regard to case unless one of them has it."""
    fold = strict if part.exact or whole.exact else folded
    return fold(as_text(part)), fold(as_text(whole))


@function("INSTR")
def _instr(whole: Value, part: Value) -> Value:
    return located(part, whole)


def _padded(name: str) -> Function:
    def function(value: Value, length: Value, filling: Value) -> Value:
        if filling.constant == "":
            raise Refusal(f"{name.upper()} with nothing")
        template = f"{name}({{0}}, {{1}}, {{2}})"
        return composed(
            template if _counted(length) else f"case when {{1}} >= 0 then {template} end",
            Kind.TEXT,
            as_text(value),
            as_number(length),
            as_text(filling),
            atom=True,
        )

    return function


FUNCTIONS["LPAD"] = _padded("lpad")


FUNCTIONS["RPAD"] = _padded("rpad")


@function("REPEAT")
def _repeat(value: Value, count: Value) -> Value:
    return composed("repeat({0}, {1})", Kind.TEXT, as_text(value), as_number(count), atom=True)


@function("SPACE")
def _space(count: Value) -> Value:
    return composed("repeat(' ', {0})", Kind.TEXT, as_number(count), atom=True)


@function("STRCMP")
def _strcmp(left: Value, right: Value) -> Value:
    return composed(
        "case when {0} < {1} then -1 when {0} = {1} then 0 when {0} > {1} then 1 end",
        Kind.INTEGER,
        *comparable(as_text(left), as_text(right)),
        atom=True,
    )


@function("FIND_IN_SET")
def _find_in_set(wanted: Value, members: Value) -> Value:
    wanted, members = _alike(wanted, members)
    listed = "string_to_array({1}, ',')"
    return composed(
        f"case when {{0}} is not null and {{1}} is not null then coalesce(array_position({listed}, {{0}}), 0) end",
        Kind.INTEGER,
        wanted,
        members,
        atom=True,
    )


@function("FIELD")
def _field(wanted: Value, *members: Value) -> Value:
    same, kind = unified([wanted, *members])
    mixed = kind is Kind.TEXT and any(value.kind in NUMBERS for value in (wanted, *members))
    if mixed or kind not in (Kind.TEXT, *NUMBERS):
        raise Refusal("FIELD of these types")
    pairs = [comparable(same[0], member) for member in same[1:]]
    whens = " ".join(f"when {one.inner} = {other.inner} then {n}" for n, (one, other) in enumerate(pairs, 1))
    return derived(f"case {whens} else 0 end", Kind.INTEGER, same)


@function("ELT")
def _elt(index: Value, *members: Value) -> Value:
    same, kind = unified(list(members))
    template = " ".join(f"when {n} then {{{n}}}" for n in range(1, len(same) + 1))
    return composed(f"case {{0}} {template} end", kind, as_number(index), *same, atom=True)


@function("FORMAT")
def _format(value: Value, digits: Value) -> Value:
    if digits.constant is None or not digits.constant.isdigit():
        raise Refusal("FORMAT with computed digits")
    places = int(digits.constant)
    picture = "FM999,999,999,999,999,999,990" + ("." + "0" * places if places else "")
    return composed(
        f"to_char(round({{0}}::numeric, {places}), '{picture}')",
        Kind.TEXT,
        as_number(value),
        atom=True,
        stable=True,
    )


def search_text(columns: list[Value]) -> str:
    """The document that a full-text search of columns looks at, word by word as they are written."""
    parts = " || ' ' || ".join(f"coalesce({as_text(column).inner}, '')" for column in columns)
    return f"to_tsvector('simple'::regconfig, {parts})"


FUNCTIONS |= {
    **dict.fromkeys(("UPPER", "UCASE"), renamed("upper", Kind.TEXT, as_text, 1)),
    **dict.fromkeys(("LOWER", "LCASE"), renamed("lower", Kind.TEXT, as_text, 1)),
    "REVERSE": renamed("reverse", Kind.TEXT, as_text, 1),
    "LTRIM": renamed("ltrim", Kind.TEXT, as_text, 1),
    "RTRIM": renamed("rtrim", Kind.TEXT, as_text, 1),
    "REPLACE": renamed("replace", Kind.TEXT, exact_text, 3),
    **dict.fromkeys(("CHAR_LENGTH", "CHARACTER_LENGTH"), renamed("char_length", Kind.INTEGER, as_text, 1)),
    "ASCII": renamed("ascii", Kind.INTEGER, as_text, 1),
}
