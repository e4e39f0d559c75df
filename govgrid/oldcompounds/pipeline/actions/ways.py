"""Verbs of a compound's way: begin, vote, go on, go back, end; every step is kept."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import OLD_KINDS, Area, Compound, Officer
from govgrid.oldcompounds.models import Mode
from govgrid.oldcompounds.pipeline.models import (
    Ballot,
    Pipeline,
    PipelineRule,
    PipelineStep,
    Stage,
)
from govgrid.oldcompounds.pipeline.queries import latest, owners_for, rule_of
from govgrid.oldcompounds.pipeline.rules import (
    GOALS,
    NEXT,
    Count,
    Rule,
    criteria,
    deadline_after,
    earlier,
    miscounts,
    need,
)
from govgrid.oldcompounds.queries import history, standing
from govgrid.workdays import calendar, local_day


@dataclass(frozen=True, slots=True)
class Decision:
    """The joint meeting's resolution behind a step: its number, what it says and where, and when."""

    resolution_id: int
    text: str
    on: date | None = None


def set_rule(db: Session, actor: Actor, area: Area, rule: Rule, version: int) -> None:
    """Let this hold in the area from now on; votes already counted keep what they followed."""
    may_cover(actor, area)
    before, row, _ = rule_of(db, area)
    if (row.version if row else 0) != version:
        raise Conflict("推进规则刚刚被其他人修改，您的修改没有保存。请刷新页面，核对后重新提交。")
    days = {stage.value: n for stage, n in rule.days.items()}
    if row is None:
        row = PipelineRule(area_id=area.id)
        db.add(row)
    row.participation, row.consent, row.days = rule.participation, rule.consent, days
    journal.record(
        db, actor, "set_pipeline_rule", "area", area.code, before=_ruled(before), after=_ruled(rule)
    )


def start(
    db: Session,
    actor: Actor,
    compound: Compound,
    goal: Mode,
    owner: Officer,
    *,
    at: datetime,
) -> Pipeline:
    """Begin with the survey. Raise `Invalid` where nothing is to be done, `Conflict` where one runs."""
    may_cover(actor, compound.community)
    today = local_day(at)
    _lock(db, compound)
    running = latest(db, compound.id)
    if running is not None and running.finished_at is None:
        raise Conflict("该小区已有推进流程，现处于“%(stage)s”。", stage=running.stage)
    stands = standing(history(db, compound.id), today)
    until = stands.period.until if stands.period else None
    if compound.kind not in OLD_KINDS:
        raise Invalid("“%(name)s”是商品房小区，不在老旧小区覆盖范围内。", name=compound.name)
    if goal not in GOALS:
        raise Invalid("推进目标不能是“无管理”，请选择其他管理方式。")
    if need(stands.mode, until, today) is None:
        raise Invalid("该小区已由专业化物业管理，且协议 90 天内不到期，不需要推进流程。")
    _refuse_owner(db, compound, owner, today)
    pipeline = Pipeline(
        compound_id=compound.id,
        goal=goal,
        stage=Stage.SURVEY,
        owner_id=owner.id,
        owner=owner,
        deadline=_deadline(db, compound, Stage.SURVEY, today),
        started_at=at,
    )
    db.add(pipeline)
    db.flush()
    _keep_step(db, actor, pipeline, None, "", None, at)
    after = journal.image(pipeline, "goal", "stage", "owner_id", "deadline")
    journal.record(db, actor, "start_pipeline", "pipeline", compound.code, after=after)
    return pipeline


def record_ballot(
    db: Session, actor: Actor, compound: Compound, count: Count, version: int, *, at: datetime
) -> Ballot:
    """Note a vote, and whether it carries by the rule that holds; a later one replaces it."""
    pipeline = running_of(db, actor, compound, version)
    if pipeline.stage is not Stage.OPINION:
        raise Conflict("只有在“%(stage)s”环节可以登记表决结果。", stage=Stage.OPINION)
    wrong = miscounts(count, local_day(at))
    if wrong:
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields=wrong, n=len(wrong))
    rule, _own, _said_by = rule_of(db, compound.community)
    passed = all(one.met for one in criteria(count, rule.participation, rule.consent))
    ballot = Ballot(
        pipeline_id=pipeline.id,
        **asdict(count),
        participation=rule.participation,
        consent=rule.consent,
        passed=passed,
        recorded_by=actor.name,
        recorded_at=at,
    )
    db.add(ballot)
    db.flush()
    told = asdict(count)
    told["floor_area"] = told.pop("area")
    journal.record(
        db,
        actor,
        "record_ballot",
        "pipeline",
        compound.code,
        after={**told, "passed": passed},
    )
    return ballot


def go_back(
    db: Session,
    actor: Actor,
    compound: Compound,
    stage: Stage,
    reason: str,
    version: int,
    *,
    at: datetime,
) -> Pipeline:
    """Return to an earlier stage, with a reason; what was agreed is agreed anew."""
    pipeline = running_of(db, actor, compound, version)
    if stage not in earlier(pipeline.stage):
        raise Invalid(
            "不能从“%(now)s”退回“%(stage)s”；交接登记后不再退回，管理方式有误的请在管理方式页更正。",
            now=pipeline.stage,
            stage=stage,
        )
    if not reason:
        raise Invalid("请写明退回的原因。", fields={"reason": Invalid("请写明退回的原因。")})
    before = image(pipeline)
    was, pipeline.stage = pipeline.stage, stage
    pipeline.deadline = _deadline(db, compound, stage, local_day(at))
    for name in TERMS:
        setattr(pipeline, name, None)
    _keep_step(db, actor, pipeline, was, reason, None, at)
    journal.record(
        db,
        actor,
        "step_back",
        "pipeline",
        compound.code,
        before=before,
        after=image(pipeline),
        reason=reason,
    )
    return pipeline


