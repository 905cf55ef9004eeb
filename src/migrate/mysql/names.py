"""What sources are called on the command line, in reports and in the ledger."""

from collections.abc import Iterable
from glob import glob
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ..errors import InputError

SERVERS = ("mysql://", "mariadb://")
S3 = "s3://"


def expanded(names: Iterable[str]) -> list[str]:
    """The names with every pattern replaced by the files it stands for, where the shell has not done so."""
    return [path for name in names for path in _paths(name)]


def _paths(name: str) -> list[str]:
    if name == "-" or "://" in name or Path(name).exists() or not any(mark in name for mark in "*?["):
        return [name]
    found = sorted(glob(name))  # noqa: PTH207  a pattern may begin anywhere
    if not found:
        raise InputError(f"{name}: there are no such files")
    return found


def absolute(name: str) -> str:
    """The name as it can be used from anywhere: chunks are known by it when a run goes on."""
    return str(Path(name).resolve()) if name != "-" and Path(name).exists() else name


def shown(name: str) -> str:
    """The name without a password."""
    if not name.startswith(SERVERS):
        return name
    parts = urlsplit(name)
    user, _, host = parts.netloc.rpartition("@")
    user = user.split(":")[0]
    return urlunsplit(parts._replace(netloc=f"{user}@{host}" if user else host))


def can_be_read_again(name: str) -> bool:
    """Whether a second look finds the same: standard input is gone then, and a server has gone on."""
    return name != "-" and not name.startswith(SERVERS)
