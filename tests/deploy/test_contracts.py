"""Names that one layer gives and another takes: application, image, chart, Argo CD, workflows, Terraform."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from secondhand import cli, images, limits
from secondhand.app import ROUTES
from secondhand.server import FINISH_SECONDS
from secondhand.settings import Settings
from tests.deploy.conftest import (
    CHART,
    ENVIRONMENTS,
    EVERYTHING,
    ROOT,
    Manifest,
    Render,
    containers,
    find,
    pod_specs,
)

every_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)
LIVE = ROOT / "terraform/live"
MODULES = sorted(path for path in (ROOT / "terraform/modules").iterdir())
KEYS = {"SECONDHAND_SECRET_KEYS": "k" * 32}


def text(path: str) -> str:
    return (ROOT / path).read_text()


def values(environment: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((CHART / f"values-{environment}.yaml").read_text())
    return loaded


def facts(environment: str) -> dict[str, str]:
    """The plain strings of an environment's env.hcl."""
    return dict(
        re.findall(r'^  (\w+) += "(.*)"$', (LIVE / environment / "env.hcl").read_text(), re.MULTILINE)
    )


def outputs(module: str) -> set[str]:
    files = (ROOT / "terraform/modules" / module).glob("*.tf")
    return {name for file in files for name in re.findall(r'^output "(\w+)"', file.read_text(), re.MULTILINE)}


def settings_of(manifests: list[Manifest]) -> dict[str, str]:
    data: dict[str, str] = find(manifests, "ConfigMap", "secondhand")["data"]
    return data


def owners_settings(manifests: list[Manifest]) -> dict[str, str]:
    """What takes the place of the site's settings in jobs that need the database's owner."""
    data: dict[str, str] = find(manifests, "ConfigMap", "secondhand-owner")["data"]
    return data


# The application and the chart


@every_environment
def test_the_site_takes_the_settings_that_the_chart_gives(render: Render, environment: str) -> None:
    said = settings_of(render(environment))
    settings = Settings.from_environment({**said, **KEYS})
    assert settings.origin == values(environment)["origin"]
    assert settings.storage == said["SECONDHAND_STORAGE"]
    assert settings.database_secret == values(environment)["database"]["secret"]
    assert (settings.host, settings.port, settings.metrics_port) == ("0.0.0.0", 8000, 9000)
    assert settings.secure


@every_environment
def test_only_jobs_know_the_owner_of_the_database(render: Render, environment: str) -> None:
    """Nothing of the site's pods names the owner's secret, and nothing lets them read it."""
    manifests = render(environment, EVERYTHING)
    owner = Settings.from_environment({**settings_of(manifests), **owners_settings(manifests), **KEYS})
    site = Settings.from_environment({**settings_of(manifests), **KEYS})
    assert owner.database_secret == values(environment)["database"]["ownerSecret"]
    assert owner.site_secret == site.database_secret
    assert site.site_secret == ""
    for name, spec in pod_specs(manifests).items():
        is_owner = name != "Deployment/secondhand" and name != "Job/secondhand-test"
        account = "secondhand-owner" if is_owner else "secondhand"
        assert spec["serviceAccountName"] == account, name
        for container in containers(spec):
            sources = [
                each["configMapRef"]["name"]
                for each in container.get("envFrom", [])
                if "configMapRef" in each
            ]
            expected = ["secondhand", "secondhand-owner"] if is_owner else ["secondhand"]
            assert sources in (expected, []), name  # of two that hold a name, the last one counts


def test_the_site_reads_every_name_that_the_chart_sets(render: Render) -> None:
    """A name that the site does not read would be a setting that does nothing."""
    read = {f"SECONDHAND_{name}" for name in re.findall(r'get\("(\w+)"', text("src/secondhand/settings.py"))}
    given = {**settings_of(render("dev")), **owners_settings(render("dev"))}
    said = {name for name in given if name.startswith("SECONDHAND_")}
    secret = set(
        re.findall(
            r"SECONDHAND_\w+",
            json.loads((CHART / "values.schema.json").read_text())["properties"]["secret"]["description"],
        )
    )
    assert (
        said | secret | {"SECONDHAND_MAIL_FROM"} == read
    )  # its default is right: secondhand@ the shop's host


