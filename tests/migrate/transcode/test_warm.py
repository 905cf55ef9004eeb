"""The first run of a machine compiles what it needs, without more memory than a load may take."""

import os
import subprocess
import sys
from pathlib import Path

from tests.fixtures.measured import measured
from tests.fixtures.postgres import psql
from tests.migrate.load.test_memory import LIMIT_MB


def compiled(cache: Path) -> set[str]:
    return {file.name for file in cache.rglob("*.nbi")}


def test_the_first_run_compiles_apart_all_that_a_proved_load_needs(database: str, tmp_path: Path) -> None:
    cache, peak, dump = tmp_path / "cache", tmp_path / "peak", tmp_path / "dump.sql"
    dump.write_text(
        "CREATE TABLE `t` (`a` int NOT NULL, `b` text, PRIMARY KEY (`a`));\nINSERT INTO `t` VALUES (1,'x');\n"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache)}
    migrate = [sys.executable, "-m", "migrate"]

    load = [*migrate, "mysql-to-pg", str(dump), "--to", database, "--quiet"]
    subprocess.run(measured(peak, load), env=environment, check=True)
    of_first_run = compiled(cache)
    subprocess.run([*load, "--replace"], env=environment, check=True)

    assert psql(database, "select a, b from t") == "1|x"
    assert int(peak.read_text()) >> 20 <= LIMIT_MB
    assert of_first_run
    assert compiled(cache) == of_first_run


def test_what_is_older_than_the_sources_is_compiled_anew(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}

    def tell(script: str) -> str:
        ready = "from migrate.transcode import kernel, warm; " + script
        done = subprocess.run(
            [sys.executable, "-c", ready], env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    cache = Path(tell("print(kernel.transcode._cache.cache_path)"))
    cache.mkdir(parents=True, exist_ok=True)
    for name in ("old.nbi", "old.1.nbc", "new.nbi"):
        (cache / name).touch()
    for name in ("old.nbi", "old.1.nbc"):
        os.utime(cache / name, (1, 1))
    tell("warm.forget_stale()")
    assert [file.name for file in cache.iterdir()] == ["new.nbi"]
