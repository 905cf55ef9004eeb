"""Rows that may have keys which other rows have already: INSERT IGNORE, REPLACE and ON DUPLICATE KEY UPDATE of MySQL.

The rows come into a temporary table and go from there, one after the other, into theirs; all unique keys that the table
has count. What MySQL would have taken away is noted in `gone`, and what it made of a row that stayed in `came`, so that
the rows of the table are those that came by COPY, without `gone` and with `came`.
"""

from dataclasses import dataclass

from ..model import Duplicates
from ..plan import TargetColumn, TargetTable
from .psql import Session
from .quoting import dollar_quoted, literal, name

INCOMING, GONE, CAME = (f"pg_temp.migrate_{which}" for which in ("incoming", "gone", "came"))


@dataclass(frozen=True)
class Merging:
    """The statements for some rows of a table that is in the schema `place`: those before, the COPY, and the one after.

    `columns` are those that the rows have, `sets` the assignments of an UPDATE, in which the row that came is called
    `migrate_row`.
    """

    table: TargetTable
    place: str
    columns: tuple[TargetColumn, ...]
    duplicates: Duplicates
    sets: str = ""

    @property
    def _target(self) -> str:
        return name(self.place, self.table.name)

    @property
    def _listed(self) -> str:
        return ", ".join(name(column.name) for column in self.columns)

    @property
    def prepare(self) -> tuple[str, ...]:
        """The temporary tables."""
        shape = "including defaults including generated including constraints"
        order = "migrate_order bigint generated always as identity primary key"
        return (
            f"create temp table migrate_incoming (like {self._target} {shape}, {order}) on commit drop",
            *(
                f"create temp table {table.removeprefix('pg_temp.')} on commit drop as "
                f"select {self._listed} from {self._target} with no data"
                for table in (GONE, CAME)
            ),
        )

    @property
    def copy(self) -> str:
        """The COPY that the rows are for."""
        which = f" where {self.table.condition}" if self.table.condition else ""
        return f"copy {INCOMING} ({self._listed}) from stdin{which}"

    def outcome(self, session: Session) -> tuple[int, str]:
        """How many rows fewer the table has for it than came, and one of those that went."""
        [[gone, came]] = session.query(f"select (select count(*) from {GONE}), (select count(*) from {CAME})")
        [[row]] = session.query(f"select g::text from {GONE} g limit 1") or [[""]]
        return int(gone) - int(came), f"{self.duplicates.value}: {row}"

    @property
    def merge(self) -> str:
        """Let the rows into the table, in their order."""
        body = dollar_quoted(
            f"""
#variable_conflict use_column
declare
  migrate_at bigint;
  migrate_row record;
  migrate_done boolean;
begin
  for migrate_at in select migrate_order from {INCOMING} order by 1 loop
    insert into {self._target} ({self._listed})
      select {self._listed} from {INCOMING} where migrate_order = migrate_at on conflict do nothing;
    continue when found;
{self._otherwise}
  end loop;
end
""",
            "row",
        )
        same = "(%1$s) = (select (%1$s) from " + INCOMING + " where migrate_order = migrate_at)"
        return "do " + dollar_quoted(
            f"""
declare
  keys text;
begin
  select coalesce(string_agg(replace({literal(self._by_key)}, '~same~', same), E'\\n' order by not first, number), '')
    into keys
    from (
      select i.indisprimary as first, i.indexrelid as number,
        string_agg(format({literal(same)}, pg_get_indexdef(i.indexrelid, k, true)), ' and ' order by k) as same
      from pg_index i, generate_series(1, i.indnkeyatts) k
      where i.indrelid = {literal(self._target)}::regclass and i.indisunique and i.indpred is null
      group by i.indisprimary, i.indexrelid
    ) as unique_keys;
  execute replace({literal("do " + body)}, '~keys~', keys);
end
""",
            "merge",
        )

    @property
    def _by_key(self) -> str:
        """What is done with the rows that have one of the keys of the row that came."""
        if self.duplicates is Duplicates.REPLACED:
            return (
                f"    with gone as (delete from {self._target} where ~same~ returning {self._listed})\n"
                f"      insert into {GONE} select * from gone;"
            )
        return (
            "    if not migrate_done then\n"
            f"      insert into {GONE} select {self._listed} from {self._target} where ~same~;\n"
            "      migrate_done := found;\n"
            f"      with came as (update {self._target} set {self.sets} where ~same~ returning {self._listed})\n"
            f"        insert into {CAME} select * from came;\n"
            "    end if;"
        )

    @property
    def _otherwise(self) -> str:
        """What is done with a row that has not found its way."""
        taken_back = (
            f"    insert into {GONE} select {self._listed} from {INCOMING} where migrate_order = migrate_at;"
        )
        if self.duplicates is Duplicates.IGNORED:
            return taken_back
        if self.duplicates is Duplicates.REPLACED:
            return (
                f"~keys~\n    insert into {self._target} ({self._listed})\n"
                f"      select {self._listed} from {INCOMING} where migrate_order = migrate_at;"
            )
        return (
            f"    migrate_done := false;\n    select * into migrate_row from {INCOMING} "
            f"where migrate_order = migrate_at;\n~keys~\n{taken_back}"
        )
