"""What an area wants shown: panels, items and promises, how often, and by when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from govgrid.errors import Invalid
from govgrid.showcase.rules.figures import Flow, Panel
from govgrid.words import N_

LENGTHS = {1: N_("每月"), 3: N_("每季度"), 6: N_("每半年"), 12: N_("每年")}
MOST_PANELS, MOST_ITEMS = 4, 30


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """An item that is to be shown: what is promised, or which way its money goes."""

    item: str
    promise: str = ""
    flow: Flow | None = None


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """A panel with its items."""

    word: str
    kind: Panel
    items: tuple[ItemPlan, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Panels of a period of so many months, due on a day of the month after it."""

    panels: tuple[PanelPlan, ...]
    months: int = 1
    due_day: int = 10

    def period_of(self, day: date) -> date:
        """Return the first day of the period in which the day lies."""
        return date(day.year, day.month - (day.month - 1) % self.months, 1)

    def before(self, period: date) -> date:
        """Return the period before."""
        return self.period_of(period - timedelta(days=1))

    def end(self, period: date) -> date:
        """Return the last day of the period."""
        return _later(period, self.months) - timedelta(days=1)

    def due(self, period: date) -> date:
        """Return the last day on which its publication is in time."""
        return _later(period, self.months).replace(day=self.due_day)

    def ended(self, day: date) -> date:
        """Return the last period that is over at the end of that day's month."""
        period = self.period_of(day)
        return period if self.end(period) < _later(day, 1) else self.before(period)

    def overdue(self, on: date) -> date:
        """Return the last period whose due day has passed."""
        period = self.before(self.period_of(on))
        return period if self.due(period) < on else self.before(period)

    @classmethod
    def of(cls, months: int, due_day: int, panels: Iterable[dict[str, Any]]) -> Self:
        """Return the plan that a table's row holds."""
        return cls(tuple(map(_panel, panels)), months, due_day)

    def stored(self) -> list[dict[str, Any]]:
        """Return the panels as a table's row holds them."""
        return [
            {
                "word": panel.word,
                "kind": panel.kind.value,
                "items": [
                    {"item": one.item, "promise": one.promise, "flow": one.flow and one.flow.value}
                    for one in panel.items
                ],
            }
            for panel in self.panels
        ]


DEFAULT = Plan(
    (
        PanelPlan(
            Panel.SERVICE.word,
            Panel.SERVICE,
            (
                ItemPlan("秩序维护", "24 小时值守，夜间每 2 小时巡逻一次"),
                ItemPlan("清洁保洁", "楼道每日清扫，垃圾日产日清"),
                ItemPlan("绿化养护", "每月修剪 1 次，每季消杀 1 次"),
                ItemPlan("设施维护", "电梯、水泵每月维保 2 次"),
                ItemPlan("诉求响应", "工作日 2 小时、非工作日 4 小时内响应"),
            ),
        ),
        PanelPlan(
            Panel.ACCOUNTS.word,
            Panel.ACCOUNTS,
            (
                ItemPlan("物业费收入", flow=Flow.INCOME),
                ItemPlan("公共收益收入", flow=Flow.INCOME),
                ItemPlan("人员费用支出", flow=Flow.SPENDING),
                ItemPlan("公共能耗支出", flow=Flow.SPENDING),
                ItemPlan("公共收益支出", flow=Flow.SPENDING),
            ),
        ),
    )
)
"""No official list of items was found: this one is ours, until a district or street sets its own."""


def faults(plan: Plan) -> Iterator[Invalid]:
    """Yield what cannot be wanted."""
    if not plan.panels or not any(panel.items for panel in plan.panels):
        yield Invalid("至少要有一个面板和一个项目。")
    words = [panel.word for panel in plan.panels]
    for word in dict.fromkeys(w for w in words if words.count(w) > 1):
        yield Invalid("面板“%(name)s”重复。", name=word)
    for panel in plan.panels:
        if not panel.items:
            yield Invalid("面板“%(name)s”没有项目。", name=panel.word)
        items = [one.item for one in panel.items]
        for item in dict.fromkeys(i for i in items if items.count(i) > 1):
            yield Invalid("“%(panel)s”中的项目“%(name)s”重复。", panel=panel.word, name=item)
        for one in panel.items:
            if one.flow is Flow.INCOME and misread(one.item):
                yield income_named_spending(one.item)


def misread(item: str) -> bool:
    """Tell whether sheets take an item for spending by its name."""
    return Flow.SPENDING.word in item


def income_named_spending(item: str) -> Invalid:
    """Return the refusal of an income whose name says the opposite."""
    return Invalid("收入项目“%(name)s”的名称中不能有“支出”二字，请换一个名称。", name=item)


def month_before(day: date) -> date:
    """Return the first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _later(day: date, months: int) -> date:
    """Return the first day of the month so many months after a day's."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _panel(stored: dict[str, Any]) -> PanelPlan:
    items = (
        ItemPlan(one["item"], one["promise"], Flow.of_key(one["flow"]) if one["flow"] else None)
        for one in stored["items"]
    )
    return PanelPlan(stored["word"], Panel.of_key(stored["kind"]), tuple(items))
