"""Expressions that have the same value on every server, computed as MySQL computes them.

They stand where tools or people wrote a call in the place of a value. What depends on a server's tables or settings is
refused.
"""

import binascii
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import InvalidOperation

from ..errors import InputError
from .constants import (
    OPERATORS,
    Binary,
    NotConstantError,
    Number,
    Octets,
    Value,
    bits,
    compared,
    content,
    decimal,
    hexadecimal,
    integer,
    is_true,
    joined,
    text,
    truth,
    written,
)
from .functions import FUNCTIONS, NULL_FUNCTIONS, cast, trimmed
from .lexer import Kind, Token
from .moments import UNITS, between, moment_of, part, shifted, zone_named


class Evaluator:
    """Reads one expression from tokens. `introduced` gives the UTF-8 bytes of a string in a named character set.

    `pipes_concat` says that `||` joins texts; else it is an OR that not every server knows.
    """

    def __init__(
        self,
        tokens: Sequence[Token],
        zone: str | None,
        introduced: Callable[[str, bytes], bytes],
        *,
        pipes_concat: bool = False,
    ) -> None:
        self._tokens = tokens
        self._at = 0
        self._zone = zone
        self._introduced = introduced
        self._pipes_concat = pipes_concat

    def value(self) -> Value:
        """The value of all tokens. Raises NotConstantError when there is none to be known."""
        try:
            value = self._expression()
        except (ValueError, InvalidOperation, OverflowError) as error:
            raise NotConstantError from error
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

    def _accept_any(self, *operators: str) -> str | None:
        """The operator that is next, if it is one of these, which are marks or words."""
        token = self._peek()
        if token is None or token.kind not in (Kind.MARK, Kind.WORD) or token.text.upper() not in operators:
            return None
        self._at += 1
        return token.text.upper()

    def _expression(self) -> Value:
        """Operands of OR and XOR, those of higher rank first."""
        value = self._conjunction()
        while (word := self._accept_any("OR", "||", "XOR")) is not None:
            left, right = is_true(value), is_true(self._conjunction())
            if word == "XOR":
                value = None if left is None or right is None else truth(left != right)
            else:
                value = truth(True) if left or right else None if None in (left, right) else truth(False)
        return value

    def _conjunction(self) -> Value:
        value = self._negation()
        while self._accept_any("AND", "&&"):
            left, right = is_true(value), is_true(self._negation())
            value = truth(False) if False in (left, right) else None if None in (left, right) else truth(True)
        return value

    def _negation(self) -> Value:
        if self._accept_any("NOT"):
            return _negated(self._negation())
        return self._comparison()

    def _comparison(self) -> Value:
        value = self._ranked(0)
        while True:
            if self._accept_any("IS"):
                negative = self._accept_any("NOT") is not None
                wanted = self._next().text.upper()
                if wanted not in ("NULL", "TRUE", "FALSE"):
                    raise NotConstantError
                holds = value is None if wanted == "NULL" else is_true(value) is (wanted == "TRUE")
                value = truth(holds is not negative)
            elif (mark := self._accept_any(*_COMPARISONS)) is not None:
                value = _compared(value, mark, self._ranked(0))
            elif self._accept_any("<=>"):
                right = self._ranked(0)
                both = value is not None and right is not None
                value = truth(compared(value, right) == 0 if both else value is right)
            else:
                negative = self._accept_any("NOT") is not None
                if self._accept_any("BETWEEN"):
                    least = self._ranked(0)
                    if not self._accept_any("AND"):
                        raise NotConstantError
                    most = self._ranked(0)
                    if None in (value, least, most):
                        raise NotConstantError
                    found: Value = truth(compared(value, least) >= 0 and compared(value, most) <= 0)
                elif self._accept_any("IN"):
                    self._expect("(")
                    found = _found(value, self._arguments())
                elif self._accept_any("LIKE"):
                    found = _like(value, self._ranked(0))
                elif negative:
                    raise NotConstantError
                else:
                    return value
                value = _negated(found) if negative else found

    def _ranked(self, rank: int) -> Value:
        """Operands between operators of that rank, those of higher rank first."""
        if rank == len(OPERATORS):
            return self._operand()
        operators = OPERATORS[rank]
        value = self._ranked(rank + 1)
        while (mark := self._accept_any(*operators)) is not None:
            if mark in "+-" and self._at_interval():
                value = self._shifted(value, 1 if mark == "+" else -1)
            else:
                value = operators[mark](value, self._ranked(rank + 1))
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
        return shifted(text(moment), text(count), unit, sign).encode()

    def _operand(self) -> Value:
        value = self._bare()
        while self._accept_any("COLLATE"):
            self._next()
        if self._pipes_concat and self._accept("||"):
            more = self._operand()
            return None if None in (value, more) else joined(value, more)
        return value

    def _bare(self) -> Value:
        token = self._next()
        if token.kind is Kind.STRING:
            found = token.value
            while (more := self._peek()) is not None and more.kind is Kind.STRING:
                found += self._next().value
            return found
        if token.kind is Kind.NUMBER:
            return Number(token.text)
        if token.kind is Kind.HEX:
            return Binary(hexadecimal(token))
        if token.kind is Kind.BITS:
            return Binary(bits(token))
        if token.kind is Kind.MARK and token.text in "+-":
            return _signed(token.text, self._operand())
        if token.kind is Kind.MARK and token.text == "~":
            value = self._operand()
            return None if value is None else Number(2**64 - 1 - integer(value) % 2**64)
        if token.kind is Kind.MARK and token.text == "!":
            return _negated(self._operand())
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
            return None if name == "NULL" else truth(name == "TRUE")
        if following is not None and following.kind in (Kind.STRING, Kind.HEX, Kind.BITS):
            if name.startswith("_"):
                return self._introduced(name[1:].lower(), content(self._bare()))
            if name in ("DATE", "TIME", "TIMESTAMP", "N"):
                return self._bare()
        if name == "BINARY":
            return self._operand()
        if name == "CASE":
            return self._case()
        if self._accept("("):
            special = _SPECIAL.get(name)
            return special(self) if special else self._call(name)
        if name in _CLOCK:
            return self._clock(name, 0)
        raise NotConstantError

    def _case(self) -> Value:
        """CASE … END: all of it is read, and the first branch that holds is its value."""
        token = self._peek()
        given = token is not None and not token.is_word("WHEN")
        subject = self._expression() if given else None
        chosen: list[Value] = []
        while self._accept_word("WHEN"):
            condition = self._expression()
            holds = is_true(_compared(subject, "=", condition) if given else condition)
            if not self._accept_word("THEN"):
                raise NotConstantError
            value = self._expression()
            if holds:
                chosen.append(value)
        if self._accept_word("ELSE"):
            chosen.append(self._expression())
        if not self._accept_word("END"):
            raise NotConstantError
        return chosen[0] if chosen else None

    def _converted(self) -> Value:
        """CAST(… AS type), CONVERT(…, type) or CONVERT(… USING charset), whose text stays what it is."""
        value = self._expression()
        word = self._accept_word("AS", "USING")
        if word is None:
            self._expect(",")
        name = self._next().text.upper()
        sizes: tuple[int, ...] = ()
        if self._accept("("):
            sizes = tuple(integer(size) for size in self._arguments())
        while not self._accept(")"):
            self._next()  # INTEGER after SIGNED, a character set
        return value if word == "USING" or value is None else cast(value, name, sizes)

    def _substring(self) -> Value:
        """SUBSTRING(s, at, size), or SUBSTRING(s FROM at FOR size)."""
        whole = self._expression()
        self._separator("FROM")
        at = self._expression()
        size: Value = None
        sized = not self._at_mark(")")
        if sized:
            self._separator("FOR")
            size = self._expression()
        self._expect(")")
        if None in (whole, at) or (sized and size is None):
            return None
        return _substring(text(whole), integer(at), integer(size) if sized else None)

    def _trim(self) -> Value:
        """TRIM(s), TRIM(BOTH x FROM s) and its kin."""
        side = self._accept_word("BOTH", "LEADING", "TRAILING") or "BOTH"
        mark: Value = b" "
        value = None if self._accept_word("FROM") else self._expression()
        if self._accept_word("FROM"):
            mark, value = value, self._expression()
        elif value is None and not self._at_mark(")"):
            value = self._expression()
        self._expect(")")
        return None if value is None or mark is None else trimmed(content(value), content(mark), side)

    def _system(self) -> Value:
        """SRID(column), as Adminer writes it beside every shape: the column has no value yet, which counts as 0."""
        token = self._peek()
        if token is not None and token.kind in (Kind.WORD, Kind.QUOTED):
            self._next()
            self._expect(")")
            return Number("0")
        raise NotConstantError

    def _position(self) -> Value:
        """POSITION(x IN s)."""
        wanted = self._ranked(0)
        if not self._accept_word("IN"):
            raise NotConstantError
        value = self._expression()
        self._expect(")")
        return None if None in (wanted, value) else FUNCTIONS["LOCATE"](wanted, value)

    def _extract(self) -> Value:
        """EXTRACT(unit FROM moment)."""
        unit = self._next().text.upper()
        if not self._accept_word("FROM"):
            raise NotConstantError
        value = self._expression()
        self._expect(")")
        return None if value is None else Number(part(moment_of(text(value)), unit))

    def _reckoned(self, act: Callable[[str, Value, str], Value]) -> Value:
        """TIMESTAMPADD and TIMESTAMPDIFF, which begin with a unit."""
        unit = self._next().text.upper().removeprefix("SQL_TSI_")
        self._expect(",")
        first = self._expression()
        self._expect(",")
        second = self._expression()
        self._expect(")")
        return None if None in (first, second) or unit not in UNITS else act(unit, first, text(second))

    def _separator(self, word: str) -> None:
        if self._accept_word(word) is None:
            self._expect(",")

    def _arguments(self) -> list[Value]:
        """The values up to the parenthesis that closes."""
        arguments: list[Value] = []
        while not self._accept(")"):
            arguments.append(self._expression())
            if not self._at_mark(")"):
                self._expect(",")
        return arguments

    def _moved(self, sign: int) -> Value:
        """DATE_ADD and its kin, by an INTERVAL or by days."""
        moment = self._expression()
        self._expect(",")
        if self._at_interval():
            value = self._shifted(moment, sign)
        else:
            days = self._expression()
            value = (
                None if None in (moment, days) else shifted(text(moment), text(days), "DAY", sign).encode()
            )
        self._expect(")")
        return value

    def _char(self) -> Value:
        """CHAR(…), also with USING."""
        codes = [self._expression()]
        while self._accept(","):
            codes.append(self._expression())
        charset = self._next().text.lower() if self._accept_word("USING") else "binary"
        self._expect(")")
        found = b"".join(_character(code) for code in codes if code is not None)
        try:
            return Octets(found) if charset == "binary" else self._introduced(charset, found)
        except UnicodeDecodeError:
            return b"?"  # as MySQL writes what is no character

    def _call(self, name: str) -> Value:
        arguments = self._arguments()
        if name in _CLOCK:
            return self._clock(name, integer(arguments[0]) if arguments else 0)
        if name == "FROM_UNIXTIME" and arguments:
            moment = None if arguments[0] is None else self._from_unix(text(arguments[0]))
            return moment if len(arguments) == 1 else FUNCTIONS["DATE_FORMAT"](moment, arguments[1])
        if name == "UNIX_TIMESTAMP":
            return self._to_unix(*arguments)
        if name == "CONVERT_TZ" and len(arguments) == 3 and None not in arguments:
            there = moment_of(text(arguments[0])).replace(tzinfo=zone_named(text(arguments[1])))
            return _moment(there.astimezone(zone_named(text(arguments[2]))), 0)
        nullable = NULL_FUNCTIONS.get(name)
        function = nullable or FUNCTIONS.get(name)
        if function is None:
            raise NotConstantError
        if None in arguments and nullable is None:
            return None
        try:
            return function(*arguments)
        except (TypeError, ValueError, binascii.Error) as error:
            raise InputError(f"{name} cannot be given these arguments: {error}") from error

    def _clock(self, name: str, digits: int) -> bytes:
        now = datetime.now(UTC if name.startswith("UTC") else zone_named(self._zone))
        kind = _CLOCK[name]
        if kind == "date":
            return now.strftime("%Y-%m-%d").encode()
        return _moment(now, digits)[11 if kind == "time" else 0 :]

    def _from_unix(self, seconds: str) -> bytes:
        whole, _, fraction = seconds.partition(".")
        moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(whole))
        found = moment.astimezone(zone_named(self._zone)).strftime("%Y-%m-%d %H:%M:%S")
        return (found + (f".{fraction[:6]}" if fraction else "")).encode()

    def _to_unix(self, moment: Value = b"") -> Value:
        if moment is None:
            return None
        at = moment_of(text(moment)) if moment else datetime.now(UTC)
        return Number(int((at if at.tzinfo else at.replace(tzinfo=zone_named(self._zone))).timestamp()))


