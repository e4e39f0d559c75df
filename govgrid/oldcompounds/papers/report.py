"""The report of an area's coverage 覆盖情况报告: rates, streets, months, gaps, endings; A4."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from jinja2 import Environment

from govgrid.grid.models import Area
from govgrid.oldcompounds.models import Mode
from govgrid.oldcompounds.queries import Line
from govgrid.oldcompounds.rules import Month, Share, Tally
from govgrid.press.fonts import Fonts
from govgrid.press.paper import environment as papers
from govgrid.press.press import Sheet
from govgrid.web.language import figure_text, local, rate_text

MOST = 200
"""Compounds that a list of the report names; the ledger has the others."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the template lays out, as of a day; `years` are the Decembers and the last month."""

    area: Area
    as_of: date
    tally: Tally
    below: Sequence[tuple[Area, Tally]]
    months: Sequence[Month]
    gaps: Sequence[Line]
    all_gaps: int
    ending: Sequence[Line]
    all_ending: int
    asked_by: str
    at: datetime

    @property
    def measures(self) -> tuple[tuple[str, Share], ...]:
        return (
            ("小区（个）", self.tally.compounds),
            ("户数（户）", self.tally.households),
            ("建筑面积（㎡）", self.tally.floor_area),
        )

    def gained(self, back: int) -> float | None:
        """Return the change of the management rate over so many months, in percentage points."""
        if len(self.months) <= back:
            return None
        now = self.months[-1].tally.compounds.management_rate
        before = self.months[-1 - back].tally.compounds.management_rate
        return None if now is None or before is None else (now - before) * 100


def report_sheet(fonts: Fonts, report: Report) -> Sheet:
    """Return what the press prints. Raise `Invalid` for a character no font has."""
    _check(fonts, report)
    html = (
        _environment()
        .get_template("report.html")
        .render(
            families=fonts.families,
            report=report,
            modes=list(Mode),
            curve=curve(report.months),
            created=report.at.isoformat(timespec="seconds"),
        )
    )
    return Sheet(html, report.at)


@dataclass(frozen=True, slots=True)
class Curve:
    """Two lines in a field of 600 by 120: points as SVG has them, and the years below."""

    managed: str
    professional: str
    years: tuple[tuple[float, str], ...]


def curve(months: Sequence[Month]) -> Curve:
    """Return the lines of both rates by compounds; a month without compounds is left out."""
    step = 600 / max(1, len(months) - 1)
    managed, professional = [], []
    for place, month in enumerate(months):
        share = month.tally.compounds
        if share.management_rate is None or share.professional_rate is None:
            continue
        managed.append(f"{place * step:.1f},{120 - 120 * share.management_rate:.1f}")
        professional.append(f"{place * step:.1f},{120 - 120 * share.professional_rate:.1f}")
    years = tuple(
        (place * step, str(month.first.year))
        for place, month in enumerate(months)
        if month.first.month == 1
    )
    return Curve(" ".join(managed), " ".join(professional), years)


def _check(fonts: Fonts, report: Report) -> None:
    lines = [*report.gaps, *report.ending]
    texts = [report.area.name, *(area.name for area, _tally in report.below)]
    texts += [f"{line.name}{line.community_name}{line.operator or ''}" for line in lines]
    fonts.refuse_missing(texts, "hei")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = papers("govgrid.oldcompounds.papers")
    environment.filters.update(
        rate=rate_text,
        figure=figure_text,
        day=lambda day: f"{day.year}年{day.month}月{day.day}日",
        local=local,
    )
    return environment
