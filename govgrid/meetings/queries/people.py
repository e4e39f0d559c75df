"""People around a meeting: its attendees as post holders, and whom to add."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.errors import Invalid
from govgrid.grid.models import Area, Compound, Officer, Post
from govgrid.grid.queries import on_duty
from govgrid.meetings.models import Meeting, Part, Unit
from govgrid.meetings.queries.roster import called_on, rosters
from govgrid.meetings.queries.units import meets_of


@dataclass(frozen=True, slots=True)
class Due:
    """A person who is due, in the role in which they come; the others are asked to come."""

    officer: Officer
    role: Role
    required: bool = True


def due(meeting: Meeting) -> list[Due]:
    """Return who is due at the meeting."""
    return [Due(a.officer, a.role, a.required) for a in meeting.attendees if a.removed_at is None]


def due_at_unit(db: Session, unit: Unit, on: date) -> list[Due]:
    """Return who is due at a unit's meeting on the day, as its settings say; the secretary first."""
    meets = meets_of(db, unit)
    posts = rosters(db, unit.community.path, on, on).posts(meets)
    called = called_on(posts, meets, on)
    rows = db.scalars(select(Officer).where(Officer.id.in_([c.person.id for c in called])))
    officers = {officer.id: officer for officer in rows}
    return [Due(officers[c.person.id], c.role, c.part is not Part.OPTIONAL) for c in called]


def addable(
    db: Session, meeting: Meeting, on: date, limit: int = 300
) -> list[tuple[Officer, Role]]:
    """Return the people with posts in the meeting's community or its street, not yet due."""
    here = {a.officer_id for a in meeting.attendees if a.removed_at is None}
    street = select(Area.parent_id).where(Area.id == meeting.community_id).scalar_subquery()
    grids = select(Area.id).where(Area.parent_id == meeting.community_id)
    compounds = select(Compound.id).where(Compound.community_id == meeting.community_id)
    rows = db.execute(
        select(Officer, Post.role)
        .join(Post, Post.officer_id == Officer.id)
        .where(
            on_duty(on),
            or_(
                Post.area_id == meeting.community_id,
                Post.area_id == street,
                Post.area_id.in_(grids),
                Post.compound_id.in_(compounds),
            ),
            Officer.id.not_in(here),
        )
        .order_by(Post.role, Officer.name)
        .limit(limit)
    )
    return [(officer, role) for officer, role in rows]


def officer_of_code(db: Session, code: str) -> Officer:
    """Return the person with that number. Raise `Invalid`."""
    found = db.scalar(select(Officer).where(Officer.code == code))
    if found is None:
        raise Invalid("没有编号为“%(code)s”的人员，请从列表中选择。", code=code)
    return found
