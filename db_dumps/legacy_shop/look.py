"""What an image name says about the picture it names."""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = re.compile(
    r"(?P<category>[a-z-]+)-(?P<colour>[a-z]+)-(?P<pattern>[a-z]+)-(?P<cut>\d)(?P<number>\d{3})\.jpg"
)


class Look(NamedTuple):
    """The part of a listing that can be seen: cut is the index in garments.CUTS[category]."""

    category: str
    cut: int
    colour: str
    pattern: str
    number: int

    @property
    def image(self) -> str:
        """File name: the first of the four digits is the cut, the rest tell equal looks apart."""
        return f"{self.category}-{self.colour}-{self.pattern}-{self.cut}{self.number:03d}.jpg"

    @classmethod
    def of(cls, image: str) -> Look:
        """The look that an image name says; ValueError when it says none."""
        said = _NAME.fullmatch(image)
        if said is None:
            raise ValueError(f"{image!r} is not <category>-<colour>-<pattern>-<4 digits>.jpg")
        return cls(said["category"], int(said["cut"]), said["colour"], said["pattern"], int(said["number"]))
