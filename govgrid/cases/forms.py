"""What the forms of complaints carry."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from govgrid.cases.models import Source, Step
from govgrid.cases.rules import CATEGORIES
from govgrid.web.forms import Form, Moment
from govgrid.words import N_


def _starter(category: str) -> str:
    if category not in CATEGORIES:
        raise ValueError(category)
    return category


class CaseForm(Form):
    """A complaint taken in by hand."""

    source: Source = Field(title="来源")
    category: str = Field(title="诉求类别", min_length=1, max_length=40)
    compound: str = Field(title="小区编号", min_length=1, max_length=40)
    received_at: Moment = Field(title="受理时间")
    content: str = Field(title="诉求内容", min_length=1, max_length=4000)


class OneClickForm(Form):
    """A resident's own complaint."""

    compound: str = Field(title="小区", min_length=1, max_length=40)
    category: Annotated[str, AfterValidator(_starter)] = Field(title="诉求类别")
    content: str = Field(title="诉求内容", min_length=2, max_length=1000)
    phone: str | None = Field(
        default=None, title="联系电话", pattern=r"^(1\d{10}|0\d{2,3}-?\d{7,8}|\d{7,8})$"
    )


class ReasonForm(Form):
    reason: str = Field(title="查看事由", min_length=2, max_length=200)


class StepForm(Form):
    """A step taken; `when` is local time, `answer` what it found."""

    step: Step = Field(title=N_("环节"))
    when: Moment = Field(title=N_("发生时间"))
    text: str = Field(default="", title=N_("说明"), max_length=2000)
    answer: Literal["", "yes", "no"] = Field(default="", title=N_("结果"))
    version: int
