"""Promised owners' meetings: what counts as promised and as held, and the meetings behind it."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.cases.actions.promises import make_promise
from govgrid.cases.rules import OwnersMeetings, Pledge
from govgrid.db import Database
from govgrid.grid.models import Area, Compound
from govgrid.meetings.models import Attendance, Attendee, Kind, Meeting, Stage, Unit, Venue
from govgrid.meetings.pages.promised import routes
from govgrid.meetings.queries.promised import by_company, by_compound, owners_meetings
from tests import build
from tests.build import City, clock
from tests.cases.site import routes as case_routes
from tests.cases.site import visited

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
MADE = clock("2026-11-23 09:00")
HELD = clock("2026-12-08 20:00")
AFTER = clock("2026-12-20 09:00")
NAME = "锦和物业"


@pytest.fixture
def city(database: Database) -> City:
    """Let the company of two compounds promise one meeting a month, and two for one of them."""
    with database.writing() as db:
        made = build.small_city(db)
        company = build.organization(db, NAME)
        for home in (made.compound, made.courtyard):
            db.get_one(Compound, home.id).company_id = company.id
        db.flush()
        street = db.get_one(Area, made.street.id)
        liaison = build.actor(db, made.liaison, Role.LIAISON, street)
        for code, pledge in (
            (None, Pledge(owners_meetings=1)),
            (made.courtyard.code, Pledge(reply=9, owners_meetings=2)),
        ):
            make_promise(db, liaison, street, NAME, code, pledge, MADE.date(), at=MADE)
        venue = Venue(community_id=made.community.id, name="会议室")
        db.add(venue)
        db.flush()
        db.expunge_all()
    return made


def meet(
    db: Session, city: City, kind: Kind, came: Attendance | None, held: datetime | None = HELD
) -> None:
    """Let the compound meet in December, its project manager coming or not."""
    unit = Unit(community_id=city.community.id, compound_id=city.compound.id, kind=kind)
    db.add(unit)
    db.flush()
    start = HELD - timedelta(hours=1)
    made = Meeting(
        uid=str(uuid4()), unit_id=unit.id, month=DECEMBER, title="会议", start=start, end=HELD,
        stage=Stage.HELD if held else Stage.PLANNED, community_id=city.community.id,
        venue_id=db.scalars(select(Venue.id)).one(), convenor_id=city.secretary.id, held_at=held,
    )  # fmt: skip
    db.add(made)
    db.flush()
    db.add(
        Attendee(
            meeting_id=made.id, officer_id=city.manager.id, role=Role.PROJECT_MANAGER, nonce="n",
            link=str(made.id), attendance=came,
        )
    )  # fmt: skip
    db.flush()


@pytest.mark.parametrize(
    ("came", "held", "at", "kept"),
    [
        (Attendance.PRESENT, HELD, AFTER, 1), (Attendance.SUBSTITUTE, HELD, AFTER, 1),
        (Attendance.EXCUSED, HELD, AFTER, 0), (Attendance.PRESENT, HELD, HELD - timedelta(1), 0),
        (None, None, AFTER, 0),
    ],
)  # fmt: skip
def test_held_is_the_companys_own_meeting_with_its_manager(
    database: Database, city: City, came: Attendance | None, held: datetime | None, at: datetime,
    kept: int,
) -> None:  # fmt: skip
    with database.writing() as db:
        meet(db, city, Kind.JOINT, Attendance.PRESENT)
        meet(db, city, Kind.OWNERS, came, held)
        for area in (city.city, city.community):
            found = owners_meetings(db, DECEMBER, db.get_one(Area, area.id), at)
            assert found == OwnersMeetings(promised=3, held=kept)
        street = db.get_one(Area, city.street.id)
        assert owners_meetings(db, NOVEMBER, street, at) == OwnersMeetings()  # begun in mid-month
        far = db.get_one(Area, city.next_street.id)
        assert owners_meetings(db, DECEMBER, far, at).rate is None
        (company,), companies = by_company(db, DECEMBER, street, at)
        assert (companies, company.name, company.compounds) == (1, NAME, 2)
        assert company.meetings == OwnersMeetings(3, kept)
        secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        rows, total = by_compound(db, secretary, DECEMBER, street, NAME, at)
        assert total == 2
        assert {row.compound.id: (row.promised, row.kept, row.open_to_actor) for row in rows} == {
            city.compound.id: (1, bool(kept), True),
            city.courtyard.id: (2, False, False),
        }
        assert by_compound(db, secretary, DECEMBER, street, "别家物业", at) == ([], 0)


@pytest.mark.one_engine
def test_the_figure_leads_to_the_meetings_as_far_as_one_sees(
    database: Database, city: City
) -> None:
    with database.writing() as db:
        meet(db, city, Kind.OWNERS, Attendance.ABSENT)
        number = db.scalars(select(Meeting.id)).one()
        secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        far = db.get_one(Area, city.next_street.id)
        officer = build.officer(db, "郑联络", Role.LIAISON, far)
        stranger = build.actor(db, officer, Role.LIAISON, far)
    shown = visited(database, AFTER, secretary, [*case_routes, *routes])
    assert "承诺业主会召开率" in shown.get("/rates?month=2026-12").text
    assert "承诺业主会召开率" not in shown.get("/rates?month=2026-11").text
    listed = "/rates/owners-meetings?month=2026-12"
    assert "承诺 3 次，已召开 0 次" in shown.get(listed).text
    behind = shown.get(f"{listed}&company={NAME}").text
    assert f'href="/meetings/{number}"' in behind
    assert "项目经理未到会" in behind
    elsewhere = visited(database, AFTER, stranger, routes)
    assert NAME not in elsewhere.get(listed).text
    assert elsewhere.get(f"{listed}&area={city.community.code}").status_code == 404
