"""What is neither table, view, trigger nor routine, and how everything that is left out is handed over."""

import json
from pathlib import Path

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import load
from tests.migrate.translate.twins import Make


def test_sequences_go_on_where_they_stood(make_twins: Make) -> None:
    twins = make_twins(
        "create sequence fresh start with 5 increment by 5 maxvalue 1000 cycle",
        "create sequence used start with 100 cache 10",
        "select nextval(used)",
        "create table t (id int)",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    [[theirs]] = twins.mariadb.execute("select nextval(fresh)", database=twins.name)
    assert psql(twins.url, "select nextval('fresh')") == str(theirs)
    assert int(psql(twins.url, "select nextval('used')")) > 100
    assert psql(
        twins.url, "select increment_by, max_value, cycle from pg_sequences where sequencename = 'fresh'"
    ) == ("5|1000|t")


def test_a_column_goes_on_taking_its_values_from_a_sequence(make_twins: Make) -> None:
    twins = make_twins(
        "create sequence numbers start with 40",
        "create table t (id int not null default nextval(numbers) primary key, word varchar(9))",
        "insert into t (word) values ('a'), ('b')",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    psql(twins.url, "insert into t (word) values ('c')")
    assert psql(twins.url, "select id > 41 from t where word = 'c'") == "t"


LEFT_OUT = """
CREATE TABLE t (id int, n int);
INSERT INTO t VALUES (1, 1);
CREATE USER 'shop'@'%' IDENTIFIED BY PASSWORD '*6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9';
GRANT SELECT ON t TO 'shop'@'%';
CREATE /*M!100103 OR REPLACE */ USER 'me'@'%' IDENTIFIED BY '6BB4837E';
CREATE SERVER far FOREIGN DATA WRAPPER mysql OPTIONS (USER 'shop', PASSWORD '6BB4837E', HOST 'db');
DELIMITER ;;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO
  DELETE FROM t; -- \\! echo no
;;
CREATE PROCEDURE listing() BEGIN
  SELECT * FROM t;
END ;;
DELIMITER ;
"""


def test_what_is_left_out_is_delivered_as_comments_with_the_reasons(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(LEFT_OUT)
    report = tmp_path / "account.json"
    assert load(database, dump, "--report", report).exit_code == 1
    account = json.loads(report.read_text())
    kinds = {one["kind"] for one in account["untranslated"]}
    assert kinds == {"CREATE USER", "CREATE OR", "GRANT SELECT", "CREATE SERVER", "event", "procedure"}
    delivered = (tmp_path / "account.untranslated.sql").read_text()
    assert all(line.startswith("-- ") or not line for line in delivered.split("\n"))
    assert "pg_cron" in delivered
    assert "DELETE FROM t" in delivered
    assert "SELECT * FROM t" in delivered
    assert "6BB4837E" not in delivered + report.read_text()


def test_a_load_that_left_nothing_out_delivers_no_such_file(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text("CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\n")
    (tmp_path / "account.untranslated.sql").write_text("-- of an earlier run\n")
    assert load(database, dump, "--report", tmp_path / "account.json").exit_code == 0
    assert not (tmp_path / "account.untranslated.sql").exists()


def test_events_of_a_server_are_listed(mariadb: Server, make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int)", "create event later on schedule every 1 day do delete from t where id = 1"
    )
    assert twins.done.exit_code == 1
    assert "pg_cron" in twins.untranslated["later"]


def test_programs_of_several_databases_land_in_their_schemas(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(
        "CREATE DATABASE a; USE a; CREATE TABLE t (id int, at timestamp NULL ON UPDATE CURRENT_TIMESTAMP);\n"
        "INSERT INTO t (id) VALUES (1);\nCREATE VIEW v AS SELECT id + 1 AS n FROM t;\n"
        "CREATE FUNCTION twice(n int) RETURNS int RETURN n * 2;\n"
        "CREATE DATABASE b; USE b; CREATE TABLE t (id int);\nINSERT INTO t VALUES (5);\n"
        "CREATE VIEW v AS SELECT id, a.twice(id) AS d, (SELECT max(n) FROM a.v) AS m FROM t;\n"
        "CREATE TRIGGER copied AFTER INSERT ON t FOR EACH ROW INSERT INTO a.t (id) VALUES (new.id);\n"
    )
    done = load(database, dump)
    assert done.exit_code == 0, done
    assert psql(database, "select * from b.v") == "5|10|2"
    psql(database, "insert into b.t values (7)")
    assert psql(database, "select max(n) from a.v") == "8"


def test_hostile_names_and_texts_in_programs_do_nothing_but_arrive(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_bytes(
        b'CREATE TABLE `"; drop schema public; --` (`\\! a:b` int, w varchar(40));\n'
        b"INSERT INTO `\"; drop schema public; --` VALUES (1, 'x');\n"
        b"CREATE VIEW `$body$` AS SELECT `\\! a:b` AS `:c`, '$sql$ \\\\! echo :d; $try$' AS d"
        b' FROM `"; drop schema public; --`;\n'
        b"CREATE FUNCTION `$sql$`() RETURNS varchar(99) RETURN '$body$; $check$ \\\\! :x';\n"
        b"CREATE FUNCTION bytes() RETURNS varchar(99) RETURN '\xff';\n"
    )
    report = tmp_path / "report.json"
    assert load(database, dump, "--report", report).exit_code == 1
    assert psql(database, 'select * from "$body$"') == "1|$sql$ \\! echo :d; $try$"
    assert psql(database, 'select "$sql$"()') == "$body$; $check$ \\! :x"
    [missing] = json.loads(report.read_text())["untranslated"]
    assert missing["name"] == "bytes"


def test_names_beyond_postgresqls_length_are_cut_alike_everywhere(database: str, tmp_path: Path) -> None:
    long = "a_name_of_sixty_four_letters_which_is_as_long_as_mysql_lets_it_b"
    dump = tmp_path / "dump.sql"
    dump.write_text(
        f"CREATE TABLE `{long}` (`{long}` int);\nINSERT INTO `{long}` VALUES (3);\n"
        f"CREATE VIEW v AS SELECT `{long}` AS `{long}` FROM `{long}`;\n"
        f"CREATE VIEW w AS SELECT `{long}` + 1 AS n FROM v;\n"
    )
    assert load(database, dump).exit_code == 0
    assert psql(database, "select n from w") == "4"
