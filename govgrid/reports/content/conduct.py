"""Chapters about what was done: showcases, meetings, action items, coverage, supervision."""

from collections.abc import Sequence
from datetime import date

from govgrid.cases.models import SupervisionStep
from govgrid.cases.rules import RATES as SUPERVISED
from govgrid.clock import HERE
from govgrid.meetings.exports.figures import by_area, by_month
from govgrid.meetings.queries.figures import figure_series, figures_of
from govgrid.meetings.rules.figures import MEANINGS, Figures
from govgrid.oldcompounds.models import Mode
from govgrid.oldcompounds.queries import coverage_report, tallies_below
from govgrid.oldcompounds.rules import Share as Modes
from govgrid.oldcompounds.rules import Tally
from govgrid.reports.content.scope import AREA, Made, Scope, changed, fraction, percent
from govgrid.reports.queries.actions import actions_of, overdue
from govgrid.reports.queries.showcases import Unmet, showcase_due, showcases_of, unmet
from govgrid.reports.queries.supervision import count_proposed, steps_confirmed
from govgrid.reports.rules import (
    TOP,
    Actions,
    Chapter,
    Chart,
    Headline,
    Showcases,
    before,
    counted_on,
    month_word,
)
from govgrid.sheets.book import Field, Form, Share, Table, Value

MONTHS = 12


def showcases(about: Scope) -> Made:
    """Say what was published for the month, late or not at all, and which promises were not met."""
    on = about.as_of.astimezone(HERE).date()
    found = showcases_of(about.db, about.month, about.area, on=on)
    total, title = Showcases.total(found.values()), "双晒"
    if not total.due:
        return Chapter(title, empty="本区域没有应公示双晒的小区。"), []
    due = showcase_due(about.db, about.area, about.month)
    rows = [(a.name, *_shown(found.get(a.path, Showcases()))) for a in about.below()]
    fields = (
        AREA,
        Field("公示率", Form.SHARE, 10, ("已公示", "应公示")),
        Field("逾期公示", Form.COUNT, 10),
        Field("未公示", Form.COUNT, 10),
        Field("达标率", Form.SHARE, 10, ("达标项", "有结论项")),
        Field("未达标项", Form.COUNT, 10),
    )
    missed = unmet(about.db, about.month, about.area, on=on, most=TOP)
    tables = [Table("各区域双晒", fields, (*rows, ("合计", *_shown(total))), total=True)]
    if missed:
        tables.append(_unmet_table(missed))
    note = (
        f"统计{month_word(about.month)}的双晒，应于{due.year}年{due.month}月{due.day}日前公示；"
        "有物业企业的小区都应公示。"
    )
    share = Share(total.published, total.due)
    head = Headline("双晒公示率", percent(share), fraction(share), _late(total))
    return Chapter(title, tuple(tables), (note,)), [head]


def _shown(one: Showcases) -> tuple[Value, ...]:
    return (
        Share(one.published, one.due),
        one.published - one.in_time,
        one.due - one.published,
        Share(one.met, one.judged),
        one.judged - one.met,
    )


def _late(total: Showcases) -> str:
    return f"逾期 {total.published - total.in_time}，未公示 {total.due - total.published}"


def _unmet_table(rows: Sequence[Unmet]) -> Table:
    fields = (
        Field("小区", width=18),
        Field("社区", width=18),
        Field("项目", width=12),
        Field("承诺", width=26),
        Field("结果", width=26),
    )
    return Table(f"未达标项目（前 {TOP} 项）", fields, tuple(tuple(row) for row in rows))


def meetings(about: Scope) -> Made:
    """Say how the month's meetings stand, by area and month."""
    db, area, month, at = about.db, about.area, about.month, about.as_of
    report = figures_of(db, month, area, as_of=at)
    total, title = report.total, "联席会议"
    if not total.due:
        return Chapter(title, empty="本月没有应开的联席会议。"), []
    then = figures_of(db, before(month), area, as_of=at).total
    series = figure_series(db, month, MONTHS, area, as_of=at)
    chart = Chart(
        "columns",
        f"近{MONTHS}个月应开与已召开的会议",
        tuple(f"{one.month}月" for one, _figures in series),
        (
            ("应开", tuple(figures.due for _month, figures in series)),
            ("已召开", tuple(figures.held for _month, figures in series)),
        ),
    )
    chapter = Chapter(
        title, (by_area(report), by_month(series)), tuple(map(str, MEANINGS)), (chart,)
    )
    return chapter, [_held(total, then)]


def _held(total: Figures, then: Figures) -> Headline:
    share = Share(*total.part("held"))
    change = changed(share, Share(*then.part("held")), "上月")
    return Headline("会议召开率", percent(share), fraction(share), change)


def actions(about: Scope) -> Made:
    """Say which action items were given and closed, are open and overdue."""
    found = actions_of(about.db, about.month, about.area, as_of=about.as_of)
    total, title = Actions.total(found.values()), "督办事项"
    if total == Actions():
        return Chapter(title, empty="本月没有交办、办结或未办结的督办事项。"), []
    rows = [(a.name, *_done(found.get(a.path, Actions()))) for a in about.below()]
    fields = (
        AREA,
        Field("本月交办", Form.COUNT, 10),
        Field("本月按期办结率", Form.SHARE, 12, ("按期办结", "本月办结")),
        Field("未办结", Form.COUNT, 10),
        Field("其中逾期", Form.COUNT, 10),
    )
    tables = [Table("各区域督办事项", fields, (*rows, ("合计", *_done(total))), total=True)]
    late = overdue(about.db, about.area, as_of=about.as_of, most=TOP)
    if late:
        today = about.as_of.astimezone(HERE).date()
        tables.append(_overdue_table([(*one, (today - one.deadline).days) for one in late]))
    notes = ("“未办结”“逾期”按截至时间统计，不限于本月交办的事项。",)
    head = Headline("逾期督办", f"{total.overdue:,}", "项", f"未办结 {total.open:,} 项")
    return Chapter(title, tuple(tables), notes), [head]


