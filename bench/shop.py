"""How fast is the shop? `python -m bench.shop`, or `make bench-shop`.

Every server is one process on one core and asks the same PostgreSQL; the clients are on the other core. Printed are
ratios, since requests per second say more of the machine than of the shop.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from migrate.postgres import embedded

CONNECTIONS = 32
SECONDS = 3.0
ROUNDS = 5  # in turn, so that a busy moment of the machine meets all of them
# As in its image, which has nothing but the shop's own packages: where structlog finds rich, it imports it.
_COMMAND = "import sys; sys.modules['rich'] = None; from secondhand.cli import main; main()"
OURS = (sys.executable, "-c", _COMMAND)
SIZES = (1_000, 100_000, 1_000_000)
# Each shows 24 cards in a shop of any size,
FULL = {
    "browse": "/",
    "a page further on": "/?after={middle}",
    "cheapest first, a page further on": "/?sort=cheapest&after=5000-{middle}",
    "a category, cheapest first": "/?category=coat&sort=cheapest",
    "two filters, cheapest first": "/?category=coat&size=M&size=L&sort=cheapest",
    "three filters": "/?category=coat&category=dress&size=M&size=L&colour=teal&colour=rust",
    "a common word": "/?q=wool",
    "a word within two filters": "/?q=silk&size=S&size=M&size=L&colour=teal&colour=rust",
    "two words": "/?q=cotton+sand",
    "two words, cheapest first": "/?q=cotton+sand&sort=cheapest",
    "a word that 41 pieces have": "/?q=houndstooth",
    "a word that 41 pieces have, cheapest first": "/?q=houndstooth&sort=cheapest",
}
# or shows what it has: next to nothing in a small shop.
OTHER = {
    "an item": "/items/{middle}",
    "a word that one piece has": "/?q=zephyr",
    "that word, misspelt": "/?q=zefyr",
    "a word now and then": "/?q=vba",
    "three narrow filters": "/?category=coat&size=M&brand=Brand+7",
    "a word within two narrow filters": "/?q=silk&size=M&colour=teal",
    "two rare words, cheapest first": "/?q=teal+herringbone&sort=cheapest",
}
PAGES = FULL | OTHER
_SELLERS = """
    insert into members (name, email, password)
    select 'seller ' || n, n || '@example.org', 'x' from generate_series(1, 50) n on conflict do nothing
"""
# Words of a vocabulary as in a language: the hundredth is a hundred times rarer than the first.
_WORD = "'v' || translate(({})::text, '0123456789', 'aeioubkmst')"
_ITEMS = f"""
    with words as (
      select array['Soft', 'Warm', 'Light', 'Long', 'Short', 'Classic'] as kinds,
             array['wool', 'cotton', 'linen', 'silk', 'denim'] as cloths,
             array['coat', 'dress', 'shirt', 'jumper', 'skirt', 'jacket'] as garments,
             array['teal', 'rust', 'navy', 'sand'] as colours, array['XS', 'S', 'M', 'L', 'XL'] as sizes
    ), chance as materialized (
      select n, ceil(random() * 6)::integer as garment, ceil(random() * 4)::integer as colour
      from generate_series($1::integer, $2::integer) n
    )
    insert into items (seller_id, title, description, price, category, size, brand, condition, colour, state)
    select 1 + n % 50,
           concat_ws(' ', kinds[ceil(random() * 6)], cloths[ceil(random() * 5)], garments[garment], colours[colour],
                     case when random() < 0.025 then 'herringbone' end, case when n = 500 then 'zephyr' end,
                     case when n <= 1000 and n % 10 = 3 then 'houndstooth' end),
           concat_ws(' ', 'Worn a few times, no stains.', {_WORD.format("exp(random() * ln(20000))::integer")},
                     {_WORD.format("exp(random() * ln(20000))::integer")}),
           100 + (random() * 20000)::integer, garments[garment], sizes[ceil(random() * 5)],
           'Brand ' || (random() * 100)::integer, 'good', colours[colour],
           case when random() < 0.5 and n <> 500 then 'sold' else 'available' end
    from chance, words order by n
"""
_FINDERS = (
    "select indexname, indexdef from pg_indexes where tablename = 'items' and indexdef like '%gin (words)%'"
)
_LEARN = f"insert into words select {_WORD.format('n')} from generate_series(1, $1) n on conflict do nothing"
_PHOTOS = """
    insert into photos (key, item_id, position, width, height, widths)
    select md5(id::text), id, 0, 640, 800, '{320,640}' from items order by id offset $1
