"""What time alone makes due: the tables of docs/letters.md, and the letters as they leave."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from govgrid.access import Role
from govgrid.db import Database
from govgrid.meetings.actions.follow_up import close_action_item
from govgrid.meetings.actions.minutes import sign
from govgrid.meetings.chasing import call_to_mind
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    AgendaKind,
    Kind,
    Meeting,
    Minutes,
    MinutesStage,
    Reminder,
    Reply,
    Resolution,
    Stage,
)
from govgrid.meetings.queries.seen import load_meeting
from govgrid.meetings.rules import reminders as rules
from govgrid.meetings.rules.reminders import Call, Chase, Seated, call, chase, near
from govgrid.meetings.rules.settings import Layer, Setup, resolve
from govgrid.outbox.actions import EXPIRED, deliver
from govgrid.outbox.models import Letter, Pause
from govgrid.settings import ROOT
from tests.build import clock
from tests.meetings.approved import approved
from tests.meetings.test_letters_sent import Office

START = clock("2026-12-08 09:30")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YES = Seated(Role.POLICE, Reply.ACCEPTED, clock("2026-11-23 09:00"))
SILENT = replace(YES, reply=Reply.NEEDS_ACTION)


def setup(**values: Any) -> Setup:
    return resolve(Kind.JOINT, [Layer("甲", values)])


PLAIN = setup()
EVERY = setup(reminders=[[Role.POLICE.value, kind.value] for kind in Reminder], follow_up=0)


def tables() -> dict[str, list[str]]:
    told = (ROOT / "docs" / "letters.md").read_text("utf-8").partition("\n# What time")[2]
    rows = [
        [c.strip() for c in line.strip("|").split("|")]
        for line in told.splitlines()
        if line[:1] == "|"
    ]
    return {row[0]: row[1:] for row in rows if row[0] not in {"letter", "---"}}


def span(text: str) -> timedelta:
    found = re.match(r"(\d+) (days?|h|min)", text)
    assert found
    return int(found[1]) * {"d": DAY, "h": HOUR, "m": timedelta(minutes=1)}[found[2][0]]


def test_the_tables_and_the_rules_agree() -> None:
    said = tables()
    assert list(said) == [
        "asked once more", "reminded a week before", "reminded a day before",
        "reminded two hours before", "minutes signed", "action item due", "action item overdue",
    ]  # fmt: skip
    for kind, (before, whom, late) in zip(Reminder, list(said.values())[1:4], strict=True):
        assert (rules.LEADS[kind], rules.LATE[kind]) == (span(before), span(late))
        roles = {role for role, one in PLAIN.reminders if one is kind}
        assert {"nobody": set(), "all roles": set(Role)}[whom] == roles
    before, _whom, late = said["asked once more"]
    assert (PLAIN.follow_up * DAY, rules.ASKING_LATE) == (span(before), span(late))
    assert f"0 to {rules.LONGEST.days}" in before
    when = said["action item due"][0]
    assert PLAIN.due_days * DAY == span(when)
    assert f"0 to {rules.FURTHEST.days}" in when
    assert f"{rules.WEEK.days} days" in said["action item overdue"][2]


@pytest.mark.parametrize(
    ("kind", "lead", "late"),
    [(k, rules.LEADS[k], rules.LATE[k]) for k in Reminder],
)
def test_a_reminder_is_due_from_its_moment_and_not_long_after(
    kind: Reminder, lead: timedelta, late: timedelta
) -> None:
    moment, second = START - lead, timedelta(seconds=1)
    for at, due in (
        (moment - second, None),
        (moment, Call(kind.value)),
        (moment + late - second, Call(kind.value)),
        (moment + late, None),
    ):
        assert call(EVERY, YES, START, at=at) is due
        assert near(EVERY, START, at=at) is (due is not None)
    assert call(EVERY, replace(YES, told=moment), START, at=moment) is None, "told by now"
    assert call(EVERY, replace(YES, told=moment - second), START, at=moment) is Call(kind.value)
    assert call(EVERY, replace(YES, reply=Reply.DECLINED), START, at=moment) is None
    assert call(EVERY, replace(YES, role=Role.LIAISON), START, at=moment) is None
    assert call(EVERY, YES, START + DAY * 30, at=moment) is None, "moved away"


def test_nobody_is_reminded_once_it_has_begun() -> None:
    for hours in range(0, 200, 5):
        assert call(EVERY, YES, START, at=START + hours * HOUR) is None


def test_only_the_silent_are_asked_again_and_get_one_letter_at_a_time() -> None:
    moment = START - 3 * DAY
    assert call(PLAIN, SILENT, START, at=moment) is Call.ANSWER
    assert call(PLAIN, YES, START, at=moment) is None
    assert call(setup(follow_up=0), SILENT, START, at=moment) is None
    both = setup(follow_up=1)
    assert call(both, SILENT, START, at=START - DAY) is Call.ANSWER
    assert call(both, replace(SILENT, told=START - DAY), START, at=START - DAY + HOUR) is None
    assert call(both, YES, START, at=START - DAY) is Call.DAY


@pytest.mark.parametrize(
    ("at", "told", "signed", "due"),
    [
        ("2026-12-07 08:00", None, None, Chase.DUE),
        ("2026-12-07 07:59", None, None, None),
        ("2026-12-06 12:00", None, None, None),
        ("2026-12-10 19:59", None, None, Chase.DUE),
        ("2026-12-10 20:00", None, None, None),
        ("2026-12-08 09:00", "2026-12-07 08:00", None, None),
        ("2026-12-08 09:00", None, "2026-12-07 18:00", None),
        ("2026-12-08 09:00", None, "2026-12-05 18:00", Chase.DUE),
        ("2026-12-11 08:00", "2026-12-07 08:00", None, Chase.OVERDUE),
        ("2026-12-11 07:00", None, None, None),
        ("2026-12-18 07:59", "2026-12-11 08:00", None, None),
        ("2026-12-18 08:00", "2026-12-11 08:00", None, Chase.OVERDUE),
        ("2026-12-17 15:00", "2026-12-11 08:00", None, None),
    ],
)
def test_an_action_items_owner(
    at: str, told: str | None, signed: str | None, due: Chase | None
) -> None:
    last, seen = (clock(text) if text else None for text in (told, signed))
    assert chase(date(2026, 12, 10), 3, told=last, signed=seen, at=clock(at)) is due


def test_nobody_is_told_of_a_deadline_where_the_office_wants_none() -> None:
    assert (
        chase(date(2026, 12, 10), 0, told=None, signed=None, at=clock("2026-12-10 09:00")) is None
    )


class Desk(Office):
    """The secretary's desk, invitations sent, and the worker's step."""

    def answer(self, name: str, reply: Reply) -> None:
        def act(_db: Any, m: Meeting) -> None:
            next(a for a in m.attendees if a.officer.name == name).reply = reply

        self.do(act)

    def plain(self, at: datetime) -> dict[str, EmailMessage]:
        """Let the worker queue and send at that moment; return the mails by addressee."""
        self.at = at
        call_to_mind(self.database, at)
        assert call_to_mind(self.database, at) == 0, "each letter once"
        folder = Path(self.database.settings.smtp_url.removeprefix("file:"))
        before = set(folder.glob("*.eml"))
        while deliver(self.database, at):
            pass
        left = [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in set(folder.glob("*.eml")) - before
        ]
        found = {str(m["To"]).rpartition("<")[2].partition("@")[0]: m for m in left}
        assert len(found) == len(left)
        return {to: found[to] for to in sorted(found)}


def words(mail: EmailMessage) -> str:
    parts = [part.get_content_type() for part in mail.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"], "no calendar part"
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain
    assert html
    said = "\n".join(plain.get_content().splitlines())
    for line in said.split("\n\n")[1].splitlines():
        assert line.partition("：")[2] in html.get_content()
    return said


@pytest.fixture
def desk(database: Database, at: datetime) -> Desk:
    office = Desk(database, at)
    office.do(propose)
    office.confirm()
    assert len(office.mails()) == 4
    return office


def test_a_meeting_is_called_to_mind(desk: Desk) -> None:
    desk.answer("王网格", Reply.ACCEPTED)
    desk.answer("张警官", Reply.DECLINED)
    asked = desk.plain(START - 3 * DAY)
    assert list(asked) == ["qian"], "the only one without an answer"
    assert "请回复是否参加" in str(asked["qian"]["Subject"])
    assert "/r/" in words(asked["qian"])
    assert desk.plain(START - 2 * DAY) == {}
    told = desk.plain(START - DAY + HOUR)
    assert list(told) == ["qian", "wang", "zhou"]
    assert "会议提醒" in str(told["wang"]["Subject"])
    said = words(told["wang"])
    assert "2026年12月8日 周二 09:30—10:30" in said
    assert "1. 停车位" in said
    assert "/r/" not in said, "there is an answer"
    assert "/r/" in words(told["qian"])
    desk.move("2026-12-10 09:30")
    desk.mails(10 * timedelta(minutes=1))
    assert desk.plain(START - HOUR) == {}, "moved away"
    again = desk.plain(clock("2026-12-09 09:30"))
    assert list(again) == ["qian", "wang", "zhang", "zhou"], "asked anew, and by the new time"
    assert "2026年12月10日" in words(again["zhang"])
    desk.cancel()
    assert len(desk.mails()) == 4
    assert desk.plain(clock("2026-12-10 07:30")) == {}


@pytest.mark.one_engine
def test_what_waited_too_long_is_given_up(desk: Desk) -> None:
    def pause(db: Any, m: Meeting) -> None:
        db.add(Pause(path=m.community.path, since=desk.at, paused_by="周书记", reason="停"))

    desk.do(pause)
    assert desk.plain(START - DAY) == {}
    desk.do(lambda db, m: db.delete(db.get(Pause, m.community.path)))
    assert desk.plain(START) == {}
    with desk.database.reading() as db:
        assert set(db.scalars(select(Letter.answer).where(Letter.sent_at.is_(None)))) == {EXPIRED}


@pytest.mark.one_engine
def test_a_move_overtakes_a_reminder_that_waits(desk: Desk) -> None:
    desk.at = START - DAY
    assert call_to_mind(desk.database, desk.at) == 4
    desk.move("2026-12-08 10:30")
    assert desk.plain(desk.at + timedelta(minutes=10)).keys() == {"qian", "wang", "zhang", "zhou"}
    assert desk.plain(START - DAY + HOUR).keys() == {"qian", "wang", "zhang", "zhou"}


def test_signed_minutes_and_action_items_are_told(desk: Desk) -> None:
    signed_at = clock("2026-12-09 10:00")
    number = desk.do(held)
    with desk.database.writing() as db:
        meeting = load_meeting(db, desk.number)
        minutes = db.scalars(select(Minutes).options(selectinload(Minutes.approvals))).one()
        sign(db, desk.actor, meeting, minutes, at=signed_at)
    told = desk.plain(signed_at)
    assert list(told) == ["qian", "wang", "zhang", "zhou"]
    mine, theirs = words(told["wang"]), words(told["qian"])
    assert "1. 划出二十个车位" in mine
    assert "1. 划出二十个车位" in theirs
    assert "1. 联系施工（2026年12月20日前完成）" in mine
    assert "联系施工" not in theirs
    assert re.search(r"/r/\S+/minutes\.pdf", mine)
    assert desk.plain(clock("2026-12-17 07:59")) == {}
    (due,) = desk.plain(clock("2026-12-17 08:00")).values()
    assert "督办事项即将到期" in str(due["Subject"])
    assert "事项：联系施工" in words(due)
    assert desk.plain(clock("2026-12-20 19:00")) == {}
    (late,) = desk.plain(clock("2026-12-21 09:00")).values()
    assert "督办事项已逾期" in str(late["Subject"])
    assert desk.plain(clock("2026-12-27 09:00")) == {}
    assert list(desk.plain(clock("2026-12-28 09:00"))) == ["wang"]
    with desk.database.writing() as db:
        item = db.get_one(ActionItem, number)
        path = load_meeting(db, desk.number).community.path
        close_action_item(db, desk.actor, item, path, "已划线", at=desk.at)
    assert desk.plain(clock("2027-01-08 09:00")) == {}


def propose(db: Any, meeting: Meeting) -> None:
    """Put an item on the agenda."""
    item = AgendaItem(meeting_id=meeting.id, position=1, kind=AgendaKind.PROPOSAL, title="停车位")
    db.add(item)


def held(db: Any, meeting: Meeting) -> int:
    """End the meeting with a decision, something to do, and minutes that wait for the signature."""
    meeting.stage = Stage.HELD
    item = db.scalars(select(AgendaItem)).one()
    wang = next(a for a in meeting.attendees if a.officer.name == "王网格")
    task = ActionItem(
        unit_id=meeting.unit_id, meeting_id=meeting.id, agenda_item_id=item.id, matter="联系施工",
        owner_id=wang.officer_id, deadline=date(2026, 12, 20),
    )  # fmt: skip
    db.add_all(
        [
            Resolution(agenda_item_id=item.id, text="划出二十个车位"),
            task,
            Minutes(
                meeting_id=meeting.id,
                issue=1,
                stage=MinutesStage.IN_REVIEW,
                drafted_by="周书记",
                approvals=approved(db, clock("2026-12-09 09:00")),
            ),
        ]
    )
    db.flush()
    return task.id
