"""Unit costs as they hold in an area, and the service plan of a compound."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from govgrid.grid.models import Area
from govgrid.oldcompounds.services.models import Service, ServiceCost, ServicePlan, ServiceVariant
from govgrid.oldcompounds.services.rules import Figures, Offer, Prices, Size, figures


def prices_of(db: Session, area: Area) -> tuple[Prices, ServiceCost | None, Area | None]:
    """Return what holds in the area, its own row if it has one, and the area that says so."""
    codes = area.path.strip("/").split("/")
    found = db.execute(
        select(ServiceCost, Area)
        .join(Area, Area.id == ServiceCost.area_id)
        .where(Area.code.in_(codes))
        .order_by(Area.path.desc())
        .limit(1)
    ).first()
    if found is None:
        return Prices(), None, None
    row, said_by = found
    own = row if said_by.id == area.id else None
    return Prices.of(row.costs, row.overhead), own, said_by


def plan_of(db: Session, compound_id: int) -> ServicePlan | None:
    """Return the compound's plan with its variants."""
    return plans_of(db, [compound_id]).get(compound_id)


def plans_of(db: Session, compound_ids: Iterable[int]) -> dict[int, ServicePlan]:
    """Return the plans by compound, each with its variants."""
    rows = select(ServicePlan).where(ServicePlan.compound_id.in_(list(compound_ids)))
    # Variants are replaced as a whole: those that the session holds may be gone.
    whole = rows.options(selectinload(ServicePlan.variants))
    found = db.scalars(whole.execution_options(populate_existing=True))
    return {plan.compound_id: plan for plan in found}


def offer_of(variant: ServiceVariant) -> Offer:
    """Return the variant as a value."""
    quantities = {Service.of_key(key): Decimal(q) for key, q in variant.quantities.items()}
    return Offer(
        variant.name,
        variant.fee,
        variant.fee_unit,
        variant.collection_rate,
        variant.other_income,
        quantities,
    )


def size_of(plan: ServicePlan) -> Size:
    """Return the size that the plan was reckoned with."""
    return Size(plan.households, Decimal(str(plan.floor_area)))


def figures_of(plan: ServicePlan) -> list[Figures]:
    """Return what each variant earns and costs, by the unit costs kept with the plan."""
    prices = Prices.of(plan.costs, plan.overhead)
    return [figures(size_of(plan), offer_of(variant), prices) for variant in plan.variants]


def chosen_variant(plan: ServicePlan | None) -> ServiceVariant | None:
    """Return the variant that residents chose."""
    if plan is None:
        return None
    return next((one for one in plan.variants if one.position == plan.chosen), None)
