"""Plans as JSON: what a worker is told of a table is what the leader has planned."""

import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from migrate import wire
from migrate.load.pieces import Plan
from migrate.load.target import planned
from migrate.model import Database
from migrate.mysql import inputs
from migrate.mysql.session import Session
from migrate.notes import Notes
from migrate.planner import Planner
from migrate.policies import Choices, Comparison, InvalidText, Nul, Policies, ZeroDates

SQL = """
CREATE TABLE `every` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT, `flag` tinyint(1) NOT NULL DEFAULT '1', `size` enum('s','m','it''s'),
  `marks` set('a','b') DEFAULT 'a', `price` decimal(10,2) DEFAULT '0.00', `name` varchar(20) COLLATE utf8mb4_general_ci
  NOT NULL COMMENT 'as it was', `word` text CHARACTER SET latin1, `exact` varchar(9) COLLATE utf8mb4_bin, `raw` blob,
  `doc` json, `at` timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, `day` date NOT NULL,
  `took` time(3), `bits` bit(8) DEFAULT b'101', `place` point, `twice` decimal(11,2) GENERATED ALWAYS AS (`price` * 2)
  STORED, PRIMARY KEY (`id`,`day`), UNIQUE KEY `name` (`name`(10),`day`), CONSTRAINT `positive` CHECK (`price` >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='a table'
PARTITION BY RANGE (YEAR(`day`)) (PARTITION `old` VALUES LESS THAN (2000), PARTITION `new` VALUES LESS THAN MAXVALUE);
CREATE TABLE `child` (`of` bigint unsigned, `until` date,
  FOREIGN KEY (`of`) REFERENCES `every` (`id`) ON DELETE CASCADE);
"""


@pytest.mark.parametrize("comparison", [Comparison.ICU, Comparison.CITEXT, Comparison.EXACT])
def test_a_plan_comes_out_as_it_went_in(tmp_path: Path, comparison: Comparison) -> None:
    source = tmp_path / "every.sql"
    source.write_text(SQL)
    database = Database()
    [dump] = inputs.named([str(source)])
    with closing(dump):
        list(dump.events(database, Session()))
    policies = Policies(ZeroDates.INFINITY, Nul.REPLACE, InvalidText.LATIN1)
    planner = Planner("public", Notes(), Choices(policies, comparison=comparison))
    planner.abilities = frozenset({"icu", "citext", "postgis"})

    for key, table in database.tables.items():
        plan = Plan("migrate_run_1", planned(planner, key, table))
        again = wire.unpacked(json.loads(json.dumps(wire.packed(plan, Plan))), Plan)
        assert asdict(again) == asdict(plan)
