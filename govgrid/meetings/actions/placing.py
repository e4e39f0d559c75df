"""Write what was planned: units, rooms, meetings with attendees and agendas, in bulk."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, joinedload

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden
from govgrid.grid.models import Area
from govgrid.meetings.actions.plan import new_link
from govgrid.meetings.actions.preparing import prepare_agendas
from govgrid.meetings.actions.settings import add_units
from govgrid.meetings.actions.venues import own_room
from govgrid.meetings.models import Attendee, Kind, Meeting, Reply, Stage, Unit
from govgrid.meetings.planning.lines import Line, Problem
from govgrid.meetings.planning.outcome import Placed, misfits
from govgrid.meetings.queries.engaged import chunks
from govgrid.meetings.queries.roster import Called
from govgrid.meetings.queries.units import Meets
from govgrid.meetings.rules.settings import CONVENORS

PLACE = ("start", "end", "venue_id", "stage")


def write_plan(
    db: Session,
    actor: Actor | None,
    area: Area | None,
    problem: Problem,
    wanted: Sequence[Placed],
    *,
    confirm: bool = False,
    at: datetime,
) -> dict[str, Meeting]:
    """Make meetings of what was placed and stands nowhere yet; return them by key.

    What stands already is only looked at, with all the rest. `problem` is read in this very transaction: raise `Conflict` where what was placed meanwhile
    clashes with it, and `Forbidden` where the actor (None: the command line) does not plan there.
    """
    _refuse(actor, wanted)
    new = [p for p in wanted if not p.line.fixed and p.line.sitting is None]
    assign = {p.line.key: problem.ground.minute(p.start) for p in wanted if not p.line.fixed}
    if late := sorted(misfits(problem, assign)):
        names = [problem.lines[key].meets.name if key in problem.lines else key for key in late]
        raise Conflict(
            "编排之后情况有变，%(n)s 场会议的时间已不可用：%(names)s。请重新排会。",
            n=len(late), names=names[:5],
        )  # fmt: skip
    units = _units(db, actor, area, problem, new)
    rooms = _rooms(db, actor, new)
    stage = Stage.CONFIRMED if confirm else Stage.PLANNED
    made = {p.line.key: _meeting(problem, p, units, rooms, stage, actor) for p in new}
    db.add_all(made.values())
    db.flush()
    _seat(db, made, new, confirm=confirm, at=at)
    prepare_agendas(db, [(units[key], meeting) for key, meeting in made.items()], at=at)
    for meeting in made.values():
        after = journal.image(meeting, *PLACE)
        journal.record(
            db, actor, "schedule", "meeting", meeting.id, unit=meeting.unit_id, after=after
        )
    return made


def may_plan(actor: Actor, paths: Iterable[str]) -> None:
    """Raise `Forbidden` unless the actor plans in each of the areas at these paths."""
    if not all(actor.may(Power.PLAN, path) for path in paths):
        raise Forbidden("您的职务没有为该区域排会的权限；请联系社区书记或街道联络员。")


def _refuse(actor: Actor | None, wanted: Iterable[Placed]) -> None:
    if actor is not None:
        may_plan(actor, {p.line.meets.community.path for p in wanted})


def _units(
    db: Session, actor: Actor | None, area: Area | None, problem: Problem, new: Sequence[Placed]
) -> dict[str, Unit]:
    """Return the units of what was placed; those not registered yet are made."""
    lacking = [p.line.meets for p in new if p.line.meets.unit_id is None]
    for community, those in _by_community(lacking).items():
        place = area if area is not None else db.get_one(Area, community)
        add_units(db, actor, place, those)
    known: dict[tuple[int, int | None, Kind], Unit] = {}
    for ids in chunks(sorted({p.line.meets.community.id for p in new})):
        rows = db.scalars(
            select(Unit)
            .where(Unit.community_id.in_(ids))
            .options(joinedload(Unit.compound), joinedload(Unit.community))
        )
        known |= {(u.community_id, u.compound_id, u.kind): u for u in rows}
    del problem
    return {p.line.key: known[_identity(p.line.meets)] for p in new}


def _identity(meets: Meets) -> tuple[int, int | None, Kind]:
    return meets.community.id, meets.home.id if meets.home else None, meets.kind


def _by_community(lacking: Iterable[Meets]) -> dict[int, list[Meets]]:
    found: dict[int, list[Meets]] = {}
    for one in lacking:
        found.setdefault(one.community.id, []).append(one)
    return found


def _rooms(db: Session, actor: Actor | None, new: Iterable[Placed]) -> dict[str, int]:
    """Return the ids of the rooms; a community's own that nobody registered is made."""
    found: dict[str, int] = {}
    for one in new:
        room = one.room
        if room.id is not None:
            found[room.key] = room.id
        elif room.key not in found:
            name = one.line.meets.community.name
            found[room.key] = own_room(db, actor, room.community_id, name).id
    return found


def _meeting(
    problem: Problem,
    one: Placed,
    units: Mapping[str, Unit],
    rooms: Mapping[str, int],
    stage: Stage,
    actor: Actor | None,
) -> Meeting:
    unit, month = units[one.line.key], problem.ground.month
    return Meeting(
        uid=str(uuid.uuid4()),
        unit_id=unit.id,
        community_id=unit.community_id,
        month=month,
        stage=stage,
        title=title_of(one.line, month),
        start=one.start,
        end=one.end,
        venue_id=rooms[one.room.key],
        convenor_id=convenor_id(one.line, one.due, actor),
    )


def title_of(line: Line, month: date) -> str:
    """Return what the meeting is called."""
    return f"{line.meets.name}{month.year}年{month.month}月{line.meets.kind.word}"


def convenor_id(line: Line, due: Sequence[Called], actor: Actor | None) -> int:
    """Return who convenes: the first of the roles that do, else whoever plans, else the first."""
    for role in CONVENORS[line.meets.kind]:
        if found := next((c.person.id for c in due if c.role is role), None):
            return found
    return actor.officer_id if actor and actor.officer_id else due[0].person.id


def _seat(
    db: Session, made: Mapping[str, Meeting], new: Sequence[Placed], *, confirm: bool, at: datetime
) -> None:
    rows: list[dict[str, Any]] = []
    for one in new:
        meeting = made[one.line.key]
        for called, required in _chairs(one):
            nonce, link = new_link(db)
            asked = not (confirm and called.person.id == meeting.convenor_id)
            rows.append(
                {
                    "meeting_id": meeting.id,
                    "officer_id": called.person.id,
                    "role": called.role,
                    "required": required,
                    "observer": False,
                    "nonce": nonce,
                    "link": link,
                    "reply": Reply.NEEDS_ACTION if asked else Reply.ACCEPTED,
                    "replied_at": None if asked else at,
                    "known_away": False,
                }
            )
    if rows:
        db.execute(insert(Attendee), rows)


def _chairs(one: Placed) -> Collection[tuple[Called, bool]]:
    return [*((c, True) for c in one.due), *((c, False) for c in one.guests)]
