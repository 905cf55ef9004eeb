"""The process that serves the shop: uvicorn on one event loop, leaving so that nobody notices."""

import gc
import signal
import time
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from secondhand import logs, metrics
from secondhand.app import create_app
from secondhand.settings import Settings

MOST_AT_ONCE = 512  # connections; beyond it uvicorn answers 503 at once
KEEP_ALIVE_SECONDS = 75  # longer than load balancers keep idle connections, so that they close first
FINISH_SECONDS = 30


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
