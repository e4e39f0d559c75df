"""What the installation's secret protects: recovery codes, and notes that a browser carries."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from govgrid.errors import Invalid


@lru_cache(maxsize=4)
def _box(secret: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"govgrid accounts").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def note(secret: str, values: dict[str, str], at: datetime) -> str:
    """Return values that a browser carries from one page to the next, unread and unchanged."""
    text = json.dumps(values).encode()
    return _box(secret).encrypt_at_time(text, int(at.timestamp())).decode()


def read_note(secret: str, text: str, at: datetime, lives: timedelta) -> dict[str, str]:
    """Return the values. Raise `Invalid` where they are older than they may be, or not ours."""
    try:
        data = _box(secret).decrypt_at_time(
            text.encode(), int(lives.total_seconds()), int(at.timestamp())
        )
    except InvalidToken:
        raise Invalid("页面已过期，请返回登录页重新开始。") from None
    values: dict[str, str] = json.loads(data)
    return values


def mark(secret: str, text: str) -> str:
    """Return by what a short code is known: without the secret nobody can try them all."""
    return hmac.new(secret.encode(), f"recovery:{text}".encode(), hashlib.sha256).hexdigest()
