"""A month planned on the web: asked for, worked off, changed by hand, taken over, undone."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.accounts.actions import add_account
from govgrid.accounts.models import Account
from govgrid.grid.models import Absence, Area, Officer
from govgrid.meetings.jobs import LEASE, plan_waiting
from govgrid.meetings.models import (
    AreaSettings,
    Kind,
    Meeting,
    PlanLine,
    PlanRun,
    RunState,
    Scope,
    Stage,
    VenueClosure,
)
from govgrid.meetings.queries.lines import lines_of
from tests import build
from tests.build import clock
from tests.journeys.conftest import PASSWORD, Person, Site, site
from tests.meetings.month import crowd, send_away

__all__ = ["site"]


COMMUNITY, STREET, DISTRICT = "510107001001", "510107001", "510107"
PAGE = "/planning/2026-12"


@pytest.fixture(autouse=True)
def _street(site: Site) -> None:
    """Put two more communities into the street, under one police officer."""
    with site.database.writing() as db:
        crowd(db, area(db, STREET), officer(db, "张警官"), communities=2, compounds=2)


def area(db: Session, code: str) -> Area:
    return db.scalars(select(Area).where(Area.code == code)).one()


def officer(db: Session, name: str) -> Officer:
    return db.scalars(select(Officer).where(Officer.name == name)).one()


def ask(site: Site, person: Person, code: str = STREET, path: str = PAGE, **values: Any) -> str:
    """Ask for a run and work it off; return its address."""
    page = person.post(f"{path}?area={code}", seconds="10", **values)
    found = re.search(r"/plans/(\d+)/progress", page)
    assert found, page
    assert plan_waiting(site.database, site.at) == 1
    return f"/plans/{found[1]}"


def lines(site: Site, run: str) -> dict[str, PlanLine]:
    """Return a run's lines by the names of their units."""
    with site.database.reading() as db:
        found = db.scalars(lines_of(int(run.rpartition("/")[2]))).all()
        return {
            line.unit.name + ("恳谈" if line.unit.kind is Kind.OWNERS else ""): line
            for line in found
        }


def test_a_street_is_planned_changed_taken_over_and_undone(site: Site) -> None:
    clerk = site.person("sun")
    assert "没有项目经理" in clerk.get(f"{PAGE}/inputs?area={STREET}")
    run = ask(site, clerk)
    page = clerk.get(run)
    assert "8 / 8" in page  # two communities' four compounds, ours two, a community, and ours
    found = lines(site, run)
    one, other = found["新小区11"], found["新小区21"]
    assert one.start
    assert other.start
    # Both need the one police officer: the slot of the one is closed to the other.
    answers = json.loads(clerk.get(f"{run}/lines/{one.id}/slots.json"))
    taken = answers["slots"][
        f"{other.start.astimezone(clock('2026-12-01 00:00').tzinfo):%Y-%m-%dT%H:%M}"
    ]
    assert any("张警官" in why and "新小区21" in why for why in taken)
    said = clerk.post(
        f"{run}/lines/{one.id}/place",
        status=409,
        start=other.start.isoformat(),
        version=one.version,
    )
    assert "张警官在“新小区21”开会" in said
    free = next(start for start, why in reversed(answers["slots"].items()) if not why)
    clerk.post(f"{run}/lines/{one.id}/place", start=free, version=one.version)
    clerk.post(f"{run}/lines/{one.id}/place", status=409, start=free, version=one.version)  # stale
    clerk.post(f"{run}/lines/{one.id}/place", status=422, start="2026-12-05T09:00")  # Saturday
    moved = lines(site, run)["新小区11"]
    assert (moved.start, moved.pinned) == (clock(free.replace("T", " ")), True)
    assert "张警官" in clerk.get(f"{run}/lines/{one.id}")
    # Planned once more around it, it stays.
    page = clerk.post(f"{run}/again")
    assert plan_waiting(site.database, site.at) == 1
    second = "/plans/" + re.findall(r"/plans/(\d+)/progress", page)[0]
    kept = lines(site, second)["新小区11"]
    assert (kept.start, kept.pinned) == (moved.start, True)

    assert "采用所选会议" in clerk.get(second + "/take")
    assert "已排定 1 场" in clerk.post(second + "/take", line=str(kept.id))
    assert "已排定 7 场" in clerk.post(second + "/take", every="1")
    assert "已排定" in clerk.get(f"/months/2026-12?area={STREET}")
    clerk.post(second + "/take", status=422, every="1")
    assert not site.deliver()
    _confirm_one(site)
    assert "已撤销 7 场" in clerk.post(second + "/undo")
    with site.database.reading() as db:
        stages = dict(db.execute(select(Meeting.stage, func.count()).group_by(Meeting.stage)).all())
    assert stages == {Stage.CONFIRMED: 1, Stage.CANCELLED: 7}
    clerk.post(second + "/undo", status=200)  # what was confirmed stays; nothing else is left


