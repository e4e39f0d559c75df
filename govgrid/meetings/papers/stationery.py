"""Papers' templates and the CSS that needs to know the fonts."""

from functools import lru_cache

from jinja2 import Environment

from govgrid.meetings.papers.lines import Line, Span
from govgrid.press.fonts import Fonts
from govgrid.press.paper import environment as papers


def page(template: str, fonts: Fonts, **values: object) -> str:
    """Render a paper to HTML; all text from people is escaped."""
    return _environment().get_template(template).render(fonts=fonts, **values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = papers("govgrid.meetings.papers")
    environment.filters["span_style"] = span_style
    environment.filters["line_style"] = line_style
    return environment


def span_style(span: Span) -> str:
    """Return the CSS of what its marks give up and its characters gain."""
    # The renderer cuts a spacing down to whole grains: a hair more than the grain is needed.
    parts = (
        ("margin-left", -span.before),
        ("margin-right", -span.after),
        ("letter-spacing", span.spacing + 0.0001 if span.spacing else 0.0),
    )
    return ";".join(f"{name}:{value:.5f}em" for name, value in parts if value)


def line_style(line: Line) -> str:
    return f"margin-left:{line.indent:.5f}em" if line.indent else ""
