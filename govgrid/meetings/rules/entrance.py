"""The code at the door: made of the meeting and the half minute, so that it proves who is there."""

import hashlib
import hmac
from datetime import datetime
from enum import Enum

STEP = 30  # seconds for which one code is shown
GRACE = 2  # codes before the present one that are still taken: reading and pressing takes a while
REMEMBERED = 240  # codes before that known as stale: two hours
DIGITS = 8


class Fit(Enum):
    """What a given code is."""

    FRESH = "fresh"
    STALE = "stale"
    WRONG = "wrong"


def code(secret: str, uid: str, at: datetime, *, before: int = 0) -> str:
    """Return the meeting's code of that moment, or of so many steps `before`."""
    step = int(at.timestamp()) // STEP - before
    digest = hmac.new(secret.encode(), f"entrance:{uid}:{step}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 10**DIGITS:0{DIGITS}d}"


def fit(secret: str, uid: str, given: str, at: datetime) -> Fit:
    """Tell whether the code is one that stands at the door now, or stood there before."""
    for before in range(GRACE + REMEMBERED + 1):
        if hmac.compare_digest(code(secret, uid, at, before=before), given):
            return Fit.FRESH if before <= GRACE else Fit.STALE
    return Fit.WRONG
