"""Passwords: Argon2id (RFC 9106), and the hashes of the old shop until their owners have logged in once."""

import asyncio
import hashlib
import hmac
import secrets
import time
from base64 import b64encode
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from secondhand.workers import Workers

SHORTEST = 12
LONGEST = 128
REFUSAL_SECONDS = 0.5
_LEAST_GUESSES = 1_000_000  # that an attacker who knows the member needs; the throttles allow 2880 a day
_MOST_JUDGED = 72  # characters: zxcvbn's own limit, since its time grows with the square
_SCRYPT_HEADROOM = 1.25  # of the 128·N·r·p bytes of RFC 7914, for OpenSSL's own bookkeeping
_SCRAM_ROUNDS = 4096  # as PostgreSQL: nobody guesses a password that was made by chance

_workers = Workers("passwords", most_waiting=32)  # a hash takes 64 MiB and up to four cores
_hasher = PasswordHasher()


async def hash_password(password: str) -> str:
    """An Argon2id hash. Raises workers.BusyError."""
    return await _workers.run(_hasher.hash, password)


async def verify(password: str, hashed: str | None) -> tuple[bool, str | None]:
    """Whether the password fits, and the hash to keep instead when the old one is outdated.

    `hashed` is None for a member that does not exist; a refusal takes as long whatever kind of hash there was.
    Raises workers.BusyError.
    """
    started = time.monotonic()
    fits, successor = await _workers.run(_verify, password, hashed)
    if not fits:
        await pause(started)
    return fits, successor


async def pause(started: float) -> None:
    """Wait until REFUSAL_SECONDS after `started`: the time of an answer must not tell who is a member."""
    await asyncio.sleep(max(0.0, started + REFUSAL_SECONDS - time.monotonic()))


def _verify(password: str, hashed: str | None) -> tuple[bool, str | None]:
    hashed = hashed or _nobodys_hash()
    if hashed.startswith("$argon2"):
        fits = _verify_argon2(password, hashed)
        outdated = fits and _hasher.check_needs_rehash(hashed)
    else:
        fits = outdated = verify_werkzeug(password, hashed)
    return fits, _hasher.hash(password) if outdated else None


def _verify_argon2(password: str, hashed: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_hex())


def verify_werkzeug(password: str, hashed: str) -> bool:
    """Whether the password fits a hash as Werkzeug writes it; False for a hash of any other form.

    The forms are `scrypt:N:r:p$salt$hex` and `pbkdf2:hash:rounds$salt$hex`.
    """
    try:
        method, salt, expected = hashed.split("$")
        kind, *parameters = method.split(":")
        if kind == "scrypt":
            n, r, p = map(int, parameters)
            memory = int(128 * n * r * p * _SCRYPT_HEADROOM)
            found = hashlib.scrypt(password.encode(), salt=salt.encode(), n=n, r=r, p=p, maxmem=memory)
        elif kind == "pbkdf2":
            digest, rounds = parameters
            found = hashlib.pbkdf2_hmac(digest, password.encode(), salt.encode(), int(rounds))
        else:
            return False
    except ValueError:
        return False
    return hmac.compare_digest(found.hex(), expected)


def scram(password: str) -> str:
    """What PostgreSQL keeps of a password (RFC 5803): given that, it never sees the password, nor logs it."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ROUNDS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    parts = (salt, stored, hmac.digest(salted, b"Server Key", "sha256"))
    return "SCRAM-SHA-256${}:{}${}:{}".format(_SCRAM_ROUNDS, *(b64encode(part).decode() for part in parts))


async def objection(password: str, about: tuple[str, ...]) -> str:
    """Why a password is not taken (ASVS 5.0, 6.2), or "". `about` is what others know of the member.

    Raises workers.BusyError.
    """
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters; a few words together are fine."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if await _workers.run(_guesses, password, about) < _LEAST_GUESSES:
        return "That password is too easy to guess. Use a few words together."
    return ""


def _guesses(password: str, about: tuple[str, ...]) -> int:
    """How many guesses it takes, the commonest of breached passwords and what is known of the member first."""
    from zxcvbn import zxcvbn  # 130 ms: only who chooses a password pays it

    # It keeps what it is told of a member in a global: one worker asks it, one thing at a time.
    return int(zxcvbn(password[:_MOST_JUDGED], [*about, "secondhand"])["guesses"])
