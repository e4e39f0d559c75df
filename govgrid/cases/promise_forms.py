"""What the forms of companies' promises and of hours carry."""

from datetime import date

from pydantic import Field

from govgrid.cases.rules import MOST_MEETINGS, MOST_ON_SITE, Pledge
from govgrid.web.forms import Form


class PromiseForm(Form):
    """A company's promise."""

    company: str = Field(title="物业企业", max_length=120)
    compound: str | None = Field(default=None, title="小区编号", max_length=40)
    reply: int | None = Field(default=None, title="响应（分钟）", ge=1, le=MOST_ON_SITE)
    on_site: int | None = Field(default=None, title="到场（分钟）", ge=1, le=MOST_ON_SITE)
    owners_meetings: int | None = Field(
        default=None, title="每月业主会（次）", ge=1, le=MOST_MEETINGS
    )
    since: date = Field(title="起始日期")

    def pledge(self) -> Pledge:
        """Return what is promised."""
        return Pledge(self.reply, self.on_site, self.owners_meetings)


class EndForm(Form):
    """A promise's last day."""

    until: date = Field(title="截止日期")
    version: int


class HoursForm(Form):
    """Minutes for a reply in an area."""

    reply_workday: int = Field(title="工作日响应（分钟）", ge=1, le=MOST_ON_SITE)
    reply_other: int = Field(title="非工作日响应（分钟）", ge=1, le=MOST_ON_SITE)
    since: date = Field(title="起始日期")
