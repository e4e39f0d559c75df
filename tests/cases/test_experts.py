"""Expert groups: kept by who supervises, called in by who handles, heard in the case's history."""

from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.cases.actions.experts import (
    add_group,
    add_member,
    advise,
    call_experts,
    close_group,
    remove_member,
)
from govgrid.cases.imports import load
from govgrid.cases.models import CaseEvent, ExpertGroup, Step
from govgrid.cases.queries import case_seen
from govgrid.cases.queries.experts import group_seen
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound
from govgrid.grid.models import Area, Officer
from govgrid.outbox.models import Letter
from tests import build
from tests.build import City
from tests.cases.sheets import case as row
from tests.cases.sheets import sheet
from tests.cases.site import routes, visited


def housing_of(db: Session, city: City) -> Actor:
    return build.actor(db, city.housing, Role.HOUSING_OFFICER, db.get_one(Area, city.district.id))


def secretary_of(db: Session, city: City) -> Actor:
    return build.actor(db, city.secretary, Role.SECRETARY, city.community)


@pytest.fixture
def expert(database: Database, city: City, at: datetime) -> Officer:
    """Found a group with an officer of the other street and somebody from outside; lay two cases."""
    with database.writing() as db:
        officer = build.officer(
            db, "韩电梯", Role.LIAISON, city.next_street, email="han@example.invalid"
        )
        housing = housing_of(db, city)
        add_group(db, housing, db.get_one(Area, city.district.id), "电梯专家组", "电梯")
        group = group_seen(db, housing, db.scalars(select(ExpertGroup.id)).one())
        add_member(db, housing, group, officer.code, None)
        add_member(db, housing, group, None, "市特检院检验师")
        rows = (row("G-1", "2026-11-20 09:30"), row("G-2", "2026-11-20 09:30"))
        load(db, None, sheet(*rows), "cases.csv", at=at)
        db.flush()
        db.expunge_all()
    return officer


def group_id(db: Session) -> int:
    return db.scalars(select(ExpertGroup.id)).one()


def test_a_group_is_called_in_and_its_advice_stays_on_the_case(
    database: Database, city: City, expert: Officer, at: datetime
) -> None:
    with database.writing() as db:
        secretary = secretary_of(db, city)
        member = build.actor(db, expert, Role.LIAISON, db.get_one(Area, city.next_street.id))
        case = case_seen(db, secretary, "G-1")
        with pytest.raises(NotFound):
            case_seen(db, member, "G-1")
        with pytest.raises(NotFound):
            advise(db, secretary, case, group_id(db), "韩电梯", "更换曳引机", at=at)
        asked = "曳引机反复停梯，业主王女士10012345678"
        assert call_experts(db, secretary, case, group_id(db), asked, at=at) == 1
        db.flush()
        with pytest.raises(Conflict):
            call_experts(db, secretary, case, group_id(db), "再问", at=at)
        seen = case_seen(db, member, "G-1")
        with pytest.raises(NotFound):
            case_seen(db, member, "G-2")
        with pytest.raises(Invalid):
            advise(db, member, seen, group_id(db), "市特检院检验师", "冒名", at=at)
        advise(db, member, seen, group_id(db), "韩电梯", "更换曳引机制动器", at=at)
        advise(db, secretary, case, group_id(db), "市特检院检验师", "先做载荷试验", at=at)
        police = build.actor(db, city.police, Role.POLICE, city.community)
        with pytest.raises(Forbidden):
            advise(db, police, case, group_id(db), "韩电梯", "不该", at=at)
        db.flush()
        kept = db.scalars(select(CaseEvent).order_by(CaseEvent.id)).all()
        assert [(e.step, e.said_by, e.by_name) for e in kept] == [
            (Step.CALL_EXPERTS, None, "周书记"), (Step.ADVISE, "韩电梯", "韩电梯"),
            (Step.ADVISE, "市特检院检验师", "周书记"),
        ]  # fmt: skip
        assert "制动器" not in str(db.execute(text("SELECT text FROM case_events")).all())
    with database.reading() as db:
        letter = db.scalars(select(Letter)).one()
        assert letter.to_name == "韩电梯"
        assert "曳引机反复停梯" in letter.plain
        assert "10012345678" not in letter.plain
    for who in (secretary, member):
        shown = visited(database, at, who, routes).get("/cases/G-1").text
        assert "先做载荷试验" in shown
        assert "意见人：韩电梯" in shown


@pytest.mark.one_engine
def test_groups_are_kept_where_one_supervises(
    database: Database, city: City, expert: Officer, at: datetime
) -> None:
    with database.writing() as db:
        housing = housing_of(db, city)
        district = db.get_one(Area, city.district.id)
        group = group_seen(db, housing, group_id(db))
        with pytest.raises(Conflict):
            add_group(db, housing, district, "电梯专家组", "电梯")
        with pytest.raises(Conflict):
            add_member(db, housing, group, expert.code, None)
        for code, title in ((None, None), ("RY1", "谁"), ("RY-NONE", None)):
            with pytest.raises(Invalid):
                add_member(db, housing, group, code, title)
        liaison = build.actor(db, city.liaison, Role.LIAISON, db.get_one(Area, city.street.id))
        with pytest.raises(NotFound):
            group_seen(db, liaison, group.id)
        with pytest.raises(Forbidden):
            add_group(db, liaison, district, "外墙专家组", "外墙")
        remove_member(db, housing, group, group.members[0].id)
        with pytest.raises(NotFound):
            remove_member(db, housing, group, 999)
        close_group(db, housing, group, at=at)
        db.flush()
        case = case_seen(db, secretary_of(db, city), "G-1")
        with pytest.raises(NotFound):
            call_experts(db, secretary_of(db, city), case, group.id, "问", at=at)
    page = visited(database, at, housing, routes).get("/rates/experts").text
    assert "已停用" in page
