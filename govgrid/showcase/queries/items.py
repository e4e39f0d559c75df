"""What is published for a period, its figures, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from govgrid.grid.models import Compound
from govgrid.showcase.models import ShowcaseItem
from govgrid.showcase.rules import Figures, Panel, figures

PANELS = tuple(panel.word for panel in Panel)


@dataclass(frozen=True, slots=True)
class PanelShown:
    """One panel with its items; empty where nothing was published."""

    word: str
    items: tuple[ShowcaseItem, ...]

    @property
    def figures(self) -> Figures:
        return figures(self.items)

    @property
    def published_on(self) -> date | None:
        """Return the first day on which something of it was published, where it is known."""
        return min((i.published_on for i in self.items if i.published_on), default=None)


def showcase_of(db: Session, compound_ids: Sequence[int], period: date) -> list[ShowcaseItem]:
    """Return what the compounds published for the period, panel by panel in the order given."""
    found = select(ShowcaseItem).where(
        ShowcaseItem.compound_id.in_(compound_ids), ShowcaseItem.period == period
    )
    items = db.scalars(found.order_by(ShowcaseItem.compound_id, ShowcaseItem.id)).all()
    return sorted(items, key=lambda item: (item.compound_id, _place(item.panel), item.panel))


def panels(items: Sequence[ShowcaseItem], wanted: Sequence[str] = PANELS) -> list[PanelShown]:
    """Return the items by panel; those wanted (the two default ones) always stand there."""
    words = [*wanted, *sorted({item.panel for item in items} - set(wanted))]
    return [PanelShown(word, tuple(i for i in items if i.panel == word)) for word in words]


def missing(db: Session, community_id: int, period: date) -> list[Compound]:
    """Return the community's compounds that have published nothing for the period."""
    published = exists().where(
        ShowcaseItem.compound_id == Compound.id, ShowcaseItem.period == period
    )
    found = select(Compound).where(Compound.community_id == community_id, ~published)
    return list(db.scalars(found.order_by(Compound.code)))


def latest_period(db: Session, compound_id: int, before: date) -> date | None:
    """Return the last period, not after that day, for which the compound published anything."""
    found = select(func.max(ShowcaseItem.period)).where(
        ShowcaseItem.compound_id == compound_id, ShowcaseItem.period <= before
    )
    return db.scalar(found)


def periods(db: Session, compound_id: int, limit: int = 24) -> list[date]:
    """Return the periods for which the compound published anything, the latest first."""
    found = select(ShowcaseItem.period).where(ShowcaseItem.compound_id == compound_id).distinct()
    return list(db.scalars(found.order_by(ShowcaseItem.period.desc()).limit(limit)))


def _place(panel: str) -> int:
    return PANELS.index(panel) if panel in PANELS else len(PANELS)
