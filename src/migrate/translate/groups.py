"""What is computed of several rows: aggregates, windows, and the order that they are in."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from .functions import AGGREGATES, WINDOW_FUNCTIONS, texts
from .source import shown
from .values import Kind, Refusal, Value, call, derived, keyed, text

if TYPE_CHECKING:
    from .expression import Expressions


def ordered(sql: str, key: exp.Expr) -> str:
    """A sort key: MySQL takes NULL for the smallest value, PostgreSQL for the largest."""
    return f"{sql} desc nulls last" if key.args.get("desc") else f"{sql} nulls first"


def aggregate(translator: "Expressions", word: str, arguments: list[exp.Expr]) -> Value:
    """An aggregate of MySQL's name, over a group of rows."""
    with translator.ungrouped():
        if word == "COUNT" and isinstance(arguments[0], exp.Star):
            return Value("count(*)", Kind.INTEGER, scale=0)
        if not isinstance(arguments[0], exp.Distinct):
            return AGGREGATES[word](*(translator.value(argument) for argument in arguments))
        values = [translator.key(translator.value(part)) for part in arguments[0].expressions]
        if word == "COUNT" and len(values) > 1:
            nulls = " or ".join(f"{value.inner} is null" for value in values)
            row = ", ".join(value.sql for value in values)
            return Value(f"count(distinct case when not ({nulls}) then ({row}) end)", Kind.INTEGER)
        made = AGGREGATES[word](*values)
        opened = made.sql.replace(f"{word.lower()}(", f"{word.lower()}(distinct ", 1)
        return replace(made, sql=opened, rough=None)


def _group_concat(translator: "Expressions", node: exp.GroupConcat) -> Value:
    with translator.ungrouped():
        inner, order = node.this, None
        if isinstance(inner, exp.Order):
            inner, order = inner.this, inner
        distinct = isinstance(inner, exp.Distinct)
        values = [translator.value(part) for part in (inner.expressions if distinct else [inner])]
        separator = node.args.get("separator")
        joined = texts.concatenated(*values)
        joined = keyed(joined) if distinct else joined
        mark = translator.value(separator) if separator else text(",")
        ordering = ""
        if order is not None and distinct:
            return _distinct_concat(translator, joined, mark, order)
        if order is not None:
            keys = (ordered(keyed(translator.value(key.this)).sql, key) for key in order.expressions)
            ordering = " order by " + ", ".join(keys)
        elif distinct:
            ordering = f" order by {joined.sql}"
        start = "distinct " if distinct else ""
        return derived(f"string_agg({start}{joined.sql}, {mark.sql}{ordering})", Kind.TEXT, values)


def _distinct_concat(translator: "Expressions", joined: Value, mark: Value, order: exp.Order) -> Value:
    """GROUP_CONCAT of distinct values in the order of something else, which string_agg cannot have."""
    [key, *others] = order.expressions
    if others:
        raise Refusal("GROUP_CONCAT of distinct values in the order of several")
    by = translator.value(key.this)
    if by.sql == joined.sql:
        start = f"string_agg(distinct {joined.sql}, {mark.sql} order by "
        return Value(f"{start}{ordered(joined.sql, key)})", Kind.TEXT)
    pairs = f"unnest(array_agg({joined.sql}), array_agg({by.sql})) as pairs (value, place)"
    once = f"select value, min(place) as place from {pairs} where value is not null group by value"
    joining = f"string_agg(value, {mark.sql} order by {ordered('place', key)})"
    return Value(f"(select {joining} from ({once}) as once)", Kind.TEXT)


def _concat(translator: "Expressions", node: exp.Concat) -> Value:
    """The several values of one GROUP_CONCAT."""
    return texts.concatenated(*(translator.value(part) for part in node.expressions))


def _window(translator: "Expressions", node: exp.Window) -> Value:
    inner = node.this
    word = str(inner.this).upper() if isinstance(inner, exp.Anonymous) else ""
    if word in WINDOW_FUNCTIONS:
        arguments = [translator.value(argument) for argument in inner.expressions]
        kind = WINDOW_FUNCTIONS[word]
        if kind is Kind.OTHER and arguments:
            kind = arguments[0].kind
        made = call(word.lower(), kind, *arguments)
    elif word in AGGREGATES:
        made = aggregate(translator, word, inner.expressions)
    else:
        raise Refusal(f"{shown(node)} has no counterpart")
    if node.args.get("alias"):
        raise Refusal("a named window")
    parts = []
    if node.args.get("partition_by"):
        parts.append(
            "partition by " + ", ".join(keyed(translator.value(key)).sql for key in node.args["partition_by"])
        )
    if node.args.get("order"):
        keys = node.args["order"].expressions
        parts.append(
            "order by " + ", ".join(ordered(keyed(translator.value(key.this)).sql, key) for key in keys)
        )
    if node.args.get("spec"):
        parts.append(node.args["spec"].sql("postgres").lower())
    whole = re.fullmatch(r"(round\()(.*)(, \d+\))", made.sql)  # as sums and means of decimals are
    start, inside, end = whole.groups() if whole else ("", made.sql, "")
    return replace(made, rough=None, sql=f"{start}{inside} over ({' '.join(parts)}){end}")


TRANSLATIONS: dict[type, Callable[["Expressions", Any], Value]] = {
    exp.GroupConcat: _group_concat,
    exp.Concat: _concat,
    exp.Window: _window,
}
