"""Copies of the site behind a small balancer, replaced one by one as Kubernetes and the load balancer would do it.

All times come from the rendered chart. `speed` runs them faster, all by the same factor.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import httpx2

from tests.deploy.conftest import Manifest, find

START_SECONDS = 30.0
ALB = "alb.ingress.kubernetes.io/"


@dataclass(frozen=True)
class Timing:
    """Seconds, as the chart gives them."""

    min_ready: float
    pre_stop: float
    drain: float
    grace: float
    readiness_period: float
    registration: (
        float  # from ready to the first request: the health checks that the load balancer wants to see
    )

    @classmethod
    def of_chart(cls, manifests: list[Manifest], speed: float = 1.0) -> "Timing":
        deployment = find(manifests, "Deployment")["spec"]
        pod = deployment["template"]["spec"]
        container = pod["containers"][0]
        said = find(manifests, "Ingress")["metadata"]["annotations"]
        checks = int(said[f"{ALB}healthy-threshold-count"]) * int(said[f"{ALB}healthcheck-interval-seconds"])
        return cls(
            min_ready=deployment["minReadySeconds"] / speed,
            pre_stop=container["lifecycle"]["preStop"]["sleep"]["seconds"] / speed,
            drain=float(find(manifests, "ConfigMap", "secondhand")["data"]["SECONDHAND_DRAIN_SECONDS"])
            / speed,
            grace=pod["terminationGracePeriodSeconds"] / speed,
            readiness_period=container["readinessProbe"]["periodSeconds"] / speed,
            registration=checks / speed,
        )


@dataclass
class Copy:
    """A running copy: where it listens, and the process to be told to end."""

    url: str
    process: asyncio.subprocess.Process
    client: httpx2.AsyncClient


Start = Callable[[], Awaitable[Copy]]


@dataclass
class Balancer:
    """Sends each request to the next copy it knows of, over connections it keeps, and never tries twice."""

    host: str
    copies: list[Copy] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    _turn: Iterator[int] = field(default_factory=count)

    async def send(self, path: str) -> None:
        copy = self.copies[next(self._turn) % len(self.copies)]
        begun = time.monotonic()
        try:
            answer = await copy.client.get(copy.url + path, headers={"host": self.host})
            self.answers[str(answer.status_code)] += 1
        except httpx2.TransportError as error:
            self.answers[type(error).__name__] += 1
        self.slowest = max(self.slowest, time.monotonic() - begun)

    @property
    def failures(self) -> dict[str, int]:
        return {answer: times for answer, times in self.answers.items() if answer != "200"}

    @contextmanager
    def under_load(self, paths: list[str], clients: int = 4, pause: float = 0.04) -> Iterator[None]:
        """Requests from `clients` people at once, each of whom waits `pause` seconds before the next."""

        async def ask(first: int) -> None:
            for turn in count(first):
                await self.send(paths[turn % len(paths)])
                await asyncio.sleep(pause)

        tasks = [asyncio.create_task(ask(each)) for each in range(clients)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def start_process(arguments: list[str], environment: dict[str, str], port: int) -> Copy:
    process = await asyncio.create_subprocess_exec(
        *arguments, env={**os.environ, **environment}, stdout=asyncio.subprocess.DEVNULL
    )
    return Copy(f"http://127.0.0.1:{port}", process, httpx2.AsyncClient(timeout=10))


async def until_ready(copy: Copy, period: float) -> float:
    """Ask as the kubelet does, every `period` seconds; the seconds it took."""
    begun = time.monotonic()
    async with httpx2.AsyncClient(timeout=3) as kubelet:
        while time.monotonic() - begun < START_SECONDS:
            try:
                if (await kubelet.get(f"{copy.url}/health/ready")).status_code == 200:
                    return time.monotonic() - begun
            except httpx2.TransportError:
                pass
            await asyncio.sleep(period)
    raise AssertionError(f"{copy.url} was not ready after {START_SECONDS} s")


async def retire(balancer: Balancer, copy: Copy, timing: Timing, learned_after: float) -> float:
    """End a copy as Kubernetes does; the balancer learns of it `learned_after` seconds. The seconds until it ended."""
    begun = time.monotonic()

    async def learn() -> None:
        await asyncio.sleep(learned_after)
        balancer.copies.remove(copy)

    learning = asyncio.create_task(learn())
    await asyncio.sleep(timing.pre_stop)
    copy.process.terminate()
    await asyncio.wait_for(copy.process.wait(), timing.grace - timing.pre_stop)
    ended = time.monotonic() - begun
    await learning
    await copy.client.aclose()
    return ended


async def roll(balancer: Balancer, start: Start, timing: Timing, learned_after: float) -> list[float]:
    """Replace every copy: one more first, then one fewer. The seconds that each old copy took to end."""
    ended = []
    for old in list(balancer.copies):
        new = await start()
        await until_ready(new, timing.readiness_period)
        registered = asyncio.create_task(asyncio.sleep(timing.registration))
        await asyncio.sleep(timing.min_ready)
        await registered
        balancer.copies.append(new)
        ended.append(await retire(balancer, old, timing, learned_after))
    return ended