def _confirm_one(site: Site) -> None:
    clerk = site.person("sun")
    with site.database.reading() as db:
        meeting = db.scalars(select(Meeting).order_by(Meeting.start)).first()
    assert meeting
    page = clerk.get(f"/meetings/{meeting.id}")
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    clerk.post(f"/meetings/{meeting.id}/confirm", version=version[1])


def test_one_at_a_time_plans_an_area_and_others_are_told_who(site: Site) -> None:
    clerk, secretary, chief = site.person("sun"), site.person("zhou"), site.person("wu")
    clerk.post(f"{PAGE}?area={STREET}", seconds="10")
    for person, code in ((secretary, COMMUNITY), (chief, DISTRICT)):
        said = person.post(f"{PAGE}?area={code}", status=409, seconds="10")
        assert "孙联络正在为江桥街道排2026年12月的会" in said
    secretary.post(f"/planning/2027-01?area={COMMUNITY}", seconds="10")
    site.person("lin").post(f"{PAGE}?area={STREET}", status=404, seconds="10")
    secretary.post(f"{PAGE}?area={COMMUNITY}", status=422, seconds="1")
    secretary.post(f"/planning/2026-10?area={COMMUNITY}", status=422, seconds="10")
    site.person("wang").get(f"{PAGE}?area={COMMUNITY}", status=404)


def test_a_killed_worker_leaves_the_run_to_the_next(site: Site) -> None:
    secretary = site.person("zhou")
    first = ask(site, secretary, COMMUNITY)
    before = {name: line.start for name, line in lines(site, first).items()}
    with site.database.writing() as db:
        run = db.get_one(PlanRun, int(first.rpartition("/")[2]))
        run.state, run.finished_at, run.leased_until = RunState.RUNNING, None, site.at + LEASE
    assert plan_waiting(site.database, site.at) == 0  # somebody is at it
    assert plan_waiting(site.database, site.at + LEASE + timedelta(seconds=1)) == 1
    assert {name: line.start for name, line in lines(site, first).items()} == before


@pytest.mark.one_engine
def test_a_run_is_stopped_or_fails_with_a_word(site: Site) -> None:
    secretary = site.person("zhou")
    page = secretary.post(f"{PAGE}?area={COMMUNITY}", seconds="10")
    run = "/plans/" + re.findall(r"/plans/(\d+)/progress", page)[0]
    secretary.post(run + "/stop")
    assert plan_waiting(site.database, site.at) == 1
    assert "排会结果" in secretary.get(run)
    secretary.post(run + "/stop", status=409)
    page = secretary.post(f"{PAGE}?area={COMMUNITY}", seconds="10")
    run = "/plans/" + re.findall(r"/plans/(\d+)/progress", page)[0]
    with site.database.writing() as db:
        db.execute(update(Account).where(Account.login == "zhou").values(locked_at=site.at))
    assert plan_waiting(site.database, site.at) == 1
    assert "账号已停用" in site.person("sun").get(run)


@pytest.mark.one_engine
def test_what_changed_meanwhile_is_not_overwritten(site: Site) -> None:
    secretary = site.person("zhou")
    run = ask(site, secretary, COMMUNITY)
    line = lines(site, run)["锦和苑"]
    with site.database.writing() as db:
        manager = officer(db, "钱经理")
        assert line.start
        send_away(db, manager, f"{line.start.astimezone():%Y-%m-%d} 00:00", "2027-01-01 00:00")
    said = secretary.post(run + "/take", status=409, every="1")
    assert "锦和苑" in said
    with site.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Meeting)) == 0
    others = [str(n.id) for name, n in lines(site, run).items() if name != "锦和苑"]
    assert f"已排定 {len(others)} 场" in secretary.post(run + "/take", line=others)


