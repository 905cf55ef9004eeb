"""The dump's place in the server's binary log, and comments that are for some servers only."""

from pathlib import Path

import pytest

from tests.migrate.command import run

TABLE = "CREATE TABLE t (a int);\n"


@pytest.mark.parametrize(
    ("text", "coordinates"),
    [
        (
            "-- MySQL dump 10.13\n--\n-- CHANGE MASTER TO MASTER_LOG_FILE='bin.000007', MASTER_LOG_POS=1234;\n"
            f"{TABLE}-- Dump completed\n",
            {"file": "bin.000007", "position": "1234"},
        ),
        (
            f"CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='bin.1', SOURCE_LOG_POS=4;\n{TABLE}",
            {"file": "bin.1", "position": "4"},
        ),
        (
            f"SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '2d75bd50-5781-11ec-86fb-a4bb6dd118c2:1-5628';\n{TABLE}",
            {"gtid": "2d75bd50-5781-11ec-86fb-a4bb6dd118c2:1-5628"},
        ),
        (f"SET GLOBAL gtid_slave_pos='0-1-2';\n{TABLE}", {"gtid": "0-1-2"}),
        (TABLE, {}),
    ],
)
def test_the_place_in_the_binary_log_is_kept(text: str, coordinates: dict[str, str], tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(text)
    assert run("inspect", "--json", dump).account["coordinates"] == coordinates


def test_mydumpers_metadata_is_kept(tmp_path: Path) -> None:
    (tmp_path / "shop.t-schema.sql").write_text(TABLE)
    (tmp_path / "metadata").write_text(
        "Started dump at: 2024-01-01 00:00:00\nSHOW MASTER STATUS:\n\tLog: bin.000002\n\tPos: 342\n\tGTID:0-1-5\n"
    )
    assert run("inspect", "--json", tmp_path).account["coordinates"] == {
        "file": "bin.000002",
        "position": "342",
        "gtid": "0-1-5",
    }


@pytest.mark.parametrize(
    "header",
    [
        "-- MySQL dump 10.13\n-- Server version\t8.0.36\n",  # reads a, b, d
        "-- MariaDB dump 10.19\n-- Server version\t10.11.6-MariaDB\n",  # reads a, c, d
        "",
    ],
)
def test_comments_for_other_servers_are_passed_over(header: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(
        f"{header}CREATE TABLE t (a int /*!50705 , b int */ /*M!100100 , c int */ /*!40101 , d int */);\n"
        "INSERT INTO t VALUES (1, 2, 3);\n-- Dump completed\n"
    )
    done = run("inspect", "--json", dump)
    assert done.exit_code == 0, done.stderr
    assert done.account["tables"][0]["rows_read"] == 1
