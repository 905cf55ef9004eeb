"""The tool's memory does not grow with the dump, not even when all of it is one statement."""

import subprocess
from pathlib import Path

import pytest

from tests.fixtures.measured import measured
from tests.fixtures.postgres import psql
from tests.migrate.command import loader

LIMIT_MB = 300
USUAL_MB = 220  # of rows that are not long
ROWS_AT_A_TIME = 2_000
BODY = "Ein Satz, wie er in vielen Briefen steht, mit \\'Zeichen\\' und Umlauten: äöü. " * 6


def most_memory(url: str, dump: Path, room: Path) -> int:
    """Load a dump; the most memory that the tool had resident, in MB."""
    peak = room / "peak"
    assert subprocess.run(measured(peak, loader(url, dump)), check=False).returncode == 0
    return int(peak.read_text()) >> 20


def load_one_statement(url: str, megabytes: int, room: Path) -> tuple[int, int]:
    """Pipe a dump of one INSERT into the tool: `(rows written, the most memory it had resident, in MB)`."""
    peak = room / "peak"
    tool = subprocess.Popen(measured(peak, loader(url, "-")), stdin=subprocess.PIPE)
    assert tool.stdin is not None
    rows = size = 0
    with tool.stdin as pipe:
        pipe.write(
            b"SET NAMES utf8mb4;\nCREATE TABLE `letters` (`id` int NOT NULL, `body` text, PRIMARY KEY (`id`));\n"
        )
        pipe.write(b"INSERT INTO `letters` VALUES ")
        while size < megabytes << 20:
            numbers = range(rows, rows + ROWS_AT_A_TIME)
            text = ("," if rows else "") + ",".join(f"({number},'{BODY}')" for number in numbers)
            size += pipe.write(text.encode())
            rows += ROWS_AT_A_TIME
        pipe.write(b";\n")
    assert tool.wait() == 0
    return rows, int(peak.read_text()) >> 20


def assert_flat(url: str, megabytes: int, room: Path) -> None:
    rows, resident = load_one_statement(url, megabytes, room)

    assert psql(url, "select count(*), max(id) from letters") == f"{rows}|{rows - 1}"
    assert resident <= LIMIT_MB


def test_three_hundred_megabytes_in_one_statement_take_less_than_300_mb(
    database: str, tmp_path: Path
) -> None:
    """dimitri/pgloader#16, #327, #741, #780; mozilla/sumo#1366: heap exhausted"""
    assert_flat(database, 300, tmp_path)


@pytest.mark.slow
def test_two_gigabytes_in_one_statement_take_less_than_300_mb(database: str, tmp_path: Path) -> None:
    assert_flat(database, 2048, tmp_path)


def test_rows_of_sixty_megabytes_take_two_and_a_half_times_their_length(
    database: str, tmp_path: Path
) -> None:
    dump = tmp_path / "dump.sql"
    with dump.open("wb") as file:
        file.write(
            b"CREATE TABLE `files` (`id` int NOT NULL, `body` longtext);\nINSERT INTO `files` VALUES (0,'')"
        )
        for number in (1, 2):
            file.write(b",(%d,'" % number + rb"abcdefghijklm\'" * (4 << 20) + b"')")
        file.write(b";\n")

    assert most_memory(database, dump, tmp_path) <= USUAL_MB + 2.5 * 60

    assert psql(database, "select count(*), sum(length(body)) from files") == f"3|{28 * (4 << 20)}"


def test_rows_of_ten_megabytes_wait_for_each_other(database: str, tmp_path: Path) -> None:
    """With two jobs, five such rows would be on their way at a time if only their number counted."""
    dump = tmp_path / "dump.sql"
    with dump.open("wb") as file:
        file.write(
            b"CREATE TABLE `files` (`id` int NOT NULL, `body` longblob);\nINSERT INTO `files` VALUES (0,'')"
        )
        for number in range(1, 7):
            file.write(b",(%d,0x" % number + b"ab" * (10 << 20) + b")")
        file.write(b";\n")

    assert most_memory(database, dump, tmp_path) <= LIMIT_MB

    assert psql(database, "select count(*), sum(length(body)) from files") == f"7|{60 << 20}"
