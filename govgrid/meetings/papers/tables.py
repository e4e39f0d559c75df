"""The tables of the minutes as headings and rows of text: the same on paper and in Word."""

from collections.abc import Iterable, Sequence

from govgrid.meetings.papers import wording
from govgrid.meetings.papers.document import ActionRow, RatesTable, ShowcaseTable

Rows = tuple[Sequence[str], Sequence[Sequence[str]]]


def action_rows(actions: Iterable[ActionRow]) -> Rows:
    """Return who does what by when."""
    heads = ("序号", "督办事项", "责任人", "配合单位（人员）", "完成时限")
    rows = [
        (row.number, row.matter, row.owner, "、".join(row.co_owners), wording.day(row.deadline))
        for row in actions
    ]
    return heads, rows


def rate_rows(rates: RatesTable) -> Rows:
    """Return the four rates, each over its two counts."""
    heads = ("小区", "受理件数", "响应率", "办结率", "48小时\n办结率", "满意率", "报告率")
    rows = [
        (
            row.unit,
            str(row.received),
            *(
                f"{wording.percent(share)}\n{share.part}/{share.whole}"
                for share in (
                    row.response,
                    row.completion,
                    row.closed_in_48h,
                    row.satisfaction,
                    row.report,
                )
            ),
        )
        for row in rates.rows
    ]
    return heads, rows


def showcase_rows(showcase: ShowcaseTable) -> Rows:
    """Return the two panels; the compound only where there are several."""
    several = any(row.unit for row in showcase.rows)
    heads = ("面板", "项目", "承诺", "结果", "金额", "达标")
    rows = [
        (
            *((row.unit,) if several else ()),
            row.panel,
            row.item,
            row.promise,
            row.result,
            row.amount or "—",
            {True: "是", False: "否", None: "—"}[row.met],
        )
        for row in showcase.rows
    ]
    return (("小区", *heads) if several else heads), rows
