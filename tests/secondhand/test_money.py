"""Prices as people write them."""

import pytest

from secondhand import money


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("24", 2400),
        ("24.5", 2450),
        ("24,50", 2450),
        (" €24.05 ", 2405),
        ("0.01", 1),
        ("24 €", 2400),
        ("99999999.99", money.MOST),
    ],
)
def test_what_is_typed_is_read_to_the_cent(text: str, cents: int) -> None:
    assert money.read(text) == cents


@pytest.mark.parametrize(
    "text", ["", "free", "-1", "1e3", "1.234", "1,000.00", "123456789", "１", "0x1", "1 2"]
)
def test_anything_else_is_no_price(text: str) -> None:
    assert money.read(text) is None


@pytest.mark.parametrize(("cents", "text"), [(0, "€0"), (1, "€0.01"), (2400, "€24"), (120_050, "€1,200.50")])
def test_prices_are_written_short(cents: int, text: str) -> None:
    assert money.written(cents) == text


@pytest.mark.parametrize("cents", [0, 1, 99, 100, 2450, money.MOST])
def test_a_price_in_a_form_reads_back_as_it_was(cents: int) -> None:
    assert money.read(money.typed(cents)) == cents
