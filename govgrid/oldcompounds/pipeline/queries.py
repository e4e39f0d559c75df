"""Ways of compounds as their people see them: one with its history, lists, what agendas propose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from govgrid.access import Actor
from govgrid.grid.models import (
    OLD_KINDS,
    Area,
    Compound,
    CompoundKind,
    Officer,
)
from govgrid.grid.queries import compounds_seen
from govgrid.grid.queries.officers import officers_for_unit
from govgrid.oldcompounds.models import Coverage, Mode
from govgrid.oldcompounds.pipeline.models import (
    Ballot,
    Pipeline,
    PipelineRule,
    PipelineStep,
    Stage,
)
from govgrid.oldcompounds.pipeline.rules import (
    PROPOSED,
    WEAK,
    Count,
    Need,
    Rule,
    need,
)
from govgrid.oldcompounds.queries.scope import holds, unmanaged, within
from govgrid.oldcompounds.rules import SOON
from govgrid.words import N_, Word
from govgrid.workdays import local_day


class Filter(Word):
    """Which ways a list shows."""

    RUNNING = "running", N_("推进中")
    OVERDUE = "overdue", N_("已超期")
    MINE = "mine", N_("由我负责")
    ENDED = "ended", N_("已结束")


def rule_of(db: Session, area: Area) -> tuple[Rule, PipelineRule | None, Area | None]:
    """Return what holds in the area, its own row if it has one, and the area that says so."""
    codes = area.path.strip("/").split("/")
    found = db.execute(
        select(PipelineRule, Area)
        .join(Area, Area.id == PipelineRule.area_id)
        .where(Area.code.in_(codes))
        .order_by(Area.path.desc())
        .limit(1)
    ).first()
    if found is None:
        return Rule(), None, None
    row, said_by = found
    days = {**Rule().days, **{Stage.of_key(key): n for key, n in row.days.items()}}
    rule = Rule(row.participation, row.consent, days)
    return rule, row if said_by.id == area.id else None, said_by


def latest(db: Session, compound_id: int, *, lock: bool = False) -> Pipeline | None:
    """Return the compound's way that runs, else the last one, with its owner."""
    rows = (
        select(Pipeline)
        .where(Pipeline.compound_id == compound_id)
        .order_by(Pipeline.finished_at.is_(None).desc(), Pipeline.id.desc())
        .limit(1)
        .options(joinedload(Pipeline.owner))
    )
    return db.scalar(rows.with_for_update(of=Pipeline) if lock else rows)


def steps_of(db: Session, pipeline: Pipeline) -> list[PipelineStep]:
    """Return the steps, the latest first."""
    rows = select(PipelineStep).where(PipelineStep.pipeline_id == pipeline.id)
    return list(db.scalars(rows.order_by(PipelineStep.id.desc())))


def ballots_of(db: Session, pipeline: Pipeline) -> list[Ballot]:
    """Return the votes, the latest first."""
    rows = select(Ballot).where(Ballot.pipeline_id == pipeline.id)
    return list(db.scalars(rows.order_by(Ballot.id.desc())))


def count_of(ballot: Ballot) -> Count:
    """Return the vote as a value."""
    return Count(**{field.name: getattr(ballot, field.name) for field in fields(Count)})


def owners_for(db: Session, compound: Compound, today: date) -> list[Officer]:
    """Return who may answer for a compound's way: everybody due at its joint meeting."""
    found = officers_for_unit(db, compound.community_id, compound.id, today)
    return [holder.officer for holder in found]


