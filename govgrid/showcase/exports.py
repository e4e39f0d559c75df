"""Export of what property projects published."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Power, under
from govgrid.grid.models import Area, Compound
from govgrid.sheets import STRETCH, Paths, Values, sheet_kind
from govgrid.showcase.imports import COLUMNS, load
from govgrid.showcase.models import ShowcaseItem
from govgrid.words import N_

_PLAIN = ("panel", "item", "promise", "result", "amount", "met", "published_on", "period")


def rows(db: Session, paths: Paths) -> Iterator[Values]:
    """Yield the items of compounds in communities below the paths, by period."""
    wanted = (
        select(*(getattr(ShowcaseItem, key) for key in _PLAIN), Compound.code.label("compound"))
        .join(Compound, Compound.id == ShowcaseItem.compound_id)
        .join(Area, Area.id == Compound.community_id)
        .where(under(Area.path, paths))
        .order_by(Area.path, Compound.code, ShowcaseItem.period, ShowcaseItem.id)
    )
    for row in db.execute(wanted, execution_options={"yield_per": STRETCH}):
        yield {**row._asdict(), "period": f"{row.period:%Y-%m}"}


KIND = sheet_kind("showcases", N_("双晒"), COLUMNS, load, rows, Power.LOAD)
