"""The forms that record who manages a compound, put it right, and take an act back."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from govgrid.errors import Invalid
from govgrid.oldcompounds.models import FeeModel, FeeUnit, Mode
from govgrid.oldcompounds.rules import Terms
from govgrid.web.forms import Form

EARLIEST, LATEST = date(1950, 1, 1), date(2100, 1, 1)  # outside: a slip of the keyboard
MOST_SERVICES = 20


class TermsForm(Form):
    """Terms of a compound; the collection rate is asked in percent, services in one line."""

    mode: Mode = Field(title="管理方式")
    operator: str | None = Field(None, title="管理单位", max_length=120)
    since: date = Field(title="起始日期")
    until: date | None = Field(None, title="截止日期")
    agreement: str | None = Field(None, title="协议编号", max_length=60)
    services: str | None = Field(None, title="服务内容", max_length=300)
    fee: Decimal | None = Field(None, title="收费标准", ge=0, le=99_999_999, decimal_places=2)
    fee_unit: FeeUnit | None = Field(None, title="收费单位")
    fee_model: FeeModel | None = Field(None, title="收费方式")
    collection_percent: Decimal | None = Field(
        None, title="收缴率（百分数）", ge=0, le=100, decimal_places=2
    )
    package: str | None = Field(None, title="整体承接编号", max_length=60)
    seen: int = Field(title="页面版本")

    def terms(self, scan: str | None = None) -> Terms:
        """Return the terms asked for. Raise `Invalid` for a day far from any real one."""
        for name in ("since", "until"):
            day = getattr(self, name)
            if day is not None and not EARLIEST <= day < LATEST:
                reason = Invalid("日期 %(day)s 不合常理，请核对年份。", day=day.isoformat())
                raise Invalid("提交的内容有 %(n)s 处需要修改。", fields={name: reason}, n=1)
        percent = self.collection_percent
        return Terms(
            mode=self.mode,
            since=self.since,
            until=self.until,
            operator=self.operator,
            agreement=self.agreement,
            fee=self.fee,
            fee_unit=self.fee_unit,
            fee_model=self.fee_model,
            collection_rate=None if percent is None else percent / 100,
            package=self.package,
            services=self._services(),
            scan=scan,
        )

    def _services(self) -> tuple[str, ...]:
        """Return the services named, each once. Raise `Invalid` for a long list or name."""
        parts = (self.services or "").replace("；", ";").replace("、", ";").split(";")
        found = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
        if len(found) > MOST_SERVICES or any(len(part) > 40 for part in found):
            reason = Invalid(
                "服务内容最多 %(n)s 项，每项不超过 40 个字，用顿号或分号隔开。", n=MOST_SERVICES
            )
            raise Invalid("提交的内容有 %(n)s 处需要修改。", fields={"services": reason}, n=1)
        return found


class ChangeForm(TermsForm):
    """New terms, from their first day on."""

    fill: bool = Field(False, title="空档补记为无管理")


class CorrectionForm(TermsForm):
    """A period put right: which one, and why."""

    of: date = Field(title="更正的起始日期")
    reason: str = Field(title="更正原因", min_length=2, max_length=300)


class RemovalForm(Form):
    """A period taken out: which one, and why."""

    of: date = Field(title="删除的起始日期")
    reason: str = Field(title="删除原因", min_length=2, max_length=300)
    seen: int = Field(title="页面版本")


class UndoForm(Form):
    """Why an act is taken back."""

    reason: str = Field(title="撤回原因", min_length=2, max_length=300)
