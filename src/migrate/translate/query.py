"""MySQL's queries as PostgreSQL's."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from ..postgres.quoting import name
from .agreement import unified
from .expression import Expressions
from .functions import AGGREGATES
from .groups import ordered
from .scope import Catalog, Column, Relation, Scope, own_name
from .values import Kind, Loose, Refusal, Value, assigned, keyed

_SELECT_ARGS = {
    "expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct", "with_",
    "locks", "into", "kind", "hint", "operation_modifiers",
}  # fmt: skip


@dataclass
class Query:
    """A translated query: the columns it returns, and the text before and after them."""

    outputs: list[tuple[str, Value]]
    before: str = "select "
    after: str = ""
    # The sides of a union, whose columns have to be of the same kinds.
    sides: list["Query"] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    # MySQL's own names of the columns, by the names they have here.
    titles: dict[str, str] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """The text of the query."""
        if self.sides:
            parts = [self.sides[0].sql]
            for link, side in zip(self.links, self.sides[1:], strict=True):
                parts += [link, side.sql]
            return self.before + " ".join(parts) + self.after
        listed = ", ".join(_named(value, output) for output, value in self.outputs)
        return self.before + listed + self.after

    def convert(self, column: int, to: Callable[[Value], Value]) -> None:
        """Bring one column to another kind."""
        for side in self.sides:
            side.convert(column, to)
        output, value = self.outputs[column]
        self.outputs[column] = (output, to(value))

    def columns(self) -> dict[str, Column]:
        """What it returns, as the columns of a relation."""
        return {
            output: Column(output, value.kind, None, value.exact, loose=value.loose, padded=value.padded)
            for output, value in self.outputs
        }


def _named(value: Value, output: str) -> str:
    own = name(output)
    return value.sql if value.sql == own or value.sql.endswith(f".{own}") else f"{value.sql} as {own}"


class Queries:
    """Translates queries against a catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._temporary: list[dict[str, Relation]] = [{}]

    def define(self, table: str, relation: Relation) -> None:
        """A relation that exists only here: a common table expression or temporary table."""
        self._temporary[-1][table.lower()] = relation

    def expressions(self, scope: Scope) -> Expressions:
        """The translator of expressions within a scope."""
        return Expressions(self.catalog, scope, self._inner)

    def _inner(self, node: exp.Expr, outer: Scope) -> tuple[str, list[Value]]:
        query = self.query(node, outer)
        return query.sql, [value for _, value in query.outputs]

    def query(self, node: exp.Expr, outer: Scope | None = None) -> Query:
        """A SELECT or UNION. Raises Refusal."""
        self._temporary.append(dict(self._temporary[-1]))
        try:
            heading = self._with(node, outer)
            while isinstance(node, exp.Subquery) and isinstance(node.this, exp.Query):
                node = node.this
            if isinstance(node, exp.SetOperation):
                query = self._union(node, outer)
            elif isinstance(node, exp.Select):
                query = self._select(node, outer)
            else:
                raise Refusal(f"a {node.key} is not a query")
            query.before = heading + query.before
            return query
        finally:
            self._temporary.pop()

    def _with(self, node: exp.Expr, outer: Scope | None) -> str:
        clause = node.args.get("with_")
        if clause is None:
            return ""
        if clause.args.get("recursive"):
            raise Refusal("a recursive query, whose columns' types PostgreSQL decides differently")
        parts = []
        for part in clause.expressions:
            query = self.query(part.this, outer)
            names = [column.name for column in part.args["alias"].columns]
            query.outputs = [
                (own_name(new), value)
                for new, (_, value) in zip(
                    names or [old for old, _ in query.outputs], query.outputs, strict=True
                )
            ]
            alias = own_name(part.alias)
            listed = ", ".join(name(output) for output, _ in query.outputs)
            self.define(part.alias, Relation(name(alias), query.columns()))
            parts.append(f"{name(alias)} ({listed}) as ({query.sql})")
        return f"with {', '.join(parts)} "

    def _union(self, node: exp.SetOperation, outer: Scope | None) -> Query:
        left, right = self.query(node.this, outer), self.query(node.expression, outer)
        if len(left.outputs) != len(right.outputs):
            raise Refusal("the sides of a union have different numbers of columns")
        for place, ((_, one), (_, other)) in enumerate(zip(left.outputs, right.outputs, strict=True)):
            (wanted, also), _ = unified([one, other])
            loose = {Loose.CITEXT, Loose.FOLDED} & {one.loose, other.loose} and not (one.exact or other.exact)
            for query, old, new in ((left, one, wanted), (right, other, also)):
                if new is not old:
                    query.convert(place, lambda value, kind=new.kind: assigned(value, kind))  # type: ignore[misc]
                if loose and node.args.get("distinct"):
                    query.convert(place, lambda value: keyed(_beside_citext(value)))
        if isinstance(node, exp.Union):
            link = "union" if node.args.get("distinct") else "union all"
        else:
            link = {"except": "except", "intersect": "intersect"}[node.key]
        for side, inner in ((left, node.this), (right, node.expression)):
            if isinstance(inner, exp.Subquery) or side.after.find(" order by ") >= 0:
                side.before, side.after = "(" + side.before, side.after + ")"
        after = ""
        if node.args.get("order"):
            keys = []
            for key in node.args["order"].expressions:
                if isinstance(key.this, exp.Literal):
                    keys.append(ordered(key.this.name, key))
                elif isinstance(key.this, exp.Column) and not key.this.table:
                    keys.append(ordered(name(own_name(key.this.name)), key))
                else:
                    raise Refusal("a union in the order of an expression")
            after = " order by " + ", ".join(keys)
        after += self._limits(node, Scope(outer))
        before, outputs = "", [(output, replace(value, sql=name(output))) for output, value in left.outputs]
        told_apart = [self.expressions(Scope(outer)).key(value).sql for _, value in outputs]
        if link == "union" and any(
            key != value.sql for key, (_, value) in zip(told_apart, outputs, strict=True)
        ):
            link, listed = "union all", ", ".join(_named(_first(value), output) for output, value in outputs)
            before, after = (
                f"select {listed} from (",
                f") as migrate_union group by {', '.join(told_apart)}{after}",
            )
        return Query(list(left.outputs), before, after, [left, right], [link], left.titles)

    def _select(self, node: exp.Select, outer: Scope | None) -> Query:
        unknown = [key for key, value in node.args.items() if value and key not in _SELECT_ARGS]
        if unknown:
            raise Refusal(f"a query with {unknown[0]}")
        scope = Scope(outer)
        after = self._from(node, scope)
        expressions = self.expressions(scope)
        keys, grouping = self._group(node, expressions)
        aggregated = bool(keys) or any(_aggregates(node))
        conditions = [node.args["where"].this] if node.args.get("where") else []
        having = node.args["having"].this if node.args.get("having") else None
        if having is not None and not aggregated:
            conditions.append(_with_aliases(having, node))
            having = None
        if conditions:
            parts = [expressions.boolean(condition) for condition in conditions]
            after += " where " + " and ".join(p.sql if len(parts) == 1 else p.inner for p in parts)
        after += grouping
        if aggregated:
            expressions.group(keys, _determined(scope, keys))
        outputs = list(self._outputs(node, scope, expressions))
        if having is not None:
            after += f" having {expressions.boolean(_with_aliases(having, node)).sql}"
        if node.args.get("order"):
            after += self._order(node, expressions, [output for output, _ in outputs])
        unlimited = after
        after += self._limits(node, scope)
        for lock in node.args.get("locks") or []:
            after += " for update" if lock.args.get("update") else " for share"
        distinct = node.args.get("distinct")
        if distinct and distinct.args.get("on"):
            raise Refusal("DISTINCT ON")
        if distinct:
            outputs = [(output, keyed(value)) for output, value in outputs]
            told_apart = [expressions.key(value).sql for _, value in outputs if _varies(value)]
            if any(value.sql not in told_apart for _, value in outputs if _varies(value)):
                if aggregated or node.args.get("order"):
                    raise Refusal(
                        "DISTINCT of groups, or in an order, of text whose blanks at the end do not count"
                    )
                distinct, outputs = None, [(output, _first(value)) for output, value in outputs]
                after = f"{unlimited} group by {', '.join(told_apart)}{after.removeprefix(unlimited)}"
        titles = {own_name(_output_name(c)): _output_name(c) for c in node.expressions if not c.is_star}
        return Query(outputs, "select distinct " if distinct else "select ", after, titles=titles)

    def _outputs(
        self, node: exp.Select, scope: Scope, expressions: Expressions
    ) -> Iterator[tuple[str, Value]]:
        for column in node.expressions:
            star = column if isinstance(column, exp.Star) else column.this
            if isinstance(star, exp.Star):
                of = column.table if isinstance(column, exp.Column) else None
                starred = scope.star(of) if of else self._starred(node, scope)
                yield from ((found.name, found.value(qualifier)) for qualifier, found in starred)
                continue
            inner = column.this if isinstance(column, exp.Alias) else column
            value = expressions.value(inner)
            if value.kind is Kind.TEXT and value.constant is not None:
                value = replace(value, sql=f"{value.sql}::text", constant=None)
            yield own_name(_output_name(column)), value

    def _starred(self, node: exp.Select, scope: Scope) -> list[tuple[str, Column]]:
        """What `*` stands for: the columns that a join has in common come once, and first."""
        joins = node.args.get("joins") or []
        relations = list(scope.relations())
        if not any(map(_common, joins)):
            return list(scope.star())
        if len(relations) != len(joins) + 1:
            raise Refusal("a star over nested joins with USING")
        columns: list[tuple[str, Column]] = []
        for (qualifier, relation), join in zip(relations, [None, *joins], strict=True):
            using = {own_name(column.name) for column in (join.args.get("using") or [] if join else [])}
            columns.sort(key=lambda one: one[1].name not in using)
            columns += [(qualifier, one) for one in relation.columns.values() if one.name not in using]
        return columns

    # --- FROM ---

    def _from(self, node: exp.Expr, scope: Scope) -> str:
        clause = node.args.get("from_")
        if clause is None:
            return ""
        first = clause.this
        joins = [*(first.args.get("joins") or []), *(node.args.get("joins") or [])]
        if isinstance(first, exp.Table) and first.name.lower() == "dual" and not joins:
            return ""
        return f" from {self.source(first, scope)}{self._joins(node.args.get('joins') or [], scope)}"

    def source(self, node: exp.Expr, scope: Scope) -> str:
        """A table, derived table or parenthesised join of a FROM clause, with the joins that hang on it."""
        if isinstance(node, exp.Table):
            sql = self.table(node, scope)
        elif (
            isinstance(node, exp.Subquery)
            and isinstance(node.this, exp.Query)
            and not isinstance(node.this, exp.Table | exp.Subquery)
        ):
            query = self.query(node.this, scope.outer)
            alias = own_name(node.alias)
            names = [column.name for column in node.args["alias"].columns] if node.args.get("alias") else []
            if not alias or names:
                raise Refusal("a derived table without a name, or with a list of columns")
            scope.add(node.alias, Relation(name(alias), query.columns()), alias)
            sql = f"({query.sql}) as {name(alias)}"
        elif isinstance(node, exp.Subquery):
            sql = f"({self.source(node.this, scope)})"
        else:
            raise Refusal(f"{node.key} in FROM")
        return sql + self._joins(node.args.get("joins") or [], scope)

    def relation(self, node: exp.Table) -> Relation:
        """The relation that a table of a statement is."""
        if not isinstance(node.this, exp.Identifier):
            raise Refusal("a table function")
        temporary = self._temporary[-1].get(node.name.lower())
        if temporary is not None and not node.db:
            return temporary
        return self.catalog.relation(node.db or None, node.name)

    def table(self, node: exp.Table, scope: Scope) -> str:
        relation = self.relation(node)
        alias = own_name(node.alias or node.name)
        scope.add(node.alias or node.name, relation, alias)
        if node.args.get("partition"):
            raise Refusal("a query of one partition")
        return relation.sql if relation.name == alias else f"{relation.sql} as {name(alias)}"

    def _joins(self, joins: list[exp.Join], scope: Scope) -> str:
        sql = ""
        for join in joins:
            side = str(join.side).lower()
            before = {column.name: column.value(qualifier) for qualifier, column in scope.star()}
            right = self.source(join.this, scope)
            if join.args.pop("method", None):
                _, joined = list(scope.relations())[-1]
                names = [column.name for column in joined.columns.values() if column.name in before]
                join.set("using", [exp.to_identifier(name) for name in names])
            using = join.args.get("using")
            if using and side == "right":
                raise Refusal("a right join with USING")
            condition = ""
            if join.args.get("on"):
                condition = f" on {self.expressions(scope).boolean(join.args['on']).sql}"
            elif using:
                condition = self._shared([own_name(column.name) for column in using], before, scope)
            word = f"{side} join" if side else ("join" if condition else "cross join")
            if side and not condition:
                raise Refusal("an outer join without a condition")
            nested = (
                right if not isinstance(join.this, exp.Subquery) or right.startswith("(") else f"({right})"
            )
            sql += f" {word} {nested}{condition}"
        return sql

    def _shared(self, columns: list[str], before: Mapping[str, Value], scope: Scope) -> str:
        """The condition of a join for columns of the same names; `before` are those on its left."""
        qualifier, relation = list(scope.relations())[-1]
        compared = []
        for column in columns:
            right = relation.column(column)
            if column not in before or right is None:
                raise Refusal(f"a join with USING has no column {column} on both sides")
            compared.append(self.expressions(scope).comparable(before[column], right.value(qualifier)))
        if all(one.sql == before[column].sql for column, (one, _) in zip(columns, compared, strict=True)):
            return " using (" + ", ".join(map(name, columns)) + ")"
        return " on " + " and ".join(f"{left.inner} = {right.inner}" for left, right in compared)

    # --- GROUP BY, ORDER BY, LIMIT ---

    def _group(self, node: exp.Select, expressions: Expressions) -> tuple[dict[str, Value], str]:
        group = node.args.get("group")
        if group is None:
            return {}, ""
        keys, listed = {}, []
        for key in group.expressions:
            chosen = key
            if isinstance(key, exp.Literal) and not key.is_string:
                chosen = node.expressions[int(key.name) - 1]
                chosen = chosen.this if isinstance(chosen, exp.Alias) else chosen
            elif isinstance(key, exp.Column) and not key.table:
                chosen = _column_or_alias(key, node, expressions.scope)
            value = expressions.value(chosen)
            listed.append(expressions.key(value).sql)
            keys[value.sql] = _first(value) if expressions.key(value) != keyed(value) else keyed(value)
        by = ", ".join(listed)
        return keys, f" group by rollup ({by})" if group.args.get("rollup") else f" group by {by}"

    def _order(self, node: exp.Select, expressions: Expressions, outputs: list[str]) -> str:
        keys = []
        for key in node.args["order"].expressions:
            subject = key.this
            if isinstance(subject, exp.Literal) and not subject.is_string:
                keys.append(ordered(subject.name, key))
                continue
            if isinstance(subject, exp.Column) and not subject.table and own_name(subject.name) in outputs:
                own = own_name(subject.name)
                hidden = expressions.scope.hides(own)
                keys.append(ordered(str(outputs.index(own) + 1) if hidden else name(own), key))
                continue
            keys.append(ordered(keyed(expressions.value(_with_aliases(subject, node))).sql, key))
        return " order by " + ", ".join(keys)

    def _limits(self, node: exp.Expr, scope: Scope) -> str:
        sql = ""
        for word in ("limit", "offset"):
            clause = node.args.get(word)
            if clause is not None:
                sql += f" {word} {self.expressions(scope).value(clause.expression).sql}"
        return sql


