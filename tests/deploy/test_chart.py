"""What the chart promises, read from what Helm renders."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import (
    CHART,
    ENVIRONMENTS,
    EVERYTHING,
    Manifest,
    RefusedError,
    Render,
    containers,
    find,
    of_the_move,
    pod_specs,
)

every_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)
RenderWith = Callable[..., list[Manifest]]


def wave(manifest: Manifest) -> int:
    return int(manifest["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", 0))


@every_environment
def test_every_pod_is_restricted(render: Render, environment: str) -> None:
    specs = pod_specs(render(environment, EVERYTHING))
    assert {name.split("/")[0] for name in specs} == {"Deployment", "Job"}
    for name, spec in specs.items():
        pod = spec["securityContext"]
        assert (pod["runAsNonRoot"], pod["runAsUser"], pod["seccompProfile"]["type"]) == (
            True,
            10001,
            "RuntimeDefault",
        ), name
        assert spec["automountServiceAccountToken"] is False, name
        for container in containers(spec):
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] is True, name
            assert security["allowPrivilegeEscalation"] is False, name
            assert security["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"].keys() == {"limits", "requests"}, name


@every_environment
def test_every_image_is_pulled_by_digest(render: Render, environment: str) -> None:
    for spec in pod_specs(render(environment, EVERYTHING)).values():
        for container in containers(spec):
            assert re.fullmatch(r"\S+:[0-9a-f]{8}(-migrate)?@sha256:[0-9a-f]{64}", container["image"])


@every_environment
def test_a_rollout_never_has_fewer_copies_than_before(render: Render, environment: str) -> None:
    manifests = render(environment)
    deployment = find(manifests, "Deployment")["spec"]
    assert deployment["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert find(manifests, "HorizontalPodAutoscaler")["spec"]["minReplicas"] >= 2
    assert find(manifests, "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


@every_environment
def test_a_new_copy_is_seen_by_the_load_balancer_before_an_old_one_leaves(
    render: Render, environment: str
) -> None:
    manifests = render(environment)
    said = find(manifests, "Ingress")["metadata"]["annotations"]
    prefix = "alb.ingress.kubernetes.io/"
    healthy_after = int(said[f"{prefix}healthcheck-interval-seconds"]) * int(
        said[f"{prefix}healthy-threshold-count"]
    )
    assert find(manifests, "Deployment")["spec"]["minReadySeconds"] >= healthy_after


@every_environment
def test_the_autoscaler_alone_says_how_many_copies_run(render: Render, environment: str) -> None:
    assert "replicas" not in find(render(environment), "Deployment")["spec"]


def test_without_the_autoscaler_the_values_say_how_many(render_with: RenderWith) -> None:
    manifests = render_with(autoscaling={"enabled": False}, replicas=1)
    assert find(manifests, "Deployment")["spec"]["replicas"] == 1
    kinds = {manifest["kind"] for manifest in manifests}
    assert not kinds & {"HorizontalPodAutoscaler", "PodDisruptionBudget"}  # one copy must be allowed to move


def test_waves_make_what_a_job_needs_before_it_and_serve_after_it(render: Render) -> None:
    manifests = render("dev", EVERYTHING)
    order = [
        find(manifests, "ServiceAccount", "-owner"),
        find(manifests, "Job", "mysql-to-pg-" + find_hash(manifests)),
        find(manifests, "Job", "upgrade"),
        find(manifests, "Deployment"),
        find(manifests, "HorizontalPodAutoscaler"),
    ]
    assert [wave(each) for each in order] == [-1, 0, 1, 2, 3]
    assert {wave(each) for each in manifests if each["kind"] in ("ConfigMap", "NetworkPolicy")} == {-1}


def find_hash(manifests: list[Manifest]) -> str:
    (name,) = [each["metadata"]["name"] for each in manifests if "mysql-to-pg-" in each["metadata"]["name"]]
    return str(name).rsplit("-", 1)[1]


def test_the_schema_upgrade_runs_at_every_sync_and_the_move_of_the_old_shop_once(render: Render) -> None:
    manifests = render("dev", EVERYTHING)
    upgrade = find(manifests, "Job", "upgrade")["metadata"]["annotations"]
    assert upgrade["argocd.argoproj.io/hook"] == "Sync"
    assert upgrade["argocd.argoproj.io/hook-delete-policy"] == "BeforeHookCreation"
    move = find(manifests, "Job", find_hash(manifests))["metadata"]["annotations"]
    assert not [name for name in move if "hook" in name]


def test_a_deployment_leaves_the_finished_move_of_the_old_shop_alone(
    render_with: RenderWith, render: Render
) -> None:
    """A Job cannot be changed: a sync that tried would fail."""
    migration = {
        "enabled": True,
        "image": f"docker.io/secondhand/secondhand:01234567-migrate@sha256:{'0' * 64}",
        "source": "s3://bucket/legacy",
    }
    before, after = (
        render_with(
            migration=migration, image=f"docker.io/secondhand/secondhand:{tag}", digest=f"sha256:{tag * 8}"
        )
        for tag in ("aaaaaaaa", "bbbbbbbb")
    )
    name = find_hash(before)
    assert find(before, "Job", name) == find(after, "Job", name)


def test_as_many_pods_take_part_in_the_move_as_are_asked_for(render_with: RenderWith, render: Render) -> None:
    manifests = render("dev", EVERYTHING)
    (workers,) = [
        each["spec"] for each in manifests if each.get("spec", {}).get("completionMode") == "Indexed"
    ]
    asked = yaml.safe_load(EVERYTHING.read_text())["migration"]["workers"]
    assert (workers["completions"], workers["parallelism"]) == (asked, asked)
    (leader,) = find(manifests, "Job", find_hash(manifests))["spec"]["template"]["spec"]["initContainers"]
    (worker,) = workers["template"]["spec"]["containers"]
    assert worker["image"] == leader["image"]
    assert worker["command"] == [*leader["command"], "worker"]
    assert of_the_move(manifests)["LEGACY_WORKERS"] == str(asked)


def test_nodes_are_not_taken_from_under_the_move_of_the_old_shop_for_thrift(render: Render) -> None:
    templates = {
        each["metadata"]["name"]: each["spec"]["template"]
        for each in render("dev", EVERYTHING)
        if each["kind"] in ("Job", "Deployment")
    }
    kept = {
        name
        for name, each in templates.items()
        if each["metadata"].get("annotations", {}).get("karpenter.sh/do-not-disrupt") == "true"
    }
    assert kept == {name for name in templates if "mysql-to-pg-" in name or name.endswith("-workers")}


def test_another_image_changes_the_image_and_nothing_else(render_with: RenderWith) -> None:
    before, after = (
        render_with(image=f"docker.io/secondhand/secondhand:{tag}", digest=f"sha256:{tag * 8}")
        for tag in ("aaaaaaaa", "bbbbbbbb")
    )
    changed = [path for path, _, _ in differences(before, after)]
    assert changed
    assert {path.rsplit(".", 1)[1] for path in changed} == {"image"}


def differences(before: Any, after: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """Where two documents differ: the path, the value before, the value after."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted({*before, *after})
        return [
            each for key in keys for each in differences(before.get(key), after.get(key), f"{path}.{key}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [each for index, pair in pairs for each in differences(*pair, f"{path}.{index}")]
    return [] if before == after else [(path, before, after)]


def test_every_part_of_the_values_refuses_a_key_that_it_does_not_know() -> None:
    def parts(schema: Manifest, path: str = "values") -> Iterator[tuple[str, Manifest]]:
        if schema["type"] == "object":
            yield path, schema
            for name, each in schema["properties"].items():
                yield from parts(each, f"{path}.{name}")

    found = dict(parts(json.loads((CHART / "values.schema.json").read_text())))
    assert len(found) > 10
    assert [path for path, schema in found.items() if schema.get("additionalProperties") is not False] == []


def test_a_private_repository_is_pulled_with_a_log_in_by_everything(render: Render) -> None:
    manifests = render("dev", EVERYTHING)
    accounts = [each for each in manifests if each["kind"] == "ServiceAccount"]
    assert all(each["imagePullSecrets"] == [{"name": "docker-hub"}] for each in accounts)
    names = {spec["serviceAccountName"] for spec in pod_specs(manifests).values()}
    assert names == {each["metadata"]["name"] for each in accounts}
    assert "imagePullSecrets" not in find(render("dev"), "ServiceAccount", "secondhand")


def test_each_service_account_has_the_role_that_is_its_own(render: Render) -> None:
    roles = {
        each["metadata"]["name"]: each["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].rpartition(
            "/"
        )[2]
        for each in render("dev", EVERYTHING)
        if each["kind"] == "ServiceAccount"
    }
    assert roles == {"secondhand": "secondhand-site", "secondhand-owner": "secondhand-owner"}


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"imagee": "x"}, "imagee"),
        ({"database": {"prot": 5432}}, "prot"),
        ({"image": 12345678}, "got number, want string"),
        ({"image": "docker.io/secondhand/secondhand:latest"}, "does not match pattern"),
        ({"digest": "sha256:abc"}, "does not match pattern"),
        ({"origin": "http://shop.example"}, "does not match pattern"),
        ({"origin": "https://shop.example/"}, "does not match pattern"),
        ({"environment": "production"}, "value must be one of"),
        ({"autoscaling": {"minReplicas": 1}}, "minimum"),
        ({"storage": "/tmp/pictures"}, "does not match pattern"),
        ({"migration": {"enabled": True}}, "migration.enabled needs migration.image and migration.source"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(
    render_with: RenderWith, values: dict[str, Any], error: str
) -> None:
    with pytest.raises(RefusedError, match=re.escape(error)):
        render_with(**values)


@every_environment
def test_nothing_talks_to_the_pods_and_they_talk_to_nobody_but_for_what_is_named(
    render: Render, environment: str
) -> None:
    manifests = render(environment)
    assert find(manifests, "NetworkPolicy", "default-deny")["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }
    (egress,) = [
        each["spec"]["egress"]
        for each in manifests
        if each["kind"] == "NetworkPolicy" and each["metadata"]["name"] == "secondhand"
    ]
    ports = {
        (port["port"], to["ipBlock"]["cidr"])
        for rule in egress
        for to in rule.get("to", [])
        for port in rule["ports"]
    }
    vpc = find(manifests, "ConfigMap", "secondhand")["data"]["FORWARDED_ALLOW_IPS"]
    assert ports == {
        (5432, vpc),
        (80, "169.254.170.23/32"),
        (443, "0.0.0.0/0"),
        (465, "0.0.0.0/0"),
        (587, "0.0.0.0/0"),
    }
    assert {port["port"] for rule in egress if "to" not in rule for port in rule["ports"]} == {53}


@every_environment
def test_the_metadata_service_of_the_node_is_out_of_reach(render: Render, environment: str) -> None:
    blocks = [
        to["ipBlock"]
        for manifest in render(environment)
        if manifest["kind"] == "NetworkPolicy"
        for rule in manifest["spec"].get("egress", [])
        for to in rule.get("to", [])
        if "ipBlock" in to
    ]
    assert [block["except"] for block in blocks if block["cidr"] == "0.0.0.0/0"] == [["169.254.0.0/16"]]


def test_no_manifest_holds_a_password_or_a_key(render: Render) -> None:
    assert "Secret" not in {manifest["kind"] for manifest in render("prod", EVERYTHING)}
    url = find(render("prod"), "ConfigMap", "secondhand")["data"]["SECONDHAND_DATABASE_URL"]
    assert "@" not in url
    assert "sslmode=verify-full" in url


def test_selectors_hold_nothing_that_ever_changes(render: Render) -> None:
    selector = find(render("dev"), "Deployment")["spec"]["selector"]["matchLabels"]
    assert set(selector) == {
        "app.kubernetes.io/name",
        "app.kubernetes.io/instance",
        "app.kubernetes.io/component",
    }


def test_a_changed_setting_rolls_the_pods(render_with: RenderWith) -> None:
    before, after = (
        find(render_with(logLevel=level), "Deployment")["spec"]["template"]["metadata"]["annotations"]
        for level in ("info", "debug")
    )
    assert before["checksum/config"] != after["checksum/config"]


def test_copies_are_spread_over_zones_and_nodes(render: Render) -> None:
    spread = find(render("prod"), "Deployment")["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert [each["topologyKey"] for each in spread] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]
    assert all(each["matchLabelKeys"] == ["pod-template-hash"] for each in spread)
