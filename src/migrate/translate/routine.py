"""Stored programs as PL/pgSQL: the statements of `body`, written again.

MySQL's handlers belong to a block and act on whatever statement in it fails, which alone is undone; an exception block
of PL/pgSQL undoes everything in it. So a handler is written around each statement that it can act on.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from ..model import Column as ModelColumn
from ..model import Table, Type
from ..postgres.quoting import dollar_quoted, name
from ..rules import cast
from .body import (
    Assign,
    Block,
    Branches,
    Call,
    CursorStep,
    Handler,
    Jump,
    Loop,
    Node,
    Return,
    Signal,
    Sql,
    parse_body,
)
from .changes import Changes
from .query import Queries, has_one_row
from .scope import Catalog, Column, Relation, Scope, own_name
from .source import parse, parse_expression
from .values import Kind, Refusal, Value, assigned, composed, kind_of, passed

_ERRORS = {
    1022: "unique_violation",
    1048: "not_null_violation",
    1062: "unique_violation",
    1146: "undefined_table",
    1205: "lock_not_available",
    1213: "deadlock_detected",
    1216: "foreign_key_violation",
    1217: "foreign_key_violation",
    1264: "numeric_value_out_of_range",
    1406: "string_data_right_truncation",
    1451: "foreign_key_violation",
    1452: "foreign_key_violation",
    3819: "check_violation",
    4025: "check_violation",
}
# Words after UPDATE and DELETE. What IGNORE passes over in a script makes PostgreSQL refuse the statement.
_HURRY = re.compile(r"(?i)\A(update|delete)((?:\s+(?:low_priority|quick))+)")
_IGNORE = re.compile(r"(?i)\A(update|delete)\s+ignore\b")
_TRANSACTIONS = ("START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def declared(kind: Type, *, truth: bool) -> str:
    """The PostgreSQL type of a variable, parameter or result; only BOOL is a boolean, since no data proves it."""
    if kind.name == "tinyint":
        return "boolean" if truth else "smallint"
    if kind.name == "enum":
        return "text"
    decision = cast(Table(None, ""), ModelColumn("", kind))
    if decision is None:
        raise Refusal(f"the type {kind} is not known here")
    return decision.type


@dataclass(frozen=True)
class _Guard:
    """A handler in force: where its EXIT leads."""

    handler: Handler
    label: str
    conditions: dict[str, str]


@dataclass
class Program:
    """The text of a body between DECLARE and END, and the statements in it that PostgreSQL can check beforehand."""

    lines: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def quoted(self) -> str:
        """The text as it follows AS; a variable is meant where a column has its name, as in MySQL."""
        return dollar_quoted(
            "\n" + "\n".join(["#variable_conflict use_variable", *self.lines]) + "\n", "body"
        )


class Writer:
    """Writes one body. `rows` are NEW and OLD of a trigger; `result` is the type of a function's result."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        rows: Sequence[tuple[str, Relation]] = (),
        result: str | None = None,
        procedure: bool = False,
    ) -> None:
        self.queries = Queries(catalog)
        self._changes = Changes(self.queries)
        self.catalog = catalog
        self.program = Program()
        self._rows = dict(rows)
        self._result = result
        self._procedure = procedure
        self._scope = Scope()
        for alias, relation in rows:
            self._scope.add(alias, relation, alias)
        # The tables it writes to; None when it calls what may write anywhere.
        self.touched: set[str] | None = set()
        self._guards: list[_Guard] = []
        self._depth = 0
        self._blocks = 0

    def declare(self, variable: str, type_: str) -> str:
        """A variable or parameter; its quoted name."""
        own = own_name(variable)
        kind = kind_of(type_)
        scale = re.search(r"\(\d+,(\d+)\)", type_)
        digits = int(scale[1]) if scale else (0 if kind is Kind.INTEGER else None)
        self._scope.declare(variable, Value(name(own), kind, scale=digits, loose=self.catalog.loose))
        self.program.variables[own] = type_
        return name(own)

    def write(self, text: str, last: str | None = None) -> Program:
        """The whole body as a block; `last` is the statement at its end. Raises Refusal."""
        nodes = parse_body(text)
        if len(nodes) == 1 and isinstance(nodes[0], Block):
            self._block(nodes[0], last)
        else:
            self._line("begin")
            self._inside(nodes)
            self._end(last)
        return self.program

    def _end(self, last: str | None) -> None:
        if last:
            self._depth += 1
            self._line(last)
            self._depth -= 1
        self._line("end")

    def _line(self, text: str) -> None:
        self.program.lines.append("  " * self._depth + text)

    def _inside(self, nodes: Sequence[Node]) -> None:
        self._depth += 1
        if not nodes:
            self._line("null;")
        for node in nodes:
            self._node(node)
        self._depth -= 1

    # --- blocks and handlers ---

    def _block(self, block: Block, last: str | None = None) -> None:
        undoing = self._undoing(block)
        handlers = [handler for handler in block.handlers if handler is not undoing]
        self._blocks += 1
        label = own_name(block.label) if block.label else f"block_{self._blocks}"
        leaves = any(handler.leaves for handler in handlers)
        labelled = block.label is not None or leaves
        if last and labelled:
            # LEAVE must not pass by the end of a trigger's function, which returns the row.
            self._line("begin")
            self._depth += 1
        if labelled:
            self._line(f"<<{name(label)}>>")
        scope, self._scope = self._scope, Scope(self._scope)
        guards = self._guards
        self._declarations(block)
        self._line("begin")
        self._guards = [*guards, *(_Guard(h, label, block.conditions) for h in handlers)]
        if undoing is not None:
            self._inside([n for n in block.statements if not _is(n, "START", "COMMIT")])
            self._guards = guards
            self._line("exception when others then")
            action = undoing.action
            rest = action.statements if isinstance(action, Block) else ()
            self._inside([n for n in rest if not _is(n, "ROLLBACK")])
        else:
            self._inside(block.statements)
        self._guards, self._scope = guards, scope
        if last and labelled:
            self._line("end;")
            self._depth -= 1
            self._end(last)
        elif last or self._depth == 0:
            self._end(last)
        else:
            self._line("end;")

    def _undoing(self, block: Block) -> Handler | None:
        """START TRANSACTION … COMMIT under a handler that rolls back: an exception block is just that."""
        if not self._procedure or not any(_is(node, "START") for node in block.statements):
            return None
        for handler in block.handlers:
            action = handler.action
            inner = action.statements if isinstance(action, Block) else (action,)
            if (
                handler.leaves
                and "SQLEXCEPTION" in handler.conditions
                and any(_is(n, "ROLLBACK") for n in inner)
            ):
                return handler
        return None

    def _declarations(self, block: Block) -> None:
        if not block.declarations and not block.cursors:
            return
        self._line("declare")
        self._depth += 1
        for declaration in block.declarations:
            type_ = declared(declaration.type, truth=declaration.truth)
            default = ""
            if declaration.default is not None:
                value = self._value(declaration.default)
                default = f" := {assigned(value, kind_of(type_), type_).sql}"
            for variable in declaration.names:
                self._line(f"{self.declare(variable, type_)} {type_}{default};")
        for cursor in block.cursors:
            query = self.queries.query(parse(cursor.query), self._scope)
            self.program.checks.append(query.sql)
            self._line(f"{name(own_name(cursor.name))} cursor for {query.sql};")
        self._depth -= 1

    def _guarded(self, lines: Sequence[str], *, finds: bool = False) -> None:
        """A statement under the handlers in force; `finds` says that it raises no_data_found."""
        caught: list[tuple[str, _Guard | None]] = []
        for guard in reversed(self._guards):
            for condition in guard.handler.conditions:
                state = self._condition(condition, guard)
                if state == "no_data_found" and not finds:
                    continue
                if state is not None and state not in [known for known, _ in caught]:
                    caught.append((state, guard))
        if finds and "no_data_found" not in [state for state, _ in caught]:
            caught.append(("no_data_found", None))  # MySQL leaves the variables as they were, and warns
        caught.sort(key=lambda one: one[0] == "others")
        if not caught:
            for line in lines:
                self._line(line)
            return
        self._line("begin")
        self._depth += 1
        for line in lines:
            self._line(line)
        self._depth -= 1
        self._line("exception")
        self._depth += 1
        for state, catching in caught:
            self._line(f"when {state} then")
            self._act(catching)
        self._depth -= 1
        self._line("end;")

    def _act(self, guard: _Guard | None) -> None:
        self._depth += 1
        if guard is None:
            self._line("null;")
        else:
            # A handler does not act on its own statements.
            guards, self._guards = self._guards, self._guards[: self._guards.index(guard)]
            self._node(guard.handler.action)
            if guard.handler.leaves:
                self._line(f"exit {name(guard.label)};")
            self._guards = guards
        self._depth -= 1

    def _condition(self, condition: str, guard: _Guard) -> str | None:
        condition = guard.conditions.get(condition.lower(), condition)
        word, _, code = condition.partition(" ")
        if condition in ("NOT FOUND", "STATE 02000"):
            return "no_data_found"
        if condition == "SQLEXCEPTION":
            return "others"
        if condition == "SQLWARNING":
            return None  # PostgreSQL raises errors where MySQL warns
        if word == "STATE":
            return "integrity_constraint_violation" if code == "23000" else f"sqlstate '{code}'"
        if word == "ERROR" and int(code) in _ERRORS:
            return _ERRORS[int(code)]
        raise Refusal(f"a handler for {condition} has no counterpart")

    # --- statements ---

    def _node(self, node: Node) -> None:
        match node:
            case Block():
                self._block(node)
            case Assign():
                self._assign(node)
            case Branches():
                self._branches(node)
            case Loop():
                self._loop(node)
            case Jump():
                word = "exit" if node.word == "LEAVE" else "continue"
                self._line(f"{word} {name(own_name(node.label))};")
            case Return():
                self._return(node)
            case Call():
                self._call(node)
            case Signal():
                self._signal(node)
            case CursorStep():
                self._cursor(node)
            case Sql():
                self._sql(node)

    def _value(self, text: str) -> Value:
        value = self.queries.expressions(self._scope).value(parse_expression(text))
        self.program.checks.append(f"select {value.sql}")
        return value

    def _boolean(self, text: str) -> str:
        value = self.queries.expressions(self._scope).boolean(parse_expression(text))
        self.program.checks.append(f"select 1 where {value.sql}")
        return value.sql

    def _variable(self, written: str) -> tuple[str, Kind, str | None]:
        """A variable that is written to: its name here, its kind and its type."""
        text = written.replace("`", "")
        if text.startswith("@"):
            raise Refusal(f"it sets the user variable or setting {text}, which PostgreSQL does not have")
        if "." in text:
            found = self._column(written)
            if found is None:
                raise Refusal(f"it sets {text}")
            self._touch(self._rows["new"])
            return name("new", found.name), found.kind, found.declared
        own = own_name(text)
        if own not in self.program.variables:
            raise Refusal(f"it sets {text}, which is no variable of it")
        type_ = self.program.variables[own]
        return name(own), kind_of(type_), type_

    def _column(self, written: str) -> Column | None:
        """The column of a trigger's new row that is written to."""
        row, _, column = written.replace("`", "").lower().partition(".")
        relation = self._rows.get(row) if row == "new" else None
        return relation.columns.get(column) if relation else None

    def _assign(self, node: Assign) -> None:
        target, kind, type_ = self._variable(node.target)
        value, column = self._value(node.expression), self._column(node.target)
        value = self._changes.assigned(value, column) if column else assigned(value, kind, type_)
        self._line(f"{target} := {value.sql};")

    def _branches(self, node: Branches) -> None:
        if node.subject is not None:
            subject = f"({node.subject})"
            branches = [(f"{subject} = ({c})" if c is not None else None, s) for c, s in node.branches]
        else:
            branches = list(node.branches)
        word = "if"
        for condition, statements in branches:
            self._line("else" if condition is None else f"{word} {self._boolean(condition)} then")
            self._inside(statements)
            word = "elsif"
        if node.case and branches[-1][0] is not None:
            self._line("else")
            self._depth += 1
            self._line("raise case_not_found;")
            self._depth -= 1
        self._line("end if;")

    def _loop(self, node: Loop) -> None:
        if node.label:
            self._line(f"<<{name(own_name(node.label))}>>")
        if node.kind == "WHILE":
            self._line(f"while {self._boolean(node.condition or '')} loop")
        else:
            self._line("loop")
        self._inside(node.statements)
        if node.kind == "REPEAT":
            self._depth += 1
            self._line(f"exit when {self._boolean(node.condition or '')};")
            self._depth -= 1
        self._line("end loop;")

    def _return(self, node: Return) -> None:
        if self._result is None:
            raise Refusal("it returns a value")
        value = assigned(self._value(node.expression), kind_of(self._result), self._result)
        if re.match(r"(numeric|time|interval)\b.*\(", self._result):
            # PostgreSQL forgets how many digits the type of a function's result has.
            value = composed(f"{{0}}::{self._result}", value.kind, value)
        self._line(f"return {value.sql};")

    def _call(self, node: Call) -> None:
        found = self.catalog.procedures.get((self.catalog.database, node.procedure.lower()))
        if found is None:
            raise Refusal(f"it calls the procedure {node.procedure}, which the target does not have")
        self.catalog.need(("procedure", self.catalog.database, node.procedure.lower()))
        sql, parameters = found
        if len(parameters) != len(node.arguments):
            raise Refusal(f"it calls {node.procedure} with {len(node.arguments)} arguments")
        arguments = [
            passed(self._value(argument), type_).sql if mode == "in" else self._variable(argument)[0]
            for argument, (mode, type_) in zip(node.arguments, parameters, strict=True)
        ]
        self.touched = None
        self._guarded([f"call {sql}({', '.join(arguments)});"])

    def _signal(self, node: Signal) -> None:
        if node.state is None:
            self._line("raise;")
            return
        state = node.state
        for guard in self._guards:
            state = guard.conditions.get(state.lower(), state).removeprefix("STATE ")
        if not re.fullmatch(r"[0-9A-Z]{5}", state):
            raise Refusal(f"it signals the condition {state}")
        message = self._value(node.message).sql if node.message else "'Unhandled user-defined exception'"
        self._guarded([f"raise exception using errcode = '{state}', message = {message};"])

    def _cursor(self, node: CursorStep) -> None:
        cursor = name(own_name(node.cursor))
        if node.word != "FETCH":
            self._line(f"{node.word.lower()} {cursor};")
            return
        targets = ", ".join(self._variable(variable)[0] for variable in node.into)
        self._line(f"fetch {cursor} into {targets};")
        guard = next(
            (
                guard
                for guard in reversed(self._guards)
                if "no_data_found" in (self._condition(c, guard) for c in guard.handler.conditions)
            ),
            None,
        )
        if guard is not None:
            self._line("if not found then")
            self._act(guard)
            self._line("end if;")

    def _sql(self, node: Sql) -> None:
        if node.word in _TRANSACTIONS:
            self._transaction(node)
            return
        if node.word in ("SELECT", "WITH"):
            self._select(node)
            return
        if node.word == "TRUNCATE":
            table = node.text.split()[-1].replace("`", "")
            self._touch(self.catalog.relation(None, table))
            self._guarded([f"truncate {self.catalog.relation(None, table).sql};"])
            return
        if node.word not in ("INSERT", "UPDATE", "DELETE", "REPLACE"):
            raise Refusal(f"the statement {' '.join(node.text.split()[:3]).upper()} has no counterpart in it")
        sql = self.statement(node)
        self.program.checks.append(sql)
        self._guarded([f"{sql};"])

    def _touch(self, relation: Relation) -> None:
        if self.touched is not None:
            self.touched.add(relation.sql)

    def statement(self, node: Sql) -> str:
        """A statement that changes rows."""
        replacing = node.word == "REPLACE"
        text = re.sub(r"(?i)\Areplace", "insert", node.text) if replacing else _HURRY.sub(r"\1", node.text)
        if self.queries.catalog.strict is not None:
            text = _IGNORE.sub(r"\1", text)
        tree = parse(text)
        table = tree.this.find(exp.Table) if tree.this is not None else None
        if table is not None:
            self._touch(self.queries.relation(table))
        if isinstance(tree, exp.Insert):
            return self._changes.insert(tree, self._scope, replacing=replacing)
        if isinstance(tree, exp.Update):
            return self._changes.update(tree, self._scope)
        if isinstance(tree, exp.Delete):
            return self._changes.delete(tree, self._scope)
        raise Refusal(f"the statement {' '.join(node.text.split()[:3]).upper()} has no counterpart in it")

    def _select(self, node: Sql) -> None:
        if not node.into:
            raise Refusal("it sends rows to its caller (SELECT without INTO), which PL/pgSQL programs cannot")
        tree = parse(node.text)
        query = self.queries.query(tree, self._scope)
        targets = [self._variable(variable) for variable in node.into]
        if query.sides or len(targets) != len(query.outputs):
            raise Refusal("the columns and variables of a SELECT … INTO do not match")
        for place, (_, kind, type_) in enumerate(targets):
            query.convert(place, lambda value, k=kind, t=type_: assigned(value, k, t))  # type: ignore[misc]
        self.program.checks.append(query.sql)
        into = ", ".join(target for target, _, _ in targets)
        written = replace(query, after=f" into strict {into}{query.after}")
        self._guarded([f"{written.sql};"], finds=not has_one_row(tree))

    def _transaction(self, node: Sql) -> None:
        if not self._procedure or self._guards:
            raise Refusal(f"it ends or begins a transaction ({node.word})")
        if node.word in ("COMMIT", "ROLLBACK") and len(node.text.split()) == 1:
            self._line(f"{node.word.lower()};")
        elif node.word != "START":
            raise Refusal(f"it uses {node.word}")


def _is(node: Node, *words: str) -> bool:
    return isinstance(node, Sql) and node.word in words


def check_function(called: str, program: Program, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Statements that fail when PostgreSQL refuses a statement of the body, which PL/pgSQL would only do at run time.

    They make a function of SQL, which PostgreSQL checks whole, with the program's variables as its parameters.
    """
    if not program.checks:
        return
    parameters = [f"{name(variable)} {type_}" for variable, type_ in program.variables.items()]
    parameters += [f"{name(row)} {type_}" for row, type_ in rows]
    body = ";\n".join([*program.checks, "select null::void"])
    yield (
        f"create function {called}({', '.join(parameters)}) returns void language sql as "
        + dollar_quoted(body, "check")
    )
    yield f"drop function {called}"
