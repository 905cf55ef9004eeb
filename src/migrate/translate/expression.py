"""MySQL's expressions as PostgreSQL's, from the leaves up, each with its kind."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlglot import exp

from . import arithmetic, casts, conditions, groups
from .agreement import comparable, unified
from .functions import AGGREGATES, FUNCTIONS, choices, documents, moments, shapes, texts
from .scope import Catalog, Scope
from .source import shown
from .values import (
    Kind,
    Refusal,
    Value,
    as_boolean,
    as_text,
    binary,
    composed,
    computed,
    keyed,
    kind_of,
    number,
    passed,
    text,
    without_blanks,
)


class Expressions:
    """Translates expressions within a scope; `query` translates the queries inside them."""

    def __init__(
        self,
        catalog: Catalog,
        scope: Scope,
        query: "Callable[[exp.Expr, Scope], tuple[str, list[Value]]] | None" = None,
    ) -> None:
        self.catalog = catalog
        self.scope = scope
        self._query = query
        self.inserted: Callable[[str], Value] | None = None
        self._grouped: tuple[Mapping[str, Value], frozenset[str]] | None = None

    def group(self, keys: Mapping[str, Value], determined: frozenset[str]) -> None:
        """From here on a group of rows is one: its keys, and the relations that they settle, have one value in it.

        The keys are those values by the text that they had before.

        Of all other columns MySQL takes any value of the group, unless ONLY_FULL_GROUP_BY forbids it.
        """
        self._grouped = (keys, determined)

    @contextmanager
    def ungrouped(self) -> Iterator[None]:
        """Inside it every column stands for itself, as it may inside an aggregate."""
        grouped, self._grouped = self._grouped, None
        try:
            yield
        finally:
            self._grouped = grouped

    def boolean(self, node: exp.Expr) -> Value:
        """A condition."""
        return as_boolean(self.value(node))

    def value(self, node: exp.Expr) -> Value:
        """Any expression. Raises Refusal for what has no counterpart."""
        if self._grouped is not None:
            keys, _ = self._grouped
            with self.ungrouped():
                alone = self.value(node)
            if alone.sql in keys:
                return keys[alone.sql]
        unknown = [
            part
            for part, value in node.args.items()
            if value and part not in _PARTS and part not in _OWN_PARTS.get(type(node), ())
        ]
        for kind in type(node).__mro__:
            translation = _TRANSLATIONS.get(kind)
            if translation is not None and (not unknown or isinstance(node, exp.Query)):
                return self._as_compared(node, translation(self, node))
        raise Refusal(f"{shown(node)} has no counterpart")

    def _as_compared(self, node: exp.Expr, value: Value) -> Value:
        """Text that is computed of no column is compared as the session's collation says."""
        unsaid = value.kind is Kind.TEXT and value.loose is None and not value.exact
        named = isinstance(node, exp.Column | exp.Identifier | exp.Paren)
        return replace(value, loose=self.catalog.loose) if unsaid and not named else value

    @property
    def pads(self) -> bool:
        """Whether text is compared without blanks at its end; in views and programs keys are to serve it as it is."""
        return self.catalog.strict is not None

    def key(self, value: Value) -> Value:
        """What tells rows apart by a value."""
        value = keyed(value)
        return without_blanks(value) if self.pads and value.padded and value.kind is Kind.TEXT else value

    def comparable(self, left: Value, right: Value) -> tuple[Value, Value]:
        """Two values as MySQL compares them."""
        left, right = comparable(left, right)
        padded = left.kind is right.kind is Kind.TEXT and (left.padded or right.padded)
        if padded and self.pads:
            return without_blanks(left), without_blanks(right)
        return left, right

    # --- leaves ---

    def literal(self, node: exp.Literal) -> Value:
        return text(node.this) if node.is_string else number(node.this)

    def introducer(self, node: exp.Introducer) -> Value:
        value = self.value(node.expression)
        charset = str(node.this).lower()
        if charset == "_binary" and value.constant is not None:
            return binary(value.constant.encode("utf-8", "surrogateescape"))
        return value

    def national(self, node: exp.National) -> Value:
        return text(str(node.this))

    def hexadecimal(self, node: exp.HexString) -> Value:
        return binary(bytes.fromhex(str(node.this).zfill(len(str(node.this)) + len(str(node.this)) % 2)))

    def bits(self, node: exp.BitString) -> Value:
        return number(str(int(str(node.this) or "0", 2)))

    def null(self, _: exp.Null) -> Value:
        return Value("null", Kind.NULL)

    def truth(self, node: exp.Boolean) -> Value:
        return Value("true" if node.this else "false", Kind.BOOLEAN)

    def column(self, node: exp.Column) -> Value:
        if isinstance(node.this, exp.Star):
            raise Refusal("a star where a value is wanted")
        value = self.scope.column(node.name, node.table or None)
        if value.kind in (Kind.ENUM, Kind.SET):
            value = replace(value, loose=self.catalog.loose)
        if self._grouped is None or _qualifier(value) in self._grouped[1] or not _qualifier(value):
            return value
        return replace(value, sql=f"(array_agg({value.sql}))[1]")

    def identifier(self, node: exp.Identifier) -> Value:
        return self.scope.column(node.name)

    def paren(self, node: exp.Paren) -> Value:
        return self.value(node.this)

    def parameter(self, node: exp.Expr) -> Value:
        raise Refusal(
            f"it uses the user variable or setting {node.sql('mysql')}, which PostgreSQL does not have"
        )

    # --- forms with a grammar of their own ---

    def case(self, node: exp.Case) -> Value:
        branches = node.args["ifs"]
        results = [self.value(branch.args["true"]) for branch in branches]
        default = node.args.get("default")
        results.append(self.value(default) if default else Value("null", Kind.NULL))
        results, kind = unified(results)
        subject = self.value(node.this) if node.this else None
        conditions = []
        for branch in branches:
            if subject is None:
                condition = self.boolean(branch.this).sql
            else:
                left, right = self.comparable(subject, self.value(branch.this))
                condition = f"{left.inner} = {right.inner}"
            conditions.append(condition)

        def written(given: Sequence[Value]) -> str:
            whens = [f"when {one} then {then.sql}" for one, then in zip(conditions, given, strict=False)]
            otherwise = f" else {given[-1].sql}" if default else ""
            return f"case {' '.join(whens)}{otherwise} end"

        return computed(written, kind, results)

    def if_(self, node: exp.If) -> Value:
        otherwise = node.args.get("false")
        if otherwise is None:
            raise Refusal("IF() with two arguments")
        return choices.if_else(self.value(node.this), self.value(node.args["true"]), self.value(otherwise))

    def trim(self, node: exp.Trim) -> Value:
        where = str(node.args.get("position") or "BOTH").lower()
        subject = as_text(self.value(node.this))
        if node.expression is None:
            return composed(f"trim({where} from {{0}})", Kind.TEXT, subject, atom=True)
        removed = self.value(node.expression)
        if removed.constant is None or len(removed.constant) != 1:
            raise Refusal("TRIM of a string: PostgreSQL takes its letters one by one")
        return composed(f"trim({where} {{1}} from {{0}})", Kind.TEXT, subject, removed, atom=True)

    def substring(self, node: exp.Substring) -> Value:
        length = node.args.get("length")
        return texts.substring(
            self.value(node.this), self.value(node.args["start"]), self.value(length) if length else None
        )

    def position(self, node: exp.StrPosition) -> Value:
        return texts.located(self.value(node.args["substr"]), self.value(node.this))

    def distance(self, node: exp.StDistance) -> Value:
        return shapes.distance(self.value(node.this), self.value(node.expression))

    def extract(self, node: exp.Extract) -> Value:
        return moments.extracted(node.name.upper(), self.value(node.expression))

    def whole(self, node: exp.Func) -> Value:
        return FUNCTIONS[type(node).__name__.upper()](self.value(node.this))

    def clock(self, node: exp.Func) -> Value:
        arguments = [self.value(node.this)] if node.this else []
        return FUNCTIONS[_CLOCKS[type(node)]](*arguments)

    def user(self, _: exp.CurrentUser) -> Value:
        return FUNCTIONS["USER"]()

    def json_extract(self, node: exp.JSONExtract) -> Value:
        path = text(node.expression.sql("mysql").strip("'"))
        if isinstance(node, exp.JSONExtractScalar):
            return documents.json_text(self.value(node.this), path)
        return documents.json_extract(self.value(node.this), path)

    def json_object(self, node: exp.JSONObject) -> Value:
        parts = []
        for pair in node.expressions:
            parts += [self.value(pair.this), self.value(pair.expression)]
        return documents.json_object(*parts)

    def match_against(self, node: exp.MatchAgainst) -> Value:
        if node.args.get("modifier"):
            raise Refusal("a full-text search in a mode that PostgreSQL does not have")
        document = texts.search_text([self.value(column) for column in node.expressions])
        wanted = as_text(self.value(node.this))
        return Value(
            f"{document} @@ plainto_tsquery('simple'::regconfig, {wanted.sql})",
            Kind.BOOLEAN,
            False,
        )

    # --- functions ---

    def function(self, node: exp.Anonymous) -> Value:
        word = str(node.this).upper()
        arguments = node.expressions
        if word in ("DATE_ADD", "DATE_SUB", "ADDDATE", "SUBDATE"):
            sign = "-" if "SUB" in word else "+"
            if isinstance(arguments[1], exp.Interval):
                return arithmetic.shift(self, arguments[0], arguments[1], sign)
            return moments.shifted(self.value(arguments[0]), self.value(arguments[1]), "DAY", sign)
        if word == "TIMESTAMPDIFF":
            unit = arguments[0].name.upper()
            return moments.between_moments(unit, self.value(arguments[1]), self.value(arguments[2]))
        if word == "TIMESTAMPADD":
            unit = arguments[0].name.upper()
            return moments.shifted(self.value(arguments[2]), self.value(arguments[1]), unit, "+")
        if word == "VALUES" and self.inserted:
            return self.inserted(arguments[0].name)
        if word in AGGREGATES:
            return groups.aggregate(self, word, arguments)
        made = FUNCTIONS.get(word)
        if made is not None:
            try:
                return made(*(self.value(argument) for argument in arguments))
            except TypeError as error:
                raise Refusal(f"{word} is called with {len(arguments)} arguments") from error
        return self._own_function(None, node.name, arguments)

    def _own_function(self, database: str | None, called: str, arguments: list[exp.Expr]) -> Value:
        found = self.catalog.function(database, called)
        if found is None:
            raise Refusal(f"the function {called} has no counterpart")
        sql, declared, types = found
        if len(types) != len(arguments):
            raise Refusal(f"{called} is called with {len(arguments)} arguments")
        inside = ", ".join(
            passed(self.value(argument), type_).sql for argument, type_ in zip(arguments, types, strict=True)
        )
        return Value(f"{sql}({inside})", kind_of(declared), stable=True, loose=self.catalog.loose)

    def dot(self, node: exp.Dot) -> Value:
        """`database.function(…)`."""
        if isinstance(node.expression, exp.Anonymous):
            return self._own_function(node.this.name, node.expression.name, node.expression.expressions)
        raise Refusal(f"{shown(node)} has no counterpart")

    # --- queries inside ---

    def subquery(self, node: exp.Expr) -> Value:
        sql, outputs = self.inner(node)
        if len(outputs) != 1:
            raise Refusal("a query of several columns where one value is wanted")
        return replace(outputs[0], sql=sql, atom=True, constant=None, rough=None, stable=True)

    def exists(self, node: exp.Exists) -> Value:
        return Value(f"exists {self.inner(node.this)[0]}", Kind.BOOLEAN, stable=True)

    def inner(self, node: exp.Expr) -> tuple[str, list[Value]]:
        """A query inside an expression, in parentheses, and what it returns."""
        if self._query is None:
            raise Refusal("a query inside an expression")
        while isinstance(node, exp.Subquery | exp.Paren):
            node = node.this
        sql, outputs = self._query(node, self.scope)
        return f"({sql})", outputs


