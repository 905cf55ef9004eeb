"""The table of types is what the casting rules say."""

from migrate.rules import RULES
from scripts import type_table


def test_the_page_holds_every_casting_rule() -> None:
    page = type_table.PAGE.read_text(encoding="utf-8")
    assert type_table.page(page) == page, "run make docs"
    assert len(type_table.table().splitlines()) == 2 + len(RULES)
