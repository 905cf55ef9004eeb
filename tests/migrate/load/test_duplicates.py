"""Rows whose key is there already: INSERT IGNORE, REPLACE and ON DUPLICATE KEY UPDATE do what MySQL does."""

import json
from pathlib import Path

import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import load, play, run

TABLES = """
create table t (id int not null primary key, mail varchar(20) not null unique, n int, b varbinary(9));
create table words (word varchar(20) primary key, n int, s enum('a','b'));
create table two (a int not null, b int not null, word varchar(9), primary key (a, b), unique key word (word(2)));
"""
# One statement a line: what MariaDB is asked to do is what the dump says.
STATEMENTS = r"""
insert into t values (1,'a',1,'x'),(2,'b',2,0x00ff),(3,'c',3,null);
insert ignore into t values (1,'z',10,'\t'),(4,'d',4,'4'),(4,'e',5,'5'),(5,'b',6,'6');
insert ignore into t (id, mail) values (9,'i'),(9,'j');
replace into t values (3,'c2',30,'\\'),(6,'f',6,'f'),(6,'f',7,'g'),(2,'a',8,'h');
replace into t (id, mail) values (6,'g');
insert into t values (6,'g',7,'G'),(7,'h',7,'') on duplicate key update n = values(n) + coalesce(t.n, 100), b = 'upd';
insert into t values (7,'h2',70,'') on duplicate key update n = n + 1, mail = values(mail);
insert into t values (7,'h2',70,'') on duplicate key update n = n + 1, mail = values(mail);
insert into t values (8,'h2',70,'') on duplicate key update id = last_insert_id(id), n = n + 1;
insert ignore into t set id = 1, mail = 'y';
insert into t set id = 4, mail = 'dd' on duplicate key update mail = values(mail);
insert into t values (10,'k',0,'');
insert ignore into two values (1,1,'abc'),(1,1,'xyz'),(1,2,'abd'),(2,2,'b');
replace into two values (3,3,'abx'),(2,2,'q');
insert into words values ('Anna',1,'a'),('bob',2,'b');
insert into words values ('ANNA',5,'b') on duplicate key update n = if(values(n) > n, values(n), n), s = values(s);
replace into words values ('Bob',7,null);
insert ignore into two select id, n, mail from t where n is not null;
"""


def rows_of(account: Path) -> dict[str, tuple[int, int, int, bool]]:
    """By table: how many rows were read, loaded and left out, and whether the digest proves them."""
    tables = json.loads(account.read_bytes())["tables"]
    return {
        one["source"]: (one["rows_read"], one["rows_loaded"], one["rows_filtered"], one["verified"])
        for one in tables
    }


def held(mariadb: Server, name: str) -> list[str]:
    mariadb.execute(f"create database {name}")
    lines = [line for line in (TABLES + STATEMENTS).splitlines() if line]
    mariadb.execute(*lines, database=name)
    queries = (
        "select id, mail, n, hex(b) from t order by id",
        "select a, b, word from two order by a, b",
        "select word, n, s from words order by n",
    )
    return [
        "|".join("" if value is None else str(value) for value in row)
        for query in queries
        for row in mariadb.execute(query, database=name)
    ]


def found(database: str) -> list[str]:
    sql = "select id, mail, n, upper(encode(b, 'hex')) from t order by id; select a, b, word from two order by a, b;"
    sql += "select word, n, s from words order by n"
    return psql(database, sql).split("\n")


