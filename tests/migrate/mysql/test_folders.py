"""Folders and archives: mysqldump --tab, mydumper, dumpling, MySQL Shell, one file per table."""

import base64
import gzip
import json
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.fixtures.tools import find_tool
from tests.migrate.command import failed, load, run

Files = dict[str, str | bytes]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Files], Path]:
    def make(files: Files) -> Path:
        for name, content in files.items():
            path = tmp_path / "dump" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "dump"

    return make


TABLE = "CREATE TABLE `t` (`id` int NOT NULL, `a` varchar(30), `b` varbinary(9), `n` bit(4), PRIMARY KEY (`id`));\n"

TAB: Files = {
    "t.sql": f"-- MariaDB dump 10.19\n{TABLE}-- Dump completed\n",
    "t.txt": b'1\tit\'s\\ta \\\\ "x" \\N\t\x01\\0\xff\t\x05\n'
    b"2\t\\N\t\\N\t\\N\n3\t\ttwo\\\nlines\t\x00\n4\t\\.\t\\t\t\\0\n",
}
TAB_ROWS = [
    r"1|it's" + "\t" + r'a \ "x" N|\x0100ff|0101',
    "2|||",
    r"3||\x74776f0a6c696e6573|0000",
    r"4|.|\x09|0000",
]


def test_tab_files_keep_every_byte(folder: Callable[[Files], Path], database: str) -> None:
    assert load(database, folder(TAB)).exit_code == 0
    assert psql(database, "select * from t order by id").split("\n") == TAB_ROWS
    assert psql(database, "select id from t where a is null") == "2"


def test_mariadbs_own_tab_files_load_to_what_the_server_holds(
    mariadb: Server, database: str, tmp_path: Path
) -> None:
    mariadb.execute("drop database if exists tabbed", "create database tabbed character set latin1")
    mariadb.execute(
        "create table t (id int auto_increment primary key, a varchar(40), l longblob, g geometry, b bit(9),"
        " d datetime(3), size int as (char_length(a)) stored, j text character set utf8mb4)",
        "insert into t (a, l, g, b, d, j) values ('caf\u00e9 \\t\\n\\\\ ''\"', unhex('000a0d5c09271a'), point(1, 2),"
        " b'101', '2020-02-03 04:05:06.789', '\u96ea'), (null, '', null, null, null, '\\\\N'),"
        " ('', null, null, 0, null, 'N')",
        database="tabbed",
    )
    tmp_path.chmod(0o777)
    mariadb.dump("--tab", str(tmp_path), "tabbed")
    assert load(database, tmp_path).exit_code in (0, 1)
    columns = "id, hex(convert(a using utf8mb4)), hex(l), hex(as{0}binary(g)), bin(b), d, size, j"
    expected = mariadb.execute(f"select {columns.format('')} from t", database="tabbed")
    assert len(expected) == 3
    loaded = psql(
        database,
        "select id, upper(encode(convert_to(a, 'utf8'), 'hex')), upper(encode(l, 'hex')), upper(encode(g, 'hex')),"
        "b::int, d, size, j from t order by id",
    ).split("\n")
    for number, (line, row) in enumerate(zip(loaded, expected, strict=True), 1):
        fields = line.split("|")
        wanted = ["" if value is None else str(value) for value in row]
        wanted[4] = str(int(wanted[4], 2)) if wanted[4] else ""
        wanted[5] = wanted[5][:23]
        assert fields == wanted, number


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--header", "--fields-terminated-by=;"],
        ["--fields-terminated-by=,", '--fields-optionally-enclosed-by="', "--lines-terminated-by=\r\n"],
    ],
)
def test_tab_files_say_themselves_how_they_are_written(
    options: list[str], mariadb: Server, database: str, tmp_path: Path
) -> None:
    mariadb.execute("drop database if exists marked", "create database marked")
    mariadb.execute(
        "create table t (id int primary key, s varchar(9) character set sjis, g varchar(9) character set gbk, b blob)",
        r"""insert into t values (1, '表\\', '裏\'', ';,\t"'), (2, 'ソ"', '誠\\n', 'a\nb\r\n'), (3, null, '', null)""",
        database="marked",
    )
    tmp_path.chmod(0o777)
    mariadb.dump("--tab", str(tmp_path), *options, "marked")
    assert load(database, tmp_path).exit_code == 0
    assert psql(database, "select id, s, g, encode(b, 'hex') from t order by id").splitlines() == [
        "1|表\\|裏'|3b2c0922", '2|ソ"|誠\\n|610a620d0a', "3|||",
    ]  # fmt: skip


