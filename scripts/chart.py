"""Lint and render the chart without a helm binary: `chart.py ENVIRONMENT [--values FILE]...` prints YAML.

Runs in the environment of requirements/lint-deploy.txt, whose `helm_python` is Helm itself as a library.
The strict linter's warnings and values that values.schema.json refuses are errors: exit code 1, the cause
on standard error.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import helm_python
import yaml

CHART = Path(__file__).parent.parent / "k8s" / "helm" / "secondhand"
KUBERNETES = "v1.35.0"
WARNING = 2


def merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Values as Helm merges them: maps key by key, everything else replaced."""
    merged = dict(base)
    for key, value in over.items():
        inner = merged.get(key)
        merged[key] = merge(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


def render(environment: str, chart: Path, files: list[Path]) -> str:
    """Every manifest of one environment as one YAML stream, in the order of the templates' names."""
    values: dict[str, Any] = {}
    for file in [chart / f"values-{environment}.yaml", *files]:
        values = merge(values, yaml.safe_load(file.read_text()) or {})
    report = helm_python.lint(str(chart), values, strict=True, namespace=environment, kube_version=KUBERNETES)
    found = [f"{each['path']}: {each['error']}" for each in report["messages"] if each["severity"] >= WARNING]
    if found or report["errors"]:
        raise SystemExit("\n".join([*found, *map(str, report["errors"])]))
    with helm_python.Chart.load(str(chart)) as loaded:
        loaded.validate_schema(values)
        manifests = loaded.render(values, name="secondhand", namespace=environment)
    return "".join(
        f"---\n# Source: {path}\n{text.strip()}\n"
        for path, text in sorted(manifests.items())
        if path.endswith(".yaml") and text.strip()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("environment")
    parser.add_argument("--chart", type=Path, default=CHART, help="another copy of the chart")
    parser.add_argument(
        "--values", type=Path, action="append", default=[], help="more values; the last one wins"
    )
    parser.add_argument("--out", type=argparse.FileType("w"), default=sys.stdout)
    asked = parser.parse_args()
    asked.out.write(render(asked.environment, asked.chart, asked.values))


if __name__ == "__main__":
    main()
