"""Functions of JSON documents."""

import re

from ...postgres.quoting import literal
from ..values import (
    Kind,
    Refusal,
    Value,
    as_text,
    call,
    composed,
)
from .table import FUNCTIONS, function


def _below(document: Value, names: str, index: str) -> Value:
    """A part of a document: under names, as `.a."b"` says them, or at an index.

    What is no array is taken for one with a single element (MySQL Reference Manual, "JSON Path Syntax").
    """
    if index:
        alone = " else {0}" if int(index) == 0 else ""
        template = f"case jsonb_typeof({{0}}) when 'array' then {{0}} -> {index}{alone} end"
        return composed(template, Kind.JSON, document, atom=True)
    steps = (plain or quoted for plain, quoted in re.findall(r"\.(\w+)|\.\"([^\"]*)\"", names))
    inside = ",".join('"' + step.replace("\\", "\\\\") + '"' for step in steps)
    path = literal("{" + inside + "}").replace("{", "{{").replace("}", "}}")  # it goes into a template
    return composed(f"{{0}} #> {path}", Kind.JSON, document)


def as_json(value: Value) -> Value:
    """A JSON document; strings are parsed."""
    if value.kind is Kind.JSON:
        return value
    return composed("{0}::jsonb", Kind.JSON, as_text(value), atom=True)


@function("JSON_EXTRACT")
def json_extract(document: Value, path: Value) -> Value:
    """JSON_EXTRACT with one path."""
    if path.constant is None:
        raise Refusal("a JSON path that is computed")
    if not re.fullmatch(r"\$(\.\w+|\.\"[^\"]*\"|\[\d+\])*", path.constant):
        raise Refusal(f"the JSON path {path.constant}")
    found = as_json(document)
    for names, index in re.findall(r"((?:\.\w+|\.\"[^\"]*\")+)|\[(\d+)\]", path.constant):
        found = _below(found, names, index)
    return found


@function("JSON_VALUE")
def json_text(document: Value, path: Value) -> Value:
    """The text of one value in a document."""
    return _unquoted(json_extract(document, path))


def _unquoted(value: Value) -> Value:
    """The text of a document; that of null is the word, as in MySQL."""
    if value.kind is not Kind.JSON:
        return as_text(value)
    return composed("coalesce({0} #>> '{{}}', {0}::text)", Kind.TEXT, value, atom=True)


@function("JSON_ARRAY")
def _json_array(*values: Value) -> Value:
    return call("jsonb_build_array", Kind.JSON, *values, stable=True)


@function("JSON_OBJECT")
def json_object(*values: Value) -> Value:
    """JSON_OBJECT of names and values in turn."""
    return call("jsonb_build_object", Kind.JSON, *values, stable=True)


@function("JSON_LENGTH")
def _json_length(document: Value) -> Value:
    return composed(
        "case jsonb_typeof({0}) when 'array' then jsonb_array_length({0}) "
        "when 'object' then (select count(*) from jsonb_object_keys({0}))::integer "
        "else nullif({0} is not null, false)::integer end",
        Kind.INTEGER,
        as_json(document),
        atom=True,
    )


@function("JSON_QUOTE")
def _json_quote(value: Value) -> Value:
    return composed("to_jsonb({0}::text)::text", Kind.TEXT, as_text(value), atom=True)


FUNCTIONS |= {
    "JSON_VALID": lambda x: composed(
        "({0}) is not null" if x.kind is Kind.JSON else "{0} is json", Kind.BOOLEAN, x
    ),
    "JSON_UNQUOTE": _unquoted,
}
