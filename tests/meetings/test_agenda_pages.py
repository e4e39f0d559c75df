"""Pages of agendas: the secretary's choice, proposals and files through the link, long agendas."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from govgrid.cases.models import Case, Source
from govgrid.grid.models import Compound
from govgrid.meetings import links
from govgrid.meetings.models import (
    AgendaCase,
    AgendaItem,
    AgendaKind,
    AgendaPoint,
    Attendee,
    Proposal,
    Unit,
)
from govgrid.outbox.models import Letter
from tests.journeys.conftest import Person, Site, site
from tests.journeys.test_month import confirmed
from tests.meetings.test_settings import save

__all__ = ["site"]

pytestmark = pytest.mark.one_engine
PDF = b"%PDF-1.4 a plan"


def link_of(site: Site, name: str = "王网格") -> str:
    with site.database.reading() as db:
        found = select(Attendee).join(Attendee.officer).where(Attendee.officer.has(name=name))
        nonce = db.scalars(found).one().nonce
    return f"/r/{links.token(site.settings.secret, nonce)}"


def add_cases(site: Site, count: int) -> None:
    with site.database.writing() as db:
        home = db.scalars(select(Compound).where(Compound.code == "XQ-JH")).one()
        for n in range(count):
            received = site.at - timedelta(hours=100 + n)
            db.add(
                Case(
                    number=f"GD-{n:03}", source=Source.HOTLINE, category="停车",
                    compound_id=home.id, received_at=received,
                    reply_due=received + timedelta(hours=2),
                    close_due=received + timedelta(hours=48),
                )
            )  # fmt: skip


def item_of(site: Site, kind: AgendaKind) -> int:
    with site.database.reading() as db:
        return db.scalars(select(AgendaItem.id).where(AgendaItem.kind == kind)).one()


def chosen(site: Site) -> int:
    with site.database.reading() as db:
        return len(db.scalars(select(AgendaCase.id)).all())


def test_the_secretary_chooses_page_by_page(site: Site) -> None:
    meeting = confirmed(site)
    add_cases(site, 60)
    secretary, path = site.person("zhou"), f"/meetings/{meeting}/agenda/hear"
    page = secretary.get(path)
    assert "诉求（60）" in page
    assert "逾期未办结，已超 4 天 15 小时" in re.sub(r"\s+", " ", page)
    assert "至今未响应" in page
    assert "未公示：晒服务、晒收支" in page
    offered = re.findall(r'name="offered" value="(\d+)"', page)
    assert len(offered) == 50
    page = secretary.post(path, cases=offered[:3], offered=offered, compounds=["1"])
    assert "听取内容已更新" in page
    assert "已选 3 件" in page
    second = re.findall(r'name="offered" value="(\d+)"', secretary.get(f"{path}?page=2"))
    assert len(second) == 10
    secretary.post(f"{path}?page=2", cases=second[:1], offered=second, compounds=["1"])
    assert chosen(site) == 4
    secretary.post(path, offered=offered)
    assert chosen(site) == 1
    with site.database.reading() as db:
        assert db.scalars(select(AgendaPoint.id)).all() == []
    secretary.post(path, status=422, cases=["999999"], offered=offered)
    secretary.get(f"/meetings/{meeting}/material")
    site.person("lin").get(path, status=404)
    site.person("wang").get(path, status=404)
    leader = site.person("wang").get(f"/meetings/{meeting}/material")
    assert f"GD-{0:03}" not in leader
    assert any(word in leader for word in ("较上月", "与上月持平", "上月无可比数"))


def test_a_proposal_is_answered_on_the_link(site: Site) -> None:
    meeting = confirmed(site)
    stranger, link = site.person(), link_of(site)
    assert "提议议题" in stranger.get(link)
    assert "已收到您的提议" in stranger.post(f"{link}/proposals", text="<b>增设</b>充电桩")
    stranger.post(f"{link}/proposals", status=409, text="<b>增设</b>充电桩")
    stranger.post(f"{link}/proposals", text="加装门禁")
    stranger.post(f"{link}/proposals", status=422, text="长" * 1001)
    stranger.post(f"{link}/proposals", status=422, text=" ")
    secretary = site.person("zhou")
    assert "提议待处理 2" in secretary.get(f"/meetings/{meeting}")
    page = secretary.get(f"/meetings/{meeting}/agenda")
    assert "&lt;b&gt;增设" in page
    assert "<b>增设" not in page
    with site.database.reading() as db:
        first, second = db.scalars(select(Proposal.id).order_by(Proposal.id)).all()
    path = f"/meetings/{meeting}/proposals"
    form: dict[str, Any] = {"do": "take", "title": "增设充电桩", "allotted": "5", "version": "1"}
    assert "提议已列入议程" in secretary.post(f"{path}/{first}", **form)
    secretary.post(f"{path}/{first}", status=409, **form)
    secretary.post(f"{path}/{second}", status=422, do="decline", version="1")
    secretary.post(f"{path}/{second}", do="decline", reason="已在物业计划内", version="1")
    page = stranger.get(link)
    assert "已列入议程" in page
    assert "原因：已在物业计划内" in page
    assert "通知后新增" in page
    assert page.index("通报居民诉求") < page.index("增设充电桩")
    assert "已在物业计划内" not in stranger.get(link_of(site, "张警官"))
    tell = f'action="/meetings/{meeting}/resend"'
    assert tell in secretary.get(f"/meetings/{meeting}/agenda")
    secretary.post(f"/meetings/{meeting}/resend")
    assert tell not in secretary.get(f"/meetings/{meeting}/agenda"), "everybody has been told"
    with site.database.reading() as db:
        sent = db.scalars(select(Letter).order_by(Letter.id.desc()).limit(1)).one()
        assert "增设充电桩（" in sent.plain
    with site.database.reading() as db:
        item = db.scalars(select(AgendaItem).where(AgendaItem.kind == AgendaKind.PROPOSAL)).one()
        assert item.brief.startswith("王网格提议：")
        number = item.id
    secretary.post(f"/meetings/{meeting}/agenda/{number}", do="remove")
    assert "待处理" in stranger.get(link)  # not dropped in silence
    for n in range(3):
        stranger.post(f"{link}/proposals", text=f"提议{n}")
    assert "最多提 5 条" in stranger.post(f"{link}/proposals", status=409, text="再一条")
    for _ in range(20):
        answer = stranger.client.post(f"{link}/proposals", data={"csrf": stranger.token})
    assert answer.status_code == 429


def send(person: Person, path: str, name: str, data: bytes) -> int:
    answer = person.client.post(
        path, data={"csrf": person.token}, files={"file": (name, data)}, follow_redirects=False
    )
    return answer.status_code


def test_files_are_seen_by_whoever_is_due_and_nobody_else(site: Site) -> None:
    meeting = confirmed(site)
    secretary, item = site.person("zhou"), item_of(site, AgendaKind.CASE)
    path = f"/meetings/{meeting}/agenda/{item}/attachments"
    assert send(secretary, path, "方案.pdf", PDF) == 303
    assert send(secretary, path, "大图.pdf", PDF + b"x" * 3_000_000) == 303
    assert send(secretary, path, "过大.pdf", PDF + b"x" * 12_000_000) == 413
    assert send(secretary, path, "方案.html", b"<html>") == 422
    assert send(site.person("wang"), path, "方案.pdf", PDF) == 404
    page = site.person().get(link_of(site))
    found = re.search(r'href="(/r/[^"]+/attachments/(\d+))"', page)
    assert found
    answer = site.person().client.get(found[1])
    assert (answer.content, answer.headers["content-type"]) == (PDF, "application/pdf")
    assert answer.headers["x-content-type-options"] == "nosniff"
    own = f"/meetings/{meeting}/attachments/{found[2]}"
    assert site.person("wang").client.get(own).content == PDF
    site.person("lin").get(own, status=404)
    assert "通知后有修改" in page
    secretary.post(f"{own}/remove")
    assert site.person().client.get(found[1]).status_code == 404


def test_a_long_agenda_pages_and_moves(site: Site) -> None:
    meeting = confirmed(site)
    with site.database.writing() as db:
        for n in range(200):
            db.add(
                AgendaItem(
                    meeting_id=int(meeting), position=n + 4, kind=AgendaKind.PROPOSAL,
                    title=f"议题{n:03}", allotted=1,
                )
            )  # fmt: skip
    secretary, path = site.person("zhou"), f"/meetings/{meeting}/agenda"
    asked = 0

    def note(*_args: Any) -> None:
        nonlocal asked
        asked += 1

    event.listen(site.house.database.engine, "before_cursor_execute", note)
    page = secretary.get(path)
    event.remove(site.house.database.engine, "before_cursor_execute", note)
    assert asked < 30
    assert "203 项议题" in page
    assert "超出 185 分钟" in page
    assert page.count('class="grip"') == 50
    last = re.findall(r'id="item-(\d+)"', secretary.get(f"{path}?page=5"))[-1]
    page = secretary.post(f"{path}/{last}/place", to="2")
    assert "“议题199”现为第 2 项" in page
    assert re.findall(r'id="item-(\d+)"', page)[1] == last
    secretary.post(f"{path}/{last}/place", status=422, to="x")
    for page in ("", "/material"):
        secretary.get(f"/meetings/{meeting}{page}")


def test_templates_are_set_for_a_community_and_one_unit(site: Site) -> None:
    secretary = site.person("zhou")
    with site.database.reading() as db:
        number = db.scalars(select(Unit.id).where(Unit.compound_id.is_not(None))).one()
    community, unit = "/planning/settings/510107001001/agenda", f"/units/{number}/agenda"
    rows: dict[str, Any] = {
        "own": "1", "place": ["2", "1", "3", "4"],
        "kind": ["requirement", "case", "showcase", "proposal"],
        "title": ["街道要求", "逐件过诉求", "双晒", ""], "minutes": ["5", "30", "10", ""],
    }  # fmt: skip
    page = save(secretary, community, joint="joint", **rows)
    assert page.index("逐件过诉求") < page.index("街道要求")
    assert "来自：锦江社区" in secretary.get(unit)
    save(secretary, unit, status=422, **{**rows, "minutes": ["5", "90", "10", ""]})
    save(secretary, unit, **{**rows, "title": ["本院要求", "诉求", "双晒", ""]})
    assert "来自：锦和苑" in secretary.get(unit)
    save(secretary, f"/units/{number}/settings", minutes_long="90")  # leaves the agenda alone
    assert "本院要求" in secretary.get(unit)
    save(secretary, unit, own="")
    assert "逐件过诉求" in secretary.get(unit)
    site.person("lin").get(unit, status=404)
    site.person("wang").get(community, status=404)
