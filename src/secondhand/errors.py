"""Error pages: what happened, in words, and a way on."""

from collections.abc import Mapping
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from secondhand.database import UnavailableError
from secondhand.pages import LogInNeededError, here, redirect, render, typed
from secondhand.security.origin import SAFE_METHODS
from secondhand.workers import BusyError

log = structlog.get_logger("secondhand")

_TITLES = {
    200: "Welcome back",
    400: "That request made no sense",
    403: "That is not allowed",
    404: "This page is not here",
    405: "That does not work here",
    409: "Too late",
    413: "That was too much at once",
    421: "Another shop",
    422: "That did not fit",
    429: "Take a short break",
    500: "Something broke on our side",
    503: "We will be right back",
}
_TEXTS = {
    200: "You had been logged out before this was sent. Here it is, as you wrote it.",
    404: "The item may have been sold and taken down, or the address has a typing error. Try a search.",
    500: "It is not your fault, and we have been told. Please try again in a minute.",
    503: "The shop is catching its breath. Please try again in a minute; nothing of yours is lost.",
}


def error_page(
    request: Request, status: int, text: str = "", headers: Mapping[str, str] | None = None, path: str = ""
) -> Response:
    """What was typed in vain can be sent from it, to the `path` that the request was for or another one."""
    title, text = _TITLES.get(status, "That did not work"), text or _TEXTS.get(status, "")
    unsent, path = typed(request) if status in (200, 413, 429, 503) else [], path or request.url.path
    page = render(
        request, "error.html", status, title=title, text=text, code=status, unsent=unsent, path=path
    )
    page.headers.update(headers or {})
    return page


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405 and request.method in SAFE_METHODS:  # a form's address, loaded again
        return redirect(request.url.path.rpartition("/")[0] or "/")
    # Starlette fills an empty detail with the status phrase; ours are sentences.
    text = error.detail if error.detail.endswith(".") else ""
    return error_page(request, error.status_code, text, error.headers)


async def _log_in_needed(request: Request, _: Exception) -> Response:
    if request.method in SAFE_METHODS:
        return redirect("/log-in", next=here(request))
    path = request.url.path
    if unsent := typed(request):
        return render(request, "log_in.html", 403, name="", onward=path, error="", unsent=unsent)
    return redirect("/log-in", next=path.rpartition("/")[0])  # the page that the button was on


async def _unavailable(request: Request, error: Exception) -> Response:
    log.warning("unavailable", reason=str(error) or type(error).__name__)
    return error_page(request, 503)


HANDLERS: dict[Any, ExceptionHandler] = {
    HTTPException: _http,
    LogInNeededError: _log_in_needed,
    UnavailableError: _unavailable,
    BusyError: _unavailable,
}
