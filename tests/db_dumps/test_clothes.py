"""The old shop's clothes are varied, and say nothing that contradicts itself."""

import re
from collections import Counter
from datetime import datetime
from decimal import Decimal

import pytest

from legacy_shop.clothes import ZERO_DATE, clothes, images
from legacy_shop.garments import COLOURS, CONDITIONS, CUTS, PATTERNS
from legacy_shop.look import Look
from legacy_shop.people import PEOPLE
from legacy_shop.voices import VOICES

ROWS = clothes()
TEXT = "\n".join(f"{row.name}\n{row.description or ''}" for row in ROWS)


def test_there_are_four_hundred() -> None:
    assert len(ROWS) == 400


def test_ids_rise_with_gaps_as_after_deletions() -> None:
    ids = [row.id for row in ROWS]
    assert ids == sorted(set(ids))
    assert ids[-1] > len(ids)


def test_prices_reach_from_nothing_to_a_designer_coat() -> None:
    prices = {row.price for row in ROWS}
    assert min(prices) == Decimal("0.00")
    assert max(prices) == Decimal("4999.00")
    assert Decimal("0.50") in prices


def test_every_category_and_condition_is_there() -> None:
    assert {row.category for row in ROWS} == set(CUTS)
    assert {row.condition for row in ROWS} - {None} == set(CONDITIONS)


@pytest.mark.parametrize(
    "column", ["description", "size", "condition", "brand", "colour", "image", "created"]
)
def test_every_nullable_column_has_a_null(column: str) -> None:
    values = [getattr(row, column) for row in ROWS]
    assert None in values
    assert len(set(values)) > 5


def test_one_date_is_zero_and_the_others_follow_the_ids() -> None:
    assert [row.created for row in ROWS].count(ZERO_DATE) == 1
    dates = [row.created for row in ROWS if isinstance(row.created, datetime)]
    assert dates == sorted(dates)


def test_nobody_sells_before_they_have_joined() -> None:
    joined = {person.id: person.created for person in PEOPLE}
    for row in ROWS:
        since = joined[row.user_id]
        if since is not None and isinstance(row.created, datetime):
            assert since <= row.created, row


def test_some_only_buy_and_some_is_sold() -> None:
    sellers = Counter(row.user_id for row in ROWS)
    assert {person.username for person in PEOPLE if person.id not in sellers} == {
        "lookingnotbuying",
        "nobody\\yet",
    }
    assert 0.1 < sum(row.sold for row in ROWS) / len(ROWS) < 0.3


def test_every_language_is_spoken() -> None:
    spoken = Counter(person.language for row in ROWS for person in PEOPLE if person.id == row.user_id)
    assert set(spoken) == set(VOICES)
    assert min(spoken.values()) >= 5
    assert spoken["english"] > len(ROWS) / 3


@pytest.mark.parametrize(
    "mark",
    [
        "'",
        '"',
        "\\",
        "\n",
        "\t",
        "%",
        ";",
        "--",
        "<3",
        "<b>",
        "&",
        "🧶",
        "👩‍👩‍👧‍👦",
        "ß",
        "ł",
        "ة",
        "ς",
        "。",
    ],
)
def test_the_texts_hold_what_breaks_careless_readers(mark: str) -> None:
    assert mark in TEXT


def test_one_name_fills_its_column() -> None:
    assert max(len(row.name) for row in ROWS) == 120


def test_names_and_descriptions_are_varied() -> None:
    assert len({row.name for row in ROWS}) > 0.9 * len(ROWS)
    told = [row.description for row in ROWS if row.description]
    assert len(set(told)) == len(told)


def test_no_template_shows_through() -> None:
    assert not re.search(r"[{}]|None|  ", TEXT.replace("\n  k2", "\n"))


@pytest.mark.parametrize("language", VOICES)
def test_a_voice_names_everything_there_is(language: str) -> None:
    voice = VOICES[language]
    assert {category: len(names) for category, names in voice.nouns.items()} == {
        category: len(cuts) for category, cuts in CUTS.items()
    }
    assert set(voice.colours) == set(COLOURS)
    assert set(voice.patterns) == set(PATTERNS) - {"plain"}
    cuts = [cut for several in CUTS.values() for cut in several]
    assert set(voice.materials) == {material for cut in cuts for material in cut.materials}
    assert set(voice.conditions) == set(CONDITIONS)
    assert set(voice.details) >= {cut.family for cut in cuts}


def test_image_names_are_distinct_and_say_what_the_row_says() -> None:
    assert len(set(images())) == len(images()) >= 390
    for row in ROWS:
        if row.image is not None:
            look = Look.of(row.image)
            assert look.image == row.image
            assert (look.category, look.colour) == (row.category, row.colour)
            assert look.cut < len(CUTS[look.category])
            assert look.pattern in PATTERNS


@pytest.mark.parametrize(
    "name", ["", "coat.jpg", "coat-rust-plain-17.jpg", "coat-rust-plain-0017.png", "../x-a-b-0001.jpg"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not <category>"):
        Look.of(name)
