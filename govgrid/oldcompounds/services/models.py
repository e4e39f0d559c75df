"""Tables of service plans: an area's unit costs, a compound's plan with its variants."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.follow import STAYS
from govgrid.grid.models import Compound
from govgrid.oldcompounds.models import FeeUnit
from govgrid.words import N_, Word


class Basis(Word):
    """What a unit cost is counted by."""

    HOUSEHOLD = "per_household", N_("元/户·月")
    AREA = "per_area", N_("元/㎡·月")
    POST = "per_post", N_("元/岗·月")
    MACHINE = "per_machine", N_("元/台·月")


class Service(Word):
    """What a property service does, as the catalogue lists it."""

    CLEANING = "cleaning", N_("保洁")
    WASTE = "waste", N_("垃圾分类清运")
    GUARD = "guard", N_("门卫秩序")
    REPAIR = "repairs", N_("公共设施维修")
    GREEN = "green", N_("绿化养护")
    LIGHTING = "lighting", N_("公共照明")
    FIRE = "fire_safety", N_("消防安全")
    LIFT = "lift", N_("电梯维保")
    DESK = "desk", N_("客服管家")


class ServiceCost(Base):
    """What services cost in an area; areas below without a row of their own reckon the same.

    `costs` are yuan as text by service, `overhead` the share that management and taxes add.
    """

    __tablename__ = "service_costs"
    __table_args__ = (CheckConstraint("overhead BETWEEN 0 AND 1", name="overhead"),)

    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True, info=STAYS)
    costs: Mapped[dict[str, str]] = mapped_column(JSON)
    overhead: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ServicePlan(Base):
    """A compound's plan; `chosen` is the position of the variant that residents chose.

    Size and unit costs are kept as they were when the plan was saved.
    """

    __tablename__ = "service_plans"
    __table_args__ = (
        CheckConstraint("households > 0", name="households"),
        CheckConstraint("floor_area > 0", name="floor_area"),
        CheckConstraint("chosen BETWEEN 1 AND 3", name="chosen"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"), unique=True)
    households: Mapped[int]
    floor_area: Mapped[float]
    costs: Mapped[dict[str, str]] = mapped_column(JSON)
    overhead: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    chosen: Mapped[int | None]
    saved_by: Mapped[str] = mapped_column(String(80))
    saved_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    compound: Mapped[Compound] = relationship(lazy="raise")
    variants: Mapped[list["ServiceVariant"]] = relationship(
        order_by="ServiceVariant.position", lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ServiceVariant(Base):
    """One of a plan's three: fee in yuan, other income in yuan a month, how much of each service."""

    __tablename__ = "service_variants"
    __table_args__ = (
        UniqueConstraint("plan_id", "position"),
        CheckConstraint("position BETWEEN 1 AND 3", name="position"),
        CheckConstraint("fee >= 0 AND other_income >= 0", name="income"),
        CheckConstraint("collection_rate > 0 AND collection_rate <= 1", name="collection_rate"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("service_plans.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(20))
    fee: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    fee_unit: Mapped[FeeUnit] = mapped_column(enumeration(FeeUnit))
    collection_rate: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    other_income: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    quantities: Mapped[dict[str, str]] = mapped_column(JSON)
