"""What the forms about meetings carry."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from govgrid.access import Role
from govgrid.meetings.models import AgendaKind, Kind, Reply, VoteRule
from govgrid.web.forms import Form, Moment

Persons = Annotated[int, Field(ge=0, le=1_000_000)]
Area = Annotated[Decimal, Field(ge=0, le=10_000_000, decimal_places=2)]


class PlaceForm(Form):
    """When and where; `accepted` are officers known not to come."""

    start: Moment = Field(title="开始时间")
    venue: int = Field(title="会议室")
    accepted: list[int] = Field(default=[], title="不能参加的人员")
    version: int = 0


class CancelForm(Form):
    reason: str = Field(title="取消原因", min_length=1, max_length=200)
    version: int


class VersionForm(Form):
    version: int


class AttendeeForm(Form):
    officer: str = Field(title="人员编号", min_length=1, max_length=40)
    role: Role = Field(title="职务")
    part: Literal["required", "optional", "observer"] = Field(title="参会方式")


class ReplyForm(Form):
    reply: Reply = Field(title="回执")
    note: str = Field(default="", title="说明", max_length=200)
    substitute: str = Field(default="", title="代会人", max_length=40)


class AssignForm(ReplyForm):
    """An answer that came by mail, and whose it is."""

    attendee: int = Field(title="参会人员")
    version: int


class AreaForm(Form):
    area: str = Field(title="区域", min_length=1, max_length=40)


class PauseForm(AreaForm):
    reason: str = Field(title="原因", min_length=1, max_length=200)


class ItemForm(Form):
    kind: AgendaKind = Field(default=AgendaKind.PROPOSAL, title="类别")
    title: str = Field(title="议题", min_length=1, max_length=120)
    brief: str = Field(default="", title="情况说明", max_length=5000)
    allotted: int = Field(default=10, title="用时", ge=1, le=240)
    version: int = 0


class PlaceInOrderForm(Form):
    to: int = Field(title="位次", ge=1, le=1000)


class HearForm(Form):
    """What a meeting hears; `offered` are the cases that the page showed."""

    cases: list[int] = Field(default=[], title="诉求")
    offered: list[int] = Field(default=[], title="诉求")
    steps: list[int] = Field(default=[], title="督导措施")
    compounds: list[int] = Field(default=[], title="双晒")


class ProposalForm(Form):
    text: str = Field(title="提议", min_length=1, max_length=1000)


class AnswerForm(Form):
    """What becomes of a proposal; a refusal comes with its reason."""

    do: Literal["take", "decline"] = Field(title="处理")
    title: str = Field(default="", title="议题", max_length=120)
    allotted: int = Field(default=5, title="用时", ge=1, le=240)
    reason: str = Field(default="", title="不列入的原因", max_length=200)
    version: int


class StandingForm(Form):
    """The standing items of an agenda, row by row; unless `own`, those from above hold."""

    joint: Kind = Field(default=Kind.JOINT, title="会议类别")
    own: bool = Field(default=False, title="本级设置")
    place: list[str] = Field(default=[], title="位次")
    kind: list[str] = Field(default=[], title="类别")
    title: list[str] = Field(default=[], title="议题")
    minutes: list[str] = Field(default=[], title="用时")
    version: int

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Return kind, title and minutes in the order of their places."""
        rows = zip(self.place, self.kind, self.title, self.minutes, strict=False)
        ordered = sorted(rows, key=lambda row: int(row[0]) if row[0].isdecimal() else 99)
        return [(kind, title, minutes) for _place, kind, title, minutes in ordered]


class NotesForm(Form):
    notes: str = Field(default="", title="会议记录", max_length=30000)
    version: int


class ResolutionForm(Form):
    text: str = Field(title="决议", min_length=1, max_length=2000)
    case: int | None = Field(default=None, title="相关诉求")


class ActionForm(Form):
    matter: str = Field(title="督办事项", min_length=1, max_length=1000)
    owner: int = Field(title="责任人")
    co_owners: str = Field(default="", title="其他配合单位", max_length=200)
    beside: list[int] = Field(default=[], title="配合人员")
    deadline: str = Field(title="完成时限", min_length=1, max_length=40)


class VoteForm(Form):
    """A counted vote; areas in m²."""

    question: str = Field(title="表决事项", min_length=1, max_length=500)
    rule: VoteRule = Field(title="表决规则")
    persons: Persons = Field(title="有表决权人数")
    area: Area = Field(default=Decimal(0), title="专有部分总面积")
    yes_persons: Persons = Field(title="同意人数")
    yes_area: Area = Field(default=Decimal(0), title="同意面积")
    no_persons: Persons = Field(default=0, title="反对人数")
    no_area: Area = Field(default=Decimal(0), title="反对面积")
    abstained_persons: Persons = Field(default=0, title="弃权人数")
    abstained_area: Area = Field(default=Decimal(0), title="弃权面积")


class GuestForm(Form):
    name: str = Field(title="姓名", min_length=1, max_length=40)
    affiliation: str = Field(default="", title="单位或身份", max_length=60)
    duty: str = Field(default="", title="职务", max_length=40)


class CameForm(Form):
    """One attendee's attendance; `seen` is what the page showed before."""

    attendee: int = Field(title="参会人员")
    word: str = Field(title="考勤", max_length=20)
    seen: str = Field(default="", max_length=20)
    substitute: str = Field(default="", title="代会人", max_length=40)


class ClockForm(Form):
    do: Literal["start", "stop"] = Field(title="计时")


class EvidenceForm(Form):
    evidence: str = Field(title="办结情况", min_length=1, max_length=2000)


class ReturnForm(Form):
    reason: str = Field(title="退回原因", min_length=1, max_length=500)


class FeedForm(Form):
    """What to subscribe to: `area-` or `unit-` and its number."""

    place: str = Field(title="范围", pattern=r"^(area|unit)-[0-9]{1,9}$")


class CodeForm(Form):
    """What stands on the screen at the door."""

    code: str = Field(title="签到码", min_length=1, max_length=16)
