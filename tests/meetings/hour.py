"""A unit whose meetings follow one another: people with seats, an item to talk about."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.grid.models import Officer
from govgrid.meetings import links
from govgrid.meetings.models import (
    AgendaItem,
    AgendaKind,
    Attendee,
    Meeting,
    Stage,
    Unit,
    Venue,
)
from govgrid.meetings.queries.seen import load_meeting
from tests.build import City, clock

FIRST = clock("2026-01-06 09:00")


def unit_of(db: Session, city: City) -> Unit:
    """Add the compound's unit and a room."""
    room = Venue(community_id=city.community.id, name="会议室")
    db.add(room)
    db.flush()
    unit = Unit(community_id=city.community.id, compound_id=city.compound.id, venue_id=room.id)
    db.add(unit)
    db.flush()
    return unit


def begins(number: int) -> datetime:
    """Return when the unit's meeting of that number begins."""
    return FIRST + timedelta(days=28 * number)


def called(db: Session, city: City, unit: Unit, number: int, *, items: int = 1) -> Meeting:
    """Add a confirmed meeting of secretary, grid leader and manager, and a police officer beside."""
    start = begins(number)
    meeting = Meeting(
        uid=f"hour-{number}", unit_id=unit.id, community_id=unit.community_id,
        month=date(2026 + number // 12, number % 12 + 1, 1), stage=Stage.CONFIRMED,
        title=f"第{number + 1}次会议", start=start, end=start + timedelta(hours=1),
        venue_id=unit.venue_id, convenor_id=city.secretary.id, invited_at=start,
    )  # fmt: skip
    db.add(meeting)
    db.flush()
    for role, officer, required in (
        (Role.SECRETARY, city.secretary, True),
        (Role.GRID_LEADER, city.grid_leader, True),
        (Role.PROJECT_MANAGER, city.manager, True),
        (Role.POLICE, city.police, False),
    ):
        db.add(_seat(db, meeting, role, officer, required=required))
    for place in range(1, items + 1):
        title = f"议题{place}"
        db.add(
            AgendaItem(meeting_id=meeting.id, position=place, kind=AgendaKind.PROPOSAL, title=title)
        )
    db.flush()
    return load_meeting(db, meeting.id)


def _seat(
    db: Session, meeting: Meeting, role: Role, officer: Officer, *, required: bool
) -> Attendee:
    nonce = links.new_nonce()
    return Attendee(
        meeting_id=meeting.id, officer_id=officer.id, role=role, required=required, nonce=nonce,
        link=links.lookup(links.token(db.info["settings"].secret, nonce)),
    )  # fmt: skip
