"""The report's own figures against a naive count of random worlds, on both engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from govgrid.cases.models import Case, Source
from govgrid.db import Database
from govgrid.grid.models import Compound
from govgrid.meetings.models import ActionItem, Meeting
from govgrid.reports.queries.actions import actions_of, overdue
from govgrid.reports.queries.breaches import breaches_by_category, breaches_by_compound
from govgrid.reports.queries.showcases import showcases_of, unmet
from govgrid.reports.rules import Actions, Breaches, Showcases
from govgrid.showcase.models import ShowcaseItem
from tests.build import clock
from tests.reports.world import OCTOBER, World, area, laid, showcase

BASE = clock("2026-09-29 00:00")
days = st.integers(0, 60)
drawn_item = st.tuples(days, st.none() | st.integers(0, 70))
drawn_showcase = st.tuples(
    st.integers(0, 2), st.none() | st.integers(0, 60), st.none() | st.booleans()
)
drawn_case = st.tuples(
    st.integers(0, 2), days, st.none() | st.integers(0, 30), st.none() | st.integers(0, 200)
)


@pytest.fixture
def world(database: Database) -> World:
    with database.writing() as db:
        made = laid(db)
        for table in (ActionItem, Case, ShowcaseItem):
            db.execute(delete(table))
    return made


@contextmanager
def passing(database: Database) -> Iterator[Session]:
    """Yield a writing session whose rows are gone afterwards."""
    with database.writing() as db:
        yield db
        for table in (ActionItem, Case, ShowcaseItem):
            db.execute(delete(table))


def moment(day: int) -> datetime:
    return BASE + timedelta(days=day)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(drawn_item, max_size=8), st.lists(drawn_showcase, max_size=8),
    st.lists(drawn_case, max_size=8), days,
)  # fmt: skip
def test_the_database_counts_as_a_person_would(
    database: Database, world: World, items: list[Any], shown: list[Any], cases: list[Any], day: int
) -> None:
    at = moment(day) + timedelta(hours=9)
    with passing(database) as db:
        _actions(db, world, items, at)
        _showcases(db, world, shown, at.date())
        _breaches(db, world, cases, at)


def _actions(db: Session, world: World, drawn: list[Any], at: datetime) -> None:
    meeting = db.query(Meeting).one()
    expected = dict.fromkeys(Actions.__dataclass_fields__, 0)
    late: list[date] = []
    for due, closed in drawn:
        deadline = moment(due).date()
        done = moment(closed) + timedelta(hours=23) if closed is not None else None
        db.add(
            ActionItem(
                unit_id=world.unit, meeting_id=meeting.id, agenda_item_id=world.item, matter="整改",
                owner_id=world.city.police.id, deadline=deadline, closed_at=done,
                evidence="已办" if done else None,
            )
        )  # fmt: skip
        known = meeting.start <= at
        expected["given"] += known
        if done and done <= at and (done.year, done.month) == (2026, 10):
            expected["closed"] += 1
            expected["closed_in_time"] += done.date() <= deadline
        if known and not (done and done <= at):
            expected["open"] += 1
            expected["overdue"] += deadline < at.date()
            late += [deadline] if deadline < at.date() else []
    db.flush()
    district = area(db, world.city.district)
    found = actions_of(db, OCTOBER, district, as_of=at)
    assert Actions.total(found.values()) == Actions(**expected)
    assert set(found) <= {world.city.street.path}
    listed = overdue(db, district, as_of=at, most=5)
    assert [one.deadline for one in listed] == sorted(late)[:5]


def _showcases(db: Session, world: World, drawn: list[Any], on: date) -> None:
    homes = db.query(Compound).order_by(Compound.code).all()
    seen: dict[int, list[tuple[date | None, bool | None]]] = {}
    for number, (place, published, met) in enumerate(drawn):
        home = homes[place]
        day = moment(published).date() if published is not None else None
        showcase(db, home, f"项目{number}", published=day, met=met)
        if day is None or day <= on:
            seen.setdefault(home.id, []).append((day, met))
    companies = {home.id for home in homes if home.company_id}
    known = [[one for one, _met in items] for items in seen.values()]
    firsts = [min((day for day in each if day), default=None) for each in known]
    judged = [met for items in seen.values() for _day, met in items if met is not None]
    expected = Showcases(
        due=len(companies | set(seen)),
        published=len(seen),
        in_time=sum(first is None or first <= date(2026, 11, 10) for first in firsts),
        judged=len(judged),
        met=sum(judged),
    )
    district = area(db, world.city.district)
    found = showcases_of(db, OCTOBER, district, on=on)
    assert Showcases.total(found.values()) == expected
    assert len(unmet(db, OCTOBER, district, on=on, most=99)) == len(judged) - sum(judged)


def _breaches(db: Session, world: World, drawn: list[Any], at: datetime) -> None:
    homes = db.query(Compound).order_by(Compound.code).all()
    expected: dict[str, list[int]] = {}
    by_home: dict[str, int] = {}
    for number, (place, day, replied, closed) in enumerate(drawn):
        received = moment(day) + timedelta(hours=8, minutes=number)
        reply = received + timedelta(hours=replied) if replied is not None else None
        close = received + timedelta(hours=closed) if closed is not None else None
        reply_due, close_due = received + timedelta(hours=2), received + timedelta(hours=48)
        word = ("停车", "漏水")[number % 2]
        db.add(
            Case(
                number=f"N{number}", source=Source.HOTLINE, category=word, compound_id=homes[place].id,
                received_at=received, reply_due=reply_due, close_due=close_due, replied_at=reply,
                closed_at=close,
            )
        )  # fmt: skip
        if (received.year, received.month) != (2026, 10) or received > at:
            continue
        slow = (
            min(reply or at, at) > reply_due if not (reply and reply <= at) else reply > reply_due
        )
        late = (
            min(close or at, at) > close_due if not (close and close <= at) else close > close_due
        )
        row = expected.setdefault(word, [0] * 4)
        for n, counted in enumerate((True, slow, late, slow or late)):
            row[n] += counted
        by_home[homes[place].name] = by_home.get(homes[place].name, 0) + (slow or late)
    db.flush()
    district = area(db, world.city.district)
    found = breaches_by_category(db, OCTOBER, district, as_of=at)
    assert dict(found) == {word: Breaches(*row) for word, row in expected.items()}
    worst = breaches_by_compound(db, OCTOBER, district, as_of=at, most=9)
    assert {name: numbers.breached for name, _home, numbers in worst} == {
        name: number for name, number in by_home.items() if number
    }
