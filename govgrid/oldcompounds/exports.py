"""Export of coverage periods."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Power, under
from govgrid.grid.models import Area, Compound, Organization
from govgrid.oldcompounds.imports import COLUMNS, load
from govgrid.oldcompounds.models import Coverage
from govgrid.sheets import STRETCH, Paths, Values, sheet_kind
from govgrid.words import N_

_PLAIN = tuple(c.key for c in COLUMNS if c.key not in {"compound", "operator"})


def rows(db: Session, paths: Paths) -> Iterator[Values]:
    """Yield the periods of compounds in communities below the paths, by their first day."""
    wanted = (
        select(
            *(getattr(Coverage, key) for key in _PLAIN),
            Compound.code.label("compound"),
            Organization.name.label("operator"),
        )
        .join(Compound, Compound.id == Coverage.compound_id)
        .join(Area, Area.id == Compound.community_id)
        .outerjoin(Organization, Organization.id == Coverage.operator_id)
        .where(under(Area.path, paths))
        .order_by(Area.path, Compound.code, Coverage.since)
    )
    for row in db.execute(wanted, execution_options={"yield_per": STRETCH}):
        yield row._asdict()  # its public name


KIND = sheet_kind("coverage", N_("物业管理覆盖"), COLUMNS, load, rows, Power.LOAD)
