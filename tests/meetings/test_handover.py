"""A post handed over: seats in meetings, action items and letters follow, in one transaction."""

import re
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from govgrid import journal
from govgrid.access import Role
from govgrid.db import Database
from govgrid.grid.actions.posts import Follow, Handover
from govgrid.grid.models import Area, Officer, Post
from govgrid.grid.queries.people import holding_seen
from govgrid.meetings.actions.handover import what_moves
from govgrid.meetings.models import ActionItem, Attendee, CoOwner, Meeting
from govgrid.outbox.models import Letter
from tests import build
from tests.build import clock
from tests.journeys.conftest import Site, site
from tests.journeys.test_month import confirmed, hold, plan, planned

__all__ = ["site"]


def post_of(site: Site, name: str, role: Role | None = None) -> int:
    with site.database.reading() as db:
        wanted = select(Post.id).join(Post.officer).where(Officer.name == name)
        return db.scalars(wanted.where(Post.role == role) if role else wanted).one()


def attending(site: Site, meeting: str) -> dict[str, Attendee]:
    with site.database.reading() as db:
        rows = db.execute(
            select(Officer.name, Attendee)
            .join(Officer, Officer.id == Attendee.officer_id)
            .where(Attendee.meeting_id == int(meeting), Attendee.removed_at.is_(None))
        )
        return {row[0]: row[1] for row in rows}


def preview(site: Site, post: int, *, status: int = 200, **values: object) -> str:
    page = site.person("sun").get(f"/posts/{post}/hand-over")
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    form = {"version": version, "on": "2026-12-01", **values}
    return site.person("sun").post(f"/posts/{post}/hand-over", status, **form)


def confirm(site: Site, post: int, page: str, *, status: int = 200, **more: object) -> str:
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    fields.pop("csrf")
    return site.person("sun").post(f"/posts/{post}/hand-over", status, **{**fields, **more})


def code(site: Site, name: str) -> str:
    with site.database.reading() as db:
        return db.scalars(select(Officer.code).where(Officer.name == name)).one()


def letters(site: Site) -> list[tuple[str, str]]:
    found = []
    for path in site.deliver():
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
        found.append((str(mail["To"].addresses[0].addr_spec), str(part.get_param("method"))))
        path.unlink()
    return found


def test_a_new_leader_takes_the_seat_and_both_are_told(site: Site) -> None:
    meeting = confirmed(site)
    letters(site)
    post = post_of(site, "王网格")
    page = preview(site, post, name="新网格", email="xin@example.cn", phone="10000000077")
    assert "锦和苑2026年12月联席会议" in page
    assert "向原任职人发取消通知，向接任人发会议通知" in page
    assert "已交接给新网格，共移交 1 项" in confirm(site, post, page)
    assert sorted(letters(site)) == [("wang@example.cn", "CANCEL"), ("xin@example.cn", "REQUEST")]
    there = attending(site, meeting)
    assert "王网格" not in there
    assert there["新网格"].role is Role.GRID_LEADER
    with site.database.reading() as db:
        old, new = db.scalars(select(Post).where(Post.role == Role.GRID_LEADER).order_by(Post.id))
        assert (old.until, new.since, new.until) == (date(2026, 11, 30), date(2026, 12, 1), None)
        assert old.area_id == new.area_id
        line = db.scalars(select(journal.Entry).where(journal.Entry.verb == "hand_over")).one()
        assert line.detail["moved"] == 1
        assert "10000000077" not in str(line.detail)
        assert (
            db.scalars(select(Officer.phone).where(Officer.name == "新网格")).one() == "10000000077"
        )


def test_what_has_not_left_is_never_sent(site: Site) -> None:
    meeting = confirmed(site)
    post = post_of(site, "王网格")
    page = preview(site, post, to=code(site, "李微"))
    assert "尚未发出，不再发送" in page
    confirm(site, post, page)
    sent = letters(site)
    assert not [letter for letter in sent if letter[0] == "wang@example.cn"]
    with site.database.reading() as db:
        held_back = db.scalars(select(Letter).where(Letter.to_address == "wang@example.cn")).one()
        assert held_back.dead_at is not None
    assert attending(site, meeting)["李微"].role is Role.GRID_LEADER


def test_a_planned_meeting_changes_hands_without_letters(site: Site) -> None:
    meeting = planned(site)
    post = post_of(site, "周书记")
    page = preview(site, post, to=code(site, "邻书记"))
    assert "召集人" in page
    confirm(site, post, page)
    assert letters(site) == []
    with site.database.reading() as db:
        convenor = db.scalars(select(Meeting.convenor_id)).one()
        assert db.get_one(Officer, convenor).name == "邻书记"
    assert "周书记" not in attending(site, meeting)


def test_meetings_before_the_day_stay(site: Site) -> None:
    meeting = planned(site)
    post = post_of(site, "王网格")
    page = preview(site, post, to=code(site, "李微"), on="2026-12-09")
    assert "只变更任职" in page
    confirm(site, post, page)
    assert "王网格" in attending(site, meeting)


def test_open_action_items_follow(site: Site) -> None:
    meeting = confirmed(site)
    site.set_clock(clock("2026-12-08 10:05"))
    hold(site, meeting)
    with site.database.writing() as db:
        leader = db.scalars(select(Officer.id).where(Officer.name == "王网格")).one()
        db.scalars(select(ActionItem)).one().owner_id = leader
    post = post_of(site, "王网格")
    assert "只变更任职" in preview(site, post, to=code(site, "李微"), on="2026-12-25")
    page = preview(site, post, to=code(site, "李微"), on="2026-12-09")
    assert "更换楼道照明" in page
    confirm(site, post, page)
    with site.database.reading() as db:
        owner = db.scalars(select(ActionItem.owner_id)).one()
        assert db.get_one(Officer, owner).name == "李微"


