"""Statements that PostgreSQL may refuse without harm to the rest: they stand or fall together."""

from dataclasses import dataclass

from ..notes import Untranslated
from .quoting import dollar_quoted, literal


@dataclass(frozen=True)
class Attempt:
    """What is to be made of an object of the source, and MySQL's text of it.

    When PostgreSQL refuses it for what is `caught` (a condition of PL/pgSQL), `otherwise` is made in its place, and
    `instead` says what that is. Any other refusal, or one of those, is an error.
    """

    kind: str
    name: str
    sql: str
    statements: tuple[str, ...]
    otherwise: tuple[str, ...] = ()
    caught: str = "others"
    instead: str = ""

    @property
    def label(self) -> str:
        """What tells it from all other attempts of a run."""
        return f"{self.kind} {self.name}"

    def refused(self, reason: str) -> Untranslated:
        """How the report calls it when PostgreSQL refuses it."""
        why = f"PostgreSQL refuses it: {' '.join(reason.split()).rstrip('.')}{self.instead}"
        return Untranslated(self.kind, self.name, why, self.sql)

    def block(self, told: str) -> str:
        """A DO statement that undoes them all when one fails; `told` is a PL/pgSQL statement that uses `reason`."""
        return "do " + dollar_quoted(
            "\ndeclare\n  reason text;\n  detail text;\nbegin\n"
            f"{_executed(self.statements)}\nexception when {self.caught} then\n"
            "  get stacked diagnostics reason = message_text, detail = pg_exception_detail;\n"
            "  reason := concat_ws(': ', reason, nullif(detail, ''));\n"
            f"{_executed(self.otherwise)}\n  {told};\nend ",
            "try",
        )

    def warned(self) -> str:
        """The DO statement for a script: whoever runs it reads the reason as a warning."""
        what = literal(f"the {self.label} was not made: ")
        return self.block(f"raise warning '%', concat({what}, rtrim(reason, '.'), {literal(self.instead)})")


def _executed(statements: tuple[str, ...]) -> str:
    return "\n".join(f"  execute {dollar_quoted(statement, 'sql')};" for statement in statements)
