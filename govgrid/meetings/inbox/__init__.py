"""Mails that come back: what one says (bytes to values), within limits whatever it holds."""
