"""What a browser or a letter keeps for the shop: signed by the newest key and valid by any, or known by its hash."""

import hashlib
from collections.abc import Sequence

from itsdangerous import URLSafeSerializer


def signer(keys: Sequence[str], purpose: str) -> URLSafeSerializer:
    """A serializer whose texts are good for one purpose only. `keys` are newest first; HMAC-SHA256."""
    return URLSafeSerializer(
        list(reversed(keys)),
        salt=f"secondhand {purpose}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def digest(secret: str) -> bytes:
    """What the database keeps of a secret that was made by chance, so that nobody learns it there."""
    return hashlib.sha256(secret.encode()).digest()
