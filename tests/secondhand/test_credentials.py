"""The database log-in from Secrets Manager, which changes while the shop runs."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiobotocore.session import get_session

from migrate.postgres.embedded import Cluster
from secondhand import credentials
from secondhand.credentials import Credentials, CredentialsError
from secondhand.database import UnavailableError
from tests.fixtures.postgres import psql
from tests.secondhand.conftest import Site, upgraded

SECRET = "shop/database"


async def _put(secret: dict[str, Any] | str, verb: str) -> None:
    text = secret if isinstance(secret, str) else json.dumps(secret)
    async with get_session().create_client("secretsmanager") as client:
        if verb == "create":
            await client.create_secret(Name=SECRET, SecretString=text)
        else:
            await client.put_secret_value(SecretId=SECRET, SecretString=text)


def create_secret(secret: dict[str, Any] | str) -> None:
    asyncio.run(_put(secret, "create"))


def change_secret(secret: dict[str, Any]) -> None:
    asyncio.run(_put(secret, "put"))


def server(cluster: Cluster, url: str) -> dict[str, Any]:
    """What a secret of RDS says of the server and the database."""
    return {"host": "127.0.0.1", "port": cluster.port, "dbname": url.partition("?")[0].rpartition("/")[2]}


@pytest.fixture
def roles(cluster: Cluster) -> None:
    psql(
        cluster.url(),
        "drop role if exists shop_a, shop_b; "
        "create role shop_a login superuser password 'one'; create role shop_b login superuser password 'two';",
    )


def test_the_shop_logs_in_with_the_secret_alone(
    cluster: Cluster, shop_database: str, roles: None, aws: str, serve: Callable[..., Site]
) -> None:
    create_secret({"username": "shop_a", "password": "one", **server(cluster, shop_database)})

    site = serve(database="", db_secret=SECRET)

    assert site.client().get("/health/ready").text == "ready\n"


@pytest.mark.parametrize("user", ["shop_a", "shop_b"])
def test_a_rotated_secret_is_taken_up_without_a_restart(
    cluster: Cluster,
    shop_database: str,
    roles: None,
    aws: str,
    serve: Callable[..., Site],
    user: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(credentials, "RETRY_SECONDS", 0.0)
    where = server(cluster, shop_database)
    create_secret({"username": "shop_a", "password": "one", **where})
    site = serve(database="", db_secret=SECRET)
    visitor = site.client()
    assert visitor.get("/").status_code == 200

    psql(cluster.url(), f"alter role shop_a password 'changed'; alter role {user} password 'changed'")
    change_secret({"username": user, "password": "changed", **where})
    psql(
        cluster.url(),
        "select pg_terminate_backend(pid) from pg_stat_activity where usename in ('shop_a', 'shop_b')",
    )

    assert visitor.get("/").status_code == 200
    assert visitor.get("/").status_code == 200


def test_a_secret_that_is_no_log_in_says_what_it_should_be(aws: str) -> None:
    create_secret("hunter2")

    with pytest.raises(CredentialsError, match="must be JSON"):
        asyncio.run(Credentials(SECRET).current())


def test_a_secret_that_is_not_there_is_named(aws: str) -> None:
    with pytest.raises(CredentialsError, match="shop/nothing"):
        asyncio.run(Credentials("shop/nothing").current())


def test_a_secret_is_read_once_in_five_minutes(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    create_secret({"username": "a", "password": "one"})

    async def run() -> list[str]:
        known = Credentials(SECRET)
        names = [(await known.current())["user"]]
        await _put({"username": "b", "password": "two"}, "put")
        names.append((await known.current())["user"])
        monkeypatch.setattr(credentials, "FRESH_SECONDS", 0.0)
        names.append((await known.current())["user"])
        return names

    assert asyncio.run(run()) == ["a", "a", "b"]


def test_a_secret_is_read_to_the_end_although_who_asked_first_has_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads = 0

    async def run() -> dict[str, Any]:
        arrives = asyncio.Event()

        async def read(_: Credentials) -> dict[str, Any]:
            nonlocal reads
            reads += 1
            await arrives.wait()
            return {"user": "a"}

        monkeypatch.setattr(Credentials, "_read", read)
        known = Credentials(SECRET)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await known.current()
        arrives.set()
        return await known.current()

    assert asyncio.run(run()) == {"user": "a"}
    assert reads == 1


def test_a_wrong_password_without_a_secret_is_told_at_once(
    cluster: Cluster, shop_database: str, roles: None
) -> None:
    where = server(cluster, shop_database)
    url = f"postgresql://shop_a:wrong@127.0.0.1:{cluster.port}/{where['dbname']}"

    with pytest.raises(UnavailableError, match="InvalidPasswordError"):
        upgraded(url)


def test_the_database_is_not_needed_to_start(serve: Callable[..., Site]) -> None:
    site = serve(database="postgresql://nobody@127.0.0.1:1/nothing")

    assert site.client().get("/health/live").status_code == 200
    assert site.client().get("/health/ready").status_code == 503
    assert site.client().get("/").status_code == 503
