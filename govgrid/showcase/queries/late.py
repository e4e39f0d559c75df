"""Who has not published although the due day has passed, and who was asked to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.access import Actor, Role
from govgrid.grid.models import Area, Compound, Post
from govgrid.grid.queries import Holder
from govgrid.grid.queries.compounds import compounds_within
from govgrid.grid.queries.officers import find_holders
from govgrid.showcase.models import ShowcaseChase, ShowcaseItem, ShowcaseVersion
from govgrid.showcase.queries.plans import by_plan, has_project, plans
from govgrid.showcase.rules import Plan


@dataclass(frozen=True, slots=True)
class Late:
    """A compound (community loaded) whose project is late, and what is known of it."""

    compound: Compound
    plan: Plan
    period: date
    managers: tuple[Holder, ...]
    asked_on: date | None
    drafted: bool

    @property
    def due(self) -> date:
        return self.plan.due(self.period)

    @property
    def reachable(self) -> bool:
        """Whether a letter can reach anybody."""
        return any(one.officer.email for one in self.managers)


def shown_to(actor: Actor, area: Area | None) -> ColumnElement[bool]:
    """Return the condition that a compound is shown: the area's, else those of own posts."""
    if area is None:
        return Compound.id.in_(actor.compounds())
    return Compound.id.in_(compounds_within(area).with_only_columns(Compound.id))


def late(
    db: Session,
    actor: Actor,
    area: Area | None,
    on: date,
    *,
    codes: Sequence[str] = (),
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Late], int]:
    """Return one stretch of the late compounds shown to the actor, and how many they are.

    With `codes` those compounds alone.
    """
    in_force, plan_at = by_plan(db, area)
    silent = [and_(where, ~exists().where(_of(plan.overdue(on)))) for plan, where in in_force]
    found = (
        select(Compound)
        .join(Compound.community)
        .where(shown_to(actor, area), has_project(on), or_(*silent))
    )
    if codes:
        found = found.where(Compound.code.in_(codes))
    total = db.scalar(found.with_only_columns(func.count(Compound.id))) or 0
    rows = db.scalars(
        found.options(contains_eager(Compound.community), joinedload(Compound.company))
        .order_by(Area.path, Compound.code)
        .offset(offset)
        .limit(limit)
    ).all()
    due = {one.id: plan_at(one.community.path) for one in rows}
    periods = {number: plan.overdue(on) for number, plan in due.items()}
    managers, asked = _managers(db, list(periods), on), _asked(db, periods)
    drafted = _drafted(db, periods)
    return [
        Late(
            one,
            due[one.id],
            periods[one.id],
            tuple(managers.get(one.id, ())),
            asked.get((one.id, periods[one.id])),
            (one.id, periods[one.id]) in drafted,
        )
        for one in rows
    ], total


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A compound whose last period is over and not published."""

    compound: Compound
    plan: Plan
    period: date


def to_publish(db: Session, actor: Actor, on: date) -> list[Unpublished]:
    """Return what the actor, as a project manager, has still to publish."""
    own = [post.compound_id for post in actor.posts if post.role is Role.PROJECT_MANAGER]
    if not own:
        return []
    rows = db.scalars(
        select(Compound).where(Compound.id.in_(own)).options(joinedload(Compound.community))
    ).all()
    plan_at = plans(db)
    found = [Unpublished(one, plan_at(one.community.path), on) for one in rows]
    found = [replace(one, period=one.plan.before(one.plan.period_of(on))) for one in found]
    shown = db.execute(
        select(ShowcaseItem.compound_id, ShowcaseItem.period)
        .where(ShowcaseItem.compound_id.in_(own))
        .where(ShowcaseItem.period.in_({one.period for one in found}))
        .distinct()
    )
    known = {(number, period) for number, period in shown}
    return [one for one in found if (one.compound.id, one.period) not in known]


def _of(period: date) -> ColumnElement[bool]:
    return and_(ShowcaseItem.compound_id == Compound.id, ShowcaseItem.period == period)


def _managers(db: Session, ids: list[int], on: date) -> dict[int, list[Holder]]:
    found: dict[int, list[Holder]] = {}
    here = and_(Post.compound_id.in_(ids), Post.role == Role.PROJECT_MANAGER)
    for holder in find_holders(db, here, on):
        found.setdefault(holder.post.compound_id or 0, []).append(holder)
    return found


def _asked(db: Session, periods: dict[int, date]) -> dict[tuple[int, date], date]:
    """Return the last day on which each was asked."""
    rows = db.execute(
        select(ShowcaseChase.compound_id, ShowcaseChase.period, func.max(ShowcaseChase.day))
        .where(ShowcaseChase.compound_id.in_(list(periods)))
        .where(ShowcaseChase.period.in_(set(periods.values())))
        .group_by(ShowcaseChase.compound_id, ShowcaseChase.period)
    )
    return {(number, period): day for number, period, day in rows}


def _drafted(db: Session, periods: dict[int, date]) -> set[tuple[int, date]]:
    rows = db.execute(
        select(ShowcaseVersion.compound_id, ShowcaseVersion.period).where(
            ShowcaseVersion.draft,
            ShowcaseVersion.compound_id.in_(list(periods)),
            ShowcaseVersion.period.in_(set(periods.values())),
        )
    )
    return {(number, period) for number, period in rows}
