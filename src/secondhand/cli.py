"""The command line: serve, upgrade, check."""

import asyncio
import gc
import secrets
import sys
from pathlib import Path

import click

from secondhand.settings import Settings, SettingsError

_SETTINGS_HELP = """\b
Settings come from the environment; docs/site.md has all of them. The first:
  SECONDHAND_DATABASE_URL  postgresql://user@host/name (or DATABASE_URL)
  SECONDHAND_STORAGE       a folder, or s3://bucket/prefix (.local/pictures)
  SECONDHAND_ORIGIN        where browsers find it (http://127.0.0.1:8000)
  SECONDHAND_SECRET_KEYS   they sign cookies, newest first (for https)
"""


@click.group(epilog=_SETTINGS_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="secondhand")
def main() -> None:
    """A marketplace for second-hand clothes on PostgreSQL.

    First `secondhand upgrade`, then `secondhand serve`; `secondhand check` tells what is missing.
    """


@main.command(epilog=_SETTINGS_HELP)
def serve() -> None:
    """Serve the shop until SIGTERM or Ctrl-C.

    It listens on SECONDHAND_HOST and SECONDHAND_PORT (127.0.0.1:8000). On SIGTERM /health/ready answers 503
    at once, and after SECONDHAND_DRAIN_SECONDS the shop takes no new request, finishes those it has, and
    ends.
    """
    gc.disable()  # until all is imported, which makes no garbage
    from secondhand.server import run

    run(_settings())


@main.command(
    epilog="""\b
Examples:
  secondhand upgrade
  secondhand upgrade --pictures .local/legacy_pictures
"""
)
@click.option(
    "--pictures",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also import the files in DIR that items of the old shop name as their pictures.",
)
def upgrade(pictures: Path | None) -> None:
    """Bring the database to this version's schema.

    Applies the numbered SQL files that are missing, in order and under a lock, so several copies may run it
    at once. If the tables `user` and `add_clothe` of the old shop are in the schema public, their rows become
    members and items, and the tables rest in the schema `legacy` from then on. Running it again changes
    nothing. With SECONDHAND_SITE_SECRET it then gives the site a role of its own that can change rows only,
    with a new password each time, and writes that log-in into the secret.

    Exit code 0: done. 1: done, but some pictures could not be imported; run again to retry them. 2: a setting
    is missing or wrong. 3: the database or the storage failed, and nothing was changed.
    """
    sys.exit(asyncio.run(_upgrade(_settings(), pictures)))


@main.command()
def check() -> None:
    """Tell whether settings, database, schema and storage are ready.

    Exit code 0: all is well. 2: a setting is missing or wrong. 3: something is out of reach or behind.
    """
    sys.exit(asyncio.run(_check(_settings())))


def _settings() -> Settings:
    try:
        return Settings.from_environment()
    except SettingsError as error:
        click.echo(f"secondhand: {error}", err=True)
        sys.exit(2)


async def _upgrade(settings: Settings, folder: Path | None) -> int:
    from secondhand import upgrade
    from secondhand.credentials import Credentials, CredentialsError
    from secondhand.database import Database, UnavailableError
    from secondhand.storage import StorageError, open_storage

    try:
        credentials = Credentials(settings.database_secret)
        await credentials.current()  # first, as a connection waits no longer than a page may
        async with Database(settings.database_url, credentials) as database:
            await upgrade.upgrade(database, click.echo)
            if settings.site_secret:
                await upgrade.admit_site(database, Credentials(settings.site_secret).replace)
            if folder is None:
                return 0
            async with open_storage(settings) as storage:
                return 1 if await upgrade.import_pictures(database, storage, folder, click.echo) else 0
    except (upgrade.UpgradeError, CredentialsError, UnavailableError, StorageError, SettingsError) as error:
        click.echo(f"secondhand upgrade: {error}", err=True)
        return 2 if isinstance(error, SettingsError) else 3


async def _check(settings: Settings) -> int:
    from secondhand import upgrade
    from secondhand.credentials import Credentials, CredentialsError
    from secondhand.database import Database, UnavailableError
    from secondhand.storage import StorageError, open_storage

    found, probe = {"database": "fine", "storage": "fine"}, f"check-{secrets.token_hex(8)}.jpg"
    try:
        credentials = Credentials(settings.database_secret)
        await credentials.current()
        async with Database(settings.database_url, credentials) as database, database.connection() as db:
            if missing := await upgrade.missing(db):
                found["database"] = f"schema {missing[0]} is missing, run `secondhand upgrade`"
    except (CredentialsError, UnavailableError) as error:
        found["database"] = str(error)
    try:
        async with open_storage(settings) as storage:
            await storage.put(probe, b"probe")
            await storage.get(probe)
            await storage.delete([probe])
    except (StorageError, SettingsError) as error:
        found["storage"] = str(error)
    for what, state in found.items():
        click.echo(f"{what}: {state}")
    return 0 if set(found.values()) == {"fine"} else 3
