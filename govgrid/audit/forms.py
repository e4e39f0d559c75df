"""The filters of the journal, read from an address or a posted form."""

from datetime import date
from typing import Literal

from pydantic import Field

from govgrid.audit.queries import Wanted
from govgrid.errors import Invalid
from govgrid.web.forms import Form


class WantedForm(Form):
    """What to look for; an empty field looks for everything."""

    who: str | None = Field(None, title="操作人", max_length=80)
    verb: str | None = Field(None, title="操作", max_length=40)
    subject: str | None = Field(None, title="对象", max_length=40)
    subject_id: str | None = Field(None, title="对象编号", max_length=64)
    since: date | None = Field(None, title="起始日期")
    until: date | None = Field(None, title="截止日期")

    def wanted(self) -> Wanted:
        """Return the filters. Raise `Invalid` for a period that ends before it begins."""
        if self.since and self.until and self.until < self.since:
            raise Invalid("截止日期不能早于起始日期。")
        return Wanted(self.who, self.verb, self.subject, self.subject_id, self.since, self.until)


class LeafForm(Form):
    """Where in the list: lines older than `before`, or newer than `after`."""

    before: int | None = Field(None, title="页", ge=1, le=2**62)
    after: int | None = Field(None, title="页", ge=0, le=2**62)


class ExportForm(WantedForm):
    """An export of what the filters find."""

    format: Literal["xlsx", "csv"] = Field(title="格式")
