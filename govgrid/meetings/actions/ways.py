"""Take a way out that was tried, and plan again around the rest."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.errors import Conflict, Invalid
from govgrid.grid.actions.absences import delete_absence
from govgrid.grid.models import Officer
from govgrid.meetings.actions.runs import Wish, ask
from govgrid.meetings.actions.venues import reopen_venue
from govgrid.meetings.models import Part, PlanLine, PlanRun, RunState, VenueClosure
from govgrid.meetings.planning.instance import WayKind
from govgrid.meetings.queries.lines import key_of
from govgrid.meetings.queries.venues import venue_kept
from govgrid.words import Term


def replan(
    db: Session,
    actor: Actor,
    run: PlanRun,
    *,
    at: datetime,
    adjust: Mapping[str, Any] | None = None,
) -> PlanRun:
    """Queue a run that moves as few of this one's lines as can be; those kept by hand stay."""
    if run.state is not RunState.DONE:
        raise Conflict("排会尚未完成，请稍候。")
    wish = Wish(
        seconds=run.seconds,
        seed=run.seed,
        again=run.again,
        repair=run.repair,
        base=None if run.repair else run,
        adjust={**run.adjust, **(adjust or {})},
    )
    return ask(db, actor, run.area, run.month, wish, at=at)


def take_way(
    db: Session,
    actor: Actor,
    run: PlanRun,
    line: PlanLine,
    number: int,
    *,
    at: datetime,
    today: date,
) -> PlanRun:
    """Let one thing give way for the line's unit, this month only, and plan again.

    A time away or a closure is deleted for good, by whoever may keep it.
    """
    if number >= len(line.ways):
        raise Invalid("该办法已不存在，请刷新页面。")
    way = line.ways[number]
    key = key_of(line.unit)
    adjust = dict(run.adjust.get(key, {}))
    match WayKind(way["kind"]):
        case WayKind.ALLOW:
            adjust["allow"] = [*adjust.get("allow", []), way["allow"]]
        case WayKind.WINDOW:
            adjust["window"] = way["window"]
        case WayKind.VENUE:
            adjust["venue_id"] = way["venue_id"]
        case WayKind.SUBSTITUTE:
            adjust["stand_ins"] = {**adjust.get("stand_ins", {}), way["person"]: way["by"]}
        case WayKind.LIFT:
            _lift(db, actor, way, today=today)
    return replan(db, actor, run, at=at, adjust={key: adjust} if adjust else None)


def _lift(db: Session, actor: Actor, way: Mapping[str, Any], *, today: date) -> None:
    if way["person"]:
        officer = db.scalars(select(Officer).where(Officer.code == way["person"])).one()
        delete_absence(db, actor, officer, way["lift"], today=today)
        return
    closure = db.get(VenueClosure, way["lift"])
    if closure is None:
        raise Conflict("这条停用记录已不存在，请刷新页面。")
    reopen_venue(db, actor, venue_kept(db, actor, closure.venue_id), closure.id)


def role_words() -> dict[str, Term]:
    """Return the words of roles by key."""
    return {role.value: role.word for role in Role}


def part_words() -> dict[str, Term]:
    """Return the words of parts by key."""
    return {part.value: part.word for part in Part}
