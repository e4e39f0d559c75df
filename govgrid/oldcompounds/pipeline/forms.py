"""What the forms of the pipeline carry."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from govgrid.errors import Invalid
from govgrid.oldcompounds.forms import EARLIEST, LATEST
from govgrid.oldcompounds.models import FeeModel, FeeUnit, Mode
from govgrid.oldcompounds.pipeline.actions.advance import Move
from govgrid.oldcompounds.pipeline.actions.ways import Decision
from govgrid.oldcompounds.pipeline.models import Quota, Stage
from govgrid.oldcompounds.pipeline.rules import Count, Rule
from govgrid.oldcompounds.rules import Terms
from govgrid.web.forms import Form


class StartForm(Form):
    """What a compound's way leads to, and who answers for it."""

    goal: Mode = Field(title="推进目标")
    owner: int = Field(title="责任人")


class BallotForm(Form):
    """A vote."""

    held_on: date = Field(title="表决日期")
    question: str = Field(title="表决事项", max_length=200)
    persons: int = Field(title="业主总人数", ge=1, le=1_000_000)
    persons_voted: int = Field(title="参与表决人数", ge=0, le=1_000_000)
    persons_for: int = Field(title="同意人数", ge=0, le=1_000_000)
    area: Decimal = Field(title="专有部分总面积", gt=0, le=99_999_999, decimal_places=2)
    area_voted: Decimal = Field(title="参与表决面积", ge=0, le=99_999_999, decimal_places=2)
    area_for: Decimal = Field(title="同意面积", ge=0, le=99_999_999, decimal_places=2)
    version: int = Field(title="页面版本")

    def count(self) -> Count:
        """Return the vote. Raise `Invalid` for a day far from any real one."""
        _real("held_on", self.held_on)
        return Count(**self.model_dump(exclude={"version"}))


class AdvanceForm(Form):
    """What came of a stage; a stage's form shows only its own fields."""

    note: str = Field("", title="结果说明", max_length=2000)
    resolution: int | None = Field(None, title="联席会议决议")
    handed_on: date | None = Field(None, title="交接日期")
    operator: str | None = Field(None, title="管理单位", max_length=120)
    agreement: str | None = Field(None, title="协议编号", max_length=60)
    since: date | None = Field(None, title="计划交接日期")
    until: date | None = Field(None, title="截止日期")
    fee: Decimal | None = Field(None, title="收费标准", ge=0, le=99_999_999, decimal_places=2)
    fee_unit: FeeUnit | None = Field(None, title="收费单位")
    fee_model: FeeModel | None = Field(None, title="收费方式")
    version: int = Field(title="页面版本")

    def move(self, goal: Mode, decision: Decision | None) -> Move:
        """Return what came of the stage."""
        _real("handed_on", self.handed_on)
        return Move(self.note, self._terms(goal), self.handed_on, decision)

    def _terms(self, goal: Mode) -> Terms | None:
        if self.since is None:
            return None
        _real("since", self.since)
        _real("until", self.until)
        names = {"operator", "agreement", "since", "until", "fee", "fee_unit", "fee_model"}
        return Terms(mode=goal, **self.model_dump(include=names))


class BackForm(Form):
    """Which earlier stage, and why."""

    stage: Stage = Field(title="退回到")
    reason: str = Field("", title="原因", max_length=400)
    version: int = Field(title="页面版本")


class DropForm(Form):
    """Why the way ends."""

    reason: str = Field("", title="原因", max_length=400)
    version: int = Field(title="页面版本")


class AssignForm(Form):
    """Who answers for the stage until when."""

    owner: int = Field(title="责任人")
    deadline: date = Field(title="时限")
    version: int = Field(title="页面版本")


class RuleForm(Form):
    """What votes need, and the working days of each stage."""

    participation: Quota = Field(title="参与表决")
    consent: Quota = Field(title="同意")
    survey: int = Field(title="摸底调查", ge=1, le=250)
    opinion: int = Field(title="居民意见", ge=1, le=250)
    plan: int = Field(title="制定方案", ge=1, le=250)
    agreement: int = Field(title="签订协议", ge=1, le=250)
    handover: int = Field(title="交接进场", ge=1, le=250)
    review: int = Field(title="回访评估", ge=1, le=250)
    version: int = Field(title="页面版本")

    def rule(self) -> Rule:
        """Return the rule. Raise `Invalid` where less would be asked than the law does."""
        if self.participation is Quota.MORE_THAN_HALF:
            wrong = Invalid("《民法典》第二百七十八条要求三分之二以上参与表决，不能低于此标准。")
            raise Invalid("提交的内容有 %(n)s 处需要修改。", fields={"participation": wrong}, n=1)
        days = {
            Stage.SURVEY: self.survey,
            Stage.OPINION: self.opinion,
            Stage.PLAN: self.plan,
            Stage.AGREEMENT: self.agreement,
            Stage.HANDOVER: self.handover,
            Stage.REVIEW: self.review,
        }
        return Rule(self.participation, self.consent, days)


def _real(name: str, day: date | None) -> None:
    if day is not None and not EARLIEST <= day < LATEST:
        reason = Invalid("日期 %(day)s 不合常理，请核对年份。", day=day.isoformat())
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields={name: reason}, n=1)
