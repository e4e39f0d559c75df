"""Owners' meetings that companies promised for a month, and the meetings that kept the promises.

Promised is what holds on the month's first day; where several promises hold, the most. Held is the
compound's own owners' meeting of the month, once it is noted as held and the project manager was
there or sent somebody: a joint meeting is not the company's, and does not count.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager

from govgrid.access import Actor, Role, lies_in
from govgrid.cases.models import Promise
from govgrid.cases.queries.four_rates import in_area
from govgrid.cases.rules import OwnersMeetings
from govgrid.grid.models import Area, Compound, Organization
from govgrid.meetings.models import Attendance, Attendee, Kind, Meeting, Stage, Unit
from govgrid.meetings.queries.figures import held_by_then, opened


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """What a company promised for so many of the area's compounds."""

    name: str
    compounds: int
    meetings: OwnersMeetings


@dataclass(frozen=True, slots=True)
class CompoundRow:
    """What was promised for a compound, and its owners' meeting of the month, where it has one."""

    compound: Compound
    promised: int
    meeting: Meeting | None
    held: bool
    """Whether it was held by the moment asked for, whoever came."""
    kept: bool
    open_to_actor: bool


def owners_meetings(db: Session, month: date, area: Area, as_of: datetime) -> OwnersMeetings:
    """Return how many were promised in the area for the month, and held by the moment."""
    promised = _promised(month, area)
    row = db.execute(_joined(promised, month, *_sums(promised, as_of))).one()
    return OwnersMeetings(*row)


def by_company(
    db: Session, month: date, area: Area, as_of: datetime, *, offset: int = 0, limit: int = 50
) -> tuple[list[CompanyRow], int]:
    """Return one stretch of the companies that promised some, by name, and how many they are."""
    promised = _promised(month, area)
    companies = select(func.count(Compound.company_id.distinct())).select_from(promised)
    total = db.scalar(companies.join(Compound, Compound.id == promised.c.compound_id)) or 0
    asked = Organization.name, func.count(), *_sums(promised, as_of)
    rows = db.execute(
        _joined(promised, month, *asked)
        .join(Organization, Organization.id == Compound.company_id)
        .group_by(Organization.id, Organization.name)
        .order_by(Organization.name, Organization.id)
        .offset(offset)
        .limit(limit)
    )
    return [CompanyRow(name, n, OwnersMeetings(due, held)) for name, n, due, held in rows], total


def by_compound(
    db: Session,
    actor: Actor,
    month: date,
    area: Area,
    company: str,
    as_of: datetime,
    *,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[CompoundRow], int]:
    """Return one stretch of the compounds they are promised for, all companies' if none is named."""
    promised = _promised(month, area)
    found = (
        _joined(promised, month, Compound, promised.c.promised, Meeting, *_said(as_of))
        .join(Compound.community)
        .join(Compound.company)
    )
    if company:
        found = found.where(Organization.name == company)
    total = db.scalar(found.with_only_columns(func.count())) or 0
    rows = db.execute(
        found.order_by(Area.path, Compound.code)
        .offset(offset)
        .limit(limit)
        .options(contains_eager(Compound.community), contains_eager(Compound.company))
    ).all()
    mine = opened(db, actor, [meeting.id for _c, _n, meeting, *_ in rows if meeting])
    return [
        CompoundRow(home, n, meeting, bool(held), bool(kept), bool(meeting and meeting.id in mine))
        for home, n, meeting, held, kept in rows
    ], total


def _promised(month: date, area: Area) -> Subquery:
    """Select the area's compounds with how many meetings are promised for the month."""
    giver = aliased(Area)
    return (
        select(
            Compound.id.label("compound_id"), func.max(Promise.owners_meetings).label("promised")
        )
        .select_from(Promise)
        .join(giver, giver.id == Promise.area_id)
        .join(Compound, Compound.company_id == Promise.company_id)
        .join(Area, Area.id == Compound.community_id)
        .where(
            Promise.owners_meetings.is_not(None),
            Promise.since <= month,
            or_(Promise.until.is_(None), Promise.until >= month),
            or_(Promise.compound_id.is_(None), Promise.compound_id == Compound.id),
            lies_in(Area.path, giver.path),
            in_area(area),
        )
        .group_by(Compound.id)
        .subquery()
    )


def _joined(promised: Subquery, month: date, *asked: Any) -> Select[Any]:
    """Select from those compounds, each with its owners' meeting of the month or without."""
    placed = and_(
        Meeting.unit_id == Unit.id, Meeting.month == month, Meeting.stage != Stage.CANCELLED
    )
    return (
        select(*asked)
        .select_from(promised)
        .join(Compound, Compound.id == promised.c.compound_id)
        .outerjoin(Unit, and_(Unit.compound_id == Compound.id, Unit.kind == Kind.OWNERS))
        .outerjoin(Meeting, placed)
    )


def _sums(promised: Subquery, at: datetime) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return the columns of `OwnersMeetings`: a unit meets once a month, so none counts in excess."""
    _held, kept = _said(at)
    return func.coalesce(func.sum(promised.c.promised), 0), func.count(Meeting.id).filter(kept)


def _said(at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return whether the meeting was held by then, and whether that keeps the promise."""
    there = exists().where(
        Attendee.meeting_id == Meeting.id,
        Attendee.role == Role.PROJECT_MANAGER,
        Attendee.attendance.in_((Attendance.PRESENT, Attendance.SUBSTITUTE)),
        Attendee.removed_at.is_(None),
    )
    held = held_by_then(at)
    return held, and_(held, there)
