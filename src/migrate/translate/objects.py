"""Everything of a source that is not a table: what it becomes, and in which order it is made."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from ..model import Program
from ..mysql.events import TableKey
from ..naming import fitted
from ..notes import Loss, Untranslated
from ..plan import TargetColumn, TargetTable
from ..planner import Planner
from ..policies import Comparison
from ..postgres.attempt import Attempt
from ..postgres.quoting import literal, name
from . import header as headers
from .changes import Changes
from .followers import Reference, references, surrounded
from .header import Header
from .query import Queries
from .questions import Question
from .routine import Writer, check_function, declared
from .scope import Catalog, Column, Relation, own_name, relation_of
from .source import parse
from .tables import sequence_default
from .values import Loose, Refusal, refusing

Place = Callable[[TargetTable], str]
_Key = tuple[str, str | None, str]  # kind, database, and name in lower case

_SHARED = re.compile(r"\breturns\s+\w+\s+soname\b", re.IGNORECASE)
_ORDER = ("sequence", "sequence value", "view", "function", "procedure", "trigger")


@dataclass
class Made:
    """An object to be made; `drops` take an older one away."""

    attempt: Attempt
    drops: list[str] = field(default_factory=list)


@dataclass
class Firing:
    """A trigger while the dump is replayed: it may write to the tables `touched`; `drops` take it away again."""

    attempt: Attempt
    touched: list[TargetTable]
    drops: list[str]


class Objects:
    """Translates the programs of a source for tables that are in the schemas that `place` says."""

    def __init__(self, planner: Planner, tables: Mapping[TableKey, TargetTable], place: Place) -> None:
        self._planner = planner
        self._tables = tables
        self._place = place
        self._needs: dict[_Key, set[_Key]] = {}
        self._current: list[_Key] = []
        loose = None if planner.comparison is Comparison.EXACT else Loose.WRITTEN
        self._catalog = Catalog(None, need=self._note_need, convert=self._note_conversion, loose=loose)
        for (database, table), target in tables.items():
            self._catalog.relations[database, table.lower()] = relation_of(target, place(target))

    def _note_need(self, needed: _Key) -> None:
        if self._current:
            self._needs.setdefault(self._current[-1], set()).add(needed)

    def _note_conversion(self, column: TargetColumn, value: str) -> None:
        table = next(one for one in self._tables.values() if any(own is column for own in one.columns))
        what = "a value that does not fit became what MySQL makes of it without strict mode, in a statement"
        self._planner.notes.lossy.append(Loss(table.label, column.name, what, sample=value))

    def all(self, programs: Iterable[Program]) -> tuple[list[Made], list[Untranslated]]:
        """What is made of all programs, each after those it makes use of, and what cannot be made."""
        waiting = {_key(p): p for p in programs}
        self._announce(waiting.values())
        self._trigger_names = _trigger_names([p for p in waiting.values() if p.kind == "trigger"])
        made: dict[_Key, Made] = {}
        refused: list[Untranslated] = []
        for program in list(waiting.values()):
            if program.kind not in _ORDER:
                refused.append(self._refusal(program, _REASONS.get(program.kind, "it is not translated")))
                del waiting[_key(program)]
        views = {key: p for key, p in waiting.items() if p.kind == "view"}
        self._views(views, made, refused)
        for key, program in waiting.items():
            if program.kind == "view":
                continue
            try:
                made[key] = self._make(program)
            except Refusal as refusal:
                refused.append(self._refusal(program, str(refusal)))
        return self._ordered(made) + self._sequence_defaults(), refused

    def _announce(self, programs: Iterable[Program]) -> None:
        """Say what functions and procedures there are, so that others can call them."""
        for program in programs:
            if program.kind not in ("function", "procedure"):
                continue
            key = (program.database, program.name.lower())
            try:
                header = headers.read_header(program)
                types = tuple(declared(p.type, truth=p.truth) for p in header.parameters)
                if header.result:
                    result = declared(header.result[0], truth=header.result[1])
                    self._catalog.functions[key] = (self._called(program), result, types)
                else:
                    modes = (parameter.mode for parameter in header.parameters)
                    self._catalog.procedures[key] = (
                        self._called(program),
                        tuple(zip(modes, types, strict=True)),
                    )
            except Refusal:
                continue  # told when it is its turn

    def _views(
        self,
        views: dict[_Key, Program],
        made: dict[_Key, Made],
        refused: list[Untranslated],
    ) -> None:
        """Views may use views that are defined after them: those that fail are tried again when others are known."""
        waiting, before = dict(views), len(made)
        while waiting:
            reasons: dict[_Key, str] = {}
            for key, program in list(waiting.items()):
                try:
                    made[key] = self._make(program)
                    del waiting[key]
                except Refusal as refusal:
                    reasons[key] = str(refusal)
            if not reasons or len(made) == before:
                refused += [self._refusal(waiting[key], reason) for key, reason in reasons.items()]
                return
            before = len(made)

    def _ordered(self, made: dict[_Key, Made]) -> list[Made]:
        ordered: list[Made] = []
        seen: set[_Key] = set()

        def visit(key: _Key) -> None:
            if key in seen or key not in made:
                return
            seen.add(key)
            for needed in sorted(self._needs.get(key, set()), key=str):
                visit(needed)
            ordered.append(made[key])

        for kind in _ORDER:
            for key in made:
                if key[0] == kind:
                    visit(key)
        return ordered

    def _make(self, program: Program) -> Made:
        if program.kind == "function" and _SHARED.search(program.canonical):
            raise Refusal("it is in a shared library of the server")
        self._current.append(_key(program))
        try:
            makers = {
                "sequence": self._sequence,
                "sequence value": self._sequence_value,
                "view": self._view,
                "function": self._routine,
                "procedure": self._routine,
                "trigger": self._trigger,
            }
            with refusing():
                return makers[program.kind](program, headers.read_header(program))
        finally:
            self._current.pop()

    def firing(self, program: Program, number: int) -> Firing:
        """A trigger for the tables where they are now, before they are published; `number` counts them.

        Raises Refusal.
        """
        own = fitted(
            f"{number:05}_{own_name(program.name)}"
        )  # PostgreSQL lets triggers act in the order of names
        with refusing():
            statements, writer = self._trigger_statements(program, headers.read_header(program), own)
        table = self._table(program)
        touched = [
            target
            for target in self._tables.values()
            if writer.touched is None or name(self._place(target), target.name) in writer.touched
        ]
        drops = [
            f"drop trigger if exists {name(own)} on {name(self._place(table), table.name)}",
            f"drop function if exists {name(self._place(table), own)}()",
        ]
        return Firing(
            Attempt("trigger while rows are loaded", self._label(program), program.sql, tuple(statements)),
            touched,
            drops,
        )

    def change(
        self, database: str | None, text: str, *, follow: bool, strict: bool
    ) -> tuple[str, list[TargetTable]]:
        """A statement that changes rows, and the tables it writes to.

        Foreign keys `follow` or not, and values that do not fit are refused in `strict` mode. Raises Refusal.
        """
        with refusing():
            writer = Writer(replace(self._catalog.within(database), strict=strict))
            body = writer.write(text)
        touched = [
            target
            for target in self._tables.values()
            if writer.touched is None or name(self._place(target), target.name) in writer.touched
        ]
        around: list[Reference] = []
        for table in touched:
            self._check_truths(table, text)
            if follow and len(touched) == 1 and text.lstrip()[:6].lower() in ("delete", "update"):
                around = references(self._tables.values(), table, text)
        places = {id(table): name(self._place(table), table.name) for table in self._tables.values()}
        moved = [one.child for one in around if one.action in ("cascade", "set null")]
        return surrounded(f"do {body.quoted}", around, places), [*touched, *moved]

    def question(self, database: str | None, text: str) -> Question:
        """A query of the tables. Raises Refusal."""
        with refusing():
            catalog = replace(self._catalog.within(database), strict=True)
            return Question.of(Queries(catalog).query(parse(text)))

    def _check_truths(self, table: TargetTable, text: str) -> None:
        """Raises Refusal where a statement gives a truth value another number."""
        for column in table.columns:
            number = rf"(?i)\b{re.escape(column.source.name)}\W*=\s*['\"]?(?:-|\d{{2}}|[2-9])"
            if column.type == "boolean" and re.search(number, text):
                raise Refusal(f"it makes {column.name} a number, which is a truth value so far")

    def merging(self, key: TableKey, update: str, *, strict: bool) -> str:
        """What ON DUPLICATE KEY UPDATE does to a row that is there, as an UPDATE's assignments. Raises Refusal.

        The row that came is called `migrate_row` in it.
        """
        table = self._tables[key]
        own = table.source.name.replace("`", "``")
        with refusing():
            statement = parse(f"insert into `{own}` values (null) on duplicate key update {update}")
            if not isinstance(statement, exp.Insert):
                raise Refusal("it cannot be parsed")
            queries = Queries(replace(self._catalog.within(key[0]), strict=strict))
            sets = Changes(queries).merging(statement)
        self._check_truths(table, update)
        return sets

    # --- each kind ---

    def _called(self, program: Program) -> str:
        """The name of a routine, in the schema of its database."""
        space = self._planner.space(program.database)
        return name(space.schema, self._planner.names.cased(program.name))

    def _label(self, program: Program) -> str:
        return f"{program.database}.{program.name}" if program.database else program.name

    def _attempt(self, program: Program, statements: list[str]) -> Attempt:
        if any("\udc80" <= letter <= "\udcff" for statement in statements for letter in statement):
            raise Refusal("it holds bytes that are no text in the dump's character set")
        return Attempt(program.kind, self._label(program), program.sql, tuple(statements))

    def _refusal(self, program: Program, reason: str) -> Untranslated:
        return Untranslated(program.kind, self._label(program), reason, program.sql)

    def _sequence(self, program: Program, header: Header) -> Made:
        """MariaDB's options of a sequence are PostgreSQL's, but for a few spellings and its storage engine."""
        sql = self._called(program)
        words = header.body.upper().replace("=", " ").split()
        options = []
        for word, target in _SEQUENCE_OPTIONS.items():
            if word in words:
                value = words[words.index(word) + 1]
                value = words[words.index(word) + 2] if value in ("WITH", "BY") else value
                options.append(f"{target} {int(value)}")
        options.append("cycle" if "CYCLE" in words else "no cycle")
        statement = f"create sequence {sql} {' '.join(options)}"
        return Made(self._attempt(program, [statement]), [f"drop sequence if exists {sql}"])

    def _sequence_defaults(self) -> list[Made]:
        """Columns that take their values from a sequence, which is made after the tables."""
        found = []
        for table in self._tables.values():
            for column in table.columns:
                wanted = sequence_default(column)
                if wanted is None:
                    continue
                database, sequence = wanted
                space = self._planner.space(database or table.source.database)
                value = literal(name(space.schema, self._planner.names.cased(sequence)))
                target = name(self._place(table), table.name)
                statement = f"alter table {target} alter {name(column.name)} set default nextval({value})"
                default = f"{table.label}.{column.name}"
                found.append(Made(Attempt("default", default, f"nextval({sequence})", (statement,))))
        return found

    def _sequence_value(self, program: Program, header: Header) -> Made:
        value, *rest = (part.strip() for part in header.body.split(","))
        used = "false" if rest and rest[0] == "0" else "true"
        statement = f"select setval({literal(self._called(program))}, {int(value)}, {used})"
        return Made(self._attempt(program, [statement]))

    def _view(self, program: Program, header: Header) -> Made:
        space = self._planner.space(program.database)
        catalog = self._catalog.within(program.database)
        option = re.search(r"(?i)\s+with\s+(?:(cascaded|local)\s+)?check\s+option\s*\Z", header.body)
        body = header.body[: option.start()] if option else header.body
        query = Queries(catalog).query(parse(body))
        titles = [query.titles.get(output, output) for output, _ in query.outputs]
        if header.columns:
            if len(header.columns) != len(query.outputs):
                raise Refusal("its list of columns does not match its query")
            titles = list(header.columns)
        outputs = [self._planner.names.cased(title) for title in titles]
        own = self._planner.names.give(space.scope, program.name, f"view {self._label(program)}")
        sql = name(space.schema, own)
        listed = ", ".join(name(output) for output in outputs)
        invoker = " with (security_invoker = true)" if header.invoker else ""
        check = f" with {(option[1] or 'cascaded').lower()} check option" if option else ""
        columns = {
            title.lower(): Column(
                output, value.kind, None, value.exact, loose=value.loose, padded=value.padded
            )
            for title, output, (_, value) in zip(titles, outputs, query.outputs, strict=True)
        }
        catalog.relations[program.database, program.name.lower()] = Relation(sql, columns)
        statement = f"create view {sql} ({listed}){invoker} as\n{query.sql}{check}"
        return Made(self._attempt(program, [statement]), [f"drop view if exists {sql}"])

    def _routine(self, program: Program, header: Header) -> Made:
        own_key = (program.database, program.name.lower())
        if program.kind == "procedure" and own_key in self._catalog.functions:
            raise Refusal("there is a function of the same name, and PostgreSQL keeps both under one")
        result = declared(header.result[0], truth=header.result[1]) if header.result else None
        catalog = replace(self._catalog.within(program.database), stores=program.strict)
        writer = Writer(catalog, result=result, procedure=program.kind == "procedure")
        parameters = []
        for parameter in header.parameters:
            type_ = declared(parameter.type, truth=parameter.truth)
            own = writer.declare(parameter.name, type_)
            parameters.append(f"{'' if parameter.mode == 'in' else parameter.mode + ' '}{own} {type_}")
        body = writer.write(header.body)
        called = self._called(program)
        returns = f" returns {result}" if result else ""
        listed = ", ".join(parameters)
        statements = [
            f"create or replace {program.kind} {called}({listed}){returns} language plpgsql as " + body.quoted
        ]
        statements += check_function(
            name(self._planner.space(program.database).schema, "migrate_check"), body, ()
        )
        if header.comment:
            statements.append(f"comment on {program.kind} {called} is {literal(header.comment)}")
        return Made(self._attempt(program, statements))

    def _trigger(self, program: Program, header: Header) -> Made:
        table = self._table(program)
        if header.timing == "after" and headers.names(header.body, program.table or ""):
            what = f"the trigger {program.name} finds all rows of a statement in it, and in MySQL those up to its own"
            self._planner.notes.lossy.append(Loss(table.label, None, what))
        statements, _ = self._trigger_statements(program, header, self._trigger_names[program])
        return Made(self._attempt(program, statements))

    def _trigger_statements(self, program: Program, header: Header, own: str) -> tuple[list[str], Writer]:
        table = self._table(program)
        relation = relation_of(table, self._place(table))
        rows = [(row, relation) for row in ("new", "old") if (row, header.event) not in _ABSENT]
        writer = Writer(replace(self._catalog.within(program.database), stores=program.strict), rows=rows)
        last = "return null;"
        if header.timing == "before":
            last = "return old;" if header.event == "delete" else "return new;"
        body = writer.write(header.body, last)
        called = name(self._place(table), own)
        check = check_function(
            name(self._place(table), "migrate_check"), body, [(row, relation.sql) for row, _ in rows]
        )
        statements = [
            f"create or replace function {called}() returns trigger language plpgsql as " + body.quoted,
            *check,
            f"create trigger {name(own)} {header.timing} {header.event} on {relation.sql} "
            f"for each row execute function {called}()",
        ]
        return statements, writer

    def _table(self, program: Program) -> TargetTable:
        wanted = (program.table or "").lower()
        for (database, table), target in self._tables.items():
            if table.lower() == wanted and database in (program.database, None):
                return target
        raise Refusal(f"its table {program.table} is not in this migration")


def _key(program: Program) -> _Key:
    return (program.kind, program.database, program.name.lower())


def _trigger_names(triggers: list[Program]) -> dict[Program, str]:
    """Names under which triggers act in the order of their definitions, as MySQL lets them."""
    groups: dict[tuple[str | None, str | None, str, str], list[Program]] = {}
    for trigger in triggers:
        try:
            header = headers.read_header(trigger)
        except Refusal:
            continue
        groups.setdefault((trigger.database, trigger.table, header.timing, header.event), []).append(trigger)
    names: dict[Program, str] = {}
    for group in groups.values():
        own = [own_name(trigger.name) for trigger in group]
        if own != sorted(own):
            own = [fitted(f"{number}_{one}") for number, one in enumerate(own, 1)]
        names.update(zip(group, own, strict=True))
    return names


_SEQUENCE_OPTIONS = {
    "START": "start with",
    "INCREMENT": "increment by",
    "MINVALUE": "minvalue",
    "MAXVALUE": "maxvalue",
    "CACHE": "cache",
}
_ABSENT = {("old", "insert"), ("new", "delete")}
_REASONS = {
    "event": "PostgreSQL runs nothing by the clock by itself: let pg_cron or cron run its statement",
    **dict.fromkeys(("package", "package body"), "PostgreSQL has no packages"),
}
