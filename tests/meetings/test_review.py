"""Answers that wait: the list, one mail, applying, assigning and refusing them."""

import re
from email import message_from_bytes
from typing import Any

import icalendar
import pytest
from sqlalchemy import select

from govgrid import journal
from govgrid.grid.models import Officer
from govgrid.meetings.actions.inbox import take
from govgrid.meetings.models import Attendee, IncomingMail, Meeting, Outcome, Reply, Verdict
from tests.build import clock
from tests.journeys.conftest import Person, Site, site
from tests.meetings.inbox_world import invited, reply
from tests.meetings.month import send_away

__all__ = ["site"]

pytestmark = pytest.mark.one_engine


@pytest.fixture
def meeting(site: Site) -> str:
    number = invited(site)
    for path in site.deliver():
        path.unlink()
    return number


def uid(site: Site) -> str:
    with site.database.reading() as db:
        return db.scalars(select(Meeting.uid)).one()


def came(site: Site, status: str = "ACCEPTED", **how: Any) -> Outcome:
    data = reply(status, uid=uid(site), sequence=0, stamp=site.at, **how)
    with site.database.writing() as db:
        return take(db, data, at=site.at).outcome


def counter(site: Site, start: str, end: str, **how: Any) -> None:
    times = {
        "dtstart": clock(start).strftime("%Y%m%dT%H%M%S"),
        "dtend": clock(end).strftime("%Y%m%dT%H%M%S"),
    }
    assert came(site, "TENTATIVE", method="COUNTER", **times, **how) is Outcome.REVIEW


def said(site: Site, name: str) -> Reply:
    with site.database.reading() as db:
        rows = select(Attendee.reply).join(Attendee.officer).where(Officer.name == name)
        return db.scalars(rows).one()


def opened(person: Person) -> tuple[str, dict[str, Any]]:
    """Open the first mail of the list; return its path and the version its forms carry."""
    page = person.get("/replies")
    path = re.findall(r'href="(/meetings/\d+/replies/\d+)"', page)[0]
    version = re.findall(r'name="version"\s+value="(\d+)"', person.get(path))[0]
    return path, {"version": version}


def kept(site: Site) -> IncomingMail:
    with site.database.reading() as db:
        return db.scalars(select(IncomingMail)).one()


def test_a_forged_answer_waits_and_counts_for_nothing(site: Site, meeting: str) -> None:
    assert came(site, sender="evil@evil.example") is Outcome.REVIEW
    secretary = site.person("zhou")
    assert "参加 1" in secretary.get("/months/2026-12")
    assert "1 封邮件回执待核对" in secretary.get(f"/meetings/{meeting}")
    assert "1 封邮件回执待核对" in secretary.get("/")
    page = secretary.get("/replies")
    assert "evil@evil.example" in page
    assert "发件人不是参会人本人" in page


@pytest.mark.usefixtures("meeting")
def test_it_can_be_applied_after_a_call(site: Site) -> None:
    came(site, "DECLINED", sender="wang.private@example.com")
    secretary = site.person("zhou")
    path, form = opened(secretary)
    assert "采用：王网格请假" in secretary.get(path)
    assert "没有待核对的邮件" in secretary.post(path + "/apply", **form)
    assert said(site, "王网格") is Reply.DECLINED
    assert (kept(site).verdict, kept(site).handled_by) == (Verdict.APPLY, "周书记")
    with site.database.reading() as db:
        verbs = list(db.scalars(select(journal.Entry.verb).order_by(journal.Entry.id)))
    assert verbs[-2:] == ["reply", "settle_reply"]


@pytest.mark.usefixtures("meeting")
def test_an_unknown_senders_answer_is_given_to_a_person(site: Site) -> None:
    came(site, by="stranger@example.com")
    secretary = site.person("zhou")
    path, form = opened(secretary)
    assert "请选择这是哪位" in secretary.post(path + "/apply", status=422, **form)
    with site.database.reading() as db:
        seat = db.scalars(
            select(Attendee.id).join(Attendee.officer).where(Officer.name == "张警官")
        ).one()
    secretary.post(path + "/assign", attendee=seat, reply="accepted", **form)
    assert said(site, "张警官") is Reply.ACCEPTED
    assert kept(site).verdict is Verdict.ASSIGN


@pytest.mark.usefixtures("meeting")
def test_nobody_and_no_answer_are_refused(site: Site) -> None:
    came(site, by="stranger@example.com")
    secretary = site.person("zhou")
    path, form = opened(secretary)
    secretary.post(path + "/assign", status=422, attendee=0, reply="accepted", **form)
    secretary.post(path + "/assign", status=422, attendee=1, reply="needs_action", **form)
    assert kept(site).handled_at is None


