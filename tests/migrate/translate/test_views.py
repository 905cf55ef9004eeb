"""Views: the same rows in PostgreSQL as in MariaDB, whatever their queries say."""

import json
from pathlib import Path

import pytest

from tests.fixtures.postgres import psql
from tests.migrate.command import load, play, run
from tests.migrate.translate.twins import Make, Twins

SHOP = (
    "create table item (id int primary key auto_increment, name varchar(40) not null, kind enum('coat','hat','sock'),"
    "  price decimal(8,2), weight double, sold tinyint(1) not null default 0, added datetime, day date,"
    "  tags set('warm','new','red'), pieces int unsigned, note text)",
    "create table seller (id int primary key, name varchar(40), city varchar(40))",
    "create table offer (item int not null, seller int not null, amount decimal(8,2), at timestamp not null"
    "  default current_timestamp, primary key (item, seller))",
    "insert into item values"
    " (1,'Warm coat','coat',49.90,1.25,0,'2024-02-29 23:59:58','2024-02-29','warm,new',3,null),"
    " (2,'Red hat','hat',12.00,0.1,1,'2023-12-31 00:00:00','2023-12-31','red',0,'it''s \\\\ odd'),"
    " (3,'Old sock','sock',null,null,0,null,null,'',7,''),"
    " (4,'warm hat','hat',8.05,0.2,1,'2024-05-05 12:30:00','2024-05-05',null,null,'x,y,z')",
    "insert into seller values (1,'Ann','Oslo'),(2,'bob','Rome'),(3,null,'Oslo')",
    "insert into offer values (1,1,40,'2024-03-01 10:00:00'),(1,2,45.50,'2024-03-02 11:30:00'),"
    " (2,1,10,'2024-01-01 00:00:00'),(4,2,9,'2024-06-01 08:00:00')",
)

