"""A company's head office: sees its compounds' cases alone, is told of what comes up to it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.accounts.queries.sessions import actor_of
from govgrid.cases.actions.life import Note, steps_for, take_step
from govgrid.cases.actions.receiving import Received, receive
from govgrid.cases.chasing import call_for_cases
from govgrid.cases.imports import load
from govgrid.cases.models import Holder, Source, Step
from govgrid.cases.queries import case_seen
from govgrid.db import Database
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Officer
from govgrid.outbox.models import Letter
from tests import build
from tests.build import City
from tests.cases.sheets import case as row
from tests.cases.sheets import sheet
from tests.cases.site import routes, visited
from tests.web.accounts import account


@pytest.fixture
def head(database: Database, city: City, at: datetime) -> int:
    """Appoint somebody in the head office of the company of 锦和苑; lay three cases."""
    with database.writing() as db:
        officer = build.officer(db, "冯总部", email="feng@example.invalid")
        build.post(db, officer, Role.HEAD_OFFICE, city.district)
        officer.organization_id = db.get_one(Compound, city.compound.id).company_id
        rows = (
            row("G-1", "2026-11-23 08:00"),
            row("G-2", "2026-11-23 08:00", 小区编号="XQ-JQ12"),
            row("G-3", "2026-11-23 08:00", 小区编号="XQ-WJ"),
        )
        assert load(db, None, sheet(*rows), "a.csv", at=at).errors == []
        return account(db, officer, at).id


def acting(db: Session, number: int, at: datetime) -> Actor:
    found = actor_of(db, number, at)
    assert found is not None
    return found


def test_the_head_office_sees_and_handles_its_own_companys_cases(
    database: Database, city: City, head: int, at: datetime
) -> None:
    with database.writing() as db:
        actor = acting(db, head, at)
        assert [post.compound_id for post in actor.posts] == [city.compound.id]
        case = case_seen(db, actor, "G-1")
        assert Step.REPLY in steps_for(actor, case)
        assert Step.REOPEN not in steps_for(actor, case)
        for other in ("G-2", "G-3"):
            with pytest.raises(NotFound):
                case_seen(db, actor, other)
        take_step(db, actor, case, Step.REPLY, Note(at, "已联系项目"), at=at)
    listed = visited(database, at, actor, routes).get("/cases").text
    assert "G-1" in listed
    assert "G-2" not in listed
    with database.writing() as db:  # whoever leaves the company's service sees nothing
        db.get_one(Officer, actor.officer_id).organization_id = None
        db.flush()
        assert acting(db, head, at).posts == ()


def test_what_comes_up_reaches_it_by_letter(
    database: Database, city: City, head: int, at: datetime
) -> None:
    with database.writing() as db:
        secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        case = case_seen(db, secretary, "G-1")
        for level in ("需企业区域公司协调", "需总部协调"):
            take_step(db, secretary, case, Step.HAND_UP, Note(at, level), at=at)
            db.flush()
        street = db.get_one(Area, city.street.id)
        liaison = build.actor(db, city.liaison, Role.LIAISON, street)
        given = Received(Source.DIRECT, "停车", city.compound.code, at)
        direct = receive(db, liaison, given, at=at).case
        assert direct.company_level is Holder.COMPANY
        letters = db.scalars(select(Letter).order_by(Letter.id)).all()
        assert [one.to_name for one in letters] == ["冯总部"] * 3
        assert ["企业区域公司" in letters[0].plain, "企业总部" in letters[1].plain] == [True, True]
        assert direct.number in letters[2].plain
    call_for_cases(database, at + timedelta(minutes=62))
    with database.reading() as db:
        told = db.scalars(select(Letter).order_by(Letter.id).offset(3)).all()
        over = [one.to_name for one in told if "G-1" in one.title and "超时" in one.title]
        assert over == ["冯总部", "钱经理", "王网格"]