"""


@dataclass
class Result:
    """Requests per second of the server's own processor time, and the 99th percentile of the time to answer (s).

    Time on the processor, not on the clock, so that what else runs on the machine does not count.
    """

    rate: float
    p99: float


async def _visit(port: int, path: str, until: float, times: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    while not times or time.perf_counter() < until:
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 303")):  # 303: "did you mean"
            raise SystemExit(f"{path} was answered with {head.splitlines()[0].decode()}")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.partition(b":")[2]))
        times.append(time.perf_counter() - started)
        if b"connection: close" in head.lower():
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def load(port: int, path: str, connections: int, seconds: float) -> list[float]:
    """Ask for one page over and over on each of some connections; how long each answer took, shortest first."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_visit(port, path, until, times) for _ in range(connections)))
    return sorted(times)


def processor_seconds(pid: int) -> float:
    """What a process and its children have used."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:  # ended meanwhile
            continue
        fields = rest.split()
        if int(name.split()[0]) == pid or int(fields[1]) == pid:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(server: "Server", path: str = "/", seconds: float = SECONDS) -> Result:
    asyncio.run(load(server.port, path, CONNECTIONS, seconds / 4))  # warms caches, plans and statements
    before = processor_seconds(server.pid)
    times = asyncio.run(load(server.port, path, CONNECTIONS, seconds))
    used = processor_seconds(server.pid) - before
    return Result(len(times) / used, times[int(len(times) * 0.99)])


def cost(server: "Server", postmaster: int, path: str, seconds: float = SECONDS / 6) -> float:
    """Processor seconds that one visitor's request for a page takes, the database's part included."""

    def used() -> float:
        return processor_seconds(server.pid) + processor_seconds(postmaster)

    before = used()
    times = asyncio.run(load(server.port, path, 1, seconds))
    return (used() - before) / len(times)


def cards(server: "Server", path: str) -> int:
    """How many pieces a page shows."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}") as page:
        return int(page.read().count(b'<li class="card'))


@dataclass
class Server:
    """A server that answers, and how much processor time it took until it did."""

    pid: int
    port: int
    start: float


