"""ALTER TABLE and RENAME TABLE, which change a table of the model."""

from dataclasses import replace

from ..model import Alteration, Database, IndexKind, Program, Table, Type
from .columns import read_column, read_default
from .keys import is_check, is_reference
from .statement import Statement
from .tables import find, read_definition, with_keys


def alter_table(database: Database, current: str | None, statement: Statement) -> None:
    """ALTER TABLE, from the words after it on. Raises InputError for what a table is not known to have."""
    if statement.peek().is_word("ENABLE", "DISABLE") or statement.peek(3).is_word("ENABLE", "DISABLE"):
        return  # of keys, around the rows of a table that another file defines
    if statement.accept("IF", "EXISTS") and not _is_next(database, current, statement):
        return
    before = table = find(database, current, statement)
    if statement.accept("WAIT"):
        statement.number()
    statement.accept("NOWAIT")
    origins = {column.name.lower(): column.name for column in table.columns}
    while not statement.at_end():
        if statement.accept("ADD", "SYSTEM", "VERSIONING"):
            table = replace(table, versioned=True)
        elif statement.accept("DROP", "SYSTEM", "VERSIONING"):
            table = replace(table, versioned=False)
        elif statement.accept("ADD"):
            table = _add(table, statement)
        elif statement.accept("MODIFY") or statement.accept("CHANGE"):
            changing = statement.peek(-1).is_word("CHANGE")
            statement.accept("COLUMN")
            tolerant = statement.accept("IF", "EXISTS")
            old = statement.name()
            if tolerant and table.column(old) is None:
                table = _table_option(table, statement)
                statement.accept_mark(",")
                continue
            new = statement.name() if changing else old
            table = _change(table, old, new, statement)
            origins[new.lower()] = origins.pop(old.lower(), "")
        elif statement.accept("EXCHANGE", "PARTITION"):
            raise statement.error(
                "rows of a partition and of a table do not change places here: write what each has after it instead"
            )
        elif statement.accept("DROP"):
            table = _drop_part(table, statement)
            origins = {name: origin for name, origin in origins.items() if table.column(name)}
        elif statement.accept("RENAME", "COLUMN"):
            old = statement.name()
            statement.expect("TO")
            new = statement.name()
            table = _rename_column(table, old, new, statement)
            origins[new.lower()] = origins.pop(old.lower(), "")
        elif statement.at_words("RENAME", "INDEX") or statement.at_words("RENAME", "KEY"):
            table = _rename_index(table, statement)
        elif statement.accept("RENAME"):
            statement.accept_any("TO", "AS")
            own, name = statement.qualified_name()
            table = replace(table, database=own or table.database, name=name)
        elif statement.accept("ALTER"):
            table = _alter_column(table, statement)
        else:
            table = _table_option(table, statement)
        if not statement.accept_mark(",") and not statement.at_end():
            table = _table_option(table, statement)
    _put(database, before, with_keys(table), {name: origin for name, origin in origins.items() if origin})


def _is_next(database: Database, current: str | None, statement: Statement) -> bool:
    """Whether the table is there that a statement names next."""
    dotted = statement.peek().text == "."
    own = statement.token.text if dotted else current
    return (own, statement.peek(2 if dotted else 0).text) in database.tables


def _put(database: Database, before: Table, table: Table, origins: dict[str, str]) -> None:
    """The table as it is now in the place of what it was; what refers to it by its name follows."""
    old, new = (before.database, before.name), (table.database, table.name)
    if old != new:
        del database.tables[old]
        database.programs = [_following(program, old, new) for program in database.programs]
        for key, other in database.tables.items():
            references = tuple(
                replace(one, database=new[0], table=new[1])
                if (one.database or key[0], one.table) == old
                else one
                for one in other.foreign_keys
            )
            database.tables[key] = replace(other, foreign_keys=references)
    database.tables[new] = table
    if old != new or before.shape != table.shape:
        database.altered.append(Alteration(old, table, origins))