def pipelines_page(
    db: Session,
    actor: Actor,
    area: Area,
    today: date,
    *,
    show: Filter,
    stage: Stage | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[Sequence[Pipeline], int]:
    """Return one stretch of the area's ways with compound, community and owner, overdue ones first."""
    found = _within(actor, area).where(shown(show, actor, today))
    if stage is not None:
        found = found.where(Pipeline.stage == stage)
    total = db.scalar(found.with_only_columns(func.count(Pipeline.id))) or 0
    first = (
        (Pipeline.finished_at.desc(),) if show is Filter.ENDED else (Pipeline.deadline, Area.path)
    )
    rows = found.order_by(*first, Pipeline.id).offset(offset).limit(limit)
    whole = rows.options(
        contains_eager(Pipeline.compound).contains_eager(Compound.community),
        joinedload(Pipeline.owner),
    )
    return db.scalars(whole).all(), total


def shown(show: Filter, actor: Actor, today: date) -> ColumnElement[bool]:
    """Return the condition of a filter."""
    running = Pipeline.finished_at.is_(None)
    match show:
        case Filter.ENDED:
            return Pipeline.finished_at.is_not(None)
        case Filter.OVERDUE:
            return and_(running, Pipeline.deadline < today)
        case Filter.MINE:
            return and_(running, Pipeline.owner_id == actor.officer_id)
        case _:
            return running


def stage_counts(db: Session, actor: Actor, area: Area) -> dict[Stage, int]:
    """Return how many ways run in each stage."""
    found = _within(actor, area).where(Pipeline.finished_at.is_(None))
    counted = found.with_only_columns(Pipeline.stage, func.count()).group_by(Pipeline.stage)
    return dict(db.execute(counted).all())


def _within(actor: Actor, area: Area) -> Select[Pipeline]:
    return (
        select(Pipeline)
        .join(Pipeline.compound)
        .join(Compound.community)
        .where(within(area, CompoundKind), compounds_seen(actor))
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A compound that needs a way and has none running."""

    code: str
    name: str
    community: str
    path: str
    households: int | None
    mode: Mode
    need: Need | None


def candidates_page(
    db: Session, actor: Actor, area: Area, today: date, *, offset: int = 0, limit: int = 50
) -> tuple[Sequence[Candidate], int]:
    """Return one stretch of such compounds, the unmanaged and the largest first."""
    running = exists().where(Pipeline.compound_id == Compound.id, Pipeline.finished_at.is_(None))
    found = (
        select(
            Compound.code,
            Compound.name,
            Area.name.label("community"),
            Area.path,
            Compound.households,
            Coverage.mode,
            Coverage.until,
        )
        .select_from(Compound)
        .join(Area, Area.id == Compound.community_id)
        .outerjoin(Coverage, holds(today))
        .where(
            within(area, OLD_KINDS),
            compounds_seen(actor),
            or_(unmanaged(), Coverage.mode.in_(WEAK), Coverage.until <= today + SOON),
            ~running,
        )
    )
    total = db.scalar(found.with_only_columns(func.count(Compound.id))) or 0
    rows = db.execute(
        found.order_by(
            unmanaged().desc(), func.coalesce(Compound.households, 0).desc(), Compound.code
        )
        .offset(offset)
        .limit(limit)
    )
    return [_candidate(row, today) for row in rows], total


def _candidate(row: Any, today: date) -> Candidate:
    mode = row.mode or Mode.NONE
    why = need(mode, row.until, today)
    return Candidate(row.code, row.name, row.community, row.path, row.households, mode, why)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a way asks of the joint meeting, as an agenda item would say it: content, in Chinese."""

    pipeline_id: int
    compound_id: int
    stage: Stage
    owner: str
    deadline: date
    overdue: bool
    title: str
    brief: str


def pipeline_for_unit(db: Session, compound_ids: Iterable[int], at: datetime) -> list[Proposal]:
    """Return the next step of each way that runs in these compounds, the most pressing first."""
    today = local_day(at)
    rows = db.execute(
        select(Pipeline, Compound.name, Officer.name)
        .join(Compound, Compound.id == Pipeline.compound_id)
        .join(Officer, Officer.id == Pipeline.owner_id)
        .where(Pipeline.compound_id.in_(list(compound_ids)), Pipeline.finished_at.is_(None))
        .order_by(Pipeline.deadline, Pipeline.id)
    )
    return [_proposal(pipeline, name, owner, today) for pipeline, name, owner in rows]


def _proposal(pipeline: Pipeline, name: str, owner: str, today: date) -> Proposal:
    overdue = pipeline.deadline < today
    day = f"{pipeline.deadline.year}年{pipeline.deadline.month}月{pipeline.deadline.day}日"
    late = f"，已超期 {(today - pipeline.deadline).days} 天" if overdue else ""
    return Proposal(
        pipeline.id,
        pipeline.compound_id,
        pipeline.stage,
        owner,
        pipeline.deadline,
        overdue,
        f"{name}：{PROPOSED[pipeline.stage]}",
        f"当前环节“{pipeline.stage.word}”，责任人{owner}，时限 {day}{late}。",
    )
