"""LOAD DATA in a script: what becomes of the lines of a file is what MariaDB makes of them."""

from pathlib import Path

import pymysql
import pytest

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import failed, load

TABLE = "create table t (id int primary key, a varchar(30), b varchar(30), n int)"
WAYS = [
    (b'1||"x"||"y|z"||5@@\n2||"q""r"||""||\\N@@\n', "fields terminated by '||' enclosed by '\"' "
     "lines terminated by '@@\\n'"),
    (b">1,a,b,1\nnothing\nxx>2,c,d,2\n", "fields terminated by ',' lines starting by '>'"),
    (b"id;a\r\n1;x\r\n2;y\r\n", "fields terminated by ';' lines terminated by '\\r\\n' ignore 1 lines (id, @a) "
     "set a = concat(upper(@a), '!'), b = if(@a = 'x', null, 'other'), n = @base + 1"),
    (b"1\ta\\tb\t\\N\t7\n1\tlater\tx\t8\n", "(id, a, @b, n) set b = coalesce(@b, '-')"),
    (b"1,\"a,\"\"b\",NULL,1\n2,\"NULL\",c\\d,2\n", "fields terminated by ',' optionally enclosed by '\"' escaped by '' "
     "(id, a, b, @n) set n = @n * 10"),
    (b"1,'it's','x'y''z',3\n2,'a'',','''',4\n3,'','q',5\n4,'x'y,','b'''z',6\n",
     "fields terminated by ',' enclosed by ''''"),
    (b"1,'it's','x'y''z',3\n2,'a'',','''',4\n", "fields terminated by ',' enclosed by '''' escaped by ''"),
    (b'1,"a"b","c"\r"d",5\r\n2,"a\r",",""",6\r\n',
     "fields terminated by ',' enclosed by '\"' lines terminated by '\\r\\n'"),
    (b'1,"a",NULL,1\n2,"NULL",b,NULL\n', "fields terminated by ',' optionally enclosed by '\"'"),
    (b'1,"a",NULL,1\n2,"NULL",b,NULL\n',
     "fields terminated by ',' optionally enclosed by '\"' (id, a, b, @n) set n = @n"),
    (b"1\t01.02.2020\tx\t3\n", "(id, @day, b, @skipped) set a = str_to_date(@day, '%d.%m.%Y')"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "how"), WAYS)
def test_lines_become_the_rows_that_they_are_in_mariadb(
    content: bytes, how: str, mariadb: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.txt").write_bytes(content)
    statements = ["set @base = 40", TABLE, f"load data local infile 't.txt' into table t {how}"]
    (tmp_path / "source.sql").write_text(";\n".join(statements) + ";\n")
    assert load(database, tmp_path / "source.sql").exit_code == 0
    mariadb.execute("create or replace database loaded_lines")
    with pymysql.connect(
        host=mariadb.host, port=mariadb.port, user=mariadb.user, password=mariadb.password, database="loaded_lines",
        local_infile=True, autocommit=True,
    ) as connection, connection.cursor() as cursor:  # fmt: skip
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("select * from t order by id")
        there = ["|".join("" if value is None else str(value) for value in row) for row in cursor.fetchall()]
    assert there
    assert psql(database, "select * from t order by id").splitlines() == "\n".join(there).splitlines()


@pytest.mark.parametrize("how", ["(id, a", "fields terminated by '' (id, @a) set a = @a"])
def test_what_cannot_be_read_is_named(how: str, database: str, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("1\ta\n")
    (tmp_path / "source.sql").write_text(f"{TABLE}; load data local infile 't.txt' into table t {how};")
    assert load(database, tmp_path / "source.sql").exit_code in (1, 2)


def test_a_line_with_other_fields_is_named(database: str, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("1||a||b||1\n2||a\n")
    source = tmp_path / "source.sql"
    source.write_text(f"{TABLE}; load data local infile 't.txt' into table t fields terminated by '||';")
    failed(load(database, source), 2, "the line at byte 11 does not have the 4 fields of the table t")
