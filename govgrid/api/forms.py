"""What requests carry and what answers look like: the same declarations check and document."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from govgrid.cases.models import Source
from govgrid.cases.queries import By
from govgrid.meetings.models import Stage

NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,24}$")]
Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-11"])]


def _near(day: date) -> date:
    if not 2000 <= day.year <= 2100:
        raise ValueError("year")
    return day


Moment = Annotated[AwareDatetime, AfterValidator(_near)]
Day = Annotated[date, AfterValidator(_near)]


class Given(BaseModel):
    """Nothing more than what is declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewCase(Given):
    """A complaint, known by its number: sent again it changes nothing."""

    number: str = Field(description="工单编号", pattern=r"^[^\s/\x00-\x1f\x7f]{1,60}$")
    source: Source = Field(description="来源")
    category: str = Field(description="诉求类别", max_length=40, pattern=NO_CONTROL)
    compound: str = Field(description="小区编号", pattern=r"^[^\s/\x00-\x1f\x7f]{1,40}$")
    received_at: AwareDatetime = Field(description="受理时间")
    content: str | None = Field(
        default=None,
        description="诉求内容；请勿填写来电人姓名、电话",
        max_length=4000,
        pattern=NO_CONTROL,
    )


class CaseAnswer(BaseModel):
    number: str
    compound: str
    received_at: datetime
    reply_due: datetime
    close_due: datetime


class AreaQuery(Given):
    area: Code | None = Field(default=None, description="区域代码；不填为令牌的区域")


class MeetingsQuery(AreaQuery):
    month: Month
    after: int = Field(default=0, ge=0, le=2**31 - 1, description="从这个会议编号之后开始")
    limit: int = Field(default=100, ge=1, le=500)


class CoverageQuery(AreaQuery):
    as_of: Day | None = None
    kinds: Literal["old", "all"] = "old"


class RatesQuery(AreaQuery):
    month: Month
    by: By = By.AREA
    as_of: Moment | None = None


class MeetingAnswer(BaseModel):
    id: int
    uid: str
    title: str
    unit: str
    compound: str | None
    community: str
    month: str
    stage: Stage
    start: datetime
    end: datetime
    minutes_signed_at: datetime | None


class MeetingsAnswer(BaseModel):
    """One page; `next` leads to the one after, null on the last."""

    items: list[MeetingAnswer]
    next: str | None


class MinutesAnswer(BaseModel):
    """The signed minutes; `record_hash` is the SHA-256 of the record's canonical form."""

    meeting: int
    number: int
    signed_at: datetime
    record: dict[str, Any]
    record_hash: str
    pdf: str
    check: str


class RateRow(BaseModel):
    key: str
    name: str
    received: int
    replied_in_time: int
    closed: int
    closed_in_48h: int
    rated: int
    satisfied: int
    outside_remit: int
    reported: int
    response_rate: float | None
    completion_rate: float | None
    closed_48h_rate: float | None
    satisfaction_rate: float | None
    report_rate: float | None


class RatesAnswer(BaseModel):
    month: str
    as_of: datetime
    rows: list[RateRow]
    total: RateRow


class Shares(BaseModel):
    total: float
    professional: float
    custodial: float
    delegated: float
    self_managed: float
    none: float
    professional_rate: float | None
    management_rate: float | None


class Uncovered(BaseModel):
    code: str
    name: str
    community: str
    households: int | None
    since: date | None


class CoverageAnswer(BaseModel):
    as_of: date
    area: str
    compounds: Shares
    households: Shares
    floor_area: Shares
    uncovered: list[Uncovered]


class Fault(BaseModel):
    field: str
    value: Any = None
    reason: str


class Problem(BaseModel):
    """Problem details by RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None
