"""What is watched, who is told, and that each stage is told once."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.cases.models import Case, Source
from govgrid.db import Database
from govgrid.grid.models import Compound, Officer
from govgrid.meetings.models import Meeting, Stage, Unit, Venue
from govgrid.meetings.queries.unmet import SIGNALS, unmet_compounds
from govgrid.oldcompounds.chasing import watching
from govgrid.oldcompounds.queries import Signals, history, watch_for_area, watch_for_unit
from govgrid.oldcompounds.rules import Concern, months_back, stage_of
from govgrid.outbox.models import Letter
from tests import build
from tests.build import City

# On 2026-11-23 the courtyard's agreement ends in 7 days, XQ-B manages itself.


@pytest.mark.parametrize(
    ("days", "stage"),
    [(-1, None), (0, 30), (30, 30), (31, 60), (60, 60), (61, 90), (90, 90), (91, None)],
)
def test_stages(days: int, stage: int | None) -> None:
    on = date(2026, 11, 23)
    assert stage_of(on + timedelta(days), on) == stage


def test_months_back() -> None:
    assert months_back(date(2026, 4, 30), 2) == date(2026, 2, 28)
    assert months_back(date(2026, 1, 15), 2) == date(2025, 11, 15)


def test_an_ending_agreement_and_a_missing_committee(
    database: Database, city: City, at: datetime
) -> None:
    with database.reading() as db:
        found = watch_for_area(db, city.district, at)
    assert [(one.concern, one.code, one.stage) for one in found] == [
        (Concern.ENDING, "XQ-JQ12", 30),
        (Concern.NO_COMMITTEE, "XQ-B", 0),
    ]
    with database.writing() as db:
        home = db.scalars(select(Compound).where(Compound.code == "XQ-B")).one()
        member = build.officer(db, "业委会主任", Role.OWNERS_COMMITTEE, home)
        assert [one.code for one in watch_for_unit(db, [home.id], at)] == []
        assert member.id


def test_meetings_missing_for_two_months(database: Database, city: City, at: datetime) -> None:
    ids = [city.courtyard.id, city.compound.id]
    since = at - timedelta(days=60)
    with database.writing() as db:
        room = Venue(community_id=city.community.id, name="会议室")
        whole = Unit(community_id=city.community.id)
        own = Unit(community_id=city.community.id, compound_id=city.courtyard.id)
        db.add_all([room, whole, own])
        db.flush()
        for unit, days, stage in (
            (own, 100, Stage.HELD), (own, 5, Stage.CANCELLED), (whole, 70, Stage.HELD),
        ):  # fmt: skip
            start = at - timedelta(days=days)
            db.add(
                Meeting(
                    uid=f"u{days}", unit_id=unit.id, community_id=unit.community_id,
                    month=start.date().replace(day=1), stage=stage, title="会", start=start,
                    end=start + timedelta(hours=1), venue_id=room.id,
                    convenor_id=city.secretary.id,
                )
            )  # fmt: skip
        db.flush()
        last = (at - timedelta(days=70)).date()
        assert unmet_compounds(db, ids, since) == {ids[0]: last, ids[1]: last}
        assert unmet_compounds(db, ids, at - timedelta(days=80)) == {}
        watched = watch_for_unit(db, ids, at, SIGNALS)
    assert [one.concern for one in watched] == [Concern.ENDING, Concern.UNMET]
    assert watched[1].params == {"last": last}


def test_a_companys_falling_rates(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        home = db.get_one(Compound, city.courtyard.id)
        company = watch_company(db, home)
        for month, late in ((8, 0), (9, 3), (10, 6)):
            for number in range(12):
                received = datetime(2026, month, 5, 1, number, tzinfo=at.tzinfo)
                due = received + timedelta(hours=2)
                replied = due + timedelta(minutes=1 if number < late else -1)
                db.add(
                    Case(
                        number=f"G{month}-{number}", source=Source.HOTLINE, category="停车",
                        compound_id=home.id, received_at=received, reply_due=due,
                        close_due=received + timedelta(days=2), replied_at=replied,
                        closed_at=replied, content="x",
                    )
                )  # fmt: skip
        db.flush()
        found = SIGNALS.falling(db, [company], at)
        assert {(round(f.before, 2), round(f.now, 2), f.month) for f in found.values()} == {
            (1.0, 0.75, date(2026, 10, 1))
        }
        only = Signals(SIGNALS.falling, lambda *_: {})
        concerns = [one.concern for one in watch_for_unit(db, [home.id], at, only)]
    assert concerns == [Concern.ENDING, Concern.FALLING]


def watch_company(db: Session, home: Compound) -> int:
    """Let the operator also stand as the compound's company; return its id."""
    (period,) = history(db, home.id)
    home.company_id = period.operator_id
    db.flush()
    assert period.operator_id
    return period.operator_id


def test_letters_go_out_once_a_stage(database: Database, city: City, at: datetime) -> None:
    with database.writing() as db:
        for officer in (city.secretary, city.liaison):
            db.get_one(Officer, officer.id).email = f"{officer.code}@example.invalid"
    step = watching(Signals(lambda *_: {}, lambda *_: {}))
    assert step(database, at - timedelta(hours=2)) == 0  # it is 07:00
    first = step(database, at)
    assert step(database, at + timedelta(minutes=1)) == 0
    assert step(database, at + timedelta(days=1)) == 0  # the same stages
    with database.reading() as db:
        letters = list(db.scalars(select(Letter).order_by(Letter.id)))
    assert first == len(letters) == 3  # both communities' and the street's
    secretary = next(one for one in letters if one.to_name == "周书记")
    assert "江桥街12号院" in secretary.plain
    assert "2026年11月30日" in secretary.plain
    assert "/coverage/510107001001/watch" in secretary.plain
