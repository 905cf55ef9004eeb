"""Functions and procedures: they return and change in PostgreSQL what they did in MariaDB."""

import json
from pathlib import Path

import pytest

from tests.fixtures.postgres import psql
from tests.migrate.command import load
from tests.migrate.translate.twins import Make, Twins

TABLES = (
    "create table account (id int primary key, owner varchar(20), balance decimal(10,2) not null,"
    "  open tinyint(1))",
    "create table entry (no int primary key auto_increment, account int not null, amount decimal(10,2),"
    "  what varchar(40),"
    "  unique key one_of (account, what))",
    "insert into account values (1,'Ann',100,1),(2,'Bob',20.50,1),(3,'Cyd',0,0)",
)

ROUTINES = (
    "create function twice(n int) returns int deterministic return n * 2",
    "create function is_open(p int) returns boolean reads sql data begin"
    "  declare found int; select count(*) into found from account where id = p and open;"
    "  if found = 0 then return false; else return true; end if; end",
    "create function owner_of(p int) returns varchar(20) reads sql data begin"
    "  declare who varchar(20) default 'nobody'; declare exit handler for not found return null;"
    "  select owner into who from account where id = p; return who; end",
    "create function kept(p int) returns varchar(20) reads sql data begin"
    "  declare who varchar(20) default 'unchanged'; select owner into who from account where id = p; return who; end",
    "create function factorial(n int) returns bigint deterministic begin"
    "  declare i int default 1; declare f bigint default 1;"
    "  while i <= n do set f = f * i; set i = i + 1; end while; return f; end",
    "create function digits(n int) returns varchar(100) deterministic begin"
    "  declare s varchar(100) default ''; declare i int default 0;"
    "  each_one: loop set i = i + 1; if i > n then leave each_one; end if;"
    "    if i % 2 = 0 then iterate each_one; end if; set s = concat(s, i, ','); end loop each_one; return s; end",
    "create function halves(n int) returns int deterministic begin declare c int default 0;"
    "  repeat set n = n div 2; set c = c + 1; until n <= 1 end repeat; return c; end",
    "create function grade(p decimal(5,2)) returns varchar(10) deterministic begin"
    "  case when p >= 90 then return 'A'; when p >= 50 then return 'B'; else return 'C'; end case; end",
    "create function word(n int) returns varchar(10) deterministic begin declare w varchar(10);"
    "  case n when 1 then set w = 'one'; when 2 then set w = 'two'; else set w = 'many'; end case; return w; end",
    "create function richest() returns varchar(100) reads sql data begin"
    "  declare done int default false; declare who varchar(20); declare sum_ decimal(10,2);"
    "  declare s varchar(100) default '';"
    "  declare c cursor for select owner, balance from account where balance > 0 order by balance desc;"
    "  declare continue handler for not found set done = true;"
    "  open c; read_loop: loop fetch c into who, sum_; if done then leave read_loop; end if;"
    "  set s = concat(s, who, '=', sum_, ';'); end loop; close c; return s; end",
    "create function twice_of_balance(p int) returns decimal(10,2) reads sql data begin"
    "  declare balance decimal(10,2); select a.balance into balance from account a where a.id = p;"
    "  return twice(balance) + 0.5; end",
    "create procedure pay(in p_account int, in p_amount decimal(10,2), in p_what varchar(40), "
    "  out p_left decimal(10,2)) begin"
    "  if p_amount <= 0 then signal sqlstate '45000' set message_text = 'nothing to pay'; end if;"
    "  update account set balance = balance - p_amount where id = p_account;"
    "  insert into entry (account, amount, what) values (p_account, -p_amount, p_what);"
    "  select balance into p_left from account where id = p_account; end",
    "create procedure note(p_account int, p_what varchar(40)) begin"
    "  insert into entry (account, amount, what) values (p_account, 0, p_what)"
    "    on duplicate key update amount = coalesce(amount, 0) + 1; end",
    "create procedure safely(p_account int, p_what varchar(40), inout p_state varchar(20)) begin"
    "  declare exit handler for 1062 begin set p_state = 'was there'; end;"
    "  insert into entry (account, amount, what) values (p_account, 5, concat(p_what, '!'));"
    "  insert into entry (account, amount, what) values (p_account, 5, p_what);"
    "  set p_state = 'new'; end",
    "create procedure transfer(p_from int, p_to int, p_amount decimal(10,2), out p_done int) begin"
    "  declare exit handler for sqlexception begin rollback; set p_done = 0; end;"
    "  start transaction;"
    "  update account set balance = balance + p_amount where id = p_to;"
    "  update account set balance = if(balance < p_amount, null, balance - p_amount) where id = p_from;"
    "  commit; set p_done = 1; end",
    "create procedure twice_noted(p_account int) begin call note(p_account, 'a'); call note(p_account, 'a'); end",
    "create procedure close_all() begin"
    "  delete e from entry e join account a on a.id = e.account where a.open = 0; update account set open = false; end",
)


