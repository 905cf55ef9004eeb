"""All entries of `native` as one object file, on standard output."""
# numba's intrinsics have no type stubs, and their bodies build LLVM instructions.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc"

import gc
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba import carray, cfunc, types
from numba.extending import intrinsic
from numba.np.numpy_support import from_dtype

from ..transcode.native import ENTRIES, Entry, loaded, machine

_ALLOCATION = "NRT_MemInfo_alloc"


def build() -> bytes:
    """The object file. Raises RuntimeError for a function that allocates memory, for which nothing is there."""
    gc.set_threshold(100_000, 20, 100)  # numba keeps nearly all that it makes
    whole = llvm.parse_assembly("")
    with ProcessPoolExecutor(2) as processes:  # the first entry keeps one as long as the others the other
        for bitcode in processes.map(_bitcode, range(len(ENTRIES))):
            whole.link_in(llvm.parse_bitcode(bitcode))
    for name in (function.name for function in whole.functions if function.is_declaration):
        if name.startswith(_ALLOCATION):
            raise RuntimeError("a compiled function allocates memory: it is to be given a buffer")
    code: bytes = machine().emit_object(whole)
    loaded(code).finalize_object()  # what cannot be loaded ends this process, not a load
    return code


def _bitcode(number: int) -> bytes:
    code: bytes = _compiled(ENTRIES[number]).as_bitcode()
    return code


def _compiled(entry: Entry) -> llvm.ModuleRef:
    """A function of the entry's name, as optimized by numba, with what it calls."""
    scope = {"carray": carray, "kernel": getattr(import_module(f"{__package__}.{entry.module}"), entry.name)}
    for parameter in entry.parameters:
        if parameter.dtype is not None:
            scope[f"{parameter.name}_at"] = _pointer_to(parameter.dtype)
    exec(_source(entry), scope)  # noqa: S102  numba compiles functions that have as many parameters as they are told
    compiled = cfunc(types.void(types.CPointer(types.int64)))(scope[entry.name])
    module = llvm.parse_assembly(compiled.inspect_llvm())
    module.get_function(compiled.native_name).name = entry.symbol
    return module


def _source(entry: Entry) -> str:
    """The function that takes the arguments from the frame and puts the results there."""
    place, arguments, optional = 0, [], None
    lines = []
    for parameter in entry.parameters:
        argument = f"frame[{place}]"
        if parameter.is_flag:
            argument += " != 0"
        elif parameter.dtype is not None:
            shape = ", ".join(f"frame[{place + 1 + number}]" for number in range(parameter.dimensions))
            lines.append(f"{parameter.name} = carray({parameter.name}_at({argument}), ({shape},))")
            argument = parameter.name
        if parameter.is_optional:
            optional = parameter
        arguments.append(argument)
        place += parameter.words
    call = (
        f"{', '.join(f'frame[{number}]' for number in range(entry.results))} = kernel({', '.join(arguments)})"
    )
    if optional is None:
        lines.append(call)
    else:
        absent = call.replace(f" {optional.name}", " None")
        lines += [f"if {optional.name}.size == 0:", f"    {absent}", "else:", f"    {call}"]
    body = "\n".join(f"    {line}" for line in lines)
    return f"def {entry.name}(words):\n    frame = carray(words, ({max(place, entry.results)},))\n{body}\n"


def _pointer_to(dtype: np.dtype[Any]) -> Any:
    """An intrinsic that makes a pointer of an address."""

    @intrinsic
    def pointer(typingctx, address):
        signature = types.CPointer(from_dtype(dtype))(types.int64)

        def codegen(context, builder, signature, args):
            return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

        return signature, codegen

    return pointer


if __name__ == "__main__":
    sys.stdout.buffer.write(build())
