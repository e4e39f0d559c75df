"""Posts come from our own pages: a token bound to the browser, and the Origin header."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from govgrid.errors import Forbidden

FIELD = "csrf"
HEADER = "x-csrf-token"
BROWSER = "browser"
"""Cookie that marks this browser."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def new_browser() -> str:
    """Return a new mark for a browser."""
    return secrets.token_urlsafe(24)


def token(secret: str, browser: str, session: str) -> str:
    """Return the token that forms of this browser and sign-in carry."""
    text = f"csrf:{browser}:{session}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def remember(response: Response, browser: str) -> None:
    """Leave the mark in the browser."""
    response.set_cookie(BROWSER, browser, httponly=True, samesite="lax", max_age=365 * 86400)


def check(request: Request, posted: str, expected: str) -> None:
    """Raise `Forbidden` where the post did not come from one of our pages."""
    stale = Forbidden("页面已过期，请刷新后重新提交。您填写的内容尚未保存。")
    if not hmac.compare_digest(posted.encode(), expected.encode()):
        raise stale
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise stale
    # Under our own referrer policy, browsers say "null" when a plain form is posted.
    origin = request.headers.get("origin", "null")
    if origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise stale