def _following(program: Program, old: tuple[str | None, str], new: tuple[str | None, str]) -> Program:
    moved = program.kind == "trigger" and (program.database, program.table) == old
    return replace(program, table=new[1]) if moved else program


def _rename_column(table: Table, old: str, new: str, statement: Statement) -> Table:
    column = table.column(old)
    if column is None:
        raise statement.error(f"the table {table.name} has no column {old}")
    return _following_column(table.with_column(old, replace(column, name=new)), old, new)


def _following_column(table: Table, old: str, new: str) -> Table:
    """The table with its keys over the column that has another name now."""
    indexes = tuple(
        replace(
            index,
            parts=tuple(
                replace(part, column=new) if (part.column or "").lower() == old.lower() else part
                for part in index.parts
            ),
        )
        for index in table.indexes
    )
    references = tuple(
        replace(key, columns=tuple(new if name.lower() == old.lower() else name for name in key.columns))
        for key in table.foreign_keys
    )
    return replace(table, indexes=indexes, foreign_keys=references)


def _rename_index(table: Table, statement: Statement) -> Table:
    statement.next()
    statement.next()
    old = statement.name()
    statement.expect("TO")
    new = statement.name()
    indexes = tuple(replace(one, name=new) if one.is_called(old) else one for one in table.indexes)
    return replace(table, indexes=indexes)


def _table_option(table: Table, statement: Statement) -> Table:
    """One option of ALTER TABLE, up to the comma: AUTO_INCREMENT counts, ENABLE KEYS and the like do not."""
    if statement.accept("AUTO_INCREMENT"):
        statement.accept_mark("=")
        return replace(table, auto_increment=statement.number())
    if statement.accept("COMMENT"):
        statement.accept_mark("=")
        return replace(table, comment=statement.string())
    if statement.accept("CONVERT", "TO"):
        columns = tuple(replace(c, type=_without_charset(c.type)) for c in table.columns)
        return _charset_option(replace(table, columns=columns, charset=None, collation=None), statement)
    if statement.token.is_word("DEFAULT", "CHARACTER", "CHARSET", "COLLATE"):
        old = table.charset, table.collation
        columns = tuple(replace(c, type=_with_charset(c.type, *old)) for c in table.columns)
        return _charset_option(replace(table, columns=columns), statement)
    while not statement.at_end() and not statement.at_mark(","):
        if statement.at_mark("("):
            statement.parenthesised()
        else:
            statement.next()
    return table


def _charset_option(table: Table, statement: Statement) -> Table:
    """[DEFAULT] CHARACTER SET and COLLATE, in either order: what columns that name none have from now on."""
    while True:
        statement.accept("DEFAULT")
        if statement.accept("CHARACTER", "SET") or statement.accept("CHARSET"):
            statement.accept_mark("=")
            table = replace(table, charset=statement.name().lower(), collation=None)
        elif statement.accept("COLLATE"):
            statement.accept_mark("=")
            table = replace(table, collation=statement.name().lower())
        else:
            return table


_OF_TEXT = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set")


def _without_charset(kind: Type) -> Type:
    return replace(kind, charset=None, collation=None) if kind.name in _OF_TEXT else kind


def _with_charset(kind: Type, charset: str | None, collation: str | None) -> Type:
    """The type of a column whose table has another character set from now on."""
    if kind.name not in _OF_TEXT or kind.charset or kind.collation:
        return kind
    return replace(kind, charset=charset, collation=collation)


