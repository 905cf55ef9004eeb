"""Text in every character set of MySQL, with a real MariaDB as the judge of what it means."""

from pathlib import Path

import pytest

from migrate.mysql import charsets
from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate import command

SINGLE = (
    "armscii8", "ascii", "cp1250", "cp1251", "cp1256", "cp1257", "cp850", "cp852", "cp866", "dec8", "geostd8", "greek",
    "hebrew", "hp8", "keybcs2", "koi8r", "koi8u", "latin1", "latin2", "latin5", "latin7", "macce", "macroman", "tis620",
)  # fmt: skip
PAIRED = ("big5", "cp932", "eucjpms", "euckr", "gb2312", "gbk", "sjis", "ujis")
# A sentence that each multi-byte set can write; its bytes hold backslashes in gbk, big5 and sjis.
SENTENCES = {
    "big5": '功能許蓋\'"\\ abc', "cp932": 'ソ表能予①～\'"\\', "eucjpms": "ソ表能予①～'\\", "euckr": "한국어 갂'\\",
    "gb2312": "中文诚乘'\\", "gbk": '誠乘丂乗俓\'"\\', "sjis": 'ソ表能予\'"\\', "ujis": "ソ表能予'\\",
    "latin1": "Œuvre “€” naïve ÿ'", "cp1251": "Привет, «мир» №'", "koi8r": "Привет ╬'",
    "greek": "Καλημέρα'", "hebrew": "שלום'", "cp1256": "مرحبا'", "latin2": "Zażółć gęślą'",
    "latin5": "ığüşöç'", "latin7": "ąčęėįšųū'", "tis620": "สวัสดี'", "cp1250": "Příliš žluťoučký'",
    "cp1257": "ąčęėįšųū'", "cp850": "é░█'", "cp852": "ěščř'", "cp866": "Привет█'",
    "macroman": "é∑Ω'", "macce": "ěšč'", "armscii8": "Բարեւ'", "geostd8": "გამარჯობა'",
    "keybcs2": "ěšč'", "dec8": "é'", "hp8": "é'", "koi8u": "Привіт ґ'", "ucs2": "中文é'",
    "utf16": "中文é🙂'", "utf16le": "中文é🙂'", "utf32": "中文é🙂'", "utf8": "中文é'", "utf8mb4": "中文é🙂'",
}  # fmt: skip


def characters(server: Server, charset: str, texts: list[bytes]) -> list[str | None]:
    """What MariaDB takes these bytes for; None where it knows no character."""
    found: list[str | None] = []
    for start in range(0, len(texts), 2000):
        some = texts[start : start + 2000]
        columns = ", ".join(
            f"hex(convert(convert(x'{text.hex()}' using {charset}) using utf32))" for text in some
        )
        [row] = server.execute(f"select {columns}")
        for text, digits in zip(some, row, strict=True):
            character = bytes.fromhex(str(digits)).decode("utf-32-be")
            unknown = (len(character) != 1 or character in "?\ufffd") and text != b"?"
            found.append(None if unknown else character)
    return found


@pytest.mark.parametrize("charset", [*SINGLE, *PAIRED])
def test_every_character_is_read_as_mysql_reads_it(mariadb: Server, charset: str) -> None:
    texts = [bytes([byte]) for byte in range(128, 256)]
    if charset in PAIRED:
        texts += [
            bytes(pair)
            for first in range(0x81, 0xFF)
            for pair in ((first, second) for second in range(0x40, 0xFF))
        ]
    own = charsets.of(charset)
    assert own is not None
    wrong = []
    for text, character in zip(texts, characters(mariadb, charset, texts), strict=True):
        if character is not None and own.decode(text) != character:
            wrong.append((text, character))
    assert not wrong


@pytest.fixture(scope="module")
def texts(mariadb: Server) -> str:
    """A database with a table per character set, a column of bytes in each, and all 256 bytes in that."""
    mariadb.execute("create database charsets")
    every_byte = bytes(range(256)).hex()
    for charset, sentence in SENTENCES.items():
        mariadb.execute(
            f"create table charsets.in_{charset} (id int primary key, words varchar(99), long_words text, raw blob, "
            f"mood enum('{sentence[0]}', 'x'), moods set('{sentence[0]}', 'x')) character set {charset} "
            f"comment '{sentence[0]}'"
        )
        value = sentence.replace("\\", "\\\\").replace("'", "''")
        mariadb.execute(
            f"insert into charsets.in_{charset} values (1, '{value}', repeat('{value}', 50), x'{every_byte}', 1, 3), "
            "(2, '', null, '', null, ''), (3, 'plain', 'a\\nb', null, 2, 'x')"
        )
    return "charsets"


# What MariaDB and MySQL allow as the character set of a connection, and so of a dump.
CLIENTS = (
    "utf8mb4",
    "latin1",
    "binary",
    "gbk",
    "big5",
    "sjis",
    "cp932",
    "ujis",
    "cp1251",
    "koi8r",
    "euckr",
    "gb2312",
)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_dump_in_any_character_set_loads_with_the_values_of_the_server(
    mariadb: Server, texts: str, database: str, tmp_path: Path, client: str
) -> None:
    tables = [f"in_{charset}" for charset in SENTENCES if client in ("utf8mb4", "binary", charset)]
    dump = tmp_path / "dump.sql"
    dump.write_bytes(mariadb.dump(f"--default-character-set={client}", texts, *tables))
    assert command.load(database, dump).exit_code == 0
    for table in tables:
        sentence = SENTENCES[table.removeprefix("in_")]
        rows = psql(
            database,
            "select id, words, long_words = repeat(words, 50), encode(raw, 'hex'), mood, moods "
            f"from {table} order by id",
        ).splitlines()
        assert rows == [
            f"1|{sentence}|t|{bytes(range(256)).hex()}|{sentence[0]}|{{{sentence[0]},x}}",
            "2|||||{}",
            "3|plain|f||x|{x}",
        ]
        assert psql(database, f"select obj_description('{table}'::regclass)") == sentence[0]


