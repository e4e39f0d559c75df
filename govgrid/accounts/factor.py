"""The second factor: codes of a phone (RFC 6238), each taken once, and recovery codes."""

import hmac
import secrets
from datetime import datetime

import pyotp

STEP = 30  # seconds
DRIFT = 1  # steps that a phone's clock may be off
ISSUER = "govgrid"
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RECOVERY_CODES = 10


def new_secret() -> str:
    """Return a secret of 160 bits, as authenticator apps read it."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """Return what the QR code says to the app."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=login, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime, after: int) -> int | None:
    """Return the time step for which the code is right, None where it is wrong or was taken."""
    now = int(at.timestamp()) // STEP
    totp = pyotp.TOTP(secret, interval=STEP)
    typed = "".join(code.split()).encode()
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(totp.at(step * STEP).encode(), typed) and step > after:
            found = step
    return found


def recovery_codes() -> list[str]:
    """Return fresh codes such as `7KQ4MX-W2NP8H-3RTYVA-ZC9DEF`, 118 bits each."""
    return [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(6)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]


def plain_code(text: str) -> str:
    """Return a recovery code as it is known, however it was typed."""
    return "".join(c for c in text.upper() if c in LETTERS)
