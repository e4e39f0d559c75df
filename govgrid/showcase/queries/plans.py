"""What is wanted where: an area's own plan, else that of the nearest area above with one."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from govgrid.access import Role, under
from govgrid.grid.models import Area, Compound, Post
from govgrid.grid.queries.officers import on_duty
from govgrid.grid.queries.realm import managed_by
from govgrid.showcase.models import ShowcaseForm
from govgrid.showcase.rules import DEFAULT, Plan


def plan_of(db: Session, area: Area) -> tuple[Plan, ShowcaseForm | None, Area | None]:
    """Return what holds in the area, its own row if it has one, and the area that says so."""
    codes = area.path.strip("/").split("/")
    found = db.execute(
        select(ShowcaseForm, Area)
        .join(Area, Area.id == ShowcaseForm.area_id)
        .where(Area.code.in_(codes))
        .order_by(Area.path.desc())
        .limit(1)
    ).first()
    if found is None:
        return DEFAULT, None, None
    row, said_by = found
    return _plan(row), row if said_by.id == area.id else None, said_by


def plan_at(db: Session, compound: Compound) -> Plan:
    """Return what is wanted of a compound (community loaded)."""
    return plan_of(db, compound.community)[0]


def plans(db: Session) -> Callable[[str], Plan]:
    """Return what tells the plan that holds at an area's path: one query for many places."""
    known = _all(db)

    def plan(path: str) -> Plan:
        return next((plan for top, plan in known if path.startswith(top)), DEFAULT)

    return plan


def by_plan(
    db: Session, area: Area | None
) -> tuple[list[tuple[Plan, ColumnElement[bool]]], Callable[[str], Plan]]:
    """Return each plan in force somewhere below the area, with the condition where (over areas).

    None stands for everywhere. The second answer tells the plan at a path.
    """
    known = _all(db)
    tops = None if area is None else [area.path, *(one.path for one in managed_by(db, area))]
    near = [
        (path, plan)
        for path, plan in known
        if tops is None or any(path.startswith(top) or top.startswith(path) for top in tops)
    ]
    where: dict[Plan, list[ColumnElement[bool]]] = {}
    for path, plan in near:
        inner = [other for other, _ in near if other != path and other.startswith(path)]
        where.setdefault(plan, []).append(and_(under(Area.path, [path]), ~under(Area.path, inner)))
    where.setdefault(DEFAULT, []).append(~under(Area.path, [path for path, _ in near]))
    return [(plan, or_(*found)) for plan, found in where.items()], plans(db)


def has_project(on: date) -> ColumnElement[bool]:
    """Return the condition (over compounds) that a project is there to publish on that day."""
    managed = exists().where(
        Post.compound_id == Compound.id, Post.role == Role.PROJECT_MANAGER, on_duty(on)
    )
    return or_(Compound.company_id.is_not(None), managed)


def _all(db: Session) -> list[tuple[str, Plan]]:
    """Return the few areas with a plan of their own, the innermost first."""
    rows = db.execute(
        select(Area.path, ShowcaseForm)
        .join(Area, Area.id == ShowcaseForm.area_id)
        .where(Area.closed_on.is_(None))
        .order_by(Area.path.desc())
    )
    return [(path, _plan(row)) for path, row in rows]


def _plan(row: ShowcaseForm) -> Plan:
    return Plan.of(row.months, row.due_day, row.panels)
