"""Supervision: proposed by rule, decided by a person, heard at the next meeting."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.cases.actions.supervision import decide, propose, set_threshold
from govgrid.cases.imports import load
from govgrid.cases.models import Sanction, SupervisionStep, Verdict
from govgrid.cases.queries import supervision_for_unit
from govgrid.cases.queries.supervision import bar_of, step_seen
from govgrid.cases.rules import Bar
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound
from govgrid.grid.models import Area
from govgrid.journal import Entry
from tests import build
from tests.build import City
from tests.cases.sheets import case as row
from tests.cases.sheets import sheet

OCTOBER = date(2026, 10, 1)


def laid(db: Session, city: City, at: datetime) -> tuple[Area, Actor]:
    """Lay ten unanswered cases of October; return the street and its liaison."""
    rows = [row(f"S{n}", f"2026-10-{n + 10} 10:00") for n in range(10)]
    assert load(db, None, sheet(*rows), "cases.csv", at=at).errors == []
    street = db.get_one(Area, city.street.id)
    officer = build.officer(db, "孙联络", Role.LIAISON, street)
    return street, build.actor(db, officer, Role.LIAISON, street)


def test_a_step_is_proposed_once_decided_once_and_heard(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        street, liaison = laid(db, city, at)
        (step,) = propose(db, liaison, street, OCTOBER, at=at)
        assert propose(db, liaison, street, OCTOBER, at=at) == []
        assert (step.kind, step.stage) == (Sanction.CIRCULAR, Verdict.PROPOSED)
        community = city.community.id
        heard = supervision_for_unit(db, community, None, at - timedelta(days=1), at + timedelta(1))
        assert heard == []
        found = step_seen(db, liaison, step.id)
        with pytest.raises(Invalid):
            decide(db, liaison, found, Verdict.REJECTED, "", at=at)
        decide(db, liaison, found, Verdict.CONFIRMED, "", at=at)
        with pytest.raises(Conflict):
            decide(db, liaison, found, Verdict.REJECTED, "再议", at=at)
        db.flush()
        heard = supervision_for_unit(db, community, None, at - timedelta(days=1), at + timedelta(1))
        assert heard == [found]
        far = city.far_community.id
        assert supervision_for_unit(db, far, None, at - timedelta(days=1), at + timedelta(1)) == []
    with database.reading() as db:
        verbs = list(db.scalars(select(Entry.verb).order_by(Entry.id.desc()).limit(2)))
        assert verbs == ["decide_supervision", "propose_supervision"]


def test_a_month_that_is_not_over_and_strangers_are_refused(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        street, liaison = laid(db, city, at)
        with pytest.raises(Invalid):
            propose(db, liaison, street, date(2026, 11, 1), at=at)
        leader = build.officer(db, "周书记", Role.SECRETARY, city.community)
        secretary = build.actor(db, leader, Role.SECRETARY, city.community)
        with pytest.raises((Forbidden, NotFound)):
            propose(db, secretary, street, OCTOBER, at=at)
        assert db.scalars(select(SupervisionStep.id)).all() == []


def test_thresholds_come_down_from_above(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        street, liaison = laid(db, city, at)
        assert bar_of(db, street)[0] == Bar()
        set_threshold(db, liaison, street, Bar(least=11), 0)
        assert bar_of(db, street)[0].least == 11
        assert bar_of(db, db.get_one(Area, city.community.id))[0].least == 11
        assert propose(db, liaison, street, OCTOBER, at=at) == []
        with pytest.raises(Conflict):
            set_threshold(db, liaison, street, Bar(), 0)
