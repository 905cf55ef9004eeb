"""Probes: is the process alive, and can it serve?"""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from secondhand import upgrade
from secondhand.database import UnavailableError
from secondhand.shop import shop

READY_SECONDS = 2.0
_NO_STORE = {"cache-control": "no-store"}


async def live(_: Request) -> Response:
    """200 as long as the process answers.

    It asks nobody else: a database that is down is no reason to restart us.
    """
    return PlainTextResponse("alive\n", headers=_NO_STORE)


async def ready(request: Request) -> Response:
    """200 when the database answers and has our schema and the process is not about to leave, else 503 and why."""
    if request.app.state.draining:
        return PlainTextResponse("leaving\n", 503, headers=_NO_STORE)
    try:
        async with asyncio.timeout(READY_SECONDS), shop(request).database.connection() as db:
            behind = await upgrade.missing(db)
    except (UnavailableError, TimeoutError):
        return PlainTextResponse("the database cannot be reached\n", 503, headers=_NO_STORE)
    if behind:
        missing = f"run `secondhand upgrade`: schema {behind[0]} is missing\n"
        return PlainTextResponse(missing, 503, headers=_NO_STORE)
    return PlainTextResponse("ready\n", headers=_NO_STORE)
