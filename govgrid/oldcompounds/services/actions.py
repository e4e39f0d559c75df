"""Verbs of service plans: set an area's unit costs, save a compound's variants, choose one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from govgrid import journal
from govgrid.access import Actor, Power
from govgrid.errors import Conflict, Forbidden, Invalid
from govgrid.grid.models import Area, Compound
from govgrid.oldcompounds.services.models import ServiceCost, ServicePlan, ServiceVariant
from govgrid.oldcompounds.services.queries import offer_of, plan_of, prices_of
from govgrid.oldcompounds.services.rules import Offer, Prices, Size

STALE = "服务方案刚刚被其他人修改，您的修改没有保存。请刷新页面，核对后重新提交。"


def set_prices(db: Session, actor: Actor, area: Area, prices: Prices, version: int) -> None:
    """Let these unit costs hold in the area; plans saved before keep theirs."""
    may_cover(actor, area)
    before, row, _ = prices_of(db, area)
    if (row.version if row else 0) != version:
        raise Conflict("服务单价刚刚被其他人修改，您的修改没有保存。请刷新页面，核对后重新提交。")
    if row is None:
        db.add(ServiceCost(area_id=area.id, costs=prices.stored(), overhead=prices.overhead))
    else:
        row.costs, row.overhead = prices.stored(), prices.overhead
    journal.record(
        db,
        actor,
        "set_service_costs",
        "area",
        area.code,
        before={**before.stored(), "overhead": before.overhead},
        after={**prices.stored(), "overhead": prices.overhead},
    )


def save_plan(
    db: Session,
    actor: Actor,
    compound: Compound,
    size: Size,
    offers: Sequence[Offer],
    version: int,
    *,
    at: datetime,
) -> ServicePlan:
    """Save the variants with today's unit costs; `version` is what the form showed, 0 for none.

    A change of what was offered takes the residents' choice back: they chose something else.
    """
    may_cover(actor, compound.community)
    plan = plan_of(db, compound.id)
    if (plan.version if plan else 0) != version:
        raise Conflict(STALE)
    if len({offer.name for offer in offers}) < len(offers):
        raise Invalid("方案名称不能重复，请为每个方案取不同的名称。")
    prices, _own, _said_by = prices_of(db, compound.community)
    before = _told(plan) if plan else {}
    if plan is None:
        plan = ServicePlan(compound_id=compound.id, variants=[])
        db.add(plan)
    else:
        db.execute(delete(ServiceVariant).where(ServiceVariant.plan_id == plan.id))
        db.expire(plan, ["variants"])
    plan.households, plan.floor_area = size.households, float(size.floor_area)
    plan.costs, plan.overhead = prices.stored(), prices.overhead
    plan.saved_by, plan.saved_at = actor.name, at
    db.flush()
    made = [_row(plan.id, n, offer) for n, offer in enumerate(offers, 1)]
    db.add_all(made)
    db.flush()
    after = _image(plan, made)
    if plan.chosen is not None and before.get("variants") != after["variants"]:
        plan.chosen = None
    journal.record(
        db, actor, "save_service_plan", "service_plan", compound.code, before=before, after=after
    )
    return plan


def choose(
    db: Session, actor: Actor, compound: Compound, position: int, version: int
) -> ServicePlan:
    """Note which variant the residents chose."""
    may_cover(actor, compound.community)
    plan = plan_of(db, compound.id)
    if plan is None:
        raise Invalid("该小区还没有服务方案，请先编制并保存方案。")
    if plan.version != version:
        raise Conflict(STALE)
    if position not in {variant.position for variant in plan.variants}:
        raise Invalid("没有这个方案，请从三个方案中选择一个。")
    before = journal.image(plan, "chosen")
    plan.chosen = position
    journal.record(
        db,
        actor,
        "choose_variant",
        "service_plan",
        compound.code,
        before=before,
        after=journal.image(plan, "chosen"),
        name=next(v.name for v in plan.variants if v.position == position),
    )
    return plan


def may_cover(actor: Actor, area: Area) -> None:
    """Raise `Forbidden` where old compounds are not the actor's to look after."""
    if not actor.may(Power.COVER, area.path):
        raise Forbidden("您没有办理该区域老旧小区事务的权限，请联系社区书记或街道联络员。")


def _row(plan_id: int, position: int, offer: Offer) -> ServiceVariant:
    return ServiceVariant(
        plan_id=plan_id,
        position=position,
        name=offer.name,
        fee=offer.fee,
        fee_unit=offer.fee_unit,
        collection_rate=offer.collection_rate,
        other_income=offer.other_income,
        quantities={service.value: str(q) for service, q in offer.quantities.items()},
    )


def _told(plan: ServicePlan) -> dict[str, Any]:
    return _image(plan, plan.variants)


def _image(plan: ServicePlan, variants: Sequence[ServiceVariant]) -> dict[str, Any]:
    return {
        **journal.image(plan, "households", "floor_area"),
        "variants": [_variant(one) for one in variants],
    }


def _variant(variant: ServiceVariant) -> dict[str, Any]:
    offer = offer_of(variant)
    return {
        **journal.image(variant, "name", "fee_unit"),
        "fee": f"{offer.fee:.2f}",
        "collection_rate": f"{offer.collection_rate:.4f}",
        "other_income": f"{offer.other_income:.2f}",
        "quantities": {s.value: f"{q:.2f}" for s, q in offer.quantities.items()},
    }
