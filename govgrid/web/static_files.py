"""Style sheets, scripts and third-party files: addresses that carry a content hash, and mounts."""

import hashlib
from functools import lru_cache
from os import PathLike, stat_result
from pathlib import Path

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from govgrid.settings import Settings
from govgrid.web.house import anyone

OURS = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"


class HashedFiles(StaticFiles):
    """Static files; an address with a content hash is kept by the browser for good."""

    may_enter = anyone

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        hashed = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = FOREVER if hashed else "no-cache"
        return response


def routes(settings: Settings) -> list[BaseRoute]:
    """Return the mounts `/static` (ours) and `/vendor` (put in place at set-up)."""
    theirs = HashedFiles(directory=settings.vendor / "static", check_dir=False)
    return [
        Mount("/static", HashedFiles(directory=OURS), name="static"),
        Mount("/vendor", theirs, name="vendor"),
    ]


def asset(name: str) -> str:
    """Return the address of one of our own files."""
    return f"/static/{name}?v={_mark_of(OURS / name)}"


def vendor(settings: Settings, name: str) -> str:
    """Return the address of a third-party file."""
    return f"/vendor/{name}?v={_mark_of(settings.vendor / 'static' / name)}"


def _mark_of(path: Path) -> str:
    try:
        return _mark(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return "missing"


@lru_cache(maxsize=200)
def _mark(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
