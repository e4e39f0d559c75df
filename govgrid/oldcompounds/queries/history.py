"""One compound's history of coverage, and what the form that changes it offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.access import Actor
from govgrid.grid.models import Area, Compound, Organization, OrganizationKind
from govgrid.grid.queries import compounds_seen
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.rules import ends_soon, mode_on, period_on, uncovered_since

OPERATORS = (
    OrganizationKind.PROPERTY_COMPANY,
    OrganizationKind.SOCIAL_ORGANIZATION,
    OrganizationKind.RESIDENTS_COMMITTEE,
    OrganizationKind.OWNERS_COMMITTEE,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who manages a compound on a day, under which period, or since when nobody does."""

    mode: Mode
    period: Coverage | None
    uncovered_since: date | None
    ends_soon: bool


def history(db: Session, compound_id: int) -> list[Coverage]:
    """Return the compound's periods with their operators, the latest first."""
    rows = select(Coverage).where(Coverage.compound_id == compound_id)
    newest = rows.options(joinedload(Coverage.operator)).order_by(Coverage.since.desc())
    return list(db.scalars(newest))


def standing(periods: Sequence[Coverage], on: date) -> Standing:
    """Return how a compound with that history stands on that day."""
    period = next((p for p in periods if p is period_on(periods, on)), None)
    mode = mode_on(periods, on)
    until = period.until if period and mode is not Mode.NONE else None
    return Standing(mode, period, uncovered_since(periods, on), ends_soon(until, on))


def compounds_held(db: Session, actor: Actor) -> list[Compound]:
    """Return the compounds at which the actor holds a post."""
    rows = (
        select(Compound)
        .join(Compound.community)
        .where(Compound.id.in_(actor.compounds()), compounds_seen(actor))
        .options(contains_eager(Compound.community))
    )
    return list(db.scalars(rows.order_by(Compound.code)))


def known_operators(db: Session, community: Area, most: int = 200) -> list[str]:
    """Return names to offer as operators, those at work in the same street first."""
    near = (
        select(Coverage.operator_id)
        .join(Compound, Compound.id == Coverage.compound_id)
        .join(Area, Area.id == Compound.community_id)
        .where(Area.parent_id == community.parent_id)
    )
    names = (
        select(Organization.name)
        .where(Organization.kind.in_(OPERATORS))
        .group_by(Organization.name)
        .order_by(func.max(case((Organization.id.in_(near), 1), else_=0)).desc(), Organization.name)
        .limit(most)
    )
    return list(db.scalars(names))
