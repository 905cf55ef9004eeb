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


def json_path(path: str) -> str:
    """MySQL's `$.a[0]` as the array of steps that PostgreSQL's #> takes. Raises Refusal for wildcards."""
    if not re.fullmatch(r"\$(\.\w+|\.\"[^\"]*\"|\[\d+\])*", path):
        raise Refusal(f"the JSON path {path}")
    steps = re.findall(r"\.(\w+)|\.\"([^\"]*)\"|\[(\d+)\]", path)
    inside = ",".join('"' + next(filter(None, step), "").replace("\\", "\\\\") + '"' for step in steps)
    return literal("{" + inside + "}").replace("{", "{{").replace("}", "}}")  # it goes into a template


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
    return composed(f"{{0}} #> {json_path(path.constant)}", Kind.JSON, as_json(document))


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
        "when 'object' then (select count(*) from jsonb_object_keys({0}))::integer else 1 end",
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
