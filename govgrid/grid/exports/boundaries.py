"""Export of boundaries as GeoJSON in WGS84."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import under
from govgrid.grid.imports.boundaries import load
from govgrid.grid.models import Area, Boundary
from govgrid.sheets import STRETCH, Kind, Paths, Values, write_features
from govgrid.words import N_


def rows(db: Session, paths: Paths) -> Iterator[Values]:
    """Yield the boundaries of the areas below the paths."""
    wanted = (
        select(Area.code, Area.name, Boundary.geometry)
        .join(Boundary, Boundary.area_id == Area.id)
        .where(under(Area.path, paths), Area.closed_on.is_(None))
        .order_by(Area.path)
    )
    for row in db.execute(wanted, execution_options={"yield_per": STRETCH}):
        yield row._asdict()  # its public name


KIND = Kind("boundaries", N_("边界"), load, rows, {".geojson": write_features})
