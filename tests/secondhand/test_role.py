"""The role of its own as which the site logs in: what it cannot do, and how it gets its password.

That it can do all that the site does is what every other test shows: their shops log in as such a role.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

import boto3
import pytest

from migrate.postgres.embedded import Cluster
from secondhand import credentials, upgrade
from secondhand.credentials import Credentials, CredentialsError
from secondhand.database import Database
from tests.fixtures.aws import REGION
from tests.fixtures.postgres import CreateDatabase, psql
from tests.secondhand.conftest import Site, admitted, upgraded

OWNER, SITE = "shop/owner", "shop/site"


def login(cluster: Cluster, database: str, log_in: dict[str, str]) -> str:
    """The URL of a database over TCP, where the server asks for the password."""
    name = urlsplit(database).path.strip("/")
    return f"postgresql://{log_in['username']}:{log_in['password']}@127.0.0.1:{cluster.port}/{name}"


@pytest.fixture(scope="module")
def site_url(cluster: Cluster, create_database: CreateDatabase) -> str:
    """The URL of an empty shop, as the site logs in."""
    database = create_database()
    upgraded(database)
    return login(cluster, database, admitted(database))


@pytest.mark.parametrize(
    "statement",
    [
        "create table loot (id int)",
        "create temporary table loot (id int)",
        "create schema loot",
        "create function loot() returns int language sql return 1",
        "create extension citext",
        "create role accomplice login",
        "create database loot",
        "alter table members add loot text",
        "alter table audit_log disable trigger audit_log_keep",
        "alter role current_user superuser",
        "alter role current_user createrole",
        "set role postgres",
        "drop table sessions",
        "drop index items_finder_idx",
        "drop function plain(text)",
        "truncate members cascade",
        "create index on members (about)",
        "update audit_log set reason = ''",
        "delete from audit_log",
        "update schema_versions set version = '0000'",
        "select rolpassword from pg_authid",
        "copy members to '/tmp/loot'",
        "copy members to program 'cat'",
    ],
)
def test_the_site_can_change_rows_and_nothing_else(site_url: str, statement: str) -> None:
    with pytest.raises(AssertionError, match=r"permission denied|must be owner"):
        psql(site_url, statement)


def test_a_table_that_an_upgrade_brings_is_open_to_the_site_after_it(
    cluster: Cluster, shop_database: str
) -> None:
    psql(shop_database, "create table later (id int)")

    site = login(cluster, shop_database, admitted(shop_database))

    assert psql(site, "insert into later values (1) returning id") == "1"


def test_the_tables_of_the_old_shop_are_closed_to_the_site(cluster: Cluster, shop_database: str) -> None:
    psql(shop_database, "create schema legacy; create table legacy.add_clothe (id int)")

    site = login(cluster, shop_database, admitted(shop_database))

    with pytest.raises(AssertionError, match="permission denied for schema legacy"):
        psql(site, "select from legacy.add_clothe")


def test_each_upgrade_gives_another_password_and_the_one_before_is_worth_nothing(
    cluster: Cluster, shop_database: str
) -> None:
    before, after = admitted(shop_database), admitted(shop_database)

    assert psql(login(cluster, shop_database, after), "select count(*) from items") == "0"
    with pytest.raises(AssertionError, match="password authentication failed"):
        psql(login(cluster, shop_database, before), "select 1")


def test_a_password_that_cannot_be_kept_is_not_set(cluster: Cluster, shop_database: str) -> None:
    before = admitted(shop_database)

    async def refuse(_: dict[str, str]) -> None:
        raise CredentialsError("the secret is out of reach")

    async def run() -> None:
        async with Database(shop_database, Credentials("")) as database:
            await upgrade.admit_site(database, refuse)

    with pytest.raises(CredentialsError):
        asyncio.run(run())
    assert psql(login(cluster, shop_database, before), "select count(*) from items") == "0"


def test_the_server_never_sees_the_password_to_log_it(cluster: Cluster, shop_database: str) -> None:
    name = urlsplit(shop_database).path.strip("/")
    psql(cluster.url(), f"alter database {name} set log_statement = 'all'")

    made = admitted(shop_database)

    log = cluster.log.read_text(errors="replace")
    assert "SCRAM-SHA-256" in log
    assert made["password"] not in log


def test_a_role_that_can_do_more_is_not_taken(cluster: Cluster, shop_database: str) -> None:
    psql(cluster.url(), f"create role {urlsplit(shop_database).path.strip('/')}_site superuser")

    with pytest.raises(upgrade.UpgradeError, match="can still make tables"):
        admitted(shop_database)


def secondhand_upgrade(**settings: str) -> subprocess.CompletedProcess[str]:
    environment = {f"SECONDHAND_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "secondhand", "upgrade"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_owner_upgrades_and_the_site_follows_the_password_that_each_upgrade_makes(
    cluster: Cluster,
    database: str,
    aws: str,
    serve: Callable[..., Site],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on RDS: the owner of the database is no superuser, and may make roles."""
    monkeypatch.setattr(credentials, "RETRY_SECONDS", 0.0)
    name = urlsplit(database).path.strip("/")
    psql(
        cluster.url(),
        f"create role landlord login createrole password 'one'; alter database {name} owner to landlord",
    )
    secrets = boto3.client("secretsmanager", REGION)
    secrets.create_secret(Name=OWNER, SecretString=json.dumps({"username": "landlord", "password": "one"}))
    secrets.create_secret(Name=SITE)  # empty, as Terraform makes it
    url = f"postgresql://127.0.0.1:{cluster.port}/{name}"

    def log_in() -> dict[str, str]:
        made: dict[str, str] = json.loads(secrets.get_secret_value(SecretId=SITE)["SecretString"])
        return made

    done = secondhand_upgrade(database_url=url, db_secret=OWNER, site_secret=SITE)
    assert done.returncode == 0, done.stderr
    first = log_in()
    assert first["username"] == f"{name}_site"

    site = serve(database=url, db_secret=SITE)
    site.database = database
    marta = site.member("Marta")
    item = site.item(marta)
    logged_in = (
        f"select distinct usename from pg_stat_activity where datname = '{name}' and pid <> pg_backend_pid()"
    )
    assert site.sql(logged_in) == first["username"]

    done = secondhand_upgrade(database_url=url, db_secret=OWNER, site_secret=SITE)
    assert done.returncode == 0, done.stderr
    assert log_in()["password"] != first["password"]
    assert marta.get(f"/items/{item}").status_code == 200  # connections that there are go on
    site.sql("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
    assert marta.get(f"/items/{item}").status_code == 200
    assert site.client().get("/health/ready").text == "ready\n"


def test_a_secret_that_cannot_be_written_stops_the_upgrade_with_one_line(
    shop_database: str, aws: str
) -> None:
    done = secondhand_upgrade(database_url=shop_database, site_secret="shop/nothing")

    assert done.returncode == 3
    assert done.stderr.startswith("secondhand upgrade: the secret shop/nothing cannot be written:")
    assert done.stderr.count("\n") == 1


def test_without_the_setting_no_role_is_made(database: str) -> None:
    upgraded(database)

    assert (
        psql(database, f"select count(*) from pg_roles where rolname like '{urlsplit(database).path[1:]}%'")
        == "0"
    )
