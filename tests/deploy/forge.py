"""What stands for GitHub in the tests of the pipeline: a bare repository, people who push to it, runs it starts."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.deploy.actions import Job, Run, Workflow

ROOT = Path(__file__).parents[2]
VALUES = "k8s/helm/secondhand/values-{}.yaml"
# Neither this checkout's configuration nor that of whoever runs the tests may decide how git behaves.
PERSON = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Someone",
    "GIT_AUTHOR_EMAIL": "someone@shop.example",
    "GIT_COMMITTER_NAME": "Someone",
    "GIT_COMMITTER_EMAIL": "someone@shop.example",
}

Build = Callable[[str, str, Path, list[str]], str]  # target, image, context, labels -> digest


def git(where: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", where, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **PERSON},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def script(where: Path, name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [where / "scripts" / name, *arguments],
        cwd=where,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **PERSON, **environment},
    )


class Forge:
    """A bare repository at `home/origin.git` whose main has the files of `source`."""

    def __init__(self, home: Path, source: Path, build: Build, environment: Mapping[str, str]) -> None:
        self.home = home
        self.origin = home / "origin.git"
        self.runs = 0
        self.build = build
        # What mise would install is here already.
        tools = tool(home / "mise", "mise", 'shift 2; exec "$@"')
        self.environment = {**environment, "PATH": f"{tools}:{environment['PATH']}"}
        self.signed: list[str] = []
        git(home, "init", "--quiet", "--bare", "--initial-branch", "main", str(self.origin))
        git(source, "push", "--quiet", str(self.origin), "HEAD:refs/heads/main")

    def clone(self, name: str) -> Path:
        git(self.home, "clone", "--quiet", str(self.origin), name)
        return self.home / name

    def push(self, message: str, files: Mapping[str, str] | None = None) -> str:
        """Commit to main as a person does, and return the commit; unless files are given, one of the site changes."""
        clone = self.home / "person"
        if not clone.exists():
            self.clone("person")
        git(clone, "pull", "--quiet", "--rebase")
        for path, text in ({"src/secondhand/touched.txt": message} if files is None else files).items():
            (clone / path).parent.mkdir(parents=True, exist_ok=True)
            (clone / path).write_text(text)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--allow-empty", "--message", message)
        git(clone, "push", "--quiet", "origin", "HEAD:main")
        return git(clone, "rev-parse", "HEAD")

    def merge(self, message: str, files: Mapping[str, str]) -> str:
        """Merge a branch with one commit, which is as old as the commit before the tip, and return the merge."""
        clone = self.home / "person"
        git(clone, "pull", "--quiet", "--rebase")
        git(clone, "checkout", "--quiet", "--detach", "HEAD^")
        for path, text in files.items():
            (clone / path).write_text(text)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--message", "A branch")
        git(clone, "push", "--quiet", "--force", "origin", "HEAD:refs/heads/branch")
        git(clone, "checkout", "--quiet", "main")
        return self.merge_branch("branch", message)

    def merge_branch(self, name: str, message: str = "Merge a pull request") -> str:
        """Merge a branch that was pushed, as a pull request is merged, and return the merge."""
        clone = self.home / "person"
        git(clone, "pull", "--quiet", "--rebase")
        git(clone, "fetch", "--quiet", "origin", name)
        git(clone, "merge", "--quiet", "--no-ff", "--message", message, "FETCH_HEAD")
        git(clone, "push", "--quiet", "origin", "HEAD:main")
        return git(clone, "rev-parse", "HEAD")

    def tip(self) -> str:
        return git(self.origin, "rev-parse", "main")

    def log(self) -> list[str]:
        """The subjects of main, newest first."""
        return git(self.origin, "log", "--format=%s", "main").splitlines()

    def values(self, environment: str = "dev", branch: str = "main") -> str:
        return git(self.origin, "show", f"{branch}:{VALUES.format(environment)}")

    def image(self, environment: str = "dev", branch: str = "main") -> str:
        """The line of the values file that names the image."""
        return next(
            line for line in self.values(environment, branch).splitlines() if line.startswith("image:")
        )

    def workflow(self) -> Workflow:
        actions = {
            "actions/checkout": self._check_out,
            "actions/setup-python": _nothing,
            "docker/login-action": _nothing,
            "jdx/mise-action": _nothing,
            "docker/setup-buildx-action": _nothing,
            "docker/build-push-action": self._build,
            "sigstore/cosign-installer": _nothing,
        }
        file = self.home / "deploy-dev.yml"
        file.write_text(git(self.origin, "show", "main:.github/workflows/deploy-dev.yml"))
        return Workflow(file, actions, {**PERSON, **self.environment})

    def event(self, commit: str) -> dict[str, Any]:
        return {
            "after": commit,
            "head_commit": {"message": git(self.origin, "log", "-1", "--format=%B", commit)},
        }

    def starts(self, commit: str) -> bool:
        return self.workflow().is_started_by(self.event(commit))

    def deploy(self, commit: str) -> Run:
        """Run deploy-dev.yml as GitHub does when `commit` is pushed."""
        assert self.starts(commit)
        self.runs += 1
        return self.workflow().run(self.event(commit), self.home / f"run-{self.runs}")

    def _check_out(self, given: Mapping[str, str], job: Job) -> Mapping[str, str]:
        commit = job.contexts["github"]["sha"]
        git(job.workspace, "init", "--quiet")
        git(job.workspace, "remote", "add", "origin", str(self.origin))
        depth = [] if given.get("fetch-depth") == "0" else ["--depth=1"]
        git(job.workspace, "fetch", "--quiet", *depth, "origin", commit)
        git(job.workspace, "checkout", "--quiet", "-B", "main", commit)
        return {}

    def _build(self, given: Mapping[str, str], job: Job) -> Mapping[str, str]:
        assert given["push"] == "true"
        context, labels = job.workspace / given["context"], given["labels"].splitlines()
        return {"digest": self.build(given["target"], given["tags"], context, labels)}


def _nothing(_given: Mapping[str, str], _job: Job) -> Mapping[str, str]:
    return {}


def tool(home: Path, name: str, text: str) -> Path:
    """A program of that name in a folder to be put on PATH, for a tool of the outside world."""
    home.mkdir(exist_ok=True)
    file = home / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return home


def copy_of_the_pipeline(home: Path) -> Path:
    """A repository with this one's scripts, workflows and chart, and a test of one line.

    `test.sh` stands for the test suite; a commit that changes it decides what the tests say.
    """
    source = home / "source"
    source.mkdir()
    for part in ("scripts", ".github", "k8s", "Dockerfile"):
        whole = ROOT / part
        if whole.is_dir():
            shutil.copytree(whole, source / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(whole, source / part)
    (source / "Makefile").write_text("test:\n\t@sh test.sh\n")
    (source / "test.sh").write_text("echo 1 passed\n")
    git(source, "init", "--quiet", "--initial-branch", "main")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message", "The shop")
    return source
