"""Tables of coverage: who manages a compound, from when until when, on what terms."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from govgrid.db import Base, enumeration
from govgrid.grid.models import Compound, Organization
from govgrid.words import N_, Word


class Mode(Word):
    """Who manages a compound."""

    PROFESSIONAL = "professional", N_("专业化物业")
    CUSTODIAL = "custodial", N_("社区托管")
    DELEGATED = "delegated", N_("社会组织代管")
    SELF_MANAGED = "self_managed", N_("居民自管")
    NONE = "none", N_("无管理")


class FeeUnit(Word):
    """What a fee is counted by."""

    HOUSEHOLD_MONTH = "household_month", N_("元/户·月")
    AREA_MONTH = "area_month", N_("元/㎡·月")


class FeeModel(Word):
    """How the operator is paid."""

    LUMP = "lump", N_("包干制")
    FEE_BASED = "fee_based", N_("酬金制")
    TRUST = "trust", N_("信托制")


class Coverage(Base):
    """One period of a compound's history; `until` is the last covered day, None while it runs."""

    __tablename__ = "coverages"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", name="period"),
        CheckConstraint("collection_rate BETWEEN 0 AND 1", name="collection_rate"),
        CheckConstraint("fee IS NULL OR fee >= 0", name="fee"),
        CheckConstraint("fee IS NULL OR fee_unit IS NOT NULL", name="fee_unit"),
        Index("ix_coverages_compound_id_since", "compound_id", "since", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"))
    mode: Mapped[Mode] = mapped_column(enumeration(Mode))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    since: Mapped[date]
    until: Mapped[date | None]
    agreement: Mapped[str | None] = mapped_column(String(60))
    fee: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    fee_unit: Mapped[FeeUnit | None] = mapped_column(enumeration(FeeUnit))
    fee_model: Mapped[FeeModel | None] = mapped_column(enumeration(FeeModel))
    collection_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    package: Mapped[str | None] = mapped_column(String(60), index=True)
    recorded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    compound: Mapped[Compound] = relationship(lazy="raise")
    operator: Mapped[Organization | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
