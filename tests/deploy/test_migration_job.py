"""The script that the chart's Job runs: the dump and the pictures from S3, the log-in from Secrets Manager."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest

from migrate.postgres import embedded
from tests.deploy.conftest import EVERYTHING, ROOT, Render, of_the_move
from tests.fixtures.aws import REGION
from tests.fixtures.postgres import psql

SCRIPT = ROOT / "k8s/helm/secondhand/files/migrate.py"
DUMP = b"""-- MySQL dump 10.13  Distrib 8.0.36
CREATE TABLE `user` (
  `id` int NOT NULL AUTO_INCREMENT,
  `username` varchar(80) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `user` VALUES (1,'anna'),(2,'b\\'ob');
-- Dump completed on 2024-01-31 12:00:00
"""


def put(key: str, body: bytes) -> None:
    boto3.client("s3", REGION).put_object(Bucket="old-shop", Key=key, Body=body)


@pytest.fixture
def job(aws: str, cluster: embedded.Cluster, database: str, render: Render, tmp_path: Path) -> dict[str, str]:
    """The Job's environment, with a bucket and a secret that are there."""
    boto3.client("s3", REGION).create_bucket(
        Bucket="old-shop", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    login = urlsplit(cluster.tcp_url(urlsplit(database).path.strip("/")))
    secret = json.dumps({"username": login.username, "password": login.password})
    boto3.client("secretsmanager", REGION).create_secret(Name="shop", SecretString=secret)
    return {
        **of_the_move(render("dev", EVERYTHING)),
        "LEGACY_SOURCE": "s3://old-shop/legacy",
        "LEGACY_DUMP": "shop.sql",
        "LEGACY_HOME": str(tmp_path / "home"),
        "LEGACY_WORKERS": "0",
        "SECONDHAND_DB_SECRET": "shop",
        "SECONDHAND_DATABASE_URL": f"postgresql://127.0.0.1:{login.port}{login.path}?sslmode=disable",
    }


def run(job: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments],
        env={**os.environ, **job, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_dump_is_loaded_and_the_pictures_lie_beside_it(job: dict[str, str], database: str) -> None:
    put("legacy/shop.sql", DUMP)
    put("legacy/pictures/coat.jpg", b"a coat")
    put("legacy/pictures/", b"")
    put("elsewhere/secret.txt", b"not ours")
    done = run(job)
    assert done.returncode == 0, done.stdout + done.stderr
    assert psql(database, 'select username from "user" order by id') == "anna\nb'ob"
    home = Path(job["LEGACY_HOME"])
    assert {str(file.relative_to(home)) for file in home.rglob("*") if file.is_file()} == {
        "shop.sql",
        "pictures/coat.jpg",
    }


def test_with_workers_the_dump_is_read_where_it_is(job: dict[str, str], database: str) -> None:
    put("legacy/shop.sql", DUMP)
    put("legacy/pictures/coat.jpg", b"a coat")
    runs = [run({**job, "LEGACY_WORKERS": "4"}, *arguments) for arguments in ((), ("worker",))]
    assert [done.returncode for done in runs] == [0, 0], runs
    assert "0 rows in 0 chunks" in runs[1].stderr, "who comes when all is done has nothing to do"
    assert psql(database, 'select username from "user" order by id') == "anna\nb'ob"
    home = Path(job["LEGACY_HOME"])
    assert [str(file.relative_to(home)) for file in home.rglob("*.*")] == ["pictures/coat.jpg"]


def test_a_dump_that_another_pod_fetches_is_the_file_that_it_was(job: dict[str, str]) -> None:
    """Else a load that was cut off, by the loss of a node, could not go on: a run knows its dump by its time too."""
    put("legacy/shop.sql", DUMP)
    assert run(job).returncode == 0
    stored = boto3.client("s3", REGION).head_object(Bucket="old-shop", Key="legacy/shop.sql")["LastModified"]
    assert (Path(job["LEGACY_HOME"]) / "shop.sql").stat().st_mtime == stored.timestamp()


def test_tables_that_were_moved_are_not_loaded_again_and_pictures_that_were_missing_are_brought(
    job: dict[str, str], database: str
) -> None:
    """They would clash with the members they became, and stop every upgrade from then on."""
    psql(database, "create schema legacy; create table legacy.add_clothe (id int)")
    put("legacy/shop.sql", DUMP)
    put("legacy/pictures/coat.jpg", b"a coat")
    assert run(job).returncode == 0
    assert psql(database, "select to_regclass('public.user') is null") == "t"
    assert (Path(job["LEGACY_HOME"]) / "pictures" / "coat.jpg").is_file()
    assert run(job, "worker").returncode == 0


def test_a_dump_that_is_not_there_is_an_error_that_names_the_place(job: dict[str, str]) -> None:
    put("legacy/pictures/coat.jpg", b"a coat")
    done = run(job)
    assert done.returncode == 1
    assert "s3://old-shop/legacy has no shop.sql: 1 files were found there" in done.stderr


def test_an_object_whose_name_leads_elsewhere_is_not_written_there(job: dict[str, str]) -> None:
    put("legacy/shop.sql", DUMP)
    put("legacy/../outside.txt", b"out")
    run(job)
    assert not (Path(job["LEGACY_HOME"]).parent / "outside.txt").exists()


def test_a_dump_that_cannot_be_loaded_fails_the_job(job: dict[str, str]) -> None:
    put("legacy/shop.sql", b"this is no dump")
    assert run(job).returncode == 2
