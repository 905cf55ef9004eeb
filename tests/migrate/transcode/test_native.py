"""The compiled functions: made by the first run on a machine, in other processes, and kept for those that follow."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from migrate.transcode import native
from tests.fixtures.measured import measured
from tests.fixtures.postgres import psql
from tests.migrate.load.test_memory import LIMIT_MB

DUMP = "CREATE TABLE `t` (`a` int NOT NULL, `b` text, PRIMARY KEY (`a`));\nINSERT INTO `t` VALUES (1,'x');\n"


def python(script: str, cache: Path) -> list[str]:
    """The command that runs a script where nothing is compiled yet, with that folder to keep things in."""
    return [
        sys.executable,
        "-c",
        f"import os; os.environ['XDG_CACHE_HOME'] = {str(cache)!r}; from pathlib import Path; "
        "from migrate.cli import main; from migrate.transcode import native; native._BESIDE = Path('/dev/null'); "
        + script,
    ]


def load(dump: Path, database: str, *more: str) -> str:
    return f"main({['mysql-to-pg', str(dump), '--to', database, '--quiet', *more]!r}, standalone_mode=False)"


def test_the_first_run_compiles_apart_all_that_is_ever_called(database: str, tmp_path: Path) -> None:
    cache, peak, dump = tmp_path / "cache" / "migrate", tmp_path / "peak", tmp_path / "dump.sql"
    dump.write_text(DUMP)
    cache.mkdir(parents=True)
    for other in (f"{native._name().split('.')[0]}.older.o", "another.older.o"):
        (cache / other).touch()

    subprocess.run(measured(peak, python(load(dump, database), cache.parent)), check=True)
    assert {file.name for file in cache.iterdir()} == {native._name(), "another.older.o"}
    made = (cache / native._name()).stat().st_mtime_ns
    assert (cache / native._name()).stat().st_mode & 0o777 == 0o644
    subprocess.run(python(load(dump, database, "--replace"), cache.parent), check=True)

    assert psql(database, "select a, b from t") == "1|x"
    assert int(peak.read_text()) >> 20 <= LIMIT_MB
    assert (cache / native._name()).stat().st_mtime_ns == made


def test_a_load_does_without_the_compiler(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(DUMP)
    script = (
        f"import sys; from migrate.cli import main; {load(dump, database)}; sys.exit('numba' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert psql(database, "select a, b from t") == "1|x"


def test_what_cannot_be_compiled_is_said_with_the_reason(tmp_path: Path) -> None:
    script = "native._BUILD = 'migrate.kernels.nothing'; native.load()"
    done = subprocess.run(python(script, tmp_path), check=False, capture_output=True, text=True)
    assert "cannot be compiled for this machine, which takes" in done.stderr.splitlines()[-1]
    assert "No module named migrate.kernels.nothing" in done.stderr.splitlines()[-1]
    assert not list(tmp_path.rglob("*.o"))


def test_a_machine_that_keeps_nothing_is_told_so(database: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(DUMP)
    script = (
        "from pathlib import Path; from migrate.cli import main; from migrate.transcode import native; "
        "kept = native._kept(); native._made = lambda: kept; native._files = lambda: [Path('/dev/null/kernels.o')]; "
        f"main(['mysql-to-pg', {str(dump)!r}, '--to', {database!r}], standalone_mode=False)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert "cannot be kept" in done.stderr
    assert "XDG_CACHE_HOME" in done.stderr


@pytest.mark.parametrize(
    "data",
    [np.zeros(64, dtype=np.int8), np.zeros((2, 64), dtype=np.uint8), np.zeros(128, dtype=np.uint8)[::2]],
    ids=["of other items", "of other dimensions", "with gaps"],
)
def test_an_array_of_another_kind_is_refused(data: np.ndarray) -> None:
    with pytest.raises(TypeError, match="data: "):
        native.skip_blank(data, 0, 1)
