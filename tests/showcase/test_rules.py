"""What can be published: sums to the cent, periods and due days, what a correction says."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govgrid.showcase.rules import (
    DEFAULT,
    Flow,
    ItemPlan,
    Line,
    Panel,
    PanelPlan,
    PanelText,
    Plan,
    changes,
    faults,
    hidden,
    opened,
    publishable,
    restored,
    stored,
)
from tests.showcase.site import panels, yuan

cents = st.integers(0, 10**11).map(lambda n: Decimal(n).scaleb(-2))
signed_cents = st.integers(-(10**11), 10**11).map(lambda n: Decimal(n).scaleb(-2))
moves = st.lists(st.tuples(st.sampled_from(Flow), cents), min_size=1, max_size=12)


def accounts(moved: list[tuple[Flow, Decimal]], opening: Decimal) -> PanelText:
    """Return a panel that adds up."""
    lines = tuple(
        Line(f"第{n}项", amount=amount, flow=flow) for n, (flow, amount) in enumerate(moved)
    )
    panel = PanelText("晒收支", Panel.ACCOUNTS, lines, opening=opening)
    income, spending = panel.total(Flow.INCOME), panel.total(Flow.SPENDING)
    return replace(panel, income=income, spending=spending, closing=opening + income - spending)


@given(moves, signed_cents)
def test_what_adds_up_is_published_and_comes_back_the_same(
    moved: list[tuple[Flow, Decimal]], opening: Decimal
) -> None:
    panel = accounts(moved, opening)
    assert publishable([panel]) == {}
    assert publishable([replace(panel, income=None, spending=None)]) == {}
    assert restored(stored([panel])) == [panel]
    assert changes([panel], restored(stored([panel]))) == []


@given(
    moves,
    signed_cents,
    st.sampled_from(["opening", "income", "spending", "closing"]),
    st.integers(1, 10**9).flatmap(lambda n: st.sampled_from([n, -n])),
)
def test_one_cent_amiss_is_refused_with_the_difference(
    moved: list[tuple[Flow, Decimal]], opening: Decimal, side: str, off: int
) -> None:
    panel = accounts(moved, opening)
    gap = Decimal(off).scaleb(-2)
    wrong = replace(panel, **{side: getattr(panel, side) + gap})
    found = publishable([wrong])
    assert set(found) == {"closing.0" if side in {"opening", "closing"} else f"{side}.0"}
    assert f"相差 {abs(gap):,.2f} 元" in str(next(iter(found.values())))


@given(moves, signed_cents, st.data())
def test_an_amount_changed_alone_is_refused(
    moved: list[tuple[Flow, Decimal]], opening: Decimal, data: st.DataObject
) -> None:
    panel = accounts(moved, opening)
    place = data.draw(st.integers(0, len(moved) - 1))
    line = panel.lines[place]
    assert line.amount is not None
    lines = list(panel.lines)
    lines[place] = replace(line, amount=line.amount + Decimal("0.01"))
    found = publishable([replace(panel, lines=tuple(lines), income=None, spending=None)])
    assert set(found) == {"closing.0"}
    assert "相差 0.01 元" in str(found["closing.0"])


def test_both_ends_of_the_account_are_asked_for() -> None:
    service, money = panels()
    assert set(publishable([service, replace(money, opening=None)])) == {"opening.1"}
    assert set(publishable([service, replace(money, closing=None)])) == {"closing.1"}


def test_nothing_is_left_open() -> None:
    service, money = panels()
    empty = replace(service, lines=(*service.lines, Line("设施维护", "每月维保")))
    found = publishable(
        [empty, replace(money, lines=(*money.lines, Line("其他", flow=Flow.INCOME)))]
    )
    assert set(found) == {"result.2", "result.5"}
    assert publishable([PanelText("晒服务", Panel.SERVICE)]).keys() == {"lines"}
    twice = replace(service, lines=(*service.lines, service.lines[0]))
    assert set(publishable([twice, money])) == {"result.0", "result.2"}


def test_an_income_is_not_called_spending() -> None:
    _service, money = panels()
    wrong = Line("支出退回", amount=yuan("0.00"), flow=Flow.INCOME)
    assert set(publishable([replace(money, lines=(*money.lines, wrong))])) == {"result.2"}
    plan = Plan((PanelPlan("晒收支", Panel.ACCOUNTS, (ItemPlan("支出退回", flow=Flow.INCOME),)),))
    assert [str(one) for one in faults(plan)] == [
        "收入项目“支出退回”的名称中不能有“支出”二字，请换一个名称。"
    ]


def test_a_correction_says_why_and_names_every_difference() -> None:
    before, after = panels(), panels(energy="400.25")
    assert set(publishable(after, note="")) == {"note"}
    assert publishable(after, note="补记路灯电费") == {}
    assert [(c.item, c.field, c.before, c.after) for c in changes(before, after)] == [
        ("公共能耗", "金额", "300.25", "400.25"),
        ("", "期末结余", "1,900.25", "1,800.25"),
    ]


@pytest.mark.parametrize(
    ("months", "day", "period", "due", "overdue"),
    [
        (1, "2026-11-24", "2026-11-01", "2026-12-10", "2026-10-01"),
        (1, "2026-11-10", "2026-11-01", "2026-12-10", "2026-09-01"),
        (1, "2026-11-11", "2026-11-01", "2026-12-10", "2026-10-01"),
        (1, "2027-01-31", "2027-01-01", "2027-02-10", "2026-12-01"),
        (3, "2026-11-24", "2026-10-01", "2027-01-10", "2026-07-01"),
        (3, "2026-10-10", "2026-10-01", "2027-01-10", "2026-04-01"),
        (6, "2026-07-31", "2026-07-01", "2027-01-10", "2026-01-01"),
        (12, "2026-11-24", "2026-01-01", "2027-01-10", "2025-01-01"),
    ],
)
def test_periods_and_their_due_days(
    months: int, day: str, period: str, due: str, overdue: str
) -> None:
    plan, on = replace(DEFAULT, months=months), date.fromisoformat(day)
    first = plan.period_of(on)
    assert first == date.fromisoformat(period)
    assert plan.due(first) == date.fromisoformat(due)
    assert plan.overdue(on) == date.fromisoformat(overdue)


@given(st.sampled_from([1, 3, 6, 12]), st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_periods_follow_each_other_without_gaps(months: int, day: date) -> None:
    plan = replace(DEFAULT, months=months)
    period = plan.period_of(day)
    assert period <= day <= plan.end(period)
    assert plan.end(plan.before(period)) + timedelta(days=1) == period
    assert plan.end(plan.ended(day)).replace(day=1) <= day.replace(day=1)


def test_what_is_wanted_stands_in_the_form_beside_what_is_known() -> None:
    service, _money = opened(DEFAULT, panels())
    names = [line.item for line in service.lines]
    assert names == ["秩序维护", "清洁保洁", "绿化养护", "设施维护", "诉求响应"]
    assert [line.result for line in service.lines if line.item == "清洁保洁"] == ["已清扫"]
    assert Plan.of(1, 10, DEFAULT.stored()) == DEFAULT


def test_personal_numbers_are_hidden_and_a_landline_is_not() -> None:
    assert (
        hidden("找张三 13900001111 或 510107199001011234") == "找张三 139****1111 或 510107****1234"
    )
    assert (
        hidden("服务电话 028-85012345，共 1,200.50 元") == "服务电话 028-85012345，共 1,200.50 元"
    )
