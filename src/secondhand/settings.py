"""The settings, read from the environment once. docs/site.md has them in one table."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LOG_LEVELS = ("debug", "info", "warning", "error")
SECRET_KEY_LENGTH = 32


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and says what it should be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `SECONDHAND_…` variables say. Keys are newest first; seconds are seconds."""

    database_url: str
    database_secret: str
    site_secret: str
    storage: str
    secret_keys: tuple[str, ...]
    origin: str
    host: str
    port: int
    log_level: str
    metrics_port: int | None
    drain_seconds: float
    mail: str
    mail_from: str

    @property
    def secure(self) -> bool:
        """Whether the shop is reached over https, so that cookies and links must be too."""
        return self.origin.startswith("https://")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises SettingsError for a value that cannot be used."""

        def get(name: str, default: str = "") -> str:
            return environment.get(f"SECONDHAND_{name}", "").strip() or default

        origin = _origin(get("ORIGIN", "http://127.0.0.1:8000"))
        database_url = get("DATABASE_URL") or environment.get("DATABASE_URL", "").strip()
        if not database_url and not get("DB_SECRET"):
            raise SettingsError(
                "SECONDHAND_DATABASE_URL is not set: give it a libpq URL, postgresql://user@host/name"
            )
        if database_url and urlsplit(database_url).scheme not in ("postgresql", "postgres"):
            raise SettingsError("SECONDHAND_DATABASE_URL must be a libpq URL that starts with postgresql://")
        log_level, metrics_port = get("LOG_LEVEL", "info").lower(), get("METRICS_PORT")
        if log_level not in LOG_LEVELS:
            raise SettingsError(
                f"SECONDHAND_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {log_level!r}"
            )
        return cls(
            database_url=database_url,
            database_secret=get("DB_SECRET"),
            site_secret=get("SITE_SECRET"),
            storage=get("STORAGE", ".local/pictures"),
            secret_keys=_secret_keys(get("SECRET_KEYS"), origin),
            origin=origin,
            host=get("HOST", "127.0.0.1"),
            port=_port("SECONDHAND_PORT", get("PORT", "8000")),
            log_level=log_level,
            metrics_port=_port("SECONDHAND_METRICS_PORT", metrics_port) if metrics_port else None,
            drain_seconds=_seconds("SECONDHAND_DRAIN_SECONDS", get("DRAIN_SECONDS", "5")),
            mail=get("MAIL", ".local/letters"),
            mail_from=get("MAIL_FROM", f"secondhand@{urlsplit(origin).hostname}"),
        )


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingsError(f"SECONDHAND_ORIGIN must be like https://shop.example, not {value!r}")
    return f"{parts.scheme}://{parts.netloc}".lower()


def _secret_keys(value: str, origin: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in value.split(",") if key.strip())
    if not keys and origin.startswith("https://"):
        raise SettingsError(
            "SECONDHAND_SECRET_KEYS is not set: give it keys that all copies share, newest first, "
            'each made with python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    if any(len(key) < SECRET_KEY_LENGTH for key in keys):
        raise SettingsError(f"SECONDHAND_SECRET_KEYS: keys have at least {SECRET_KEY_LENGTH} characters")
    return keys or (_local_key(Path(".local/secret-key")),)


def _local_key(path: Path) -> str:
    """A key for development, kept so that a restart logs nobody out."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(SECRET_KEY_LENGTH) + "\n")
    return path.read_text().strip()


def _port(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise SettingsError(f"{name} must be a port from 1 to 65535, not {value!r}")
    return int(value)


def _seconds(name: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < 3600:
        raise SettingsError(f"{name} must be seconds from 0 to 3600, not {value!r}")
    return seconds
