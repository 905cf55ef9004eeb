"""From a commit to a changed line that Argo CD follows: deploy-dev.yml and its scripts, on a bare repository."""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.deploy.forge import ROOT, VALUES, Forge, copy_of_the_pipeline, git, script, tool

ZEROS = 'image: "docker.io/secondhand/secondhand:00000000"'


@pytest.fixture
def built() -> list[str]:
    return []


@pytest.fixture
def forge(tmp_path: Path, built: list[str]) -> Forge:
    def build(_target: str, image: str, _context: Path, _labels: list[str]) -> str:
        built.append(image)
        return f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"

    tools = tool(tmp_path / "tools", "cosign", f'echo "$@" >> {tmp_path}/signed')
    return Forge(tmp_path, copy_of_the_pipeline(tmp_path), build, {"PATH": f"{tools}:{os.environ['PATH']}"})


def image_line(commit: str) -> str:
    return f'image: "docker.io/secondhand/secondhand:{commit[:8]}"'


def test_a_dev_commit_becomes_one_image_and_two_changed_lines(forge: Forge, built: list[str]) -> None:
    before = forge.values()
    commit = forge.push("Sell hats [dev]")
    run = forge.deploy(commit)
    assert run.succeeded, run.jobs["deploy"].log
    assert built == [f"docker.io/secondhand/secondhand:{commit[:8]}{suffix}" for suffix in ("", "-migrate")]
    changed = set(forge.values().splitlines()) - set(before.splitlines())
    digest = hashlib.sha256(built[0].encode()).hexdigest()
    assert changed == {image_line(commit), f'digest: "sha256:{digest}"'}
    assert forge.log()[:2] == [f"Deploy {commit[:8]} to dev [skip ci]", "Sell hats [dev]"]
    assert f"secondhand:{commit[:8]}@sha256:{digest}" in run.jobs["deploy"].summary


def test_the_steps_are_in_the_promised_order(forge: Forge) -> None:
    run = forge.deploy(forge.push("Sell hats [dev]"))
    steps = [step for job in run.jobs.values() for step in job.steps]
    promised = [
        "Test",
        "Sync with the remote main",
        "Log in to Docker Hub",
        "Build and push the site",
        "Build and push the migration image",
        "Sign both",
        "Write the image into values-dev.yaml and push it",
    ]
    assert [step for step in steps if step in promised] == promised


def test_a_commit_without_the_word_deploys_nothing(forge: Forge, built: list[str]) -> None:
    run = forge.deploy(forge.push("Sell hats"))
    assert list(run.jobs) == ["wanted"]
    assert (built, forge.image()) == ([], ZEROS)


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("Sell hats [dev]", "true"),
        ("Sell hats\n\nand gloves [dev]\n", "true"),
        ("Sell hats", "false"),
        ("Sell [development] hats", "false"),
        ("Sell [DEV] hats", "false"),
        ("", "false"),
        ("Deploy 01234567 to dev [skip ci]\n\n[dev]", "false"),
        ("$(touch stolen) `touch stolen` [dev]", "true"),
    ],
)
def test_only_the_word_in_the_message_asks_for_a_deployment(
    message: str, answer: str, tmp_path: Path
) -> None:
    asked = script(ROOT, "wants-deploy", MESSAGE=message)
    assert asked.stdout == f"wanted={answer}\n"
    assert not list(tmp_path.iterdir())
    assert not (ROOT / "stolen").exists()


def test_a_failing_test_stops_everything(forge: Forge, built: list[str]) -> None:
    commit = forge.push("Break it [dev]", {"test.sh": "echo 1 failed; exit 1\n"})
    run = forge.deploy(commit)
    assert not run.succeeded
    assert list(run.jobs) == ["wanted", "test"]
    assert run.jobs["test"].steps[-1] == "Test"
    assert (built, forge.image(), forge.tip()) == ([], ZEROS, commit)


