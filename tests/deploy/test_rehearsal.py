"""The whole pipeline with real images: `make rehearse`."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
import yaml
from moto.server import ThreadedMotoServer

from migrate.postgres import embedded
from tests.deploy.conftest import EVERYTHING, ROOT, Manifest, Render, find, of_the_move
from tests.deploy.containers import Image, buildah, hosts_certificates, registry
from tests.deploy.forge import Forge, git, tool
from tests.deploy.rollout import Balancer, Copy, Timing, roll, start_process, until_ready
from tests.deploy.test_chart import differences
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import CreateDatabase, psql

pytestmark = pytest.mark.slow

# What `make test` runs in the rehearsal; REHEARSE_TESTS="" runs everything.
TESTS = os.environ.get("REHEARSE_TESTS", "-q tests/secondhand/test_storage.py")
BASE = "localhost/secondhand-base"
AWS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


def report(line: str) -> None:
    """A figure for whoever reads the rehearsal's output."""
    print(f"\n          {line}", end="", flush=True)


class Rehearsal:
    """A forge whose main has this checkout's last commit, a registry, and the run of one [dev] commit."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.repository = f"127.0.0.1:{port}/secondhand/secondhand"
        self._options = ["--pull-never", "--build-arg", f"PYTHON_IMAGE={BASE}", *hosts_certificates(home)]
        tools = tool(home / "tools", "cosign", f'echo "$@" >> {home}/signed')
        environment = {"PATH": f"{tools}:{os.environ['PATH']}", "ARGS": TESTS}
        self.forge = Forge(home, ROOT, self.build, environment)
        old = re.search(r'^image: "(.*):', self.forge.values(), re.MULTILINE)
        assert old
        names = [f"k8s/helm/secondhand/values{suffix}.yaml" for suffix in ("", "-dev", "-stage", "-prod")]
        self.forge.push(
            "Keep images in a registry of our own",
            {
                name: git(ROOT, "show", f"HEAD:{name}").replace(old[1], self.repository) + "\n"
                for name in names
            },
        )
        self.before = self.render("before")
        self.commit = self.forge.push("Rehearse a deployment [dev]")
        self.run = self.forge.deploy(self.commit)

    def build(self, target: str, image: str, context: Path, labels: list[str]) -> str:
        name = image.removesuffix("-migrate")
        begun = time.monotonic()
        environment = {**os.environ, "TARGETS": target}
        subprocess.run(
            [context / "scripts/image", name, *self._options, *(f"--label={each}" for each in labels)],
            env=environment,
            check=True,
            capture_output=True,
        )
        done = subprocess.run(
            [context / "scripts/push-image", image], capture_output=True, text=True, check=True
        )
        report(f"{target}: built and pushed in {time.monotonic() - begun:.0f} s")
        return done.stdout.strip()

    def render(self, name: str) -> list[Manifest]:
        """What Argo CD would make of main."""
        clone = self.forge.clone(name)
        done = subprocess.run(
            [
                ROOT / ".local/deploy/lint-deploy/bin/python",
                ROOT / "scripts/chart.py",
                "dev",
                "--chart",
                clone / "k8s/helm/secondhand",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]

    @property
    def image(self) -> str:
        return f"{self.repository}:{self.commit[:8]}"


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory, tools: None) -> Iterator[Rehearsal]:
    home = tmp_path_factory.mktemp("rehearsal")
    port = free_port()
    with registry(home, port) as process:
        try:
            rehearsal = Rehearsal(home, port)
            yield rehearsal
            buildah("rmi", rehearsal.image, f"{rehearsal.image}-migrate")
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def site_image(rehearsal: Rehearsal) -> Iterator[Image]:
    with Image(rehearsal.image) as image:
        yield image


@pytest.fixture(scope="module")
def settings(
    rehearsal: Rehearsal, create_database: CreateDatabase, cluster: embedded.Cluster
) -> Iterator[dict[str, str]]:
    """The ConfigMap's settings, with a database and an AWS on this machine in the place of RDS, S3, Secrets Manager."""
    database = create_database()
    login = urlsplit(cluster.tcp_url(urlsplit(database).path.strip("/")))
    said: dict[str, str] = dict(find(rehearsal.render("settings"), "ConfigMap", "secondhand")["data"])
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    said |= AWS | {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "SECONDHAND_DATABASE_URL": f"postgresql://127.0.0.1:{login.port}{login.path}?sslmode=disable",
        "SECONDHAND_DB_SECRET": "site",
        "SECONDHAND_HOST": "127.0.0.1",
        "SECONDHAND_METRICS_PORT": "",
        "SECONDHAND_LOG_LEVEL": "warning",
        "SECONDHAND_SECRET_KEYS": "k" * 32,
    }
    secret = json.dumps({"username": login.username, "password": login.password})
    client(said, "secretsmanager").create_secret(Name="owner", SecretString=secret)
    client(said, "secretsmanager").create_secret(Name="site")
    bucket = urlsplit(said["SECONDHAND_STORAGE"]).netloc
    place = {"LocationConstraint": said["AWS_REGION"]}
    client(said, "s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    yield {**said, "socket": database}
    server.stop()


def client(settings: dict[str, str], service: str) -> Any:
    return botocore.session.get_session().create_client(
        service,
        region_name=settings["AWS_REGION"],
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def test_a_dev_commit_was_tested_built_pushed_signed_and_written_into_the_values(
    rehearsal: Rehearsal,
) -> None:
    job = rehearsal.run.jobs["deploy"]
    assert job.succeeded, job.log
    assert " passed" in rehearsal.run.jobs["test"].log
    assert rehearsal.forge.image() == f'image: "{rehearsal.image}"'
    assert rehearsal.forge.log()[0] == f"Deploy {rehearsal.commit[:8]} to dev [skip ci]"
    assert (rehearsal.home / "signed").read_text().count("@sha256:") == 2


def test_the_registry_has_what_the_values_name(rehearsal: Rehearsal) -> None:
    digest = yaml.safe_load(rehearsal.forge.values())["digest"]
    done = subprocess.run(
        ["skopeo", "inspect", "--tls-verify=false", f"docker://{rehearsal.repository}@{digest}"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["Digest"] == digest
    said = {name.removeprefix("org.opencontainers.image."): text for name, text in found["Labels"].items()}
    assert (said["revision"], said["base.name"]) == (rehearsal.commit, BASE)
    assert said["source"] == "https://github.com/secondhand/secondhand"
    assert {rehearsal.commit[:8], f"{rehearsal.commit[:8]}-migrate"} <= set(found["RepoTags"])


def test_of_what_would_run_only_the_image_has_changed(rehearsal: Rehearsal) -> None:
    changed = differences(rehearsal.before, rehearsal.render("after"))
    assert {path.rsplit(".", 1)[1] for path, _, _ in changed} == {"image"}
    digest = yaml.safe_load(rehearsal.forge.values())["digest"]
    assert {after for _, _, after in changed} == {f"{rehearsal.image}@{digest}"}


def test_the_image_needs_neither_root_nor_a_place_to_write(site_image: Image) -> None:
    shell = ["sh", "-c", "id -u; touch /opt/secondhand/x 2>&1; touch /tmp/x && ls /tmp"]
    done = site_image.run(*shell, entrypoint=[])
    assert done.stdout.splitlines()[0] == "10001"
    assert "Read-only file system" in done.stdout
    assert done.stdout.splitlines()[-1] == "x"


def test_the_sites_image_goes_without_the_migration_toolkit(site_image: Image) -> None:
    done = site_image.run("-c", "import secondhand.app; import numba", entrypoint=["python3"])
    assert "No module named 'numba'" in done.stderr
    files = [file.stat().st_size for file in (site_image.root / "opt").rglob("*") if file.is_file()]
    report(f"site image: {sum(files) / 1e6:.0f} MB on top of the base")


def test_the_sites_image_brings_its_templates_compiled(site_image: Image) -> None:
    script = "from secondhand.pages import templates; all = templates(); all.compile = None\n"
    script += "for name in all.list_templates(): all.get_template(name)"
    done = site_image.run("-c", script, entrypoint=["python3"])
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def shop(rehearsal: Rehearsal, render: Render, settings: dict[str, str]) -> dict[str, str]:
    """The settings again, once the migrate image has moved the old shop, as the chart's Job does."""
    pictures = ROOT / ".local/legacy_pictures"
    subprocess.run(
        [ROOT / ".venv/bin/python", "db_dumps/illustrations.py", "--out", pictures], cwd=ROOT, check=True
    )
    bucket, s3 = urlsplit(settings["SECONDHAND_STORAGE"]).netloc, client(settings, "s3")
    for file in [ROOT / "db_dumps/secondhand.sql", *pictures.iterdir()]:
        key = f"legacy/{'' if file.suffix == '.sql' else 'pictures/'}{file.name}"
        s3.put_object(Bucket=bucket, Key=key, Body=file.read_bytes())
    legacy = rehearsal.home / "legacy"
    legacy.mkdir()
    shutil.chown(legacy, 10001, 10001)
    folders = {legacy: "/legacy", ROOT / "k8s/helm/secondhand/files": "/files"}
    said = {
        **settings,
        **of_the_move(render("dev", EVERYTHING)),
        "SECONDHAND_DB_SECRET": "owner",
        "SECONDHAND_SITE_SECRET": "site",
        "LEGACY_SOURCE": f"s3://{bucket}/legacy",
        "LEGACY_DUMP": "secondhand.sql",
        "LEGACY_WORKERS": "0",
    }
    with Image(f"{rehearsal.image}-migrate", *folders.values()) as image:
        cold = "import sys; from migrate.transcode import native; sys.exit(native.is_cold())"
        assert image.run("-c", cold, entrypoint=["python3"]).returncode == 0
        begun = time.monotonic()
        moved = image.run("/files/migrate.py", environment=said, folders=folders, entrypoint=["python3"])
        assert moved.returncode == 0, moved.stdout + moved.stderr
        upgraded = image.run(
            "upgrade",
            "--pictures",
            "/legacy/pictures",
            environment=said,
            folders=folders,
            entrypoint=["secondhand"],
        )
        assert upgraded.returncode == 0, upgraded.stdout + upgraded.stderr
        report(f"the old shop was moved, pictures and all, in {time.monotonic() - begun:.0f} s")
    return settings


def test_the_migrate_image_moves_the_old_shop(shop: dict[str, str]) -> None:
    clothes = (ROOT / "db_dumps/secondhand.sql").read_text().split("INSERT INTO `add_clothe`")[1:]
    assert clothes
    assert psql(shop["socket"], "select count(*) from items") == psql(
        shop["socket"], "select count(*) from legacy.add_clothe"
    )
    assert int(psql(shop["socket"], "select count(*) from items")) >= 400


def start_image(image: Image, settings: dict[str, str], port: int) -> list[str]:
    said = {name: value for name, value in settings.items() if name != "socket"}
    return image.command(image.config["Cmd"], {**said, "SECONDHAND_PORT": str(port)})


def test_the_image_answers_its_probes_and_serves_the_shop(site_image: Image, shop: dict[str, str]) -> None:
    port, host = free_port(), urlsplit(shop["SECONDHAND_ORIGIN"]).hostname or ""

    def get(path: str) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())

    async def seconds_to_ready() -> float:
        copy = await start_process(start_image(site_image, shop, port), {}, port)
        took = await until_ready(copy, 0.02)
        page = await asyncio.to_thread(get, "/")
        assert "</html>" in page
        assert re.search(r'href="/items/\d+"', page)
        assert (await asyncio.to_thread(get, "/health/live")) == "alive\n"
        copy.process.terminate()
        ended = await asyncio.wait_for(copy.process.wait(), 60)
        assert ended in (0, -signal.SIGTERM)  # uvicorn passes the signal on once it has ended in good order
        await copy.client.aclose()
        return took

    report(f"site image: ready {asyncio.run(seconds_to_ready()):.1f} s after its start")


def test_two_copies_of_the_image_are_swapped_under_load_and_no_request_fails(
    rehearsal: Rehearsal, site_image: Image, shop: dict[str, str]
) -> None:
    timing = Timing.of_chart(rehearsal.render("timing"))

    async def start() -> Copy:
        port = free_port()
        return await start_process(start_image(site_image, shop, port), {}, port)

    @asynccontextmanager
    async def stopping(balancer: Balancer):  # type: ignore[no-untyped-def]
        async with asyncio.timeout(600):
            try:
                yield
            finally:
                for copy in balancer.copies:
                    if copy.process.returncode is None:
                        copy.process.kill()
                        await copy.process.wait()
                    await copy.client.aclose()

    async def swap() -> Balancer:
        balancer = Balancer(urlsplit(shop["SECONDHAND_ORIGIN"]).hostname or "")
        async with stopping(balancer):
            for _ in range(2):
                copy = await start()
                await until_ready(copy, 0.1)
                balancer.copies.append(copy)
            with balancer.under_load(["/", "/items/1", "/log-in"]):
                ended = await roll(balancer, start, timing, learned_after=timing.pre_stop)
            assert max(ended) < timing.grace
        return balancer

    begun = time.monotonic()
    balancer = asyncio.run(swap())
    answered, took = balancer.answers.total(), time.monotonic() - begun
    report(
        f"two copies swapped in {took:.0f} s: {answered} requests, {sum(balancer.failures.values())} failed, "
        f"the slowest took {balancer.slowest:.2f} s"
    )
    assert balancer.failures == {}
    assert answered > 1000
