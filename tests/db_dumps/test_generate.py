"""The dump in the repository is what its generator makes."""

import generate
from legacy_shop.people import PEOPLE
from tests.fixtures.tools import find_tool

NAMES_THE_VERSION = (b"-- MariaDB dump ", b"-- Server version")


def described(dump: bytes) -> list[bytes]:
    """The lines of a dump without those that name the server's version."""
    return [line for line in dump.splitlines() if not line.startswith(NAMES_THE_VERSION)]


def version(dump: bytes) -> list[bytes]:
    return [line for line in dump.splitlines() if line.startswith(NAMES_THE_VERSION)]


def test_the_dump_is_what_the_generator_makes() -> None:
    for program in ("mariadbd", "mariadb-install-db"):
        find_tool("mariadb-server-core", program)
    find_tool("mariadb-client", "mariadb-dump")
    committed, made = generate.DUMP.read_bytes(), generate.generate()
    assert described(made) == described(committed)
    if version(made) == version(committed):
        assert made == committed


def test_the_dump_stays_small() -> None:
    assert generate.DUMP.stat().st_size < 400_000


def test_the_dump_holds_the_passwords_only_as_hashes() -> None:
    dump = generate.DUMP.read_text(encoding="utf-8")
    assert [person.username for person in PEOPLE if person.password in dump] == []