def test_rows_whose_key_is_there_fare_as_in_mysql(mariadb: Server, database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(TABLES + STATEMENTS)
    done = load(database, source, "--report", account)
    assert done.exit_code == 0, done.stderr
    assert found(database) == held(mariadb, "duplicates")
    report = json.loads(account.read_bytes())
    [t] = [one for one in report["tables"] if one["source"] == "t"]
    assert t["rows_loaded"] == int(psql(database, "select count(*) from t"))
    assert t["rows_read"] == 22
    assert t["rows_read"] == t["rows_loaded"] + t["rows_filtered"]
    assert any("INSERT IGNORE: (1,z" in (one["sample"] or "") for one in report["decisions"])
    assert t["verified"] is False  # some rows leave columns to their defaults


def test_the_script_does_the_same(mariadb: Server, database: str, tmp_path: Path) -> None:
    source, script = tmp_path / "source.sql", tmp_path / "script.sql"
    source.write_text(TABLES + STATEMENTS)
    assert run("mysql-to-pg", "--quiet", "--output", script, source).exit_code == 0
    play(database, script)
    assert found(database) == held(mariadb, "duplicates_in_script")


WHOLE = """
create table t (id int not null primary key, word varchar(20) not null);
insert ignore into t values (1,'a'),(1,'b'),(2,'b');
replace into t values (2,'c'),(3,'d');
insert into t values (3,'e'),(4,'f') on duplicate key update word = concat(word, values(word));
"""


def test_what_is_left_is_proved_by_the_digest(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(WHOLE)
    assert load(database, source, "--report", account).exit_code == 0
    assert psql(database, "select * from t order by id").split() == ["1|a", "2|c", "3|de", "4|f"]
    assert rows_of(account) == {"t": (7, 4, 3, True)}


def test_rows_that_are_put_aside_do_not_disturb_the_others(database: str, tmp_path: Path) -> None:
    source, account, rejects = (tmp_path / name for name in ("source.sql", "account.json", "rejects"))
    source.write_text(WHOLE + "replace into t values (4,'x'),('word','y'),(5,'z');")
    done = load(database, source, "--report", account, "--on-error", "reject", "--rejects", rejects)
    assert done.exit_code == 1
    assert psql(database, "select * from t order by id").split() == ["1|a", "2|c", "3|de", "4|x", "5|z"]
    assert rows_of(account)["t"][:3] == (10, 5, 4)
    assert json.loads(rejects.read_text())["row"] == "('word','y')"


def test_an_update_that_has_no_translation_is_named_and_its_rows_are_loaded(
    database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table t (a int primary key, b int);"
        "insert into t values (1, 1) on duplicate key update b = benchmark(1, 2);"
    )
    assert load(database, source, "--report", account).exit_code == 1
    assert psql(database, "select * from t") == "1|1"
    [named] = json.loads(account.read_bytes())["untranslated"]
    assert "key is there already is a mistake" in named["reason"]


@pytest.mark.parametrize("option", ["--insert-ignore", "--replace"])
def test_a_dump_that_says_so_for_every_row_is_loaded_and_proved(
    option: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    name = f"option_{option.strip('-').replace('-', '_')}"
    mariadb.execute(f"create database {name}")
    mariadb.execute(
        "create table a (id int primary key auto_increment, t text)",
        "insert into a (t) select repeat('x', seq % 50) from seq_1_to_2000",
        "create table b (id int, key (id))",
        "insert into b select seq % 3 from seq_1_to_100",
        database=name,
    )
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_bytes(mariadb.dump(option, name))
    assert load(database, source, "--report", account).exit_code == 0
    assert rows_of(account) == {"a": (2000, 2000, 0, True), "b": (100, 100, 0, True)}


def test_statements_of_one_row_each_are_loaded_together(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    tail = "on duplicate key update n = n + values(n)"
    source.write_text(
        "create table t (id int primary key, n int);"
        + "".join(f"\ninsert into t values ({n % 700}, {n}) {tail};" for n in range(1400))
    )
    assert load(database, source).exit_code == 0
    assert psql(database, "select count(*), sum(n) from t") == f"700|{sum(range(1400))}"
    assert psql(database, "select count(*) from migrate.chunk") == "1"


def test_rows_of_a_query_are_held_to_keys_too(mariadb: Server, database: str, tmp_path: Path) -> None:
    statements = (
        "create table u (a int, b int)",
        "insert into u values (1, 1), (1, 2), (2, 3), (2, 4), (5, 6)",
        "create table v (a int primary key, b int)",
        "insert ignore into v select a, b from u order by b",
        "insert into v select 5, 7 on duplicate key update b = values(b)",
    )
    mariadb.execute("create database of_query")
    mariadb.execute(*statements, database="of_query")
    source = tmp_path / "source.sql"
    source.write_text(";\n".join(statements) + ";")
    assert load(database, source).exit_code == 0
    there = mariadb.execute("select a, b from v order by a", database="of_query")
    assert psql(database, "select * from v order by a").split() == [f"{a}|{b}" for a, b in there]


def test_a_load_whose_rows_were_merged_is_not_called_different(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(WHOLE + "create table u (a int); insert into u values (1);")
    assert load(database, source).exit_code == 0
    done = run("verify", "--to", database, source)
    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize(("checks", "exit_code"), [("1", 1), ("0", 0)])
def test_rows_that_mysql_takes_away_with_a_replaced_one_are_named(
    checks: str, exit_code: int, database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        f"set foreign_key_checks = {checks}; create table p (id int primary key);"
        "create table c (p int, foreign key (p) references p (id) on delete cascade);"
        "insert into p values (1), (2); insert into c values (1), (2); replace into p values (1), (3);"
    )
    assert load(database, source, "--report", account).exit_code == exit_code
    assert psql(database, "select (select count(*) from p), (select count(*) from c)") == "3|2"
    named = [one["reason"] for one in json.loads(account.read_bytes())["untranslated"]]
    assert [("rows of c" in reason) for reason in named] == [True] * exit_code


def test_a_numbered_key_that_was_made_early_may_need_a_wider_type(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(
        "create table t (id bigint unsigned not null auto_increment primary key, n int);"
        "insert into t values (1, 1); update t set n = 2; insert into t values (18446744073709551615, 3);"
    )
    assert load(database, source).exit_code == 0
    assert psql(database, "select * from t order by id").split() == ["1|2", "18446744073709551615|3"]


def test_the_row_that_came_may_have_a_name(database: str, tmp_path: Path) -> None:
    source = tmp_path / "source.sql"
    source.write_text(
        "create table t (a int primary key, b int, c int); insert into t values (1, 2, 3);"
        "insert into t values (1, 10, 20) as new on duplicate key update b = new.b + t.c, c = new.c;"
        "insert into t (a, b, c) values (1, 7, 8) as fresh (x, y, z) on duplicate key update b = b + fresh.y;"
    )
    assert load(database, source).exit_code == 0
    assert psql(database, "select * from t") == "1|20|20"


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("varchar(9) collate utf8mb4_general_ci", "accents and blanks at the end"),
        ("varchar(9) collate utf8mb4_0900_ai_ci", "accents"),
        ("varchar(9) collate utf8mb4_bin", "blanks at the end"),
        ("varchar(9) collate utf8mb4_0900_bin", None),
        ("char(9) collate utf8mb4_bin", None),
        ("varbinary(9)", None),
    ],
)
def test_it_is_told_where_keys_are_equal_to_mysql_only(
    column: str, told: str | None, database: str, tmp_path: Path
) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        f"create table t (id int primary key, word {column}, other varchar(9), unique (word)) charset utf8mb4;"
        "insert into t values (1, 'a', 'a');"
        "insert ignore into t values (2, 'a ', 'a'); insert ignore into t values (3, 'b', 'b');"
    )
    assert load(database, source, "--report", account).exit_code == 0
    lossy = [(one["column"], one["what"]) for one in json.loads(account.read_bytes())["lossy"]]
    what = f"INSERT IGNORE told keys apart by {told}, which MySQL does not regard"
    assert lossy == ([("word", what)] if told else [])


@pytest.mark.parametrize(("word", "told"), [("a", ["id"]), ("b", [])])
def test_numbers_of_rows_that_are_left_out_are_told_of(
    word: str, told: list[str], database: str, tmp_path: Path
) -> None:
    """MySQL, which gives c the number 2, knows of them only when it has the rows."""
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table t (id int auto_increment primary key, word varbinary(9) unique);"
        f"insert into t (word) values ('a'); insert ignore into t values (100, '{word}');"
        "insert into t (word) values ('c');"
    )
    assert load(database, source, "--report", account).exit_code == 0
    lossy = json.loads(account.read_bytes())["lossy"]
    assert [one["column"] for one in lossy if "have taken numbers" in one["what"]] == told


@pytest.mark.parametrize("statement", ["insert ignore into t", "replace into t"])
def test_it_is_told_of_the_rows_of_a_query_too(statement: str, database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "create table t (word varchar(9) primary key); create table u (word varchar(9));"
        f"insert into t values ('a'); insert into u values ('a '); {statement} select word from u;"
    )
    assert load(database, source, "--report", account).exit_code == 0
    [loss] = json.loads(account.read_bytes())["lossy"]
    assert (loss["table"], loss["column"]) == ("public.t", "word")


def test_a_server_s_own_rows_have_no_keys_that_are_equal_to_it(database: str, tmp_path: Path) -> None:
    source, account = tmp_path / "source.sql", tmp_path / "account.json"
    source.write_text(
        "-- MySQL dump 10.13\ncreate table t (word varchar(9) primary key);\ninsert ignore into t values ('a');\n"
        "-- Dump completed\n"
    )
    assert load(database, source, "--report", account).exit_code == 0
    assert json.loads(account.read_bytes())["lossy"] == []
