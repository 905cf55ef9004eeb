"""Fetch the old shop's dump and pictures from S3 and load the dump with `migrate mysql-to-pg`.

Runs in the `migrate` image, mounted by the chart. The database's user name and password come from Secrets
Manager and reach the tool through the environment, so they show in no argument list.

Environment: LEGACY_SOURCE (s3://bucket/folder), LEGACY_DUMP (a file name within it), LEGACY_HOME (a folder
with room for both), SECONDHAND_DB_SECRET, SECONDHAND_DATABASE_URL (without user and password), AWS_DEFAULT_REGION.
"""

import json
import os
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

import botocore.session


def fetch(bucket: str, prefix: str, home: Path) -> int:
    """Copy every object under `prefix` to the same path below `home`; the number of files written."""
    s3 = botocore.session.get_session().create_client("s3")
    count = 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", []):
            target = (home / found["Key"].removeprefix(prefix)).resolve()
            if not target.is_relative_to(home.resolve()) or found["Key"].endswith("/"):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"]
            with target.open("wb") as file:
                for chunk in body.iter_chunks(1 << 20):
                    file.write(chunk)
            count += 1
    return count


def main() -> None:
    source, home = urlsplit(os.environ["LEGACY_SOURCE"]), Path(os.environ["LEGACY_HOME"])
    count = fetch(source.netloc, source.path.strip("/") + "/", home)
    dump = home / os.environ["LEGACY_DUMP"]
    if not dump.is_file():
        sys.exit(f"{os.environ['LEGACY_SOURCE']} has no {dump.name}: {count} files were found there")
    print(f"{count} files fetched from {os.environ['LEGACY_SOURCE']}", flush=True)
    secrets = botocore.session.get_session().create_client("secretsmanager")
    answer = secrets.get_secret_value(SecretId=os.environ["SECONDHAND_DB_SECRET"])
    login = json.loads(answer["SecretString"])
    target = urlsplit(os.environ["SECONDHAND_DATABASE_URL"])
    named = target._replace(netloc=f"{quote(login['username'], safe='')}@{target.netloc}").geturl()
    os.environ["PGPASSWORD"] = login["password"]
    os.execvp("migrate", ["migrate", "mysql-to-pg", str(dump), "--to", named])  # noqa: S606


if __name__ == "__main__":
    main()
