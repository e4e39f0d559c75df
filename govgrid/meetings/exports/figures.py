"""Figures of meetings as tables of a workbook or a report."""

from collections.abc import Sequence
from datetime import date

from govgrid.meetings.queries.figures import FiguresReport
from govgrid.meetings.rules.figures import MEANINGS, PARTS, WORDS, Figures
from govgrid.sheets.book import Field, Form, Leaf, Share, Table, Value

OF = {  # what part and whole of each share are called
    "held": ("已召开", "应开"),
    "on_time": ("按期召开", "已召开（按期）"),
    "quorum": ("人数达标", "已召开（人数）"),
    "signed": ("按期签发", "纪要应签"),
}
FIELDS = tuple(Field(str(WORDS[name]), Form.SHARE, 12, OF[name]) for name in PARTS)
Series = Sequence[tuple[date, Figures]]


def shares(figures: Figures) -> tuple[Share, ...]:
    """Return the four shares in the order of the columns."""
    return tuple(Share(*figures.part(name)) for name in PARTS)


def by_area(report: FiguresReport) -> Table:
    """Return the figures of the areas below, and their sum."""
    rows: list[tuple[Value, ...]] = [(row.name, *shares(row.figures)) for row in report.rows]
    rows.append(("合计", *shares(report.total)))
    return Table("各区域会议", (Field("区域", width=24), *FIELDS), tuple(rows), total=True)


def by_month(series: Series) -> Table:
    """Return the figures month by month."""
    rows: list[tuple[Value, ...]]
    rows = [(f"{month:%Y-%m}", *shares(figures)) for month, figures in series]
    return Table("每月会议", (Field("月份", width=24), *FIELDS), tuple(rows))


def figure_leaf(report: FiguresReport, series: Series) -> Leaf:
    """Return the sheet of the figures."""
    return Leaf("会议", (by_area(report), by_month(series)), tuple(map(str, MEANINGS)))
