"""Triggers: what they do to rows that come after them in a dump, and what they do in the target."""

import json
from pathlib import Path

import pymysql
import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import carry_over, load, play, run
from tests.migrate.translate.twins import Make

# The order of a schema file that is read before a file of rows.
BEFORE_ROWS = """
CREATE TABLE item (id int NOT NULL AUTO_INCREMENT, Title varchar(40), price decimal(6,2), PRIMARY KEY (id));
CREATE TABLE log (no int NOT NULL AUTO_INCREMENT, what varchar(80), at timestamp NULL, PRIMARY KEY (no));
CREATE TABLE total (id int NOT NULL, items int NOT NULL, PRIMARY KEY (id));
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` TRIGGER `Price_Set` BEFORE INSERT ON item FOR EACH ROW BEGIN
  IF NEW.price IS NULL THEN SET NEW.price = 1.50; END IF;
END;;
CREATE TRIGGER item_log AFTER INSERT ON item FOR EACH ROW
  INSERT INTO log (what, at) VALUES (CONCAT(NEW.id, ': ', NEW.title), NOW());;
CREATE TRIGGER item_count AFTER INSERT ON item FOR EACH ROW
  INSERT INTO total VALUES (1, 1) ON DUPLICATE KEY UPDATE items = items + VALUES(items);;
DELIMITER ;
INSERT INTO item VALUES (1,'coat',NULL),(2,'hat',12.00);
"""


@pytest.fixture
def before_rows(tmp_path: Path) -> Path:
    dump = tmp_path / "before_rows.sql"
    dump.write_text(BEFORE_ROWS)
    return dump


def assert_fired(url: str) -> None:
    assert psql(url, "select * from item order by id") == "1|coat|1.50\n2|hat|12.00"
    assert psql(url, "select no, what from log order by no") == "1|1: coat\n2|2: hat"
    assert psql(url, "select * from total") == "1|2"
    psql(url, "insert into item (title) values ('shoe')")
    assert psql(url, "select id, price from item where title = 'shoe'") == "3|1.50"
    assert psql(url, "select no, what from log where no = 3") == "3|3: shoe"
    assert psql(url, "select items from total") == "3"


