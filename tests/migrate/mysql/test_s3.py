"""Dumps in S3, as moto's server plays it."""

import gzip
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from tests.fixtures.aws import REGION
from tests.fixtures.postgres import psql
from tests.migrate.command import failed, load

DUMP = b"CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1,'x'),(2,'y');"


@pytest.fixture
def bucket(aws: str) -> "boto3.client":
    client = boto3.client("s3", endpoint_url=aws)
    client.create_bucket(Bucket="dumps", CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def put(client: "boto3.client", key: str, body: bytes) -> None:
    client.put_object(Bucket="dumps", Key=key, Body=body)


def test_an_object_is_read_as_a_stream(bucket: "boto3.client", database: str) -> None:
    put(bucket, "nightly/shop.sql.gz", gzip.compress(DUMP))
    assert load(database, "s3://dumps/nightly/shop.sql.gz").exit_code == 0
    assert psql(database, "select * from t order by a") == "1|x\n2|y"


def test_a_prefix_is_a_folder(bucket: "boto3.client", database: str) -> None:
    put(bucket, "nightly/t.sql", b"CREATE TABLE t (a int);")
    put(bucket, "nightly/t.txt", b"1\n2\n")
    put(bucket, "nightly-old/t.txt", b"9\n")
    assert load(database, "s3://dumps/nightly").exit_code == 0
    assert psql(database, "select * from t order by a") == "1\n2"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("s3://dumps/none.sql", "no such object"),
        ("s3://nobodys/shop.sql", "no such bucket"),
        ("s3:///shop.sql", "the bucket is missing"),
    ],
)
def test_what_is_not_there_is_said(url: str, words: str, bucket: "boto3.client", database: str) -> None:
    failed(load(database, url), 2, url, words)


def test_who_has_no_credentials_is_told_how_to_give_them(
    aws: str, database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    failed(
        load(database, "s3://dumps/shop.sql"), 2, "s3://dumps/shop.sql", "AWS_ACCESS_KEY_ID", "AWS_PROFILE"
    )


MEASURED = """
import resource, sys
from migrate.cli import main
sys.argv = ["migrate", "inspect", "--json", sys.argv[1]]
try:
    main()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def peak(url: str, rows: int) -> int:
    """The most memory, in kB, that a look at a source takes."""
    done = subprocess.run([sys.executable, "-c", MEASURED, url], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f'"rows_read": {rows}' in done.stdout.decode()
    return int(done.stderr.split()[-1])


def test_an_object_is_never_held_whole(bucket: "boto3.client") -> None:
    row = b"(1,'" + b"x" * 1000 + b"')"
    put(bucket, "small.sql", DUMP + b"INSERT INTO t VALUES " + b",".join([row] * 20_000) + b";")
    put(bucket, "large.sql", DUMP + b"INSERT INTO t VALUES " + b",".join([row] * 150_000) + b";")
    assert peak("s3://dumps/large.sql", 150_002) - peak("s3://dumps/small.sql", 20_002) < 50_000
