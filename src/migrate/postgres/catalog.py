"""What is in the target already."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..model import Column, Type
from ..plan import TargetColumn, TargetTable
from ..rules import Cast, Rule
from ..transcode.codecs import Codec
from . import ddl
from .ddl import literal
from .psql import Session

# How text of MySQL gets into a column that is there already, by the column's type in pg_catalog.
_CODECS = {
    "bool": Codec.BOOLEAN,
    "int2": Codec.NUMBER,
    "int4": Codec.NUMBER,
    "int8": Codec.NUMBER,
    "numeric": Codec.NUMBER,
    "float4": Codec.NUMBER,
    "float8": Codec.NUMBER,
    "bytea": Codec.BYTES,
    "date": Codec.DATE,
    "timestamp": Codec.DATE,
    "timestamptz": Codec.DATE,
    "time": Codec.TIME,
    "bit": Codec.BITS,
    "_text": Codec.SET,
    "geometry": Codec.GEOMETRY,
}


@dataclass(frozen=True)
class Relation:
    """A table of the target, with its columns in order; generated ones are left out."""

    name: str
    columns: tuple[TargetColumn, ...]


def held_types(
    session: Session, begin: str, table: TargetTable, columns: Sequence[TargetColumn], schema: str
) -> list[str]:
    """The types of some columns, which stay as they are until the transaction ends that this begins with `begin`.

    They are called as in pg_type, an enum "text", and those that are not PostgreSQL's own "-".
    """
    relation = ddl.name(schema, table.name)
    answer = session.run(
        f"{begin} lock table {relation} in row exclusive mode; select string_agg(case when t.typtype = 'e' then 'text' "
        "when t.typname = 'citext' then 'text' when t.typtype = 'b' and t.typnamespace = 'pg_catalog'::regnamespace "
        "then t.typname else '-' end, ' ' order by wanted.place) from unnest(array["
        f"{', '.join(ddl.literal(column.name) for column in columns)}]) with ordinality wanted (name, place) "
        f"join pg_attribute a on a.attrelid = {ddl.literal(relation)}::regclass and a.attname = wanted.name "
        "join pg_type t on t.oid = a.atttypid;"
    )
    return answer.splitlines()[-1].split()


def relations(session: Session, schema: str) -> set[str]:
    """The names of all tables, views and the like in a schema."""
    rows = session.query(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        f"where n.nspname = {literal(schema)} and c.relkind in ('r', 'p', 'v', 'm', 'f')"
    )
    return {row[0] for row in rows}


def schemas(session: Session, pattern: str) -> list[str]:
    """The schemas whose names match a regular expression."""
    return [
        row[0]
        for row in session.query(f"select nspname from pg_namespace where nspname ~ {literal(pattern)}")
    ]


def abilities(session: Session) -> frozenset[str]:
    """What the target can do beyond what every PostgreSQL can.

    `postgis` and `citext` where their types are at hand (or the extension may be made), `icu` where the server was
    built with it, `icu search` where LIKE works with a collation of it that ignores case, `citus` where Citus is.
    """
    session.run(_TRY_ICU)
    [answers] = session.query(
        "select to_regtype('geometry') is not null, to_regtype('citext') is not null or exists (select from "
        "pg_available_extensions where name = 'citext' and installed_version is null), "
        "current_setting('migrate.icu') in ('made', 'searched'), current_setting('migrate.icu') = 'searched', "
        "exists (select from pg_extension where extname = 'citus')"
    )
    named = zip(("postgis", "citext", "icu", "icu search", "citus"), answers, strict=True)
    return frozenset(ability for ability, answer in named if answer == "t")


# Tried, since no version number says it, and a server without ICU lists its collations all the same.
_TRY_ICU = """
do $try$
declare came text := 'nowhere';
begin
  begin
    create collation pg_temp.ignores_case (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
    came := 'made';
    execute $$ select 'searched' where 'a' || now()::text like 'A%' collate pg_temp.ignores_case $$ into strict came;
    raise exception 'tried';
  exception when others then null;
  end;
  perform set_config('migrate.icu', came, false);
end $try$;
"""


def tables(session: Session, schema: str) -> dict[str, Relation]:
    """The tables of a schema by their names in lower case."""
    rows = session.query(
        "select c.relname, a.attname, t.typname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atttypmod, "
        "a.attidentity <> '' "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid "
        f"where n.nspname = {literal(schema)} and c.relkind in ('r', 'p') and a.attnum > 0 "
        "and not a.attisdropped and a.attgenerated = '' order by c.oid, a.attnum"
    )
    found: dict[str, list[TargetColumn]] = {}
    names: dict[str, str] = {}
    for table, column, kind, declared, not_null, modifier, identity in rows:
        names[table.lower()] = table
        codec = _CODECS.get(kind, Codec.TEXT)
        width = int(modifier) if codec is Codec.BITS else int(codec is Codec.GEOMETRY)
        cast = Cast(Rule((), declared, codec), declared, codec, width)
        made = TargetColumn(
            Column(column, Type(kind)), column, cast, declared, not_null == "t", None, identity == "t"
        )
        found.setdefault(table.lower(), []).append(made)
    return {key: Relation(names[key], tuple(columns)) for key, columns in found.items()}
