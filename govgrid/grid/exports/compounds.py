"""Export of compounds, positions in WGS84."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import case, select
from sqlalchemy.orm import Session, aliased

from govgrid.access import under
from govgrid.grid.crs import CRS
from govgrid.grid.imports.compounds import COLUMNS, PLAIN, load
from govgrid.grid.models import Area, Compound, CompoundMicroGrid, Organization
from govgrid.sheets import STRETCH, Paths, Values, sheet_kind
from govgrid.words import N_


def rows(db: Session, paths: Paths) -> Iterator[Values]:
    """Yield the compounds in communities below the paths."""
    grid = aliased(Area)
    wanted = (
        select(
            Compound.id,
            Compound.code,
            *(getattr(Compound, key) for key in PLAIN),
            Compound.longitude,
            Compound.latitude,
            case((Compound.longitude.is_not(None), CRS.WGS84.value)).label("crs"),
            Area.code.label("community"),
            grid.code.label("grid"),
            Organization.name.label("company"),
        )
        .join(Area, Area.id == Compound.community_id)
        .outerjoin(grid, grid.id == Compound.grid_id)
        .outerjoin(Organization, Organization.id == Compound.company_id)
        .where(under(Area.path, paths))
        .order_by(Area.path, Compound.code)
    )
    for part in db.execute(wanted, execution_options={"yield_per": STRETCH}).partitions():
        served = _micro_grids(db, [row.id for row in part])
        for row in part:
            yield {**row._asdict(), "micro_grids": served.get(row.id, ())}


def _micro_grids(db: Session, compounds: Sequence[int]) -> dict[int, list[str]]:
    link = CompoundMicroGrid
    found: dict[int, list[str]] = defaultdict(list)
    served = (
        select(link.compound_id, Area.code)
        .join(Area, Area.id == link.micro_grid_id)
        .where(link.compound_id.in_(compounds))
        .order_by(Area.code)
    )
    for compound, code in db.execute(served):
        found[compound].append(code)
    return found


KIND = sheet_kind("compounds", N_("小区"), COLUMNS, load, rows)
