"""Write the table of types in docs/mysql-to-postgresql.md again, from the casting rules themselves: `make docs`."""

import sys
from pathlib import Path

from migrate.rules import RULES, Rule

PAGE = Path(__file__).parents[1] / "docs" / "mysql-to-postgresql.md"
BEGIN, END = "<!-- types: made by `make docs` -->\n", "<!-- end of types -->\n"


def source(rule: Rule) -> str:
    """What MySQL calls it."""
    length = f"({', '.join(map(str, rule.arguments))})" if rule.arguments else ""
    names = ", ".join(f"`{name}{length}{' unsigned' if rule.unsigned else ''}`" for name in rule.types)
    conditions = {
        "without a length": rule.arguments == (),
        "of character set `binary`": rule.binary,
        f"longer than {rule.above}": rule.above,
        "with a member beyond 63 bytes": rule.long_members,
        "where PostGIS is installed": rule.needs == "postgis",
    }
    return " ".join([names, *(words for words, holds in conditions.items() if holds)])


def target(rule: Rule) -> str:
    """What becomes of it."""
    made = "an enum type" if rule.target == "{type}" else f"`{rule.target}`"
    for place, letter in (("{0}", "n"), ("{1}", "d"), ("{shape}", "shape, SRID")):
        made = made.replace(place, letter)
    return made + (f", else `{rule.wider.replace('{0}', 'n')}`" if rule.wider else "")


def table() -> str:
    """The table, a line per rule."""
    rows = [f"| {source(rule)} | {target(rule)} | {rule.reason} |" for rule in RULES]
    return "\n".join(["| MySQL, MariaDB | PostgreSQL | why |", "|---|---|---|", *rows]) + "\n"


def page(text: str) -> str:
    """The page with the table in its place."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + table() + "\n" + END + after


def main() -> None:
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}: {len(RULES)} rules\n")


if __name__ == "__main__":
    main()
