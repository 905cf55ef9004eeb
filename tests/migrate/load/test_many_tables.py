"""Thousands of tables cost each of them no more than a few do."""

import cProfile
import pstats
from pathlib import Path

import pytest

from tests.migrate.command import run

TABLE = """
DROP TABLE IF EXISTS `t{number}`;
CREATE TABLE `t{number}` (
  `id` int NOT NULL AUTO_INCREMENT, `name` varchar(20) DEFAULT NULL, `above` int DEFAULT NULL,
  PRIMARY KEY (`id`), KEY `name` (`name`), FOREIGN KEY (`above`) REFERENCES `t{above}` (`id`)
);
INSERT INTO `t{number}` VALUES (1,'one',NULL),(2,'two',1);
CREATE VIEW `v{number}` AS SELECT `id`, `name` FROM `t{number}`;
"""


def calls(arguments: list[str | Path]) -> int:
    """How many functions a run of the tool calls."""
    profile = cProfile.Profile()
    assert profile.runcall(run, *arguments).exit_code == 0
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", ["inspect", "mysql-to-pg"])
def test_twice_as_many_tables_are_twice_the_work(tmp_path: Path, command: str) -> None:
    found = []
    for many in (10, 100, 190, 370):  # the first one does what is done once
        dump = tmp_path / f"{many}.sql"
        dump.write_text("".join(TABLE.format(number=n, above=max(0, n - 1)) for n in range(many)))
        output: list[str | Path] = ["--output", tmp_path / "out.sql"] if command == "mysql-to-pg" else []
        found.append(calls([command, dump, *output]))

    _, few, more, most = found
    assert (most - more) / (more - few) < 2.06, found
