"""Lists of promises and hours, starting from where the actor supervises."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.access import Actor, Power, under
from govgrid.cases.models import Promise, ServiceHours
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Organization, OrganizationKind
from govgrid.grid.queries.realm import held_by

OFFERED = 400  # companies in one list


def promises_page(
    db: Session, actor: Actor, area: Area, *, offset: int = 0, limit: int = 50
) -> tuple[Sequence[Promise], int]:
    """Return one stretch of the promises in or above the area, those that hold first."""
    above = Area.code.in_(area.path.strip("/").split("/"))  # what they promise holds here, too
    own = and_(under(Area.path, [area.path]), under(Area.path, actor.paths(Power.SUPERVISE)))
    found = select(Promise).join(Promise.area).where(or_(above, own))
    total = db.scalar(found.with_only_columns(func.count(Promise.id))) or 0
    rows = (
        found.join(Promise.company)
        .order_by(Promise.until.is_not(None), Organization.name, Promise.since.desc(), Promise.id)
        .options(
            contains_eager(Promise.area),
            contains_eager(Promise.company),
            joinedload(Promise.compound),
        )
    )
    return db.scalars(rows.offset(offset).limit(limit)).all(), total


def promise_seen(db: Session, actor: Actor, number: int) -> Promise:
    """Return a promise in an area that the actor supervises. Raise `NotFound`."""
    found = db.scalar(
        select(Promise)
        .join(Promise.area)
        .where(Promise.id == number, under(Area.path, actor.paths(Power.SUPERVISE)))
        .options(contains_eager(Promise.area), joinedload(Promise.company))
    )
    if found is None:
        raise NotFound("没有这条企业承诺，或不在您的职责范围内。")
    return found


def companies_in(db: Session, area: Area) -> Sequence[Organization]:
    """Return the property companies that serve a compound of the area, by name."""
    serving = select(Compound.company_id).join(Area, Area.id == Compound.community_id)
    return db.scalars(
        select(Organization)
        .where(
            Organization.kind == OrganizationKind.PROPERTY_COMPANY,
            Organization.id.in_(serving.where(held_by(area))),
        )
        .order_by(Organization.name)
        .limit(OFFERED)
    ).all()


def company_named(db: Session, area: Area, name: str) -> Organization | None:
    """Return the property company of that name which serves a compound of the area."""
    serving = select(Compound.company_id).join(Area, Area.id == Compound.community_id)
    return db.scalar(
        select(Organization).where(
            Organization.name == name,
            Organization.kind == OrganizationKind.PROPERTY_COMPANY,
            Organization.id.in_(serving.where(held_by(area))),
        )
    )


def compound_served(db: Session, area: Area, company: Organization, code: str) -> Compound | None:
    """Return the company's compound of that code in the area."""
    found = select(Compound).join(Area, Area.id == Compound.community_id)
    served = found.where(Compound.code == code, Compound.company_id == company.id)
    return db.scalar(served.where(held_by(area)))


def standing_with(
    db: Session, area: Area, company: Organization, compound: Compound | None
) -> Promise | None:
    """Return the latest promise of the same company, area and compound."""
    where = (
        Promise.compound_id.is_(None) if compound is None else (Promise.compound_id == compound.id)
    )
    found = select(Promise).where(
        Promise.area_id == area.id, Promise.company_id == company.id, where
    )
    return db.scalars(found.order_by(Promise.since.desc()).limit(1)).first()


def hours_of(db: Session, area: Area) -> Sequence[tuple[Area, ServiceHours]]:
    """Return the hours set for the area and those above it, the nearest and latest first."""
    codes = area.path.strip("/").split("/")
    rows = db.execute(
        select(Area, ServiceHours)
        .join(Area, Area.id == ServiceHours.area_id)
        .where(Area.code.in_(codes))
        .order_by(Area.path.desc(), ServiceHours.since.desc())
        .limit(20)
    )
    return [(place, hours) for place, hours in rows]


def hours_from(db: Session, area: Area, since: date) -> ServiceHours | None:
    """Return the area's own hours that begin on that day."""
    return db.get(ServiceHours, (area.id, since))
