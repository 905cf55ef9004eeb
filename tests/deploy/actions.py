"""A small GitHub Actions: runs a workflow file as it is written, step by step, on this machine.

It knows what the workflows of this repository use: push events with branches, jobs that need others, `if:`, `env:`,
`uses:` (done by a function of the test) and `run:` (done by bash, as a runner does it), step and job outputs, and
expressions made of contexts, strings, `==`, `!=`, `&&` and `||`. Anything else is an error, so that a workflow cannot
come to mean something that is not rehearsed.
"""

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Action = Callable[[Mapping[str, str], "Job"], Mapping[str, str]]
TOKEN = re.compile(r"\s*(?:(==|!=|&&|\|\||\(|\))|'((?:[^']|'')*)'|([A-Za-z_][\w.-]*))")


class Expression:
    """`${{ … }}`, read by recursive descent; a context that does not exist is the empty string, as on GitHub."""

    def __init__(self, text: str, contexts: Mapping[str, Any]) -> None:
        self._contexts = contexts
        self._tokens: list[tuple[str, str]] = []
        position = 0
        while text[position:].strip():
            found = TOKEN.match(text, position)
            assert found, f"an expression that is not known here: {text}"
            kind = "operator" if found[1] else "name" if found[3] else "string"
            self._tokens.append((kind, found[1] or found[3] or (found[2] or "").replace("''", "'")))
            position = found.end()

    def value(self) -> str:
        value = self._either()
        assert not self._tokens, f"left over: {self._tokens}"
        return value

    def _accept(self, *operators: str) -> str | None:
        if self._tokens and self._tokens[0] in [("operator", each) for each in operators]:
            return self._tokens.pop(0)[1]
        return None

    def _either(self) -> str:
        value = self._both()
        while self._accept("||"):
            value = _first_true(value, self._both())
        return value

    def _both(self) -> str:
        value = self._comparison()
        while self._accept("&&"):
            right = self._comparison()
            value = right if _true(value) else value
        return value

    def _comparison(self) -> str:
        value = self._operand()
        operator = self._accept("==", "!=")
        if operator:
            same = value == self._operand()
            return "true" if same == (operator == "==") else "false"
        return value

    def _operand(self) -> str:
        if self._accept("("):
            value = self._either()
            assert self._accept(")")
            return value
        kind, text = self._tokens.pop(0)
        if kind == "string":
            return text
        assert kind == "name", text
        found: Any = self._contexts
        for part in text.split("."):
            found = found.get(part, "") if isinstance(found, Mapping) else ""
        assert isinstance(found, str), f"{text} is no string"
        return found


def _true(value: str) -> bool:
    return value not in ("", "false")


def _first_true(left: str, right: str) -> str:
    return left if _true(left) else right


def fill(text: str, contexts: Mapping[str, Any]) -> str:
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: Expression(found[1], contexts).value(), str(text))


@dataclass
class Job:
    """A job that runs: its workspace, the contexts its expressions see, and what its steps did."""

    workspace: Path
    contexts: dict[str, Any]
    steps: list[str] = field(default_factory=list)
    summary: str = ""
    log: str = ""
    succeeded: bool = True


@dataclass
class Run:
    """One run of a workflow: the jobs that were run, by name."""

    jobs: dict[str, Job] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        return all(job.succeeded for job in self.jobs.values())


class Workflow:
    """A workflow file and what stands for the outside world: actions by name, variables, secrets, environment."""

    def __init__(self, file: Path, actions: Mapping[str, Action], environment: Mapping[str, str]) -> None:
        self._text = yaml.load(file.read_text(), Loader=yaml.BaseLoader)  # every scalar as it is written
        self._actions = actions
        self._environment = dict(environment)

    def is_started_by(self, push: Mapping[str, Any]) -> bool:
        """Whether GitHub starts it for a push to main."""
        event = self._text["on"]["push"]
        assert event.keys() == {"branches"}, (
            "with a filter of paths, a push that changes no file starts nothing"
        )
        return "main" in event["branches"] and "[skip ci]" not in push["head_commit"]["message"]

    def run(self, push: Mapping[str, Any], home: Path) -> Run:
        run = Run()
        done: dict[str, Any] = {}
        for name, text in self._text["jobs"].items():
            contexts = {
                "github": {
                    "event": push,
                    "token": "a-token",
                    "sha": push["after"],
                    "server_url": "https://github.com",
                    "repository": "secondhand/secondhand",
                },
                "vars": {"DOCKERHUB_USERNAME": "secondhand"},
                "secrets": {"DOCKERHUB_TOKEN": "a-secret"},
                "needs": done,
                "steps": {},
            }
            needed = [text["needs"]] if isinstance(text.get("needs"), str) else text.get("needs", [])
            if any(each not in done for each in needed):
                continue
            if "if" in text and not _true(Expression(text["if"], contexts).value()):
                continue
            job = Job(home / name, contexts)
            job.workspace.mkdir(parents=True)
            run.jobs[name] = job
            self._run_job(text, job)
            if job.succeeded:
                outputs = text.get("outputs", {})
                done[name] = {"outputs": {key: fill(value, contexts) for key, value in outputs.items()}}
        return run

    def _run_job(self, text: dict[str, Any], job: Job) -> None:
        for step in text["steps"]:
            if "if" in step and not _true(Expression(step["if"], job.contexts).value()):
                continue
            job.steps.append(step.get("name") or step.get("uses") or step["run"])
            if "uses" in step:
                given = {key: fill(value, job.contexts) for key, value in step.get("with", {}).items()}
                outputs = self._actions[step["uses"].split("@")[0]](given, job)
            else:
                outputs = self._run_step(step, text.get("env", {}), job)
            if "id" in step:
                job.contexts["steps"][step["id"]] = {"outputs": outputs}
            if not job.succeeded:
                return

    def _run_step(self, step: dict[str, Any], job_environment: dict[str, str], job: Job) -> Mapping[str, str]:
        assert "${{" not in step["run"], (
            "an expression inside a script is a way in for whoever writes commit messages"
        )
        outputs, summary = job.workspace.parent / "outputs", job.workspace.parent / "summary"
        outputs.write_text("")
        said = {
            key: fill(value, job.contexts)
            for key, value in {**job_environment, **step.get("env", {})}.items()
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=job.workspace,
            env={
                **os.environ,
                **self._environment,
                **said,
                "GITHUB_OUTPUT": str(outputs),
                "GITHUB_STEP_SUMMARY": str(summary),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        job.log += done.stdout
        job.summary = summary.read_text() if summary.exists() else ""
        job.succeeded = done.returncode == 0
        return dict(line.split("=", 1) for line in outputs.read_text().splitlines())
