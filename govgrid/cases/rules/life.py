"""Which steps a case can take next, and when a step may have happened."""

from collections.abc import Iterable
from datetime import datetime

from govgrid.cases.models import Case, Holder, Source, Step
from govgrid.cases.rules.clock import minute
from govgrid.errors import Conflict, Invalid, Refusal

_AFTER = frozenset({Step.FEED_BACK, Step.RATE, Step.REOPEN})  # of a closed case
_ASIDE = frozenset({Step.MEETING, Step.CALL_EXPERTS, Step.ADVISE})  # they change no state
_HIGHER = {Holder.PROJECT: Holder.AREA, Holder.AREA: Holder.COMPANY}


def first_holder(source: Source) -> Holder:
    """Return where a new case lies: a direct dispatch goes to the company's head office."""
    return Holder.COMPANY if source is Source.DIRECT else Holder.PROJECT


def higher(holder: Holder) -> Holder | None:
    """Return the level above, None above the head office."""
    return _HIGHER.get(holder)


def refused(case: Case, step: Step) -> Refusal | None:
    """Return why the case cannot take that step now, None where it can."""
    if step in _ASIDE:
        return None
    closed = case.closed_at is not None
    if step in _AFTER and not closed:
        return Conflict("工单尚未办结，不能登记“%(step)s”。请先办结。", step=step.word)
    if step not in _AFTER and closed and not _noted_late(case, step):
        return Conflict(
            "工单已办结，不能登记“%(step)s”。确需继续办理的，请先重新办理。", step=step.word
        )
    if _done(case, step):
        return Conflict("工单的“%(step)s”已登记，不能重复登记。", step=step.word)
    return _missing(case, step)


def _noted_late(case: Case, step: Step) -> bool:
    """Tell whether a step may be noted of a closed case: that somebody came as promised."""
    return step is Step.ON_SITE and case.on_site_due is not None


def _missing(case: Case, step: Step) -> Refusal | None:
    """Return what an open case still lacks for the step."""
    if step is Step.CLOSE and case.replied_at is None:
        return Conflict("工单尚未响应，不能办结。请先登记响应。")
    if step is Step.REPORT and case.in_remit is not False:
        return Conflict("只有物业职责外的诉求需要报告。请先认定为职责外。")
    if step is Step.HAND_UP and higher(case.company_level) is None:
        return Conflict("工单已在企业总部，不能再上交。")
    return None


def _done(case: Case, step: Step) -> bool:
    done = {
        Step.REPLY: case.replied_at,
        Step.ON_SITE: case.on_site_at,
        Step.REPORT: case.reported_at,
        Step.FEED_BACK: case.fed_back_at,
        Step.RATE: case.satisfied,
    }
    return done.get(step) is not None


def open_steps(case: Case, steps: Iterable[Step]) -> list[Step]:
    """Return those of the steps that the case can take now."""
    return [step for step in steps if refused(case, step) is None]


def happened(case: Case, step: Step, when: datetime, *, at: datetime) -> datetime:
    """Return the step's minute. Raise `Invalid` for one in the future or before what it follows."""
    earliest = max(filter(None, (case.received_at, *_before(case, step))))
    if when > at:
        raise Invalid("“%(step)s”的时间晚于现在，请核对。", step=step.word)
    if minute(when) < minute(earliest):
        raise Invalid("“%(step)s”的时间早于上一环节或受理时间，请核对。", step=step.word)
    if step is Step.ON_SITE and case.closed_at is not None and when > case.closed_at:
        raise Invalid("“%(step)s”的时间晚于办结时间，请核对。", step=step.word)
    return max(minute(when), earliest)


def _before(case: Case, step: Step) -> Iterable[datetime | None]:
    if step is Step.CLOSE:
        return (case.replied_at, case.reopened_at)
    if step in _AFTER:
        return (case.closed_at,)
    return ()