def _add(table: Table, statement: Statement) -> Table:
    statement.accept("COLUMN")
    tolerant = statement.accept("IF", "NOT", "EXISTS")
    if statement.accept("PARTITION"):
        return _table_option(table, statement)
    if statement.accept_mark("("):
        while True:
            table = read_definition(table, statement)
            if not statement.accept_mark(","):
                statement.expect_mark(")")
                return table
    tolerant = tolerant or any(statement.peek(place).is_word("IF") for place in (1, 2))
    before, former = table.columns, table
    table = read_definition(table, statement)
    added_keys = [one.name for one in table.indexes[len(former.indexes) :] if one.name]
    if any(one.is_called(name) for one in former.indexes for name in added_keys):
        if tolerant:
            return former
        raise statement.error(f"the table {table.name} has a key {table.indexes[-1].name} already")
    if len(table.columns) > len(before):
        added = table.columns[-1]
        if any(one.name.lower() == added.name.lower() for one in before):
            if not tolerant:
                raise statement.error(f"the table {table.name} has a column {added.name} already")
            _position(statement)
            return replace(table, columns=before)
        return replace(table, columns=before).with_column(added.name, added, _position(statement))
    return table


def _change(table: Table, old: str, new: str, statement: Statement) -> Table:
    if table.column(old) is None:
        raise statement.error(f"the table {table.name} has no column {old}")
    changed, column = read_column(replace(table, columns=()), new, statement)
    whole = replace(changed, columns=table.columns).with_column(old, column, _position(statement))
    return _following_column(whole, old, new)


def _position(statement: Statement) -> str | bool:
    if statement.accept("FIRST"):
        return False
    return statement.name() if statement.accept("AFTER") else True


def _drop_part(table: Table, statement: Statement) -> Table:
    if statement.accept("PRIMARY", "KEY"):
        return replace(table, indexes=tuple(i for i in table.indexes if i.kind is not IndexKind.PRIMARY))
    if statement.accept("FOREIGN", "KEY"):
        statement.accept("IF", "EXISTS")
        name = statement.name()
        return _without_reference(table, name)
    if statement.accept_any("INDEX", "KEY"):
        statement.accept("IF", "EXISTS")
        name = statement.name()
        return replace(table, indexes=tuple(index for index in table.indexes if not index.is_called(name)))
    if statement.accept_any("CHECK", "CONSTRAINT"):
        statement.accept("IF", "EXISTS")
        name = statement.name()
        return replace(
            _without_reference(table, name),
            checks=tuple(check for check in table.checks if not is_check(check, table, name)),
            indexes=tuple(index for index in table.indexes if not index.is_called(name)),
        )
    statement.accept("COLUMN")
    tolerant = statement.accept("IF", "EXISTS")
    name = statement.name().lower()
    if not tolerant and table.column(name) is None:
        raise statement.error(f"the table {table.name} has no column {name}")
    parts = {
        index: tuple(part for part in index.parts if (part.column or "").lower() != name)
        for index in table.indexes
    }
    return replace(
        table,
        columns=tuple(column for column in table.columns if column.name.lower() != name),
        indexes=tuple(replace(index, parts=left) for index, left in parts.items() if left),
    )


def _without_reference(table: Table, name: str) -> Table:
    left = tuple(key for key in table.foreign_keys if not is_reference(key, table, name))
    return replace(table, foreign_keys=left)


def _alter_column(table: Table, statement: Statement) -> Table:
    if statement.accept_any("INDEX", "CHECK", "CONSTRAINT"):
        return _table_option(table, statement)
    statement.accept("COLUMN")
    name = statement.name()
    column = table.column(name)
    if column is None:
        raise statement.error(f"the table {table.name} has no column {name}")
    if statement.accept("SET", "DEFAULT"):
        return table.with_column(name, replace(column, default=read_default(statement)))
    if statement.accept("DROP", "DEFAULT"):
        return table.with_column(name, replace(column, default=None))
    return _table_option(table, statement)


def rename_tables(database: Database, current: str | None, statement: Statement) -> None:
    """RENAME TABLE, from the words after it on."""
    while True:
        table = find(database, current, statement)
        statement.expect("TO")
        own, name = statement.qualified_name()
        origins = {column.name.lower(): column.name for column in table.columns}
        _put(database, table, replace(table, database=own or current, name=name), origins)
        if not statement.accept_mark(","):
            return
