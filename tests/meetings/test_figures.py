"""Figures of meetings: by hand, against a naive count on both engines, and as pages."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.db import Database
from govgrid.grid.models import Area, Compound
from govgrid.journal import Entry
from govgrid.meetings.models import (
    Attendance,
    Attendee,
    Meeting,
    Minutes,
    MinutesStage,
    Stage,
    Unit,
    Venue,
)
from govgrid.meetings.queries.figures import (
    BEHIND,
    behind,
    count_behind,
    figure_series,
    figures_of,
)
from govgrid.meetings.rules import quorum_held
from govgrid.meetings.rules.figures import Figures, sign_by
from govgrid.workdays import built_in
from tests import build
from tests.build import City, clock
from tests.journeys.conftest import Site, site

__all__ = ["site"]

MONTHS = (date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1))
# Written out apart from the calendar: days off on weekdays, and weekends that are worked.
OFF = {date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))}
WORKED = {date(2026, 9, 20), date(2026, 10, 10)}


@dataclass(frozen=True, slots=True)
class Ground:
    """The units of a city by number, each with its community."""

    city: City
    units: tuple[tuple[int, int], ...]
    venue: int

    def community(self, unit: int) -> int:
        return dict(self.units)[unit]


@pytest.fixture
def ground(database: Database) -> Ground:
    with database.writing() as db:
        city = build.small_city(db)
        far = build.compound(db, city.far_community, "望江苑", code="XQ-WJ")
        places = (
            (city.community, city.compound), (city.community, city.courtyard),
            (city.next_community, None), (city.far_community, far),
        )  # fmt: skip
        units = [
            Unit(community_id=area.id, compound_id=home.id if home else None)
            for area, home in places
        ]
        venue = Venue(community_id=city.community.id, name="会议室")
        db.add_all([*units, venue])
        db.flush()
        made = Ground(city, tuple((unit.id, unit.community_id) for unit in units), venue.id)
        db.expunge_all()
    return made


@contextmanager
def passing(database: Database) -> Iterator[Session]:
    """Yield a writing session whose meetings are gone afterwards."""
    with database.writing() as db:
        yield db
        for table in (Attendee, Minutes, Meeting):
            db.execute(delete(table))


def put(
    db: Session, ground: Ground, unit: int, month: date, start: datetime, *, stage: Stage,
    held: datetime | None = None, signed: datetime | None = None, community: int = 0,
    people: Sequence[tuple[bool, bool, bool, Attendance | None]] = (),
) -> Meeting:  # fmt: skip
    """Add a meeting with its minutes and people: required, observer, removed, attendance."""
    made = Meeting(
        uid=str(uuid4()), unit_id=unit, month=month, stage=stage, title="联席会议",
        community_id=community or ground.community(unit), start=start, end=start + timedelta(hours=1),
        venue_id=ground.venue, convenor_id=ground.city.secretary.id,
        held_at=held, cancelled_at=start if stage is Stage.CANCELLED else None,
    )  # fmt: skip
    db.add(made)
    db.flush()
    officers = (ground.city.secretary, ground.city.grid_leader, ground.city.police)
    for officer, (required, observer, removed, attendance) in zip(officers, people, strict=False):
        db.add(
            Attendee(
                meeting_id=made.id, officer_id=officer.id, role=Role.POLICE, required=required,
                observer=observer, attendance=attendance, nonce="n", link=f"{made.id}-{officer.id}",
                removed_at=start if removed else None,
            )
        )  # fmt: skip
    if held:
        db.add(
            Minutes(
                meeting_id=made.id, issue=1, drafted_by="x", signed_at=signed,
                stage=MinutesStage.SIGNED if signed else MinutesStage.DRAFT,
            )
        )  # fmt: skip
    db.flush()
    return made


ALL = [(True, False, False, Attendance.PRESENT)] * 3
HALF = [(True, False, False, Attendance.PRESENT), (True, False, False, Attendance.EXCUSED)]


def test_the_figures_of_a_month_by_hand(database: Database, ground: Ground) -> None:
    jin, old, village, far = (unit for unit, _community in ground.units)
    october = MONTHS[1]
    with database.writing() as db:
        # A Thursday; the 10th is a made-up working day, so the fifth one is the 14th.
        start = clock("2026-10-08 15:00")
        put(db, ground, jin, october, start, stage=Stage.HELD, held=clock("2026-10-08 16:00"),
            signed=clock("2026-10-14 23:59"), people=ALL)  # fmt: skip
        put(db, ground, old, october, start, stage=Stage.HELD, held=clock("2026-10-09 00:00"),
            signed=clock("2026-10-15 00:00"), people=HALF)  # fmt: skip
        put(db, ground, village, october, start, stage=Stage.CANCELLED)
        put(db, ground, far, october, start, stage=Stage.CONFIRMED)
        district = db.get_one(Area, ground.city.district.id)
        at = clock("2026-11-02 09:00")
        report = figures_of(db, october, district, as_of=at)
        early = figures_of(db, october, district, as_of=clock("2026-10-14 09:00"))
        before = figures_of(db, MONTHS[0], district, as_of=at)
    assert report.total == Figures(
        due=4, held=2, on_time=1, quorate=1, minutes_due=2, signed_in_time=1
    )
    assert [(row.key, row.figures.due) for row in report.rows] == [
        ("510107001", 3),
        ("510107002", 1),
    ]
    assert early.total == Figures(due=4, held=2, on_time=1, quorate=1)
    assert early.total.rate("signed") is None
    assert before.total == Figures()  # nothing was due before the first month on record


@pytest.mark.one_engine
def test_five_working_days_pass_over_holidays_and_made_up_days() -> None:
    assert sign_by(date(2026, 9, 30), built_in()) == date(2026, 10, 13)  # the 10th is worked
    assert sign_by(date(2026, 11, 6), built_in()) == date(2026, 11, 13)


person = st.tuples(
    st.booleans(), st.booleans(), st.booleans(), st.none() | st.sampled_from(Attendance)
)
drawn_meeting = st.tuples(
    st.integers(0, 3), st.integers(0, 2), st.sampled_from(Stage), st.integers(-3 * 24, 33 * 24),
    st.integers(0, 60), st.none() | st.integers(0, 14 * 24), st.none() | st.integers(0, 2),
    st.lists(person, max_size=3),
)  # fmt: skip
World = list[dict[str, Any]]


def laid(db: Session, ground: Ground, drawn: list[Any]) -> World:
    """Put the meetings there, one a unit and month beside cancelled ones; return what is known."""
    taken: set[tuple[int, date]] = set()
    world: World = []
    communities = [ground.city.community, ground.city.next_community, ground.city.far_community]
    for number, (place, month_no, stage, hour, late, signed, moved, people) in enumerate(drawn):
        unit, month = ground.units[place][0], MONTHS[month_no]
        if stage is not Stage.CANCELLED and (unit, month) in taken:
            continue
        taken |= {(unit, month)} if stage is not Stage.CANCELLED else set()
        start = clock(f"{month} 00:00") + timedelta(hours=hour, minutes=number)
        held = start + timedelta(hours=late) if stage is Stage.HELD else None
        done = held + timedelta(hours=signed) if held and signed is not None else None
        community = communities[moved].id if moved is not None else ground.community(unit)
        meeting = put(
            db, ground, unit, month, start, stage=stage, held=held, signed=done,
            community=community, people=people,
        )  # fmt: skip
        mine = db.scalars(
            select(Attendee).where(Attendee.meeting_id == meeting.id, Attendee.removed_at.is_(None))
        ).all()
        world.append(
            {"unit": unit, "month": month, "stage": stage, "start": start, "held": held,
             "signed": done, "community": community, "quorate": quorum_held(mine)}
        )  # fmt: skip
    return world


def naive(
    world: World, ground: Ground, month: date, inside: set[int], paused: set[int], at: datetime
) -> Figures:
    """Count as a person would, one unit after the other."""
    counts = dict.fromkeys(Figures.__dataclass_fields__, 0)
    begun = bool(world) and month >= min(one["month"] for one in world)
    for unit, home in ground.units:
        mine = [
            one for one in world
            if one["unit"] == unit and one["month"] == month and one["stage"] is not Stage.CANCELLED
        ]  # fmt: skip
        if not mine:
            counts["due"] += begun and unit not in paused and home in inside
            continue
        (one,) = mine
        if one["community"] not in inside:
            continue
        counts["due"] += 1
        if one["stage"] is not Stage.HELD or one["held"] > at:
            continue
        day, by = one["start"].date(), last_day(one["start"].date())
        signed = one["signed"] if one["signed"] and one["signed"] <= at else None
        counts["held"] += 1
        counts["on_time"] += one["held"].date() == day and (day.year, day.month) == (
            2026,
            month.month,
        )
        counts["quorate"] += one["quorate"]
        counts["minutes_due"] += bool(signed) or by < at.date()
        counts["signed_in_time"] += signed is not None and signed.date() <= by
    return Figures(**counts)


def last_day(day: date) -> date:
    left = 5
    while left:
        day += timedelta(days=1)
        left -= day in WORKED or (day.weekday() < 5 and day not in OFF)
    return day


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(drawn_meeting, max_size=14), st.sets(st.integers(0, 3)), st.integers(0, 95),
    st.sampled_from(["city", "street", "community"]),
)  # fmt: skip
def test_the_database_counts_as_a_person_would(
    database: Database, ground: Ground, drawn: list[Any], silent: set[int], day: int, where: str
) -> None:
    at = clock("2026-09-05 10:30") + timedelta(days=day)
    paused = {ground.units[number][0] for number in silent}
    city = ground.city
    streets = {city.community.id, city.next_community.id}
    inside = {"city": {*streets, city.far_community.id}, "street": streets,
              "community": {city.community.id}}[where]  # fmt: skip
    with passing(database) as db:
        for unit, _community in ground.units:
            db.get_one(Unit, unit).paused = unit in paused
        world = laid(db, ground, drawn)
        area = db.get_one(Area, getattr(city, where).id)
        wanted = [naive(world, ground, month, inside, paused, at) for month in MONTHS]
        found = [figures_of(db, month, area, as_of=at) for month in MONTHS]
        assert [one.total for one in found] == wanted
        if where != "community":
            assert [Figures.total(r.figures for r in one.rows) for one in found] == wanted
        assert figure_series(db, MONTHS[-1], 3, area, as_of=at) == list(
            zip(MONTHS, wanted, strict=True)
        )
        october = wanted[1]
        numbers = {
            "not_held": october.due - october.held, "late": october.held - october.on_time,
            "not_quorate": october.held - october.quorate,
            "signed_late": october.minutes_due - october.signed_in_time,
        }  # fmt: skip
        for figure in BEHIND:
            expected = numbers.get(figure, getattr(october, figure, 0))
            assert count_behind(db, MONTHS[1], area, figure, at=at) == expected, figure


def test_a_grid_counts_the_meetings_of_its_compounds(database: Database, ground: Ground) -> None:
    jin, _old, village, _far = (unit for unit, _community in ground.units)
    with database.writing() as db:
        start = clock("2026-11-10 15:00")
        for unit in (jin, village):
            put(db, ground, unit, MONTHS[2], start, stage=Stage.HELD, held=start, people=ALL)
        grid, micro = ground.city.grid, ground.city.micro_grids[0]
        for area, due in ((grid, 2), (micro, 1)):
            found = figures_of(
                db, MONTHS[2], db.get_one(Area, area.id), as_of=clock("2026-11-23 09:00")
            )
            assert (found.rows, found.total.due, found.total.held) == ((), due, 1)
        officer = ground.city.grid_leader
        leader = build.actor(db, officer, Role.GRID_LEADER, grid)
        rows = behind(
            db, leader, MONTHS[2], db.get_one(Area, grid.id), "due", at=clock("2026-11-23 09:00")
        )
        named = [(row.unit.name, row.meeting is not None, row.open_to_actor) for row in rows]
    assert named == [("锦和苑", True, True), ("江桥街12号院", False, False)]


@pytest.mark.one_engine
def test_pages_lead_to_the_meetings_and_the_workbook_says_the_same(site: Site) -> None:
    with site.database.writing() as db:
        homes = {one.name: one for one in db.scalars(select(Compound))}
        unit = db.scalars(select(Unit).where(Unit.compound_id == homes["锦和苑"].id)).one()
        venue = db.scalars(select(Venue)).first()
        assert venue
        start = clock("2026-11-10 15:00")
        db.add(
            Meeting(
                uid="u", unit_id=unit.id, month=MONTHS[2], stage=Stage.HELD, title="联席会议",
                community_id=unit.community_id, start=start, end=start + timedelta(hours=1),
                venue_id=venue.id, convenor_id=1, held_at=start,
            )
        )  # fmt: skip
    site.set_clock(clock("2026-11-23 09:00"))
    person = site.person("zhou")
    page = person.get("/rates/meetings?month=2026-11")
    assert "按期召开率" in page
    assert "100.0%" in page
    listed = person.get("/rates/meetings/behind?month=2026-11&figure=held")
    assert "锦和苑" in listed
    assert "共 1 个会议单元" in listed
    assert person.get("/rates/meetings/behind?figure=colour", 422)
    answer = person.client.post(
        "/rates/meetings/figures.xlsx",
        data={"csrf": person.token, "area": "510107001001", "month": "2026-11"},
    )
    sheet = load_workbook(io.BytesIO(answer.content))["会议"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    (total,) = (row for row in rows if row[0] == "合计")
    assert total[:7] == ["合计", 0.5, 1, 2, 1, 1, 1]
    with site.database.reading() as db:
        line = db.scalars(select(Entry).where(Entry.subject == "meeting_figures")).one()
        assert (line.verb, line.subject_id) == ("export", "510107001001")
