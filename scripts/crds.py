"""Write Kubernetes manifests of custom kinds as TypeScript, so that its compiler checks them strictly.

`crds.py FILE.yaml... > manifests.ts`: one typed constant per manifest of a kind in `KINDS`. The compiler then
refuses unknown fields, wrong types and missing ones. Manifests of `UNTYPED` kinds, for which nobody publishes types,
and of Kubernetes' own are left out; any other kind is an error.
"""

import json
import sys
from pathlib import Path

import yaml

KINDS = {
    "argoproj.io/v1alpha1/Application": "argo-cd",
    "argoproj.io/v1alpha1/ApplicationSet": "argo-cd",
    "argoproj.io/v1alpha1/AppProject": "argo-cd",
    "monitoring.coreos.com/v1/ServiceMonitor": "prometheus-operator",
}
UNTYPED = {"eks.amazonaws.com/v1/IngressClassParams"}


def main() -> None:
    manifests = [
        (file, manifest)
        for file in sys.argv[1:]
        for manifest in yaml.safe_load_all(Path(file).read_text())
        if manifest
    ]
    for number, (file, manifest) in enumerate(manifests):
        kind = f"{manifest['apiVersion']}/{manifest['kind']}"
        group = manifest["apiVersion"].split("/")[0]
        if kind in UNTYPED or "." not in group or group.endswith(".k8s.io"):
            continue
        if kind not in KINDS:
            sys.exit(
                f"{file}: there are no types for {kind}: add its package to requirements/crds, or its name to UNTYPED"
            )
        model = f'import("@kubernetes-models/{KINDS[kind]}/{kind}").I{manifest["kind"]}'
        print(f"// {file}: {manifest['kind']} {manifest['metadata']['name']}")
        print(f"export const manifest{number}: {model} = {json.dumps(manifest)};")


if __name__ == "__main__":
    main()
