"""Statements that PostgreSQL may refuse without harm to the rest: they stand or fall together."""

from dataclasses import dataclass

from ..plan import Untranslated
from .quoting import dollar_quoted, literal


@dataclass(frozen=True)
class Attempt:
    """What is to be made of an object of the source, and MySQL's text of it."""

    kind: str
    name: str
    sql: str
    statements: tuple[str, ...]

    @property
    def label(self) -> str:
        """What tells it from all other attempts of a run."""
        return f"{self.kind} {self.name}"

    def refused(self, reason: str) -> Untranslated:
        """How the report calls it when PostgreSQL refuses it."""
        return Untranslated(
            self.kind, self.name, f"PostgreSQL refuses it: {' '.join(reason.split())}", self.sql
        )

    def block(self, told: str) -> str:
        """A DO statement that undoes them all when one fails; `told` is a PL/pgSQL statement that uses sqlerrm."""
        executed = "\n".join(f"  execute {dollar_quoted(statement, 'sql')};" for statement in self.statements)
        return "do " + dollar_quoted(
            f" begin\n{executed}\nexception when others then\n  {told};\nend ", "try"
        )

    def warned(self) -> str:
        """The DO statement for a script: whoever runs it reads the reason as a warning."""
        what = literal(f"the {self.label} was not made: ")
        return self.block(f"raise warning '%', concat({what}, sqlerrm)")
