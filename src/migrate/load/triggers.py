"""The triggers of a dump, which act on the rows and statements that come after them, as when MySQL replays it."""

import re
from collections.abc import Callable, Iterable, Sequence

from ..model import Database, Duplicates, Program
from ..mysql.events import Change, Rows, TableKey, label, where
from ..notes import Untranslated
from ..translate.header import acts_on, body, names, timing
from .table import TableLoad
from .target import Target

_ON_TABLES = re.compile(r"(?i)\b(select|insert|update|delete|replace|call)\b")


class Triggers:
    """Those of `database` as far as it is read; `load_all` makes all its tables, since triggers may write to any."""

    def __init__(
        self,
        database: Database,
        target: Target,
        loads: dict[TableKey, TableLoad],
        load_all: Callable[[], None],
    ) -> None:
        self._database = database
        self._target = target
        self._loads = loads
        self._load_all = load_all
        self._fired: dict[Program, str | None] = {}  # with the reason of those that cannot act
        # How many rows those should have acted on, and the reason.
        self._missed: dict[Program, tuple[int, str]] = {}

    def act_on(self, rows: Rows) -> bool:
        """Whether one is to act on these rows."""
        return bool(self._acting(rows))

    def come(self, rows: Rows) -> Iterable[Rows]:
        """See that all act which are to act on these rows, as which they come; count the rows for those that cannot."""
        self._quench()
        acting = self._acting(rows)
        self._fire(acting)
        for trigger in acting:
            if (why := self._fired[trigger]) is not None:
                missed, _ = self._missed.get(trigger, (0, ""))
                self._missed[trigger] = (missed + rows.rows, why)
        return rows.one_by_one() if rows.rows > 1 and self._depend(acting) else [rows]

    def _depend(self, acting: Sequence[Program]) -> bool:
        """Whether what they do for a row may depend on what they have done for the rows before it.

        PostgreSQL keeps those that act AFTER a row until all rows of a statement are there, MySQL does not.
        """
        acting = [trigger for trigger in acting if self._fired[trigger] is None]
        late = [trigger for trigger in acting if timing(trigger) == "after"]
        early = [trigger for trigger in acting if trigger not in late]
        if late and _ON_TABLES.search(self._reach(early)):
            return True
        return any(names(self._reach(late), trigger.table or "") for trigger in late)

    def _reach(self, triggers: Sequence[Program]) -> str:
        """The bodies of triggers, and of all that these may call or set off."""
        reach = " ".join(map(body, triggers))
        waiting = [program for program in self._database.programs if program not in triggers]
        while found := [one for one in waiting if names(reach, one.table or one.name)]:
            waiting = [one for one in waiting if one not in found]
            reach = " ".join((reach, *map(body, found)))
        return reach

    def changed(self, change: Change) -> list[Untranslated]:
        """See that all act which a statement sets off; those that cannot are returned."""
        self._quench()
        acting = [trigger for trigger in self._all() if _sets_off(change, trigger)]
        self._fire(acting)
        return [
            Untranslated(
                change.words,
                where(change),
                f"the trigger {trigger.name} does not act on its rows, as it would have in MySQL: {why}",
                change.sql,
            )
            for trigger in acting
            if (why := self._fired[trigger])
        ]

    def unset(self, table: TableKey) -> bool:
        """Forget those of a table that is altered, which are made anew when rows come; whether there were any."""
        gone = [trigger for trigger in self._fired if acts_on(trigger, *table)]
        for trigger in gone:
            del self._fired[trigger]
        return bool(gone)

    def missed(self) -> list[Untranslated]:
        """What did not happen because they could not act."""
        return [
            Untranslated(
                "rows of a trigger",
                label((trigger.database, trigger.name)),
                f"MySQL would have let it act on {rows} rows of the dump, which are loaded as they came: {why}",
                trigger.sql,
            )
            for trigger, (rows, why) in self._missed.items()
        ]

    def _all(self) -> list[Program]:
        return [program for program in self._database.programs if program.kind == "trigger"]

    def _acting(self, rows: Rows) -> list[Program]:
        """Those that are defined before these rows."""
        also = {Duplicates.REPLACED: "delete", Duplicates.UPDATED: "update"}.get(rows.duplicates, "")
        triggers = [] if rows.snapshot else self._all()
        return [trigger for trigger in triggers if acts_on(trigger, *rows.table, ("insert", also))]

    def _fire(self, acting: Sequence[Program]) -> None:
        """Make all triggers that there are, if one of those that act is not there yet."""
        if all(trigger in self._fired for trigger in acting):
            return
        self._load_all()
        defined = self._all()
        for place, trigger in enumerate(defined):
            if trigger in self._fired:
                continue
            # Those that it precedes are made anew, since they act in the order that they are made in.
            for later in defined[place + 1 :]:
                if later.table == trigger.table and self._fired.pop(later, "") is None:
                    self._target.quench(later)
            self._fired[trigger] = self._target.fire(trigger, self._loads)

    def _quench(self) -> None:
        """Take away those that the dump has dropped."""
        for trigger in [trigger for trigger, refused in self._fired.items() if refused is None]:
            if trigger not in self._database.programs:
                self._target.quench(trigger)
                del self._fired[trigger]


def _sets_off(change: Change, trigger: Program) -> bool:
    """Whether a statement sets off a trigger, as far as the names in it tell."""
    events = [word for word in ("insert", "update", "delete") if word in change.canonical.lower()]
    if change.words.startswith("REPLACE"):
        events += ["insert", "delete"]
    table = trigger.table or ""
    return table.lower() in change.canonical.lower() and acts_on(trigger, trigger.database, table, events)
