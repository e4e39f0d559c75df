"""What a version says, whether it can be published, and what one says differently from another."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from govgrid.errors import Invalid, Refusal
from govgrid.showcase.rules.figures import Flow, Panel, Shown, signed
from govgrid.showcase.rules.plans import PanelPlan, Plan, income_named_spending, misread
from govgrid.words import N_

ZERO = Decimal(0)
SIDES = ("opening", "income", "spending", "closing")
"""Sums that a panel of accounts states; the two in the middle may be left to us."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: of a service what was promised and done, of accounts an amount (never below 0)."""

    item: str
    promise: str = ""
    result: str = ""
    amount: Decimal | None = None
    flow: Flow | None = None
    met: bool | None = None

    @property
    def moved(self) -> Decimal:
        """Return the amount as sheets write it: money that goes out is negative."""
        amount = self.amount or ZERO
        return -amount if self.flow is Flow.SPENDING else amount


@dataclass(frozen=True, slots=True)
class PanelText:
    """A panel as it was written; the sums are those that its writer states."""

    word: str
    kind: Panel
    lines: tuple[Line, ...] = ()
    opening: Decimal | None = None
    income: Decimal | None = None
    spending: Decimal | None = None
    closing: Decimal | None = None

    def total(self, flow: Flow) -> Decimal:
        """Return what the lines of one direction add up to."""
        return sum((one.amount or ZERO for one in self.lines if one.flow is flow), ZERO)


class Change(NamedTuple):
    """What a version says differently: the field's word, and both texts."""

    panel: str
    item: str
    field: str
    before: str
    after: str


def publishable(panels: Sequence[PanelText], *, note: str | None = None) -> dict[str, Refusal]:
    """Return what stands in the way of publication, by field of the form.

    `note`: what a correction says of itself; None where there is nothing to correct.
    """
    found: dict[str, Refusal] = {}
    if note is not None and not note:
        found["note"] = Invalid("更正已公示的内容，请说明更正了什么、为什么更正。")
    number = 0
    for place, panel in enumerate(panels):
        names = [line.item for line in panel.lines]
        for line in panel.lines:
            if (refusal := _line(panel, line, names)) is not None:
                found[f"result.{number}"] = refusal
            number += 1
        for side, refusal in _sums(panel):
            found.setdefault(f"{side}.{place}", refusal)
    if not number:
        found["lines"] = Invalid("还没有填写任何项目。")
    return found


def _line(panel: PanelText, line: Line, names: list[str]) -> Refusal | None:
    if names.count(line.item) > 1:
        return Invalid("“%(panel)s”中的项目“%(name)s”重复。", panel=panel.word, name=line.item)
    if panel.kind is Panel.SERVICE:
        return None if line.result else Invalid("请填写“%(name)s”的结果。", name=line.item)
    if line.amount is None:
        return Invalid("请填写“%(name)s”的金额，没有发生的填 0。", name=line.item)
    if line.flow is Flow.INCOME and misread(line.item):
        return income_named_spending(line.item)
    return None


def _sums(panel: PanelText) -> Iterator[tuple[str, Refusal]]:
    """Yield the sums that do not add up, each with the difference."""
    if panel.kind is not Panel.ACCOUNTS or not panel.lines:
        return
    income, spending = panel.total(Flow.INCOME), panel.total(Flow.SPENDING)
    for side, stated, found, word in (
        ("income", panel.income, income, Flow.INCOME.word),
        ("spending", panel.spending, spending, Flow.SPENDING.word),
    ):
        if stated is not None and stated != found:
            yield (
                side,
                Invalid(
                    "“%(panel)s”的%(word)s合计填 %(stated)s 元，各项相加为 %(found)s 元，相差 %(gap)s 元。",
                    panel=panel.word,
                    word=word,
                    stated=money(stated),
                    found=money(found),
                    gap=money(abs(stated - found)),
                ),
            )
    if panel.opening is None or panel.closing is None:
        side = "opening" if panel.opening is None else "closing"
        yield side, Invalid("请填写“%(panel)s”的期初结余和期末结余。", panel=panel.word)
        return
    due = panel.opening + income - spending
    if due != panel.closing:
        yield (
            "closing",
            Invalid(
                "“%(panel)s”收支不平：期初 %(opening)s + 收入 %(income)s − 支出 %(spending)s = %(due)s 元，"
                "期末填 %(closing)s 元，相差 %(gap)s 元。",
                panel=panel.word,
                opening=money(panel.opening),
                income=money(income),
                spending=money(spending),
                due=money(due),
                closing=money(panel.closing),
                gap=money(abs(due - panel.closing)),
            ),
        )


