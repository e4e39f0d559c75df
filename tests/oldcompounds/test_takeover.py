"""Packages: never worse than chance, with a bound; asked for, worked off, signed whole or not at all."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.packages import best_random, random_packages, street
from govgrid.access import Actor, Role
from govgrid.db import Database
from govgrid.errors import Conflict, Forbidden, Invalid, NotFound
from govgrid.grid.models import Area, Compound, CompoundKind
from govgrid.oldcompounds.models import Coverage, FeeUnit, Mode
from govgrid.oldcompounds.pipeline.models import Pipeline, Stage
from govgrid.oldcompounds.queries import history
from govgrid.oldcompounds.takeover.actions import Contract, Wish, ask, sign
from govgrid.oldcompounds.takeover.jobs import search_packages
from govgrid.oldcompounds.takeover.models import Package, PackageRun, RunState
from govgrid.oldcompounds.takeover.queries import package_of, run_seen
from govgrid.oldcompounds.takeover.rules import Home, Problem, greedy, score
from govgrid.oldcompounds.takeover.search import propose
from tests import build
from tests.build import City
from tests.oldcompounds.conftest import period
from tests.oldcompounds.ways import Walker, verbs

DAY = date(2026, 12, 1)
CONTRACT = Contract(
    "江桥整体承接〔2026〕1号", "新程物业服务有限公司", DAY, date(2029, 11, 30),
    Decimal("0.80"), FeeUnit.AREA_MONTH, None,
)  # fmt: skip


def test_forty_compounds_are_packed_better_than_by_chance_and_proven() -> None:
    problem = street(0)
    found = propose(problem, seconds=10, seed=1)
    assert score(problem, found.packages).total == found.total
    assert found.total <= best_random(problem, 0)
    assert found.total <= score(problem, greedy(problem)).total
    assert found.proven
    assert propose(problem, seconds=10, seed=1) == found


def test_the_bound_holds_for_every_proposal_of_a_small_street() -> None:
    problem = street(5, compounds=9)
    found = propose(problem, seconds=5)
    assert found.proven
    rng = random.Random(1)
    assert all(
        score(problem, random_packages(problem, rng)).total >= found.bound for _ in range(2000)
    )


def test_a_strong_compound_carries_a_weak_one() -> None:
    homes = (
        Home(1, 1, 300, 20_000, 12_000, 104.05, 30.65),
        Home(2, 1, 200, 4_000, 10_000, 104.051, 30.65),
        Home(3, 1, 100, 1_000, 9_000, 104.2, 30.65),  # too far
    )
    found = propose(Problem(homes, 400, 500), seconds=2)
    assert {frozenset(m) for m in found.packages.values()} == {frozenset({0, 1})}
    with pytest.raises(ValueError, match="0"):
        score(Problem(homes, 600, 500), {0: [0, 1]})


def laid(db: Session, city: City, many: int = 4) -> list[Compound]:
    """Add neighbouring courtyards that nobody manages."""
    found = []
    for n in range(many):
        one = build.compound(
            db, db.get_one(Area, city.community.id), f"相邻院{n}", CompoundKind.OLD_COURTYARD,
            households=150, floor_area=9000.0, code=f"XQ-N{n}",
        )  # fmt: skip
        one.longitude, one.latitude = 104.05 + n / 1000, 30.65
        found.append(one)
    db.flush()
    return found


def liaison(db: Session, city: City) -> Actor:
    return build.actor(db, city.liaison, Role.LIAISON, db.get_one(Area, city.street.id))


def proposed(database: Database, city: City, at: datetime) -> int:
    """Return the number of a run that is through, with one package at least."""
    with database.writing() as db:
        laid(db, city)
        wish = Wish(500, 600, Decimal("0.60"), Decimal("0.80"), seconds=5)
        run = ask(db, liaison(db, city), db.get_one(Area, city.street.id), wish, at=at)
        with pytest.raises(Conflict):
            ask(db, liaison(db, city), db.get_one(Area, city.street.id), wish, at=at)
        number = run.id
    assert search_packages(database, at) == 1
    assert search_packages(database, at) == 0
    return number


def first_package(db: Session, city: City, number: int) -> tuple[PackageRun, Package]:
    run = run_seen(db, liaison(db, city), number)
    return run, package_of(run, 1)


def test_a_run_is_worked_off_and_signed_in_one_act(
    database: Database, city: City, at: datetime
) -> None:
    number = proposed(database, city, at)
    with database.writing() as db:
        run = run_seen(db, liaison(db, city), number)
        assert run.state is RunState.DONE
        assert run.outcome is not None
        assert run.outcome["total"] >= run.outcome["bound"]
        package = package_of(run, 1)
        assert sum(one.households for one in package.members) >= 500
        assert all(one.cost > 0 and one.metres <= 600 for one in package.members)
        walked = next(one for one in package.members if one.compound.code.startswith("XQ-N"))
        walker = Walker(db, city, at, walked.compound.code)
        walker.to(Stage.OPINION)
        ids = {one.compound_id for one in package.members}
        sign(db, liaison(db, city), run, package, CONTRACT, ids, package.version, at=at)
        for one in package.members:
            newest = history(db, one.compound_id)[0]
            assert (newest.mode, newest.since) == (Mode.PROFESSIONAL, DAY)
            assert newest.package == newest.agreement == CONTRACT.number
        acts = select(Coverage.act_id).where(Coverage.package == CONTRACT.number).distinct()
        assert db.scalars(acts).all() == [package.act_id]
        way = db.scalars(select(Pipeline)).one()
        assert (way.stage, way.operator) == (Stage.REVIEW, CONTRACT.operator)
        with pytest.raises(Conflict, match="已签约"):
            sign(db, liaison(db, city), run, package, CONTRACT, ids, package.version, at=at)
        with pytest.raises(NotFound):
            run_seen(db, walker.actor, number)
    with database.reading() as db:
        assert verbs(db)[-1] == "sign_package"


def _sign_first(database: Database, city: City, number: int, ids: set[int], at: datetime) -> None:
    with database.writing() as db:
        run, package = first_package(db, city, number)
        sign(db, liaison(db, city), run, package, CONTRACT, ids, package.version, at=at)


def test_one_refused_compound_refuses_the_whole_and_is_named(
    database: Database, city: City, at: datetime
) -> None:
    number = proposed(database, city, at)
    with database.writing() as db:
        _run, package = first_package(db, city, number)
        taken, *_rest = [m for m in package.members if m.compound.code.startswith("XQ-N")]
        period(db, taken.compound, Mode.SELF_MANAGED, DAY + timedelta(days=10))
        name, gone = taken.compound.name, taken.compound_id
        ids = {one.compound_id for one in package.members}
    with pytest.raises(Invalid) as refused:
        _sign_first(database, city, number, ids, at)
    assert name in str(refused.value)
    assert "1 个小区不能承接" in str(refused.value)
    with database.writing() as db:
        run, package = first_package(db, city, number)
        assert package.signed_at is None
        held = select(Coverage.id).where(Coverage.package == CONTRACT.number)
        assert db.scalars(held).all() == []
        rest = ids - {gone}
        if len(rest) > 1:
            sign(db, liaison(db, city), run, package, CONTRACT, rest, package.version, at=at)
            assert {m.compound_id for m in package.members if m.signed} == rest


def test_wrong_contracts_and_wishes_are_refused(
    database: Database, city: City, at: datetime
) -> None:
    number = proposed(database, city, at)
    with database.writing() as db:
        (run, package), who = first_package(db, city, number), liaison(db, city)
        ids = {one.compound_id for one in package.members}
        wrong = replace(
            CONTRACT, operator="锦江社区居委会", until=DAY - timedelta(days=1), fee_unit=None
        )
        with pytest.raises(Invalid) as refused:
            sign(db, who, run, package, wrong, ids, package.version, at=at)
        assert {"operator", "until", "fee_unit"} <= refused.value.fields.keys()
        with pytest.raises(Invalid, match="至少勾选 2 个"):
            sign(db, who, run, package, CONTRACT, set(list(ids)[:1]), package.version, at=at)
        secretary = build.actor(db, city.secretary, Role.SECRETARY, city.community)
        with pytest.raises(Forbidden):
            sign(db, secretary, run, package, CONTRACT, ids, package.version, at=at)
        wish = Wish(500, 600, Decimal(1), Decimal(1))
        grid = db.get_one(Area, city.grid.id)
        with pytest.raises(Invalid, match="按街道或社区"):
            ask(db, who, grid, wish, at=at)
        far = db.get_one(Area, city.next_community.id)
        with pytest.raises(Invalid, match="只有 1 个"):
            ask(db, who, far, wish, at=at)


def test_a_worker_that_vanished_is_replaced(database: Database, city: City, at: datetime) -> None:
    number = proposed(database, city, at)
    with database.writing() as db:
        run = db.get_one(PackageRun, number)
        for package in run_seen(db, liaison(db, city), number).packages:
            for member in package.members:
                db.delete(member)
            db.delete(package)
        run.state, run.finished_at, run.outcome = RunState.RUNNING, None, None
        run.leased_until = at + timedelta(seconds=100)
    assert search_packages(database, at) == 0
    assert search_packages(database, at + timedelta(seconds=101)) == 1