def test_a_commit_that_comes_in_meanwhile_is_tested_too_and_stops_everything_when_it_fails(
    forge: Forge, built: list[str]
) -> None:
    commit = forge.push("Sell hats [dev]")
    pushed = forge.push("Break it", {"test.sh": "echo 1 failed; exit 1\n"})
    run = forge.deploy(commit)
    assert not run.succeeded
    assert run.jobs["deploy"].steps[-1] == "Test what came in meanwhile"
    assert (built, forge.image(), forge.tip()) == ([], ZEROS, pushed)


def test_what_is_built_is_the_remote_main_not_the_commit_that_started_it(
    forge: Forge, built: list[str]
) -> None:
    commit = forge.push("Sell hats [dev]")
    newer = forge.push("Sell gloves")
    assert forge.deploy(commit).succeeded
    assert forge.image() == image_line(newer)
    assert commit[:8] not in "".join(built)


def test_an_empty_commit_deploys_under_its_own_name(forge: Forge) -> None:
    """The first deployment, and the way to try one again."""
    for message in ("First deployment [dev]", "Once more [dev]"):
        commit = forge.push(message, {})
        assert forge.deploy(commit).succeeded
        assert forge.image() == image_line(commit)


def test_a_merge_deploys_under_its_own_name(forge: Forge) -> None:
    forge.push("Sell hats")
    merge = forge.merge("Merge pull request #1 [dev]", {"hats.txt": "more hats\n"})
    assert forge.deploy(merge).succeeded
    assert forge.image() == image_line(merge)


def test_commits_that_only_set_values_are_no_reason_to_build(forge: Forge, built: list[str]) -> None:
    commit = forge.push("Sell hats [dev]")
    assert forge.deploy(commit).succeeded
    forge.push("Copies", {VALUES.format("prod"): forge.values("prod") + "replicas: 3\n"})
    merge = forge.merge("Logs [dev]", {VALUES.format("stage"): forge.values("stage") + "logLevel: debug\n"})
    assert forge.deploy(merge).succeeded
    assert forge.image() == image_line(commit)
    assert len(built) == 2


def test_a_rival_commit_during_the_build_is_kept_and_the_line_is_written_on_top_of_it(forge: Forge) -> None:
    commit = forge.push("Sell hats [dev]")
    build, rivals = forge.build, []

    def build_while_somebody_pushes(target: str, image: str, context: Path, labels: list[str]) -> str:
        rivals.append(forge.push(f"Sell gloves while {target} is built"))
        return build(target, image, context, labels)

    forge.build = build_while_somebody_pushes
    assert forge.deploy(commit).succeeded
    assert forge.image() == image_line(commit)
    assert forge.log()[:3] == [
        f"Deploy {commit[:8]} to dev [skip ci]",
        "Sell gloves while migrate is built",
        "Sell gloves while site is built",
    ]


def test_a_push_that_loses_the_race_is_run_again(forge: Forge, tmp_path: Path) -> None:
    commit = forge.push("Sell hats [dev]")
    clone = forge.clone("bot")
    # The first push is too late, because somebody is faster.
    person = f"git -C {tmp_path}/person"
    rival = f"{person} commit -q --allow-empty -m Rival && {person} push -q origin HEAD:main"
    rival = f"[ -e {tmp_path}/once ] || {{ touch {tmp_path}/once; {rival}; exit 1; }}"
    hook = clone / ".git" / "hooks" / "pre-push"
    hook.write_text(f"#!/bin/sh\nunset $(git rev-parse --local-env-vars)\n{rival}\n")
    hook.chmod(0o755)
    done = script(
        clone,
        "commit-image",
        "dev",
        f"docker.io/secondhand/secondhand:{commit[:8]}",
        digest("a"),
        "Deploy it",
    )
    assert "(try 2)" in done.stdout, done.stderr
    assert forge.log()[:2] == ["Deploy it", "Rival"]


def digest(character: str) -> str:
    return "sha256:" + character * 64


