"""From figures to chapters: what a report says, the same for paper and workbook."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from govgrid.errors import Invalid
from govgrid.grid.models import Area, Level
from govgrid.reports.content import conduct, results
from govgrid.reports.content.scope import Scope
from govgrid.reports.rules import Headline, Report

LEVELS = (Level.CITY, Level.DISTRICT, Level.STREET, Level.COMMUNITY)

__all__ = ["LEVELS", "Scope", "report_of"]


def report_of(db: Session, area: Area, month: date, *, as_of: datetime) -> Report:
    """Return the area's report of a month. Raise `Invalid` for what is below communities."""
    if area.level not in LEVELS:
        raise Invalid("月报按社区、街道、区县编制，请换一个区域。")
    about = Scope(db, area, month, as_of)
    parts = [
        results.rates(about),
        results.league(about),
        results.breaches(about),
        conduct.showcases(about),
        conduct.meetings(about),
        conduct.actions(about),
        conduct.coverage(about),
        conduct.supervision(about),
    ]
    headlines: list[Headline] = [one for _chapter, lines in parts for one in lines]
    chapters = tuple(chapter for chapter, _lines in parts)
    return Report(area.code, area.name, month, as_of, tuple(headlines), chapters)
