"""Expressions that are true or false."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from ..postgres.quoting import literal
from .source import shown
from .values import Kind, Refusal, Value, as_text, composed, derived, strict

if TYPE_CHECKING:
    from .expression import Expressions

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "is not distinct from",
}


def _not(translator: "Expressions", node: exp.Not) -> Value:
    inner = node.this
    if isinstance(inner, exp.Is):
        return _is(translator, inner, "is not")
    if isinstance(inner, exp.In):
        return _in(translator, inner, "not in")
    if isinstance(inner, exp.Between):
        return _between(translator, inner, "not between")
    return composed("not {0}", Kind.BOOLEAN, translator.boolean(inner))


def _connector(translator: "Expressions", node: exp.Connector) -> Value:
    word = "and" if isinstance(node, exp.And) else "or"
    parts = [translator.boolean(part) for part in node.flatten()]
    return composed(f" {word} ".join(f"{{{n}}}" for n in range(len(parts))), Kind.BOOLEAN, *parts)


def _xor(translator: "Expressions", node: exp.Xor) -> Value:
    return composed(
        "{0} <> {1}", Kind.BOOLEAN, translator.boolean(node.this), translator.boolean(node.expression)
    )


def _comparison(translator: "Expressions", node: exp.Binary) -> Value:
    if isinstance(node.this, exp.Tuple) or isinstance(node.expression, exp.Tuple):
        return _row_comparison(translator, node)
    left, right = translator.comparable(translator.value(node.this), translator.value(node.expression))
    return composed(f"{{0}} {_COMPARISONS[type(node)]} {{1}}", Kind.BOOLEAN, left, right)


def _row_comparison(translator: "Expressions", node: exp.Binary) -> Value:
    if not (isinstance(node.this, exp.Tuple) and isinstance(node.expression, exp.Tuple)):
        raise Refusal("a row is compared with a query")
    pairs = [
        translator.comparable(translator.value(left), translator.value(right))
        for left, right in zip(node.this.expressions, node.expression.expressions, strict=True)
    ]
    left = ", ".join(pair[0].sql for pair in pairs)
    right = ", ".join(pair[1].sql for pair in pairs)
    return Value(f"({left}) {_COMPARISONS[type(node)]} ({right})", Kind.BOOLEAN, atom=False)


def _is(translator: "Expressions", node: exp.Is, operator: str = "is") -> Value:
    if isinstance(node.expression, exp.Null):
        return composed(f"{{0}} {operator} null", Kind.BOOLEAN, translator.value(node.this))
    if isinstance(node.expression, exp.Boolean):
        word = "true" if node.expression.this else "false"
        return composed(f"{{0}} {operator} {word}", Kind.BOOLEAN, translator.boolean(node.this))
    raise Refusal(f"{shown(node)} has no counterpart")


def _in(translator: "Expressions", node: exp.In, operator: str = "in") -> Value:
    if node.args.get("query"):
        rows, outputs = translator.inner(node.args["query"])
        if isinstance(node.this, exp.Tuple):
            left = ", ".join(translator.value(part).sql for part in node.this.expressions)
            return Value(f"({left}) {operator} {rows}", Kind.BOOLEAN, atom=False)
        one = replace(outputs[0], sql="migrate_one", atom=True)
        value, other = translator.comparable(translator.value(node.this), one)
        if other.sql != one.sql:
            rows = f"(select {other.sql} from {rows} as migrate_in (migrate_one))"
        return composed(f"{{0}} {operator} {rows}", Kind.BOOLEAN, value)
    if isinstance(node.this, exp.Tuple):
        raise Refusal("a row in a list of rows")
    value = translator.value(node.this)
    pairs = [translator.comparable(value, translator.value(member)) for member in node.expressions]
    subjects = {pair[0].sql: pair[0] for pair in pairs}
    if len(subjects) != 1:
        same = " or ".join(f"{one.inner} = {other.inner}" for one, other in pairs)
        either = derived(same, Kind.BOOLEAN, [part for pair in pairs for part in pair], atom=False)
        return composed("not {0}", Kind.BOOLEAN, either) if operator == "not in" else either
    members = ", ".join(pair[1].sql for pair in pairs)
    return composed(f"{{0}} {operator} ({members})", Kind.BOOLEAN, next(iter(subjects.values())))


def _between(translator: "Expressions", node: exp.Between, operator: str = "between") -> Value:
    value, low = translator.comparable(translator.value(node.this), translator.value(node.args["low"]))
    _, high = translator.comparable(translator.value(node.this), translator.value(node.args["high"]))
    return composed(f"{{0}} {operator} {{1}} and {{2}}", Kind.BOOLEAN, value, low, high)


def _like(translator: "Expressions", node: exp.Like, escape: str = "") -> Value:
    negation = "not " if node.args.get("negate") else ""
    subject, pattern = translator.value(node.this), translator.value(node.expression)
    word = "like" if subject.exact or pattern.exact else "ilike"
    return composed(
        f"{{0}} {negation}{word} {{1}}{escape}",
        Kind.BOOLEAN,
        strict(as_text(subject)),
        strict(as_text(pattern)),
    )


def _escape(translator: "Expressions", node: exp.Escape) -> Value:
    mark = translator.value(node.expression)
    like = node.this
    if not isinstance(like, exp.Like) or mark.constant is None:
        raise Refusal(f"{shown(node)} has no counterpart")
    return _like(translator, like, f" escape {literal(mark.constant)}")


def _regexp(translator: "Expressions", node: exp.RegexpLike) -> Value:
    subject, pattern = translator.value(node.this), translator.value(node.expression)
    operator = "~" if subject.exact or pattern.exact else "~*"
    return composed(
        f"{{0}} {operator} {{1}}", Kind.BOOLEAN, strict(as_text(subject)), strict(as_text(pattern))
    )


TRANSLATIONS: dict[type, Callable[["Expressions", Any], Value]] = {
    exp.Not: _not,
    exp.Xor: _xor,
    exp.And: _connector,
    exp.Or: _connector,
    **dict.fromkeys(_COMPARISONS, _comparison),
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Like: _like,
    exp.Escape: _escape,
    exp.RegexpLike: _regexp,
}