def test_help_with_open_action_items_follows_too(site: Site) -> None:
    meeting = confirmed(site)
    site.set_clock(clock("2026-12-08 10:05"))
    hold(site, meeting)
    with site.database.writing() as db:
        leader = db.scalars(select(Officer.id).where(Officer.name == "王网格")).one()
        item = db.scalars(select(ActionItem)).one()
        item.co_owners = "王网格、维保单位"
        db.add(CoOwner(action_item_id=item.id, officer_id=leader))
    post = post_of(site, "王网格")
    page = preview(site, post, to=code(site, "李微"), on="2026-12-09")
    assert "协办的督办事项" in page
    confirm(site, post, page)
    with site.database.reading() as db:
        item = db.scalars(select(ActionItem)).one()
        helper = db.scalars(select(Officer).join(CoOwner, CoOwner.officer_id == Officer.id)).one()
        assert (helper.name, item.co_owners) == ("李微", "李微、维保单位")


def test_who_does_an_item_does_not_help_with_it_as_well(site: Site) -> None:
    meeting = confirmed(site)
    site.set_clock(clock("2026-12-08 10:05"))
    hold(site, meeting)
    with site.database.writing() as db:
        item = db.scalars(select(ActionItem)).one()
        item.owner_id = db.scalars(select(Officer.id).where(Officer.name == "李微")).one()
        leader = db.scalars(select(Officer.id).where(Officer.name == "王网格")).one()
        item.co_owners = "王网格"
        db.add(CoOwner(action_item_id=item.id, officer_id=leader))
    post = post_of(site, "王网格")
    confirm(site, post, preview(site, post, to=code(site, "李微"), on="2026-12-09"))
    with site.database.reading() as db:
        assert db.scalars(select(CoOwner)).all() == []
        assert db.scalars(select(ActionItem.co_owners)).one() is None


def test_who_is_due_by_another_post_keeps_the_seat(site: Site) -> None:
    meeting = planned(site)
    with site.database.writing() as db:
        leader = db.scalars(select(Officer).where(Officer.name == "王网格")).one()
        micro = db.scalars(select(Area).where(Area.name == "第一微网格")).one()
        build.post(db, leader, Role.MICRO_GRID_MEMBER, micro)
    post = post_of(site, "王网格", Role.GRID_LEADER)
    page = preview(site, post, name="新网格")
    assert "原任职人另有岗位参会" in page
    confirm(site, post, page)
    assert {"王网格", "新网格"} <= set(attending(site, meeting))


def test_a_list_that_changed_meanwhile_is_shown_again(site: Site) -> None:
    post = post_of(site, "王网格")
    page = preview(site, post, to=code(site, "李微"))
    plan(site)
    assert "刚有变化" in confirm(site, post, page, status=409)
    page = preview(site, post, to=code(site, "李微"))
    confirm(site, post, page)
    assert "刚被其他人修改" in confirm(site, post, page, status=409)


def test_what_cannot_be_handed_over_is_refused(site: Site) -> None:
    with site.database.writing() as db:
        far = db.scalars(select(Area).where(Area.name == "棕树社区")).one()
        member = db.scalars(select(Officer).where(Officer.name == "赵微")).one()
        build.post(db, member, Role.POLICE, far)
    post = post_of(site, "王网格")
    preview(site, post, status=422, to="", name="")
    preview(site, post, status=422, to=code(site, "王网格"))
    preview(site, post, status=422, to=code(site, "李微"), on="2025-01-01")
    preview(site, post, status=422, to=code(site, "李微"), on="2028-01-01")
    preview(site, post, status=422, name="新", phone="abc")
    preview(site, post, status=404, to="no-such")
    preview(site, post, status=409, name="新", code=code(site, "李微"))
    assert "另有任职" in preview(site, post, status=403, to=code(site, "赵微"))
    site.person("zhou").get(f"/posts/{post}/hand-over", status=404)
    with site.database.reading() as db:
        assert db.scalars(select(Post.until).where(Post.id == post)).one() is None


def test_the_search_finds_by_name_number_and_tail(site: Site) -> None:
    person, post = site.person("sun"), post_of(site, "李微")
    for text in ("王网格", code(site, "王网格"), "0001"):
        assert (
            "王网格" in person.get(f"/posts/{post}/hand-over?find={text}").partition("<fieldset")[2]
        )
    assert "没有找到" in person.get(f"/posts/{post}/hand-over?find=某某某")


@pytest.mark.parametrize("role", [Role.LIAISON, Role.POLICE])
def test_everyone_of_the_place_can_be_handed_over(
    database: Database, at: datetime, role: Role
) -> None:
    with database.writing() as db:
        city = build.small_city(db)
        old = {Role.LIAISON: city.liaison, Role.POLICE: city.police}[role]
        actor = build.actor(db, city.liaison, Role.LIAISON, city.street)
        number = db.scalars(select(Post.id).where(Post.officer_id == old.id)).one()
        held = holding_seen(db, actor, number)
        change = Handover(held, city.members[0], at.date() + timedelta(days=1))
        assert [m for m in what_moves(db, change, at) if m.follow is Follow.MOVES] == []