def test_a_row_with_too_few_fields_is_named_with_its_place(
    folder: Callable[[Files], Path], database: str
) -> None:
    made = folder({"t.sql": TABLE, "t.txt": "1\ta\tb\t\\0\n2\tb\n"})
    failed(load(database, made), 2, f"{made}/t.txt: the line at byte 9", "4 fields of the table t: 2 b")


def test_a_text_file_that_is_cut_off_is_refused(folder: Callable[[Files], Path], database: str) -> None:
    made = folder({"t.sql": TABLE, "t.csv": '1,"a","b","x"\n2,"never ends'})
    failed(load(database, made), 2, f"{made}/t.csv: the file is cut off after byte 27")


def test_a_bad_value_in_a_text_file_is_named_with_its_place(
    folder: Callable[[Files], Path], database: str
) -> None:
    made = folder({"t.sql": "CREATE TABLE t (a int, n bit(2));", "t.txt": "1\t\x01\n2\t\x07\n"})
    failed(load(database, made), 2, "t.txt", "at byte 4", "n")


def test_text_files_of_no_table_are_not_passed_over_in_silence(folder: Callable[[Files], Path]) -> None:
    done = run("inspect", "--json", folder({**TAB, "other.txt": "1\n"}))
    assert done.exit_code == 1
    assert "no table other is defined" in done.account["untranslated"][0]["reason"]


MYDUMPER: Files = {
    "metadata": "Started dump at: 2024-01-01 00:00:00\n",
    "shop-schema-create.sql.gz": gzip.compress(b"CREATE DATABASE `shop`;\n"),
    "shop.item-schema.sql": "/*!40101 SET NAMES binary*/;\nCREATE TABLE `item` (`id` int, `n` int);\n",
    "shop.item.00000.sql.gz": gzip.compress(
        b"/*!40103 SET TIME_ZONE='+00:00' */;\nINSERT INTO `item` VALUES\n(1,1),\n(2,2);\n"
    ),
    "shop.item.00001.sql.zst": zstandard.ZstdCompressor().compress(b"INSERT INTO `item` VALUES(3,3);\n"),
    "shop.item-schema-triggers.sql": "CREATE TRIGGER `up` BEFORE INSERT ON `item` FOR EACH ROW BEGIN\n"
    "IF NEW.n IS NULL THEN SET NEW.n = 7; END IF;\nEND;\n",
    "shop.more-schema.sql": "CREATE TABLE `more` (`a` varchar(9), `b` text);\n",
    "shop.more.000000000.csv": '"a","b"\n"x, ""y""","1\\n2"\n\\N,""\n',
    "shop.all-schema.sql": "CREATE TABLE `all` (`id` int);\n",
    "shop.all-schema-view.sql": "DROP TABLE IF EXISTS `all`;\nCREATE VIEW `all` AS SELECT `id` FROM `item`;\n",
    "shop-schema-post.sql": "CREATE FUNCTION `one`() RETURNS int DETERMINISTIC BEGIN DECLARE a INT;"
    "SET a = 1; RETURN a; END;\n",
    "archive-schema-create.sql": "CREATE DATABASE `archive`;\n",
    "archive.item-schema.sql": "CREATE TABLE `item` (`id` int, `s` varchar(9));\n",
    "archive.item.sql": "INSERT INTO `item` VALUES (9,'old');\n",
}  # fmt: skip


def test_a_folder_of_mydumper_or_dumpling_loads_whole(folder: Callable[[Files], Path], database: str) -> None:
    assert load(database, folder(MYDUMPER)).exit_code == 0
    assert psql(database, "select * from shop.item order by id") == "1|1\n2|2\n3|3"
    assert psql(database, "select *, a is null from shop.more order by a") == 'x, "y"|1\n2|f\n||t'
    assert psql(database, "select * from archive.item") == "9|old"
    assert psql(database, 'select count(*) from shop."all"') == "3"
    assert psql(database, "insert into shop.item values (4, null) returning n") == "7"
    assert psql(database, "select shop.one()") == "1"


