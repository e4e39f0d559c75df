"""What the forms about officers, posts and absences carry."""

from datetime import date, datetime, time
from typing import Literal

from pydantic import Field

from govgrid.clock import HERE
from govgrid.grid.imports.busy import Span
from govgrid.web.forms import Form


class ReasonForm(Form):
    reason: str = Field(title="查看事由", min_length=2, max_length=200)


class AbsenceForm(Form):
    """Days or hours away, as written on a wall clock; without a time, whole days."""

    from_day: date = Field(title="开始日期")
    from_time: time | None = Field(default=None, title="开始时间")
    to_day: date = Field(title="结束日期")
    to_time: time | None = Field(default=None, title="结束时间")
    reason: str = Field(default="请假", title="事由", min_length=1, max_length=40)

    @property
    def span(self) -> Span:
        """Return the moments between; a last day without a time counts whole."""
        start = datetime.combine(self.from_day, self.from_time or time(), HERE)
        if self.to_time is not None:
            return Span(start, datetime.combine(self.to_day, self.to_time, HERE))
        end = date.fromordinal(min(self.to_day.toordinal() + 1, date.max.toordinal()))
        return Span(start, datetime.combine(end, time(), HERE))


class FeedForm(Form):
    address: str = Field(title="日历订阅地址", min_length=8, max_length=1000)


class SubstituteForm(Form):
    officer: str = Field(title="代理人", min_length=1, max_length=40)
    since: date = Field(title="代理起")
    until: date = Field(title="代理止")


class HandoverForm(Form):
    """Who takes a post over from which day; `to` names an officer, else a new one is written."""

    step: Literal["preview", "do"] = "preview"
    version: int
    on: date = Field(title="交接日期")
    to: str = Field(default="", title="接任人", max_length=40)
    name: str = Field(default="", title="姓名", max_length=40)
    code: str = Field(default="", title="人员编号", max_length=40, pattern=r"^[\w.-]*$")
    phone: str = Field(default="", title="手机", max_length=20)
    email: str = Field(default="", title="邮箱", max_length=254)
    listed: str = ""
