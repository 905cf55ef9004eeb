"""Expressions that have the same value on every server, computed as MySQL computes them.

They stand where tools or people wrote a call in the place of a value. What depends on a server's tables or settings is
refused. A value is None for NULL, `bytes` for a string, `Number` for a number as it is written.
"""

import base64
import binascii
import hashlib
import json
import random
import socket
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..errors import InputError
from . import wkt
from .lexer import Kind, Token
from .moments import read_moment, shifted


class Number(str):
    """A number, in decimal digits."""

    __slots__ = ()


class Binary(bytes):
    """Bytes written as digits, which are a number where one is wanted."""

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


class Evaluator:
    """Reads one expression from tokens. `introduced` gives the UTF-8 bytes of a string in a named character set."""

    def __init__(
        self, tokens: Sequence[Token], zone: str | None, introduced: Callable[[str, bytes], bytes]
    ) -> None:
        self._tokens = tokens
        self._at = 0
        self._zone = zone
        self._introduced = introduced

    def value(self) -> Value:
        """The value of all tokens. Raises NotConstantError when there is none to be known."""
        value = self._expression()
        if self._at < len(self._tokens):
            raise NotConstantError
        return value

    def _peek(self, distance: int = 0) -> Token | None:
        place = self._at + distance
        return self._tokens[place] if place < len(self._tokens) else None

    def _next(self) -> Token:
        token = self._peek()
        if token is None:
            raise NotConstantError
        self._at += 1
        return token

    def _at_mark(self, mark: str) -> bool:
        token = self._peek()
        return token is not None and token.kind is Kind.MARK and token.text == mark

    def _accept(self, mark: str) -> bool:
        if not self._at_mark(mark):
            return False
        self._at += 1
        return True

    def _accept_word(self, *words: str) -> str | None:
        token = self._peek()
        if token is None or not token.is_word(*words):
            return None
        self._at += 1
        return token.text.upper()

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise NotConstantError

    def _expression(self) -> Value:
        """Operands between `+` and `-`, those of higher rank first."""
        value = self._product()
        while True:
            if self._accept("+"):
                value = self._shifted(value, 1) if self._at_interval() else _sum(value, self._product())
            elif self._accept("-"):
                value = (
                    self._shifted(value, -1) if self._at_interval() else _difference(value, self._product())
                )
            else:
                return value

    def _at_interval(self) -> bool:
        token = self._peek()
        return token is not None and token.is_word("INTERVAL")

    def _shifted(self, moment: Value, sign: int) -> Value:
        """A date or time some INTERVAL later, or earlier."""
        self._next()
        count = self._expression()
        unit = self._next().text.upper()
        if moment is None or count is None:
            return None
        return shifted(_text(moment), sign * Decimal(_text(count)), unit).encode()

    def _product(self) -> Value:
        value = self._operand()
        while (mark := next((mark for mark in "*/%" if self._accept(mark)), None)) is not None:
            value = _PRODUCTS[mark](value, self._operand())
        return value

    def _operand(self) -> Value:
        token = self._next()
        if token.kind is Kind.STRING:
            text = token.value
            while (more := self._peek()) is not None and more.kind is Kind.STRING:
                text += self._next().value
            return text
        if token.kind is Kind.NUMBER:
            return Number(token.text)
        if token.kind is Kind.HEX:
            return Binary(hexadecimal(token))
        if token.kind is Kind.BITS:
            return Binary(bits(token))
        if token.kind is Kind.MARK and token.text in "+-":
            return _signed(token.text, self._operand())
        if token.kind is Kind.MARK and token.text == "(":
            value = self._expression()
            self._expect(")")
            return value
        if token.kind is Kind.MARK and token.text == "{":  # {d '…'}, {t '…'}, {ts '…'} of ODBC and JDBC
            if self._accept_word("D", "T", "TS") is None:
                raise NotConstantError
            value = self._expression()
            self._expect("}")
            return value
        if token.kind is Kind.WORD:
            return self._word(token)
        raise NotConstantError

    def _word(self, token: Token) -> Value:
        name = token.text.upper()
        following = self._peek()
        if name in ("NULL", "TRUE", "FALSE"):
            return None if name == "NULL" else Number("1" if name == "TRUE" else "0")
        if following is not None and following.kind in (Kind.STRING, Kind.HEX, Kind.BITS):
            if name.startswith("_"):
                return self._introduced(name[1:].lower(), _bytes(self._expression()) or b"")
            if name in ("DATE", "TIME", "TIMESTAMP", "N"):
                return self._expression()
        if name == "BINARY":
            return self._expression()
        if self._at_mark("("):
            self._at += 1
            if name in ("CAST", "CONVERT"):
                return self._converted()
            return self._call(name)
        if name in _CLOCK:
            return self._clock(name, 0)
        raise NotConstantError

    def _converted(self) -> Value:
        """CAST(… AS type), CONVERT(…, type) or CONVERT(… USING charset): the column's codec does the rest."""
        value = self._expression()
        if self._accept_word("AS", "USING") is None:
            self._expect(",")
        self._skip_to_close()
        return value

    def _skip_to_close(self) -> None:
        depth = 1
        while depth:
            token = self._next()
            if token.kind is Kind.MARK:
                depth += {"(": 1, ")": -1}.get(token.text, 0)

    def _call(self, name: str) -> Value:
        arguments: list[Value] = []
        charset = None
        while not self._accept(")"):
            if name in _SHIFTS and len(arguments) == 1 and self._at_interval():
                value = self._shifted(arguments[0], _SHIFTS[name])
                self._expect(")")
                return value
            arguments.append(self._expression())
            if self._accept_word("USING"):
                charset = self._next().text.lower()
            if not self._at_mark(")"):
                self._expect(",")
        if name in _CLOCK:
            return self._clock(name, int(_text(arguments[0])) if arguments else 0)
        if name == "FROM_UNIXTIME" and len(arguments) == 1:
            return None if arguments[0] is None else self._from_unix(_text(arguments[0]))
        if name == "CHAR":
            text = b"".join(_character(argument) for argument in arguments if argument is not None)
            try:
                return text if charset in (None, "binary") else self._introduced(charset, text)
            except UnicodeDecodeError:
                return b"?"  # as MySQL writes what is no character
        if name == "IF" and len(arguments) == 3:
            return arguments[1] if arguments[0] is not None and Decimal(_text(arguments[0])) else arguments[2]
        if name == "COALESCE" or name == "IFNULL":
            return next((argument for argument in arguments if argument is not None), None)
        if name == "CONCAT_WS" and arguments and arguments[0] is not None:
            return _required(arguments[0]).join(_required(a) for a in arguments[1:] if a is not None)
        if name == "JSON_ARRAY":
            return json.dumps([_json(argument) for argument in arguments], ensure_ascii=False).encode()
        if name == "JSON_OBJECT":
            pairs = zip(arguments[::2], arguments[1::2], strict=True)
            return json.dumps({_text(k): _json(v) for k, v in pairs}, ensure_ascii=False).encode()
        function = _FUNCTIONS.get(name)
        if function is None:
            raise NotConstantError
        if None in arguments:
            return None
        try:
            return function(*arguments)
        except (TypeError, ValueError, binascii.Error) as error:
            raise InputError(f"{name} cannot be given these arguments: {error}") from error

    def _clock(self, name: str, digits: int) -> bytes:
        now = datetime.now(UTC if name.startswith("UTC") else _zone(self._zone))
        kind = _CLOCK[name]
        if kind == "date":
            return now.strftime("%Y-%m-%d").encode()
        return _moment(now, digits)[11 if kind == "time" else 0 :]

    def _from_unix(self, seconds: str) -> bytes:
        whole, _, fraction = seconds.partition(".")
        moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(whole))
        text = moment.astimezone(_zone(self._zone)).strftime("%Y-%m-%d %H:%M:%S")
        return (text + (f".{fraction[:6]}" if fraction else "")).encode()


