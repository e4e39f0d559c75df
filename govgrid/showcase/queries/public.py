"""What residents see of a compound: its name and place, and what is published."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Level


def compound_shown(db: Session, code: str) -> Compound:
    """Return the compound with community and company, whoever asks. Raise `NotFound`."""
    found = db.scalar(
        select(Compound)
        .where(Compound.code == code)
        .options(joinedload(Compound.community), joinedload(Compound.company))
    )
    if found is None:
        raise NotFound("没有这个小区的双晒页面，请重新扫描小区内张贴的二维码。")
    return found


def district_of(db: Session, compound: Compound) -> Area | None:
    """Return the district of a compound (community loaded), whose people take complaints."""
    codes = compound.community.path.strip("/").split("/")
    return db.scalar(select(Area).where(Area.code.in_(codes), Area.level == Level.DISTRICT))