def test_a_race_that_is_always_lost_ends_with_an_error(forge: Forge) -> None:
    hook = forge.origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho GH006: protected branch >&2\nexit 1\n")
    hook.chmod(0o755)
    clone = forge.clone("bot")
    done = script(
        clone, "commit-image", "dev", "docker.io/secondhand/secondhand:01234567", digest("a"), "Deploy it"
    )
    assert done.returncode == 1
    assert "GH006: protected branch" in done.stderr
    assert "five tries" in done.stderr
    assert git(clone, "worktree", "list").count("\n") == 0


def test_two_dev_commits_at_once_end_with_the_newer_one_deployed_once(forge: Forge, built: list[str]) -> None:
    first, second = forge.push("Sell hats [dev]"), forge.push("Sell gloves [dev]")
    assert forge.deploy(first).succeeded
    assert forge.image() == image_line(second)
    again = forge.deploy(second)
    assert again.succeeded
    assert again.jobs["deploy"].steps[-1] == "Sync with the remote main"
    assert len(built) == 2
    assert forge.log()[:3] == [
        f"Deploy {second[:8]} to dev [skip ci]",
        "Sell gloves [dev]",
        "Sell hats [dev]",
    ]


def test_deployments_wait_for_each_other_and_none_is_dropped() -> None:
    """By default GitHub keeps one waiting run: a push that asks for nothing would drop one that does."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/deploy-dev.yml").read_text())
    assert workflow["concurrency"] == {"group": "deploy-dev", "cancel-in-progress": False, "queue": "max"}


def test_code_under_test_runs_without_the_right_to_push_or_to_sign(forge: Forge) -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/deploy-dev.yml").read_text())["jobs"]
    run = forge.deploy(forge.push("Sell hats [dev]"))
    (tested,) = [name for name, job in run.jobs.items() if "Test" in job.steps]
    assert jobs[tested]["permissions"] == {"contents": "read"}
    assert "environment" not in jobs[tested]


def test_an_older_build_that_ends_later_does_not_replace_a_newer_one(forge: Forge) -> None:
    older = forge.push("Sell hats [dev]")
    newer = forge.push("Sell gloves [dev]")
    assert forge.deploy(newer).succeeded
    clone = forge.clone("bot")
    late = script(
        clone, "commit-image", "dev", f"docker.io/secondhand/secondhand:{older[:8]}", digest("a"), "Late"
    )
    assert late.returncode == 0
    assert "newer" in late.stdout
    assert forge.image() == image_line(newer)


def test_the_pipelines_own_commit_starts_nothing(forge: Forge) -> None:
    forge.deploy(forge.push("Sell hats [dev]"))
    own = forge.tip()
    assert not forge.starts(own)
    # Each guard holds alone: the mark that GitHub knows, and the script's own look at the message.
    message = forge.event(own)["head_commit"]["message"]
    for guarded in (message, message.replace("[skip ci]", ""), f"{message} [dev]"):
        assert script(ROOT, "wants-deploy", MESSAGE=guarded).stdout == "wanted=false\n"


def test_a_tag_of_digits_alone_stays_text(forge: Forge) -> None:
    clone = forge.clone("person")
    tree, parent = git(clone, "rev-parse", "HEAD^{tree}"), git(clone, "rev-parse", "HEAD")
    numbers = iter(range(5000))
    commit = next(
        each
        for number in numbers
        if re.fullmatch(
            "[0-9]{8}", (each := git(clone, "commit-tree", tree, "-p", parent, "-m", f"{number} [dev]"))[:8]
        )
    )
    git(clone, "push", "--quiet", "origin", f"{commit}:refs/heads/main")
    done = script(
        clone,
        "commit-image",
        "dev",
        f"docker.io/secondhand/secondhand:{commit[:8]}",
        digest("a"),
        "Deploy it",
    )
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(forge.values())["image"] == f"docker.io/secondhand/secondhand:{commit[:8]}"


@pytest.mark.parametrize(
    ("image", "digest", "error"),
    [
        ("docker.io/secondhand/secondhand:latest", digest("a"), "is not REPOSITORY:TAG"),
        ("docker.io/secondhand/secondhand", digest("a"), "is not REPOSITORY:TAG"),
        ('x:01234567"\nevil: "y', digest("a"), "is not REPOSITORY:TAG"),
        ("docker.io/secondhand/secondhand:01234567", "sha256:abc", "is not a digest"),
        ("docker.io/secondhand/secondhand:01234567", "", "digest"),
    ],
)
def test_a_line_that_is_no_image_is_never_written(forge: Forge, image: str, digest: str, error: str) -> None:
    clone = forge.clone("bot")
    done = script(clone, "set-image", "dev", image, digest)
    assert done.returncode != 0
    assert error in done.stderr
    assert git(clone, "status", "--porcelain") == ""


@pytest.fixture
def deployed(forge: Forge) -> Callable[[str], str]:
    def deploy(message: str) -> str:
        commit = forge.push(f"{message} [dev]")
        assert forge.deploy(commit).succeeded
        return commit

    return deploy


def test_promotion_proposes_the_same_image_by_the_same_digest_and_nothing_else(
    forge: Forge, deployed: Callable[[str], str]
) -> None:
    commit = deployed("Sell hats")
    done = script(forge.clone("person2"), "promote", "dev", "stage", GH_TOKEN="", GITHUB_TOKEN="")
    assert done.returncode == 0, done.stderr
    branch = f"deploy/stage-{commit[:8]}"
    changed = git(forge.origin, "diff", "--unified=0", "main", branch).splitlines()
    assert [line for line in changed if re.match(r"\+[a-z]", line)] == [
        f"+{line}" for line in forge.values().splitlines() if re.match("image|digest", line)
    ]
    assert git(forge.origin, "diff", "--name-only", "main", branch) == "k8s/helm/secondhand/values-stage.yaml"
    assert forge.image("stage") == ZEROS


def test_an_image_is_proposed_again_though_the_branch_that_proposed_it_first_is_still_there(
    forge: Forge, deployed: Callable[[str], str]
) -> None:
    """GitHub keeps the branch of a merged pull request unless it is told otherwise."""
    clone = forge.clone("person2")

    def propose(*command: str) -> None:
        done = script(clone, *command, GH_TOKEN="", GITHUB_TOKEN="")
        assert done.returncode == 0, done.stderr

    def merge(commit: str) -> None:
        forge.merge_branch(f"deploy/stage-{commit[:8]}")
        assert forge.image("stage") == image_line(commit)

    commits = [deployed("Sell hats")]
    propose("promote", "dev", "stage")
    merge(commits[0])
    commits.append(deployed("Sell gloves"))
    propose("promote", "dev", "stage")
    merge(commits[1])
    propose("rollback", "stage")
    merge(commits[0])
    propose("promote", "dev", "stage")
    merge(commits[1])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("dev", "prod"), "from dev to stage"),
        ((), "from dev to stage"),
        (("stage", "prod"), "nothing is deployed to stage"),
    ],
)
def test_an_environment_is_never_jumped_over(forge: Forge, arguments: tuple[str, ...], error: str) -> None:
    done = script(forge.clone("person2"), "promote", *arguments)
    assert done.returncode != 0
    assert error in done.stderr


def test_a_rollback_of_dev_goes_back_to_the_image_before(
    forge: Forge, deployed: Callable[[str], str]
) -> None:
    first, second = deployed("Sell hats"), deployed("Sell gloves")
    clone = forge.clone("person2")
    assert forge.image() == image_line(second)
    done = script(clone, "rollback", "dev")
    assert done.returncode == 0, done.stderr
    assert forge.image() == image_line(first)
    assert forge.log()[0] == f"Roll dev back to {first[:8]} [skip ci]"
    assert script(clone, "rollback", "dev").returncode == 0
    assert forge.image() == image_line(second)


def test_a_rollback_without_a_past_says_so(forge: Forge, deployed: Callable[[str], str]) -> None:
    clone = forge.clone("person2")
    assert "has run no other image" in script(clone, "rollback", "dev").stderr
    deployed("Sell hats")
    done = script(clone, "rollback", "dev")
    assert (done.returncode, "has run no other image" in done.stderr) == (1, True)


def test_a_tool_that_is_missing_is_named_with_the_way_to_it(tmp_path: Path) -> None:
    bare = {"PATH": "/usr/bin:/bin"}
    done = script(ROOT, "need", "terragrunt-that-is-not-there", "install it", **bare)
    assert (done.returncode, done.stderr) == (3, "terragrunt-that-is-not-there is missing: install it\n")
    tools = tool(tmp_path / "tools", "terragrunt", "true")
    tool(tools, "terraform", "true")
    without = {name: "" for name in os.environ if name.startswith("AWS_")}
    done = script(ROOT, "plan", "dev", **{**without, "PATH": f"{tools}:/usr/bin:/bin"})
    assert done.returncode == 3
    assert "no AWS credentials: set AWS_PROFILE" in done.stderr


@pytest.mark.parametrize("name", ["apply", "deploy", "image-of", "logs", "plan", "rollback", "values"])
@pytest.mark.parametrize("environment", [["moon"], [""], []])
def test_an_environment_that_does_not_exist_is_an_error_before_anything_is_done(
    name: str, environment: list[str]
) -> None:
    done = script(ROOT, name, *environment, PATH="/usr/bin:/bin")
    assert done.returncode == 2
    assert done.stderr == f"there is no environment '{''.join(environment)}': ENV is dev, stage or prod\n"


def test_without_a_builder_no_image_is_begun(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "dirname", "env"):
        (tools / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}")
    done = script(ROOT, "image", "docker.io/secondhand/secondhand:01234567", PATH=str(tools))
    assert done.returncode == 3
    assert done.stderr.startswith("buildah is missing: start Docker, or install buildah")
    assert done.stderr.count("\n") == 1


def test_newer_releases_are_proposed_on_one_branch_that_is_renewed(forge: Forge) -> None:
    makefile = "lock lock-deploy:\n\t@echo $@ $(ARGS) $$RELEASE >> requirements.txt\n"
    forge.push("Lock", {"Makefile": makefile, "requirements.txt": ""})
    before = forge.tip()
    said = []
    for number, release in enumerate(("1", "2")):
        done = script(
            forge.clone(f"updater{number}"), "update-locks", RELEASE=release, GH_TOKEN="", GITHUB_TOKEN=""
        )
        assert done.returncode == 0, done.stderr
        said.append(git(forge.origin, "show", "update/lock-files:requirements.txt"))
    assert said == [f"lock --upgrade {each}\nlock-deploy --upgrade {each}" for each in "12"]
    assert forge.tip() == before
    clone = forge.clone("changed")
    (clone / "Makefile").write_text("changed\n")
    assert "commit or stash your changes" in script(clone, "update-locks").stderr


def test_a_pull_request_is_opened_once(tmp_path: Path) -> None:
    tools = tool(
        tmp_path / "tools",
        "gh",
        f'echo "$2" >> {tmp_path}/asked; if [ "$2" = list ]; then grep -c create {tmp_path}/asked; fi; true',
    )
    wanted = ("open-pull-request", "a/branch", "Title", "Body")
    runs = [script(ROOT, *wanted, PATH=f"{tools}:/usr/bin:/bin", GH_TOKEN="x") for _ in range(2)]
    assert [done.returncode for done in runs] == [0, 0], runs
    assert (tmp_path / "asked").read_text().split() == ["list", "create", "list"]
    assert "open already" in runs[1].stdout


def test_values_come_from_terraforms_outputs(forge: Forge, tmp_path: Path) -> None:
    tools = tool(tmp_path / "tools", "terragrunt", 'echo "${5}-of-$(basename "$4")"')
    clone = forge.clone("person2")
    done = script(clone, "values", "dev", PATH=f"{tools}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    values = yaml.safe_load((clone / "k8s/helm/secondhand/values-dev.yaml").read_text())
    assert values["storage"] == "storage-of-images"
    assert values["database"] == {
        "host": "host-of-database",
        "name": "name-of-database",
        "secret": "site_secret_arn-of-database",
        "ownerSecret": "owner_secret_arn-of-database",
    }
    assert values["networkPolicy"]["vpcCidr"] == "cidr-of-network"
