"""Triggers while rows come: each row finds what those before it have left, as when MySQL replays the dump."""

import json
from pathlib import Path

import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import carry_over, load

# One statement a line: what MariaDB is asked to do is what the dump says.
TABLES = """
create table stock (id int primary key, n int not null);
create table sale (id int primary key, item int, n int);
create trigger sold after insert on sale for each row update stock set n = n - new.n where id = new.item;
create table counter (n int not null);
create table ticket (id int primary key, n int);
create trigger drawn before insert on ticket for each row set new.n = (select max(n) from counter);
create trigger next after insert on ticket for each row update counter set n = n + 1;
create table payment (id int primary key, paid int, so_far int);
create table log (id int auto_increment primary key, n int, p int, word varchar(20));
create trigger summed before insert on payment for each row set new.so_far = (select sum(paid) from payment);
create trigger told after insert on payment for each row insert into log (n, p) select count(*), sum(paid) from payment;
create trigger more after update on payment for each row insert into log (p, word) values (new.paid, 'update');
insert into counter values (100);
insert into ticket (id) values (1), (2), (3);
insert into ticket (id) values (4);
insert into ticket (id) values (5), (6);
insert into payment (id, paid) values (1, 5), (2, 6), (3, 7);
insert into payment (id, paid) values (4, 9), (2, 60) on duplicate key update paid = values(paid);
insert ignore into payment (id, paid) values (3, 1), (5, 2), (6, 3);
"""
TURNS = 100


@pytest.mark.parametrize("way", ["server", "script"])
def test_each_row_finds_what_those_before_it_have_left(
    way: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    in_turns = (
        f"insert into stock values ({number}, 10);\ninsert into sale values ({number}, {number}, 3);\n"
        for number in range(1, TURNS + 1)
    )
    source = tmp_path / "source.sql"
    source.write_text(TABLES + "".join(in_turns))
    carry_over(way, database, source)
    mariadb.execute(f"create database in_turns_{way}")
    mariadb.execute(*source.read_text().strip().splitlines(), database=f"in_turns_{way}")
    for table, order in (("stock", 1), ("ticket", 1), ("payment", 1), ("log", 1), ("counter", 1)):
        question = f"select * from {table} order by {order}"
        found = [
            ["" if one == r"\N" else one for one in row.split("|")]
            for row in psql(database, question).splitlines()
        ]
        there = mariadb.execute(question, database=f"in_turns_{way}")
        assert found == [["" if one is None else str(one) for one in row] for row in there], table


def test_a_trigger_that_reads_its_own_table_after_a_statement_is_told_of(
    database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(TABLES)
    assert load(database, source, "--report", account).exit_code == 0
    lossy = {(one["table"], one["what"]) for one in json.loads(account.read_bytes())["lossy"]}
    told = [what for table, what in lossy if table == "public.payment" and "trigger told" in what]
    assert len(told) == 1, lossy
    assert not [what for _, what in lossy if "trigger sold" in what]
