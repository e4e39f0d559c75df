"""The room's entries: taken once, conflicts told, quorum, votes, clock; plain forms do the same."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from sqlalchemy import func, select

from govgrid import archive
from govgrid.db import Database
from govgrid.journal import Entry
from govgrid.meetings import links
from govgrid.meetings.models import (
    ActionItem,
    AgendaItem,
    Attachment,
    Attendee,
    CoOwner,
    ItemTime,
    Media,
    Minutes,
    Resolution,
    RoomEntry,
    Vote,
)
from govgrid.settings import BLOCK, Settings
from tests.build import clock
from tests.journeys.conftest import Person, Site
from tests.journeys.test_month import confirmed, hold, sign

pytestmark = pytest.mark.one_engine
BEGINS = clock("2026-12-08 09:00")


@pytest.fixture
def meeting(site: Site) -> str:
    found = confirmed(site)
    site.set_clock(BEGINS)
    return found


@pytest.fixture
def zhou(site: Site, meeting: str) -> Person:
    return site.person("zhou")


class Desk:
    """A clerk's page of one meeting: sends entries as the page does."""

    def __init__(self, site: Site, person: Person, meeting: str) -> None:
        self.site, self.person, self.path = site, person, f"/meetings/{meeting}/room"
        page = person.get(self.path)
        self.items = list(dict.fromkeys(re.findall(r"room/items/(\d+)/notes", page)))
        self.people = re.findall(r'data-attendee="(\d+)"', page)

    def send(self, *entries: dict[str, Any]) -> list[dict[str, Any]]:
        body = self.person.post(f"{self.path}/entries", entries=json.dumps(entries))
        results: list[dict[str, Any]] = json.loads(body)["results"]
        return results

    def entry(self, key: str, kind: str, **fields: Any) -> dict[str, Any]:
        written = (self.site.at - timedelta(minutes=30)).isoformat()
        return {"key": key.ljust(8, "-"), "kind": kind, "fields": fields, "written": written}

    def came(self, key: str, place: int, word: str, seen: str = "", **more: str) -> dict[str, Any]:
        return self.entry(
            key, "attendance", attendee=self.people[place], word=word, seen=seen, **more
        )

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.person.get(f"{self.path}/state.json"))
        return found


@pytest.fixture
def desk(site: Site, zhou: Person, meeting: str) -> Desk:
    return Desk(site, zhou, meeting)


def count(site: Site, table: type[Any]) -> int:
    with site.database.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_an_entry_sent_twice_is_taken_once(site: Site, desk: Desk) -> None:
    item = desk.items[0]
    entry = desk.entry("a", "resolve", item=item, text="换灯")
    first, again = desk.send(entry), desk.send(entry, entry)
    assert first[0]["status"] == "taken"
    assert [one["resolution"] for one in again] == [first[0]["resolution"]] * 2
    assert count(site, Resolution) == count(site, RoomEntry) == 1
    note = desk.entry("b", "notes", item=item, notes="听取汇报", version=1)
    assert [r["version"] for r in (*desk.send(note), *desk.send(note))] == [2, 2]


def test_a_text_written_meanwhile_is_told_whole(site: Site, desk: Desk) -> None:
    item, long = desk.items[0], "长" * 29_990
    desk.send(desk.entry("a", "notes", item=item, notes=f"{long}一", version=1))
    other = Desk(site, site.person("sun"), desk.path.split("/")[2])
    late: dict[str, Any] = other.entry("b", "notes", item=item, notes="我的", version=1)
    (told,) = other.send(late)
    assert told["status"] == "conflict"
    assert told["theirs"] == {
        "notes": f"{long}一", "version": 2, "by": "周书记", "at": "09:00",
    }  # fmt: skip
    (took,) = other.send({**late, "fields": {**late["fields"], "version": 2}})
    assert took == {"key": late["key"], "status": "taken", "version": 3}
    same = desk.entry("c", "notes", item=item, notes="我的", version=2)
    assert desk.send(same)[0]["status"] == "taken"  # both wrote the same
    with site.database.reading() as db:
        lines = db.scalars(
            select(Entry).where(Entry.verb == "write_notes").order_by(Entry.id)
        ).all()
        assert [(one.actor, one.detail["after"]) for one in lines] == [
            ("周书记", {"notes": f"{long}一"}), ("孙联络", {"notes": "我的"}),
        ]  # fmt: skip


