"""Digests: the same for two writings of one value, another one for any other value."""

import random
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.transcode.kinds import Kind, kind_of
from migrate.transcode.native import digest
from migrate.transcode.room import WIDTH


def sums(text: str, *kinds: Kind) -> list[int]:
    data = text.encode()
    result = np.zeros(2 + len(kinds), dtype=np.uint64)
    digest(
        np.frombuffer(data + bytes(WIDTH), dtype=np.uint8),
        0,
        len(data),
        np.array(kinds, dtype=np.uint8),
        np.full(len(kinds), 2),
        np.arange(len(kinds)),
        np.empty(len(data) + 2, dtype=np.uint8),
        result,
        np.empty(0, dtype=np.uint64),
    )
    return [int(number) for number in result]


SAME = [
    (Kind.NUMBER, "1.50", "1.5"),
    (Kind.NUMBER, "007", "7"),
    (Kind.NUMBER, "-0.00", "0"),
    (Kind.NUMBER, "1e2", "100"),
    (Kind.NUMBER, "12.345", "12.35"),
    (Kind.NUMBER, "-12.3449", "-12.34"),
    (Kind.NUMBER, "-999.995", "-1000"),
    (Kind.NUMBER, ".004", "0"),
    (Kind.NUMBER, "+12", "12"),
    (Kind.DOUBLE, "1e10", "10000000000"),
    (Kind.DOUBLE, "1.7976931348623157e308", "1.7976931348623157e+308"),
    (Kind.DOUBLE, "2.2250738585072014e-308", "2.2250738585072014e-308"),
    (Kind.DOUBLE, "5e-324", "4.94065645841247e-324"),
    (Kind.DOUBLE, "0.1", "1e-1"),
    (Kind.SINGLE, "3.14159", "3.14159"),
    (Kind.SINGLE, "1e20", "1e+20"),
    (Kind.SINGLE, "80574103215562662442877089931340021760.000000", "8.05741e+37"),
    (Kind.DOUBLE, "0.1000000000000000055511151231257827", "0.1"),
    (Kind.BOOLEAN, "1", "t"),
    (Kind.BOOLEAN, "0", "f"),
    (Kind.MOMENT, "2024-01-02 03:04:05.500", "2024-01-02 03:04:05.5+00"),
    (Kind.MOMENT, "2024-01-02 03:04:05", "2024-01-02 03:04:05+05:30"),
    (Kind.MOMENT, "2024-01-02", "2024-01-02 00:00:00"),
    (Kind.MOMENT, "-838:59:59", "-838:59:59"),
    (Kind.MOMENT, "12:34", "12:34:00"),
    (Kind.MOMENT, "-1:2:3", "-01:02:03"),
    (Kind.ARRAY, '{"a","b c"}', '{a,"b c"}'),
    (Kind.ARRAY, "{}", "{}"),
    (Kind.ARRAY, '{"q\\\\\\\\"}', '{"q\\\\\\\\"}'),
    (Kind.JSON, '{"b":1,"a":[1,2.0]}', '{"a": [1, 2.0], "b": 1}'),
    (Kind.JSON, '"\\\\u00e9\\\\ud83d\\\\ude00"', '"é😀"'),
    (Kind.JSON, '"a\\\\nb"', '"a\\\\nb"'),
    (Kind.HEX, "0AFF-12", "0aff12"),
    (Kind.ADDRESS, "::ffff:961e:f89f", "::ffff:150.30.248.159"),
    (Kind.ADDRESS, "2001:0db8:0:0:0:0:00FF:1", "2001:db8::ff:1"),
    (Kind.ADDRESS, "0:0:0:0:0:0:0:0", "::"),
    (Kind.ADDRESS, "1:0:0:0:0:0:0:0", "1::"),
    (Kind.ADDRESS, "192.168.0.1", "192.168.0.1"),
    (Kind.RAW, "any thing", "any thing"),
    (Kind.NUMBER, "\\N", "\\N"),
]


@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_two_writings_of_a_value_have_one_digest(kind: Kind, one: str, other: str) -> None:
    assert sums(f"{one}\n", kind) == sums(f"{other}\n", kind)


