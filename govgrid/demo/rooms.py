"""What the sheets do not hold: rooms, units that meet, and who is away in the coming month."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.cases.models import Promise
from govgrid.clock import HERE
from govgrid.demo.divisions import DISTRICT, SHOWCASE_STREET, division
from govgrid.demo.ground import plots
from govgrid.demo.months import month_end
from govgrid.demo.officers import posts
from govgrid.demo.seed import chance
from govgrid.grid.models import Absence, Area, Compound, Level, Officer
from govgrid.meetings.models import Kind, Unit, Venue

_AWAY = 0.12
_REASONS = ("年休假", "区级业务培训", "外出考察学习", "病假", "专项工作抽调")
_BUSY_ROLES = (Role.SECRETARY, Role.POLICE, Role.PROJECT_MANAGER, Role.LIAISON, Role.GRID_LEADER)


def add_units(db: Session) -> None:
    """Give every community of the district a room and a unit, and units to the street's compounds.

    Those whose company promised owners' meetings meet twice.
    """
    communities = db.scalars(
        select(Area)
        .where(Area.level == Level.COMMUNITY, Area.code.startswith(DISTRICT))
        .order_by(Area.path)
    ).all()
    rooms = {community.id: _room(community) for community in communities}
    db.add_all(rooms.values())
    db.flush()
    db.add_all(Unit(community_id=id_, venue_id=room.id) for id_, room in rooms.items())
    db.flush()
    db.add_all(
        Unit(
            community_id=each.community_id,
            compound_id=each.id,
            venue_id=rooms[each.community_id].id,
        )
        for each in _showcase_compounds(db)
    )
    db.flush()
    promising = set(db.scalars(select(Promise.company_id)))
    db.add_all(
        Unit(
            community_id=each.community_id,
            compound_id=each.id,
            kind=Kind.OWNERS,
            venue_id=rooms[each.community_id].id,
        )
        for each in _showcase_compounds(db)
        if each.company_id in promising
    )


def add_absences(db: Session, today: date, month: date) -> None:
    """Send some of those who sit in many meetings away for a few days of a month."""
    people = {
        post.person.code: None
        for post in posts(today)
        if post.role in _BUSY_ROLES and post.on(month)
    }
    ids = {row.code: row.id for row in db.execute(select(Officer.code, Officer.id))}
    first = max(month, today + timedelta(days=1))
    for code in people:
        rng = chance("away", code, month)
        if rng.random() < _AWAY and first < month_end(month):
            day = first + timedelta(days=rng.randrange((month_end(month) - first).days))
            db.add(
                Absence(
                    officer_id=ids[code],
                    start=datetime.combine(day, time(), HERE),
                    end=datetime.combine(day + timedelta(days=rng.randint(1, 6)), time(), HERE),
                    reason=rng.choice(_REASONS),
                )
            )


def _room(community: Area) -> Venue:
    known = division(community.code)
    rng = chance("room", community.code)
    door = plots()[community.code].shape.representative_point()
    street = division(known.parent).short
    return Venue(
        community_id=community.id,
        name=f"{known.short}党群服务中心会议室",
        address=f"{street}{known.root}中街{rng.randint(1, 99)}号二楼",
        longitude=round(door.x, 6),
        latitude=round(door.y, 6),
    )


def _showcase_compounds(db: Session) -> Sequence[Compound]:
    in_street = Compound.code.startswith(SHOWCASE_STREET)
    return db.scalars(select(Compound).where(in_street).order_by(Compound.code)).all()