@every_environment
def test_the_grace_period_outlasts_everything_a_leaving_copy_does(render: Render, environment: str) -> None:
    manifests = render(environment)
    spec = find(manifests, "Deployment")["spec"]["template"]["spec"]
    pre_stop = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = Settings.from_environment({**settings_of(manifests), **KEYS}).drain_seconds
    assert spec["terminationGracePeriodSeconds"] > pre_stop + drain + FINISH_SECONDS


def test_the_schema_upgrade_may_take_the_time_that_it_allows_its_statements(render: Render) -> None:
    allowed = re.findall(r"statement_timeout = '(\d+)min'", text("src/secondhand/upgrade.py"))
    assert find(render("dev"), "Job", "upgrade")["spec"]["activeDeadlineSeconds"] > int(allowed[0]) * 60


def bytes_of(quantity: str) -> int:
    return int(quantity[:-2]) << {"Mi": 20, "Gi": 30}[quantity[-2:]]


@every_environment
def test_a_copy_has_room_for_the_worst_that_it_lets_in(render: Render, environment: str) -> None:
    pod = pod_specs(render(environment))["Deployment/secondhand"]
    (tmp,) = (volume["emptyDir"] for volume in pod["volumes"] if "emptyDir" in volume)
    # The process, a picture being opened and a password being hashed; then the pictures that wait for their turn.
    needed = (100 + 320 + 64) * 2**20 + images._workers.most * images.MOST_BYTES
    assert needed < bytes_of(containers(pod)[0]["resources"]["limits"]["memory"])
    assert bytes_of(tmp["sizeLimit"]) > limits.MOST_HELD


def test_probes_ask_for_pages_that_exist(render: Render) -> None:
    container = find(render("dev"), "Deployment")["spec"]["template"]["spec"]["containers"][0]
    asked = {name: container[name]["httpGet"]["path"] for name in container if name.endswith("Probe")}
    assert asked == {
        "startupProbe": "/health/live",
        "readinessProbe": "/health/ready",
        "livenessProbe": "/health/live",
    }
    assert set(asked.values()) <= {route.path for route in ROUTES}
    annotations = find(render("dev"), "Ingress")["metadata"]["annotations"]
    assert annotations["alb.ingress.kubernetes.io/healthcheck-path"] == "/health/ready"


def test_what_the_pods_run_are_commands_of_the_site(render: Render) -> None:
    assert isinstance(cli.main, click.Group)
    for name, spec in pod_specs(render("dev", EVERYTHING)).items():
        for container in containers(spec):
            arguments = container.get("args") or container.get("command", [])[1:]
            if container["name"] in ("web", "upgrade"):
                command = cli.main.commands[arguments[0]]
                options = {option for parameter in command.params for option in parameter.opts}
                assert {each for each in arguments if each.startswith("--")} <= options, name


# The image, the chart and the workflows


def test_the_image_has_the_user_the_ports_and_the_targets_that_others_name(render: Render) -> None:
    dockerfile = text("Dockerfile")
    spec = find(render("dev"), "Deployment")["spec"]["template"]["spec"]
    assert (
        f"USER {spec['securityContext']['runAsUser']}:{spec['securityContext']['runAsGroup']}" in dockerfile
    )
    ports = " ".join(str(port["containerPort"]) for port in spec["containers"][0]["ports"])
    assert f"EXPOSE {ports}" in dockerfile
    targets = set(
        re.findall(r"^          target: (\w+)$", text(".github/workflows/deploy-dev.yml"), re.MULTILINE)
    )
    assert targets == {"site", "migrate"}
    assert targets <= set(re.findall(r" AS ([\w-]+)$", dockerfile, re.MULTILINE))


def test_the_repository_of_the_image_is_written_in_the_values_only() -> None:
    repository = values("dev")["image"].split(":")[0]
    assert {values(environment)["image"].split(":")[0] for environment in ENVIRONMENTS} == {repository}
    others = [*(ROOT / ".github").rglob("*.yml"), *(ROOT / "scripts").iterdir(), ROOT / "deploy.mk"]
    assert [path.name for path in others if path.is_file() and repository in path.read_text()] == []


def test_the_image_line_of_dev_is_quoted_text_with_eight_characters_of_a_commit() -> None:
    (line,) = re.findall(r"^image: .*$", (CHART / "values-dev.yaml").read_text(), re.MULTILINE)
    assert re.fullmatch(r'image: "[a-z0-9./-]+:[0-9a-f]{8}"', line)


