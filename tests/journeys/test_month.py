"""A month of 锦和苑: planned, invited, answered, held, signed, printed."""

import re
from email import message_from_bytes, policy
from io import BytesIO
from typing import Any

import icalendar
import pikepdf

from tests.build import clock
from tests.journeys.conftest import Site

SLOT = "2026-12-08T09:00:00+08:00"


def _number(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]


def plan(site: Site) -> str:
    secretary = site.person("zhou")
    board = secretary.get("/months/2026-12")
    assert "未排定" in board
    unit = re.findall(r"/units/(\d+)/schedule/2026-12", board)[-1]  # the compound's
    room = _number(secretary.get(f"/units/{unit}/schedule/2026-12"), r'<option value="(\d+)"')
    page = secretary.post(f"/units/{unit}/schedule/2026-12", start=SLOT, venue=room)
    assert "通报居民诉求办理情况" in page
    return _number(page, r"/meetings/(\d+)/confirm")


def confirm(site: Site, meeting: str) -> None:
    secretary = site.person("zhou")
    version = _number(secretary.get(f"/meetings/{meeting}"), r'name="version" value="(\d+)"')
    assert "已发通知" in secretary.post(f"/meetings/{meeting}/confirm", version=version)


def planned(site: Site) -> str:
    """Return a meeting's number; nothing else has happened."""
    return site.again("planned", plan)


def confirmed(site: Site) -> str:
    """Return the number of a meeting whose letters wait to leave; nothing else has happened."""

    def make(site: Site) -> str:
        meeting = plan(site)
        confirm(site, meeting)
        return meeting

    return site.again("confirmed", make)


def test_a_month_from_plan_to_paper(site: Site) -> None:
    meeting = plan(site)
    confirm(site, meeting)
    letters = [message_from_bytes(p.read_bytes(), policy=policy.default) for p in site.deliver()]
    assert len(letters) == len({m["To"] for m in letters}) >= 4
    letter = next(m for m in letters if "wang@example.cn" in m["To"])
    part = next(p for p in letter.walk() if p.get_content_type() == "text/calendar")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    event = icalendar.Calendar.from_ical(payload).walk("VEVENT")[0]
    assert event.decoded("DTSTART") == clock("2026-12-08 09:00")
    plain = letter.get_body(("plain",))
    assert plain
    token = _number(plain.get_content(), r"/r/(\S+)")

    leader = site.person()
    assert "锦江社区会议室" in leader.get(f"/r/{token}")
    assert "已收到" in leader.post(f"/r/{token}", reply="accepted")
    secretary = site.person("zhou")
    # The leader, and the convenor who called the meeting.
    assert "参加 2" in secretary.get("/months/2026-12")

    site.set_clock(clock("2026-12-08 08:55"))
    hold(site, meeting)
    code = _number(sign(site, meeting), r"核验码 (\w+)")
    assert "已签发" in site.person().get(f"/v/{code}")

    clerk = site.person("sun")
    assert "锦和苑" in clerk.get("/print/2026-12")
    answer = clerk.client.get(f"/print/2026-12/minutes.pdf?meeting={meeting}")
    with pikepdf.open(BytesIO(answer.content)) as pdf, pdf.open_outline() as outline:
        assert [entry.title for entry in outline.root]


def hold(site: Site, meeting: str) -> None:
    secretary = site.person("zhou")
    room = secretary.get(f"/meetings/{meeting}/room")
    attendees: dict[str, Any] = dict.fromkeys(re.findall(r'name="(came-\d+)"', room), "present")
    secretary.post(f"/meetings/{meeting}/room/attendance", **attendees)
    for item in dict.fromkeys(re.findall(r"room/items/(\d+)/notes", room)):
        path = f"/meetings/{meeting}/room/items/{item}"
        version = _number(room, rf'value="(\d+)"\s+id="version-{item}"')
        secretary.post(f"{path}/notes", notes="会议听取了情况通报。", version=version)
        secretary.post(f"{path}/resolutions", text="由物业项目部于月底前完成整改。")
    owner = _number(room, r'name="owner"[\s\S]*?<option value="(\d+)"')
    secretary.post(f"{path}/actions", matter="更换楼道照明", owner=owner, deadline="2026-12-20")
    assert "纪要草稿" in secretary.post(f"/meetings/{meeting}/room/end")


def approve(site: Site, meeting: str) -> None:
    """Let the street approve; the convenor did by handing in."""
    clerk = site.person("sun")
    page = clerk.get(f"/meetings/{meeting}/minutes")
    version = _number(page, r'minutes/approve[\s\S]*?name="version" value="(\d+)"')
    clerk.post(f"/meetings/{meeting}/minutes/approve", version=version, reviewer="street")


def sign(site: Site, meeting: str) -> str:
    secretary = site.person("zhou")
    page = secretary.get(f"/meetings/{meeting}/minutes")
    version = _number(page, r'name="version" value="(\d+)"')
    secretary.post(f"/meetings/{meeting}/minutes/submit", version=version)
    approve(site, meeting)
    page = secretary.get(f"/meetings/{meeting}/minutes")
    version = _number(page, r'minutes/sign[\s\S]*?name="version" value="(\d+)"')
    return secretary.post(f"/meetings/{meeting}/minutes/sign", version=version)


def test_what_is_signed_cannot_be_edited_and_strangers_see_nothing(site: Site) -> None:
    meeting = confirmed(site)
    site.person("lin").get(f"/meetings/{meeting}", status=404)
    answer = site.person().client.get(f"/meetings/{meeting}", follow_redirects=False)
    assert answer.headers["location"].startswith("/sign-in")
    site.set_clock(clock("2026-12-08 10:05"))
    hold(site, meeting)
    secretary = site.person("zhou")
    item = _number(secretary.get(f"/meetings/{meeting}/room"), r"room/items/(\d+)/notes")
    sign(site, meeting)
    assert "保存记录" not in secretary.get(f"/meetings/{meeting}/room")
    said = secretary.post(
        f"/meetings/{meeting}/room/items/{item}/notes", status=409, notes="改写", version="1"
    )
    assert "不能再修改" in said


def test_bad_input_is_told_and_changes_nothing(site: Site) -> None:
    secretary = site.person("zhou")
    secretary.get("/months/2026-13", status=422)
    meeting = plan(site)
    unit = _number(secretary.get("/months/2026-12"), r"/units/(\d+)/schedule/2026-12")
    room = _number(secretary.get(f"/units/{unit}/schedule/2026-12"), r'<option value="(\d+)"')
    path = f"/units/{unit}/schedule/2026-12"
    assert "占用" in secretary.post(path, status=409, start=SLOT, venue=room)
    assert "休息日" in secretary.post(
        path, status=422, start="2026-12-12T09:00:00+08:00", venue=room
    )
    secretary.post(f"/meetings/{meeting}/confirm", status=409, version="99")
    site.person().get("/r/no-such-link", status=404)
    assert not site.deliver()
