"""The tool's memory does not grow with the dump, not even when all of it is one statement."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.measured import measured
from tests.fixtures.postgres import psql

LIMIT_MB = 300
ROWS_AT_A_TIME = 2_000
BODY = "Ein Satz, wie er in vielen Briefen steht, mit \\'Zeichen\\' und Umlauten: äöü. " * 6


def load_one_statement(url: str, megabytes: int, room: Path) -> tuple[int, int]:
    """Pipe a dump of one INSERT into the tool: `(rows written, the most memory it had resident, in MB)`."""
    command = [sys.executable, "-m", "migrate", "mysql-to-pg", "-", "--to", url, "--jobs", "2", "--quiet"]
    peak = room / "peak"
    tool = subprocess.Popen(measured(peak, command), stdin=subprocess.PIPE)
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
