"""Images run as a cluster would run them, without an engine: in a mount namespace of their own, from a root file
system that is mounted read-only, as the image's user, with the image's environment and entry point.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

# $1 the root file system, $2 user:group, $3 the number of folders to mount, then pairs of them, then the command.
ENTER = """
set -e
root=$1 user=$2 folders=$3
shift 3
mount --bind "$root" "$root"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$folders" -gt 0 ]; do mount --bind "$1" "$root$2"; shift 2; folders=$((folders - 1)); done
mount -o remount,ro,bind "$root"
cd /
exec chroot --userspec="$user" "$root" /usr/bin/env -i "$@"
"""


def buildah(*arguments: str) -> str:
    done = subprocess.run(["buildah", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Image:
    """An image in the local store, mounted while the context lasts. `folders` may be given to its processes."""

    def __init__(self, name: str, *folders: str) -> None:
        self.name = name
        self._folders = folders
        self._open = ExitStack()
        inspected = json.loads(buildah("inspect", "--type", "image", name))
        self.config = inspected["Docker"]["config"]
        self.size = sum(
            int(each["Size"]) if each["Size"].isdigit() else 0
            for each in json.loads(buildah("images", "--json", name))
            if isinstance(each.get("Size"), str)
        )

    def __enter__(self) -> "Image":
        self._container = buildah("from", "--pull-never", self.name)
        self._open.callback(buildah, "rm", self._container)
        self.root = Path(buildah("mount", self._container))
        for folder in self._folders:
            (self.root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def command(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folders: Mapping[Path, str] | None = None,
        entrypoint: Sequence[str] | None = None,
    ) -> list[str]:
        """What to run on this machine in order to run `arguments` in the image; signals reach the process itself."""
        own = dict(pair.split("=", 1) for pair in self.config["Env"])
        said = [f"{name}={value}" for name, value in {**own, "HOME": "/tmp", **environment}.items()]
        pairs = [part for source, target in (folders or {}).items() for part in (str(source), target)]
        entry = self.config["Entrypoint"] if entrypoint is None else entrypoint
        before = [str(self.root), self.config["User"], str(len(pairs) // 2), *pairs]
        return ["unshare", "--mount", "sh", "-c", ENTER, "sh", *before, *said, *entry, *arguments]

    def run(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        folders: Mapping[Path, str] | None = None,
        entrypoint: Sequence[str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(arguments, environment or {}, folders, entrypoint),
            capture_output=True,
            text=True,
            check=False,
        )


def hosts_certificates(home: Path) -> list[str]:
    """Options for a build that reaches the package index through a proxy with certificates of its own, as the machine
    that builds does: pip and uv are to trust what this machine trusts.
    """
    certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    if not certificates.exists():
        return []
    (home / "pip.conf").write_text(f"[global]\ncert = {certificates}\n")
    (home / "uv.toml").write_text("system-certs = true\n")
    mounted = {
        certificates: certificates,
        home / "pip.conf": "/etc/pip.conf",
        home / "uv.toml": "/etc/uv/uv.toml",
    }
    return [part for source, target in mounted.items() for part in ("--volume", f"{source}:{target}:ro")]


def registry(home: Path, port: int) -> "subprocess.Popen[bytes]":
    """A registry on loopback that keeps what it gets in `home`."""
    configuration = home / "registry.yml"
    configuration.write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {home}/blobs}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    with (home / "registry.log").open("wb") as log:
        return subprocess.Popen(
            ["docker-registry", "serve", configuration],
            stdout=log,
            stderr=log,
            env={**os.environ, "TMPDIR": tempfile.gettempdir()},
        )
