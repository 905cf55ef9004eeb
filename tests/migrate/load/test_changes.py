"""UPDATE, DELETE and INSERT … SELECT in a dump: rows change as they do in MySQL."""

from pathlib import Path

import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import load, play, run

# One statement a line: what MariaDB is asked to do is what the dump says.
STATEMENTS = """
create table t (id int primary key, n varchar(20), b bit(8), s set('a','b','c'), i int unsigned, e enum('x','y'));
insert into t values (1,'a',b'1','a',1,'x'), (2,'b',b'10','b',2,'x'), (3,'c',b'11','c',3,'x'), (4,'c',b'11','',4,'x');
update t set b = 0xfe, i = 0xfffffffe, s = 'a,c' where id = 1;
update t set s = '', b = 5, e = 'y', n = 0x78 where id = 2;
update t set i = i & 0xF0 where id = 1;
update t set n = 'one' where id > 1 limit 1;
update t set n = 'last' order by id desc limit 1;
update t as own set n = concat(own.n, 'o') where own.id < 3 order by own.id;
create table u (id int primary key, x int, n varchar(10));
insert into u values (1, 10, 'un'), (2, 20, 'um'), (9, 90, 'uz');
create table v (id int, n varchar(20), b bit(8), s set('a','b','c'), i int unsigned, e enum('y','x'), x int, m text);
insert into v select * from t join u using (id);
insert into v select * from t left join u using (id);
create table w (n varchar(20), id int, z int);
insert into w values ('oneo', 2, 5), ('ao', 1, 6);
create table x (id int, n varchar(20), b bit(8), s set('a','b','c'), i int unsigned, e enum('x','y'), z int);
insert into x select * from t natural join w;
insert into x select * from t natural left join w;
create table y (id int, x int, n varchar(20), m varchar(20), z int);
insert into y select * from u join w using (id);
insert into y (id, x, n) select u.* from u join w using (id);
delete from t where n = 'c' limit 1;
delete from u limit 2;
delete from w order by z limit 1;
"""
QUERIES = (
    "select id, n, s, i, e from t order by id",
    "select id, n, s, i, e, x, m from v order by id, x, m",
    "select id, n, s, i, e, z from x order by id, z",
    "select id, x, n, m, z from y order by id, n, m",
    "select id, x, n from u",
    "select z from w",
)


def in_mysqls_form(line: str) -> str:
    return line.replace("{", "").replace("}", "")


@pytest.mark.parametrize("way", ["server", "script"])
def test_statements_that_change_rows_do_what_they_do_in_mysql(
    way: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    source, script = tmp_path / "source.sql", tmp_path / "script.sql"
    source.write_text(STATEMENTS)
    if way == "server":
        done = load(database, source)
        assert done.exit_code == 0, done.stderr
    else:
        assert run("mysql-to-pg", "--quiet", "--output", script, source).exit_code == 0
        play(database, script)
    mariadb.execute(f"create database changed_{way}")
    mariadb.execute(*STATEMENTS.strip().splitlines(), database=f"changed_{way}")
    for query in QUERIES:
        found = [in_mysqls_form(line) for line in psql(database, query).splitlines()]
        there = mariadb.execute(query, database=f"changed_{way}")
        assert sorted(found) == sorted("|".join("" if v is None else str(v) for v in row) for row in there)
