"""How many mails a change sends, counted as they leave, with the state they carry."""

from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import icalendar
import pytest
from sqlalchemy import select

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Conflict
from govgrid.grid.models import Officer
from govgrid.meetings.actions import plan
from govgrid.meetings.models import Attendee, Meeting, Reply, Stage, Venue
from govgrid.meetings.queries.seen import load_meeting
from govgrid.outbox.actions import deliver
from govgrid.workdays import calendar
from tests import build
from tests.almanac import world
from tests.build import clock

DUE = ("grid_leader", "police", "manager")  # beside the secretary, who convenes
MINUTE = timedelta(minutes=1)


class Office:
    """The secretary's desk on a day on which everything happens, and the mails that leave."""

    def __init__(self, database: Database, at: datetime) -> None:
        self.database, self.at = database, at
        with database.writing() as db:
            city = build.small_city(db)
            self.actor: Actor = build.actor(db, city.secretary, Role.SECRETARY, city.community)
            unit = world.unit(db, city.community, city.compound)
            self.number = world.meeting(db, city, unit, "2026-12-08 09:30").id
            self.rooms = [unit.venue_id, self._room(db, city.community.id)]
            due = [getattr(city, name).id for name in DUE]
        for officer in due:
            self.add(officer)

    def _room(self, db: Any, community: int) -> int:
        made = Venue(community_id=community, name="二号会议室")
        db.add(made)
        db.flush()
        return made.id

    def do(self, act: Any) -> Any:
        with self.database.writing() as db:
            return act(db, load_meeting(db, self.number))

    def add(self, officer: int, *, observer: bool = False) -> None:
        self.do(
            lambda db, m: plan.add_attendee(
                db, self.actor, m, db.get_one(Officer, officer), Role.POLICE, required=True,
                observer=observer, at=self.at,
            )
        )  # fmt: skip

    def remove(self, name: str) -> None:
        def act(db: Any, m: Meeting) -> None:
            seat = next(a for a in m.attendees if a.officer.name == name)
            plan.remove_attendee(db, self.actor, m, seat, at=self.at)

        self.do(act)

    def confirm(self) -> None:
        self.do(lambda db, m: plan.confirm(db, self.actor, m, at=self.at))

    def move(self, when: str, room: int = 0) -> None:
        def act(db: Any, m: Meeting) -> None:
            place = plan.Place(clock(when), db.get_one(Venue, self.rooms[room]))
            plan.reschedule(db, self.actor, m, place, calendar(db), at=self.at)

        self.do(act)

    def cancel(self) -> None:
        self.do(lambda db, m: plan.cancel(db, self.actor, m, "停电", at=self.at))

    def mails(self, later: timedelta = timedelta()) -> list["Mail"]:
        """Let the time pass, deliver what is due, and return what left since the last call."""
        self.at += later
        folder = Path(self.database.settings.smtp_url.removeprefix("file:"))
        before = set(folder.glob("*.eml"))
        while deliver(self.database, self.at):
            pass
        return [Mail(path.read_bytes()) for path in sorted(set(folder.glob("*.eml")) - before)]

    def reply(self, name: str) -> Reply:
        with self.database.reading() as db:
            seat = select(Attendee).join(Attendee.officer).where(Officer.name == name)
            return db.scalars(seat).one().reply


class Mail:
    """A mail that left: to whom, method, and the event inside."""

    def __init__(self, data: bytes) -> None:
        self.message: Message = message_from_bytes(data)
        self.to = str(self.message["To"]).rpartition("<")[2].rstrip(">").partition("@")[0]
        part = next(p for p in self.message.walk() if p.get_content_type() == "text/calendar")
        whole: Any = icalendar.Calendar.from_ical(part.get_payload(decode=True))  # type: ignore[arg-type]
        self.method = str(whole["METHOD"])
        (self.event,) = whole.walk("VEVENT")
        self.sequence, self.stamp = int(self.event["SEQUENCE"]), self.event["DTSTAMP"].dt

    @property
    def start(self) -> datetime:
        return self.event["DTSTART"].dt  # type: ignore[no-any-return]

    @property
    def attendees(self) -> list[Any]:
        found = self.event["ATTENDEE"]
        return found if isinstance(found, list) else [found]


@pytest.fixture
def office(database: Database, at: datetime) -> Office:
    return Office(database, at)


@pytest.fixture
def invited(office: Office) -> Office:
    """Return the office with everybody invited, and an hour gone."""
    office.confirm()
    assert sorted(m.to for m in office.mails()) == ["qian", "wang", "zhang", "zhou"]
    office.at += timedelta(hours=1)
    return office


def test_planning_and_moving_a_plan_sends_nothing(office: Office) -> None:
    office.move("2026-12-09 09:30")
    assert office.mails(30 * MINUTE) == []


def test_the_first_invitation_does_not_wait(office: Office) -> None:
    office.confirm()
    mails = office.mails()
    assert {(m.method, m.sequence) for m in mails} == {("REQUEST", 0)}
    assert all("会议变更通知" not in str(m.message["Subject"]) for m in mails)


def test_a_move_sends_one_each_after_ten_minutes(invited: Office) -> None:
    invited.move("2026-12-09 09:30")
    assert invited.mails(9 * MINUTE) == []
    mails = invited.mails(MINUTE)
    assert sorted(m.to for m in mails) == ["qian", "wang", "zhang", "zhou"]
    assert {(m.method, m.sequence, m.start) for m in mails} == {
        ("REQUEST", 1, clock("2026-12-09 09:30"))
    }


