"""Export of complaint cases."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Power, under
from govgrid.cases.imports import COLUMNS, Satisfaction, load
from govgrid.cases.models import Case
from govgrid.grid.models import Area, Compound
from govgrid.sheets import STRETCH, Paths, Values, sheet_kind
from govgrid.words import N_

_PLAIN = ("number", "source", "category", "received_at", "replied_at", "closed_at", "fed_back_at",
          "in_remit", "reported_at", "content", "satisfied")  # fmt: skip


def rows(db: Session, paths: Paths) -> Iterator[Values]:
    """Yield the cases of compounds in communities below the paths, by receipt."""
    wanted = (
        select(*(getattr(Case, key) for key in _PLAIN), Compound.code.label("compound"))
        .join(Compound, Compound.id == Case.compound_id)
        .join(Area, Area.id == Compound.community_id)
        .where(under(Area.path, paths))
        .order_by(Case.received_at, Case.id)
    )
    for row in db.execute(wanted, execution_options={"yield_per": STRETCH}):
        yield {**row._asdict(), "satisfied": Satisfaction.of(row.satisfied)}


KIND = sheet_kind("cases", N_("诉求"), COLUMNS, load, rows, Power.LOAD)
