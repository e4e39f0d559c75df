"""What every chapter is about, and how it words figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.cases.rules import Counts
from govgrid.grid.models import Area, Level
from govgrid.grid.queries.realm import managed_by
from govgrid.reports.rules import Chapter, Headline, change
from govgrid.sheets.book import Field, Form, Share

_HOLDS = {Level.CITY, Level.DISTRICT, Level.STREET}
Made = tuple[Chapter, list[Headline]]
AREA = Field("区域", width=20)
RATES = {  # of the four rates and the one beside them: word, part, whole, their words
    "response": ("响应率", "replied_in_time", "received", "按时响应", "受理"),
    "completion": ("办结率", "closed", "received", "已办结", "受理"),
    "closed_48h": ("48小时办结率", "closed_in_48h", "received", "48小时内办结", "受理"),
    "satisfaction": ("满意率", "satisfied", "rated", "满意", "已评价"),
    "report": ("报告率", "reported", "outside_remit", "已报告", "职责外"),
}
FOUR = ("response", "completion", "satisfaction", "report")


@dataclass(frozen=True, slots=True)
class Scope:
    """The area, the month (its first day) and the moment of a report."""

    db: Session
    area: Area
    month: date
    as_of: datetime

    def below(self) -> list[Area]:
        """Return the areas one level below, those managed from here among them."""
        if self.area.level not in _HOLDS:
            return []
        own = select(Area).where(Area.parent_id == self.area.id, Area.closed_on.is_(None))
        return [*self.db.scalars(own.order_by(Area.code)), *managed_by(self.db, self.area)]


def rate_of(counts: Counts, name: str) -> Share:
    """Return one of the rates."""
    _word, part, whole, *_words = RATES[name]
    return Share(getattr(counts, part), getattr(counts, whole))


def rate_fields(names: Sequence[str]) -> tuple[Field, ...]:
    """Return the columns of these rates."""
    return tuple(
        Field(word, Form.SHARE, 12, (part, f"{whole}（{word}）"))
        for word, _part, _whole, part, whole in (RATES[name] for name in names)
    )


def percent(share: Share) -> str:
    """Return `93.5%`, or a dash where there is nothing to divide by."""
    return "—" if share.rate is None else f"{share.rate * 100:.1f}%"


def fraction(share: Share) -> str:
    """Return `29 / 31`."""
    return f"{share.part:,.0f} / {share.whole:,.0f}"


def changed(now: Share, then: Share, word: str) -> str:
    """Return `较上月 +1.2 个百分点`, or that there is nothing to compare with."""
    points = change(now, then)
    return f"{word}无可比数" if points is None else f"较{word} {points * 100:+.1f} 个百分点"
