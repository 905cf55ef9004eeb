"""A stand-in for the Terraform AWS provider that knows its schema and nothing else: it never talks to AWS.

Terraform starts it as a plugin, so `validate`, `plan` and `test` run where neither the provider nor an
account can be reached. Arguments are checked against the schema by Terraform itself; whatever AWS would
decide is unknown in a plan.

Environment: AWS_SCHEMA, the JSON file that aws_schema.py wrote; AWS_TYPES, the types to know. Runs in the environment
of requirements/terraform.txt.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import msgpack
import tf.provider
from tf.gen import tfplugin_pb2 as messages
from tf.gen import tfplugin_pb2_grpc as services
from tf.runner import run_provider

Schema = messages.Schema
Block = dict[str, Any]
UNKNOWN = msgpack.ExtType(0, b"")
EMPTY: dict[str, Any] = {"string": "", "number": 0, "bool": False, "list": [], "set": [], "map": {}}
STRING = {"type": "string", "mode": "optional"}
PROVIDER: Block = {
    "attributes": {"region": STRING, "allowed_account_ids": {"type": ["set", "string"], "mode": "optional"}},
    "blocks": {
        "default_tags": {
            "nesting": "list",
            "min": 0,
            "max": 1,
            "attributes": {"tags": {"type": ["map", "string"], "mode": "optional"}},
            "blocks": {},
        }
    },
}


def message(block: Block, *, settled: bool = False) -> Any:
    """The block as a protocol message; `settled` for the provider's own, which computes nothing."""
    return Schema.Block(
        attributes=[
            Schema.Attribute(
                name=name,
                type=json.dumps(each["type"]).encode(),
                required=each["mode"] == "required",
                optional=each["mode"] == "optional",
                computed=each["mode"] != "required" and not settled,
            )
            for name, each in block["attributes"].items()
        ],
        block_types=[
            Schema.NestedBlock(
                type_name=name,
                block=message(each, settled=settled),
                nesting=Schema.NestedBlock.NestingMode.Value(each["nesting"].upper()),
                min_items=each["min"],
                max_items=each["max"],
            )
            for name, each in block["blocks"].items()
        ],
    )


def decode(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, ext_hook=msgpack.ExtType, strict_map_key=False)


def encode(value: Any) -> Any:
    return messages.DynamicValue(msgpack=msgpack.packb(value))


class Stand(services.ProviderServicer):  # type: ignore[misc]
    """Answers the calls of plugin protocol 6 that validate, plan and test make."""

    def __init__(self, _provider: object = None) -> None:
        schema = json.loads(Path(os.environ["AWS_SCHEMA"]).read_text())
        used = os.environ["AWS_TYPES"].split()
        self.resources: dict[str, Block] = {
            kind: schema["resources"][kind] for kind in used if kind in schema["resources"]
        }
        self.data: dict[str, Block] = {kind: schema["data"][kind] for kind in used if kind in schema["data"]}

    def GetProviderSchema(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return messages.GetProviderSchema.Response(
            provider=Schema(block=message(PROVIDER, settled=True)),
            resource_schemas={kind: Schema(block=message(each)) for kind, each in self.resources.items()},
            data_source_schemas={kind: Schema(block=message(each)) for kind, each in self.data.items()},
            server_capabilities=messages.ServerCapabilities(),
        )

    def ValidateProviderConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return messages.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return messages.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return messages.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return messages.ConfigureProvider.Response()

    def PlanResourceChange(self, request: Any, _context: Any) -> Any:  # noqa: N802
        planned = decode(request.proposed_new_state)
        if planned is not None and decode(request.prior_state) is None:
            for name, each in self.resources[request.type_name]["attributes"].items():
                if planned.get(name) is None and (each["mode"] == "computed" or name == "id"):
                    planned[name] = UNKNOWN
        return messages.PlanResourceChange.Response(planned_state=encode(planned), legacy_type_system=True)

    def ReadDataSource(self, request: Any, _context: Any) -> Any:  # noqa: N802
        read = decode(request.config)
        for name, each in self.data[request.type_name]["attributes"].items():
            if read.get(name) is None:
                kind = each["type"]
                read[name] = EMPTY.get(kind if isinstance(kind, str) else kind[0])
        return messages.ReadDataSource.Response(state=encode(read))

    def GetFunctions(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return messages.GetFunctions.Response()

    def StopProvider(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return messages.StopProvider.Response()


class Provider:
    def full_name(self) -> str:
        return "registry.terraform.io/hashicorp/aws"


def main() -> None:
    tf.provider.ProviderServicer = Stand
    run_provider(Provider(), sys.argv)


if __name__ == "__main__":
    main()
