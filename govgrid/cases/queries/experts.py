"""Expert groups: of an area, for a case, and the cases that called in those of an officer."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from govgrid.access import Actor, Power, under
from govgrid.cases.models import Case, ExpertCall, ExpertGroup, ExpertMember
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Officer, Post

_MEMBERS = selectinload(ExpertGroup.members).joinedload(ExpertMember.officer)


def groups_page(
    db: Session, actor: Actor, area: Area, *, offset: int = 0, limit: int = 50
) -> tuple[Sequence[ExpertGroup], int]:
    """Return one stretch of the groups in the area that the actor keeps, working ones first."""
    found = (
        select(ExpertGroup)
        .join(ExpertGroup.area)
        .where(under(Area.path, [area.path]), under(Area.path, actor.paths(Power.SUPERVISE)))
    )
    total = db.scalar(found.with_only_columns(func.count(ExpertGroup.id))) or 0
    rows = found.order_by(ExpertGroup.closed_at.is_not(None), Area.path, ExpertGroup.name)
    rows = rows.options(contains_eager(ExpertGroup.area), _MEMBERS)
    return db.scalars(rows.offset(offset).limit(limit)).all(), total


def group_seen(db: Session, actor: Actor, number: int) -> ExpertGroup:
    """Return a group that the actor keeps, with area and members. Raise `NotFound`."""
    found = db.scalar(
        select(ExpertGroup)
        .join(ExpertGroup.area)
        .where(ExpertGroup.id == number, under(Area.path, actor.paths(Power.SUPERVISE)))
        .options(contains_eager(ExpertGroup.area), _MEMBERS)
    )
    if found is None:
        raise NotFound("没有这个专家组，或不在您的职责范围内。")
    return found


def group_named(db: Session, area: Area, name: str) -> ExpertGroup | None:
    """Return the area's group of that name."""
    named = select(ExpertGroup).where(ExpertGroup.area_id == area.id, ExpertGroup.name == name)
    return db.scalar(named)


def officer_of(db: Session, area: Area, code: str) -> Officer | None:
    """Return the person of that number who holds a post over an area in this one, or above it."""
    serving = select(Post.officer_id).join(Area, Area.id == Post.area_id)
    above = Area.code.in_(area.path.strip("/").split("/"))
    near = serving.where(under(Area.path, [area.path]) | above)
    return db.scalar(select(Officer).where(Officer.code == code, Officer.id.in_(near)))


def groups_for(db: Session, case: Case) -> Sequence[ExpertGroup]:
    """Return the working groups that a case (compound and community loaded) may call in."""
    codes = case.compound.community.path.strip("/").split("/")
    found = (
        select(ExpertGroup)
        .join(ExpertGroup.area)
        .where(Area.code.in_(codes), ExpertGroup.closed_at.is_(None))
        .order_by(Area.path.desc(), ExpertGroup.name)
        .options(contains_eager(ExpertGroup.area), _MEMBERS)
    )
    return db.scalars(found).all()


def groups_called(db: Session, case: Case) -> Sequence[ExpertGroup]:
    """Return the groups that a case has called in, with their members."""
    found = select(ExpertGroup).join(ExpertCall, ExpertCall.group_id == ExpertGroup.id)
    called = found.where(ExpertCall.case_id == case.id).order_by(ExpertCall.called_at)
    return db.scalars(called.options(_MEMBERS)).all()


def consulted(actor: Actor) -> ColumnElement[bool]:
    """Hold for the cases that called in a group of which the actor is a member."""
    return Case.id.in_(
        select(ExpertCall.case_id)
        .join(ExpertMember, ExpertMember.group_id == ExpertCall.group_id)
        .where(ExpertMember.officer_id == actor.officer_id)
    )
