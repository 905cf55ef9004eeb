"""Draw the pictures that the old shop's image names point at; pictures that are already there are kept."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from atelier.studio import picture
from legacy_shop.clothes import images
from legacy_shop.look import Look

QUALITY = 86


def draw(folder: Path, image: str) -> None:
    """Draw one picture into folder: whole or not at all."""
    unfinished = folder / f".{image}.{os.getpid()}"
    picture(Look.of(image)).save(unfinished, "JPEG", quality=QUALITY, optimize=True)
    unfinished.replace(folder / image)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures; made when missing")
    folder: Path = parser.parse_args().out
    started = time.monotonic()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        missing = [image for image in images() if not (folder / image).exists()]
        if missing:
            with ProcessPoolExecutor(min(cores(), len(missing))) as pool:
                list(pool.map(partial(draw, folder), missing, chunksize=8))
    except OSError as error:
        print(f"illustrations: {error}", file=sys.stderr)
        return 3
    kept, seconds = len(images()) - len(missing), time.monotonic() - started
    print(f"{folder}: {len(missing)} pictures drawn, {kept} kept, {seconds:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
