"""Check every Terragrunt unit without Terragrunt, by writing what it would run as plain Terraform.

`terragrunt.py LIVE OUT` reads LIVE/<environment>/<region>/<unit>/terragrunt.hcl and writes
OUT/<environment>/main.tf, a root in which each unit is a module, twice: once with its dependencies' mocks,
once with their outputs. Terraform then validates and plans that root, and finds inputs that are no
variables, variables without a value, values of a wrong type or refused by a validation, and outputs that do
not exist. What Terraform cannot know is checked here: that each dependency is a unit, that its mocks are
its outputs, all that are used and no others, and that mocks never reach an apply. Exit code 1 names every
fault found.

The files are read as `terraform fmt` writes them, which is checked before: a block ends at a brace in its
column.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

INCLUDE = re.compile(r"_units/(\w+)\.hcl\"$", re.MULTILINE)
SOURCE = re.compile(r'^  source = "\$\{get_repo_root\(\)\}/terraform/modules//(\w+)"$', re.MULTILINE)
DEPENDENCY = re.compile(r'^dependency "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
PATH = re.compile(r'^  config_path +=\s*"\$\{get_terragrunt_dir\(\)\}/\.\./(\w+)"$', re.MULTILINE)
MOCKS = re.compile(r"^  mock_outputs = (\{\n.*?^  \})", re.MULTILINE | re.DOTALL)
MOCK_NAME = re.compile(r"^    (\w+) +=|^    (\w+) =", re.MULTILINE)
ALLOWED = re.compile(r"^  mock_outputs_allowed_terraform_commands = (\[.*\])$", re.MULTILINE)
INPUTS = re.compile(r"^inputs = \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
USED = re.compile(r"\bdependency\.(\w+)\.outputs\.(\w+)")
LOCALS = re.compile(r"^locals (\{\n.*?^\})", re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r'^output "(\w+)"', re.MULTILINE)


@dataclass(frozen=True)
class Unit:
    """One unit as its files say it: the module, the inputs' text, and the mocks' text by dependency."""

    home: Path
    module: str
    inputs: str
    mocks: dict[str, str]

    @property
    def name(self) -> str:
        return self.home.name


def outputs(modules: Path, module: str) -> set[str]:
    return set(OUTPUT.findall((modules / module / "outputs.tf").read_text()))


def read_unit(file: Path, live: Path, faults: list[str]) -> Unit | None:
    """The unit of one terragrunt.hcl, or None where it cannot be read; what is wrong with it goes to `faults`."""
    modules = live.parent / "modules"
    include = INCLUDE.search(file.read_text())
    shared = live / "_units" / f"{include[1]}.hcl" if include else file
    text = shared.read_text() if shared.is_file() else ""
    source, inputs = SOURCE.search(text), INPUTS.search(text)
    if not (source and inputs and (modules / source[1]).is_dir()):
        faults.append(f"{file}: names no unit with a module of terraform/modules and inputs")
        return None
    mocks = {}
    for name, block in DEPENDENCY.findall(text):
        path, mock, allowed = PATH.search(block), MOCKS.search(block), ALLOWED.search(block)
        if not (path and (file.parent.parent / path[1] / "terragrunt.hcl").is_file()):
            faults.append(f"{shared}: dependency {name} is no unit beside {file.parent}")
            continue
        if not mock or not allowed or re.search(r"apply|destroy", allowed[1]):
            faults.append(
                f"{shared}: dependency {name} needs mocks, and they must be for init, validate and plan only"
            )
            continue
        mocks[name] = mock[1]
        known, mocked = (
            outputs(modules, path[1]),
            {first or second for first, second in MOCK_NAME.findall(mock[1])},
        )
        used = {output for dependency, output in USED.findall(inputs[1]) if dependency == name}
        faults.extend(f"{shared}: the mock {name}.{extra} is no output" for extra in sorted(mocked - known))
        faults.extend(
            f"{shared}: {name}.{missing} is used but has no mock" for missing in sorted(used - mocked)
        )
    undeclared = {dependency for dependency, _ in USED.findall(inputs[1])} - set(mocks)
    faults.extend(f"{shared}: dependency {name} is used but not declared" for name in sorted(undeclared))
    return Unit(file.parent, source[1], inputs[1], mocks)


def module_block(unit: Unit, modules: Path, *, mocked: bool) -> str:
    if mocked:
        inputs = USED.sub(rf"local.mocks.{unit.name}.\1.\2", unit.inputs)
    else:
        inputs = USED.sub(r"module.\1.\2", unit.inputs)
    name = f"{unit.name}_on_mocks" if mocked else unit.name
    return f'module "{name}" {{\n  source = "{modules / unit.module}"\n{inputs}}}\n'


def write_root(units: list[Unit], environment: Path, modules: Path, out: Path) -> None:
    (region,) = {unit.home.parent for unit in units}
    said = {
        "environment": LOCALS.search((environment / "env.hcl").read_text()),
        "region": LOCALS.search((region / "region.hcl").read_text()),
    }
    constants = "".join(f"{name} = {found[1]}\n" for name, found in said.items() if found)
    mocks = "".join(
        f"{unit.name} = {{\n" + "".join(f"{name} = {text}\n" for name, text in unit.mocks.items()) + "}\n"
        for unit in units
    )
    parts = [
        (modules / units[0].module / "versions.tf").read_text(),
        'provider "aws" {\n  region = local.region.name\n  allowed_account_ids = [local.environment.account_id]\n}\n',
        f"locals {{\n{constants}mocks = {{\n{mocks}}}\n}}\n",
        *(module_block(unit, modules, mocked=mocked) for unit in units for mocked in (False, True)),
    ]
    out.mkdir(parents=True, exist_ok=True)
    (out / "main.tf").write_text("\n".join(parts))


def main() -> None:
    live, out = (Path(argument).resolve() for argument in sys.argv[1:])
    faults: list[str] = []
    for environment in sorted(each.parent for each in live.glob("*/env.hcl")):
        files = sorted(environment.glob("*/*/terragrunt.hcl"))
        units = [unit for file in files if (unit := read_unit(file, live, faults))]
        if units:
            write_root(units, environment, live.parent / "modules", out / environment.name)
    if faults:
        sys.exit("\n".join(sorted(set(faults))))


if __name__ == "__main__":
    main()
