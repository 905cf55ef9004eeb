"""The checks of `make lint-deploy` find what they are there to find."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.conftest import ROOT
from tests.deploy.forge import tool
from tests.fixtures.tools import find_tool

PYTHON = ROOT / ".local/deploy/lint-deploy/bin/python"


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{PYTHON.parent}:{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path, **environment},
    )


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A copy of terraform/ to break; its folder of units."""
    shutil.copytree(ROOT / "terraform", tmp_path / "terraform")
    return tmp_path / "terraform" / "live"


def terragrunt(live: Path) -> subprocess.CompletedProcess[str]:
    return run(PYTHON, ROOT / "scripts/terragrunt.py", live, live.parent / "roots")


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_units_as_they_are_have_no_fault(live: Path, tools: None) -> None:
    done = terragrunt(live)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(each.name for each in (live.parent / "roots").iterdir()) == ["dev", "prod", "stage"]


@pytest.mark.parametrize(
    ("unit", "old", "new", "fault"),
    [
        ("cluster", "vpc_id ", "vpc_ident ", "the mock network.vpc_ident is no output"),
        ("database", "outputs.vpc_id", "outputs.vpc", "network.vpc is used but has no mock"),
        (
            "database",
            'dependency "cluster"',
            'dependency "clusters"',
            "dependency cluster is used but not declared",
        ),
        ("database", "../network", "../networks", "dependency network is no unit beside"),
        ("identity", '"plan"]', '"plan", "apply"]', "they must be for init, validate and plan only"),
        ("images", "modules//images", "modules//image", "names no unit with a module"),
    ],
)
def test_a_fault_in_a_unit_is_named(
    live: Path, tools: None, unit: str, old: str, new: str, fault: str
) -> None:
    replace(live / "_units" / f"{unit}.hcl", old, new)
    done = terragrunt(live)
    assert done.returncode == 1
    assert fault in done.stderr


@pytest.mark.parametrize(
    ("file", "old", "new", "error"),
    [
        (
            "live/_units/network.hcl",
            "nat_per_zone",
            "nat_by_zone",
            'An argument named "nat_by_zone" is not expected here',
        ),
        (
            "live/_units/certificate.hcl",
            "  zone_id = local.environment.zone_id\n",
            "",
            '"zone_id" is required',
        ),
        ("live/dev/env.hcl", "backup_days    = 7", "backup_days    = 1", "fewer than 7 is too few"),
        ("live/dev/env.hcl", "10.10.0.0/16", "10.10.0.0/20", "a network of /18 or larger"),
        ("modules/cluster/outputs.tf", 'output "name"', 'output "cluster_name"', 'attribute named "name"'),
        (
            "modules/images/main.tf",
            "bucket_key_enabled",
            "bucket_keys_enabled",
            '"bucket_keys_enabled" is not expected',
        ),
    ],
)
def test_terraform_finds_what_does_not_fit_together(
    live: Path, tools: None, file: str, old: str, new: str, error: str
) -> None:
    find_tool("terraform", "terraform")
    replace(live.parent / file, old, new)
    terragrunt(live)
    root = live.parent / "roots" / "dev"
    assert (
        run(ROOT / "scripts/stand-in", "terraform", f"-chdir={root}", "init", "-backend=false").returncode
        == 0
    )
    planned = run(ROOT / "scripts/stand-in", "terraform", f"-chdir={root}", "plan", "-no-color")
    assert planned.returncode != 0
    assert error in " ".join(planned.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("file", "old", "new", "error"),
    [
        ("applications.yaml", "selfHeal: true", "selfHeel: true", "selfHeel"),
        ("applications.yaml", "limit: 5", 'limit: "5"', "not assignable to type 'number'"),
        ("project.yaml", "sourceRepos:", "sourceRepositories:", "sourceRepositories"),
        (
            "root.yaml",
            "    targetRevision: main\n    path",
            "    targetRevison: main\n    path",
            "targetRevison",
        ),
    ],
)
def test_a_misspelt_field_of_argo_cd_is_refused(
    tmp_path: Path, tools: None, file: str, old: str, new: str, error: str
) -> None:
    for part in ("scripts", "k8s"):
        shutil.copytree(ROOT / part, tmp_path / part)
    (tmp_path / ".local").symlink_to(ROOT / ".local")
    replace(tmp_path / "k8s/argocd" / file, old, new)
    done = run(tmp_path / "scripts/lint-types", cwd=tmp_path, work=str(tmp_path))
    assert done.returncode != 0
    assert error in done.stdout


def test_a_failing_check_shows_what_it_found_and_a_passing_one_only_its_name() -> None:
    failed = run(ROOT / "scripts/check", "the sky", "sh", "-c", "echo it fell; exit 1")
    assert (failed.returncode, "it fell" in failed.stdout) == (1, True)
    passed = run(ROOT / "scripts/check", "the sky", "echo", "nothing to see")
    assert (passed.returncode, "nothing to see" in passed.stdout) == (0, False)


def test_the_rehearsal_says_that_it_needs_root(tmp_path: Path) -> None:
    tools = tool(tmp_path / "tools", "id", "echo 1000")
    done = run(ROOT / "scripts/rehearse", PATH=f"{tools}:{os.environ['PATH']}")
    assert done.returncode == 3
    assert "run it as root" in done.stderr
