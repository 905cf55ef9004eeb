"""Statements that PostgreSQL may refuse without harm to the rest: they stand or fall together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..notes import Untranslated
from .quoting import dollar_quoted, literal


@dataclass(frozen=True)
class Attempt:
    """What is to be made of an object of the source, and MySQL's text of it.

    When PostgreSQL refuses it for what is `caught` (conditions of PL/pgSQL), `otherwise` is made in its place, and
    `instead` says what that is. Any other refusal, or one of those, is an error. What is made may be attempts again.
    """

    kind: str
    name: str
    sql: str
    statements: "tuple[str | Attempt, ...]"
    otherwise: "tuple[str | Attempt, ...]" = ()
    caught: str = "others"
    instead: str = ""

    @property
    def label(self) -> str:
        """What tells it from all other attempts of a run."""
        return f"{self.kind} {self.name}"

    @property
    def first(self) -> str:
        """The statement that it begins with."""
        first = self.statements[0]
        return first if isinstance(first, str) else first.first

    def all(self) -> "Iterator[Attempt]":
        """This one and those within it."""
        yield self
        for one in (*self.statements, *self.otherwise):
            if isinstance(one, Attempt):
                yield from one.all()

    def refused(self, reason: str) -> Untranslated:
        """How the report calls it when PostgreSQL refuses it."""
        why = f"PostgreSQL refuses it: {' '.join(reason.split()).rstrip('.')}{self.instead}"
        return Untranslated(self.kind, self.name, why, self.sql)

    def block(self, told: "Callable[[Attempt], str]") -> str:
        """A DO statement that undoes them all when one fails; `told` gives a PL/pgSQL statement that uses `reason`."""
        return "do " + dollar_quoted(
            "\ndeclare\n  reason text;\n  detail text;\nbegin\n"
            f"{_executed(self.statements, told)}\nexception when {self.caught} then\n"
            "  get stacked diagnostics reason = message_text, detail = pg_exception_detail;\n"
            "  reason := concat_ws(': ', reason, nullif(detail, ''));\n"
            f"{_executed(self.otherwise, told)}\n  {told(self)};\nend ",
            "try",
        )

    def warned(self) -> str:
        """The DO statement for a script: whoever runs it reads the reason as a warning."""
        return self.block(_warning)


def _warning(attempt: Attempt) -> str:
    what = literal(f"the {attempt.label} was not made: ")
    return f"raise warning '%', concat({what}, rtrim(reason, '.'), {literal(attempt.instead)})"


def _executed(statements: Sequence[str | Attempt], told: Callable[[Attempt], str]) -> str:
    texts = [one if isinstance(one, str) else one.block(told) for one in statements]
    return "\n".join(f"  execute {dollar_quoted(text, 'sql')};" for text in texts)
