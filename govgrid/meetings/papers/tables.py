"""The tables of the minutes as headings and rows of text: the same on paper and in Word."""

from collections.abc import Iterable, Sequence

from govgrid.meetings.papers import wording
from govgrid.meetings.papers.document import ActionRow, EnclosedFile, RatesTable, ShowcaseTable

FILES = "随附文件清单"
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


def file_rows(files: Iterable[EnclosedFile]) -> Rows:
    """Return the attached files, and what could not be done with one."""
    heads = ("序号", "文件、所属议题", "类型、大小", "SHA-256")
    rows = [
        (
            str(number),
            "\n".join((file.name, f"（{file.item}）", *((f"※{file.why}",) if file.why else ()))),
            f"{file.kind}\n{_size(file.size)}",
            " ".join(file.digest[place : place + 8] for place in range(0, len(file.digest), 8)),
        )
        for number, file in enumerate(files, 1)
    ]
    return heads, rows


def _size(size: int) -> str:
    if size < 1024:
        return f"{size}字节"
    return f"{size / 1024:.0f}KB" if size < 1024**2 else f"{size / 1024**2:.1f}MB"


def stem(name: str) -> str:
    """Return a file's name as a heading: without its ending."""
    return name.rpartition(".")[0] or name