def test_every_script_that_is_called_exists_and_can_be_run() -> None:
    callers = [*(ROOT / ".github/workflows").iterdir(), ROOT / "deploy.mk", *(ROOT / "scripts").iterdir()]
    called = {
        name
        for path in callers
        if path.is_file()
        for name in re.findall(r"(?<![\w/$])scripts/([\w.-]*\w)", path.read_text())
    }
    assert called
    for name in called:
        script = ROOT / "scripts" / name
        assert script.is_file(), name
        assert name.endswith(".py") or script.stat().st_mode & 0o100, f"{name} is not executable"


def test_actions_are_pinned_to_a_commit_and_one_action_to_one() -> None:
    used: dict[str, set[str]] = {}
    for workflow in (ROOT / ".github/workflows").iterdir():
        for action, version in re.findall(r"uses: (\S+?)@(\S+ # v\S+)$", workflow.read_text(), re.MULTILINE):
            used.setdefault(action, set()).add(version)
        assert len(re.findall(r"uses: ", workflow.read_text())) == len(
            re.findall(r"uses: \S+@[0-9a-f]{40} # v[0-9.]+$", workflow.read_text(), re.MULTILINE)
        )
    assert {action for action, versions in used.items() if len(versions) > 1} == set()


def test_whoever_needs_terraform_is_given_it() -> None:
    """GitHub's machines have none. The shims of mise look for mise.toml from the folder that they are called in
    upwards, and checks call them in folders of /tmp."""
    assert (ROOT / "mise.toml").is_file()
    for file in sorted((ROOT / ".github/workflows").iterdir()):
        for name, job in yaml.safe_load(file.read_text())["jobs"].items():
            installed = False
            for step in job["steps"]:
                installed = installed or step.get("uses", "").startswith("jdx/mise-action@")
                if re.search(
                    r"make (test|lint-deploy)|scripts/(plan|apply|test-terraform)", step.get("run", "")
                ):
                    assert installed, f"{file.name}: {name}"
                    assert step["run"].startswith("mise exec -- "), f"{file.name}: {name}"


def test_the_documentation_names_every_variable_and_secret_of_the_workflows() -> None:
    workflows = "".join(path.read_text() for path in (ROOT / ".github/workflows").iterdir())
    named = set(re.findall(r"\b(?:vars|secrets)\.(\w+)", workflows))
    assert {name for name in named if f"`{name}`" not in text("docs/deploy.md")} == set()


# Terraform, the chart and Argo CD


@every_environment
def test_a_value_that_terraform_gives_is_an_output_of_the_unit_it_names(environment: str) -> None:
    given = re.findall(
        r'^ *(\w+): ".*" # terraform: (\w+)\.(\w+)$',
        (CHART / f"values-{environment}.yaml").read_text(),
        re.MULTILINE,
    )
    assert {f"{unit}.{output}" for _, unit, output in given} == {
        "images.storage",
        "database.host",
        "database.name",
        "database.site_secret_arn",
        "database.owner_secret_arn",
        "certificate.arn",
        "network.cidr",
    }
    for _, unit, output in given:
        assert (LIVE / environment / values(environment)["region"] / unit / "terragrunt.hcl").is_file()
        assert output in outputs(unit), f"{unit}.{output}"


@pytest.mark.parametrize("module", [path.name for path in MODULES])
def test_every_output_is_taken_by_somebody(module: str) -> None:
    units = "".join(path.read_text() for path in (LIVE / "_units").iterdir())
    taken = set(re.findall(rf"dependency\.{module}\.outputs\.(\w+)", units))
    taken |= set(re.findall(rf"# terraform: {module}\.(\w+)", (CHART / "values-dev.yaml").read_text()))
    taken |= set(re.findall(rf"`{module}\.(\w+)`", text("docs/deploy.md")))
    assert outputs(module) <= taken


@every_environment
def test_what_both_sides_write_down_is_the_same(environment: str) -> None:
    chart, terraform = values(environment), facts(environment)
    assert chart["environment"] == terraform["name"] == environment
    assert chart["origin"] == f"https://{terraform['host']}"
    assert chart["networkPolicy"]["vpcCidr"] == terraform["cidr"]
    written = (CHART / f"values-{environment}.yaml").read_text()
    assert set(re.findall(r"\d{12}", written.replace("0" * 12, ""))) == {terraform["account_id"]}
    (LIVE / environment / chart["region"] / "region.hcl").read_text().index(f'"{chart["region"]}"')


