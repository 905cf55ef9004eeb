"""What the options of `migrate mysql-to-pg` choose, and what its report says."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.ports import free_port
from tests.fixtures.postgres import CreateDatabase, psql
from tests.migrate.command import failed, load, play, run, snapshot
from tests.migrate.dumps import ODDITIES, SHOP, dump


def tables(url: str) -> list[str]:
    found = psql(
        url,
        "select schemaname || '.' || tablename from pg_tables "
        "where schemaname !~ '^(pg_|information_schema|migrate)' order by 1",
    )
    return found.split("\n") if found else []


def test_tables_land_in_the_schema_that_is_named(database: str) -> None:
    assert load(database, "-", "--schema", "old Shop", stdin=SHOP).exit_code == 0
    assert tables(database) == ["old Shop.maker", "old Shop.shoe"]
    keys = psql(
        database,
        "select conrelid::regclass, confrelid::regclass from pg_constraint where conname = 'shoe_maker'",
    )
    assert keys == '"old Shop".shoe|"old Shop".maker'


def test_a_script_names_the_schema_too(database: str) -> None:
    play(database, run("mysql-to-pg", "-q", "--schema", "old", "--output", "-", "-", stdin=SHOP).stdout)
    assert tables(database) == ["old.maker", "old.shoe"]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--include", "maker"], ["public.maker"]),
        (["--include", "m*", "--include", "nothing"], ["public.maker"]),
        (["--exclude", "s*"], ["public.maker"]),
        (["--include", "*", "--exclude", "maker"], ["public.shoe"]),
        (["--exclude", "*"], []),
    ],
)
def test_tables_are_chosen_by_patterns(
    options: list[str], left: list[str], database: str, tmp_path: Path
) -> None:
    done = load(database, "-", *options, "--report", tmp_path / "report.json", stdin=SHOP)
    assert done.exit_code in (0, 1)
    assert tables(database) == left
    report = json.loads((tmp_path / "report.json").read_bytes())
    filtered = {table["source"] for table in report["tables"] if table["rows_filtered"] == 3}
    assert filtered == {"maker", "shoe"} - {name.split(".")[1] for name in left}


@pytest.mark.parametrize("command", ["mysql-to-pg", "inspect", "verify"])
def test_a_choice_that_no_table_meets_is_refused_and_one_of_another_case_is_named(
    command: str, database: str
) -> None:
    to = () if command == "inspect" else ("--to", database)
    done = run(command, *to, "--include", "Shoe", "--include", "boot", "-", stdin=SHOP)
    assert done.exit_code == 2
    assert (
        "--include Shoe: the source has no such table: it has shoe, and upper and lower case" in done.stderr
    )
    assert "--include boot: the source has no such table" in done.stderr
    assert tables(database) == []


def test_a_pattern_that_no_table_meets_beside_one_that_does_is_told(database: str) -> None:
    choice = ("--include", "maker", "--include", "boot")
    done = load(database, "-", *choice, stdin=SHOP)
    assert (done.exit_code, tables(database)) == (1, ["public.maker"])
    assert done.stderr == "migrate: exit code 1: left out: --include boot\n"
    verified = run("verify", "--to", database, *choice, "-", stdin=SHOP)
    assert verified.exit_code == 1
    assert b"--include boot" in verified.stdout
    assert b"1 of 1 table the same, 3 rows" in verified.stdout


def test_a_reference_to_a_table_that_was_left_out_is_named(database: str, tmp_path: Path) -> None:
    done = load(database, "-", "--include", "shoe", "--report", tmp_path / "report.json", stdin=SHOP)
    assert done.exit_code == 1
    [missing] = json.loads((tmp_path / "report.json").read_bytes())["untranslated"]
    assert missing["kind"] == "foreign key"
    assert "shoe_maker" in missing["name"]


def test_the_schema_alone_has_all_keys_and_no_rows(database: str) -> None:
    assert load(database, "-", "--schema-only", stdin=SHOP).exit_code == 0
    assert psql(database, "select (select count(*) from maker) + (select count(*) from shoe)") == "0"
    names = "select conname from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'"
    assert psql(database, f"{names} order by 1").split("\n") == [
        "maker_name_length", "maker_pkey", "shoe_maker", "shoe_pkey",
    ]  # fmt: skip


def test_schema_and_data_one_after_the_other_are_the_whole(
    database: str, create_database: CreateDatabase
) -> None:
    assert load(database, "-", "--schema-only", stdin=SHOP).exit_code == 0
    assert load(database, "-", "--data-only", stdin=SHOP).exit_code == 0
    whole = create_database()
    assert load(whole, "-", stdin=SHOP).exit_code == 0
    sequences = (
        "pg_catalog.setval",
    )  # without the schema's AUTO_INCREMENT, data alone counts on from its keys
    left = [line for line in snapshot(database) if not any(word in line for word in sequences)]
    right = [line for line in snapshot(whole) if not any(word in line for word in sequences)]
    assert left == right


def test_data_alone_does_not_touch_tables_with_rows(database: str) -> None:
    assert load(database, "-", stdin=SHOP).exit_code == 0
    before = snapshot(database)
    failed(load(database, "-", "--data-only", stdin=SHOP), 2, "holds rows already", "--replace")
    assert snapshot(database) == before
    assert load(database, "-", "--data-only", "--replace", stdin=SHOP).exit_code == 0
    assert psql(database, "select count(*) from shoe") == "3"


def test_replace_puts_new_tables_in_the_place_of_old_ones(database: str) -> None:
    assert load(database, "-", stdin=SHOP).exit_code == 0
    before = snapshot(database)
    psql(database, "delete from shoe; alter table maker add more int")
    assert load(database, "-", "--replace", stdin=SHOP).exit_code == 0
    assert snapshot(database) == before


def test_replace_takes_away_nothing_that_is_not_its_own(database: str) -> None:
    assert load(database, "-", stdin=SHOP).exit_code == 0
    psql(database, "create view mine as select * from maker")
    done = load(database, "-", "--replace", stdin=SHOP)
    failed(
        done, 3, "view mine depends on table maker", "Drop or move what depends on it yourself", "--schema"
    )
    assert "CASCADE" not in done.stderr


def test_no_vacuum_has_to_write_what_a_script_has_loaded_again(database: str) -> None:
    play(database, run("mysql-to-pg", "-q", "--output", "-", "-", stdin=SHOP).stdout)

    tables = "relkind = 'r' and relnamespace = 'public'::regnamespace and relpages > 0"
    assert psql(database, f"select bool_and(relallvisible = relpages) from pg_class where {tables}") == "t"


def test_a_script_with_replace_can_be_played_twice(database: str) -> None:
    script = run("mysql-to-pg", "-q", "--replace", "--output", "-", "-", stdin=SHOP).stdout
    play(database, script)
    before = snapshot(database)
    play(database, script)
    assert snapshot(database) == before


@pytest.mark.parametrize("jobs", ["1", "4", "16"])
def test_any_number_of_jobs_makes_the_same(jobs: str, database: str, create_database: CreateDatabase) -> None:
    assert load(database, "-", stdin=SHOP).exit_code == 0
    other = create_database()
    assert load(other, "-", "--jobs", jobs, stdin=SHOP).exit_code == 0
    assert snapshot(other) == snapshot(database)


def report_of(url: str, folder: Path, *options: str, stdin: bytes) -> Any:
    load(url, "-", "--report", folder / "report.json", *options, stdin=stdin)
    return json.loads((folder / "report.json").read_bytes())


def test_the_report_accounts_for_every_row(database: str, tmp_path: Path) -> None:
    report = report_of(database, tmp_path, "--exclude", "plain", stdin=ODDITIES)
    assert {"source", "target", "seconds", "exit_code", "tables", "lossy", "untranslated"} <= set(report)
    assert report["source"] == ["-"]
    assert report["exit_code"] in (0, 1)
    for table in report["tables"]:
        wanted = {
            "source",
            "target",
            "rows_read",
            "rows_loaded",
            "rows_rejected",
            "rows_filtered",
            "bytes",
            "seconds",
        }
        assert wanted <= set(table)
        assert table["rows_read"] == table["rows_loaded"] + table["rows_rejected"] + table["rows_filtered"]
    by_name = {table["source"]: table for table in report["tables"]}
    assert (by_name["oddity"]["rows_loaded"], by_name["plain"]["rows_filtered"]) == (6, 3)


def test_the_report_names_what_was_changed_and_how_often(database: str, tmp_path: Path) -> None:
    report = report_of(database, tmp_path, stdin=ODDITIES)
    days = [one for one in report["lossy"] if one["column"] == "day" and one["count"]]
    assert [one["count"] for one in days] == [1]
    assert "0000-00-00" in days[0]["sample"]
    assert any("numeric(20,0)" in one["what"] for one in report["decisions"])


def test_the_exit_code_of_the_report_is_the_commands(database: str, tmp_path: Path) -> None:
    text = dump("CREATE TABLE `t` (`a` int);\nCALL `p`();\n")
    done = load(database, "-", "--report", tmp_path / "report.json", stdin=text)
    assert done.stderr.startswith("migrate: exit code 1: left out: ")
    assert done.exit_code == json.loads((tmp_path / "report.json").read_bytes())["exit_code"] == 1


def test_quiet_says_nothing(database: str) -> None:
    done = load(database, "-", stdin=SHOP)
    assert (done.exit_code, done.stdout, done.stderr) == (0, b"", "")


def test_what_is_said_goes_to_standard_error(database: str) -> None:
    done = run("mysql-to-pg", "--to", database, "-", stdin=SHOP)
    assert done.exit_code == 0
    assert done.stdout == b""
    assert "public.shoe" in done.stderr
    assert "6 rows loaded in 2 tables, all of them proved" in done.stderr
    one = run("mysql-to-pg", "--to", database, "-", stdin=b"create table t (a int); insert into t values (1)")
    assert "1 row loaded in 1 table, all of them proved" in one.stderr


def test_numbers_are_whole_on_a_narrow_screen_and_names_in_a_file(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "a_table_whose_name_is_as_long_as_mysql_lets_it_be_0123456789abcd"
    rows = ",".join(["(1)"] * 12345)
    text = dump(f"CREATE TABLE `{name}` (`a` int);\nINSERT INTO `{name}` VALUES {rows};\n")
    for columns, words in (("", f"public.{name[:40]}"), ("40", "12,345  12,345")):
        monkeypatch.setenv("COLUMNS", columns) if columns else monkeypatch.delenv("COLUMNS", raising=False)
        done = run("mysql-to-pg", "--replace", "--to", database, "-", stdin=text)
        assert any(line.startswith(words) or f" {words} " in line for line in done.stderr.splitlines()), done


def test_a_dry_run_touches_nothing_and_needs_no_server(database: str) -> None:
    before = snapshot(database)
    done = run("mysql-to-pg", "--dry-run", "--to", database, "-", stdin=SHOP)
    assert (done.exit_code, snapshot(database)) == (0, before)
    assert b"6 rows" in done.stdout
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nowhere"
    assert run("mysql-to-pg", "--dry-run", "--to", nowhere, "-", stdin=SHOP).exit_code == 0


def test_inspect_says_as_json_what_a_load_would_do(database: str, tmp_path: Path) -> None:
    looked = run("inspect", "--json", "-", stdin=ODDITIES).account
    loaded = report_of(database, tmp_path, stdin=ODDITIES)

    def rows(report: Any) -> dict[str, int]:
        return {table["source"]: table["rows_read"] for table in report["tables"]}

    assert rows(looked) == rows(loaded) == {"oddity": 6, "plain": 3}
    assert [one["name"] for one in looked["untranslated"]] == [one["name"] for one in loaded["untranslated"]]


def test_hostile_names_and_values_do_nothing_but_arrive(database: str) -> None:
    psql(database, "create table kept (x int)")
    name = '"; drop schema public cascade; --'
    value = "\\\\.\\n'); drop table kept; --"
    text = dump(
        f"CREATE TABLE `{name}` (`'); drop table kept; --` text, `\\\\.` text);\n"
        f"INSERT INTO `{name}` VALUES ('\\\\.','{value.replace(chr(39), chr(39) * 2)}'),('\\n\\\\.\\n','\\\\\\\\.');\n"
    )
    assert load(database, "-", stdin=text).exit_code == 0
    arrived = psql(database, 'select * from "' + name.replace('"', '""') + '" limit 1')
    assert arrived == "\\.|\\.\n'); drop table kept; --"
    assert psql(database, "select count(*) from kept") == "0"
