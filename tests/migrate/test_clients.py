"""Whatever options a client dumps with, PostgreSQL holds what the server holds."""

import json
from pathlib import Path

import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate import truth
from tests.migrate.command import load

UTF8 = "--default-character-set=utf8mb4"
SCHEMA = (
    """create table kinds (id int unsigned not null auto_increment primary key, t tinyint(1) not null, m mediumint
    unsigned, b bigint unsigned zerofill, d decimal(20,6), f float, g double, bits bit(9), y year, dt date, dtm
    datetime(6), ts timestamp(3) null, tm time(2), c char(10), v varchar(60), bin binary(5), bl longblob, tx mediumtext,
    e enum('a','it''s','\\\\',''), s set('x','y','z'), j json, u uuid, i inet6, p geometry, key (v(10)),
    fulltext key ft (tx), unique key (e, id desc)) auto_increment=90 comment='kinds of ''all'' \\\\ "sorts"'""",
    "create table `order` (`select` int primary key, `group by` text character set latin1, `;--` varchar(20))",
    "create table parent (a int, b int, primary key (a, b))",
    """create table child (id int primary key, a int, b int, sum int as (a + b) stored, twice int as (a * 2) virtual,
    constraint fk foreign key (a, b) references parent (a, b), check (a < 1000))""",
    "create table parts (id int, d date, primary key (id, d)) partition by range (year(d)) "
    "(partition old values less than (2000), partition new values less than maxvalue)",
    "create table loose (a int, b varchar(10), key (a)) engine=MyISAM",
    "create table gbk (a varchar(20)) character set gbk",
    "create table log (id int auto_increment primary key, w varchar(40))",
    "create sequence seq start with 100 increment by 10",
    "create view seen as select p.a, c.id from parent p join child c on c.a = p.a",
    "create trigger noted after insert on parent for each row insert into log (w) values (new.a)",
    "create function more(x int) returns int deterministic return x + 1",
    "set sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'",
    r"""insert into kinds values (1, 1, 16777215, 18446744073709551615, -12345678901234.654321, 1.5e-10,
    1.7976931348623157e308, b'101010101', 1901, '2020-02-29', '9999-12-31 23:59:59.999999', '2001-01-01 00:00:00.123',
    '-838:59:59.99', 'abc  ', 'it''s \\ "q" \n\r\t\Z\0 % _', 0x01, 0x00ff27225c0a0d1a0908, 'one\ntwo\\N\n\\.\n',
    'it''s', 'x,z', '{"a": [1, 2.50, "b\\n"]}', '123e4567-e89b-12d3-a456-426655440000', '::1',
    st_geomfromtext('polygon((0 0,1 0,1 1,0 0))', 4326)), (2, 0, null, null, null, null, null, null, null,
    '0000-00-00', '2020-02-00 00:00:00', null, null, null, null, null, null, null, null, null, null, null, null,
    null)""",
    "insert into `order` values (1, 'ünï€', 'a'), (-2, null, '\"; drop table x; --')",
    "insert into parent values (1, 2), (3, 4)",
    "insert into child (id, a, b) values (1, 1, 2), (2, 3, 4), (3, null, null)",
    "insert into parts values (1, '1999-01-01'), (2, '2020-05-05')",
    "insert into loose values (1, 'b'), (1, 'b'), (0, null)",
    r"insert into gbk values ('中文\\'), ('裏')",
    "do nextval(seq)",
)
OPTIONS = {
    "oracle": ["--compatible=oracle", UTF8],
    "maxdb": ["--compatible=maxdb", "--skip-extended-insert", UTF8],
    "mssql": ["--compatible=mssql,no_field_options", "--complete-insert", "--hex-blob", UTF8],
    "bare": ["--skip-opt", "--skip-comments", "--skip-set-charset", "--skip-create-options", UTF8],
    "binary": ["--default-character-set=binary", "--replace", "--order-by-primary", "--no-autocommit"],
    "databases": ["--add-drop-database", "--insert-ignore", "--dump-date", "--routines", "--databases"],
    "replica": ["--master-data=1", "--gtid", "--single-transaction", "--delayed-insert", "--skip-tz-utc"],
    "xml": ["--xml"],
}


@pytest.fixture(scope="module")
def nasty(mariadb: Server) -> str:
    mariadb.execute("drop database if exists nasty", "create database nasty character set utf8mb4")
    mariadb.execute(*SCHEMA, database="nasty")
    return "nasty"


@pytest.mark.parametrize("options", OPTIONS)
def test_every_option_gives_the_same_values(
    options: str, mariadb: Server, nasty: str, database: str, tmp_path: Path
) -> None:
    dump, account = tmp_path / "dump", tmp_path / "account.json"
    dump.write_bytes(mariadb.dump(*OPTIONS[options], nasty))
    done = load(database, "--report", account, dump)
    assert done.exit_code in (0, 1), done.stderr
    report = json.loads(account.read_bytes())
    xml = mariadb.dump("--xml", "--hex-blob", "--skip-triggers", UTF8, nasty)
    assert truth.found_different(xml, report, database) == []
    assert sum(bool(table["target"]) for table in report["tables"]) == 8
    if options != "xml":
        assert report["untranslated"] == []
        assert psql(database, "select a, id from seen order by id").split() == ["1|1", "3|2"]


def test_of_a_history_only_the_rows_that_hold_are_loaded(
    mariadb: Server, database: str, tmp_path: Path
) -> None:
    mariadb.execute("drop database if exists past", "create database past")
    mariadb.execute(
        "create table t (id int primary key, a varchar(20)) with system versioning",
        "insert into t values (1, '(1),'';'), (2, 'b'), (3, 'c')",
        "update t set a = 'changed; (2),' where id = 2",
        "delete from t where id = 3",
        database="past",
    )
    dump, account = tmp_path / "dump", tmp_path / "account.json"
    dump.write_bytes(mariadb.dump("--dump-history", "past"))
    assert load(database, "--report", account, dump).exit_code == 1
    assert psql(database, "select id, a from t order by id").splitlines() == ["1|(1),';", "2|changed; (2),"]
    told = json.loads(account.read_bytes())["untranslated"]
    assert any(one["reason"].startswith("2 rows of t that were changed or deleted") for one in told)