def _qualifier(value: Value) -> str:
    """The relation of a column, as `"relation"."column"` names it; empty for a variable."""
    found = re.match(r'"((?:[^"]|"")+)"\.', value.sql)
    return found[1].replace('""', '"') if found else ""


# The parts of sqlglot's nodes that are known here: what has another one is refused.
_PARTS = {"this", "expression", "expressions"}
_OWN_PARTS: dict[type, set[str]] = {
    exp.Literal: {"is_string"},
    exp.Identifier: {"quoted"},
    exp.Column: {"table", "db"},
    exp.Like: {"negate"},
    exp.In: {"query"},
    exp.Between: {"low", "high"},
    exp.Div: {"typed", "safe"},
    exp.Case: {"ifs", "default"},
    exp.If: {"true", "false"},
    exp.Cast: {"to"},
    exp.Trim: {"position"},
    exp.Substring: {"start", "length"},
    exp.StrPosition: {"substr"},
    exp.GroupConcat: {"separator"},
    exp.Concat: {"safe", "coalesce"},
    exp.Window: {"partition_by", "order", "spec", "over", "alias"},
    exp.MatchAgainst: {"modifier"},
    exp.JSONExtract: {"only_json_types", "scalar_only"},
    exp.JSONExtractScalar: {"only_json_types", "scalar_only"},
}

