"""Which routes are pages, and the list of the pictures that show each: docs/screens/README.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from starlette.routing import Match, Route

from govgrid.app import routes
from govgrid.settings import Settings

# Ways to a page, parts of one, and pictures inside one.
NO_PAGES = {
    "/healthz", "/readyz", "/metrics", "/sign-in/oidc", "/sign-in/oidc/back", "/q/{district}/state",
    "/months", "/print", "/planning", "/coverage", "/officers/me", "/directory/hits",
    "/exchange/batches/{batch:int}/progress", "/plans/{run:int}/progress",
    "/planning/{month}/inputs",
    "/meetings/{meeting:int}/room/items/{item:int}", "/meetings/{meeting:int}/room/items/guests",
    "/compounds/{code}/coverage/scans/{sha256}", "/actions/{item:int}/photos/{photo:int}",
    "/compounds/{code}/showcase/{period}/photos/{photo:int}", "/s/{code}/photos/{photo:int}",
    "/meetings/{meeting:int}/attachments/{attachment:int}",
    "/r/{token}/attachments/{attachment:int}",
}  # fmt: skip
HEAD = """# Every page in pictures

Taken from the demo city by `python -m scripts.screens`, 1440 and 360 pixels wide.

| address | pictures |
|---|---|
"""
OTHER = "other"  # papers and pages of refusal, which no route names
_ROW = re.compile(r"^\| `?(?P<path>[^`|]+?)`? \| (?P<names>[^|]+) \|$", re.MULTILINE)


@cache
def _answering() -> Sequence[Route]:
    return [
        one for one in routes(Settings()) if isinstance(one, Route) and "GET" in (one.methods or ())
    ]


def page_routes() -> list[str]:
    """Return the paths of the route table that answer with a page."""
    paths = [route.path for route in _answering()]
    return [p for p in paths if p not in NO_PAGES and "." not in p and not p.startswith("/api/")]


def route_of(address: str) -> str:
    """Return the path in the route table of the page at an address, or `OTHER`."""
    scope = {"type": "http", "method": "GET", "path": address}
    found = (one.path for one in _answering() if one.matches(scope)[0] is Match.FULL)
    path = next(found, OTHER)
    return path if path in page_routes() else OTHER


def shown(folder: Path) -> dict[str, set[str]]:
    """Return the names of the pictures by the path of their page, as the folder's list has them."""
    index = folder / "README.md"
    text = index.read_text() if index.exists() else ""
    found = {row["path"]: set(re.findall(r"[\w-]+", row["names"])) for row in _ROW.finditer(text)}
    return {path: names for path, names in found.items() if path not in {"address", "---"}}


def write_list(folder: Path, pictures: Mapping[str, Iterable[str]]) -> None:
    """Write the folder's list."""
    rows = [
        f"| {path if path == OTHER else f'`{path}`'} | {', '.join(sorted(names))} |\n"
        for path, names in sorted(pictures.items())
        if names
    ]
    (folder / "README.md").write_text(HEAD + "".join(rows))
