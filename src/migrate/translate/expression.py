"""MySQL's expressions as PostgreSQL's, from the leaves up, each with its kind."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from ..mysql import collations
from ..postgres.quoting import literal
from .agreement import comparable, unified
from .functions import (
    AGGREGATES,
    FUNCTIONS,
    WINDOW_FUNCTIONS,
    choices,
    documents,
    moments,
    numbers,
    shapes,
    texts,
)
from .scope import Catalog, Scope
from .values import (
    Kind,
    Refusal,
    Value,
    as_boolean,
    as_number,
    as_text,
    binary,
    call,
    composed,
    kind_of,
    number,
    passed,
    strict,
    text,
)

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "is not distinct from",
}
_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_BITWISE: dict[type[exp.Expr], str] = {
    exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|",
    exp.BitwiseXor: "#",
    exp.BitwiseLeftShift: "<<",
    exp.BitwiseRightShift: ">>",
}


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
        self._grouped: tuple[frozenset[str], frozenset[str]] | None = None

    def group(self, keys: frozenset[str], determined: frozenset[str]) -> None:
        """From here on a group of rows is one: its keys, and the relations that they settle, have one value in it.

        Of all other columns MySQL takes any value of the group, unless ONLY_FULL_GROUP_BY forbids it.
        """
        self._grouped = (keys, determined)

    def boolean(self, node: exp.Expr) -> Value:
        """A condition."""
        return as_boolean(self.value(node))

    def value(self, node: exp.Expr) -> Value:
        """Any expression. Raises Refusal for what has no counterpart."""
        if self._grouped is not None:
            grouped, self._grouped = self._grouped, None
            try:
                alone = self.value(node)
            finally:
                self._grouped = grouped
            if alone.sql in grouped[0]:
                return alone
        unknown = [
            part
            for part, value in node.args.items()
            if value and part not in _PARTS and part not in _OWN_PARTS.get(type(node), ())
        ]
        for kind in type(node).__mro__:
            method = _METHODS.get(kind)
            if method is not None and (not unknown or isinstance(node, exp.Query)):
                return method(self, node)
        raise Refusal(f"{_shown(node)} has no counterpart")

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
        if self._grouped is None or _qualifier(value) in self._grouped[1] or not _qualifier(value):
            return value
        return replace(value, sql=f"(array_agg({value.sql}))[1]")

    def identifier(self, node: exp.Identifier) -> Value:
        return self.scope.column(node.name)

    def parameter(self, node: exp.Expr) -> Value:
        raise Refusal(
            f"it uses the user variable or setting {node.sql('mysql')}, which PostgreSQL does not have"
        )

    # --- operators ---

    def paren(self, node: exp.Paren) -> Value:
        return self.value(node.this)

    def not_(self, node: exp.Not) -> Value:
        inner = node.this
        if isinstance(inner, exp.Is):
            return self._is(inner, "is not")
        if isinstance(inner, exp.In):
            return self._in(inner, "not in")
        if isinstance(inner, exp.Between):
            return self._between(inner, "not between")
        return composed("not {0}", Kind.BOOLEAN, self.boolean(inner))

    def connector(self, node: exp.Connector) -> Value:
        word = "and" if isinstance(node, exp.And) else "or"
        parts = [self.boolean(part) for part in node.flatten()]
        return composed(f" {word} ".join(f"{{{n}}}" for n in range(len(parts))), Kind.BOOLEAN, *parts)

    def xor(self, node: exp.Xor) -> Value:
        return composed("{0} <> {1}", Kind.BOOLEAN, self.boolean(node.this), self.boolean(node.expression))

    def comparison(self, node: exp.Binary) -> Value:
        if isinstance(node.this, exp.Tuple) or isinstance(node.expression, exp.Tuple):
            return self._row_comparison(node)
        left, right = comparable(self.value(node.this), self.value(node.expression))
        return composed(f"{{0}} {_COMPARISONS[type(node)]} {{1}}", Kind.BOOLEAN, left, right)

    def _row_comparison(self, node: exp.Binary) -> Value:
        if not (isinstance(node.this, exp.Tuple) and isinstance(node.expression, exp.Tuple)):
            raise Refusal("a row is compared with a query")
        pairs = [
            comparable(self.value(left), self.value(right))
            for left, right in zip(node.this.expressions, node.expression.expressions, strict=True)
        ]
        left = ", ".join(pair[0].sql for pair in pairs)
        right = ", ".join(pair[1].sql for pair in pairs)
        return Value(f"({left}) {_COMPARISONS[type(node)]} ({right})", Kind.BOOLEAN, atom=False)

    def is_(self, node: exp.Is) -> Value:
        return self._is(node, "is")

    def _is(self, node: exp.Is, operator: str) -> Value:
        if isinstance(node.expression, exp.Null):
            return composed(f"{{0}} {operator} null", Kind.BOOLEAN, self.value(node.this))
        if isinstance(node.expression, exp.Boolean):
            word = "true" if node.expression.this else "false"
            return composed(f"{{0}} {operator} {word}", Kind.BOOLEAN, self.boolean(node.this))
        raise Refusal(f"{_shown(node)} has no counterpart")

    def in_(self, node: exp.In) -> Value:
        return self._in(node, "in")

    def _in(self, node: exp.In, operator: str) -> Value:
        if node.args.get("query"):
            rows, outputs = self._inner(node.args["query"])
            if isinstance(node.this, exp.Tuple):
                left = ", ".join(self.value(part).sql for part in node.this.expressions)
                return Value(f"({left}) {operator} {rows}", Kind.BOOLEAN, atom=False)
            value = self.value(node.this)
            if value.kind is not outputs[0].kind:
                value = comparable(value, outputs[0])[0]
            return composed(f"{{0}} {operator} {rows}", Kind.BOOLEAN, value)
        if isinstance(node.this, exp.Tuple):
            raise Refusal("a row in a list of rows")
        value = self.value(node.this)
        pairs = [comparable(value, self.value(member)) for member in node.expressions]
        subjects = {pair[0].sql: pair[0] for pair in pairs}
        if len(subjects) != 1:
            raise Refusal("the members of a list are of several types")
        members = ", ".join(pair[1].sql for pair in pairs)
        return composed(f"{{0}} {operator} ({members})", Kind.BOOLEAN, next(iter(subjects.values())))

    def between(self, node: exp.Between) -> Value:
        return self._between(node, "between")

    def _between(self, node: exp.Between, operator: str) -> Value:
        value, low = comparable(self.value(node.this), self.value(node.args["low"]))
        _, high = comparable(self.value(node.this), self.value(node.args["high"]))
        return composed(f"{{0}} {operator} {{1}} and {{2}}", Kind.BOOLEAN, value, low, high)

    def like(self, node: exp.Like) -> Value:
        return self._like(node)

    def _like(self, node: exp.Like, escape: str = "") -> Value:
        negation = "not " if node.args.get("negate") else ""
        subject, pattern = self.value(node.this), self.value(node.expression)
        word = "like" if subject.exact or pattern.exact else "ilike"
        return composed(
            f"{{0}} {negation}{word} {{1}}{escape}",
            Kind.BOOLEAN,
            strict(as_text(subject)),
            strict(as_text(pattern)),
        )

    def escape(self, node: exp.Escape) -> Value:
        mark = self.value(node.expression)
        like = node.this
        if not isinstance(like, exp.Like) or mark.constant is None:
            raise Refusal(f"{_shown(node)} has no counterpart")
        return self._like(like, f" escape {literal(mark.constant)}")

    def regexp(self, node: exp.RegexpLike) -> Value:
        subject, pattern = self.value(node.this), self.value(node.expression)
        operator = "~" if subject.exact or pattern.exact else "~*"
        return composed(
            f"{{0}} {operator} {{1}}", Kind.BOOLEAN, strict(as_text(subject)), strict(as_text(pattern))
        )

    def arithmetic(self, node: exp.Binary) -> Value:
        sign = _ARITHMETIC[type(node)]
        for own, other in ((node.expression, node.this), (node.this, node.expression)):
            if isinstance(own, exp.Interval):
                return self._shift(other, own, sign)
        left, right = as_number(self.value(node.this)), as_number(self.value(node.expression))
        kind = next((k for k in (Kind.DOUBLE, Kind.NUMERIC) if k in (left.kind, right.kind)), Kind.INTEGER)
        if kind is Kind.INTEGER and left.constant is None and right.kind is Kind.INTEGER:
            left = composed("{0}::bigint", Kind.INTEGER, left, atom=True)  # MySQL counts in 64 bits
        scale = None
        scales = (_scale(left), _scale(right))
        if scales[0] is not None and scales[1] is not None:
            scale = scales[0] + scales[1] if sign == "*" else max(scales[0], scales[1])
        return replace(composed(f"{{0}} {sign} {{1}}", kind, left, right), scale=scale)

    def divided(self, node: exp.Div) -> Value:
        left, right = as_number(self.value(node.this)), as_number(self.value(node.expression))
        divisor = right.inner if right.constant and float(right.constant) else f"nullif({right.sql}, 0)"
        stable = left.stable or right.stable
        if Kind.DOUBLE in (left.kind, right.kind):
            return Value(f"{left.inner}::double precision / {divisor}", Kind.DOUBLE, False, stable=stable)
        quotient = f"{left.inner}::numeric / {divisor}"
        scale = _scale(left)
        if scale is None:
            return Value(quotient, Kind.NUMERIC, False, stable=stable)
        # MySQL keeps four digits more than the dividend has (div_precision_increment).
        return Value(f"round({quotient}, {scale + 4})", Kind.NUMERIC, scale=scale + 4, stable=stable)

    def whole_division(self, node: exp.IntDiv) -> Value:
        left, right = as_number(self.value(node.this)), as_number(self.value(node.expression))
        return composed(
            "trunc({0}::numeric / nullif({1}, 0)::numeric)::bigint", Kind.INTEGER, left, right, atom=True
        )

    def modulo(self, node: exp.Mod) -> Value:
        return numbers.modulo(self.value(node.this), self.value(node.expression))

    def negative(self, node: exp.Neg) -> Value:
        value = as_number(self.value(node.this))
        if value.constant is not None and not value.constant.startswith("-"):
            return Value(f"-{value.sql}", value.kind, False, f"-{value.constant}", value.scale)
        return replace(composed("-{0}", value.kind, value), scale=value.scale)

    def bitwise(self, node: exp.Binary) -> Value:
        sides = [as_number(self.value(side)) for side in (node.this, node.expression)]
        template = f"{{0}}::bigint {_BITWISE[type(node)]} {{1}}::" + (
            "integer" if isinstance(node, exp.BitwiseLeftShift | exp.BitwiseRightShift) else "bigint"
        )
        return composed(template, Kind.INTEGER, *sides)

    def _shift(self, moment: exp.Expr, interval: exp.Interval, sign: str) -> Value:
        if interval.this is None or interval.unit is None:
            raise Refusal(f"{_shown(interval)} has no counterpart")
        amount = self.value(interval.this)
        if amount.constant is not None and amount.kind is Kind.TEXT:
            amount = as_number(amount)
        return moments.shifted(self.value(moment), amount, interval.unit.name.upper(), sign)

    # --- forms with a grammar of their own ---

    def case(self, node: exp.Case) -> Value:
        branches = node.args["ifs"]
        results = [self.value(branch.args["true"]) for branch in branches]
        default = node.args.get("default")
        results.append(self.value(default) if default else Value("null", Kind.NULL))
        results, kind = unified(results)
        subject = self.value(node.this) if node.this else None
        whens = []
        for branch, result in zip(branches, results, strict=False):
            if subject is None:
                condition = self.boolean(branch.this).sql
            else:
                left, right = comparable(subject, self.value(branch.this))
                condition = f"{left.inner} = {right.inner}"
            whens.append(f"when {condition} then {result.sql}")
        otherwise = f" else {results[-1].sql}" if default else ""
        stable = any(result.stable for result in results)
        return Value(f"case {' '.join(whens)}{otherwise} end", kind, stable=stable)

    def if_(self, node: exp.If) -> Value:
        otherwise = node.args.get("false")
        if otherwise is None:
            raise Refusal("IF() with two arguments")
        return choices.if_else(self.value(node.this), self.value(node.args["true"]), self.value(otherwise))

    def cast(self, node: exp.Cast) -> Value:
        value, target = self.value(node.this), node.to
        word = target.this.value if isinstance(target.this, exp.DataType.Type) else str(target.this)
        arguments = [part.name for part in target.expressions]
        if word in ("CHAR", "VARCHAR", "NCHAR", "NVARCHAR", "TEXT", "CHARACTER_SET"):
            if word == "CHARACTER_SET" and str(target.args.get("kind")).lower() == "binary":
                raise Refusal("a conversion to bytes")
            result = as_text(value)
            return call("left", Kind.TEXT, result, number(arguments[0])) if arguments else result
        if word in ("BINARY", "VARBINARY"):
            return value if value.kind is Kind.BYTES else replace(strict(as_text(value)), exact=True)
        if word in ("BIGINT", "UBIGINT", "INT", "UINT"):
            return self._integer(value)
        if word in ("DECIMAL", "UDECIMAL"):
            digits = ", ".join([*arguments, "0"][:2]) if arguments else "10, 0"
            number_value = value if value.kind is Kind.TEXT else as_number(value)
            return Value(
                f"{number_value.inner}::numeric({digits})",
                Kind.NUMERIC,
                scale=int(digits.rpartition(" ")[2]),
                stable=value.stable,
            )
        if word in ("DOUBLE", "FLOAT"):
            return composed("{0}::double precision", Kind.DOUBLE, as_number(value), atom=True)
        if word == "DATE":
            return FUNCTIONS["DATE"](value)
        if word in ("DATETIME", "TIMESTAMP"):
            return FUNCTIONS["TIMESTAMP"](value)
        if word == "TIME":
            return FUNCTIONS["TIME"](value)
        if word == "JSON":
            return documents.as_json(value)
        raise Refusal(f"{_shown(node)} has no counterpart")

    def _integer(self, value: Value) -> Value:
        if value.kind is Kind.INTEGER:
            return value
        if value.kind is Kind.TEXT and value.constant is None:
            raise Refusal("a string is cut to its leading number")
        template = "round({0}::numeric)::bigint"
        return composed(template, Kind.INTEGER, as_number(value), atom=True)

    def collate(self, node: exp.Collate) -> Value:
        value = self.value(node.this)
        exact = not collations.of(node.expression.name, charset="").ignores_case
        return replace(strict(value) if exact else value, exact=exact)

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
                return self._shift(arguments[0], arguments[1], sign)
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
            return self._aggregate(word, arguments)
        made = FUNCTIONS.get(word)
        if made is not None:
            try:
                return made(*(self.value(argument) for argument in arguments))
            except TypeError as error:
                raise Refusal(f"{word} is called with {len(arguments)} arguments") from error
        return self._own_function(None, str(node.this), arguments)

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
        return Value(f"{sql}({inside})", kind_of(declared), stable=True)

    def dot(self, node: exp.Dot) -> Value:
        """`database.function(…)`."""
        if isinstance(node.expression, exp.Anonymous):
            return self._own_function(node.this.name, str(node.expression.this), node.expression.expressions)
        raise Refusal(f"{_shown(node)} has no counterpart")

    def _aggregate(self, word: str, arguments: list[exp.Expr]) -> Value:
        # Inside an aggregate every column may stand for itself.
        outside, self._grouped = self._grouped, None
        try:
            if word == "COUNT" and isinstance(arguments[0], exp.Star):
                return Value("count(*)", Kind.INTEGER, scale=0)
            if not isinstance(arguments[0], exp.Distinct):
                return AGGREGATES[word](*(self.value(argument) for argument in arguments))
            values = [self.value(part) for part in arguments[0].expressions]
            if word == "COUNT" and len(values) > 1:
                nulls = " or ".join(f"{value.inner} is null" for value in values)
                row = ", ".join(value.sql for value in values)
                return Value(f"count(distinct case when not ({nulls}) then ({row}) end)", Kind.INTEGER)
            made = AGGREGATES[word](*values)
            opened = made.sql.replace(f"{word.lower()}(", f"{word.lower()}(distinct ", 1)
            return replace(made, sql=opened)
        finally:
            self._grouped = outside

    def group_concat(self, node: exp.GroupConcat) -> Value:
        outside, self._grouped = self._grouped, None
        try:
            inner, order = node.this, None
            if isinstance(inner, exp.Order):
                inner, order = inner.this, inner
            distinct = isinstance(inner, exp.Distinct)
            values = [self.value(part) for part in (inner.expressions if distinct else [inner])]
            separator = node.args.get("separator")
            joined = texts.concatenated(*values)
            mark = self.value(separator) if separator else text(",")
            ordering = ""
            if order is not None and distinct:
                return self._distinct_concat(joined, mark, order)
            if order is not None:
                keys = []
                for key in order.expressions:
                    value = self.value(key.this)
                    same = value.sql in (values[0].sql, joined.sql)
                    keys.append(ordered(joined.sql if same else value.sql, key))
                ordering = " order by " + ", ".join(keys)
            elif distinct:
                ordering = f" order by {joined.sql}"
            start = "distinct " if distinct else ""
            return Value(f"string_agg({start}{joined.sql}, {mark.sql}{ordering})", Kind.TEXT)
        finally:
            self._grouped = outside

    def _distinct_concat(self, joined: Value, mark: Value, order: exp.Order) -> Value:
        """GROUP_CONCAT of distinct values in the order of something else, which string_agg cannot have."""
        [key, *others] = order.expressions
        if others:
            raise Refusal("GROUP_CONCAT of distinct values in the order of several")
        by = self.value(key.this)
        if by.sql == joined.sql:
            start = f"string_agg(distinct {joined.sql}, {mark.sql} order by "
            return Value(f"{start}{ordered(joined.sql, key)})", Kind.TEXT)
        pairs = f"unnest(array_agg({joined.sql}), array_agg({by.sql})) as pairs (value, place)"
        once = f"select value, min(place) as place from {pairs} where value is not null group by value"
        joining = f"string_agg(value, {mark.sql} order by {ordered('place', key)})"
        return Value(f"(select {joining} from ({once}) as once)", Kind.TEXT)

    def concat(self, node: exp.Concat) -> Value:
        """The several values of one GROUP_CONCAT."""
        return texts.concatenated(*(self.value(part) for part in node.expressions))

    def window(self, node: exp.Window) -> Value:
        inner = node.this
        word = str(inner.this).upper() if isinstance(inner, exp.Anonymous) else ""
        if word in WINDOW_FUNCTIONS:
            arguments = [self.value(argument) for argument in inner.expressions]
            kind = WINDOW_FUNCTIONS[word]
            if kind is Kind.OTHER and arguments:
                kind = arguments[0].kind
            made = call(word.lower(), kind, *arguments)
        elif word in AGGREGATES:
            made = self._aggregate(word, inner.expressions)
        else:
            raise Refusal(f"{_shown(node)} has no counterpart")
        if node.args.get("alias"):
            raise Refusal("a named window")
        parts = []
        if node.args.get("partition_by"):
            parts.append(
                "partition by " + ", ".join(self.value(key).sql for key in node.args["partition_by"])
            )
        if node.args.get("order"):
            keys = node.args["order"].expressions
            parts.append("order by " + ", ".join(ordered(self.value(key.this).sql, key) for key in keys))
        if node.args.get("spec"):
            parts.append(node.args["spec"].sql("postgres").lower())
        return replace(made, sql=f"{made.sql} over ({' '.join(parts)})")

    # --- queries inside ---

    def subquery(self, node: exp.Expr) -> Value:
        sql, outputs = self._inner(node)
        if len(outputs) != 1:
            raise Refusal("a query of several columns where one value is wanted")
        return Value(sql, outputs[0].kind, scale=outputs[0].scale, stable=True)

    def exists(self, node: exp.Exists) -> Value:
        return Value(f"exists {self._inner(node.this)[0]}", Kind.BOOLEAN, stable=True)

    def _inner(self, node: exp.Expr) -> tuple[str, list[Value]]:
        if self._query is None:
            raise Refusal("a query inside an expression")
        while isinstance(node, exp.Subquery | exp.Paren):
            node = node.this
        sql, outputs = self._query(node, self.scope)
        return f"({sql})", outputs


def ordered(sql: str, key: exp.Expr) -> str:
    """A sort key: MySQL takes NULL for the smallest value, PostgreSQL for the largest."""
    return f"{sql} desc nulls last" if key.args.get("desc") else f"{sql} nulls first"


def _qualifier(value: Value) -> str:
    """The relation of a column, as `"relation"."column"` names it; empty for a variable."""
    found = re.match(r'"((?:[^"]|"")+)"\.', value.sql)
    return found[1].replace('""', '"') if found else ""


def _scale(value: Value) -> int | None:
    return 0 if value.kind is Kind.INTEGER else value.scale


def _shown(node: exp.Expr) -> str:
    sql = node.sql("mysql")
    return sql if len(sql) <= 60 else sql[:57] + "…"


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

_METHODS: dict[type, Callable[[Expressions, Any], Value]] = {
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
    exp.Not: Expressions.not_,
    exp.Xor: Expressions.xor,
    exp.And: Expressions.connector,
    exp.Or: Expressions.connector,
    **dict.fromkeys(_COMPARISONS, Expressions.comparison),
    **dict.fromkeys(_ARITHMETIC, Expressions.arithmetic),
    **dict.fromkeys(_BITWISE, Expressions.bitwise),
    exp.Is: Expressions.is_,
    exp.In: Expressions.in_,
    exp.Between: Expressions.between,
    exp.Like: Expressions.like,
    exp.Escape: Expressions.escape,
    exp.RegexpLike: Expressions.regexp,
    exp.Div: Expressions.divided,
    exp.IntDiv: Expressions.whole_division,
    exp.Mod: Expressions.modulo,
    exp.Neg: Expressions.negative,
    exp.Case: Expressions.case,
    exp.If: Expressions.if_,
    exp.Cast: Expressions.cast,
    exp.Collate: Expressions.collate,
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
    exp.GroupConcat: Expressions.group_concat,
    exp.Concat: Expressions.concat,
    exp.Window: Expressions.window,
    exp.Subquery: Expressions.subquery,
    exp.Select: Expressions.subquery,
    exp.Exists: Expressions.exists,
}