# One view per row of the catalogue: the query is the promise.
VIEWS = {
    "texts": "select id, concat(name, ' (', kind, ')') as a, concat(name, note) as b, concat_ws('-', note, name) as c,"
    " upper(left(name, 4)) as d, lower(right(name, 3)) as e, substring(name, 2, 3) as f, substr(name, -3) as g,"
    " char_length(name) as h, length(note) as i, replace(name, 'a', 'o') as j, lpad(id, 3, '0') as k,"
    " trim(name) as l, instr(name, 'a') as m, locate('a', name) as n, reverse(name) as o, repeat('x', id) as p,"
    " substring_index(note, ',', 2) as q, substring_index(note, ',', -1) as r, ucase(name) as s, md5(name) as t,"
    " hex(id) as u, strcmp(name, 'Red hat') as v, space(2) as w, elt(id, 'a', 'b') as x,"
    " field(kind, 'hat', 'coat') as y"
    " from item",
    "numbers": "select id, price * pieces as a, price / 3 as b, pieces / 2 as c, 7 div 2 as d, id % 2 as e,"
    " mod(id, 3) as f, round(price) as g, round(price, 1) as h, floor(price) as i, ceil(price) as j, abs(-price) as k,"
    " truncate(price, 1) as l, greatest(id, pieces) as m, least(price, 10) as n, price / 0 as o, -id as p,"
    " id & 1 as q, id | 8 as r, sign(price - 10) as s, (id + 1) * 2 - 1 as t, power(2, id) as u from item",
    "moments": "select id, year(added) as a, month(added) as b, day(added) as c, hour(added) as d, minute(added) as e,"
    " second(added) as f, date(added) as g, added + interval 1 month as h, date_sub(day, interval 1 year) as i,"
    " date_add(day, interval 3 day) as j, datediff(day, '2024-01-01') as k, last_day(day) as l,"
    " date_format(added, '%Y-%m-%d %H:%i:%s') as m, date_format(day, '%d.%c.%y, %W %e %M') as n,"
    " dayofweek(day) as o, weekday(day) as p, quarter(day) as q, to_days(day) as r, dayofyear(day) as s,"
    " timestampdiff(month, day, '2025-01-15') as t, timestampdiff(hour, added, '2024-06-01') as u,"
    " extract(year from added) as v, dayname(day) as w, monthname(day) as x, added < '2024-03-01' as y,"
    " str_to_date('05.06.2024', '%d.%m.%Y') as z from item",
    "conditions": "select id, if(sold, 'gone', 'here') as a, ifnull(price, 0) as b, coalesce(note, name) as c,"
    " nullif(id, 2) as d, case kind when 'hat' then 1 when 'coat' then 2 else 3 end as e,"
    " case when price > 10 then 'dear' when price is null then 'free' end as f, sold = 1 as g, price > 10 as h,"
    " not sold as i, sold xor (price > 10) as j, note <=> null as k, isnull(note) as l, price between 8 and 13 as m,"
    " id in (1, 3) as n, kind = 'hat' and not sold as o, find_in_set('new', tags) as p, tags = 'red' as q"
    " from item",
    "filters": "select id from item where sold or price > 40",
    "patterns": "select id, name like '%HAT' as a, name regexp '^(warm|old)' as b, name not like 'r__ %' as c"
    " from item",
    "groups": "select kind, count(*) as n, sum(price) as total, avg(price) as mean, min(name) as first,"
    " max(added) as last, sum(sold = 1) as gone, count(distinct sold) as states, avg(pieces) as pieces,"
    " count(note) as notes from item group by kind",
    "having_alias": "select kind as k, count(*) as n from item group by k having n > 1 order by n desc",
    "concatenated": "select city, group_concat(name order by name desc separator '; ') as names,"
    " group_concat(distinct id) as ids from seller group by city",
    "joined": "select i.name, s.name as seller, o.amount from ((item i join offer o on (o.item = i.id))"
    " left join seller s on (s.id = o.seller)) where o.amount is not null",
    "using_join": "select o.item, s.city from offer o"
    " left join (select id as seller, city from seller) s using (seller)",
    "comma": "select i.id, s.id as s from item i, seller s where i.id = s.id",
    "nested": "select name, (select max(amount) from offer o where o.item = item.id) as best from item"
    " where exists (select 1 from offer where offer.item = item.id)"
    " and id not in (select seller from offer where item = 9)",
    "united": "select id, name from item where sold union select id, name from seller union all select 0, null",
    "limited": "select id, price from item order by price desc, id limit 2",
    "ordered": "select id, price from item order by price, id",
    "distinct_rows": "select distinct kind, sold from item",
    "windowed": "select id, row_number() over (partition by kind order by id) as n,"
    " sum(id) over (order by id) as running from item",
    "loose_group": "select i.kind, i.id + 0 as some, count(*) as n from item i where kind <> 'hat' group by i.kind",
    "by_key": "select i.id, i.name, sum(o.amount) as offers from item i join offer o on o.item = i.id group by i.id",
    "documents": "select json_extract('{\"a\": [1, 2]}', '$.a[1]') as a,"
    " json_unquote(json_extract('{\"a\": \"b\"}', '$.a')) as b",
    "wrapped": "select json_extract('{\"a\": 1}', '$.a[0]') as a, json_extract('[2]', '$[0][0][0]') as b,"
    " json_extract('{\"a\": [1, 2]}', '$.a[0]') as c, json_extract('3', '$[1]') as d, json_length(null) as e,"
    " json_extract('[[4, 5]]', '$[0][1]') as f",
    "loose": "select id, lower(name) = 'RED HAT' as a, concat(name, '!') = 'red hat!' as b,"
    " concat(kind, '') = 'HAT' as c, find_in_set('NEW', tags) as d,"
    " tags = 'RED' as e, strcmp(upper(name), 'red hat') as f, field('OLD SOCK', 'x', name) as g,"
    " nullif(lower(name), 'RED HAT') as h, case lower(name) when 'RED HAT' then 1 else 0 end as i,"
    " lower(name) between 'RED' and 'REE' as j,"
    " concat('a', id) = 'A1' as k, replace(name, 'R', 'b') = 'BED HAT' as l,"
    " lower(name) in (select upper(name) from item) as m, dayname(day) = 'SUNDAY' as n,"
    " ifnull(note, name) = 'OLD SOCK' as o, lower(name) in ('RED HAT', name) as p, concat(note, '') is null as q,"
    " lower(name) collate utf8mb4_bin = 'RED HAT' as r, greatest(concat(name, ''), 'old') as s from item",
    "loosely_grouped": "select count(*) as n, count(distinct concat(name, '')) as m from"
    " (select name from item union all select upper(name) from item) as q group by concat(name, '')",
    "loosely_distinct": "select count(*) as n from (select distinct concat(name, '') as m from"
    " (select name from item union all select upper(name) from item) as q) as r",
    "loosely_united": "select count(*) as n from (select concat(name, '') as m from item"
    " union select concat(upper(name), '') from item) as q where m <> 'old SOCK'",
    "fractions": "select id, pieces / 3 * 3 as a, price / 7 * 100 as b, round(price / 3 * 2, 2) as c,"
    " if(id > 0, price / 7, 1) * 7 as d, -(price / 7) * 7 as e, cast(price / 7 as decimal(10,6)) as f,"
    " coalesce(price / 7, 1) * 7 as g, pieces / 7 as h, pieces / 7 + pieces / 7 as i, price / 3 / 7 as j,"
    " floor(pieces / 3 * 3) as k, 100 * (id / 3) as l, pieces / 7 = 0.4286 as m, abs(price / 7) * 7 as n from item",
    "sums_of_fractions": "select sum(pieces / 7) as a, sum(pieces) / sum(id) * 100 as b, avg(price) * 3 as c,"
    " max(pieces / 7) * 7 as d, avg(pieces / 7) as e from item",
    "halves": "select round(2.5e0) as a, round(3.5e0) as b, round(-2.5e0, 0) as c, cast(2.5e0 as signed) as d,"
    " round(2.5) as e, cast(2.5 as signed) as f, round(1.25e0, 1) as g",
    "bits": "select id, -id | 1 as a, -id ^ 3 as b, -id >> 1 as c, id << 63 as d, cast(-id as unsigned) as e,"
    " hex(-id) as f, hex(sold) as g, -id & 255 as h, id >> 1 as i from item",
    "cut": "select id, substr(note, -3) as a, left(name, -1) as b, rpad(name, -1, 'x') as c,"
    " substring(name, 2, -1) as d, date_add(day, interval 1.5 day) as e, lpad(note, 3, 'x') as f from item",
    "ordered_groups": "select group_concat(pieces order by pieces desc) as a, group_concat(id order by pieces) as b,"
    " bit_and(pieces) as c, bit_or(id) as d from item",
    "empty_groups": "select bit_and(id) as a, bit_or(id) as b from item where id > 9",
    "means": "select id, avg(price) over (order by id) as a, sum(price / 7) over (order by id) as b from item",
    "common": "with dear as (select id, price from item where price > 10) select count(*) as n from dear",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest) -> Twins:
    make: Make = request.getfixturevalue("make_module_twins")
    views = [f"create view {name} as {query}" for name, query in VIEWS.items()]
    return make(*SHOP, *views)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_returns_the_same_rows_in_both(shop: Twins, view: str) -> None:
    assert view not in shop.untranslated
    ordered = " order by " in VIEWS[view].rpartition(")")[2]
    rows = shop.ask(f"select * from {view}" + (" -- order by" if ordered else ""))
    assert rows


