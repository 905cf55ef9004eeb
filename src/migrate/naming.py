"""MySQL's names as PostgreSQL's: how long they may be, in which case, and each given once."""

import hashlib

from .errors import InputError

_NAME_BYTES = 63  # PostgreSQL cuts longer names, silently


class Names:
    """MySQL's names as PostgreSQL's: in lower case unless it is kept, at most 63 bytes, each given once.

    A name that is too long is cut and ends in a hash of the whole; one that is taken gets a hash of its source. Both
    are the same on every run. `renamed` has the new name of every source whose wanted one changed.
    """

    def __init__(self, *, keep_case: bool = False) -> None:
        self.renamed: dict[str, tuple[str, str]] = {}
        self._keep_case = keep_case
        self._given: dict[tuple[str, str], str] = {}

    def give(self, space: str, wanted: str, source: str) -> str:
        """The name for `source` in a space of names (a schema's relations, a table's columns)."""
        name = fitted(wanted if self._keep_case else wanted.lower())
        if self._given.setdefault((space, name), source) != source:
            name = fitted(f"{name}_{_hash(source)}")
            self._given[space, name] = source
        if name != wanted:
            self.renamed[source] = (wanted, name)
        return name

    def cased(self, wanted: str) -> str:
        """A name in the case and length that all have, for what shares no space of names."""
        return fitted(wanted if self._keep_case else wanted.lower())

    def claim(self, space: str, wanted: str, source: str) -> str:
        """The name for `source`, unchanged but for its case. Raises InputError when another source has it already."""
        name = fitted(wanted if self._keep_case else wanted.lower())
        owner = self._given.setdefault((space, name), source)
        if owner != source:
            raise InputError(
                f"{owner} and {source} would both be called {name} in PostgreSQL: load one of them at a time"
            )
        return name

    def release(self, source: str) -> None:
        """Forget the names given to a source that is gone."""
        self._given = {
            key: owner
            for key, owner in self._given.items()
            if owner != source and not owner.startswith(f"{source}.")
        }


def fitted(name: str) -> str:
    """The name cut to PostgreSQL's 63 bytes, with a hash of the whole at its end when it was cut.

    Raises InputError for a name that is not in the character set of the source.
    """
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        raise InputError(
            f"the name {shown} is not in the character set of the dump: is the file damaged?"
        ) from None
    if len(encoded) <= _NAME_BYTES:
        return name
    digest = _hash(name)
    return encoded[: _NAME_BYTES - len(digest) - 1].decode("utf-8", "ignore") + "_" + digest


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
