"""Tasks after the meeting: said to be done with pictures, sent back, accepted, counted by month."""

import re
from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlalchemy import select

from govgrid.archive import place
from govgrid.grid.models import Officer
from govgrid.meetings.chasing import call_to_mind
from govgrid.meetings.models import (
    ActionItem,
    ActionReport,
    Attendee,
    Meeting,
    ReportPhoto,
)
from govgrid.upkeep.verify import verify
from tests.build import clock
from tests.journeys.conftest import Site
from tests.journeys.test_bad_input import link_of
from tests.journeys.test_month import confirmed, hold

pytestmark = pytest.mark.one_engine
JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture
def item(site: Site) -> int:
    """Return a task of the grid leader's, from a meeting that was held."""
    return site.again("task of the leader", given)


def given(site: Site) -> int:
    meeting = confirmed(site)
    site.set_clock(clock("2026-12-08 10:05"))
    hold(site, meeting)
    with site.database.writing() as db:
        task = db.scalars(select(ActionItem)).one()
        task.owner_id = db.scalars(select(Officer.id).where(Officer.name == "王网格")).one()
        return task.id


@pytest.fixture(autouse=True)
def _later(site: Site, item: int) -> None:
    site.set_clock(clock("2026-12-15 09:00"))


def files(*data: bytes) -> list[Any]:
    return [("photo", ("照片.jpg", one, "image/jpeg")) for one in data]


def reports(site: Site) -> list[tuple[str, str, bool | None]]:
    with site.database.reading() as db:
        rows = db.execute(
            select(ActionReport.by_name, ActionReport.text, ActionReport.accepted).order_by(
                ActionReport.id
            )
        )
        return [(name, text, accepted) for name, text, accepted in rows]


def test_said_to_be_done_sent_back_and_accepted(site: Site, item: int) -> None:
    wang, zhou = site.person("wang"), site.person("zhou")
    values = {"csrf": wang.token, "evidence": "已换灯"}
    answer = wang.client.post(
        f"/actions/{item}/report", data=values, files=files(JPEG, JPEG + b"2")
    )
    assert "等待召集人验收" in answer.text
    wang.post(f"/actions/{item}/report", 409, evidence="再报")
    wang.post(f"/actions/{item}/accept", 404)
    assert "待验收" in zhou.get("/actions?show=reported")
    page = zhou.get(f"/actions/{item}")
    photos = re.findall(rf'src="(/actions/{item}/photos/\d+)"', page)
    assert len(photos) == 2
    seen = zhou.client.get(photos[0])
    assert (seen.content, seen.headers["content-type"]) == (JPEG, "image/jpeg")
    zhou.post(f"/actions/{item}/return", 422, reason="")
    zhou.post(f"/actions/{item}/return", reason="照片看不清")
    (letter,) = [
        m for p in site.deliver()
        if "退回" in (m := message_from_bytes(p.read_bytes(), policy=policy.default))["Subject"]
    ]  # fmt: skip
    assert "wang@example.cn" in letter["To"]
    assert "照片看不清" in wang.get(f"/actions/{item}")
    wang.post(f"/actions/{item}/report", evidence="已换灯，重新拍照")
    zhou.post(f"/actions/{item}/accept")
    zhou.post(f"/actions/{item}/accept", 409)
    zhou.post(f"/actions/{item}/close", 409, evidence="x")
    assert reports(site) == [
        ("王网格", "已换灯", False), ("王网格", "已换灯，重新拍照", True),
    ]  # fmt: skip
    assert "按时办结" in zhou.get("/actions?show=closed")


def test_only_pictures_are_kept_and_not_too_large(site: Site, item: int) -> None:
    wang = site.person("wang")
    values = {"csrf": wang.token, "evidence": "已换灯"}
    for wrong, said in (
        ([b"<svg/>"], "图片只能是"),
        ([b"\xff\xd8\xff" + b"x" * 5 * 1024 * 1024], "每张图片不超过 5 MB"),
    ):
        answer = wang.client.post(f"/actions/{item}/report", data=values, files=files(*wrong))
        assert answer.status_code == 422
        assert said in answer.text
    assert reports(site) == []
    wang.client.post(f"/actions/{item}/report", data=values, files=files(JPEG))
    assert not list(verify(site.database))
    with site.database.reading() as db:
        kept = place(site.settings.archive, db.scalars(select(ReportPhoto.sha256)).one())
    kept.unlink()
    assert any("督办照片" in fault for fault in verify(site.database))


