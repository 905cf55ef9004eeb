"""The ceiling: a bare Starlette route that runs `select 1` on asyncpg and does nothing else."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


async def one(request: Request) -> Response:
    async with request.app.state.pool.acquire() as connection:
        return PlainTextResponse(str(await connection.fetchval("select 1")))


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(
        os.environ["SECONDHAND_DATABASE_URL"], min_size=1, max_size=10
    ) as app.state.pool:
        yield


app = Starlette(routes=[Route("/", one)], lifespan=lifespan)
