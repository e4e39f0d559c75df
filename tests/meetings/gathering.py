"""A unit of the small city that meets month after month, through the verbs that people use."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.meetings.actions import minutes as minutes_verbs
from govgrid.meetings.actions import plan, room
from govgrid.meetings.actions.follow_up import close_action_item
from govgrid.meetings.models import ActionItem, Attendance, Meeting, Minutes, Reviewer
from govgrid.meetings.queries.people import due_at_unit
from govgrid.meetings.queries.seen import agenda, load_meeting, unit_seen
from govgrid.meetings.rules import month_start
from govgrid.workdays import calendar
from tests import build
from tests.almanac import world
from tests.build import City

DAYS = ("2026-06-09", "2026-07-07", "2026-08-11", "2026-09-08", "2026-10-13", "2026-11-10")


class Gathering:
    """锦和苑 and its secretary; `db` is the session in which all happens."""

    def __init__(self, db: Session, *, whole: bool = False, city: City | None = None) -> None:
        self.db, self.city = db, city or build.small_city(db)
        home = None if whole else self.city.compound
        self.unit_id = world.unit(db, self.city.community, home).id
        self.actor: Actor = build.actor(
            db, self.city.secretary, Role.SECRETARY, self.city.community
        )

    def plan(self, when: str, at: datetime | None = None) -> Meeting:
        """Plan the unit's meeting of that day, 09:30 unless said."""
        start = build.clock(when if " " in when else f"{when} 09:30")
        unit = unit_seen(self.db, self.actor, self.unit_id)
        holders = due_at_unit(self.db, unit, month_start(start.date()))
        assert unit.venue is not None
        place = plan.Place(start, unit.venue)
        asked = at or start - timedelta(days=20)
        made = plan.schedule(self.db, self.actor, unit, place, holders, calendar(self.db), at=asked)
        return self.load(made.id)

    def load(self, number: int) -> Meeting:
        """Return the meeting as pages see it."""
        self.db.flush()
        self.db.expire_all()
        return load_meeting(self.db, number)

    def confirm(self, meeting: Meeting, at: datetime | None = None) -> Meeting:
        """Confirm it, a week before unless said."""
        asked = at or meeting.start - timedelta(days=7)
        plan.confirm(self.db, self.actor, meeting, at=asked)
        return self.load(meeting.id)

    def hold(self, meeting: Meeting, tasks: Sequence[tuple[str, date]] = ()) -> Minutes:
        """Hold the confirmed meeting: everybody there, notes on each item, tasks for the leader."""
        at, items = meeting.end, agenda(self.db, meeting)
        came = {a.id: room.Came(Attendance.PRESENT) for a in meeting.attendees}
        room.take_attendance(self.db, self.actor, meeting, came, at=at)
        for item in items:
            room.write_notes(
                self.db, self.actor, meeting, item, "听取了通报。", item.version, at=at
            )
        for matter, deadline in tasks:
            room.assign(
                self.db, self.actor, meeting, items[0], matter, self.city.grid_leader, "",
                deadline, at=at,
            )  # fmt: skip
        made = room.hold(self.db, self.actor, meeting, items, at=at)
        self.db.flush()
        return made

    def sign(self, meeting: Meeting, minutes: Minutes) -> None:
        """Submit, let the street approve, and sign the minutes a day later."""
        at = meeting.end + timedelta(days=1)
        items = agenda(self.db, meeting)
        self.db.refresh(minutes, ["approvals"])
        minutes_verbs.submit(self.db, self.actor, meeting, minutes, items, at=at)
        self.db.flush()
        street = build.actor(self.db, self.city.liaison, Role.LIAISON, self.city.street)
        minutes_verbs.approve(self.db, street, meeting, minutes, Reviewer.STREET, at=at)
        minutes_verbs.sign(self.db, self.actor, meeting, minutes, at=at)
        self.db.flush()

    def close(self, number: int, at: datetime) -> None:
        """Close a task with evidence."""
        task = self.db.scalars(select(ActionItem).where(ActionItem.id == number)).one()
        path = self.city.community.path
        close_action_item(self.db, self.actor, task, path, "已完成", at=at)
        self.db.flush()
