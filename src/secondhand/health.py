"""Probes: is the process alive, and can it serve?"""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from secondhand import upgrade
from secondhand.database import OverloadedError, UnavailableError
from secondhand.shop import shop

READY_SECONDS = 2.5  # longer than one waits for a free connection


async def live(_: Request) -> Response:
    """200 as long as the process answers. It asks nobody: a database that is down is no reason to restart us."""
    return _said("alive")


async def ready(request: Request) -> Response:
    """200 when the database answers and has our schema and the process is not about to leave, else 503 and why.

    A crowd that keeps every connection busy is no reason to leave it to the other copies, which have it, too.
    """
    if request.app.state.draining:
        return _said("leaving", 503)
    try:
        async with asyncio.timeout(READY_SECONDS), shop(request).database.connection() as db:
            behind = await upgrade.missing(db)
    except OverloadedError:
        return _said("busy")
    except (UnavailableError, TimeoutError):
        return _said("the database cannot be reached", 503)
    return (
        _said(f"run `secondhand upgrade`: schema {behind[0]} is missing", 503) if behind else _said("ready")
    )


def _said(what: str, status: int = 200) -> Response:
    return PlainTextResponse(f"{what}\n", status, headers={"cache-control": "no-store"})
