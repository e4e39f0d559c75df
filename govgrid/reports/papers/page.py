"""A report as one PDF: A4, heads repeated on every page, what it says and as of when."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from jinja2 import Environment

from govgrid.press.fonts import Fonts
from govgrid.press.paper import environment as papers
from govgrid.press.press import Sheet
from govgrid.reports.papers.charts import drawn
from govgrid.reports.rules import NUMERALS, Report, Stamp, moment
from govgrid.sheets.book import Field, Form, Share, Table, Value

MISSING = "〓"  # as typesetters put where a character is wanting
STYLES = ("song", "hei")
TOLD = "“〓”处的字在所装字体中没有字形，请以系统页面为准。"


def report_sheet(fonts: Fonts, report: Report, stamp: Stamp) -> Sheet:
    """Return what the press prints; the same report and stamp give the same bytes."""
    fitted = _Fitted(fonts)
    families = {style: fonts.families(style) for style in ("song", "hei", "title")}
    charts: dict[str, str] = {}
    chapters = []
    for number, chapter in enumerate(report.chapters):
        names = []
        for place, chart in enumerate(chapter.charts):
            name = f"chart-{number}-{place}.svg"
            words = tuple((fitted(word), values) for word, values in chart.series)
            shown = replace(chart, labels=tuple(map(fitted, chart.labels)), series=words)
            charts[name] = drawn(shown, str(families["hei"]))
            names.append((name, chart.caption))
        chapters.append((NUMERALS[number], chapter, names))
    html = (
        _environment()
        .get_template("report.html")
        .render(
            families=families,
            report=report,
            title=fitted(report.title),
            as_of=moment(report.as_of),
            stamp=stamp,
            stamped=f"{fitted(stamp.by)} {moment(stamp.at)}",
            created=stamp.at.isoformat(timespec="seconds"),
            chapters=chapters,
            fitted=fitted,
            told=TOLD,
        )
    )
    return Sheet(html, stamp.at, images=tuple(charts.items()))


class _Fitted:
    """Puts a sign where no font has a character, and remembers whether it did."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._known: dict[str, bool] = {}
        self.lacking = False

    def __call__(self, text: str) -> str:
        return "".join(char if self._has(char) else self._miss() for char in text)

    def _has(self, char: str) -> bool:
        if char not in self._known:
            found = (self._fonts.face(char, style) for style in STYLES)
            self._known[char] = char.isspace() or all(face is not None for face in found)
        return self._known[char]

    def _miss(self) -> str:
        self.lacking = True
        return MISSING


def cells(fields: tuple[Field, ...], row: tuple[Value, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield class, text and small print of each cell."""
    for column, value in zip(fields, row, strict=True):
        yield ("text" if column.form is Form.TEXT else "num", *shown(column.form, value))


def shown(form: Form, value: Value) -> tuple[str, str]:
    """Return a value as it stands on paper, and what stands small beside it."""
    if isinstance(value, Share):
        rate = "—" if value.rate is None else f"{value.rate * 100:.1f}%"
        return rate, f"{value.part:,.0f}/{value.whole:,.0f}"
    if value is None or isinstance(value, str):
        return value or "—", ""
    if isinstance(value, date):
        return value.isoformat(), ""
    percent = {Form.RATE: f"{value * 100:.1f}%", Form.POINTS: f"{value * 100:+.1f}"}
    return percent.get(form, f"{value:,.0f}"), ""


def widths(table: Table) -> list[str]:
    """Return the columns' widths in per cent of the page."""
    wanted = [max(column.width, 2 * len(column.heading) * 0.7) for column in table.fields]
    return [f"{width / sum(wanted) * 100:.2f}%" for width in wanted]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = papers("govgrid.reports.papers")
    helpers: dict[str, Any] = {"cells": cells, "widths": widths}
    environment.globals.update(helpers)
    return environment