_SHIFTS = {"DATE_ADD": 1, "ADDDATE": 1, "DATE_SUB": -1, "SUBDATE": -1}
_CLOCK = {
    "NOW": "moment", "CURRENT_TIMESTAMP": "moment", "LOCALTIME": "moment", "LOCALTIMESTAMP": "moment",
    "SYSDATE": "moment", "UTC_TIMESTAMP": "moment", "CURDATE": "date", "CURRENT_DATE": "date", "UTC_DATE": "date",
    "CURTIME": "time", "CURRENT_TIME": "time", "UTC_TIME": "time",
}  # fmt: skip


def _zone(name: str | None) -> tzinfo | None:
    """MySQL's TIME_ZONE; None, this machine's, where it is the server's own."""
    if name is None or name.upper() == "SYSTEM":
        return None
    if name[:1] in "+-":
        hours, _, minutes = name[1:].partition(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-offset if name[0] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InputError(f"the time zone {name} is not known") from error


def _moment(moment: datetime, digits: int) -> bytes:
    text = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    return text[: 20 + digits if digits else 19].encode()


def _signed(sign: str, value: Value) -> Value:
    if not isinstance(value, Number):
        raise NotConstantError
    if sign == "+":
        return value
    return Number(value[1:] if value.startswith("-") else f"-{value}")


def _calculated(act: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Value, Value], Value]:
    """An operator between numbers; with NULL for NULL, and for what is divided by zero."""

    def calculate(left: Value, right: Value) -> Value:
        if left is None or right is None:
            return None
        try:
            with localcontext(prec=65):
                return Number(format(act(_decimal(left), _decimal(right)), "f"))
        except ZeroDivisionError:
            return None

    return calculate


