"""MySQL's tokens: comments that are text, quotes, escapes, and numbers, by the sql_mode."""

import pytest

from migrate.errors import InputError
from migrate.mysql.lexer import Kind, Mode, tokens
from tests.fixtures.mariadb import Server

PLAIN = Mode()


def read(sql: str, mode: Mode = PLAIN, *, mariadb: bool = False) -> list[tuple[Kind, str]]:
    found = [(token.kind, token.text) for token in tokens(sql.encode(), mode, mariadb=mariadb)]
    assert found.pop() == (Kind.END, "")
    return found


def words(sql: str, *, mariadb: bool = False) -> str:
    return " ".join(text for _, text in read(sql, mariadb=mariadb))


@pytest.mark.parametrize(
    ("sql", "left"),
    [
        ("a -- b\nc", "a c"),
        ("a --\nc", "a c"),
        ("a # b\nc", "a c"),
        ("a /* b */ c", "a c"),
        ("a /* b", "a"),
        ("a/**/c", "a c"),
        ("a /*!40101 b */ c", "a b c"),
        ("a /*! b */ c", "a b c"),
        ("a /*!80023 b */ c", "a b c"),
        ("a /*!99999 b */ c", "a c"),
        ("a /*!999999 b */ c", "a c"),
        ("a /*!40101 b /* inner */ d */ c", "a b d c"),
        ("a --b", "a - - b"),
        ("a mariadb_schema.date, mariadb_schema.f(x)", "a date , f ( x )"),
        ("a -- ", "a"),
        ("", ""),
    ],
)
def test_comments_vanish_and_versioned_ones_are_text(sql: str, left: str) -> None:
    assert words(sql) == left


def test_comments_for_mariadb_are_text_for_mariadb_only() -> None:
    assert words("a /*M!100100 b */ c") == "a c"
    assert words("a /*M!100100 b */ c", mariadb=True) == "a b c"
    assert words("a /*M! b */ c", mariadb=True) == "a b c"


@pytest.mark.parametrize(
    "version", ["50600", "50699", "50700", "50999", "80000", "80023", "99999", "100100", "101100"]
)
def test_mariadb_opens_what_a_real_one_opens(mariadb: Server, version: str) -> None:
    text = f"select 1 /*!{version} + 1 */"
    [(opened,)] = mariadb.execute(text)
    assert words(text, mariadb=True) == ("select 1 + 1" if opened == 2 else "select 1")


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("'it''s'", "it's"),
        (r"'it\'s'", "it's"),
        (r"'\\'", "\\"),
        (r"'\n\t\r\0\b\Z'", "\n\t\r\0\b\x1a"),
        (r"'\%\_\x'", r"\%\_x"),
        ('"say ""hi"""', 'say "hi"'),
        ("'a;b -- c'", "a;b -- c"),
        ("''", ""),
        ("'ünï 🎩'", "ünï 🎩"),
    ],
)
def test_a_string_is_unescaped(sql: str, value: str) -> None:
    assert read(sql) == [(Kind.STRING, value)]


def test_sql_mode_decides_what_quotes_and_backslashes_mean() -> None:
    assert read('"a"', Mode.named("ANSI_QUOTES")) == [(Kind.QUOTED, "a")]
    assert read('"a"', Mode.named("PIPES_AS_CONCAT,ANSI")) == [(Kind.QUOTED, "a")]
    assert read(r'"\"', Mode.named("ANSI_QUOTES")) == [(Kind.QUOTED, "\\")]
    assert read(r"'a\'", Mode.named("no_backslash_escapes")) == [(Kind.STRING, "a\\")]
    assert read('"a"', Mode.named("STRICT_TRANS_TABLES")) == [(Kind.STRING, "a")]


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("1", Kind.NUMBER),
        ("1.5", Kind.NUMBER),
        (".5", Kind.NUMBER),
        ("1e10", Kind.NUMBER),
        ("1.e-3", Kind.NUMBER),
        ("0xAF", Kind.HEX),
        ("x'AF'", Kind.HEX),
        ("X''", Kind.HEX),
        ("0b101", Kind.BITS),
        ("b'101'", Kind.BITS),
        ("1st", Kind.WORD),
        ("0xZZ", Kind.WORD),
        ("größe", Kind.WORD),
        ("a$b", Kind.WORD),
        ("@x", Kind.VARIABLE),
        ("@@session.sql_mode", Kind.VARIABLE),
        ("`a``b`", Kind.QUOTED),
    ],
)
def test_a_token_is_of_its_kind(sql: str, kind: Kind) -> None:
    [(found, text)] = read(sql)
    assert found is kind
    assert text == ("a`b" if kind is Kind.QUOTED else sql)


@pytest.mark.parametrize("sql", ["'open", '"open', "`open", r"'open\'", "a 'b' 'c"])
def test_a_quote_that_is_never_closed_is_an_error(sql: str) -> None:
    with pytest.raises(InputError, match="has no end"):
        read(sql)


def test_tokens_say_where_they_stand() -> None:
    sql = "select /*!1 `é` */ 'x'".encode()
    assert [sql[token.start : token.end].decode() for token in tokens(sql, PLAIN)] == [
        "select",
        "1",
        "`é`",
        "'x'",
        "",
    ]
