"""What the forms of supervision carry."""

from datetime import date
from typing import Literal

from pydantic import Field, field_validator

from govgrid.cases.rules import Bar
from govgrid.web.forms import Form, month_of


class ProposeForm(Form):
    """Which month of which area."""

    area: str = Field(title="区域", max_length=24)
    month: date = Field(title="月份")

    @field_validator("month", mode="before")
    @classmethod
    def _month(cls, value: object) -> date:
        return month_of(str(value))


class DecideForm(Form):
    """What is decided on a proposal."""

    verdict: Literal["confirmed", "rejected"] = Field(title="决定")
    reason: str | None = Field(default=None, title="理由", max_length=400)


class ThresholdForm(Form):
    """The thresholds of an area."""

    least: int = Field(title="最低诉求量", ge=1, le=10_000)
    response: int = Field(title="响应率", ge=0, le=100)
    completion: int = Field(title="办结率", ge=0, le=100)
    satisfaction: int = Field(title="满意率", ge=0, le=100)
    report: int = Field(title="报告率", ge=0, le=100)
    circular_at: int = Field(title="通报", ge=1, le=4)
    credit_at: int = Field(title="信用扣分", ge=1, le=4)
    points: int = Field(title="每项扣分", ge=0, le=100)
    version: int

    def bar(self) -> Bar:
        """Return the thresholds."""
        return Bar(**self.model_dump(exclude={"version"}))