@contextmanager
def server(command: list[str], port: int, environment: dict[str, str]) -> Iterator[Server]:
    """Run a server on the first core until it has answered once, and on."""
    started = time.perf_counter()
    process = subprocess.Popen(
        ["taskset", "-c", "0", *command],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            try:
                asyncio.run(load(port, "/", 1, 0.0001))
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() > started + 30:
                    raise SystemExit(f"{' '.join(command)} did not start") from None
                time.sleep(0.005)
        yield Server(process.pid, port, processor_seconds(process.pid))
    finally:
        process.terminate()
        process.wait()


async def fill(url: str, first: int, last: int) -> None:
    """Offer items `first` to `last`, the same ones every time."""
    connection = await asyncpg.connect(url)
    # The words of the titles are few and learnt from the first rows: by trigger a million rows would take minutes.
    await connection.execute(
        f"alter table items {'enable' if first == 1 else 'disable'} trigger items_learn_words"
    )
    await connection.execute(_LEARN, min(last, 20_000))
    await connection.execute(_SELLERS)
    await connection.execute("select setseed(0.5)")
    # Likewise the words of many rows: an index that is built again takes a tenth of the time.
    finders = await connection.fetch(_FINDERS if first > 1 else f"{_FINDERS} limit 0")
    for name, _ in finders:
        await connection.execute(f"drop index {name}")
    await connection.execute(_ITEMS, first, last, timeout=1800)
    for _, definition in finders:
        await connection.execute(definition, timeout=600)
    await connection.execute(_PHOTOS, first - 1, timeout=600)
    await connection.execute("vacuum analyze", timeout=600)
    await connection.execute("checkpoint", timeout=600)  # or it is done while others are timed
    await connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--most", type=int, default=SIZES[-1], help="the largest number of items (default %(default)s)"
    )
    parser.add_argument("--json", type=Path, help="also write the numbers there")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with embedded.throwaway(settings=("shared_buffers=512MB", "autovacuum=off")) as cluster:
        found = run(cluster, [size for size in SIZES if size <= options.most])
    print()
    for name, ratio in found.items():
        print(f"{ratio:8.2f}  {name}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


def run(cluster: embedded.Cluster, sizes: list[int]) -> dict[str, float]:
    """The ratios, by what they compare; what they are made of is printed on the way."""
    urls = {size: shop_of(cluster, size) for size in sizes}
    postmaster = cluster.pid()
    assert postmaster
    return beside_peers(urls[sizes[0]]) | growth(urls, postmaster)


def shop_of(cluster: embedded.Cluster, size: int) -> str:
    """The URL of a database with so many items; the first thousand are the same in all."""
    asyncio.run(execute(cluster.url(), f"create database items_{size}"))
    url = cluster.url(f"items_{size}")
    subprocess.run([*OURS, "upgrade"], env=environment(url, 8901), check=True, stdout=subprocess.DEVNULL)
    asyncio.run(fill(url, 1, SIZES[0]))
    if size > SIZES[0]:
        asyncio.run(fill(url, SIZES[0] + 1, size))
    return url


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


def environment(url: str, port: int) -> dict[str, str]:
    """What a server is told: its database, its port."""
    return {
        **os.environ,
        "SECONDHAND_DATABASE_URL": url,
        "SECONDHAND_PORT": str(port), "SECONDHAND_ORIGIN": f"http://127.0.0.1:{port}",
        "SECONDHAND_STORAGE": "s3://bench/pictures",
        "SECONDHAND_SECRET_KEYS": "b" * 32,
        "SECONDHAND_LOG_LEVEL": "warning",
        "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_EC2_METADATA_DISABLED": "true",
        "BENCH_SQLALCHEMY_URL": url.replace("postgresql:", "postgresql+psycopg2:"),
    }  # fmt: skip


def beside_peers(url: str) -> dict[str, float]:
    """The start of the shop and its first page, beside those of the old one and of a route that does nothing."""
    commands = {
        "ours": [*OURS, "serve"],
        "bare select 1": [sys.executable, "-m", "uvicorn", "bench.bare_starlette:app", "--no-access-log"],
        "Flask": [sys.executable, "-m", "gunicorn", "bench.flask_shop:app", "--worker-class", "gthread"],
    }
    commands["bare select 1"] += ["--port", "8902"]
    commands["Flask"] += ["--threads", "8", "--bind", "127.0.0.1:8903"]
    starts: dict[str, list[float]] = {name: [] for name in commands}
    results: dict[str, list[Result]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        with ExitStack() as stack:
            servers = {}
            for port, (name, command) in enumerate(commands.items(), 8901):
                servers[name] = stack.enter_context(server(command, port, environment(url, port)))
                starts[name].append(servers[name].start)
            for name, one in servers.items():
                results[name].append(measure(one))

    def ratio(figure: str, peer: str) -> float:
        pairs = zip(results["ours"], results[peer], strict=True)
        return float(
            statistics.median(getattr(own, figure) / getattr(theirs, figure) for own, theirs in pairs)
        )

    for name, own in results.items():
        start, rate, p99 = map(
            statistics.median, (starts[name], [one.rate for one in own], [one.p99 for one in own])
        )
        print(f"{name}: start {start:.2f} s, {rate:.0f} requests/s of processor, p99 {p99 * 1000:.0f} ms")
    return {
        "start, ours / Flask (aim ≤ 0.7)": statistics.median(starts["ours"])
        / statistics.median(starts["Flask"]),
        "browse, ours / Flask in requests per second of processor (aim ≥ 8)": ratio("rate", "Flask"),
        "browse, ours / bare `select 1` (aim ≥ 0.4)": ratio("rate", "bare select 1"),
        f"browse, p99 at {CONNECTIONS} connections, ours / Flask": ratio("p99", "Flask"),
    }


def growth(urls: dict[int, str], postmaster: int) -> dict[str, float]:
    """How much longer each page takes in the larger shops."""
    found: dict[str, float] = {}
    with ExitStack() as stack:
        servers = {
            size: stack.enter_context(server([*OURS, "serve"], port, environment(url, port)))
            for port, (size, url) in enumerate(urls.items(), 8901)
        }
        smallest = min(servers)
        for name, pattern in PAGES.items():
            paths = {size: pattern.format(middle=size // 2) for size in servers}
            shown = {size: cards(one, paths[size]) for size, one in servers.items()}
            rounds = [
                {size: cost(one, postmaster, paths[size]) for size, one in servers.items()}
                for _ in range(ROUNDS + 1)
            ][1:]  # the first warms caches, plans and statements
            for size in servers:
                milliseconds = statistics.median(costs[size] for costs in rounds) * 1000
                print(f"{size:>9,} items, {name}: {shown[size]} cards in {milliseconds:.2f} ms of processor")
                if size != smallest:
                    found[
                        f"{name}, with {size:,} / {smallest:,} items, {shown[size]} / {shown[smallest]} cards"
                    ] = statistics.median(costs[size] / costs[smallest] for costs in rounds)
    return found


if __name__ == "__main__":
    main()