def test_mydumpers_own_folder_loads_to_what_the_server_holds(
    mariadb: Server, database: str, tmp_path: Path
) -> None:
    mydumper = find_tool("mydumper", "mydumper")
    mariadb.execute("drop database if exists dumped", "create database dumped")
    mariadb.execute(
        "create table t (id int auto_increment primary key, a text)",
        "set sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
        "insert into t select seq, concat('row ', seq) from seq_0_to_1000",
        database="dumped",
    )
    subprocess.run(
        [mydumper, "-S", mariadb.socket, "-u", mariadb.user, "-p", mariadb.password, "-B", "dumped", "-r", "100",
         "-c", "-o", tmp_path / "out"],
        check=True, capture_output=True,
    )  # fmt: skip
    assert load(database, tmp_path / "out").exit_code == 0
    assert psql(database, "select count(*), sum(id), max(a) from t") == "1001|500500|row 999"
    assert psql(database, "select a from t where id = 0") == "row 0"


def shell_dump() -> Files:
    zst = zstandard.ZstdCompressor().compress
    options = {"columns": ["id", "pic", "mark"], "decodeColumns": {"pic": "FROM_BASE64", "mark": "UNHEX"},
               "defaultCharacterSet": "utf8mb4", "fieldsTerminatedBy": "\t", "fieldsEscapedBy": "\\",
               "fieldsEnclosedBy": "", "linesTerminatedBy": "\n"}  # fmt: skip
    long = base64.encodebytes(bytes(range(256))).replace(b"\n", b"\\n")
    return {
        "@.json": json.dumps({"schemas": ["shop"], "basenames": {"shop": "shop"}, "tzUtc": True}),
        "@.done.json": "{}",
        "@.sql": "-- MySQLShell dump 2.0.1\n",
        "shop.json": json.dumps(
            {"tables": ["a b"], "views": ["v"], "basenames": {"a b": "shop@a%20b", "v": "shop@v"}}
        ),
        "shop.sql": "CREATE DATABASE `shop`; USE `shop`;\n",
        "shop@a%20b.json": json.dumps({"options": options, "extension": "tsv.zst"}),
        "shop@a%20b.sql": "CREATE TABLE IF NOT EXISTS `a b` (`id` int, `pic` blob, `mark` binary(2));",
        "shop@a%20b@0.tsv.zst": zst(b"1\t" + long + b"\tBEEF\n"),
        "shop@a%20b@0.tsv.zst.idx": b"\0" * 8,
        "shop@a%20b@@1.tsv.zst": zst(b"2\t\\N\t\\N\n"),
        "shop@v.pre.sql": "CREATE VIEW `v` AS SELECT 1 AS `id`;",
        "shop@v.sql": "/*!50001 DROP VIEW IF EXISTS `v`*/;\nCREATE VIEW `v` AS SELECT `id` FROM `a b`;",
    }


def test_a_folder_of_mysql_shell_loads_whole(folder: Callable[[Files], Path], database: str) -> None:
    assert load(database, folder(shell_dump())).exit_code == 0
    everything = bytes(range(256)).hex()
    assert psql(database, "select id, encode(pic, 'hex'), mark from \"a b\" order by id").split("\n") == [
        rf"1|{everything}|\xbeef",
        "2||",
    ]
    assert psql(database, "select count(*) from v") == "2"


def test_a_shell_dump_that_was_not_finished_is_refused(
    folder: Callable[[Files], Path], database: str
) -> None:
    files = shell_dump()
    del files["@.done.json"]
    failed(load(database, folder(files)), 2, "not complete", "@.done.json")


def test_files_of_definitions_are_read_before_files_of_rows(
    folder: Callable[[Files], Path], database: str
) -> None:
    made = folder({"data.sql": "INSERT INTO t VALUES (1);", "schema.sql": "CREATE TABLE t (a int);"})
    assert load(database, made / "data.sql", made / "schema.sql").exit_code == 0
    assert load(database, made, "--replace").exit_code == 0
    assert load(database, f"{made}/*.sql", "--replace").exit_code == 0
    assert psql(database, "select * from t") == "1"


