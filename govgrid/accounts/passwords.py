"""Argon2id hashes: 19 MiB, two passes; four at once, so that sign-ins cannot eat the memory."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = BoundedSemaphore(4)


def hashed(password: str) -> str:
    """Return the hash to store."""
    with _AT_ONCE:
        return HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Tell whether the password is right; an unknown account takes as long as a known one."""
    with _AT_ONCE:
        try:
            return HASHER.verify(stored or _nobody(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobody() -> str:
    return HASHER.hash("nobody has this password")
