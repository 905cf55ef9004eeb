"""In which forms columns are hashed, so that a value has one digest however it is written."""

import re
from enum import IntEnum


class Kind(IntEnum):
    """In which form a column is hashed."""

    RAW = 0  # byte for byte
    NUMBER = 1  # by value, however it is written
    DOUBLE = 2  # by the nearest double precision number
    SINGLE = 3  # by the nearest single precision number
    BOOLEAN = 4  # as the numbers 0 and 1, since the column may become a number while it is loaded
    MOMENT = 5  # the parts of a date or time; trailing zeros of seconds and a zone's offset do not count
    ARRAY = 6  # the elements of a text array
    JSON = 7  # the tokens of a document, whatever their order in objects
    HEX = 8  # hexadecimal digits: case and dashes do not count
    ADDRESS = 9  # an Internet address by its bits (RFC 4291, "Text Representation of Addresses")


_TYPES = {
    "smallint": Kind.NUMBER,
    "integer": Kind.NUMBER,
    "bigint": Kind.NUMBER,
    "numeric": Kind.NUMBER,
    "double precision": Kind.DOUBLE,
    "real": Kind.SINGLE,
    "boolean": Kind.BOOLEAN,
    "date": Kind.MOMENT,
    "timestamp": Kind.MOMENT,
    "time": Kind.MOMENT,
    "interval": Kind.MOMENT,
    "text[]": Kind.ARRAY,
    "json": Kind.JSON,
    "jsonb": Kind.JSON,
    "uuid": Kind.HEX,
    "inet": Kind.ADDRESS,
    "geometry": Kind.HEX,
}
EVERY_DIGIT = 1 << 20


def scale_of(type_name: str) -> int:
    """How many digits a PostgreSQL type such as `numeric(10,2)` keeps behind the point."""
    digits = re.fullmatch(r"numeric\(\d+(?:, ?(\d+))?\)", type_name)
    return int(digits[1] or 0) if digits else EVERY_DIGIT


def kind_of(type_name: str) -> Kind:
    """The form for a PostgreSQL type such as `numeric(10,2)` or `timestamp(0) with time zone`."""
    bare = type_name.split("(")[0].strip()
    return _TYPES.get(
        bare, _TYPES.get(bare.removesuffix(" with time zone").removesuffix(" without time zone"), Kind.RAW)
    )