def test_every_answer_but_the_convenors_is_void_after_a_move(invited: Office) -> None:
    def yes(db: Any, m: Meeting) -> None:
        for seat in m.attendees:
            seat.reply = Reply.ACCEPTED

    invited.do(yes)
    invited.move("2026-12-09 09:30")
    mail = invited.mails(10 * MINUTE)[0]
    stats = {str(a.params["CN"]): str(a.params["PARTSTAT"]) for a in mail.attendees}
    assert stats == {
        "周书记": "ACCEPTED", "王网格": "NEEDS-ACTION", "张警官": "NEEDS-ACTION",
        "钱经理": "NEEDS-ACTION",
    }  # fmt: skip
    assert invited.reply("王网格") is Reply.NEEDS_ACTION


def test_several_edits_within_ten_minutes_make_one_mail_with_the_last_state(
    invited: Office,
) -> None:
    invited.move("2026-12-09 09:30")
    invited.at += 4 * MINUTE
    invited.move("2026-12-10 09:30", room=1)
    assert invited.mails(5 * MINUTE) == []
    mails = invited.mails(MINUTE)
    assert len(mails) == 4, "ten minutes after the first edit, not the last"
    assert {(m.start, m.event["LOCATION"]) for m in mails} == {
        (clock("2026-12-10 09:30"), "二号会议室")
    }
    assert invited.mails(60 * MINUTE) == []


def test_one_removed_gets_one_cancel_and_the_others_nothing(invited: Office) -> None:
    invited.remove("张警官")
    (mail,) = invited.mails(10 * MINUTE)
    assert (mail.to, mail.method, mail.sequence) == ("zhang", "CANCEL", 1)
    assert [str(a) for a in mail.attendees] == ["mailto:zhang@example.cn"]
    assert "STATUS" not in mail.event


def test_one_added_gets_one_invitation_and_the_others_nothing(invited: Office) -> None:
    with invited.database.reading() as db:
        sun = db.scalars(select(Officer.id).where(Officer.name == "孙联络")).one()
    invited.add(sun, observer=True)
    (mail,) = invited.mails(10 * MINUTE)
    assert (mail.to, mail.method, mail.sequence) == ("sun", "REQUEST", 0)
    roles = {str(a.params["CN"]): str(a.params["ROLE"]) for a in mail.attendees}
    assert (roles["孙联络"], roles["周书记"]) == ("NON-PARTICIPANT", "CHAIR")


def test_removed_and_added_again_within_ten_minutes_is_one_request(invited: Office) -> None:
    invited.remove("张警官")
    with invited.database.reading() as db:
        police = db.scalars(select(Officer.id).where(Officer.name == "张警官")).one()
    invited.at += MINUTE
    invited.add(police)
    (mail,) = invited.mails(9 * MINUTE)
    assert (mail.to, mail.method, mail.sequence) == ("zhang", "REQUEST", 1)


def test_an_invitation_that_never_left_is_not_cancelled(office: Office) -> None:
    office.confirm()
    office.cancel()
    assert office.mails(60 * MINUTE) == []


def test_an_edit_before_the_invitation_left_is_the_invitation(office: Office) -> None:
    office.confirm()
    office.at += MINUTE
    office.move("2026-12-09 09:30")
    mails = office.mails()
    assert len(mails) == 4, "the invitation was due at once, so is what replaces it"
    assert {m.start for m in mails} == {clock("2026-12-09 09:30")}
    with office.database.reading() as db:
        assert load_meeting(db, office.number).sequence == 1


def test_a_cancelled_meeting_is_told_at_once_and_waiting_edits_fall_away(invited: Office) -> None:
    invited.move("2026-12-09 09:30")
    invited.at += MINUTE
    invited.cancel()
    mails = invited.mails()
    assert {(m.method, m.sequence, str(m.event["STATUS"])) for m in mails} == {
        ("CANCEL", 2, "CANCELLED")
    }
    assert len(mails) == 4
    assert invited.mails(60 * MINUTE) == []


def test_sending_again_keeps_the_sequence_and_renews_the_stamp(invited: Office) -> None:
    invited.do(lambda db, m: plan.resend(db, invited.actor, m, at=invited.at))
    mails = invited.mails()
    assert len(mails) == 4
    assert {(m.sequence, m.stamp) for m in mails} == {(0, invited.at)}


def test_a_plan_cannot_be_sent_again(office: Office) -> None:
    with pytest.raises(Conflict):
        office.do(lambda db, m: plan.resend(db, office.actor, m, at=office.at))


def test_nobody_hears_of_a_past_meeting(invited: Office) -> None:
    def over(db: Any, m: Meeting) -> None:
        m.stage = Stage.CONFIRMED

    invited.at = clock("2026-12-08 12:00")
    invited.do(over)
    invited.remove("张警官")
    assert invited.mails(60 * MINUTE) == []


def test_the_room_is_a_place_and_a_resource_but_no_attendee(office: Office) -> None:
    office.confirm()
    event = office.mails()[0].event
    assert str(event["RESOURCES"]) == "锦江社区会议室"
    assert {str(a.params["CUTYPE"]) for a in event["ATTENDEE"]} == {"INDIVIDUAL"}
