"""Chapters about cases: the four rates, the league of companies, missed due times."""

from govgrid.cases.queries import By, series
from govgrid.cases.queries import rates as rates_by
from govgrid.cases.queries.series import month_counts
from govgrid.cases.queries.supervision import bar_of, company_counts
from govgrid.cases.rules import Counts, ranked
from govgrid.reports.content.scope import (
    AREA,
    FOUR,
    RATES,
    Made,
    Scope,
    changed,
    fraction,
    percent,
    rate_fields,
    rate_of,
)
from govgrid.reports.queries.breaches import breaches_by_category, breaches_by_compound
from govgrid.reports.rules import (
    TOP,
    Breaches,
    Chapter,
    Chart,
    Headline,
    before,
    change,
    month_word,
    year_before,
)
from govgrid.sheets.book import Field, Form, Share, Table, Value

MONTHS = 12
BREACH = "超时指响应或办结超过时限，或时限已过仍未响应、办结；一件诉求只计一次，"
FORMULAS = (
    "响应率＝时限内响应÷受理；办结率＝已办结÷受理；满意率＝满意÷已评价；"
    "报告率＝已报告÷职责外诉求。没有分母的显示“—”。"
)


def rates(about: Scope) -> Made:
    """Show the four rates, their change to last month and last year, by area and month."""
    db, area, month, at = about.db, about.area, about.month, about.as_of
    report = rates_by(db, month, area.path, By.AREA, as_of=at)
    now = report.total.counts
    if not now.received:
        note = "本月没有受理诉求，各率无从计算。"
        return Chapter("四率", empty=note), [Headline("受理诉求", "0", "件")]
    last = month_counts(db, before(month), area, as_of=at)
    year = month_counts(db, year_before(month), area, as_of=at)
    months = series(db, month, MONTHS, area, as_of=at)
    rows = [(row.name or row.key, row.counts) for row in report.rows]
    lines = tuple(
        (RATES[name][0], tuple(rate_of(counts, name).rate for _month, counts in months))
        for name in FOUR
    )
    labels = tuple(f"{one.month}月" for one, _counts in months)
    chapter = Chapter(
        "四率",
        (_compared(now, last, year), _by_area(rows, now)),
        (FORMULAS, "诉求计入受理的月份；月末之后的响应和办结计至截至时间。"),
        (Chart("lines", f"近{MONTHS}个月四率", labels, lines),),
    )
    heads = [Headline("受理诉求", f"{now.received:,}", "件", f"上月 {last.received:,} 件")]
    heads += [_headline(name, now, last) for name in FOUR]
    return chapter, heads


def _headline(name: str, now: Counts, last: Counts) -> Headline:
    share, then = rate_of(now, name), rate_of(last, name)
    return Headline(RATES[name][0], percent(share), fraction(share), changed(share, then, "上月"))


def _compared(now: Counts, last: Counts, year: Counts) -> Table:
    def row(name: str) -> tuple[Value, ...]:
        this, then, past = (rate_of(counts, name) for counts in (now, last, year))
        return (RATES[name][0], this, then, change(this, then), past, change(this, past))

    fields = (
        Field("指标", width=20),
        Field("本月", Form.SHARE, 12, ("本月分子", "本月分母")),
        Field("上月", Form.SHARE, 12, ("上月分子", "上月分母")),
        Field("较上月", Form.POINTS, 10),
        Field("去年同月", Form.SHARE, 12, ("去年分子", "去年分母")),
        Field("较去年", Form.POINTS, 10),
    )
    note = "“较上月”“较去年”为百分点。"
    return Table("四率与变化", fields, tuple(map(row, RATES)), note=note)


def _by_area(rows: list[tuple[str, Counts]], total: Counts) -> Table:
    fields = (AREA, Field("受理", Form.COUNT, 8), *rate_fields(tuple(RATES)))
    return Table(
        "各区域四率", fields, tuple(_line(*row) for row in [*rows, ("合计", total)]), total=True
    )


def _line(name: str, counts: Counts) -> tuple[Value, ...]:
    return (name, counts.received, *(rate_of(counts, one) for one in RATES))


def league(about: Scope) -> Made:
    """Rank the companies; those too small to be compared stand apart."""
    db, area = about.db, about.area
    least = bar_of(db, area)[0].least
    found = company_counts(db, about.month, area, as_of=about.as_of)
    if not found:
        return Chapter("物业企业排名", empty="本月没有物业企业受理诉求，不作排名。"), []
    table = ranked(((company.name, counts) for company, counts in found), least)
    four = rate_fields(FOUR)
    received = Field("受理", Form.COUNT, 8)
    placed = Table(
        "排名",
        (
            Field("名次", Form.COUNT, 6),
            Field("物业企业", width=26),
            received,
            *four,
            Field("得分", Form.RATE, 8),
        ),
        tuple(
            (p.number, p.name, p.counts.received, *_four(p.counts), p.score) for p in table.placed
        ),
        note="" if table.placed else "本月各企业受理都不足最低数量，不排名次。",
    )
    apart = Table(
        "不参加排名",
        (Field("物业企业", width=26), received, *four),
        tuple((name, counts.received, *_four(counts)) for name, counts in table.apart),
    )
    tables = tuple(one for one in (placed, apart) if one.rows or one.note)
    note = (
        f"本月受理不足 {least} 件的企业不参加排名，另列于后。得分为四率中有数各率的平均；"
        "得分相同的名次并列，其后名次顺延。"
    )
    return Chapter("物业企业排名", tables, (note,)), []


def _four(counts: Counts) -> tuple[Share, ...]:
    return tuple(rate_of(counts, name) for name in FOUR)


def breaches(about: Scope) -> Made:
    """Show where due times were missed: by category, and the compounds with most."""
    db, area, month, at = about.db, about.area, about.month, about.as_of
    words = breaches_by_category(db, month, area, as_of=at)
    total = Breaches.total(numbers for _word, numbers in words)
    if not total.breached:
        note = "本月没有超时的诉求。" if total.received else "本月没有受理诉求。"
        return Chapter("超时", empty=note), []
    worst = breaches_by_compound(db, month, area, as_of=at, most=TOP)
    late = [(word, numbers) for word, numbers in words if numbers.breached]
    fields = (
        Field("超时率", Form.SHARE, 12, ("超时", "受理")),
        Field("响应超时", Form.COUNT, 10),
        Field("办结超时", Form.COUNT, 10),
    )
    rows = [(word, *_breach(numbers)) for word, numbers in [*late, ("合计", total)]]
    homes = [(name, home, *_breach(numbers)) for name, home, numbers in worst]
    chart = Chart(
        "bars",
        "各类别超时件数",
        tuple(word for word, _numbers in late),
        (("超时", tuple(numbers.breached for _word, numbers in late)),),
    )
    chapter = Chapter(
        "超时",
        (
            Table("按类别", (Field("类别", width=20), *fields), tuple(rows), total=True),
            Table(
                f"超时最多的小区（前 {TOP} 个）",
                (Field("小区", width=24), Field("社区", width=16), *fields),
                tuple(homes),
            ),
        ),
        (f"{BREACH}统计{month_word(month)}受理的诉求。",),
        (chart,),
    )
    share = Share(total.breached, total.received)
    return chapter, [Headline("超时诉求", f"{total.breached:,}", "件", f"占受理 {percent(share)}")]


def _breach(numbers: Breaches) -> tuple[Value, ...]:
    share = Share(numbers.breached, numbers.received)
    return (share, numbers.replied_late, numbers.closed_late)
