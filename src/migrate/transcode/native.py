"""The compiled functions, as everybody else calls them.

`kernels` holds their sources, which numba compiles. To import numba, and to let it find what it compiled before, takes
longer than a small load and more memory than a large one; so all of them are compiled together, by a process of its
own, into one object file, which is kept. Whoever calls them needs only LLVM's loader.

The file is kept beside `kernels` or, where nobody may write there, in `$XDG_CACHE_HOME/migrate` (`~/.cache/migrate`);
its name tells for which sources, processors and LLVM it is. An image may bring it along.
"""

import ctypes
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
from array import array
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numpy as np

from ..errors import MigrateError

_KERNELS = Path(__file__).parent.parent / "kernels"
_BESIDE = _KERNELS / "__pycache__"
_BUILD = "migrate.kernels.build"
_PREFIX = "migrate_"
_Function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)  # one that is called without the GIL
_loading = threading.Lock()

# Level 3 of the x86-64 psABI: processors since 2013 or so have it, and what they have beyond it wins nothing here.
_USUAL = "x86-64-v3"
_OF_USUAL = ("avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "xsave")

# What numba's code calls when a function raises or allocates, as none of these does.
_NEVER_CALLED = (
    "NRT_Free",
    "NRT_MemInfo_call_dtor",
    "numba_do_raise",
    "numba_gil_ensure",
    "numba_gil_release",
    "numba_runtime_build_excinfo_struct",
    "numba_unpickle",
)


class Parameter:
    """One of an entry's: a number, a `flag`, or an array of items of a `kind`, as numpy abbreviates it.

    Written `name`, `name=flag`, `name=u1`, with `*2` for two dimensions, `?` for one that may be None or, as the last,
    be left out.
    """

    def __init__(self, text: str) -> None:
        self.name, _, what = text.partition("=")
        self.is_flag = what == "flag"
        self.is_optional = what.endswith("?")
        kind, _, dimensions = what.removesuffix("?").partition("*")
        self.dtype = np.dtype(kind) if kind and not self.is_flag else None
        self.dimensions = int(dimensions or 1) if self.dtype else 0

    @property
    def words(self) -> int:
        """How many words of a frame it takes: an array's address, and its length in each dimension."""
        return 1 + self.dimensions

    def put(self, argument: Any, frame: list[int]) -> None:
        """Write an argument behind the others. Raises TypeError for an array of another kind."""
        if self.dtype is None:
            frame.append(int(argument))
        elif argument is None and self.is_optional:
            frame.extend([0] * self.words)
        else:
            known = argument.dtype == self.dtype and argument.ndim == self.dimensions
            if not known or not argument.flags.c_contiguous:
                raise TypeError(f"{self.name}: {argument.dtype} of {argument.ndim} dimensions")
            frame.append(argument.__array_interface__["data"][0])
            frame.extend(argument.shape)


class Entry:
    """A compiled function. A call gives back its numbers: a tuple, or the only one.

    Arguments and results go by an array of 64-bit words, the frame, whose address is all that the machine code is told.
    """

    def __init__(self, kernel: str, parameters: str, results: int) -> None:
        self.module, _, self.name = kernel.rpartition(".")
        self.parameters = [Parameter(text) for text in parameters.split()]
        self.results = results
        self._missing = [0] * max(0, results - sum(parameter.words for parameter in self.parameters))

    @property
    def symbol(self) -> str:
        """Its name in the object file."""
        return _PREFIX + self.name

    @cached_property
    def _function(self) -> Any:
        return _Function(load().get_function_address(self.symbol))

    def __call__(self, *arguments: Any) -> Any:
        words: list[int] = []
        if len(arguments) < len(self.parameters) and self.parameters[-1].is_optional:
            arguments += (None,)
        for parameter, argument in zip(self.parameters, arguments, strict=True):
            parameter.put(argument, words)
        frame = array("q", words + self._missing)
        self._function(frame.buffer_info()[0])
        return frame[0] if self.results == 1 else tuple(frame[: self.results])


transcode = Entry(
    "transcode.transcode",
    "data=u1 at end head_size codecs=u1 widths=i8 bounds=i8 words=u1 options=u1 backslash=flag ansi=flag scratch=u1 "
    "out=u1 findings=i8*3",
    5,
)
skip_blank = Entry("scan.skip_blank", "data=u1 at end", 1)
skip_row = Entry("scan.skip_row", "data=u1 at end backslash=flag leads=u1?", 1)
scan_rows = Entry("scan.scan_rows", "data=u1 at end head=u1 backslash=flag target leads=u1?", 3)
find_row = Entry("scan.find_row", "data=u1 at end head_size backslash=flag wanted leads=u1?", 2)
find_delimiter = Entry(
    "scan.find_delimiter", "data=u1 at end delimiter=u1 backslash=flag ansi=flag leads=u1?", 1
)
look = Entry(
    "numbers.look", "data=u1 end head_size place keep_zero=flag strict=flag backslash=flag leads=u1?", 2
)
fill = Entry(
    "numbers.fill",
    "data=u1 end head_size place keep_zero=flag strict=flag reserves=flag backslash=flag leads=u1? following out=u1 "
    "places=i8*2",
    2,
)
literals = Entry(
    "fields.literals",
    "data=u1 at end final=flag separator enclosure escape line_end returns modes=u1 pairs=u1*2 out=u1 places=i8*2",
    4,
)
recode = Entry(
    "recode.recode",
    "data=u1 at end head_size tables=u4*2 chosen=i8 backslash=flag ansi=flag lead_marks=u1 out=u1",
    3,
)
digest = Entry("digest.digest", "data=u1 at end kinds=u1 scales=i8 places=i8 scratch=u1 sums=u8 rows=u8", 1)
pack = Entry("binary.pack", "data=u1 size forms=u1 east out=u1", 1)

ENTRIES = [one for one in list(globals().values()) if isinstance(one, Entry)]


def is_cold() -> bool:
    """Whether this machine has yet to compile them."""
    return not any(os.access(file, os.R_OK) for file in _files())


def load() -> llvm.ExecutionEngine:
    """Have them in memory, compiled before if need be. Raises MigrateError when they cannot be compiled."""
    with _loading:
        return _loaded()


@cache
def _loaded() -> llvm.ExecutionEngine:
    engine = loaded(_kept() or _made())
    engine.finalize_object()
    return engine


def loaded(code: bytes) -> llvm.ExecutionEngine:
    """An object file in memory."""
    never = ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p).value
    for name in _NEVER_CALLED:
        llvm.add_symbol(name, never)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    return engine


