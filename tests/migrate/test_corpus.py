"""Every dump of the corpus (MIGRATE_CORPUS) loads with exactly the rows that its `rows.tsv` counts, and the values of
its `truth.xml.zst`."""

import gzip
import json
import os
import re
import shutil
from pathlib import Path

import pytest
import zstandard

from migrate.postgres import ddl
from tests.fixtures.postgres import CreateDatabase, psql
from tests.migrate import truth
from tests.migrate.command import load, play, run, snapshot

# Tables whose values in a folder's truth are of the truth's making.
OTHER_VALUES = {
    "lightning-mydumper": {"ı": "its one character became a question mark on the way"},
    "magentadesk-mariadb10.10": {
        "t_system_versioned": "the times of its versions are those of the load",
        "t_system_versioned_visible": "likewise",
    },
    "tiflow-gbk-raw": {"multi_data_type": "its Chinese became question marks on the way"},
}

FOLDER = os.environ.get("MIGRATE_CORPUS")
DUMPS = sorted(path.parent.name for path in Path(FOLDER).glob("*/rows.tsv")) if FOLDER else []
PROMISED = ("sakila-1.2", "chinook-1.4.5", "northwind-dalers", "litemall-5.7")

_OF_MYDUMPER = re.compile(
    r"\.[^.]+-schema|-schema-create"
)  # one file per table's definition, to be read as a folder


def sources(folder: Path, room: Path) -> list[Path]:
    """What to name on the command line: a folder's SQL files, those that define tables first, else the folder itself.

    The folder is copied to `room`, without the files that say what is in it and those that dumpling's own tests compare
    its dumps with, which were not loaded when the rows were counted.
    """
    own = [
        path
        for path in sorted(folder.iterdir(), key=_in_order)
        if not path.name.startswith(("rows.", "truth"))
    ]
    if all(path.suffix == ".sql" for path in own) and not any(_OF_MYDUMPER.search(path.stem) for path in own):
        return sorted(own, key=lambda file: b"CREATE TABLE" not in file.read_bytes())
    shown = room / folder.name
    shutil.copytree(
        folder, shown, ignore=shutil.ignore_patterns("rows.tsv", "truth*", "*.tar.gz", "expect", "result")
    )
    return [shown]


def _in_order(path: Path) -> str:
    """As the corpus was counted: its files were read in an order of names that passes over punctuation."""
    return re.sub(r"[\W_]", "", path.name.lower())


def assert_counts(folder: Path, url: str, account: Path) -> None:
    """Every table has the rows that `rows.tsv` says."""
    report = json.loads(account.read_bytes())
    reported = {table["source"].lower(): table for table in report["tables"]}
    wrong = []
    for line in (folder / "rows.tsv").read_text().splitlines():
        database, table, rows = line.replace("\\n", "\n").split("\t")
        if not rows.isdigit():
            continue
        found = reported.get(f"{database}.{table}".lower()) or reported.get(table.lower())
        if found is None:
            wrong.append(f"{line}: not in the report")
            continue
        schema, name = found["target"].split(".", 1)
        count = psql(url, f"select count(*) from {ddl.name(schema, name)}")
        if count != rows:
            wrong.append(f"{line}: {count} in the database")
        # Rows that a trigger wrote are in the database only.
        if found["rows_loaded"] not in (int(count), 0):
            wrong.append(f"{line}: {found['rows_loaded']} in the report")
    assert wrong == []


def assert_values(folder: Path, url: str, account: Path) -> None:
    """Every table that the truth has holds the same values, row by row."""
    paths = sorted(folder.glob("truth*.xml.zst"))  # one of MySQL's own reading goes before MariaDB's
    if not paths:
        return
    with paths[0].open("rb") as file:
        xml = zstandard.ZstdDecompressor().stream_reader(file).read()
    report = json.loads(account.read_bytes())
    assert truth.found_different(xml, report, url, OTHER_VALUES.get(folder.name, {})) == []


@pytest.mark.parametrize("name", DUMPS)
def test_a_dump_loads_with_exactly_its_rows(name: str, corpus: Path, database: str, tmp_path: Path) -> None:
    account = tmp_path / "account.json"
    done = load(database, *sources(corpus / name, tmp_path), "--report", account)
    assert done.exit_code in (0, 1), done.stderr
    assert_counts(corpus / name, database, account)
    assert_values(corpus / name, database, account)


@pytest.fixture(scope="module")
def plain_loads(
    corpus: Path, create_database: CreateDatabase, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """What the promised dumps make when they are read from plain files."""
    made = {}
    for name in PROMISED:
        url = create_database()
        assert load(url, *sources(corpus / name, tmp_path_factory.mktemp(name))).exit_code in (0, 1)
        made[name] = snapshot(url)
    return made


@pytest.mark.parametrize("name", PROMISED)
@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_a_packed_dump_loads_to_the_same(
    name: str, packing: str, corpus: Path, plain_loads: dict[str, list[str]], database: str, tmp_path: Path
) -> None:
    pack = {"gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress}[packing]
    packed = [tmp_path / file.name for file in sources(corpus / name, tmp_path)]
    for file in packed:
        file.write_bytes(pack((corpus / name / file.name).read_bytes()))
    assert load(database, *packed).exit_code in (0, 1)
    assert snapshot(database) == plain_loads[name]


@pytest.mark.parametrize("name", PROMISED)
def test_a_dump_from_standard_input_loads_to_the_same(
    name: str, corpus: Path, plain_loads: dict[str, list[str]], database: str, tmp_path: Path
) -> None:
    text = b"".join(file.read_bytes() for file in sources(corpus / name, tmp_path))
    assert load(database, "-", stdin=text).exit_code in (0, 1)
    assert snapshot(database) == plain_loads[name]


@pytest.mark.parametrize("name", PROMISED)
@pytest.mark.parametrize("output", ["a file", "standard output"])
def test_the_script_loads_to_the_same(
    name: str,
    output: str,
    corpus: Path,
    plain_loads: dict[str, list[str]],
    database: str,
    tmp_path: Path,
) -> None:
    script = tmp_path / "script.sql"
    to = script if output == "a file" else "-"
    done = run("mysql-to-pg", "--quiet", "--output", to, *sources(corpus / name, tmp_path))
    assert done.exit_code in (0, 1), done.stderr
    play(database, script if output == "a file" else done.stdout)
    assert snapshot(database) == plain_loads[name]
