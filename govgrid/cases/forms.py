"""Forms of a case: what is said of one of its steps."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from govgrid.cases.models import Step
from govgrid.web.forms import Form
from govgrid.words import N_


class StepForm(Form):
    """A step taken; `when` is local time, `answer` what it found."""

    step: Step = Field(title=N_("环节"))
    when: datetime = Field(title=N_("发生时间"))
    text: str = Field(default="", title=N_("说明"), max_length=2000)
    answer: Literal["", "yes", "no"] = Field(default="", title=N_("结果"))
    version: int
