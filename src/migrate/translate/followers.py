"""What rows of other tables do when the rows that they point at are changed or deleted while a dump is replayed.

The foreign keys are not there yet, so the statement is carried out with what they would have done around it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..model import ForeignKey
from ..mysql.events import TableKey
from ..plan import TargetTable
from ..postgres.quoting import dollar_quoted, literal, name
from .values import Refusal


@dataclass(frozen=True)
class Reference:
    """A foreign key of `child` to `parent`, and what it does; `kept` holds the keys that there were before.

    Rows that go `in_order` of their keys are looked at one by one, as InnoDB does.
    """

    child: TargetTable
    parent: TargetTable
    key: ForeignKey
    action: str
    kept: str
    on_update: bool = False
    in_order: bool = False

    @property
    def is_carried(self) -> bool:
        """Whether PostgreSQL's own foreign key has to carry new values over: what was kept does not show them."""
        return self.on_update and self.action == "cascade"

    def carrier(self, child: str, parent: str) -> tuple[str, str]:
        """The statements that make such a key, for rows that change from now on, and take it away again."""
        own = ", ".join(name(_named(self.child, column)) for column in self.key.columns)
        there = ", ".join(name(_named(self.parent, column)) for column in self.key.referenced)
        key = f"foreign key ({own}) references {parent} ({there}) on update cascade not valid"
        return (
            f"alter table {child} add constraint {self.kept} {key}",
            f"alter table {child} drop constraint {self.kept}",
        )

    def sql(self, child: str, parent: str) -> tuple[str, str]:
        """The statement that keeps the parent's keys, and what those that are gone have to do with the child."""
        own = [_named(self.child, column) for column in self.key.columns]
        there = [_named(self.parent, column) for column in self.key.referenced]
        listed = ", ".join(map(name, there))
        keep = f"create temporary table {self.kept} on commit drop as select distinct {listed} from {parent}"
        same = " and ".join(f"p.{name(column)} = g.{name(column)}" for column in there)
        gone = f"(select * from {self.kept} g where not exists (select from {parent} p where {same})) as gone"
        meant = " and ".join(f"c.{name(a)} = gone.{name(b)}" for a, b in zip(own, there, strict=True))
        if self.action == "cascade":
            return keep, f"delete from {child} as c using {gone} where {meant}"
        if self.action == "set null":
            sets = ", ".join(f"{name(column)} = null" for column in own)
            return keep, f"update {child} as c set {sets} from {gone} where {meant}"
        refusal = literal(f"rows of {self.child.label} point at what it takes away")
        found = f"exists (select from {child} as c, {gone} where {meant})"
        if self.in_order and self.child is self.parent:
            # A row that goes before those that point at it does not go at all.
            keep = f"create temporary table {self.kept} on commit drop as select * from {parent}"
            after = " or ".join(f"c.{name(column)} > gone.{name(column)}" for column in there)
            found += f" or exists (select from {self.kept} c, {gone} where {meant} and ({after}))"
        return keep, f"if {found} then raise exception using message = {refusal}; end if"


def references(tables: Iterable[TargetTable], changed: TargetTable, text: str) -> list[Reference]:
    """The foreign keys that act, or forbid, when a statement changes a table; those of the tables that follow, too."""
    found: list[Reference] = []
    everything = list(tables)
    waiting, seen = [changed], {id(changed)}
    deletes = text.lstrip()[:6].lower() == "delete"
    while waiting:
        parent = waiting.pop(0)
        for child in everything:
            for key in child.source.foreign_keys if child.source.keeps_references else ():
                action = (key.on_delete if deletes else key.on_update) or "restrict"
                follows = deletes or parent is not changed
                named = follows or any(column.lower() in text.lower() for column in key.referenced)
                if _key(child, key) != _own(parent) or not named or not key.referenced:
                    continue
                kept = f"migrate_kept_{len(found)}"
                in_order = deletes and " order by " not in text.lower()
                found.append(Reference(child, parent, key, action, kept, not deletes, in_order))
                if action == "cascade" and id(child) not in seen:
                    seen.add(id(child))
                    waiting.append(child)
    return found


def surrounded(statement: str, around: list[Reference], places: dict[int, str]) -> str:
    """The statement with what its foreign keys do, as one; `places` are the tables by their `id`."""
    if not around:
        return statement
    carriers = [
        one.carrier(places[id(one.child)], places[id(one.parent)]) for one in around if one.is_carried
    ]
    around = [one for one in around if not one.is_carried]
    texts = [one.sql(places[id(one.child)], places[id(one.parent)]) for one in around]
    acting = [
        text for one, (_, text) in zip(around, texts, strict=True) if one.action in ("cascade", "set null")
    ]
    forbidding = [text for _, text in texts if text not in acting]
    counted = "get diagnostics more = row_count;\n    moved := moved + more"
    loop = "".join(f"    {text};\n    {counted};\n" for text in acting)
    # What foreign keys do sets off no trigger in MySQL.
    following = dict.fromkeys(
        places[id(one.child)] for one in around if one.action in ("cascade", "set null")
    )
    switch = "".join(f"  alter table {child} {{0}} trigger user;\n" for child in following)
    off, on = switch.format("disable"), switch.format("enable")
    return "do " + dollar_quoted(
        "\ndeclare\n  moved bigint;\n  more bigint;\nbegin\n"
        + "".join(f"  {keep};\n" for keep, _ in texts)
        + "".join(f"  {add};\n" for add, _ in carriers)
        + f"  execute {dollar_quoted(statement, 'statement')};\n"
        + "".join(f"  {drop};\n" for _, drop in carriers)
        + (
            f"{off}  loop\n    moved := 0;\n{loop}    exit when moved = 0;\n  end loop;\n{on}"
            if acting
            else ""
        )
        + "".join(f"  {text};\n" for text in forbidding)
        + "".join(f"  drop table {one.kept};\n" for one in around)
        + "end ",
        "followed",
    )


def _named(table: TargetTable, column: str) -> str:
    found = table.column(column)
    if found is None:
        raise Refusal(f"{table.label} has no column {column}, which a foreign key is about")
    return found.name


def _key(child: TargetTable, key: ForeignKey) -> TableKey:
    return key.database or child.source.database, key.table.lower()


def _own(table: TargetTable) -> TableKey:
    return table.source.database, table.source.name.lower()
