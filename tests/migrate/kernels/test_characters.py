"""UTF-8 is told from what is not, and from what was encoded twice, wherever in a text it stands."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.kernels.characters import is_mojibake, is_utf8
from migrate.transcode.room import WIDTH

# The bytes at which RFC 3629, section 4, changes its mind, and those beside them.
EDGES = bytes([0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
               0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF])  # fmt: skip


def judged(text: bytes, ahead: int = 0, behind: bytes = b"\xff") -> bool:
    """What the kernel says of a text with others beside it."""
    data = np.frombuffer(b"\xc3" * ahead + text + behind * 2 * WIDTH, dtype=np.uint8)
    return bool(is_utf8(data, ahead, ahead + len(text)))


def is_well_formed(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("place", [0, 29, 30, 31, 32])
def test_every_sequence_of_three_bytes_at_an_edge_is_judged_as_python_judges_it(place: int) -> None:
    for sequence in map(bytes, product(EDGES, repeat=3)):
        text = b"a" * place + sequence
        assert judged(text) == is_well_formed(text), text
        assert judged(text + b"\x80a") == is_well_formed(text + b"\x80a"), text


def test_what_stands_beside_a_text_is_not_judged() -> None:
    for size in range(70):
        assert judged(b"a" * size, ahead=3)
        assert judged(b"a" * size + "é".encode(), ahead=3, behind=b"\x80")
        assert not judged(b"a" * size + b"\xc3", behind=b"\xa9")


@settings(max_examples=1000, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(max_size=20).map(str.encode), st.sampled_from(EDGES).map(lambda b: bytes([b])))
    )
)
def test_any_text_is_judged_as_python_judges_it(pieces: list[bytes]) -> None:
    assert judged(b"".join(pieces)) == is_well_formed(b"".join(pieces))


# As MySQL's latin1 has them: cp1252, with the bytes that it does not define as themselves.
LATIN1 = {bytes([byte]).decode("cp1252", "ignore") or chr(byte): byte for byte in range(256)}


@settings(max_examples=500, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=90), st.booleans())
def test_text_that_was_encoded_twice_is_recognized(text: str, twice: bool) -> None:
    if twice:
        letters = {byte: letter for letter, byte in LATIN1.items()}
        text = "".join(letters[byte] for byte in text.encode())
    written = text.encode()
    data = np.frombuffer(written + b"\xff" * 2 * WIDTH, dtype=np.uint8)

    is_latin1 = all(letter in LATIN1 for letter in text)
    expected = is_latin1 and is_well_formed(bytes(LATIN1[letter] for letter in text))
    assert expected or not twice
    assert bool(is_mojibake(data, 0, len(written))) == expected