def money(amount: Decimal) -> str:
    """Write an amount in yuan: 1,200.50."""
    return f"{amount:,.2f}"


def opened(plan: Plan, known: Sequence[PanelText]) -> list[PanelText]:
    """Return what is known with every panel and item that is wanted, empty where nothing is said."""
    by_word = {panel.word: panel for panel in known}
    wanted = [_opened(panel, by_word.pop(panel.word, None)) for panel in plan.panels]
    return [*wanted, *by_word.values()]


def _opened(plan: PanelPlan, known: PanelText | None) -> PanelText:
    lines = {line.item: line for line in known.lines} if known else {}
    wanted = [lines.pop(one.item, Line(one.item, one.promise, flow=one.flow)) for one in plan.items]
    sums = {side: getattr(known, side) for side in SIDES} if known else {}
    return PanelText(plan.word, plan.kind, (*wanted, *lines.values()), **sums)


class Published(Shown, Protocol):
    """What is known of an item that is published now."""

    @property
    def panel(self) -> str: ...
    @property
    def promise(self) -> str | None: ...
    @property
    def result(self) -> str: ...


def readable(items: Iterable[Published], plan: Plan) -> list[PanelText]:
    """Return what sheets published, as a version says it."""
    kinds = {panel.word: panel.kind for panel in plan.panels}
    kinds |= {panel.word: panel for panel in Panel}
    lines: dict[str, list[Line]] = {}
    for item in items:
        moved = signed(item)
        money_line = item.amount is not None
        kinds.setdefault(item.panel, Panel.ACCOUNTS if money_line else Panel.SERVICE)
        flow = (Flow.SPENDING if moved < 0 else Flow.INCOME) if money_line else None
        line = Line(
            item.item, item.promise or "", item.result, abs(moved) if money_line else None, flow,
            item.met,
        )  # fmt: skip
        lines.setdefault(item.panel, []).append(line)
    return [PanelText(word, kinds[word], tuple(found)) for word, found in lines.items()]


def stored(panels: Iterable[PanelText]) -> list[dict[str, Any]]:
    """Return the panels as a version's row holds them."""
    return [
        {
            "word": panel.word,
            "kind": panel.kind.value,
            **{side: _text(getattr(panel, side)) for side in SIDES},
            "lines": [
                {
                    "item": line.item,
                    "promise": line.promise,
                    "result": line.result,
                    "amount": _text(line.amount),
                    "flow": line.flow and line.flow.value,
                    "met": line.met,
                }
                for line in panel.lines
            ],
        }
        for panel in panels
    ]


def restored(rows: Iterable[dict[str, Any]]) -> list[PanelText]:
    """Return the panels of a version's row."""
    return [
        PanelText(
            row["word"],
            Panel.of_key(row["kind"]),
            tuple(
                Line(
                    line["item"],
                    line["promise"],
                    line["result"],
                    _amount(line["amount"]),
                    Flow.of_key(line["flow"]) if line["flow"] else None,
                    line["met"],
                )
                for line in row["lines"]
            ),
            **{side: _amount(row[side]) for side in SIDES},
        )
        for row in rows
    ]


FIELDS = {
    "promise": N_("承诺"),
    "result": N_("结果"),
    "amount": N_("金额"),
    "flow": N_("收支方向"),
    "met": N_("达标"),
}
BALANCES = {
    "opening": N_("期初结余"),
    "income": N_("收入合计"),
    "spending": N_("支出合计"),
    "closing": N_("期末结余"),
}
_ITEM = N_("项目")


def changes(before: Iterable[PanelText], after: Iterable[PanelText]) -> list[Change]:
    """Return what the later one says differently, item by item; nothing: the empty text."""
    old, new = _flat(before), _flat(after)
    return [
        Change(panel, item, field, old.get(key, ""), new.get(key, ""))
        for key in dict.fromkeys([*old, *new])
        if old.get(key, "") != new.get(key, "")
        for panel, item, field in (key,)
    ]


def _flat(panels: Iterable[PanelText]) -> dict[tuple[str, str, str], str]:
    said: dict[tuple[str, str, str], str] = {}
    for panel in panels:
        for line in panel.lines:
            said[panel.word, line.item, _ITEM] = line.item
            for name, word in FIELDS.items():
                said[panel.word, line.item, word] = _told(getattr(line, name))
        for name, word in BALANCES.items():
            said[panel.word, "", word] = _told(getattr(panel, name))
    return said


def _told(value: object) -> str:
    if isinstance(value, Flow):
        return value.word
    if isinstance(value, bool):
        return "是" if value else "否"
    return money(value) if isinstance(value, Decimal) else str(value or "")


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
