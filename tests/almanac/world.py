"""A small city with a unit that meets, and cases received around the New Year of 2027."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.cases.models import Case, Source
from govgrid.cases.rules import CLOCK
from govgrid.grid.models import Area, Compound
from govgrid.meetings import links
from govgrid.meetings.models import Attendee, Meeting, Stage, Unit, Venue
from govgrid.workdays import calendar
from tests.build import City, clock


def unit(db: Session, community: Area, compound: Compound | None = None) -> Unit:
    """Add a unit with a room of its own."""
    room = Venue(community_id=community.id, name=f"{community.name}会议室")
    db.add(room)
    db.flush()
    made = Unit(
        community_id=community.id, compound_id=compound.id if compound else None, venue_id=room.id
    )
    db.add(made)
    db.flush()
    return made


def meeting(db: Session, city: City, of: Unit, when: str, stage: Stage = Stage.PLANNED) -> Meeting:
    """Add the unit's meeting at that time, the secretary convening."""
    start = clock(when)
    made = Meeting(
        uid=f"uid-{of.id}-{start:%m%d%H%M}", unit_id=of.id, community_id=of.community_id,
        month=start.date().replace(day=1), stage=stage, title=f"{when} 联席会议", start=start,
        end=start + timedelta(hours=1), venue_id=of.venue_id, convenor_id=city.secretary.id,
        invited_at=start - timedelta(days=9) if stage is Stage.CONFIRMED else None,
    )  # fmt: skip
    db.add(made)
    db.flush()
    nonce = links.new_nonce()
    db.add(
        Attendee(
            meeting_id=made.id, officer_id=city.secretary.id, role=Role.SECRETARY, nonce=nonce,
            link=links.lookup(links.token(db.info["settings"].secret, nonce)),
        )
    )  # fmt: skip
    db.flush()
    return made


def case(db: Session, compound: Compound, number: str, received: str) -> Case:
    """Add a case whose due times follow the calendar of now."""
    moment = clock(received)
    made = Case(
        number=number, source=Source.HOTLINE, category="停车", compound_id=compound.id,
        received_at=moment, reply_due=CLOCK.reply_due(moment, calendar(db)),
        close_due=CLOCK.close_due(moment),
    )  # fmt: skip
    db.add(made)
    db.flush()
    return made


def day(text: str) -> date:
    """Return the day."""
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    """Return the moment in China."""
    return clock(text)
