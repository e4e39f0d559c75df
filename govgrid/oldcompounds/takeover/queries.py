"""Runs and packages as their people see them, and the compounds of which packages can be made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from govgrid.access import Actor, Power, under
from govgrid.errors import NotFound
from govgrid.grid.models import OLD_KINDS, Area, Compound
from govgrid.oldcompounds.models import Act, Coverage, FeeUnit, Mode
from govgrid.oldcompounds.queries.scope import holds, within
from govgrid.oldcompounds.rules import SOON
from govgrid.oldcompounds.services.models import ServicePlan
from govgrid.oldcompounds.services.queries import (
    chosen_variant,
    offer_of,
    plans_of,
    prices_of,
    size_of,
)
from govgrid.oldcompounds.services.rules import Offer, Prices, Size, figures, first_offers
from govgrid.oldcompounds.takeover.models import Package, PackageMember, PackageRun
from govgrid.oldcompounds.takeover.rules import Home, Problem

SQUARE_METRES = 70
"""Taken for a household where a compound's floor area is not known."""
STANDARD = 1  # the place of the standard variant among the three


@dataclass(frozen=True, slots=True)
class Ground:
    """What packages are made of: the problem, which compounds have a plan, which are left out."""

    problem: Problem
    planned: frozenset[int]
    unknown: tuple[str, ...]


def ground_of(db: Session, run: PackageRun, today: date) -> Ground:
    """Return the area's old compounds that no company manages for a while yet, by their ids."""
    rows = db.execute(_free(run.area, today)).all()
    plans = plans_of(db, [compound.id for compound, _covered in rows])
    prices, _own, _said_by = prices_of(db, run.area)
    homes: list[Home] = []
    unknown: list[str] = []
    for compound, covered in rows:
        if not compound.households:
            unknown.append(compound.name)
            continue
        homes.append(_home(compound, covered, plans.get(compound.id), prices, run))
    return Ground(
        Problem(tuple(homes), run.least_households, run.reach),
        frozenset(plans),
        tuple(unknown),
    )


def _free(area: Area, today: date) -> Select[Compound, Coverage]:
    """Select compounds without a company whose agreement runs on, nor one that comes."""
    later = aliased(Coverage)
    coming = exists().where(
        later.compound_id == Compound.id,
        later.mode == Mode.PROFESSIONAL,
        or_(later.since > today, later.until.is_(None), later.until > today + SOON),
        or_(later.until.is_(None), later.until >= today),
    )
    return (
        select(Compound, Coverage)
        .select_from(Compound)
        .outerjoin(Coverage, holds(today))
        .where(within(area, OLD_KINDS), ~coming)
        .order_by(Compound.id)
    )


def count_free(db: Session, area: Area, today: date) -> int:
    """Return of how many compounds packages can be made."""
    return db.scalar(_free(area, today).with_only_columns(func.count()).order_by(None)) or 0


def _home(
    compound: Compound,
    covered: Coverage | None,
    plan: ServicePlan | None,
    prices: Prices,
    run: PackageRun,
) -> Home:
    households = compound.households or 0
    variant = chosen_variant(plan)
    if plan is not None:
        offer, size = offer_of(variant or plan.variants[STANDARD]), size_of(plan)
        prices = Prices.of(plan.costs, plan.overhead)
    else:
        area = compound.floor_area or households * SQUARE_METRES
        size = Size(households, Decimal(str(area)))
        offer = _usual(size, prices, covered, run)
    reckoned = figures(size, offer, prices)
    return Home(
        compound.id,
        compound.community_id,
        households,
        round(reckoned.income),
        round(reckoned.cost),
        compound.longitude,
        compound.latitude,
    )


def _usual(size: Size, prices: Prices, covered: Coverage | None, run: PackageRun) -> Offer:
    """Return the standard variant at the fee paid today, else at the run's."""
    standard = first_offers(size, prices)[STANDARD]
    fee, unit = run.fee, FeeUnit.AREA_MONTH
    if covered is not None and covered.fee is not None and covered.fee_unit is not None:
        fee, unit = covered.fee, covered.fee_unit
    rate = covered.collection_rate if covered and covered.collection_rate else run.collection_rate
    return Offer(standard.name, fee, unit, rate, Decimal(0), standard.quantities)


def runs_page(
    db: Session, actor: Actor, area: Area, *, offset: int = 0, limit: int = 20
) -> tuple[Sequence[PackageRun], int]:
    """Return one stretch of the runs in the area with their packages, the newest first."""
    found = _seen(actor).where(under(Area.path, [area.path]))
    total = db.scalar(found.with_only_columns(func.count(PackageRun.id))) or 0
    rows = found.order_by(PackageRun.id.desc()).offset(offset).limit(limit)
    whole = rows.options(
        contains_eager(PackageRun.area),
        selectinload(PackageRun.packages).selectinload(Package.members),
    )
    return db.scalars(whole).all(), total


def run_seen(db: Session, actor: Actor, number: int) -> PackageRun:
    """Return the run with packages and compounds. Raise `NotFound` where it is not the actor's."""
    compound = joinedload(PackageMember.compound).joinedload(Compound.community)
    found = db.scalar(
        _seen(actor)
        .where(PackageRun.id == number)
        .options(
            contains_eager(PackageRun.area),
            selectinload(PackageRun.packages).selectinload(Package.members).options(compound),
        )
    )
    if found is None:
        raise NotFound("没有这次整体承接测算，或不在您的职责范围内。")
    return found


def _seen(actor: Actor) -> Select[PackageRun]:
    return (
        select(PackageRun).join(PackageRun.area).where(under(Area.path, actor.paths(Power.COVER)))
    )


def package_of(run: PackageRun, number: int) -> Package:
    """Return the run's package. Raise `NotFound` where it has none such."""
    found = next((one for one in run.packages if one.number == number), None)
    if found is None:
        raise NotFound("这次测算中没有这个承接包。")
    return found


def undone_acts(db: Session, acts: Sequence[int]) -> set[int]:
    """Return which of these acts were taken back."""
    rows = select(Act.undoes).where(Act.undoes.in_(acts))
    return {number for number in db.scalars(rows) if number is not None}


def run_under_way(db: Session, area: Area) -> PackageRun | None:
    """Return a run of the area that waits or is worked off."""
    rows = select(PackageRun).where(PackageRun.area_id == area.id, PackageRun.finished_at.is_(None))
    return db.scalar(rows.order_by(PackageRun.id).limit(1))
