"""What verifies the certificates of servers: the machine's authorities, read once an hour."""

import os
import ssl
import time
from functools import lru_cache


def trusted() -> ssl.SSLContext:
    """Return the context of this hour; reading the authorities costs as much as fifty letters."""
    return _read(int(time.monotonic() // 3600), os.environ.get("SSL_CERT_FILE"))


@lru_cache(1)
def _read(_hour: int, _authorities: str | None) -> ssl.SSLContext:
    return ssl.create_default_context()
