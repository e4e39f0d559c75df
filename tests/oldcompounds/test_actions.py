"""Recording changes: what is closed, filled, journalled, and refused."""

import itertools
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, Refusal
from govgrid.grid.models import Area, Compound, Organization, OrganizationKind
from govgrid.journal import Entry, prove
from govgrid.oldcompounds.actions import record_coverage
from govgrid.oldcompounds.models import Coverage, FeeUnit, Mode
from govgrid.oldcompounds.queries import history, last_act
from govgrid.oldcompounds.rules import Terms, clashes, mode_on
from tests import build
from tests.build import City

COMPANY = Terms(
    Mode.PROFESSIONAL,
    date(2026, 12, 1),
    date(2028, 11, 30),
    operator="新程物业服务有限公司",
    agreement="WY-2",
    fee=Decimal("0.90"),
    fee_unit=FeeUnit.AREA_MONTH,
    collection_rate=Decimal("0.925"),
    package="ZT-1",
)


def secretary(db: Session, city: City) -> Actor:
    return build.actor(db, city.secretary, Role.SECRETARY, city.community)


def compound(db: Session, code: str) -> Compound:
    return db.scalars(
        select(Compound).where(Compound.code == code).options(selectinload(Compound.community))
    ).one()


def change(
    database: Database,
    city: City,
    code: str,
    terms: Terms,
    at: datetime,
    *,
    seen: int | None = None,
    fill: bool = False,
) -> None:
    with database.writing() as db:
        wanted = compound(db, code)
        version = last_act(db, wanted.id) if seen is None else seen
        record_coverage(db, secretary(db, city), wanted, terms, at=at, seen=version, fill=fill)


def spans(database: Database, code: str) -> list[tuple[Mode, date, date | None]]:
    with database.reading() as db:
        periods = history(db, compound(db, code).id)
        return [(p.mode, p.since, p.until) for p in reversed(periods)]


def test_a_change_closes_the_running_period_and_starts_a_new_one(
    database: Database, city: City, at: datetime
) -> None:
    change(database, city, "XQ-JQ12", replace(COMPANY, since=date(2026, 10, 1)), at)
    assert spans(database, "XQ-JQ12") == [
        (Mode.PROFESSIONAL, date(2025, 1, 1), date(2026, 9, 30)),
        (Mode.PROFESSIONAL, date(2026, 10, 1), date(2028, 11, 30)),
    ]
    with database.reading() as db:
        new, old = history(db, city.courtyard.id)
        assert new.operator
        assert new.operator.name == "新程物业服务有限公司"
        assert new.operator.kind is OrganizationKind.PROPERTY_COMPANY
        assert (new.agreement, new.fee, new.package) == ("WY-2", Decimal("0.90"), "ZT-1")
        assert (new.collection_rate, new.recorded_at, new.version) == (Decimal("0.925"), at, 1)
        assert (old.agreement, old.version) == ("WY-1", 2)


def test_a_change_is_journalled_with_what_it_closed(
    database: Database, city: City, at: datetime
) -> None:
    change(database, city, "XQ-JQ12", replace(COMPANY, since=date(2026, 10, 1)), at)
    with database.reading() as db:
        (entry,) = db.scalars(select(Entry))
        assert (entry.verb, entry.subject, entry.subject_id) == (
            "record_coverage",
            "compound",
            "XQ-JQ12",
        )
        assert entry.actor == "周书记"
        assert entry.detail["closed_on"] == "2026-09-30"
        before, after = entry.detail["before"], entry.detail["after"]
        assert isinstance(before, dict)
        assert isinstance(after, dict)
        assert (before["until"], after["agreement"]) == ("2026-11-30", "WY-2")
        assert list(prove(db, [])) == []


def test_an_expired_agreement_leaves_a_gap_that_must_be_named(
    database: Database, city: City, at: datetime
) -> None:
    with pytest.raises(Invalid, match="上一段管理到 2025-06-30"):
        change(database, city, "XQ-A", COMPANY, at)
    assert len(spans(database, "XQ-A")) == 2
    change(database, city, "XQ-A", COMPANY, at, fill=True)
    assert spans(database, "XQ-A")[2:] == [
        (Mode.NONE, date(2025, 7, 1), date(2026, 11, 30)),
        (Mode.PROFESSIONAL, date(2026, 12, 1), date(2028, 11, 30)),
    ]


