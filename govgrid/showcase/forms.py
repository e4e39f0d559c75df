"""What the forms of showcases carry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import Field
from starlette.datastructures import FormData

from govgrid.errors import Invalid, Refusal
from govgrid.showcase.rules import Flow, ItemPlan, Line, Panel, PanelPlan, PanelText, Plan
from govgrid.showcase.rules.content import SIDES
from govgrid.showcase.rules.plans import MOST_ITEMS, MOST_PANELS
from govgrid.web.forms import Form, clean
from govgrid.words import N_

MOST_LINES = 120
LENGTH = {"item": 80, "promise": 1000, "result": 1000}
WORDS = {
    "item": N_("项目"),
    "promise": N_("承诺"),
    "result": N_("结果"),
    "amount": N_("金额"),
    "opening": N_("期初结余"),
    "income": N_("收入合计"),
    "spending": N_("支出合计"),
    "closing": N_("期末结余"),
}
_MET = {"": None, "yes": True, "no": False}
_WIDE = str.maketrans("０１２３４５６７８９．，－￥", "0123456789.,-¥")


class PhotoForm(Form):
    """Where a photo belongs, and what it shows."""

    panel: str = Field(title=N_("面板"), max_length=20)
    caption: str = Field(default="", title=N_("照片说明"), max_length=80)


class PrintForm(Form):
    """What is to be printed."""

    what: str = Field(title=N_("印制内容"), pattern="^(poster|code)$")


@dataclass(slots=True)
class Entry:
    """What was typed of a period; `rows` are the rows of the form that the lines came from."""

    panels: list[PanelText] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    note: str = ""
    version: int = 0

    def placed(self, refusal: Invalid) -> Invalid:
        """Return the refusal with its fields named by the rows of the form."""
        fields = {}
        for name, reason in refusal.fields.items():
            kind, _, number = name.partition(".")
            fields[f"{kind}.{self.rows[int(number)]}" if kind == "result" else name] = reason
        return Invalid(refusal.message, fields=fields, **refusal.params)


def read_entry(posted: FormData) -> Entry:
    """Return what was typed. Raise `Invalid` with one refusal a field that cannot be kept."""
    faults: dict[str, Refusal] = {}
    entry = Entry(note=_said(posted, "note"), version=_count(posted, "version", 10**9))
    if len(entry.note) > 400:
        faults["note"] = _too_long("更正说明", 400)
    kinds = [_kind(posted, p) for p in range(_count(posted, "panels", MOST_PANELS * 2))]
    lines: list[list[Line]] = [[] for _ in kinds]
    for row in range(_count(posted, "lines", MOST_LINES)):
        place = _count(posted, f"panel.{row}", len(kinds) - 1)
        line = _line(posted, row, kinds[place][1], faults)
        if line is not None:
            lines[place].append(line)
    for place, (word, kind) in enumerate(kinds):
        sums = {side: _money(posted, f"{side}.{place}", faults, signed=True) for side in SIDES}
        if kind is Panel.SERVICE:
            sums = dict.fromkeys(SIDES)
        entry.panels.append(PanelText(word, kind, tuple(lines[place]), **sums))
    entry.rows = _rows(posted, len(kinds))
    if faults:
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields=faults, n=len(faults))
    return entry


def _rows(posted: FormData, panels: int) -> list[int]:
    """Return the rows with something in them, in the order of the panels."""
    rows = range(_count(posted, "lines", MOST_LINES))
    kept = [row for row in rows if _said(posted, f"item.{row}")]
    return [row for p in range(panels) for row in kept if _said(posted, f"panel.{row}") == str(p)]


def _kind(posted: FormData, place: int) -> tuple[str, Panel]:
    word = _said(posted, f"word.{place}")
    try:
        kind = Panel.of_key(_said(posted, f"kind.{place}"))
    except ValueError:
        raise _stale() from None
    if not 0 < len(word) <= 20:
        raise _stale()
    return word, kind


def _line(posted: FormData, row: int, kind: Panel, faults: dict[str, Refusal]) -> Line | None:
    texts = {name: _said(posted, f"{name}.{row}") for name in LENGTH}
    for name, text in texts.items():
        if len(text) > LENGTH[name]:
            faults[f"{name}.{row}"] = _too_long(WORDS[name], LENGTH[name])
    amount = _money(posted, f"amount.{row}", faults)
    if not texts["item"]:
        if texts["result"] or amount is not None:
            faults[f"item.{row}"] = Invalid("请填写项目名称，或清空这一行。")
        return None
    if kind is Panel.SERVICE:
        met = _MET.get(_said(posted, f"met.{row}"))
        return Line(texts["item"], texts["promise"], texts["result"], met=met)
    try:
        flow = Flow.of_key(_said(posted, f"flow.{row}"))
    except ValueError:
        raise _stale() from None
    return Line(texts["item"], texts["promise"], texts["result"], amount, flow)


def _money(
    posted: FormData, name: str, faults: dict[str, Refusal], *, signed: bool = False
) -> Decimal | None:
    """Return an amount as people write one: 1200.5, 1,200.50, ￥1200; empty is none."""
    text = re.sub(r"[,\s¥元]", "", _said(posted, name).translate(_WIDE))
    if not text:
        return None
    pattern = r"-?\d{1,11}(\.\d{1,2})?" if signed else r"\d{1,11}(\.\d{1,2})?"
    if re.fullmatch(pattern, text, re.ASCII):
        return Decimal(text).quantize(Decimal("0.01"))
    word = WORDS[name.partition(".")[0]]
    faults[name] = Invalid("“%(label)s”应为最多两位小数的金额，例如 1200.50。", label=word)
    return None


def _said(posted: FormData, name: str) -> str:
    value = posted.get(name, "")
    return clean(value).strip() if isinstance(value, str) else ""


def _count(posted: FormData, name: str, most: int) -> int:
    text = _said(posted, name)
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) > most:
        raise _stale()
    return int(text)


def _too_long(label: str, most: int) -> Invalid:
    return Invalid("“%(label)s”过长，最多 %(max_length)s 个字。", label=label, max_length=most)


def _stale() -> Invalid:
    return Invalid("表单不完整或已过期，请刷新页面后重新提交。")


class PlanForm(Form):
    """How often an area wants to be shown what, and by when; panels are read by `read_plan`."""

    months: int = Field(title=N_("公示周期"))
    due_day: int = Field(title=N_("公示截止日"), ge=1, le=28)
    version: int


def read_plan(posted: FormData, months: int, due_day: int) -> Plan:
    """Return the plan: a line an item, `项目｜承诺` of services, `收入：项目` of accounts."""
    panels = []
    for place in range(MOST_PANELS):
        word, items = _said(posted, f"word.{place}"), _said(posted, f"items.{place}")
        if word or items:
            kind = _plan_kind(posted, place, word)
            panels.append(PanelPlan(word, kind, tuple(_items(items, kind, place))))
    return Plan(tuple(panels), months, due_day)


def _plan_kind(posted: FormData, place: int, word: str) -> Panel:
    if not 0 < len(word) <= 20:
        reason = Invalid("请填写面板名称，最多 20 个字。")
        raise Invalid("提交的内容有 %(n)s 处需要修改。", fields={f"word.{place}": reason}, n=1)
    try:
        return Panel.of_key(_said(posted, f"kind.{place}"))
    except ValueError:
        raise _stale() from None


def _items(text: str, kind: Panel, place: int) -> Iterator[ItemPlan]:
    rows = [row.strip() for row in text.splitlines() if row.strip()]
    if len(rows) > MOST_ITEMS:
        raise _wrong(place, Invalid("一个面板最多 %(n)s 个项目。", n=MOST_ITEMS))
    for row in rows:
        if kind is Panel.SERVICE:
            item, _, promise = row.replace("|", "｜").partition("｜")
            made = ItemPlan(item.strip(), promise.strip())
        else:
            way, _, item = row.replace(":", "：").partition("：")
            made = ItemPlan(item.strip(), flow=Flow.of_word(way.strip()))
            if made.flow is None or not made.item:
                raise _wrong(
                    place,
                    Invalid("“%(row)s”请写成“收入：项目名称”或“支出：项目名称”。", row=row[:40]),
                )
        if not made.item or len(made.item) > 80 or len(made.promise) > 1000:
            raise _wrong(place, Invalid("“%(row)s”的项目名称应为 1 到 80 个字。", row=row[:40]))
        yield made


def _wrong(place: int, reason: Invalid) -> Invalid:
    return Invalid("提交的内容有 %(n)s 处需要修改。", fields={f"items.{place}": reason}, n=1)


def plan_text(panel: PanelPlan) -> str:
    """Return a panel's items as `read_plan` reads them."""
    if panel.kind is Panel.SERVICE:
        return "\n".join(f"{i.item}｜{i.promise}" if i.promise else i.item for i in panel.items)
    return "\n".join(f"{(i.flow or Flow.INCOME).word}：{i.item}" for i in panel.items)