def machine() -> llvm.TargetMachine:
    """The processor that the code is for: a usual one where it can be, so that others can make use of it, too."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name, features = _processor()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=name,
        features=features,
        opt=3,
        reloc="default",
        codemodel="jitdefault",
        jit=True,
    )


def _processor() -> tuple[str, str]:
    """Its name, and what it has beside what that name means."""
    features = llvm.get_host_cpu_features()
    if all(features.get(one) for one in _OF_USUAL):
        return _USUAL, ""
    return llvm.get_host_cpu_name(), features.flatten()


def _kept() -> bytes | None:
    for file in _files():
        with suppress(OSError):
            return file.read_bytes()
    return None


def _made() -> bytes:
    name, features = _processor()
    environment = os.environ | {"NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": features}
    done = subprocess.run([sys.executable, "-m", _BUILD], env=environment, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise MigrateError(
            "the loading path cannot be compiled for this machine, which takes about 600 MB of memory once: "
            f"{said[-1] if said else f'the compiler ended with {done.returncode}'}"
        )
    for file in _files():
        with suppress(OSError):  # nobody may write there
            _keep(file, done.stdout)
            break
    return done.stdout


def _keep(file: Path, code: bytes) -> None:
    """Write it at once or not at all, and drop what was made of older sources for the same processor."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as made:
        made.write(code)
    Path(made.name).chmod(0o644)  # in an image, who runs it is another than who made it
    Path(made.name).replace(file)
    processor = file.name.partition(".")[0]
    for older in file.parent.glob(f"{processor}.*.o"):
        if older != file:
            older.unlink(missing_ok=True)


def _files() -> Iterator[Path]:
    yield _BESIDE / _name()
    with suppress(RuntimeError):  # there is no home
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "migrate" / _name()


@cache
def _name() -> str:
    """`processor.sources.o`."""
    sources = sorted((*_KERNELS.glob("*.py"), *Path(__file__).parent.glob("*.py")))
    processor = (llvmlite.__version__, llvm.get_default_triple(), *_processor())
    return ".".join(
        (_short(repr(processor).encode()), _short(b"".join(source.read_bytes() for source in sources)), "o")
    )


def _short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
