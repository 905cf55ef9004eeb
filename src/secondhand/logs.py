"""What the shop says about itself: one line per request and per event, JSON unless a person watches."""

import logging
import re
import secrets
import sys
import time

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

from secondhand import metrics
from secondhand.errors import error_page

log = structlog.get_logger("secondhand")
# Without the values of local variables: passwords and cookies are among them.
_traces = ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
_REQUEST_ID = re.compile(r"[\w.-]{8,64}")


def configure(level: str) -> None:
    """Everything, our own lines and those of the libraries, goes to standard error in one form; times are UTC."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    written: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if sys.stderr.isatty()
        else [_traces, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *written],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *written],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.getLogger("databases").setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def log_requests(app: ASGIApp) -> ASGIApp:
    """Write a line per request, with an id that every other line of the request carries too and the response returns.

    It is also where an exception that nobody expected ends: logged with its trace, answered with a page.
    """

    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request=request_id, member=None)  # of a pipelined one before
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
                if scope["app"].state.draining:  # the next request of this browser goes to another copy
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            await app(scope, receive, send_with_id)
        except HTTPException as error:  # of the middleware
            page = error_page(Request(scope, receive), error.status_code, error.detail)
            await page(scope, receive, send_with_id)
        except ClientDisconnect:
            status = 499  # as nginx has it: nobody is left to be answered
        except Exception:
            log.exception("request failed")
            if status:
                raise
            await error_page(Request(scope, receive), 500)(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "none")
            if metrics.observe:
                metrics.observe(route, scope["method"], status, seconds)
            ms = round(seconds * 1000, 1)
            log.info("request", method=scope["method"], route=route, status=status, ms=ms)

    return logged
