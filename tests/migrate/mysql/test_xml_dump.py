"""Dumps of mysqldump --xml."""

from pathlib import Path

from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import psql
from tests.migrate.command import failed, load, run

DUMP = b"""<?xml version="1.0"?>
<mysqldump xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<database name="shop">
\t<table_structure name="t">
\t\t<field Field="id" Type="int(11)" Null="NO" Key="PRI" Extra="auto_increment" Comment="" />
\t\t<field Field="a" Type="varchar(20)" Null="YES" Key="" Default="it&apos;s" Extra="" Comment="&lt;a&gt;" />
\t\t<field Field="b" Type="blob" Null="YES" Key="" Extra="" Comment="" />
\t\t<field Field="at" Type="timestamp" Null="NO" Key="" Default="CURRENT_TIMESTAMP" Extra="" Comment="" />
\t\t<key Table="t" Non_unique="0" Key_name="PRIMARY" Seq_in_index="1" Column_name="id" Collation="A" />
\t\t<key Table="t" Non_unique="0" Key_name="a" Seq_in_index="1" Column_name="a" Collation="A" Sub_part="3" />
\t\t<options Name="t" Engine="InnoDB" Auto_increment="9" Collation="utf8mb4_bin" Comment="" />
\t</table_structure>
\t<table_data name="t">
\t<row>
\t\t<field name="id">1</field>
\t\t<field name="a">a &lt;b&gt; &amp;\\ 'c'\r\n</field>
\t\t<field name="b">\x00\x01\xff\\</field>
\t\t<field name="at">2020-01-01 00:00:00</field>
\t</row>
\t<row>
\t\t<field name="id">2</field>
\t\t<field name="a" xsi:nil="true" />
\t\t<field name="b" xsi:type="xs:hexBinary">00BEEF</field>
\t\t<field name="at">2020-01-01 00:00:00</field>
\t</row>
\t</table_data>
\t<table_structure name="v">
\t\t<field Field="id" Type="int(11)" Null="NO" Key="" Default="0" Extra="" Comment="" />
\t\t<options Name="v" Comment="VIEW" />
\t</table_structure>
</database>
</mysqldump>
"""


def test_an_xml_dump_keeps_every_byte(tmp_path: Path, database: str) -> None:
    dump = tmp_path / "dump.xml"
    dump.write_bytes(DUMP)
    done = load(database, dump)
    assert done.exit_code == 1, done.stderr  # its view is lost
    assert psql(database, "select id, to_json(a), b, at at time zone 'utc' from t order by id").split(
        "\n"
    ) == [
        r"""1|"a <b> &\\ 'c'\r\n"|\x0001ff5c|2020-01-01 00:00:00""",
        r"2||\x00beef|2020-01-01 00:00:00",
    ]
    assert psql(database, "insert into t default values returning id, a") == "9|it's"
    assert psql(database, "select indexdef from pg_indexes where indexname = 't_a'").endswith(
        '("left"((a)::text, 3))'
    )


def test_an_xml_dump_says_what_it_does_not_hold(tmp_path: Path) -> None:
    dump = tmp_path / "dump.xml"
    dump.write_bytes(DUMP)
    [missing] = run("inspect", "--json", dump).account["untranslated"]
    assert "v is a view" in missing["reason"]


def test_an_xml_dump_that_is_cut_off_is_refused(tmp_path: Path, database: str) -> None:
    dump = tmp_path / "dump.xml"
    for end in (len(DUMP) - 20, DUMP.index(b"00BEEF"), DUMP.index(b"<key")):
        dump.write_bytes(DUMP[:end])
        failed(load(database, dump), 2, f"{dump}: the dump is cut off after byte {end}")


def test_mariadbs_own_xml_loads_to_what_the_server_holds(
    mariadb: Server, database: str, tmp_path: Path
) -> None:
    mariadb.execute("drop database if exists marked", "create database marked")
    mariadb.execute(
        "create table t (id int auto_increment primary key, a text not null default 'x y', l longblob, b bit(9),"
        " d datetime(3) default current_timestamp(3), e enum('<', '\\'') default '<', fulltext (a))",
        "insert into t (a, l, b, d, e) select concat(seq, ' <&> \\\\ \\r\\n'), unhex(concat('00ff3c26', hex(seq))),"
        " seq % 512, '2020-02-03 04:05:06.789', 1 + seq % 2 from seq_1_to_3000",
        "create trigger up before insert on t for each row begin set new.a = concat(new.a, '!'); end",
        database="marked",
    )
    for options in ([], ["--hex-blob"]):
        dump = tmp_path / "marked.xml"
        dump.write_bytes(mariadb.dump("--xml", "--triggers", *options, "marked"))
        done = load(database, dump, "--replace")
        assert done.exit_code in (0, 1), done.stderr
        expected = mariadb.execute(
            "select count(*), sum(id), hex(max(a)), hex(max(l)), sum(b), max(d), sum(e = '<') from t",
            database="marked",
        )
        found = psql(
            database,
            "select count(*), sum(id), upper(encode(convert_to(max(a collate \"C\"), 'utf8'), 'hex')),"
            "upper(encode((select l from t order by l desc limit 1), 'hex')), sum(b::int), max(d), sum((e = '<')::int)"
            " from t",
        )
        assert found.split("|") == [
            str(value).removesuffix("000") if i == 5 else str(value) for i, value in enumerate(expected[0])
        ]
