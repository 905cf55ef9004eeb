"""The database: connections, transactions, time limits, and what to do when it goes away.

The only module that knows `databases`. It lends asyncpg's own connection, one per request: statements run on
that as they are written, `$1`-style, and stay prepared on the server.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
import databases

from secondhand.credentials import Credentials, CredentialsError

Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

POOL_SIZE = 10
ACQUIRE_SECONDS = 2.0
CONNECT_SECONDS = 5.0
STALLED_SECONDS = 7.0  # longer than the server lets a statement run: then it is not slow but gone
_SERVER_SETTINGS = {
    "application_name": "secondhand",
    "timezone": "UTC",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # a page is made by one process, so that many can be made at once
    "random_page_cost": "0.1",  # what is looked for is in memory: not its pages cost, but the work on its rows
    "seq_page_cost": "0.05",
    "plan_cache_mode": "force_generic_plan",  # planning costs more than most statements; none needs to know its values
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "30s",  # letters and pictures go out within a transaction
}
# The server went away (08, 57), is full (53), has become a standby (25006), lets nobody in, or says nothing any more.
_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg says of a connection that ends while it is idle
    TimeoutError,
)
# A statement or a lock took too long, two transactions were in each other's way (40), or another one was faster to
# write a row, or to delete what a row refers to (23).
_BUSY = (
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.UniqueViolationError,
    asyncpg.ForeignKeyViolationError,
)


class UnavailableError(Exception):
    """The database cannot be reached. A read may be tried again; a write may or may not have happened."""


class OverloadedError(UnavailableError):
    """The database is there and too busy: to ask again at once would make it worse."""


class Database:
    """The pool of one process.

    Use it as an async context manager; it needs no server until the first connection.
    """

    def __init__(self, url: str, credentials: Credentials, *, size: int = POOL_SIZE) -> None:
        self._url = url or None
        self._credentials = credentials
        self._free = asyncio.Semaphore(size)
        # `connect` logs in with what is true now; the pool's own parameters would be those of its start.
        self._pool = databases.Database(
            "postgresql://",
            connect=self._connect,
            reset=_keep,
            min_size=0,
            max_size=size,
            timeout=CONNECT_SECONDS,
        )

    async def __aenter__(self) -> "Database":
        await self._pool.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.disconnect()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection, one at a time to a task. Raises UnavailableError."""
        await self._stand_in_line()
        try:
            held = await self._take()
            try:
                yield held.raw_connection
            except _BUSY as error:
                raise OverloadedError(f"{type(error).__name__}: {error}") from error
            except _GONE as error:
                # After a failover each connection leads to the wrong server: it is replaced before its next use.
                await self._pool._backend._pool.expire_connections()
                raise UnavailableError(f"{type(error).__name__}: {error}") from error
            finally:
                await held.__aexit__()
        finally:
            self._free.release()

    async def _stand_in_line(self) -> None:
        """First come, first served: in the pool's own queue, who has just left is served before who waits."""
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                await self._free.acquire()
        except TimeoutError as error:
            raise OverloadedError(f"no connection was free within {ACQUIRE_SECONDS:g} s") from error

    async def _take(self) -> Any:
        held = self._pool.connection()
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                await held.__aenter__()
        except (*_GONE, OSError, CredentialsError) as error:
            raise UnavailableError(f"no connection: {type(error).__name__}: {error}") from error
        return held

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection inside a transaction: committed at the end, rolled back by an exception."""
        async with self.connection() as db, db.transaction():
            yield db

    async def _connect(self, *_: object, **pool: Any) -> Any:
        try:
            return await self._log_in(pool)
        except asyncpg.InvalidAuthorizationSpecificationError:
            if not self._credentials.secret:
                raise
            return await self._log_in(pool, afresh=True)

    async def _log_in(self, pool: dict[str, Any], *, afresh: bool = False) -> Any:
        options: dict[str, Any] = {
            "dsn": self._url,
            **await self._credentials.current(afresh=afresh),
            "connection_class": pool["connection_class"],
            "record_class": pool["record_class"],
            "timeout": CONNECT_SECONDS,
            "command_timeout": STALLED_SECONDS,
            "server_settings": _SERVER_SETTINGS,
            "target_session_attrs": "read-write",
        }
        return await asyncpg.connect(**options)


async def _keep(_: object) -> None:
    """Nothing to reset: no statement of the shop leaves session state behind, so the round trip is saved."""