def test_the_first_record_of_a_compound(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        build.compound(db, db.get_one(Area, city.community.id), "新院", code="XQ-N")
    change(database, city, "XQ-N", Terms(Mode.SELF_MANAGED, date(2026, 11, 1)), at, seen=0)
    assert spans(database, "XQ-N") == [(Mode.SELF_MANAGED, date(2026, 11, 1), None)]


def test_a_known_organization_is_not_made_again(
    database: Database, city: City, at: datetime
) -> None:
    terms = replace(COMPANY, operator="安居物业服务有限公司")
    change(database, city, "XQ-JQ12", terms, at)
    with database.reading() as db:
        assert [o.name for o in db.scalars(select(Organization))] == ["安居物业服务有限公司"]


def test_a_stale_form_changes_nothing(database: Database, city: City, at: datetime) -> None:
    change(database, city, "XQ-JQ12", COMPANY, at, seen=0)
    with pytest.raises(Conflict, match="刚刚被其他人登记"):
        change(database, city, "XQ-JQ12", replace(COMPANY, since=date(2027, 1, 1)), at, seen=0)
    assert len(spans(database, "XQ-JQ12")) == 2


def test_wrong_terms_are_refused_field_by_field(
    database: Database, city: City, at: datetime
) -> None:
    wrong = Terms(
        Mode.PROFESSIONAL, date(2026, 12, 1), date(2026, 1, 1), fee=Decimal(1), package="ZT-1"
    )
    with pytest.raises(Invalid) as refused:
        change(database, city, "XQ-JQ12", wrong, at)
    assert set(refused.value.fields) == {"until", "fee_unit", "operator", "agreement"}
    with database.reading() as db:
        assert len(history(db, city.courtyard.id)) == 1
        assert db.scalars(select(Entry)).all() == []


@pytest.mark.parametrize("code", ["XQ-B", "XQ-C"])
def test_nobody_records_outside_the_own_community(
    database: Database, city: City, at: datetime, code: str
) -> None:
    with pytest.raises(Forbidden):
        change(database, city, code, COMPANY, at)


def test_a_grid_leader_may_not_record(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        leader = build.actor(db, city.grid_leader, Role.GRID_LEADER, city.grid)
        with pytest.raises(Forbidden):
            record_coverage(db, leader, compound(db, "XQ-JQ12"), COMPANY, at=at)


def test_of_two_writers_at_once_one_wins(database: Database, city: City, at: datetime) -> None:
    start, outcomes = threading.Barrier(2), []

    def write(since: date) -> None:
        start.wait()
        try:
            change(database, city, "XQ-JQ12", replace(COMPANY, since=since), at, seen=0)
            outcomes.append("done")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=write, args=(date(2026, month, 1),)) for month in (9, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "done"]
    assert len(spans(database, "XQ-JQ12")) == 2


steps = st.lists(
    st.tuples(
        st.sampled_from(Mode), st.integers(0, 60), st.none() | st.integers(-2, 30), st.booleans()
    ),
    min_size=1,
    max_size=6,
)


@given(steps)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_sequence_of_changes_leaves_an_overlap_a_gap_or_loses_a_period(
    database: Database,
    city: City,
    at: datetime,
    sequence: list[tuple[Mode, int, int | None, bool]],
) -> None:
    with database.writing() as db:
        db.execute(delete(Coverage).where(Coverage.compound_id == city.courtyard.id))
    zero = date(2026, 1, 1)
    expected: list[date] = []
    for mode, start, length, fill in sequence:
        since = zero + timedelta(start)
        terms = Terms(
            mode,
            since,
            None if length is None else since + timedelta(length),
            operator=None if mode in {Mode.NONE, Mode.SELF_MANAGED} else "甲物业",
        )
        before = spans(database, "XQ-JQ12")
        try:
            change(database, city, "XQ-JQ12", terms, at, fill=fill)
        except Refusal:
            assert spans(database, "XQ-JQ12") == before
            continue
        expected.append(since)
    found = [Terms(*span) for span in spans(database, "XQ-JQ12")]
    assert list(clashes(found)) == []
    assert set(expected) <= {period.since for period in found}
    for earlier, later in itertools.pairwise(found):
        assert earlier.until
        assert earlier.until + timedelta(1) == later.since
        assert mode_on(found, later.since) is later.mode
