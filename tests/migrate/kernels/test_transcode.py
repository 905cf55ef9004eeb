"""String literals become COPY text exactly as a slow and simple reading of MySQL's rules says."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.migrate.command import run
from tests.migrate.dumps import dump

# MySQL Reference Manual, "String Literals", table "Special Character Escape Sequences".
ESCAPES = {"0": "\0", "'": "'", '"': '"', "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "\\": "\\"}
# PostgreSQL manual, "COPY", "Text Format".
COPY_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def meaning(literal: str) -> str:
    """The value of a quoted literal, a character at a time."""
    quote, inside = literal[0], literal[1:-1]
    value = ""
    while inside:
        first, inside = inside[0], inside[1:]
        if first == "\\":
            letter, inside = inside[0], inside[1:]
            value += f"\\{letter}" if letter in "%_" else ESCAPES.get(letter, letter)
        else:
            value += first
            if first == quote:
                inside = inside[1:]
    return value


def copy_text(value: str) -> str:
    """A value in COPY's text format; NUL characters, which PostgreSQL has no place for, are left out."""
    return "".join(COPY_ESCAPES.get(letter, letter) for letter in value.replace("\0", ""))


CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="'\"\\")
PIECES = st.one_of(
    st.text(CHARACTERS, max_size=40),
    st.sampled_from([*"abfnrtvxZ0%_'\"\\ ,()Nü\n🎩"]).map(lambda letter: "\\" + letter),
)


@st.composite
def literals(draw: st.DrawFn) -> str:
    quote = draw(st.sampled_from("'''\""))
    pieces = draw(
        st.lists(st.one_of(PIECES, st.just(quote * 2), st.just("'" if quote == '"' else '"')), max_size=12)
    )
    return quote + "".join(pieces) + quote


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(literals(), literals()), min_size=1, max_size=30))
def test_strings_mean_what_the_manual_says(rows: list[tuple[str, str]]) -> None:
    values = ",".join(f"({one},{number},{other})" for number, (one, other) in enumerate(rows))
    text = dump(
        f"CREATE TABLE `t` (`a` longtext, `n` int, `b` longtext);\nINSERT INTO `t` VALUES {values};\n"
    )
    done = run("mysql-to-pg", "--quiet", "--output", "-", "-", stdin=text)
    assert done.exit_code == 0, done.stderr
    block = done.stdout.split(b" from stdin with (freeze);\n")[1].split(b"\n\\.\n")[0].decode()
    assert block.split("\n") == [
        f"{copy_text(meaning(one))}\t{number}\t{copy_text(meaning(other))}"
        for number, (one, other) in enumerate(rows)
    ]
