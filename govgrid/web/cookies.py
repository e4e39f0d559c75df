"""Cookies over TLS: inside they have short names, browsers know them by names that bind them.

`__Host-` (`__Secure-` where a cookie is for one path) lets no other host and no unencrypted page
set a cookie of that name; what comes without is not ours.
"""

_HOST, _PATH = b"__Host-", b"__Secure-"


def inward(header: bytes) -> bytes:
    """Return a Cookie header with the names that pages know."""
    given = (part.strip() for part in header.split(b";"))
    bound = (part for part in given if part.startswith((_HOST, _PATH)))
    return b"; ".join(part.partition(b"-")[2] for part in bound)


def outward(header: bytes) -> bytes:
    """Return a Set-Cookie header with the name that browsers know, for encrypted pages only."""
    told = header.lower()
    prefix = _HOST if b"path=/;" in told + b";" else _PATH
    secure = b"" if b"; secure" in told else b"; Secure"
    return prefix + header + secure