def test_without_an_account_the_link_does(site: Site, item: int) -> None:
    call_to_mind(site.database, clock("2026-12-22 09:00"))
    site.set_clock(clock("2026-12-22 09:00"))
    link = link_of(site, "wang@example.cn")
    leader = site.person()
    assert "更换楼道照明" in leader.get(f"{link}/actions")  # the meeting is two weeks ago
    values = {"csrf": leader.token, "evidence": "已换灯"}
    answer = leader.client.post(f"{link}/actions/{item}/report", data=values, files=files(JPEG))
    assert "已报送，等待召集人验收" in answer.text
    leader.post(f"{link}/actions/{item}/report", 409, evidence="再报")
    leader.post(f"{link}/actions/999/report", 422, evidence="x")
    site.person().get("/r/unknown/actions", 404)
    site.person("zhou").post(f"/actions/{item}/accept")
    leader.get(f"{link}/actions", 404)  # nothing left to do, and the link is old
    assert "逾期办结" in site.person("zhou").get("/actions?show=closed")
    assert reports(site) == [("王网格", "已换灯", True)]


def test_who_sees_which_tasks(site: Site, item: int) -> None:
    for login in ("lin", "qian"):
        site.person(login).get(f"/actions/{item}", 200 if login == "qian" else 404)
    site.person("qian").post(f"/actions/{item}/report", 403, evidence="x")
    assert "更换楼道照明" not in site.person("lin").get("/actions")
    sun = site.person("sun")
    assert "更换楼道照明" in sun.get("/actions?person=王网格")
    assert "没有符合条件" in sun.get("/actions?person=张警官")
    assert "更换楼道照明" in sun.get("/compounds/XQ-JH")
    for wrong in ("show=x", "figure=x", "month=x"):
        sun.get(f"/actions?{wrong}", 422)


def test_a_months_figures_lead_to_the_tasks(site: Site, item: int) -> None:
    sun = site.person("sun")
    page = sun.get("/actions/figures?month=2026-12")
    assert "锦江社区" in page
    link = re.search(r'href="(/actions\?[^"]*figure=open[^"]*)"', page)
    assert link
    assert "更换楼道照明" in sun.get(link[1].replace("&amp;", "&"))
    site.person("zhou").post(f"/actions/{item}/close", evidence="已换灯")
    page = site.person("wu").get("/actions/figures?month=2026-12")
    assert re.search(r'data-label="按时办结率">\s*100', page)
    assert "没有到期" in sun.get("/actions/figures?month=2027-03")


def test_the_second_meeting_that_finds_it_open_tells_the_street(site: Site, item: int) -> None:
    with site.database.writing() as db:
        task = db.get_one(ActionItem, item)
        task.carried = 1
        old = db.get_one(Meeting, task.meeting_id)
        old.start, old.end = clock("2026-10-08 09:00"), clock("2026-10-08 10:00")
        meeting = Meeting(
            uid="next", unit_id=old.unit_id, community_id=old.community_id, stage="confirmed",
            month=clock("2026-12-01 00:00").date().replace(month=11), title="下一次会议",
            start=clock("2026-12-15 08:00"), end=clock("2026-12-15 09:00"),
            venue_id=old.venue_id, convenor_id=old.convenor_id, invited_at=site.at,
        )  # fmt: skip
        db.add(meeting)
        db.flush()
        number = meeting.id
        db.add(
            Attendee(
                meeting_id=number, officer_id=old.convenor_id, role="community_secretary",
                attendance="present", nonce="n", link="l",
            )
        )  # fmt: skip
    zhou = site.person("zhou")
    zhou.post(f"/meetings/{number}/room/end")
    page = zhou.get(f"/actions/{item}")
    assert "已报街道" in page
    letters = [message_from_bytes(p.read_bytes(), policy=policy.default) for p in site.deliver()]
    (told,) = [m for m in letters if "上报街道" in str(m["Subject"])]
    assert "sun@example.cn" in told["To"]
    assert "更换楼道照明" in site.person("sun").get("/actions?show=escalated")
