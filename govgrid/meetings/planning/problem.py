"""Read a month to plan from the database, street by street, in a fixed number of queries each."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import under
from govgrid.errors import Invalid
from govgrid.grid.models import Area, Level
from govgrid.meetings.planning.assembly import Assembly
from govgrid.meetings.planning.ground import Ground
from govgrid.meetings.planning.lines import Adjust, Draft, Problem, Read, Treat
from govgrid.meetings.queries import engaged
from govgrid.meetings.queries.engaged import Room
from govgrid.meetings.queries.roster import Person, rosters
from govgrid.meetings.queries.units import Meets, who_meets
from govgrid.meetings.rules import last_month, month_span
from govgrid.workdays import calendar

OWN_ROOM = "%s会议室"


def problem(
    db: Session,
    paths: Collection[str],
    month: date,
    *,
    at: datetime,
    treat: Treat = Treat.KEEP,
    adjust: Mapping[str, Adjust] | None = None,
) -> Problem:
    """Return the month of the areas at these paths. Raise `Invalid` where it is over."""
    adjust = adjust or {}
    rooms = [a.venue_id for a in adjust.values() if a.venue_id is not None]
    ground = Ground(month, calendar(db))
    if ground.first_open(at) > len(ground.days):
        raise Invalid("%(month)s已经没有可以排会的日子，请选择以后的月份。", month=f"{month:%Y-%m}")
    read = read_month(db, paths, month, treat, rooms)
    return Assembly(ground, read, treat, adjust, at).problem()


def streets(db: Session, path: str) -> list[str]:
    """Return the paths of the streets under a path, or the path itself inside one."""
    rows = select(Area.path).where(
        under(Area.path, [path]), Area.level == Level.STREET, Area.closed_on.is_(None)
    )
    return list(db.scalars(rows.order_by(Area.path))) or [path]


def read_month(
    db: Session, paths: Collection[str], month: date, treat: Treat, rooms: Collection[int] = ()
) -> Read:
    """Read what a plan of the areas at these paths needs. `rooms` are wanted besides their own."""
    start, end = month_span(month)
    drafts: list[Draft] = []
    known: dict[int, Room] = {}
    for path in dict.fromkeys(street for top in paths for street in streets(db, top)):
        drafts += _street(db, path, month, treat, known, rooms)
    people = {h.person.id: h.person for d in drafts for h in d.posts}
    people |= {s.person.id: s.person for d in drafts for h in d.posts for s in h.stand_ins}
    for draft in drafts:
        for sitter in draft.sitting.sitters if draft.sitting else ():
            people.setdefault(
                sitter.officer_id, Person(sitter.officer_id, sitter.code, sitter.name)
            )
    own = {d.room.id for d in drafts if d.room.id is not None}
    own |= {d.sitting.venue_id for d in drafts if d.sitting}
    held = {d.sitting.id for d in drafts if d.sitting}
    elsewhere = engaged.sittings_elsewhere(db, people.keys(), own, start, end, held)
    missing = (own | {s.venue_id for s in elsewhere}) - known.keys()
    for room in engaged.rooms_of(db, (), missing, start, end):
        known[room.id or 0] = room
    communities = {d.meets.community.id for d in drafts} | {r.community_id for r in known.values()}
    return Read(
        drafts,
        people,
        engaged.away(db, people.keys(), start, end),
        known,
        elsewhere,
        engaged.middles(db, communities),
    )


def _street(
    db: Session,
    path: str,
    month: date,
    treat: Treat,
    known: dict[int, Room],
    wanted: Collection[int],
) -> Iterator[Draft]:
    start, end = month_span(month)
    meets = who_meets(db, path)
    posts = rosters(db, path, month, (end - timedelta(hours=1)).date())
    sittings = engaged.sittings_of_units(db, path, month)
    before = engaged.before(db, path, last_month(month))
    set_ = {m.setup.venue_id for m in meets if m.setup.venue_id is not None}
    held = {s.venue_id for s in sittings.values()}
    rooms = engaged.rooms_of(db, [path], set_ | held | {*wanted}, start, end)
    own: dict[int, Room] = {}
    for room in rooms:
        known[room.id or 0] = room
        own.setdefault(room.community_id, room)
    for one in meets:
        sitting = sittings.get(one.unit_id) if one.unit_id is not None else None
        if treat is Treat.REPAIR and sitting is None:
            continue
        room = known[sitting.venue_id] if sitting else _room(one, known, own)
        yield Draft(one, tuple(posts.posts(one)), room, sitting, before.get(one.unit_id or 0))


def _room(meets: Meets, known: Mapping[int, Room], own: dict[int, Room]) -> Room:
    """Return the room the settings name, else the community's own, known or not."""
    if meets.setup.venue_id is not None and meets.setup.venue_id in known:
        return known[meets.setup.venue_id]
    community = meets.community
    if community.id not in own:
        name = OWN_ROOM % community.name
        own[community.id] = Room(
            None, f"{community.code}/{name}", name, community.id, None, None, None
        )
    return own[community.id]
