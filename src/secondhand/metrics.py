"""Numbers for Prometheus, on a port of their own that is not for the public."""

from collections.abc import Callable

# Counts a request by the template of its route, never by its address; nothing does unless `start` was called.
observe: Callable[[str, str, int, float], None] | None = None


def start(host: str, port: int) -> None:
    """Serve them at http://host:port/metrics."""
    from prometheus_client import Counter, Histogram, start_http_server  # only who measures pays for it

    durations = Histogram("secondhand_request_seconds", "Time to answer", ["route", "method"])
    answers = Counter("secondhand_requests_total", "Answers", ["route", "method", "status"])

    def record(route: str, method: str, status: int, seconds: float) -> None:
        durations.labels(route, method).observe(seconds)
        answers.labels(route, method, status).inc()

    start_http_server(port, addr=host)
    global observe
    observe = record
