"""Partitioned tables: each row in the partition that MySQL had it in."""

import pytest

from tests.fixtures.postgres import psql
from tests.migrate.translate.twins import Make

PARTITIONED = {
    "by_id": ("id int not null, v int, primary key (id)", "range (id)"
              " (partition p0 values less than (10), partition p1 values less than (20),"
              " partition pmax values less than maxvalue)", "(1,1),(9,2),(10,3),(25,4)"),
    "by_year": ("id int not null, v date not null, primary key (id, v)", "range (year(v))"
                " (partition p2019 values less than (2020), partition p2020 values less than (2021))",
                "(1,'2019-12-31'),(2,'2020-01-01'),(3,'2020-12-31')"),
    "by_day": ("id int not null, v datetime not null, primary key (id, v)", "range (to_days(v))"
               " (partition old values less than (to_days('2024-01-01')), partition `rest` values less than maxvalue)",
               "(1,'2023-12-31 23:59:59'),(2,'2024-01-01 00:00:00')"),
    "by_columns": ("id int not null, v varchar(10) not null, primary key (id, v)", "range columns (v)"
                   " (partition a values less than ('m'), partition b values less than (maxvalue))",
                   "(1,'apple'),(2,'pear')"),
    "by_list": ("id int not null, v int not null, primary key (id, v)", "list (v)"
                " (partition odd values in (1,3,5), partition even values in (2,4))", "(1,1),(2,2),(3,5)"),
    "by_list_with_a_rest": ("id int not null, v varchar(9), key (v)", "list columns (v)"
                            " (partition few values in ('x','y'), partition rest default)", "(1,'x'),(2,'q'),(3,null)"),
    "by_hash": ("id int not null auto_increment, v int, primary key (id)", "hash (id) partitions 3",
                "(1,1),(2,2),(3,3),(4,4)"),
    "by_key": ("id int not null, v int, primary key (id), key v (v)", "key (id) partitions 2", "(1,1),(2,2)"),
}  # fmt: skip


@pytest.mark.parametrize("table", PARTITIONED)
def test_a_partitioned_table_arrives_partitioned(table: str, make_twins: Make) -> None:
    columns, method, rows = PARTITIONED[table]
    twins = make_twins(f"create table t ({columns}) partition by {method}", f"insert into t values {rows}")
    assert twins.done.exit_code == 0, twins.untranslated
    twins.ask("select * from t")
    by_partition = psql(
        twins.url, "select regexp_replace(tableoid::regclass::text, '^t_', ''), count(*) from t group by 1"
    )
    ours = {line.split("|")[0]: int(line.split("|")[1]) for line in by_partition.splitlines()}
    if "partitions " not in method:
        theirs = twins.mariadb.execute(
            "select partition_name, table_rows from information_schema.partitions "
            f"where table_schema = '{twins.name}' and table_name = 't' and table_rows > 0"
        )
        assert ours == {str(name): rows for name, rows in theirs}
    assert psql(twins.url, "select relkind from pg_class where oid = 't'::regclass") == "p"
    keys = psql(
        twins.url, "select count(*) from pg_constraint where contype = 'p' and conrelid = 't'::regclass"
    )
    assert keys == str(columns.count("primary key"))


def test_partitions_that_postgresql_cannot_have_leave_one_table_and_are_told(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int not null, v date not null, primary key (id, v)) partition by range (dayofyear(v))"
        " (partition a values less than (100), partition b values less than maxvalue)",
        "insert into t values (1, '2024-01-01'), (2, '2024-12-31')",
    )
    assert twins.done.exit_code == 1
    assert "dayofyear" in twins.untranslated["t"]
    twins.ask("select * from t")


def test_partitions_of_partitions_leave_the_outer_ones_and_are_told(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int not null, v date not null) partition by range (year(v)) subpartition by hash (id)"
        " (partition a values less than (2000) (subpartition s0, subpartition s1),"
        "  partition b values less than maxvalue (subpartition s2, subpartition s3))",
        "insert into t values (1, '1999-01-01'), (2, '2024-12-31'), (3, '2024-12-31')",
    )
    assert twins.done.exit_code == 1
    assert "shared out once more" in twins.untranslated["t"]
    twins.ask("select * from t")
    assert psql(twins.url, "select count(*) from t_a union all select count(*) from t_b") == "1\n2"
