"""Which old compounds are watched, and why: what ends, falls, lacks a committee, or does not meet.

Rates and meetings stand in packages beside and above: `Signals` are what the application hands in.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from govgrid.access import Role
from govgrid.grid.models import OLD_KINDS, Area, Compound, Organization, Post
from govgrid.oldcompounds.models import Coverage, CoverageCall, Mode
from govgrid.oldcompounds.queries.scope import within
from govgrid.oldcompounds.queries.stored import chunks
from govgrid.oldcompounds.rules import Concern, Fall, Watched, months_back, stage_of
from govgrid.oldcompounds.rules.watch import STAGES, UNMET
from govgrid.workdays import local_day

Falling = Callable[[Session, Collection[int], datetime], Mapping[int, Fall]]
"""Of these companies, those whose rates fall: by id."""
Unmet = Callable[[Session, Collection[int], datetime], Mapping[int, date | None]]
"""Of these compounds, those without a joint meeting since that moment: the last one's day."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What other packages know of companies and meetings."""

    falling: Falling
    unmet: Unmet


def _nothing(_db: Session, _ids: Collection[int], _at: datetime) -> Mapping[int, Any]:
    return {}


SILENT = Signals(_nothing, _nothing)


def watch_for_area(
    db: Session, area: Area, at: datetime, signals: Signals = SILENT
) -> list[Watched]:
    """Return what the area's old compounds are watched for, the most pressing first."""
    return _watched(db, within(area, OLD_KINDS), at, signals)


def watch_for_unit(
    db: Session, compound_ids: Collection[int], at: datetime, signals: Signals = SILENT
) -> list[Watched]:
    """Return what these compounds are watched for: each is a proposal to their joint meeting."""
    chosen = and_(Compound.id.in_(compound_ids), Compound.kind.in_(OLD_KINDS))
    return _watched(db, chosen, at, signals)


def watch_everywhere(db: Session, at: datetime, signals: Signals = SILENT) -> list[Watched]:
    """Return what all old compounds are watched for."""
    return _watched(db, Compound.kind.in_(OLD_KINDS), at, signals)


def _watched(
    db: Session, chosen: ColumnElement[bool], at: datetime, signals: Signals
) -> list[Watched]:
    on = local_day(at)
    rows = _standing(db, chosen, on)
    managed = {row.operator_id for row in rows if row.operator_id and row.mode is Mode.PROFESSIONAL}
    falls = signals.falling(db, managed, at)
    since = datetime.combine(months_back(on, UNMET), at.timetz())
    unmet = signals.unmet(db, [row.id for row in rows], since)
    uncommitted = _without_committee(db, chosen, on)
    found = [one for row in rows for one in _of(row, on, falls, unmet, uncommitted)]
    order = list(Concern)
    return sorted(found, key=lambda w: (order.index(w.concern), w.until or on, w.path, w.code))


def _standing(db: Session, chosen: ColumnElement[bool], on: date) -> list[Any]:
    """Return the compounds with the period that holds that day, if any."""
    running = and_(
        Coverage.compound_id == Compound.id,
        Coverage.since <= on,
        or_(Coverage.until.is_(None), Coverage.until >= on),
    )
    return list(
        db.execute(
            select(
                Compound.id,
                Compound.code,
                Compound.name,
                Compound.community_id,
                Area.name.label("community"),
                Area.parent_id.label("street_id"),
                Area.path,
                Coverage.mode,
                Coverage.since,
                Coverage.until,
                Coverage.operator_id,
                Organization.name.label("operator"),
            )
            .select_from(Compound)
            .join(Area, Area.id == Compound.community_id)
            .outerjoin(Coverage, running)
            .outerjoin(Organization, Organization.id == Coverage.operator_id)
            .where(chosen)
            .order_by(Area.path, Compound.code)
        )
    )


def _without_committee(db: Session, chosen: ColumnElement[bool], on: date) -> set[int]:
    """Return the self-managed compounds at which no member of an owners' committee serves."""
    serves = exists().where(
        Post.compound_id == Compound.id,
        Post.role == Role.OWNERS_COMMITTEE,
        or_(Post.since.is_(None), Post.since <= on),
        or_(Post.until.is_(None), Post.until >= on),
    )
    held = exists().where(
        Coverage.compound_id == Compound.id,
        Coverage.mode == Mode.SELF_MANAGED,
        Coverage.since <= on,
        or_(Coverage.until.is_(None), Coverage.until >= on),
    )
    return set(db.scalars(select(Compound.id).where(chosen, held, ~serves)))


def _of(
    row: Any,
    on: date,
    falls: Mapping[int, Fall],
    unmet: Mapping[int, date | None],
    uncommitted: Collection[int],
) -> Iterator[Watched]:
    if row.mode not in {None, Mode.NONE} and row.until is not None:
        stage = stage_of(row.until, on)
        if stage is not None:
            told = {"operator": row.operator or row.mode.word, "until": row.until}
            yield _one(row, Concern.ENDING, f"{row.until}:{stage}", told, stage)
    fall = falls.get(row.operator_id) if row.mode is Mode.PROFESSIONAL else None
    if fall is not None:
        told = {"operator": row.operator, "before": fall.before, "now": fall.now}
        yield _one(row, Concern.FALLING, f"{fall.month:%Y-%m}", told)
    if row.id in uncommitted:
        yield _one(row, Concern.NO_COMMITTEE, f"{row.since}", {})
    if row.id in unmet:
        last = unmet[row.id]
        yield _one(row, Concern.UNMET, f"{last}", {"last": last} if last else {})


def _one(
    row: Any, concern: Concern, mark: str, params: dict[str, object], stage: int = 0
) -> Watched:
    return Watched(
        concern,
        row.id,
        row.code,
        row.name,
        row.community_id,
        row.community,
        row.street_id,
        row.path,
        row.operator,
        row.until if concern is Concern.ENDING else None,
        params,
        f"{concern}:{row.id}:{mark}",
        stage,
    )


class Marked(Protocol):
    """Something told once under its mark."""

    @property
    def mark(self) -> str: ...


T = TypeVar("T", bound=Marked)


def untold(db: Session, watched: Sequence[T]) -> list[T]:
    """Return those of which nobody has been told yet, at the stage that they have reached."""
    marks = [one.mark for one in watched]
    told: set[str] = set()
    for chunk in chunks(marks):
        told.update(db.scalars(select(CoverageCall.mark).where(CoverageCall.mark.in_(chunk))))
    return [one for one in watched if one.mark not in told]


def soonest(watched: Iterable[Watched]) -> dict[int, int]:
    """Return how many agreements end within 30, 60 and 90 days."""
    counts = dict.fromkeys(STAGES, 0)
    for one in watched:
        if one.concern is Concern.ENDING:
            for days in STAGES:
                counts[days] += one.stage <= days
    return counts


__all__ = [
    "SILENT",
    "Marked",
    "Signals",
    "soonest",
    "untold",
    "watch_everywhere",
    "watch_for_area",
    "watch_for_unit",
]
