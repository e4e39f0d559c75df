"""The steps of a case: who may take them, when, and what stays written."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.cases.actions.life import Note, note_meeting, steps_for, take_step
from govgrid.cases.imports import load
from govgrid.cases.models import Case, CaseEvent, Holder, Source, Step
from govgrid.cases.queries import case_seen
from govgrid.cases.rules import first_holder, happened, left, next_due, refused
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, Refusal
from govgrid.journal import Entry
from tests import build
from tests.build import City
from tests.cases.sheets import case as row
from tests.cases.sheets import sheet

RECEIVED = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_case(**more: object) -> Case:
    times = {"received_at": RECEIVED, "reply_due": RECEIVED + 2 * HOUR}
    plain = {"company_level": Holder.PROJECT, "close_due": RECEIVED + 48 * HOUR}
    return Case(**(times | plain | more))


REPLIED = {"replied_at": RECEIVED + HOUR}
CLOSED = {**REPLIED, "closed_at": RECEIVED + 3 * HOUR}
OUTSIDE = {"in_remit": False}


@pytest.mark.parametrize(
    ("facts", "open_steps"),
    [
        ({}, {Step.REPLY, Step.MARK_REMIT, Step.HAND_UP}),
        (REPLIED, {Step.MARK_REMIT, Step.HAND_UP, Step.CLOSE}),
        (OUTSIDE, {Step.REPLY, Step.MARK_REMIT, Step.HAND_UP, Step.REPORT}),
        ({"company_level": Holder.COMPANY}, {Step.REPLY, Step.MARK_REMIT}),
        (CLOSED, {Step.FEED_BACK, Step.RATE, Step.REOPEN}),
        ({**CLOSED, "satisfied": False}, {Step.FEED_BACK, Step.REOPEN}),
        (
            {**CLOSED, "on_site_due": RECEIVED + HOUR},
            {Step.FEED_BACK, Step.RATE, Step.REOPEN, Step.ON_SITE},
        ),
    ],
)
def test_a_case_takes_the_steps_of_its_state(
    facts: dict[str, object], open_steps: set[Step]
) -> None:
    case = a_case(**facts)
    aside = {Step.MEETING, Step.CALL_EXPERTS, Step.ADVISE}  # they change no state
    open_steps = open_steps | ({Step.ON_SITE} if case.closed_at is None else set())
    assert {step for step in Step if refused(case, step) is None} == open_steps | aside


@pytest.mark.parametrize(
    ("facts", "step", "when"),
    [
        ({}, Step.REPLY, RECEIVED - HOUR),
        ({}, Step.REPLY, RECEIVED + 10 * HOUR),
        (REPLIED, Step.CLOSE, RECEIVED + HOUR / 2),
        (CLOSED, Step.REOPEN, RECEIVED + 2 * HOUR),
        (CLOSED, Step.ON_SITE, RECEIVED + 4 * HOUR),
        ({**REPLIED, "reopened_at": RECEIVED + 5 * HOUR}, Step.CLOSE, RECEIVED + 4 * HOUR),
    ],
)
def test_an_impossible_time_is_refused(
    facts: dict[str, object], step: Step, when: datetime
) -> None:
    with pytest.raises(Invalid):
        happened(a_case(**facts), step, when, at=RECEIVED + 9 * HOUR)


def test_a_direct_dispatch_lies_with_the_head_office() -> None:
    assert first_holder(Source.DIRECT) is Holder.COMPANY
    assert first_holder(Source.HOTLINE) is Holder.PROJECT


def test_the_due_minute_itself_is_still_in_time() -> None:
    kind, due = next_due(a_case())
    assert (kind.value, due) == ("reply", RECEIVED + 2 * HOUR)
    assert left(due, due + timedelta(seconds=59)) == (False, 0, 0, 0)
    assert left(due, due + timedelta(minutes=1)) == (True, 0, 0, 1)
    assert left(due, due - timedelta(hours=26, minutes=3)) == (False, 1, 2, 3)


@pytest.fixture
def secretary(database: Database, city: City, at: datetime) -> Actor:
    with database.writing() as db:
        load(db, None, sheet(row("G-1", "2026-11-20 09:30")), "cases.csv", at=at)
        return build.actor(db, city.secretary, Role.SECRETARY, city.community)


def step(
    db: Session, actor: Actor, step: Step, hours: float, *, at: datetime, **more: object
) -> Case:
    case = case_seen(db, actor, "G-1")
    note = Note(RECEIVED + hours * HOUR, **({"text": "已处理"} | more))  # type: ignore[arg-type]
    take_step(db, actor, case, step, note, at=at)
    return case


def test_a_reopened_case_is_open_again_and_keeps_its_history(
    database: Database, secretary: Actor, at: datetime
) -> None:
    with database.writing() as db:
        step(db, secretary, Step.REPLY, 1, at=at)
        step(db, secretary, Step.CLOSE, 2, at=at)
        step(db, secretary, Step.FEED_BACK, 3, at=at)
        step(db, secretary, Step.RATE, 3, at=at, answer=False)
        due = step(db, secretary, Step.REOPEN, 4, at=at).close_due
    # The sheet of the day before, once more, does not close the case again.
    old = row("G-1", "2026-11-20 09:30", "2026-11-20 10:30", "2026-11-20 11:30", 满意度="不满意")
    with database.writing() as db:
        assert load(db, None, sheet(old), "old.csv", at=at).unchanged == 1
        case = case_seen(db, secretary, "G-1")
        assert (case.closed_at, case.fed_back_at, case.satisfied) == (None, None, None)
        assert (case.replied_at, case.close_due) == (RECEIVED + HOUR, due)
        kept = db.scalars(select(CaseEvent.step).order_by(CaseEvent.id)).all()
        assert kept == [Step.REPLY, Step.CLOSE, Step.FEED_BACK, Step.RATE, Step.REOPEN]
        lines = db.scalars(select(Entry).where(Entry.verb == "handle_case")).all()
        assert [line.detail["step"] for line in lines] == [s.value for s in kept]
        assert "已处理" not in str([line.detail for line in lines])
    new = row("G-1", "2026-11-20 09:30", "2026-11-20 10:30", "2026-11-21 11:30", 满意度="满意")
    with database.writing() as db:
        assert load(db, None, sheet(new), "new.csv", at=at).updated == 1
        assert case_seen(db, secretary, "G-1").satisfied is True


@pytest.mark.one_engine
def test_each_takes_the_steps_of_the_own_part(
    database: Database, city: City, secretary: Actor, at: datetime
) -> None:
    with database.writing() as db:
        manager = build.actor(db, city.manager, Role.PROJECT_MANAGER, city.compound)
        police = build.actor(db, city.secretary, Role.POLICE, city.community)
        case = step(db, manager, Step.REPLY, 1, at=at)
        step(db, manager, Step.HAND_UP, 2, at=at)
        step(db, manager, Step.CLOSE, 3, at=at)
        assert case.company_level is Holder.AREA
        assert steps_for(manager, case) == []
        assert set(steps_for(secretary, case)) == {Step.FEED_BACK, Step.RATE, Step.REOPEN}
        with pytest.raises(Forbidden):
            step(db, manager, Step.RATE, 4, at=at, answer=True)
        with pytest.raises(Forbidden):
            step(db, police, Step.REOPEN, 4, at=at)
        note_meeting(db, secretary, case, Note(at, "会上议定重新检修。", meeting_id=7), at=at)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("wanted", "more", "refusal"),
    [
        (Step.CLOSE, {}, Conflict),
        (Step.REPLY, {"text": ""}, Invalid),
        (Step.MARK_REMIT, {}, Invalid),
    ],
)
def test_what_is_refused_changes_nothing(
    database: Database, secretary: Actor, at: datetime, wanted: Step, more: dict[str, object],
    refusal: type[Refusal],
) -> None:  # fmt: skip
    with database.writing() as db:
        with pytest.raises(refusal):
            step(db, secretary, wanted, 1, at=at, **more)
        assert db.scalars(select(CaseEvent)).all() == []
        assert case_seen(db, secretary, "G-1").version == 1
