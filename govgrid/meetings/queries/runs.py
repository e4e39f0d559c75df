"""Runs of the planner as their people see them: one run, its lines, those of a month."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from govgrid.access import Actor, Power, under
from govgrid.errors import NotFound
from govgrid.grid.models import Area, Compound, Officer
from govgrid.meetings.models import UNDER_WAY, Meeting, PlanLine, PlanRun, Unit
from govgrid.meetings.queries.engaged import chunks


def run_seen(db: Session, actor: Actor, number: int) -> PlanRun:
    """Return the run with its area. Raise `NotFound` where the actor plans no part of it."""
    found = db.scalar(
        select(PlanRun)
        .join(PlanRun.area)
        .where(PlanRun.id == number, _concerns(actor))
        .options(contains_eager(PlanRun.area))
    )
    if found is None:
        raise NotFound("该次排会不存在，或不在您的职责范围内。")
    return found


def _concerns(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a run's area lies in the actor's, or the actor's in it.

    Managed areas count for whoever plans the managing one.
    """
    paths = actor.paths(Power.PLAN)
    above = {up for path in paths for up in _above(path)}
    return or_(under(Area.path, paths), Area.path.in_(above))


def _above(path: str) -> list[str]:
    codes = path.strip("/").split("/")
    return ["/" + "/".join(codes[:depth]) + "/" for depth in range(1, len(codes))]


def whole(actor: Actor, run: PlanRun) -> bool:
    """Tell whether the actor plans everywhere in the run's area."""
    return all(actor.may(Power.PLAN, path) for path in run.paths)


def runs_of(db: Session, actor: Actor, area: Area, month: date, limit: int = 10) -> list[PlanRun]:
    """Return the newest runs over the area, above it or inside it, for a month."""
    return list(
        db.scalars(
            select(PlanRun)
            .join(PlanRun.area)
            .where(
                PlanRun.month == month,
                or_(under(Area.path, [area.path]), Area.path.in_(_above(area.path))),
                _concerns(actor),
            )
            .order_by(PlanRun.id.desc())
            .limit(limit)
            .options(contains_eager(PlanRun.area))
        )
    )


def under_way(db: Session, paths: Collection[str], month: date) -> PlanRun | None:
    """Return a run of the month that plans some of these areas right now."""
    rows = db.scalars(
        select(PlanRun)
        .where(PlanRun.finished_at.is_(None), PlanRun.month == month)
        .order_by(PlanRun.id)
        .options(joinedload(PlanRun.area))
    )
    return next((run for run in rows if run.state in UNDER_WAY and _touch(run.paths, paths)), None)


def _touch(one: Collection[str], other: Collection[str]) -> bool:
    return any(a.startswith(b) or b.startswith(a) for a in one for b in other)


def lines(actor: Actor, run: PlanRun) -> Select[PlanLine]:
    """Select the run's lines where the actor plans, with unit, compound, community and room."""
    return (
        select(PlanLine)
        .join(PlanLine.unit)
        .join(Unit.community)
        .outerjoin(Unit.compound)
        .where(PlanLine.run_id == run.id, under(Area.path, actor.paths(Power.PLAN)))
        .options(
            contains_eager(PlanLine.unit).options(
                contains_eager(Unit.community), contains_eager(Unit.compound)
            ),
            joinedload(PlanLine.venue),
        )
    )


def in_order(found: Select[PlanLine]) -> Select[PlanLine]:
    """Return the lines by time, those without a place first."""
    return found.order_by(
        PlanLine.start.is_not(None), PlanLine.start, Area.path, Compound.code, PlanLine.id
    )


def line_seen(db: Session, actor: Actor, run: PlanRun, number: int) -> PlanLine:
    """Return one line. Raise `NotFound`."""
    found = db.scalar(lines(actor, run).where(PlanLine.id == number))
    if found is None:
        raise NotFound("该会议不在这次排会中，或不在您的职责范围内。")
    return found


def counts(db: Session, actor: Actor, run: PlanRun) -> dict[str, int]:
    """Count the run's lines: planned, unplanned, standing before, kept at last month's hour, taken."""
    chosen = lines(actor, run).with_only_columns(
        func.count(),
        func.count(PlanLine.start),
        func.count().filter(PlanLine.fixed),
        func.count(PlanLine.before),
        func.count().filter(PlanLine.taken.is_not(None)),
        func.count().filter(PlanLine.pinned),
    )
    total, planned, fixed, before, taken, pinned = db.execute(chosen.order_by(None)).one()
    return {
        "total": total, "planned": planned, "unplanned": total - planned, "fixed": fixed,
        "before": before, "taken": taken, "pinned": pinned,
    }  # fmt: skip


def names(db: Session, officers: Collection[int]) -> dict[int, str]:
    """Return the names of officers by id."""
    found: dict[int, str] = {}
    for ids in chunks(sorted(officers)):
        rows = db.execute(select(Officer.id, Officer.name).where(Officer.id.in_(ids)))
        found |= {number: name for number, name in rows}  # noqa: C416  # a row is no pair to mypy
    return found


def meetings_of(db: Session, found: Sequence[PlanLine]) -> dict[int, Meeting]:
    """Return the meetings that stand behind the lines, by id."""
    ids = [line.meeting_id for line in found if line.meeting_id is not None]
    known: dict[int, Meeting] = {}
    for some in chunks(ids):
        known |= {m.id: m for m in db.scalars(select(Meeting).where(Meeting.id.in_(some)))}
    return known


def open_lines(actor: Actor, run: PlanRun) -> Select[PlanLine]:
    """Select the lines that say something new: not standing, not taken over, with a place."""
    same = and_(PlanLine.start == PlanLine.stood, PlanLine.venue_id == PlanLine.stood_venue_id)
    return lines(actor, run).where(
        PlanLine.fixed.is_(False),
        PlanLine.taken.is_(None),
        PlanLine.start.is_not(None),
        or_(PlanLine.stood.is_(None), ~same),
    )


def count(db: Session, chosen: Select[PlanLine]) -> int:
    """Count the lines of a selection."""
    ids = chosen.with_only_columns(PlanLine.id).order_by(None).subquery()
    return db.scalar(select(func.count()).select_from(ids)) or 0


def parts(db: Session, actor: Actor, run: PlanRun) -> list[tuple[str, str, int]]:
    """Return the streets of a large run: code, name, how many lines."""
    street = aliased(Area)
    columns = lines(actor, run).with_only_columns(street.code, street.name, func.count())
    rows = db.execute(
        columns.join(street, street.id == Area.parent_id)
        .group_by(street.code, street.name)
        .order_by(street.code)
    )
    return [(code, name, number) for code, name, number in rows]


def under_code(code: str) -> ColumnElement[bool]:
    """Return the condition that a line's community lies in the area of that code."""
    return Area.path.contains(f"/{code}/", autoescape=True)
