"""The tool's memory does not grow with the dump, not even when all of it is one statement."""

import os
import subprocess
import sys

import pytest

from tests.fixtures.postgres import psql

LIMIT_MB = 300
ROWS_AT_A_TIME = 2_000
BODY = "Ein Satz, wie er in vielen Briefen steht, mit \\'Zeichen\\' und Umlauten: äöü. " * 6


def load_one_statement(url: str, megabytes: int) -> tuple[int, int]:
    """Pipe a dump of one INSERT into the tool: `(rows written, the most memory it had resident, in MB)`."""
    command = [sys.executable, "-m", "migrate", "mysql-to-pg", "-", "--to", url, "--jobs", "2", "--quiet"]
    tool = subprocess.Popen(command, stdin=subprocess.PIPE)
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
    _, status, usage = os.wait4(tool.pid, 0)
    tool.returncode = os.waitstatus_to_exitcode(status)
    assert tool.returncode == 0
    return rows, usage.ru_maxrss >> 10


def assert_flat(url: str, megabytes: int) -> None:
    rows, resident = load_one_statement(url, megabytes)

    assert psql(url, "select count(*), max(id) from letters") == f"{rows}|{rows - 1}"
    assert resident <= LIMIT_MB


def test_three_hundred_megabytes_in_one_statement_take_less_than_300_mb(database: str) -> None:
    assert_flat(database, 300)


@pytest.mark.slow
def test_two_gigabytes_in_one_statement_take_less_than_300_mb(database: str) -> None:
    assert_flat(database, 2048)