def _decimal(value: Value) -> Decimal:
    if isinstance(value, Binary):
        return Decimal(int.from_bytes(value, "big"))
    try:
        return Decimal(_text(value).strip())
    except InvalidOperation as error:
        raise NotConstantError from error


def round_half_up(number: Value, places: int = 0) -> Number:
    """The number with so many digits behind the point."""
    return Number(format(_decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), "f"))


def _quotient(left: Decimal, right: Decimal) -> Decimal:
    """MySQL keeps four digits more than the dividend has."""
    if not right:
        raise ZeroDivisionError
    exponent = left.as_tuple().exponent
    places = 4 - min(0, exponent if isinstance(exponent, int) else 0)
    return (left / right).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _remainder(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise ZeroDivisionError
    return left % right


_sum = _calculated(lambda left, right: left + right)
_difference = _calculated(lambda left, right: left - right)
_PRODUCTS = {
    "*": _calculated(lambda left, right: left * right),
    "/": _calculated(_quotient),
    "%": _calculated(_remainder),
}


def _bytes(value: Value) -> bytes | None:
    return value.encode() if isinstance(value, Number) else value


def _required(value: Value) -> bytes:
    given = _bytes(value)
    if given is None:
        raise NotConstantError
    return given


def _text(value: Value) -> str:
    return _required(value).decode("utf-8", "surrogateescape")


def _json(value: Value) -> object:
    return json.loads(value) if isinstance(value, Number) else None if value is None else _text(value)


def _character(value: Value) -> bytes:
    number = int.from_bytes(value, "big") if isinstance(value, Binary) else int(_text(value))
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


def _cut(text: Value, start: int, end: int | None) -> bytes:
    """Some characters of a text."""
    return _text(text)[start:end].encode("utf-8", "surrogateescape")


def _uuid_to_bin(text: Value, swap: Value = None) -> bytes:
    raw = uuid.UUID(_text(text)).bytes
    return raw[6:8] + raw[4:6] + raw[:4] + raw[8:] if swap in (Number("1"), b"1") else raw


def _inet6_aton(text: Value) -> bytes:
    family = socket.AF_INET6 if ":" in _text(text) else socket.AF_INET
    try:
        return socket.inet_pton(family, _text(text))
    except OSError as error:
        raise ValueError(str(error)) from error


def _inet_aton(text: Value) -> Number:
    return Number(int.from_bytes(_inet6_aton(text), "big"))


def _sha2(text: Value, size: Value) -> bytes:
    return hashlib.new(f"sha{int(_text(size)) or 256}", _required(text)).hexdigest().encode()


def _from_text(text: Value, srid: Value = None, options: Value = None) -> bytes:
    swapped = None
    if options is not None and "axis-order" in _text(options):
        swapped = "lat-long" in _text(options)
    return wkt.geometry(_text(text), int(srid or 0), swapped=swapped)


def _from_binary(shape: Value, srid: Value = None, *_: Value) -> bytes:
    return int(srid or 0).to_bytes(4, "little") + _required(shape)


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "CONCAT": lambda *parts: b"".join(_required(part) for part in parts),
    "UNHEX": lambda text: bytes.fromhex(_text(text).zfill(len(_text(text)) + len(_text(text)) % 2)),
    "HEX": lambda text: (
        f"{int(text):X}" if isinstance(text, Number) else _required(text).hex().upper()
    ).encode(),
    "FROM_BASE64": lambda text: base64.b64decode(_required(text)),
    "TO_BASE64": lambda text: base64.b64encode(_required(text)),
    "UUID": lambda: str(uuid.uuid1()).encode(),
    "UUID_TO_BIN": _uuid_to_bin,
    "INET_ATON": _inet_aton,
    "INET6_ATON": _inet6_aton,
    "UNIX_TIMESTAMP": lambda: Number(int(datetime.now(UTC).timestamp())),
    "MD5": lambda text: hashlib.md5(_required(text), usedforsecurity=False).hexdigest().encode(),
    "SHA": lambda text: hashlib.sha1(_required(text), usedforsecurity=False).hexdigest().encode(),
    "SHA1": lambda text: hashlib.sha1(_required(text), usedforsecurity=False).hexdigest().encode(),
    "SHA2": _sha2,
    "LOWER": lambda text: _text(text).lower().encode("utf-8", "surrogateescape"),
    "UPPER": lambda text: _text(text).upper().encode("utf-8", "surrogateescape"),
    "REPLACE": lambda text, old, new: _required(text).replace(_required(old), _required(new)) if old else text,
    "TRIM": lambda text: _required(text).strip(b" "),
    "LTRIM": lambda text: _required(text).lstrip(b" "),
    "RTRIM": lambda text: _required(text).rstrip(b" "),
    "LEFT": lambda text, size: _cut(text, 0, int(size)),
    "RIGHT": lambda text, size: _cut(text, -int(size), None) if int(size) > 0 else b"",
    "LENGTH": lambda text: Number(len(_required(text))),
    "ROUND": lambda number, digits=None: round_half_up(number, int(digits or 0)),
    "FLOOR": lambda number: Number(_decimal(number).to_integral_value(ROUND_FLOOR)),
    "CEIL": lambda number: Number(_decimal(number).to_integral_value(ROUND_CEILING)),
    "CEILING": lambda number: Number(_decimal(number).to_integral_value(ROUND_CEILING)),
    "ABS": lambda number: Number(abs(_decimal(number))),
    "RAND": lambda *_: Number(random.random()),  # noqa: S311  MySQL's is no better
    "DATE": lambda moment: _required(moment)[:10],
    "YEAR": lambda moment: Number(int(_required(moment)[:4])),
    "MONTH": lambda moment: Number(int(_required(moment)[5:7])),
    "DAY": lambda moment: Number(int(_required(moment)[8:10])),
    "STR_TO_DATE": lambda text, form: read_moment(_text(text), _text(form)).encode(),
    "REPEAT": lambda text, times: _required(text) * max(0, int(times)),
    "SPACE": lambda times: b" " * max(0, int(times)),
    "POINT": lambda x, y: wkt.point(float(x), float(y)),
    **{
        f"{prefix}{shape}FROM{suffix}": _from_text if suffix in ("TEXT", "TXT") else _from_binary
        for prefix in ("ST_", "")
        for shape in ("GEOM", "GEOMETRY", "POINT", "LINE", "LINESTRING", "POLY", "POLYGON", "MPOINT", "MLINE", "MPOLY",
                      "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMCOLL", "GEOMETRYCOLLECTION")
        for suffix in ("TEXT", "TXT", "WKB")
    },
}  # fmt: skip