def _first(value: Value) -> Value:
    """Any value of a group, as MySQL shows that of its first row."""
    return replace(value, sql=f"(array_agg({value.sql}))[1]", atom=True) if _varies(value) else value


def _varies(value: Value) -> bool:
    return value.constant is None and value.kind is not Kind.NULL


def _beside_citext(value: Value) -> Value:
    return value if value.loose is Loose.CITEXT else replace(value, loose=Loose.FOLDED)


def _common(join: exp.Join) -> bool:
    return bool(join.args.get("using") or join.args.get("method"))


def _output_name(column: exp.Expr) -> str:
    if isinstance(column, exp.Alias | exp.Column):
        return str(column.alias_or_name)
    return column.sql("mysql")


def _aggregates(node: exp.Select) -> Iterator[exp.Expr]:
    """The aggregates of a query itself, not of the queries and windows inside it."""
    clauses = [*node.expressions, node.args.get("having"), node.args.get("order")]
    for clause in clauses:
        if clause is None:
            continue
        for found in clause.walk(
            prune=lambda inner: isinstance(inner, exp.Query | exp.Subquery | exp.Window)
        ):
            named = isinstance(found, exp.Anonymous) and str(found.this).upper() in AGGREGATES
            if named or isinstance(found, exp.GroupConcat):
                yield found