@pytest.mark.parametrize("packing", ["zip", "tar", "tar.gz", "tar.zst"])
def test_an_archive_is_read_like_the_folder_in_it(
    packing: str, folder: Callable[[Files], Path], database: str, tmp_path: Path
) -> None:
    made = folder(MYDUMPER)
    archive = tmp_path / f"dump.{packing}"
    if packing == "zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for file in made.iterdir():
                packed.write(file, f"deep/down/{file.name}")
    else:
        with tarfile.open(archive, "w:gz" if packing == "tar.gz" else "w") as packed_tar:
            packed_tar.add(made, "./dump")
        if packing == "tar.zst":
            archive.write_bytes(zstandard.ZstdCompressor().compress(archive.read_bytes()))
    assert load(database, archive).exit_code == 0
    assert psql(database, "select count(*) from shop.item, archive.item") == "3"


def test_a_folder_of_nothing_known_is_refused(folder: Callable[[Files], Path], database: str) -> None:
    failed(load(database, folder({"readme.md": "hello"})), 2, "no file in it is part of a MySQL dump")
    failed(load(database, os.fspath(folder({})) + "/*.nothing"), 2, "there are no such files")


def test_rows_beside_a_table_do_not_set_its_triggers_off(
    folder: Callable[[Files], Path], database: str
) -> None:
    made = folder(
        {
            "t.sql": "CREATE TABLE t (a int);\nDELIMITER ;;\nCREATE TRIGGER up BEFORE INSERT ON t FOR EACH ROW "
            "BEGIN SET NEW.a = NEW.a + 1; END ;;\nDELIMITER ;\n",
            "t.txt": "1\n",
        }
    )
    assert load(database, made).exit_code == 0
    assert psql(database, "select * from t") == "1"


LOADED = (
    "LOAD DATA LOCAL INFILE 'shop.item.00000.dat' REPLACE INTO TABLE `item` CHARACTER SET binary"
    " FIELDS TERMINATED BY '|' ENCLOSED BY '\"' ESCAPED BY '\\\\' LINES STARTING BY '' TERMINATED BY '\\n'"
    " IGNORE 1 LINES (`id`,@`pic`,@doc,`s`) SET `pic` = UNHEX(@pic), `doc` = CONVERT(@doc USING UTF8MB4);\n"
)


@pytest.mark.parametrize("packing", ["", ".zst"])
def test_fields_are_read_as_the_statement_beside_them_says(
    packing: str, folder: Callable[[Files], Path], database: str
) -> None:
    fields = b'"id"|"pic"|"doc"|"s"\n"1"|"00FF"|"{""a"":1}"|"x\\\ny"\n"2"|\\N|\\N|""\n'
    made = folder(
        {
            "shop-schema-create.sql": "CREATE DATABASE shop;",
            "shop.item-schema.sql": "CREATE TABLE item (id int, s text, pic blob, doc json);",
            "shop.item.00000.sql": LOADED,
            f"shop.item.00000.dat{packing}": zstandard.ZstdCompressor().compress(fields)
            if packing
            else fields,
        }
    )
    assert load(database, made).exit_code == 0
    assert psql(database, "select id, replace(s, e'\\n', '/'), pic, doc from item order by id").splitlines() == [
        '1|x/y|\\x00ff|{"a": 1}', "2|||",
    ]  # fmt: skip


def test_a_script_may_load_a_file_of_fields_from_beside_it_and_from_nowhere_else(
    folder: Callable[[Files], Path], database: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("9\tsecret\n")
    made = folder(
        {
            "all.sql": "create table pet (id int auto_increment primary key, name varchar(9), born date);\n"
            "load data local infile 'pet.txt' into table pet (name, born);\n"
            "load data infile '../secret.txt' into table pet;\n"
            "load data local infile 'pet.txt' into table pet (name, @day) set born = adddate(@day, 1);\n",
            "pet.txt": "Rex\t2020-02-02\nTom\t\\N\n",
        }
    )
    assert load(database, made / "all.sql").exit_code == 1
    assert psql(database, "select * from pet order by id").splitlines() == [
        "1|Rex|2020-02-02",
        "2|Tom|",
        "3|Rex|2020-02-03",
        "4|Tom|",
    ]
