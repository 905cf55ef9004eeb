"""MySQL's statements that change rows as PostgreSQL's."""

from dataclasses import dataclass
from functools import partial

from sqlglot import exp

from ..postgres.quoting import literal, name
from .expression import Expressions
from .groups import ordered
from .query import Queries
from .scope import Column, Relation, Scope, own_name
from .storing import held
from .values import Kind, Refusal, Value, assigned, composed


class Changes:
    """Translates INSERT, UPDATE and DELETE; `queries` translates what they read."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def insert(self, node: exp.Insert, scope: Scope, *, replacing: bool = False) -> str:
        """INSERT, with ON DUPLICATE KEY UPDATE and IGNORE, or REPLACE."""
        target = node.this
        listed = (
            [column.name.lower() for column in target.expressions] if isinstance(target, exp.Schema) else []
        )
        table = target.this if isinstance(target, exp.Schema) else target
        relation = self._queries.relation(table)
        columns = [_column_of(relation, column) for column in listed] or list(relation.columns.values())
        rows = self._inserted(node.expression, relation, columns, scope)
        names = ", ".join(name(column.name) for column in columns)
        alias = relation.name
        sql = f"insert into {relation.sql} ({names}) {rows}"
        conflict = node.args.get("conflict")
        if replacing:
            if len(columns) != len(relation.columns):
                raise Refusal("REPLACE of some columns sets the others to their defaults")
            sets = ", ".join(f"{name(c.name)} = excluded.{name(c.name)}" for c in columns)
            return f"{sql} on conflict ({_conflicting(relation, columns, scope)}) do update set {sets}"
        if conflict is not None:
            inner = Scope(scope)
            inner.add(table.name, relation, alias)
            expressions = self._queries.expressions(inner)
            expressions.inserted = lambda column: _column_of(relation, column.lower()).value("excluded")
            sets = self._sets(conflict.expressions, relation, expressions)
            return f"{sql} on conflict ({_conflicting(relation, columns, scope)}) do update set {sets}"
        return sql + (" on conflict do nothing" if node.args.get("ignore") else "")

    def merging(self, node: exp.Insert) -> str:
        """The assignments of ON DUPLICATE KEY UPDATE as an UPDATE has them; `migrate_row` is the row that came."""
        table = node.this.this if isinstance(node.this, exp.Schema) else node.this
        relation = self._queries.relation(table)
        scope = Scope()
        scope.add(table.name, relation, relation.name)
        expressions = self._queries.expressions(scope)
        expressions.inserted = lambda column: _column_of(relation, column.lower()).value("migrate_row")
        return self._sets(node.args["conflict"].expressions, relation, expressions)

    def _inserted(self, node: exp.Expr, relation: Relation, columns: list[Column], scope: Scope) -> str:
        if isinstance(node, exp.Values):
            rows = []
            for row in node.expressions:
                values = row.expressions if isinstance(row, exp.Tuple) else [row]
                if len(values) != len(columns):
                    raise Refusal("an INSERT has more values than columns, or fewer")
                inside = (
                    self._stored(value, column, self._queries.expressions(scope))
                    for value, column in zip(values, columns, strict=True)
                )
                rows.append(f"({', '.join(inside)})")
            return "values " + ", ".join(rows)
        query = self._queries.query(node, scope)
        if len(query.outputs) != len(columns):
            raise Refusal("an INSERT has more values than columns, or fewer")
        for place, column in enumerate(columns):
            query.convert(place, lambda value, to=column: self.assigned(value, to))  # type: ignore[misc]
            if column.identity and self._queries.catalog.strict is not None:
                query.convert(place, partial(_numbered, relation, column))
        return query.sql

    def assigned(self, value: Value, column: Column) -> Value:
        """A value as a column holds it."""
        catalog = self._queries.catalog
        strict = catalog.stores if catalog.strict is None else catalog.strict
        if strict is not None and column.planned is not None:
            value, lost = held(before := value, column.planned, strict=strict)
            if lost:
                self._queries.catalog.convert(column.planned, before.sql)
        return assigned(value, column.kind, column.declared)

    def _stored(self, node: exp.Expr, column: Column, expressions: Expressions) -> str:
        if isinstance(node, exp.Column) and not node.table and node.name.upper() == "DEFAULT":
            return "default"
        if isinstance(node, exp.Var) and node.name.upper() == "DEFAULT":
            return "default"
        value = expressions.value(node)
        if column.identity and (value.kind is Kind.NULL or value.constant == "0"):
            return "default"
        return self.assigned(value, column).sql

    def _sets(self, assignments: list[exp.Expr], relation: Relation, expressions: Expressions) -> str:
        if _reuses(assignments):
            raise Refusal("it uses a column after setting it, where MySQL takes the new value")
        return ", ".join(self._assignment(one, relation, expressions) for one in assignments)

    def _assignment(self, node: exp.Expr, relation: Relation, expressions: Expressions) -> str:
        if not isinstance(node, exp.EQ):
            raise Refusal("an assignment was expected")
        column = _column_of(relation, node.this.name.lower())
        return f"{name(column.name)} = {self._stored(node.expression, column, expressions)}"

    def update(self, node: exp.Update, scope: Scope) -> str:
        """UPDATE of one table, alone or joined with others."""
        changed = self._changed(node.this, scope)
        for assignment in node.expressions:
            if assignment.this.table and own_name(assignment.this.table) != changed.alias:
                raise Refusal("UPDATE of a joined table")
        expressions = self._queries.expressions(changed.scope)
        sets = self._sets(node.expressions, changed.relation, expressions)
        if not changed.others and self._is_in_turn(node, changed.relation):
            return self._in_turn(node, changed, sets, expressions)
        return f"update {changed.table} set {sets}{self._rest(node, 'from', changed, expressions)}"

    def _is_in_turn(self, node: exp.Update, relation: Relation) -> bool:
        """Whether rows of a dump are to be changed in an order in which their keys do not meet on the way."""
        keys = relation.key.union(*relation.unique)
        sets_keys = any(one.this.name.lower() in keys for one in node.expressions)
        return sets_keys and bool(node.args.get("order")) and self._queries.catalog.strict is not None

    def _in_turn(self, node: exp.Update, changed: "_Changed", sets: str, expressions: Expressions) -> str:
        """The rows one after the other: PostgreSQL itself takes them as they lie."""
        keys = ", ".join(
            ordered(expressions.value(one.this).sql, one) for one in node.args["order"].expressions
        )
        alias = name(changed.alias)
        wanted = f"from {changed.table}{self._rest(node, 'from', changed, expressions)} order by {keys}"
        place = f"({alias}.tableoid, {alias}.ctid)"
        return (
            f"declare migrate_at record; begin for migrate_at in select {alias}.tableoid, {alias}.ctid {wanted} loop "
            f"update {changed.table} set {sets} where {place} = (migrate_at.tableoid, migrate_at.ctid); end loop; end"
        )

    def delete(self, node: exp.Delete, scope: Scope) -> str:
        """DELETE from one table, alone or joined with others."""
        named = node.args.get("tables") or []
        if len(named) > 1 or any(
            own_name(table.name) != own_name(node.this.alias_or_name) for table in named
        ):
            raise Refusal("DELETE from a joined table")
        if any(_is_outer(join) for join in node.this.args.get("joins") or []):
            return self._delete_joined(node, scope)
        changed = self._changed(node.this, scope)
        expressions = self._queries.expressions(changed.scope)
        return f"delete from {changed.table}{self._rest(node, 'using', changed, expressions)}"

    def _delete_joined(self, node: exp.Delete, scope: Scope) -> str:
        """DELETE of the rows that a join finds which PostgreSQL's USING cannot say."""
        inner = Scope(scope)
        found = self._queries.source(node.this, inner)
        condition = node.args.get("where")
        where = (
            f" where {self._queries.expressions(inner).boolean(condition.this).inner}" if condition else ""
        )
        alias = name(own_name(node.this.alias_or_name))
        rows = f"select {alias}.tableoid, {alias}.ctid from {found}{where}"
        return f"delete from {self._queries.relation(node.this).sql} where (tableoid, ctid) in ({rows})"

    def _rest(self, node: exp.Expr, word: str, changed: "_Changed", expressions: Expressions) -> str:
        """The clauses that name the other tables, and which rows are changed."""
        conditions = list(changed.conditions)
        if node.args.get("where"):
            conditions.append(expressions.boolean(node.args["where"].this).inner)
        conditions = self._first(node, changed, conditions, expressions)
        others = f" {word} {', '.join(changed.others)}" if changed.others else ""
        return others + (f" where {' and '.join(conditions)}" if conditions else "")

    def _first(
        self, node: exp.Expr, changed: "_Changed", conditions: list[str], expressions: Expressions
    ) -> list[str]:
        """The conditions of a changing statement with LIMIT: its first rows, by ORDER BY or else by their key."""
        limit = node.args.get("limit")
        if limit is None:
            return conditions
        wanted = node.args["order"].expressions if node.args.get("order") else []
        keys = [ordered(expressions.value(key.this).sql, key) for key in wanted]
        keys = keys or [name(changed.relation.columns[key].name) for key in sorted(changed.relation.key)]
        where = f" where {' and '.join(conditions)}" if conditions else ""
        order = f" order by {', '.join(keys)}" if keys else ""
        count = expressions.value(limit.expression).sql
        alias = (
            name(own_name(node.this.alias)) + "."
            if isinstance(node.this, exp.Table) and node.this.alias
            else ""
        )
        place = f"{alias}tableoid, {alias}ctid"
        return [f"({place}) in (select {place} from {changed.table}{where}{order} limit {count})"]

    def _changed(self, node: exp.Expr, scope: Scope) -> "_Changed":
        if not isinstance(node, exp.Table):
            raise Refusal("a statement that changes a derived table")
        inner = Scope(scope)
        table = self._queries.table(node, inner)
        others, conditions = [], []
        for join in node.args.get("joins") or []:
            if _is_outer(join):
                raise Refusal("a statement that changes rows through an outer join or USING")
            others.append(self._queries.source(join.this, inner))
            if join.args.get("on"):
                conditions.append(self._queries.expressions(inner).boolean(join.args["on"]).inner)
        alias = own_name(node.alias or node.name)
        return _Changed(table, alias, self._queries.relation(node), inner, others, conditions)


