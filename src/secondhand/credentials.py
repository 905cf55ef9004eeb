"""The log-in of the database, which AWS Secrets Manager may change while the shop runs."""

import asyncio
import json
import os
import time
from typing import Any

FRESH_SECONDS = 300.0
RETRY_SECONDS = 1.0  # a crowd that is refused asks Secrets Manager once, not once each
_NAMES = {"username": "user", "password": "password", "host": "host", "port": "port", "dbname": "database"}


class CredentialsError(Exception):
    """The secret could not be had or is not a database log-in; the message says which."""


class Credentials:
    """What to add to the database URL in order to log in: asyncpg's user, password, host, port, database.

    Without a secret that is nothing. With one, its JSON (as Secrets Manager writes it for RDS) is read when
    first needed, again after five minutes, and at once when the database refuses it.
    """

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self._known: dict[str, Any] = {}
        self._read_at = -FRESH_SECONDS
        self._reading: asyncio.Task[None] | None = None

    async def current(self, *, afresh: bool = False) -> dict[str, Any]:
        """The log-in to use now; `afresh` when the database has just refused the one that is known.

        Raises CredentialsError when there is none.
        """
        if not self.secret:
            return {}
        age = time.monotonic() - self._read_at
        if self._reading is None and age >= (RETRY_SECONDS if afresh else FRESH_SECONDS):
            self._reading = asyncio.create_task(self._renew())
        if self._reading:  # it goes on when whoever waits for it gives up, for those who come next
            await asyncio.shield(self._reading)
        return self._known

    async def _renew(self) -> None:
        try:
            self._known = await self._read()
            self._read_at = time.monotonic()
        finally:
            self._reading = None

    async def replace(self, log_in: dict[str, str]) -> None:
        """Write another log-in into the secret. Raises CredentialsError."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            async with _secrets_manager() as client:
                await client.put_secret_value(SecretId=self.secret, SecretString=json.dumps(log_in))
        except (BotoCoreError, ClientError) as error:
            raise CredentialsError(f"the secret {self.secret} cannot be written: {error}") from error

    async def _read(self) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            async with _secrets_manager() as client:
                answer = await client.get_secret_value(SecretId=self.secret)
            secret = json.loads(answer["SecretString"])
            return {argument: secret[name] for name, argument in _NAMES.items() if secret.get(name)}
        except (BotoCoreError, ClientError) as error:
            if self._known:  # it may still work; Secrets Manager out of reach must not stop the shop
                return self._known
            raise CredentialsError(f"the secret {self.secret} cannot be read: {error}") from error
        except (KeyError, ValueError, AttributeError) as error:
            raise CredentialsError(
                f"the secret {self.secret} must be JSON: username, password, if need be host, port, dbname"
            ) from error


def _secrets_manager() -> Any:
    from aiobotocore.session import get_session  # half a second: only who uses AWS pays it

    return get_session().create_client("secretsmanager", region_name=os.environ.get("AWS_REGION"))