def _done(one: Actions) -> tuple[Value, ...]:
    return (one.given, Share(one.closed_in_time, one.closed), one.open, one.overdue)


def _overdue_table(rows: list[tuple[str, str, str, str, date, int]]) -> Table:
    fields = (
        Field("会议单元", width=20),
        Field("社区", width=18),
        Field("事项", width=34),
        Field("责任人", width=9),
        Field("完成时限", Form.DAY, 13),
        Field("逾期天数", Form.COUNT, 10),
    )
    return Table(f"逾期最久的事项（前 {TOP} 项）", fields, tuple(rows))


def coverage(about: Scope) -> Made:
    """Say who manages the old compounds on the month's last day."""
    day = counted_on(about.month, about.as_of)
    report = coverage_report(about.db, about.area.path, day)
    title, word = "老旧小区覆盖", f"{day.year}年{day.month}月{day.day}日"
    if not report.tally.compounds.total:
        return Chapter(title, empty="本区域没有登记老旧小区。"), []
    tables = [_measures(report.tally), *_below(about, report.tally, day)]
    if report.uncovered:
        fields = (
            Field("小区", width=24),
            Field("社区", width=16),
            Field("户数", Form.COUNT, 10),
            Field("无管理起", Form.DAY, 12),
        )
        rows = tuple(
            (one.name, one.community_name, one.households, one.since)
            for one in report.uncovered[:TOP]
        )
        caption = f"无管理的小区（共 {len(report.uncovered)} 个，列前 {TOP} 个）"
        tables.append(Table(caption, fields, rows))
    share = _managed(report.tally.compounds)
    head = Headline("管理覆盖率", percent(share), fraction(share), f"{word}，按小区")
    notes = (
        f"按{word}的管理方式统计老旧院落、农民集中居住区、保障性住房和拆迁安置小区；协议到期次日起计为无管理。",
    )
    return Chapter(title, tuple(tables), notes), [head]


def _managed(modes: Modes) -> Share:
    return Share(modes.managed, modes.total)


def _professional(modes: Modes) -> Share:
    return Share(modes.of(Mode.PROFESSIONAL), modes.total)


def _measures(tally: Tally) -> Table:
    fields = (
        Field("口径", width=18),
        Field("专业物业覆盖率", Form.SHARE, 24, ("专业物业", "总数（专业）")),
        Field("管理全覆盖率", Form.SHARE, 24, ("有管理", "总数")),
        *(Field(str(mode.word), Form.COUNT, 15) for mode in Mode),
    )
    measures = (
        ("小区（个）", tally.compounds),
        ("户数（户）", tally.households),
        ("建筑面积（㎡）", tally.floor_area),
    )
    rows: list[tuple[Value, ...]]
    rows = [
        (word, _professional(one), _managed(one), *(one.of(mode) for mode in Mode))
        for word, one in measures
    ]
    return Table("覆盖率", fields, tuple(rows))


def _below(about: Scope, total: Tally, day: date) -> list[Table]:
    found = tallies_below(about.db, about.area, day)
    if not found:
        return []
    fields = (
        AREA,
        Field("专业物业覆盖率", Form.SHARE, 14, ("专业物业", "小区（专业）")),
        Field("管理全覆盖率", Form.SHARE, 14, ("有管理", "小区")),
        Field("无管理", Form.COUNT, 10),
    )
    lines = [(area.name, tally) for area, tally in found] + [("合计", total)]
    rows = tuple(
        (name, _professional(t.compounds), _managed(t.compounds), t.compounds.of(Mode.NONE))
        for name, t in lines
    )
    return [Table("各区域覆盖率（按小区）", fields, rows, total=True)]


def supervision(about: Scope) -> Made:
    """Say what was confirmed against companies for the month."""
    steps = steps_confirmed(about.db, about.month, about.area, as_of=about.as_of)
    waiting = count_proposed(about.db, about.month, about.area, as_of=about.as_of)
    note = f"另有 {waiting} 条建议尚待决定。" if waiting else ""
    if not steps:
        return Chapter("督导措施", empty=f"本月没有已确认的督导措施。{note}"), []
    fields = (
        Field("决定单位", width=18),
        Field("物业企业", width=28),
        Field("措施", width=12),
        Field("扣分", Form.COUNT, 8),
        Field("未达标的指标", width=40),
        Field("决定日期", Form.DAY, 12),
    )
    table = Table("已确认的督导措施", fields, tuple(map(_step, steps)))
    return Chapter("督导措施", (table,), (note,) if note else ()), []


def _step(step: SupervisionStep) -> tuple[Value, ...]:
    misses = "；".join(
        f"{SUPERVISED[name]} {rate * 100:.1f}%（标准 {asked}%）"
        for name, rate, asked in step.misses
    )
    decided = step.decided_at.astimezone(HERE).date() if step.decided_at else None
    points = step.points or None
    return (step.area.name, step.company.name, str(step.kind.word), points, misses, decided)
