"""Go on to the next stage, once what the present one asks for is there; the handover covers."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor
from govgrid.errors import Conflict, Invalid, Refusal
from govgrid.grid.models import Compound
from govgrid.oldcompounds.actions import record_coverage
from govgrid.oldcompounds.actions.operators import operator_of
from govgrid.oldcompounds.pipeline.actions.ways import TERMS, Decision, enter, image, running_of
from govgrid.oldcompounds.pipeline.models import Pipeline, Stage
from govgrid.oldcompounds.pipeline.queries import ballots_of, latest
from govgrid.oldcompounds.pipeline.rules import unfit_terms
from govgrid.oldcompounds.rules import Terms
from govgrid.oldcompounds.services.queries import chosen_variant, offer_of, plan_of
from govgrid.workdays import local_day


@dataclass(frozen=True, slots=True)
class Move:
    """What came of a stage: a note, the terms agreed, the day of the handover, the resolution."""

    note: str = ""
    terms: Terms | None = None
    handed_on: date | None = None
    decision: Decision | None = None


def advance(
    db: Session, actor: Actor, compound: Compound, move: Move, version: int, *, at: datetime
) -> Pipeline:
    """Go on. Raise `Invalid` naming what is still missing, `Conflict` where the way has changed."""
    pipeline = running_of(db, actor, compound, version)
    before = image(pipeline)
    match pipeline.stage:
        case Stage.SURVEY | Stage.REVIEW:
            _ask_note(pipeline.stage, move)
        case Stage.OPINION:
            _ask_vote(db, pipeline)
        case Stage.PLAN:
            _ask_plan(db, compound, move)
        case Stage.AGREEMENT:
            _agree(db, pipeline, move)
        case Stage.HANDOVER:
            _hand_over(db, actor, pipeline, compound, move, at)
    enter(db, actor, pipeline, compound, move.note, move.decision, at)
    journal.record(
        db,
        actor,
        "advance_pipeline",
        "pipeline",
        compound.code,
        before=before,
        after=image(pipeline),
        note=move.note,
        resolution=move.decision.resolution_id if move.decision else None,
    )
    return pipeline


def taken_in_package(
    db: Session, actor: Actor, compound: Compound, terms: Terms, *, at: datetime
) -> None:
    """Let a way that runs follow when its compound was taken over with others: it is in review."""
    pipeline = latest(db, compound.id, lock=True)
    if pipeline is None or pipeline.finished_at is not None or pipeline.stage is Stage.REVIEW:
        return
    before, was = image(pipeline), pipeline.stage
    _keep_terms(pipeline, terms)
    pipeline.stage = Stage.HANDOVER
    note = f"随整体承接“{terms.package}”交接进场"
    enter(db, actor, pipeline, compound, note, None, at, was=was)
    journal.record(
        db,
        actor,
        "advance_pipeline",
        "pipeline",
        compound.code,
        before=before,
        after=image(pipeline),
        note=note,
    )


def _ask_note(stage: Stage, move: Move) -> None:
    if not move.note:
        raise _wrong("note", Invalid("请写明“%(stage)s”的结果，再进入下一环节。", stage=stage))


def _ask_vote(db: Session, pipeline: Pipeline) -> None:
    ballots = ballots_of(db, pipeline)
    if not ballots:
        raise Invalid("请先登记业主表决结果。")
    if not ballots[0].passed:
        raise Invalid("最近一次表决没有通过，不能进入下一环节。请重新组织表决并登记结果。")


def _ask_plan(db: Session, compound: Compound, move: Move) -> None:
    if chosen_variant(plan_of(db, compound.id)) is None:
        raise Invalid("请先编制服务方案，并记录居民选定的方案。")
    if move.decision is None:
        missing = Invalid("请选择联席会议的决议作为依据；还没有决议的，请先提请会议审议。")
        raise _wrong("resolution", missing)


def _agree(db: Session, pipeline: Pipeline, move: Move) -> None:
    if move.terms is None:
        raise Invalid("请填写协议内容。")
    wrong = unfit_terms(move.terms, operator_of(db, move.terms)[0])
    if wrong:
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields=wrong, n=len(wrong))
    _keep_terms(pipeline, move.terms)


def _keep_terms(pipeline: Pipeline, terms: Terms) -> None:
    for name in TERMS:
        setattr(pipeline, name, getattr(terms, name))


def _hand_over(
    db: Session,
    actor: Actor,
    pipeline: Pipeline,
    compound: Compound,
    move: Move,
    at: datetime,
) -> None:
    if move.handed_on is None:
        raise _wrong("handed_on", Invalid("请填写交接日期。"))
    if move.handed_on > local_day(at):
        raise _wrong("handed_on", Invalid("交接日期还没有到，请在交接完成后登记。"))
    if pipeline.until is not None and pipeline.until < move.handed_on:
        raise Conflict(
            "协议于 %(until)s 到期，早于交接日期。请退回“%(stage)s”重新登记协议。",
            until=pipeline.until.isoformat(),
            stage=Stage.AGREEMENT,
        )
    terms = replace(agreed(pipeline, move.handed_on), services=_services(db, compound))
    record_coverage(db, actor, compound, terms, at=at, fill=True)
    pipeline.since = move.handed_on


def agreed(pipeline: Pipeline, since: date) -> Terms:
    """Return what was agreed, as it holds from that day on."""
    kept = {name: getattr(pipeline, name) for name in TERMS if name != "since"}
    return Terms(mode=pipeline.goal, since=since, **kept)


def _services(db: Session, compound: Compound) -> tuple[str, ...]:
    """Return what the residents' variant holds, as an agreement names it."""
    variant = chosen_variant(plan_of(db, compound.id))
    held = offer_of(variant).quantities if variant else {}
    return tuple(service.word for service, quantity in held.items() if quantity)


def _wrong(field: str, refusal: Refusal) -> Invalid:
    return Invalid("提交的内容有 %(n)s 处需要修改。", fields={field: refusal}, n=1)
