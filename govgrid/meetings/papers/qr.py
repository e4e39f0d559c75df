"""QR codes for screens."""

import segno


def data_uri(text: str) -> str:
    """Return the QR code of a text as an SVG data address."""
    return str(segno.make(text, error="m").svg_data_uri(scale=5, border=2))