OTHER = [
    (Kind.NUMBER, "1.5", "1.51"),
    (Kind.NUMBER, "1", "-1"),
    (Kind.NUMBER, "1", "10"),
    (Kind.NUMBER, "100", "1e3"),
    (Kind.NUMBER, "0", "\\N"),
    (Kind.DOUBLE, "1.00000000000001", "1.00000000000002"),
    (Kind.SINGLE, "1.00001", "1.00002"),
    (Kind.BOOLEAN, "1", "f"),
    (Kind.BOOLEAN, "1", "\\N"),
    (Kind.MOMENT, "2024-01-02 03:04:05", "2024-01-02 03:05:04"),
    (Kind.MOMENT, "2024-01-02", "2024-02-01"),
    (Kind.MOMENT, "01:02:00", "00:01:02"),
    (Kind.MOMENT, "01:00:00", "-01:00:00"),
    (Kind.MOMENT, "12:00:34", "12:34"),
    (Kind.MOMENT, "2024-01-02 03:04:05.5", "2024-01-02 03:04:05.05"),
    (Kind.ARRAY, '{"a","b"}', '{"a,b"}'),
    (Kind.ARRAY, "{a,b}", "{b,a}"),
    (Kind.JSON, '{"a":1}', '{"a":2}'),
    (Kind.JSON, '"1"', "1"),
    (Kind.JSON, "[1,[2]]", "[[1,2]]x"),
    (Kind.HEX, "0a", "0b"),
    (Kind.ADDRESS, "::1", "1::"),
    (Kind.ADDRESS, "::1:0", "::1"),
    (Kind.ADDRESS, "1.2.3.4", "::1.2.3.4"),
    (Kind.ADDRESS, "1.2.3.4", "1.2.3.5"),
    (Kind.RAW, "", "\\N"),
    (Kind.RAW, "abcdefgh", "abcdefgH"),
    (Kind.RAW, "abcdefgh", "abcdefgh\\\\"),
    (Kind.RAW, "a" * 31, "a" * 32),
]


@pytest.mark.parametrize(("kind", "one", "other"), OTHER)
def test_two_values_have_two_digests(kind: Kind, one: str, other: str) -> None:
    assert sums(f"{one}\n", kind)[0] != sums(f"{other}\n", kind)[0]


NUMBERS = st.from_regex(r"-?(0{0,2}[0-9]{1,24}(\.[0-9]{0,4})?|\.[0-9]{1,4})", fullmatch=True)


@settings(max_examples=2000)
@given(one=NUMBERS, other=NUMBERS, ahead=st.integers(0, 9), behind=st.integers(0, 20))
def test_numbers_have_one_digest_when_they_are_equal_as_the_column_rounds_them(
    one: str, other: str, ahead: int, behind: int
) -> None:
    def rounded(text: str) -> Decimal:
        return Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP, Context(prec=40)) + 0

    sign, digits = ("-", one[1:]) if one.startswith("-") else ("", one)
    point = "" if "." in digits else "."
    longer = f"{sign}{'0' * ahead}{digits}{point}{'0' * behind}"

    assert sums(f"{longer}\n", Kind.NUMBER) == sums(f"{one}\n", Kind.NUMBER)
    same = sums(f"{one}\n", Kind.NUMBER) == sums(f"{other}\n", Kind.NUMBER)
    assert same == (rounded(one) == rounded(other))


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [f"{number}\t{'x' * number}\n" for number in range(100)]
    shuffled = random.Random(1).sample(rows, len(rows))

    assert sums("".join(rows), Kind.NUMBER, Kind.RAW) == sums("".join(shuffled), Kind.NUMBER, Kind.RAW)


def test_cells_that_changed_places_change_the_digest_of_rows_alone() -> None:
    before = sums("1\ta\n2\tb\n", Kind.NUMBER, Kind.RAW)
    after = sums("1\tb\n2\ta\n", Kind.NUMBER, Kind.RAW)

    assert before[0] != after[0]
    assert before[1] != after[1]
    assert before[2:] == after[2:]


def test_a_row_that_is_there_twice_changes_the_digest() -> None:
    assert sums("1\n2\n", Kind.NUMBER)[0] != sums("1\n2\n2\n", Kind.NUMBER)[0]


@pytest.mark.parametrize("size", range(70))
def test_every_byte_of_a_text_counts(size: int) -> None:
    text = bytearray(b"q" * size)
    digests = {tuple(sums(f"{text.decode()}\n", Kind.RAW))}
    for place in range(size):
        text[place] ^= 1
        digests.add(tuple(sums(f"{text.decode()}\n", Kind.RAW)))
        text[place] ^= 1

    assert len(digests) == size + 1


@pytest.mark.parametrize(
    ("type_name", "kind"),
    [
        ("numeric(10,2)", Kind.NUMBER),
        ("timestamp(0) with time zone", Kind.MOMENT),
        ("timestamp(6)", Kind.MOMENT),
        ("varchar(10)", Kind.RAW),
        ("text[]", Kind.ARRAY),
        ("public.size", Kind.RAW),
    ],
)
def test_the_type_decides_the_form(type_name: str, kind: Kind) -> None:
    assert kind_of(type_name) is kind
