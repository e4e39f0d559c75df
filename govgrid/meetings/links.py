"""Private links: a token from the installation's secret and a stored nonce, looked up by hash."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode


def new_nonce() -> str:
    """Return a nonce; storing another one revokes the link."""
    return secrets.token_urlsafe(18)


def token(secret: str, nonce: str) -> str:
    """Return the 192-bit token of the nonce; without the secret nobody can make it."""
    digest = hmac.new(secret.encode(), f"link:{nonce}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest[:24]).decode()


def lookup(link: str) -> str:
    """Return what the database holds of a token."""
    return hashlib.sha256(link.encode()).hexdigest()