@pytest.fixture
def bank(make_twins: Make) -> Twins:
    twins = make_twins(*TABLES, *ROUTINES)
    assert twins.done.exit_code == 0, twins.untranslated
    return twins


def test_functions_return_the_same_in_both(bank: Twins) -> None:
    for call in (
        "twice(21)", "is_open(1), is_open(3), is_open(9)", "owner_of(2), owner_of(9)", "kept(1), kept(9)",
        "factorial(10)", "digits(9)", "halves(100)", "grade(95.5), grade(50), grade(1)", "word(1), word(2), word(5)",
        "richest()", "twice_of_balance(1)",
    ):  # fmt: skip
        bank.ask(f"select {call}")


def called(bank: Twins, procedure: str, *arguments: object) -> list[str]:
    """Call a procedure in both; the values of its last parameters, which have to be the same."""
    with bank.mariadb.connect(bank.name) as connection, connection.cursor() as cursor:
        cursor.execute("set @out = %s", (arguments[-1],))
        inside = ", ".join(repr(argument) for argument in arguments[:-1])
        cursor.execute(f"call {procedure}({inside}, @out)")
        cursor.execute("select @out")
        [[theirs]] = cursor.fetchall()
    last = "null" if arguments[-1] is None else repr(arguments[-1])
    ours = psql(bank.url, f"call {procedure}({inside}, {last})")
    assert ours == str(theirs)
    bank.ask("select * from account")
    bank.ask("select account, amount, what from entry")
    return [ours]


def test_procedures_change_the_same_in_both(bank: Twins) -> None:
    assert called(bank, "pay", 1, 30.25, "coat", None) == ["69.75"]
    bank.do("call note(1, 'hello')")
    bank.do("call note(1, 'hello')")
    bank.do("call twice_noted(2)")
    bank.ask("select account, amount, what from entry")
    bank.do("call close_all()")
    bank.ask("select * from account")


def test_a_signal_is_an_exception_with_its_state_and_message(bank: Twins) -> None:
    with pytest.raises(AssertionError, match="nothing to pay"):
        psql(bank.url, "call pay(1, 0, 'x', null)")
    psql(
        bank.url,
        "do $$ declare rest numeric; begin call pay(1, 0, 'x', rest); "
        "raise 'not signalled'; exception when sqlstate '45000' then null; end $$",
    )


def test_a_handler_acts_on_the_statement_that_failed_and_leaves_the_others_done(bank: Twins) -> None:
    assert called(bank, "safely", 1, "first", "") == ["new"]
    bank.do("delete from entry where what = 'first!'")
    assert called(bank, "safely", 1, "first", "") == ["was there"]


def test_a_procedure_that_rolls_back_on_errors_does_all_or_nothing(bank: Twins) -> None:
    assert called(bank, "transfer", 1, 2, 50, None) == ["1"]
    assert called(bank, "transfer", 3, 1, 10, None) == ["0"]


@pytest.mark.parametrize(
    ("routine", "reason"),
    [
        ("create procedure p() select * from account", "sends rows to its caller"),
        ("create procedure p() set @x = 1", "@x"),
        ("create function f() returns int return crc32('a')", "crc32"),
        ("create procedure p() begin prepare s from 'select 1'; end", "PREPARE"),
        (
            "create procedure p() begin declare exit handler for 1045 begin end; delete from account; end",
            "ERROR 1045",
        ),
        ("create function f() returns int return (select ghost from account)", "no column ghost"),
        (
            "create procedure p(id int) insert into account values (id, 1) on duplicate key update balance = 2",
            "variable id has the name",
        ),
        ("create procedure p() update account set balance = if('a', 1, 2)", "the truth of 'a'"),
        (
            "create procedure p(n int) insert into account values (n, 1) on duplicate key update "
            "balance = balance + 1, id = balance",
            "it uses a column after setting it",
        ),
    ],
)
def test_a_routine_that_cannot_be_translated_is_told_with_its_reason(
    routine: str, reason: str, database: str, tmp_path: Path
) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(
        "CREATE TABLE account (id int PRIMARY KEY, balance int);\nDELIMITER ;;\n"
        + routine
        + ";;\nDELIMITER ;\n"
    )
    report = tmp_path / "report.json"
    assert load(database, dump, "--report", report).exit_code == 1
    [missing] = json.loads(report.read_text())["untranslated"]
    assert reason in missing["reason"]
    assert routine.removeprefix("create ") in missing["sql"]


def test_a_statement_that_postgresql_would_refuse_at_run_time_refuses_the_routine(
    database: str, tmp_path: Path
) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(
        "CREATE TABLE t (id int, word varchar(9));\nCREATE FUNCTION f(n int) RETURNS int RETURN "
        "(SELECT max(id) FROM t WHERE inet_aton(word) = n);\nCREATE FUNCTION g() RETURNS int RETURN left('abc', 2);\n"
    )
    report = tmp_path / "report.json"
    assert load(database, dump, "--report", report).exit_code == 1
    names = {one["name"] for one in json.loads(report.read_text())["untranslated"]}
    assert "f" in names
    assert psql(database, "select count(*) from pg_proc where proname = 'f'") == "0"
