"""Thousands of tables cost each of them no more than a few do."""

import cProfile
import pstats
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.migrate.command import run

TABLE = """
DROP TABLE IF EXISTS `t{number}`;
CREATE TABLE `t{number}` (
  `id` int NOT NULL AUTO_INCREMENT, `name` varchar(20) DEFAULT NULL, `above` int DEFAULT NULL,
  PRIMARY KEY (`id`), KEY `name` (`name`), FOREIGN KEY (`above`) REFERENCES `t{above}` (`id`)
);
"""
VIEW = "CREATE VIEW `v{number}` AS SELECT `id`, `name` FROM `t{number}`;\n"
ROWS = "INSERT INTO `t{number}` VALUES (1,'one',NULL),(2,'two',1);\n"


def filled(template: str, number: int) -> str:
    return template.format(number=number, above=max(0, number - 1))


def dump(room: Path, many: int) -> Path:
    room.with_suffix(".sql").write_text("".join(filled(TABLE + ROWS + VIEW, n) for n in range(many)))
    return room.with_suffix(".sql")


def tab(room: Path, many: int) -> Path:
    room.mkdir()
    for number in range(many):
        (room / f"t{number}.sql").write_text(filled(TABLE, number))
        (room / f"t{number}.txt").write_text("1\tone\t\\N\n2\ttwo\t1\n")
    return room


def mydumper(room: Path, many: int) -> Path:
    room.mkdir()
    (room / "metadata").write_text("Started dump at: 2026-11-30 01:00:00\n")
    (room / "shop-schema-create.sql").write_text("CREATE DATABASE `shop`;\n")
    for number in range(many):
        (room / f"shop.t{number}-schema.sql").write_text(filled(TABLE, number))
        (room / f"shop.t{number}.00000.sql").write_text(filled(ROWS, number))
    return room


def calls(arguments: list[str | Path]) -> int:
    """How many functions a run of the tool calls."""
    profile = cProfile.Profile()
    assert profile.runcall(run, *arguments).exit_code == 0
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("command", "source"),
    [("inspect", dump), ("mysql-to-pg", dump), ("mysql-to-pg", tab), ("mysql-to-pg", mydumper)],
)
def test_twice_as_many_tables_are_twice_the_work(
    tmp_path: Path, command: str, source: Callable[[Path, int], Path]
) -> None:
    output: list[str | Path] = ["--output", tmp_path / "out.sql"] if command == "mysql-to-pg" else []

    _, few, more, most = (  # the first one does what is done once
        calls([command, source(tmp_path / str(many), many), *output]) for many in (10, 100, 190, 370)
    )

    assert (most - more) / (more - few) < 2.06, (few, more, most)