def test_the_journal_keeps_what_changed_in_the_notes(site: Site, desk: Desk) -> None:
    item = desk.items[0]
    texts = ["甲方说明情况。", "甲方说明情况。乙方同意。", "甲方说明详细情况。乙方同意。"]
    for version, text in enumerate(texts, 1):
        desk.send(desk.entry(f"n{version}", "notes", item=item, notes=text, version=version))
    with site.database.reading() as db:
        last = db.scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()
        assert last.detail["before"] == {"notes": ""}
        assert last.detail["after"] == {"notes": "详细"}


def test_attendance_taken_by_somebody_else_is_not_overwritten(site: Site, desk: Desk) -> None:
    assert desk.send(desk.came("a", 0, "present"))[0]["status"] == "taken"
    (told,) = desk.send(desk.came("b", 0, "absent"))
    assert told["theirs"] == {"word": "present", "substitute": ""}
    assert desk.send(desk.came("c", 0, "absent", seen="present"))[0]["status"] == "taken"
    (refused,) = desk.send(desk.came("d", 1, "substitute"))
    assert "代会人姓名" in refused["why"]
    (refused,) = desk.send(desk.came("e", 1, "observer"))
    assert "不能登记为列席" in refused["why"]
    with site.database.writing() as db:
        optional = db.get_one(Attendee, int(desk.people[1]))
        optional.required = False
    desk.send(desk.came("f", 1, "observer"))
    assert desk.state()["attendance"][desk.people[1]] == ["observer", ""]
    desk.send(desk.came("g", 1, "present", seen="observer"))
    assert desk.state()["attendance"][desk.people[1]] == ["present", ""]


def test_a_bad_entry_holds_nothing_up(site: Site, desk: Desk, zhou: Person) -> None:
    item = desk.items[0]
    results = desk.send(
        desk.entry("a", "resolve", item=item, text=""),
        desk.entry("b", "dance"),
        desk.entry("c", "resolve", item="999999", text="x"),
        desk.entry("d", "assign", item=item, matter="x", owner="1", deadline="月底"),
        desk.entry("e", "resolve", item=item, text="换灯"),
    )
    assert [r["status"] for r in results] == ["refused"] * 4 + ["taken"]
    for wrong in ("no json", "{}", '[{"key":"x"}]', json.dumps([desk.entry("z", "notes")] * 51)):
        zhou.post(f"{desk.path}/entries", 422, entries=wrong)
    site.person("lin").post(f"{desk.path}/entries", 404, entries="[]")
    assert zhou.client.post(f"{desk.path}/entries", data={"entries": "[]"}).status_code == 403
    assert count(site, RoomEntry) == 1


def test_a_decision_without_a_quorum_is_marked(site: Site, desk: Desk, zhou: Person) -> None:
    item, path = desk.items[0], desk.path
    desk.send(desk.came("a", 0, "present"))
    desk.send(desk.entry("b", "resolve", item=item, text="换灯"))
    assert "未达法定人数" in zhou.get(f"{path}/items/{item}")
    desk.send(*(desk.came(f"c{n}", n, "present") for n in range(1, len(desk.people))))
    desk.send(desk.entry("d", "resolve", item=item, text="装栏杆"))
    for number in desk.items:
        desk.send(desk.entry(f"n{number}", "notes", item=number, notes="已通报", version=1))
    zhou.post(f"{path}/end")
    sign(site, path.split("/")[2])
    with site.database.reading() as db:
        assert db.scalars(select(Resolution.quorate).order_by(Resolution.id)).all() == [False, True]
    page = zhou.get(f"/meetings/{path.split('/')[2]}/minutes")
    assert "换灯（作出时到会未达法定人数）" in page
    assert "装栏杆（作出" not in page


