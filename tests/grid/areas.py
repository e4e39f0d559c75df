"""Units, meetings and the way through a change, for tests of changes of areas."""

import uuid
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor
from govgrid.db import Database, metadata
from govgrid.grid.actions.areas.changes import confirm, draft, preview
from govgrid.grid.actions.areas.steps import fingerprint
from govgrid.grid.actions.areas.wishes import Wish
from govgrid.grid.models import Area, AreaChange, Compound, Officer
from govgrid.meetings.models import Meeting, Stage, Unit, Venue

TODAY = date(2026, 11, 23)


def venue(db: Session, community: Area, name: str = "会议室") -> int:
    """Add a room and return its id."""
    made = Venue(community_id=community.id, name=name)
    db.add(made)
    db.flush()
    return made.id


def unit(db: Session, community: Area, compound: Compound | None = None) -> int:
    """Add a unit and return its id."""
    made = Unit(community_id=community.id, compound_id=compound.id if compound else None)
    db.add(made)
    db.flush()
    return made.id


def meeting(db: Session, unit_id: int, month: date, stage: Stage) -> int:
    """Add the unit's meeting of a month in a room of its community; return its id."""
    home = db.get_one(Unit, unit_id)
    community = db.get_one(Area, home.community_id)
    room = db.scalar(select(Venue.id).where(Venue.community_id == home.community_id))
    start = datetime(month.year, month.month, 8, 1, tzinfo=UTC)
    made = Meeting(
        uid=str(uuid.uuid4()),
        unit_id=unit_id,
        community_id=home.community_id,
        month=month,
        stage=stage,
        title=f"{community.name}{month:%Y-%m}联席会议 {unit_id}",
        start=start,
        end=start + timedelta(hours=1),
        venue_id=room or venue(db, community),
        convenor_id=db.scalars(select(Officer.id).order_by(Officer.id)).first(),
    )
    db.add(made)
    db.flush()
    return made.id


def everything(database: Database) -> dict[str, list[dict[str, object]]]:
    """Return all rows of all tables but journal and changes; versions only ever go up."""
    found = {}
    with database.reading() as db:
        for table in metadata.sorted_tables:
            if table.name not in {"journal", "area_changes", "area_change_parts"}:
                columns = [column for column in table.c if column.name != "version"]
                rows = db.execute(select(*columns).order_by(*table.primary_key.columns))
                found[table.name] = [dict(row) for row in rows.mappings()]
    return found


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
