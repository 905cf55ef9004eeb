"""Signatures over what a browser keeps for the shop: made with the newest key, valid with any."""

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
