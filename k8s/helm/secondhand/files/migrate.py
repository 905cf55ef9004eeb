"""Fetch the old shop's dump and pictures from S3 and load the dump with `migrate mysql-to-pg`.

Runs in the `migrate` image, mounted by the chart. The database's user name and password come from Secrets
Manager and reach the tool through the environment, so they show in no argument list.

With the argument `worker` it takes part in the load that another such process leads. Where the old shop was moved
before, nothing is loaded: of what a run left, only pictures can be missing.

Environment: LEGACY_SOURCE (s3://bucket/folder), LEGACY_DUMP (a file name within it), LEGACY_HOME (a folder with room
for both), LEGACY_WORKERS (how many take part besides), SECONDHAND_DB_SECRET, SECONDHAND_DATABASE_URL (without user and
password), AWS_DEFAULT_REGION.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

import asyncpg
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
            answer = s3.get_object(Bucket=bucket, Key=found["Key"])
            with target.open("wb") as file:
                for chunk in answer["Body"].iter_chunks(1 << 20):
                    file.write(chunk)
            # By which the next pod knows that this is the dump whose load was cut off.
            os.utime(target, (answer["LastModified"].timestamp(),) * 2)
            count += 1
    return count


def target() -> str:
    """Where the tables go; the password goes into the environment."""
    secrets = botocore.session.get_session().create_client("secretsmanager")
    answer = secrets.get_secret_value(SecretId=os.environ["SECONDHAND_DB_SECRET"])
    login = json.loads(answer["SecretString"])
    os.environ["PGPASSWORD"] = login["password"]
    url = urlsplit(os.environ["SECONDHAND_DATABASE_URL"])
    return url._replace(netloc=f"{quote(login['username'], safe='')}@{url.netloc}").geturl()


def fetched() -> str:
    """Fetch the pictures and, unless workers read it where it is, the dump; the dump's name."""
    source, home = urlsplit(os.environ["LEGACY_SOURCE"]), Path(os.environ["LEGACY_HOME"])
    shared = os.environ["LEGACY_WORKERS"] != "0"
    part = "pictures/" if shared else ""
    count = fetch(source.netloc, f"{source.path.strip('/')}/{part}", home / part)
    print(f"{count} files fetched from {os.environ['LEGACY_SOURCE']}", flush=True)
    if shared:
        return in_s3()
    dump = home / os.environ["LEGACY_DUMP"]
    if not dump.is_file():
        sys.exit(f"{os.environ['LEGACY_SOURCE']} has no {dump.name}: {count} files were found there")
    return str(dump)


def in_s3() -> str:
    return f"{os.environ['LEGACY_SOURCE'].rstrip('/')}/{os.environ['LEGACY_DUMP']}"


async def moved(url: str) -> bool:
    """Whether `secondhand upgrade` has taken the old shop over; its tables would come into its way again."""
    connection = await asyncpg.connect(url)
    try:
        return bool(await connection.fetchval("select to_regclass('legacy.add_clothe') is not null"))
    finally:
        await connection.close()


def main() -> None:
    if sys.argv[1:] == ["worker"]:
        command = ["worker", in_s3(), "--patience", "3600"]
    else:
        command = ["mysql-to-pg", fetched()]
        if os.environ["LEGACY_WORKERS"] != "0":
            command.append("--workers")
    url = target()
    if asyncio.run(moved(url)):
        print("the old shop was moved before: nothing is loaded", flush=True)
        return
    os.execvp("migrate", ["migrate", *command, "--jobs", "2", "--to", url])  # noqa: S606


if __name__ == "__main__":
    main()
