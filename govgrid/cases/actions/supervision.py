"""Verbs of supervision: set thresholds, propose by rule, decide as a person."""

from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.cases.models import SupervisionStep, Threshold, Verdict
from govgrid.cases.queries import month_span
from govgrid.cases.queries.supervision import bar_of, company_counts, of_companies
from govgrid.cases.rules import Bar, proposal
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Area


def set_threshold(db: Session, actor: Actor, area: Area, bar: Bar, version: int) -> None:
    """Let these thresholds hold in the area from now on. `version` is what the form showed."""
    _may(actor, area)
    before, row, _ = bar_of(db, area)
    if (row.version if row else 0) != version:
        raise Conflict("督导标准刚刚被其他人修改，您的修改没有保存。请刷新页面，核对后重新提交。")
    if row is None:
        db.add(Threshold(area_id=area.id, **asdict(bar)))
    else:
        for name, value in asdict(bar).items():
            setattr(row, name, value)
    journal.record(
        db, actor, "set_threshold", "area", area.code, before=asdict(before), after=asdict(bar)
    )


def propose(
    db: Session, actor: Actor, area: Area, month: date, *, at: datetime
) -> list[SupervisionStep]:
    """Propose what follows by rule for each company's month; those with a step stay as they are.

    Raise `Invalid` for a month that is not over: its figures would still change by the day.
    """
    _may(actor, area)
    if month_span(month)[1] > at:
        raise Invalid("该月尚未结束，月末之后才能按全月数据提出督导建议。")
    bar, _, _ = bar_of(db, area)
    found = company_counts(db, month, area, as_of=at)
    known = of_companies(db, area, month, [company.id for company, _ in found])
    made = [
        SupervisionStep(
            area_id=area.id,
            company_id=company.id,
            month=month,
            kind=wanted.kind,
            points=wanted.points,
            stage=Verdict.PROPOSED,
            figures=asdict(counts),
            misses=[list(miss) for miss in wanted.misses],
            as_of=at,
            proposed_by=actor.name,
        )
        for company, counts in found
        if company.id not in known and (wanted := proposal(counts, bar))
    ]
    db.add_all(made)
    db.flush()
    month_text = f"{month:%Y-%m}"
    journal.record(
        db, actor, "propose_supervision", "area", area.code, month=month_text, steps=len(made)
    )
    return made


def decide(
    db: Session,
    actor: Actor,
    step: SupervisionStep,
    verdict: Verdict,
    reason: str | None,
    *,
    at: datetime,
) -> None:
    """Confirm or reject what was proposed, once; a rejection says why."""
    _may(actor, step.area)
    if step.stage is not Verdict.PROPOSED:
        raise Conflict("这条督导建议已由%(name)s作出决定。", name=step.decided_by)
    if verdict is Verdict.REJECTED and not reason:
        raise Invalid("不予采取的，请写明理由。", fields={"reason": Invalid("请写明理由。")})
    before = journal.image(step, "stage", "reason")
    step.stage, step.reason = verdict, reason
    step.decided_at, step.decided_by = at, actor.name
    journal.record(
        db,
        actor,
        "decide_supervision",
        "supervision",
        step.id,
        before=before,
        after=journal.image(step, "stage", "reason"),
    )


def _may(actor: Actor, area: Area) -> None:
    if not actor.may(Power.SUPERVISE, area.path):
        raise Forbidden("督导由街道联络员或住建干部办理，您没有这项权限。")
