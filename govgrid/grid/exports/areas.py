"""Export of areas, from the top down."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from govgrid.access import under
from govgrid.grid.imports.areas import COLUMNS, load
from govgrid.grid.models import Area
from govgrid.sheets import STRETCH, Paths, Values, sheet_kind
from govgrid.words import N_


def rows(db: Session, paths: Paths) -> Iterator[Values]:
    """Yield the areas below the paths."""
    parent, managing = aliased(Area), aliased(Area)
    wanted = (
        select(
            Area.code,
            Area.name,
            Area.level,
            parent.code.label("parent"),
            Area.external_code,
            managing.code.label("managing"),
        )
        .outerjoin(parent, parent.id == Area.parent_id)
        .outerjoin(managing, managing.id == Area.managing_area_id)
        .where(under(Area.path, paths), Area.closed_on.is_(None))
        .order_by(Area.path)
    )
    for row in db.execute(wanted, execution_options={"yield_per": STRETCH}):
        yield row._asdict()  # its public name


KIND = sheet_kind("areas", N_("区域"), COLUMNS, load, rows)
