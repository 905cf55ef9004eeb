"""What a migration has to say of the source: what was lost, what is left out, what was made besides tables."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Loss:
    """Something that PostgreSQL holds differently from MySQL: how often, one case of it, the option that decides."""

    table: str
    column: str | None
    what: str
    count: int | None = None
    sample: str | None = None
    option: str | None = None


@dataclass(frozen=True)
class Untranslated:
    """Something of the source that the target does not have: what, why, and MySQL's text."""

    kind: str
    name: str
    reason: str
    sql: str = ""


@dataclass
class Notes:
    """What the plan and the load have to say."""

    lossy: list[Loss] = field(default_factory=list)
    untranslated: list[Untranslated] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)  # kind and name of views, triggers and routines
