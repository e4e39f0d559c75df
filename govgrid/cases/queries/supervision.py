"""Thresholds as they hold in an area, companies' counts, and the steps taken against them."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.access import Actor, Power, lies_in, under
from govgrid.cases.models import Case, SupervisionStep, Threshold, Verdict
from govgrid.cases.queries.four_rates import counted, in_area, received_in
from govgrid.cases.rules import Bar, Counts
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Organization


def bar_of(db: Session, area: Area) -> tuple[Bar, Threshold | None, Area | None]:
    """Return what holds in the area, its own row if it has one, and the area that says so."""
    codes = area.path.strip("/").split("/")
    found = db.execute(
        select(Threshold, Area)
        .join(Area, Area.id == Threshold.area_id)
        .where(Area.code.in_(codes))
        .order_by(Area.path.desc())
        .limit(1)
    ).first()
    if found is None:
        return Bar(), None, None
    row, said_by = found
    bar = Bar(**{field.name: getattr(row, field.name) for field in fields(Bar)})
    return bar, row if said_by.id == area.id else None, said_by


def company_counts(
    db: Session, month: date, area: Area, *, as_of: datetime
) -> list[tuple[Organization, Counts]]:
    """Return the counts of every company with a case in the area's month, by name."""
    where = and_(received_in(month), Case.received_at <= as_of, in_area(area))
    found = dict(counted(db, where, as_of, Compound.company_id))
    companies = select(Organization).where(Organization.id.in_(id_ for id_ in found if id_))
    return [(one, found[one.id]) for one in db.scalars(companies.order_by(Organization.name))]


def supervised(actor: Actor) -> Select[SupervisionStep]:
    """Select the steps in the areas where the actor decides on them."""
    return (
        select(SupervisionStep)
        .join(SupervisionStep.area)
        .where(under(Area.path, actor.paths(Power.SUPERVISE)))
    )


def steps_page(
    db: Session,
    actor: Actor,
    area: Area,
    *,
    month: date | None = None,
    company: str = "",
    offset: int = 0,
    limit: int = 50,
) -> tuple[Sequence[SupervisionStep], int]:
    """Return one stretch of the steps below the area, the undecided and latest first."""
    found = supervised(actor).where(under(Area.path, [area.path]))
    found = found.join(SupervisionStep.company)
    if month is not None:
        found = found.where(SupervisionStep.month == month)
    if company:
        found = found.where(Organization.name == company)
    total = db.scalar(found.with_only_columns(func.count(SupervisionStep.id))) or 0
    rows = found.order_by(
        SupervisionStep.stage != Verdict.PROPOSED,
        SupervisionStep.month.desc(),
        SupervisionStep.id,
    ).options(contains_eager(SupervisionStep.area), contains_eager(SupervisionStep.company))
    return db.scalars(rows.offset(offset).limit(limit)).all(), total


def step_seen(db: Session, actor: Actor, number: int) -> SupervisionStep:
    """Return the step with area and company. Raise `NotFound` where it is not the actor's."""
    found = db.scalar(
        supervised(actor)
        .where(SupervisionStep.id == number)
        .options(contains_eager(SupervisionStep.area), joinedload(SupervisionStep.company))
    )
    if found is None:
        raise NotFound("没有这条督导记录，或不在您的职责范围内。")
    return found


def supervision_for_unit(
    db: Session, community_id: int, compound_id: int | None, since: datetime, until: datetime
) -> list[SupervisionStep]:
    """Return what was confirmed in [since, until) against the companies that serve the unit.

    Steps of the offices above the community, the latest first, with area and company.
    """
    unit = Compound.id == compound_id if compound_id else Compound.community_id == community_id
    path = select(Area.path).where(Area.id == community_id).scalar_subquery()
    found = (
        select(SupervisionStep)
        .join(SupervisionStep.area)
        .where(
            SupervisionStep.company_id.in_(select(Compound.company_id).where(unit)),
            SupervisionStep.stage == Verdict.CONFIRMED,
            SupervisionStep.decided_at >= since,
            SupervisionStep.decided_at < until,
            lies_in(path, Area.path),
        )
        .options(contains_eager(SupervisionStep.area), joinedload(SupervisionStep.company))
        .order_by(SupervisionStep.decided_at.desc(), SupervisionStep.id)
    )
    return list(db.scalars(found))


def of_companies(
    db: Session, area: Area, month: date, companies: Sequence[int]
) -> dict[int, SupervisionStep]:
    """Return the area's steps of a month by company."""
    found = select(SupervisionStep).where(
        SupervisionStep.area_id == area.id,
        SupervisionStep.month == month,
        SupervisionStep.company_id.in_(companies),
    )
    return {step.company_id: step for step in db.scalars(found)}
