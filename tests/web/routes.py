"""The application's routes, and addresses that lead to what lies behind them."""

import re

from starlette.routing import Route

from govgrid.app import routes
from govgrid.settings import Settings
from tests.web.world import Values

# What lies behind a path. A new path with a parameter must say here what it leads to.
BEHIND = {
    "/grid/{code}": "area",
    "/grid/{code}/changes": "kept_area",
    "/area-changes/{number:int}": "area_change",
    "/coverage/{code}": "area",
    "/grid/{code}/boards/{job:int}": "boards",
    "/compounds/{code}": "compound",
    "/compounds/{code}/showcase/{period}/entry": "showcase_entry",
    "/showcases/plans/{code}": "area",
    "/s/{code}": "shown",
    "/coverage-acts/{act:int}": "act",
    "/compounds/{code}/coverage/corrections/{since}": "period",
    "/compounds/{code}/coverage/scans/{sha256}": "period",
    "/officers/{code}": "officer",
    "/officers/{code}/busy": "kept",
    "/officers/{code}/absences/{absence:int}": "kept",
    "/officers/{code}/feeds/{feed:int}": "kept",
    "/posts/{post:int}/hand-over": "post",
    "/posts/{post:int}/substitutes": "kept",
    "/pipelines/rules/{code}": "area",
    "/service-costs/{code}": "area",
    "/packages/{run:int}": "packages",
    "/cases/{number}": "case",
    "/rates/supervision/{step:int}": "step",
    "/rates/thresholds/{code}": "area",
    "/rates/promises/{promise:int}": "promise",
    "/rates/promises/{code}": "area",
    "/rates/experts/{code}": "area",
    "/rates/hours/{code}": "area",
    "/rates/experts/{group:int}": "experts",
    "/cases/{number}/steps": "case_steps",
    "/cases/{number}/experts": "case_steps",
    "/cases/{number}/advice": "case_steps",
    "/q/{district}": "district",
    "/api/v1/meetings/{meeting:int}": "meeting",
    "/tokens/{token:int}": "token",
    "/units/{unit:int}": "unit",
    "/reports/jobs/{job:int}": "report",
    "/planning/{month}": "none",
    "/plans/{run:int}": "run",
    "/planning/settings/{code}": "area",
    "/planning/venues/{code}": "community",
    "/venues/{venue:int}": "venue",
    "/meetings/{meeting:int}": "meeting",
    "/actions/{item:int}": "task",
    "/actions/{item:int}/report": "task_report",
    "/journal/{number:int}": "line",
    "/months/{month}": "none",
    "/print/{month}": "none",
    "/prints/{job:int}": "minutes_print",
    "/r/{token}": "link",
    "/entrance/{meeting:int}/{code}": "entrance",
    "/feeds/{token}": "feed",
    "/v/{code}": "check",
    "/exchange/batches/{batch:int}": "batch",
    "/exchange/sources/{source:int}": "source",
    "/exchange/templates/{kind}.xlsx": "template",
    "/welcome/{token}": "invitation",
    "/workdays/{year:int}.json": "year",
    "/workdays/notices/{notice:int}": "notice",
    "/accounts/{account:int}": "account",
    "/me/sign-ins/{mark}": "session",
    "/me/calendars/{link:int}": "feed_link",
}
# Pages that show the area named by `?area=`.
TAKES_AREA = {
    "/actions", "/actions/figures",
    "/cases", "/cases/clock", "/rates", "/rates/league", "/rates/charts", "/rates/supervision",
    "/showcases", "/showcases/late",
    "/rates/promises", "/rates/experts",
    "/rates/meetings", "/rates/meetings/behind", "/rates/owners-meetings",
    "/reports",
    "/months/{month}", "/print/{month}", "/print/{month}/minutes.pdf",
    "/print/{month}/urge", "/archive",
    "/planning/{month}", "/planning/{month}/inputs", "/planning/{month}/repair",
    "/pipelines", "/packages",
}  # fmt: skip


def table() -> list[Route]:
    """Return the real application's routes."""
    return [route for route in routes(Settings()) if isinstance(route, Route)]


def thing_behind(path: str) -> str:
    """Return what kind of thing the path leads to."""
    if "{" not in path:
        return "none"
    known = [start for start in BEHIND if path.startswith(start)]
    assert known, f"{path}: say in BEHIND what it leads to"
    return BEHIND[max(known, key=len)]


def filled(path: str, values: Values) -> str:
    """Return the address that the path's parameters make."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(values[found[1]]), path)