def test_a_trigger_that_is_defined_before_rows_acts_on_them_once(
    before_rows: Path, database: str, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    assert load(database, before_rows, "--report", report).exit_code == 0
    assert_fired(database)
    account = json.loads(report.read_text())
    assert {one["name"] for one in account["made"]} == {"Price_Set", "item_log", "item_count"}
    made = {one["table"]: one["count"] for one in account["decisions"] if "trigger" in one["what"]}
    assert made == {"public.item": 0, "public.log": 2, "public.total": 1}


def test_a_script_lets_triggers_act_on_the_rows_after_them(before_rows: Path, database: str) -> None:
    done = run("mysql-to-pg", "--quiet", "--output", "-", before_rows)
    assert done.exit_code == 0
    play(database, done.stdout)
    assert_fired(database)


def test_a_load_can_be_replaced_with_its_triggers(before_rows: Path, database: str) -> None:
    assert load(database, before_rows).exit_code == 0
    assert load(database, before_rows, "--replace").exit_code == 0
    assert_fired(database)


def test_a_comparison_knows_which_tables_triggers_have_written_to(before_rows: Path, database: str) -> None:
    assert load(database, before_rows).exit_code == 0
    done = run("verify", "--to", database, before_rows)
    assert done.exit_code == 0, done


def test_a_trigger_that_is_defined_after_rows_leaves_them_alone(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int primary key, n int)",
        "insert into t values (1, 1), (2, 2)",
        "create trigger more before insert on t for each row set new.n = new.n + 100",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    twins.ask("select * from t")
    twins.do("insert into t values (3, 3)")
    assert twins.ask("select * from t where id = 3") == [["3", "103"]]


def test_a_trigger_that_cannot_be_translated_tells_which_rows_it_would_have_acted_on(
    database: str, tmp_path: Path
) -> None:
    dump = tmp_path / "refused.sql"
    dump.write_text(
        "CREATE TABLE t (id int, n int);\n"
        "CREATE TRIGGER odd BEFORE INSERT ON t FOR EACH ROW SET NEW.n = @the_users_own + 1;\n"
        "INSERT INTO t VALUES (1, 1), (2, 2);\n"
    )
    report = tmp_path / "report.json"
    assert load(database, dump, "--report", report).exit_code == 1
    assert psql(database, "select * from t order by id") == "1|1\n2|2"
    account = json.loads(report.read_text())
    reasons = {one["kind"]: one["reason"] for one in account["untranslated"]}
    assert "@the_users_own" in reasons["trigger"]
    assert "2 rows of the dump" in reasons["rows of a trigger"]
    assert "@the_users_own" in reasons["rows of a trigger"]


def test_triggers_of_every_event_do_in_postgresql_what_they_did_in_mysql(make_twins: Make) -> None:
    twins = make_twins(
        "create table film (id int primary key, title varchar(50), length smallint,"
        "  seen tinyint(1) not null default 0)",
        "create table film_text (id int primary key, title varchar(50))",
        "insert into film values (1, 'Alien', 117, 1)",
        "insert into film_text values (1, 'Alien')",
        "create trigger ins_film after insert on film for each row begin"
        "  insert into film_text (id, title) values (new.id, upper(new.title)); end",
        "create trigger upd_film after update on film for each row begin"
        "  if (old.title != new.title) or (old.id != new.id) then"
        "    update film_text set title = new.title, id = new.id where id = old.id;"
        "  elseif new.seen and not old.seen then"
        "    update film_text set title = concat(title, ' (seen)') where id = old.id;"
        "  else"
        "    begin end;"
        "  end if; end",
        "create trigger del_film after delete on film for each row delete from film_text where id = old.id",
        "create trigger chk_film before update on film for each row begin"
        "  declare longest int default 300;"
        "  if new.length > longest then set new.length = longest, new.seen = 0; end if;"
        "  case when new.length < 0 then signal sqlstate '45000' set message_text = 'too short';"
        "       else set new.length = ifnull(new.length, 90); end case; end",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    for statement in (
        "insert into film values (2, 'Brazil', null, false)",
        "insert into film values (3, 'Casablanca', 102, false)",
        "update film set title = 'Aliens' where id = 1",
        "update film set length = 999 where id = 1",
        "update film set seen = true where id = 2",
        "delete from film where id = 3",
    ):
        twins.do(statement)
    twins.ask("select * from film")
    assert ["2", "BRAZIL (seen)"] in twins.ask("select * from film_text")
    with pytest.raises(AssertionError, match="too short"):
        psql(twins.url, "update film set length = -1 where id = 1")


def test_several_triggers_of_one_event_act_in_the_order_they_were_made(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int primary key, n int)",
        "create trigger z_first before insert on t for each row set new.n = new.n * 2",
        "create trigger a_second before insert on t for each row set new.n = new.n + 1",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    twins.do("insert into t values (1, 10)")
    assert twins.ask("select * from t") == [["1", "21"]]


def test_a_trigger_on_a_table_that_is_left_out_is_left_out(before_rows: Path, database: str) -> None:
    assert load(database, before_rows, "--include", "log").exit_code == 0
    assert psql(database, "select count(*) from pg_trigger where not tgisinternal") == "0"


def test_the_sample_database_of_mysql_arrives_whole(corpus: Path, database: str, tmp_path: Path) -> None:
    sakila = corpus / "sakila-1.2"
    report = tmp_path / "report.json"
    load(database, sakila / "sakila-schema.sql", sakila / "sakila-data.sql", "--report", report)
    assert psql(database, "select count(*) from film_text") == "1000"
    assert psql(database, "select count(*) from film f join film_text t using (film_id, title)") == "1000"
    account = json.loads(report.read_text())
    assert sum(one["kind"] == "view" for one in account["made"]) == 7
    assert sum(one["kind"] == "trigger" for one in account["made"]) == 6
    assert sum(one["kind"] == "function" for one in account["made"]) == 3


@pytest.mark.parametrize("way", ["server", "script"])
def test_triggers_act_in_the_order_that_they_say(
    way: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    made = [
        "create table t (id int primary key, a varchar(9))",
        *(
            f"create trigger {name} before insert on t for each row {where} set new.a = concat(new.a, '{name}')"
            for name, where in (("d", ""), ("c", ""), ("b", "follows d"), ("a", "precedes d"))
        ),
        "insert into t values (1, '')",
        *(
            f"create trigger {name} before insert on t for each row {where} set new.a = concat(new.a, '{name}')"
            for name, where in (("h", "precedes b"), ("f", "follows a"), ("e", "precedes h"))
        ),
        "insert into t values (3, '')",
    ]
    source = tmp_path / "source.sql"
    source.write_text(";\n".join(made) + ";")
    carry_over(way, database, source)
    psql(database, "insert into t values (2, '')")
    mariadb.execute("create or replace database ordered_triggers")
    mariadb.execute(*made, "insert into t values (2, '')", database="ordered_triggers")
    there = mariadb.execute("select a from t order by id", database="ordered_triggers")
    assert psql(database, "select a from t order by id").split() == [text for (text,) in there]


HELD = """
set sql_mode = '{mode}';
create table held (id int primary key, a int, b tinyint, c int unsigned, d varchar(3), e decimal(4,1), g char(4),
  y tinyint unsigned, f double, m mediumint);
create table log (id int, b tinyint, d varchar(3), u smallint unsigned);
create trigger x before insert on held for each row set new.b = new.a * 10, new.c = new.a - 1, new.e = new.a / 3,
  new.d = concat('a', new.a), new.g = 'ab  ', new.y = new.a + 1, new.f = new.a / 3, new.m = new.a * 1.5;
create trigger z after insert on held for each row insert into log values (new.id, new.a * 20, new.d, new.a - 5);
insert into held (id, a) values (1, 5), (2, null);
"""
UNFIT = "insert into held (id, a) values (3, 300), (4, -2), (5, -7000);"


@pytest.mark.parametrize(("mode", "rows"), [("STRICT_ALL_TABLES", ""), ("", UNFIT)])
@pytest.mark.parametrize("way", ["server", "script"])
def test_what_triggers_store_is_held_to_its_columns(
    way: str, mode: str, rows: str, mariadb: Server, database: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.sql"
    source.write_text(HELD.format(mode=mode) + rows)
    carry_over(way, database, source)
    statements = [one for one in source.read_text().split(";\n") if one.strip()]
    mariadb.execute("create or replace database held_triggers")
    mariadb.execute(*statements, database="held_triggers")
    for query in (
        "select id, b, c, d, e, g, y, round(f * 1000000), m from held order by id",
        "select * from log order by id",
    ):
        there = mariadb.execute(query, database="held_triggers")
        wanted = ["|".join("" if v is None else str(v).removesuffix(".0") for v in row) for row in there]
        found = [
            "|".join(one.removesuffix(".0") for one in line.split("|"))
            for line in psql(database, query).split("\n")
        ]
        assert found == wanted
    if mode:
        with pytest.raises(pymysql.MySQLError, match="Out of range"):
            mariadb.execute("insert into held (id, a) values (9, 13)", database="held_triggers")
        with pytest.raises(AssertionError, match="130 is out of range for the column b"):
            psql(database, "insert into held (id, a) values (9, 13)")
