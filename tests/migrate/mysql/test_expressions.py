"""Expressions in the place of values: what is computed here is what a server computes."""

import contextlib

from migrate.errors import InputError
from migrate.mysql.lexer import Kind, Mode, tokens
from migrate.mysql.literals import UTF8, Reading, plain_row
from tests.fixtures.mariadb import Server

CONSTANT = r"""
concat('a', 1, null)  concat_ws('-', 'a', null, 'b')  lcase('ABC')  ucase('aß')  md5('x')  sha1('x')
sha2('x', 512)  sha2('x', 1)  password('secret')  old_password('secret')  crc32('abc')  hex(-1)  unhex('4142')
unhex('zz')  hex('ä')  hex(1.7)  inet_aton('10.1')  inet_aton('x')  inet_ntoa(167772161)
inet6_ntoa(inet6_aton('::1'))  if(1 > 2, 'a', 'b')  if('a' = 'A ', 'y', 'n')  if(null, 1, 2)  nullif('a', 'A')
coalesce(null, 'a')  ifnull(null, 5)  isnull(null)  null <=> null  case 2 when 1 then 'a' when 2 then 'b' end
case when 1 = 2 then 'a' else 'b' end  3 in (1, 2, 3)  2 not in (1, null)  5 not between 1 and 3
'abc' like 'A_c'  'a%c' not like 'a\\%d'  1 is not true  not 0 and 1 or 0  1 xor 1  7 div 2  -7 mod 3  7.5 div 2
5 / 0  1 << 3 | 1  5 & 3  2 ^ 3 * 2  ~5  -(2 + 3) * 2  -'3'  10 - 2 - 3  !0 + 1  pow(2, -1)  sqrt(2)  pi()
mod(-7, 3)  round(-2.5)  round(1234.5, -2)  truncate(-2.567, 1)  sign(-3)  greatest(1, 2.5)  least('b', 'a')
floor(-2.7)  abs(-4)  substring('abcdef', 2, 3)  substring('aäc' from 2 for 1)  substr('abc', -2)  mid('abc', 0)
substring_index('a.b.c', '.', -2)  substring_index('a.b', '.', 0)  left('äöü', 2)  left('abc', -2)
reverse('äb')  insert('abcdef', 3, 2, 'ZZZ')  lpad('5', 3, '0')  rpad('abcd', 2, '0')
trim(leading 'x' from 'xax')  trim(both 'x' from 'xax')  locate('B', 'abc')  locate('c', 'abcabc', 4)
position('b' in 'abc')  instr('abc', 'x')  field('b', 'a', 'b')  elt(2, 'a', 'b')  find_in_set('b', 'a,b')
strcmp('a', 'b')  char_length('äb')  length('äb')  ascii('a')  ord('ä')  bin(5)  oct(8)  conv('ff', 16, 10)
format(1234567.895, 2)  quote('a\'b')  json_quote('a"b')  json_object('a', json_array(1, true, null))
cast('12.7' as unsigned)  cast(-2.5 as signed)  cast(-1 as unsigned)  cast(1.555 as decimal(5, 2))
cast('2020-01-02 03:04:05' as date)  cast('2020-01-02' as datetime)  convert('12', signed)
cast('abc' as char(2))  _utf8'abc' collate utf8_bin  char(77.3)  adddate('2020-01-31', 3)
date_add('2020-01-31', interval '1-1' year_month)
date_sub('2020-01-31 00:00:00', interval '10:20' minute_second)
date_add('2020-01-31 00:00:00', interval '-1 1:1:1' day_second)  timestampadd(month, 1, '2020-01-31')
timestampdiff(month, '2020-03-31', '2020-02-29')
date_format('2020-01-02 15:04:05', '%h:%i %p %l %k %r %T %a %b %c %j %w %y %% q')
date_format('2020-01-02', '%W %M %e %Y')  str_to_date('13:14', '%H:%i')  from_unixtime(1577934245, '%Y-%m-%d')
unix_timestamp('2020-01-02 03:04:05')  convert_tz('2020-01-01 12:00:00', '+00:00', '-03:30')
last_day('2020-02-03')  datediff('2020-01-02', '2019-12-31')  to_days('2020-01-02')  from_days(737791)
makedate(2020, 32)  maketime(12, 15, 30)  sec_to_time(-100000)  time_to_sec('-01:01:01')
timediff('08:00:00', '10:00:00')  addtime('2020-01-02 00:00:00', '01:00:00')  time('2020-01-02 03:04:05')
timestamp('2020-01-02')  extract(year_month from '2020-01-02')  dayofweek('2020-01-05')  weekday('2020-01-02')
quarter('2020-04-02')  dayname('2020-02-29')  hour('03:04:05')  second('2020-01-02 03:04:05')
concat('*', upper(sha1(unhex(sha1('secret')))))
"""
# What a server may compute otherwise, or not at all.
NOT_CONSTANT = [
    "'ä' = 'Ä'", "'5a' + 1", "week('2020-01-02')", "year('2020-00-00')", "version()", "(select 1)", "a + 1",
    "repeat('a', 1e12)", "lpad('a', 1e12, 'x')", "pow(10, 1e9)", "from_unixtime(1e300)", "sqrt(1e999)",
]  # fmt: skip


def computed(expression: str) -> bytes | None:
    reading = Reading(Mode(), (UTF8,), zone="+00:00")
    row = plain_row(f"({expression})".encode(), reading)
    token = next(tokens(row[1:], Mode()))
    if token.kind is Kind.STRING:
        return token.value
    return None if token.is_word("NULL") else row[1:-1]


def test_a_constant_expression_is_what_a_server_makes_of_it(mariadb: Server) -> None:
    expressions = [one.strip() for line in CONSTANT.splitlines() for one in line.split("  ") if one.strip()]
    with contextlib.closing(mariadb.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("set time_zone = '+00:00', sql_mode = ''")
        cursor.execute("create database if not exists expressions")
        cursor.execute("create temporary table expressions.t (v varchar(300) charset utf8mb4)")
        for expression in expressions:
            cursor.execute("delete from expressions.t")
            cursor.execute(f"insert into expressions.t values ({expression})")
            cursor.execute("select cast(v as binary) from expressions.t")
            assert (expression, computed(expression)) == (expression, *(cursor.fetchone() or ()))


def test_what_depends_on_a_server_is_not_computed() -> None:
    for expression in NOT_CONSTANT:
        with contextlib.suppress(InputError):
            assert not computed(expression), expression