def test_a_decision_without_a_quorum_may_be_blocked(
    site: Site, desk: Desk, settings: Settings
) -> None:
    for database in (site.house.database, site.database):
        assert isinstance(database, Database)
        database.settings = replace(database.settings, without_quorum=BLOCK)
    (told,) = desk.send(desk.entry("a", "resolve", item=desk.items[0], text="换灯"))
    assert "到会未达法定人数" in told["why"]
    assert count(site, Resolution) == 0


def test_votes_are_counted_and_stated(site: Site, desk: Desk, zhou: Person) -> None:
    item, path = desk.items[0], desk.path
    vote: dict[str, Any] = {
        "question": "更换电梯", "rule": "owners", "persons": "300", "area": "30000",
        "yes_persons": "180", "yes_area": "16000.5", "no_persons": "20", "no_area": "4000",
    }  # fmt: skip
    page = zhou.post(f"{path}/items/{item}/votes", **vote)
    assert "表决通过，已记录" in page
    assert "同意 180 人、16000.5 平方米" in page
    less = {**vote, "item": item, "yes_persons": "90", "yes_area": "9000"}
    (lost,) = desk.send(desk.entry("a", "vote", **less))
    with site.database.reading() as db:
        assert db.scalars(select(Vote.passed).order_by(Vote.id)).all() == [True, False]
    told = zhou.post(f"{path}/items/{item}/votes", 422, **{**vote, "no_persons": "500"})
    assert "超过了总人数" in told
    zhou.post(f"{path}/items/{item}/resolutions/{lost['resolution']}/remove")
    assert count(site, Vote) == 1


def test_the_clock_goes_by_the_clerks_own_time(site: Site, desk: Desk) -> None:
    first, second = desk.items[:2]

    def at(key: str, minutes: int, item: str, do: str) -> dict[str, Any]:
        written = (BEGINS + timedelta(minutes=minutes)).isoformat()
        return {**desk.entry(key, "clock", item=item, do=do), "written": written}

    site.set_clock(BEGINS + timedelta(minutes=50))
    desk.send(at("a", 0, first, "start"), at("b", 10, second, "start"), at("c", 25, second, "stop"))
    state = desk.state()
    assert state["running"] is None
    assert state["used"] == {first: 600, second: 900}
    desk.send(at("d", 500, first, "start"))  # a clock that runs ahead is brought back to ours
    assert desk.state()["running"] == int(first)
    assert count(site, ItemTime) == 3


def test_tasks_name_helpers_and_working_days(site: Site, desk: Desk, zhou: Person) -> None:
    item, path = desk.items[0], desk.path
    page = zhou.get(path)
    owners = re.findall(r'<option value="(\d+)"', page.split('name="owner"')[1])[:3]
    values = {"matter": "划线", "owner": owners[0], "beside": owners[:2], "co_owners": "市政所"}
    told = zhou.post(f"{path}/items/{item}/actions", deadline="5 个工作日", **values)
    assert "时限为 2026-12-15（工作日）" in told
    assert "（配合：" in told
    assert "市政所" in told
    zhou.post(f"{path}/items/{item}/actions", 422, deadline="2026-12-01", **values)
    zhou.post(
        f"{path}/items/{item}/actions", 422, deadline="2026-12-20", **{**values, "beside": ["999"]}
    )
    with site.database.reading() as db:
        task = db.scalars(select(ActionItem)).one()
        helpers = db.scalars(select(CoOwner.officer_id)).all()
        assert list(map(str, helpers)) == [owners[1]]  # the owner helps nobody
        assert task.co_owners
    zhou.post(f"{path}/actions/{task.id}/remove")
    assert count(site, ActionItem) == count(site, CoOwner) == 0


