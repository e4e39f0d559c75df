"""What a chat group hears of a meeting through its bot, and how the bot is kept."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import selectinload

from govgrid.db import Database
from govgrid.grid.models import Area
from govgrid.journal.models import Entry
from govgrid.meetings.actions.minutes import sign
from govgrid.meetings.chasing import call_to_mind
from govgrid.meetings.models import Minutes
from govgrid.meetings.queries.seen import load_meeting
from govgrid.meetings.rules.groups import GAP, slot
from govgrid.outbox import bots
from govgrid.outbox.actions import SUPERSEDED, deliver
from govgrid.outbox.models import Bot, Letter
from tests.build import clock
from tests.journeys.conftest import Site, site
from tests.meetings.test_letters_sent import MINUTE, Office
from tests.meetings.test_reminders import START, held, propose
from tests.outbox.chat import JSON, Chat, chatting

__all__ = ["site"]
COMMUNITY = "/planning/settings/510107001001"
KEY = "693a91f6-7a0c-4bc4-97a0-0ec2sifa5aaa"


@pytest.fixture
def chat() -> Iterator[Chat]:
    with chatting() as serving:
        yield serving


class Group(Office):
    """The secretary's desk, with the street's bot in a chat."""

    def __init__(self, database: Database, at: datetime, chat: Chat) -> None:
        super().__init__(database, at)
        self.chat = chat
        with database.writing() as db:
            street = db.scalars(select(Area).where(Area.code == "510107001")).one()
            self.bot = bots.name(street.id)
            db.add(Bot(name=self.bot, address=chat.address, set_by="孙联络", set_at=at))

    def heard(self, later: timedelta = timedelta()) -> list[str]:
        """Let the time pass, and return what the group heard since the last call."""
        self.at += later
        call_to_mind(self.database, self.at)
        before = len(self.chat.texts)
        while deliver(self.database, self.at, schemas=JSON):
            pass
        return self.chat.texts[before:]


@pytest.fixture
def group(database: Database, at: datetime, chat: Chat) -> Group:
    return Group(database, at, chat)


@pytest.mark.one_engine
def test_the_group_hears_of_a_meeting_and_of_no_person(group: Group) -> None:
    group.do(propose)
    group.confirm()
    (said,) = group.heard()
    assert said.splitlines() == [
        "会议通知：2026-12-08 09:30 联席会议", "时间：2026年12月8日 周二 09:30—10:30",
        "地点：锦江社区会议室",
    ]  # fmt: skip
    group.move("2026-12-08 10:30", room=1)
    assert group.heard() == []
    (said,) = group.heard(10 * MINUTE)
    assert said.startswith("会议变更通知：")
    assert "10:30—11:30" in said
    assert "二号会议室" in said
    assert group.heard(clock("2026-12-07 10:29") - group.at) == []
    assert [s.partition("：")[0] for s in group.heard(MINUTE)] == ["会议提醒"]
    assert group.heard(MINUTE) == []
    group.do(held)
    with group.database.writing() as db:
        minutes = db.scalars(select(Minutes).options(selectinload(Minutes.approvals))).one()
        sign(db, group.actor, load_meeting(db, group.number), minutes, at=clock("2026-12-09 09:00"))
    assert [s.partition("：")[0] for s in group.heard(clock("2026-12-09 09:00") - group.at)] == [
        "会议纪要已签发"
    ]
    everything = "".join(group.chat.texts)
    assert all(
        name not in everything for name in ("周书记", "王网格", "张警官", "钱经理", "联系施工")
    )


@pytest.mark.one_engine
def test_what_fails_is_tried_again_and_what_is_gone_is_given_up(group: Group) -> None:
    group.chat.status = 503
    group.confirm()
    assert group.heard() == []
    group.chat.status = 200
    assert len(group.heard(MINUTE)) == 1
    group.cancel()
    group.do(lambda db, _m: db.delete(db.get(Bot, group.bot)))
    assert group.heard(MINUTE) == []
    with group.database.reading() as db:
        last = db.scalars(select(Letter).where(Letter.to_address == group.bot)).all()[-1]
        assert (last.dead_at, last.answer) == (group.at, "no such bot")


@pytest.mark.one_engine
def test_a_meeting_the_group_never_heard_of_is_not_called_off(group: Group) -> None:
    group.confirm()
    group.cancel()
    assert group.heard(MINUTE) == []


def test_texts_to_one_bot_keep_a_gap() -> None:
    taken: list[datetime] = [START + 10 * MINUTE]
    for number in range(20):
        taken.append(slot(taken, START))
        assert taken[-1] == START + number * GAP
    assert slot(taken, START + 10 * MINUTE) == START + 10 * MINUTE + GAP


@pytest.mark.one_engine
def test_the_bots_address_is_a_secret(site: Site) -> None:
    secretary = site.person("zhou")
    assert "企业微信" in secretary.post(COMMUNITY + "/bot", status=422, address="json://10.0.0.1")
    secretary.post(COMMUNITY + "/bot/test", status=409)
    address = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
    page = secretary.post(COMMUNITY + "/bot", address=address)
    assert f"wecombot://****{KEY[-4:]}" in page
    assert KEY not in page
    assert "等待发送" in secretary.post(COMMUNITY + "/bot/test")
    with site.database.reading() as db:
        assert db.scalars(select(Bot)).one().address == f"wecombot://{KEY}"
        rows: list[Any] = [
            *db.scalars(text("SELECT address FROM bots")), *db.scalars(select(Entry.detail)),
        ]  # fmt: skip
        said = db.scalars(select(Letter).where(Letter.to_address.startswith("bot:"))).one()
    assert KEY not in str(rows)
    assert KEY not in str(vars(said))
    assert "****" not in secretary.post(COMMUNITY + "/bot/remove")
    with site.database.reading() as db:
        assert db.scalars(select(Letter.answer).where(Letter.key == said.key)).one() == SUPERSEDED
