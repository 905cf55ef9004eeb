"""The servers the tests stand on are real and keep tests apart."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3
import pytest
from playwright.sync_api import Page

from migrate.postgres.embedded import Cluster
from tests.fixtures.mariadb import Server
from tests.fixtures.postgres import CreateDatabase, psql


def test_a_database_is_empty_and_ones_own(database: str, create_database: CreateDatabase) -> None:
    psql(database, "create table only_here (x int)")
    assert psql(create_database(), "select to_regclass('only_here')") == ""


def test_a_database_can_copy_another(database: str, create_database: CreateDatabase) -> None:
    psql(database, "create table t as select 42 as x")
    template = psql(database, "select current_database()")
    assert psql(create_database(template), "select x from t") == "42"


def test_postgres_also_listens_on_tcp_with_a_password(cluster: Cluster) -> None:
    assert psql(cluster.tcp_url(), "select inet_server_addr()") == "127.0.0.1"


def test_mariadb_keeps_what_it_is_told_and_dumps_it(mariadb: Server) -> None:
    mariadb.execute(
        "create database fixture",
        "create table fixture.t (x varchar(20))",
        "insert into fixture.t values ('Füße 👟')",
    )
    assert mariadb.execute("select x from t", database="fixture") == [("Füße 👟",)]
    assert "('Füße 👟')" in mariadb.dump("fixture").decode()


def test_mariadb_writes_a_row_based_binary_log(mariadb: Server) -> None:
    assert mariadb.execute("select @@log_bin, @@binlog_format") == [(1, "ROW")]


@pytest.mark.parametrize("visit", [1, 2])
def test_aws_is_empty_for_every_test(aws: str, visit: int) -> None:
    s3 = boto3.client("s3")
    assert s3.list_buckets()["Buckets"] == []
    s3.create_bucket(Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="pictures", Key="a", Body=b"1")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "pictures", "Key": "a"})
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"1"
    s3.close()


def test_the_browser_shows_a_page(page: Page, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<title>Hello</title><script>document.title += ' there'</script>")
    page.goto((tmp_path / "page.html").as_uri())
    assert page.title() == "Hello there"


@pytest.mark.parametrize(
    ("continuous", "code", "line"),
    [
        ("false", 0, "NOT EVERYTHING WAS TESTED: no seamstress; as root: apt-get install sewing"),
        ("true", 1, "1 failed"),
    ],
)
def test_a_missing_program_is_told_in_one_loud_line_or_fails_where_nothing_may_be_missing(
    tmp_path: Path, continuous: str, code: int, line: str
) -> None:
    (tmp_path / "test_seam.py").write_text(
        "from tests.fixtures.tools import find_tool\ndef test_a_seam_holds(): find_tool('sewing', 'seamstress')"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-n1",
            "-p",
            "tests.fixtures.tools",
            "--rootdir",
            tmp_path,
            tmp_path,
        ],
        env=os.environ | {"CI": continuous, "PYTHONPATH": str(Path(__file__).parents[1])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, line in done.stdout) == (code, True), done.stdout
