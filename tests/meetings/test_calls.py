"""The call list: phones of the own area, others for a reason, answers noted while ringing up."""

import re

import pytest
from sqlalchemy import select

from govgrid.access import Role
from govgrid.grid.models import Officer
from govgrid.journal import Entry
from govgrid.meetings.models import Attendee, Meeting, Reply
from tests import build
from tests.journeys.conftest import Site, site
from tests.journeys.test_month import confirmed

__all__ = ["site"]

pytestmark = pytest.mark.one_engine


@pytest.fixture
def meeting(site: Site) -> str:
    """Return a meeting to which somebody of another street comes, too."""
    number = confirmed(site)
    with site.database.writing() as db:
        guest = build.officer(db, "外街道人员")
        guest.phone = "13912345678"
        db.add(
            Attendee(
                meeting_id=int(number), officer_id=guest.id, role=Role.POLICE, nonce="n", link="l"
            )
        )  # fmt: skip
    return number


def test_phones_of_the_area_are_shown_others_masked_until_a_reason_is_given(
    site: Site, meeting: str
) -> None:
    secretary = site.person("zhou")
    page = secretary.get(f"/meetings/{meeting}/calls")
    assert 'href="tel:' in page
    assert "139****5678" in page
    assert "13912345678" not in page
    secretary.post(f"/meetings/{meeting}/calls", 422, reason="")
    shown = secretary.post(f"/meetings/{meeting}/calls", reason="电话通知会议")
    assert "13912345678" in shown
    with site.database.reading() as db:
        guest = db.scalars(select(Officer.code).where(Officer.name == "外街道人员")).one()
        lines = db.scalars(select(Entry).where(Entry.verb == "unmask")).all()
        told = [(line.subject_id, line.detail["reason"]) for line in lines]
    assert (guest, "电话通知会议") in told
    assert len(told) == page.count("****")
    assert "13912345678" not in secretary.get(f"/meetings/{meeting}/calls")


def test_an_answer_is_noted_and_the_silent_stand_first(site: Site, meeting: str) -> None:
    secretary = site.person("zhou")
    path = f"/meetings/{meeting}/calls"
    numbers = re.findall(rf'action="{path}/(\d+)"', secretary.get(path))
    page = secretary.post(f"{path}/{numbers[0]}", reply="substitute", substitute="陈明", note="")
    assert "回执已登记" in page
    assert "代会人：陈明" in page
    again = re.findall(rf'action="{path}/(\d+)"', page)
    assert sorted(again) == sorted(numbers)
    assert again.index(numbers[0]) > 0
    with site.database.reading() as db:
        assert db.get_one(Attendee, int(numbers[0])).reply is Reply.SUBSTITUTE
    secretary.post(f"{path}/999999", 404, reply="accepted")


def test_a_paper_list_has_room_for_answers_and_no_forms(site: Site, meeting: str) -> None:
    page = site.person("zhou").get(f"/meetings/{meeting}/calls")
    with site.database.reading() as db:
        attendees = len(db.scalars(select(Attendee).join(Meeting)).all())
    assert page.count("□参加 □请假 □代会人：") == attendees
    assert page.count("menu no-print") == attendees


def test_only_who_convenes_there_gets_the_list(site: Site, meeting: str) -> None:
    for login in ("lin", "wang", "qian", "wu"):
        site.person(login).get(f"/meetings/{meeting}/calls", 404)
    site.person("sun").get(f"/meetings/{meeting}/calls")
