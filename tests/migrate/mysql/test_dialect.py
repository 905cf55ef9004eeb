"""How lines of fields are written is found out from the lines."""

import pytest

from migrate.mysql.dialect import CSV, TSV, Dialect, found

TABLE = {"id": True, "name": False, "n": True}


@pytest.mark.parametrize(
    ("head", "expected", "dialect"),
    [
        (b"1\ta\t2\n", TSV, TSV),
        (b"", TSV, TSV),
        (b"1\ta\t2\r\n2\tb\t3\r\n", TSV, Dialect(line_end="\r\n")),
        (b"1\ta\nb\t2\r\n2\tb\t3\r\n", TSV, Dialect(line_end="\r\n")),
        (b"1,a,2\n2,\\N,3\n", TSV, Dialect(",")),
        (b"1;a;NULL\n", TSV, Dialect(";", escape="")),
        (b'1|"a|b"|2\n2|\\N|\\N\n', TSV, Dialect("|", '"')),
        (b'"1","a""b","2"\n"2",\\N,"3"\n', TSV, Dialect(",", '"')),
        (b"'1'\t'a'\t'2'", TSV, Dialect("\t", "'")),
        (b'"id";"name";"n"\n1;"a";2\n', TSV, Dialect(";", '"')),
        (b'1\t"a"\t2\n2\tb\t3\n', TSV, TSV),
        (b'1,a,2\n2,"b,c",3\n', CSV, CSV),
        (b"1;a;2\n", CSV, Dialect(";")),
        (b"1,a\n", TSV, TSV),
    ],
)
def test_the_marks_between_and_around_fields_are_found(
    head: bytes, expected: Dialect, dialect: Dialect
) -> None:
    assert found(head, [TABLE], expected) == dialect


def test_generated_columns_may_be_there_or_not() -> None:
    short = {"id": True, "name": False}
    assert found(b"1;2\n", [TABLE, short], TSV) == found(b"1;a;2\n", [TABLE, short], TSV) == Dialect(";")
