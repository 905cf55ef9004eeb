"""When nothing moves: a thread that asks PostgreSQL what our sessions wait for, and says it in a line."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..errors import TargetError
from ..postgres.psql import Server

# Seconds without anything done before it is asked why; twice as long before it is asked again.
PATIENCE = 30.0

_SHOWN = 100  # characters of a statement
_SETTINGS = ("statement_timeout = '10s'",)
_OUR_WAITS = """
select a.state = 'active', coalesce(a.wait_event_type, ''), coalesce(a.wait_event, ''), a.query,
  b.pid, coalesce(b.usename, ''), coalesce(nullif(b.application_name, ''), 'an unnamed program'), b.state,
  coalesce(extract(epoch from clock_timestamp() - b.xact_start)::bigint, 0), b.query
from pg_stat_activity a
left join pg_stat_activity b on b.pid = any (pg_blocking_pids(a.pid)) and b.pid <> all ({ours})
where a.pid = any ({ours})
order by b.pid is null, a.state <> 'active', a.query_start
"""


@contextmanager
def watched(server: Server, say: Callable[[str, bool], None]) -> Iterator[None]:
    """While this lasts, `say` a line whenever nothing has moved for a while; true with it when others are to blame."""
    over = threading.Event()

    def watch() -> None:
        patience = PATIENCE
        while not over.wait(min(1.0, patience / 2)):
            still = time.monotonic() - server.pulse.moved
            if still < PATIENCE:
                patience = PATIENCE
            elif still >= patience:
                why, blocked = diagnosis(server)
                if not over.is_set():
                    say(f"nothing has moved for {_duration(still)}: {why}", blocked)
                patience = 2 * still

    thread = threading.Thread(target=watch, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def diagnosis(server: Server) -> tuple[str, bool]:
    """What the sessions of the server's pulse wait for, in words, and whether that is others' doing."""
    ours = "array[" + ",".join(map(str, sorted(server.pulse.backends))) + "]::int[]"
    try:
        session = server.session(_SETTINGS, watched=False)
        try:
            rows = session.query(_OUR_WAITS.format(ours=ours))
        finally:
            session.close()
    except TargetError as error:
        return f"{error}", True
    if not rows:
        return "PostgreSQL has ended our sessions; they are made again", True
    active, kind, event, query, pid, user, program, state, seconds, theirs = rows[0]
    if pid:
        return (
            f"PostgreSQL waits for a lock ({event}) in “{_short(query)}”, which {program} of the user {user} holds "
            f"(backend {pid}, {state}, in its transaction for {_duration(int(seconds))}, last statement "
            f"“{_short(theirs)}”). `select pg_terminate_backend({pid})` ends it"
        ), True
    if active != "t":
        return "PostgreSQL waits for rows, which the source does not give", False
    waits = f"waiting for {kind} {event}" if kind else "busy"
    return f"PostgreSQL is {waits} in “{_short(query)}”", False


def _short(statement: str) -> str:
    text = " ".join(statement.split())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