def test_the_roles_are_for_the_service_accounts_that_the_chart_makes(render: Render) -> None:
    (account,) = re.findall(
        r'variable "service_account" \{.*?default += "(\w+)"',
        text("terraform/modules/identity/variables.tf"),
        re.DOTALL,
    )
    assert 'owner = "${var.service_account}-owner"' in text("terraform/modules/identity/main.tf")
    made = [each["metadata"] for each in render("dev") if each["kind"] == "ServiceAccount"]
    assert {each["name"] for each in made} == {account, f"{account}-owner"}
    assert {each["namespace"] for each in made} == {facts("dev")["name"]}
    assert re.search(
        r"^  namespace += local\.environment\.name$", text("terraform/live/_units/identity.hcl"), re.MULTILINE
    )


def test_the_role_opens_the_folders_that_the_site_and_the_migration_use(render: Render) -> None:
    identity = text("terraform/modules/identity/main.tf")
    folders = set(re.findall(r"\$\{var\.bucket_arn\}/(\w+)/\*", identity))
    storage = text("terraform/modules/images/outputs.tf")
    assert re.search(r's3://\$\{aws_s3_bucket\.this\.bucket\}/pictures"', storage)
    source = yaml.safe_load(EVERYTHING.read_text())["migration"]["source"]
    assert folders == {"pictures", source.rsplit("/", 1)[1]}


def test_one_version_of_kubernetes_is_checked_and_made() -> None:
    versions = {
        *re.findall(r'KUBERNETES = "v(\d+\.\d+)\.0"', text("scripts/chart.py")),
        *re.findall(r"--kubernetes-version (\d+\.\d+)", text("scripts/lint-deploy")),
        *re.findall(r'kubernetes_version +="? ?"(\d+\.\d+)"', text("terraform/live/_units/cluster.hcl")),
        *re.findall(r'kubernetes_version += "(\d+\.\d+)"', text("terraform/live/_units/cluster.hcl")),
    }
    assert len(versions) == 1, versions


def test_argo_cd_terraform_and_the_project_mean_one_repository() -> None:
    urls = set(
        re.findall(
            r"https://github\.com/\S+\.git",
            "".join(path.read_text() for path in (ROOT / "k8s/argocd").iterdir()),
        )
    )
    assert urls == {
        f"https://github.com/{re.sub('@[0-9]+', '', facts(environment)['repository'])}.git"
        for environment in ENVIRONMENTS
    }


