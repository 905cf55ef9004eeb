"""Queries that a script asks for their values, and how PostgreSQL's answer is MySQL's."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..mysql.constants import Binary, Number, Value
from .values import NUMBERS, Kind, Refusal

if TYPE_CHECKING:
    from .query import Query

_AS_TEXT = {
    Kind.BOOLEAN: "{}::integer::text",
    Kind.BYTES: "encode({}, 'hex')",
    Kind.INSTANT: "{}::timestamp::text",
    Kind.SET: "array_to_string({}, ',')",
    **dict.fromkeys(
        (*NUMBERS, Kind.TEXT, Kind.ENUM, Kind.JSON, Kind.DATE, Kind.TIMESTAMP, Kind.TIME, Kind.NULL),
        "{}::text",
    ),
}


@dataclass(frozen=True)
class Question:
    """A translated query and the kinds of its columns."""

    sql: str
    kinds: tuple[Kind, ...]

    @classmethod
    def of(cls, query: "Query") -> "Question":
        """Raises Refusal where a column has no form that MySQL would read again."""
        kinds = tuple(value.kind for _, value in query.outputs)
        if any(kind not in _AS_TEXT for kind in kinds):
            raise Refusal("a value of this type is not told to a script")
        return cls(query.sql, kinds)

    @property
    def document(self) -> str:
        """An expression for its first two rows as JSON."""
        names = [f"c{place}" for place in range(len(self.kinds))]
        told = ", ".join(_AS_TEXT[kind].format(one) for one, kind in zip(names, self.kinds, strict=True))
        rows = f"select jsonb_build_array({told}) as told from ({self.sql}) as q ({', '.join(names)}) limit 2"
        return f"(select coalesce(jsonb_agg(told), '[]') from ({rows}) as r)"

    def read(self, document: str) -> list[tuple[Value, ...]]:
        """The rows as MySQL's values."""
        return [tuple(map(_value, self.kinds, row)) for row in json.loads(document)]


def _value(kind: Kind, text: str | None) -> Value:
    if text is None:
        return None
    if kind in NUMBERS or kind is Kind.BOOLEAN:
        return Number(text)
    return Binary.fromhex(text) if kind is Kind.BYTES else text.encode()
