"""The chart, rendered by Helm's own code for the tests that ask what would run."""

import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "k8s/helm/secondhand"
ENVIRONMENTS = ("dev", "stage", "prod")
EVERYTHING = Path(__file__).parent / "values-everything.yaml"

Manifest = dict[str, Any]
Render = Callable[..., list[Manifest]]


class RefusedError(Exception):
    """Helm refused the values; the message is what it said."""


def _render(environment: str, *values: Path) -> list[Manifest]:
    more = [argument for file in values for argument in ("--values", str(file))]
    done = subprocess.run(
        [ROOT / ".local/deploy/lint-deploy/bin/python", "scripts/chart.py", environment, *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RefusedError(done.stderr)
    return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]


@pytest.fixture(scope="session")
def tools() -> None:
    """The tools of .local/deploy, installed when they are not there yet."""
    done = subprocess.run([ROOT / "scripts/lint-tools"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def render(tools: None) -> Render:
    """The manifests of an environment; values files on top of its own may follow. Raises RefusedError."""
    return cache(_render)


@pytest.fixture
def render_with(render: Render, tmp_path: Path) -> Callable[..., list[Manifest]]:
    """The manifests of dev with these values on top."""

    def with_values(**values: Any) -> list[Manifest]:
        file = tmp_path / "values.yaml"
        file.write_text(yaml.safe_dump(values))
        return _render("dev", file)

    return with_values


def find(manifests: list[Manifest], kind: str, name: str = "") -> Manifest:
    """The one manifest of that kind whose name ends so."""
    (found,) = [
        each for each in manifests if each["kind"] == kind and each["metadata"]["name"].endswith(name)
    ]
    return found


def pod_specs(manifests: list[Manifest]) -> dict[str, Manifest]:
    """The pod specification of everything that makes pods, by kind and name."""
    return {
        f"{each['kind']}/{each['metadata']['name']}": each["spec"]["template"]["spec"]
        for each in manifests
        if each["kind"] in ("Deployment", "Job")
    }


def containers(spec: Manifest) -> list[Manifest]:
    return [*spec.get("initContainers", []), *spec["containers"]]


def of_the_move(manifests: list[Manifest]) -> dict[str, str]:
    """What the Job that moves the old shop says to its script besides the shop's own settings."""
    (script,) = [
        each
        for spec in pod_specs(manifests).values()
        for each in containers(spec)
        if each["name"] == "mysql-to-pg"
    ]
    return {each["name"]: each["value"] for each in script["env"]}