def test_hexadecimal_text_is_in_the_character_set_of_its_column(database: str) -> None:
    dump = (
        "set names utf8mb4;"
        "create table t (id int, a text character set latin1, b text character set gbk, c text, d blob);"
        "insert into t values (1, 0xE980, x'C4E3', 0xC3A9, 0xE9), "
        "(2, _binary'\\xe9', _latin1'\\xe9', _gbk'\\xc4\\xe3', '');"
    ).encode("ascii")
    dump = dump.replace(rb"\xe9", b"\xe9").replace(rb"\xc4\xe3", b"\xc4\xe3")
    assert command.load(database, "-", stdin=dump).exit_code == 0
    assert psql(database, "select * from t order by id") == "1|é€|你|é|\\xe9\n2|é|é|你|\\x"


def test_bytes_that_are_less_than_a_wide_character_are_its_last(
    mariadb: Server, database: str, tmp_path: Path
) -> None:
    kinds = ("ucs2", "utf16", "utf16le", "utf32")
    columns = ", ".join(f"in_{kind} varchar(9) character set {kind}" for kind in kinds)
    statements = (
        f"create table wide (id int, {columns})",
        "insert into wide values (1, 0x41, x'41', b'1000001', 0x65e5)",
        "insert into wide values (2, _binary'A', _ucs2 x'41', _utf32 x'41', _utf32 x'0165e5')",
        "insert into wide values (3, x'014142', x'410042', x'420041', x'4100000042')",
    )
    mariadb.execute("create database wide_charsets")
    mariadb.execute(*statements, database="wide_charsets")
    there = mariadb.execute("select * from wide", database="wide_charsets")
    source = tmp_path / "source.sql"
    source.write_text(";\n".join(statements) + ";")
    assert command.load(database, source).exit_code == 0
    found = psql(database, "select * from wide order by id").splitlines()
    assert found == ["|".join(map(str, row)) for row in there]


@pytest.mark.parametrize(("charset", "octets"), [("utf16", "d83c"), ("utf16", "d841"), ("euckr", "c9a1")])
def test_bytes_that_a_character_set_does_not_have_are_refused(
    charset: str, octets: str, database: str, tmp_path: Path
) -> None:
    """Those of the first and the last are a character in UTF-8."""
    source = tmp_path / "source.sql"
    source.write_text(
        f"create table t (a varchar(9) character set {charset}); insert into t values (x'{octets}'), ('A');"
    )
    command.failed(command.load(database, source), 2, "holds bytes in the column a that are not in")
    done = command.load(database, source, "--invalid-text", "replace")
    assert done.exit_code == 0, done.stderr
    assert "\ufffd" in psql(database, "select a from t where a <> 'A'")


def test_names_in_another_character_set_arrive_and_so_do_rows_of_them(database: str) -> None:
    dump = (
        "set names gbk; create table `表乗` (`名称` int); insert into `表乗` (`名称`) values (1),(2);".encode(
            "gbk"
        )
    )
    assert command.load(database, "-", stdin=dump).exit_code == 0
    assert psql(database, 'select count("名称") from "表乗"') == "2"


def test_the_four_byte_characters_of_gb18030_are_read(database: str) -> None:
    sentence = "中文🙂乗'丂"
    text = sentence.encode("gb18030").replace(b"'", b"''")
    dump = (
        b"set names gb18030; create table t (a text, b blob); insert into t values ('%b', '%b'), ('x', '');"
        % (text, text)
    )
    assert command.load(database, "-", stdin=dump).exit_code == 0
    assert (
        psql(database, "select a, encode(b, 'hex') from t")
        == f"{sentence}|{sentence.encode('gb18030').hex()}\nx|"
    )


def test_a_dump_that_a_windows_shell_wrote_in_utf_16_is_read(database: str) -> None:
    dump = "-- MySQL dump 10.13\r\ncreate table t (a text);\r\ninsert into t values ('é中🙂');\r\n-- Dump completed\r\n"
    assert command.load(database, "-", stdin=b"\xff\xfe" + dump.encode("utf-16-le")).exit_code == 0
    assert psql(database, "select a from t") == "é中🙂"


def test_real_dumps_in_latin1_and_gbk_load(corpus: Path, database: str) -> None:
    assert command.load(database, corpus / "gen-world-mdb-latin1" / "world.sql").exit_code == 0
    assert psql(database, "select name from city where name like 'S_o Paulo'") == "São Paulo"
    gbk = corpus / "tiflow-gbk-raw" / "data_gbk.sql"
    done = command.load(database, gbk, "--schema", "tiflow", "--include", "multi_charset")
    assert done.exit_code == 1, done.stderr  # for its updates and deletes
    first = psql(
        database, "select name, country, city, encode(image, 'hex') from tiflow.multi_charset where id = 1"
    )
    assert first == "开发|中国|上海|c4e3bac3cac0bde7"
