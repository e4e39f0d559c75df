"""Export of officers: one row a post."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from govgrid.access import under
from govgrid.grid.imports.officers import COLUMNS, load
from govgrid.grid.models import Area, Compound, Officer, Organization, Post
from govgrid.sheets import STRETCH, Paths, Values, sheet_kind
from govgrid.words import N_


def rows(db: Session, paths: Paths) -> Iterator[Values]:
    """Yield the posts over areas below the paths that are not closed, and at compounds there."""
    place = aliased(Area)
    wanted = (
        select(
            Officer.code,
            Officer.name,
            Post.role,
            func.coalesce(Compound.code, place.code).label("place"),
            Organization.name.label("organization"),
            Officer.phone,
            Officer.email,
            Post.since,
            Post.until,
        )
        .join(Officer, Officer.id == Post.officer_id)
        .outerjoin(Compound, Compound.id == Post.compound_id)
        .join(place, place.id == func.coalesce(Post.area_id, Compound.community_id))
        .outerjoin(Organization, Organization.id == Officer.organization_id)
        .where(under(place.path, paths), place.closed_on.is_(None))
        .order_by(place.path, Post.id)
    )
    for row in db.execute(wanted, execution_options={"yield_per": STRETCH}):
        yield row._asdict()  # its public name


KIND = sheet_kind("officers", N_("人员"), COLUMNS, load, rows)
