"""What a meeting hears, who is late, how compounds compare, and the letters to the late."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Area, Compound
from govgrid.outbox.models import Letter
from govgrid.showcase.actions.chasing import chase
from govgrid.showcase.actions.plans import set_plan
from govgrid.showcase.queries import showcase_for_unit
from govgrid.showcase.queries.compare import ORDERS, compared, totals
from govgrid.showcase.queries.late import late
from govgrid.showcase.rules import DEFAULT, Plan
from tests import build
from tests.build import City
from tests.showcase.site import OCTOBER, SEPTEMBER, panels, published
from tests.showcase.test_showcase import FULL, take

ON = date(2026, 11, 23)


def liaison(database: Database, city: City) -> Actor:
    with database.reading() as db:
        return build.actor(db, city.liaison, Role.LIAISON, city.street)


def codes(database: Database, city: City, on: date = ON, area: Area | None = None) -> list[str]:
    with database.reading() as db:
        actor = build.actor(db, city.housing, Role.HOUSING_OFFICER, city.district)
        rows, total = late(db, actor, db.get_one(Area, (area or city.district).id), on)
        assert total == len(rows)
        return [one.compound.code for one in rows]


def test_a_unit_hears_promises_money_and_what_is_missing(
    database: Database, city: City, at: datetime
) -> None:
    ids = [city.compound.id, city.courtyard.id]
    take(database, at, *FULL)
    with database.reading() as db:
        home, courtyard = showcase_for_unit(db, ids, OCTOBER, on=ON)
    assert (home.code, home.published_on, home.met, home.unmet) == (
        "XQ-JH", date(2026, 11, 4), 1, 1,
    )  # fmt: skip
    assert (home.income, home.spending) == (Decimal("1200.50"), Decimal("300.25"))
    assert (home.income_before, home.income_change) == (Decimal(0), Decimal("1200.50"))
    assert (home.unmet_items, home.missing, home.late) == (("绿化养护",), (), False)
    assert (courtyard.missing, courtyard.late, courtyard.income_change) == ((), False, None)
    with database.reading() as db:
        august = showcase_for_unit(db, ids, date(2026, 8, 20))[0]
        assert (august.period, august.missing, august.late, august.published) == (
            date(2026, 8, 1), ("晒服务", "晒收支"), True, False,
        )  # fmt: skip
        september = showcase_for_unit(db, ids, SEPTEMBER)[0]
        assert (september.missing, september.income_before) == (("晒收支",), None)
        assert not showcase_for_unit(db, ids, date(2026, 11, 1), on=ON)[0].late
        assert showcase_for_unit(db, [], OCTOBER) == []


def test_late_are_projects_whose_last_due_period_is_silent(
    database: Database, city: City, at: datetime
) -> None:
    assert codes(database, city) == ["XQ-JH"], "no project, nobody late"
    with database.writing() as db:
        company = build.organization(db, "望江物业")
        far = db.scalars(select(Compound).where(Compound.code == "XQ-WJ")).one()
        far.company_id = company.id
    assert codes(database, city) == ["XQ-JH", "XQ-WJ"]
    assert codes(database, city, area=city.community) == ["XQ-JH"]
    take(database, at, *FULL)
    assert codes(database, city) == ["XQ-WJ"]
    assert codes(database, city, date(2026, 11, 10)) == ["XQ-WJ"], "September's, still"
    with database.writing() as db:
        street = db.get_one(Area, city.next_street.id)
        officer = build.officer(db, "望联络", Role.LIAISON, street)
        actor = build.actor(db, officer, Role.LIAISON, street)
        set_plan(db, actor, street, Plan(DEFAULT.panels, 12, 10), 0)
        manager = build.actor(db, city.manager, Role.PROJECT_MANAGER, city.compound)
        assert late(db, manager, None, ON)[1] == 0
        (one,) = late(db, actor, street, ON)[0]
        assert (one.compound.code, one.period, one.reachable) == ("XQ-WJ", date(2025, 1, 1), False)
        with pytest.raises(Invalid, match="没有登记邮箱"):
            chase(db, actor, one, at=at)


def test_a_project_is_asked_once_a_day(database: Database, city: City, at: datetime) -> None:
    def press(actor: Actor, moment: datetime) -> int:
        with database.writing() as db:
            street = db.get_one(Area, city.street.id)
            (one,) = late(db, actor, street, moment.date(), codes=["XQ-JH"])[0]
            return chase(db, actor, one, at=moment)

    actor = liaison(database, city)
    assert press(actor, at) == 1
    with pytest.raises(Conflict, match="今天已催办过"):
        press(actor, at + timedelta(hours=5))
    assert press(actor, at + timedelta(days=1)) == 1
    with database.reading() as db:
        first, second = db.scalars(select(Letter).order_by(Letter.id)).all()
        assert (first.to_name, second.dead_at) == ("钱经理", None)
        assert first.dead_at is not None, "what had not left makes room for the new one"
        assert "锦和苑" in second.plain
        assert "/compounds/XQ-JH/showcase/2026-10/entry" in second.plain
        assert "14 天" in second.plain
        police = build.actor(db, city.police, Role.POLICE, city.community)
    with pytest.raises(Forbidden):
        press(police, at + timedelta(days=2))


@pytest.mark.parametrize("order", ORDERS)
def test_compounds_stand_side_by_side(
    database: Database, city: City, at: datetime, order: str
) -> None:
    with database.writing() as db:
        for number in range(3):
            made = build.compound(db, city.community, f"小区{number}", code=f"XQ-{number}")
            build.officer(db, f"经理{number}", Role.PROJECT_MANAGER, made)
    published(database, city, at)
    rows = [
        ("XQ-0", "2026-10", "晒服务", "清洁", "", "好", "", "是", "2026-11-05"),
        ("XQ-0", "2026-10", "晒收支", "停车收入", "", "收", "5000", "", "2026-11-05"),
        ("XQ-0", "2026-09", "晒收支", "停车收入", "", "收", "4000.5", "", ""),
        ("XQ-1", "2026-10", "晒收支", "维修支出", "", "修", "700", "", "2026-11-08"),
    ]
    assert take(database, at, *rows).created == 4
    with database.reading() as db:
        street = db.get_one(Area, city.street.id)
        actor = build.actor(db, city.liaison, Role.LIAISON, city.street)
        found, total = compared(db, actor, street, OCTOBER, SEPTEMBER, order, ON)
        counts = totals(db, actor, street, OCTOBER, date(2026, 11, 10), ON)
    assert (total, counts.due, counts.published, counts.in_time) == (4, 4, 3, 2)
    assert [one.compound.code for one in found] == {
        "met": ["XQ-JH", "XQ-0", "XQ-1", "XQ-2"],
        "published": ["XQ-0", "XQ-1", "XQ-JH", "XQ-2"],
        "income": ["XQ-0", "XQ-JH", "XQ-1", "XQ-2"],
        "spending": ["XQ-1", "XQ-JH", "XQ-0", "XQ-2"],
        "name": ["XQ-0", "XQ-1", "XQ-JH", "XQ-2"],
    }[order]
    by_code = {one.compound.code: one for one in found}
    assert by_code["XQ-0"].change("income") == Decimal("999.50")
    assert by_code["XQ-1"].figures.spending == Decimal(700)
    assert by_code["XQ-JH"].figures.spending == panels()[1].lines[1].amount
    assert (by_code["XQ-2"].published, by_code["XQ-2"].change("income")) == (False, None)
