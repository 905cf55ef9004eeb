"""Write out the applications that the ApplicationSet makes: `applications.py [ENVIRONMENT]` prints YAML.

Knows what k8s/argocd/applications.yaml uses: one list generator and `{{ .name }}` in strings.
"""

import re
import sys
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent.parent / "k8s" / "argocd" / "applications.yaml"


def fill(value: Any, element: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: fill(each, element) for key, each in value.items()}
    if isinstance(value, list):
        return [fill(each, element) for each in value]
    return (
        re.sub(r"\{\{ \.(\w+) \}\}", lambda name: element[name[1]], value)
        if isinstance(value, str)
        else value
    )


def applications() -> list[dict[str, Any]]:
    """One Application per element of the generator."""
    spec = yaml.safe_load(FILE.read_text())["spec"]
    (generator,) = spec["generators"]
    return [
        fill({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", **spec["template"]}, element)
        for element in generator["list"]["elements"]
    ]


if __name__ == "__main__":
    wanted = sys.argv[1:]
    made = [each for each in applications() if not wanted or each["spec"]["destination"]["name"] in wanted]
    for each in made:
        each["metadata"]["namespace"] = "argocd"
    yaml.safe_dump_all(made, sys.stdout, sort_keys=False)