def away_all_month(site: Site, name: str, *, but: tuple[str, str] | None = None) -> None:
    with site.database.writing() as db:
        person = officer(db, name)
        if but is None:
            send_away(db, person, "2026-12-01 00:00", "2027-01-01 00:00", "援藏")
            return
        send_away(db, person, "2026-12-01 00:00", but[0], "援藏")
        send_away(db, person, but[1], "2027-01-01 00:00", "年休假")


@pytest.mark.one_engine
def test_reasons_name_people_and_days_and_a_way_out_is_one_press(site: Site) -> None:
    secretary = site.person("zhou")
    away_all_month(site, "张警官", but=("2026-12-12 00:00", "2026-12-13 00:00"))  # but a Saturday
    run = ask(site, secretary, COMMUNITY)
    page = secretary.get(run + "?view=left")
    assert "张警官 12月1—11日援藏" in page
    assert "张警官 12月13—31日年休假" in page
    line = lines(site, run)["锦和苑"]
    assert line.start is None
    kinds = [way["kind"] for way in line.ways]
    assert {"allow", "lift"} <= set(kinds)
    assert "允许安排在周末，可于 12月12日" in page
    english = site.person("zhou")
    english.client.cookies.set("language", "en")
    assert "张警官 12/1—11 援藏" in english.get(run + "?view=left")
    page = secretary.post(f"{run}/lines/{line.id}/way", way=str(kinds.index("allow")))
    assert plan_waiting(site.database, site.at) == 1
    second = "/plans/" + re.findall(r"/plans/(\d+)/progress", page)[0]
    found = lines(site, second)["锦和苑"]
    assert found.start
    assert f"{found.start.astimezone(clock('2026-12-01 00:00').tzinfo):%m-%d}" == "12-12"
    assert "已排定 1 场" in secretary.post(second + "/take", line=str(found.id))
    secretary.post(f"{run}/lines/{line.id}/way", status=422, way="77")


@pytest.mark.one_engine
def test_lifting_an_absence_deletes_it_and_plans_again(site: Site) -> None:
    secretary = site.person("zhou")
    away_all_month(site, "钱经理")
    run = ask(site, secretary, COMMUNITY)
    line = lines(site, run)["锦和苑"]
    number = next(n for n, way in enumerate(line.ways) if way["kind"] == "lift")
    assert "取消钱经理 12月1—31日的援藏" in secretary.get(run + "?view=left")
    secretary.post(f"{run}/lines/{line.id}/way", way=str(number))
    assert plan_waiting(site.database, site.at) == 1
    with site.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Absence)) == 0
    with site.database.reading() as db:
        newest = db.scalar(select(func.max(PlanRun.id)))
    assert lines(site, f"/plans/{newest}")["锦和苑"].start


def confirmed_month(site: Site) -> dict[str, PlanLine]:
    """Plan, take over and confirm the community's month."""
    secretary = site.person("zhou")
    run = ask(site, secretary, COMMUNITY)
    secretary.post(run + "/take", every="1")
    found = lines(site, run)
    for line in found.values():
        page = secretary.get(f"/meetings/{line.meeting_id}")
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version
        secretary.post(f"/meetings/{line.meeting_id}/confirm", version=version[1])
    return found


def test_an_absence_marks_a_meeting_and_repair_moves_that_alone(site: Site) -> None:
    secretary = site.person("zhou")
    before = confirmed_month(site)
    sent = len(site.deliver())
    hit = before["锦和苑"]
    assert hit.start
    day = f"{hit.start.astimezone(clock('2026-12-01 00:00').tzinfo):%Y-%m-%d}"
    board = f"/months/2026-12?area={COMMUNITY}"
    assert "受影响" not in secretary.get(board)
    with site.database.writing() as db:
        manager = officer(db, "钱经理")
        send_away(db, manager, f"{day} 00:00", f"{day} 23:00", "住院")
    page = secretary.get(board)
    assert "受影响" in page
    assert "钱经理住院" in page
    assert "1 场会议受" in secretary.get(f"{PAGE}?area={COMMUNITY}")
    run = ask(site, secretary, COMMUNITY, f"{PAGE}/repair")
    moved = {name: line for name, line in lines(site, run).items() if line.start != line.stood}
    assert list(moved) == ["锦和苑"]
    page = secretary.get(run + "/take")
    assert "发给" in page
    assert "请电话告知：李微" in page
    assert "已调整 1 场会议" in secretary.post(run + "/take", every="1")
    letters = site.deliver()
    assert len(letters) > sent
    assert "受影响" not in secretary.get(board)
    with site.database.reading() as db:
        meeting = db.get_one(Meeting, hit.meeting_id)
        assert (meeting.start, meeting.sequence) == (moved["锦和苑"].start, 1)
    secretary.post(run + "/take", status=422, every="1")


