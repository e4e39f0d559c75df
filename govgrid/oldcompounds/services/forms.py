"""What the forms of service plans carry."""

from decimal import Decimal

from pydantic import Field
from starlette.datastructures import FormData

from govgrid.errors import Invalid, Refusal
from govgrid.oldcompounds.models import FeeUnit
from govgrid.oldcompounds.services.models import Service
from govgrid.oldcompounds.services.rules import Offer, Prices, Size
from govgrid.web.forms import Form, read


class _Services(Form):
    """One figure for each service of the catalogue."""

    cleaning: Decimal = Field(Decimal(0), title="保洁", ge=0, le=100_000, decimal_places=2)
    waste: Decimal = Field(Decimal(0), title="垃圾分类清运", ge=0, le=100_000, decimal_places=2)
    guard: Decimal = Field(Decimal(0), title="门卫秩序", ge=0, le=100_000, decimal_places=2)
    repairs: Decimal = Field(Decimal(0), title="公共设施维修", ge=0, le=100_000, decimal_places=2)
    green: Decimal = Field(Decimal(0), title="绿化养护", ge=0, le=100_000, decimal_places=2)
    lighting: Decimal = Field(Decimal(0), title="公共照明", ge=0, le=100_000, decimal_places=2)
    fire_safety: Decimal = Field(Decimal(0), title="消防安全", ge=0, le=100_000, decimal_places=2)
    lift: Decimal = Field(Decimal(0), title="电梯维保", ge=0, le=100_000, decimal_places=2)
    desk: Decimal = Field(Decimal(0), title="客服管家", ge=0, le=100_000, decimal_places=2)

    def by_service(self) -> dict[Service, Decimal]:
        """Return the figures by service."""
        return {service: getattr(self, service.value) for service in Service}


class VariantForm(_Services):
    """One variant; the collection rate is asked in percent."""

    name: str = Field(title="方案名称", max_length=20)
    fee: Decimal = Field(title="收费标准", ge=0, le=99_999, decimal_places=2)
    fee_unit: FeeUnit = Field(title="收费单位")
    collection_percent: Decimal = Field(title="收缴率（百分数）", gt=0, le=100, decimal_places=2)
    other_income: Decimal = Field(
        Decimal(0), title="其他收入", ge=0, le=99_999_999, decimal_places=2
    )

    def offer(self) -> Offer:
        """Return the variant."""
        return Offer(
            self.name,
            self.fee,
            self.fee_unit,
            self.collection_percent / 100,
            self.other_income,
            self.by_service(),
        )


class PlanForm(Form):
    """What the plan is reckoned with, and the version that the page showed."""

    households: int = Field(title="户数", ge=1, le=100_000)
    floor_area: Decimal = Field(title="建筑面积", gt=0, le=10_000_000, decimal_places=2)
    version: int = Field(title="页面版本")

    def size(self) -> Size:
        """Return the size."""
        return Size(self.households, self.floor_area)


class ChooseForm(Form):
    """Which variant the residents chose."""

    position: int = Field(title="方案", ge=1, le=3)
    version: int = Field(title="页面版本")


class CostsForm(_Services):
    """An area's unit costs; the overhead is asked in percent."""

    overhead_percent: Decimal = Field(title="管理费和税费", ge=0, le=100, decimal_places=2)
    version: int = Field(title="页面版本")

    def prices(self) -> Prices:
        """Return the unit costs."""
        return Prices(self.by_service(), self.overhead_percent / 100)


def read_offers(posted: FormData) -> list[Offer]:
    """Return the three variants, whose fields end in -1 to -3. Raise `Invalid` naming each fault."""
    offers: list[Offer] = []
    faults: dict[str, Refusal] = {}
    for n in (1, 2, 3):
        tail = f"-{n}"
        own = [(k.removesuffix(tail), v) for k, v in posted.multi_items() if k.endswith(tail)]
        try:
            offers.append(read(VariantForm, FormData(own)).offer())
        except Invalid as wrong:
            faults |= {
                f"{name}{tail}": Invalid("方案%(n)s：%(why)s", n=n, why=why)
                for name, why in wrong.fields.items()
            }
    if faults:
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields=faults, n=len(faults))
    return offers