def test_views_are_made_after_the_views_they_use(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int primary key, flag tinyint(1))",
        "insert into t values (1, 0), (2, 1)",
        "create view z as select id, flag from t",
        "create view b as select id from z where flag",
        "create view a as select count(*) as n from b join z using (id)",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    assert twins.ask("select * from a") == [["1"]]
    assert (
        psql(
            twins.url,
            "select count(*) from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace",
        )
        == "3"
    )


REFUSED = """
CREATE TABLE t (id int, name varchar(10));
CREATE VIEW fine AS SELECT id FROM t;
CREATE VIEW `odd name` AS SELECT load_file(name) AS f FROM t;
CREATE VIEW user_variable AS SELECT @x AS x FROM t;
CREATE VIEW on_refused AS SELECT * FROM `odd name`;
CREATE VIEW unknown_to_postgresql AS SELECT `t`.`id` AS `id` FROM `t` WHERE `t`.`name` = b'1';
"""


def test_a_view_that_cannot_be_translated_is_told_with_its_reason(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(REFUSED)
    report = tmp_path / "report.json"
    assert load(database, dump, "--report", report).exit_code == 1
    account = json.loads(report.read_text())
    reasons = {one["name"]: one["reason"] for one in account["untranslated"]}
    assert "load_file" in reasons["odd name"]
    assert "@x" in reasons["user_variable"]
    assert "odd name" in reasons["on_refused"]
    assert set(reasons) == {"odd name", "user_variable", "on_refused", "unknown_to_postgresql"}
    assert (
        psql(database, "select table_name from information_schema.views where table_schema = 'public'")
        == "fine"
    )


def test_names_of_views_and_columns_that_are_reserved_or_odd_arrive(make_twins: Make) -> None:
    twins = make_twins(
        "create table `order` (`select` int, `a b` varchar(9), `Group` int)",
        "insert into `order` values (1, 'x', 2)",
        "create view `user` as select `select` as `from`, `a b` as `c\"d`, `Group` from `order` where `a b` = 'x'",
    )
    assert twins.done.exit_code == 0, twins.untranslated
    assert psql(twins.url, 'select "from", "c""d", "group" from "user"') == "1|x|2"


def test_a_script_makes_views_and_warns_of_what_the_server_refuses(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(
        "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\nCREATE VIEW v AS SELECT a + 1 AS b FROM t;\n"
    )
    script = run("mysql-to-pg", "--quiet", "--output", "-", dump)
    assert script.exit_code == 0
    play(database, script.stdout)
    assert psql(database, "select b from v") == "2"


def test_the_placeholders_of_a_dump_leave_nothing_behind(make_twins: Make) -> None:
    twins = make_twins(
        "create table t (id int)", "create view v as select id from t", "create view w as select * from v"
    )
    assert twins.done.exit_code == 0
    kinds = psql(
        twins.url,
        "select relname, relkind from pg_class where relnamespace = 'public'::regnamespace order by 1",
    )
    assert kinds == "t|r\nv|v\nw|v"


def test_names_of_views_keep_their_case_where_all_names_do(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(
        "CREATE TABLE Item (Id int, Name varchar(9));\nINSERT INTO Item VALUES (1, 'a');\n"
        "CREATE VIEW All_Items AS SELECT id AS ItemId, NAME FROM item AS I ORDER BY itemid;\n"
        "CREATE VIEW Again AS SELECT itemID + 1 AS Next FROM all_items;\n"
        "CREATE FUNCTION Twice(N int) RETURNS int RETURN n * 2;\n"
    )
    assert load(database, dump, "--case", "keep").exit_code == 0
    assert psql(database, 'select "Next", "Twice"(4) from "Again"') == "2|8"
    assert psql(database, 'select "ItemId", "NAME" from "All_Items"') == "1|a"
