"""What a file is, by its first bytes: what it is called does not count."""

PDF, PNG, JPEG, WEBP = "application/pdf", "image/png", "image/jpeg", "image/webp"
_SIGNS = {b"%PDF-": PDF, b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}


def media_type(data: bytes) -> str | None:
    """Return the media type; None: neither PDF nor PNG, JPEG or WebP."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    return next((kind for sign, kind in _SIGNS.items() if data.startswith(sign)), None)