def drop(
    db: Session, actor: Actor, compound: Compound, reason: str, version: int, *, at: datetime
) -> Pipeline:
    """End the way without its goal, with a reason."""
    pipeline = running_of(db, actor, compound, version)
    if not reason:
        raise Invalid("请写明终止的原因。", fields={"reason": Invalid("请写明终止的原因。")})
    before = image(pipeline)
    finish(db, actor, pipeline, Stage.DROPPED, reason, None, at)
    journal.record(
        db,
        actor,
        "drop_pipeline",
        "pipeline",
        compound.code,
        before=before,
        after=image(pipeline),
        reason=reason,
    )
    return pipeline


def assign(
    db: Session,
    actor: Actor,
    compound: Compound,
    owner: Officer,
    deadline: date,
    version: int,
    *,
    at: datetime,
) -> Pipeline:
    """Give the stage to somebody, until a day."""
    pipeline = running_of(db, actor, compound, version)
    today = local_day(at)
    if deadline < today:
        raise Invalid("时限不能早于今天。", fields={"deadline": Invalid("时限不能早于今天。")})
    _refuse_owner(db, compound, owner, today)
    before = journal.image(pipeline, "owner_id", "deadline")
    pipeline.owner_id, pipeline.owner, pipeline.deadline = owner.id, owner, deadline
    after = journal.image(pipeline, "owner_id", "deadline")
    journal.record(
        db, actor, "assign_pipeline", "pipeline", compound.code, before=before, after=after
    )
    return pipeline


def running_of(db: Session, actor: Actor, compound: Compound, version: int) -> Pipeline:
    """Return the way that runs, locked, where the actor may move it and saw it as it is."""
    may_cover(actor, compound.community)
    _lock(db, compound)
    pipeline = latest(db, compound.id, lock=True)
    if pipeline is None or pipeline.finished_at is not None:
        raise Conflict("该小区没有正在进行的推进流程，请先启动。")
    if pipeline.version != version:
        raise Conflict(
            "推进流程刚刚被其他人更新，现处于“%(stage)s”，您的提交没有保存。请刷新页面，核对后重新提交。",
            stage=pipeline.stage,
        )
    return pipeline


def may_cover(actor: Actor, area: Area) -> None:
    """Raise `Forbidden` where old compounds are not the actor's to look after."""
    if not actor.may(Power.COVER, area.path):
        raise Forbidden("您没有办理该区域老旧小区事务的权限，请联系社区书记或街道联络员。")


def enter(
    db: Session,
    actor: Actor,
    pipeline: Pipeline,
    compound: Compound,
    note: str,
    decision: Decision | None,
    at: datetime,
    *,
    was: Stage | None = None,
) -> None:
    """Go to the next stage with its own deadline, or to the end; `was`: the stage to tell."""
    following, was = NEXT[pipeline.stage], was or pipeline.stage
    if following is Stage.DONE:
        finish(db, actor, pipeline, following, note, decision, at)
        return
    pipeline.stage = following
    pipeline.deadline = _deadline(db, compound, following, local_day(at))
    _keep_step(db, actor, pipeline, was, note, decision, at)


def finish(
    db: Session,
    actor: Actor,
    pipeline: Pipeline,
    stage: Stage,
    note: str,
    decision: Decision | None,
    at: datetime,
) -> None:
    """End the way."""
    was, pipeline.stage, pipeline.finished_at = pipeline.stage, stage, at
    _keep_step(db, actor, pipeline, was, note, decision, at)


def _keep_step(
    db: Session,
    actor: Actor,
    pipeline: Pipeline,
    before: Stage | None,
    note: str,
    decision: Decision | None,
    at: datetime,
) -> None:
    db.add(
        PipelineStep(
            pipeline_id=pipeline.id,
            before=before,
            after=pipeline.stage,
            at=at,
            by=actor.name,
            owner=pipeline.owner.name,
            deadline=pipeline.deadline,
            note=note,
            resolution_id=decision.resolution_id if decision else None,
            resolution=decision.text if decision else None,
        )
    )
    db.flush()


def _deadline(db: Session, compound: Compound, stage: Stage, today: date) -> date:
    rule, _own, _said_by = rule_of(db, compound.community)
    return deadline_after(calendar(db), today, rule.days[stage])


def _refuse_owner(db: Session, compound: Compound, owner: Officer, today: date) -> None:
    if owner.id not in {one.id for one in owners_for(db, compound, today)}:
        wrong = Invalid("责任人应为该小区联席会议的参会人员，请重新选择。")
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields={"owner": wrong}, n=1)


def _lock(db: Session, compound: Compound) -> None:
    """Let writers of one compound go one after the other."""
    db.execute(select(Compound.id).where(Compound.id == compound.id).with_for_update())


TERMS = ("operator", "agreement", "since", "until", "fee", "fee_unit", "fee_model")


def image(pipeline: Pipeline) -> dict[str, Any]:
    """Return how far it has come and what was agreed, for the journal."""
    return journal.image(
        pipeline,
        "stage",
        "deadline",
        "operator",
        "agreement",
        "since",
        "until",
        "fee",
        "fee_unit",
        "fee_model",
    )


def _ruled(rule: Rule) -> dict[str, Any]:
    days = {stage.word: n for stage, n in rule.days.items()}
    return {"participation": rule.participation, "consent": rule.consent, "days": days}