def _added(unit: str, count: Value, moment: str) -> Value:
    return shifted(moment, text(count), unit, 1).encode()


def _passed(unit: str, start: Value, end: str) -> Value:
    return Number(between(moment_of(text(start)), moment_of(end), unit))


# The functions whose arguments are not just values between commas.
_SPECIAL: dict[str, Callable[[Evaluator], Value]] = {
    **dict.fromkeys(("CAST", "CONVERT"), Evaluator._converted),
    **dict.fromkeys(("SUBSTRING", "SUBSTR", "MID"), Evaluator._substring),
    "TRIM": Evaluator._trim,
    "POSITION": Evaluator._position,
    **dict.fromkeys(("SRID", "ST_SRID"), Evaluator._system),
    "EXTRACT": Evaluator._extract,
    "CHAR": Evaluator._char,
    **dict.fromkeys(("DATE_ADD", "ADDDATE"), lambda reader: reader._moved(1)),
    **dict.fromkeys(("DATE_SUB", "SUBDATE"), lambda reader: reader._moved(-1)),
    "TIMESTAMPADD": lambda reader: reader._reckoned(_added),
    "TIMESTAMPDIFF": lambda reader: reader._reckoned(_passed),
}
_CLOCK = {
    "NOW": "moment", "CURRENT_TIMESTAMP": "moment", "LOCALTIME": "moment", "LOCALTIMESTAMP": "moment",
    "SYSDATE": "moment", "UTC_TIMESTAMP": "moment", "CURDATE": "date", "CURRENT_DATE": "date", "UTC_DATE": "date",
    "CURTIME": "time", "CURRENT_TIME": "time", "UTC_TIME": "time",
}  # fmt: skip
_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "=": lambda order: order == 0,
    "<>": lambda order: order != 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