@pytest.mark.usefixtures("meeting")
def test_what_was_dealt_with_is_not_dealt_with_again(site: Site) -> None:
    came(site, "DECLINED", sender="wang.private@example.com")
    secretary = site.person("zhou")
    path, form = opened(secretary)
    secretary.post(path + "/refuse", **form)
    secretary.post(path + "/apply", status=409, **form)
    assert said(site, "王网格") is Reply.NEEDS_ACTION
    assert site.deliver() == [], "a forger gets no letter"


@pytest.mark.usefixtures("meeting")
def test_a_proposal_that_fits_moves_the_meeting(site: Site) -> None:
    counter(site, "2026-12-09 14:00", "2026-12-09 15:00")
    secretary = site.person("zhou")
    path, form = opened(secretary)
    assert "会议室空闲，应到人员均无冲突" in secretary.get(path)
    assert "会议已改期" in secretary.post(path + "/apply", **form)
    with site.database.reading() as db:
        assert db.scalars(select(Meeting.start)).one() == clock("2026-12-09 14:00")
    methods = {message_from_bytes(p.read_bytes())["To"]: 1 for p in site.deliver()}
    assert len(methods) >= 4, "everybody is asked again"


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("2026-12-12 10:00", "休息日"),
        ("2026-11-20 10:00", "所选时间已过"),
        ("2027-01-06 10:00", "只能在当月内调整"),
    ],
)
@pytest.mark.usefixtures("meeting")
def test_a_proposal_that_cannot_be_says_why(site: Site, start: str, why: str) -> None:
    counter(site, start, start[:10] + " 11:00")
    secretary = site.person("zhou")
    path, form = opened(secretary)
    page = secretary.get(path)
    assert why in page
    assert "采用并改期" not in page
    secretary.post(path + "/apply", status=422, **form)
    assert kept(site).handled_at is None


@pytest.mark.usefixtures("meeting")
def test_a_proposal_that_clashes_names_whom_and_why(site: Site) -> None:
    with site.database.writing() as db:
        manager = db.scalars(select(Officer).where(Officer.name == "钱经理")).one()
        send_away(db, manager, "2026-12-09 13:00", "2026-12-09 18:00", "培训")
    counter(site, "2026-12-09 14:00", "2026-12-09 15:00")
    secretary = site.person("zhou")
    path, form = opened(secretary)
    page = secretary.get(path)
    assert "钱经理" in page
    assert "培训" in page
    assert "采用并改期" not in page
    assert "钱经理" in secretary.post(path + "/apply", status=409, **form)


@pytest.mark.usefixtures("meeting")
def test_a_refused_proposal_is_answered(site: Site) -> None:
    counter(site, "2026-12-09 14:00", "2026-12-09 15:00")
    secretary = site.person("zhou")
    path, form = opened(secretary)
    assert "已答复提议人" in secretary.post(path + "/refuse", **form)
    (letter,) = site.deliver()
    mail = message_from_bytes(letter.read_bytes())
    assert "wang@example.cn" in mail["To"]
    part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
    assert part.get_param("method") == "DECLINECOUNTER"
    whole: Any = icalendar.Calendar.from_ical(part.get_payload(decode=True))  # type: ignore[arg-type]
    (event,) = whole.walk("VEVENT")
    assert (str(whole["METHOD"]), str(event["UID"])) == ("DECLINECOUNTER", uid(site))
    assert event["DTSTART"].dt == clock("2026-12-08 09:00")
    assert str(event["ATTENDEE"]) == "mailto:wang@example.cn"


@pytest.mark.usefixtures("meeting")
def test_a_forged_proposal_is_refused_in_silence(site: Site) -> None:
    counter(site, "2026-12-09 14:00", "2026-12-09 15:00", sender="evil@evil.example")
    secretary = site.person("zhou")
    path, form = opened(secretary)
    secretary.post(path + "/refuse", **form)
    assert site.deliver() == []


@pytest.mark.usefixtures("meeting")
def test_the_neighbours_see_none_of_it(site: Site) -> None:
    came(site, by="stranger@example.com")
    path, form = opened(site.person("zhou"))
    neighbour = site.person("lin")
    assert "没有待核对的邮件" in neighbour.get("/replies")
    neighbour.get(path, status=404)
    neighbour.post(path + "/refuse", status=404, **form)
    site.person("wang").get("/replies", status=404)


@pytest.mark.usefixtures("meeting")
def test_what_a_stranger_writes_is_shown_as_text(site: Site) -> None:
    came(site, sender="x@y.cn", comment="<script>alert(1)</script>")
    secretary = site.person("zhou")
    path, _form = opened(secretary)
    assert "<script>alert" not in secretary.get(path)
    assert "&lt;script&gt;" in secretary.get(path)