def _aliases(node: exp.Select) -> dict[str, exp.Expr]:
    return {column.alias.lower(): column.this for column in node.expressions if isinstance(column, exp.Alias)}


def _with_aliases(condition: exp.Expr, node: exp.Select) -> exp.Expr:
    """HAVING and ORDER BY with the aliases of the select list in place of their names."""
    aliases = _aliases(node)

    def put(inner: exp.Expr) -> exp.Expr:
        if isinstance(inner, exp.Column) and not inner.table and inner.name.lower() in aliases:
            return exp.paren(aliases[inner.name.lower()].copy())
        return inner

    return condition.copy().transform(put)


def _column_or_alias(key: exp.Column, node: exp.Select, scope: Scope) -> exp.Expr:
    try:
        scope.column(key.name)
    except Refusal:
        return _aliases(node).get(key.name.lower(), key)
    return key


def _determined(scope: Scope, keys: Collection[str]) -> frozenset[str]:
    """The relations whose every column is settled by the group: their primary key is part of it."""
    return frozenset(
        qualifier
        for qualifier, relation in scope.relations()
        if relation.key
        and all(relation.columns[column].value(qualifier).sql in keys for column in relation.key)
    )


def has_one_row(node: exp.Expr) -> bool:
    """Whether a query always returns exactly one row: an aggregate of everything."""
    if not isinstance(node, exp.Select) or any(
        node.args.get(part) for part in ("group", "having", "limit", "offset")
    ):
        return False
    return node.args.get("from_") is None or any(_aggregates(node))
