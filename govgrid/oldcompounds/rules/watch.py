"""What an old compound is watched for, how pressing it is, and what is proposed to its meeting."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from govgrid.access import Role
from govgrid.words import N_, Term, Word

STAGES = (30, 60, 90)  # days before an agreement's end from which it is told again
UNMET = 2  # months without a joint meeting


class Concern(Word):
    """Why a compound is watched."""

    ENDING = "coverage_ending", N_("协议将到期")
    FALLING = "rates_falling", N_("四率下滑")
    NO_COMMITTEE = "no_committee", N_("自管无业委会")
    UNMET = "meeting_missing", N_("两个月未开联席会议")


PROPOSALS: dict[Concern, Term] = {
    Concern.ENDING: N_(
        "%(operator)s的管理协议将于%(until)s到期，提请商定续签或更换管理方式，"
        "并在%(until)s前登记，到期次日起按无管理统计。"
    ),
    Concern.FALLING: N_(
        "%(operator)s近两个月四率连续下滑（平均由%(before)s降至%(now)s），提请约请其说明原因并限期整改。"
    ),
    Concern.NO_COMMITTEE: N_(
        "小区由居民自管，尚无业委会成员任职，提请指导成立业委会或物管会，或改由社区托管。"
    ),
    Concern.UNMET: N_("小区自%(last)s以来未召开联席会议，提请在本月安排。"),
}
NEVER = N_("小区还没有召开过联席会议，提请在本月安排。")


class Fall(Protocol):
    """The mean of a company's rates (0 to 1) three months back and in the last whole month."""

    @property
    def before(self) -> float: ...
    @property
    def now(self) -> float: ...
    @property
    def month(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Watched:
    """A compound with one concern; `params` fill the proposal, `mark` names it once and for all."""

    concern: Concern
    compound_id: int
    code: str
    name: str
    community_id: int
    community: str
    street_id: int | None
    path: str
    operator: str | None
    until: date | None
    params: dict[str, object]
    mark: str
    stage: int = 0

    @property
    def proposal(self) -> Term:
        """Return the msgid of what is proposed to the joint meeting."""
        if self.concern is Concern.UNMET and not self.params:
            return NEVER
        return PROPOSALS[self.concern]


def told_to(one: Watched) -> tuple[Role, ...]:
    """Return who gets the letter: the community, and the street where it presses."""
    if one.concern is Concern.FALLING:
        return (Role.LIAISON,)
    if one.concern is Concern.UNMET or one.stage == STAGES[0]:
        return (Role.SECRETARY, Role.LIAISON)
    return (Role.SECRETARY,)


def stage_of(until: date, on: date) -> int | None:
    """Return the nearest of 30, 60 and 90 days within which an agreement ends; None: later."""
    left = (until - on).days
    return next((days for days in STAGES if 0 <= left <= days), None)


def months_back(on: date, count: int) -> date:
    """Return the same day so many months before, or the last day of that month."""
    number = on.year * 12 + on.month - 1 - count
    after = date((number + 1) // 12, (number + 1) % 12 + 1, 1) - timedelta(1)
    return after.replace(day=min(on.day, after.day))