_CLOCKS: dict[type[exp.Expr], str] = {
    exp.CurrentTimestamp: "NOW",
    exp.CurrentDate: "CURDATE",
    exp.CurrentTime: "CURTIME",
    exp.Localtime: "NOW",
    exp.Localtimestamp: "NOW",
}

_TRANSLATIONS: dict[type, Callable[[Expressions, Any], Value]] = {
    exp.Literal: Expressions.literal,
    exp.Introducer: Expressions.introducer,
    exp.National: Expressions.national,
    exp.HexString: Expressions.hexadecimal,
    exp.BitString: Expressions.bits,
    exp.Null: Expressions.null,
    exp.Boolean: Expressions.truth,
    exp.Column: Expressions.column,
    exp.Identifier: Expressions.identifier,
    exp.Parameter: Expressions.parameter,
    exp.SessionParameter: Expressions.parameter,
    exp.Paren: Expressions.paren,
    exp.Case: Expressions.case,
    exp.If: Expressions.if_,
    exp.Trim: Expressions.trim,
    exp.Substring: Expressions.substring,
    exp.StrPosition: Expressions.position,
    exp.StDistance: Expressions.distance,
    exp.Extract: Expressions.extract,
    exp.Ceil: Expressions.whole,
    exp.Floor: Expressions.whole,
    **dict.fromkeys(_CLOCKS, Expressions.clock),
    exp.CurrentUser: Expressions.user,
    exp.JSONExtract: Expressions.json_extract,
    exp.JSONExtractScalar: Expressions.json_extract,
    exp.JSONObject: Expressions.json_object,
    exp.MatchAgainst: Expressions.match_against,
    exp.Anonymous: Expressions.function,
    exp.Dot: Expressions.dot,
    exp.Subquery: Expressions.subquery,
    exp.Select: Expressions.subquery,
    exp.Exists: Expressions.exists,
    **conditions.TRANSLATIONS,
    **arithmetic.TRANSLATIONS,
    **casts.TRANSLATIONS,
    **groups.TRANSLATIONS,
}
