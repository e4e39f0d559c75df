"""The form that records who manages a compound."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from govgrid.errors import Invalid
from govgrid.oldcompounds.models import FeeModel, FeeUnit, Mode
from govgrid.oldcompounds.rules import Change, Terms
from govgrid.web.forms import Form

EARLIEST, LATEST = date(1950, 1, 1), date(2100, 1, 1)  # outside: a slip of the keyboard


class ChangeForm(Form):
    """New terms of a compound; the collection rate is asked in percent."""

    mode: Mode = Field(title="管理方式")
    operator: str | None = Field(None, title="管理单位", max_length=120)
    since: date = Field(title="起始日期")
    until: date | None = Field(None, title="截止日期")
    agreement: str | None = Field(None, title="协议编号", max_length=60)
    fee: Decimal | None = Field(None, title="收费标准", ge=0, le=99_999_999, decimal_places=2)
    fee_unit: FeeUnit | None = Field(None, title="收费单位")
    fee_model: FeeModel | None = Field(None, title="收费方式")
    collection_percent: Decimal | None = Field(
        None, title="收缴率（百分数）", ge=0, le=100, decimal_places=2
    )
    package: str | None = Field(None, title="整体承接编号", max_length=60)
    fill: bool = Field(False, title="空档补记为无管理")
    seen: int = Field(title="页面版本")

    def change(self) -> Change:
        """Return the change asked for. Raise `Invalid` for a day far from any real one."""
        terms = self.model_dump(exclude={"collection_percent", "fill", "seen"})
        for name in ("since", "until"):
            day = terms[name]
            if day is not None and not EARLIEST <= day < LATEST:
                reason = Invalid("日期 %(day)s 不合常理，请核对年份。", day=day.isoformat())
                raise Invalid("提交的内容有 %(n)s 处需要修改。", fields={name: reason}, n=1)
        percent = self.collection_percent
        rate = None if percent is None else percent / 100
        return Change(Terms(**terms, collection_rate=rate), self.seen, self.fill)
