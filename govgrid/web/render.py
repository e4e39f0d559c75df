"""Templates to responses: one Jinja environment over the templates of all packages."""

from collections.abc import Callable
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from govgrid.access import Power
from govgrid.web import csrf, language, provisional, static_files
from govgrid.web.visit import Visit

PACKAGES = (
    "web",
    "accounts",
    "audit",
    "grid",
    "cases",
    "showcase",
    "oldcompounds",
    "oldcompounds/services",
    "oldcompounds/pipeline",
    "oldcompounds/takeover",
    "meetings",
    "exchange",
    "almanac",
    "reports",
)


@cache
def environment() -> Environment:
    """Return the environment: `package/page.html` is found in that package's templates."""
    root = Path(__file__).parent.parent
    env = Environment(
        loader=PrefixLoader(
            {Path(p).name: FileSystemLoader(root / p / "templates") for p in PACKAGES}
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.globals.update(
        _=language.gettext,
        Power=Power,
        languages=language.LANGUAGES,
        asset=static_files.asset,
        provisional_years=provisional.shown_years,
    )
    env.filters.update(
        day=_noting(language.day_text),
        weekday=_noting(language.weekday_text),
        moment=_noting(language.moment_text),
        month=_noting(language.month_text),
        planned=_noting(provisional.planned_text),
        provisional=provisional.mark,
        dated=provisional.noted,
        clock=language.clock_text,
        rate=language.rate_text,
        figure=language.figure_text,
        local=language.local,
        refusal=language.refusal_text,
        query=urlencode,
    )
    return env


Day = TypeVar("Day", bound=date)


def _noting(write: Callable[[Day], str]) -> Callable[[Day], str]:
    """Return the filter that writes a day or moment, and notes that the page shows its year."""
    return lambda value: write(provisional.noted(value))


def render(visit: Visit, template: str, /, status: int = 200, **context: Any) -> Response:
    """Render the page for this visit; what every page needs comes from the visit."""
    return HTMLResponse(part(visit, template, **context), status_code=status)


def part(visit: Visit, template: str, /, **context: Any) -> Markup:
    """Render a template as a part of another page, such as a panel."""
    if visit.visitor:
        context["actor"] = visit.visitor
    text = (
        environment()
        .get_template(template)
        .render(
            visit=visit,
            csrf=csrf.FIELD,
            csrf_token=visit.csrf_token,
            language=language.current(),
            vendor=partial(static_files.vendor, visit.settings),
            **context,
        )
    )
    return Markup(text)  # noqa: S704  # our own template, escaped by Jinja


def redirect(path: str, notice: str = "") -> Response:
    """Send the browser to a page of ours, which shows the notice once."""
    response = RedirectResponse(path, status_code=303)
    if notice:
        response.set_cookie("notice", quote(notice), max_age=60, httponly=True, samesite="lax")
    return response


def file(data: bytes, media_type: str, name: str, *, download: bool = False) -> Response:
    """Answer with a file; `name` is ASCII."""
    kind = "attachment" if download else "inline"
    return Response(
        data,
        media_type=media_type,
        headers={"Content-Disposition": f'{kind}; filename="{name}"'},
    )
