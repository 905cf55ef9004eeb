"""UPDATE, DELETE and INSERT … SELECT in a dump: rows change as they do in MySQL."""

import json
from pathlib import Path

import pymysql
import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import carry_over, failed, load, play, run

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
create table z (b binary(4), k char(6), n tinyint unsigned, bl blob, f bit(1), m enum('p','q'), d date);
insert into z values ('ab', 'a', 1, 'x', 1, 'p', null);
update z set b = 'a', k = 'ab  ', n = '7', bl = 'a\\x41', f = 0x00, m = 2, d = '2020-1-2';
insert into z (b, k) select n, concat(n, '  ') from u where id = 1;
update low_priority z set b = concat('o', 'p') where n is null;
set sql_mode = '';
update ignore z set n = 300 where m = 'q';
update z set n = '12x', k = 'a long word', f = 0x01 where m is null;
create table bounds (id int, n tinyint, u smallint unsigned, d decimal(4,2), v varchar(3), s set('a','b','c'));
insert into bounds values (1, 100, 60000, 99.5, 'abc', 9), (2, -100, 1, -5, 'x', 4), (3, null, 9, 0, null, '9');
update bounds set n = n * 2, u = u + 60000, d = d * 10, v = concat(v, 'def');
insert into bounds (n, u) select u, n from bounds;
delete from t where n = 'c' limit 1;
delete from u limit 2;
delete from w order by z limit 1;
create table h (id int primary key, up int, n varchar(9));
insert into h values (1, null, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, 9, 'd'), (5, null, 'e');
delete a from h a left join h b on b.up = a.id where b.id is null and a.n <> 'e';
delete h from h join bounds using (id) where bounds.n is null or h.n = 'a';
create table turn (id int primary key, a int unique, n varchar(9));
insert into turn values (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c');
update turn set id = id + 1 order by id desc;
update turn as own set own.a = own.a + 1, n = 'later' where own.id > 2 order by own.a desc limit 2;
update turn set id = id - 1 order by n = 'later', id;
create table pad (id int primary key, w varchar(20), x varchar(20), y text, c char(5), v varchar(9), b varbinary(9));
alter table pad modify x varchar(20) collate utf8mb4_bin, modify v varchar(9) collate utf8mb4_nopad_bin;
insert into pad values (1, 'x ', 'x ', 'x ', 'x', 'x ', 'x '), (2, 'x', 'x', 'x', 'x ', 'x', 'x');
insert into pad values (3, 'X  ', 'X', 'X', 'X', 'X', 'X'), (4, ' x', 'x', 'xy', 'x', 'x', 'x');
update pad set w = 'hit' where w = 'x';
update pad set x = 'hit' where x in ('x  ', 'q');
update pad set y = 'hit' where id > 1 and y between 'x ' and 'x  ';
update pad set c = 'hit' where c = 'x  ';
update pad set v = 'hit' where v = 'x';
update pad set b = 'hit' where case b when 'x ' then 1 else 0 end;
insert into pad (id, w) values (5, 'end  '), (6, 'end'), (7, 'other ');
create table ends as select id, w from pad where id > 4;
delete from pad where id > 5 and w in (select w from ends where w <> 'end   ');
update pad join ends on pad.w = ends.w set pad.x = 'joined' where pad.id = 6;
create table blank (w varchar(9), id int, n int);
insert into blank values ('a', 1, 1), ('a ', 2, 20), ('A  ', 3, 300), ('b ', 4, 4), (null, 5, 5), (null, 6, 6);
create table other (w varchar(9), k int);
insert into other values ('a   ', 1), ('b', 2), ('c', 3);
create table told (how varchar(9), w varchar(9), n int);
insert into told select 'group', w, sum(n) from blank group by w;
insert into told select 'distinct', w, null from (select distinct w from blank) as q;
insert into told select distinct 'once', w, null from blank where id < 4 limit 2;
insert into told select 'union', w, null from (select w from blank union select w from other) as q;
insert into told select 'count', null, count(distinct w) from blank;
insert into told select 'using', w, k from blank join other using (w);
insert into told select 'natural', w, k from blank natural left join other;
create table joined as select * from blank natural join other;
insert into told select 'joined', w, k from joined;
insert into told select 'computed', w, n from blank where lower(w) = 'A' or concat(w, '!') = 'B !';
"""
FOLLOWERS = """
create table p (id int primary key, n varchar(20)) engine=innodb;
create table c (id int primary key, p int, foreign key (p) references p (id)) engine=innodb;
create table k (id int primary key, p int, foreign key (p) references p (id) on delete cascade) engine=innodb;
create table g (id int primary key, k int, foreign key (k) references k (id) on delete cascade) engine=innodb;
create table s (id int primary key, p int, foreign key (p) references p (id) on delete set null on update set null);
create table tree (id int primary key, up int, foreign key (up) references tree (id) on delete cascade);
insert into p values (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e');
insert into c values (1, 1);
insert into k values (1, 1), (2, 2), (3, 3), (20, 2);
insert into g values (1, 1), (2, 2), (3, 3), (4, 20);
insert into s values (1, 1), (2, 2), (3, 3), (4, 4);
insert into tree values (1, null), (2, 1), (3, 2), (4, 3), (5, null), (6, 5);
delete from p where id = 2;
delete from p where id = 5;
update p set id = 9 where id = 4;
update p set n = 'z' where id = 1;
delete from tree where id = 2;
create table a (id int primary key, code varchar(9) unique) engine=innodb;
create table b (id int primary key, a int unique, foreign key (a) references a (id) on update cascade);
alter table b add c varchar(9), add foreign key (c) references a (code) on update cascade on delete set null;
create table d (b int, a int, foreign key (a) references b (a) on update cascade);
insert into a values (1, 'x'), (2, 'y'), (3, 'z'), (4, 'w');
insert into b values (1, 1, 'x'), (2, 3, 'y'), (3, 2, null), (4, null, 'w');
insert into d values (1, 1), (2, 1), (3, 3);
update a set id = id + 10, code = concat(code, code) order by id desc;
update a set code = 'last' where id = 13;
delete from a where code = 'ww';
"""
REFUSED = "delete from p where id = 1; update p set id = 7 where id = 1;"
PARTITIONS = """
create table r (id int, n varchar(9)) partition by range (id) (partition p0 values less than (10), partition p1
    values less than (20), partition p2 values less than maxvalue);
insert into r values (1, 'a'), (9, 'z'), (10, 'x'), (12, 'b'), (20, 'q'), (30, 'c'), (null, 'n');
alter table r drop partition p1;
insert into r values (13, 'd');
alter table r truncate partition p0;
create table l (id int, n varchar(9)) partition by list (id) (partition a values in (1, 2, null), partition b
    values in (3), partition c values in (4, 5));
insert into l values (1, 'a'), (2, 'b'), (null, 'n'), (3, 'c'), (4, 'd'), (5, 'e');
alter table l truncate partition a, c;
create table d (id int, at date) partition by range columns (at) (partition o values less than ('2020-01-01'),
    partition n values less than (maxvalue));
insert into d values (1, '2019-12-31'), (2, '2020-01-01');
alter table d drop partition o;
create table y (id int, at date) partition by range (year(at)) (partition o values less than (2020), partition m
    values less than (2021), partition n values less than maxvalue);
insert into y values (1, '2019-12-31'), (2, '2020-01-01'), (3, '2021-01-01'), (4, null);
alter table y truncate partition m;
create table w (id int, at date) partition by range (to_days(at)) (partition o values less than
    (to_days('2020-01-01')), partition n values less than maxvalue);
insert into w values (1, '2019-12-31'), (2, '2020-01-01'), (3, '2021-01-01'), (4, null);
alter table w truncate partition o;
alter table w truncate partition all;
insert into w values (7, '2019-12-31');
"""
QUERIES = (
    "select id, n, s, i, e from t order by id",
    "select id, n, s, i, e, x, m from v order by id, x, m",
    "select id, n, s, i, e, z from x order by id, z",
    "select id, x, n, m, z from y order by id, n, m",
    "select id, x, n from u",
    "select z from w",
    "select id, up, n from h order by id",
    "select id, a, n from turn order by id",
    "select id, w, x, y, c, v, octet_length(b) from pad order by id",
    "select n, u, d, v, s from bounds order by id, n, u",
    "select how, lower(rtrim(w)), n from told",
    "select octet_length(b), k, n, octet_length(bl), case when f then 1 else 0 end, m, d from z",
)


def in_mysqls_form(line: str) -> str:
    return line.replace("{", "").replace("}", "")


@pytest.mark.parametrize("way", ["server", "script"])
def test_statements_that_change_rows_do_what_they_do_in_mysql(
    way: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    source.write_text(STATEMENTS)
    carry_over(way, database, source)
    mariadb.execute(f"create database changed_{way}")
    mariadb.execute(*STATEMENTS.strip().splitlines(), database=f"changed_{way}")
    for query in QUERIES:
        found = [in_mysqls_form(line) for line in psql(database, query).splitlines()]
        there = mariadb.execute(query, database=f"changed_{way}")
        assert sorted(found) == sorted("|".join("" if v is None else str(v) for v in row) for row in there)


@pytest.mark.parametrize("way", ["server", "script"])
def test_rows_of_other_tables_follow_what_they_point_at_or_forbid_it(
    way: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    source, script = tmp_path / "source.sql", tmp_path / "script.sql"
    account = tmp_path / "account.json"
    source.write_text(FOLLOWERS + REFUSED)
    if way == "server":
        assert load(database, source, "--report", account).exit_code == 1
        reasons = [one["reason"] for one in json.loads(account.read_bytes())["untranslated"]]
        assert len(reasons) == 2
        assert all("rows of public.c point at what it takes away" in reason for reason in reasons)
    else:
        source.write_text(FOLLOWERS)
        assert run("mysql-to-pg", "--quiet", "--output", script, source).exit_code == 0
        play(database, script)
    mariadb.execute(f"create database followed_{way}")
    mariadb.execute(*FOLLOWERS.strip().splitlines(), database=f"followed_{way}")
    for table in ("p", "c", "k", "g", "s", "tree", "a", "b", "d"):
        found = psql(database, f"select * from {table}").splitlines()
        there = mariadb.execute(f"select * from {table}", database=f"followed_{way}")
        assert sorted(found) == sorted("|".join("" if v is None else str(v) for v in row) for row in there)


def test_rows_that_nothing_checks_are_left_where_they_are(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(FOLLOWERS + "set foreign_key_checks = 0; delete from p where id = 3;")
    assert load(database, source, "--on-error", "reject").exit_code == 1
    assert psql(database, "select p from k order by 1").split() == ["1", "3"]


def test_rows_go_with_their_partition(mariadb: Server, database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    hashed = "create table h (a int) partition by hash (a) partitions 2; insert into h values (1);"
    source.write_text(PARTITIONS + hashed + "alter table h truncate partition p0;")
    assert load(database, source, "--report", account).exit_code == 1
    [named] = json.loads(account.read_bytes())["untranslated"]
    assert "cannot be told from others" in named["reason"]
    mariadb.execute("create database partitions_emptied")
    statements = " ".join(PARTITIONS.split()).rstrip(";").split(";")
    mariadb.execute(*statements, database="partitions_emptied")
    for table in ("r", "l", "d", "y", "w"):
        found = psql(database, f"select * from {table}").splitlines()
        there = mariadb.execute(f"select * from {table}", database="partitions_emptied")
        assert sorted(found) == sorted("|".join("" if v is None else str(v) for v in row) for row in there)


NUMBERED = """
create table j (id int primary key auto_increment, n int);
create table k (n int, j int);
insert into j (n) values (1), (2), (3);
insert into j (n) select n from j;
insert into k values (1, last_insert_id());
update j set n = 7 where id = 4;
insert into k values (2, last_insert_id());
insert into j (n) values (10);
delete from j where id > 4;
insert into j select null, n from j where id < 3 union select 30, 5;
insert into j (n) values (11);
create table w (n varchar(9));
insert into w values ('a '), ('b');
insert into k values (3, (select count(*) from w where n = 'a'));
"""


def test_rows_of_queries_get_the_numbers_that_mysql_gives_them(
    mariadb: Server, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    source.write_text(NUMBERED)
    assert load(database, source).exit_code == 0
    mariadb.execute("create database numbered")
    mariadb.execute(*NUMBERED.strip().splitlines(), database="numbered")
    for table in ("j", "k"):
        there = mariadb.execute(f"select * from {table}", database="numbered")
        found = psql(database, f"select * from {table}").splitlines()
        assert sorted(found) == sorted("|".join(map(str, row)) for row in there)


def test_a_script_cannot_number_rows_after_those_of_a_query(tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(
        "create table j (id int primary key auto_increment, n int); insert into j (n) values (1);"
        "insert into j (n) select n from j; insert into j values (9, 9); insert into j (n) values (10);"
    )
    done = run("mysql-to-pg", "--quiet", "--output", tmp_path / "out.sql", source)
    failed(done, 2, "byte 152", "only a running server knows")


TRIGGERS = """
create table t (id int primary key, n int) engine=innodb;
create table log (w varchar(9), id int);
create table k (id int primary key, t int, foreign key (t) references t (id) on delete cascade) engine=innodb;
insert into t values (1, 1), (2, 2), (3, 3), (4, 4), (5, 5);
insert into k values (1, 1), (2, 2);
create trigger b before update on t for each row set new.n = new.n * 2;
create trigger u after update on t for each row insert into log values ('updated', new.n);
update t set n = 9 where id = 1;
create trigger d after delete on t for each row insert into log values ('deleted', old.id);
create trigger f after delete on k for each row insert into log values ('never', old.id);
delete from t where id = 2;
create trigger i before insert on t for each row set new.n = -new.n;
insert into t select id + 10, n from t where id = 3;
create table r (id int primary key, n int);
create trigger x after delete on r for each row insert into log values ('replaced', old.n);
insert into r values (1, 1);
replace into r values (1, 2);
insert into t values (5, 50) on duplicate key update n = 6;
drop trigger u;
update t set n = 8 where id = 1;
delete from k;
delete from t;
insert into t values (1, 100);
"""


@pytest.mark.parametrize("way", ["server", "script"])
def test_triggers_act_on_rows_that_statements_change(
    way: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    source.write_text(TRIGGERS)
    carry_over(way, database, source)
    mariadb.execute(f"create database set_off_{way}")
    mariadb.execute(*TRIGGERS.strip().splitlines(), database=f"set_off_{way}")
    for table in ("t", "log", "k", "r"):
        found = psql(database, f"select * from {table}").splitlines()
        there = mariadb.execute(f"select * from {table}", database=f"set_off_{way}")
        assert sorted(found) == sorted("|".join(map(str, row)) for row in there), table


def test_a_trigger_that_cannot_act_on_rows_is_told_of_when_its_table_is_altered_later(tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(
        "create table t (a int); create trigger x before insert on t for each row set @seen = sleep(9); "
        "insert into t values (1), (2); alter table t add column b int;"
    )
    done = run("inspect", source, "--json")
    assert done.exit_code == 1
    told = {one["kind"]: one["reason"] for one in json.loads(done.stdout)["untranslated"]}
    assert "2 rows of the dump" in told["rows of a trigger"]


def test_a_trigger_that_cannot_act_on_a_statement_is_told_of(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table t (a int); create trigger x after update on t for each row set @seen = sleep(9); "
        "insert into t values (1); update t set a = 2;"
    )
    assert load(database, source, "--report", account).exit_code == 1
    told = {one["kind"]: one["reason"] for one in json.loads(account.read_bytes())["untranslated"]}
    assert "the trigger x does not act on its rows" in told["UPDATE"]
    assert psql(database, "select a from t") == "2"


EMPTIED = """
create table p (id int primary key) engine=innodb;
create table c (id int primary key, p int, foreign key (p) references p (id) on delete cascade) engine=innodb;
create table n (id int primary key, p int, foreign key (p) references p (id) on delete set null) engine=innodb;
create table tree (id int primary key, up int, foreign key (up) references tree (id)) engine=innodb;
create table m (id int primary key) engine=myisam;
create table o (id int, m int, foreign key (m) references m (id)) engine=myisam;
insert into p values (1), (2);
insert into c values (1, 1), (2, null);
insert into n values (1, 1), (2, null);
insert into tree values (1, null), (2, 1), (4, null), (3, 4);
insert into m values (1);
insert into o values (1, 1);
delete from p;
delete from m;
delete from tree where id > 2;
insert into p values (3);
insert into c values (3, 3);
"""
KEPT = ("truncate table p", "drop table p", "drop table if exists p", "delete from tree")


def test_a_table_is_emptied_or_dropped_where_foreign_keys_let_it(
    mariadb: Server, database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(EMPTIED + ";".join((*KEPT, "")))
    assert load(database, source, "--report", account).exit_code == 1
    mariadb.execute("create database emptied")
    mariadb.execute(*EMPTIED.strip().splitlines(), database="emptied")
    for statement in KEPT:
        with pytest.raises(pymysql.err.MySQLError):
            mariadb.execute(statement, database="emptied")
    told = [one["kind"] for one in json.loads(account.read_bytes())["untranslated"]]
    assert sorted(told) == ["DELETE FROM", "DROP TABLE", "DROP TABLE", "TRUNCATE TABLE", "foreign key"]
    for table in ("p", "c", "n", "tree", "m", "o"):
        found = psql(database, f"select * from {table}").splitlines()
        there = mariadb.execute(f"select * from {table}", database="emptied")
        assert sorted(found) == sorted("|".join("" if v is None else str(v) for v in row) for row in there)


def test_tables_that_point_at_each_other_are_dropped_together(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(EMPTIED + "drop table c, n, p; drop table tree; create table p (a int); ")
    assert load(database, source).exit_code == 1
    assert psql(database, "select tablename from pg_tables where schemaname = 'public' order by 1").split() == [
        "m", "o", "p",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "way_out"),
    [
        ("call fill(4)", "write what it carries out in its place"),
        ("alter table p exchange partition a with table t", "write what each has after it instead"),
    ],
)
def test_what_is_not_carried_out_is_named_with_its_place_and_a_way_out(
    statement: str, way_out: str, database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    made = (
        "create table p (a int) partition by list (a) (partition a values in (1)); create table t (a int);"
        "insert into p values (1); insert into t values (1); "
    )
    source.write_text(f"{made}{statement};")
    assert load(database, source, "--report", account).exit_code == 1
    [named] = json.loads(account.read_bytes())["untranslated"]
    assert named["name"].endswith(f"byte {len(made)}")
    assert way_out in named["reason"]


def test_a_value_beyond_its_column_is_told_in_plain_words(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text("create table t (i tinyint); insert into t values (100); update t set i = i * 3;")
    assert load(database, source, "--report", account).exit_code == 1
    told = json.loads(account.read_bytes())
    [named] = told["untranslated"]
    assert named["reason"] == "it is not carried out: 300 is out of range for the column i"
    assert (told["tables"][0]["verified"], told["decisions"]) == (True, []), (
        "nothing has written to the table"
    )