def test_guests_stand_in_the_minutes_which_a_private_link_shows(
    site: Site, desk: Desk, zhou: Person, meeting: str
) -> None:
    expert = {"name": "何专家", "affiliation": "市电梯协会", "duty": "工程师"}
    again = desk.entry("b", "guest", **expert)
    taken = desk.send(desk.entry("a", "guest", **expert), again, desk.entry("c", "guest", name=""))
    assert [one["status"] for one in taken] == ["taken", "refused", "refused"]
    zhou.post(f"{desk.path}/guests", name="李居民", affiliation="居民代表")
    (first, second) = desk.state()["guests"]
    assert {"何专家", "市电梯协会工程师"} <= set(
        re.findall(r"\w+", zhou.get(f"{desk.path}/items/guests"))
    )
    zhou.post(f"{desk.path}/guests/{first}/remove")
    assert desk.state()["guests"] == [second]
    with site.database.writing() as db:
        data = b"%PDF-1.7 a plan"
        kept = archive.keep(site.settings.archive, data)
        db.add(
            Attachment(
                meeting_id=int(meeting), agenda_item_id=int(desk.items[0]), name="方案.pdf",
                media=Media.PDF, size=len(data), sha256=kept, added_at=site.at, added_by="周书记",
            )
        )  # fmt: skip
        nonce = db.scalars(select(Attendee.nonce).where(Attendee.id == int(desk.people[0]))).one()
    link = f"/r/{links.token(site.settings.secret, nonce)}"
    site.set_clock(clock("2026-12-08 10:05"))
    hold(site, meeting)
    assert "查看纪要" not in site.person().get(link)
    sign(site, meeting)
    assert desk.send(desk.entry("d", "guest", name="再来"))[0]["status"] == "refused"
    with site.database.reading() as db:
        record = db.scalars(select(Minutes.record)).one() or {}
    assert record["guests"] == [{"name": "李居民", "affiliation": "居民代表", "duty": ""}]
    assert record["files"] == [
        {"item": record["agenda"][0]["title"], "name": "方案.pdf", "media": "pdf",  # type: ignore[index]
         "size": len(data), "sha256": kept}
    ]  # fmt: skip
    stranger = site.person()
    assert "查看纪要（PDF）" in stranger.get(link)
    with pikepdf.open(BytesIO(stranger.client.get(f"{link}/minutes.pdf").content)) as paper:
        assert paper.attachments["attachment-01.pdf"].get_file().read_bytes() == data


def test_what_is_signed_takes_no_entry(site: Site, desk: Desk, meeting: str) -> None:
    site.set_clock(clock("2026-12-08 10:05"))
    hold(site, meeting)
    sign(site, meeting)
    with site.database.reading() as db:
        version = db.get_one(AgendaItem, int(desk.items[0])).notes_version
    entries = (
        desk.entry("a", "notes", item=desk.items[0], notes="改", version=version),
        desk.entry("b", "resolve", item=desk.items[0], text="再议"),
        desk.came("c", 0, "absent", seen="present"),
        desk.entry("d", "clock", item=desk.items[0], do="start"),
    )
    assert {r["status"] for r in desk.send(*entries)} == {"refused"}
    assert count(site, RoomEntry) == 0


def test_two_hundred_items_stay_usable(site: Site, desk: Desk, zhou: Person, meeting: str) -> None:
    with site.database.writing() as db:
        db.add_all(
            AgendaItem(
                meeting_id=int(meeting), position=n, kind="proposal", title=f"议题{n}",
                notes="长" * 30_000 if n == 10 else "",
            )
            for n in range(10, 210)
        )  # fmt: skip
    page = zhou.get(desk.path)
    assert page.count("data-notes") > 200
    assert len(page.encode()) < 1_500_000
