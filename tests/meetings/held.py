"""A meeting of the small city that was held, with minutes to be handed in; people who do so."""

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from govgrid.access import Actor, Role
from govgrid.grid.models import Area, Compound, Officer
from govgrid.meetings import links
from govgrid.meetings.actions.minutes import approve, sign, submit
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    AgendaKind,
    Attendance,
    Attendee,
    Meeting,
    Minutes,
    MinutesStage,
    Resolution,
    Reviewer,
    Stage,
    Unit,
    Venue,
)
from govgrid.meetings.queries.seen import agenda, load_meeting
from tests import build
from tests.build import City, clock

START = clock("2026-11-10 09:00")
_numbers = count(1)


def unit_of(db: Session, community: Area, home: Compound | None) -> Unit:
    """Return a new unit with a room."""
    room = Venue(community_id=community.id, name=f"会议室{next(_numbers)}")
    db.add(room)
    db.flush()
    unit = Unit(community_id=community.id, compound_id=home.id if home else None, venue_id=room.id)
    db.add(unit)
    db.flush()
    return unit


def held(
    db: Session,
    unit: Unit,
    convenor: Officer,
    *others: Officer,
    notes: str = "会议听取了情况通报。",
    start: datetime = START,
    title: str = "联席会议",
) -> Meeting:
    """Return a meeting that was held and whose minutes are a draft."""
    meeting = Meeting(
        uid=f"held-{unit.id}-{start:%Y%m%d}", unit_id=unit.id, community_id=unit.community_id,
        month=start.date().replace(day=1), stage=Stage.HELD, title=title, start=start,
        end=start + timedelta(hours=1), venue_id=unit.venue_id or 0, convenor_id=convenor.id,
        held_at=start + timedelta(hours=1),
    )  # fmt: skip
    db.add(meeting)
    db.flush()
    for place, officer in enumerate((convenor, *others)):
        nonce = links.new_nonce()
        db.add(
            Attendee(
                meeting_id=meeting.id, officer_id=officer.id, nonce=nonce,
                role=Role.GRID_LEADER if place else Role.SECRETARY, attendance=Attendance.PRESENT,
                link=links.lookup(links.token(db.info["settings"].secret, nonce)),
            )
        )  # fmt: skip
    item = AgendaItem(
        meeting_id=meeting.id, position=1, kind=AgendaKind.PROPOSAL, title="停车位划线", notes=notes
    )
    db.add(item)
    db.flush()
    db.add_all(
        [
            Resolution(agenda_item_id=item.id, text="由物业项目部划出二十个车位。"),
            ActionItem(
                unit_id=unit.id, meeting_id=meeting.id, agenda_item_id=item.id, matter="联系施工",
                owner_id=convenor.id, deadline=start.date() + timedelta(days=20),
            ),
            Minutes(
                meeting_id=meeting.id, issue=1, stage=MinutesStage.DRAFT, drafted_by=convenor.name
            ),
        ]
    )  # fmt: skip
    db.flush()
    return load_meeting(db, meeting.id)


def newest(db: Session, meeting: Meeting) -> Minutes:
    """Return the newest minutes with what verbs ask of them."""
    return db.scalars(
        select(Minutes)
        .where(Minutes.meeting_id == meeting.id)
        .order_by(Minutes.number.desc())
        .limit(1)
        .options(selectinload(Minutes.approvals), selectinload(Minutes.signer))
    ).one()


def secretary(db: Session, city: City) -> Actor:
    return build.actor(db, city.secretary, Role.SECRETARY, city.community)


def liaison(db: Session, city: City) -> Actor:
    return build.actor(db, city.liaison, Role.LIAISON, city.street)


def signed(db: Session, city: City, meeting: Meeting, at: datetime) -> Minutes:
    """Take the newest minutes through review to the signature."""
    minutes = newest(db, meeting)
    convenor = build.actor(
        db, db.get_one(Officer, meeting.convenor_id), Role.SECRETARY, meeting.community
    )
    submit(db, convenor, meeting, minutes, agenda(db, meeting), at=at)
    db.flush()
    approve(db, liaison(db, city), meeting, minutes, Reviewer.STREET, at=at)
    sign(db, convenor, meeting, minutes, at=at, tell=False)
    db.flush()
    return minutes
