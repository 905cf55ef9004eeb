"""Bringing a database to this version: numbered SQL files once each, then what the old shop left there."""

import asyncio
import os
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import astuple
from pathlib import Path

import asyncpg

from secondhand import images
from secondhand.database import Connection, Database
from secondhand.items import listing, queries
from secondhand.security import passwords
from secondhand.storage import Storage

_SCHEMA = Path(__file__).parent / "schema"
_LOCK = 0x5EC0DA2D  # any number, the same in every copy of the shop
_VERSIONS = """
    create table if not exists schema_versions (version text primary key, applied_at timestamptz not null default now())
"""
_LEGACY_TABLES = "select num_nulls(to_regclass('public.user'), to_regclass('public.add_clothe')) = 0"
_TAKEN_OVER = """
    select format('%s users and %s clothes taken over from the old shop; they rest in the schema legacy',
                  (select count(*) from legacy."user"), (select count(*) from legacy.add_clothe))
"""
_ROLE = "select set_config('shop.role', current_database() || '_site', true), set_config('shop.verifier', $1, true)"
_TO_IMPORT = "select id, legacy_image from items where legacy_image is not null order by id"
_IMPORTED = "update items set legacy_image = null where id = $1 and legacy_image is not null returning id"


class UpgradeError(Exception):
    """The upgrade stopped and changed nothing; the message says why and what to do."""


def versions() -> dict[str, Path]:
    """Every schema file by its number, in order."""
    return {path.name[:4]: path for path in sorted(_SCHEMA.glob("[0-9][0-9][0-9][0-9]_*.sql"))}


async def missing(db: Connection) -> list[str]:
    """The numbers of the schema files that the database does not have yet."""
    if not await db.fetchval("select to_regclass('schema_versions') is not null"):
        return list(versions())
    applied = {row["version"] for row in await db.fetch("select version from schema_versions")}
    return [version for version in versions() if version not in applied]


async def upgrade(database: Database, say: Callable[[str], None]) -> None:
    """Apply what is missing and take over legacy tables, in one transaction. Two upgrades take turns.

    Raises UpgradeError.
    """
    async with database.transaction() as db:
        await db.execute("set local lock_timeout = '60s'; set local statement_timeout = '15min'")
        await db.execute("select pg_advisory_xact_lock($1)", _LOCK)
        await db.execute(_VERSIONS)
        for version in await missing(db):
            await db.execute(versions()[version].read_text(), timeout=900)
            await db.execute("insert into schema_versions (version) values ($1)", version)
            say(f"schema {versions()[version].stem} applied")
        if await db.fetchval(_LEGACY_TABLES):
            await _run(db, "legacy.sql")
            say(await db.fetchval(_TAKEN_OVER))


async def admit_site(database: Database, keep: Callable[[dict[str, str]], Awaitable[None]]) -> None:
    """Let the site log in as a role of its own, which can change rows and nothing else, with a new password.

    `keep` is given the log-in; when it fails, nothing was changed. Raises UpgradeError.
    """
    password = secrets.token_urlsafe(32)
    async with database.transaction() as db:
        await db.execute("select pg_advisory_xact_lock($1)", _LOCK)
        name = await db.fetchval(_ROLE, passwords.scram(password))
        await _run(db, "role.sql")
        await keep({"username": name, "password": password})


async def _run(db: Connection, file: str) -> None:
    try:
        await db.execute((_SCHEMA / file).read_text(), timeout=900)
    except asyncpg.RaiseError as error:
        raise UpgradeError(str(error)) from error


async def import_pictures(
    database: Database, storage: Storage, folder: Path, say: Callable[[str], None]
) -> int:
    """Bring the files that the old shop's items name into the storage; the number of files that could not be.

    Those stay named in the database, so that a later run finds them.
    """
    async with database.connection() as db:
        wanted = await db.fetch(_TO_IMPORT)
    if not wanted:
        return 0
    waiting = asyncio.Semaphore(min(os.cpu_count() or 1, 4))

    async def bring(item_id: int, name: str) -> bool:
        async with waiting:
            try:
                picture = await asyncio.to_thread(_render_file, folder, name)
            except (OSError, images.PictureError) as error:
                say(f"not imported: {name}: {error}")
                return False
            photo = await listing.store(database, storage, picture)
            async with database.transaction() as db:
                if await db.fetchval(_IMPORTED, item_id):
                    await db.execute(queries.KEEP_PICTURES, [photo.key])
                    await db.execute(queries.PLACE_PHOTO, item_id, 0, *astuple(photo))
            return True

    try:
        async with asyncio.TaskGroup() as group:
            brought = [group.create_task(bring(*row)) for row in wanted]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    failures = [task.result() for task in brought].count(False)
    say(f"{len(wanted) - failures} pictures imported")
    return failures


def _render_file(folder: Path, name: str) -> images.Picture:
    if not re.fullmatch(r"[\w.-]+", name) or name.startswith("."):
        raise images.PictureError("that is not the name of a picture in this folder")
    return images.render((folder / name).read_bytes(), quick=True)
