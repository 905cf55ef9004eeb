"""The two ends of foreign keys: the key they need, and what both must agree on."""

from collections.abc import Callable, Iterator, Mapping

from .model import ForeignKey, Index, IndexKind, Table
from .plan import TargetColumn, TargetTable


def referenced_key(key: ForeignKey, referenced: Table) -> Index | None:
    """The primary or unique key that a foreign key points at, which PostgreSQL asks for and MySQL does not."""
    wanted = [name.lower() for name in key.referenced]
    for index in referenced.indexes:
        columns = [(part.column or "").lower() for part in index.parts]
        whole = all(part.length is None for part in index.parts)
        if (
            index.kind in (IndexKind.PRIMARY, IndexKind.UNIQUE)
            and whole
            and sorted(columns) == sorted(wanted)
        ):
            return index
    return None


PointedAt = Callable[[Table, ForeignKey], TargetTable | None]


def pointed_at(tables: Mapping[tuple[str | None, str], TargetTable]) -> PointedAt:
    """What tells the one of `tables` that a foreign key of a table points at, in whatever case it names it."""
    by_lower = {(database, name.lower()): table for (database, name), table in tables.items()}
    return lambda table, key: by_lower.get((key.database or table.database, key.table.lower()))


_End = tuple[TargetTable, TargetColumn]


def _links(tables: Mapping[tuple[str | None, str], TargetTable]) -> Iterator[tuple[_End, _End]]:
    """The pairs of columns that foreign keys bind together."""
    referenced_by = pointed_at(tables)
    for table in tables.values():
        for key in table.source.foreign_keys:
            other = referenced_by(table.source, key)
            for own_name, other_name in zip(key.columns, key.referenced, strict=False):
                own, referenced = table.column(own_name), other.column(other_name) if other else None
                if own and referenced and other:
                    yield (table, own), (other, referenced)


# Each holds what those before it hold; a time is held by an interval.
_WIDTHS = ("boolean", "smallint", "integer", "bigint", "numeric(20,0)")


def agreed(
    tables: Mapping[tuple[str | None, str], TargetTable],
) -> list[tuple[TargetTable, TargetColumn, str]]:
    """The columns that must become wider so that both ends of every foreign key have one type, and that type.

    Types start out equal in MySQL, but data may have widened one end of a reference and not the other.
    """
    links = list(_links(tables))
    wider: dict[int, tuple[TargetTable, TargetColumn, str]] = {}
    changed = True
    while changed:
        changed = False
        for ends in links:
            types = [wider[id(column)][2] if id(column) in wider else column.type for _, column in ends]
            if types[0] == types[1] or not all(one in _WIDTHS for one in types):
                continue
            widest = max(types, key=_WIDTHS.index)
            for (table, column), own_type in zip(ends, types, strict=True):
                if own_type != widest:
                    wider[id(column)] = (table, column, widest)
                    changed = True
    return list(wider.values())


def exact_ends(
    tables: Mapping[tuple[str | None, str], TargetTable],
) -> list[tuple[TargetTable, TargetColumn]]:
    """The columns that must regard case because the other end of a foreign key does."""
    found: dict[int, tuple[TargetTable, TargetColumn]] = {}
    changed = True
    while changed:
        changed = False
        for ends in _links(tables):
            exact = [column.exact_type is None or id(column) in found for _, column in ends]
            if exact[0] != exact[1]:
                table, column = ends[exact.index(False)]
                found[id(column)] = (table, column)
                changed = True
    return list(found.values())
