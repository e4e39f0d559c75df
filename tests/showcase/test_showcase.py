"""Showcases: import, figures, what is missing, the page and the panel."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from govgrid.access import Role
from govgrid.db import Database
from govgrid.sheets import Outcome
from govgrid.showcase.imports import load
from govgrid.showcase.models import ShowcaseItem
from govgrid.showcase.pages import panel, routes
from govgrid.showcase.queries import (
    latest_period,
    missing,
    month_before,
    panels,
    periods,
    showcase_of,
)
from tests import build
from tests.build import City
from tests.cases.site import panel_route, visited

HEADINGS = ("小区编号", "期间", "面板", "项目", "承诺", "结果", "金额", "达标", "公示日期")
OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)
Line = tuple[str, ...]
FULL: tuple[Line, ...] = (
    ("XQ-JH", "2026-10", "晒收支", "物业费收入", "", "实收", "1200.50", "", "2026-11-05"),
    ("XQ-JH", "2026-10", "晒收支", "公共收益支出", "", "用于设施更新", "200.25", "", "2026-11-05"),
    ("XQ-JH", "2026-10", "晒收支", "退款", "", "多收退回", "-100", "", "2026-11-04"),
    ("XQ-JH", "2026-10", "晒服务", "清洁保洁", "每日清扫", "已清扫", "", "是", "2026-11-05"),
    ("XQ-JH", "2026-10", "晒服务", "绿化养护", "修剪一次", "未完成", "", "否", "2026-11-05"),
    ("XQ-JH", "2026-10", "晒服务", "秩序维护", "值守", "<b>记录完整</b>", "", "", "2026-11-05"),
    ("XQ-JH", "2026-09", "晒服务", "清洁保洁", "每日清扫", "已清扫", "", "是", ""),
)


@pytest.fixture
def city(database: Database) -> City:
    with database.writing() as db:
        made = build.small_city(db)
        build.compound(db, made.far_community, "望江苑", code="XQ-WJ")
        db.expunge_all()
    return made


def take(database: Database, at: datetime, *lines: Line) -> Outcome:
    stream = io.StringIO()
    csv.writer(stream).writerows([HEADINGS, *lines])
    with database.writing() as db:
        return load(db, None, stream.getvalue().encode(), "showcases.csv", at=at)


def counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged


def test_a_sheet_becomes_panels_with_their_figures(
    database: Database, city: City, at: datetime
) -> None:
    assert counts(take(database, at, *FULL)) == (7, 0, 0)
    with database.reading() as db:
        service, accounts = panels(showcase_of(db, [city.compound.id], OCTOBER))
        assert (service.word, accounts.word) == ("晒服务", "晒收支")
        assert [i.item for i in service.items] == ["清洁保洁", "绿化养护", "秩序维护"]
        assert (service.figures.items, service.figures.judged, service.figures.met) == (3, 2, 1)
        assert accounts.figures.income == Decimal("1200.50")
        assert accounts.figures.spending == Decimal("300.25"), "named so, or written negative"
        assert accounts.figures.balance == Decimal("900.25")
        assert accounts.published_on == date(2026, 11, 4)
        assert periods(db, city.compound.id) == [OCTOBER, SEPTEMBER]
        assert latest_period(db, city.compound.id, date(2026, 9, 30)) == SEPTEMBER
        assert latest_period(db, city.courtyard.id, date(2026, 9, 30)) is None


def test_an_empty_showcase_still_has_both_panels(database: Database, city: City) -> None:
    with database.reading() as db:
        found = panels(showcase_of(db, [city.compound.id], OCTOBER))
    assert [(one.word, one.items, one.published_on) for one in found] == [
        ("晒服务", (), None),
        ("晒收支", (), None),
    ]


def test_missing_are_the_community_s_silent_compounds(
    database: Database, city: City, at: datetime
) -> None:
    take(database, at, *FULL)
    with database.reading() as db:
        assert [c.code for c in missing(db, city.community.id, OCTOBER)] == ["XQ-JQ12"]
        august = missing(db, city.community.id, date(2026, 8, 1))
        assert [c.code for c in august] == ["XQ-JH", "XQ-JQ12"]


def test_the_same_file_twice_changes_nothing(database: Database, city: City, at: datetime) -> None:
    take(database, at, *FULL)
    assert counts(take(database, at, *FULL)) == (0, 0, 7)


def test_an_item_is_updated_and_nothing_is_emptied(
    database: Database, city: City, at: datetime
) -> None:
    take(database, at, *FULL)
    line = ("XQ-JH", "2026-10", "晒服务", "绿化养护", "", "已补做", "", "是", "")
    assert counts(take(database, at, line)) == (0, 1, 0)
    with database.reading() as db:
        item = db.scalars(select(ShowcaseItem).where(ShowcaseItem.item == "绿化养护")).one()
    assert (item.promise, item.result, item.met) == ("修剪一次", "已补做", True)
    assert item.published_on == date(2026, 11, 5)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (("XQ-404", "2026-10", "晒服务", "清洁", "", "好"), "小区编号"),
        (("XQ-JH", "10月", "晒服务", "清洁", "", "好"), "期间"),
        (("XQ-JH", "2026-10", "晒晒", "清洁", "", "好"), "面板"),
        (("XQ-JH", "2026-10", "晒服务", "", "", "好"), "项目"),
        (("XQ-JH", "2026-10", "晒服务", "清洁", "", ""), "结果"),
        (("XQ-JH", "2026-10", "晒服务", "清洁", "", "好", "十元"), "金额"),
        (("XQ-JH", "2026-10", "晒服务", "清洁", "", "好", "", "尚可"), "达标"),
        (("XQ-JH", "2026-10", "晒服务", "清洁", "", "好", "", "", "2027-01-01"), "公示日期"),
        (("XQ-JH", "2026-09", "晒服务", "清洁保洁", "", "另一结果"), "项目"),
    ],
)
def test_a_wrong_line_is_listed_and_nothing_is_stored(
    database: Database, city: City, at: datetime, line: Line, column: str
) -> None:
    padded = (*line, *[""] * (len(HEADINGS) - len(line)))
    outcome = take(database, at, FULL[-1], padded)
    assert [(e.row, e.column) for e in outcome.errors] == [(3, column)]
    with database.reading() as db:
        assert db.scalars(select(ShowcaseItem)).all() == []


def test_an_actor_loads_only_into_the_own_areas(
    database: Database, city: City, at: datetime
) -> None:
    stream = io.StringIO()
    foreign = ("XQ-WJ", "2026-10", "晒服务", "清洁", "", "好", "", "", "")
    csv.writer(stream).writerows([HEADINGS, FULL[0], foreign])
    with database.writing() as db:
        liaison = build.actor(db, city.liaison, Role.LIAISON, city.street)
        outcome = load(db, liaison, stream.getvalue().encode(), "showcases.csv", at=at)
    assert [(e.row, e.column) for e in outcome.errors] == [(3, "小区编号")]


def test_the_page_shows_the_panels_to_who_sees_the_compound(
    database: Database, city: City, at: datetime
) -> None:
    take(database, at, *FULL)
    with database.reading() as db:
        manager = build.actor(db, city.manager, Role.PROJECT_MANAGER, city.compound)
        other = build.actor(db, city.next_secretary, Role.SECRETARY, city.next_community)
    client = visited(database, at, manager, routes)
    text = client.get("/compounds/XQ-JH/showcase/2026-10").text
    assert text.count("<h1>") == 1
    assert "1,200.50" in text
    assert "结余 900.25 元" in text
    assert "&lt;b&gt;记录完整" in text
    assert "本期未公示" in client.get("/compounds/XQ-JH/showcase/2026-08").text
    assert client.get("/compounds/XQ-JH/showcase/2026-31").status_code == 422
    foreign = visited(database, at, other, routes).get("/compounds/XQ-JH/showcase/2026-10")
    assert foreign.status_code == 404
    stranger = visited(database, at, None, routes).get("/compounds/XQ-JH/showcase/2026-10")
    assert stranger.status_code == 303


def test_the_panel_says_when_last_month_is_missing(
    database: Database, city: City, at: datetime
) -> None:
    with database.reading() as db:
        secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
    client = visited(database, at, secretary, [panel_route(panel)])
    assert month_before(at.date()) == OCTOBER
    assert "2026年10月的双晒尚未公示" in client.get("/panel/XQ-JH").text
    take(database, at, FULL[-1])
    text = client.get("/panel/XQ-JH").text
    assert "2026年9月" in text
    assert "2026年10月的双晒尚未公示" in text
    take(database, at, *FULL)
    text = client.get("/panel/XQ-JH").text
    assert "尚未公示" not in text
    assert "达标 1 / 2" in text
