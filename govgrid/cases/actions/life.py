"""The steps of a case after its receipt: each refused, taken, kept as an event, journalled."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power, Role
from govgrid.cases.actions.head_office import tell_head_office
from govgrid.cases.models import Case, CaseEvent, Step, UndoneClosing
from govgrid.cases.rules import happened, higher, open_steps, refused
from govgrid.errors import Forbidden, Invalid

COMPANY_ROLES = frozenset({Role.PROJECT_MANAGER, Role.HEAD_OFFICE})
COMPANYS = (Step.REPLY, Step.ON_SITE, Step.MARK_REMIT, Step.REPORT, Step.HAND_UP, Step.CLOSE)
OFFICES = (*COMPANYS, Step.FEED_BACK, Step.RATE, Step.REOPEN)


@dataclass(frozen=True, slots=True)
class Note:
    """What is said of a step: when it happened, in which words, and the answer where it has one."""

    when: datetime
    text: str = ""
    answer: bool | None = None
    meeting_id: int | None = None


def steps_for(actor: Actor, case: Case) -> list[Step]:
    """Return the steps this actor may take with the case (compound and its areas loaded) now."""
    return open_steps(case, _allowed(actor, case))


def may_handle(actor: Actor, case: Case) -> bool:
    """Tell whether the actor may ever take a step with the case."""
    return bool(_allowed(actor, case))


def _allowed(actor: Actor, case: Case) -> tuple[Step, ...]:
    place = case.compound.grid or case.compound.community
    if actor.may(Power.HANDLE, place.path):
        return OFFICES
    manages = any(
        post.role in COMPANY_ROLES and post.compound_id == case.compound_id for post in actor.posts
    )
    return COMPANYS if manages else ()


def take_step(
    db: Session, actor: Actor, case: Case, step: Step, note: Note, *, at: datetime
) -> CaseEvent:
    """Take the step. Raise `Forbidden`, `Conflict` or `Invalid` where it cannot be taken."""
    if step not in _allowed(actor, case):
        raise Forbidden("您的职务不能登记这一环节；请联系网格长、社区书记或街道联络员。")
    return _keep(db, actor, case, step, note, at=at)


def note_meeting(db: Session, actor: Actor, case: Case, note: Note, *, at: datetime) -> CaseEvent:
    """Write what a meeting said of the case, whoever may write there having been asked before."""
    return _keep(db, actor, case, Step.MEETING, note, at=at)


def _keep(
    db: Session, actor: Actor, case: Case, step: Step, note: Note, *, at: datetime
) -> CaseEvent:
    if (refusal := refused(case, step)) is not None:
        raise refusal
    if step not in {Step.MARK_REMIT, Step.RATE} and not note.text:
        raise Invalid("请填写“%(step)s”的说明。", step=step.word)
    if step in {Step.MARK_REMIT, Step.RATE} and note.answer is None:
        raise Invalid("请选择“%(step)s”的结果。", step=step.word)
    when = happened(case, step, note.when, at=at)
    before = _image(case)
    if step is Step.REOPEN:
        db.add(_undone(case, when))
    _change(case, step, note, when)
    kept = CaseEvent(
        case_id=case.id,
        step=step,
        at=when,
        noted_at=at,
        by_name=actor.name,
        by_id=actor.account_id,
        text=note.text or None,
        company_level=case.company_level if step is Step.HAND_UP else None,
        answer=note.answer,
        meeting_id=note.meeting_id,
    )
    db.add(kept)
    if step is Step.HAND_UP:
        tell_head_office(db, case, note.text, at=at)
    journal.record(
        db, actor, "handle_case", "cases", case.number, step=step, before=before,
        after=_image(case),
    )  # fmt: skip
    return kept


def _undone(case: Case, when: datetime) -> UndoneClosing:
    """Return what the reopening takes away, as past moments still ask for it."""
    assert case.closed_at is not None
    return UndoneClosing(
        case_id=case.id,
        closed_at=case.closed_at,
        fed_back_at=case.fed_back_at,
        satisfied=case.satisfied,
        undone_at=when,
    )


def _image(case: Case) -> journal.Image:
    return journal.image(
        case, "replied_at", "on_site_at", "closed_at", "fed_back_at", "reported_at", "reopened_at",
        "satisfied", "in_remit", "company_level",
    )  # fmt: skip


def _change(case: Case, step: Step, note: Note, when: datetime) -> None:
    match step:
        case Step.REPLY:
            case.replied_at = when
        case Step.ON_SITE:
            case.on_site_at = when
        case Step.MARK_REMIT:
            case.in_remit = note.answer
        case Step.REPORT:
            case.reported_at = when
        case Step.HAND_UP:
            case.company_level = higher(case.company_level) or case.company_level
        case Step.CLOSE:
            case.closed_at = when
        case Step.FEED_BACK:
            case.fed_back_at = when
        case Step.RATE:
            case.satisfied = note.answer
        case Step.REOPEN:
            case.closed_at = case.fed_back_at = case.satisfied = None
            case.reopened_at = when
