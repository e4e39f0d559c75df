"""Rates and lists as of a day: by hand, and against a calculation day by day."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event
from sqlalchemy.orm import Session

from govgrid.db import Database
from govgrid.errors import NotFound
from govgrid.grid.models import OLD_KINDS, Area, Compound, CompoundKind
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.queries import (
    Show,
    coverage_report,
    history,
    known_operators,
    ledger,
    micro_grid_modes,
    overview,
    standing,
    tallies_below,
)
from govgrid.oldcompounds.rules import Terms
from tests import build
from tests.build import City
from tests.oldcompounds.conftest import lay, period


def test_the_report_of_a_district_by_hand(database: Database, city: City) -> None:
    with database.reading() as db:
        report = coverage_report(db, city.district.path, date(2026, 11, 23)).json()
    assert report == {
        "as_of": "2026-11-23",
        "area": "510107",
        "compounds": {
            "total": 4, "professional": 1, "custodial": 0, "delegated": 0, "self_managed": 1,
            "none": 2, "professional_rate": 0.25, "management_rate": 0.5,
        },
        "households": {
            "total": 600, "professional": 300, "custodial": 0, "delegated": 0,
            "self_managed": 200, "none": 100, "professional_rate": 0.5,
            "management_rate": 500 / 600,
        },
        "floor_area": {
            "total": 50000.0, "professional": 30000.0, "custodial": 0, "delegated": 0,
            "self_managed": 0.0, "none": 20000.0, "professional_rate": 0.6,
            "management_rate": 0.6,
        },
        "uncovered": [
            {
                "code": "XQ-A", "name": "青石院", "community": "510107001001",
                "households": 100, "since": "2025-07-01",
            },
            {
                "code": "XQ-C", "name": "棕南新居", "community": "510107002001",
                "households": None, "since": None,
            },
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("as_of", "uncovered"),
    [
        ("2023-06-01", ["XQ-A 2023-01-01", "XQ-JQ12 None", "XQ-B None", "XQ-C None"]),
        ("2026-02-28", ["XQ-A 2025-07-01", "XQ-B None", "XQ-C None"]),
        ("2026-11-30", ["XQ-A 2025-07-01", "XQ-C None"]),
        ("2026-12-01", ["XQ-A 2025-07-01", "XQ-JQ12 2026-12-01", "XQ-C None"]),
    ],
)
def test_uncovered_to_the_day(
    database: Database, city: City, as_of: str, uncovered: list[str]
) -> None:
    with database.reading() as db:
        report = coverage_report(db, city.city.path, date.fromisoformat(as_of))
    assert [f"{row.code} {row.since}" for row in report.uncovered] == uncovered


def test_every_level_counts_its_own(database: Database, city: City) -> None:
    def total(db: Session, area: Area, kinds: tuple[CompoundKind, ...] = OLD_KINDS) -> float:
        return coverage_report(db, area.path, date(2026, 11, 23), kinds).tally.compounds.total

    with database.reading() as db:
        assert total(db, city.city) == 4
        assert total(db, city.street) == 3
        assert total(db, city.community) == 2
        assert total(db, city.grid) == 1
        assert [total(db, micro_grid) for micro_grid in city.micro_grids] == [0, 1]
        assert total(db, city.community, tuple(CompoundKind)) == 3


def test_an_area_without_old_compounds_has_no_rate(database: Database, city: City) -> None:
    with database.reading() as db:
        report = coverage_report(db, city.micro_grids[0].path, date(2026, 11, 23)).json()
        with pytest.raises(NotFound):
            coverage_report(db, "/404/", date(2026, 11, 23))
    assert report["compounds"] == {
        "total": 0, "professional": 0, "custodial": 0, "delegated": 0, "self_managed": 0,
        "none": 0, "professional_rate": None, "management_rate": None,
    }  # fmt: skip


def test_the_areas_below_come_with_most_to_do_first(database: Database, city: City) -> None:
    with database.writing() as db:
        build.area(db, "510107003", "无小区街道", city.street.level, city.district)
    with database.reading() as db:
        below = tallies_below(db, city.district, date(2026, 12, 1))
        communities = tallies_below(db, city.street, date(2026, 11, 23))
        assert tallies_below(db, city.community, date(2026, 11, 23)) == []
    assert [(a.name, t.compounds.of(Mode.NONE), t.compounds.total) for a, t in below] == [
        ("江桥街道", 2, 3),
        ("望江街道", 1, 1),
        ("无小区街道", 0, 0),
    ]
    assert [(a.name, t.households.total) for a, t in communities] == [
        ("锦江社区", 400),
        ("青竹社区", 200),
    ]


def test_the_list_shows_what_presses_first(database: Database, city: City) -> None:
    with database.reading() as db:
        lines = ledger(db, city.city, date(2026, 11, 23))
    assert [line.code for line in lines] == ["XQ-A", "XQ-C", "XQ-JQ12", "XQ-B"]
    a, c, courtyard, b = lines
    assert (a.mode, a.since, a.until, a.expired) == (
        Mode.NONE,
        date(2025, 7, 1),
        None,
        True,
    )
    assert (c.since, c.expired, c.community_name) == (None, False, "棕树社区")
    assert (courtyard.ends_soon, courtyard.operator, courtyard.agreement) == (
        True,
        "安居物业服务有限公司",
        "WY-1",
    )
    assert (b.mode, b.since, b.ends_soon) == (Mode.SELF_MANAGED, date(2026, 3, 1), False)


@pytest.mark.parametrize(
    ("show", "codes"),
    [
        (Show.ALL, ["XQ-A", "XQ-C", "XQ-JQ12", "XQ-B"]),
        (Show.NONE, ["XQ-A", "XQ-C"]),
        (Show.ENDING, ["XQ-JQ12"]),
        (Show.PROFESSIONAL, ["XQ-JQ12"]),
        (Show.SELF_MANAGED, ["XQ-B"]),
        (Show.CUSTODIAL, []),
    ],
)
def test_the_list_by_mode_and_in_parts(
    database: Database, city: City, show: Show, codes: list[str]
) -> None:
    on = date(2026, 11, 23)
    with database.reading() as db:
        assert [line.code for line in ledger(db, city.city, on, show=show)] == codes
        now = overview(db, city.city, on)
        part = ledger(db, city.city, on, show=show, offset=1, limit=1)
    assert [line.code for line in part] == codes[1:2]
    numbers: dict[str, float] = {mode.value: now.tally.compounds.of(mode) for mode in Mode}
    numbers |= {Show.ALL.value: now.tally.compounds.total, Show.ENDING.value: now.ending}
    assert numbers[show.value] == len(codes)


def test_a_compounds_standing(database: Database, city: City) -> None:
    with database.reading() as db:
        periods = history(db, city.courtyard.id)
        now, later = standing(periods, date(2026, 11, 30)), standing(periods, date(2026, 12, 1))
    assert (now.mode, now.period, now.ends_soon) == (Mode.PROFESSIONAL, periods[0], True)
    assert (later.mode, later.period, later.uncovered_since) == (
        Mode.NONE,
        None,
        date(2026, 12, 1),
    )


def test_micro_grids_show_the_weakest_of_their_compounds(database: Database, city: City) -> None:
    with database.writing() as db:
        weak = build.compound(
            db, city.community, "后院", CompoundKind.RELOCATION, micro_grids=city.micro_grids
        )
        period(db, weak, Mode.DELEGATED, date(2026, 1, 1))
    one, two = (micro_grid.id for micro_grid in city.micro_grids)
    with database.reading() as db:
        assert micro_grid_modes(db, city.street, date(2026, 11, 1)) == {
            one: Mode.DELEGATED,
            two: Mode.DELEGATED,
        }
        assert micro_grid_modes(db, city.street, date(2026, 12, 1))[two] is Mode.NONE


def test_operators_of_the_street_are_offered_first(database: Database, city: City) -> None:
    with database.writing() as db:
        build.organization(db, "A物业")
    with database.reading() as db:
        assert known_operators(db, city.community) == ["安居物业服务有限公司", "A物业"]
        assert known_operators(db, city.far_community) == ["A物业", "安居物业服务有限公司"]


@contextmanager
def counting(database: Database) -> Iterator[Callable[[], int]]:
    """Count the statements that the database gets inside the block."""
    seen: list[str] = []

    def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield lambda: len(seen)
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_list_costs_the_same_number_of_queries_whatever_its_length(
    database: Database, city: City
) -> None:
    costs = []
    for _ in range(2):
        with database.reading() as db, counting(database) as count:
            ledger(db, city.city, date(2026, 11, 23))
            tallies_below(db, city.district, date(2026, 11, 23))
            coverage_report(db, city.city.path, date(2026, 11, 23))
            costs.append(count())
        with database.writing() as db:
            for name in ("一", "二", "三"):
                build.compound(db, city.next_community, name, CompoundKind.RELOCATION)
    assert costs[0] == costs[1]


ZERO = date(2026, 1, 1)
stretches = st.lists(
    st.tuples(st.sampled_from(Mode), st.integers(0, 6), st.integers(1, 20)), max_size=4
)
compounds = st.lists(
    st.tuples(
        st.sampled_from(CompoundKind),
        st.none() | st.integers(0, 500),
        st.none() | st.integers(0, 50000),
        stretches,
    ),
    max_size=5,
)


def write(db: Session, city: City, drawn: list[tuple[object, ...]]) -> list[dict[date, Mode]]:
    """Write compounds with gaps and periods in turn; return the mode of every managed day."""
    days = []
    for number, (kind, households, floor_area, spans) in enumerate(drawn):
        made = Compound(
            code=f"H{number}", name="院", kind=kind, community_id=city.far_community.id,
            households=households, floor_area=floor_area,
        )  # fmt: skip
        db.add(made)
        db.flush()
        by_day: dict[date, Mode] = {}
        start, drawn_terms = ZERO, []
        for mode, gap, length in spans:  # type: ignore[attr-defined]  # drawn above
            start += timedelta(gap)
            end = start + timedelta(length - 1)
            drawn_terms.append(Terms(mode, start, end))
            by_day |= {start + timedelta(n): mode for n in range(length)}
            start = end + timedelta(1)
        lay(db, made, drawn_terms)
        days.append(by_day)
    return days


@given(compounds, st.integers(-1, 90))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_rates_equal_a_calculation_day_by_day(
    database: Database, city: City, drawn: list[tuple[object, ...]], offset: int
) -> None:
    as_of = ZERO + timedelta(offset)
    with database.writing() as db:
        db.execute(delete(Coverage))
        db.execute(delete(Compound).where(Compound.community_id == city.far_community.id))
        days = write(db, city, drawn)
    with database.reading() as db:
        report = coverage_report(db, city.next_street.path, as_of)
    old = [
        (kind, homes or 0, metres or 0, by_day.get(as_of, Mode.NONE), f"H{n}")
        for n, ((kind, homes, metres, _), by_day) in enumerate(zip(drawn, days, strict=True))
        if kind is not CompoundKind.COMMODITY
    ]
    for mode in Mode:
        own = [row for row in old if row[3] is mode]
        assert report.tally.compounds.of(mode) == len(own)
        assert report.tally.households.of(mode) == sum(row[1] for row in own)  # type: ignore[misc]  # drawn numbers
        assert report.tally.floor_area.of(mode) == sum(row[2] for row in own)  # type: ignore[misc]  # drawn numbers
    assert [row.code for row in report.uncovered] == [r[4] for r in old if r[3] is Mode.NONE]
