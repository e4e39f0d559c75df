"""What a reopening takes away is still true of the moments before it."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from govgrid.access import Actor, Role
from govgrid.cases.actions.life import Note, take_step
from govgrid.cases.imports import load
from govgrid.cases.models import Case, Holder, Source, Step
from govgrid.cases.queries import case_seen, rates
from govgrid.db import Database
from govgrid.grid.models import Compound
from tests import build
from tests.build import City, clock
from tests.cases.sheets import case as row
from tests.cases.sheets import sheet
from tests.cases.site import routes, visited

NOVEMBER = date(2026, 11, 1)
RECEIVED = clock("2026-11-05 09:00")
MINUTE = timedelta(minutes=1)


class Told(NamedTuple):
    """One step taken, as a person would note it."""

    at: datetime
    step: Step
    answer: bool | None


# Minutes since the last step (often none at all, often around two days), step, answer.
gaps = st.sampled_from([0, 1, 90, 1440, 2879, 2880, 2881])
drawn_steps = st.lists(
    st.tuples(gaps, st.sampled_from([Step.CLOSE, Step.RATE, Step.FEED_BACK, Step.REOPEN]), st.booleans()),
    min_size=2, max_size=9,
)  # fmt: skip


def possible(drawn: list[tuple[int, Step, bool]]) -> list[Told]:
    """Return the steps that a case can take, by plain words: closed, open, rated once."""
    told: list[Told] = []
    moment, closed, rated, fed_back = RECEIVED, False, False, False
    for gap, step, answer in drawn:
        fits = {
            Step.CLOSE: not closed,
            Step.REOPEN: closed,
            Step.RATE: closed and not rated,
            Step.FEED_BACK: closed and not fed_back,
        }[step]
        if not fits:
            continue
        moment += gap * MINUTE
        closed = step is not Step.REOPEN
        rated = closed and (rated or step is Step.RATE)
        fed_back = closed and (fed_back or step is Step.FEED_BACK)
        told.append(Told(moment, step, answer if step is Step.RATE else None))
    return told


def replayed(told: list[Told], at: datetime) -> tuple[bool, bool, bool, bool]:
    """Return whether, at that moment, the case is closed, in 48 hours, rated, satisfied.

    A rating belongs to the closing it follows, whenever it was given.
    """
    standing: datetime | None = None
    answer: bool | None = None
    for one in told:
        if one.step is Step.RATE:
            answer = one.answer if standing else answer
        elif one.step is Step.FEED_BACK:
            continue
        elif one.at > at:
            break
        elif one.step is Step.CLOSE:
            standing, answer = one.at, None
        elif one.step is Step.REOPEN:
            standing = None
    if standing is None:
        return False, False, False, False
    soon = standing - RECEIVED <= timedelta(hours=48)
    return True, soon, answer is not None, answer is True


class Undo(Exception):
    """Leaves a transaction without a trace."""


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(drawn_steps, min_size=1, max_size=3))
def test_every_moment_counts_what_was_true_then(
    database: Database, city: City, drawn: list[list[tuple[int, Step, bool]]]
) -> None:
    lives = [possible(one) for one in drawn]
    moments = {RECEIVED, *(one.at for life in lives for one in life)}
    moments |= {moment - MINUTE for moment in moments} | {max(moments) + 90 * MINUTE}
    with suppress(Undo), database.writing() as db:
        actor = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        live(db, city, actor, lives)
        for at in sorted(moments):
            total = rates(db, NOVEMBER, city.city.path, "compound", as_of=at).total.counts
            found = (total.closed, total.closed_in_48h, total.rated, total.satisfied)
            asked = [replayed(life, at) for life in lives] if at >= RECEIVED else [(0,) * 4]
            assert found == tuple(map(sum, zip(*asked, strict=True))), at
        raise Undo


def live(db: Session, city: City, actor: Actor, lives: list[list[Told]]) -> None:
    whole = select(Compound).where(Compound.id == city.compound.id)
    ways = (joinedload(Compound.community), joinedload(Compound.grid))
    home = db.scalars(whole.options(*ways)).one()
    for number, life in enumerate(lives):
        case = Case(
            number=f"R-{number}", source=Source.HOTLINE, category="停车", compound=home,
            received_at=RECEIVED, reply_due=RECEIVED + 120 * MINUTE, replied_at=RECEIVED,
            close_due=RECEIVED + 2880 * MINUTE, company_level=Holder.PROJECT,
        )  # fmt: skip
        db.add(case)
        db.flush()
        for one in life:
            take_step(db, actor, case, one.step, Note(one.at, "已处理", one.answer), at=one.at)
            db.flush()


@pytest.mark.one_engine
def test_an_imported_closing_is_kept_too_and_the_list_shows_it(
    database: Database, city: City, at: datetime
) -> None:
    first = row("G-1", "2026-11-05 09:00", "2026-11-05 09:30", "2026-11-06 09:00", 满意度="不满意")
    with database.writing() as db:
        assert load(db, None, sheet(first), "a.csv", at=at).errors == []
        actor = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        note = Note(clock("2026-11-10 10:00"), "问题再次出现")
        take_step(db, actor, case_seen(db, actor, "G-1"), Step.REOPEN, note, at=at)
    browser = visited(database, at, actor, routes)
    then = "/cases?month=2026-11&figure=satisfied&as_of=2026-11-07T00:00%2B08:00"
    assert "G-1" not in browser.get(then).text
    shown = browser.get(then.replace("satisfied", "rated")).text
    assert "G-1" in shown
    assert 'mark-good">已办结' in shown
    assert 'mark-bad">不满意' in shown
    later = browser.get("/cases?month=2026-11&figure=rated&as_of=2026-11-10T10:00%2B08:00").text
    assert "G-1" not in later
