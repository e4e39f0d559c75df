"""Service plans: the fee that closes the gap, unit costs by area, choice, paper."""

import io
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Area, Compound
from govgrid.grid.queries import compound_seen
from govgrid.journal import Entry
from govgrid.oldcompounds.models import FeeUnit
from govgrid.oldcompounds.services.actions import choose, save_plan, set_prices
from govgrid.oldcompounds.services.models import Service
from govgrid.oldcompounds.services.papers import plan_sheet
from govgrid.oldcompounds.services.queries import figures_of, plan_of, prices_of
from govgrid.oldcompounds.services.rules import (
    CATALOGUE,
    CENT,
    Offer,
    Prices,
    Size,
    figures,
    first_offers,
)
from govgrid.press.press import Press
from tests import build
from tests.build import City

SIZE = Size(100, Decimal(7000))


def secretary(db: Session, city: City) -> Actor:
    return build.actor(db, city.secretary, Role.SECRETARY, city.community)


def offer(fee: str, unit: FeeUnit = FeeUnit.AREA_MONTH, **quantities: str) -> Offer:
    given = {Service.of_key(key): Decimal(value) for key, value in quantities.items()}
    whole = {service: given.get(service, Decimal(0)) for service in Service}
    return Offer("标准型", Decimal(fee), unit, Decimal("0.8"), Decimal(100), whole)


def test_a_month_is_reckoned_by_hand() -> None:
    found = figures(SIZE, offer("0.50", cleaning="1", guard="2", green="1.5"), Prices())
    # 6 × 100, 3200 × 2, 0.05 × 7000 × 1.5; 10 % on top
    assert found.costs[Service.CLEANING] == 600
    assert found.costs[Service.GUARD] == 6400
    assert found.costs[Service.GREEN] == 525
    assert found.overhead == Decimal("752.50")
    assert found.cost == Decimal("8277.50")
    assert found.fees == Decimal("0.50") * 7000 * Decimal("0.8")
    assert found.income == 2900
    assert found.gap == Decimal("5377.50")
    assert found.closing_fee == Decimal("1.47")  # (8277.50 − 100) ÷ 5600 = 1.4603


@given(
    st.integers(1, 3000),
    st.decimals("10", "300000", places=2),
    st.sampled_from(list(FeeUnit)),
    st.decimals("0.05", "1", places=4),
    st.decimals("0", "20000", places=2),
    st.lists(st.decimals("0", "5", places=2), min_size=len(Service), max_size=len(Service)),
)
def test_the_closing_fee_closes_and_no_lower_one_does(
    households: int,
    area: Decimal,
    unit: FeeUnit,
    rate: Decimal,
    other: Decimal,
    quantities: list[Decimal],
) -> None:
    size = Size(households, area)
    given = Offer("x", Decimal(0), unit, rate, other, dict(zip(Service, quantities, strict=True)))
    fee = figures(size, given, Prices()).closing_fee
    assert figures(size, replace(given, fee=fee), Prices()).gap <= 0
    if fee > 0:
        assert figures(size, replace(given, fee=fee - CENT), Prices()).gap > 0


def test_first_offers_rise_and_close() -> None:
    fees = [one.fee for one in first_offers(SIZE, Prices())]
    assert fees == sorted(fees)
    assert all(figures(SIZE, one, Prices()).gap <= 0 for one in first_offers(SIZE, Prices()))


def test_a_plan_keeps_its_prices_and_loses_its_choice_when_changed(
    database: Database, city: City, at: datetime
) -> None:
    with database.writing() as db:
        who, home = secretary(db, city), _courtyard(db, city)
        offers = first_offers(SIZE, Prices())
        save_plan(db, who, home, SIZE, offers, 0, at=at)
        with pytest.raises(Conflict):
            save_plan(db, who, home, SIZE, offers, 0, at=at)
        plan = plan_of(db, home.id)
        assert plan is not None
        choose(db, who, home, 2, plan.version)
        db.flush()
        before = figures_of(plan)
        set_prices(db, who, db.get_one(Area, city.community.id), Prices(overhead=Decimal(0)), 0)
        db.flush()
        assert figures_of(plan) == before
        save_plan(db, who, home, SIZE, offers, plan.version, at=at)
        assert plan.chosen == 2  # the same offers: what was chosen stands
        dearer = [replace(offers[0], fee=offers[0].fee + 1), *offers[1:]]
        save_plan(db, who, home, SIZE, dearer, plan.version, at=at)
        assert plan.chosen is None
        fresh = plan_of(db, home.id)
        assert fresh is not None
        assert figures_of(fresh)[0].overhead == 0
        with pytest.raises(Invalid, match="不能重复"):
            save_plan(db, who, home, SIZE, [offers[0]] * 3, fresh.version, at=at)
    with database.reading() as db:
        verbs = list(db.scalars(select(Entry.verb).order_by(Entry.id)))
        assert verbs[:3] == ["save_service_plan", "choose_variant", "set_service_costs"]


def test_prices_come_down_from_above_and_strangers_set_none(database: Database, city: City) -> None:
    with database.writing() as db:
        street = db.get_one(Area, city.street.id)
        liaison = build.actor(db, city.liaison, Role.LIAISON, street)
        dear = Prices({s: line.cost * 2 for s, line in CATALOGUE.items()})
        set_prices(db, liaison, street, dear, 0)
        db.flush()
        assert prices_of(db, db.get_one(Area, city.community.id))[0] == dear
        assert prices_of(db, db.get_one(Area, city.far_community.id))[0] == Prices()
        with pytest.raises(Forbidden):
            set_prices(db, secretary(db, city), street, dear, 1)
        with pytest.raises(Conflict):
            set_prices(db, liaison, street, dear, 0)


@pytest.mark.one_engine
def test_the_paper_is_one_page(database: Database, city: City, at: datetime, press: Press) -> None:
    with database.writing() as db:
        who, home = secretary(db, city), _courtyard(db, city)
        offers = [
            replace(one, name=f"很长的方案名称示例{n}{one.name}")
            for n, one in enumerate(first_offers(SIZE, Prices()))
        ]
        save_plan(db, who, home, SIZE, offers, 0, at=at)
        plan = plan_of(db, home.id)
        assert plan is not None
        data = press.print(plan_sheet(press.fonts, home, plan, at))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) == 1


def _courtyard(db: Session, city: City) -> Compound:
    return compound_seen(db, secretary(db, city), city.courtyard.code)
