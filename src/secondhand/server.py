"""The process that serves the shop: uvicorn on one event loop, leaving so that nobody notices."""

import asyncio
import gc
import signal
import time
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from secondhand import logs, metrics
from secondhand.app import create_app
from secondhand.settings import Settings

MOST_AT_ONCE = 512  # connections; beyond it uvicorn answers 503 at once
KEEP_ALIVE_SECONDS = 75  # longer than load balancers keep idle connections, so that they close first
FINISH_SECONDS = 30
HEAD_SECONDS = 20  # for a first request to come; the next ones have as long as a connection is kept
STALLED_SECONDS = 30  # without more of a body
MOST_HEAD = 64 * 1024  # bytes


class Protocol(HttpToolsProtocol):
    """Keeps no place for those who only hold one: what a client owes us comes in time, and a head within bounds."""

    late_at: float  # when to hang up
    _head: int | None = None  # bytes of it so far, while one is coming

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.late_at = time.monotonic() + HEAD_SECONDS

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = 0

    def on_headers_complete(self) -> None:
        # Who is overrun is alive: to be restarted would take the requests that it has.
        self.limit_concurrency = None if self.url == b"/health/live" else self.config.limit_concurrency
        super().on_headers_complete()
        self._head, self.late_at = None, time.monotonic() + STALLED_SECONDS

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if not self.cycle.response_complete:
            self.late_at = time.monotonic() + STALLED_SECONDS

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.late_at = float("inf")

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete:
            self.late_at = time.monotonic() + KEEP_ALIVE_SECONDS

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head is not None and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MOST_HEAD:
                self.send_400_response("The head of that request is too long.")


class DrainingServer(uvicorn.Server):
    """On SIGTERM it goes on serving for a while, not ready any more, so that balancers send new requests elsewhere."""

    def __init__(self, config: uvicorn.Config, app: Starlette, drain_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_seconds = drain_seconds
        self._leaves_at = float("inf")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGTERM and not self._app.state.draining:
            self._app.state.draining = True
            self._leaves_at = time.monotonic() + self._drain_seconds
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        for connection in list(self.server_state.connections):
            if isinstance(connection, Protocol) and time.monotonic() > connection.late_at:
                connection.transport.close()
        if time.monotonic() >= self._leaves_at:
            self.should_exit = True
        return await super().on_tick(counter)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    logs.configure(settings.log_level)
    if settings.metrics_port is not None:
        metrics.start(settings.host, settings.metrics_port)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=FINISH_SECONDS,
    )
    # A request leaves no cycles behind: to look for some after every 700 objects takes a tenth of the time.
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()
    DrainingServer(config, app, settings.drain_seconds).run()
