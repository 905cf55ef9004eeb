"""`migrate inspect`: everything that a load would do is known beforehand."""

import pytest

from tests.migrate import command

DUMP = b"""
create table People (id int unsigned not null auto_increment primary key, active tinyint(1), level tinyint(1),
 mood enum('a','b'), born date not null, note text, key by_born (born));
create table visits (person int unsigned, length time, foreign key (person) references People (id));
insert into People values (1,1,5,'a','0000-00-00','caf\xc3\x83\xc2\xa9'),(2,0,0,'','2012-00-00','a\\0b'),
(3,1,1,'a','2000-01-01','\xff');
insert into visits values (1,'30:00:00');
create view broken as select unheard_of(person) from visits;
"""


def test_the_plan_of_every_table_and_column_is_told() -> None:
    account = command.run("inspect", "--json", "-", stdin=DUMP).account
    people, visits = account["plan"]
    assert (people["target"], people["keys"], visits["foreign_keys"]) == ("public.people", 2, 1)
    types = {column["name"]: (column["type"], column["target_type"]) for column in people["columns"]}
    assert types["active"] == ("tinyint(1)", "boolean")
    assert types["level"] == ("tinyint(1)", "smallint")
    assert types["mood"] == ("enum('a','b')", "people_mood")
    assert all(column["why"] for column in people["columns"])
    assert people["disk"] > 0
    assert account["expected"]["disk_bytes"] == people["disk"] + visits["disk"]
    assert account["expected"]["seconds"] > 0
    assert {"source": "People", "name": "People", "became": "people"} in account["renamed"]


def test_every_surprise_in_the_data_is_counted_with_the_option_that_decides_about_it() -> None:
    done = command.run("inspect", "--json", "-", stdin=DUMP)
    assert done.exit_code == 1
    account = done.account
    found = {(loss["column"], loss["option"]): loss["count"] for loss in account["lossy"]}
    assert found == {
        ("born", "--zero-dates"): 2,
        ("note", "--nul"): 1,
        ("note", "--repair-mojibake"): 1,
        (None, "--on-error"): 1,
    }
    assert {decision["column"] for decision in account["decisions"]} >= {"level", "mood", "length"}
    assert [table["rows_rejected"] for table in account["tables"]] == [1, 0]
    assert "broken" in {missing["name"].rpartition(".")[2] for missing in account["untranslated"]}


def test_people_see_tables_types_surprises_time_and_disk() -> None:
    done = command.run("inspect", "-", stdin=DUMP)
    said = done.stdout.decode()
    assert done.stderr == ""
    for words in ("public.people", "tinyint(1)", "--zero-dates", "Left out", "a load takes about", "of disk"):
        assert words in said


def test_a_unique_key_whose_values_change_on_the_way_is_named_beforehand() -> None:
    dump = rb"create table t (a varchar(9), unique key by_a (a)); insert into t values ('x'), ('x\0');"
    decided = command.run("inspect", "--json", "-", stdin=dump).account["decisions"]
    [told] = [one for one in decided if one["option"] == "--nul"]
    assert (told["table"], told["column"], told["count"]) == ("public.t", "a", 1)
    assert "key by_a" in told["what"]


def test_text_that_ignores_case_is_said_to_and_the_option_named() -> None:
    account = command.run(
        "inspect", "--json", "-", stdin=b"create table t (a varchar(9), b varchar(9) collate utf8mb4_bin);"
    ).account
    types = {
        column["name"]: (column["target_type"], column["why"]) for column in account["plan"][0]["columns"]
    }
    assert types["a"][0] == "citext"
    assert "ignores case" in types["a"][1]
    assert types["b"][0] == "varchar(9)"
    assert {one["option"] for one in account["decisions"]} == {"--collation"}


def test_a_terminal_of_eighty_columns_is_not_overrun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    dump = b"".join(
        b"create table a_long_name_of_a_table_%d (n tinyint(1), w varchar(%d));" % (n, n)
        for n in range(1, 99)
    )
    dump += b"insert into a_long_name_of_a_table_7 values (7, null);"
    dump += b"create table with_a_day (a_long_name_of_a_column date default '0000-00-00');"
    said = command.run("inspect", "-", stdin=dump + b"create view v as select 1 as one;").stdout.decode()
    assert max(map(len, said.splitlines())) <= 80
    assert "1 view: v" in said
    assert sum(line.startswith("varchar") for line in said.splitlines()) == 1
