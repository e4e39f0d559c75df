"""What the forms of package takeovers carry."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from govgrid.oldcompounds.models import FeeModel, FeeUnit
from govgrid.oldcompounds.takeover.actions import Contract, Wish
from govgrid.web.forms import Form


class AskForm(Form):
    """What packages must be; the collection rate is asked in percent."""

    least_households: int = Field(title="每包最少户数", ge=1, le=100_000)
    reach: int = Field(title="距中心小区不超过", ge=50, le=20_000)
    fee: Decimal = Field(title="缺省收费标准", ge=0, le=999, decimal_places=2)
    collection_percent: Decimal = Field(title="缺省收缴率", gt=0, le=100, decimal_places=2)

    def wish(self) -> Wish:
        """Return what is asked for."""
        return Wish(self.least_households, self.reach, self.fee, self.collection_percent / 100)


class SignForm(Form):
    """The contract, and which compounds it takes in."""

    number: str = Field(title="整体承接编号", max_length=60)
    operator: str = Field(title="物业企业", max_length=120)
    since: date = Field(title="起始日期")
    until: date | None = Field(None, title="截止日期")
    fee: Decimal | None = Field(None, title="收费标准", ge=0, le=99_999_999, decimal_places=2)
    fee_unit: FeeUnit | None = Field(None, title="收费单位")
    fee_model: FeeModel | None = Field(None, title="收费方式")
    compounds: list[int] = Field(default_factory=list, title="小区")
    version: int = Field(title="页面版本")

    def contract(self) -> Contract:
        """Return the contract."""
        return Contract(**self.model_dump(exclude={"compounds", "version"}))
