"""Case sheets for the tests: one line a case, as CSV bytes."""

import csv
import io

HEADINGS = (
    "工单编号", "来源", "诉求类别", "小区编号", "受理时间", "响应时间", "办结时间", "反馈时间",
    "满意度", "物业职责内", "报告时间", "诉求内容",
)  # fmt: skip
PLAIN = {"来源": "12345", "诉求类别": "停车", "小区编号": "XQ-JH"}


def sheet(*rows: dict[str, str], headings: tuple[str, ...] = HEADINGS) -> bytes:
    """Return the rows as a CSV; source, category and compound are filled in where absent."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, headings, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(PLAIN | row for row in rows)
    return stream.getvalue().encode()


def case(
    number: str, received: str, replied: str = "", closed: str = "", **more: str
) -> dict[str, str]:
    """Return a row with its first three moments."""
    times = {"受理时间": received, "响应时间": replied, "办结时间": closed}
    return {"工单编号": number} | times | more
