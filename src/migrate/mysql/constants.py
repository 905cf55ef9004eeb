"""Values of constant expressions: what they are, and how MySQL converts, reckons with and compares them.

A value is None for NULL, `bytes` for a string, `Number` for a number as it is written.
"""

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

from .lexer import Token


class Number(str):
    """A number, in decimal digits."""

    __slots__ = ()


class Truth(Number):
    """TRUE or FALSE, which are 1 and 0 but in JSON."""

    __slots__ = ()


class Binary(bytes):
    """Bytes written as digits, which are a number where one is wanted."""

    __slots__ = ()


class Octets(bytes):
    """A string of bytes, which is text in whatever character set a column has."""

    __slots__ = ()


class Quotient(Number):
    """What a division gives: MySQL shows it with `places` digits, and reckons with more."""

    places: int


class Json(bytes):
    """A JSON document, which stays one inside another."""

    __slots__ = ()


Value = bytes | Number | None


class NotConstantError(Exception):
    """The expression needs a MySQL server."""


def hexadecimal(token: Token) -> bytes:
    """The bytes of 0x… or x'…'."""
    digits = token.text[2:].strip("'")
    return bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2))


def bits(token: Token) -> bytes:
    """The bytes of 0b… or b'…'."""
    digits = token.text[2:].strip("'")
    return int(digits or "0", 2).to_bytes((len(digits) + 7) // 8, "big")


def content(value: Value) -> bytes:
    """The bytes of a value that is not NULL."""
    if value is None:
        raise NotConstantError
    if isinstance(value, Quotient):
        return round_half_up(value, value.places).encode()
    return value.encode() if isinstance(value, Number) else value


def text(value: Value) -> str:
    """The characters of a value that is not NULL; bytes that are not UTF-8 are surrogates."""
    return content(value).decode("utf-8", "surrogateescape")


def joined(*parts: Value) -> bytes:
    """CONCAT, of values that are not NULL: bytes where one of them is bytes."""
    whole = b"".join(content(part) for part in parts)
    return Octets(whole) if any(isinstance(part, Octets) for part in parts) else whole


def written(characters: str) -> bytes:
    """The bytes of characters, the reverse of `text`."""
    return characters.encode("utf-8", "surrogateescape")


def decimal(value: Value) -> Decimal:
    """The number that a value is; raises NotConstantError where it is none, of which MySQL warns."""
    if isinstance(value, Binary):
        return Decimal(int.from_bytes(value, "big"))
    if isinstance(value, Number):
        return Decimal(value)
    try:
        return Decimal(text(value).strip())
    except InvalidOperation as error:
        raise NotConstantError from error


def number(value: Decimal | int) -> Number:
    """A number as a value, without an exponent."""
    return Number(format(value, "f") if isinstance(value, Decimal) else value)


def integer(value: Value) -> int:
    """A value as a whole number, rounded as MySQL rounds it."""
    return int(decimal(value).to_integral_value(ROUND_HALF_UP))


def truth(value: bool) -> Truth:
    """MySQL's TRUE and FALSE."""
    return Truth("1" if value else "0")


def is_true(value: Value) -> bool | None:
    """Whether a value counts as true, None for NULL."""
    return None if value is None else decimal(value) != 0


def round_half_up(value: Value, places: int = 0) -> Number:
    """The number with so many digits behind the point."""
    return _rounded(value, places, ROUND_HALF_UP)


def truncated(value: Value, places: int = 0) -> Number:
    """The number without the digits after so many behind the point."""
    return _rounded(value, places, ROUND_DOWN)


def _rounded(value: Value, places: int, how: str) -> Number:
    found = decimal(value)
    exponent = found.as_tuple().exponent
    if places > 0 and isinstance(exponent, int):
        places = min(places, -min(exponent, 0))  # MySQL adds no digits
    return number(found.quantize(Decimal(1).scaleb(-places), how) + 0)


def _calculated(act: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Value, Value], Value]:
    """An operator between numbers; with NULL for NULL, and for what is divided by zero."""

    def calculate(left: Value, right: Value) -> Value:
        if left is None or right is None:
            return None
        try:
            with localcontext(prec=65):
                return number(act(decimal(left), decimal(right)))
        except ZeroDivisionError:
            return None

    return calculate


def _divisor(number: Decimal) -> Decimal:
    if not number:
        raise ZeroDivisionError
    return number


def _quotient(left: Value, right: Value) -> Value:
    """MySQL shows four digits more than the dividend has, and keeps those of whole groups of nine."""
    if left is None or right is None or not decimal(right):
        return None
    exponent = decimal(left).as_tuple().exponent
    places = 4 - min(0, exponent if isinstance(exponent, int) else 0)
    with localcontext(prec=65):
        ratio = decimal(left) / decimal(right)
        found = Quotient(format(ratio.quantize(Decimal(1).scaleb(-9 * -(-places // 9)), ROUND_DOWN), "f"))
    found.places = places
    return found


def _by_bits(act: Callable[[int, int], int]) -> Callable[[Value, Value], Value]:
    """An operator between the bits of numbers, of which there are 64."""
    return _calculated(
        lambda left, right: Decimal(
            act(int(left.to_integral_value()), int(right.to_integral_value())) % 2**64
        )
    )


# The operators between numbers, those that bind least first.
OPERATORS: tuple[dict[str, Callable[[Value, Value], Value]], ...] = (
    {"|": _by_bits(lambda left, right: left | right)},
    {"&": _by_bits(lambda left, right: left & right)},
    {
        "<<": _by_bits(lambda left, right: left << right if right < 64 else 0),
        ">>": _by_bits(lambda left, right: left % 2**64 >> right),
    },
    {
        "+": _calculated(lambda left, right: left + right),
        "-": _calculated(lambda left, right: left - right),
    },
    {
        "*": _calculated(lambda left, right: left * right),
        "/": _quotient,
        "%": _calculated(lambda left, right: left % _divisor(right)),
        "MOD": _calculated(lambda left, right: left % _divisor(right)),
        "DIV": _calculated(lambda left, right: (left / _divisor(right)).to_integral_value(ROUND_DOWN)),
    },
    {"^": _by_bits(lambda left, right: left ^ right)},
)
remainder = OPERATORS[4]["%"]


def compared(left: Value, right: Value) -> int:
    """Negative, 0 or positive as `left` is less than, equal to or greater than `right`; neither is NULL.

    Texts are compared as by the collations that are MySQL's defaults, which regard neither case nor blanks at the end;
    what these make of other letters than ASCII's only a server knows.
    """
    if isinstance(left, Number | Binary) or isinstance(right, Number | Binary):
        a, b = decimal(left), decimal(right)
        return (a > b) - (a < b)
    if not (content(left).isascii() and content(right).isascii()):
        if left == right:
            return 0
        raise NotConstantError
    first, second = (text(value).rstrip(" ").lower() for value in (left, right))
    return (first > second) - (first < second)
