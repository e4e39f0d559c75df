"""Which step follows which, what each asks for, and whether a vote carries: pure.

Votes follow article 278 of the Civil Code: owners with two thirds of the floor area who are two
thirds of the owners take part, and of those who do, more than half by both measures agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from govgrid.errors import Invalid, Refusal
from govgrid.grid.models import OrganizationKind
from govgrid.oldcompounds.models import Mode
from govgrid.oldcompounds.pipeline.models import Quota, Stage
from govgrid.oldcompounds.rules import Terms, contradictions, ends_soon
from govgrid.words import N_, Term, Word
from govgrid.workdays import Calendar

RUNNING = (
    Stage.SURVEY,
    Stage.OPINION,
    Stage.PLAN,
    Stage.AGREEMENT,
    Stage.HANDOVER,
    Stage.REVIEW,
)
ENDED = (Stage.DONE, Stage.DROPPED)
NEXT: Mapping[Stage, Stage] = dict(zip(RUNNING, (*RUNNING[1:], Stage.DONE), strict=True))
GOALS = (Mode.PROFESSIONAL, Mode.CUSTODIAL, Mode.DELEGATED, Mode.SELF_MANAGED)
WEAK = (Mode.NONE, Mode.SELF_MANAGED, Mode.CUSTODIAL, Mode.DELEGATED)
"""Modes that leave something to do; a professional one does when its agreement ends soon."""

TASKS: Mapping[Stage, Term] = {
    Stage.SURVEY: N_("入户摸底：户数、面积、设施、收费意愿和居民诉求"),
    Stage.OPINION: N_("组织业主按人数和专有部分面积表决，登记表决结果"),
    Stage.PLAN: N_("编制差异化服务方案，选定一个方案，提请联席会议作出决议"),
    Stage.AGREEMENT: N_("与管理单位签订协议，登记协议内容"),
    Stage.HANDOVER: N_("办理资料、设施和场地交接，登记交接日期"),
    Stage.REVIEW: N_("回访居民，评估服务，登记结果"),
}
PROPOSED: Mapping[Stage, str] = {
    Stage.SURVEY: "通报摸底情况，部署征求居民意见",
    Stage.OPINION: "通报业主表决情况，部署编制服务方案",
    Stage.PLAN: "审议差异化服务方案，决定是否签订协议",
    Stage.AGREEMENT: "通报协议洽谈情况，商定交接安排",
    Stage.HANDOVER: "协调交接进场",
    Stage.REVIEW: "听取居民回访意见，评估服务情况",
}
"""What the joint meeting is asked to do in each stage: content of an agenda, thus Chinese."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What votes need, and how many working days each stage has."""

    participation: Quota = Quota.TWO_THIRDS
    consent: Quota = Quota.MORE_THAN_HALF
    days: Mapping[Stage, int] = field(
        default_factory=lambda: {
            Stage.SURVEY: 15,
            Stage.OPINION: 30,
            Stage.PLAN: 15,
            Stage.AGREEMENT: 15,
            Stage.HANDOVER: 10,
            Stage.REVIEW: 40,
        }
    )


@dataclass(frozen=True, slots=True)
class Count:
    """A vote: of how many owners, who took part, who agreed; floor area in square metres."""

    held_on: date
    question: str
    persons: int
    persons_voted: int
    persons_for: int
    area: Decimal
    area_voted: Decimal
    area_for: Decimal


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of the four criteria of a vote: what is asked of which part of which whole."""

    word: Term
    part: Decimal
    whole: Decimal
    quota: Quota

    @property
    def share(self) -> float | None:
        return float(self.part / self.whole) if self.whole else None

    @property
    def met(self) -> bool:
        return self.quota.met(self.part, self.whole)


def criteria(count: Count, participation: Quota, consent: Quota) -> tuple[Criterion, ...]:
    """Return the four criteria, each of which must be met."""
    voted, agreed = Decimal(count.persons_voted), Decimal(count.persons_for)
    return (
        Criterion(N_("参与表决人数"), voted, Decimal(count.persons), participation),
        Criterion(N_("参与表决面积"), count.area_voted, count.area, participation),
        Criterion(N_("同意人数"), agreed, voted, consent),
        Criterion(N_("同意面积"), count.area_for, count.area_voted, consent),
    )


def miscounts(count: Count, today: date) -> dict[str, Refusal]:
    """Return what cannot be so in a vote, by field."""
    wrong: dict[str, Refusal] = {}
    if count.held_on > today:
        wrong["held_on"] = Invalid("表决日期 %(day)s 还没有到。", day=count.held_on.isoformat())
    for measure, word in (("persons", N_("人数")), ("area", N_("面积"))):
        whole, voted, agreed = (
            getattr(count, f"{measure}{tail}") for tail in ("", "_voted", "_for")
        )
        if voted > whole:
            wrong[f"{measure}_voted"] = Invalid(
                "参与表决%(word)s %(part)s 超过总数 %(whole)s，请核对。",
                word=word,
                part=voted,
                whole=whole,
            )
        if agreed > voted:
            wrong[f"{measure}_for"] = Invalid(
                "同意%(word)s %(part)s 超过参与表决的 %(whole)s，请核对。",
                word=word,
                part=agreed,
                whole=voted,
            )
    return wrong


class Need(Word):
    """Why a compound needs a way forward."""

    NONE = "unmanaged", N_("无管理")
    WEAK = "weak", N_("过渡性管理")
    ENDING = "ending_soon", N_("90 天内到期")


def need(mode: Mode, until: date | None, today: date) -> Need | None:
    """Return why the compound needs one; None: it is in professional hands for a while yet."""
    if mode is Mode.NONE:
        return Need.NONE
    if ends_soon(until, today):
        return Need.ENDING
    return Need.WEAK if mode in WEAK else None


def deadline_after(calendar: Calendar, day: date, working_days: int) -> date:
    """Return the day that many working days later."""
    for _ in range(working_days):
        day = calendar.next_workday(day)
    return day


def earlier(stage: Stage) -> tuple[Stage, ...]:
    """Return where one may go back to: after the handover nowhere, coverage is recorded."""
    if stage is Stage.REVIEW or stage in ENDED:
        return ()
    return RUNNING[: RUNNING.index(stage)]


def unfit_terms(terms: Terms, kind: OrganizationKind | None) -> dict[str, Refusal]:
    """Return what is wrong with an agreement's terms, by field."""
    wrong = dict(contradictions(terms, kind))
    if terms.mode is not Mode.SELF_MANAGED:
        if terms.operator is None:
            wrong.setdefault("operator", Invalid("请填写管理单位。"))
        if terms.agreement is None:
            wrong["agreement"] = Invalid("请填写协议编号。")
    return wrong
