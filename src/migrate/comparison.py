"""How PostgreSQL compares text whose collation ignores case in MySQL."""

from collections.abc import Iterable
from dataclasses import dataclass

from .mysql.collations import Collation
from .policies import Comparison


@dataclass(frozen=True)
class IcuCollation:
    """A collation of PostgreSQL that does not tell apart what MySQL's does not; `locale` is ICU's name of it."""

    schema: str
    name: str
    locale: str

    @classmethod
    def of(cls, collation: Collation, schema: str) -> "IcuCollation":
        """The one for a collation of MySQL's: case is ICU's third level, accents are its second (UTS #35, "ks")."""
        level = 1 if collation.ignores_accents else 2
        words = ["mysql", collation.language, collation.variant, "ai" if level == 1 else "as", "ci"]
        variant = f"co-{collation.variant}-" if collation.variant else ""
        locale = f"{collation.language or 'und'}-u-{variant}ks-level{level}"
        return cls(schema, "_".join(word for word in words if word), locale)


def told(texts: Iterable[Collation], comparison: Comparison) -> str | None:
    """What became of the text that ignores case in MySQL, all of it in one line; None when there is none."""
    texts = list(texts)
    count = sum(collation.ignores_case for collation in texts)
    if not count:
        return None
    accents = any(collation.ignores_accents for collation in texts)
    columns, ignore, regard = (
        ("1 column that", "ignores", "regards")
        if count == 1
        else (f"{count:,} columns that", "ignore", "regard")
    )
    return {
        Comparison.ICU: f"{columns} {ignore} case got a collation of ICU that does",
        Comparison.CITEXT: f"{columns} {ignore} case became citext"
        + (", which regards accents where MySQL does not" if accents else ""),
    }.get(comparison, f"{columns} {ignore} case in MySQL {regard} it now, in comparisons and unique keys")
