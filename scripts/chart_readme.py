"""Print the chart's README: what each value means, from values.schema.json, and its default, from values.yaml."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parent.parent / "k8s" / "helm" / "secondhand"
HEAD = """# The secondhand chart

Made by `scripts/chart-readme` from `values.schema.json` and `values.yaml`; a value that is not listed here is refused.
`docs/deploy.md` says how the chart gets into a cluster.

| value | default | meaning |
|---|---|---|"""


def rows(schema: dict[str, Any], values: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, each in schema["properties"].items():
        if each["type"] == "object":
            yield f"| **`{path}{name}`** | | {each['description']} |"
            yield from rows(each, values[name], f"{path}{name}.")
        else:
            choices = (
                f" One of {', '.join(f'`{choice}`' for choice in each['enum'])}." if "enum" in each else ""
            )
            yield f"| `{path}{name}` | `{json.dumps(values[name])}` | {each['description']}{choices} |"


if __name__ == "__main__":
    print(HEAD)
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    print("\n".join(rows(json.loads((CHART / "values.schema.json").read_text()), values)))
