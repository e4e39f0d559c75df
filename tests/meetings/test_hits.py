"""Meetings that lost their quorum, by the share that their own unit asks for."""

from datetime import date, datetime, timedelta

from govgrid.access import Role
from govgrid.db import Database
from govgrid.meetings.models import Attendee, Meeting, Stage, Unit, Venue
from govgrid.meetings.queries.hits import hit_ids, hits
from tests import build
from tests.build import clock
from tests.meetings.month import send_away

START = "2026-12-08 09:00"


def test_a_meeting_is_marked_when_its_own_quorum_is_lost(database: Database, at: datetime) -> None:
    """Two of three members stay: enough for more than half, too few for more than 70 %."""
    with database.writing() as db:
        city = build.small_city(db)
        third = build.officer(db, "第三人", Role.MICRO_GRID_MEMBER, city.community)
        members = [*city.members[:2], third]
        room = Venue(community_id=city.community.id, name="会议室")
        unit = Unit(community_id=city.community.id, compound_id=city.compound.id)
        db.add_all([room, unit])
        db.flush()
        made = Meeting(
            uid="u1", unit_id=unit.id, community_id=city.community.id, month=date(2026, 12, 1),
            stage=Stage.CONFIRMED, title="联席会议", start=clock(START),
            end=clock(START) + timedelta(hours=1), venue_id=room.id, convenor_id=city.secretary.id,
        )  # fmt: skip
        db.add(made)
        db.flush()
        db.add_all(
            Attendee(meeting_id=made.id, officer_id=one.id, role=Role.MICRO_GRID_MEMBER,
                     nonce=f"n{one.id}", link=f"l{one.id}")
            for one in members
        )  # fmt: skip
        send_away(db, members[0], "2026-12-08 08:00", "2026-12-08 18:00")
        assert not hits(db, [made.id], at=at)
        unit.quorum = 70
        db.flush()
        (why,) = hits(db, [made.id], at=at)[made.id]
        assert "法定人数" in str(why)
        assert hit_ids(db, city.community, date(2026, 12, 1), at=at) == [made.id]
        unit.quorum = 30
        send_away(db, members[1], "2026-12-08 08:00", "2026-12-08 18:00")
        assert not hits(db, [made.id], at=at)  # one of three is enough
