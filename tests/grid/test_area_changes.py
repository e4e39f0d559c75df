"""Changes of areas: what each does to the tree and to what names an area, what is refused."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.actions.areas.changes import (
    apply_due,
    confirm,
    draft,
    preview,
    undo,
    withdraw,
)
from govgrid.grid.actions.areas.steps import fingerprint
from govgrid.grid.actions.areas.wishes import (
    END,
    Close,
    Create,
    Heir,
    Manage,
    Merge,
    Move,
    Rename,
    Reopen,
    Split,
    Wish,
)
from govgrid.grid.models import Area, AreaChange, ChangeStage, Compound, Level, Post
from govgrid.journal import Entry, broken
from govgrid.meetings.models import ActionItem, Meeting, Stage, Unit, Venue
from tests import build
from tests.build import City
from tests.grid.areas import meeting, unit

TODAY = date(2026, 11, 23)


@pytest.fixture
def city(database: Database) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        db.expunge_all()
    return made


@pytest.fixture
def housing(database: Database, city: City) -> Actor:
    with database.reading() as db:
        return build.actor(db, city.housing, Role.HOUSING_OFFICER, city.district)


@pytest.fixture
def liaison(database: Database, city: City) -> Actor:
    with database.reading() as db:
        return build.actor(db, city.liaison, Role.LIAISON, city.street)


def change(
    database: Database, actor: Actor, wish: Wish, at: datetime, on: date = TODAY
) -> AreaChange:
    """Draft, preview and confirm; return the change as it then stands."""
    with database.writing() as db:
        number = draft(db, actor, wish, on, None, at=at).id
    with database.reading() as db:
        seen = fingerprint(preview(db, actor, db.get_one(AreaChange, number)).steps)
    with database.writing() as db:
        confirm(db, actor, db.get_one(AreaChange, number), seen, at=at)
    with database.reading() as db:
        return db.get_one(AreaChange, number)


def area(db: Session, number: int) -> Area:
    return db.get_one(Area, number)


def named(db: Session, name: str) -> Area:
    found = db.scalar(select(Area).where(Area.name == name, Area.closed_on.is_(None)))
    assert found is not None
    return found


def test_a_rename_keeps_the_rest(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    done = change(database, liaison, Rename(area=city.grid.id, name="锦江一网格"), at)
    assert done.stage is ChangeStage.DONE
    with database.reading() as db:
        assert area(db, city.grid.id).name == "锦江一网格"
        assert area(db, city.grid.id).code == city.grid.code
        entry = db.scalars(select(Entry).where(Entry.verb == "change")).one()
        assert entry.detail["before"][0]["name"] == "锦江第一网格"  # type: ignore[index]
        assert entry.detail["after"][0]["name"] == "锦江一网格"  # type: ignore[index]
        assert list(broken(db)) == []


def test_a_moved_grid_takes_codes_compounds_units_and_open_meetings(
    database: Database, city: City, liaison: Actor, at: datetime
) -> None:
    with database.writing() as db:
        home = unit(db, city.community, city.compound)
        held = meeting(db, home, date(2026, 10, 1), Stage.HELD)
        coming = meeting(db, home, date(2026, 12, 1), Stage.CONFIRMED)
    change(database, liaison, Move(area=city.grid.id, parent=city.next_community.id), at)
    with database.reading() as db:
        grid, micro = area(db, city.grid.id), area(db, city.micro_grids[1].id)
        assert grid.code == "510107001002001"
        assert micro.code == "510107001002001002"
        assert micro.path == "/5101/510107/510107001/510107001002/510107001002001/510107001002001002/"
        assert db.get_one(Compound, city.compound.id).community_id == city.next_community.id
        assert db.get_one(Unit, home).community_id == city.next_community.id
        assert db.get_one(Meeting, coming).community_id == city.next_community.id
        assert db.get_one(Meeting, held).community_id == city.community.id
        assert [p.until for p in db.scalars(select(Post).where(Post.area_id == grid.id))] == [None]
