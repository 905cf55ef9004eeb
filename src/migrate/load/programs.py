"""What a dump has beside tables and rows, translated for the tables of a load where they are."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..model import Program
from ..mysql.events import Change, TableKey
from ..notes import Untranslated
from ..plan import TargetTable
from ..planner import Planner
from ..translate.tables import sequence_default
from ..translate.values import Refusal
from .table import TableLoad

if TYPE_CHECKING:
    from ..translate.objects import Firing, Made, Objects, Place


def objects(planner: Planner, targets: Mapping[TableKey, TargetTable], place: "Place") -> "Objects":
    """The translator of all that is no table. Imported here: sqlglot takes a while, and many dumps have only tables."""
    from ..translate.objects import Objects

    return Objects(planner, targets, place)


def programs_made(
    planner: Planner, targets: Mapping[TableKey, TargetTable], programs: Sequence[Program]
) -> tuple[list["Made"], list[Untranslated]]:
    """What is made beside tables, in its order, for tables where they belong, and what cannot be made."""
    columns = (column for table in targets.values() for column in table.columns)
    if not programs and not any(map(sequence_default, columns)):
        return [], []
    return objects(planner, targets, lambda table: table.schema).all(programs)


def fired(
    planner: Planner, place: "Place", trigger: Program, loads: dict[TableKey, TableLoad], number: int = 0
) -> tuple["Firing | None", str | None]:
    """A trigger for the tables where they are, or the reason why not; the tables it writes to are marked."""
    try:
        targets = {key: load.target for key, load in loads.items()}
        firing = objects(planner, targets, place).firing(trigger, number)
    except Refusal as refusal:
        return None, str(refusal)
    for load in loads.values():
        if load.target in firing.touched:
            load.written_by = f"the trigger {trigger.name}"
            load.unproven = f"the trigger {trigger.name} of the dump writes to it"
    return firing, None


def translated(
    planner: Planner, place: "Place", change: Change, loads: dict[TableKey, TableLoad]
) -> tuple[str | None, list[TargetTable], str | None]:
    """The statement for the tables where they are and those it writes to, or the reason why not."""
    try:
        targets = {key: load.target for key, load in loads.items()}
        statement, touched = objects(planner, targets, place).change(
            change.database, change.canonical, follow=change.follow, strict=change.strict
        )
    except Refusal as refusal:
        return None, [], str(refusal)
    return statement, touched, None


def changed(
    planner: Planner, place: "Place", change: Change, loads: dict[TableKey, TableLoad]
) -> tuple[str | None, list[TargetTable], str | None]:
    """The same; the tables that it writes to are marked."""
    statement, touched, reason = translated(planner, place, change, loads)
    wrote(change, touched, loads)
    return statement, touched, reason


def wrote(change: Change, touched: list[TargetTable], loads: dict[TableKey, TableLoad]) -> None:
    """Mark the tables that a statement of the dump has written to."""
    for load in loads.values():
        if load.target in touched:
            load.changed = True
            load.written_by = change.writer
            load.unproven = f"{load.written_by} changed it"
