"""The numbers that the compiled functions share with those who call them: codecs, bounds, options, and what is found.

A codec is how the value of one column becomes COPY text. The casting rules name them, the kernel obeys them.
"""

from enum import IntEnum, IntFlag


class Codec(IntEnum):
    """What the transcoder does with a MySQL literal. The numbers are shared with the compiled kernel."""

    SKIP = 0  # a generated column: PostgreSQL computes it again
    NUMBER = 1  # digits as they stand
    TEXT = 2  # a string in UTF-8
    BYTES = 3  # any bytes, as bytea's hexadecimal form
    BOOLEAN = 4  # 0 or 1; anything else asks for the wider type
    UNSIGNED = 5  # a 64-bit unsigned integer; beyond 2**63 - 1 it asks for the wider type
    BITS = 6  # bit(n) as n binary digits
    DATE = 7  # date, datetime or timestamp; zero and impossible dates become NULL and are counted
    TIME = 8  # a time of day; outside 00:00:00 to 24:00:00 it asks for the wider type
    SET = 9  # a MySQL set as an array of text
    GEOMETRY = 10  # MySQL's SRID and WKB as (E)WKB, in hexadecimal
    ENUM = 11  # a member of an enum; the empty string, MySQL's mark of an invalid one, asks for more
    JSON = 12  # a document; one that jsonb cannot hold asks for the wider type
    HEX = 13  # any bytes, as bare hexadecimal digits


class Bound(IntEnum):
    """What values MySQL writes for a column, as `kernels.transcode` is told it; any other is made to fit first.

    0 lets everything through. For numbers it is the bits of an integer, one of those below, or 100 times the digits
    and the places of one with a fixed point; negative when it is unsigned. For text it is the most characters, for
    bytes the most bytes; negative for text that is bounded by its bytes.
    """

    NUMBER = 1  # any
    YEAR = 4
    FIXED = 100
    MEMBERS = 1  # of an enum or a set: those that its type lists, in their order
    DAY = 1  # YYYY-MM-DD
    MOMENT = 2  # a time, or a date and time, without digits of a second; up to 8 with so many more
    INSTANT = 12  # the same, of 1970 to 2037; up to 18


class Finding(IntEnum):
    """What the kernel counts for each column, with the place where it was first seen."""

    INVALID_DATE = 0  # a zero or impossible date became NULL
    NUL_STRIPPED = 1  # NUL bytes, which PostgreSQL's text cannot hold, were left out of a string
    WIDEN = 2  # a value does not fit the column's narrow type
    INVALID_TEXT = 3  # bytes that are not in the declared character set were read in another way
    MOJIBAKE = 4  # text that was encoded twice, in UTF-8 and once more from latin1
    REJECTED = 5  # the row was refused; counted for the table's first column
    DUPLICATE = 6  # a row's key was there already, and the source says what becomes of it; counted likewise
    CONVERTED = 7  # a value that does not fit was made to, as MySQL does without strict mode


# What is kept of each finding in a column: how often it was seen, and the places of the first and last row with it.
COUNT, FIRST, LAST = 0, 1, 2

# Behind each member, and behind the last one: bytes that UTF-8 does not have.
NEXT_MEMBER, NO_MEMBER = 0xFF, 0xFE


class Option(IntFlag):
    """A column's policies and peculiarities, for the kernel."""

    FOREIGN = 1  # bytes without a character set of their own are in the column's, which is not UTF-8
    DATES_INFINITE = 2  # an impossible date becomes -infinity
    DATES_REFUSED = 4
    NUL_REPLACED = 8  # by U+FFFD
    NUL_REFUSED = 16
    MOJIBAKE_REPAIRED = 32


class Status(IntEnum):
    """Why the kernel stopped."""

    DONE = 0  # the whole chunk is transcoded
    UNUSUAL = 1  # a literal that only the row interpreter understands
    INVALID_TEXT = 2  # bytes that are not UTF-8 in a column of text
    MALFORMED = 3  # not a row
    COLUMNS = 4  # more or fewer values than columns
    VALUE = 5  # a value that the column's codec cannot read
    ZERO_DATE = 6  # a zero or impossible date, which the column's policy refuses
    NUL = 7  # a NUL character in text, which the column's policy refuses


class Boundary(IntEnum):
    """Why the scanner stopped, between two rows of an INSERT statement."""

    MORE = 0  # the next row is not complete in this buffer
    CUT = 1  # the target size is reached
    ENDED = 2  # after the statement's semicolon
    ODD = 3  # at something after a row that is neither a comma nor the end


class Writing(IntEnum):
    """How the bytes of a column are written in the fields of a line."""

    TEXT = 0
    HEX = 1
    BASE64 = 2


class Line(IntEnum):
    """Why the reader of lines stopped: at the last whole one, or at one that it cannot read."""

    DONE = 0
    COLUMNS = 1  # it has more or fewer fields than columns
    ENCODING = 2  # a field is not in the encoding of its column
