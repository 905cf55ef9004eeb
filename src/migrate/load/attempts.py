"""What PostgreSQL may refuse to make: it says so in the ledger, and the report in the end."""

from collections.abc import Sequence

from ..notes import Untranslated
from ..postgres.attempt import Attempt
from .control import Control


class Attempts:
    """The attempts of one run."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._untold: dict[str, Attempt] = {}

    def make(self, step: str, attempt: Attempt, before: Sequence[str] = ()) -> str | None:
        """Make an object, in one transaction with the statements `before` and once in the run's life; or why not."""
        self._control.once(step, [*before, self._control.ledger.attempted(attempt)])
        return self.reasons().get(attempt.label)

    def statement(self, one: str | Attempt) -> str:
        """The SQL of a statement; of an attempt, `refused` tells if PostgreSQL refuses it."""
        if isinstance(one, str):
            return one
        self._untold |= {attempt.label: attempt for attempt in one.all()}
        return self._control.ledger.attempted(one)

    def withdraw(self, label: str) -> None:
        """Let `refused` not tell of an attempt."""
        self._untold.pop(label, None)

    def reasons(self) -> dict[str, str]:
        """Why PostgreSQL has refused objects, by the labels of their attempts."""
        return self._control.steadily(self._control.ledger.refusals)

    def refused(self) -> dict[str, Untranslated]:
        """What the report has to say of refused objects, by the labels of their attempts."""
        reasons = self.reasons()
        return {label: one.refused(reasons[label]) for label, one in self._untold.items() if label in reasons}