def _compared(left: Value, mark: str, right: Value) -> Value:
    if left is None or right is None:
        return None
    return truth(_COMPARISONS[mark](compared(left, right)))


def _found(value: Value, members: list[Value]) -> Value:
    """IN."""
    equal = [_compared(value, "=", member) for member in members]
    return Number("1") if Number("1") in equal else None if None in equal else Number("0")


def _like(value: Value, pattern: Value) -> Value:
    """LIKE, without regard to case."""
    if value is None or pattern is None:
        return None
    if not (content(value).isascii() and content(pattern).isascii()):
        raise NotConstantError
    pieces = re.findall(r"\\?.", text(pattern), re.DOTALL)
    wildcards = {"%": ".*", "_": "."}
    regular = "".join(wildcards.get(piece) or re.escape(piece[-1]) for piece in pieces)
    return truth(re.fullmatch(regular, text(value), re.IGNORECASE | re.DOTALL) is not None)


def _negated(value: Value) -> Value:
    held = is_true(value)
    return None if held is None else truth(not held)


def _substring(whole: str, at: int, size: int | None) -> bytes:
    start = at - 1 if at > 0 else len(whole) + at
    if at == 0 or start < 0:
        return b""
    return written(whole[start : None if size is None else start + max(0, size)])


def _character(value: Value) -> bytes:
    code = int(decimal(value).to_integral_value()) % 2**32
    return code.to_bytes(max(1, (code.bit_length() + 7) // 8), "big")


def _moment(moment: datetime, digits: int) -> bytes:
    found = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    return found[: 20 + digits if digits else 19].encode()


def _signed(sign: str, value: Value) -> Value:
    if value is None or sign == "+":
        return value
    digits = value if isinstance(value, Number) else Number(format(decimal(value), "f"))
    return Number(digits[1:] if digits.startswith("-") else f"-{digits}")