@pytest.mark.one_engine
def test_a_lost_room_is_repaired_by_another_at_the_same_time(site: Site) -> None:
    secretary = site.person("zhou")
    before = confirmed_month(site)
    hit = before["锦和苑"]
    assert hit.start
    secretary.post("/planning/venues/510107001001", name="备用会议室", capacity="30")
    with site.database.writing() as db:
        db.add(
            VenueClosure(
                venue_id=hit.venue_id, start=hit.start, end=hit.start + timedelta(minutes=30), reason="漏水",
            )
        )  # fmt: skip
    assert "停用：漏水" in secretary.get(f"/months/2026-12?area={COMMUNITY}")
    run = ask(site, secretary, COMMUNITY, f"{PAGE}/repair")
    line = lines(site, run)["锦和苑"]
    assert line.start == hit.start
    assert line.venue_id != hit.venue_id
    assert "已调整 1 场会议" in secretary.post(run + "/take", every="1")
    with site.database.reading() as db:
        assert db.get_one(Meeting, hit.meeting_id).venue_id == line.venue_id


@pytest.mark.one_engine
def test_a_district_is_planned_above_and_taken_over_below(site: Site) -> None:
    chief, clerk = site.person("wu"), site.person("sun")
    run = ask(site, chief, DISTRICT)
    assert "江桥街道" in chief.get(f"{PAGE}?area={DISTRICT}")
    assert "棕树社区" in chief.get(run + "?view=left")
    assert "棕树社区" not in clerk.get(run + "?view=left")  # another street's
    assert "已排定 8 场" in clerk.post(run + "/take", every="1")
    with site.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Meeting)) == 8
    clerk.post(run + "/stop", status=403)
    site.person("lin").get(run)  # her community lies in it
    with site.database.writing() as db:
        outside = build.officer(db, "外书记", Role.SECRETARY, area(db, "510107002001"))
        add_account(db, None, outside.code, "wai", PASSWORD, at=site.at - timedelta(days=1))
    assert "新小区" not in site.person("wai").get(run + "?view=list")


@pytest.mark.one_engine
def test_owners_meetings_are_planned_along_and_never_clash_for_their_manager(site: Site) -> None:
    with site.database.writing() as db:
        street = area(db, STREET)
        db.add(AreaSettings(area_id=street.id, kind=Kind.OWNERS, scope=Scope.COMPOUND))
        manager = officer(db, "钱经理")
        # He has one working day and one hour after it.
        send_away(db, manager, "2026-12-01 00:00", "2026-12-08 14:00")
        send_away(db, manager, "2026-12-08 20:30", "2027-01-01 00:00")
    secretary = site.person("zhou")
    run = ask(site, secretary, COMMUNITY)
    found = lines(site, run)
    joint, owners = found["锦和苑"], found["锦和苑恳谈"]
    assert joint.start
    assert owners.start
    assert abs(joint.start - owners.start) >= timedelta(hours=1)
    assert "恳谈" in secretary.get(run)
    secretary.post(run + "/take", every="1")
    with site.database.reading() as db:
        titles = set(db.scalars(select(Meeting.title)))
    assert {"锦和苑2026年12月联席会议", "锦和苑2026年12月业主恳谈会"} <= titles


@pytest.mark.one_engine
def test_the_clock_of_old_runs(site: Site, at: datetime) -> None:
    run = ask(site, site.person("zhou"), COMMUNITY)
    assert plan_waiting(site.database, at + timedelta(days=99)) == 0
    assert plan_waiting(site.database, at + timedelta(days=101)) == 1
    assert lines(site, run) == {}