def test_argo_cd_makes_one_application_per_environment_and_may_make_what_the_chart_holds(
    render: Render,
) -> None:
    done = subprocess.run(
        [ROOT / ".local/deploy/lint-deploy/bin/python", "scripts/applications.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    project = yaml.safe_load(text("k8s/argocd/project.yaml"))["spec"]
    allowed = {
        (each["group"], each["kind"])
        for each in [*project["clusterResourceWhitelist"], *project["namespaceResourceWhitelist"]]
    }
    for application, environment in zip(yaml.safe_load_all(done.stdout), ENVIRONMENTS, strict=True):
        spec = application["spec"]
        assert spec["destination"] == {"name": environment, "namespace": environment}
        assert spec["destination"] in project["destinations"]
        assert [
            (ROOT / spec["source"]["path"] / file).is_file() for file in spec["source"]["helm"]["valueFiles"]
        ] == [True]
        made = {
            (each["apiVersion"].rpartition("/")[0], each["kind"]) for each in render(environment, EVERYTHING)
        }
        assert made <= allowed


def test_argo_cd_leaves_to_the_autoscaler_what_the_chart_leaves_out() -> None:
    spec = yaml.safe_load(text("k8s/argocd/applications.yaml"))["spec"]["template"]["spec"]
    assert spec["ignoreDifferences"] == [
        {"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}
    ]
    assert "RespectIgnoreDifferences=true" in spec["syncPolicy"]["syncOptions"]


def test_github_environments_are_those_that_aws_trusts() -> None:
    trusted = set(
        re.findall(r"environment:\$\{var\.environment\}([\w-]*)\"", text("terraform/modules/ci/main.tf"))
    )
    named = set(
        re.findall(
            r"environment: \$\{\{ (?:matrix|inputs)\.environment \}\}([\w-]*)$",
            text(".github/workflows/terraform.yml"),
            re.MULTILINE,
        )
    )
    assert trusted == named == {"-plan", "-apply"}


def test_the_readme_of_the_chart_lists_every_value() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    readme = (CHART / "README.md").read_text()
    for name, each in schema["properties"].items():
        for inner in each.get("properties", {"": None}):
            assert f"`{name}.{inner}`".replace(".`", "`") in readme or f"**`{name}`**" in readme


@pytest.mark.parametrize("module", [path.name for path in MODULES])
def test_every_module_is_tested_and_used_in_every_environment(module: str) -> None:
    assert list((ROOT / "terraform/modules" / module / "tests").glob("*.tftest.hcl"))
    for environment in ENVIRONMENTS:
        assert list(Path(LIVE / environment).glob(f"*/{module}/terragrunt.hcl"))


# Names within a layer, and those that people are told to type


def test_a_step_gives_its_script_the_variables_that_it_reads() -> None:
    for file in sorted((ROOT / ".github/workflows").iterdir()):
        for job in yaml.safe_load(file.read_text())["jobs"].values():
            for step in job["steps"]:
                if "run" not in step:
                    continue
                scripts = re.findall(r"scripts/[\w-]+", step["run"])
                read = step["run"] + "".join(text(script) for script in scripts)
                for name in step.get("env", {}):
                    if not name.startswith(("GIT_", "GH_")):
                        assert re.search(rf"\$\{{?{name}\b", read), f"{file.name}: nothing reads {name}"


def test_an_output_that_a_step_uses_is_written_by_the_script_of_the_step_it_names() -> None:
    for file in sorted((ROOT / ".github/workflows").iterdir()):
        for job in yaml.safe_load(file.read_text())["jobs"].values():
            written = {
                step["id"]: text(step["run"].split()[0])
                for step in job["steps"]
                if "id" in step and "run" in step
            }
            for step, output in re.findall(r"steps\.(\w+)\.outputs\.(\w+)", yaml.safe_dump(job)):
                assert step in {each.get("id") for each in job["steps"]}, f"{file.name}: no step {step}"
                if step in written:
                    assert f"{output}=" in written[step], f"{file.name}: {step} does not write {output}"


def test_the_job_that_moves_the_old_shop_gives_its_script_what_it_reads(render: Render) -> None:
    manifests = render("dev", EVERYTHING)
    (spec,) = [spec for name, spec in pod_specs(manifests).items() if "mysql-to-pg" in name]
    read = set(re.findall(r'os\.environ\["(\w+)"\]', text("k8s/helm/secondhand/files/migrate.py"))) - {
        "PGPASSWORD"
    }
    given = {each["name"] for each in spec["initContainers"][0]["env"]} | set(settings_of(manifests))
    assert read <= given
    assert {each["name"] for each in spec["initContainers"][0]["env"]} <= read


def test_ports_are_found_by_the_names_that_others_call_them(render: Render) -> None:
    manifests = render("dev", EVERYTHING)
    container = find(manifests, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    own = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    served = find(manifests, "Service")["spec"]["ports"]
    assert {port["targetPort"] for port in served} == set(own)
    names = {port["name"] for port in served}
    assert {each["port"] for each in find(manifests, "ServiceMonitor")["spec"]["endpoints"]} <= names
    (rule,) = find(manifests, "Ingress")["spec"]["rules"]
    assert {path["backend"]["service"]["port"]["name"] for path in rule["http"]["paths"]} <= names
    said = settings_of(manifests)
    assert own == {"http": said["SECONDHAND_PORT"], "metrics": said["SECONDHAND_METRICS_PORT"]}


def test_what_refers_to_something_by_name_finds_it(render: Render) -> None:
    manifests = render("dev", EVERYTHING)
    made = {(each["kind"], each["metadata"]["name"]) for each in manifests}
    target = find(manifests, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) in made
    (rule,) = find(manifests, "Ingress")["spec"]["rules"]
    assert {("Service", path["backend"]["service"]["name"]) for path in rule["http"]["paths"]} <= made
    assert ("IngressClass", find(manifests, "Ingress")["spec"]["ingressClassName"]) in made
    for name, spec in pod_specs(manifests).items():
        assert ("ServiceAccount", spec["serviceAccountName"]) in made, name
        mounted = {mount["name"] for each in containers(spec) for mount in each.get("volumeMounts", [])}
        assert mounted == {volume["name"] for volume in spec.get("volumes", [])}, name


def test_the_certificates_of_rds_are_where_the_site_looks_for_them(render: Render) -> None:
    manifests = render("dev")
    (path,) = re.findall(r"sslrootcert=(\S+)$", settings_of(manifests)["SECONDHAND_DATABASE_URL"])
    spec = find(manifests, "Deployment")["spec"]["template"]["spec"]
    (volume,) = [each for each in spec["volumes"] if "configMap" in each]
    (mount,) = [each for each in spec["containers"][0]["volumeMounts"] if each["name"] == volume["name"]]
    folder, _, file = path.rpartition("/")
    assert mount["mountPath"] == folder
    named = f"create configmap {volume['configMap']['name']} --from-file={file}"
    assert named in text("docs/deploy.md")


def test_the_documentation_makes_the_secret_that_the_chart_reads(render: Render) -> None:
    spec = find(render("dev"), "Deployment")["spec"]["template"]["spec"]
    (name,) = [each["secretRef"]["name"] for each in spec["containers"][0]["envFrom"] if "secretRef" in each]
    assert f"create secret generic {name} " in text("docs/deploy.md")
    assert f"get secret {name} " in text("docs/runbook.md")


def test_every_target_that_the_documentation_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile") + text("deploy.mk"), re.MULTILINE))
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]+)", path.read_text(), re.MULTILINE))
        assert named <= targets, path.name


def test_the_runbook_names_what_the_chart_and_terraform_make(render: Render) -> None:
    runbook, manifests = text("docs/runbook.md"), render("dev", EVERYTHING)
    made = {f"{each['kind'].lower()}/{each['metadata']['name']}" for each in manifests}
    for kind, name in re.findall(r"\b(job|deployment|deploy)/([a-z][a-z-]*[a-z])", runbook):
        whole = f"{kind.replace('deploy', 'deployment') if kind == 'deploy' else kind}/{name}"
        assert any(each.startswith(whole) for each in made), whole
    labels = find(manifests, "Deployment")["spec"]["template"]["metadata"]["labels"]
    said = set(re.findall(r"(app\.kubernetes\.io/\w+)=([\w-]+)", runbook))
    assert said
    assert said <= set(labels.items())
    units = "".join(path.read_text() for path in (LIVE / "_units").iterdir())
    assert set(re.findall(r'^  name += "(\S+?)\$\{', units, re.MULTILINE)) == {"secondhand-"}
    for option in ("--source-db-instance-identifier", "--db-subnet-group-name", "--name"):
        assert re.findall(rf"{option} (\S+)", runbook), option
        assert {each.rpartition("-")[0] for each in re.findall(rf"{option} (\S+)", runbook)} == {"secondhand"}


def test_argo_cd_tells_what_has_a_trigger_and_a_template() -> None:
    data = yaml.safe_load(text("k8s/argocd/notifications.yaml"))["data"]
    subscribed = set(re.findall(r"subscribe\.([\w-]+)\.(\w+):", text("k8s/argocd/applications.yaml")))
    assert {f"trigger.{trigger}" for trigger, _ in subscribed} == {
        name for name in data if name.startswith("trigger.")
    }
    assert {f"service.{service}" for _, service in subscribed} <= set(data)
    sent = {
        each for name in data if name.startswith("trigger.") for each in yaml.safe_load(data[name])[0]["send"]
    }
    assert {f"template.{each}" for each in sent} == {name for name in data if name.startswith("template.")}


def test_everything_follows_one_branch() -> None:
    followed = set(
        re.findall(
            r"targetRevision: (\S+)", "".join(each.read_text() for each in (ROOT / "k8s/argocd").iterdir())
        )
    )
    started = yaml.safe_load(text(".github/workflows/deploy-dev.yml"))[True]["push"]["branches"]
    (pushed,) = re.findall(r"branch=\$\{5:-(\w+)\}", text("scripts/commit-image"))
    (synced,) = re.findall(r"git fetch --quiet origin (\w+)", text("scripts/sync-main"))
    assert followed == {*started} == {pushed} == {synced}
    assert "refs/heads/main" in text(".github/workflows/terraform.yml")
    release = yaml.safe_load(text("k8s/argocd/applications.yaml"))["spec"]["template"]["spec"]["source"][
        "helm"
    ]
    assert f'name="{release["releaseName"]}"' in text("scripts/chart.py")