@dataclass(frozen=True)
class _Changed:
    """The table that a statement changes, as it stands in it, with the other tables and what joins them."""

    table: str
    alias: str
    relation: Relation
    scope: Scope
    others: list[str]
    conditions: list[str]


def _is_outer(join: exp.Join) -> bool:
    """Whether a join does more than name another table and a condition."""
    return bool(join.side or join.args.get("using") or join.args.get("method"))


def _reuses(assignments: list[exp.Expr]) -> bool:
    """Whether an assignment uses a column that one before it sets; VALUES() is of the row that came."""
    written: set[str] = set()
    for one in assignments:
        calls = (call for call in one.find_all(exp.Anonymous) if str(call.this).upper() == "VALUES")
        came = {id(column) for call in calls for column in call.find_all(exp.Column)}
        columns = (column for column in one.expression.find_all(exp.Column) if id(column) not in came)
        if any(column.name.lower() in written for column in columns):
            return True
        written.add(one.this.name.lower())
    return False


def _numbered(relation: Relation, column: Column, value: Value) -> Value:
    """A value of a column that counts up by itself, which it does for NULL and 0."""
    number = f"nextval(pg_get_serial_sequence({literal(relation.sql)}, {literal(column.name)}))"
    return composed(f"coalesce(nullif({{0}}, 0), {number})", Kind.INTEGER, value, atom=True, stable=True)


def _column_of(relation: Relation, column: str) -> Column:
    found = relation.column(column)
    if found is None:
        raise Refusal(f"{relation.name} has no column {column}")
    return found


def _conflicting(relation: Relation, inserted: list[Column], scope: Scope) -> str:
    """The key that rows can clash on; MySQL means any, PostgreSQL wants one."""
    given = {column.name for column in inserted}
    able = [
        [relation.columns[column] for column in key]
        for key in relation.unique
        if any(not (c.identity and c.name not in given) for c in (relation.columns[k] for k in key))
    ]
    if len(able) != 1:
        raise Refusal(
            f"rows of {relation.name} can clash on {len(able) or 'no'} keys, and PostgreSQL wants exactly one"
        )
    hidden = next((column.name for column in able[0] if scope.hides(column.name)), None)
    if hidden:
        raise Refusal(f"its variable {hidden} has the name of a key's column, for which PostgreSQL takes it")
    return ", ".join(name(column.name) for column in able[0])
