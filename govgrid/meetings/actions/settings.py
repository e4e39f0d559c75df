"""Set what units are planned by; refuse what contradicts itself here or anywhere below."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict, Invalid, Refusal
from govgrid.grid.models import Area
from govgrid.meetings.actions.plan import may_convene
from govgrid.meetings.models import AreaSettings, Kind, Unit, Venue
from govgrid.meetings.queries import settings
from govgrid.meetings.queries.settings import COLUMNS, OWN, Touched, rooms_near
from govgrid.meetings.queries.units import Meets, who_meets
from govgrid.meetings.rules.settings import OWN_ROOM, contradictions, workless
from govgrid.workdays import Calendar

Values = Mapping[str, Any]
# The agenda has a page of its own: saving the others leaves it as it is.
UNIT = (*(name for name in OWN if name != "agenda"), "paused")
AREA = (*(name for name in COLUMNS if name != "agenda"), "like_id")


def set_for_area(
    db: Session,
    actor: Actor,
    area: Area,
    kind: Kind,
    values: Values,
    version: int,
    *,
    calendar: Calendar,
    today: date,
) -> None:
    """Let these be the area's own settings for one kind of meeting (None: as above it).

    Raise `Invalid` with the place where they contradict what is set there, `Conflict` where
    somebody else has set them since `version` (0: there were none).
    """
    may_convene(actor, area.path)
    _refuse_room(db, area, values)
    row = settings.settings_row(db, area, kind)
    if (row.version if row else 0) != version:
        raise Conflict("设置刚被其他人修改，请刷新页面核对后再保存。")
    if row is None:
        row = AreaSettings(area_id=area.id, kind=kind)
        db.add(row)
    before = journal.image(row, *AREA)
    for name in AREA:
        setattr(row, name, values.get(name))
    db.flush()
    refuse_wrong(settings.touched(db, area, kind), calendar, today)
    after = journal.image(row, *AREA)
    journal.record(db, actor, "set", "settings", area.code, kind=kind, before=before, after=after)


def set_for_unit(
    db: Session,
    actor: Actor,
    unit: Unit,
    values: Values,
    version: int,
    *,
    calendar: Calendar,
    today: date,
) -> None:
    """Let these be the unit's own settings (None: as those of its community)."""
    may_convene(actor, unit.community.path)
    _refuse_room(db, unit.community, values)
    if unit.version != version:
        raise Conflict("设置刚被其他人修改，请刷新页面核对后再保存。")
    before = journal.image(unit, *UNIT)
    for name in UNIT:
        setattr(unit, name, values.get(name))
    db.flush()
    refuse_wrong([Touched(unit.name, settings.setup_of_unit(db, unit))], calendar, today)
    after = journal.image(unit, *UNIT)
    journal.record(db, actor, "set", "unit", unit.id, before=before, after=after)


def refuse_wrong(places: Iterable[Touched], calendar: Calendar, today: date) -> None:
    """Raise `Invalid` for settings that contradict one another, or leave no day to meet on."""
    for place in places:
        fields: dict[str, Refusal] = dict(contradictions(place.setup))
        shut = None
        if not fields:
            shut = workless(place.setup, settings.coming_months(today), calendar)
        if shut is not None:
            fields["window_from"] = Invalid(
                "%(year)s年%(month)s月 %(first)s—%(last)s 日没有可以开会的日子。",
                year=shut.year, month=shut.month,
                first=place.setup.window_from, last=place.setup.window_to,
            )  # fmt: skip
        if fields:
            raise Invalid("“%(place)s”的会议设置不能成立。", fields=fields, place=place.name)


def register_units(db: Session, actor: Actor | None, area: Area) -> list[Unit]:
    """Make units of what meets in the area by its settings and is none yet; return them."""
    if actor is not None:
        may_convene(actor, area.path)
    return add_units(db, actor, area, [m for m in who_meets(db, area.path) if m.unit_id is None])


def add_units(db: Session, actor: Actor | None, area: Area, lacking: Iterable[Meets]) -> list[Unit]:
    """Make units of these, with one line in the journal."""
    made = [
        Unit(
            community_id=one.community.id,
            compound_id=one.home.id if one.home else None,
            kind=one.kind,
        )
        for one in lacking
    ]
    db.add_all(made)
    db.flush()
    if made:
        journal.record(db, actor, "register", "units", area.code, added=len(made))
    return made


def prepare(db: Session, actor: Actor, area: Area) -> None:
    """Register what meets in the area and is no unit yet, and a room for communities without one."""
    meets = who_meets(db, area.path)
    add_units(db, actor, area, [one for one in meets if one.unit_id is None])
    homeless = {m.community.id: m.community for m in meets if m.setup.venue_id is None}
    rooms = select(Venue.community_id).where(Venue.community_id.in_(sorted(homeless)))
    for number in db.scalars(rooms.distinct()):
        homeless.pop(number, None)
    made = [Venue(community_id=c.id, name=OWN_ROOM % c.name) for c in homeless.values()]
    db.add_all(made)
    if made:
        journal.record(db, actor, "register", "venues", area.code, added=len(made))


def _refuse_room(db: Session, area: Area, values: Values) -> None:
    room = values.get("venue_id")
    if room is not None and all(one.id != room for one in rooms_near(db, area)):
        raise Invalid(
            "所选会议室不存在，请重新选择。",
            fields={"venue_id": Invalid("会议室应在本街道之内。")},
        )
