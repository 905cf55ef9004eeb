"""Tables that Citus shares out among its servers.

Citus is no part of the embedded PostgreSQL. Functions of its names stand in for it: they note what they are asked, and
refuse what it refuses. What a real cluster says to all of this is told in docs/scale.md.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.postgres import psql
from tests.migrate.command import failed, load, run

CITUS = """
insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
select 16000, 'citus', 10, oid, false, '0' from pg_namespace where nspname = 'pg_catalog';
create table asked (number serial, relation text, how text);
create function note(relation regclass, how text) returns void language plpgsql as $$
declare filled boolean;
begin
  execute format('select exists (select from %s)', relation) into filled;
  if filled or exists (select from pg_index where indrelid = relation and indisunique) then
    raise 'rows or keys came before % was shared out', relation;
  end if;
  insert into asked (relation, how) select relname, how from pg_class where oid = relation;
end $$;
create function create_distributed_table(relation regclass, "column" text) returns void language sql as
  $$ select note(relation, 'by ' || "column") $$;
create function create_reference_table(relation regclass) returns void language sql as
  $$ select note(relation, 'copied') $$;
"""
SHOP = """
create table countries (code char(2) primary key);
insert into countries values ('de');
create table customers (Id int auto_increment primary key, mail varchar(99) unique, country char(2),
  changed timestamp not null default current_timestamp on update current_timestamp,
  constraint lives foreign key (country) references countries (code));
insert into customers values (1, 'a', 'de', '2020-01-01 00:00:00'), (2, 'b', null, '2020-01-01 00:00:00');
create table orders (id bigint auto_increment primary key, customer_id int not null, unique key twice (customer_id, id),
  constraint who foreign key (customer_id) references customers (Id));
insert into orders values (4, 1), (5, 2);
create table items (order_id bigint, customer_id int not null,
  constraint `of` foreign key (order_id) references orders (id));
insert into items values (4, 1);
create table alone (id int primary key);
insert into alone values (9);
"""
OPTIONS = ("--distribute", "*:customer_id", "--distribute", "customers:id", "--reference", "countr*")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "shop.sql"
    file.write_text(SHOP)
    return file


@pytest.fixture
def cluster_url(database: str) -> Iterator[str]:
    """A database where Citus seems to be."""
    psql(database, CITUS)
    yield database
    psql(database, "delete from pg_extension where extname = 'citus'")


def test_tables_are_shared_out_before_their_rows_come(cluster_url: str, source: Path) -> None:
    done = load(cluster_url, source, *OPTIONS)
    assert done.exit_code == 1, done.stderr
    assert psql(cluster_url, "select relation, how from asked order by number").splitlines() == [
        "countries|copied", "customers|by id", "orders|by customer_id", "items|by customer_id",
    ]  # fmt: skip
    assert (
        psql(cluster_url, "insert into orders (customer_id) values (2) returning id").splitlines()[0] == "6"
    )
    assert psql(cluster_url, "select (select count(*) from customers), (select count(*) from alone)") == "2|1"
    touched = "update customers set mail = 'c' where id = 2 returning changed > '2021-01-01'"
    assert psql(cluster_url, touched).splitlines()[0] == "t"


def test_unique_keys_of_a_shared_table_are_told_to_hold_on_one_server(
    cluster_url: str, source: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    load(cluster_url, source, *OPTIONS, "--report", report)
    keys = "select indexdef from pg_indexes where schemaname = 'public' and indexdef ~ 'UNIQUE' order by indexname"
    columns = [line.partition("(")[2].rstrip(")") for line in psql(cluster_url, keys).splitlines()]
    assert columns == ["id", "code", "mail, id", "id", "id, customer_id", "customer_id, id"]
    said = report.read_text()
    assert said.count("is unique together with it only") == 2
    assert (
        "there is no unique constraint matching given keys" in said
    )  # for the reference to the key that was widened


def test_a_shared_table_has_its_references_where_postgresql_takes_them(
    cluster_url: str, source: Path
) -> None:
    load(cluster_url, source, *OPTIONS)
    references = (
        "select conname from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace"
    )
    assert sorted(psql(cluster_url, references).splitlines()) == ["lives", "who"]


def test_a_counter_that_comes_after_the_rows_of_a_shared_table_is_told(
    cluster_url: str, tmp_path: Path
) -> None:
    file, report = tmp_path / "late.sql", tmp_path / "report.json"
    file.write_text(
        "create table t (a int not null); insert into t values (1); alter table t add primary key (a);"
        "alter table t modify a int not null auto_increment;"
    )
    assert load(cluster_url, file, "--distribute", "t:a", "--report", report).exit_code == 1
    assert "AUTO_INCREMENT" in report.read_text()


def test_a_table_that_is_altered_is_shared_out_again(cluster_url: str, tmp_path: Path) -> None:
    file = tmp_path / "altered.sql"
    file.write_text(
        "create table t (a int not null); insert into t values (1); alter table t add b int not null default 3;"
    )
    assert load(cluster_url, file, "--distribute", "t:a").exit_code == 0
    assert psql(cluster_url, "select string_agg(relation || how, ' ') from asked") == "tby a tby a"


def test_a_server_without_citus_is_refused(database: str, source: Path) -> None:
    failed(load(database, source, "--reference", "countries"), 2, "--reference", "extension citus")
    failed(load(database, source, *OPTIONS), 2, "--distribute", "extension citus")
    assert psql(database, "select count(*) from pg_namespace where nspname ~ 'migrate_run'") == "0"


def test_a_table_cannot_be_shared_out_by_a_column_that_a_rule_leaves_out(
    cluster_url: str, source: Path
) -> None:
    rules = source.with_suffix(".toml")
    rules.write_text('[[rule]]\ntable = "customers"\ncolumn = "id"\nskip = true\n')
    failed(load(cluster_url, source, "--rules", rules, *OPTIONS), 2, "--distribute", "customers", "rule")


@pytest.mark.parametrize("wrong", ["orders", ":id", "orders:"])
def test_a_table_without_a_column_to_share_it_out_by_is_refused(wrong: str, source: Path) -> None:
    done = run("mysql-to-pg", source, "--distribute", wrong)
    assert (done.exit_code, "a table and a column" in done.stderr) == (2, True)


def test_tables_that_are_there_already_are_not_shared_out(source: Path) -> None:
    done = run("mysql-to-pg", source, "--data-only", "--reference", "countries")
    assert (done.exit_code, "--data-only" in done.stderr) == (2, True)


def test_a_script_shares_tables_out_too(source: Path) -> None:
    done = run("mysql-to-pg", source, "--output", "-", *OPTIONS)
    script = done.stdout.decode()
    assert script.count("select create_distributed_table(") == 3
    assert """select create_reference_table('"public"."countries"')""" in script
    assert script.count(" with (freeze)") == 1  # of the table that is not shared out


def test_inspect_tells_what_sharing_out_costs(source: Path) -> None:
    done = run("inspect", source, "--json", *OPTIONS)
    assert "is unique together with it only" in done.stdout.decode()
